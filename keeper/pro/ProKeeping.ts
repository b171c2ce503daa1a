/** Keeps the order book: liquidates, passes positions on, fires triggers, takes dead orders off, as far as it pays or is owed. */
import { Codec, RefusedError, explained, query } from "@asterism/sdk";
import type { Connection, ProReason } from "@asterism/sdk";
import { proLensAbi } from "@asterism/sdk/abis";
import type { Logger } from "pino";
import { textOf } from "../chain/Rpc";
import type { KeeperConfig } from "../config";
import { bid } from "../send/fees";
import { usdToWei, weiToUsd } from "../send/profit";
import type { Metrics } from "../watch/metrics";
import type { Dispatcher } from "../work/Dispatcher";
import { feesOf, shownUsd } from "../work/Dispatcher";
import type { Moment } from "../work/Scene";
import { feeOf } from "../work/trials";
import type { Firing, ProBoard, ScopeView } from "./ProBoard";
import { TASK, cancelDeadData, cancelStretchedData, proCallOf, stretchedOutcome, tryProBatch } from "./calls";
import type { ProBatch, ProItem, ProItemOutcome } from "./calls";
import { Settling } from "./Settling";
import { accountOfScope } from "./ids";

const LENS = new Codec(proLensAbi);

/** Gas that parts of a call take; measured, a little more than they do. */
const GAS = {
  /** The transaction, and the first proof. */
  base: 130_000n,
  proof: 70_000n,
  refresh: 70_000n,
  /** By `TASK`: a step of a liquidation into a few orders, a candidate, a share of a loss, a market's beginning to settle, a pair. */
  item: { 1: 400_000n, 2: 100_000n, 3: 120_000n, 4: 150_000n, 5: 120_000n },
  fire: 250_000n,
  /** A transaction that takes orders off, and each of them. */
  ending: 30_000n,
  order: 35_000n,
} as const;
/** What has to be there before each item; it is not used. */
const ITEM_RESERVE = 6_400_000n;
const RESERVE_MARGIN = 200_000n;
/** What calls pay, quote: a candidate, an order of a stretched scope, a step that the fund pays for and the least notional for that. */
const ONE_USD = 10n ** 18n;
const CANDIDATE_PAY = ONE_USD / 5n;
/** Of a candidate no more than this part of what he gives up. */
const CANDIDATE_PAY_DIVISOR = 10_000n;
const STRETCHED_PAY = ONE_USD / 50n;
const LEAST_PAID_NOTIONAL = 2_000n * ONE_USD;
/** The caller's part of a liquidation fee: a quarter, of pips. */
const CALLER_PIPS = 4n * 1_000_000n;
/** From the beginning of deleveraging on, after which the opposite side may be charged. */
const SHARED_AFTER_SECONDS = 45;
/** Candidates that are ranked, and that are tried at once. */
const MAX_RANKED = 64;
const MAX_CANDIDATES = 4;
/** A distress that nobody notes for 30 s begins anew: it is noted this often. */
const DISTRESS_SECONDS = 5;
const MAX_DEAD = 20;
const MAX_RESTED = 50_000;
/** As long as a tick liquidates. */
const TICK_SECONDS = 5;

interface Parts {
  readonly connection: Connection;
  readonly config: KeeperConfig;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** What is attempted of one scope, or one trigger. */
interface Work {
  readonly key: string;
  readonly items: readonly ProItem[];
  readonly view?: ScopeView;
  readonly fire?: Firing;
  /** Left for the keeper of the trigger, quote. */
  readonly tip: bigint;
  /** Markets whose prices it needs. */
  readonly markets: readonly number[];
}

export class ProKeeping {
  /** Seconds of the chain in which a scope's distress was noted last. */
  private readonly notedAt = new Map<bigint, number>();
  /** Seconds of the chain in which something did nothing: another second brings another tick. */
  private readonly restedAt = new Map<string, number>();
  private readonly settling: Settling;

  constructor(
    private readonly parts: Parts,
    private readonly dispatcher: Dispatcher,
    private readonly moment: Moment,
    public board: ProBoard,
  ) {
    this.settling = new Settling(parts.connection, parts.config.pro.maxItems);
  }

