import type { ContractTransactionReceipt, ContractTransactionResponse, JsonRpcApiProvider, Signer } from "ethers";
import { bookIdOf } from "../../deploy/arguments/books";
import { assetIdOf } from "../../deploy/arguments/oracle";
import type { System } from "../../deploy/deploySystem";
import { WRAPPED_ASSETS } from "../../deploy/profiles";
import type { AssetKey, ChainProfile, Mode } from "../../deploy/profiles";
import type { Replica } from "../replica";
import type { LocalPublisher } from "../pyth/publisher";
import type { PythPrice } from "../../sdk/pyth/wire";
import { Outcome, Reason, TradeStatus, nameOf } from "../../sdk/enums";

const WHOLE = 1_000_000n;

/** No tick: a liquidation that carries no close along. */
export const NO_TICK = 2n ** 256n - 1n;

/** Ten decimals of a price to the eight of Pyth's usual exponent. */
const PYTH_EXPONENT = -8;
const PYTH_SCALE = 100n;

/** What one proof is to prove, as the price aggregator takes it. */
export interface Proof {
  assetIds: number[];
  minPublishTime: number;
  isUnique: boolean;
  updateData: string[];
}

/** A tick of one asset. */
export interface TickOptions {
  /** USD, 10 decimals; the desk's current price by default. */
  price?: bigint;
  /** USD, 10 decimals; a fiftieth of a percent of the price by default. */
  confidence?: bigint;
  /** Publish time of the price before; one second earlier by default. */
  previous?: number;
}

export interface OpenOptions {
  asset?: AssetKey;
  mode?: Mode;
  isLong?: boolean;
  leverage?: number;
  token?: string;
  /** In token units. */
  amount?: bigint;
  acceptablePrice?: bigint;
  takeProfit?: bigint;
  stopLoss?: bigint;
  deadline?: number;
  broker?: number;
  asNative?: boolean;
  owner?: string;
}

export interface LpOptions {
  /** Least ALP or tokens out. */
  minOut?: bigint;
  /** Assets whose ticks are brought; all that may be needed by default. */
  assets?: AssetKey[];
}

/** A request that waits for its tick. */
export interface Pending {
  id: bigint;
  asset: AssetKey;
  /** It fills at the first tick at or after this time. */
  target: number;
  receipt: ContractTransactionReceipt;
}

/** What a batch did, item by item. */
export interface BatchOutcome {
  outcome: string;
  reason: string;
  isFailed: boolean;
}

export interface Batch {
  results: BatchOutcome[];
  receipt: ContractTransactionReceipt;
}

/** The books of one token, and whether they add up to its balance in the vault. */
export interface TokenBooks {
  symbol: string;
  balance: bigint;
  liquidity: bigint;
  reserved: bigint;
  collateral: bigint;
  fees: bigint;
  claimable: bigint;
  /** Balance less all that is owed: 0 unless somebody gave the vault something. */
  surplus: bigint;
}

/**
 * A trading desk on a replica: moves its clock and its prices, signs Pyth updates, and acts on the deployed system the way
 * traders, keepers and LPs do. Demonstrations and tests are written with it.
 */
export class Desk {
  private readonly prices = new Map<AssetKey, bigint>();

  constructor(
    readonly provider: JsonRpcApiProvider | { send(method: string, params: unknown[]): Promise<unknown> },
    readonly profile: ChainProfile,
    readonly replica: Replica,
    readonly publisher: LocalPublisher,
    readonly system: System,
  ) {}

  // Time

  async now(): Promise<number> {
    const block = (await this.provider.send("eth_getBlockByNumber", ["latest", false])) as { timestamp: string };
    return Number(block.timestamp);
  }

  /** The next block is mined at `timestamp`; the present is left as it is when it has been reached already. */
  async warpTo(timestamp: number): Promise<void> {
    if (timestamp <= (await this.now())) return;
    await this.provider.send("evm_setNextBlockTimestamp", [timestamp]);
    await this.provider.send("evm_mine", []);
  }

