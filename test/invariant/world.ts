import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import type { BaseContract, ContractTransactionReceipt, Log, Signer } from "ethers";
import { ethers } from "hardhat";
import { assetIdOf } from "../../deploy/arguments/oracle";
import type { AssetKey } from "../../deploy/profiles";
import { DEFAULT_PRICES, toAnswer } from "../../kit/replica";
import { pushSourcesOf, usedAssets } from "../../deploy/sources";
import { BetIndexer } from "../../sdk/betIndexer";
import { confirmed } from "../../kit/desk/Desk";
import { Reason, nameOf } from "../../sdk/enums";
import { TradingIndexer } from "../../sdk/indexer";
import { PIPS } from "../../sdk/units";
import type { deskFixture } from "../fixtures/desk";
import { quickRolesDeskFixture } from "../fixtures/trading";
import { BetTwin } from "./betTwin";
import { Outside } from "./outside";
import type { Feed } from "./outside";
import { Party } from "./parties";
import { Reads } from "./reads";
import type { Asked } from "./reads";
import type { Prediction } from "./records";
import { Hostility } from "./hostility";
import { found } from "./records";
import { Twin } from "./twin";

type DeskContext = Awaited<ReturnType<typeof deskFixture>>;

export type Fixture = Awaited<ReturnType<typeof worldFixture>>;

/** Shares of the brokers that are registered, pips. */
const BROKER_SHARES = [250_000, 500_000] as const;

/** So many checks read every record that there is. */
const FULL_CHECK_EVERY = 20;

/** Whole tokens of each kind that the LP has to mint with. */
const LP_TOKENS = 1_000_000_000n;

/** The desk, and a contract that reports all prices in one transaction. */
export async function withRefresher<T extends DeskContext>(context: T) {
  const { desk, replica, profile } = context;
  const refresher = await ethers.deployContract("CallProxy");
  const feeds: { asset: AssetKey; address: string; decimals: number }[] = [];
  for (const asset of Object.keys(profile.chainlink) as AssetKey[]) {
    const aggregators = [await replica.aggregator(asset)];
    if (profile.binance?.atlas[asset]) aggregators.push(await replica.aggregator(asset, "atlas"));
    for (const aggregator of aggregators) {
      feeds.push({ asset, address: await aggregator.getAddress(), decimals: Number(await aggregator.decimals()) });
    }
  }
  await desk.refresh();
  return { ...context, refresher, feeds };
}

/**
 * The production deployment with liquidity, four traders (two accounts; a wallet that may refuse the native coin, one that
 * calls back when it is paid) who trade and bet in every token, two brokers, and roles without their delays.
 */
export async function worldFixture() {
  const context = await withRefresher(await loadFixture(quickRolesDeskFixture));
  const {
    alpManager,
    brokerRegistry,
    desk,
    lp,
    other,
    prediction,
    profile,
    quickRiskManager,
    replica,
    stranger,
    trader,
    trading,
  } = context;
  const reader = await ethers.deployContract("CallReader");
  const refusing = await ethers.deployContract("RevertingReceiver");
  const reentering = await ethers.deployContract("ReentrantReceiver");
  const walletOf = async (contract: BaseContract) =>
    new Party(await contract.getAddress(), stranger, await ethers.getContractAt("CallProxy", contract.target));
  const traders = [
    new Party(trader.address, trader),
    new Party(other.address, other),
    await walletOf(refusing),
    await walletOf(reentering),
  ];
  for (const party of traders) {
    for (const { symbol } of profile.tokens) {
      const token = replica.token(symbol);
      await replica.mintToken(symbol, party.address, desk.tokenUnits(symbol, 100_000n));
      for (const product of [trading, prediction]) {
        await confirmed(party.send(token, "approve", [product.target, ethers.MaxUint256]));
      }
    }
  }
  for (const { symbol } of profile.tokens) {
    const token = replica.token(symbol);
    await replica.mintToken(symbol, lp.address, desk.tokenUnits(symbol, LP_TOKENS));
    await confirmed(token.connect(lp).approve(alpManager, ethers.MaxUint256));
  }
  const accounts = (await ethers.getSigners()).slice(11, 11 + 2 * BROKER_SHARES.length);
  const brokers = BROKER_SHARES.map((sharePips, index) => ({
    owner: accounts[2 * index].address,
    receiver: accounts[2 * index + 1],
    sharePips,
  }));
  for (const { owner, receiver, sharePips } of brokers) {
    await confirmed(brokerRegistry.connect(quickRiskManager).addBroker(owner, receiver, sharePips));
  }
  return { ...context, reader, traders, refusing, reentering, brokers };
}

