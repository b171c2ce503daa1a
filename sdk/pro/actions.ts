/** What an account does in Pro in one call: by names and units, then as the words of `Pro.act`. */
import { toAmount, toPrice, toSize, toUsd } from "../amounts";
import type { AmountInput, PriceInput, SizeInput } from "../amounts";
import { proMarketAt, proMarketOf, tokenOf } from "../chains";
import type { ChainFacts, ProMarketFacts } from "../chains";
import { isFirstOf } from "../choices";
import { UnitError, formatPrice, formatSize, px, size } from "../units";
import type { Price, Size, Usd } from "../units";
import * as words from "./words";
import { ORDER_TYPE, SELF_TRADE } from "./words";

/** Orders that one order meets at most unless it says otherwise. */
const MOST_FILLS = 100;

/** An order. Without a price it takes what lies within the band, and nothing of it rests. */
export interface ProOrder {
  readonly kind: "place";
  readonly market: string;
  readonly side: "buy" | "sell";
  readonly size: SizeInput;
  readonly price?: PriceInput;
  /** With a price "limit" by default, which rests; without "immediateOrCancel". */
  readonly type?: keyof typeof ORDER_TYPE;
  readonly isReduceOnly?: boolean;
  /** What happens where it meets an order of the same owner; "expireMaker" by default. */
  readonly selfTrade?: keyof typeof SELF_TRADE;
  /** Last second in which it may be filled; for ever by default. */
  readonly expiry?: number;
  readonly maxFills?: number;
}

/** One action. A soft one that is refused is skipped; any other refusal undoes the whole call. */
export type ProAction = { readonly isSoft?: boolean } & (
  | ProOrder
  | { readonly kind: "cancel"; readonly id: bigint }
  /** Leaves so much of a resting order, which keeps its place. */
  | { readonly kind: "lower"; readonly id: bigint; readonly size: SizeInput }
  | { readonly kind: "leverage"; readonly market: string; readonly leverage: number }
  | { readonly kind: "mode"; readonly market: string; readonly mode: "cross" | "isolated" }
  /** Between scopes, "cross" or the name of a market in isolated mode, or to another account of the owner. */
  | {
      readonly kind: "transfer";
      readonly from: string;
      readonly to: string;
      readonly toSub?: number;
      readonly amount: Usd | string;
    }
  /** To the signer unless another is named; token units. */
  | { readonly kind: "withdraw"; readonly amount: AmountInput; readonly receiver?: string }
  | { readonly kind: "nameBroker"; readonly broker: number }
  | { readonly kind: "tip"; readonly keeper: string; readonly amount: Usd | string }
);

/** The words of an action, one or two. `receiver` is paid what is withdrawn, unless the action names another. */
export function wordsOf(chain: ChainFacts, action: ProAction, receiver: string): bigint[] {
  const [first, ...rest] = plainWords(chain, action, receiver);
  return [action.isSoft === true ? words.soft(first) : first, ...rest];
}

function plainWords(chain: ChainFacts, action: ProAction, receiver: string): bigint[] {
  switch (action.kind) {
    case "place":
      return [placed(proMarketOf(chain, action.market), action)];
    case "cancel":
      return [words.cancel(action.id)];
    case "lower":
      return [words.lower(action.id, lotsOf(proMarketAt(chain, words.marketOfOrder(action.id)), action.size))];
    case "leverage":
      return [words.setLeverage(BigInt(proMarketOf(chain, action.market).id), BigInt(action.leverage))];
    case "mode":
      return [
        words.setMode(
          BigInt(proMarketOf(chain, action.market).id),
          isFirstOf("mode", ["isolated", "cross"], action.mode),
        ),
      ];
    case "transfer": {
      const { amount, from, to, toSub = 0 } = action;
      return [words.transfer(codeOf(chain, from), codeOf(chain, to), toUsd(amount), BigInt(toSub))];
    }
    case "withdraw":
      return words.withdraw(action.receiver ?? receiver, toAmount(action.amount, tokenOf(chain, chain.pro.token)));
    case "nameBroker":
      return [words.nameBroker(BigInt(action.broker))];
    case "tip":
      return [words.tip(action.keeper, toUsd(action.amount))];
  }
}

function placed(market: ProMarketFacts, order: ProOrder): bigint {
  const { expiry = 0, isReduceOnly, maxFills = MOST_FILLS, price, selfTrade = "expireMaker", side } = order;
  const type = order.type ?? (price === undefined ? "immediateOrCancel" : "limit");
  return words.place({
    market: BigInt(market.id),
    isBid: isFirstOf("side", ["buy", "sell"], side),
    isReduceOnly,
    type: ORDER_TYPE[type],
    selfTrade: SELF_TRADE[selfTrade],
    maxFills: BigInt(maxFills),
    tick: price === undefined ? 0n : ticksOf(market, price),
    lots: lotsOf(market, order.size),
    expiry: BigInt(expiry),
  });
}

function codeOf(chain: ChainFacts, scope: string): bigint {
  return scope === "cross" ? 0n : BigInt(proMarketOf(chain, scope).id) + 1n;
}

/** A price in ticks of a market; one between two is refused. */
export function ticksOf(market: ProMarketFacts, price: PriceInput): bigint {
  const value = toPrice(price);
  const step = px(market.tickSize);
  if (value % step === 0n) return value / step;
  throw new UnitError(
    `${formatPrice(value)} is no multiple of ${market.tickSize}, the step of ${market.asset}'s price`,
  );
}

/** A size in lots of a market; one between two is refused. */
export function lotsOf(market: ProMarketFacts, amount: SizeInput): bigint {
  const value = toSize(amount);
  const step = size(market.lotSize);
  if (value % step === 0n) return value / step;
  throw new UnitError(`${formatSize(value)} is no multiple of ${market.lotSize}, the step of ${market.asset}'s size`);
}

export function priceOfTicks(market: ProMarketFacts, ticks: bigint): Price {
  return (ticks * px(market.tickSize)) as Price;
}

/** Signed where the lots are. */
export function sizeOfLots(market: ProMarketFacts, lots: bigint): Size {
  return (lots * size(market.lotSize)) as Size;
}
