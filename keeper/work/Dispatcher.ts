/** Tries what is due, divides it into batches, sends what pays, and takes note of what became of it. */
import { Codec, RefusedError, attemptOf, explained } from "@asterism/sdk";
import type { Connection } from "@asterism/sdk";
import { predictionAbi, tradingAbi } from "@asterism/sdk/abis";
import type { Wallet } from "ethers";
import type { Logger } from "pino";
import { textOf } from "../chain/Rpc";
import type { KeeperConfig } from "../config";
import { ArbitrumDataFee, NO_DATA_FEE, bid } from "../send/fees";
import type { DataFee } from "../send/fees";
import { GAS, ITEM_RESERVE, gasOf, usdOf, usdToWei, weiToUsd, worthOf } from "../send/profit";
import { NoFundsError } from "../send/Sender";
import type { Request, Sender, Settled } from "../send/Sender";
import type { World } from "../state/World";
import type { Tick } from "../ticks/TickBook";
import type { Alarms } from "../watch/alarms";
import type { Metrics } from "../watch/metrics";
import type { WorldWatch } from "../watch/WorldWatch";
import type { Ending } from "./Board";
import { batchesOf } from "./batches";
import type { Batch, Work } from "./batches";
import { keyOf } from "./Planner";
import type { Candidate } from "./Planner";
import { FAILED, Resting } from "./Resting";
import type { Moment, Scene } from "./Scene";
import { callOf, feeOf, tryBatch, tryTrades } from "./trials";
import type { Attempt, Trial } from "./trials";
import { proAttemptOf } from "../pro/calls";

const TRADING = new Codec(tradingAbi);
const PREDICTION = new Codec(predictionAbi);

/** Things that are ended for nothing, in one round. */
const MAX_ENDINGS = 20;
/** And they take no longer of a round than this, however slow a node is: the next round begins behind them. */
const ENDING_MS = 500;
/** After which another keeper's are taken up. */
const ENDING_PATIENCE_SECONDS = 10;
/** Whoever tries without a key is nobody in particular. */
const NOBODY = "0x000000000000000000000000000000000000dEaD";
const GAS_MARGIN_PERCENT = 120n;
/** Beyond what each item has to have before it: what a call gives on is 63 parts of 64, and what follows the last item. */
const RESERVE_MARGIN = 100_000n;
const MAX_BAD = 1_000;

/** A work of a transaction, and what comes in with it. */
type Sent = Pick<Work, "key" | "payUsd"> & { readonly attempt?: Attempt };

interface Parts {
  readonly connection: Connection;
  readonly wallet: Wallet | null;
  readonly config: KeeperConfig;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly alarms: Alarms;
}

/** Something on its way: until its transaction is settled and its block was read. */
interface Busy {
  /** The block's number once it is mined. */
  block: number | undefined;
}

export class Dispatcher {
  readonly resting = new Resting();
  readonly counts = { sent: 0, done: 0 };
  private readonly busy = new Map<string, Busy>();
  /** Ticks whose proofs the chain refuses. */
  private readonly bad = new Set<Tick>();
  readonly dataFee: DataFee;

  constructor(
    private readonly parts: Parts,
    private readonly world: World,
    private readonly watch: WorldWatch,
    private readonly sender: Sender | null,
    private readonly moment: Moment,
    public scene: Scene,
  ) {
    const { connection, log } = parts;
    const onMissing = () => log.debug("the node knows no price of data");
    this.dataFee =
      connection.chain.key === "arbitrum" ? new ArbitrumDataFee(connection.provider, onMissing) : NO_DATA_FEE;
  }

  /** Things on their way. */
  get inFlight(): number {
    return this.busy.size;
  }

  get isFull(): boolean {
    return this.sender?.isFull() === true;
  }

  /** Whether there is no place left for what nobody pays for. */
  get isHalfFull(): boolean {
    return this.sender?.isHalfFull() === true;
  }

  /** Who is paid. */
  get account(): string {
    return this.parts.wallet?.address ?? NOBODY;
  }

  /** Whether something is on its way. */
  isBusy(key: string): boolean {
    return this.busy.has(key);
  }

  /** A transaction is on its way again. */
  again(keys: readonly string[]): void {
    for (const key of keys) this.busy.set(key, { block: undefined });
  }

