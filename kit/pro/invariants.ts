import { abs, max } from "../../sdk/model";
import type { Health, Holding, MarketConfig } from "../../sdk/model/pro";
import { BNB_MARKET, BTC_MARKET, ETH_MARKET, healthOf, quotePerTickLot, unrealisedOf } from "../../sdk/model/pro";
import { PIPS } from "../../sdk/units";
import type { Level, Market, Order, Party, State } from "./ProStore";

/** The markets of the profiles, in their order. */
export const MARKETS: readonly MarketConfig[] = [BTC_MARKET, ETH_MARKET, BNB_MARKET];

/** What the Vault holds for Pro, and beside it. */
export interface Custody {
  /** Quote. */
  readonly collateral: bigint;
  readonly reserved: bigint;
  readonly liquidity: bigint;
  readonly tokenReserved: bigint;
  /** Balance of the token less all that the ledgers say is owed. */
  readonly surplus: bigint;
}

/** A scope: an account's markets in cross mode, or one in isolated mode. */
export interface Scope {
  readonly account: bigint;
  /** Of an isolated one. */
  readonly market?: number;
}

export const scopeId = ({ account, market }: Scope): bigint =>
  (account << 8n) | (market === undefined ? 0n : BigInt(market) + 1n);

export function partyOf({ parties }: State, account: bigint, market: number): Party {
  const party = parties.get(account)?.[market];
  if (party === undefined) throw new Error(`nothing was read of account ${account}`);
  return party;
}

export function cashOf(state: State, { account, market }: Scope): bigint {
  if (market !== undefined) return partyOf(state, account, market).isolatedCash;
  return state.accounts.get(account)?.cash ?? 0n;
}

/** An account's stake in a market as the model takes it, at given prices. */
function holdingOf({ lots, cost, snapshot, leverage, ...sums }: Party, market: number, record: Market): Holding {
  const terms = MARKETS[market];
  return {
    terms,
    // The contract's index of the shorts counts for signed lots.
    position: { lots, cost, snapshot: lots < 0n ? -snapshot : snapshot },
    sums,
    leverage: leverage === 0n ? terms.defaultLeverage : leverage,
    indices: { longOwed: record.longIndex, shortOwed: -record.shortIndex },
    mark: record.mark,
    index: record.price,
  };
}

/** What a scope holds; `marks` of another moment where they are given. */
export function holdingsOf(state: State, scope: Scope, marks: readonly Market[] = state.markets): Holding[] {
  return MARKETS.flatMap((_, market) => {
    const party = partyOf(state, scope.account, market);
    const isOfScope = scope.market === undefined ? !party.isIsolated : scope.market === market;
    if (!isOfScope) return [];
    const { mark, price } = marks[market];
    return [holdingOf(party, market, { ...state.markets[market], mark, price })];
  });
}

export function scopeHealth(state: State, scope: Scope, marks = state.markets): Health {
  return healthOf(cashOf(state, scope), holdingsOf(state, scope, marks));
}

/** Every scope that there is. */
export function scopesOf({ accounts, parties }: State): Scope[] {
  return [...accounts.keys()].flatMap((account) => [
    { account },
    ...(parties.get(account) ?? []).flatMap(({ isIsolated }, market) => (isIsolated ? [{ account, market }] : [])),
  ]);
}

const sum = (values: readonly bigint[]) => values.reduce((total, value) => total + value, 0n);

/** Orders of a level, the oldest first, by the links between them. */
export function queueOf({ orders }: State, level: Level): Order[] {
  const own = orders.filter(
    ({ isBid, market, tick }) => isBid === level.isBid && market === level.market && tick === level.tick,
  );
  const queue: Order[] = [];
  for (let ref = level.head; queue.length < own.length;) {
    const order = own.find((candidate) => candidate.ref === ref);
    if (order === undefined) throw new Error(`the queue at ${level.tick} breaks off`);
    queue.push(order);
    ref = order.next;
  }
  return queue;
}

/** Every order of a side of a book in the order in which it is met. */
export function sideOf(state: State, market: number, isBid: boolean): Order[] {
  return state.levels
    .filter((level) => level.market === market && level.isBid === isBid)
    .sort((a, b) => (a.tick < b.tick === isBid ? 1 : -1))
    .flatMap((level) => queueOf(state, level));
}

type Check = (state: State, custody: Custody, dustAllowed: bigint) => string[];

const told = (isBroken: boolean, text: string) => (isBroken ? [text] : []);

function ofEachMarket(check: (market: number, record: Market, parties: Party[], state: State) => string[]): Check {
  return (state) =>
    MARKETS.flatMap((_, market) => {
      const parties = [...state.parties.values()].map((list) => list[market]);
      return check(market, state.markets[market], parties, state).map((text) => `market ${market}: ${text}`);
    });
}

