/** Margin of a scope: what positions and resting orders need, what the scope is worth, what may leave it. */
import { abs, ceilDiv, floorDiv, max, min } from "../rounding";
import type { FundingIndices, Position } from "./positions";
import { unrealised } from "./positions";
import type { Tier } from "./tiers";
import { LEAST_INITIAL, maintenanceMargin } from "./tiers";
import type { Grid } from "./units";
import { quotePerTickLot, valueOf } from "./units";

/** Sums over an account's resting orders in a market that are not reduce-only. */
export interface RestingSums {
  readonly bidLots: bigint;
  readonly askLots: bigint;
  /** Σ tick × lots. */
  readonly bidTickLots: bigint;
  readonly askTickLots: bigint;
}

/** What a market takes margin by. */
export interface MarginTerms {
  readonly grid: Grid;
  readonly tiers: readonly Tier[];
  /** H: resting orders take 1/H at least; leverage above it is high. */
  readonly restingLeverage: bigint;
}

/** One account's stake in one market. */
export interface Holding {
  readonly terms: MarginTerms;
  readonly position: Position;
  readonly sums: RestingSums;
  readonly leverage: bigint;
  readonly indices: FundingIndices;
  readonly mark: bigint;
  readonly index: bigint;
}

/** What margin tests read of a scope; quote. */
export interface Health {
  /** Cash + ΣU at the marks. */
  readonly equity: bigint;
  /** ΣMM at the marks. */
  readonly maintenance: bigint;
  /** min(0, ΣU), each U the lesser of mark and index. */
  readonly loss: bigint;
  /** ΣIM, each the greater of mark and index. */
  readonly initial: bigint;
  /** ΣMM + Σ(IM − |V| / L) at the marks, the latter where orders rest. */
  readonly stretch: bigint;
  /** ΣIM as `initial`, with every leverage at most 50. */
  readonly leaving: bigint;
  /** What may leave. */
  readonly available: bigint;
}

/** No resting order. */
export const NO_ORDERS: RestingSums = { bidLots: 0n, askLots: 0n, bidTickLots: 0n, askTickLots: 0n };
/** What leaves is measured at this leverage at most. */
export const LEAVING_LEVERAGE = 50n;

/** Notional of the resting orders on the position's side, S, and on the other, O; the bids are S without position. */
function restingNotional({ position, sums, terms }: Holding): { same: bigint; other: bigint } {
  const unit = quotePerTickLot(terms.grid);
  const bids = sums.bidTickLots * unit;
  const asks = sums.askTickLots * unit;
  return position.lots < 0n ? { same: asks, other: bids } : { same: bids, other: asks };
}

/** W: the largest notional that the position can become by its orders, at a price. */
export function exposure(holding: Holding, price: bigint): bigint {
  const value = abs(valueOf(holding.terms.grid, price, holding.position.lots));
  const { same, other } = restingNotional(holding);
  return max(value + same, other - value);
}

/** What filling every resting order at its price would lose at once, at a price. */
export function openLoss({ sums, terms }: Holding, price: bigint): bigint {
  const unit = quotePerTickLot(terms.grid);
  const bids = sums.bidTickLots * unit - valueOf(terms.grid, price, sums.bidLots);
  const asks = valueOf(terms.grid, price, sums.askLots) - sums.askTickLots * unit;
  return max(0n, bids) + max(0n, asks);
}

/** max(|V| / L + S / h, (O − |V|) / h) + open loss, each sum rounded up once; at least 2 where there is a position. */
export function initialMargin(holding: Holding, price: bigint, mostLeverage?: bigint): bigint {
  const leverage = mostLeverage === undefined ? holding.leverage : min(holding.leverage, mostLeverage);
  const resting = min(holding.leverage, holding.terms.restingLeverage);
  const value = abs(valueOf(holding.terms.grid, price, holding.position.lots));
  const { same, other } = restingNotional(holding);
  const kept = ceilDiv(value * resting + same * leverage, leverage * resting);
  const turned = ceilDiv(other - value, resting);
  const margin = max(kept, turned) + openLoss(holding, price);
  return holding.position.lots === 0n ? margin : max(margin, LEAST_INITIAL);
}

/** What resting orders add to the margin of the position alone: IM − |V| / L, rounded up; 0 without orders. */
export function restingMargin(holding: Holding, price: bigint): bigint {
  const { leverage, position, sums, terms } = holding;
  if (sums.bidLots === 0n && sums.askLots === 0n) return 0n;
  const own = floorDiv(abs(valueOf(terms.grid, price, position.lots)), leverage);
  return max(0n, initialMargin(holding, price) - own);
}

/** MM of one market at a price. */
export function maintenanceOf({ position, terms }: Holding, price: bigint): bigint {
  return maintenanceMargin(terms.tiers, abs(valueOf(terms.grid, price, position.lots)));
}

/** U of one market at a price. */
export function unrealisedOf({ indices, position, terms }: Holding, price: bigint): bigint {
  return unrealised(terms.grid, position, price, indices);
}

/** All that margin tests ask of a scope. */
export function healthOf(cash: bigint, holdings: readonly Holding[]): Health {
  let equity = cash;
  let maintenance = 0n;
  let stretch = 0n;
  let worst = 0n;
  let initial = 0n;
  let leaving = 0n;
  for (const holding of holdings) {
    const { index, mark } = holding;
    const atMark = unrealisedOf(holding, mark);
    const own = maintenanceOf(holding, mark);
    const needed = initialMargin(holding, mark);
    equity += atMark;
    maintenance += own;
    stretch += own + restingMargin(holding, mark);
    worst += min(atMark, unrealisedOf(holding, index));
    initial += max(needed, initialMargin(holding, index));
    leaving += max(initialMargin(holding, mark, LEAVING_LEVERAGE), initialMargin(holding, index, LEAVING_LEVERAGE));
  }
  const loss = min(0n, worst);
  return { equity, maintenance, stretch, loss, initial, leaving, available: max(0n, cash + loss - leaving) };
}

/** The opening rule: after an increase, a resting order or a change of leverage. */
export function passesOpeningRule(cash: bigint, { initial, loss }: Health): boolean {
  return cash + loss >= initial;
}

/** The same for what leaves, with every leverage at most 50. */
export function passesLeavingRule(cash: bigint, { leaving, loss }: Health): boolean {
  return cash + loss >= leaving;
}

/** The reduction rule: after everything else. */
export function passesReductionRule({ equity, maintenance }: Health): boolean {
  return equity >= maintenance;
}

/** Whether anybody may cancel the scope's orders. */
export function isStretched({ equity, stretch }: Health): boolean {
  return equity < stretch;
}

/** Whether the scope may be liquidated. */
export function isLiquidatable({ equity, maintenance }: Health): boolean {
  return equity < maintenance;
}
