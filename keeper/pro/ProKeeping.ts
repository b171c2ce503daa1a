/** Keeps the order book: liquidates, passes positions on, fires triggers, rolls grids, takes dead orders off, as far as it pays or is owed. */
import { RefusedError, explained } from "@asterism/sdk";
import type { Connection, ProReason } from "@asterism/sdk";
import type { Logger } from "pino";
import { textOf } from "../chain/Rpc";
import type { KeeperConfig } from "../config";
import { bid } from "../send/fees";
import { usdToWei, weiToUsd, worthOf } from "../send/profit";
import type { Tick } from "../ticks/TickBook";
import type { Metrics } from "../watch/metrics";
import type { Dispatcher } from "../work/Dispatcher";
import { feesOf, shownUsd } from "../work/Dispatcher";
import type { Moment } from "../work/Scene";
import { feeOf } from "../work/trials";
import { FRESH_SECONDS } from "./GridBoard";
import type { ProBoard, ScopeView } from "./ProBoard";
import { MARKET_STATUS } from "./ProIndexer";
import type { ProChange } from "./ProIndexer";
import { TASK, cancelDeadData, cancelStretchedData, proCallOf, stretchedOutcome, tryProBatch } from "./calls";
import type { ProBatch, ProItem, ProItemOutcome } from "./calls";
import { Settling } from "./Settling";
import { accountOfOrder, accountOfScope, ownerOfAccount } from "./ids";
import { passingsOf } from "./passings";
import { GAS, LINE_PAY, STRETCHED_PAY, gasOf, payOf } from "./works";
import type { ProWork } from "./works";

/** What has to be there before each item; it is not used. */
const ITEM_RESERVE = 6_400_000n;
const RESERVE_MARGIN = 200_000n;
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

export class ProKeeping {
  /** Seconds of the chain in which a scope's distress was noted last. */
  private readonly notedAt = new Map<bigint, number>();
  /** Seconds of the chain in which something did nothing: another second brings another tick. */
  private readonly restedAt = new Map<string, number>();
  /** Of scopes how often those who were asked to bear the loss could not. */
  private readonly turns = new Map<bigint, number>();
  private readonly settling: Settling;

  constructor(
    private readonly parts: Parts,
    private readonly dispatcher: Dispatcher,
    private readonly moment: Moment,
    public board: ProBoard,
  ) {
    this.settling = new Settling(parts.connection, parts.config.pro.maxItems);
  }

  /** Takes up what has happened. */
  changed(change: ProChange): void {
    this.board.apply(change);
    for (const key of change.grids) {
      const grid = this.board.state.grids.get(key);
      if (grid !== undefined) this.dispatcher.resting.forget(gridName(grid.id));
    }
  }

  /** Tries what is due, and sends what does something. */
  async work(): Promise<void> {
    await this.board.read();
    await this.sendAll([...(await this.scopeWorks()), ...this.triggerWorks()]);
    if (this.parts.config.pro.rollsGrids) for (const works of this.gridWorks()) await this.sendAll(works);
  }

  private async sendAll(works: readonly ProWork[]): Promise<void> {
    const { maxItems } = this.parts.config.pro;
    for (let start = 0; start < works.length; start += maxItems) {
      if (this.dispatcher.isFull) return;
      await this.send(works.slice(start, start + maxItems));
    }
  }

  /** Takes off what is dead: expired orders for nothing, those of stretched scopes for a little; and settles what is delisted. */
  async end(): Promise<void> {
    const dead = this.board
      .dead(this.moment.now)
      .filter(({ due: id, since }) => this.isOfOurs(accountOfOrder(id), since) && this.isFree(`pro order ${id}`))
      .map(({ due }) => due);
    if (dead.length > 0 && !this.dispatcher.isHalfFull) await this.cancelDead(dead.slice(0, MAX_DEAD));
    for (const { due, since } of this.board.stretched()) {
      const { orders, scope } = due;
      const key = `pro stretched ${scope}`;
      if (this.dispatcher.isHalfFull) return;
      if (this.isFree(key) && this.isOfOurs(accountOfScope(scope), since))
        await this.cancelStretched(key, scope, orders);
    }
    await this.settle();
  }

