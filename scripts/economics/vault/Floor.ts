import type { BaseContract, LogDescription } from "ethers";
import type { AssetKey, Mode, TokenProfile } from "../../../deploy/profiles";
import { WRAPPED_ASSETS } from "../../../deploy/profiles";
import type { Desk, Proof } from "../../../kit/desk/Desk";
import { NO_TICK } from "../../../kit/desk/Desk";
import { DEFAULT_PRICES, toAnswer } from "../../../kit/replica";
import { Reason, nameOf } from "../../../sdk/enums";
import * as model from "../../../sdk/model";
import type { PricePath } from "../../demo/path";
import { Blocks, eventsOf } from "../../replay/blocks";
import type { Call, RawReceipt } from "../../replay/blocks";
import { Feeds } from "../../replay/feeds";
import { PathScene } from "../../replay/PathScene";
import { Clock } from "./Clock";
import type { Actor, House } from "./house";
import { dollarOf } from "./house";

const CALL_GAS = 5_000_000;
const BATCH_GAS = 3_000_000;
const ITEM_GAS = 600_000;
/** An order and a close lapse this long after their tick; a close that lapsed is asked for again, so often. */
const LAPSE_SECONDS = 31;
const MOST_TRIES = 6;
const FOREVER = 2 ** 40 - 1;

export interface Order {
  readonly by: Actor;
  readonly isLong: boolean;
  readonly mode: Mode;
  readonly leverage: number;
  /** What is paid in, USD with 18 decimals. */
  readonly amount: bigint;
  /** Symbol of the margin token; the first dollar by default. */
  readonly token?: string;
  /** A limit order at this price; a market order else. */
  readonly limit?: bigint;
}

export interface Placed extends Order {
  readonly id: bigint;
  /** Publish time of the tick that fills it; of a limit the earliest. */
  readonly target: number;
}

export interface OpenTrade extends Placed {
  readonly entry: bigint;
  readonly size: bigint;
  readonly openedAt: number;
}

export interface Purse {
  readonly actors: readonly Actor[];
  readonly held: ReadonlyMap<string, bigint>;
}

/** How an order or a trade ended. */
export interface Ended {
  readonly name: string;
  readonly args: LogDescription["args"];
}

/** The deployed system lived through along the prices of a window, block by block, feeds reporting by themselves. */
export class Floor extends PathScene {
  readonly open = new Map<bigint, OpenTrade>();
  readonly ended = new Map<bigint, Ended>();
  /** Prices of assets that do not stand where they always do. */
  readonly prices = new Map<AssetKey, bigint>();
  /** By id, what a batch said of an item that it left as it is. */
  readonly skipped: { readonly id: bigint; readonly reason: string }[] = [];
  private readonly placed = new Map<bigint, Placed>();
  private readonly clock = new Clock();
  private minedAt = 0;

  private constructor(
    private readonly house: House,
    readonly path: PricePath,
    blocks: Blocks,
    feeds: Feeds,
  ) {
    super(blocks, feeds);
  }

  /** Runs something on it, at the first second of the window. */
  static async on<T>(house: House, path: PricePath, run: (floor: Floor) => Promise<T>): Promise<T> {
    const { desk, hre } = house;
    await desk.setPrices({ ...DEFAULT_PRICES, BTC: path.at(0).priceX10 });
    const [reporter] = await hre.ethers.getSigners();
    const feeds = await Feeds.connect(desk.replica, reporter.address);
    const blocks = await Blocks.start(hre.ethers.provider);
    const floor = new Floor(house, path, blocks, feeds);
    try {
      await floor.begin((await desk.now()) + 1);
      floor.minedAt = floor.now;
      return await run(floor);
    } finally {
      await floor.close();
    }
  }

  get desk(): Desk {
    return this.house.desk;
  }

  get second(): number {
    return this.secondOf(this.now);
  }

  // Time

  /** Seconds of the path pass from the next moment on. */
  go(): void {
    this.clock.go(this.now + 1);
  }

  /** The price stands still from now on. */
  stand(): void {
    this.clock.stand(this.now);
  }

  /** The next moment; what was queued before is mined first. */
  async next(): Promise<void> {
    await this.mine();
    await this.goTo(this.now + 1);
  }

