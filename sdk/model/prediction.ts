/** Price predictions: up or down over a fixed period, against the vault. */
import { PIPS } from "../units";
import { floorDiv, min, mulDivDown } from "./rounding";

/** How an amount brought is divided at the strike; tokens. */
export interface BetStrike {
  /** An amount of at most two fees is refused. */
  readonly isRefused: boolean;
  /** What the executor is paid: one fee, at most the amount. */
  readonly executorPay: bigint;
  /** Kept for whoever settles; 0 if refused. */
  readonly keptFee: bigint;
  /** At stake; if refused, what goes back. */
  readonly stake: bigint;
}

/** Both execution fees leave the amount before the bet is sized. `fee` is one of them, in tokens. */
export function strikeBet(amount: bigint, fee: bigint): BetStrike {
  if (amount > 2n * fee) return { isRefused: false, executorPay: fee, keptFee: fee, stake: amount - 2n * fee };
  const executorPay = min(fee, amount);
  return { isRefused: true, executorPay, keptFee: 0n, stake: amount - executorPay };
}

/** How a bet ended. */
export interface BetResult {
  readonly won: boolean;
  /** What the trader gets, tokens. */
  readonly payout: bigint;
  /** What the vault's liquidity gains, tokens; negative when it pays. */
  readonly toVault: bigint;
}

/** Whether a bet wins: strictly above the strike for up, strictly below for down; a tie loses. */
export function isBetWon(isUp: boolean, strike: bigint, settlement: bigint): boolean {
  return isUp ? settlement > strike : settlement < strike;
}

/** stake × payout rate in tokens, rounded down: the profit of a win, reserved when the bet is placed. */
export function betProfit(stake: bigint, payoutPips: bigint): bigint {
  return mulDivDown(stake, payoutPips, PIPS);
}

/** A win returns the stake and the profit, a loss nothing. */
export function settleBet(
  stake: bigint,
  payoutPips: bigint,
  isUp: boolean,
  strike: bigint,
  settlement: bigint,
): BetResult {
  const won = isBetWon(isUp, strike, settlement);
  const profit = betProfit(stake, payoutPips);
  return won ? { won, payout: stake + profit, toVault: -profit } : { won, payout: 0n, toVault: stake };
}

/**
 * The vault's expected share of a stake at a chance of winning (half unless given), pips, rounded down:
 * 1 − chance × (1 + payout rate). A payout rate of 77% leaves 11.5%.
 */
export function houseEdgePips(payoutPips: bigint, winChancePips: bigint = PIPS / 2n): bigint {
  return floorDiv(PIPS * PIPS - winChancePips * (PIPS + payoutPips), PIPS);
}
