/** Fees on notional, and who receives them. */
import { PIPS } from "../../units";
import { max, min, mulDivDown, mulDivUp } from "../rounding";

/** Where a taker's fee goes, quote. */
export interface FeeSplit {
  readonly toFund: bigint;
  /** To the distributor; a broker's share is a part of it. */
  readonly toFees: bigint;
}

/** Share of taker fees for the market's fund, until it holds its share of open interest. */
export const FUND_SHARE_PIPS = 200_000n;
/** What a market's fund may hold of open interest before it stops taking fees. */
export const FUND_TARGET_PIPS = 50_000n;
/** The caller's part of a liquidation fee. */
export const CALLER_SHARE_PIPS = 250_000n;

/** A fee, quote, rounded up. */
export function feeOf(notional: bigint, feePips: bigint): bigint {
  return mulDivUp(notional, feePips, PIPS);
}

/** Divides a taker fee: the fund takes its share, rounded down, and no more than it lacks; the rest is for the distributor. */
export function splitTakerFee(fee: bigint, fund: bigint, openInterest: bigint): FeeSplit {
  const lacking = max(0n, mulDivDown(openInterest, FUND_TARGET_PIPS, PIPS) - fund);
  const toFund = min(mulDivDown(fee, FUND_SHARE_PIPS, PIPS), lacking);
  return { toFund, toFees: fee - toFund };
}
