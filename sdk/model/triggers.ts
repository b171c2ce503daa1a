/** What a tick does to a resting limit and to a take profit. */
import { PIPS } from "../units";
import { abs } from "./rounding";

/** How far beyond a take profit a tick still takes it at its price, pips of that price (1%). */
export const MAX_PROFIT_GAP_PIPS = 10_000n;

/** Whether |price − target| is more than a share of the target; the boundary is not. */
export function isFurther(price: bigint, target: bigint, maxPips: bigint): boolean {
  return abs(price - target) * PIPS > target * maxPips;
}

/**
 * A limit fills, exactly at its price, where the market with slippage has reached it and gone no further through it than
 * an opening's tick may deviate from the anchors. `market` is the tick with slippage.
 */
export function limitAt(
  market: bigint,
  limit: bigint,
  isLong: boolean,
  maxDeviationPips: bigint,
): "TickNotReached" | "GapTooWide" | "Fills" {
  if (isLong ? market > limit : market < limit) return "TickNotReached";
  return isFurther(market, limit, maxDeviationPips) ? "GapTooWide" : "Fills";
}

/** A take profit is taken at its price by a tick at most 1% beyond it; further beyond, the tick arms a market close. */
export function takeProfitAt(tick: bigint, takeProfit: bigint, isLong: boolean): "TickNotReached" | "Taken" | "Armed" {
  if (isLong ? tick < takeProfit : tick > takeProfit) return "TickNotReached";
  return isFurther(tick, takeProfit, MAX_PROFIT_GAP_PIPS) ? "Armed" : "Taken";
}