/** Invariants of every state, by their numbers. */
export const CHECKS: Readonly<Record<string, Check>> = {
  "Pro 1, Pro 5: sizes balance, and one side is the open interest": ofEachMarket((_, { openInterest }, parties) => [
    ...told(sum(parties.map(({ lots }) => lots)) !== 0n, "sizes don't balance"),
    ...told(sum(parties.map(({ lots }) => max(0n, lots))) !== openInterest, "open interest"),
  ]),
  "Pro 2: books are the collateral": (state, { collateral }, dustAllowed) => {
    const cash = sum([...state.accounts.values()].map((account) => account.cash));
    const parties = [...state.parties.values()].flatMap((list) =>
      list.map(({ cost, isolatedCash, lots, snapshot }, market) => {
        const { longIndex, shortIndex } = state.markets[market];
        return isolatedCash - cost - lots * ((lots < 0n ? shortIndex : longIndex) - snapshot);
      }),
    );
    const markets = state.markets.map(({ fees, fund }) => fund + fees);
    const dust = collateral - cash - sum(parties) - sum(markets);
    return told(dust < 0n || dust > dustAllowed, `dust of ${dust}, ${dustAllowed} may be`);
  },
  "Pro 3: nothing is reserved": (_, { reserved }) => told(reserved !== 0n, `${reserved} reserved`),
  "Pro 4: the Vault has exactly what it owes": (_, { surplus }) => told(surplus !== 0n, `a surplus of ${surplus}`),
  "Pro 6: levels are their orders": (state) =>
    state.levels.flatMap((level) => {
      const queue = queueOf(state, level);
      const firm = queue.filter(({ expiry, isReduceOnly }) => expiry === 0n && !isReduceOnly);
      const isSound =
        level.lots === sum(queue.map(({ lots }) => lots)) &&
        level.firm === sum(firm.map(({ lots }) => lots)) &&
        level.count === BigInt(queue.length) &&
        level.tail === queue[queue.length - 1].ref &&
        queue.slice(1).every(({ prev }, place) => prev === queue[place].ref) &&
        level.isMarked;
      return told(!isSound, `level ${level.tick} of market ${level.market}`);
    }),
  "Pro 6, Pro 7: the best prices, uncrossed": ofEachMarket((market, { bestAsk, bestBid }, _, { levels }) => {
    const ticks = (isBid: boolean) =>
      levels.filter((level) => level.market === market && level.isBid === isBid).map(({ tick }) => tick);
    const highest = ticks(true).reduce((most, tick) => (tick > most ? tick : most), 0n);
    const lowest = ticks(false).reduce((least, tick) => (least === 0n || tick < least ? tick : least), 0n);
    return [
      ...told(highest !== bestBid || lowest !== bestAsk, "best prices"),
      ...told(bestBid !== 0n && bestAsk !== 0n && bestBid >= bestAsk, "crossed"),
    ];
  }),
  "Pro 8: sums are those of the orders": ({ accounts, orders, parties }) =>
    [...parties].flatMap(([account, list]) => {
      const own = orders.filter((order) => order.account === account);
      const isCounted = accounts.get(account)?.orders === BigInt(own.length);
      const markets = list.flatMap((party, market) => {
        const of = (isBid: boolean) =>
          own.filter((order) => order.market === market && order.isBid === isBid && !order.isReduceOnly);
        const ticks = (list_: readonly Order[]) => sum(list_.map(({ lots, tick }) => lots * tick));
        const lots = (list_: readonly Order[]) => sum(list_.map((order) => order.lots));
        const isSame =
          party.bidLots === lots(of(true)) &&
          party.askLots === lots(of(false)) &&
          party.bidTickLots === ticks(of(true)) &&
          party.askTickLots === ticks(of(false));
        return told(!isSame, `sums of ${account} in market ${market}`);
      });
      return [...told(!isCounted, `orders of ${account}`), ...markets];
    }),
  "Pro 8: accounts know their markets": ({ accounts, parties }) =>
    [...parties].flatMap(([account, list]) => {
      const used = list.map(({ isIsolated, lots, slots }) => !isIsolated && (lots !== 0n || slots !== 0n));
      const mask = sum(used.map((isUsed, market) => (isUsed ? 1n << BigInt(market) : 0n)));
      const open = list.filter(({ isIsolated, lots }) => !isIsolated && lots !== 0n).length;
      const word = accounts.get(account);
      return told(word?.markets !== mask || word.positions !== BigInt(open), `markets of ${account}`);
    }),
  "Pro 13: the mark is near the index": ofEachMarket((market, { mark, price }) => {
    const reach = (price * MARKETS[market].maxDeviationPips) / PIPS;
    return told(price !== 0n && abs(mark - price) > reach, `mark ${mark} at an index of ${price}`);
  }),
  "Pro 17, Pro 23: nobody flat owes, nobody else's cash is isolated": (state) =>
    scopesOf(state).flatMap((scope) => {
      const cash = cashOf(state, scope);
      const isOpen = holdingsOf(state, scope).some(({ position }) => position.lots !== 0n);
      const isUsed = isOpen || (scope.market !== undefined && partyOf(state, scope.account, scope.market).slots !== 0n);
      return [
        ...told(!isOpen && cash < 0n, `${scopeId(scope)} owes ${cash}`),
        ...told(scope.market !== undefined && !isUsed && cash !== 0n, `${cash} idle in ${scopeId(scope)}`),
      ];
    }),
  "Pro 18: funds pay within their limits": ofEachMarket((_, { day, hour }) => [
    ...told(hour.paid * 5n > hour.held, "more than a fifth in an hour"),
    ...told(day.paid * 5n > day.held * 2n, "more than two fifths in a day"),
  ]),
};

/** What a state breaks. */
export function broken(state: State, custody: Custody, dustAllowed: bigint): string[] {
  return Object.entries(CHECKS).flatMap(([name, check]) =>
    check(state, custody, dustAllowed).map((text) => `${name}: ${text}`),
  );
}

/** What everybody together has at the indices, quote: cash and unrealised. */
export function wealthOf(state: State): bigint {
  const atIndex = state.markets.map((market) => ({ ...market, mark: market.price }));
  return sum(
    scopesOf(state).map(
      (scope) =>
        cashOf(state, scope) + sum(holdingsOf(state, scope, atIndex).map((one) => unrealisedOf(one, one.mark))),
    ),
  );
}

/** A price of an order, quote for a lot. */
export const perLot = (market: number, tick: bigint): bigint => tick * quotePerTickLot(MARKETS[market].grid);
