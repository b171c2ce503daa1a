/**
 * What wallets and keepers ask the lenses: trades of an account page by page, and what there is to do at given ticks.
 */
import { assetIdOf } from "../../deploy/arguments/oracle";
import type { AssetKey } from "../../deploy/profiles";
import type { Desk, Proof, TickOptions } from "./Desk";
import { Outcome, Reason, nameOf } from "../../sdk/enums";

/** A tick as the lenses take it: as it would be proven, but without a proof. */
export interface LensTick {
  /** USD, 10 decimals. */
  price: bigint;
  /** USD, 10 decimals. */
  confidence: bigint;
  publishTime: number;
  minPublishTime: number;
  assetId: number;
  isUnique: boolean;
}

/** What an attempt would do and pay, by name. */
export interface Preview {
  outcome: string;
  reason: string;
  /** USD, 10 decimals. */
  price: bigint;
  /** In token units, as the next two. */
  executorPay: bigint;
  ownerPay: bigint;
  closeFee: bigint;
}

/** One attempt on a trade. */
export interface Attempt extends Preview {
  id: bigint;
  token: string;
  isLiquidation: boolean;
  isFailed: boolean;
}

/** An item of the Liquidator; an index of the largest uint256: not tried. */
export interface LensItem {
  tradeId: bigint;
  tickIndex: bigint;
  closeTickIndex: bigint;
}

/** Both attempts of an item, and what the Liquidator would return for it. */
export interface ItemAttempts {
  id: bigint;
  token: string;
  execution: Preview;
  liquidation: Preview;
  result: { outcome: string; reason: string; isFailed: boolean };
}

/** What there is to do about a trade, with the tick of its market. */
export interface Due {
  id: bigint;
  token: string;
  isLiquidation: boolean;
  outcome: string;
  reason: string;
  /** USD, 10 decimals. */
  price: bigint;
  /** In token units; of both attempts where both do something. */
  executorPay: bigint;
}

/** The tick that a proof of `Desk.firstTick` or `Desk.anyTick` with the same options proves. */
export function lensTick(desk: Desk, asset: AssetKey, at: number, proof: Proof, options: TickOptions = {}): LensTick {
  const { price, conf } = desk.pythPrice(asset, at, options);
  const { minPublishTime, isUnique } = proof;
  return {
    price: price * 100n,
    confidence: conf * 100n,
    publishTime: at,
    minPublishTime,
    assetId: assetIdOf(asset),
    isUnique,
  };
}

/** A tick of now that stands for the first at or after whatever target: what to look for work with. */
export async function tickOfNow(desk: Desk, asset: AssetKey, options: TickOptions = {}): Promise<LensTick> {
  const at = await desk.now();
  const proof = { assetIds: [assetIdOf(asset)], minPublishTime: 0, isUnique: true, updateData: [] };
  return lensTick(desk, asset, at, proof, options);
}

/** All orders and positions of an account, asked for in pages of so many records and ids. */
export async function allTradesOf(desk: Desk, owner: string, maxRecords = 100n, maxIds = 5_000n) {
  const { trading, tradingLens } = desk.system;
  const end = await trading.nextTradeId();
  const all = [];
  for (let from = 1n; from < end;) {
    const [records, next] = await tradingLens.tradesOf(trading, owner, from, from + maxIds, maxRecords);
    all.push(...records);
    from = next;
  }
  return all;
}

/** What executing trades would do and pay; trade i is tried with tick `tickIndexes[i]`, 0 by default. */
export async function dryRun(
  desk: Desk,
  executor: string,
  ids: readonly bigint[],
  ticks: readonly LensTick[],
  tickIndexes: readonly number[] = ids.map(() => 0),
): Promise<Attempt[]> {
  const { keeperLens, trading } = desk.system;
  return (await keeperLens.dryRun(trading, executor, [...ids], [...ticks], [...tickIndexes])).map(toAttempt);
}

/** The same of liquidating them. */
export async function dryRunLiquidations(
  desk: Desk,
  ids: readonly bigint[],
  ticks: readonly LensTick[],
  tickIndexes: readonly number[] = ids.map(() => 0),
): Promise<Attempt[]> {
  const { keeperLens, trading } = desk.system;
  return (await keeperLens.dryRunLiquidations(trading, [...ids], [...ticks], [...tickIndexes])).map(toAttempt);
}

/** What items of the Liquidator would do and pay: each executed with one of the ticks, then liquidated with another. */
export async function dryRunItems(
  desk: Desk,
  executor: string,
  items: readonly LensItem[],
  ticks: readonly LensTick[],
): Promise<ItemAttempts[]> {
  const { keeperLens, trading } = desk.system;
  return (await keeperLens.dryRunItems(trading, executor, [...items], [...ticks])).map(toItemAttempts);
}

/** All that something can be done about at these ticks, asked for in pages of at most so many ids. */
export async function allDue(
  desk: Desk,
  executor: string,
  ticks: readonly LensTick[],
  maxIds = 1_000n,
): Promise<Due[]> {
  const { keeperLens, trading } = desk.system;
  const end = await trading.nextTradeId();
  const all: Due[] = [];
  for (let from = 1n; from < end;) {
    const [trades, next] = await keeperLens.due(trading, executor, from, maxIds, [...ticks]);
    all.push(...trades.map(toDue));
    from = next;
  }
  return all;
}

interface RawPreview {
  outcome: bigint;
  reason: bigint;
  price: bigint;
  executorPay: bigint;
  ownerPay: bigint;
  closeFee: bigint;
}

interface RawAttempt {
  id: bigint;
  token: string;
  isLiquidation: boolean;
  isFailed: boolean;
  preview: RawPreview;
}

interface RawItemRun {
  id: bigint;
  token: string;
  execution: RawPreview;
  liquidation: RawPreview;
  result: { outcome: bigint; reason: bigint; isFailed: boolean };
}

interface RawDue {
  id: bigint;
  token: string;
  isLiquidation: boolean;
  outcome: bigint;
  reason: bigint;
  price: bigint;
  executorPay: bigint;
}

function named({ outcome, reason }: { outcome: bigint; reason: bigint }) {
  return { outcome: nameOf(Outcome, outcome), reason: nameOf(Reason, reason) };
}

function toPreview(preview: RawPreview): Preview {
  const { price, executorPay, ownerPay, closeFee } = preview;
  return { ...named(preview), price, executorPay, ownerPay, closeFee };
}

export function toAttempt({ id, token, isLiquidation, isFailed, preview }: RawAttempt): Attempt {
  return { id, token, isLiquidation, isFailed, ...toPreview(preview) };
}

export function toItemAttempts({ id, token, execution, liquidation, result }: RawItemRun): ItemAttempts {
  const previews = { execution: toPreview(execution), liquidation: toPreview(liquidation) };
  return { id, token, ...previews, result: { ...named(result), isFailed: result.isFailed } };
}

export function toDue(due: RawDue): Due {
  const { id, token, isLiquidation, price, executorPay } = due;
  return { id, token, isLiquidation, ...named(due), price, executorPay };
}