  /** Moment after moment up to a time; `each` may act in each. */
  async until(time: number, each?: () => Promise<void>): Promise<void> {
    while (this.now < time) {
      await this.next();
      await each?.();
    }
    await this.mine();
  }

  /** Until the path has come to a second. */
  async untilSecond(second: number, each?: () => Promise<void>): Promise<void> {
    await this.until(this.now + second - this.second, each);
  }

  /** A long time in one leap, with prices that stand still; then all feeds have reported. */
  async rest(seconds: number): Promise<void> {
    await this.mine();
    await this.goTo(this.now + seconds);
    await this.until(this.now + 5);
  }

  // Prices

  priceAt(asset: AssetKey, time: number): bigint {
    const own = this.prices.get(asset);
    if (own !== undefined) return own;
    const isMoving = (WRAPPED_ASSETS[asset] ?? asset) === "BTC";
    return isMoving ? this.path.at(this.secondOf(time)).priceX10 : DEFAULT_PRICES[asset];
  }

  firstTick(time: number): Proof {
    return this.desk.firstTick("BTC", time, this.tickAt(time));
  }

  anyTick(time: number): Proof {
    return this.desk.anyTick("BTC", time, this.tickAt(time));
  }

  private tickAt(time: number): { price: bigint; confidence: bigint } {
    const { confidenceX10, priceX10 } = this.path.at(this.secondOf(time));
    return { price: priceX10, confidence: confidenceX10 };
  }

  /** Has one of an asset's two feeds report a price, in the coming block. */
  async forge(asset: AssetKey, source: "chainlink" | "atlas", price: bigint): Promise<void> {
    const aggregator = await this.desk.replica.aggregator(asset, source);
    const answer = toAnswer(price, Number(await aggregator.decimals()));
    await this.send("keeper", aggregator, "pushAnswer", [answer], { isFirst: true });
  }

  // Calls

  /** Puts a call into the coming block. */
  async send(
    by: Actor,
    contract: BaseContract,
    name: string,
    args: readonly unknown[],
    more: Partial<Call> = {},
  ): Promise<string> {
    const data = contract.interface.encodeFunctionData(name, args);
    return this.blocks.queue({
      ...{ from: this.house.addresses[by], to: await contract.getAddress(), data, gas: CALL_GAS },
      ...more,
    });
  }

  /** Mines what is queued, at this moment or, where that has its block, at the next; notes what became of orders and trades. */
  async mine(): Promise<Map<string, RawReceipt>> {
    if (this.blocks.isEmpty) return new Map();
    const { executor, trading } = this.desk.system;
    if (this.now === this.minedAt) await this.goTo(this.now + 1);
    this.minedAt = this.now;
    const receipts = await this.blocks.mine(this.now);
    for (const receipt of receipts.values()) {
      for (const event of eventsOf(receipt, await trading.getAddress(), trading.interface)) this.note(event);
      for (const contract of [executor, this.desk.system.liquidator]) {
        for (const { args, name } of eventsOf(receipt, await contract.getAddress(), executor.interface)) {
          if (name === "ItemFailed") throw new Error(`item ${String(args.tradeId)} failed: ${String(args.reason)}`);
          if (name !== "ItemSkipped") continue;
          this.skipped.push({ id: args.tradeId as bigint, reason: nameOf(Reason, args.reason as bigint) });
        }
      }
    }
    return receipts;
  }

  private note({ args, name }: LogDescription): void {
    const id = args.id as bigint;
    if (name === "TradeOpened") {
      const order = this.placed.get(id);
      if (order === undefined) throw new Error(`nobody ordered trade ${id}`);
      const opened = { entry: args.entry as bigint, size: args.size as bigint, openedAt: Number(args.openedAt) };
      this.open.set(id, { ...order, ...opened });
    }
    if (!["OrderRefused", "OrderCancelled", "TradeClosed", "TradeLiquidated"].includes(name)) return;
    this.open.delete(id);
    this.ended.set(id, { name, args });
  }

  // Trading