  /** Nobody is paid for it: each step of a market may cost a little. */
  private async settle(): Promise<void> {
    const { connection, config } = this.parts;
    if (this.dispatcher.isHalfFull) return;
    const keyOf = (market: number) => `pro settling ${market}`;
    const isFree = (market: number, since: number) => this.isFree(keyOf(market)) && this.isOurs(BigInt(market), since);
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
  private isOurs(number: bigint, since: number): boolean {
    const { share } = this.parts.config;
    if (share === undefined || Number(number % BigInt(share.count)) === share.index) return true;
    return (this.moment.now - since) * 1_000 >= share.patienceMs;
  }

  /** Of what is an account's: most accounts of an owner are his first. */
  private isOfOurs(account: bigint, since: number): boolean {
    return this.isOurs(ownerOfAccount(account) + account, since);
  }

  private async scopeWorks(): Promise<ProWork[]> {
    const works: ProWork[] = [];
    for (const { since, view } of this.board.dueScopes()) {
      const key = `pro scope ${view.scope}`;
      if (!this.isFree(key) || !this.isOfOurs(accountOfScope(view.scope), since)) continue;
      works.push(await this.scopeWork(key, view));
      if (works.length >= this.parts.config.pro.maxItems) break;
    }
    return works;
  }

  private async scopeWork(key: string, view: ScopeView): Promise<ProWork> {
    const { market, scope } = view;
    const step = { task: TASK.liquidate, market, scope, other: 0n } as const;
    // The first call takes the scope's orders off, the next one reduces.
    const steps: ProItem[] = this.board.ordersOf(scope).length > 0 ? [step, step] : [step];
    const turn = this.turns.get(scope) ?? 0;
    const passing = await passingsOf(this.parts.connection, this.board, view, this.moment.now, turn);
    return { key, items: [...steps, ...passing], view, tip: 0n, markets: this.board.marketsOf(scope) };
  }

  private triggerWorks(): ProWork[] {
    const works: ProWork[] = [];
    for (const fire of this.board.firings(this.moment.now)) {
      const key = `pro trigger ${fire.id}`;
      const record = this.board.triggerOf(fire.id);
      if (record === undefined || !this.isFree(key) || !this.isOfOurs(record.account, fire.tick.publishTime)) continue;
      const markets = this.board.marketsOfTip(record.account, record.market);
      works.push({ key, items: [], fire, tip: record.tip, markets });
    }
    return works;
  }

  /** Grids that are worth a roll and whose prices are fresh enough to be paid at; those that a stop ends apart, by its tick. */
  private gridWorks(): ProWork[][] {
    const groups = new Map<Tick | undefined, ProWork[]>();
    for (const { grid, isOver, lines, since, stop } of this.board.grids.views(this.moment.now)) {
      const { account, id, market } = grid;
      const key = gridName(id);
      if (lines === 0 || !this.isFree(key) || !this.isOfOurs(account, since)) continue;
      const markets = this.board.marketsOfTip(account, market);
      if (!markets.every((each) => this.isFresh(each, stop))) continue;
      const work = { key, items: [], roll: { id, lines, isOver }, tip: BigInt(lines) * LINE_PAY, markets, tick: stop };
      groups.set(stop, [...(groups.get(stop) ?? []), work]);
    }
    return [...groups.values()];
  }

  /** Whether a market has a tick that is young enough to be paid at, or needs none. */
  private isFresh(market: number, stop: Tick | undefined): boolean {
    const tick = this.tickOf(market, stop);
    return this.isSettling(market) || (tick !== undefined && this.moment.now <= tick.publishTime + FRESH_SECONDS);
  }

  private isSettling(market: number): boolean {
    return this.board.state.markets.get(market)?.status === MARKET_STATUS.settling;
  }

  /** The tick that a market is brought: of its asset the one that is asked for, else the latest. */
  private tickOf(market: number, asked: Tick | undefined): Tick | undefined {
    const assetId = this.board.state.markets.get(market)?.assetId;
    return asked?.assetId === assetId ? asked : this.board.latestTick(market, this.moment.now);
  }

  /** Sends works together, less those that do nothing, if they are worth their cost. */
  private async send(works: readonly ProWork[]): Promise<void> {
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
      outcomes = await tryProBatch(connection, this.dispatcher.account, call, value, gasLimit);
    } catch (thrown) {
      const error = explained(thrown);
      log.warn({ error: textOf(error), works: works.map(({ key }) => key) }, "a batch of Pro would revert");
      if (!(error instanceof RefusedError)) return;
      // A proof that is refused is one of its markets': the others go on.
      if (works.length > 1) for (const work of works) await this.send([work]);
      else this.rest(works[0].key, "Failed", "None");
      return;
    }
    const unpaid = this.unpaidOf(works, batch, outcomes);
    if (unpaid.length > 0) {
      for (const { key } of unpaid) this.rest(key, "Failed", "IndexStale");
      const others = works.filter((work) => !unpaid.includes(work));
      return others.length === 0 ? undefined : this.send(others);
    }
    const { doing, isTrimmed, pay } = this.sift(works, outcomes.slice(batch.refreshes.length));
    if (doing.length === 0) return;
    if (isTrimmed) return this.send(doing);
    const { market: price, nativePrice } = this.moment;
    const dataWei = await this.dispatcher.dataFee.estimate(call.to, call.data);
    const costUsd = weiToUsd(gas * (price.base + price.tip) + dataWei + value, nativePrice);
    const payUsd = pay.reduce((sum, each) => sum + each, 0n);
    const keys = works.map(({ key }) => key);
    const { minProfitUsd } = this.parts.config.fees;
    if (payUsd - costUsd < minProfitUsd) {
      const less = this.withoutWorst(works, pay);
      if (less !== undefined) return this.send(less);
      log.debug({ keys, payUsd: shownUsd(payUsd), costUsd: shownUsd(costUsd) }, "does not pay");
      metrics.unprofitable.inc(works.length);
      for (const key of keys) this.rest(key, "Failed", "None");
      return;
    }
    const bidPrice = bid(price, feesOf(this.parts.config), usdToWei(payUsd - costUsd, nativePrice), gas);
    const from = batch.rolls.length === 0 ? [] : batch.refreshes.map(({ tick }) => tick.publishTime);
    const until = Math.min(this.moment.now, ...from) + TICK_SECONDS;
    const worth = worthOf(payUsd - minProfitUsd, dataWei + value, gas, nativePrice);
    await this.dispatcher.submit(
      { to: call.to, data: call.data, value, gasLimit, price: bidPrice, worth, keys, until },
      works.map(({ key }, at) => ({ key, payUsd: pay[at] })),
    );
    for (const { view } of works) {
      if (view === undefined) continue;
      this.board.tried(view.scope);
      this.notedAt.set(view.scope, this.moment.now);
    }
  }

