import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { CsvError, bridgeCandles, expandCandles, parseCandles } from "../../../kit/prices";
import type { Candle, PricePoint } from "../../../kit/prices";
import { InputError } from "../../demo/errors";
import { SHARED } from "../../replay/window";
import { randomOf } from "../random";
import type { AnchorTerms } from "./anchors";
import type { MarketPath, Regime } from "./path";
import { marketOf, walkPrices } from "./path";

/** Where recordings lie, beside the repository: no source of theirs states a licence. */
export const RECORDINGS = join(SHARED, "data/prices");

/** Of BTC, at a second or a minute: coarser bars say too little. */
const RECORDING = /^(BTCUSDT?)_(\d{4}-\d{2}-\d{2})_(1s|1m)_(.+)_([a-z-]+)\.csv$/;

/** Prices are exact in doubles up to here: 900,000 USD. */
const MOST = 9e15;

/** What is played again: a file, or a generated path of the same kind where there is none. */
export interface Recording {
  name: string;
  source: { file: string } | { regime: Regime };
}

const SUBSTITUTES: readonly Recording[] = [
  substitute("a cascade", 2.5, 120, -0.0008, 0.006),
  substitute("a crash", 4, 6, -0.004, 0.012),
  substitute("a quiet day", 0.3, 0, 0, 0),
];

function substitute(name: string, volatility: number, jumps: number, mean: number, deviation: number): Recording {
  const walk = { annualVolatility: volatility, annualDrift: 0, jumpsPerHour: jumps, jumpMean: mean };
  return { name: `generated: ${name}`, source: { regime: { name, weight: 1, ...walk, jumpDeviation: deviation } } };
}

/** The recordings of a folder, or what stands in for them. Throws {@link InputError} for a file that is missing or malformed. */
export function recordingsOf(file: string | undefined, folder = RECORDINGS): Recording[] {
  if (file !== undefined) {
    readCandles(file);
    return [{ name: nameOf(file), source: { file } }];
  }
  if (!existsSync(folder)) return [...SUBSTITUTES];
  const names = readdirSync(folder).filter((name) => RECORDING.test(name));
  if (names.length === 0) return [...SUBSTITUTES];
  return names.sort().map((name) => {
    const [, pair, day, grain, venue, event] = RECORDING.exec(name)!;
    return { name: `${day} ${event}: ${pair} ${venue} ${grain}`, source: { file: join(folder, name) } };
  });
}

/** The most violent part of a recording, as long as the paths are or as there is. Within bars it wanders by the seed. */
export function replayMarket(
  { name, source }: Recording,
  seconds: number,
  seed: number,
  anchors: readonly AnchorTerms[],
): MarketPath {
  if ("regime" in source) {
    const { price, jumps } = walkPrices(randomOf(seed), seconds, source.regime);
    return marketOf(name, price, jumps, anchors);
  }
  const price = windowOf(candlesOf(source.file), seconds, seed);
  return marketOf(name, price, jumpsOf(price), anchors);
}

/** The file that was read last, so that a thread doesn't read it again for each path. */
let last: { file: string; candles: Candle[] } | undefined;

function candlesOf(file: string): Candle[] {
  if (last?.file !== file) last = { file, candles: readCandles(file) };
  return last.candles;
}

function readCandles(file: string): Candle[] {
  if (!existsSync(file)) throw new InputError("file-missing", `${file}: give --prices a CSV that exists`);
  try {
    const candles = parseCandles(readFileSync(file, "utf8"));
    const high = candles.findIndex((candle) => candle.high > MOST);
    if (high >= 0) throw new CsvError("range", high + 2, "a price above 900,000 USD");
    return candles;
  } catch (error) {
    if (error instanceof CsvError) throw new InputError("malformed-row", `${file}, ${error.message}`);
    throw error;
  }
}

function nameOf(file: string): string {
  return file.split(/[\\/]/).at(-1) ?? file;
}

/** Seconds from rows of seconds, gaps carrying the last price on, or from bars of minutes by a bridge. */
function windowOf(candles: readonly Candle[], seconds: number, seed: number): Float64Array {
  const barSeconds = candles.slice(1).reduce((least, { time }, at) => Math.min(least, time - candles[at].time), 3_600);
  const [from, to] = mostViolent(candles, seconds);
  const part = candles.slice(from, to);
  if (barSeconds < 4 || part.length === 1) {
    return cutPrices(expandCandles(part, { shape: "close", barSeconds: 1 })).slice(0, seconds);
  }
  return cutPrices(bridgeCandles(part, { seed, barSeconds })).slice(0, seconds);
}

function cutPrices(points: Iterable<PricePoint>): Float64Array {
  return Float64Array.from(points, ({ priceX10 }) => Number(priceX10 - (priceX10 % 100n)));
}

/** The bars within so many seconds that span most: the greatest sum of squared moves from bar to bar and within them. */
function mostViolent(candles: readonly Candle[], seconds: number): [number, number] {
  const moves = candles.map(({ open, high, low, close }, at) => {
    const before = at === 0 ? open : candles[at - 1].close;
    return Math.log(Number(close) / Number(before)) ** 2 + Math.log(Number(high) / Number(low)) ** 2;
  });
  let [most, best]: [number, [number, number]] = [-1, [0, candles.length]];
  let [start, window] = [0, 0];
  for (const [end, { time }] of candles.entries()) {
    window += moves[end];
    while (time - candles[start].time >= seconds) window -= moves[start++];
    if (window > most) [most, best] = [window, [start, end + 1]];
  }
  return best;
}

/** What a recording has of jumps: seconds that moved by more than 30 bp. */
function jumpsOf(price: Float64Array): number[] {
  const jumps: number[] = [];
  for (let second = 1; second < price.length; second++) {
    if (Math.abs(price[second] / price[second - 1] - 1) > 0.003) jumps.push(second);
  }
  return jumps;
}
