/** What the model calls by numbers of its own, as Pro has it on the chain. */
import type { Action, OrderId, Scope } from "../../sdk/model/pro";
import * as words from "../../sdk/pro/words";
import { ORDER_TYPE, SELF_TRADE } from "../../sdk/pro/words";

/** Ids of accounts on the chain by the model's numbers. */
export type AccountIds = readonly bigint[];

const SUB_BITS = 8n;

export function orderIdOf(ids: AccountIds, { account, generation, market, slot }: OrderId): bigint {
  return words.orderIdOf(ids[account], BigInt(slot), generation, BigInt(market));
}

export function scopeIdOf(ids: AccountIds, { account, market }: Scope): bigint {
  return market === undefined ? words.crossScope(ids[account]) : words.isolatedScope(ids[account], BigInt(market));
}

const codeOf = ({ market }: Scope) => (market === undefined ? 0n : BigInt(market) + 1n);

/** Where the words of an action come from beside the action itself. */
export interface WordsContext {
  readonly ids: AccountIds;
  /** Who is paid a withdrawal. */
  readonly receiver: string;
  /** Quote in a unit of the settlement token; 1 by default. */
  readonly quotePerUnit?: bigint;
  /** Number of a refresh's tick among those proven. */
  readonly tickIndex?: bigint;
  /** Owner of an account, for tips. */
  readonly addressOf?: (account: number) => string;
}

/** An action as the words of `act`. */
export function wordsOf(
  { addressOf, ids, quotePerUnit = 1n, receiver, tickIndex }: WordsContext,
  action: Action,
): bigint[] {
  const [first, ...rest] = ((): bigint[] => {
    switch (action.kind) {
      case "refresh":
        if (tickIndex === undefined) throw new Error("a refresh needs the number of its tick");
        return [words.refresh(BigInt(action.market), tickIndex)];
      case "cancel":
        return [words.cancel(orderIdOf(ids, action.id))];
      case "lower":
        return [words.lower(orderIdOf(ids, action.id), action.lots)];
      case "place": {
        const { expiry, isReduceOnly, lots, market, maxFills, selfTrade, side, tick, type } = action.order;
        return [
          words.place({
            market: BigInt(market),
            isBid: side === "buy",
            isReduceOnly,
            type: ORDER_TYPE[type],
            selfTrade: SELF_TRADE[selfTrade],
            maxFills: BigInt(maxFills),
            tick,
            lots,
            expiry,
          }),
        ];
      }
      case "leverage":
        return [words.setLeverage(BigInt(action.market), action.leverage)];
      case "mode":
        return [words.setMode(BigInt(action.market), action.isIsolated)];
      case "transfer": {
        const { amount, from, to } = action;
        return [words.transfer(codeOf(from), codeOf(to), amount, ids[to.account] & ((1n << SUB_BITS) - 1n))];
      }
      case "withdraw":
        if (action.amount % quotePerUnit !== 0n) throw new Error(`${action.amount} is no whole unit of the token`);
        return words.withdraw(receiver, action.amount / quotePerUnit);
      case "tip":
        if (addressOf === undefined) throw new Error("a tip needs the address of its keeper");
        return [words.tip(addressOf(action.keeper), action.amount)];
    }
  })();
  return [action.isSoft === true ? words.soft(first) : first, ...rest];
}
