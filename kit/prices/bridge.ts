import type { Candle } from "./csv";
import { createRandom } from "./generator";
import type { PricePoint } from "./types";

export interface BridgeOptions {
  /** The same seed and bars give the same path. */
  seed: number;
  barSeconds: number;
  /** Confidence as a share of the price. Default 300 (3 bp). */
  confidencePips?: number;
}

/** Of a bar's span, how far a second may step off the straight line. */
const ROUGHNESS = 0.04;

/**
 * One price for every second of bars that follow each other: each bar begins at its open, visits its low and its high in an
 * order that is drawn, ends at its close and never leaves its range; between these it wanders as a bridge does.
 */
export function* bridgeCandles(candles: readonly Candle[], options: BridgeOptions): Generator<PricePoint> {
  const { barSeconds, confidencePips = 300, seed } = options;
  if (barSeconds < 4) throw new RangeError(`a bar of ${barSeconds} s has no room for its four prices`);
  const random = createRandom(seed);
  for (const candle of candles) {
    for (const [second, priceX10] of wander(candle, barSeconds, random).entries()) {
      yield { time: candle.time + second, priceX10, confidenceX10: (priceX10 * BigInt(confidencePips)) / 1_000_000n };
    }
  }
}

function wander(candle: Candle, barSeconds: number, random: () => number): bigint[] {
  const { close, high, low, open } = candle;
  const last = barSeconds - 1;
  const [first, second] = random() < 0.5 ? [low, high] : [high, low];
  const early = 1 + Math.floor(random() * (last - 2));
  const late = early + 1 + Math.floor(random() * (last - early - 1));
  const knots: [number, bigint][] = [
    [0, open],
    [early, first],
    [late, second],
    [last, close],
  ];
  const span = Number(high - low) * ROUGHNESS;
  const prices = [open];
  for (let leg = 1; leg < knots.length; leg++) {
    const [from, start] = knots[leg - 1];
    const [to, end] = knots[leg];
    let off = 0;
    for (let at = from + 1; at <= to; at++) {
      off += (random() - 0.5) * 2 * span;
      // Pulled back, so that nothing is left of it at the turning point.
      off *= (to - at) / (to - at + 1);
      const straight = start + ((end - start) * BigInt(at - from)) / BigInt(to - from);
      prices.push(clamp(straight + BigInt(Math.round(off)), low, high));
    }
  }
  return prices;
}

function clamp(value: bigint, low: bigint, high: bigint): bigint {
  return value < low ? low : value > high ? high : value;
}
