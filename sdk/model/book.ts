/** A market in one mode: the sums that value all its positions at once, and its loss budget. */
import { HOUR_SECONDS, PIPS, X18 } from "../units";
import { carryEntryUsd } from "./carry";
import { ceilDiv, clamp, floorDiv, max, min, mulDivDown, mulDivUp } from "./rounding";

/** 1e-9 USD in USD units: margins and caps are summed in nano-USD to be small enough to store together. */
export const NANO_USD = 10n ** 9n;

/** Sums over the open positions of one side; also what one position adds to them. */
export interface SideSums {
  /** ΣQ. */
  readonly sizeSum: bigint;
  /** ΣN, USD. */
  readonly notionalSum: bigint;
  /** Σ of each position's own N·index at its opening, USD; may be negative. */
  readonly carryEntrySum: bigint;
  /** Σ of the margins at opening, nano-USD, each rounded down. */
  readonly marginNanoSum: bigint;
  /** Σ of the profit caps at opening, nano-USD, each rounded up. */
  readonly capNanoSum: bigint;
}

/** What a position's contribution follows from; all of it is still known when it leaves. */
export interface ContributionInput {
  readonly entry: bigint;
  readonly size: bigint;
  readonly leverage: bigint;
  readonly profitCapPips: bigint;
  readonly indexAtOpenX18: bigint;
}

/** A book's realised loss: gains paid less losses, carry and liquidated margins kept. */
export interface RollingLoss {
  /** USD; negative where the vault has kept more than it paid, never below minus the budget. */
  readonly lossUsd: bigint;
  /** When it was true, seconds of the clock that halts stop. */
  readonly at: bigint;
}

/** A side without positions. */
export const EMPTY_SIDE: SideSums = {
  sizeSum: 0n,
  notionalSum: 0n,
  carryEntrySum: 0n,
  marginNanoSum: 0n,
  capNanoSum: 0n,
};

/**
 * The least liquidation loss rate that a position of a book can have, in whole percent rounded down, after its tiers were
 * set: of the new tiers alone where the book was empty, else of the tiers before as well.
 */
export function leastLossRatePercent(before: bigint, isEmpty: boolean, llrsPips: readonly bigint[]): bigint {
  const percents = llrsPips.map((llrPips) => mulDivDown(llrPips, 100n, PIPS));
  return [...percents, ...(isEmpty ? [] : [before])].reduce(min);
}

/**
 * One position's part of the sums.
 * Its margin lies between N / L and (N + E) / L, size being rounded down: the lower end counts as margin (rounded down)
 * and the upper end for the cap (rounded up), so that neither bound of the LP PnL flatters the vault.
 */
export function contributionOf(input: ContributionInput): SideSums {
  const notional = input.entry * input.size;
  const marginUp = ceilDiv(notional + input.entry, input.leverage);
  return {
    sizeSum: input.size,
    notionalSum: notional,
    carryEntrySum: carryEntryUsd(notional, input.indexAtOpenX18),
    marginNanoSum: floorDiv(notional, input.leverage * NANO_USD),
    capNanoSum: ceilDiv(input.profitCapPips * marginUp, PIPS * NANO_USD),
  };
}

/** A side after a position has opened. */
export function addToSide(side: SideSums, part: SideSums): SideSums {
  return combine(side, part, 1n);
}

/** A side after a position has left. */
export function removeFromSide(side: SideSums, part: SideSums): SideSums {
  return combine(side, part, -1n);
}

function combine(side: SideSums, part: SideSums, sign: bigint): SideSums {
  return {
    sizeSum: side.sizeSum + sign * part.sizeSum,
    notionalSum: side.notionalSum + sign * part.notionalSum,
    carryEntrySum: side.carryEntrySum + sign * part.carryEntrySum,
    marginNanoSum: side.marginNanoSum + sign * part.marginNanoSum,
    capNanoSum: side.capNanoSum + sign * part.capNanoSum,
  };
}