/** Everything of one run: the deployed system, the twins that predict it, and the indexers that follow it. */
export class World {
  readonly outside: Outside;
  readonly twin: Twin;
  readonly bets: BetTwin;
  readonly hostility: Hostility;
  readonly indexer = new TradingIndexer();
  readonly betIndexer = new BetIndexer();
  readonly prices = new Map<AssetKey, bigint>(Object.entries(DEFAULT_PRICES) as [AssetKey, bigint][]);
  readonly donated = new Map<string, bigint>();
  readonly counts = new Map<string, number>();
  private readonly looked = new Map<string, readonly unknown[]>();
  /** What the chain answered last: whatever the chain goes back to, what it answers then counts. */
  readonly asked: Asked = new Map();
  private checks = 0;
  private isWhole = true;
  private indexedUpTo = -1;

  constructor(readonly context: Fixture) {
    const { profile } = context;
    this.outside = new Outside(profile, feedsOf(context));
    this.twin = new Twin(profile, this.outside);
    this.bets = new BetTwin(this.twin);
    this.hostility = new Hostility(this);
    this.twin.payments = this.hostility;
    for (const [index, { owner, receiver, sharePips }] of context.brokers.entries()) {
      this.twin.brokers.set(index + 1, { owner, receiver: receiver.address, sharePips });
    }
  }

  get traders(): readonly Party[] {
    return this.context.traders;
  }

  /** A trader may execute for himself. */
  get keepers(): Signer[] {
    return [this.context.keeper, this.context.stranger, this.context.trader];
  }

  get symbols(): string[] {
    return this.context.profile.tokens.map(({ symbol }) => symbol);
  }

  /** What whoever trades in the native coin pays in. */
  get nativeSymbol(): string {
    return this.context.profile.wrappedNativeSymbol;
  }

  reads(): Reads {
    return new Reads(this.context.reader, this.asked);
  }

  partyOf({ owner }: { owner: string }): Party {
    return found(this.traders.find(({ address }) => address === owner));
  }

  priceOf(asset: AssetKey): bigint {
    return found(this.prices.get(asset));
  }

  /** The price of a token's asset. */
  tokenPrice(symbol: string): bigint {
    return this.priceOf(this.twin.token(symbol).assetKey);
  }

  /** Takes over what the fixture has left: liquidity, wallets, and the indices of books that nobody has traded in. */
  async start(): Promise<void> {
    const { breaker, replica, tradingRecords, vault } = this.context;
    for (const symbol of this.symbols) {
      const token = replica.token(symbol);
      const { liquidity } = await vault.ledger(token);
      this.twin.ledger(symbol).liquidity = liquidity;
      for (const { address } of this.traders) {
        this.twin.wallets.set(`${symbol} ${address}`, await token.balanceOf(address));
      }
    }
    for (const { address, isWallet } of this.traders) if (isWallet) this.twin.wallets.set(`native ${address}`, 0n);
    for (const book of this.twin.books.values()) {
      const { longIndex, shortIndex, accruedAt } = await tradingRecords.bookState(book.bookId);
      book.indices = { longX18: longIndex, shortX18: shortIndex };
      book.accruedAt = Number(accruedAt);
    }
    this.outside.breaker.raisedAt = Number(await breaker.raisedAt());
    await this.refresh();
    await this.follow();
  }

  /** Moves a price; kept on the grid that feeds and ticks share. */
  move(asset: AssetKey, movePips: number): bigint {
    return moved(this.priceOf(asset), movePips);
  }

