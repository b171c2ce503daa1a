import type { AssetKey, BookProfile, Mode } from "../../../deploy/profiles";
import type { OpenOptions } from "../../../kit/desk/Desk";
import type { CarryIndices, CarryRates, OpenResult, Position, TokenQuote } from "../../../sdk/model";
import {
  accrueIndices,
  carryOwedUsd,
  closeTrade,
  openTrade,
  pipsPerHourToX18PerSecond,
  toUsdDown,
} from "../../../sdk/model";
import type { Fixture } from "./setup";

export function bookOf({ profile }: Fixture, asset: AssetKey, mode: Mode): BookProfile {
  const market = profile.markets.find(({ assetKey }) => assetKey === asset);
  const book = market?.books.find((candidate) => candidate.mode === mode);
  if (book === undefined) throw new Error(`no ${mode} book of ${asset}`);
  return book;
}

/** A token at the price its feeds report. */
export function quoteOf({ profile, desk }: Fixture, symbol = "USDT"): TokenQuote {
  const token = profile.tokens.find((candidate) => candidate.symbol === symbol);
  if (token === undefined) throw new Error(`no token ${symbol}`);
  return { decimals: token.decimals, price: desk.priceOf(token.assetKey) };
}

export interface Modelled extends OpenResult {
  position: Position;
  leverage: bigint;
  profitCapPips: bigint;
}

/** What the model makes of an opening with the desk's defaults, filled at `price`. */
export function modelOpening(fixture: Fixture, options: OpenOptions = {}, price?: bigint): Modelled {
  const { asset = "BTC", mode = "degen", isLong = true, token = "USDT" } = options;
  const leverage = options.leverage ?? (mode === "degen" ? 1001 : 100);
  const book = bookOf(fixture, asset, mode);
  const opened = openTrade({
    isLong,
    leverage: BigInt(leverage),
    amountIn: options.amount ?? fixture.desk.tokenUnits(token, 100n),
    token: quoteOf(fixture, token),
    executionFeeUsd: fixture.profile.execution.executionFeeUsd,
    openFeePips: BigInt(book.openFeePips),
    tick: price ?? fixture.desk.priceOf(asset),
    slippagePips: BigInt(book.slippagePips),
  });
  const tier = book.tiers.find(({ maxLeverage }) => leverage <= maxLeverage);
  const profitCapPips = BigInt(tier?.profitCapPips ?? 0);
  const { entry, size, margin } = opened;
  const position: Position = {
    isLong,
    entry,
    size,
    margin,
    initialMargin: margin,
    llrPips: BigInt(tier?.liquidationLossRatePips ?? 0),
    profitCapPips,
    closeFeeKind: mode,
    closeFeePips: BigInt(book.closeFeePips),
  };
  return { ...opened, position, leverage: BigInt(leverage), profitCapPips };
}

/** The least amount that satisfies a growing condition. */
export function leastAmount(from: bigint, to: bigint, isEnough: (amount: bigint) => boolean): bigint {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) / 2n;
    if (isEnough(middle)) high = middle;
    else low = middle + 1n;
  }
  return low;
}

/** A book's carry, kept by the model: only differences of its indices count. */
export class CarryTrack {
  private readonly rates: CarryRates;
  private indices: CarryIndices = { longX18: 0n, shortX18: 0n };
  private readonly sides = { long: 0n, short: 0n };

  constructor(
    book: BookProfile,
    private at: number,
  ) {
    this.rates = {
      borrowRateX18: pipsPerHourToX18PerSecond(BigInt(book.borrowRatePipsPerHour)),
      fundingFactorX18: pipsPerHourToX18PerSecond(BigInt(book.fundingFactorPipsPerHour)),
      minRateX18: pipsPerHourToX18PerSecond(BigInt(book.minFundingPipsPerHour)),
      maxRateX18: pipsPerHourToX18PerSecond(BigInt(book.maxFundingPipsPerHour)),
    };
  }

  /** The indices at a later moment. */
  until(at: number): CarryIndices {
    const { long, short } = this.sides;
    this.indices = accrueIndices(this.indices, long, short, this.rates, BigInt(at - this.at));
    this.at = at;
    return this.indices;
  }

  /** Open interest that joins (or, negative, leaves) a side at a moment; the index of that side then. */
  change(at: number, isLong: boolean, notional: bigint): bigint {
    const { longX18, shortX18 } = this.until(at);
    this.sides[isLong ? "long" : "short"] += notional;
    return isLong ? longX18 : shortX18;
  }
}

/** What a position owes of carry, alone in its book since it was opened. */
export function carryAt(fixture: Fixture, options: OpenOptions, opened: number, at: number, model: Modelled): bigint {
  const track = new CarryTrack(bookOf(fixture, options.asset ?? "BTC", options.mode ?? "degen"), opened);
  const { isLong } = model.position;
  track.change(opened, isLong, model.notional);
  const { longX18, shortX18 } = track.until(at);
  return carryOwedUsd(model.notional, isLong ? longX18 : shortX18, 0n);
}

/** What the eight decimals of Pyth's usual exponent can tell apart. */
export const PYTH_UNIT = 100n;

/** The two prices that Pyth can name around a boundary: the one that reaches it and the one that does not. */
export function around(boundary: bigint, isLong: boolean): { reached: bigint; notReached: bigint } {
  const below = (boundary / PYTH_UNIT) * PYTH_UNIT;
  if (isLong) return { reached: below, notReached: below + PYTH_UNIT };
  const reached = below === boundary ? below : below + PYTH_UNIT;
  return { reached, notReached: reached - PYTH_UNIT };
}

/** What the vault pays of a position closed at a price by another, USD. */
export function gainUsdOf(fixture: Fixture, model: Modelled, tick: bigint, carry: bigint): bigint {
  const token = quoteOf(fixture);
  const { gainPaid, lossCollected } = closeTrade({
    position: model.position,
    tick,
    slippagePips: BigInt(bookOf(fixture, "BTC", model.position.closeFeeKind).slippagePips),
    token,
    carryOwedUsd: carry,
    executionFeeUsd: fixture.profile.execution.executionFeeUsd,
    executionFeeCount: 1n,
  });
  return toUsdDown(gainPaid, token) - toUsdDown(lossCollected, token);
}
