import type { BookProfile, ChainProfile, Mode, TokenProfile } from "../../deploy/profiles";
import { bookIdOf } from "../../deploy/arguments/books";
import { createRandom } from "../../kit/prices";
import { PIPS, usd } from "../../sdk/units";
import { max } from "../../sdk/model";

/** How much of a side's open-interest cap is used. */
const FILL_PIPS = 800_000n;

/** A little above the books' minimums: size and margin are rounded down. */
const LEAST_MARGIN_USD = usd("5.1");
const LEAST_NOTIONAL_USD = usd("204");

/** Standard leverages are this power of an even spread: few can hold the margin of 5 USD at the largest ones. */
const STANDARD_EXPONENT = 2;

/** Largest share of the positions that is Degen, and how much of its cap their minimums may take. */
const DEGEN_SHARE = 1 / 2;
const DEGEN_MEAN_LEVERAGE = 750;
const DEGEN_CAP_SHARE = 0.7;

/** A position to be opened. */
export interface Plan {
  bookId: number;
  book: BookProfile;
  isLong: boolean;
  leverage: number;
  token: TokenProfile;
  notionalUsd: bigint;
  /** Which of the traders. */
  trader: number;
}

/** The positions of a run: by book, and by how much a side's cap is too small for their minimums. */
export interface Population {
  plans: Plan[];
  /** Books whose cap per side has to be raised, to what. */
  raisedCaps: { bookId: number; book: BookProfile; maxOpenInterestUsd: bigint }[];
}

/** So many positions of BTC: both modes, all leverages, both sides, every margin token; the same ones for a seed. */
export function populate(profile: ChainProfile, count: number, traders: number, seed: number): Population {
  const random = createRandom(seed);
  const market = profile.markets.findIndex(({ assetKey }) => assetKey === "BTC");
  const bookOf = (mode: Mode) => {
    const book = profile.markets[market].books.find((candidate) => candidate.mode === mode);
    if (book === undefined) throw new Error(`${profile.name} has no ${mode} book of BTC`);
    return { book, bookId: bookIdOf(market, mode) };
  };
  const degenCount = countDegen(bookOf("degen").book, count);
  const population: Population = { plans: [], raisedCaps: [] };
  for (const mode of ["standard", "degen"] as const) {
    const { book, bookId } = bookOf(mode);
    const leverages = mode === "degen" ? degenLeverages(book, degenCount) : standardLeverages(book, count - degenCount);
    for (const isLong of [true, false]) {
      const own = leverages.filter((_, index) => (index % 2 === 0) === isLong);
      const { notionals, cap } = divideCap(book, own, random);
      if (cap > book.maxOpenInterestUsd) population.raisedCaps.push({ bookId, book, maxOpenInterestUsd: cap });
      own.forEach((leverage, index) => {
        const token = marginTokens(profile)[index % marginTokens(profile).length];
        const [notionalUsd, trader] = [notionals[index], population.plans.length % traders];
        population.plans.push({ bookId, book, isLong, leverage, token, notionalUsd, trader });
      });
    }
  }
  return population;
}

function marginTokens(profile: ChainProfile): TokenProfile[] {
  return profile.tokens.filter(({ margin }) => margin);
}

function countDegen(book: BookProfile, count: number): number {
  const room = Number(book.maxOpenInterestUsd / 10n ** 18n) * 2 * DEGEN_CAP_SHARE;
  const each = (Number(LEAST_MARGIN_USD) / 1e18) * DEGEN_MEAN_LEVERAGE;
  return Math.floor(Math.min(count * DEGEN_SHARE, room / each));
}

/** Evenly from the least to the largest leverage, both ends included. */
function degenLeverages({ minLeverage, maxLeverage }: BookProfile, count: number): number[] {
  return spread(count, (share) => minLeverage + share * (maxLeverage - minLeverage));
}

function standardLeverages({ minLeverage, maxLeverage }: BookProfile, count: number): number[] {
  return spread(count, (share) => minLeverage + share ** STANDARD_EXPONENT * (maxLeverage - minLeverage));
}

function spread(count: number, leverageAt: (share: number) => number): number[] {
  return Array.from({ length: count }, (_, index) => Math.round(leverageAt(index / Math.max(1, count - 1))));
}

/** Everyone gets the least notional, and of what the cap then leaves a random share. */
function divideCap(
  { maxOpenInterestUsd }: BookProfile,
  leverages: readonly number[],
  random: () => number,
): { notionals: bigint[]; cap: bigint } {
  const least = leverages.map((leverage) => max(LEAST_NOTIONAL_USD, LEAST_MARGIN_USD * BigInt(leverage)));
  const needed = least.reduce((sum, notional) => sum + notional, 0n);
  const weights = leverages.map(() => BigInt(Math.round(500 + 1_000 * random())));
  const weightSum = weights.reduce((sum, weight) => sum + weight, 0n);
  const rest = max((maxOpenInterestUsd * FILL_PIPS) / PIPS - needed, 0n);
  return {
    notionals: least.map((notional, index) => notional + (rest * weights[index]) / weightSum),
    // In whole dollars, as caps are.
    cap: rest > 0n ? maxOpenInterestUsd : ((needed * PIPS) / FILL_PIPS / 10n ** 18n + 1n) * 10n ** 18n,
  };
}
