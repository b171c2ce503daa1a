import { existsSync, readFileSync } from "node:fs";
import { CsvError, expandCandles, generatePath, parseCandles } from "../../kit/prices";
import type { PricePoint } from "../../kit/prices";
import { px } from "../../sdk/units";
import { InputError } from "./errors";
import type { DemoOptions } from "./options";

/** Long enough for the story at the usual volatility of a year. */
const GENERATED_SECONDS = 6 * 3_600;
const GENERATED_START = px("60000");

/** Pyth and the feeds carry 8 decimals of the 10. */
const FEED_SCALE = 100n;

/** A price of BTC for every second, from second 0 on. */
export class PricePath {
  /** For searching only; amounts are computed from the exact prices. */
  readonly approximate: readonly number[];

  private constructor(
    readonly description: string,
    /** Unix time of second 0 as recorded, for those who want to look it up; null for a generated path. */
    readonly recordedFrom: number | null,
    private readonly points: readonly PricePoint[],
  ) {
    this.approximate = points.map(({ priceX10 }) => Number(priceX10));
  }

  static generate(seed: number): PricePath {
    const options = { seed, startTime: 0, seconds: GENERATED_SECONDS, startPriceX10: GENERATED_START };
    return new PricePath(`generated, seed ${seed}`, null, [...generatePath(options)].map(toFeedDecimals));
  }

  /** Prices of any other origin. */
  static of(description: string, recordedFrom: number | null, points: readonly PricePoint[]): PricePath {
    return new PricePath(description, recordedFrom, points.map(toFeedDecimals));
  }

  /** A recorded path: one row for every second with a trade, the last close carried forward. */
  static replay(file: string, from?: number, seconds?: number): PricePath {
    const start = from ?? 0;
    const end = seconds === undefined ? Infinity : start + seconds;
    const points = readPoints(file).filter(({ time }) => time >= start && time < end);
    if (points.length === 0) throw new InputError("empty-window", `${file} has no price in the window asked for`);
    const name = file.split(/[\\/]/).at(-1) ?? file;
    return new PricePath(`recorded, ${name}`, points[0].time, points.map(toFeedDecimals));
  }

  /** A part of it; as much as there is. */
  slice(from: number, seconds: number): PricePath {
    const recordedFrom = this.recordedFrom === null ? null : this.recordedFrom + from;
    return new PricePath(this.description, recordedFrom, this.points.slice(from, from + seconds));
  }

  get seconds(): number {
    return this.points.length;
  }

  /** The price at a second; before the first and after the last second theirs. */
  at(second: number): PricePoint {
    return this.points[Math.min(Math.max(second, 0), this.points.length - 1)];
  }
}

export function readPath(options: Pick<DemoOptions, "seed" | "prices" | "from" | "seconds">): PricePath {
  const { seed, prices, from, seconds } = options;
  return prices === undefined ? PricePath.generate(seed) : PricePath.replay(prices, from, seconds);
}

function readPoints(file: string): PricePoint[] {
  if (!existsSync(file)) throw new InputError("file-missing", file);
  try {
    return [...expandCandles(parseCandles(readFileSync(file, "utf8")), { shape: "close", barSeconds: 1 })];
  } catch (error) {
    if (error instanceof CsvError) throw new InputError("malformed-row", `${file}, ${error.message}`);
    throw error;
  }
}

function toFeedDecimals({ time, priceX10, confidenceX10 }: PricePoint): PricePoint {
  return { time, priceX10: cut(priceX10), confidenceX10: cut(confidenceX10) };
}

function cut(value: bigint): bigint {
  return value - (value % FEED_SCALE);
}