/**
 * What closing one side at a price would bring the liquidity providers, in USD:
 * ΣN − P·ΣQ for longs, P·ΣQ − ΣN for shorts, plus carry owed (ΣN·index rounded down, less the sum at opening),
 * never below −Σcap and never above +Σmargin.
 */
export function lpPnl(isLong: boolean, side: SideSums, price: bigint, indexNowX18: bigint): bigint {
  const loss = tradersLossUsd(isLong, side, price, indexNowX18);
  return clamp(loss, -side.capNanoSum * NANO_USD, side.marginNanoSum * NANO_USD);
}

/**
 * What liquidations that may be due could add at most to what a side counts, USD, rounded up. Where it is losing S > 0 at
 * this price (carry included): S / LLR, LLR the least loss rate of any of its positions, less what is counted of it. Where
 * margin is never added, S / LLR is at most Σmargin.
 */
export function dueUsd(
  isLong: boolean,
  side: SideSums,
  price: bigint,
  indexNowX18: bigint,
  leastLossRatePercent: bigint,
  isMarginFixed: boolean,
): bigint {
  const loss = tradersLossUsd(isLong, side, price, indexNowX18);
  if (loss <= 0n) return 0n;
  const margins = side.marginNanoSum * NANO_USD;
  const most = ceilDiv(loss * 100n, leastLossRatePercent);
  return (isMarginFixed ? min(most, margins) : most) - min(loss, margins);
}

function tradersLossUsd(isLong: boolean, side: SideSums, price: bigint, indexNowX18: bigint): bigint {
  const value = price * side.sizeSum;
  const loss = isLong ? side.notionalSum - value : value - side.notionalSum;
  return loss + mulDivDown(side.notionalSum, indexNowX18, X18) - side.carryEntrySum;
}

/** The LP PnL of a side whose price is not known: its worst bound, USD. */
export function worstLpPnl(side: SideSums): bigint {
  return -side.capNanoSum * NANO_USD;
}

/** Seconds in which a credit of the whole budget is forgotten. */
export const CREDIT_FADES_IN = 600n;

/**
 * The rolling loss at a later moment: nearer to 0 by budget × seconds / 3600 from above, rounded down, so that a loss never
 * drains early; by budget × seconds / 600 from below, rounded up, so that a credit never lasts longer.
 */
export function decayLoss({ lossUsd, at }: RollingLoss, budgetUsd: bigint, now: bigint): RollingLoss {
  const drained = mulDivDown(budgetUsd, now - at, HOUR_SECONDS);
  const faded = mulDivUp(budgetUsd, now - at, CREDIT_FADES_IN);
  return { lossUsd: lossUsd > 0n ? max(lossUsd - drained, 0n) : min(lossUsd + faded, 0n), at: now };
}

/** The rolling loss under another budget: a credit is at most the budget. */
export function holdLoss({ lossUsd, at }: RollingLoss, budgetUsd: bigint): RollingLoss {
  return { lossUsd: max(lossUsd, -budgetUsd), at };
}

/** The rolling loss after a result of the vault: positive a gain paid, negative a loss, carry or margin kept. */
export function recordLoss(loss: RollingLoss, budgetUsd: bigint, now: bigint, vaultLossUsd: bigint): RollingLoss {
  return holdLoss({ lossUsd: decayLoss(loss, budgetUsd, now).lossUsd + vaultLossUsd, at: now }, budgetUsd);
}

/** Whether new openings are refused: the rolling loss exceeds the budget. */
export function isBudgetExceeded(loss: RollingLoss, budgetUsd: bigint, now: bigint): boolean {
  return decayLoss(loss, budgetUsd, now).lossUsd > budgetUsd;
}

/** One order takes at most this part of a side's cap. */
export const ORDERS_PER_CAP = 4n;

/** Whether a side has room for an order: within its share of the cap as it stands, and within what is left of it. */
export function hasRoom(openInterestUsd: bigint, notional: bigint, capUsd: bigint): boolean {
  return notional * ORDERS_PER_CAP <= capUsd && openInterestUsd + notional <= capUsd;
}
