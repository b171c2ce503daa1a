import { time } from "@nomicfoundation/hardhat-network-helpers";
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/signers";
import { ethers } from "hardhat";
import { ORDER_TYPE, ask, bid } from "../../dsl/proActions";
import { ALICE, USD, accountOf, act, deployFunded, setPrices } from "./proFixture";

export const FOREVER = 2n ** 40n - 1n;
export const MAY_TRADE = 4n;
/** `ProOutcome` of the contracts as far as grids and the liquidation of their accounts come to it. */
export const OUTCOME = { skipped: 0n, cancelled: 2n, reduced: 3n, rolled: 11n, ended: 12n } as const;
export const SIDE = { neutral: 0n, long: 1n, short: 2n } as const;
/** 0.02 USD, quote. */
export const LINE_TIP = USD / 50n;
/** Quote of one lot by one tick of BTC. */
export const UNIT = 10n ** 15n;

export interface GridFields {
  market: bigint;
  isGeometric: boolean;
  side: bigint;
  lines: bigint;
  window: bigint;
  low: bigint;
  high: bigint;
  lots: bigint;
  stopLow: bigint;
  stopHigh: bigint;
  entryLimit: bigint;
}

/** Lines at 99,000, 99,500, 100,000, 100,500 and 101,000 of 0.01 BTC each, unless said otherwise. */
export function gridOrder(fields: Partial<GridFields> = {}): GridFields {
  return {
    ...{ market: 0n, isGeometric: false, side: SIDE.neutral, lines: 5n, window: 16n, low: 99_000n, high: 101_000n },
    ...{ lots: 10n, stopLow: 0n, stopHigh: 0n, entryLimit: 0n },
    ...fields,
  };
}

/** Funded traders, prices at 100,000 and 4,000, an empty book, and grids that may trade for Alice. */
export async function deployGrids(tokenContract = "StandInToken") {
  const context = await deployFunded(tokenContract);
  const { pro, alice } = context;
  const grids = await ethers.deployContract("GridBook", [pro]);
  const lens = await ethers.deployContract("GridBookLens");
  const proLens = await ethers.deployContract("ProLens");
  const harness = await ethers.deployContract("GridHarness");
  for (const sub of [0n, 1n]) await pro.connect(alice).setDelegate(accountOf(1n, sub), grids, MAY_TRADE, FOREVER);
  return { ...context, grids, lens, proLens, harness };
}

export type GridContext = Awaited<ReturnType<typeof deployGrids>>;

/** As `deployGrids`, with Alice's grid running. */
export async function deployRunning() {
  const context = await deployGrids();
  return { ...context, id: await open(context) };
}

/** As `deployRunning`, with a token that calls whom it is told to as it moves. */
export async function deployReentrant() {
  const context = await deployGrids("ReentrantToken");
  const reentrant = await ethers.getContractAt("ReentrantToken", await context.token.getAddress());
  return { ...context, reentrant, id: await open(context) };
}

/** Opens a grid of Alice's; its id. */
export async function open({ grids, alice }: GridContext, fields: Partial<GridFields> = {}, account = ALICE) {
  const order = gridOrder(fields);
  const id = await grids.connect(alice).open.staticCall(account, order);
  await grids.connect(alice).open(account, order);
  return id;
}

/** A trader takes from the book at a fresh index. */
export async function take(
  context: GridContext,
  trader: HardhatEthersSigner,
  side: "buy" | "sell",
  tick: bigint,
  lots: bigint,
) {
  await setPrices(context, 100_000n, 4_000n);
  const order = side === "buy" ? bid : ask;
  const { results } = await act(context, trader, [order(tick, lots, { type: ORDER_TYPE.immediateOrCancel })]);
  return results[0].filled;
}

/** Rolls a grid for the keeper, as the lens foretold; what it came to. */
export async function roll(context: GridContext, id: bigint, maxLines = 10n) {
  const { grids, harness, keeper, lens } = context;
  const at = BigInt(await time.latest()) + 1n;
  // A second has one roll: what is foretold must not be of the second of the last one.
  await time.increaseTo(at);
  const [outcome, reason, told] = await lens.previewRoll.staticCall(grids, id, maxLines, keeper);
  await time.setNextBlockTimestamp(at + 1n);
  const transaction = await harness.roll(grids, id, maxLines, keeper);
  const receipt = await transaction.wait();
  if (!receipt) throw new Error("Nothing mined");
  const attempt = receipt.logs.map((log) => harness.interface.parseLog(log)).find((log) => log?.name === "Attempted");
  const events = receipt.logs
    .filter(({ address }) => address === grids.target)
    .map((log) => grids.interface.parseLog(log))
    .filter((log) => log !== null);
  const done = events.find(({ name }) => name === "GridRolled" || name === "GridEnded");
  const { bought, cancelled, placed, refused, sold, tip } = told;
  const fields = { placed, cancelled, refused, bought, sold, tip };
  return { outcome, reason, told: fields, attempt: attempt?.args, done, events, transaction };
}

/** Alice's orders as ticks, bids negative, in order. */
export async function ordersOf({ proLens, pro }: GridContext, account = ALICE): Promise<bigint[]> {
  const orders = await proLens.ordersOf(pro, account, 0);
  return orders
    .map(({ isBid, tick }) => (isBid ? -tick : tick))
    .sort((a, b) => Number((a < 0n ? -a : a) - (b < 0n ? -b : b)));
}
