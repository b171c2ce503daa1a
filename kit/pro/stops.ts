/** Orders of Pro that wait for a price: placed and fired on the chain and by the exact model, and compared. */
import type { Signer } from "ethers";
import { Refusal, TRIGGER_TIP, fillTrigger, judgeTrigger, triggerLimit } from "../../sdk/model/pro";
import type { Placed, Reason, TriggerOrder, TriggerTick, WaitingTrigger } from "../../sdk/model/pro";
import { confirmed } from "../desk/Desk";
import type { ProCall, ProDesk } from "./ProDesk";
import type { MarketTick } from "./ticks";
import { modelTick, proofOf } from "./ticks";
import type { CallReceipt } from "./told";
import { checkTold, eventsOf } from "./told";

/** `TriggerKind` of the contracts, and the rights of a delegate who only reduces. */
const KIND = { stop: 0, takeProfit: 1, trailing: 2 } as const;
const MAY_REDUCE = 2;
const FOREVER = 2n ** 40n - 1n;
const TASK_REFRESH = 0;
/** Resting orders that a trigger meets at most. */
const MOST_FILLS = 32;
const FIRE_GAS = 20_000_000;
const NO_TICK: TriggerTick = { price: 0n, confidence: 0n, publishTime: 0n };

/** An order that waits for an account. */
export interface PlacedTrigger {
  readonly id: bigint;
  readonly account: number;
  readonly market: number;
  readonly trigger: WaitingTrigger;
}

/** What became of a trigger that was filled as a whole. */
export interface FiredTrigger {
  readonly placed: Placed;
  /** The tick's as it counted, 10 decimals. */
  readonly price: bigint;
  /** Of the keeper, quote. */
  readonly tip: bigint;
  readonly at: bigint;
  readonly gas: bigint;
}

/** Lets triggers reduce the positions of an account, and has one wait. */
export async function placeStop(
  desk: ProDesk,
  owner: Signer,
  account: number,
  market: number,
  order: TriggerOrder,
): Promise<PlacedTrigger> {
  const { pro, proTriggers } = desk.desk.system;
  const number = desk.ids[account];
  await confirmed(pro.connect(owner).setDelegate(number, proTriggers, MAY_REDUCE, FOREVER));
  const { kind, side, ...rest } = order;
  const fields = { ...rest, market, kind: KIND[kind], isBuy: side === "buy" };
  const connected = proTriggers.connect(owner);
  const [id] = await connected.place.staticCall(number, [fields]);
  await confirmed(connected.place(number, [fields]));
  const changedAt = BigInt(await desk.desk.now());
  return { id, account, market, trigger: { ...order, changedAt, tip: TRIGGER_TIP } };
}

/** A keeper's call that brings ticks and fires a trigger with that of its market; not sent. The model must fill all of it. */
export async function firing(
  desk: ProDesk,
  keeper: number,
  waiting: PlacedTrigger,
  ticks: readonly MarketTick[],
): Promise<ProCall<FiredTrigger>> {
  const { proTriggers, proKeeper } = desk.desk.system;
  const proofs = proofOf(desk.desk, ticks);
  const markets = ticks.map(({ asset }) => desk.marketOf(asset));
  const items = markets.map((market, amount) => ({ task: TASK_REFRESH, market, scope: 0n, other: 0n, amount }));
  const tickIndex = markets.indexOf(waiting.market);
  const fires = [{ id: waiting.id, tickIndex, earlierTickIndex: tickIndex }];
  const target = await proTriggers.getAddress();
  const data = proKeeper.interface.encodeFunctionData("fire", [target, proofs, items, fires]);
  const settle = (receipt: CallReceipt, at: bigint): FiredTrigger => {
    desk.exchange.state.now = at;
    for (const { market, tick } of desk.refreshes(ticks)) {
      const outcome = desk.exchange.refresh(market, tick);
      if ("refused" in outcome) throw new Refusal(outcome.refused);
    }
    const { placed, price, tip } = fireByModel(desk, keeper, waiting, ticks[tickIndex]);
    const told = eventsOf(receipt.logs, target, proTriggers.interface).map(({ args, name }) => {
      const { isDone, lots, price: tickPrice, tickLots, tip: paid } = args.toObject() as Record<string, bigint>;
      return `${name} ${isDone} at ${tickPrice}: ${lots} lots for ${tickLots}, tip ${paid}`;
    });
    checkTold("a trigger", told, [
      `TriggerFired true at ${price}: ${placed.filled} lots for ${placed.tickLots}, tip ${tip}`,
    ]);
    return { placed, price, tip, at, gas: BigInt(receipt.gasUsed) };
  };
  const settleReverted = (): Reason => {
    throw new Error("a batch of a keeper reverted");
  };
  const value = await desk.desk.updateFee(proofs);
  const [from, to] = [desk.addressOf(keeper), desk.keeper.address];
  return { from, to, data, value, gas: FIRE_GAS, settle, settleReverted };
}

/** The order at its bound and the tip, or neither, with a tick of its market. Throws `Refusal` where the trigger waits on. */
function fireByModel({ desk, exchange }: ProDesk, keeper: number, waiting: PlacedTrigger, tick: MarketTick) {
  const { account, market, trigger } = waiting;
  const { state } = exchange;
  const { grid } = state.markets[market].config;
  const { high, low, price: published } = modelTick(desk, tick);
  const { reason, price } = judgeTrigger(grid, trigger, {
    now: state.now,
    delay: BigInt(desk.profile.pro.triggerDelaySeconds),
    tick: { price: published, confidence: tick.confidence, publishTime: BigInt(tick.publishTime) },
    anchors: { low, high, fresh: tick.anchors.length },
    earlier: NO_TICK,
  });
  if (reason !== undefined) throw new Refusal(reason);
  const { isReduceOnly, lots, side } = trigger;
  const limit = triggerLimit(grid, trigger, price);
  if (limit === undefined) throw new Refusal("NothingFilled");
  const { tip } = fillTrigger(trigger, lots, lots);
  const order = { market, side, isReduceOnly, tick: limit, lots, expiry: 0n, maxFills: MOST_FILLS } as const;
  const outcome = exchange.act(account, [
    { kind: "place", order: { ...order, type: "fillOrKill", selfTrade: "expireMaker" } },
    { kind: "tip", isSoft: true, keeper, amount: tip },
  ]);
  if ("refused" in outcome) throw new Refusal(outcome.refused);
  const [{ placed }, { reason: unpaid }] = outcome.done;
  if (placed === undefined || unpaid !== undefined) throw new Error(`the model filled or paid nothing: ${unpaid}`);
  return { placed, tip, price };
}
