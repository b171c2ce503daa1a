import * as model from "../../sdk/model";
import { check } from "../demo/errors";
import { BATCH_SIZE, inBatches, queueBatch, readBatch } from "./batches";
import type { CarryBook } from "./carry";
import type { OpenPosition } from "./opening";
import type { Scene } from "./scene";

/** Batches in one block; what is more waits for the next. */
const BATCHES_A_BLOCK = 30;

/** Floating point only looks for candidates: whatever comes this near to its threshold is computed exactly. */
const CLOSE_TO_THRESHOLD = 1 - 1e-6;

/** A position that was liquidated. */
export interface Liquidation {
  position: OpenPosition;
  /** Second of the first tick that crossed its liquidation price. */
  crossing: number;
  /** Second of the tick that liquidated it, and of the block that did. */
  tick: number;
  block: number;
  /** Whether the anchors' band moved the tick. */
  isClamped: boolean;
  rewardUsd: bigint;
  badDebtUsd: bigint;
  marginUsd: bigint;
}

/** What a transaction of liquidations used. */
export interface BatchGas {
  positions: number;
  gas: number;
}

interface Watched extends OpenPosition {
  /** Second of the tick that crossed, while it is still to be liquidated. */
  crossing: number | null;
  float: { entry: number; size: number; notional: number; sign: number };
}

/**
 * A keeper that computes who is liquidatable off chain, with the model, and proves the crossing tick of each. Where the
 * band holds that tick back it tries later ticks, and the crossing one again as long as it is young enough.
 */
export class Keeper {
  readonly liquidations: Liquidation[] = [];
  readonly batches: BatchGas[] = [];
  /** Crossed, and not liquidated before the tick was too old: the price came back. */
  missed = 0;
  /** Attempts that Trading skipped although the model expected them to succeed. */
  skipped = 0;
  private readonly watched = new Map<bigint, Watched>();
  private readonly maxAgeSeconds: number;

  constructor(
    private readonly scene: Scene,
    private readonly books: ReadonlyMap<number, CarryBook>,
    open: readonly OpenPosition[],
    private readonly latencySeconds: number,
  ) {
    this.maxAgeSeconds = scene.desk.profile.oracle.maxLiquidationAgeSeconds;
    for (const position of open) this.watch(position);
  }

  /** Everything that is still open. */
  get open(): OpenPosition[] {
    return [...this.watched.values()];
  }

  /** Lives through one second; says whether the vault was touched. */
  async step(second: number): Promise<boolean> {
    await this.scene.goTo(this.scene.timeOf(second));
    for (const book of this.books.values()) book.advance(this.scene.now);
    if (second < this.scene.path.seconds) this.findCrossings(second);
    const calls = await this.queueLiquidations(second);
    const receipts = await this.scene.mine();
    for (const { hash, tick, ids } of calls) {
      const receipt = receipts.get(hash);
      if (receipt === undefined) throw new Error("a batch was not mined");
      const { trading, skipped } = readBatch(this.scene, "liquidator", receipt);
      this.skipped += skipped.length;
      if (skipped.length === 0) this.batches.push({ positions: ids.length, gas: Number(receipt.gasUsed) });
      for (const { name, args } of trading) {
        if (name === "TradeLiquidated") this.record(second, tick, args as unknown as LiquidatedArguments);
      }
    }
    return calls.length > 0;
  }

  private watch(position: OpenPosition): void {
    const { entry, size, isLong } = position.position;
    const float = {
      entry: Number(entry),
      size: Number(size),
      notional: Number(position.notional),
      sign: isLong ? 1 : -1,
    };
    this.watched.set(position.id, { ...position, crossing: null, float });
  }

  private findCrossings(second: number): void {
    const { price } = this.scene.tickAt(this.scene.now);
    const quotes = this.quotes();
    for (const watched of this.watched.values()) {
      if (watched.crossing !== null || !this.isNear(watched, Number(price), quotes)) continue;
      if (this.isLiquidatable(watched, price, quotes)) watched.crossing = second;
    }
  }

  /** For each that has crossed, the earliest tick that liquidates it now. One transaction for one tick. */
  private async queueLiquidations(second: number): Promise<{ hash: string; tick: number; ids: bigint[] }[]> {
    const latest = Math.min(second - this.latencySeconds, this.scene.path.seconds - 1);
    const quotes = this.quotes();
    const byTick = new Map<number, Watched[]>();
    for (const watched of this.watched.values()) {
      if (watched.crossing === null || watched.crossing > latest) continue;
      const tick = this.earliestTick(watched, second, latest, quotes);
      if (tick !== null) byTick.set(tick, [...(byTick.get(tick) ?? []), watched]);
      else if (second - watched.crossing >= this.maxAgeSeconds) this.giveUp(watched);
    }
    const calls: { hash: string; tick: number; ids: bigint[] }[] = [];
    for (const [tick, all] of byTick) {
      const proof = this.scene.anyTick(this.scene.timeOf(tick));
      for (const batch of inBatches(all.sort(byStorage), BATCH_SIZE)) {
        if (calls.length === BATCHES_A_BLOCK) return calls;
        const ids = batch.map(({ id }) => id);
        calls.push({ hash: await queueBatch(this.scene, { kind: "liquidator", ids, proof }), tick, ids });
      }
    }
    return calls;
  }