  /** All feeds that are not silent report the prices of now, in one block. */
  async refresh(): Promise<void> {
    await this.push(this.outside.feeds.filter(({ isSilent }) => !isSilent).map((feed) => ({ feed })));
  }

  /** Feeds report: the price of now and the block's time, unless said otherwise. */
  async push(rounds: readonly { feed: Feed; price?: bigint; updatedAt?: number }[]): Promise<void> {
    const { desk, refresher } = this.context;
    const at = (await desk.now()) + 1;
    const datas = rounds.map(({ feed, price = this.priceOf(feed.asset), updatedAt = at }) => {
      [feed.price, feed.updatedAt] = [price, updatedAt];
      return PUSHES.encodeFunctionData("pushRound", [toAnswer(price, feed.decimals), updatedAt]);
    });
    await desk.provider.send("evm_setNextBlockTimestamp", [at]);
    const targets = rounds.map(({ feed }) => feed.address);
    await confirmed(refresher.executeBatch(targets, datas));
  }

  /** The indexers read all logs since they last did. */
  async follow(): Promise<void> {
    const { trading, prediction } = this.context;
    const addresses = [await trading.getAddress(), await prediction.getAddress()];
    const logs = (await ethers.provider.send("eth_getLogs", [
      { address: addresses, fromBlock: ethers.toQuantity(this.indexedUpTo + 1), toBlock: "latest" },
    ])) as Log[];
    const times = new Map<number, bigint>();
    for (const { address, topics, data, blockNumber } of logs) {
      const known = times.get(blockNumber);
      const blockTimestamp = known ?? BigInt((await ethers.provider.getBlock(Number(blockNumber)))?.timestamp ?? 0);
      times.set(blockNumber, blockTimestamp);
      const indexer = ethers.getAddress(address) === addresses[0] ? this.indexer : this.betIndexer;
      indexer.apply({ topics, data, blockTimestamp });
    }
    this.indexedUpTo = await ethers.provider.getBlockNumber();
  }

  /** Compares what a batch did, item by item and to the unit, with what was predicted; counts it under its outcome. */
  compare(
    receipt: ContractTransactionReceipt,
    ids: readonly bigint[],
    predictions: readonly Prediction[],
    prefix = "",
  ): void {
    const done = this.effectsOf(receipt);
    for (const [index, id] of ids.entries()) {
      const predicted = predictions[index];
      const effect = done.get(id)?.shift();
      expect(effect?.outcome, `${prefix}${id}`).to.equal(predicted.outcome);
      for (const [name, amount] of Object.entries(predicted.amounts)) {
        expect(effect?.amounts[name], `${name} of trade ${id}, ${predicted.outcome}`).to.equal(amount);
      }
      this.count(`${prefix}${predicted.outcome}`);
    }
    expect([...done.values()].flat()).to.deep.equal([]);
  }

  /** Prices come back to where they began. */
  async goHome(): Promise<void> {
    for (const [asset, price] of Object.entries(DEFAULT_PRICES)) this.prices.set(asset as AssetKey, price);
    await this.refresh();
  }

  /** What some of the chains have. */
  offers(what: "sequencer" | "twoFeeds"): boolean {
    return what === "sequencer" ? this.outside.sequencer !== undefined : this.context.profile.binance !== null;
  }

  /** Whether something is new since this was asked last; now and then everything is. */
  hasChanged(what: string, records: readonly unknown[]): boolean {
    const last = this.looked.get(what);
    this.looked.set(what, records);
    return this.isFullCheck || last === undefined || records.some((record, index) => record !== last[index]);
  }

  /** Whether a check looks at something: where something is new since the last time; at all of it in a whole look. */
  isLooked(what: string, records: readonly unknown[]): boolean {
    return this.hasChanged(what, records) || this.isWhole;
  }

  /** A check begins, of all or of what has changed. */
  beginCheck(isWhole: boolean): void {
    this.checks += 1;
    this.isWhole = isWhole;
  }

  private get isFullCheck(): boolean {
    return this.checks % FULL_CHECK_EVERY === 0;
  }

