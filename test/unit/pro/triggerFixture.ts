import { time } from "@nomicfoundation/hardhat-network-helpers";
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/signers";
import type { ContractTransactionResponse } from "ethers";
import { ethers } from "hardhat";
import { REASON, ask, bid, ORDER_TYPE } from "../../dsl/proActions";
import { ALICE, BOB, CAROL, PRICE, act, deployFunded } from "./proFixture";

export const KIND = { stop: 0n, takeProfit: 1n, trailing: 2n } as const;
/** `ProOutcome` of the contracts as far as triggers come to it. */
export const OUTCOME = { skipped: 0n, triggered: 8n, partly: 9n, removed: 10n } as const;
/** Seconds from a change of a trigger that ticks must be later than. */
export const DELAY = 3n;
export const FOREVER = 2n ** 40n - 1n;
/** Rights of a delegate. */
export const MAY = { cancel: 1n, reduce: 2n, trade: 4n } as const;
/** A tenth of a dollar, quote. */
export const TIP = 10n ** 17n;

export interface OrderFields {
  market: bigint;
  kind: bigint;
  isBuy: boolean;
  isReduceOnly: boolean;
  lots: bigint;
  tick: bigint;
  limit: bigint;
  boundPips: bigint;
  callbackPips: bigint;
  expiry: bigint;
}

/** A stop that closes a long of any size, unless said otherwise. */
export function order(fields: Partial<OrderFields> = {}): OrderFields {
  return {
    ...{ market: 0n, kind: KIND.stop, isBuy: false, isReduceOnly: true, lots: 0n, tick: 99_000n },
    ...{ limit: 0n, boundPips: 0n, callbackPips: 0n, expiry: 0n },
    ...fields,
  };
}

/** Funded traders whose triggers may trade, prices at 100,000 and 4,000, and nothing in the book. */
export async function deployTriggers() {
  const context = await deployFunded();
  const { pro, alice, bob, carol } = context;
  const triggers = await ethers.deployContract("ProTriggers", [pro, DELAY]);
  const lens = await ethers.deployContract("ProTriggersLens");
  const harness = await ethers.deployContract("TriggerHarness");
  const traders: [HardhatEthersSigner, bigint][] = [
    [alice, ALICE],
    [bob, BOB],
    [carol, CAROL],
  ];
  for (const [trader, account] of traders) {
    await pro.connect(trader).setDelegate(account, triggers, MAY.trade, FOREVER);
  }
  return { ...context, triggers, lens, harness };
}

/** As `deployTriggers`, with Alice long one bitcoin from Bob at 100,000. */
export async function deployLong() {
  const context = await deployTriggers();
  await act(context, context.bob, [ask(100_000n, 1_000n)]);
  await act(context, context.alice, [bid(100_000n, 1_000n, { type: ORDER_TYPE.immediateOrCancel })]);
  return context;
}

export type TriggerContext = Awaited<ReturnType<typeof deployTriggers>>;

/** Has a trader place orders for his account 0; their ids. */
export async function place(
  { pro, triggers }: TriggerContext,
  trader: HardhatEthersSigner,
  orders: OrderFields[],
): Promise<bigint[]> {
  const account = await pro.accountOf(trader, 0);
  const ids = await triggers.connect(trader).place.staticCall(account, orders);
  await triggers.connect(trader).place(account, orders);
  return [...ids];
}

export interface TickFields {
  /** In whole dollars. */
  price: bigint;
  /** 10 decimals. */
  confidence?: bigint;
  /** In whole dollars; at the price by default. */
  anchors?: [low: bigint, high: bigint, fresh: bigint];
  publishTime?: bigint;
  asset?: bigint;
}

/** Has the keeper prove a tick, with the anchors that every tick of the asset then has; its number among his. */
export async function prove({ oracle, keeper }: TriggerContext, fields: TickFields): Promise<bigint> {
  const { price, asset = 1n, confidence = 0n } = fields;
  const publishTime = fields.publishTime ?? BigInt(await time.latest()) + 10n;
  const [low, high, fresh] = fields.anchors ?? [price, price, 2n];
  const anchors = { low: low * PRICE, mid: low * PRICE, high: high * PRICE, fresh };
  await oracle.set(asset, price * PRICE, confidence, publishTime, anchors);
  const proofs = [{ assetIds: [asset], minPublishTime: 0n, isUnique: false, updateData: ["0x01"] }];
  const count = await oracle.connect(keeper).prove.staticCall(proofs);
  await oracle.connect(keeper).prove(proofs);
  return count - 1n;
}

export interface Attempt {
  outcome: bigint;
  reason: bigint;
  transaction: ContractTransactionResponse;
  gasUsed: bigint;
}

/** Executes a trigger with ticks that the keeper has proven, in a block of that time. */
export async function execute(
  { triggers, harness, keeper }: TriggerContext,
  id: bigint,
  ticks: { tick: bigint; earlier?: bigint; at: bigint },
): Promise<Attempt> {
  await time.setNextBlockTimestamp(ticks.at);
  const transaction = await harness.execute(triggers, id, keeper, ticks.tick, ticks.earlier ?? 0n, keeper);
  const receipt = await transaction.wait();
  const told = receipt?.logs.map((log) => harness.interface.parseLog(log)).find((log) => log?.name === "Attempted");
  if (!receipt || !told) throw new Error("Nothing attempted");
  const { outcome, reason } = told.args as unknown as { outcome: bigint; reason: bigint };
  return { outcome, reason, transaction, gasUsed: receipt.gasUsed };
}

/** The index refreshed, and a trigger executed with a tick of that price, published in the second before. */
export async function executeAt(
  context: TriggerContext,
  id: bigint,
  price: bigint,
  fields: Partial<TickFields> & { earlier?: bigint } = {},
): Promise<Attempt> {
  const { earlier, ...rest } = fields;
  const { pro, oracle } = context;
  const at = BigInt(await time.latest()) + 12n;
  const tick = await prove(context, { price, publishTime: at - 1n, ...rest });
  await oracle.setPrice(2, 4_000n * PRICE, at - 1n);
  await time.setNextBlockTimestamp(at - 1n);
  await pro.refresh(context.keeper, tick, 0);
  return execute(context, id, { tick, earlier, at });
}

export const reasonName = (reason: bigint): string | undefined =>
  Object.keys(REASON).find((name) => REASON[name] === reason);
