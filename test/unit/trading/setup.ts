import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import type { BaseContract, ContractTransactionReceipt, Signer } from "ethers";
import { ethers } from "hardhat";
import type { AssetKey } from "../../../deploy/profiles";
import type { PushSource } from "../../../kit/replica";
import { pushSourcesOf } from "../../../deploy/sources";
import { confirmed } from "../../../kit/desk/Desk";
import type { OpenOptions, Pending, Proof } from "../../../kit/desk/Desk";
import { Reason, nameOf } from "../../../sdk/enums";
import { deskFixture } from "../../fixtures/desk";

import { modelOpening } from "./modelled";
import type { Modelled } from "./modelled";

export * from "./modelled";

export type Fixture = Awaited<ReturnType<typeof deskFixture>>;

/** Enough for what any of these batches does; an estimate would be made at the wrong time. */
const GAS_LIMIT = 12_000_000;
const EPOCH_LONG_AGO = 1;

/** The deployed system with every feed fresh. */
export async function start(): Promise<Fixture> {
  const fixture = await loadFixture(deskFixture);
  await fixture.desk.refresh();
  return fixture;
}

// What happened

export interface Settled {
  /** By id: `Opened`, `Refused PriceBound`, `Skipped Expired`, `Failed`, … */
  outcomes: string[];
  receipt: ContractTransactionReceipt;
  /** Block time. */
  at: number;
}

async function outcomeOf({ trading, executor, liquidator }: Fixture, id: bigint, block: number): Promise<string> {
  const { filters } = trading;
  const reasonOf = (reason: bigint) => nameOf(Reason, reason);
  for (const [name, event] of [
    ["Opened", filters.TradeOpened(id)],
    ["Closed", filters.TradeClosed(id)],
    ["Liquidated", filters.TradeLiquidated(id)],
    ["Reduced", filters.TradeReduced(id)],
    ["Armed", filters.StopArmed(id)],
  ] as const) {
    if ((await trading.queryFilter(event, block, block)).length > 0) return name;
  }
  const [refused] = await trading.queryFilter(filters.OrderRefused(id), block, block);
  if (refused !== undefined) return `Refused ${reasonOf(refused.args.reason)}`;
  const [closeRefused] = await trading.queryFilter(filters.CloseRefused(id), block, block);
  if (closeRefused !== undefined) return `Refused ${reasonOf(closeRefused.args.reason)}`;
  for (const keeper of [executor, liquidator]) {
    const [skipped] = await keeper.queryFilter(keeper.filters.ItemSkipped(trading, id), block, block);
    if (skipped !== undefined) return `Skipped ${reasonOf(skipped.args.reason)}`;
    if ((await keeper.queryFilter(keeper.filters.ItemFailed(trading, id), block, block)).length > 0) return "Failed";
  }
  return "nothing";
}

async function settled(
  fixture: Fixture,
  ids: readonly bigint[],
  receipt: ContractTransactionReceipt,
): Promise<Settled> {
  const outcomes: string[] = [];
  for (const id of ids) outcomes.push(await outcomeOf(fixture, id, receipt.blockNumber));
  return { outcomes, receipt, at: await timeOf(receipt) };
}

export async function timeOf(receipt: ContractTransactionReceipt): Promise<number> {
  const block = await ethers.provider.getBlock(receipt.blockNumber);
  if (block === null) throw new Error(`no block ${receipt.blockNumber}`);
  return block.timestamp;
}

/** The next transaction is mined at exactly this time. */
export async function nextBlockAt(at: number): Promise<void> {
  await ethers.provider.send("evm_setNextBlockTimestamp", [at]);
}

/** Executes in a block of exactly this time; item i uses tick `ticks[i]`, 0 by default. */
export async function executeAt(
  fixture: Fixture,
  at: number,
  ids: readonly bigint[],
  proofs: Proof[],
  options: { ticks?: readonly number[]; by?: Signer } = {},
): Promise<Settled> {
  const { desk, executor, trading, keeper } = fixture;
  const items = ids.map((tradeId, index) => ({ tradeId, tickIndex: options.ticks?.[index] ?? 0 }));
  const value = await desk.updateFee(proofs);
  await nextBlockAt(at);
  const connected = executor.connect(options.by ?? keeper);
  const receipt = await confirmed(connected.execute(trading, proofs, items, { value, gasLimit: GAS_LIMIT }));
  return settled(fixture, ids, receipt);
}