  /** Tries what is due, and sends what does something. */
  async work(): Promise<void> {
    await this.board.read();
    const works = [...(await this.scopeWorks()), ...this.triggerWorks()];
    const { maxItems } = this.parts.config.pro;
    for (let start = 0; start < works.length; start += maxItems) {
      if (this.dispatcher.isFull) return;
      await this.send(works.slice(start, start + maxItems));
    }
  }

  /** Takes off what is dead: expired orders for nothing, those of stretched scopes for a little; and settles what is delisted. */
  async end(): Promise<void> {
    const dead = this.board.dead(this.moment.now).filter((id) => this.isOurs(id, 0) && this.isFree(`pro order ${id}`));
    if (dead.length > 0 && !this.dispatcher.isFull) await this.cancelDead(dead.slice(0, MAX_DEAD));
    for (const { orders, scope } of this.board.stretched()) {
      const key = `pro stretched ${scope}`;
      if (this.dispatcher.isFull) return;
      if (this.isFree(key) && this.isOurs(accountOfScope(scope), 0)) await this.cancelStretched(key, scope, orders);
    }
    await this.settle();
  }

  /** Nobody is paid for it: each step of a market may cost a little. */
  private async settle(): Promise<void> {
    const { connection, config } = this.parts;
    if (this.dispatcher.isFull) return;
    const keyOf = (market: number) => `pro settling ${market}`;
    const isFree = (market: number) => this.isFree(keyOf(market)) && this.isOurs(BigInt(market), 0);
    const found = await this.settling.next(this.board, this.dispatcher.account, this.moment.now, isFree);
    if (found === undefined) return;
    const call = proCallOf(connection, found.batch);
    const value = call.proofs.length === 0 ? 0n : await feeOf(connection, call.proofs);
    const gas = gasOf(found.batch, call.proofs.length);
    const worthUsd = config.pro.dutyUsd * BigInt(found.batch.items.length);
    const gasLimit = 2n * gas + ITEM_RESERVE + RESERVE_MARGIN;
    await this.plain({ ...call, keys: [keyOf(found.market)], gas, worthUsd, value, gasLimit });
  }

  private isFree(key: string): boolean {
    if (this.restedAt.get(key) === this.moment.now) return false;
    return !this.dispatcher.isBusy(key) && !this.dispatcher.resting.has(key);
  }

  /** Where several keepers run each has its part, and takes up the others' later. */
  private isOurs(id: bigint, since: number): boolean {
    const { share } = this.parts.config;
    if (share === undefined || Number(id % BigInt(share.count)) === share.index) return true;
    return (this.moment.now - since) * 1_000 >= share.patienceMs;
  }

  private async scopeWorks(): Promise<Work[]> {
    const works: Work[] = [];
    for (const { since, view } of this.board.dueScopes()) {
      const key = `pro scope ${view.scope}`;
      if (!this.isFree(key) || !this.isOurs(accountOfScope(view.scope), since)) continue;
      works.push(await this.scopeWork(key, view));
      if (works.length >= this.parts.config.pro.maxItems) break;
    }
    return works;
  }

  private async scopeWork(key: string, view: ScopeView): Promise<Work> {
    const { market, scope } = view;
    const step = { task: TASK.liquidate, market, scope, other: 0n } as const;
    // The first call takes the scope's orders off, the next one reduces.
    const steps: ProItem[] = this.board.ordersOf(scope).length > 0 ? [step, step] : [step];
    const distress = this.board.state.distress.get(scope);
    const passing = distress === undefined ? [] : await this.passings(view, distress.adlSince);
    return { key, items: [...steps, ...passing], view, tip: 0n, markets: this.board.marketsOf(scope) };
  }

  /** Winners on the other side, the highest return first; once the threshold is gone also those who bear the rest of the loss. */
  private async passings({ equity, market, scope }: ScopeView, adlSince: number): Promise<ProItem[]> {
    const { contracts, reader } = this.parts.connection;
    const opposite = this.board.state.opposite(market, accountOfScope(scope)).slice(0, MAX_RANKED);
    if (opposite.length === 0) return [];
    const ranks = await reader.all(
      opposite.map((account) => query(LENS, contracts.proLens, "adlRank", [contracts.pro, market, account, []])),
    );
    const ranked = opposite.map((account, at) => ({ account, score: ranks[at].scoreX18 }));
    ranked.sort((a, b) => (a.score === b.score ? 0 : a.score < b.score ? 1 : -1));
    const best = ranked.slice(0, MAX_CANDIDATES);
    const items = best.map(({ account: other }): ProItem => ({ task: TASK.deleverage, market, scope, other }));
    if (equity >= 0n || adlSince === 0 || this.moment.now - adlSince < SHARED_AFTER_SECONDS) return items;
    const bearers = opposite.slice(0, MAX_CANDIDATES);
    return [...items, ...bearers.map((other): ProItem => ({ task: TASK.shareLoss, market, scope, other }))];
  }

