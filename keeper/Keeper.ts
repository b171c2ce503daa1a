import { Codec, ForgottenForkError, RefusedError, attemptOf, explained, query } from "@asterism/sdk";
import type { Connection, PriceSource } from "@asterism/sdk";
import { predictionAbi, priceAggregatorAbi, tradingAbi } from "@asterism/sdk/abis";
import type { Provider, Wallet } from "ethers";
import type { Logger } from "pino";
import type { NodeComparison } from "./chain/compare";
import type { Rpc } from "./chain/Rpc";
import { hostOf } from "./chain/Rpc";
import type { KeeperConfig } from "./config";
import { ArbitrumDataFee, NO_DATA_FEE, bid, marketPrice } from "./send/fees";
import type { DataFee, MarketPrice } from "./send/fees";
import { GAS, ITEM_RESERVE, gasOf, usdOf, usdToWei, weiToUsd } from "./send/profit";
import { NoFundsError, Sender } from "./send/Sender";
import type { Request, Settled } from "./send/Sender";
import { Ledger } from "./state/Ledger";
import { World } from "./state/World";
import type { Tick } from "./ticks/TickBook";
import { TickFeed } from "./ticks/TickFeed";
import type { Alarms } from "./watch/alarms";
import type { Metrics } from "./watch/metrics";
import { WorldWatch } from "./watch/WorldWatch";
import { Board } from "./work/Board";
import type { Ending } from "./work/Board";
import { batchesOf } from "./work/batches";
import type { Batch, Work } from "./work/batches";
import { Planner, keyOf } from "./work/Planner";
import type { Candidate } from "./work/Planner";
import { callOf, feeOf, tryBatch, tryTrades } from "./work/trials";
import type { Attempt, Trial } from "./work/trials";

const AGGREGATOR = new Codec(priceAggregatorAbi);
const TRADING = new Codec(tradingAbi);
const PREDICTION = new Codec(predictionAbi);

/** What a keeper works with. */
export interface KeeperParts {
  readonly connection: Connection;
  readonly provider: Provider & { send(method: string, params: unknown[]): Promise<unknown> };
  readonly prices: PriceSource;
  /** Who signs; null: a dry run. */
  readonly wallet: Wallet | null;
  readonly config: KeeperConfig;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly alarms: Alarms;
  /** The nodes one by one, where there are any to compare. */
  readonly nodes?: { readonly rpc: Rpc; readonly comparison: NodeComparison };
}

/** Something on its way, or that was tried in vain. */
interface Busy {
  /** Until its transaction is settled and its block was read; a block's number once it is mined. */
  block: number | undefined;
}

/** Something that was tried in vain, in a certain way. */
interface Rest {
  readonly until: number;
  readonly pause: number;
  readonly way: string;
}

/** What did nothing is tried again after so long, and what keeps doing nothing ever later. */
const RETRY_MS = 1_000;
const MAX_RETRY_MS = 16_000;
/** Things that are ended for nothing, in one round. */
const MAX_ENDINGS = 20;
/** After which another keeper's are taken up. */
const ENDING_PATIENCE_SECONDS = 10;
/** Whoever tries without a key is nobody in particular. */
const NOBODY = "0x000000000000000000000000000000000000dEaD";
const GAS_MARGIN_PERCENT = 120n;
/** Beyond what each item has to have before it: what a call gives on is 63 parts of 64, and what follows the last item. */
const RESERVE_MARGIN = 100_000n;
const NODES_EVERY_MS = 2_000;
/** A thing that could have been done so long ago and was not. */
const STUCK_SECONDS = 20;

