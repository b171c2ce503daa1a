import { parse } from "csv-parse/sync";
import type { PricePoint } from "./types";

/** A bar; prices in USD with 10 decimals. */
export interface Candle {
  /** Unix time of the bar's start in seconds. */
  time: number;
  open: bigint;
  high: bigint;
  low: bigint;
  close: bigint;
}

export type CsvErrorReason = "header" | "columns" | "number" | "range" | "order" | "empty";

/** A file that is not what it should be, with the line (from 1) at fault. */
export class CsvError extends Error {
  constructor(
    readonly reason: CsvErrorReason,
    readonly line: number,
    detail: string,
  ) {
    super(`line ${line}: ${reason}: ${detail}`);
    this.name = "CsvError";
  }
}

/**
 * How a bar becomes seconds. `close`: the close throughout. The others visit the bar's low and high in the stated
 * order; which came first is not recorded, so replay both.
 */
export type BarShape = "close" | "open-low-high-close" | "open-high-low-close";

export interface ExpandOptions {
  shape: BarShape;
  /** Length of a bar; by default the shortest distance between two. */
  barSeconds?: number;
  /** Confidence as a share of the price. Default 300 (3 bp). */
  confidencePips?: number;
}

const HEADER = "unix_timestamp,open,high,low,close";
const COLUMNS = 5;
const PRICE_DECIMALS = 10;
const PRICE_PATTERN = /^(\d+)(?:\.(\d{1,10}))?$/;
const TIME_PATTERN = /^\d{1,12}$/;

function parsePrice(text: string, line: number): bigint {
  const match = PRICE_PATTERN.exec(text);
  if (match === null) throw new CsvError("number", line, `"${text}" is not a price of at most 10 decimals`);
  const [, whole, fraction = ""] = match;
  return BigInt(whole + fraction.padEnd(PRICE_DECIMALS, "0"));
}

function parseCandle(cells: readonly string[], line: number): Candle {
  if (cells.length !== COLUMNS) throw new CsvError("columns", line, `${cells.length} cells, expected ${COLUMNS}`);
  const [time, ...prices] = cells;
  if (!TIME_PATTERN.test(time)) throw new CsvError("number", line, `"${time}" is not a time in seconds`);
  const [open, high, low, close] = prices.map((price) => parsePrice(price, line));
  const candle = { time: Number(time), open, high, low, close };
  const isOrdered = [open, close].every((price) => low <= price && price <= high) && low > 0n;
  if (!isOrdered) throw new CsvError("range", line, "expected 0 < low ≤ open, close ≤ high");
  return candle;
}

/** Reads `unix_timestamp,open,high,low,close`. Throws {@link CsvError} at the first row that is malformed. */
export function parseCandles(text: string): Candle[] {
  // Rows of any length, so that the error names ours; nothing is quoted.
  const rows = parse(text, { bom: true, trim: true, quote: null, relax_column_count: true });
  if (rows[0]?.join() !== HEADER) throw new CsvError("header", 1, `expected "${HEADER}"`);
  const candles: Candle[] = [];
  for (const [i, cells] of rows.entries()) {
    if (i === 0) continue;
    const candle = parseCandle(cells, i + 1);
    const previous = candles.at(-1);
    if (previous && candle.time <= previous.time) {
      throw new CsvError("order", i + 1, `time ${candle.time} does not come after ${previous.time}`);
    }
    candles.push(candle);
  }
  if (candles.length === 0) throw new CsvError("empty", rows.length + 1, "no rows");
  return candles;
}

function shortestDistance(candles: readonly Candle[]): number {
  let shortest = Infinity;
  for (let i = 1; i < candles.length; i++) shortest = Math.min(shortest, candles[i].time - candles[i - 1].time);
  return Number.isFinite(shortest) ? shortest : 1;
}

/** The turning points of a bar as [offset in seconds, price]; a bar too short for all of them keeps the last. */
function knots(candle: Candle, shape: BarShape, barSeconds: number): [number, bigint][] {
  const { open, high, low, close } = candle;
  const last = barSeconds - 1;
  if (shape === "close" || last === 0) return [[0, close]];
  const [first, second] = shape === "open-low-high-close" ? [low, high] : [high, low];
  return [
    [0, open],
    [Math.floor(last / 3), first],
    [Math.floor((2 * last) / 3), second],
    [last, close],
  ];
}

/** The price at an offset on the straight line between two turning points; the last one's beyond it. */
function priceAt(points: readonly [number, bigint][], offset: number): bigint {
  const next = points.findIndex(([at]) => at > offset);
  if (next <= 0) return points[points.length - 1][1];
  const [from, start] = points[next - 1];
  const [to, end] = points[next];
  return start + ((end - start) * BigInt(offset - from)) / BigInt(to - from);
}

/**
 * One price for every second from the first bar to the end of the last. Seconds between bars carry the last close
 * forward. Bars shorter than four seconds can't show all of their prices.
 */
export function* expandCandles(candles: readonly Candle[], options: ExpandOptions): Generator<PricePoint> {
  const { shape, confidencePips = 300 } = options;
  const barSeconds = options.barSeconds ?? shortestDistance(candles);
  for (const [i, candle] of candles.entries()) {
    const end = candles[i + 1]?.time ?? candle.time + barSeconds;
    const points = knots(candle, shape, barSeconds);
    for (let time = candle.time; time < end; time++) {
      const priceX10 = priceAt(points, time - candle.time);
      const confidenceX10 = (priceX10 * BigInt(confidencePips)) / 1_000_000n;
      yield { time, priceX10, confidenceX10 };
    }
  }
}
