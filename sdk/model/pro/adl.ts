/** Passing a bankrupt's position on to who gained most: the threshold falls, so that the higher rank is open earlier. */
import { abs, ceilDiv, max, min } from "../rounding";
import { ONE_X96, halvedX96 } from "./exp2";
import type { Candidate } from "./liquidation";
import type { FundingIndices, Position } from "./positions";
import { unrealised } from "./positions";
import type { Grid } from "./units";
import { QUOTE, valueOf } from "./units";

/** Seconds in which the threshold halves. */
const THRESHOLD_HALF_LIFE = 3n;
/** From here on the threshold is 0. */
const THRESHOLD_SECONDS = 45n;
/** Value of a position that is taken as a whole. */
const SMALL_POSITION = 1_000n * QUOTE;

/** θ: the least score, so many seconds after the first call that might, 96 binary digits. */
export function thresholdX96(seconds: bigint): bigint {
  return seconds >= THRESHOLD_SECONDS ? 0n : halvedX96(seconds, THRESHOLD_HALF_LIFE);
}

/** Score: max(0, U) / |b|, the position's return on entry, 96 binary digits, rounded down; as a view shows it. */
export function scoreX96(grid: Grid, position: Position, mark: bigint, indices: FundingIndices): bigint {
  const cost = abs(position.cost);
  const gain = max(0n, unrealised(grid, position, mark, indices));
  return cost === 0n ? (gain > 0n ? 1n << 128n : 0n) : (gain * ONE_X96) / cost;
}

/** Whether a candidate's score is at or above the threshold. Compared without a division. */
export function isAdmitted(
  grid: Grid,
  position: Position,
  mark: bigint,
  indices: FundingIndices,
  seconds: bigint,
): boolean {
  const gain = max(0n, unrealised(grid, position, mark, indices));
  return gain * ONE_X96 >= thresholdX96(seconds) * abs(position.cost);
}

/** What a candidate gives up at most in a call: half of the position while there is a threshold, all of a small one. */
export function mostLots(grid: Grid, held: bigint, mark: bigint, seconds: bigint): bigint {
  const lots = abs(held);
  if (thresholdX96(seconds) === 0n || valueOf(grid, mark, lots) <= SMALL_POSITION) return lots;
  return lots / 2n;
}

/** What closing lots at the bankruptcy price gives the bankrupt beyond the mark, quote, rounded up; 0 above 0 equity. */
export function deficitOf({ equity, lots, maintenance, ownMaintenance }: Candidate, closed: bigint): bigint {
  if (equity >= 0n) return 0n;
  return ceilDiv(-equity * ownMaintenance * closed, maintenance * abs(lots));
}

/**
 * Whether a candidate gains or breaks even at the price that the bankrupt's lots are passed on at: the mark, or the
 * bankruptcy price, beyond which the entry must not lie. While there is a threshold, funding owed counts too: nobody gives up
 * more than his U.
 */
export function isEntryWithin(
  grid: Grid,
  position: Position,
  mark: bigint,
  indices: FundingIndices,
  seconds: bigint,
  deficit: bigint,
  closed: bigint,
): boolean {
  if (deficit === 0n) return true;
  const onEntry = valueOf(grid, mark, position.lots) - position.cost;
  const gain = thresholdX96(seconds) > 0n ? min(onEntry, unrealised(grid, position, mark, indices)) : onEntry;
  return gain * closed >= deficit * abs(position.lots);
}

/**
 * Quote that changes hands for lots passed on from a bankrupt with `bankruptLots`, as `reduceFor` takes it: for the bankrupt
 * and, with the other sign, for the candidate.
 */
export function passingQuote(
  grid: Grid,
  bankruptLots: bigint,
  mark: bigint,
  closed: bigint,
  deficit: bigint,
): { readonly bankrupt: bigint; readonly candidate: bigint } {
  const value = valueOf(grid, mark, closed);
  // A bankrupt long sells for the mark and the deficit, a short buys for the mark less it.
  const bankrupt = bankruptLots > 0n ? -(value + deficit) : value - deficit;
  return { bankrupt, candidate: -bankrupt };
}

/** Λ: what each lot of the opposite side owes for a deficit, quote, rounded up. */
export function lossPerLot(deficit: bigint, openLots: bigint): bigint {
  return ceilDiv(deficit, openLots);
}

/** The lots that a bankrupt and a counterparty can close against each other. */
export function passedLots(bankruptLots: bigint, candidateLots: bigint, most: bigint): bigint {
  if (bankruptLots > 0n === candidateLots > 0n) return 0n;
  return min(min(abs(bankruptLots), abs(candidateLots)), most);
}
