import type { ContractTransactionReceipt } from "ethers";
import { Codec } from "../abi";
import type { Args, RawLog, Returned } from "../abi";
import { Action } from "../action";
import { gridBookAbi, gridBookLensAbi, proKeeperAbi } from "../abis";
import type { PriceInput, SizeInput } from "../amounts";
import { proMarketAt, proMarketOf } from "../chains";
import type { ProMarketFacts } from "../chains";
import { isFirstOf } from "../choices";
import { accountOf } from "../connection";
import type { Connection } from "../connection";
import { ProOutcome, ProReason, nameOf } from "../enums";
import { decodeError } from "../errors";
import type { DecodedError } from "../errors";
import { lotsOf, priceOfTicks, sizeOfLots, ticksOf } from "../pro/actions";
import { FOREVER } from "../pro/words";
import { query } from "../reading";
import type { Price, Size, Usd } from "../units";
import { marketNameOf } from "./pro";
import type { ProAccountOptions, ProClient } from "./pro";

const GRIDS = new Codec(gridBookAbi);
const LENS = new Codec(gridBookLensAbi);
const KEEPER = new Codec(proKeeperAbi);
/** `GridSide` of the contracts, in its order. */
const SIDES = ["neutral", "long", "short"] as const;
/** On each side of the price: as many orders as an account has room for in a market. */
const WIDEST = 16;
/** Lines that one roll answers at most. */
const MOST_LINES = 10;
/** `ProTask` of the contracts: bringing a price. */
const REFRESH = 0;
/** In the first word of a grid. */
const GENERATION_SHIFT = 164n;
const GENERATIONS = 2n ** 40n;
/** In its id, behind account and market. */
const KEY_BITS = 48n;

type GridOrder = Args<typeof gridBookAbi, "open">[1];
type GridView = Returned<typeof gridBookLensAbi, "grid">;
type RollView = Returned<typeof gridBookLensAbi, "previewRoll">["roll"];
type Reason = (typeof ProReason)[number];

/** A ladder of orders. */
export interface ProGridInput {
  readonly market: string;
  /** The lowest line. */
  readonly low: PriceInput;
  /** The highest. */
  readonly high: PriceInput;
  /** How many there are, both counted: 2 to 100. */
  readonly lines: number;
  /** Equal differences apart, by default, or equal ratios. */
  readonly spacing?: "arithmetic" | "geometric";
  /** Of each order. */
  readonly size: SizeInput;
  /** Most orders on each side of the price: 1 to 16, which is the default. */
  readonly window?: number;
  /** What it begins with: nothing by default; "long" buys what its sales will sell, "short" sells what its purchases will buy back. */
  readonly start?: (typeof SIDES)[number];
  /** Worst price of what a long or a short one begins with. */
  readonly entryLimit?: PriceInput;
  /** It ends with an index at or below this; below the lowest line. */
  readonly stopLow?: PriceInput;
  /** It ends with an index at or above this; above the highest line. */
  readonly stopHigh?: PriceInput;
}

/** What opening a grid came to. */
export interface ProGridOpened {
  readonly id: bigint;
  /** Ids of the orders that rest. */
  readonly placed: readonly bigint[];
  /** Lines, counted from the lowest, whose order could not rest: a later roll places it. */
  readonly refused: readonly { readonly line: number; readonly reason: Reason }[];
  readonly receipt: ContractTransactionReceipt;
}

export interface ProGridStopped {
  /** Orders that were taken off the book. */
  readonly cancelled: bigint;
  /** "None": no order of it rests. Otherwise why they could not be taken off; `pro.act` cancels them. */
  readonly left: Reason;
}

/** What a roll did, or would do. */
export interface ProGridRoll {
  readonly placed: bigint;
  readonly cancelled: bigint;
  readonly refused: bigint;
  /** Since the last roll. */
  readonly bought: Size;
  readonly sold: Size;
  /** For whoever rolled it. */
  readonly tip: Usd;
}

/** What rolling came to: "Rolled", "Ended" with the reason, "Skipped" with the reason, or "Failed" by an error. */
export interface ProGridAttempt {
  readonly id: bigint;
  readonly outcome: (typeof ProOutcome)[number] | "Failed";
  readonly reason: Reason;
  /** Of one that was rolled or has ended. */
  readonly roll?: ProGridRoll;
  /** Of one that failed. */
  readonly error?: DecodedError;
}

export interface ProGrid {
  readonly id: bigint;
  readonly account: bigint;
  readonly market: string;
  readonly isRunning: boolean;
  readonly low: Price;
  readonly high: Price;
  readonly lines: bigint;
  readonly spacing: "arithmetic" | "geometric";
  /** Of each order. */
  readonly size: Size;
  readonly window: bigint;
  /** 0: none. */
  readonly stopLow: Price;
  readonly stopHigh: Price;
  /** What its cells above the price held as it was opened, and hold now. */
  readonly startHeld: Size;
  readonly held: Size;
  /** Lines bought and sold again, or the other way round, and what they earned before fees and tips. */
  readonly pairs: bigint;
  readonly realised: Usd;
  readonly tips: Usd;
  readonly rolledAt: bigint;
  /** Why the next roll ends it; "None": it goes on. */
  readonly end: Reason;
}

