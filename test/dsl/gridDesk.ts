/** Grids of Pro on the production deployment: accounts of their own, and what fills them. */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/signers";
import { confirmed } from "../../kit/desk/Desk";
import { arithmeticLines, gridOrders, gridStart } from "../../sdk/model/pro";
import { px } from "../../sdk/units";
import { FOREVER, MAY_TRADE, gridOrder } from "../unit/pro/gridFixture";
import type { GridFields } from "../unit/pro/gridFixture";
import { BTC } from "../unit/pro/samples";
import { ORDER_TYPE, ask, bid } from "./proActions";
import { refresh, triggersFixture } from "./triggerDesk";
import type { TriggerDesk } from "./triggerDesk";

const IOC = { type: ORDER_TYPE.immediateOrCancel };
export const LINE_LOTS = 20n;
/** Lines at 59,400, 59,700, 60,000, 60,300 and 60,600. */
export const LADDER = { ticks: arithmeticLines(59_400n, 60_600n, 5), lots: LINE_LOTS, window: 16 };
/** Held as it is opened at 60,000. */
export const START = gridStart(LADDER, BTC, px("60000"));

/** As `triggersFixture`, with a grid of the trader's in a subaccount of 1,000 dollars. */
export async function gridsFixture() {
  const context = await triggersFixture();
  return { ...context, grid: await openGrid(context, context.trader) };
}

export type GridDesk = Awaited<ReturnType<typeof gridsFixture>>;

/** Opens a grid for a subaccount that is filled before; its id and its account. */
export async function openGrid(
  context: TriggerDesk,
  owner: HardhatEthersSigner,
  fields: Partial<GridFields> = {},
  { dollars = 1_000n, sub = 1 } = {},
) {
  const { desk, pro, profile } = context;
  const { gridBook } = desk.system;
  const symbol = profile.pro.settlementSymbol;
  const units = desk.tokenUnits(symbol, dollars);
  await desk.replica.mintToken(symbol, owner.address, units);
  await desk.replica.token(symbol).connect(owner).approve(pro, units);
  await pro.connect(owner).deposit(owner, sub, units);
  const account = await pro.accountOf(owner, sub);
  await pro.connect(owner).setDelegate(account, gridBook, MAY_TRADE, FOREVER);
  await refresh(context);
  const order = gridOrder({ low: 59_400n, high: 60_600n, lots: LINE_LOTS, ...fields });
  const id = await gridBook.connect(owner).open.staticCall(account, order);
  await gridBook.connect(owner).open(account, order);
  return { id, account };
}

/** Another trader sells so many lots into bids down to a price. */
export async function sellInto({ other, others, pro }: TriggerDesk, tick: bigint, lots: bigint): Promise<void> {
  await pro.connect(other).act(others, [], [ask(tick, lots, IOC)]);
}

/** Another trader buys so many lots from asks up to a price. */
export async function buyFrom({ other, others, pro }: TriggerDesk, tick: bigint, lots: bigint): Promise<void> {
  await pro.connect(other).act(others, [], [bid(tick, lots, IOC)]);
}

/** What rests for an account, in order. */
export async function shownOrders({ pro, proLens }: TriggerDesk, account: bigint): Promise<string[]> {
  const orders = await proLens.ordersOf(pro, account, 0);
  return orders.map(({ isBid, tick }) => `${isBid ? "buy" : "sell"} ${tick}`).sort();
}

/** What is to rest for a grid that holds so much. */
export const wantedOrders = (held: bigint): string[] =>
  gridOrders(LADDER, held, held)
    .map(({ side, tick }) => `${side} ${tick}`)
    .sort();

/** A roll by the desk's keeper, with a price of its own call. */
export async function rollOnce({ desk, keeper, proKeeper }: TriggerDesk, id: bigint): Promise<void> {
  await desk.refresh();
  await desk.warp(3);
  const proofs = [desk.anyTick("BTC", await desk.now())];
  const items = [{ task: 0n, market: 0n, scope: 0n, other: 0n, amount: 0n }];
  const value = await desk.updateFee(proofs);
  const rolls = [{ id, maxLines: 10n }];
  await confirmed(proKeeper.connect(keeper).roll(desk.system.gridBook, proofs, items, rolls, { value }));
}
