import { Codec, ForgottenForkError, assetOf, query, tokenOf } from "@asterism/sdk";
import type { Connection, PriceSource } from "@asterism/sdk";
import { priceAggregatorAbi } from "@asterism/sdk/abis";
import type { Provider, Wallet } from "ethers";
import type { Logger } from "pino";
import type { NodeComparison } from "./chain/compare";
import { hostOf, textOf } from "./chain/Rpc";
import type { Rpc } from "./chain/Rpc";
import type { KeeperConfig } from "./config";
import { marketPrice } from "./send/fees";
import { ProBoard } from "./pro/ProBoard";
import { ProKeeping } from "./pro/ProKeeping";
import { Sender } from "./send/Sender";
import { Ledger } from "./state/Ledger";
import type { LedgerOptions } from "./state/Ledger";
import { World } from "./state/World";
import { TickFeed } from "./ticks/TickFeed";
import type { Alarms } from "./watch/alarms";
import type { Metrics } from "./watch/metrics";
import { WorldWatch } from "./watch/WorldWatch";
import { Board } from "./work/Board";
import { Dispatcher } from "./work/Dispatcher";
import { Planner, keyOf } from "./work/Planner";
import type { Moment, Scene } from "./work/Scene";

const AGGREGATOR = new Codec(priceAggregatorAbi);

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

const NODES_EVERY_MS = 2_000;
const REFRESH_MS = 1_000;
/** Seconds before its beginning whose ticks a keeper looks at. */
const LOOK_BACK_SECONDS = 45;
/** A thing that could have been done so long ago and was not. */
const STUCK_SECONDS = 20;

export class Keeper {
  private readonly moment: Moment;
  /** The latest block that was looked at. */
  private headHash = "";
  private inBackground: Promise<void> | undefined;
  private storedAt = performance.now();
  private comparedAt = -Infinity;
  private refreshedAt = -Infinity;
  private isTrusted = true;
  private rounds = 0;

  private constructor(
    private readonly parts: KeeperParts,
    private readonly world: World,
    readonly feed: TickFeed,
    private readonly watch: WorldWatch,
    private readonly sender: Sender | null,
    private readonly dispatcher: Dispatcher,
    private readonly pro: ProKeeping | null,
    moment: Moment,
  ) {
    this.moment = moment;
  }

  /** Reads what stands, from the state that was stored or from the contracts. */
  static async begin(parts: KeeperParts): Promise<Keeper> {
    const { connection, config, log, prices } = parts;
    const startedAt = performance.now();
    const ledger = await Ledger.open(connection, ledgerOf(config), (reason) =>
      log.warn({ reason }, "the stored state is not taken: reading the contracts"),
    );
    const world = await World.read(connection);
    const watch = new WorldWatch(connection, world, parts);
    const feed = new TickFeed(prices, () => world.feeds, {
      silenceMs: config.silenceMs,
      onOutage: (error) => log.warn({ error: textOf(error) }, "the source of prices fails: told once until it answers"),
      onRecovery: (recovery) => log.info(recovery, "the source of prices answers again"),
      onUpdate: (update) => watch.sawUpdate(update),
      onNotice: (notice) => watch.sawNotice(notice),
    });
    const scene = sceneOf(ledger, world, feed);
    const sender = senderOf(parts, (keys) => dispatcher.again(keys));
    const moment: Moment = { now: 0, readAt: 0, market: { base: 0n, tip: 0n }, nativePrice: 0n };
    const dispatcher: Dispatcher = new Dispatcher(parts, world, watch, sender, moment, scene);
    await scene.board.rebuild();
    const pro = await proOf(parts, ledger, world, feed, dispatcher, moment);
    const [orders, positions, bets] = [ledger.trades.orders, ledger.trades.positions, ledger.bets.bets];
    const ms = Math.round(performance.now() - startedAt);
    log.info(
      {
        ...{ origin: ledger.origin, block: ledger.block, orders: orders.size, positions: positions.size },
        ...{ bets: bets.size, pro: pro?.board.size, ms, account: parts.wallet?.address },
      },
      "reading done",
    );
    return new Keeper(parts, world, feed, watch, sender, dispatcher, pro, moment);
  }

