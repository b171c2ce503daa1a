import { PricePath } from "../demo/path";
import { defaultPrices, generateCascade } from "../replay/window";
import { randomOf } from "../risk/random";

/** Long enough for two minutes of life before and after what a strategy waits for. */
export const WINDOW_SECONDS = 240;
/** Seconds that moved most, of which every second window has one. */
const VIOLENT = 24;
/** Such a second lies this deep in its window. */
const LEAD_SECONDS = 60;

/** Some seconds of BTC. */
export interface PriceWindow {
  readonly path: PricePath;
  /** Where it begins in the whole path. */
  readonly from: number;
  /** Drawn around one of the seconds that moved most, else from all seconds alike. */
  readonly isViolent: boolean;
}

/** The recorded seconds where they are at hand, else a generated cascade. */
export function wholePath(isGenerated: boolean, seed: number): PricePath {
  const file = isGenerated ? undefined : defaultPrices();
  return file === undefined ? generateCascade(seed) : PricePath.replay(file);
}

/** The window of a number: the even ones from anywhere, the odd ones where the price moves most. */
export function drawWindow(path: PricePath, seed: number, number: number): PriceWindow {
  const random = randomOf(seed, number);
  const last = Math.max(0, path.seconds - WINDOW_SECONDS);
  const isViolent = number % 2 === 1;
  const violent = isViolent ? violentSeconds(path.approximate) : [];
  const wanted = isViolent ? violent[Math.floor(random() * violent.length)] - LEAD_SECONDS : random() * (last + 1);
  const from = Math.min(last, Math.max(0, Math.floor(wanted)));
  return { path: path.slice(from, WINDOW_SECONDS), from, isViolent };
}

/** The seconds that moved most, none within a lead of another. */
function violentSeconds(prices: readonly number[]): number[] {
  const moves = prices.map((price, second) => Math.abs(price / prices[Math.max(0, second - 1)] - 1));
  const order = [...moves.keys()].sort((a, b) => moves[b] - moves[a]);
  const found: number[] = [];
  for (const second of order) {
    if (found.length === VIOLENT) break;
    if (found.every((other) => Math.abs(other - second) >= LEAD_SECONDS)) found.push(second);
  }
  return found;
}

/** The second in [from, to] with the greatest move since so many seconds before; the first of equals. */
export function greatestMove({ approximate }: PricePath, from: number, to: number, seconds = 1): number {
  const move = (second: number) => Math.abs(approximate[second] / approximate[second - seconds] - 1);
  let found = from;
  for (let second = from + 1; second <= to; second++) if (move(second) > move(found)) found = second;
  return found;
}
