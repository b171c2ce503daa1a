/**
 * What waits for a keeper: orders, closes and bets for the first tick after a moment; limits, triggers and positions for a tick that
 * reaches them; what has expired for somebody who ends it.
 */
import { CLOSE_KIND, PIPS } from "@asterism/sdk";
import type { CloseRecord, IndexedBet, OrderRecord, PositionRecord } from "@asterism/sdk";
import { takeProfitBound } from "@asterism/sdk/model";
import { LiquidationIndex } from "../index/liquidations";
import { SortedKeys } from "../index/SortedKeys";
import { TriggerIndex } from "../index/triggers";
import type { Change, Ledger } from "../state/Ledger";
import type { World } from "../state/World";
import type { Tick, TickBook } from "../ticks/TickBook";
import { Crossings } from "./Crossings";
import { TRIGGER_LIFE_SECONDS, liquidationTickEnd } from "./lives";

export type Product = "trading" | "prediction";

/** Something that is filled, settled or struck by the first tick at or after its target. */
export interface Awaiting {
  readonly product: Product;
  readonly id: bigint;
  readonly assetId: number;
  readonly target: number;
  /** Last second of the chain in which that can be done; infinite: it always can. */
  readonly until: number;
}

/** Something that has expired, or whose cancellation is due, and that anybody may end. */
export interface Ending {
  readonly product: Product;
  readonly id: bigint;
  /** First second of the chain in which it can be ended. */
  readonly from: number;
}

/** Seconds beyond the settlement window until a struck bet's stake may be taken back. */
const SETTLEMENT_PATIENCE_SECONDS = 24 * 3_600;

/** The fields of a trade that its entries here are made of. */
type Placed = { awaiting?: Awaiting; ending?: Ending };

export class Board {
  readonly liquidations: LiquidationIndex;
  readonly triggers = new TriggerIndex();
  readonly crossings = new Crossings();
  private readonly placed = new Map<string, Placed>();
  private readonly targets = new SortedKeys();
  private readonly endings = new SortedKeys();
  /** Numbers of entries in the two above. */
  private readonly names = new Map<number, string>();
  private readonly numbers = new Map<string, number>();
  private nextNumber = 1;

  constructor(
    private readonly ledger: Ledger,
    private readonly world: World,
    private readonly ticks: TickBook,
  ) {
    this.liquidations = new LiquidationIndex(world);
  }

  get size(): { waiting: number; endings: number; positions: number; triggers: number } {
    const { targets, endings, liquidations, triggers } = this;
    return { waiting: targets.size, endings: endings.size, positions: liquidations.size, triggers: triggers.size };
  }

  /** Everything anew, from the ledger. */
  async rebuild(): Promise<void> {
    this.liquidations.clear();
    this.triggers.clear();
    this.crossings.clear();
    for (const all of [this.placed, this.targets, this.endings, this.names, this.numbers]) all.clear();
    const { trades, bets } = this.ledger;
    for (const id of [...trades.orders.keys(), ...trades.positions.keys()]) await this.updateTrade(id);
    for (const id of bets.bets.keys()) await this.updateBet(id);
    for (const { assetId } of this.world.feeds) for (const tick of this.ticks.all(assetId)) this.cross(tick);
  }

  /** What has changed; ticks that came before this was known are looked at for it. */
  async apply(change: Change): Promise<void> {
    for (const id of change.trades) await this.updateTrade(id);
    for (const id of change.trades) {
      // A tick that reached what was there before may mean nothing now, and another one something.
      this.crossings.forget(Number(id));
      this.crossOne(id);
    }
    for (const id of change.bets) await this.updateBet(id);
  }

  /** Whatever waits for a first tick that may have been published by now. */
  waiting(now: number): Awaiting[] {
    const found: Awaiting[] = [];
    for (const number of this.targets.range(-Infinity, now)) {
      const awaiting = this.placed.get(this.names.get(number) as string)?.awaiting;
      if (awaiting !== undefined && now <= awaiting.until) found.push(awaiting);
    }
    return found;
  }

  /** Whatever anybody may end by now. */
  ended(now: number): Ending[] {
    const found: Ending[] = [];
    for (const number of this.endings.range(-Infinity, now)) {
      const ending = this.placed.get(this.names.get(number) as string)?.ending;
      if (ending !== undefined) found.push(ending);
    }
    return found;
  }

  /** Takes a tick up: remembers what it reaches. */
  cross(tick: Tick): void {
    const { assetId, price } = tick;
    const [low, high] = this.rangeOf(tick);
    const books = this.world.booksOf(assetId);
    for (const id of this.liquidations.crossed(books, low, high)) this.noteLiquidation(id, tick);
    for (const kind of ["takeProfit", "stopLoss"] as const) {
      for (const id of this.triggers.reached(kind, assetId, low, high)) this.noteTrigger(kind, id, tick);
    }
    // Openings are filled at the tick as it is.
    for (const id of this.triggers.reached("limit", assetId, Number(price), Number(price))) this.noteLimit(id, tick);
  }

