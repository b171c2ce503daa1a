/** What a grid would begin with, place, need and earn, before it is opened: the arithmetic of the specification. */
import { UnitError, lotsOf, priceOfTicks, px, size, sizeOfLots, ticksOf } from "@asterism/sdk";
import type { Price, ProAction, ProGridInput, ProMarketFacts, Size } from "@asterism/sdk";
import { proModel } from "@asterism/sdk/model";

/** The contracts' own bounds. */
const LINES = { least: 2, most: 100 };
const WINDOW = { least: 1, most: 16 };
const PIPS = 1_000_000n;
/** A pair is two fills, and each is answered by a roll that is paid. */
const FILLS = 2n;

export interface GridOrder {
  readonly side: "buy" | "sell";
  readonly price: Price;
  readonly size: Size;
}

export interface GridPlan {
  /** The nearest to the price first. */
  readonly orders: readonly GridOrder[];
  /** What is bought (positive) or sold at once. */
  readonly start: Size;
  /** Cells, and how many of them rest at most. */
  readonly cells: number;
  /** Quote, of the cell that is worth least and of the one that is worth most: bought at one line and sold at the next. */
  readonly leastPair: bigint;
  readonly mostPair: bigint;
  /** The same as an account does it by itself: what it begins with, then each order, skipped where it is refused. */
  readonly actions: readonly ProAction[];
}

/** What an account has in the market already, quote and lots, and how it margins. */
export interface GridAccount {
  readonly lots: bigint;
  readonly cost: bigint;
  readonly leverage: bigint;
}

/** What a market takes of who trades there. */
export interface GridTerms {
  readonly makerFeePips: bigint;
  readonly takerFeePips: bigint;
  /** H: of resting orders no less than 1/H is asked for. */
  readonly highLeverage: bigint;
}

/** Throws `UnitError` for what can't be. */
export function gridPlan(facts: ProMarketFacts, input: ProGridInput, price: bigint): GridPlan {
  const { lines, spacing, start = "neutral", window = WINDOW.most } = input;
  if (!within(lines, LINES)) throw new UnitError(`A grid has ${LINES.least} to ${LINES.most} lines.`);
  if (!within(window, WINDOW)) throw new UnitError(`${WINDOW.least} to ${WINDOW.most} orders rest on each side.`);
  const [low, high, lots] = [ticksOf(facts, input.low), ticksOf(facts, input.high), lotsOf(facts, input.size)];
  if (low === 0n || low >= high) throw new UnitError("The lowest line lies below the highest.");
  if (lots === 0n) throw new UnitError("Say how much each line trades.");
  const linesOf = spacing === "geometric" ? proModel.geometricLines : proModel.arithmeticLines;
  const ticks = linesOf(low, high, lines);
  const close = ticks.findIndex((tick, at) => at > 0 && tick <= ticks[at - 1]);
  if (close > 0) throw new UnitError(`Rounded to ${facts.tickSize}, two lines fall together: take fewer of them.`);
  const grid = gridOf(facts);
  const ladder = { ticks, lots, window };
  const held = proModel.gridStart(ladder, grid, price);
  const cells = ticks.length - 1;
  const startLots = start === "neutral" ? 0n : start === "long" ? held : held - BigInt(cells) * lots;
  const orders = proModel.gridOrders(ladder, held, held).map(({ side, tick, lots: each }) => ({
    ...{ side, price: priceOfTicks(facts, tick), size: sizeOfLots(facts, each) },
  }));
  const pairs = ticks
    .slice(1)
    .map((tick, at) => proModel.valueOf(grid, proModel.priceOfTick(grid, tick - ticks[at]), lots));
  const sorted = [...pairs].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return {
    ...{ orders, cells, start: sizeOfLots(facts, startLots) },
    ...{ leastPair: sorted[0], mostPair: sorted[sorted.length - 1] },
    actions: actionsOf(input, sizeOfLots(facts, startLots), orders),
  };
}

/** What a pair pays: two maker's fees of what lies at the middle, and two rolls; quote. */
export function pairCosts(facts: ProMarketFacts, input: ProGridInput, { makerFeePips }: GridTerms): bigint {
  const grid = gridOf(facts);
  const middle =
    (priceOfTicks(facts, ticksOf(facts, input.low)) + priceOfTicks(facts, ticksOf(facts, input.high))) / 2n;
  const value = proModel.valueOf(grid, middle, lotsOf(facts, input.size));
  return FILLS * ((value * makerFeePips) / PIPS + proModel.GRID_TIP);
}

/** Initial margin of the account with what the plan begins with and rests, quote; what it has resting already is not in it. */
export function gridMargin(
  facts: ProMarketFacts,
  { orders, start }: GridPlan,
  { lots, cost, leverage }: GridAccount,
  { highLeverage }: GridTerms,
  price: bigint,
): bigint {
  const grid = gridOf(facts);
  const sums = { bidLots: 0n, askLots: 0n, bidTickLots: 0n, askTickLots: 0n };
  for (const order of orders) {
    const [tick, each] = [order.price / grid.tickSize, order.size / grid.lotSize];
    if (order.side === "buy") [sums.bidLots, sums.bidTickLots] = [sums.bidLots + each, sums.bidTickLots + tick * each];
    else [sums.askLots, sums.askTickLots] = [sums.askLots + each, sums.askTickLots + tick * each];
  }
  const held = lots + start / grid.lotSize;
  const terms = { grid, tiers: [], restingLeverage: highLeverage };
  const position = { lots: held, cost, snapshot: 0n };
  const indices = proModel.NO_FUNDING;
  return proModel.initialMargin({ terms, position, sums, leverage, indices, mark: price, index: price }, price);
}

export function gridOf({ tickSize, lotSize }: ProMarketFacts): proModel.Grid {
  return { tickSize: px(tickSize), lotSize: size(lotSize) };
}

function actionsOf({ market, entryLimit }: ProGridInput, start: Size, orders: readonly GridOrder[]): ProAction[] {
  const first: ProAction[] =
    start === 0n
      ? []
      : [
          {
            ...{ kind: "place", market, type: "fillOrKill", price: entryLimit ?? "0" },
            ...{ side: start > 0n ? "buy" : "sell", size: (start < 0n ? 0n - start : start) as Size },
          },
        ];
  return [
    ...first,
    ...orders.map((order): ProAction => ({ kind: "place", market, type: "postOnly", isSoft: true, ...order })),
  ];
}

function within(value: number, { least, most }: { readonly least: number; readonly most: number }): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