  /** What an outcome pays, quote; what pays nobody and is owed may cost a little. */
  private payOf({ tip, view }: Work, item: ProItem | undefined, { outcome }: ProItemOutcome): bigint {
    const { dutyUsd } = this.parts.config.pro;
    if (outcome === "Triggered") return tip;
    // What fills in part pays its part.
    if (outcome === "PartlyTriggered") return tip / 2n;
    if (outcome === "Deleveraged" && view !== undefined) {
      // He gives up no more than the position has. What pays too little is owed all the same.
      const share = view.notional / CANDIDATE_PAY_DIVISOR;
      const pay = share < CANDIDATE_PAY ? share : CANDIDATE_PAY;
      return pay > dutyUsd ? pay : dutyUsd;
    }
    if (outcome !== "Reduced" || item === undefined || view === undefined) return dutyUsd;
    if (view.equity <= 0n) return view.notional >= LEAST_PAID_NOTIONAL ? CANDIDATE_PAY : dutyUsd;
    const feePips = BigInt(this.board.state.markets.get(item.market)?.liquidationFeePips ?? 0);
    // A step may close a part: half of the whole is a fair guess, and no more than the equity that is there.
    const pay = (view.notional * feePips) / CALLER_PIPS / 2n;
    return pay < view.equity ? pay : view.equity;
  }

  private triggerWorks(): Work[] {
    const works: Work[] = [];
    for (const fire of this.board.firings(this.moment.now)) {
      const key = `pro trigger ${fire.id}`;
      const record = this.board.triggerOf(fire.id);
      if (record === undefined || !this.isFree(key) || !this.isOurs(fire.id, fire.tick.publishTime)) continue;
      const markets = this.board.marketsOfTip(record.account, record.market);
      works.push({ key, items: [], fire, tip: record.tip, markets });
    }
    return works;
  }

  /** Sends works together, less those that do nothing, if they are worth their cost. */
  private async send(works: readonly Work[]): Promise<void> {
    const { connection, log, metrics } = this.parts;
    const batch = this.batchOf(works);
    if (batch === undefined) return;
    const call = proCallOf(connection, batch);
    const gas = gasOf(batch, call.proofs.length);
    const gasLimit = 2n * gas + ITEM_RESERVE + RESERVE_MARGIN;
    let outcomes: ProItemOutcome[];
    let value: bigint;
    try {
      value = await feeOf(connection, call.proofs);
      outcomes = await tryProBatch(connection, this.dispatcher.account, call, batch.fires.length > 0, value, gasLimit);
    } catch (thrown) {
      const error = explained(thrown);
      log.warn({ error: textOf(error), works: works.map(({ key }) => key) }, "a batch of Pro would revert");
      if (error instanceof RefusedError) for (const { key } of works) this.rest(key, "Failed", "None");
      return;
    }
    const { doing, isTrimmed, pay } = this.sift(works, outcomes.slice(batch.refreshes.length));
    if (doing.length === 0) return;
    if (isTrimmed) return this.send(doing);
    const { market: price, nativePrice } = this.moment;
    const dataWei = await this.dispatcher.dataFee.estimate(call.to, call.data);
    const costUsd = weiToUsd(gas * (price.base + price.tip) + dataWei + value, nativePrice);
    const payUsd = pay.reduce((sum, each) => sum + each, 0n);
    const keys = works.map(({ key }) => key);
    if (payUsd - costUsd < this.parts.config.fees.minProfitUsd) {
      const less = this.withoutWorst(works, pay);
      if (less !== undefined) return this.send(less);
      log.debug({ keys, payUsd: shownUsd(payUsd), costUsd: shownUsd(costUsd) }, "does not pay");
      metrics.unprofitable.inc(works.length);
      for (const key of keys) this.rest(key, "Failed", "None");
      return;
    }
    const bidPrice = bid(price, feesOf(this.parts.config), usdToWei(payUsd - costUsd, nativePrice), gas);
    const until = this.moment.now + TICK_SECONDS;
    await this.dispatcher.submit(
      { to: call.to, data: call.data, value, gasLimit, price: bidPrice, keys, until },
      works.map(({ key }, at) => ({ key, payUsd: pay[at] })),
    );
    for (const { view } of works) {
      if (view === undefined) continue;
      this.board.tried(view.scope);
      this.notedAt.set(view.scope, this.moment.now);
    }
  }

