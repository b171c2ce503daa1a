/** Everything that the exchange remembers, as plain data: a copy of it is a snapshot to fall back to. */
import type { Halt } from "../clock";
import type { Distress } from "./distress";
import type { RollingSum } from "./budgets";
import type { FundingState, FundingTerms } from "./funding";
import { newFunding } from "./funding";
import type { Guard } from "./guard";
import type { MarginTerms, RestingSums } from "./margin";
import { NO_ORDERS } from "./margin";
import type { Depth } from "./mark";
import type { Position } from "./positions";
import { FLAT } from "./positions";
import type { Side } from "./units";

/** What governs a market. */
export interface MarketConfig extends MarginTerms, FundingTerms {
  readonly bandPips: bigint;
  readonly maxDeviationPips: bigint;
  readonly takerFeePips: bigint;
  readonly makerFeePips: bigint;
  readonly liquidationFeePips: bigint;
  /** Quote at the mark. */
  readonly openInterestCap: bigint;
  readonly defaultLeverage: bigint;
}

/** An order on the book. */
export interface RestingOrder {
  readonly account: number;
  readonly slot: number;
  /** How often the slot was used, this order included. */
  readonly generation: bigint;
  readonly side: Side;
  readonly tick: bigint;
  /** What is left of it. */
  lots: bigint;
  /** The second from which on it counts no longer; 0 never. */
  readonly expiry: bigint;
  readonly isReduceOnly: boolean;
}

/** All orders at one price, the oldest first. */
export interface Level {
  readonly tick: bigint;
  readonly orders: RestingOrder[];
}

/** Levels of both sides, the best first. */
export interface Book {
  readonly buy: Level[];
  readonly sell: Level[];
}

/** The index as it was last refreshed. */
export interface IndexState extends Guard {
  readonly price: bigint;
  readonly publishTime: bigint;
  readonly isNarrow: boolean;
  readonly isReady: boolean;
}

/** What pays for bankrupt scopes of a market, with its beginnings of hour and day; quote. */
export interface FundState {
  held: bigint;
  hour: bigint;
  atHour: bigint;
  paidInHour: bigint;
  day: bigint;
  atDay: bigint;
  paidInDay: bigint;
}

export type MarketStatus = "active" | "reduceOnly" | "settling";

/** One market. */
export interface MarketState {
  config: MarketConfig;
  status: MarketStatus;
  book: Book;
  index?: IndexState;
  /** 10 decimals; 0 before the first index. */
  mark: bigint;
  /** Price of the last trade. */
  last?: bigint;
  depth: Depth;
  basisEmaX18: bigint;
  funding: FundingState;
  /** Σ of all longs, and of all shorts. */
  openLots: bigint;
  fund: FundState;
  /** Not yet swept, and what of it takers of each broker paid; quote. */
  fees: bigint;
  brokerFees: bigint[];
  /** What high leverage opened or raised, quote. */
  highLeverage: RollingSum;
  /** What deficits were charged, quote per lot. */
  charged: RollingSum;
}

/** One account's stake in one market. */
export interface Stake {
  position: Position;
  sums: RestingSums;
  leverage: bigint;
  isIsolated: boolean;
  isolatedCash: bigint;
  slots: (RestingOrder | null)[];
  generations: bigint[];
  /** Last liquidation step that ended, seconds. */
  steppedAt: bigint;
}

/** One account. */
export interface AccountState {
  readonly owner: number;
  readonly broker?: number;
  /** Cross; may be negative while positions are open. */
  cash: bigint;
  orders: number;
  stakes: Stake[];
  /** Of the cross scope, then of each market's isolated one. */
  distress: Distress[];
}

/** The exchange. */
export interface ExchangeState {
  now: bigint;
  /** 0 to 3. */
  breaker: number;
  halts: Halt[];
  markets: MarketState[];
  accounts: AccountState[];
  /** What the vault holds for the exchange, quote. */
  collateral: bigint;
  /** What roundings left. */
  dust: bigint;
}

/** Orders that an account may have in a market, and in all. */
export const SLOTS = 32;
export const MAX_ORDERS = 64;

export function newMarket(config: MarketConfig, now: bigint): MarketState {
  return {
    config,
    status: "active",
    book: { buy: [], sell: [] },
    mark: 0n,
    depth: { bid: {}, ask: {} },
    basisEmaX18: 0n,
    funding: newFunding(now),
    openLots: 0n,
    fund: { held: 0n, hour: 0n, atHour: 0n, paidInHour: 0n, day: 0n, atDay: 0n, paidInDay: 0n },
    fees: 0n,
    brokerFees: [],
    highLeverage: { amount: 0n, at: now },
    charged: { amount: 0n, at: now },
  };
}

function newStake({ defaultLeverage }: MarketConfig): Stake {
  return {
    position: FLAT,
    sums: NO_ORDERS,
    leverage: defaultLeverage,
    isIsolated: false,
    isolatedCash: 0n,
    slots: Array.from({ length: SLOTS }, () => null),
    generations: Array.from({ length: SLOTS }, () => 0n),
    steppedAt: 0n,
  };
}

export function newAccount(owner: number, markets: readonly MarketState[], broker?: number): AccountState {
  return {
    owner,
    broker,
    cash: 0n,
    orders: 0,
    stakes: markets.map(({ config }) => newStake(config)),
    distress: [],
  };
}