  /** Places orders in the coming block, and mines it. */
  async place(orders: readonly Order[]): Promise<Placed[]> {
    const { trading } = this.desk.system;
    const sent: string[] = [];
    for (const order of orders) {
      const { amount, by, isLong, leverage, limit, mode, token = dollarOf(this.desk) } = order;
      const request = {
        owner: this.house.addresses[by],
        bookId: this.desk.bookId("BTC", mode),
        ...{ isLong, leverage, token: await this.desk.replica.token(token).getAddress() },
        amount: model.toTokensDown(amount, this.quoteOf(token)),
        acceptablePrice: limit ?? 0n,
        ...{ takeProfit: 0n, stopLoss: 0n, deadline: limit === undefined ? this.now + 600 : FOREVER },
        ...{ broker: 0, asNative: false },
      };
      sent.push(await this.send(by, trading, limit === undefined ? "requestOpen" : "requestLimit", [request]));
    }
    const receipts = await this.mine();
    const at = this.now;
    const address = await trading.getAddress();
    return orders.map((order, index) => {
      const receipt = receipts.get(sent[index]);
      const event = receipt && eventsOf(receipt, address, trading.interface).find(({ name }) => name === "OrderPlaced");
      if (event === undefined) throw new Error("an order was not placed");
      const placed = { ...order, id: event.args.id as bigint, target: at + this.desk.delayOf(order.mode) };
      this.placed.set(placed.id, placed);
      return placed;
    });
  }

  /** Asks for closes in the coming block, and mines it; publish times of the ticks that fill them. */
  async askToClose(trades: readonly Placed[]): Promise<Map<bigint, number>> {
    await this.mine();
    for (const { by, id } of trades) {
      await this.send(by, this.desk.system.trading, "requestClose", [id, 0n, this.now + 600]);
    }
    await this.mine();
    return new Map(trades.map(({ id, mode }) => [id, this.now + this.desk.delayOf(mode)]));
  }

  /** Puts a batch into the coming block: each item with a proof of its own. */
  async execute(
    by: Actor,
    items: readonly { readonly id: bigint; readonly proof: Proof }[],
    more: Partial<Call> = {},
  ): Promise<void> {
    if (items.length === 0) return;
    const keyOf = ({ isUnique, minPublishTime }: Proof) => `${minPublishTime} ${isUnique}`;
    const proofs = [...new Map(items.map(({ proof }) => [keyOf(proof), proof])).values()];
    const keys = proofs.map(keyOf);
    const list = items.map(({ id, proof }) => ({ tradeId: id, tickIndex: keys.indexOf(keyOf(proof)) }));
    const { executor, trading } = this.desk.system;
    const value = await this.desk.updateFee(proofs);
    const gas = BATCH_GAS + items.length * ITEM_GAS;
    const args = [await trading.getAddress(), proofs, list];
    await this.send(by, executor, "execute", args, { gas, value, ...more });
  }

  /** The same of a liquidator's, by one tick for all. */
  async liquidate(by: Actor, ids: readonly bigint[], proof: Proof): Promise<void> {
    if (ids.length === 0) return;
    const { liquidator, trading } = this.desk.system;
    const items = ids.map((tradeId) => ({ tradeId, tickIndex: 0, closeTickIndex: NO_TICK }));
    const value = await this.desk.updateFee([proof]);
    const gas = BATCH_GAS + ids.length * ITEM_GAS;
    await this.send(by, liquidator, "liquidate", [await trading.getAddress(), [proof], items], { gas, value });
  }

  /** Executes orders and closes at their own ticks, once those are there. */
  async settle(by: Actor, targets: ReadonlyMap<bigint, number>, each?: () => Promise<void>): Promise<void> {
    if (targets.size === 0) return;
    await this.until(Math.max(...targets.values()), each);
    await this.next();
    const items = [...targets].map(([id, target]) => ({ id, proof: this.firstTick(target) }));
    await this.execute(by, items);
    await this.mine();
  }

  /** Places market orders and fills them. Those that were refused are not among the answers. */
  async fill(by: Actor, orders: readonly Order[], each?: () => Promise<void>): Promise<OpenTrade[]> {
    const placed = await this.place(orders);
    await this.settle(by, new Map(placed.map(({ id, target }) => [id, target])), each);
    return placed.flatMap(({ id }) => this.open.get(id) ?? []);
  }

