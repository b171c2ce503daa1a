/** What has happened, told in sentences with their numbers. */
import { REASONS, Reason, formatDecimal, nameOf } from "@asterism/sdk";
import type { EventOf } from "@asterism/sdk";
import type { predictionAbi, tradingAbi, vaultAbi } from "@asterism/sdk/abis";
import { priceText, signedUsdText, tokenText, usdText } from "./format";

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

const RETURNS = ["it got no strike in time", "it was refused", "it was never settled"];

export function tellOf(event: AnyEvent, unit: Unit | undefined): Told | undefined {
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
      const costs = `carry ${usdText(carryOwedUsd, 4)}, close fee ${amount(closeFee)}, execution ${amount(executionFee)}`;
      const words = `exit ${priceText(exit)}: ${signedUsdText(pnlUsd)} before ${costs}. You got ${amount(payout)}.`;
      return { title: event.name === "TradeClosed" ? "Closed" : "Reduced", words, tone: pnlUsd >= 0n ? "good" : "bad" };
    }
    case "TradeLiquidated": {
      const { tick, reward, toVault, badDebt } = event.args;
      const owed = badDebt > 0n ? ` The margin fell ${amount(badDebt)} short; nobody asks you for it.` : "";
      const words = `the price ${priceText(tick)} crossed the liquidation price. ${amount(reward)} went to the liquidator, ${amount(toVault)} to the vault.${owed}`;
      return { title: "Liquidated", words, tone: "bad" };
    }
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
