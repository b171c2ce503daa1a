/** What must hold after every call, each by its name; an answer is what broke it. */
import { PIPS } from "../../units";
import { abs, ceilDiv, floorDiv, max } from "../rounding";
import { bestTick, crosses, isBetter } from "./book";
import { NO_ORDERS } from "./margin";
import { fundingOwed } from "./positions";
import { cashOf, hasPosition, isInUse } from "./scopes";
import type { Scope } from "./scopes";
import { MAX_ORDERS } from "./state";
import type { AccountState, ExchangeState, MarketState, RestingOrder } from "./state";

/** What broke an invariant, or nothing. */
export type Finding = string | undefined;

/** Σ over all accounts in a market. */
function sumOver(state: ExchangeState, of: (account: AccountState) => bigint): bigint {
  return state.accounts.reduce((sum, account) => sum + of(account), 0n);
}

/** 1: Σ q = 0 per market. */
export function sizesBalance(state: ExchangeState): Finding {
  for (const number of state.markets.keys()) {
    const sum = sumOver(state, ({ stakes }) => stakes[number].position.lots);
    if (sum !== 0n) return `market ${number}: positions sum up to ${sum} lots`;
  }
  return undefined;
}

/** What the books of 2 say that the vault holds. */
export function bookedCollateral(state: ExchangeState): bigint {
  const cash = sumOver(state, ({ cash: cross, stakes }) =>
    stakes.reduce((sum, { isolatedCash }) => sum + isolatedCash, cross),
  );
  const cost = sumOver(state, ({ stakes }) => stakes.reduce((sum, { position }) => sum + position.cost, 0n));
  const owed = sumOver(state, ({ stakes }) =>
    stakes.reduce(
      (sum, { position }, number) => sum + fundingOwed(position, state.markets[number].funding.indices),
      0n,
    ),
  );
  const funds = state.markets.reduce((sum, { fund }) => sum + fund.held, 0n);
  const fees = state.markets.reduce((sum, market) => sum + market.fees, 0n);
  return cash - cost - owed + funds + fees + state.dust;
}

/** 2: the books balance, nothing in them is below 0. */
export function booksBalance(state: ExchangeState): Finding {
  const booked = bookedCollateral(state);
  if (booked !== state.collateral) return `books say ${booked}, the vault holds ${state.collateral}`;
  return state.dust < 0n ? `dust is ${state.dust}` : undefined;
}

/** 5: open interest = Σ q⁺ = Σ q⁻. */
export function openInterestAgrees(state: ExchangeState): Finding {
  for (const [number, { openLots }] of state.markets.entries()) {
    const long = sumOver(state, ({ stakes }) => max(stakes[number].position.lots, 0n));
    const short = sumOver(state, ({ stakes }) => max(-stakes[number].position.lots, 0n));
    if (long !== openLots || short !== openLots) return `market ${number}: ${openLots}, long ${long}, short ${short}`;
  }
  return undefined;
}

function ordersOfBook({ book }: MarketState): RestingOrder[] {
  return [...book.buy, ...book.sell].flatMap(({ orders }) => orders);
}

/** 6: levels are in order, none is empty, and each order stands in its slot. */
export function bookIsSound(state: ExchangeState): Finding {
  for (const [number, market] of state.markets.entries()) {
    for (const side of ["buy", "sell"] as const) {
      const levels = market.book[side];
      for (const [at, { orders, tick }] of levels.entries()) {
        if (at > 0 && !isBetter(side, levels[at - 1].tick, tick)) return `market ${number}: ${tick} is out of order`;
        if (orders.length === 0) return `market ${number}: ${tick} is empty`;
        if (orders.some((order) => order.lots <= 0n || order.tick !== tick || order.side !== side)) {
          return `market ${number}: ${tick} has a foreign order`;
        }
      }
    }
    const standing = ordersOfBook(market);
    const isPlaced = (order: RestingOrder) => state.accounts[order.account].stakes[number].slots[order.slot] === order;
    if (!standing.every(isPlaced)) return `market ${number}: an order is not in its slot`;
    const slots = state.accounts.flatMap(({ stakes }) => stakes[number].slots.filter((order) => order !== null));
    if (slots.length !== standing.length) return `market ${number}: ${slots.length} slots, ${standing.length} orders`;
  }
  return undefined;
}

/** 7: no crossed book between calls. */
export function bookIsUncrossed(state: ExchangeState): Finding {
  for (const [number, { book }] of state.markets.entries()) {
    const bid = bestTick(book, "buy");
    const ask = bestTick(book, "sell");
    if (bid !== undefined && ask !== undefined && crosses("buy", bid, ask)) return `market ${number}: ${bid} ≥ ${ask}`;
  }
  return undefined;
}

