/** Fees on notional, and who receives them. */
import { PIPS } from "../../units";
import { min, mulDivDown, mulDivUp } from "../rounding";

/** Where taker or maker fees go, quote. */
export interface FeeSplit {
  readonly toFund: bigint;
  readonly toBroker: bigint;
  readonly toTreasury: bigint;
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

/** Divides a taker fee. A fund below its target takes its whole share; shares are rounded down, the rest is the treasury's. */
export function splitTakerFee(fee: bigint, fund: bigint, openInterest: bigint, brokerPips: bigint): FeeSplit {
  const isFundFull = fund * PIPS >= openInterest * FUND_TARGET_PIPS;
  const toFund = isFundFull ? 0n : mulDivDown(fee, FUND_SHARE_PIPS, PIPS);
  const toBroker = min(mulDivDown(fee, brokerPips, PIPS), fee - toFund);
  return { toFund, toBroker, toTreasury: fee - toFund - toBroker };
}
