import type { Stage } from "../strategy";
import { prepareArena } from "./arena";
import type { Arena } from "./arena";
import { BROKERS } from "./brokers";
import { FUNDING } from "./funding";
import { LIQUIDATIONS } from "./liquidations";
import { PAIRS } from "./pairs";
import { RESTING } from "./resting";
import { SEVERAL } from "./several";
import { WINNERS } from "./winners";

/** Against the makers, the funds and the winners of the order book. */
export const PRO_STAGE: Stage<Arena> = {
  strategies: [...PAIRS, ...RESTING, ...LIQUIDATIONS, ...WINNERS, ...SEVERAL, ...FUNDING, ...BROKERS],
  prepare: prepareArena,
};