  private earliestTick(
    watched: Watched,
    second: number,
    latest: number,
    quotes: ReadonlyMap<string, model.TokenQuote>,
  ): number | null {
    const anchors = this.scene.feeds.answersOf("BTC");
    for (let tick = Math.max(watched.crossing ?? 0, second - this.maxAgeSeconds); tick <= latest; tick++) {
      const { price } = this.scene.tickAt(this.scene.timeOf(tick));
      if (this.isLiquidatable(watched, model.clampToBand(price, anchors), quotes)) return tick;
    }
    return null;
  }

  private giveUp(watched: Watched): void {
    this.missed += 1;
    watched.crossing = null;
  }

  private quotes(): Map<string, model.TokenQuote> {
    return new Map(this.scene.desk.profile.tokens.map((token) => [token.symbol, this.scene.quoteOf(token)]));
  }

  private carryOf({ plan, notional, indexAtOpenX18 }: OpenPosition): bigint {
    return model.carryOwedUsd(notional, this.bookOf(plan.bookId).indexOf(plan.isLong), indexAtOpenX18);
  }

  private bookOf(bookId: number): CarryBook {
    const book = this.books.get(bookId);
    if (book === undefined) throw new Error(`no book ${bookId}`);
    return book;
  }

  private isNear(watched: Watched, price: number, quotes: ReadonlyMap<string, model.TokenQuote>): boolean {
    const { position, plan, float } = watched;
    const { entry, size, notional, sign } = float;
    const carried = Number(this.bookOf(plan.bookId).indexOf(plan.isLong) - watched.indexAtOpenX18) / 1e18;
    const quote = quotes.get(plan.token.symbol);
    const marginUsd = (Number(position.margin) * Number(quote?.price ?? 0n) * 1e8) / 10 ** plan.token.decimals;
    const shortfall = sign * size * (entry - price) + carried * notional;
    return shortfall * 1e6 >= CLOSE_TO_THRESHOLD * Number(position.llrPips) * marginUsd;
  }

  private isLiquidatable(watched: OpenPosition, price: bigint, quotes: ReadonlyMap<string, model.TokenQuote>): boolean {
    const quote = quotes.get(watched.plan.token.symbol);
    if (quote === undefined) throw new Error(`no price of ${watched.plan.token.symbol}`);
    return model.isLiquidatable(watched.position, price, this.carryOf(watched), quote);
  }

  /** Reward, rest and bad debt are the model's, to the last unit. */
  private record(second: number, tick: number, event: LiquidatedArguments): void {
    const watched = this.watched.get(event.id);
    if (watched === undefined || watched.crossing === null)
      throw new Error(`trade ${event.id.toString()} was not to be liquidated`);
    const { position, plan, notional } = watched;
    const token = this.scene.quoteOf(plan.token);
    const { price } = this.scene.tickAt(this.scene.timeOf(tick));
    const clamped = model.clampToBand(price, this.scene.feeds.answersOf("BTC"));
    const expected = model.settleLiquidation(position, clamped, this.carryOf(watched), token);
    const name = `trade ${event.id.toString()}`;
    check(`${name}: tick`, event.tick, clamped);
    check(`${name}: reward`, event.reward, expected.reward);
    check(`${name}: to the vault`, event.toVault, expected.toVault);
    check(`${name}: bad debt`, event.badDebt, expected.badDebt);
    this.liquidations.push({
      position: watched,
      crossing: watched.crossing,
      tick,
      block: second,
      isClamped: clamped !== price,
      rewardUsd: model.toUsdDown(event.reward, token),
      badDebtUsd: model.toUsdUp(event.badDebt, token),
      marginUsd: model.toUsdDown(position.margin, token),
    });
    this.watched.delete(event.id);
    this.bookOf(plan.bookId).remove(plan.isLong, notional);
  }
}

interface LiquidatedArguments {
  id: bigint;
  tick: bigint;
  reward: bigint;
  toVault: bigint;
  badDebt: bigint;
}

/** What shares storage goes together. */
function byStorage(a: Watched, b: Watched): number {
  const [x, y] = [a.plan, b.plan];
  return x.bookId - y.bookId || Number(x.isLong) - Number(y.isLong) || x.token.symbol.localeCompare(y.token.symbol);
}