export class Keeper {
  private readonly busy = new Map<string, Busy>();
  private readonly resting = new Map<string, Rest>();
  private readonly bad = new Set<Tick>();
  private now = 0;
  private nowReadAt = 0;
  private nativePrice = 0n;
  private market: MarketPrice = { base: 0n, tip: 0n };
  /** The latest block that was looked at. */
  private headHash = "";
  private inBackground: Promise<void> | undefined;
  private storedAt = performance.now();
  private comparedAt = -Infinity;
  private refreshedAt = -Infinity;
  private isTrusted = true;
  private readonly dataFee: DataFee;
  private readonly watch: WorldWatch;
  private readonly counts = { rounds: 0, sent: 0, done: 0 };

  private constructor(
    private readonly parts: KeeperParts,
    private ledger: Ledger,
    private readonly world: World,
    private board: Board,
    readonly feed: TickFeed,
    private planner: Planner,
    private readonly sender: Sender | null,
  ) {
    const { connection, log } = parts;
    this.dataFee =
      connection.chain.key === "arbitrum"
        ? new ArbitrumDataFee(connection.provider, () => log.debug("the node knows no price of data"))
        : NO_DATA_FEE;
    this.watch = new WorldWatch(connection, world, parts);
  }

  /** Reads what stands, from the state that was stored or from the contracts. */
  static async begin(parts: KeeperParts): Promise<Keeper> {
    const { connection, config, log, metrics, alarms, prices, provider, wallet } = parts;
    const startedAt = performance.now();
    const { state: path, replayBlocks, pageBlocks } = config;
    const ledger = await Ledger.open(connection, { path, replayBlocks, pageBlocks }, (reason) =>
      log.warn({ reason }, "the stored state is not taken: reading the contracts"),
    );
    const world = await World.read(connection);
    const nameOf = (assetId: number) => String(assetId);
    const feed = new TickFeed(prices, () => world.feeds, {
      silenceMs: config.silenceMs,
      onError: (error) => log.warn({ error: textOf(error) }, "prices"),
      onUpdate: (update) => keeper.watch.sawUpdate(update),
      onNotice: (notice) => {
        const asset = nameOf(notice.assetId);
        if (notice.kind === "gap") metrics.tickGaps.inc({ asset });
        else if (notice.kind === "sameSecond") metrics.sameSecond.inc({ asset });
        else metrics.disorder.inc({ asset });
        log.debug(notice, "ticks");
      },
    });
    const board = new Board(ledger, world, feed.book);
    const sender =
      wallet === null
        ? null
        : new Sender(provider, wallet, BigInt(connection.chain.chainId), {
            maxInFlight: config.send.maxInFlight,
            stuckMs: config.send.stuckSeconds * 1_000,
            maxFeePerGas: config.fees.maxFeeGwei,
            hasTips: hasTips(connection),
            privateUrl: config.send.privateRpc,
            privatePatienceMs: config.send.privatePatienceSeconds * 1_000,
            timeoutMs: config.rpcTimeoutMs,
            onNotice: ({ kind, ...notice }) => {
              const fields = "error" in notice ? { ...notice, error: textOf(notice.error) } : notice;
              log[kind === "sent" ? "debug" : "warn"](fields, `transaction ${kind}`);
              metrics.transactions.inc({ result: kind });
              if ("keys" in notice) for (const key of notice.keys) keeper.busy.set(key, { block: undefined });
              alarms.set("sending", kind === "refused", "error" in notice ? textOf(notice.error) : "");
            },
          });
    const keeper: Keeper = new Keeper(parts, ledger, world, board, feed, new Planner(ledger, board, feed), sender);
    await board.rebuild();
    const { orders, positions } = ledger.trades;
    log.info(
      {
        origin: ledger.origin,
        block: ledger.block,
        orders: orders.size,
        positions: positions.size,
        bets: ledger.bets.bets.size,
        ms: Math.round(performance.now() - startedAt),
        account: wallet?.address,
      },
      "reading done",
    );
    return keeper;
  }

