/** Triggers of Pro on the production deployment: traders, a keeper, and his calls. */
import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import type { ContractTransactionReceipt } from "ethers";
import type { Proof } from "../../kit/desk/Desk";
import { confirmed } from "../../kit/desk/Desk";
import { px } from "../../sdk/units";
import { singleSignerDeskFixture } from "../fixtures/desk";
import { FOREVER, MAY } from "../unit/pro/triggerFixture";
import type { OrderFields } from "../unit/pro/triggerFixture";
import { ORDER_TYPE, REASON, ask, bid, refresh as refreshWord, withdraw } from "./proActions";

const IOC = { type: ORDER_TYPE.immediateOrCancel };
const TASK_REFRESH = 0n;

export type TriggerDesk = Awaited<ReturnType<typeof triggersFixture>>;

/** The production deployment with two traders of 300,000 dollars each; the trader is long one bitcoin at 60,000. */
export async function triggersFixture() {
  const fixture = await loadFixture(singleSignerDeskFixture);
  const { desk, profile, pro, proTriggers, trader, other } = fixture;
  const symbol = profile.pro.settlementSymbol;
  const units = desk.tokenUnits(symbol, 300_000n);
  for (const owner of [trader, other]) {
    await desk.replica.mintToken(symbol, owner.address, units);
    await desk.replica.token(symbol).connect(owner).approve(pro, units);
    await pro.connect(owner).deposit(owner, 0, units);
  }
  const [traders, others] = [await pro.accountOf(trader, 0), await pro.accountOf(other, 0)];
  const context = { ...fixture, traders, others };
  await pro.connect(trader).setDelegate(traders, proTriggers, MAY.trade, FOREVER);
  await refresh(context);
  await pro.connect(other).act(others, [], [ask(60_000n, 1_000n)]);
  await pro.connect(trader).act(traders, [], [bid(60_000n, 1_000n, IOC)]);
  return context;
}

/** Cash over a long of one bitcoin at 60,000. */
const LEFT = 3_500n * 10n ** 18n;

/** As `triggersFixture`, where the trader keeps little enough to be liquidated at about 56,700. */
export async function thinFixture() {
  const context = await loadFixture(triggersFixture);
  const cash = await cashOf(context, context.traders);
  await takeOut(context, context.traders, cash - LEFT);
  return context;
}

/** The trader takes so much quote out of an account of his, at the desk's price. */
export async function takeOut({ desk, pro, profile, trader }: TriggerDesk, account: bigint, quote: bigint) {
  const token = profile.tokens.find(({ symbol }) => symbol === profile.pro.settlementSymbol);
  const amount = quote / 10n ** BigInt(18 - (token?.decimals ?? 18));
  await desk.refresh();
  const proofs = [desk.anyTick("BTC", await desk.now())];
  const words = [refreshWord(0n, 0n), ...withdraw(trader.address, amount)];
  await pro.connect(trader).act(account, proofs, words, { value: await desk.updateFee(proofs) });
}

const indexItem = (amount: bigint) => ({ task: TASK_REFRESH, market: 0n, scope: 0n, other: 0n, amount });

/** The index at the desk's price of now. */
export async function refresh({ desk, keeper, proKeeper, pro }: TriggerDesk): Promise<void> {
  await desk.refresh();
  await desk.warp(3);
  const proofs = [desk.anyTick("BTC", await desk.now())];
  await proKeeper.connect(keeper).run(pro, proofs, [indexItem(0n)], { value: await desk.updateFee(proofs) });
}

/** Has orders of the trader wait; their ids. */
export async function place({ proTriggers, traders, trader }: TriggerDesk, orders: OrderFields[]): Promise<bigint[]> {
  const connected = proTriggers.connect(trader);
  const ids = await connected.place.staticCall(traders, orders);
  await connected.place(traders, orders);
  return ids;
}

/** A trigger, and the numbers of its ticks among those of the call. */
export interface Shot {
  id: bigint;
  tick?: bigint;
  earlier?: bigint;
}

/** One call of a keeper's: proofs, a refresh by the last of their ticks, and triggers; it fires each by the last unless told. */
export async function fire(context: TriggerDesk, proofs: Proof[], shots: Shot[], isRefreshing = true) {
  const { desk, keeper, proKeeper, proTriggers } = context;
  const last = BigInt(proofs.length - 1);
  const fires = shots.map(({ id, tick = last, earlier = 0n }) => ({ id, tickIndex: tick, earlierTickIndex: earlier }));
  const items = isRefreshing ? [indexItem(last)] : [];
  const connected = proKeeper.connect(keeper);
  const value = await desk.updateFee(proofs);
  const expected = await connected.fire.staticCall(proTriggers, proofs, items, fires, { value });
  const receipt = await confirmed(connected.fire(proTriggers, proofs, items, fires, { value }));
  const results = expected.slice(items.length);
  return { results: results.map(({ outcome, reason, isFailed }) => ({ outcome, reason, isFailed })), receipt };
}

/** The same at a price to which feeds and ticks go before. */
export async function fireAt(context: TriggerDesk, price: string, shots: Shot[]) {
  const { desk } = context;
  await desk.setPrice("BTC", px(price));
  await desk.warp(5);
  return fire(context, [desk.anyTick("BTC", await desk.now())], shots);
}

/** What an item of a batch came to. */
export const done = (outcome: bigint, reason = "None") => ({ outcome, reason: REASON[reason], isFailed: false });
/** Lots of the trader in BTC. */
export const positionOf = async ({ pro, proLens, traders }: TriggerDesk) =>
  (await proLens.health(pro, traders << 8n)).positions.find(({ market }) => market === 0n)?.lots ?? 0n;
export const cashOf = async ({ pro, proLens }: TriggerDesk, account: bigint) =>
  (await proLens.health(pro, account << 8n)).cash;

/** What the triggers of a call tell of their fills. */
export function fired({ proTriggers }: TriggerDesk, receipt: ContractTransactionReceipt) {
  const logs = receipt.logs.map((log) => proTriggers.interface.parseLog(log)).filter((log) => log !== null);
  return logs
    .filter(({ name }) => name === "TriggerFired")
    .map(({ args }) => args.toObject() as Record<string, bigint>);
}