  /** Waits for what is on its way. */
  async drain(now: () => Promise<number>): Promise<void> {
    const { send, pollMs } = this.parts.config;
    const settled = (await this.sender?.drain(now, send.stuckSeconds * 1_000, pollMs)) ?? [];
    for (const each of settled) await this.take(each);
  }

  /** Tries what is due, and sends what does something. */
  async work(): Promise<void> {
    if (this.isFull) return;
    const candidates = this.scene.planner.candidates(this.moment.now).filter((candidate) => this.isFree(candidate));
    if (candidates.length === 0) return;
    const trades = candidates.filter(({ product }) => product === "trading");
    const works = await this.tryTrades(trades);
    for (const { key, product, ways, until } of candidates) {
      if (product === "prediction") works.push({ key, attempt: ways[0], ...this.betValue(ways[0].id), until });
    }
    for (const batch of batchesOf(works, this.parts.config.batch)) {
      if (this.isFull) break;
      await this.send(batch);
    }
  }

  private isFree({ key, id, since, ways }: Candidate): boolean {
    if (this.busy.has(key)) return false;
    if (this.resting.has(key, ways[0])) return false;
    if (ways.some((way) => this.isBad(way.execution?.tick) || this.isBad(way.liquidation?.tick))) return false;
    const { share } = this.parts.config;
    if (share === undefined || Number(id % BigInt(share.count)) === share.index) return true;
    // Seconds of the chain pass by block: what is left is measured here.
    const lateMs = (this.moment.now - since) * 1_000 + (performance.now() - this.moment.readAt);
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

  private valueOf({ pay, token, outcome }: Trial): { valueUsd: bigint; payUsd: bigint } {
    const payUsd = usdOf(pay, this.world.tokenByAddress(token));
    // Whoever arms a stop is paid when it fills; a close that is refused pays nobody.
    const { dutyUsd } = this.parts.config.fees;
    const [firstBook] = this.world.bookIds;
    const armed = outcome === "Armed" ? this.world.book(firstBook).executionFeeUsd : 0n;
    return { payUsd, valueUsd: payUsd + armed + (payUsd === 0n ? dutyUsd : 0n) };
  }

  private betValue(id: bigint): { valueUsd: bigint; payUsd: bigint } {
    const bet = this.scene.ledger.bets.bets.get(id);
    if (bet === undefined) return { valueUsd: 0n, payUsd: 0n };
    const [firstBook] = this.world.bookIds;
    const token = this.world.stakeToken(Number(bet.tokenId));
    const payUsd = bet.isStruck ? usdOf(bet.executionFee, token) : this.world.book(firstBook).executionFeeUsd;
    return { payUsd, valueUsd: payUsd };
  }

  /** Sends a batch, unless it costs more than it is worth. What its proofs make impossible is tried tick by tick. */
  private async send({ works, proofs }: Batch): Promise<void> {
    const { connection, config, log, metrics } = this.parts;
    const { market } = this.moment;
    const marginalUsd = weiToUsd(GAS.item * (market.base + market.tip), this.moment.nativePrice);
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
      [value, dataWei] = await Promise.all([feeOf(connection, call.proofs), this.dataFee.estimate(call.to, call.data)]);
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
    const costUsd = weiToUsd(gas * (market.base + market.tip) + dataWei + value, this.moment.nativePrice);
    if (valueUsd - costUsd < config.fees.minProfitUsd) {
      metrics.unprofitable.inc(worthwhile.length);
      for (const { key, attempt } of worthwhile) this.rest(key, FAILED, attempt);
      log.debug({ items: worthwhile.length, valueUsd: shownUsd(valueUsd), costUsd: shownUsd(costUsd) }, "does not pay");
      return;
    }
    const price = bid(market, feesOf(config), usdToWei(valueUsd - costUsd, this.moment.nativePrice), gas);
    const worth = worthOf(valueUsd - config.fees.minProfitUsd, dataWei + value, gas, this.moment.nativePrice);
    const keys = worthwhile.map(({ key }) => key);
    const until = Math.max(...worthwhile.map((work) => work.until));
    await this.submit({ to: call.to, data: call.data, value, gasLimit, price, worth, keys, until }, worthwhile);
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
      this.scene.planner.drop(tick as Tick);
      this.watch.refused(error.error.name);
      return;
    }
    for (const tick of ticks) {
      const own = works.filter((work) => tickOf(work) === tick);
      if (own.length > 0 && own.length < works.length) await this.send({ works: own, proofs: 1 });
    }
  }

