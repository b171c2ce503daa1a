/** Orders that wait for a price: when they fire, how far they may fill, what they pay. */
import { PIPS } from "../../units";
import { clamp } from "../rounding";
import type { Reason } from "./refusal";
import type { Grid, Side } from "./units";
import { QUOTE, notionalOf, priceOfTick, tickDown, tickUp } from "./units";

/**
 * A stop waits for the index at or beyond its price, down for what sells and up for what buys; a take profit the other way; a trailing
 * one for the index a callback away from a price that it had before.
 */
export type TriggerKind = "stop" | "takeProfit" | "trailing";

/** An order that waits. Prices in ticks of the market, 0 for none. */
export interface TriggerOrder {
  readonly kind: TriggerKind;
  readonly side: Side;
  readonly isReduceOnly: boolean;
  /** 0: all that the position has when it fires. */
  readonly lots: bigint;
  /** What it waits for; of a trailing one the activation. */
  readonly tick: bigint;
  /** Worst price of its fills; 0: `boundPips` says. */
  readonly limit: bigint;
  /** Worst price of its fills, from the price at which it fires; 0, without a limit: 1%. */
  readonly boundPips: bigint;
  readonly callbackPips: bigint;
  /** Last second in which it may fire; 0: none. */
  readonly expiry: bigint;
}

/** A tick as it was published, and the fresh anchors beside it. Prices of 10 decimals. */
export interface TriggerTick {
  readonly price: bigint;
  readonly confidence: bigint;
  /** 0: no such tick. */
  readonly publishTime: bigint;
}

export interface Anchors {
  readonly low: bigint;
  readonly high: bigint;
  readonly fresh: number;
}

/** When it was set or changed last, and what of the tip is left, in millionths of a dollar. */
export interface WaitingTrigger extends TriggerOrder {
  readonly changedAt: bigint;
  readonly tip: bigint;
}

/** Slots for each account and market. */
export const TRIGGER_SLOTS = 8;
/** 0.1 USD in millionths of a dollar. */
export const TRIGGER_TIP = 100_000n;
const TIP_UNIT = QUOTE / 1_000_000n;
const MAX_TICK_SECONDS = 3n;
const MOST_CONFIDENCE_PIPS = 10_000n;
const TRAILING_CONFIDENCE_PIPS = 1_500n;
const ANCHOR_BAND_PIPS = 10_000n;
const DEFAULT_BOUND_PIPS = 10_000n;
const MOST_BOUND_PIPS = 50_000n;
const LEAST_CALLBACK_PIPS = 1_000n;
const MOST_CALLBACK_PIPS = 50_000n;
const LEAST_NOTIONAL = 10n * QUOTE;
const LAST_TICK = 2n ** 24n - 1n;

/** Why an order may not wait; undefined: it may. Of a market that trades. */
export function triggerRefusal(grid: Grid, order: TriggerOrder, now: bigint): Reason | undefined {
  const isTrailing = order.kind === "trailing";
  if (order.expiry !== 0n && order.expiry < now) return "ExpiryPassed";
  if (order.tick === 0n && !isTrailing) return "PriceMissing";
  if (order.boundPips > (order.limit === 0n ? MOST_BOUND_PIPS : 0n)) return "BoundOutOfRange";
  const [least, most] = isTrailing ? [LEAST_CALLBACK_PIPS, MOST_CALLBACK_PIPS] : [0n, 0n];
  if (order.callbackPips < least || order.callbackPips > most) return "CallbackOutOfRange";
  if (order.isReduceOnly) return undefined;
  if (order.lots === 0n) return "SizeMissing";
  const tick = order.limit === 0n ? order.tick : order.limit;
  return tick !== 0n && notionalOf(grid, tick, order.lots) < LEAST_NOTIONAL ? "NotionalTooSmall" : undefined;
}

/** What a trigger makes of a tick: why it does not fire, and at which price it would. */
export interface Judgement {
  readonly reason?: Reason;
  readonly price: bigint;
}

