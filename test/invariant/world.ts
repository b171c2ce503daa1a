import { expect } from "chai";
import type { ContractTransactionReceipt, Signer } from "ethers";
import { ethers } from "hardhat";
import { assetIdOf } from "../../deploy/modules/oracle";
import type { AssetKey } from "../../deploy/profiles";
import { DEFAULT_PRICES, toAnswer } from "../../kit/replica";
import { confirmed } from "../../kit/desk/Desk";
import { Reason, nameOf } from "../../sdk/enums";
import { TradingIndexer } from "../../sdk/indexer";
import { PIPS } from "../../sdk/units";
import type { deskFixture } from "../fixtures/desk";
import type { Moment, Prediction } from "./records";
import { found } from "./records";
import { Twin } from "./twin";

type DeskContext = Awaited<ReturnType<typeof deskFixture>>;

export type Fixture = Awaited<ReturnType<typeof withRefresher<DeskContext>>>;

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

/** Everything of one run: the deployed system, the twin that predicts it, and the indexer that follows it. */
export class World {
  readonly twin: Twin;
  readonly indexer = new TradingIndexer();
  readonly prices = new Map<AssetKey, bigint>(Object.entries(DEFAULT_PRICES) as [AssetKey, bigint][]);
  readonly donated = new Map<string, bigint>();
  readonly counts = new Map<string, number>();
  private indexedUpTo = -1;

  constructor(readonly context: Fixture) {
    this.twin = new Twin(context.profile);
  }

  get traders(): Signer[] {
    return [this.context.trader, this.context.other];
  }

  /** A trader may execute for himself. */
  get keepers(): Signer[] {
    return [this.context.keeper, this.context.stranger, this.context.trader];
  }

  get symbols(): string[] {
    return this.context.profile.tokens.map(({ symbol }) => symbol);
  }

  priceOf(asset: AssetKey): bigint {
    return found(this.prices.get(asset));
  }

  /** The price of a token's asset. */
  tokenPrice(symbol: string): bigint {
    return this.priceOf(this.twin.token(symbol).assetKey);
  }

  /** Takes over what the fixture has left: liquidity, and the indices of books that nobody has traded in. */
  async start(): Promise<void> {
    const { tradingRecords, vault, replica } = this.context;
    for (const symbol of this.symbols) {
      const { liquidity } = await vault.ledger(await replica.token(symbol).getAddress());
      this.twin.ledger(symbol).liquidity = liquidity;
    }
    for (const book of this.twin.books.values()) {
      const { longIndex, shortIndex, accruedAt } = await tradingRecords.bookState(book.bookId);
      book.indices = { longX18: longIndex, shortX18: shortIndex };
      book.accruedAt = Number(accruedAt);
    }
    await this.follow();
  }

  /** Moves a price; kept on the grid that feeds and ticks share. */
  move(asset: AssetKey, movePips: number): bigint {
    return moved(this.priceOf(asset), movePips);
  }

  /** All feeds report the prices of now, in one block. */
  async refresh(): Promise<void> {
    await report(this.context, (asset) => this.priceOf(asset));
  }

  momentOf(
    { symbol, bookId }: { symbol: string; bookId: number },
    attempt: Pick<Moment, "tick" | "at" | "now" | "executor" | "isFirst">,
  ): Moment {
    const anchor = this.priceOf(this.twin.book(bookId).asset);
    return { ...attempt, anchor, tokenPrice: this.tokenPrice(symbol) };
  }

  /** The indexer reads all logs since it last did. */
  async follow(): Promise<void> {
    const { trading } = this.context;
    const logs = await ethers.provider.getLogs({
      address: await trading.getAddress(),
      fromBlock: this.indexedUpTo + 1,
      toBlock: "latest",
    });
    const times = new Map<number, bigint>();
    for (const { topics, data, blockNumber } of logs) {
      const known = times.get(blockNumber);
      const blockTimestamp = known ?? BigInt((await ethers.provider.getBlock(blockNumber))?.timestamp ?? 0);
      times.set(blockNumber, blockTimestamp);
      this.indexer.apply({ topics, data, blockTimestamp });
    }
    this.indexedUpTo = await ethers.provider.getBlockNumber();
  }

  /** Compares what a batch did, item by item, with what was predicted, and pays attention to every unit paid out. */
  compare(receipt: ContractTransactionReceipt, ids: readonly bigint[], predictions: readonly Prediction[]): void {
    const done = this.effectsOf(receipt);
    for (const [index, id] of ids.entries()) {
      const predicted = predictions[index];
      const effect = done.get(id)?.shift();
      expect(effect?.outcome, `trade ${id}`).to.equal(predicted.outcome);
      for (const [name, amount] of Object.entries(predicted.amounts)) {
        expect(effect?.amounts[name], `${name} of trade ${id}, ${predicted.outcome}`).to.equal(amount);
      }
      this.count(predicted.outcome);
    }
    expect([...done.values()].flat()).to.deep.equal([]);
  }

  count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  assetId(asset: AssetKey): number {
    return assetIdOf(asset);
  }

  private effectsOf(receipt: ContractTransactionReceipt) {
    const { trading, executor } = this.context;
    const done = new Map<bigint, { outcome: string; amounts: Record<string, unknown> }[]>();
    const add = (id: bigint, outcome: string, amounts: Record<string, unknown>) =>
      done.set(id, [...(done.get(id) ?? []), { outcome, amounts }]);
    const outcomes: Record<string, string | undefined> = {
      OrderRefused: "Refused",
      CloseRefused: "Refused",
      TradeOpened: "Opened",
      TradeClosed: "Closed",
      TradeLiquidated: "Liquidated",
      TradeReduced: "Reduced",
      StopArmed: "Armed",
    };
    for (const log of receipt.logs) {
      const event = trading.interface.parseLog(log) ?? executor.interface.parseLog(log);
      if (event === null) continue;
      const args = event.args.toObject() as Record<string, unknown>;
      const reason = typeof args.reason === "bigint" ? nameOf(Reason, args.reason) : "None";
      if (event.name === "ItemFailed") throw new Error(`trade ${String(args.tradeId)} failed: ${String(args.reason)}`);
      if (event.name === "ItemSkipped") add(args.tradeId as bigint, `Skipped:${reason}`, {});
      const outcome = outcomes[event.name];
      if (outcome === undefined) continue;
      const position = args.position as { toObject(): Record<string, unknown> } | undefined;
      add(args.id as bigint, `${outcome}:${reason}`, { ...position?.toObject(), ...args });
    }
    return done;
  }
}

/** All feeds report prices in one block. */
export async function report(
  { refresher, feeds }: Pick<Fixture, "refresher" | "feeds">,
  priceOf: (asset: AssetKey) => bigint,
): Promise<void> {
  const pushes = new ethers.Interface(["function pushAnswer(int192 answer)"]);
  const datas = feeds.map(({ asset, decimals }) =>
    pushes.encodeFunctionData("pushAnswer", [toAnswer(priceOf(asset), decimals)]),
  );
  const targets = feeds.map(({ address }) => address);
  await confirmed(refresher.executeBatch(targets, datas));
}

/** A price moved by pips, on the grid of eight decimals, never below a thousandth of a dollar. */
export function moved(price: bigint, movePips: number): bigint {
  const next = ((price * (PIPS + BigInt(movePips))) / PIPS / 100n) * 100n;
  return next > 10n ** 7n ? next : 10n ** 7n;
}