  /** Works that do not pay together, without the one that costs most beyond what it adds; undefined: each adds more than it costs. */
  private withoutWorst(works: readonly Work[], pay: readonly bigint[]): Work[] | undefined {
    if (works.length < 2) return undefined;
    const { market, nativePrice } = this.moment;
    const price = market.base + market.tip;
    const costOf = (some: readonly Work[]) => {
      const batch = this.batchOf(some);
      return batch === undefined ? 0n : weiToUsd(gasOf(batch, 1) * price, nativePrice);
    };
    const whole = costOf(works);
    let worst: { readonly work: Work; readonly surplus: bigint } | undefined;
    for (const [at, work] of works.entries()) {
      const others = works.filter((each) => each !== work);
      const surplus = pay[at] - (whole - costOf(others));
      if (surplus < (worst?.surplus ?? 0n)) worst = { work, surplus };
    }
    if (worst === undefined) return undefined;
    const { key } = worst.work;
    this.parts.metrics.unprofitable.inc();
    this.rest(key, "Failed", "None");
    return works.filter((work) => work !== worst.work);
  }

  /** What of works does something: those that do nothing rest, and lose of their items those that don't. */
  private sift(works: readonly Work[], outcomes: readonly ProItemOutcome[]) {
    const doing: Work[] = [];
    const pay: bigint[] = [];
    let item = 0;
    let fire = works.reduce((sum, { items }) => sum + items.length, 0);
    let isTrimmed = false;
    for (const work of works) {
      const found = work.fire === undefined ? outcomes.slice(item, (item += work.items.length)) : [outcomes[fire++]];
      const useful = found.map((each) => !this.isIdle(work, each));
      if (!useful.includes(true)) {
        isTrimmed = true;
        if (work.view !== undefined) this.board.tried(work.view.scope);
        this.rest(work.key, found[0].outcome, found[0].reason);
        continue;
      }
      if (useful.includes(false)) isTrimmed = true;
      doing.push({ ...work, items: work.items.filter((_, at) => useful[at]) });
      pay.push(found.reduce((sum, each, at) => (useful[at] ? sum + this.payOf(work, work.items[at], each) : sum), 0n));
    }
    return { doing, isTrimmed, pay };
  }

  /** Nothing that is worth a call; a distress that was noted long enough ago is noted again, and a clock that may begin begins. */
  private isIdle({ view }: Work, { outcome, reason }: ProItemOutcome): boolean {
    if (outcome === "Failed") return true;
    const distress = view && this.board.state.distress.get(view.scope);
    if (outcome === "Distressed") {
      const notedAt = view && this.notedAt.get(view.scope);
      return distress !== undefined && notedAt !== undefined && this.moment.now - notedAt < DISTRESS_SECONDS;
    }
    return outcome === "Skipped" && !(reason === "ScoreTooLow" && distress?.adlSince === 0);
  }

  /** Works with the latest ticks of their markets; undefined: one of them has none. */
  private batchOf(works: readonly Work[]): ProBatch | undefined {
    const markets = [...new Set(works.flatMap((work) => work.markets))];
    const refreshes = markets.flatMap((market) => {
      const tick = this.board.latestTick(market, this.moment.now);
      return tick === undefined ? [] : [{ market, tick }];
    });
    if (refreshes.length === 0) return undefined;
    return {
      refreshes,
      items: works.flatMap(({ items }) => items),
      fires: works.flatMap(({ fire }) => (fire === undefined ? [] : [fire])),
    };
  }

  private async cancelDead(orders: readonly bigint[]): Promise<void> {
    const { contracts } = this.parts.connection;
    const keys = orders.map((id) => `pro order ${id}`);
    const gas = GAS.ending + GAS.order * BigInt(orders.length);
    await this.plain({
      to: contracts.pro,
      data: cancelDeadData(orders),
      keys,
      gas,
      worthUsd: this.parts.config.fees.dutyUsd,
    });
  }