  async warp(seconds: number): Promise<void> {
    await this.warpTo((await this.now()) + seconds);
  }

  // Prices

  priceOf(asset: AssetKey): bigint {
    const price = this.prices.get(asset);
    if (price === undefined) throw new Error(`no price was set for ${asset}`);
    return price;
  }

  /**
   * Sets the price that feeds report and ticks carry from now on, of an asset and of whatever stands for it on this chain. A
   * peg is lost by setting the price of the wrapped one alone.
   */
  async setPrice(asset: AssetKey, price: bigint): Promise<void> {
    await this.setPrices({ [asset]: price });
  }

  /** The same of several assets, in one block; what stands for one of them may have a price of its own. */
  async setPrices(prices: Readonly<Partial<Record<AssetKey, bigint>>>): Promise<void> {
    const all = new Map<AssetKey, bigint>();
    for (const [asset, price] of Object.entries(prices) as [AssetKey, bigint][]) {
      const wrapped = this.profile.tokens.filter(({ assetKey }) => WRAPPED_ASSETS[assetKey] === asset);
      for (const { assetKey } of wrapped) all.set(assetKey, prices[assetKey] ?? price);
      all.set(asset, price);
    }
    for (const [asset, price] of all) this.prices.set(asset, price);
    await this.replica.setPushPrices([...all].map(([asset, priceX10]) => ({ asset, priceX10 })));
  }

  /** What it remembers of prices: nothing that a snapshot of the chain brings back. */
  rememberedPrices(): ReadonlyMap<AssetKey, bigint> {
    return new Map(this.prices);
  }

  /** Has it remember other prices, where the chain has gone back to a snapshot. */
  rememberPrices(prices: ReadonlyMap<AssetKey, bigint>): void {
    this.prices.clear();
    for (const [asset, price] of prices) this.prices.set(asset, price);
  }

  /** All feeds report their price again, so that none is stale. */
  async refresh(): Promise<void> {
    await this.replica.setPushPrices([...this.prices].map(([asset, priceX10]) => ({ asset, priceX10 })));
  }

  pythPrice(asset: AssetKey, at: number, options: TickOptions = {}): PythPrice {
    const price = options.price ?? this.priceOf(asset);
    return {
      feedId: this.profile.pyth.priceIds[asset],
      price: price / PYTH_SCALE,
      conf: (options.confidence ?? price / 5_000n) / PYTH_SCALE,
      expo: PYTH_EXPONENT,
      publishTime: BigInt(at),
      prevPublishTime: BigInt(options.previous ?? at - 1),
    };
  }

  /** Proves the first tick at or after `target`, published at `at`. */
  firstTick(asset: AssetKey, target: number, options: TickOptions & { at?: number } = {}): Proof {
    const at = options.at ?? target;
    const update = this.publisher.update([this.pythPrice(asset, at, { previous: target - 1, ...options })]);
    return { assetIds: [assetIdOf(asset)], minPublishTime: target, isUnique: true, updateData: [update] };
  }

  /** Proves a tick published at `at`, with nothing said of the ticks before. */
  anyTick(asset: AssetKey, at: number, options: TickOptions = {}): Proof {
    const update = this.publisher.update([this.pythPrice(asset, at, options)]);
    return { assetIds: [assetIdOf(asset)], minPublishTime: at, isUnique: false, updateData: [update] };
  }

  /** The assets whose ticks a mint or a burn may need: of every market and every token. */
  referenceAssets(): AssetKey[] {
    const { markets, tokens } = this.profile;
    return [...new Set<AssetKey>([...markets, ...tokens].map(({ assetKey }) => assetKey))];
  }

  /** What a mint or a burn brings: one update with a tick of each asset, published at `at`. */
  referenceTicks(at: number, assets = this.referenceAssets()): { assetIds: number[]; updateData: string[] } {
    const ordered = [...assets].sort((a, b) => assetIdOf(a) - assetIdOf(b));
    const update = this.publisher.update(ordered.map((asset) => this.pythPrice(asset, at)));
    return { assetIds: ordered.map(assetIdOf), updateData: [update] };
  }