  /** Works until the signal; then waits for what is on its way, and stores what it knows. */
  async run(signal: AbortSignal): Promise<void> {
    const { config, log, alarms } = this.parts;
    const streaming = this.feed.run(signal);
    this.fillIn();
    while (!signal.aborted) {
      const startedAt = performance.now();
      try {
        await this.step();
        alarms.end("round");
      } catch (error) {
        alarms.raise("round", textOf(error));
        log.warn({ error: textOf(error) }, "round");
      }
      await pause(Math.max(0, config.pollMs - (performance.now() - startedAt)), signal);
    }
    await streaming;
    await this.finish();
  }

  /** One round: reads what is new, and does what is due. */
  async step(): Promise<void> {
    const endTimer = this.parts.metrics.roundSeconds.startTimer();
    this.counts.rounds += 1;
    await this.readHead();
    await Promise.all([this.readChanges(), this.lookAround()]);
    for (const tick of this.feed.take()) {
      this.parts.metrics.ticks.inc({ asset: String(tick.assetId) });
      this.board.cross(tick);
    }
    await this.tend();
    if (this.isTrusted) {
      await this.work();
      await this.end();
    }
    this.store();
    this.measure();
    endTimer();
  }

  /** What health is told. */
  get status() {
    const { ledger, board, counts, now } = this;
    const { alarms, wallet } = { ...this.parts };
    return {
      ...{ block: ledger.block, time: now, ...board.size, crossed: board.crossings.size, inFlight: this.busy.size },
      ...{ rounds: counts.rounds, sent: counts.sent, done: counts.done, account: wallet?.address },
      alarms: alarms.current,
    };
  }

  /** Ticks of the seconds in which this keeper was not there, as far as they still do something. */
  private fillIn(): void {
    const now = this.now === 0 ? Math.floor(Date.now() / 1_000) : this.now;
    for (const { assetId } of this.world.feeds) this.feed.backfill(assetId, now - LOOK_BACK_SECONDS, now - 1);
  }

  private async finish(): Promise<void> {
    const { config, log } = this.parts;
    if (this.sender !== null) {
      const settled = await this.sender.drain(() => this.chainTime(), config.send.stuckSeconds * 1_000, config.pollMs);
      for (const each of settled) await this.take(each);
    }
    this.store(true);
    log.info(this.status, "stopped");
  }

  private async chainTime(): Promise<number> {
    return (await this.parts.connection.provider.getBlock("latest"))?.timestamp ?? this.now;
  }

  // Reading

  private async compareNodes(): Promise<void> {
    const { nodes, alarms, metrics } = this.parts;
    if (nodes === undefined || performance.now() - this.comparedAt < NODES_EVERY_MS) return;
    this.comparedAt = performance.now();
    const { best, lagging, failing, disputedBlock } = await nodes.comparison.look();
    const { urls } = nodes.rpc;
    alarms.set("nodes", best === undefined, urls.map(hostOf).join(", "));
    alarms.set("nodeLags", lagging.length > 0, lagging.map((index) => hostOf(urls[index])).join(", "));
    alarms.set("nodesDiffer", disputedBlock !== undefined, `block ${disputedBlock ?? 0}`);
    this.isTrusted = disputedBlock === undefined;
    for (const index of failing) metrics.nodeFaults.inc({ node: hostOf(urls[index]) });
    for (const [index, url] of urls.entries())
      metrics.nodeLagBlocks.set({ node: hostOf(url) }, lagging.includes(index) ? 1 : 0);
    if (best !== undefined) nodes.rpc.prefer(best);
  }

  private async readHead(): Promise<void> {
    const { connection, alarms, metrics, config } = this.parts;
    const block = await connection.provider.getBlock("latest");
    if (block === null) throw new Error("the node knows no latest block");
    this.headHash = block.hash ?? "";
    this.market = { ...this.market, base: block.baseFeePerGas ?? 0n };
    // Time never goes back: what a node that lags says is old.
    this.now = Math.max(this.now, block.timestamp);
    this.nowReadAt = performance.now();
    this.world.setTime(this.now);
    const drift = Date.now() / 1_000 - block.timestamp;
    metrics.driftSeconds.set(drift);
    alarms.set("drift", Math.abs(drift) > config.maxDriftSeconds, `${Math.round(drift)} s`);
  }

