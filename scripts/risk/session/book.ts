import type { CarryIndices, RollingLoss } from "../../../sdk/model";
import { accrueIndices, carryOwedUsd, hasRoom, isBudgetExceeded, ratePerSecond, recordLoss } from "../../../sdk/model";
import type { BookTerms } from "../setting";

/** A book while a path lasts: open interest, carry and loss budget in exact integers. */
export class Book {
  private longUsd = 0n;
  private shortUsd = 0n;
  private indices: CarryIndices = { longX18: 0n, shortX18: 0n };
  private accruedAt = 0;
  private loss: RollingLoss = { lossUsd: 0n, at: 0n };

  constructor(readonly terms: BookTerms) {}

  /** The index of a side at a second that is not before the last change. */
  indexAt(isLong: boolean, second: number): bigint {
    const { longX18, shortX18 } = this.indicesAt(second);
    return isLong ? longX18 : shortX18;
  }

  /** What 1 USD of a side's notional owes each second, 18 decimals. */
  perSecondX18(isLong: boolean): bigint {
    const rate = ratePerSecond(this.longUsd, this.shortUsd, this.terms.rates);
    return this.terms.rates.borrowRateX18 + (isLong ? rate : -rate);
  }

  carryOwed(isLong: boolean, notional: bigint, indexAtOpenX18: bigint, second: number): bigint {
    return carryOwedUsd(notional, this.indexAt(isLong, second), indexAtOpenX18);
  }

  hasRoom(isLong: boolean, notional: bigint): boolean {
    return hasRoom(isLong ? this.longUsd : this.shortUsd, notional, this.terms.capUsd);
  }

  isOutOfBudget(second: number): boolean {
    return isBudgetExceeded(this.loss, this.terms.budgetUsd, BigInt(second));
  }

  /** Carry up to now is settled before the open interest changes. */
  changeOpenInterest(isLong: boolean, notional: bigint, second: number): void {
    this.indices = this.indicesAt(second);
    this.accruedAt = second;
    if (isLong) this.longUsd += notional;
    else this.shortUsd += notional;
  }

  /** Positive a gain paid, negative a loss, carry or margin kept. */
  recordResult(vaultLossUsd: bigint, second: number): void {
    this.loss = recordLoss(this.loss, this.terms.budgetUsd, BigInt(second), vaultLossUsd);
  }

  private indicesAt(second: number): CarryIndices {
    const seconds = BigInt(second - this.accruedAt);
    if (seconds === 0n) return this.indices;
    return accrueIndices(this.indices, this.longUsd, this.shortUsd, this.terms.rates, seconds);
  }
}