  // Trading

  bookId(asset: AssetKey, mode: Mode): number {
    const market = this.profile.markets.findIndex(({ assetKey }) => assetKey === asset);
    if (market < 0) throw new Error(`no market for ${asset}`);
    return bookIdOf(market, mode);
  }

  delayOf(mode: Mode): number {
    const book = this.profile.markets.flatMap(({ books }) => books).find((candidate) => candidate.mode === mode);
    if (book === undefined) throw new Error(`no ${mode} book`);
    return book.executionDelaySeconds;
  }

  tokenUnits(symbol: string, whole: bigint): bigint {
    const token = this.profile.tokens.find((candidate) => candidate.symbol === symbol);
    if (token === undefined) throw new Error(`no token ${symbol}`);
    return whole * 10n ** BigInt(token.decimals);
  }

  /** Gives `trader` tokens and lets Trading take them. */
  async fund(trader: Signer, symbol: string, amount: bigint): Promise<void> {
    await this.replica.mintToken(symbol, await trader.getAddress(), amount);
    const token = this.replica.token(symbol).connect(trader);
    await confirmed(token.approve(await this.system.trading.getAddress(), 2n ** 256n - 1n));
  }

  async openRequest(trader: Signer, options: OpenOptions = {}) {
    const { asset = "BTC", mode = "degen", token = "USDT" } = options;
    return {
      owner: options.owner ?? (await trader.getAddress()),
      bookId: this.bookId(asset, mode),
      isLong: options.isLong ?? true,
      leverage: options.leverage ?? (mode === "degen" ? 1001 : 100),
      token: await this.replica.token(token).getAddress(),
      amount: options.amount ?? this.tokenUnits(token, 100n),
      acceptablePrice: options.acceptablePrice ?? 0n,
      takeProfit: options.takeProfit ?? 0n,
      stopLoss: options.stopLoss ?? 0n,
      deadline: options.deadline ?? (await this.now()) + 3_600,
      broker: options.broker ?? 0,
      asNative: options.asNative ?? false,
    };
  }

  async requestOpen(trader: Signer, options: OpenOptions = {}): Promise<Pending> {
    const { trading } = this.system;
    const request = await this.openRequest(trader, options);
    const id = await trading.nextTradeId();
    const receipt = await confirmed(trading.connect(trader).requestOpen(request));
    const target = (await timestampOf(this.provider, receipt)) + this.delayOf(options.mode ?? "degen");
    return { id, asset: options.asset ?? "BTC", target, receipt };
  }

  async requestClose(
    trader: Signer,
    id: bigint,
    options: { acceptablePrice?: bigint; deadline?: number } = {},
  ): Promise<Pending> {
    const { trading, tradingRecords } = this.system;
    const { bookId } = await tradingRecords.position(id);
    const deadline = options.deadline ?? (await this.now()) + 3_600;
    const receipt = await confirmed(trading.connect(trader).requestClose(id, options.acceptablePrice ?? 0n, deadline));
    const target =
      (await timestampOf(this.provider, receipt)) + this.delayOf(bookId % 2n === 1n ? "degen" : "standard");
    return { id, asset: this.profile.markets[Number(bookId >> 1n)].assetKey, target, receipt };
  }

  /** Executes pending orders and closes with the proofs given; item i uses tick `ticks[i]`, 0 by default. */
  async execute(
    keeper: Signer,
    ids: readonly bigint[],
    proofs: Proof[],
    ticks: readonly number[] = [],
  ): Promise<Batch> {
    const { executor, trading } = this.system;
    const items = ids.map((tradeId, index) => ({ tradeId, tickIndex: ticks[index] ?? 0 }));
    const value = await this.updateFee(proofs);
    const target = await trading.getAddress();
    const connected = executor.connect(keeper);
    const results = await connected.execute.staticCall(target, proofs, items, { value });
    const receipt = await confirmed(connected.execute(target, proofs, items, { value }));
    return toBatch(results, receipt);
  }

