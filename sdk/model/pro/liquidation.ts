/** Liquidation steps through the book: what is sold, down to which price, what of it the fund pays, and the fees. */
import { PIPS } from "../../units";
import { abs, ceilDiv, floorDiv, max, min } from "../rounding";
import { CALLER_SHARE_PIPS, feeOf } from "./fees";
import type { Tier } from "./tiers";
import { tierIndex } from "./tiers";
import type { Grid } from "./units";
import { QUOTE, tickDown, tickUp, valueOf } from "./units";

/** One position of a scope that is being liquidated. */
export interface Candidate {
  readonly grid: Grid;
  readonly tiers: readonly Tier[];
  /** Signed. */
  readonly lots: bigint;
  readonly mark: bigint;
  /** Equity of the scope, ΣMM of the scope and MM of this market, quote. */
  readonly equity: bigint;
  readonly maintenance: bigint;
  readonly ownMaintenance: bigint;
}

/** What a step pays out of the equity that is left, quote. */
export interface StepFees {
  readonly takerFee: bigint;
  readonly liquidationFee: bigint;
  readonly toCaller: bigint;
  readonly toFund: bigint;
}

/** What a market's fund still may pay, and since when it counts; quote. */
export interface FundLimits {
  /** What it holds. */
  readonly fund: bigint;
  /** What it held when the UTC hour and the UTC day began. */
  readonly atHour: bigint;
  readonly atDay: bigint;
  /** Paid since for bankrupt scopes. */
  readonly paidInHour: bigint;
  readonly paidInDay: bigint;
}

/** A position of at most this much is closed at once. */
const SMALL_POSITION = 20_000n * QUOTE;
/** Least part of a larger one. */
const LEAST_STEP_DIVISOR = 5n;
/** Where the bound begins and how it moves, in sixtieths of the way from mark to bankruptcy price. */
const BOUND_BEGINS = 15n;
const BOUND_PER_SECOND = 2n;
const BOUND_ENDS = 60n;
/** How far beyond the mark a fund pays for, and the seconds until then. */
const FUND_SLIP_PIPS = 1_000n;
const FUND_SLIP_SECONDS = 30n;
/** Shares of a fund: of what it holds for one scope, of what it held for an hour's and a day's. */
const SCOPE_SHARE_PIPS = 50_000n;
const HOUR_SHARE_PIPS = 200_000n;
const DAY_SHARE_PIPS = 400_000n;
/** Seconds between two steps of a position. */
export const STEP_SECONDS = 10n;
/** Most that a caller earns of one fee. */
const MOST_CALLER_FEE = 50n * QUOTE;
/** What the fund pays a caller at an equity of 0 or less, and the least notional for it. */
export const CALLER_PAY = QUOTE / 5n;
export const LEAST_PAID_NOTIONAL = 2_000n * QUOTE;

/** Whether so little is left that everything is closed, without waiting between steps. */
export function isUrgent(equity: bigint, maintenance: bigint): boolean {
  return 3n * equity < 2n * maintenance;
}

/** Whether a position's margin is large enough within the scope to be the next that is closed. */
export function isLargeEnough(ownMaintenance: bigint, largestMaintenance: bigint): boolean {
  return ownMaintenance > 0n && 2n * ownMaintenance >= largestMaintenance;
}

/** Lots of a step: the larger of a fifth and what leads to the next lower tier; all where little is left or at stake. */
export function wantedLots({ equity, grid, lots, maintenance, mark, tiers }: Candidate): bigint {
  const held = abs(lots);
  const value = valueOf(grid, mark, held);
  if (value <= SMALL_POSITION || isUrgent(equity, maintenance)) return held;
  const index = tierIndex(tiers, value);
  const kept = index === 0 ? held : floorDiv(tiers[index - 1].cap, valueOf(grid, mark, 1n));
  return max(ceilDiv(held, LEAST_STEP_DIVISOR), held - kept);
}

/** Equity's share of some of a position's lots: equity × MM(m)/ΣMM × lots/|q|, quote, rounded down. */
export function equityShare({ equity, lots, maintenance, ownMaintenance }: Candidate, closed: bigint): bigint {
  return floorDiv(equity * ownMaintenance * closed, maintenance * abs(lots));
}

/**
 * pb: where closing every position leaves exactly nothing, 10 decimals, rounded for the scope: up for a long, down for a
 * short. Signed; below 0 where a long can't become bankrupt.
 */