  /** Sends a transaction; of a dry run it tells what it would send. */
  async submit(request: Request, works: readonly Sent[]): Promise<void> {
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
  async end(): Promise<void> {
    const { config } = this.parts;
    const due = this.scene.board.ended(this.moment.now).filter(({ product, id, from }) => {
      const key = `end ${keyOf(product, id)}`;
      const isResting = this.resting.has(key);
      const { share } = config;
      const isLate = this.moment.now - from >= ENDING_PATIENCE_SECONDS;
      const isOurs = share === undefined || isLate || Number(id % BigInt(share.count)) === share.index;
      return !this.busy.has(key) && !this.busy.has(keyOf(product, id)) && !isResting && isOurs;
    });
    const startedAt = performance.now();
    for (const ending of due.slice(0, MAX_ENDINGS)) {
      if (this.isHalfFull || performance.now() - startedAt > ENDING_MS) return;
      await this.endOne(ending);
    }
  }

  private async endOne({ product, id }: Ending): Promise<void> {
    const { connection, config, metrics } = this.parts;
    const { provider, contracts } = connection;
    const key = `end ${keyOf(product, id)}`;
    const to = contracts[product];
    const data = product === "trading" ? TRADING.encode("cancelExpired", [id]) : PREDICTION.encode("returnStake", [id]);
    const { market, nativePrice } = this.moment;
    const dataWei = await this.dataFee.estimate(to, data);
    const costUsd = weiToUsd(GAS.ending * (market.base + market.tip) + dataWei, nativePrice);
    if (costUsd > config.fees.dutyUsd) {
      metrics.unprofitable.inc();
      this.rest(key, FAILED);
      return;
    }
    try {
      const estimate = await provider.estimateGas({ from: this.account, to, data });
      const price = bid(market, feesOf(config), 0n, estimate);
      const gasLimit = (estimate * GAS_MARGIN_PERCENT) / 100n;
      const worth = worthOf(config.fees.dutyUsd, dataWei, GAS.ending, nativePrice);
      await this.submit({ to, data, value: 0n, gasLimit, price, worth, keys: [key], until: Infinity }, []);
    } catch (error) {
      this.rest(key, FAILED);
      this.parts.log.debug({ key, error: textOf(explained(error)) }, "can't be ended yet");
    }
  }

  /** Looks after what was sent. */
  async tend(): Promise<void> {
    if (this.sender === null) return;
    if (this.sender.hasSent) for (const settled of await this.sender.tend(this.moment.now)) await this.take(settled);
    for (const [key, { block }] of this.busy) {
      if (block !== undefined && block <= this.scene.ledger.block) this.busy.delete(key);
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
    metrics.spentUsd.inc(Number(weiToUsd(receipt.fee, this.moment.nativePrice)) / 1e18);
    const at = (await connection.provider.getBlock(receipt.blockNumber))?.timestamp ?? this.moment.now;
    for (const key of request.keys) {
      const [product, id] = key.split(" ");
      if (product === "end") {
        log.info({ key, hash, isDone }, "ended");
        continue;
      }
      const { outcome, reason } =
        product === "pro" ? proAttemptOf(key, receipt.logs) : attemptOf(BigInt(id), receipt.logs);
      metrics.attempts.inc({ product, outcome, reason });
      if (!isDone || isIdle({ outcome })) this.resting.add(key, { outcome: "Failed" });
      else this.counts.done += 1;
      log.info({ key, outcome, reason, hash, block: receipt.blockNumber, minedAt: at }, "mined");
    }
  }

  private rest(key: string, { outcome, reason }: Pick<Trial, "outcome" | "reason">, way?: Attempt): void {
    this.resting.add(key, { outcome }, way);
    this.parts.log.debug({ key, outcome, reason }, "does nothing yet");
  }
}

export function feesOf({ fees }: KeeperConfig) {
  const { maxFeeGwei, minTipGwei, maxTipGwei, bidShare } = fees;
  return {
    ...{ maxFeePerGas: maxFeeGwei, minPriorityFeePerGas: minTipGwei, maxPriorityFeePerGas: maxTipGwei, bidShare },
  };
}

export function shownUsd(usd: bigint): number {
  return Math.round(Number(usd) / 1e14) / 1e4;
}

function isIdle({ outcome }: { readonly outcome: string }): boolean {
  return outcome === "Skipped" || outcome === "Failed";
}