  /** Works until the signal; then waits for what is on its way, and stores what it knows. */
  async run(signal: AbortSignal): Promise<void> {
    const { config, log, alarms } = this.parts;
    const streaming = this.feed.run(signal);
    await this.fillIn();
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
    this.rounds += 1;
    await this.readHead();
    await Promise.all([this.readChanges(), this.lookAround()]);
    for (const tick of this.feed.take()) {
      this.parts.metrics.ticks.inc({ asset: String(tick.assetId) });
      this.scene.board.cross(tick);
      this.pro?.board.cross(tick);
    }
    await this.dispatcher.tend();
    if (this.isTrusted) {
      // What is paid for comes first: liquidations of the order book wait for nobody's expired order.
      await this.dispatcher.work();
      await this.pro?.work();
      await this.dispatcher.end();
      await this.pro?.end();
    }
    this.store();
    this.measure();
    endTimer();
  }

  /** What health is told. */
  get status() {
    const { dispatcher, moment, rounds } = this;
    const { ledger, board } = this.scene;
    const { alarms, wallet } = this.parts;
    return {
      ...{ block: ledger.block, time: moment.now, ...board.size, crossed: board.crossings.size },
      ...{ inFlight: dispatcher.inFlight, rounds, ...dispatcher.counts, account: wallet?.address },
      pro: this.pro?.board.size,
      alarms: alarms.current,
    };
  }

  private get scene(): Scene {
    return this.dispatcher.scene;
  }

  /** Ticks of the seconds in which this keeper was not there, as far as they still do something. */
  private async fillIn(): Promise<void> {
    const now = await this.chainTime().catch(() => 0);
    if (now === 0) return;
    for (const { assetId } of this.world.feeds) this.feed.backfill(assetId, now - LOOK_BACK_SECONDS, now - 1);
  }

  private async finish(): Promise<void> {
    await this.dispatcher.drain(() => this.chainTime());
    this.store(true);
    this.parts.log.info(this.status, "stopped");
  }

  private async chainTime(): Promise<number> {
    return (await this.parts.connection.provider.getBlock("latest"))?.timestamp ?? this.moment.now;
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
    const { moment } = this;
    moment.market = { ...moment.market, base: block.baseFeePerGas ?? 0n };
    // Time never goes back: what a node that lags says is old.
    moment.now = Math.max(moment.now, block.timestamp);
    moment.readAt = performance.now();
    this.world.setTime(moment.now);
    const drift = Date.now() / 1_000 - block.timestamp;
    metrics.driftSeconds.set(drift);
    alarms.set("drift", Math.abs(drift) > config.maxDriftSeconds, `${Math.round(drift)} s`);
  }