/** Whether a trigger fires at a tick; of a trailing one with the tick that it came back from. */
export function judgeTrigger(
  grid: Grid,
  trigger: WaitingTrigger,
  moment: { now: bigint; delay: bigint; tick: TriggerTick; anchors: Anchors; earlier: TriggerTick },
): Judgement {
  const { anchors, delay, earlier, now, tick } = moment;
  const isTrailing = trigger.kind === "trailing";
  const widest = isTrailing ? TRAILING_CONFIDENCE_PIPS : MOST_CONFIDENCE_PIPS;
  const clock = trigger.changedAt + delay;
  const fault = tickFault(tick, clock, widest);
  if (fault !== undefined) return { reason: fault, price: 0n };
  if (now - tick.publishTime > MAX_TICK_SECONDS) return { reason: "TickTooOld", price: 0n };
  if (anchors.fresh === 0) return { reason: "AnchorsNotFresh", price: 0n };
  const price = clamp(
    tick.price,
    (anchors.low * (PIPS - ANCHOR_BAND_PIPS) + PIPS - 1n) / PIPS,
    (anchors.high * (PIPS + ANCHOR_BAND_PIPS)) / PIPS,
  );
  if (!isTrailing) {
    const isUp = (trigger.side === "buy") === (trigger.kind === "stop");
    return isPast(price, priceOfTick(grid, trigger.tick), isUp) ? { price } : { reason: "PriceNotReached", price };
  }
  const earlierFault = tickFault(earlier, clock, widest);
  if (earlierFault !== undefined) return { reason: earlierFault, price };
  if (earlier.publishTime >= tick.publishTime) return { reason: "TicksNotInOrder", price };
  const isSell = trigger.side === "sell";
  const activation = priceOfTick(grid, trigger.tick);
  if (activation !== 0n && !isPast(earlier.price, activation, isSell)) return { reason: "ActivationNotReached", price };
  const turned = earlier.price * (isSell ? PIPS - trigger.callbackPips : PIPS + trigger.callbackPips);
  return isPast(price * PIPS, turned, !isSell) ? { price } : { reason: "PriceNotReached", price };
}

/** Worst tick at which a trigger that fires at a price may fill; undefined: there is none. */
export function triggerLimit(grid: Grid, trigger: TriggerOrder, price: bigint): bigint | undefined {
  if (trigger.limit !== 0n) return trigger.limit;
  const pips = trigger.boundPips === 0n ? DEFAULT_BOUND_PIPS : trigger.boundPips;
  const scaled: Grid = { ...grid, tickSize: grid.tickSize * PIPS };
  if (trigger.side === "buy") {
    const highest = tickDown(scaled, price * (PIPS + pips));
    if (highest === 0n) return undefined;
    return highest > LAST_TICK ? LAST_TICK : highest;
  }
  const lowest = tickUp(scaled, price * (PIPS - pips));
  return lowest === 0n || lowest > LAST_TICK ? undefined : lowest;
}

/** After `filled` of `wanted` lots: what is paid, quote, and what waits on; undefined: nothing. */
export function fillTrigger(
  trigger: WaitingTrigger,
  filled: bigint,
  wanted: bigint,
): { tip: bigint; rest?: WaitingTrigger } {
  if (filled === wanted) return { tip: trigger.tip * TIP_UNIT };
  const share = (trigger.tip * filled) / wanted;
  const lots = trigger.lots === 0n ? 0n : trigger.lots - filled;
  return { tip: share * TIP_UNIT, rest: { ...trigger, lots, tip: trigger.tip - share } };
}

function tickFault(tick: TriggerTick, clock: bigint, widestPips: bigint): Reason | undefined {
  if (tick.publishTime === 0n) return "NoTick";
  if (tick.publishTime <= clock) return "TickTooEarly";
  return tick.confidence * PIPS > tick.price * widestPips ? "ConfidenceTooWide" : undefined;
}

/** At or beyond a price, on which counts. */
function isPast(price: bigint, target: bigint, isUp: boolean): boolean {
  return isUp ? price >= target : price <= target;
}
