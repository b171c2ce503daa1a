import type { PricePoint } from "./types";

/** What a generated path looks like. Rates are per year, sizes are of the logarithm of the price. */
export interface PathOptions {
  /** The same seed and options give the same path. */
  seed: number;
  startTime: number;
  seconds: number;
  startPriceX10: bigint;
  /** 0.6 is a usual year of BTC, 5 a crash. Default 0.6. */
  annualVolatility?: number;
  annualDrift?: number;
  /** Expected jumps an hour. Default 0.2. */
  jumpsPerHour?: number;
  /** Mean and standard deviation of a jump; −0.02 is down 2%. Default 0 and 0.004. */
  jumpMean?: number;
  jumpDeviation?: number;
  /** Confidence in calm seconds, pips of the price. Default 300 (3 bp). A move of a second widens it by a half of it. */
  confidencePips?: number;
}

const SECONDS_PER_YEAR = 365 * 24 * 3600;
const PIPS = 1_000_000;

/** A small fast counter generator (sfc32): uniform numbers in [0, 1), the same everywhere for a seed. */
export function createRandom(seed: number): () => number {
  let a = 0x9e3779b9 | 0;
  let b = seed | 0;
  let c = Math.floor(seed / 2 ** 32) | 0;
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  // The first outputs still show the seed.
  for (let i = 0; i < 12; i++) next();
  return next;
}

/** A standard normal number (Box and Muller); the second of each pair is dropped, so that a step takes fixed draws. */
export function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** How a path moves from one second to the next, without its place in time and price. */
export type WalkOptions = Pick<
  PathOptions,
  "annualVolatility" | "annualDrift" | "jumpsPerHour" | "jumpMean" | "jumpDeviation"
>;

/** A second's move of the logarithm of the price, and whether it has a jump in it. */
export interface Move {
  log: number;
  jumps: boolean;
}

/**
 * The moves of a jump diffusion (Merton), one for each call. Every step takes the same number of draws, so a longer path
 * continues a shorter one. The object returned is the same one each time.
 */
export function createWalk(random: () => number, options: WalkOptions): () => Move {
  const { annualVolatility = 0.6, annualDrift = 0, jumpsPerHour = 0.2, jumpMean = 0, jumpDeviation = 0.004 } = options;
  const step = annualVolatility / Math.sqrt(SECONDS_PER_YEAR);
  const drift = (annualDrift - annualVolatility ** 2 / 2) / SECONDS_PER_YEAR;
  const move: Move = { log: 0, jumps: false };
  return () => {
    move.jumps = random() < jumpsPerHour / 3600;
    const jump = jumpMean + jumpDeviation * normal(random);
    move.log = drift + step * normal(random) + (move.jumps ? jump : 0);
    return move;
  };
}

/** A jump-diffusion path with one price for every second of `[startTime, startTime + seconds)`. */
export function* generatePath(options: PathOptions): Generator<PricePoint> {
  const { confidencePips = 300 } = options;
  const next = createWalk(createRandom(options.seed), options);
  const start = Number(options.startPriceX10);
  let log = 0;
  let move = 0;
  for (let i = 0; i < options.seconds; i++) {
    const price = Math.max(1, Math.round(start * Math.exp(log)));
    const confidence = Math.max(1, Math.round(price * (confidencePips / PIPS + Math.abs(move) / 2)));
    yield { time: options.startTime + i, priceX10: BigInt(price), confidenceX10: BigInt(confidence) };
    move = next().log;
    log += move;
  }
}
