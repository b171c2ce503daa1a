import type { Stage } from "../strategy";
import { prepareArena } from "./arena";
import type { Arena } from "./arena";
import { FUNDING } from "./funding";
import { LIQUIDATIONS } from "./liquidations";
import { PAIRS } from "./pairs";
import { RESTING } from "./resting";
import { WINNERS } from "./winners";

/** Against the makers, the funds and the winners of the order book. */
export const PRO_STAGE: Stage<Arena> = {
  strategies: [...PAIRS, ...RESTING, ...LIQUIDATIONS, ...WINNERS, ...FUNDING],
  prepare: prepareArena,
};
