import type { BookProfile } from "../../deploy/profiles";
import * as model from "../../sdk/model";
import type { TradingRecords } from "../../typechain-types";

/** A book's carry, kept by the model from one reading of the chain on. */
export class CarryBook {
  private constructor(
    private readonly rates: model.CarryRates,
    private indices: model.CarryIndices,
    private notional: { long: bigint; short: bigint },
    private at: number,
  ) {}

  static async read(records: TradingRecords, bookId: number, book: BookProfile): Promise<CarryBook> {
    const state = await records.bookState(bookId);
    const [long, short] = [await records.bookSide(bookId, true), await records.bookSide(bookId, false)];
    const rates = {
      fundingFactorX18: model.pipsPerHourToX18PerSecond(BigInt(book.fundingFactorPipsPerHour)),
      minRateX18: model.pipsPerHourToX18PerSecond(BigInt(book.minFundingPipsPerHour)),
      maxRateX18: model.pipsPerHourToX18PerSecond(BigInt(book.maxFundingPipsPerHour)),
      borrowRateX18: model.pipsPerHourToX18PerSecond(BigInt(book.borrowRatePipsPerHour)),
    };
    const indices = { longX18: state.longIndex, shortX18: state.shortIndex };
    const notional = { long: long.notional, short: short.notional };
    return new CarryBook(rates, indices, notional, Number(state.accruedAt));
  }

  advance(time: number): void {
    const { long, short } = this.notional;
    this.indices = model.accrueIndices(this.indices, long, short, this.rates, BigInt(time - this.at));
    this.at = time;
  }

  /** A position has left, at the moment last advanced to. */
  remove(isLong: boolean, notional: bigint): void {
    this.notional[isLong ? "long" : "short"] -= notional;
  }

  indexOf(isLong: boolean): bigint {
    return isLong ? this.indices.longX18 : this.indices.shortX18;
  }
}