  private async readChanges(): Promise<void> {
    // Nothing new, and nothing undone.
    const { ledger, board } = this.scene;
    if (this.headHash === ledger.cursor.recent.at(-1)?.hash) return;
    try {
      for await (const change of ledger.catchUp()) {
        if (change.isReconfigured) this.refreshedAt = -Infinity;
        if (change.undoneAbove !== undefined) {
          this.parts.metrics.reorganisations.inc();
          this.parts.log.warn({ above: change.undoneAbove }, "the chain took blocks back");
          this.dispatcher.resting.clear();
          await board.rebuild();
          await this.rebuildPro(ledger);
        } else {
          await board.apply(change);
          for (const { assetId } of ledger.pro.markets.values()) await this.world.knowProMarket(assetId);
          for (const id of change.trades) this.dispatcher.resting.forget(keyOf("trading", id));
          for (const id of change.bets) this.dispatcher.resting.forget(keyOf("prediction", id));
          this.pro?.changed(change.pro);
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
    const ledger = await Ledger.read(connection, ledgerOf(config));
    this.dispatcher.scene = sceneOf(ledger, this.world, this.feed);
    await this.scene.board.rebuild();
    await this.rebuildPro(ledger);
  }

  /** After a reorganisation the state is another one. */
  private async rebuildPro(ledger: Ledger): Promise<void> {
    if (this.pro === null) return;
    this.pro.board = this.pro.board.over(ledger.pro);
    await this.pro.board.rebuild();
  }

  /** What surrounds the work: beside it, and waited for the first time alone. */
  private async lookAround(): Promise<void> {
    if (this.inBackground !== undefined || performance.now() - this.refreshedAt < REFRESH_MS) return;
    const isFirst = this.moment.nativePrice === 0n;
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
      marketPrice(provider, maxTipOf(this.parts), this.parts.config.fees.minTipGwei),
      this.world.refresh(),
      this.compareNodes(),
    ]);
    this.moment.nativePrice = price;
    this.moment.market = market;
    await this.watch.look(this.moment.now, this.feed.silentForMs);
  }

  /** Throws while it has none: whatever is done would seem to cost nothing. */
  private async priceOfNative(): Promise<bigint> {
    const { chain, contracts, reader } = this.parts.connection;
    const { asset } = tokenOf(chain, chain.wrappedNativeSymbol);
    const { id } = assetOf(chain, asset);
    const { price } = await reader.one(query(AGGREGATOR, contracts.priceAggregator, "tokenPrice", [id]));
    if (price !== 0n) return price;
    // A coin whose feeds are silent for a while still costs what it did.
    const { nativePrice } = this.moment;
    const known = nativePrice === 0n ? this.feed.book.latest(id)?.price : nativePrice;
    if (known === undefined) throw new Error(`${asset} has no price yet: what gas costs is not known`);
    return known;
  }

  private store(isLast = false): void {
    const { config, alarms, metrics } = this.parts;
    if (!isLast && performance.now() - this.storedAt < config.storeSeconds * 1_000) return;
    this.storedAt = performance.now();
    try {
      this.scene.ledger.store(this.pro?.board.peaks);
      alarms.end("state");
    } catch (error) {
      metrics.storeFailures.inc();
      alarms.raise("state", textOf(error));
    }
  }

  private measure(): void {
    const { metrics, alarms } = this.parts;
    const { ledger, board } = this.scene;
    const { waiting, endings, positions } = board.size;
    metrics.block.set(ledger.block);
    metrics.waiting.set(waiting);
    metrics.endings.set(endings);
    metrics.positions.set(positions);
    metrics.crossed.set(board.crossings.size);
    if (this.pro !== null) {
      const { due, fired, grids, orders, rolls, scopes, triggers } = this.pro.board.size;
      metrics.proScopes.set(scopes);
      metrics.proTriggers.set(triggers);
      metrics.proOrders.set(orders);
      metrics.proDue.set(due + fired);
      metrics.proGrids.set(grids);
      metrics.proRolls.set(rolls);
    }
    metrics.inFlight.set(this.sender?.inFlight ?? 0);
    const late = board.waiting(this.moment.now - STUCK_SECONDS);
    alarms.set(
      "stuck",
      late.length > 0,
      late
        .slice(0, 5)
        .map(({ product, id }) => keyOf(product, id))
        .join(", "),
    );
  }
}

function ledgerOf({ state: path, replayBlocks, pageBlocks }: KeeperConfig): LedgerOptions {
  return { path, replayBlocks, pageBlocks };
}

function sceneOf(ledger: Ledger, world: World, feed: TickFeed): Scene {
  const board = new Board(ledger, world, feed.book);
  return { ledger, board, planner: new Planner(ledger, board, feed) };
}

/** What keeps the order book; null: nobody asked for it. */
async function proOf(
  parts: KeeperParts,
  ledger: Ledger,
  world: World,
  feed: TickFeed,
  dispatcher: Dispatcher,
  moment: Moment,
): Promise<ProKeeping | null> {
  const { connection, config } = parts;
  if (!config.pro.isKept) return null;
  for (const { assetId } of ledger.pro.markets.values()) await world.knowProMarket(assetId);
  const board = new ProBoard(connection, ledger.pro, world, feed.book, config.pro.rereadSeconds * 1_000);
  board.restorePeaks(ledger.peaks);
  await board.rebuild();
  return new ProKeeping(parts, dispatcher, moment, board);
}

/** @param onAgain Told of what a reorganisation undid, and is on its way again. */
function senderOf(parts: KeeperParts, onAgain: (keys: readonly string[]) => void): Sender | null {
  const { wallet, provider, connection, config, log, metrics, alarms } = parts;
  if (wallet === null) return null;
  const { send, fees, rpcTimeoutMs: timeoutMs } = config;
  return new Sender(provider, wallet, BigInt(connection.chain.chainId), {
    ...{ maxInFlight: send.maxInFlight, stuckMs: send.stuckSeconds * 1_000, timeoutMs },
    ...{ maxFeePerGas: fees.maxFeeGwei, maxTip: maxTipOf(parts) },
    ...{ privateUrl: send.privateRpc, privatePatienceMs: send.privatePatienceSeconds * 1_000 },
    onNotice: ({ kind, ...notice }) => {
      const fields = "error" in notice ? { ...notice, error: textOf(notice.error) } : notice;
      log[kind === "sent" ? "debug" : "warn"](fields, `transaction ${kind}`);
      metrics.transactions.inc({ result: kind });
      if ("keys" in notice) onAgain(notice.keys);
      alarms.set("sending", kind === "refused", "error" in notice ? textOf(notice.error) : "");
    },
  });
}

/** Arbitrum's sequencer takes transactions as they come. */
function maxTipOf({ config, connection }: KeeperParts): bigint {
  return connection.chain.key === "arbitrum" ? 0n : config.fees.maxTipGwei;
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