  private async readChanges(): Promise<void> {
    // Nothing new, and nothing undone.
    if (this.headHash === this.ledger.cursor.recent.at(-1)?.hash) return;
    try {
      for await (const change of this.ledger.catchUp()) {
        if (change.isReconfigured) this.refreshedAt = -Infinity;
        if (change.undoneAbove !== undefined) {
          this.parts.metrics.reorganisations.inc();
          this.parts.log.warn({ above: change.undoneAbove }, "the chain took blocks back");
          this.resting.clear();
          await this.board.rebuild();
        } else {
          await this.board.apply(change);
          for (const id of change.trades) this.resting.delete(keyOf("trading", id));
          for (const id of change.bets) this.resting.delete(keyOf("prediction", id));
        }
      }
    } catch (error) {
      if (!(error instanceof ForgottenForkError)) throw error;
      this.parts.log.error(
        { oldest: error.oldest },
        "the chain changed further back than is known: reading the contracts",
      );
      await this.readAnew();
    }
  }

  private async readAnew(): Promise<void> {
    const { connection, config } = this.parts;
    const { state: path, replayBlocks, pageBlocks } = config;
    this.ledger = await Ledger.read(connection, { path, replayBlocks, pageBlocks });
    this.board = new Board(this.ledger, this.world, this.feed.book);
    this.planner = new Planner(this.ledger, this.board, this.feed);
    await this.board.rebuild();
  }

  /** What surrounds the work: beside it, and waited for the first time alone. */
  private async lookAround(): Promise<void> {
    if (this.inBackground !== undefined || performance.now() - this.refreshedAt < REFRESH_MS) return;
    const isFirst = this.nativePrice === 0n;
    this.refreshedAt = performance.now();
    this.inBackground = this.refresh()
      .catch((error: unknown) => {
        this.refreshedAt = -Infinity;
        if (isFirst) throw error;
        this.parts.log.warn({ error: textOf(error) }, "what surrounds the keeper");
      })
      .finally(() => (this.inBackground = undefined));
    if (isFirst) await this.inBackground;
  }

  private async refresh(): Promise<void> {
    const { provider } = this.parts.connection;
    const [price, market] = await Promise.all([
      this.priceOfNative(),
      marketPrice(provider, hasTips(this.parts.connection)),
      this.world.refresh(),
      this.compareNodes(),
    ]);
    this.nativePrice = price;
    this.market = market;
    await this.watch.look(this.now, this.feed.silentForMs);
  }

  private async priceOfNative(): Promise<bigint> {
    const { chain, contracts, reader } = this.parts.connection;
    const wrapped = chain.tokens[chain.wrappedNativeSymbol] as { asset: string } | undefined;
    const asset = wrapped && chain.assets[wrapped.asset as keyof typeof chain.assets];
    if (asset === undefined) return 0n;
    const { price } = await reader.one(query(AGGREGATOR, contracts.priceAggregator, "tokenPrice", [asset.id]));
    // A coin whose feeds are silent for a while still costs what it did.
    return price === 0n ? this.nativePrice : price;
  }

  // Working

  private async work(): Promise<void> {
    if (this.sender?.isFull() === true) return;
    const candidates = this.planner.candidates(this.now).filter((candidate) => this.isFree(candidate));
    if (candidates.length === 0) return;
    const trades = candidates.filter(({ product }) => product === "trading");
    const works = await this.tryTrades(trades);
    for (const { key, product, ways, until } of candidates) {
      if (product === "prediction") works.push({ key, attempt: ways[0], ...this.betValue(ways[0].id), until });
    }
    for (const batch of batchesOf(works, this.parts.config.batch)) {
      if (this.sender?.isFull() === true) break;
      await this.send(batch);
    }
  }

