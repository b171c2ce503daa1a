/**
 * One path lived through: orders fill at their first tick, closes at theirs, triggers and liquidations at the tick that meets
 * them. Between two changes of open interest the next meeting is searched for (`search.ts`); whatever is settled is settled by
 * the model in exact integers.
 */
import type { TokenQuote } from "../../../sdk/model";
import {
  closeTrade,
  closeTradeAt,
  exitPrice,
  isDeviationOk,
  isLiquidatable,
  min,
  openTrade,
  settleLiquidation,
  takeProfitAt,
  LIQUIDATION_TICK_MAX_AGE,
} from "../../../sdk/model";
import { PIPS, px } from "../../../sdk/units";
import { confidencePips } from "../market/path";
import type { MarketPath } from "../market/path";
import type { Setting } from "../setting";
import { tierOf } from "../setting";
import type { Request } from "../traders";
import { Book } from "./book";
import type { Held } from "./held";
import { holdPosition } from "./held";
import { Ledger } from "./ledger";
import type { Ending, Outcome, Refusal } from "./outcome";
import { CURVE_POINTS } from "./outcome";
import { Queue } from "./queue";
import type { Ground, Hit, Search } from "./search";
import { searchFast } from "./search";

/** An order that isn't executed within so many seconds of its target goes back to its owner. */
const EXECUTION_WINDOW = 30;
const MARK_SECONDS = 60;

type Task =
  | { kind: "fill"; request: Request; target: number }
  | { kind: "askClose"; held: Held }
  | { kind: "close"; held: Held; target: number; ending: Ending }
  | { kind: "liquidation"; held: Held; tick: number }
  | { kind: "stop"; held: Held }
  | { kind: "profit"; held: Held; tick: number }
  | { kind: "mark" };

export class Session {
  private readonly queue = new Queue<Task>();
  private readonly ledger: Ledger;
  private readonly ground: Ground;
  private open: Held[] = [];
  private reserved = 0n;
  private now = 0;

  constructor(
    private readonly path: MarketPath,
    private readonly setting: Setting,
    private readonly requests: readonly Request[],
    private readonly search: Search = searchFast,
  ) {
    const token: TokenQuote = { decimals: setting.decimals, price: px("1") };
    const books = { standard: new Book(setting.books.standard), degen: new Book(setting.books.degen) };
    this.ground = { path, books, token };
    this.ledger = new Ledger(path.regime, token);
  }

  /** Everything that happens; what is open at the end is closed at the last price. */
  run(): Outcome {
    const end = this.path.price.length - 1;
    for (const request of this.requests) {
      const target = request.at + this.book(request.mode).terms.executionDelay;
      this.queue.put(target + this.setting.orderDelay, { kind: "fill", request, target });
    }
    for (let second = 0; second <= end; second += MARK_SECONDS) this.queue.put(second, { kind: "mark" });
    let cursor = 0;
    while (cursor <= end) {
      const next = this.queue.nextTime;
      if (next <= cursor) {
        this.now = cursor;
        this.perform(this.queue.take());
        continue;
      }
      const to = Math.min(next - 1, end);
      const met = this.search(this.ground, this.open, cursor, to);
      if (met === undefined) {
        cursor = to + 1;
        continue;
      }
      cursor = met.second;
      for (const hit of met.hits) this.send(hit, met.second);
      // A keeper without delay is in the block of the tick, before that of the next second.
      while (this.queue.nextTime <= cursor) {
        this.now = cursor;
        this.perform(this.queue.take());
      }
      cursor += 1;
    }
    this.closeAll(end);
    return this.ledger.finish();
  }

  private book(mode: Request["mode"]): Book {
    return this.ground.books[mode];
  }

  private send({ held, kind }: Hit, tick: number): void {
    held.isDue = true;
    const { keeperDelay, orderDelay } = this.setting;
    if (kind === "liquidation") this.queue.put(tick + keeperDelay, { kind, held, tick });
    else if (kind === "stop") this.queue.put(tick + orderDelay, { kind, held });
    else this.queue.put(tick + orderDelay, { kind, held, tick });
  }

  private perform(task: Task): void {
    if (task.kind === "mark") return this.mark();
    if (task.kind === "fill") return this.fill(task.request, task.target);
    const { held } = task;
    if (held.isGone) return;
    if (task.kind === "askClose") this.askClose(held, "closed");
    else if (task.kind === "close") this.close(held, task.target, task.ending);
    else if (task.kind === "liquidation") this.liquidate(held, task.tick);
    else if (task.kind === "stop") this.arm(held);
    else this.takeProfit(held, task.tick);
  }