/** 8: an account's sums are those of its orders that are not reduce-only, by their remaining lots. */
export function sumsAgree(state: ExchangeState): Finding {
  for (const [account, { orders, stakes }] of state.accounts.entries()) {
    let count = 0;
    for (const [number, { slots, sums }] of stakes.entries()) {
      const expected = { ...NO_ORDERS };
      for (const order of slots) {
        if (order === null) continue;
        count++;
        if (order.isReduceOnly) continue;
        const notional = order.tick * order.lots;
        if (order.side === "buy") {
          Object.assign(expected, {
            bidLots: expected.bidLots + order.lots,
            bidTickLots: expected.bidTickLots + notional,
          });
        } else {
          Object.assign(expected, {
            askLots: expected.askLots + order.lots,
            askTickLots: expected.askTickLots + notional,
          });
        }
      }
      const isEqual =
        expected.bidLots === sums.bidLots &&
        expected.askLots === sums.askLots &&
        expected.bidTickLots === sums.bidTickLots &&
        expected.askTickLots === sums.askTickLots;
      if (!isEqual) return `account ${account}, market ${number}: the sums are not those of its orders`;
    }
    if (count !== orders || count > MAX_ORDERS) return `account ${account}: ${orders} orders counted, ${count} rest`;
  }
  return undefined;
}

/** 11: between the sides funding is received exactly as it is paid, but for shared losses. */
export function fundingCancels(state: ExchangeState): Finding {
  for (const [number, { charged, funding }] of state.markets.entries()) {
    const { longOwed, shortOwed } = funding.indices;
    if (charged.amount === 0n && state.dust === 0n && longOwed + shortOwed !== 0n) {
      return `market ${number}: indices ${longOwed} and ${shortOwed}`;
    }
  }
  return undefined;
}

/** 13: the mark within its deviation from the index. */
export function markIsNear(state: ExchangeState): Finding {
  for (const [number, { config, index, mark }] of state.markets.entries()) {
    if (index === undefined) continue;
    const low = ceilDiv(index.price * (PIPS - config.maxDeviationPips), PIPS);
    const high = floorDiv(index.price * (PIPS + config.maxDeviationPips), PIPS);
    if (mark < low || mark > high) return `market ${number}: mark ${mark}, index ${index.price}`;
  }
  return undefined;
}

/** Every scope there is. */
export function allScopes(state: ExchangeState): Scope[] {
  return state.accounts.flatMap(({ stakes }, account) => [
    { account },
    ...stakes.flatMap(({ isIsolated }, market) => (isIsolated ? [{ account, market }] : [])),
  ]);
}

/** 17: no scope without position has negative cash. */
export function nobodyOwes(state: ExchangeState): Finding {
  const debtor = allScopes(state).find((scope) => !hasPosition(state, scope) && cashOf(state, scope) < 0n);
  return debtor === undefined ? undefined : `account ${debtor.account} owes ${cashOf(state, debtor)}`;
}

/** 18: no fund below 0, and what one paid in an hour and a day within its shares. */
export function fundsHold(state: ExchangeState): Finding {
  for (const [number, { fund }] of state.markets.entries()) {
    if (fund.held < 0n) return `market ${number}: fund ${fund.held}`;
    if (fund.paidInHour * 5n > fund.atHour || fund.paidInDay * 5n > fund.atDay * 2n) {
      return `market ${number}: paid ${fund.paidInHour} of ${fund.atHour}, ${fund.paidInDay} of ${fund.atDay}`;
    }
  }
  return undefined;
}

/** 23: cash of an isolated mode without position or order has returned; cross markets have none. */
export function isolatedCashIsNeeded(state: ExchangeState): Finding {
  for (const [account, { stakes }] of state.accounts.entries()) {
    const stray = stakes.findIndex((stake) => stake.isolatedCash !== 0n && (!stake.isIsolated || !isInUse(stake)));
    if (stray !== -1) return `account ${account}, market ${stray}: ${stakes[stray].isolatedCash} left`;
  }
  return undefined;
}

/** A position without lots has no cost: dust of a division stays nowhere. */
export function flatCostsNothing(state: ExchangeState): Finding {
  for (const [account, { stakes }] of state.accounts.entries()) {
    const odd = stakes.findIndex(({ position }) => position.lots === 0n && abs(position.cost) !== 0n);
    if (odd !== -1) return `account ${account}, market ${odd}: cost ${stakes[odd].position.cost} of nothing`;
  }
  return undefined;
}

/** All of them by name. */
export const INVARIANTS: Readonly<Record<string, (state: ExchangeState) => Finding>> = {
  sizesBalance,
  booksBalance,
  openInterestAgrees,
  bookIsSound,
  bookIsUncrossed,
  sumsAgree,
  fundingCancels,
  markIsNear,
  nobodyOwes,
  fundsHold,
  isolatedCashIsNeeded,
  flatCostsNothing,
};

/** What is broken, by name. */
export function brokenInvariants(state: ExchangeState): string[] {
  return Object.entries(INVARIANTS).flatMap(([name, holds]) => {
    const finding = holds(state);
    return finding === undefined ? [] : [`${name}: ${finding}`];
  });
}