  private isFree({ key, id, since, ways }: Candidate): boolean {
    if (this.busy.has(key)) return false;
    const rest = this.resting.get(key);
    if (rest !== undefined && rest.way === wayOf(ways[0]) && rest.until > performance.now()) return false;
    if (ways.some((way) => this.isBad(way.execution?.tick) || this.isBad(way.liquidation?.tick))) return false;
    const { share } = this.parts.config;
    if (share === undefined || Number(id % BigInt(share.count)) === share.index) return true;
    // Seconds of the chain pass by block: what is left is measured here.
    const lateMs = (this.now - since) * 1_000 + (performance.now() - this.nowReadAt);
    return lateMs >= share.patienceMs;
  }

  private isBad(tick: Tick | undefined): boolean {
    return tick !== undefined && this.bad.has(tick);
  }

  /** Of each candidate the first way that does something; the others rest for a while. */
  private async tryTrades(candidates: readonly Candidate[]): Promise<Work[]> {
    const attempts = candidates.flatMap(({ ways }) => ways);
    if (attempts.length === 0) return [];
    const trials = await tryTrades(this.parts.connection, this.account, attempts);
    const works: Work[] = [];
    let at = 0;
    for (const { key, ways, until } of candidates) {
      const own = trials.slice(at, at + ways.length);
      at += ways.length;
      const done = own.find((trial) => !isIdle(trial));
      if (done === undefined) {
        this.rest(key, own[0], ways[0]);
        continue;
      }
      works.push({ key, attempt: done.attempt, ...this.valueOf(done), until: Math.min(until, this.endOf(done)) });
    }
    return works;
  }

  private endOf({ attempt: { execution, liquidation } }: Trial): number {
    // A first tick serves as long as its order; others as long as they are young.
    if (execution?.firstFrom !== undefined) return Infinity;
    const tick = execution?.tick ?? liquidation?.tick;
    return (tick?.publishTime ?? 0) + (liquidation === undefined ? 3 : 60);
  }

  private rest(key: string, { outcome, reason }: Pick<Trial, "outcome" | "reason">, way?: Attempt): void {
    // A tick that a band or a moment holds back lives for seconds: it is tried again each second. Whatever fails, ever later.
    const longer = Math.min(2 * (this.resting.get(key)?.pause ?? RETRY_MS / 2), MAX_RETRY_MS);
    const pauseMs = outcome === "Skipped" ? RETRY_MS : longer;
    this.resting.set(key, { until: performance.now() + pauseMs, pause: pauseMs, way: wayOf(way) });
    if (this.resting.size > MAX_RESTING) {
      for (const [old, { until }] of this.resting) if (until < performance.now()) this.resting.delete(old);
    }
    this.parts.log.debug({ key, outcome, reason }, "does nothing yet");
  }

  private valueOf({ pay, token, outcome }: Trial): { valueUsd: bigint; payUsd: bigint } {
    const payUsd = usdOf(pay, this.world.tokenByAddress(token));
    // Whoever arms a stop is paid when it fills; a close that is refused pays nobody.
    const { dutyUsd } = this.parts.config.fees;
    const [firstBook] = this.world.bookIds;
    const armed = outcome === "Armed" ? this.world.book(firstBook).executionFeeUsd : 0n;
    return { payUsd, valueUsd: payUsd + armed + (payUsd === 0n ? dutyUsd : 0n) };
  }

  private betValue(id: bigint): { valueUsd: bigint; payUsd: bigint } {
    const bet = this.ledger.bets.bets.get(id);
    if (bet === undefined) return { valueUsd: 0n, payUsd: 0n };
    const [firstBook] = this.world.bookIds;
    const token = this.world.stakeToken(Number(bet.tokenId));
    const payUsd = bet.isStruck ? usdOf(bet.executionFee, token) : this.world.book(firstBook).executionFeeUsd;
    return { payUsd, valueUsd: payUsd };
  }