  /** Waits for the target, has the feeds report, and executes at the first tick. */
  async settle(keeper: Signer, pending: Pending, options: TickOptions & { at?: number } = {}): Promise<Batch> {
    await this.warpTo((options.at ?? pending.target) + 1);
    await this.refresh();
    return this.execute(keeper, [pending.id], [this.firstTick(pending.asset, pending.target, options)]);
  }

  /** Request and execution; throws unless the position is open. */
  async open(trader: Signer, keeper: Signer, options: OpenOptions & TickOptions = {}): Promise<bigint> {
    const pending = await this.requestOpen(trader, options);
    const { results } = await this.settle(keeper, pending, { price: options.price });
    expectOutcome(results[0], "Opened");
    return pending.id;
  }

  /** Request and execution; throws unless the position is closed. */
  async close(trader: Signer, keeper: Signer, id: bigint, options: TickOptions = {}): Promise<Batch> {
    const pending = await this.requestClose(trader, id);
    const batch = await this.settle(keeper, pending, options);
    expectOutcome(batch.results[0], "Closed");
    return batch;
  }

  /** Liquidates with one tick for all; published now unless said otherwise. */
  async liquidate(
    keeper: Signer,
    ids: readonly bigint[],
    asset: AssetKey,
    options: TickOptions & { at?: number } = {},
  ): Promise<Batch> {
    const { liquidator, trading } = this.system;
    const proofs = [this.anyTick(asset, options.at ?? (await this.now()), options)];
    const items = ids.map((tradeId) => ({ tradeId, tickIndex: 0, closeTickIndex: NO_TICK }));
    const value = await this.updateFee(proofs);
    const target = await trading.getAddress();
    const connected = liquidator.connect(keeper);
    const results = await connected.liquidate.staticCall(target, proofs, items, { value });
    const receipt = await confirmed(connected.liquidate(target, proofs, items, { value }));
    return toBatch(results, receipt);
  }

  async statusOf(id: bigint): Promise<string> {
    return nameOf(TradeStatus, await this.system.trading.statusOf(id));
  }

  async updateFee(proofs: Proof[]): Promise<bigint> {
    return proofs.length === 0 ? 0n : this.system.priceAggregator.updateFee(proofs);
  }

  // Liquidity

  /** Mints ALP for `amount` of a token that the LP is given first. */
  async mint(
    lp: Signer,
    symbol: string,
    amount: bigint,
    { minOut = 0n, assets }: LpOptions = {},
  ): Promise<ContractTransactionReceipt> {
    const { alpManager } = this.system;
    await this.replica.mintToken(symbol, await lp.getAddress(), amount);
    const token = this.replica.token(symbol).connect(lp);
    await confirmed(token.approve(await alpManager.getAddress(), amount));
    await this.refresh();
    const { assetIds, updateData } = this.referenceTicks(await this.now(), assets);
    const value = await this.referenceFee(assetIds, updateData);
    const deadline = (await this.now()) + 3_600;
    const address = await token.getAddress();
    return confirmed(alpManager.connect(lp).mint(address, amount, minOut, deadline, assetIds, updateData, { value }));
  }

  /**
   * The same amounts, by symbol, as deposits that bring no asset above its largest share on the way: at once into a small
   * vault, else in rounds that each grow every asset by 60%. The amounts are about in proportion to the target weights.
   */
  depositsWithinShares(amounts: Readonly<Record<string, bigint>>): { symbol: string; amount: bigint }[] {
    const { tokens, vault } = this.profile;
    const values = tokens.map(
      ({ symbol, decimals, assetKey }) => (amounts[symbol] * this.priceOf(assetKey)) / 10n ** BigInt(decimals),
    );
    const total = values.reduce((sum, value) => sum + value, 0n) / 10n ** 10n;
    // The last deposit alone may find the vault above its floor.
    const isSmall = total - values[values.length - 1] / 10n ** 10n <= BigInt(vault.shareFloorUsd);
    // In millionths of the whole, the first round within the floor.
    const totals: bigint[] = [];
    const first = isSmall ? WHOLE : (BigInt(vault.shareFloorUsd) * 970_000n) / total;
    for (let reached = first; reached < WHOLE; reached = (reached * 16n) / 10n) totals.push(reached);
    totals.push(WHOLE);
    return totals.flatMap((reached, round) =>
      tokens.map(({ symbol }) => {
        const before = round === 0 ? 0n : totals[round - 1];
        return { symbol, amount: (amounts[symbol] * reached) / WHOLE - (amounts[symbol] * before) / WHOLE };
      }),
    );
  }

