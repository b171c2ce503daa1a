import type { AssetKey, BookProfile } from "../../deploy/profiles";
import * as model from "../../sdk/model";
import type { Position, SideSums } from "../../sdk/model";

/** The vault's ledger of one token. */
export interface Ledger {
  liquidity: bigint;
  reserved: bigint;
  collateral: bigint;
  fees: bigint;
  claimable: bigint;
}

export interface TwinOrder {
  readonly id: bigint;
  readonly bookId: number;
  readonly owner: string;
  readonly isLong: boolean;
  readonly leverage: bigint;
  readonly symbol: string;
  readonly amount: bigint;
  /** Worst acceptable price, or the limit. */
  readonly bound: bigint;
  readonly isLimit: boolean;
  takeProfit: bigint;
  stopLoss: bigint;
  /** Publish time of the first tick that may fill it. */
  readonly target: number;
  readonly expiry: number;
  /** When the cancellation of a limit was asked for. */
  cancelledAt?: number;
}

/** A position; `margin` has what was added since in it. */
export interface TwinPosition extends Position {
  readonly id: bigint;
  readonly bookId: number;
  readonly owner: string;
  readonly symbol: string;
  readonly leverage: bigint;
  readonly indexAtOpen: bigint;
  readonly openedAt: number;
  /** 0: where the profit cap is reached. */
  readonly takeProfit: bigint;
  readonly takeProfitSetAt: number;
  /** 0: none. */
  readonly stopLoss: bigint;
  readonly stopLossSetAt: number;
}

export interface TwinClose {
  readonly bound: bigint;
  /** What it closes; 0: all of it. */
  readonly size: bigint;
  /** Who armed the stop that it is. */
  readonly armer?: string;
  readonly target: number;
  expiry: number;
  isLive: boolean;
}

/** What leaves a position: all of it, or a part. */
export interface Leaving {
  readonly part: Position;
  /** Reserve that it frees, token units. */
  readonly released: bigint;
  readonly rest?: Position;
}

export interface TwinBook {
  readonly bookId: number;
  readonly asset: AssetKey;
  readonly profile: BookProfile;
  readonly rates: model.CarryRates;
  long: SideSums;
  short: SideSums;
  indices: model.CarryIndices;
  lossNano: bigint;
  accruedAt: number;
}

/** What one attempt meets: the first tick after its target, the feeds, and the block it happens in. */
export interface Moment {
  readonly tick: bigint;
  /** Publish time of the tick. */
  readonly at: number;
  /** What all feeds of the market's asset say. */
  readonly anchor: bigint;
  /** T. */
  readonly tokenPrice: bigint;
  readonly now: number;
  readonly executor: string;
  /** Proven to be the first at or after the target of what is pending. */
  readonly isFirst: boolean;
}

/** What an attempt does: its outcome with the reason, and every amount of it. */
export interface Prediction {
  readonly outcome: string;
  readonly amounts: Readonly<Record<string, bigint>>;
  /** Paid out to the owner now. */
  readonly paid: bigint;
}

/** A book without positions. */
export function emptyBook(bookId: number, asset: AssetKey, profile: BookProfile): TwinBook {
  const perSecond = (pips: number) => model.pipsPerHourToX18PerSecond(BigInt(pips));
  return {
    bookId,
    asset,
    profile,
    rates: {
      fundingFactorX18: perSecond(profile.fundingFactorPipsPerHour),
      minRateX18: perSecond(profile.minFundingPipsPerHour),
      maxRateX18: perSecond(profile.maxFundingPipsPerHour),
      borrowRateX18: perSecond(profile.borrowRatePipsPerHour),
    },
    long: model.EMPTY_SIDE,
    short: model.EMPTY_SIDE,
    indices: { longX18: 0n, shortX18: 0n },
    lossNano: 0n,
    accruedAt: 0,
  };
}

/** What a position adds to the sums of its side. */
export function contributionOf(position: TwinPosition): SideSums {
  return model.contributionOf({ ...position, indexAtOpenX18: position.indexAtOpen });
}

/** Age up to which a tick fills a limit, takes a profit or arms a stop, seconds. */
export const TRIGGER_TICK_MAX_AGE = 3;

/** When the cancellation of an order may be finished: after its expiry, or once no tick may fill a cancelled limit. */
export function cancellableFrom(order: TwinOrder, delay: number): number {
  const { expiry, cancelledAt } = order;
  return cancelledAt === undefined ? expiry + 1 : Math.min(expiry + 1, cancelledAt + delay + TRIGGER_TICK_MAX_AGE + 1);
}

/** What has to be there. */
export function found<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("the twin knows nothing of it");
  return value;
}