  /** Of grids those that would be rolled at an index which is too old for their pay. */
  private unpaidOf(works: readonly ProWork[], { refreshes }: ProBatch, outcomes: readonly ProItemOutcome[]): ProWork[] {
    const old = refreshes.filter(({ market }, at) => {
      const { outcome, reason } = outcomes[at];
      // What is stored may be newer still.
      return outcome !== "Refreshed" && reason !== "TickNotNewer" && !this.isSettling(market);
    });
    return works.filter(
      ({ markets, roll }) => roll !== undefined && old.some(({ market }) => markets.includes(market)),
    );
  }

  /** Works that do not pay together, without the one that costs most beyond what it adds; undefined: each adds more than it costs. */
  private withoutWorst(works: readonly ProWork[], pay: readonly bigint[]): ProWork[] | undefined {
    if (works.length < 2) return undefined;
    const { market, nativePrice } = this.moment;
    const price = market.base + market.tip;
    const costOf = (some: readonly ProWork[]) => {
      const batch = this.batchOf(some);
      return batch === undefined ? 0n : weiToUsd(gasOf(batch, 1) * price, nativePrice);
    };
    const whole = costOf(works);
    let worst: { readonly work: ProWork; readonly surplus: bigint } | undefined;
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
  private sift(works: readonly ProWork[], outcomes: readonly ProItemOutcome[]) {
    const doing: ProWork[] = [];
    const pay: bigint[] = [];
    let item = 0;
    // Triggers and grids come after all items.
    let last = works.reduce((sum, { items }) => sum + items.length, 0);
    let isTrimmed = false;
    for (const work of works) {
      const isLast = work.fire !== undefined || work.roll !== undefined;
      const found = isLast ? [outcomes[last++]] : outcomes.slice(item, (item += work.items.length));
      const useful = found.map((each) => !this.isIdle(work, each));
      this.noteBearers(work, useful);
      if (!useful.includes(true)) {
        isTrimmed = true;
        if (work.view !== undefined) this.board.tried(work.view.scope);
        // What a grid lacks is not there a second later: it waits for a change, or ever longer.
        this.rest(work.key, work.roll === undefined ? found[0].outcome : "Failed", found[0].reason);
        continue;
      }
      if (useful.includes(false)) isTrimmed = true;
      doing.push({ ...work, items: work.items.filter((_, at) => useful[at]) });
      pay.push(found.reduce((sum, each, at) => (useful[at] ? sum + this.payOf(work, each) : sum), 0n));
    }
    return { doing, isTrimmed, pay };
  }

  /** Where none of those who were asked to bear a loss can, others are asked the next time. */
  private noteBearers({ items, view }: ProWork, useful: readonly boolean[]): void {
    const asked = useful.filter((_, at) => items.at(at)?.task === TASK.shareLoss);
    if (view === undefined || asked.length === 0) return;
    if (asked.includes(true)) this.turns.delete(view.scope);
    else this.turns.set(view.scope, (this.turns.get(view.scope) ?? 0) + 1);
    if (this.turns.size > MAX_RESTED) this.turns.clear();
  }

  private payOf(work: ProWork, outcome: ProItemOutcome): bigint {
    const market = work.view === undefined ? undefined : this.board.state.markets.get(work.view.market);
    return payOf(work, outcome, market?.liquidationFeePips ?? 0, this.parts.config.pro.dutyUsd);
  }

  /** Nothing that is worth a call; a distress that was noted long enough ago is noted again, and a clock that may begin begins. */
  private isIdle({ view }: ProWork, { outcome, reason }: ProItemOutcome): boolean {
    if (outcome === "Failed") return true;
    const distress = view && this.board.state.distress.get(view.scope);
    if (outcome === "Distressed") {
      const notedAt = view && this.notedAt.get(view.scope);
      return distress !== undefined && notedAt !== undefined && this.moment.now - notedAt < DISTRESS_SECONDS;
    }
    return outcome === "Skipped" && !(reason === "ScoreTooLow" && distress?.adlSince === 0);
  }

  /** Works with the ticks of their markets; undefined: there are none, and they are needed. */
  private batchOf(works: readonly ProWork[]): ProBatch | undefined {
    const markets = [...new Set(works.flatMap((work) => work.markets))];
    const refreshes = markets.flatMap((market) => {
      const tick = this.tickOf(market, works[0].tick);
      return tick === undefined ? [] : [{ market, tick }];
    });
    if (refreshes.length === 0 && !markets.every((market) => this.isSettling(market))) return undefined;
    return {
      refreshes,
      items: works.flatMap(({ items }) => items),
      fires: works.flatMap(({ fire }) => (fire === undefined ? [] : [fire])),
      rolls: works.flatMap(({ roll }) => (roll === undefined ? [] : [roll])),
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
      worthUsd: this.parts.config.fees.dutyUsd * BigInt(orders.length),
    });
  }

