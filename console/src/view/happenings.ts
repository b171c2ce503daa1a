/** What has happened, told in sentences with their numbers. */
import { REASONS, Reason, formatDecimal, nameOf, tokenOf } from "@asterism/sdk";
import type { ChainFacts, EventOf } from "@asterism/sdk";
import type { predictionAbi, tradingAbi, vaultAbi } from "@asterism/sdk/abis";
import { distanceText, priceText, signedUsdText, tokenText, usdText } from "./format";

/** What is told of an account. */
export type AnyEvent = EventOf<typeof tradingAbi> | EventOf<typeof predictionAbi> | EventOf<typeof vaultAbi>;

export interface Told {
  readonly title: string;
  readonly words: string;
  readonly tone: "good" | "bad" | "";
}

/** The token of a trade or a bet, where it is known from its placing; of a payment its own. */
export interface Unit {
  readonly symbol: string;
  readonly decimals: number;
}

/** What a trade has come to: what was paid in and came back is of its token. */
export interface TradeSoFar {
  readonly paid: bigint;
  readonly got: bigint;
  /** 0: it is not open yet. */
  readonly entry: bigint;
  readonly leverage: bigint;
}

const RETURNS = ["it got no strike in time", "it was refused", "it was never settled"];

/** Events in their order, each with what is told of it. */
export function toldOf<T extends { readonly event: AnyEvent }>(
  chain: ChainFacts,
  happenings: readonly T[],
): (T & { readonly told: Told })[] {
  const units = new Map<string, Unit>();
  const trades = new Map<string, TradeSoFar>();
  return happenings.flatMap((happening) => {
    const { event } = happening;
    const key = `${event.name.startsWith("Bet")} ${"id" in event.args ? event.args.id : ""}`;
    if (event.name === "OrderPlaced" || event.name === "BetPlaced") units.set(key, tokenOf(chain, event.args.token));
    const unit = "token" in event.args ? tokenOf(chain, event.args.token) : units.get(key);
    const trade = tradeAfter(event, trades.get(key));
    if (trade !== undefined) trades.set(key, trade);
    const told = tellOf(event, unit, trade);
    return told === undefined ? [] : [{ ...happening, told }];
  });
}

function tradeAfter(event: AnyEvent, before: TradeSoFar | undefined): TradeSoFar | undefined {
  if (event.name === "OrderPlaced") {
    return { paid: event.args.amount, got: 0n, entry: 0n, leverage: event.args.leverage };
  }
  if (before === undefined) return undefined;
  if (event.name === "TradeOpened") return { ...before, entry: event.args.entry };
  if (event.name === "MarginAdded") return { ...before, paid: before.paid + event.args.amount };
  if (event.name === "TradeReduced" || event.name === "TradeClosed") {
    return { ...before, got: before.got + event.args.payout };
  }
  return before;
}

/** @param trade With what the event itself brought. */
export function tellOf(event: AnyEvent, unit: Unit | undefined, trade?: TradeSoFar): Told | undefined {
  const amount = (value: bigint) =>
    unit === undefined ? `${formatDecimal(value, 0)} units` : `${tokenText(value, unit.decimals, 4)} ${unit.symbol}`;
  switch (event.name) {
    case "OrderPlaced": {
      const { amount: paid, leverage } = event.args;
      return { title: "Placed", words: `${amount(paid)} at ${leverage}×`, tone: "" };
    }
    case "OrderRefused": {
      const { reason, refund, executionFee } = event.args;
      const words = `${REASONS[nameOf(Reason, reason)]} ${amount(refund)} came back, ${amount(executionFee)} went to who tried.`;
      return { title: `Refused: ${nameOf(Reason, reason)}`, words, tone: "bad" };
    }
    case "OrderCancelled":
      return { title: "Cancelled", words: `${amount(event.args.refund)} came back.`, tone: "" };
    case "TradeOpened": {
      const { tick, entry, margin, openFee, executionFee } = event.args;
      const fees = `open fee ${amount(openFee)}, execution ${amount(executionFee)}`;
      return {
        title: "Opened",
        words: `price ${priceText(tick)}, entry ${priceText(entry)}, margin ${amount(margin)}; ${fees}.`,
        tone: "",
      };
    }
    case "TradeClosed":
    case "TradeReduced": {
      const { exit, pnlUsd, carryOwedUsd, closeFee, executionFee, payout } = event.args;
      const isOver = event.name === "TradeClosed";
      const costs = `carry ${usdText(carryOwedUsd, 4)}, close fee ${amount(closeFee)}, execution ${amount(executionFee)}`;
      const way = trade === undefined ? "" : ` (${distanceText(exit, trade.entry)} from ${priceText(trade.entry)})`;
      const result = trade === undefined || !isOver ? undefined : trade.got - trade.paid;
      const sign = result !== undefined && result > 0n ? "+" : "";
      const end =
        trade === undefined || result === undefined
          ? `You got ${amount(payout)}.`
          : `You got ${amount(trade.got)} of ${amount(trade.paid)} paid in: ${sign}${amount(result)}.`;
      const words = `exit ${priceText(exit)}${way}: ${signedUsdText(pnlUsd)} before ${costs}. ${end}`;
      return { title: isOver ? "Closed" : "Reduced", words, tone: (result ?? pnlUsd) >= 0n ? "good" : "bad" };
    }
    case "TradeLiquidated": {
      const { tick, reward, toVault, badDebt } = event.args;
      const owed = badDebt > 0n ? ` The margin fell ${amount(badDebt)} short; nobody asks you for it.` : "";
      const way =
        trade === undefined
          ? ""
          : ` (${distanceText(tick, trade.entry)} from ${priceText(trade.entry)}, at ${trade.leverage}×)`;
      const lost = trade === undefined ? "" : ` Of ${amount(trade.paid)} paid in you got ${amount(trade.got)}.`;
      const words = `the price ${priceText(tick)}${way} crossed the liquidation price. ${amount(reward)} went to the liquidator, ${amount(toVault)} to the vault.${owed}${lost}`;
      return { title: "Liquidated", words, tone: "bad" };
    }
    case "MarginAdded":
      return {
        title: "Margin added",
        words: `${amount(event.args.amount)}, ${amount(event.args.total)} in all.`,
        tone: "",
      };
    case "BetPlaced": {
      const { isUp, stake, periodSeconds } = event.args;
      return {
        title: "Bet placed",
        words: `${isUp ? "up" : "down"} for ${Number(periodSeconds) / 60} min with ${amount(stake)}.`,
        tone: "",
      };
    }
    case "BetStruck":
      return {
        title: "Bet struck",
        words: `at ${priceText(event.args.strike)}, stake ${amount(event.args.stake)}.`,
        tone: "",
      };
    case "BetSettled": {
      const { isWon, settlement, payout } = event.args;
      const words = `at ${priceText(settlement)}; ${isWon ? `you got ${amount(payout)}` : "the stake went to the vault"}.`;
      return { title: isWon ? "Bet won" : "Bet lost", words, tone: isWon ? "good" : "bad" };
    }
    case "BetReturned": {
      const { reason, refund } = event.args;
      return { title: "Bet returned", words: `${RETURNS[Number(reason)]}; ${amount(refund)} came back.`, tone: "" };
    }
    case "PaymentRefused": {
      const words = `your account did not take ${amount(event.args.amount)}: they wait in Portfolio to be claimed.`;
      return { title: "Payment refused", words, tone: "bad" };
    }
    case "Claimed":
      return { title: "Claimed", words: `${amount(event.args.amount)} were paid out.`, tone: "good" };
    default:
      return undefined;
  }
}