  /** Sends a batch, unless it costs more than it is worth. What its proofs make impossible is tried tick by tick. */
  private async send({ works, proofs }: Batch): Promise<void> {
    const { connection, config, log, metrics } = this.parts;
    const { provider } = connection;
    const { market } = this;
    const marginalUsd = weiToUsd(GAS.item * (market.base + market.tip), this.nativePrice);
    const worthwhile = works.filter(({ valueUsd }) => valueUsd >= marginalUsd);
    for (const work of works) {
      if (worthwhile.includes(work)) continue;
      metrics.unprofitable.inc();
      this.rest(work.key, FAILED, work.attempt);
    }
    if (worthwhile.length === 0) return;
    const call = callOf(
      connection,
      worthwhile.map(({ attempt }) => attempt),
    );
    const gas = gasOf(worthwhile.length, proofs);
    let value: bigint;
    let dataWei: bigint;
    let gasLimit: bigint;
    try {
      [value, dataWei] = await Promise.all([
        feeOf(connection, call.proofs),
        this.dataFee.estimate(call.to, call.data),
      ]);
      this.watch.sawFee(value / BigInt(call.proofs.length));
      // What is not used is not paid for; where data costs gas, it counts.
      const dataGas = market.base === 0n ? 0n : dataWei / market.base;
      gasLimit = 2n * (gas + dataGas) + ITEM_RESERVE + RESERVE_MARGIN;
      const results = await tryBatch(connection, this.account, call, value, gasLimit);
      for (const [index, result] of results.entries()) {
        if (isIdle(result)) this.rest(worthwhile[index].key, result, worthwhile[index].attempt);
      }
      const doing = worthwhile.filter((_, index) => !isIdle(results[index]));
      if (doing.length < worthwhile.length) return await this.send({ works: doing, proofs });
    } catch (error) {
      await this.isolate(worthwhile, explained(error));
      return;
    }
    const valueUsd = worthwhile.reduce((sum, work) => sum + work.valueUsd, 0n);
    const costUsd = weiToUsd(gas * (market.base + market.tip) + dataWei + value, this.nativePrice);
    if (valueUsd - costUsd < config.fees.minProfitUsd) {
      metrics.unprofitable.inc(worthwhile.length);
      for (const { key, attempt } of worthwhile) this.rest(key, FAILED, attempt);
      log.debug({ items: worthwhile.length, valueUsd: shownUsd(valueUsd), costUsd: shownUsd(costUsd) }, "does not pay");
      return;
    }
    const price = bid(market, feesOf(config), usdToWei(valueUsd - costUsd, this.nativePrice), gas);
    const keys = worthwhile.map(({ key }) => key);
    const until = Math.max(...worthwhile.map((work) => work.until));
    await this.submit({ to: call.to, data: call.data, value, gasLimit, price, keys, until }, worthwhile);
  }

  /** A batch that reverts as a whole has a bad proof: its ticks apart, and a tick alone not again. */
  private async isolate(works: readonly Work[], error: unknown): Promise<void> {
    const { log } = this.parts;
    const tickOf = ({ attempt: { execution, liquidation } }: Work) => (execution ?? liquidation)?.tick;
    const ticks = new Set(
      works.flatMap(({ attempt: { execution, liquidation } }) => [execution?.tick, liquidation?.tick]),
    );
    ticks.delete(undefined);
    log.warn(
      { error: textOf(error), items: works.length, ticks: ticks.size },
      error instanceof RefusedError ? "a batch would revert" : "a batch was not tried",
    );
    // A node that failed says nothing of the batch: it is tried again in the next round.
    if (!(error instanceof RefusedError)) return;
    if (ticks.size === 1) {
      const [tick] = ticks;
      // A proof of a second that the node has not come to yet is none of the tick's faults.
      if (error.error.name === "PriceAggregator_MinPublishTimeInFuture") return;
      if (this.bad.size > MAX_BAD) this.bad.clear();
      this.bad.add(tick as Tick);
      this.board.crossings.drop(tick as Tick);
      this.watch.refused(error.error.name);
      return;
    }
    for (const tick of ticks) {
      const own = works.filter((work) => tickOf(work) === tick);
      if (own.length > 0 && own.length < works.length) await this.send({ works: own, proofs: 1 });
    }
  }

