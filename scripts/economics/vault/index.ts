import type { Stage } from "../strategy";
import { DEPEGS } from "./depegs";
import { prepareHouse } from "./house";
import type { House } from "./house";
import { MINTING } from "./minting";
import { NEWS } from "./news";
import { TIMING } from "./timing";

/** Against the LPs, against traders, against the valuation of the vault. */
export const VAULT_STAGE: Stage<House> = {
  strategies: [...NEWS, ...MINTING, ...DEPEGS, ...TIMING],
  prepare: prepareHouse,
};