  /** The same of one trade, with all ticks that are there. */
  private crossOne(id: bigint): void {
    const head = this.ledger.trades.headOf(id);
    if (head === undefined) return;
    const number = Number(id);
    const assetId = Number(this.world.book(Number(head.bookId)).config.assetId);
    const at = this.liquidations.priceOf(number);
    for (const tick of this.ticks.all(assetId)) {
      const [low, high] = this.rangeOf(tick);
      if (at !== undefined && (head.isLong ? low <= at : high >= at)) this.noteLiquidation(number, tick);
      for (const kind of ["takeProfit", "stopLoss"] as const) {
        if (this.triggers.isReached(number, kind, low, high)) this.noteTrigger(kind, number, tick);
      }
      if (this.triggers.isReached(number, "limit", Number(tick.price), Number(tick.price)))
        this.noteLimit(number, tick);
    }
  }

  /** The tick as it is and as exits count it, in their order. */
  private rangeOf({ assetId, price }: Tick): [number, number] {
    const clamped = this.world.clamped(assetId, price);
    return price < clamped ? [Number(price), Number(clamped)] : [Number(clamped), Number(price)];
  }

  private noteLiquidation(id: number, tick: Tick): void {
    const { positions, closes } = this.ledger.trades;
    const position = positions.get(BigInt(id));
    if (position === undefined || BigInt(tick.publishTime) <= position.openedAt) return;
    const end = liquidationTickEnd(tick.publishTime, closes.get(BigInt(id)));
    this.crossings.add("liquidation", id, tick, end, position.isLong);
  }

  private noteTrigger(kind: "takeProfit" | "stopLoss", id: number, tick: Tick): void {
    if (!this.mayTrigger(kind, BigInt(id), tick.publishTime)) return;
    this.crossings.add("trigger", id, tick, tick.publishTime + TRIGGER_LIFE_SECONDS);
  }

  private noteLimit(id: number, tick: Tick): void {
    if (!this.mayFill(BigInt(id), tick.publishTime)) return;
    this.crossings.add("limit", id, tick, tick.publishTime + TRIGGER_LIFE_SECONDS);
  }

  private mayTrigger(kind: "takeProfit" | "stopLoss", id: bigint, publishTime: number): boolean {
    const position = this.ledger.trades.positions.get(id);
    if (position === undefined || BigInt(publishTime) <= position.openedAt) return false;
    const delay = this.delayOf(position.bookId);
    const setAt = kind === "takeProfit" ? position.takeProfitSetAt : position.stopLossSetAt;
    // Of a take profit that is too new the cap counts instead: whether the tick reaches it, the chain says.
    const capFrom = position.openedAt + this.world.book(Number(position.bookId)).executionWindow + delay;
    const from = kind === "takeProfit" && capFrom < setAt + delay ? capFrom : setAt + delay;
    if (BigInt(publishTime) < from) return false;
    const close = this.ledger.trades.closes.get(id);
    if (close === undefined || !isLive(close)) return true;
    // Its own ticks are a close's alone; until then a profit may be taken, and no stop armed.
    return BigInt(publishTime) > close.expiry || (kind === "takeProfit" && BigInt(publishTime) < close.target);
  }

  private mayFill(id: bigint, publishTime: number): boolean {
    const order = this.ledger.trades.orders.get(id);
    if (order === undefined) return false;
    const delay = this.delayOf(order.bookId);
    const at = BigInt(publishTime);
    if (at < order.requestedAt + delay || at > order.expiry) return false;
    return order.cancelledAt === 0n || at <= order.cancelledAt + delay;
  }

  private async updateTrade(id: bigint): Promise<void> {
    const number = Number(id);
    const name = `trading ${id}`;
    const { orders, positions, closes } = this.ledger.trades;
    for (const kind of ["takeProfit", "stopLoss", "limit"] as const) this.triggers.remove(number, kind);
    const order = orders.get(id);
    const position = positions.get(id);
    if (position === undefined) this.liquidations.remove(number);
    if (order !== undefined) await this.placeOrder(name, id, order);
    else if (position !== undefined) await this.placePosition(name, id, position, closes.get(id));
    if (order === undefined && position === undefined) this.place(name, {});
  }