  /** An order at its target's tick; refused by what it meets, tried again while an anchor lies too far from the tick. */
  private fill(request: Request, target: number): void {
    const { path, setting, now } = this;
    if (now >= path.price.length) return;
    const book = this.book(request.mode);
    const { terms } = book;
    if (confidencePips(path.price, target) > terms.maxConfidencePips) return this.refuse("confidence");
    const tick = BigInt(path.price[target]);
    const isNearAnchors = path.anchors.every((anchor) =>
      isDeviationOk(tick, BigInt(anchor[now]), terms.maxDeviationPips),
    );
    if (!isNearAnchors) {
      if (now >= target + EXECUTION_WINDOW) return this.refuse("deviation");
      return this.queue.put(now + 1, { kind: "fill", request, target });
    }
    const { isLong, leverage } = request;
    const { token } = this.ground;
    const tier = tierOf(terms, leverage);
    const opened = openTrade({
      isLong,
      leverage: BigInt(leverage),
      amountIn: this.amountIn(request),
      token,
      executionFeeUsd: setting.executionFeeUsd,
      openFeePips: terms.openFeePips,
      tick,
      slippagePips: terms.slippagePips,
    });
    const place = { tick: target, block: now, indexX18: book.indexAt(isLong, now) };
    const held = holdPosition(request, terms, opened, place);
    if (opened.notional > tier.maxNotionalUsd) return this.refuse("open interest");
    if (isLiquidatable(held.position, tick, 0n, token)) return this.refuse("liquidatable");
    if (!book.hasRoom(isLong, opened.notional)) return this.refuse("open interest");
    if (book.isOutOfBudget(now)) return this.refuse("loss budget");
    if ((this.reserved + held.reserve) * PIPS > setting.maxUtilizationPips * this.liquidity()) {
      return this.refuse("reserve");
    }
    this.reserved += held.reserve;
    book.changeOpenInterest(isLong, opened.notional, now);
    this.ledger.opened(terms, request, opened);
    this.open.push(held);
    this.queue.put(now + request.holdSeconds, { kind: "askClose", held });
  }

  private refuse(reason: Refusal): void {
    this.ledger.outcome.refused[reason] += 1;
  }

  /** The margin wished for with the open fee and the execution fee on top. */
  private amountIn({ mode, leverage, marginUsd }: Request): bigint {
    const micros = BigInt(Math.round(marginUsd * 1e6));
    const fee = PIPS + BigInt(leverage) * this.book(mode).terms.openFeePips;
    const scaled = micros * 10n ** BigInt(this.setting.decimals) * fee;
    const execution = this.setting.executionFeeUsd / 10n ** BigInt(18 - this.setting.decimals);
    return scaled / (PIPS * 1_000_000n) + execution;
  }

  private liquidity(): bigint {
    return BigInt(this.setting.vaultUsd) * 10n ** BigInt(this.setting.decimals) + this.ledger.realised;
  }

  /** Whoever is already closing or on his way out needs no other close. */
  private askClose(held: Held, ending: Ending): void {
    if (held.closeTarget !== Infinity) return;
    const target = this.now + this.book(held.mode).terms.executionDelay;
    held.closeTarget = target;
    this.queue.put(target + this.setting.orderDelay, { kind: "close", held, target, ending });
  }

  private arm(held: Held): void {
    held.isDue = false;
    if (held.closeTarget !== Infinity) return;
    held.closeFees = 2n;
    this.askClose(held, "stopped");
  }

  private close(held: Held, target: number, ending: Ending): void {
    const { path, now } = this;
    const at = Math.min(target, path.price.length - 1);
    const [tick, bounded] = [BigInt(path.price[at]), BigInt(path.bounded[at])];
    const carry = this.carryOf(held);
    if (isLiquidatable(held.position, bounded, carry, this.ground.token)) return this.settle(held, bounded, now - at);
    const fill = held.position.isLong === tick < bounded ? tick : bounded;
    this.exit(held, fill, ending);
  }

  private exit(held: Held, tick: bigint, ending: Ending): void {
    const { terms } = this.book(held.mode);
    const carry = this.carryOf(held);
    const result = closeTrade({
      position: held.position,
      tick,
      slippagePips: min(terms.slippagePips, held.maxExitSlippagePips),
      token: this.ground.token,
      carryOwedUsd: carry,
      executionFeeUsd: this.setting.executionFeeUsd,
      executionFeeCount: held.closeFees,
    });
    this.finish(held, result.gainPaid - result.lossCollected);
    this.ledger.closed(terms, held, result, carry, ending);
  }

