import type { Acted, Kept, ProDesk } from "../../../kit/pro/ProDesk";
import type { Rung } from "../../../kit/pro/quotes";
import { scopeIdOf } from "../../../kit/pro/words";
import {
  bankruptcyPriceOf,
  candidateOf,
  cashOf,
  feeOf,
  healthOf,
  holdingsOf,
  isLiquidatable,
  quotePerTickLot,
  scopeHealth,
} from "../../../sdk/model/pro";
import type { Scope } from "../../../sdk/model/pro";
import { formatPrice, formatSize, formatUsd } from "../../../sdk/units";
import { check } from "../errors";
import type { Narrator } from "../narrator";
import type { ProTradeReport } from "../report";
import type { Stage } from "../stage";

/** Five levels of 0.6 BTC, or 6 ETH, from 1 bp on. */
export const LADDER: readonly Rung[] = [100n, 300n, 500n, 700n, 900n].map((pips) => ({ pips, lots: 600n }));

/** Who plays in the chapter, by the numbers of their accounts. */
export interface Cast {
  readonly stage: Stage;
  readonly narrator: Narrator;
  readonly desk: ProDesk;
  readonly maker: number;
  readonly trader: number;
  readonly gambler: number;
  readonly keeper: number;
  readonly btc: number;
  readonly eth: number;
}

/** A scope as the chain shows it, every number that of the model. */
export async function checkedHealth(cast: Cast, step: string, scope: Scope) {
  const { desk } = cast;
  await checkBooks(cast, step);
  const { state } = desk.exchange;
  const { pro, proLens } = desk.desk.system;
  const shown = await proLens.health(pro, scopeIdOf(desk.ids, scope));
  for (const { bankruptcyPrice, liquidationPrice, lots, market } of shown.positions) {
    if (lots === 0n) continue;
    // At this price the scope is not yet liquidatable, a unit further it is.
    const beyond = liquidationPrice + (lots > 0n ? -1n : 1n);
    const number = Number(market);
    check(
      `${step}: liquidatable in market ${number} at ${liquidationPrice}`,
      isDueAt(cast, scope, number, liquidationPrice),
      false,
    );
    check(`${step}: liquidatable beyond it`, isDueAt(cast, scope, number, beyond), true);
    const candidate = candidateOf(state, scope, number, scopeHealth(state, scope));
    check(`${step}: bankruptcy price`, bankruptcyPrice, bankruptcyPriceOf(candidate));
  }
  return shown;
}

/** The chain is where the model is, in every market and account. */
export async function checkBooks({ desk }: Cast, step: string): Promise<void> {
  check(`${step}: what differs from the model`, (await desk.differences()).join("; "), "");
}

/** What a taker's order came to, and tells it. */
export function tellTrade(
  cast: Cast,
  name: string,
  market: number,
  side: "buy" | "sell",
  acted: Acted,
): ProTradeReport {
  const { desk, narrator } = cast;
  const { config } = desk.exchange.state.markets[market];
  const placed = acted.results.find((result) => result.placed !== undefined)?.placed;
  if (placed === undefined) throw new Error(`${name} placed nothing`);
  const { filled, tickLots } = placed;
  const notional = tickLots * quotePerTickLot(config.grid);
  const size = filled * config.grid.lotSize;
  const asset = desk.assetOf(market);
  const report = {
    market: desk.desk.profile.pro.markets[market].name,
    side,
    size: formatSize(size),
    price: formatPrice(notional / size),
    notional: formatUsd(notional),
    fees: formatUsd(feeOf(notional, config.takerFeePips)),
    makerFees: formatUsd(feeOf(notional, config.makerFeePips)),
  };
  narrator.row(`${side === "buy" ? "bought" : "sold"} ${report.size} ${asset}`, `at ${report.price} USD on average`);
  narrator.row("fees", `${report.fees} of the taker, ${report.makerFees} of the makers`);
  narrator.gasOf(`pro ${name}`, { gasUsed: acted.gas });
  return report;
}

/** Tells what a call cost. */
export function tellGas({ narrator }: Cast, name: string, { gas }: Acted | Kept): void {
  narrator.gasOf(`pro ${name}`, { gasUsed: gas });
}

/** Liquidatable with the mark of one market at a price, by the model. */
function isDueAt({ desk }: Cast, scope: Scope, market: number, mark: bigint): boolean {
  const { state } = desk.exchange;
  const { config } = state.markets[market];
  const holdings = holdingsOf(state, scope).map((holding) =>
    holding.terms === config ? { ...holding, mark } : holding,
  );
  return isLiquidatable(healthOf(cashOf(state, scope), holdings));
}

/** Equity by the model, quote. */
export function equityOf({ desk }: Cast, scope: Scope): bigint {
  return scopeHealth(desk.exchange.state, scope).equity;
}
