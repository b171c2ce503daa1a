/** What a position would be worth after a move of the price: the exact arithmetic of the specification. */
import { closeTrade, isLiquidatable } from "@asterism/sdk/model";
import type { Position } from "@asterism/sdk/model";

const PIPS = 1_000_000n;
/** Twentieths and tenths of a percent both ways. */
export const MOVES_PIPS = [-1_000n, -500n, 0n, 500n, 1_000n] as const;

/** A margin token's decimals and price. */
export interface TokenQuote {
  readonly decimals: number;
  readonly price: bigint;
}

/** Of a tier: what a position keeps from its opening on. */
export interface Terms {
  readonly liquidationLossRatePips: bigint;
  readonly profitCapPips: bigint;
  readonly closeFeePips: bigint;
  readonly profitSharePips: bigint;
}

/** An opening as a quote has it. */
export interface Opening {
  readonly isLong: boolean;
  readonly entry: bigint;
  readonly size: bigint;
  readonly margin: bigint;
}

export interface Outcome {
  readonly movePips: bigint;
  readonly price: bigint;
  readonly isLiquidated: boolean;
  /** What the trader gets, in the margin token. */
  readonly payout: bigint;
  /** Less what was paid in. */
  readonly result: bigint;
}

interface OutcomeInput {
  readonly opening: Opening;
  readonly terms: Terms;
  readonly token: TokenQuote;
  /** The price that moves. */
  readonly mark: bigint;
  readonly slippagePips: bigint;
  readonly executionFeeUsd: bigint;
  /** All that was paid in: margin, open fee and execution fee. */
  readonly paidIn: bigint;
}

/** A close by a keeper at each of the moves, without carry; the margin token's price as it stands. */
export function outcomesOf(input: OutcomeInput, moves: readonly bigint[] = MOVES_PIPS): Outcome[] {
  const { opening, terms, token, mark, slippagePips, executionFeeUsd, paidIn } = input;
  const position: Position = {
    ...{ isLong: opening.isLong, entry: opening.entry, size: opening.size },
    ...{ margin: opening.margin, initialMargin: opening.margin },
    ...{ llrPips: terms.liquidationLossRatePips, profitCapPips: terms.profitCapPips },
    closeFeeKind: terms.profitSharePips > 0n ? "degen" : "standard",
    closeFeePips: terms.closeFeePips,
  };
  return moves.map((movePips) => {
    const price = (mark * (PIPS + movePips)) / PIPS;
    const isLiquidated = isLiquidatable(position, price, 0n, token);
    const closed = closeTrade({
      ...{ position, tick: price, slippagePips, token, carryOwedUsd: 0n },
      ...{ executionFeeUsd, executionFeeCount: 1n },
    });
    const payout = isLiquidated ? 0n : closed.payout;
    return { movePips, price, isLiquidated, payout, result: payout - paidIn };
  });
}

/** The worst fill price that is accepted: so many pips beyond the present one. */
export function worstPrice(mark: bigint, tolerancePips: bigint, isLong: boolean): bigint {
  return isLong ? (mark * (PIPS + tolerancePips)) / PIPS : (mark * (PIPS - tolerancePips)) / PIPS;
}

/** The first tier whose leverage is not below this one's. */
export function tierOf<T extends { readonly maxLeverage: bigint }>(
  tiers: readonly T[],
  leverage: number,
): T | undefined {
  return tiers.find(({ maxLeverage }) => maxLeverage >= BigInt(leverage));
}
