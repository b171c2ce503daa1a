/**
 * Finds the moments of the story in a price path. The path is known beforehand, so this is hindsight and no strategy: it
 * picks the first place where a step can be shown. It searches with floating-point prices and leaves a distance to every
 * boundary; what then happens is computed exactly, by the contracts and by the model.
 */
import type { BookProfile } from "../../deploy/profiles";
import { PathError } from "./errors";
import type { PricePath } from "./path";

/** Seconds that feeds, execution and approvals may take on the chain before the next step begins. */
export const EXECUTION_SECONDS = 12;

const PIPS = 1_000_000;
const LOOK_AHEAD_SECONDS = 3_600;
/** Between an opening's tick and the anchors pushed after it; the tightest book allows half a percent. */
const MAX_DRIFT = 0.003;
/** Relative distance to a liquidation price or threshold within which the search does not rely on floating point. */
const CLEARANCE = 1e-7;

/** A trade's moments, in seconds of the path. */
export interface Plan {
  isLong: boolean;
  requestAt: number;
  openTick: number;
  closeRequestAt: number;
  closeTick: number;
}

/** Where a position is taken by the liquidator. */
export interface LiquidationPlan {
  isLong: boolean;
  requestAt: number;
  openTick: number;
  /** At the latest: carry may bring the first crossing tick a little forward. */
  crossingTick: number;
}

export type Terms = Pick<BookProfile, "slippagePips" | "executionDelaySeconds"> & {
  leverage: number;
  liquidationLossRatePips: number;
};

/** The first trade whose price moves in its favour by `minMove` between entry and exit, slippage included. */
export function findProfit(
  path: PricePath,
  from: number,
  terms: Terms,
  isLong: boolean,
  minMove: number,
): Plan | undefined {
  const prices = path.approximate;
  for (let requestAt = from; ; requestAt++) {
    const openTick = requestAt + terms.executionDelaySeconds;
    const firstClose = openTick + EXECUTION_SECONDS + terms.executionDelaySeconds;
    if (firstClose >= prices.length) return undefined;
    if (!isCalm(prices, openTick)) continue;
    const { entry, liquidation, sign } = priceLevels(prices[openTick], terms, isLong);
    const end = Math.min(prices.length, openTick + LOOK_AHEAD_SECONDS);
    for (let tick = openTick + 1; tick < end; tick++) {
      if (sign * (prices[tick] - liquidation) <= CLEARANCE * liquidation) break;
      const exit = prices[tick] * (1 - (sign * terms.slippagePips) / PIPS);
      if (tick < firstClose || sign * (exit / entry - 1) < minMove || !isCalm(prices, tick)) continue;
      return { isLong, requestAt, openTick, closeRequestAt: tick - terms.executionDelaySeconds, closeTick: tick };
    }
  }
}

/** As {@link findProfit}, but content with a close after `horizon` seconds, whatever the price is by then. */
export function findClose(path: PricePath, from: number, terms: Terms, isLong: boolean, horizon: number): Plan {
  const prices = path.approximate;
  for (let requestAt = from; ; requestAt++) {
    const openTick = requestAt + terms.executionDelaySeconds;
    const closeTick = openTick + horizon;
    if (closeTick >= prices.length) throw new PathError("open and close", "the path ends before there is room for it");
    if (!isCalm(prices, openTick) || !isCalm(prices, closeTick)) continue;
    const { liquidation, sign } = priceLevels(prices[openTick], terms, isLong);
    const survives = prices
      .slice(openTick + 1, closeTick + 1)
      .every((price) => sign * (price - liquidation) > CLEARANCE * liquidation);
    if (!survives) continue;
    return { isLong, requestAt, openTick, closeRequestAt: closeTick - terms.executionDelaySeconds, closeTick };
  }
}

/** The first position that the path takes to its liquidation price; a long if there is one. */
export function findLiquidation(path: PricePath, from: number, terms: Terms): LiquidationPlan {
  const plan = findCrossing(path, from, terms, true) ?? findCrossing(path, from, terms, false);
  if (plan === undefined) throw new PathError("liquidation", "the path takes no position to its liquidation price");
  return plan;
}

function findCrossing(path: PricePath, from: number, terms: Terms, isLong: boolean): LiquidationPlan | undefined {
  const prices = path.approximate;
  for (let requestAt = from; ; requestAt++) {
    const openTick = requestAt + terms.executionDelaySeconds;
    if (openTick + EXECUTION_SECONDS >= prices.length) return undefined;
    if (!isCalm(prices, openTick)) continue;
    const { liquidation, sign } = priceLevels(prices[openTick], terms, isLong);
    const end = Math.min(prices.length, openTick + LOOK_AHEAD_SECONDS);
    let tick = openTick + 1;
    while (tick < end && sign * (prices[tick] - liquidation) > -CLEARANCE * liquidation) tick++;
    if (tick >= end || tick < openTick + EXECUTION_SECONDS || !isCalm(prices, tick)) continue;
    return { isLong, requestAt, openTick, crossingTick: tick };
  }
}

/** The first moment at which a bound of `share` below the price is still not met at the tick. */
export function findRefusal(path: PricePath, from: number, terms: Terms, share: number): number {
  const prices = path.approximate;
  for (let requestAt = from; requestAt + terms.executionDelaySeconds < prices.length; requestAt++) {
    const openTick = requestAt + terms.executionDelaySeconds;
    if (isCalm(prices, openTick) && prices[openTick] > prices[requestAt] * (1 - share / 2)) return requestAt;
  }
  throw new PathError("refusal", "the path ends before there is room for it");
}

function priceLevels(tick: number, terms: Terms, isLong: boolean) {
  const sign = isLong ? 1 : -1;
  const entry = tick * (1 + (sign * terms.slippagePips) / PIPS);
  const liquidation = entry * (1 - (sign * terms.liquidationLossRatePips) / PIPS / terms.leverage);
  return { entry, liquidation, sign };
}

/** The feeds report a few seconds after the tick: by then the price must not have gone too far from it. */
function isCalm(prices: readonly number[], tick: number): boolean {
  const price = prices[tick];
  for (let second = tick + 1; second <= tick + EXECUTION_SECONDS; second++) {
    const later = prices[Math.min(second, prices.length - 1)];
    if (Math.abs(later / price - 1) > MAX_DRIFT) return false;
  }
  return true;
}