/** Liquidates in a block of exactly this time, each at tick 0. */
export async function liquidateAt(
  fixture: Fixture,
  at: number,
  ids: readonly bigint[],
  proofs: Proof[],
  tickIndex = 0,
): Promise<Settled> {
  const { desk, liquidator, trading, keeper } = fixture;
  const items = ids.map((tradeId) => ({ tradeId, tickIndex, closeTickIndex: ethers.MaxUint256 }));
  const value = await desk.updateFee(proofs);
  await nextBlockAt(at);
  const connected = liquidator.connect(keeper);
  const receipt = await confirmed(connected.liquidate(trading, proofs, items, { value, gasLimit: GAS_LIMIT }));
  return settled(fixture, ids, receipt);
}

/** Fills an order or a close with the first tick at its target, in a block of the target. */
export async function settleAtTarget(
  fixture: Fixture,
  pending: Pending,
  options: { price?: bigint; by?: Signer } = {},
): Promise<Settled> {
  const proof = fixture.desk.firstTick(pending.asset, pending.target, { price: options.price });
  return executeAt(fixture, pending.target, [pending.id], [proof], { by: options.by });
}

/** An open position; the time at which it was filled, which is also that of its tick. */
export async function openPosition(
  fixture: Fixture,
  options: OpenOptions = {},
  trader: Signer = fixture.trader,
): Promise<{ id: bigint; at: number; model: Modelled }> {
  const pending = await fixture.desk.requestOpen(trader, options);
  const { outcomes, at } = await settleAtTarget(fixture, pending);
  if (outcomes[0] !== "Opened") throw new Error(outcomes[0]);
  return { id: pending.id, at, model: modelOpening(fixture, options) };
}

// What there is

/** The balances that one trade moves. */
export async function balancesOf({ replica, vault, trading, keeper, trader }: Fixture, symbol = "USDT") {
  const token = replica.token(symbol);
  const ledger = await vault.ledger(token);
  const line = await vault.productLedger(trading, token);
  return {
    trader: await token.balanceOf(trader),
    keeper: await vault.claimableOf(token, keeper),
    liquidity: ledger.liquidity,
    fees: ledger.fees,
    collateral: line.collateral,
    reserved: line.reserved,
  };
}

export type Balances = Awaited<ReturnType<typeof balancesOf>>;

export function difference(after: Balances, before: Balances): Balances {
  return {
    trader: after.trader - before.trader,
    keeper: after.keeper - before.keeper,
    liquidity: after.liquidity - before.liquidity,
    fees: after.fees - before.fees,
    collateral: after.collateral - before.collateral,
    reserved: after.reserved - before.reserved,
  };
}

// What changes

/** Schedules a call of a role's holder; the function returned makes it, once the delay is over. */
export async function scheduled(
  { accessManager }: Fixture,
  holder: Signer,
  target: BaseContract,
  data: string,
): Promise<() => Promise<ContractTransactionReceipt>> {
  await confirmed(accessManager.connect(holder).schedule(target, data, 0));
  return async () => confirmed(accessManager.connect(holder).execute(target, data));
}

/** Lets a day pass, the delay of the risk manager; feeds report again. */
export async function afterADay({ desk }: Fixture): Promise<void> {
  await desk.warp(24 * 3_600);
  await desk.refresh();
}

/** All push sources of an asset. */
export function sourcesOf({ profile }: Fixture, asset: AssetKey): PushSource[] {
  return pushSourcesOf(profile, asset).map(({ name }) => (name === "registry" ? "binance" : name));
}

/** The named sources of an asset have not reported for ages; all by default. */
export async function makeStale(fixture: Fixture, asset: AssetKey, sources = sourcesOf(fixture, asset)): Promise<void> {
  await fixture.replica.setPushPrice(asset, fixture.desk.priceOf(asset), EPOCH_LONG_AGO, sources);
}
