import type { ContractTransactionReceipt } from "ethers";
import { Action } from "../action";
import { Codec } from "../abi";
import type { RawLog } from "../abi";
import { executorAbi, liquidatorAbi, predictionAbi, priceAggregatorAbi } from "../abis";
import { assetOf } from "../chains";
import type { AssetKey } from "../chains";
import { latestTime } from "../connection";
import type { Connection } from "../connection";
import { Reason, nameOf } from "../enums";
import type { Outcome } from "../enums";
import { decodeError } from "../errors";
import type { DecodedError } from "../errors";
import { firstUpdateAt, readUpdate } from "../pyth/source";
import type { PriceSource, PriceUpdate } from "../pyth/source";
import { query } from "../reading";
import { TRADING } from "./orders";
import type { Pending } from "./orders";

const EXECUTOR = new Codec(executorAbi);
const LIQUIDATOR = new Codec(liquidatorAbi);
const AGGREGATOR = new Codec(priceAggregatorAbi);
const PREDICTION = new Codec(predictionAbi);

/** No tick: a liquidation that carries no close along. */
export const NO_TICK = 2n ** 256n - 1n;
const POLL_MS = 250;

/** What one proof proves, as the price aggregator takes it. */
export interface PriceProof {
  readonly assetIds: readonly number[];
  readonly minPublishTime: number;
  readonly isUnique: boolean;
  readonly updateData: readonly string[];
}

/** One attempt of a batch. */
export interface Item {
  readonly id: bigint;
  /** Which of the proven ticks it is tried with, counted over all proofs; the first by default. */
  readonly tick?: number;
  /** Of a liquidation: the tick that its pending close is tried with first; none by default. */
  readonly closeTick?: number;
}

/** What an attempt came to. */
export interface Attempt {
  readonly id: bigint;
  readonly outcome: (typeof Outcome)[number] | "Failed";
  /** Why it was skipped or refused. */
  readonly reason: (typeof Reason)[number];
  /** Of one that failed. */
  readonly error?: DecodedError;
}

export interface Batch {
  readonly attempts: readonly Attempt[];
  readonly receipt: ContractTransactionReceipt;
}

/** Filling, settling and liquidating: anybody's to do, and paid for. */
export class KeeperClient {
  constructor(
    private readonly connection: Connection,
    private readonly prices: PriceSource | null,
  ) {}

  /** Proves the first tick at or after a time: the only one that market orders, closes and bets fill at. */
  async proveFirst(asset: AssetKey, time: number): Promise<PriceProof> {
    const { id, pythId } = assetOf(this.connection.chain, asset);
    const update = await firstUpdateAt(this.source(), pythId, time);
    return { assetIds: [id], minPublishTime: time, isUnique: true, updateData: update.data };
  }

  /** Proves the latest tick: for limits, triggers and liquidations. */
  async proveLatest(asset: AssetKey): Promise<PriceProof> {
    const { id, pythId } = assetOf(this.connection.chain, asset);
    const update = await this.source().latest([pythId]);
    const minPublishTime = publishTimeOf(update, pythId);
    return { assetIds: [id], minPublishTime, isUnique: false, updateData: update.data };
  }

  /** Executes orders, closes, limits and triggers of Trading, or strikes and settles bets. */
  async execute(
    product: Pending["product"],
    items: readonly Item[],
    proofs: readonly PriceProof[],
  ): Promise<Action<Batch>> {
    const { contracts } = this.connection;
    const list = items.map(({ id, tick = 0 }) => ({ tradeId: id, tickIndex: tick }));
    const data = EXECUTOR.encode("execute", [contracts[product], proofs, list]);
    return this.batch(contracts.executor, data, items, proofs);
  }

  async liquidate(items: readonly Item[], proofs: readonly PriceProof[]): Promise<Action<Batch>> {
    const { contracts } = this.connection;
    const list = items.map(({ id, tick = 0, closeTick }) => ({
      ...{ tradeId: id, tickIndex: tick, closeTickIndex: closeTick ?? NO_TICK },
    }));
    const data = LIQUIDATOR.encode("liquidate", [contracts.trading, proofs, list]);
    return this.batch(contracts.liquidator, data, items, proofs);
  }

  /** Waits for the tick of a request, and executes it. */
  async fill({ product, id, asset, target }: Pending): Promise<Attempt> {
    const proof = await this.proveFirst(asset, target);
    const { pythId } = assetOf(this.connection.chain, asset);
    const published = publishTimeOf(readUpdate(proof.updateData, [pythId]), pythId);
    // A block of an earlier second takes no tick of a later one.
    while ((await latestTime(this.connection)) < published) await new Promise((done) => setTimeout(done, POLL_MS));
    const { attempts } = await (await this.execute(product, [{ id }], [proof])).send();
    return attempts[0];
  }

  private async batch(
    to: string,
    data: string,
    items: readonly Item[],
    proofs: readonly PriceProof[],
  ): Promise<Action<Batch>> {
    const { contracts, reader } = this.connection;
    const fee = query(AGGREGATOR, contracts.priceAggregator, "updateFee", [proofs]);
    const value = proofs.length === 0 ? 0n : await reader.one(fee);
    const outcome = (receipt: ContractTransactionReceipt) => ({
      attempts: items.map(({ id }) => attemptOf(id, receipt.logs)),
      receipt,
    });
    return new Action(this.connection, { to, data, value, outcome });
  }

  private source(): PriceSource {
    if (this.prices === null) throw new Error("connected without a source of prices: name one, as `new Hermes()`");
    return this.prices;
  }
}

function publishTimeOf({ prices }: PriceUpdate, pythId: string): number {
  return Number(prices.find(({ feedId }) => feedId === pythId)?.publishTime ?? 0n);
}

/** What each event says of the trade or bet that it names. */
const OUTCOMES: Readonly<Record<string, (typeof Outcome)[number]>> = {
  TradeOpened: "Opened",
  BetStruck: "Opened",
  OrderRefused: "Refused",
  CloseRefused: "Refused",
  BetReturned: "Refused",
  TradeClosed: "Closed",
  BetSettled: "Closed",
  TradeReduced: "Reduced",
  TradeLiquidated: "Liquidated",
  StopArmed: "Armed",
};

/** The last that a batch's logs say of an id: a liquidation may follow on the close that it carried. */
export function attemptOf(id: bigint, logs: readonly RawLog[]): Attempt {
  let attempt: Attempt = { id, outcome: "Skipped", reason: "None" };
  for (const log of logs) {
    const event = TRADING.event(log) ?? PREDICTION.event(log) ?? EXECUTOR.event(log);
    if (event === undefined) continue;
    if (event.name === "ItemSkipped" && event.args.tradeId === id) {
      attempt = { id, outcome: "Skipped", reason: nameOf(Reason, event.args.reason) };
    } else if (event.name === "ItemFailed" && event.args.tradeId === id) {
      attempt = { id, outcome: "Failed", reason: "None", error: decodeError(event.args.reason) };
    } else if (event.name in OUTCOMES && "id" in event.args && event.args.id === id) {
      const isTrade = event.name === "OrderRefused" || event.name === "CloseRefused";
      attempt = { id, outcome: OUTCOMES[event.name], reason: isTrade ? nameOf(Reason, event.args.reason) : "None" };
    }
  }
  return attempt;
}
