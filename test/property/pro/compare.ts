import type { ExchangeState, Level, MarketState, RestingOrder } from "../../../sdk/model/pro";
import { firstOrder, isFirm, lotsOf } from "../../../sdk/model/pro";
import { orderIdOf } from "../../dsl/proActions";
import type { CallReader, ProReader, Vault } from "../../../typechain-types";
import { Reads } from "../../invariant/reads";
import type { Asked } from "../../invariant/reads";
import type { ProContext } from "../../unit/pro/proFixture";
import type { Owners } from "./replay";

/** What differs, as `name: contract, model`. */
type Differences = string[];

/** What differs, once the answers are there. */
type Check = () => Differences;

type View<Name extends "account" | "level" | "market" | "order" | "party"> = Awaited<ReturnType<ProReader[Name]>>;

function differ(where: string, pairs: Record<string, readonly [unknown, unknown]>): Differences {
  return Object.entries(pairs).flatMap(([name, [contract, model]]) =>
    String(contract) === String(model) ? [] : [`${where}.${name}: ${String(contract)}, ${String(model)}`],
  );
}

function marketCheck({ pro, reader }: ProContext, reads: Reads, market: MarketState, number: number): Check {
  const viewOf = reads.ask<View<"market">>(reader, "market", [pro.target, number]);
  const { basisEmaX18, book, config, depth, fees, fund, funding, highLeverage, index, last, mark, openLots } = market;
  return () => {
    const view = viewOf();
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
  };
}

function accountCheck(
  { pro, reader }: ProContext,
  reads: Reads,
  state: ExchangeState,
  account: number,
  id: bigint,
): Check {
  const { cash, orders, stakes } = state.accounts[account];
  const viewOf = reads.ask<View<"account">>(reader, "account", [pro.target, id]);
  const inUse = stakes.map(({ isIsolated, position, slots }) => {
    return !isIsolated && (position.lots !== 0n || slots.some((order) => order !== null));
  });
  const own: Check = () => {
    const view = viewOf();
    return differ(`account ${account}`, {
      cash: [view.cash, cash],
      orders: [view.orders, orders],
      markets: [view.markets, inUse.reduce((mask, used, number) => mask + (used ? 1n << BigInt(number) : 0n), 0n)],
      positions: [
        view.positions,
        stakes.filter(({ isIsolated, position }) => !isIsolated && position.lots !== 0n).length,
      ],
    });
  };
  const ofMarkets = stakes.map((stake, number): Check => {
    const partyOf = reads.ask<View<"party">>(reader, "party", [pro.target, number, id]);
    const { isIsolated, isolatedCash, leverage, position, slots, sums } = stake;
    const used = slots.reduce((mask, order, slot) => mask + (order === null ? 0n : 1n << BigInt(slot)), 0n);
    return () => {
      const party = partyOf();
      const chosen = party.leverage === 0n ? state.markets[number].config.defaultLeverage : party.leverage;
      return differ(`account ${account} in market ${number}`, {
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
      });
    };
  });
  return () => [own, ...ofMarkets].flatMap((check) => check());
}

/** Every order of a level in its place, and what the level says of them. */
function levelCheck(
  { pro, reader }: ProContext,
  reads: Reads,
  { ids }: Owners,
  number: number,
  isBid: boolean,
  { orders, tick }: Level,
): Check {
  const where = `market ${number}, ${isBid ? "bids" : "asks"} at ${tick}`;
  const viewOf = reads.ask<View<"level">>(reader, "level", [pro.target, number, isBid, tick]);
  const idOf = ({ account, generation, slot }: RestingOrder) =>
    orderIdOf(ids[account], BigInt(slot), generation, BigInt(number));
  const refOf = (order: RestingOrder) => idOf(order) & ((1n << 48n) - 1n);
  const own: Check = () => {
    const view = viewOf();
    return differ(where, {
      count: [view.count, orders.length],
      lots: [view.lots, lotsOf({ tick, orders })],
      firm: [view.firm, orders.reduce((sum, order) => sum + (isFirm(order) ? order.lots : 0n), 0n)],
      head: [view.head, refOf(orders[0])],
      tail: [view.tail, refOf(orders[orders.length - 1])],
    });
  };
  const ofOrders = orders.map((order, place): Check => {
    const wordOf = reads.ask<View<"order">>(reader, "order", [pro.target, idOf(order)]);
    return () => {
      const word = wordOf();
      return differ(`${where}, order ${place}`, {
        lots: [word.lots, order.lots],
        tick: [word.tick, tick],
        expiry: [word.expiry, order.expiry],
        isBid: [word.isBid, isBid],
        isReduceOnly: [word.isReduceOnly, order.isReduceOnly],
        generation: [word.generation, order.generation],
        ...(place + 1 < orders.length ? { next: [word.next, refOf(orders[place + 1])] as const } : {}),
        ...(place > 0 ? { prev: [word.prev, refOf(orders[place - 1])] as const } : {}),
      });
    };
  });
  return () => [own, ...ofOrders].flatMap((check) => check());
}

/** Compares what the contracts have with a model, to the unit; remembers what they answered last. */
export class Comparison {
  private readonly asked: Asked = new Map();

  constructor(
    private readonly context: ProContext & { readonly callReader: CallReader },
    private readonly owners: Owners,
  ) {}

  /** Markets, accounts and what the vault holds: of some accounts, or of all; with whole books if asked for. */
  async differences(state: ExchangeState, withBooks: boolean, accounts?: ReadonlySet<number>): Promise<Differences> {
    const { callReader, pro, token, vault } = this.context;
    const reads = new Reads(callReader, this.asked);
    type Line = Awaited<ReturnType<Vault["productLedger"]>>;
    const lineOf = reads.ask<Line>(vault, "productLedger", [pro.target, token.target]);
    const checks: Check[] = [
      ...state.markets.map((market, number) => marketCheck(this.context, reads, market, number)),
      ...[...(accounts ?? this.owners.ids.keys())].map((account) =>
        accountCheck(this.context, reads, state, account, this.owners.ids[account]),
      ),
      () => differ("vault", { collateral: [lineOf().collateral, state.collateral] }),
      ...(withBooks ? this.bookChecks(reads, state) : []),
    ];
    await reads.run();
    return checks.flatMap((check) => check());
  }

  private bookChecks(reads: Reads, state: ExchangeState): Check[] {
    return state.markets.flatMap(({ book }, number) =>
      (["buy", "sell"] as const).flatMap((side) =>
        book[side].map((level) => levelCheck(this.context, reads, this.owners, number, side === "buy", level)),
      ),
    );
  }
}