  /** Closes every trade, again where a close lapsed, and has orders refunded that nothing filled. */
  async closeAll(by: Actor, each?: () => Promise<void>): Promise<void> {
    for (let tries = 0; tries < MOST_TRIES && this.open.size > 0; tries++) {
      if (tries > 0) await this.until(this.now + LAPSE_SECONDS, each);
      await this.settle(by, await this.askToClose([...this.open.values()]), each);
    }
    if (this.open.size > 0) throw new Error(`${this.open.size} positions could not be closed`);
    const left = [...this.placed.values()].filter(({ id, limit }) => limit === undefined && !this.ended.has(id));
    if (left.length === 0) return;
    await this.until(Math.max(...left.map(({ target }) => target)) + LAPSE_SECONDS);
    for (const { id } of left) await this.send(by, this.desk.system.trading, "cancelExpired", [id]);
    await this.mine();
  }

  // Liquidity

  /** Puts a mint into the coming block, with the ticks of a time. */
  async mint(by: Actor, symbol: string, amount: bigint, at = this.now, more: Partial<Call> = {}): Promise<string> {
    const { assetIds, updateData, value } = await this.reference(at);
    const token = await this.desk.replica.token(symbol).getAddress();
    const args = [token, amount, 0n, FOREVER, assetIds, updateData];
    return this.send(by, this.desk.system.alpManager, "mint", args, { value, ...more });
  }

  async burn(by: Actor, symbol: string, shares: bigint, more: Partial<Call> = {}): Promise<string> {
    const { assetIds, updateData, value } = await this.reference(this.now);
    const token = await this.desk.replica.token(symbol).getAddress();
    const args = [token, shares, 0n, FOREVER, this.house.addresses[by], false, assetIds, updateData];
    return this.send(by, this.desk.system.alpManager, "burn", args, { value, ...more });
  }

  async sharesOf(by: Actor): Promise<bigint> {
    return this.desk.system.alp.balanceOf(this.house.addresses[by]);
  }

  private async reference(at: number): Promise<{ assetIds: number[]; updateData: string[]; value: bigint }> {
    const assets = this.desk.referenceAssets();
    this.desk.rememberPrices(new Map(assets.map((asset) => [asset, this.priceAt(asset, at)])));
    const { assetIds, updateData } = this.desk.referenceTicks(at, assets);
    const proof = { assetIds, minPublishTime: 0, isUnique: false, updateData };
    return { assetIds, updateData, value: await this.desk.updateFee([proof]) };
  }

  // Books

  tokenOf(symbol: string): TokenProfile {
    const token = this.desk.profile.tokens.find((candidate) => candidate.symbol === symbol);
    if (token === undefined) throw new Error(`no token ${symbol}`);
    return token;
  }

  /** A token at what it is worth now, whatever its feeds say. */
  quoteOf(symbol: string): model.TokenQuote {
    const { assetKey, decimals } = this.tokenOf(symbol);
    return { decimals, price: this.priceAt(assetKey, this.now) };
  }

  /** All tokens and claims of these actors together, by symbol; ALP left out. */
  async purseOf(...actors: readonly Actor[]): Promise<Purse> {
    const { vault } = this.desk.system;
    const held = new Map<string, bigint>();
    for (const { symbol } of this.desk.profile.tokens) {
      const token = this.desk.replica.token(symbol);
      for (const actor of actors) {
        const address = this.house.addresses[actor];
        const own = (await token.balanceOf(address)) + (await vault.claimableOf(token, address));
        held.set(symbol, (held.get(symbol) ?? 0n) + own);
      }
    }
    return { actors, held };
  }

  /** What has come to a purse since, at what the tokens are worth now; USD with 18 decimals. */
  async gainSince({ actors, held }: Purse): Promise<bigint> {
    let sum = 0n;
    for (const [symbol, amount] of (await this.purseOf(...actors)).held) {
      const { decimals, price } = this.quoteOf(symbol);
      sum += ((amount - (held.get(symbol) ?? 0n)) * price * 10n ** 8n) / 10n ** BigInt(decimals);
    }
    return sum;
  }

  protected readonly priceOf = (asset: AssetKey): bigint => this.priceAt(asset, this.now);

  protected override secondOf(time: number): number {
    return this.clock.secondOf(time);
  }
}
