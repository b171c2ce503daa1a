/** How an open or close fee is shared. */
import { PIPS } from "../units";
import { mulDivDown, mulDivUp } from "./rounding";

/** Shares of one fee in tokens; they add up to it. */
export interface FeeSplit {
  readonly alp: bigint;
  readonly broker: bigint;
  readonly treasury: bigint;
}

/** ALP's share of the whole (rounded up), the broker's share of what is left (rounded down), the rest to the treasury. */
export function splitFee(fee: bigint, alpSharePips: bigint, brokerSharePips: bigint): FeeSplit {
  const alp = mulDivUp(fee, alpSharePips, PIPS);
  const broker = mulDivDown(fee - alp, brokerSharePips, PIPS);
  return { alp, broker, treasury: fee - alp - broker };
}
