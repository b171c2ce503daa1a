/** Amounts that count for an hour or a day: a sum that drains evenly, as a loss budget does. */
import { max, mulDivDown } from "../rounding";

/** A rolling sum. */
export interface RollingSum {
  readonly amount: bigint;
  readonly at: bigint;
}

/** Multiple of a fund that high leverage may open or raise in a rolling hour. */
const FUND_MULTIPLE_HOUR = 5n;
/** Multiple of a fund that open interest may be for a leverage above 50. */
const FUND_MULTIPLE_OPEN_INTEREST = 20n;
const HIGHEST_UNFUNDED_LEVERAGE = 50n;
/** Charged losses beyond this part of the mark in a rolling day turn a market to reductions. */
const LOSS_SHARE_DIVISOR = 50n;
export const DAY_SECONDS = 86_400n;

/** The sum after it has drained: the whole limit in a period, rounded down, so that nothing drains early. */
export function drained({ amount, at }: RollingSum, limit: bigint, period: bigint, now: bigint): RollingSum {
  return { amount: max(0n, amount - mulDivDown(limit, now - at, period)), at: now };
}

/** What high leverage may open or raise in a rolling hour, quote. */
export function highLeverageLimit(fund: bigint): bigint {
  return FUND_MULTIPLE_HOUR * fund;
}

/** Whether open interest is small enough beside the fund for a leverage. */
export function isFunded(leverage: bigint, openInterest: bigint, fund: bigint): boolean {
  return leverage <= HIGHEST_UNFUNDED_LEVERAGE || openInterest <= FUND_MULTIPLE_OPEN_INTEREST * fund;
}

/** What a lot may be charged in a rolling day before the market turns to reductions, quote. */
export function lossLimitPerLot(valuePerLot: bigint): bigint {
  return valuePerLot / LOSS_SHARE_DIVISOR;
}