  private async cancelStretched(key: string, scope: bigint, orders: readonly bigint[]): Promise<void> {
    const { connection, log } = this.parts;
    const { contracts, provider } = connection;
    const data = cancelStretchedData(scope, orders, this.dispatcher.account);
    const worthUsd = STRETCHED_PAY * BigInt(orders.length);
    const gas = GAS.ending + GAS.order * BigInt(orders.length);
    const answer = await provider.call({ from: this.dispatcher.account, to: contracts.pro, data });
    const { outcome, reason } = stretchedOutcome(answer);
    if (outcome === "Cancelled") {
      await this.plain({ to: contracts.pro, data, keys: [key], gas, worthUsd });
      return;
    }
    if (reason === "IndexStale" || reason === "IndexMissing") {
      await this.refreshFor(key, scope, worthUsd, gas);
      return;
    }
    log.debug({ key, reason }, "is not stretched");
    this.board.tried(scope);
    this.rest(key, "Skipped", reason);
  }

  /** Brings the prices of a scope, for what is done in the next block with them. */
  private async refreshFor(key: string, scope: bigint, worthUsd: bigint, gas: bigint): Promise<void> {
    const { connection } = this.parts;
    const markets = this.board.marketsOf(scope);
    const refreshes = markets.flatMap((market) => {
      const tick = this.board.latestTick(market, this.moment.now);
      return tick === undefined ? [] : [{ market, tick }];
    });
    const busy = `${key} prices`;
    if (refreshes.length < markets.length || !this.isFree(busy)) return;
    const call = proCallOf(connection, { refreshes, items: [], fires: [] });
    const value = await feeOf(connection, call.proofs);
    const own = gasOf({ refreshes, items: [], fires: [] }, call.proofs.length);
    const gasCostUsd = weiToUsd(gas * (this.moment.market.base + this.moment.market.tip), this.moment.nativePrice);
    const gasLimit = 2n * own + ITEM_RESERVE + RESERVE_MARGIN;
    await this.plain({ ...call, keys: [busy], gas: own, worthUsd: worthUsd - gasCostUsd, value, gasLimit });
  }

  /** A call that is worth so much, if it costs less. */
  private async plain(call: {
    readonly to: string;
    readonly data: string;
    readonly keys: readonly string[];
    readonly gas: bigint;
    readonly worthUsd: bigint;
    readonly value?: bigint;
    readonly gasLimit?: bigint;
  }): Promise<void> {
    const { to, data, keys, gas, worthUsd, value = 0n, gasLimit = 2n * gas } = call;
    const { market, nativePrice } = this.moment;
    const dataWei = await this.dispatcher.dataFee.estimate(to, data);
    const costUsd = weiToUsd(gas * (market.base + market.tip) + dataWei + value, nativePrice);
    if (costUsd > worthUsd) {
      this.parts.log.debug({ keys, payUsd: shownUsd(worthUsd), costUsd: shownUsd(costUsd) }, "does not pay");
      this.parts.metrics.unprofitable.inc(keys.length);
      for (const key of keys) this.rest(key, "Failed", "None");
      return;
    }
    const price = bid(market, feesOf(this.parts.config), 0n, gas);
    await this.dispatcher.submit({ to, data, value, gasLimit, price, keys, until: this.moment.now + 60 }, []);
  }

  private rest(key: string, outcome: ProItemOutcome["outcome"], reason: (typeof ProReason)[number]): void {
    if (outcome === "Failed") this.dispatcher.resting.add(key, { outcome });
    if (this.restedAt.size > MAX_RESTED) this.restedAt.clear();
    this.restedAt.set(key, this.moment.now);
    this.parts.log.debug({ key, outcome, reason }, "does nothing yet");
  }
}

function gasOf({ fires, items, refreshes }: ProBatch, proofs: number): bigint {
  const count = (list: readonly unknown[]) => BigInt(list.length);
  return (
    GAS.base +
    GAS.proof * BigInt(Math.max(0, proofs - 1)) +
    GAS.refresh * count(refreshes) +
    items.reduce((sum, { task }) => sum + GAS.item[task], 0n) +
    GAS.fire * count(fires)
  );
}
