import { createWalk } from "../../../kit/prices";
import type { WalkOptions } from "../../../kit/prices";
import type { Random } from "../random";
import { pick } from "../random";
import type { AnchorTerms } from "./anchors";
import { anchorsOf, holdInBand } from "./anchors";

/** A price of BTC for every second with all that the contracts read of it. Prices in USD with 10 decimals, exact in a double. */
export interface MarketPath {
  regime: string;
  price: Float64Array;
  /** The price held in the band around the anchors. */
  bounded: Float64Array;
  anchors: readonly Float64Array[];
  /** Seconds whose price has a jump in it. */
  jumps: readonly number[];
  /** Whether the band ever held a price. */
  isHeld: boolean;
}

/** How the market may be while a path lasts. */
export interface Regime extends Required<WalkOptions> {
  name: string;
  /** Share of all paths. */
  weight: number;
}

export const REGIMES: readonly Regime[] = [
  regime("calm", 0.45, 0.35, 0.05, 0, 0.002),
  regime("usual", 0.4, 0.6, 0.2, 0, 0.004),
  regime("busy", 0.13, 1.2, 1, 0, 0.006),
  regime("crash", 0.02, 3, 12, -0.001, 0.008),
];

function regime(
  name: string,
  weight: number,
  annualVolatility: number,
  jumpsPerHour: number,
  jumpMean: number,
  jumpDeviation: number,
): Regime {
  return { name, weight, annualVolatility, annualDrift: 0, jumpsPerHour, jumpMean, jumpDeviation };
}

export const START_PRICE = 100_000e10;

/** Confidence of a calm second and half the move of any other, pips of the price, as kit/prices draws it. */
const CALM_CONFIDENCE_PIPS = 300;

/** Pyth and the feeds carry 8 of the 10 decimals. */
const FEED_SCALE = 100;

/** A jump diffusion: the regime is drawn, too, unless it is given. */
export function generateMarket(
  random: Random,
  seconds: number,
  anchorTerms: readonly AnchorTerms[],
  of?: Regime,
): MarketPath {
  const chosen = pick(random, REGIMES);
  const walk = of ?? chosen;
  const { price, jumps } = walkPrices(random, seconds, walk);
  return marketOf(walk.name, price, jumps, anchorTerms);
}

/** The prices of a jump diffusion from {@link START_PRICE} on, and the seconds that have a jump. */
export function walkPrices(
  random: Random,
  seconds: number,
  walk: WalkOptions,
): { price: Float64Array; jumps: number[] } {
  const next = createWalk(random, walk);
  const price = new Float64Array(seconds);
  const jumps: number[] = [];
  let log = 0;
  for (let second = 0; second < seconds; second++) {
    price[second] = Math.max(FEED_SCALE, Math.round((START_PRICE * Math.exp(log)) / FEED_SCALE) * FEED_SCALE);
    const move = next();
    log += move.log;
    if (move.jumps) jumps.push(second + 1);
  }
  return { price, jumps };
}

/** Prices of any origin, with the anchors that follow them. */
export function marketOf(
  name: string,
  price: Float64Array,
  jumps: readonly number[],
  anchorTerms: readonly AnchorTerms[],
): MarketPath {
  const anchors = anchorsOf(price, anchorTerms);
  return { regime: name, price, jumps, anchors, ...holdInBand(price, anchors) };
}

/** Confidence of a second, pips of its price: a move widens it by a half of it. */
export function confidencePips(price: Float64Array, second: number): number {
  if (second === 0) return CALM_CONFIDENCE_PIPS;
  return CALM_CONFIDENCE_PIPS + (Math.abs(Math.log(price[second] / price[second - 1])) / 2) * 1e6;
}