  private async placeOrder(name: string, id: bigint, order: OrderRecord): Promise<void> {
    const bookId = Number(order.bookId);
    const tokenId = Number(order.tokenId);
    if (!this.world.isKnown(bookId, tokenId)) await this.world.know(bookId, tokenId);
    const delay = this.delayOf(order.bookId);
    const expired = Number(order.expiry) + 1;
    const cancelled =
      order.cancelledAt === 0n ? Infinity : Number(order.cancelledAt + delay) + TRIGGER_LIFE_SECONDS + 1;
    const ending = { product: "trading", id, from: Math.min(expired, cancelled) } as const;
    const { config, openConfig } = this.world.book(bookId);
    const assetId = Number(config.assetId);
    if (!order.isLimit) {
      const target = Number(order.requestedAt + delay);
      const awaiting = { product: "trading", id, assetId, target, until: Number(order.expiry) } as const;
      this.place(name, { awaiting, ending });
      return;
    }
    this.place(name, { ending });
    // The market reaches a limit with slippage, which is at least the fixed one.
    const slippage = config.slippagePips;
    const price = order.isLong
      ? (order.price * PIPS) / (PIPS + slippage) + 1n
      : (order.price * PIPS) / (PIPS - slippage) - 1n;
    // Beyond the slippage there may be, a market that has gone through it leaves it resting.
    const furthestPips = Number(openConfig.maxDeviationPips) + MAX_SLIPPAGE_PIPS;
    this.triggers.put({ id: Number(id), kind: "limit", assetId, price, isAbove: !order.isLong, furthestPips });
  }

  private async placePosition(
    name: string,
    id: bigint,
    position: PositionRecord,
    close: CloseRecord | undefined,
  ): Promise<void> {
    const bookId = Number(position.bookId);
    const tokenId = Number(position.tokenId);
    if (!this.world.isKnown(bookId, tokenId, position.termsId)) {
      await this.world.know(bookId, tokenId, position.termsId);
    }
    const assetId = Number(this.world.book(bookId).config.assetId);
    const terms = this.world.termsOf(bookId, position.termsId);
    const { isLong, entry, size, margin, addedMargin, leverage, carryIndex, takeProfit, stopLoss } = position;
    this.liquidations.put({
      ...{ id: Number(id), bookId, tokenId, isLong, entry, size },
      ...{ margin: margin + addedMargin, initialMargin: margin, carryIndexX18: carryIndex },
      llrPips: terms.liquidationLossRatePips,
      profitCapPips: terms.profitCapPips,
      closeFeeKind: bookId % 2 === 1 ? "degen" : "standard",
      closeFeePips: terms.closeFeePips,
    });
    const profit = takeProfit !== 0n ? takeProfit : takeProfitBound(isLong, entry, leverage, terms.profitCapPips);
    this.triggers.put({ id: Number(id), kind: "takeProfit", assetId, price: profit, isAbove: isLong });
    if (stopLoss !== 0n) {
      this.triggers.put({ id: Number(id), kind: "stopLoss", assetId, price: stopLoss, isAbove: !isLong });
    }
    const awaiting =
      close !== undefined && isLive(close)
        ? ({ product: "trading", id, assetId, target: Number(close.target), until: Number(close.expiry) } as const)
        : undefined;
    this.place(name, { awaiting });
  }

  private async updateBet(id: bigint): Promise<void> {
    const name = `prediction ${id}`;
    const bet = this.ledger.bets.bets.get(id);
    if (bet === undefined) {
      this.place(name, {});
      return;
    }
    const [marketId, tokenId] = [Number(bet.marketId), Number(bet.tokenId)];
    if (!this.world.isBetMarketKnown(marketId, tokenId)) await this.world.knowBetMarket(marketId, tokenId);
    this.place(name, this.betPlaces(id, bet, this.world.betMarket(marketId).assetId));
  }

  private betPlaces(id: bigint, bet: IndexedBet, assetId: number): Placed {
    const { betDelay, betWindow } = this.world;
    const product = "prediction";
    if (bet.isStruck) {
      const target = Number(bet.time + bet.periodSeconds);
      const from = target + betWindow + SETTLEMENT_PATIENCE_SECONDS + 1;
      return { awaiting: { product, id, assetId, target, until: Infinity }, ending: { product, id, from } };
    }
    const target = Number(bet.time) + betDelay;
    const until = target + betWindow;
    return { awaiting: { product, id, assetId, target, until }, ending: { product, id, from: until + 1 } };
  }

  private place(name: string, places: Placed): void {
    const before = this.placed.get(name);
    let number = this.numbers.get(name);
    if (before !== undefined && number !== undefined) {
      if (before.awaiting) this.targets.remove(before.awaiting.target, number);
      if (before.ending) this.endings.remove(before.ending.from, number);
    }
    if (places.awaiting === undefined && places.ending === undefined) {
      this.placed.delete(name);
      this.numbers.delete(name);
      if (number !== undefined) this.names.delete(number);
      return;
    }
    number ??= this.nextNumber++;
    this.numbers.set(name, number);
    this.names.set(number, name);
    this.placed.set(name, places);
    if (places.awaiting) this.targets.add(places.awaiting.target, number);
    if (places.ending) this.endings.add(places.ending.from, number);
  }

  private delayOf(bookId: bigint): bigint {
    return this.world.book(Number(bookId)).executionDelay;
  }
}

/** The most that slippage adds to an opening's price: what lies further off is never reached. */
const MAX_SLIPPAGE_PIPS = 20_000;

function isLive({ kind }: CloseRecord): boolean {
  return kind === CLOSE_KIND.requested || kind === CLOSE_KIND.armedStop;
}
