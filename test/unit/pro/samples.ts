import type { FundingIndices, Grid, Holding, MarginTerms, Position, RestingSums } from "../../../sdk/model/pro";
import { MAJOR_TIERS, NO_FUNDING, NO_ORDERS } from "../../../sdk/model/pro";
import { px, size } from "../../../sdk/units";

/** As listed: ticks of 1, 0.1 and 0.01 USD, lots of 0.001 BTC, 0.01 ETH and 0.1 BNB. */
export const BTC: Grid = { tickSize: px("1"), lotSize: size("0.001") };
export const ETH: Grid = { tickSize: px("0.1"), lotSize: size("0.01") };
export const BNB: Grid = { tickSize: px("0.01"), lotSize: size("0.1") };

export const BTC_TERMS: MarginTerms = { grid: BTC, tiers: MAJOR_TIERS, restingLeverage: 20n };
export const ETH_TERMS: MarginTerms = { grid: ETH, tiers: MAJOR_TIERS, restingLeverage: 20n };

/** A position that was opened at one price. */
export function opened(grid: Grid, lots: bigint, entry: string): Position {
  return { lots, cost: px(entry) * grid.lotSize * lots, snapshot: 0n };
}

/** Orders at one price on either side. */
export function resting(bids: [lots: bigint, tick: bigint], asks: [lots: bigint, tick: bigint]): RestingSums {
  const [bidLots, bidTick] = bids;
  const [askLots, askTick] = asks;
  return { bidLots, askLots, bidTickLots: bidLots * bidTick, askTickLots: askLots * askTick };
}

/** A stake in a market whose mark is its index, unless said otherwise. */
export function holding(
  terms: MarginTerms,
  leverage: bigint,
  mark: string,
  stake: { position: Position; sums?: RestingSums; index?: string; indices?: FundingIndices },
): Holding {
  const { index = mark, indices = NO_FUNDING, position, sums = NO_ORDERS } = stake;
  return { terms, leverage, position, sums, indices, mark: px(mark), index: px(index) };
}
