import type { ExchangeState, Level, MarketState, RestingOrder } from "../../../sdk/model/pro";
import { firstOrder, isFirm, lotsOf } from "../../../sdk/model/pro";
import { orderIdOf } from "../../dsl/proActions";
import type { ProContext } from "../../unit/pro/proFixture";
import type { Owners } from "./replay";

/** What differs, as `name: contract, model`. */
type Differences = string[];

function differ(where: string, pairs: Record<string, readonly [unknown, unknown]>): Differences {
  return Object.entries(pairs).flatMap(([name, [contract, model]]) =>
    String(contract) === String(model) ? [] : [`${where}.${name}: ${String(contract)}, ${String(model)}`],
  );
}

async function compareMarket({ pro, reader }: ProContext, market: MarketState, number: number): Promise<Differences> {
  const view = await reader.market(pro, number);
  const { basisEmaX18, book, config, depth, fees, fund, funding, highLeverage, index, last, mark, openLots } = market;
  return differ(`market ${number}`, {
    price: [view.price, index?.price ?? 0n],
    publishTime: [view.publishTime, index?.publishTime ?? 0n],
    mean: [view.average, index?.mean ?? 0n],
    gap: [view.guardX9, index?.gapX9 ?? 0n],
    isNarrow: [view.isNarrow, index?.isNarrow ?? false],
    isReady: [view.isReady, index?.isReady ?? false],
    mark: [view.mark, mark],
    basis: [view.basisEmaX18, basisEmaX18],
    last: [view.last, (last ?? 0n) / config.grid.tickSize],
    depth: [view.deep, [depth.bid.deep, depth.ask.deep, depth.bid.best, depth.ask.best].map((tick) => tick ?? 0n)],
    bestBid: [view.bestBid, firstOrder(book, "buy")?.tick ?? 0n],
    bestAsk: [view.bestAsk, firstOrder(book, "sell")?.tick ?? 0n],
    premiumSum: [view.premiumSumX18, funding.premiumSumX18],
    meanPremium: [view.meanPremiumX18, funding.meanPremiumX18],
    touchedAt: [view.touchedAt, funding.touchedAt],
    long: [view.longIndex, funding.indices.longOwed],
    // The contract's index of a side counts for signed lots.
    short: [view.shortIndex, -funding.indices.shortOwed],
    openLots: [view.openInterest, openLots],
    fund: [view.fund, fund.held],
    fees: [view.fees, fees],
    heat: [view.heat, highLeverage.amount],
  });
}

async function compareAccount(
  { pro, reader }: ProContext,
  state: ExchangeState,
  account: number,
  id: bigint,
): Promise<Differences> {
  const { cash, orders, stakes } = state.accounts[account];
  const view = await reader.account(pro, id);
  const inUse = stakes.map(({ isIsolated, position, slots }) => {
    return !isIsolated && (position.lots !== 0n || slots.some((order) => order !== null));
  });
  const found = differ(`account ${account}`, {
    cash: [view.cash, cash],
    orders: [view.orders, orders],
    markets: [view.markets, inUse.reduce((mask, used, number) => mask + (used ? 1n << BigInt(number) : 0n), 0n)],
    positions: [
      view.positions,
      stakes.filter(({ isIsolated, position }) => !isIsolated && position.lots !== 0n).length,
    ],
  });
  for (const [number, stake] of stakes.entries()) {
    const party = await reader.party(pro, number, id);
    const { isIsolated, isolatedCash, leverage, position, slots, sums } = stake;
    const used = slots.reduce((mask, order, slot) => mask + (order === null ? 0n : 1n << BigInt(slot)), 0n);
    const chosen = party.leverage === 0n ? state.markets[number].config.defaultLeverage : party.leverage;
    found.push(
      ...differ(`account ${account} in market ${number}`, {
        lots: [party.lots, position.lots],
        cost: [party.cost, position.cost],
        snapshot: [party.snapshot, position.lots < 0n ? -position.snapshot : position.snapshot],
        isolatedCash: [party.isolatedCash, isolatedCash],
        bidLots: [party.bidLots, sums.bidLots],
        askLots: [party.askLots, sums.askLots],
        bidTickLots: [party.bidNotional, sums.bidTickLots],
        askTickLots: [party.askNotional, sums.askTickLots],
        slots: [party.slots, used],
        leverage: [chosen, leverage],
        isIsolated: [party.isIsolated, isIsolated],
      }),
    );
  }
  return found;
}

/** Every order of a level in its place, and what the level says of them. */
async function compareLevel(
  { pro, reader }: ProContext,
  { ids }: Owners,
  number: number,
  isBid: boolean,
  { orders, tick }: Level,
): Promise<Differences> {
  const where = `market ${number}, ${isBid ? "bids" : "asks"} at ${tick}`;
  const view = await reader.level(pro, number, isBid, tick);
  const idOf = ({ account, generation, slot }: RestingOrder) =>
    orderIdOf(ids[account], BigInt(slot), generation, BigInt(number));
  const refOf = (order: RestingOrder) => idOf(order) & ((1n << 48n) - 1n);
  const found = differ(where, {
    count: [view.count, orders.length],
    lots: [view.lots, lotsOf({ tick, orders })],
    firm: [view.firm, orders.reduce((sum, order) => sum + (isFirm(order) ? order.lots : 0n), 0n)],
    head: [view.head, refOf(orders[0])],
    tail: [view.tail, refOf(orders[orders.length - 1])],
  });
  for (const [place, order] of orders.entries()) {
    const word = await reader.order(pro, idOf(order));
    found.push(
      ...differ(`${where}, order ${place}`, {
        lots: [word.lots, order.lots],
        tick: [word.tick, tick],
        expiry: [word.expiry, order.expiry],
        isBid: [word.isBid, isBid],
        isReduceOnly: [word.isReduceOnly, order.isReduceOnly],
        generation: [word.generation, order.generation],
        ...(place + 1 < orders.length ? { next: [word.next, refOf(orders[place + 1])] as const } : {}),
        ...(place > 0 ? { prev: [word.prev, refOf(orders[place - 1])] as const } : {}),
      }),
    );
  }
  return found;
}

/** Whole books. */
export async function compareBooks(context: ProContext, owners: Owners, state: ExchangeState): Promise<Differences> {
  const found: Differences = [];
  for (const [number, { book }] of state.markets.entries()) {
    for (const side of ["buy", "sell"] as const) {
      for (const level of book[side]) {
        found.push(...(await compareLevel(context, owners, number, side === "buy", level)));
      }
    }
  }
  return found;
}

/** Markets, accounts, and what the vault holds. */
export async function compare(context: ProContext, owners: Owners, state: ExchangeState): Promise<Differences> {
  const found: Differences = [];
  for (const [number, market] of state.markets.entries()) found.push(...(await compareMarket(context, market, number)));
  for (const [account, id] of owners.ids.entries()) found.push(...(await compareAccount(context, state, account, id)));
  const { collateral } = await context.vault.productLedger(context.pro, context.token);
  return [...found, ...differ("vault", { collateral: [collateral, state.collateral] })];
}