  private async submit(request: Request, works: readonly Work[]): Promise<void> {
    const { log, alarms, metrics } = this.parts;
    const payUsd = works.reduce((sum, work) => sum + work.payUsd, 0n);
    const fields = { items: request.keys, payUsd: shownUsd(payUsd), gasLimit: Number(request.gasLimit) };
    if (this.sender === null) {
      log.info(fields, "would send");
      for (const key of request.keys) this.rest(key, FAILED, works.find((work) => work.key === key)?.attempt);
      return;
    }
    for (const key of request.keys) this.busy.set(key, { block: undefined });
    try {
      const hash = await this.sender.submit(request);
      this.counts.sent += 1;
      alarms.end("funds");
      log.info({ ...fields, hash }, "sent");
      metrics.earnedUsd.inc(Number(payUsd) / 1e18);
    } catch (error) {
      if (error instanceof NoFundsError) alarms.raise("funds", error.message);
      for (const key of request.keys) {
        this.busy.delete(key);
        this.rest(key, FAILED);
      }
      log.error({ error: textOf(error) }, "not sent");
    }
  }

  /** Orders and bets that expired, cancellations that are due: nobody is paid for them, and somebody has to. */
  private async end(): Promise<void> {
    const { config } = this.parts;
    const due = this.board.ended(this.now).filter(({ product, id, from }) => {
      const key = `end ${keyOf(product, id)}`;
      const isResting = (this.resting.get(key)?.until ?? -Infinity) > performance.now();
      const { share } = config;
      const isLate = this.now - from >= ENDING_PATIENCE_SECONDS;
      const isOurs = share === undefined || isLate || Number(id % BigInt(share.count)) === share.index;
      return !this.busy.has(key) && !this.busy.has(keyOf(product, id)) && !isResting && isOurs;
    });
    for (const ending of due.slice(0, MAX_ENDINGS)) {
      if (this.sender?.isFull() === true) return;
      await this.endOne(ending);
    }
  }

  private async endOne({ product, id }: Ending): Promise<void> {
    const { connection, config, metrics } = this.parts;
    const { provider, contracts } = connection;
    const key = `end ${keyOf(product, id)}`;
    const to = contracts[product];
    const data = product === "trading" ? TRADING.encode("cancelExpired", [id]) : PREDICTION.encode("returnStake", [id]);
    const { market } = this;
    const costUsd = weiToUsd(
      GAS.ending * (market.base + market.tip) + (await this.dataFee.estimate(to, data)),
      this.nativePrice,
    );
    if (costUsd > config.fees.dutyUsd) {
      metrics.unprofitable.inc();
      this.rest(key, FAILED);
      return;
    }
    try {
      const estimate = await provider.estimateGas({ from: this.account, to, data });
      const price = bid(market, feesOf(config), 0n, estimate);
      const gasLimit = (estimate * GAS_MARGIN_PERCENT) / 100n;
      await this.submit({ to, data, value: 0n, gasLimit, price, keys: [key], until: Infinity }, []);
    } catch (error) {
      this.rest(key, FAILED);
      this.parts.log.debug({ key, error: textOf(explained(error)) }, "can't be ended yet");
    }
  }

  // Settling

  private async tend(): Promise<void> {
    if (this.sender === null) return;
    if (this.sender.hasSent) for (const settled of await this.sender.tend(this.now)) await this.take(settled);
    for (const [key, { block }] of this.busy) {
      if (block !== undefined && block <= this.ledger.block) this.busy.delete(key);
    }
  }