  count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  countOf(what: string): number {
    return this.counts.get(what) ?? 0;
  }

  /** A token, a market or a prediction needs its price. */
  isUsed(asset: AssetKey): boolean {
    return usedAssets(this.context.profile).includes(asset);
  }

  assetId(asset: AssetKey): number {
    return assetIdOf(asset);
  }

  /** What happened to each trade or bet of a batch, in its order. */
  private effectsOf(receipt: ContractTransactionReceipt) {
    const { executor, prediction, trading } = this.context;
    const done = new Map<bigint, { outcome: string; amounts: Record<string, unknown> }[]>();
    const add = (id: bigint, outcome: string, amounts: Record<string, unknown>) =>
      done.set(id, [...(done.get(id) ?? []), { outcome, amounts }]);
    for (const log of receipt.logs) {
      const event = [trading, prediction, executor].map((contract) => contract.interface.parseLog(log)).find(Boolean);
      if (event === null || event === undefined) continue;
      const args = event.args.toObject() as Record<string, unknown>;
      const isRefusedBet = event.name === "BetReturned";
      const reason = typeof args.reason === "bigint" && !isRefusedBet ? nameOf(Reason, args.reason) : "None";
      if (event.name === "ItemFailed") throw new Error(`item ${String(args.tradeId)} failed: ${String(args.reason)}`);
      if (event.name === "ItemSkipped") add(args.tradeId as bigint, `Skipped:${reason}`, {});
      const outcome = event.name === "BetSettled" ? (args.isWon === true ? "Won" : "Lost") : OUTCOMES[event.name];
      if (outcome !== undefined) add(args.id as bigint, `${outcome}:${reason}`, args);
    }
    return done;
  }
}

/** What a batch did to an item, by the event that tells it. */
const OUTCOMES: Readonly<Record<string, string | undefined>> = {
  OrderRefused: "Refused",
  CloseRefused: "Refused",
  TradeOpened: "Opened",
  TradeClosed: "Closed",
  TradeLiquidated: "Liquidated",
  TradeReduced: "Reduced",
  StopArmed: "Armed",
  BetStruck: "Opened",
  BetReturned: "Refused",
};

const PUSHES = new ethers.Interface([
  "function pushAnswer(int192 answer)",
  "function pushRound(int192 answer, uint32 updatedAt)",
]);

/** The feeds that the aggregator asks, in its order. */
function feedsOf({ profile, feeds }: Fixture): Feed[] {
  const counts = new Map<AssetKey, number>();
  return feeds.map(({ asset, address, decimals }) => {
    const index = counts.get(asset) ?? 0;
    counts.set(asset, index + 1);
    const { heartbeatSeconds, graceSeconds } = sourceOf(index, asset);
    return {
      ...{ asset, address, decimals, index, maxAgeSeconds: heartbeatSeconds + graceSeconds },
      ...{ price: 0n, updatedAt: 0, isSilent: false, isEnabled: true, suspendedUntil: 0 },
    };
  });

  function sourceOf(index: number, asset: AssetKey) {
    expect(pushSourcesOf(profile, asset)).to.have.lengthOf.greaterThan(index);
    return found(index === 0 ? profile.chainlink[asset] : profile.binance?.atlas[asset]);
  }
}

/** All feeds report prices in one block. */
export async function report(
  { refresher, feeds }: Pick<Fixture, "refresher" | "feeds">,
  priceOf: (asset: AssetKey) => bigint,
): Promise<void> {
  const datas = feeds.map(({ asset, decimals }) =>
    PUSHES.encodeFunctionData("pushAnswer", [toAnswer(priceOf(asset), decimals)]),
  );
  const targets = feeds.map(({ address }) => address);
  await confirmed(refresher.executeBatch(targets, datas));
}

/** A price moved by pips, on the grid of eight decimals, never below a thousandth of a dollar. */
export function moved(price: bigint, movePips: number): bigint {
  const next = ((price * (PIPS + BigInt(movePips))) / PIPS / 100n) * 100n;
  return next > 10n ** 7n ? next : 10n ** 7n;
}
