import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { generatePath } from "../../kit/prices";
import { px } from "../../sdk/units";
import { InputError } from "../demo/errors";
import { PricePath } from "../demo/path";
import type { ReplayOptions } from "./options";

/** Recorded data lie beside the repository, not in it: no source states a licence. */
export const SHARED = process.env.ASTERISM_SHARED ?? resolve(__dirname, "../../../shared");
const RECORDED = join(SHARED, "data/prices/BTCUSD_2025-10-10_1s_gemini-spot_liquidation-cascade.csv");

/** What stands in for it: the volatility of a crash, with a jump every half minute, mostly down. */
const CASCADE = {
  startTime: 0,
  seconds: 3_600,
  startPriceX10: px("120000"),
  annualVolatility: 2.5,
  jumpsPerHour: 120,
  jumpMean: -0.0008,
  jumpDeviation: 0.006,
};

/** Of the window, this part lies before the deepest fall, and this part is it; the rest is what comes after. */
const LEAD = 1 / 15;
const MOVE = 2 / 3;

/** The recorded cascade where it is at hand, else undefined: a path is generated then. */
export function defaultPrices(): string | undefined {
  return existsSync(RECORDED) ? RECORDED : undefined;
}

/** A path like the cascade: for where none is recorded. */
export function generateCascade(seed: number): PricePath {
  return PricePath.of(`generated cascade, seed ${seed}`, null, [...generatePath({ seed, ...CASCADE })]);
}

/** The part of the path that is to be lived through. */
export function readWindow(options: Pick<ReplayOptions, "prices" | "seed" | "from" | "seconds">): PricePath {
  const { prices, seed, from, seconds } = options;
  const path = prices === undefined ? generateCascade(seed) : PricePath.replay(prices);
  const start = from === undefined ? findCrash(path.approximate, seconds) : from - (path.recordedFrom ?? 0);
  if (start < 0 || start >= path.seconds) {
    throw new InputError("empty-window", `${path.description} has no price at ${from ?? start}`);
  }
  return path.slice(start, seconds);
}

/** Where a window of so many seconds begins so that the deepest fall over two thirds of it comes soon after. */
export function findCrash(prices: readonly number[], seconds: number): number {
  const span = Math.max(1, Math.floor(seconds * MOVE));
  let [deepest, at] = [Infinity, 0];
  for (let second = 0; second + span < prices.length; second++) {
    const change = prices[second + span] / prices[second];
    if (change < deepest) [deepest, at] = [change, second];
  }
  return Math.max(0, Math.min(at - Math.floor(seconds * LEAD), prices.length - seconds));
}