  /** Exactly at the take profit, or further beyond a market close. */
  private takeProfit(held: Held, tick: number): void {
    held.isDue = false;
    const { position, takeProfit } = held;
    if (takeProfitAt(BigInt(this.path.bounded[tick]), takeProfit, position.isLong) === "Armed") return this.arm(held);
    const { terms } = this.book(held.mode);
    const carry = this.carryOf(held);
    const slippage = min(terms.slippagePips, held.maxExitSlippagePips);
    const result = closeTradeAt(
      {
        ...{ position, token: this.ground.token, carryOwedUsd: carry },
        ...{ executionFeeUsd: this.setting.executionFeeUsd, executionFeeCount: 1n },
      },
      exitPrice(takeProfit, slippage, position.isLong),
    );
    this.finish(held, result.gainPaid - result.lossCollected);
    this.ledger.closed(terms, held, result, carry, "profit");
  }

  /** Proves the crossing tick while it is young enough, else the first of those that are which liquidates, if any does. */
  private liquidate(held: Held, crossing: number): void {
    const { now, setting } = this;
    held.isDue = false;
    const oldest = Math.max(now - LIQUIDATION_TICK_MAX_AGE, crossing);
    const from = setting.proof === "latest" ? now : oldest;
    const to = Math.min(now, this.path.bounded.length - 1, held.closeTarget - 1);
    const carry = this.carryOf(held);
    for (let second = from; second <= to; second++) {
      const tick = BigInt(this.path.bounded[second]);
      if (!isLiquidatable(held.position, tick, carry, this.ground.token)) continue;
      return this.settle(held, tick, now - this.firstCrossing(held, crossing));
    }
    this.ledger.outcome.missed += 1;
  }

  /** Where the band held ticks back, the first that crossed without it. */
  private firstCrossing(held: Held, crossing: number): number {
    if (!this.path.isHeld) return crossing;
    const carry = this.carryOf(held);
    for (let second = held.openedAt + 1; second < crossing; second++) {
      const tick = BigInt(this.path.price[second]);
      if (isLiquidatable(held.position, tick, carry, this.ground.token)) return second;
    }
    return crossing;
  }

  private settle(held: Held, tick: bigint, lateSeconds: number): void {
    const result = settleLiquidation(held.position, tick, this.carryOf(held), this.ground.token);
    this.finish(held, -result.toVault);
    this.ledger.liquidated(held, result, lateSeconds);
  }

  /** Leaves the books; what the vault paid (tokens, of a dollar each) counts against the budget. */
  private finish(held: Held, paid: bigint): void {
    const book = this.book(held.mode);
    const second = Math.min(this.now, this.path.price.length - 1);
    book.changeOpenInterest(held.position.isLong, -held.notional, second);
    book.recordResult(paid * 10n ** BigInt(18 - this.setting.decimals), second);
    this.reserved -= held.reserve;
    held.isGone = true;
    this.open.splice(this.open.indexOf(held), 1);
  }

  private carryOf(held: Held): bigint {
    const second = Math.min(this.now, this.path.price.length - 1);
    return this.book(held.mode).carryOwed(held.position.isLong, held.notional, held.indexAtOpenX18, second);
  }

  private mark(): void {
    const price = this.path.price[this.now];
    const unit = 10 ** this.setting.decimals;
    let unrealised = 0;
    for (const { position, reserve, entryNumber, sizeNumber } of this.open) {
      const lost = ((position.isLong ? entryNumber - price : price - entryNumber) / 1e18) * sizeNumber;
      unrealised += Math.min(Math.max(lost, -Number(reserve) / unit), Number(position.margin) / unit);
    }
    const equity = this.ledger.mark(unrealised);
    const { curve } = this.ledger.outcome;
    const length = this.path.price.length - 1;
    while (curve.length < CURVE_POINTS - 1 && this.now * (CURVE_POINTS - 1) >= curve.length * length)
      curve.push(equity);
  }

  private closeAll(end: number): void {
    this.now = end;
    for (const held of [...this.open]) this.exit(held, BigInt(this.path.price[end]), "at the end");
    const equity = this.ledger.mark(0);
    const { curve } = this.ledger.outcome;
    while (curve.length < CURVE_POINTS) curve.push(equity);
  }
}