/** What lies between two lines, and the order that it waits with. */
export interface ProGridCell {
  /** The order's line, counted from the lowest. */
  readonly line: number;
  readonly side: "buy" | "sell";
  readonly price: Price;
  readonly size: Size;
  /** Its order is to rest now. */
  readonly isWithin: boolean;
  /** 0: it does not. */
  readonly orderId: bigint;
  readonly resting: Size;
}

/** Grids of orders: they trade for an account once it has given `GridBook` the right to; anyone rolls them. */
export class ProGridClient {
  constructor(
    private readonly connection: Connection,
    private readonly pro: ProClient,
  ) {}

  /** Lets grids trade for an account of the signer's, or no longer. */
  allow(rights: "none" | "trade", options: ProAccountOptions = {}): Promise<Action<ContractTransactionReceipt>> {
    return this.pro.setDelegate(this.address, rights, FOREVER, options);
  }

  /** Opens a grid for an account of the signer's: one for each account and market. The market's stored index has to be fresh. */
  async open(grid: ProGridInput, options: ProAccountOptions = {}): Promise<Action<ProGridOpened>> {
    const account = await this.pro.account(options);
    return this.action(GRIDS.encode("open", [account, this.fieldsOf(grid)]), opened);
  }

  /** Ends a grid of the signer's: its orders are taken off the book, its position stays. */
  stop(id: bigint): Action<ProGridStopped> {
    return this.action(GRIDS.encode("stop", [id]), stopped);
  }

  /** A grid, running or over, until another was opened in its place; undefined: there is none. */
  async grid(id: bigint): Promise<ProGrid | undefined> {
    const { contracts, reader } = this.connection;
    const view = await reader.one(query(LENS, contracts.gridBookLens, "grid", [this.address, id]));
    return view.id === 0n ? undefined : this.shown(view);
  }

  /** The grid that an account opened last in a market; undefined: none was. */
  async last(market: string, options: ProAccountOptions = {}): Promise<ProGrid | undefined> {
    const { chain, reader } = this.connection;
    const account = await this.pro.account(options);
    const key = (account << 8n) | BigInt(proMarketOf(chain, market).id);
    const [word] = await reader.one(query(GRIDS, this.address, "wordsOf", [key]));
    const generation = (word >> GENERATION_SHIFT) % GENERATIONS;
    return generation === 0n ? undefined : this.grid((generation << KEY_BITS) | key);
  }

  /** Its cells from the lowest up; none of a grid that is over. */
  async cells(id: bigint): Promise<ProGridCell[]> {
    const { contracts, reader } = this.connection;
    const views = await reader.one(query(LENS, contracts.gridBookLens, "cells", [this.address, id]));
    return views.map(({ isBid, isWithin, line, lots, orderId, restingLots, tick }) => ({
      ...{ line: Number(line), side: isBid ? "buy" : "sell", isWithin, orderId },
      price: priceOfTicks(this.marketOf(id), tick),
      size: sizeOfLots(this.marketOf(id), lots),
      resting: sizeOfLots(this.marketOf(id), restingLots),
    }));
  }

  /** What a roll would come to now, at the stored index, and pay its keeper: the signer unless another is named. */
  async previewRoll(id: bigint, { keeper, maxLines = MOST_LINES }: { keeper?: string; maxLines?: number } = {}) {
    const { contracts, reader } = this.connection;
    const paid = await accountOf(this.connection, keeper);
    const asked = query(LENS, contracts.gridBookLens, "previewRoll", [this.address, id, maxLines, paid]);
    const { outcome, reason, roll } = await reader.one(asked);
    return {
      ...{ id, outcome: nameOf(ProOutcome, outcome), reason: nameOf(ProReason, reason) },
      roll: this.rollOf(id, roll),
    } satisfies ProGridAttempt;
  }

  /**
   * Rolls grids, each by itself, after the latest ticks of the markets named in `refresh`; what is paid for goes into account 0 of
   * the signer. As many as a transaction bears: each has 6M gas to use, and most take a tenth of it.
   */
  async roll(
    ids: readonly bigint[],
    { maxLines = MOST_LINES, refresh = [] }: { maxLines?: number; refresh?: readonly string[] } = {},
  ): Promise<Action<ProGridAttempt[]>> {
    const { contracts } = this.connection;
    const { markets, proofs, value } = await this.pro.bring(refresh);
    const none = { task: REFRESH, scope: 0, other: 0 };
    const items = markets.map((market, tick) => ({ ...none, market: market.id, amount: tick }));
    const rolls = ids.map((id) => ({ id, maxLines }));
    return new Action(this.connection, {
      ...{ to: contracts.proKeeper, value, data: KEEPER.encode("roll", [this.address, proofs, items, rolls]) },
      outcome: ({ logs }) => ids.map((id) => this.attemptOf(id, logs)),
    });
  }