  private async take({ request, receipt, hash }: Settled): Promise<void> {
    const { log, metrics, connection } = this.parts;
    for (const key of request.keys) {
      if (receipt === undefined) this.busy.delete(key);
      else this.busy.set(key, { block: receipt.blockNumber });
    }
    if (receipt === undefined) {
      metrics.transactions.inc({ result: "lost" });
      return;
    }
    const isDone = receipt.status === 1;
    metrics.transactions.inc({ result: isDone ? "mined" : "reverted" });
    metrics.gasUsed.inc(Number(receipt.gasUsed));
    metrics.spentUsd.inc(Number(weiToUsd(receipt.fee, this.nativePrice)) / 1e18);
    const at = (await connection.provider.getBlock(receipt.blockNumber))?.timestamp ?? this.now;
    for (const key of request.keys) {
      const [product, id] = key.split(" ");
      if (product === "end") {
        log.info({ key, hash, isDone }, "ended");
        continue;
      }
      const { outcome, reason } = attemptOf(BigInt(id), receipt.logs);
      metrics.attempts.inc({ product, outcome, reason });
      if (!isDone || isIdle({ outcome })) this.rest(key, { outcome: "Failed", reason });
      else this.counts.done += 1;
      log.info({ key, outcome, reason, hash, block: receipt.blockNumber, minedAt: at }, "mined");
    }
  }

  private store(isLast = false): void {
    const { config, alarms, metrics } = this.parts;
    if (!isLast && performance.now() - this.storedAt < config.storeSeconds * 1_000) return;
    this.storedAt = performance.now();
    try {
      this.ledger.store();
      alarms.end("state");
    } catch (error) {
      metrics.storeFailures.inc();
      alarms.raise("state", textOf(error));
    }
  }

  private measure(): void {
    const { metrics, alarms } = this.parts;
    const { waiting, endings, positions } = this.board.size;
    metrics.block.set(this.ledger.block);
    metrics.waiting.set(waiting);
    metrics.endings.set(endings);
    metrics.positions.set(positions);
    metrics.crossed.set(this.board.crossings.size);
    metrics.inFlight.set(this.sender?.inFlight ?? 0);
    const late = this.board.waiting(this.now - STUCK_SECONDS);
    alarms.set(
      "stuck",
      late.length > 0,
      late
        .slice(0, 5)
        .map(({ product, id }) => keyOf(product, id))
        .join(", "),
    );
  }

  private get account(): string {
    return this.parts.wallet?.address ?? NOBODY;
  }
}

const FAILED = { outcome: "Failed", reason: "None" } as const;
const MAX_RESTING = 50_000;
const REFRESH_MS = 1_000;
const LOOK_BACK_SECONDS = 45;
const MAX_BAD = 1_000;

/** Arbitrum's sequencer takes transactions as they come. */
function hasTips({ chain }: Connection): boolean {
  return chain.key !== "arbitrum";
}

function feesOf({ fees }: KeeperConfig) {
  const { maxFeeGwei, minTipGwei, maxTipGwei, bidShare } = fees;
  return {
    ...{ maxFeePerGas: maxFeeGwei, minPriorityFeePerGas: minTipGwei, maxPriorityFeePerGas: maxTipGwei, bidShare },
  };
}

function shownUsd(usd: bigint): number {
  return Math.round(Number(usd) / 1e14) / 1e4;
}

function isIdle({ outcome }: Pick<Trial, "outcome">): boolean {
  return outcome === "Skipped" || outcome === "Failed";
}

/** What is executed, and with which proof: the same again is in vain for a while, another is not. */
function wayOf(way: Attempt | undefined): string {
  return `${way?.execution?.tick.publishTime ?? ""} ${way?.execution?.firstFrom ?? ""}`;
}

export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    signal.addEventListener("abort", done);
  });
}