  /** Mints for all these amounts, by symbol. */
  async provide(lp: Signer, amounts: Readonly<Record<string, bigint>>): Promise<void> {
    for (const { symbol, amount } of this.depositsWithinShares(amounts)) await this.mint(lp, symbol, amount);
  }

  /** Burns ALP for a token, paid to the LP. */
  async burn(
    lp: Signer,
    symbol: string,
    alpAmount: bigint,
    { minOut = 0n, assets }: LpOptions = {},
  ): Promise<ContractTransactionReceipt> {
    const { alpManager } = this.system;
    await this.refresh();
    const { assetIds, updateData } = this.referenceTicks(await this.now(), assets);
    const value = await this.referenceFee(assetIds, updateData);
    const deadline = (await this.now()) + 3_600;
    const token = await this.replica.token(symbol).getAddress();
    const receiver = await lp.getAddress();
    return confirmed(
      alpManager.connect(lp).burn(token, alpAmount, minOut, deadline, receiver, false, assetIds, updateData, { value }),
    );
  }

  // Books

  /** The books of every token the vault has. */
  async books(): Promise<TokenBooks[]> {
    const { vault } = this.system;
    const address = await vault.getAddress();
    const all: TokenBooks[] = [];
    for (const { symbol } of this.profile.tokens) {
      const token = this.replica.token(symbol);
      const ledger = await vault.ledger(await token.getAddress());
      const collateral = await vault.collateral(await token.getAddress());
      const balance = await token.balanceOf(address);
      const { liquidity, reserved, fees, claimable } = ledger;
      const surplus = balance - liquidity - collateral - fees - claimable;
      all.push({ symbol, balance, liquidity, reserved, collateral, fees, claimable, surplus });
    }
    return all;
  }

  /** Whether every token's books add up to its balance, to the last unit. */
  async isBalanced(): Promise<boolean> {
    return (await this.books()).every(({ surplus, reserved, liquidity }) => surplus === 0n && reserved <= liquidity);
  }

  private async referenceFee(assetIds: number[], updateData: string[]): Promise<bigint> {
    return this.updateFee([{ assetIds, minPublishTime: 0, isUnique: false, updateData }]);
  }
}

export async function confirmed(
  sent: Promise<ContractTransactionResponse> | ContractTransactionResponse,
): Promise<ContractTransactionReceipt> {
  const receipt = await (await sent).wait();
  if (receipt === null) throw new Error("the transaction was not mined");
  return receipt;
}

export async function timestampOf(provider: Desk["provider"], receipt: ContractTransactionReceipt): Promise<number> {
  const block = (await provider.send("eth_getBlockByHash", [receipt.blockHash, false])) as { timestamp: string };
  return Number(block.timestamp);
}

export function toBatch(
  results: readonly { outcome: bigint; reason: bigint; isFailed: boolean }[],
  receipt: ContractTransactionReceipt,
): Batch {
  return { results: results.map(toBatchOutcome), receipt };
}

function toBatchOutcome(result: { outcome: bigint; reason: bigint; isFailed: boolean }): BatchOutcome {
  return {
    outcome: nameOf(Outcome, result.outcome),
    reason: nameOf(Reason, result.reason),
    isFailed: result.isFailed,
  };
}

function expectOutcome(result: BatchOutcome, outcome: string): void {
  if (result.outcome === outcome && !result.isFailed) return;
  throw new Error(
    `expected ${outcome}, got ${result.outcome} (${result.reason}${result.isFailed ? ", reverted" : ""})`,
  );
}