  private get address(): string {
    return this.connection.contracts.gridBook;
  }

  private action<T>(data: string, outcome: (receipt: ContractTransactionReceipt) => T): Action<T> {
    return new Action(this.connection, { to: this.address, data, outcome });
  }

  private fieldsOf(grid: ProGridInput): GridOrder {
    const market = proMarketOf(this.connection.chain, grid.market);
    const { lines, spacing = "arithmetic", start = "neutral", window = WIDEST } = grid;
    const ticks = (price: PriceInput | undefined) => (price === undefined ? 0n : ticksOf(market, price));
    return {
      ...{
        market: market.id,
        isGeometric: isFirstOf("spacing", ["geometric", "arithmetic"], spacing),
        side: SIDES.indexOf(start),
        lines,
        window,
      },
      ...{ low: ticks(grid.low), high: ticks(grid.high), lots: lotsOf(market, grid.size) },
      ...{ stopLow: ticks(grid.stopLow), stopHigh: ticks(grid.stopHigh), entryLimit: ticks(grid.entryLimit) },
    };
  }

  /** The market is the lowest byte of an id. */
  private marketOf(id: bigint): ProMarketFacts {
    return proMarketAt(this.connection.chain, id & 255n);
  }

  private rollOf(id: bigint, { bought, sold, tip, ...counts }: RollView): ProGridRoll {
    const market = this.marketOf(id);
    return { ...counts, bought: sizeOfLots(market, bought), sold: sizeOfLots(market, sold), tip: tip as Usd };
  }

  private shown(view: GridView): ProGrid {
    const market = this.marketOf(view.id);
    const { account, id, isRunning, lines, pairs, rolledAt, window } = view;
    return {
      ...{ id, account, market: marketNameOf(this.connection.chain, market.id), isRunning, lines, window },
      ...{ pairs, rolledAt, end: nameOf(ProReason, view.end) },
      ...{ low: priceOfTicks(market, view.low), high: priceOfTicks(market, view.high) },
      ...{ spacing: view.isGeometric ? "geometric" : "arithmetic", size: sizeOfLots(market, view.lots) },
      ...{ stopLow: priceOfTicks(market, view.stopLow), stopHigh: priceOfTicks(market, view.stopHigh) },
      ...{ startHeld: sizeOfLots(market, view.startHeld), held: sizeOfLots(market, view.held) },
      ...{ realised: view.realised as Usd, tips: view.tips as Usd },
    };
  }

  /** The last that the logs say of a grid. */
  private attemptOf(id: bigint, logs: readonly RawLog[]): ProGridAttempt {
    let attempt: ProGridAttempt = { id, outcome: "Skipped", reason: "None" };
    for (const log of logs) {
      const event = GRIDS.event(log) ?? KEEPER.event(log);
      if (event === undefined) continue;
      if (event.name === "ItemFailed" && event.args.tradeId === id) {
        attempt = { id, outcome: "Failed", reason: "None", error: decodeError(event.args.reason) };
      }
      if (!("id" in event.args) || event.args.id !== id) continue;
      if (event.name === "GridSkipped") attempt = { ...attempt, reason: nameOf(ProReason, event.args.reason) };
      if (event.name === "GridRolled") {
        attempt = { id, outcome: "Rolled", reason: "None", roll: this.rollOf(id, event.args.roll) };
      }
      if (event.name === "GridEnded") {
        const reason = nameOf(ProReason, event.args.reason);
        attempt = { id, outcome: "Ended", reason, roll: this.rollOf(id, event.args.roll) };
      }
    }
    return attempt;
  }
}

function opened(receipt: ContractTransactionReceipt): ProGridOpened {
  let id: bigint | undefined;
  const placed: bigint[] = [];
  const refused: { line: number; reason: Reason }[] = [];
  for (const log of receipt.logs) {
    const event = GRIDS.event(log);
    if (event?.name === "GridOpened") id = event.args.id;
    if (event?.name === "LinePlaced") placed.push(event.args.orderId);
    if (event?.name !== "LineRefused") continue;
    refused.push({ line: Number(event.args.line), reason: nameOf(ProReason, event.args.reason) });
  }
  if (id === undefined) throw new Error(`transaction ${receipt.hash} has no GridOpened`);
  return { id, placed, refused, receipt };
}

function stopped({ hash, logs }: ContractTransactionReceipt): ProGridStopped {
  for (const log of logs) {
    const event = GRIDS.event(log);
    if (event?.name !== "GridEnded") continue;
    return { cancelled: event.args.roll.cancelled, left: nameOf(ProReason, event.args.left) };
  }
  throw new Error(`transaction ${hash} has no GridEnded`);
}
