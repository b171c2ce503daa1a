import type { AssetKey, BookProfile } from "../../deploy/profiles";
import * as model from "../../sdk/model";
import type { Position, SideSums } from "../../sdk/model";

/** The vault's ledger of one token, and its lines of the two products. */
export interface Ledger {
  liquidity: bigint;
  /** Of all products. */
  reserved: bigint;
  /** Trading's. */
  collateral: bigint;
  /** Prediction's. */
  stakes: bigint;
  /** Prediction's part of what is reserved. */
  wins: bigint;
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
  readonly broker: number;
  readonly asNative: boolean;
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
  readonly broker: number;
  readonly asNative: boolean;
  readonly leverage: bigint;
  /** Largest slippage of its closes. */
  readonly maxExitSlippagePips: bigint;
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
  /** Once it is over, when it ended. */
  expiry: number;
  /** The close before it. */
  readonly former?: { readonly target: number; readonly end: number };
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
  /** As configured now. */
  profile: BookProfile;
  minAnchors: number;
  isActive: boolean;
  /** End of the last news window. */
  reduceOnlyUntil: number;
  /** Least liquidation loss rate of any tier since the book was last empty. */
  leastLossRatePercent: bigint;
  /** Open interest that a cut of the cap found, by side; it may stay above the cap. */
  overCap: { long: bigint; short: bigint };
  long: SideSums;
  short: SideSums;
  indices: model.CarryIndices;
  lossNano: bigint;
  /** On the breaker's clock. */
  accruedAt: number;
}

/** What one attempt brings, and the block it happens in. */
export interface Moment {
  /** 0: none. */
  readonly tick: bigint;
  /** Of the tick, 10 decimals. */
  readonly confidence: bigint;
  /** What the tick is one of. */
  readonly asset: AssetKey;
  /** Publish time of the tick. */
  readonly at: number;
  readonly now: number;
  readonly executor: string;
  /** Proven to be the first at or after it; undefined: nothing is said of the ticks before. */
  readonly from: number | undefined;
}

/** What an attempt does: its outcome with the reason, and every amount of it. */
export interface Prediction {
  readonly outcome: string;
  readonly amounts: Readonly<Record<string, bigint>>;
  /** Due to the owner now: paid to him, or his to claim. */
  readonly paid: bigint;
}

/** A book without positions, as it is deployed. */
export function emptyBook(bookId: number, asset: AssetKey, profile: BookProfile, minAnchors: number): TwinBook {
  const llrs = profile.tiers.map(({ liquidationLossRatePips }) => BigInt(liquidationLossRatePips));
  return {
    bookId,
    asset,
    profile,
    minAnchors,
    isActive: true,
    reduceOnlyUntil: 0,
    leastLossRatePercent: model.leastLossRatePercent(0n, true, llrs),
    overCap: { long: 0n, short: 0n },
    long: model.EMPTY_SIDE,
    short: model.EMPTY_SIDE,
    indices: { longX18: 0n, shortX18: 0n },
    lossNano: 0n,
    accruedAt: 0,
  };
}

/** What a book's sides owe, by its profile. */
export function ratesOf(profile: BookProfile): model.CarryRates {
  const perSecond = (pips: number) => model.pipsPerHourToX18PerSecond(BigInt(pips));
  return {
    fundingFactorX18: perSecond(profile.fundingFactorPipsPerHour),
    minRateX18: perSecond(profile.minFundingPipsPerHour),
    maxRateX18: perSecond(profile.maxFundingPipsPerHour),
    borrowRateX18: perSecond(profile.borrowRatePipsPerHour),
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