  private async cancelStretched(key: string, scope: bigint, orders: readonly bigint[]): Promise<void> {
    const { connection, log } = this.parts;
    const { contracts, provider } = connection;
    const data = cancelStretchedData(scope, orders, this.dispatcher.account);
    const worthUsd = STRETCHED_PAY * BigInt(orders.length);
    const gas = GAS.stretched + GAS.order * BigInt(orders.length);
    const answer = await provider.call({ from: this.dispatcher.account, to: contracts.pro, data });
    const { outcome, reason } = stretchedOutcome(answer);
    if (outcome === "Cancelled") {
      await this.plain({ to: contracts.pro, data, keys: [key], gas, worthUsd });
      return;
    }
    if (reason === "IndexStale" || reason === "IndexMissing") {
      await this.refreshFor(scope, worthUsd, gas);
      return;
    }
    log.debug({ key, reason }, "is not stretched");
    this.board.tried(scope);
    this.rest(key, "Skipped", reason);
  }

  /** Brings the prices of a scope, for what is done in the next block with them. */
  private async refreshFor(scope: bigint, worthUsd: bigint, gas: bigint): Promise<void> {
    const { connection } = this.parts;
    const markets = this.board.marketsOf(scope);
    const refreshes = markets.flatMap((market) => {
      const tick = this.board.latestTick(market, this.moment.now);
      return tick === undefined ? [] : [{ market, tick }];
    });
    // Scopes of the same markets wait for the same prices.
    const busy = `pro markets ${markets.join(",")} prices`;
    if (refreshes.length < markets.length || !this.isFree(busy)) return;
    const batch: ProBatch = { refreshes, items: [], fires: [], rolls: [] };
    const call = proCallOf(connection, batch);
    const value = await feeOf(connection, call.proofs);
    const own = gasOf(batch, call.proofs.length);
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
    const worth = worthOf(worthUsd, dataWei + value, gas, nativePrice);
    await this.dispatcher.submit({ to, data, value, gasLimit, price, worth, keys, until: this.moment.now + 60 }, []);
  }

  private rest(key: string, outcome: ProItemOutcome["outcome"], reason: (typeof ProReason)[number]): void {
    if (outcome === "Failed") this.dispatcher.resting.add(key, { outcome });
    if (this.restedAt.size > MAX_RESTED) this.restedAt.clear();
    this.restedAt.set(key, this.moment.now);
    this.parts.log.debug({ key, outcome, reason }, "does nothing yet");
  }
}

const gridName = (id: bigint): string => `pro grid ${id}`;