export function bankruptcyPriceOf(candidate: Candidate): bigint {
  return priceTowards(candidate, BOUND_ENDS);
}

/** The price so many sixtieths of the way from the mark to the bankruptcy price, rounded for the scope. */
function priceTowards({ equity, grid, lots, maintenance, mark, ownMaintenance }: Candidate, sixtieths: bigint): bigint {
  const distance = floorDiv(equity * ownMaintenance * sixtieths, maintenance * abs(lots) * grid.lotSize * BOUND_ENDS);
  return lots > 0n ? mark - distance : mark + distance;
}

/**
 * The worst tick of a step, so many seconds after the distress began. Above 0 from a quarter of the way to the bankruptcy
 * price on, all of it after 22.5 s; at 0 or less the bankruptcy price, or, while the fund pays, up to 10 bp beyond the mark.
 * Rounded for the scope and never outside the band. The bankruptcy price of a negative equity is rounded away from the
 * mark: a tick before it would leave what nobody pays.
 */
export function boundTick(candidate: Candidate, seconds: bigint, bandPips: bigint, doesFundPay: boolean): bigint {
  const { equity, grid, lots, mark } = candidate;
  const isLong = lots > 0n;
  let price: bigint;
  if (equity > 0n) {
    price = priceTowards(candidate, min(BOUND_BEGINS + BOUND_PER_SECOND * seconds, BOUND_ENDS));
  } else if (equity < 0n && doesFundPay) {
    const slip = (mark * FUND_SLIP_PIPS * min(seconds, FUND_SLIP_SECONDS)) / (PIPS * FUND_SLIP_SECONDS);
    price = isLong ? mark - slip : mark + slip;
  } else {
    price = bankruptcyPriceOf(candidate);
  }
  return isLong
    ? max(tickUp(grid, price), tickUp(grid, ceilDiv(mark * (PIPS - bandPips), PIPS)))
    : min(tickDown(grid, price), tickDown(grid, floorDiv(mark * (PIPS + bandPips), PIPS)));
}

/** What the fund may pay for a scope that it has paid so much for, quote. */
export function fundAllowance(
  { atDay, atHour, fund, paidInDay, paidInHour }: FundLimits,
  paidForScope: bigint,
): bigint {
  const ofScope = (fund * SCOPE_SHARE_PIPS) / PIPS - paidForScope;
  const ofHour = (atHour * HOUR_SHARE_PIPS) / PIPS - paidInHour;
  const ofDay = (atDay * DAY_SHARE_PIPS) / PIPS - paidInDay;
  return max(0n, [ofScope, ofHour, ofDay, fund].reduce(min));
}

/** What closing lots at a price leaves uncovered when the scope bears its share of negative equity, quote; 0 within it. */
export function uncovered(candidate: Candidate, closed: bigint, price: bigint): bigint {
  const { grid, lots, mark } = candidate;
  const change = valueOf(grid, lots > 0n ? price - mark : mark - price, closed);
  return max(0n, -(change + equityShare(candidate, closed)));
}

/** The lots that an allowance covers at a price beyond the bankruptcy price. */
export function coveredLots(candidate: Candidate, wanted: bigint, price: bigint, allowance: bigint): bigint {
  if (uncovered(candidate, wanted, price) <= allowance) return wanted;
  const whole = uncovered(candidate, abs(candidate.lots), price);
  let lots = min(wanted, floorDiv(allowance * abs(candidate.lots), whole));
  while (lots > 0n && uncovered(candidate, lots, price) > allowance) lots--;
  return lots;
}

/** Fees of a step out of the equity that the fills left: the taker's first, then the liquidation's, of which the caller. */
export function stepFees(
  notional: bigint,
  equityAfter: bigint,
  takerFeePips: bigint,
  liquidationFeePips: bigint,
): StepFees {
  const left = max(0n, equityAfter);
  const takerFee = min(feeOf(notional, takerFeePips), left);
  const liquidationFee = min(feeOf(notional, liquidationFeePips), left - takerFee);
  const toCaller = min(floorDiv(liquidationFee * CALLER_SHARE_PIPS, PIPS), MOST_CALLER_FEE);
  return { takerFee, liquidationFee, toCaller, toFund: liquidationFee - toCaller };
}
