import type { AssetKey } from "../../deploy/profiles";
import * as model from "../../sdk/model";
import type { ReferencePrice } from "../../sdk/model";
import type { TwinBook } from "./records";
import type { Twin } from "./twin";

/** What the vault is worth to its LPs, USD with 34 decimals. */
export interface Worth {
  readonly low: bigint;
  readonly mid: bigint;
  readonly high: bigint;
  /** What liquidations that are due could add at most to the high end. */
  readonly due: bigint;
  /** All liquidity at mid prices. */
  readonly liquidity: bigint;
}

export type PriceOf = (asset: AssetKey) => ReferencePrice | undefined;

/** A token amount at a price, USD with 34 decimals. */
export function valueX34(amount: bigint, price: bigint, decimals: number): bigint {
  return amount * price * 10n ** BigInt(24 - decimals);
}

/** What all positions say they are worth to the LPs, at both ends of each price; without one both bounds. */
export function tradesWorth(twin: Twin, priceOf: PriceOf, now: number): model.ProductAnswer {
  const sum = { lowUsd: 0n, highUsd: 0n, dueUsd: 0n };
  for (const book of twin.books.values()) {
    for (const isLong of [true, false]) {
      const worth = sideWorth(twin, book, isLong, priceOf(book.asset), now);
      sum.lowUsd += worth.lowUsd;
      sum.highUsd += worth.highUsd;
      sum.dueUsd += worth.dueUsd;
    }
  }
  return sum;
}

function sideWorth(
  twin: Twin,
  book: TwinBook,
  isLong: boolean,
  price: ReferencePrice | undefined,
  now: number,
): model.ProductAnswer {
  const side = isLong ? book.long : book.short;
  if (price === undefined) {
    return { lowUsd: model.worstLpPnl(side), highUsd: side.marginNanoSum * model.NANO_USD, dueUsd: 0n };
  }
  const indices = twin.indicesAt(book, now);
  const index = isLong ? indices.longX18 : indices.shortX18;
  // The LPs gain where the traders of the side lose.
  const [worst, best] = isLong ? [price.high, price.low] : [price.low, price.high];
  const isMarginFixed = book.profile.mode === "degen";
  return {
    lowUsd: model.lpPnl(isLong, side, worst, index),
    highUsd: model.lpPnl(isLong, side, best, index),
    dueUsd: model.dueUsd(isLong, side, best, index, book.leastLossRatePercent, isMarginFixed),
  };
}

/** The whole vault: liquidity, what the trades say within what the ledgers hold of them, bets at their adverse side. */
export function worthOf(twin: Twin, priceOf: PriceOf, now: number): Worth {
  const worth = { low: 0n, mid: 0n, high: 0n, due: 0n, liquidity: 0n };
  const lines: { trades: model.ProductHolding[]; bets: model.ProductHolding[] } = { trades: [], bets: [] };
  const mids: typeof lines = { trades: [], bets: [] };
  for (const { symbol, assetKey, decimals } of twin.profile.tokens) {
    // What has no price counts nothing, but is there.
    const { low, median, high } = priceOf(assetKey) ?? { low: 0n, median: 0n, high: 0n };
    const ledger = twin.ledger(symbol);
    worth.low += valueX34(ledger.liquidity, low, decimals);
    worth.liquidity += valueX34(ledger.liquidity, median, decimals);
    worth.high += valueX34(ledger.liquidity, high, decimals);
    if (ledger.reserved === 0n) continue;
    const trades = { collateral: ledger.collateral, reserved: ledger.reserved - ledger.wins, decimals };
    const staked = { collateral: ledger.stakes, reserved: ledger.wins, decimals };
    for (const [to, own] of [
      [lines, { low, high }],
      [mids, { low: median, high: median }],
    ] as const) {
      to.trades.push({ ...trades, ...own });
      to.bets.push({ ...staked, ...own });
    }
  }
  worth.mid = worth.liquidity;
  const isOpen = twin.profile.tokens.some(({ symbol }) => twin.ledger(symbol).reserved !== twin.ledger(symbol).wins);
  const answer = (of: PriceOf) => (isOpen ? tradesWorth(twin, of, now) : undefined);
  const none = { low: 0n, high: 0n, due: 0n };
  const own = isOpen ? model.productWorthX34(lines.trades, answer(priceOf)) : none;
  const middle = isOpen ? model.productWorthX34(mids.trades, answer(midOf(priceOf))) : none;
  const staked = model.productWorthX34(lines.bets);
  const stakedMid = model.productWorthX34(mids.bets);
  worth.low += own.low + staked.low;
  worth.mid += middle.low + stakedMid.low;
  worth.high += own.high + staked.high;
  worth.due = own.due;
  return worth;

  function midOf(of: PriceOf): PriceOf {
    return (asset) => {
      const price = of(asset);
      return price && { low: price.median, median: price.median, high: price.median };
    };
  }
}

/** USD with 18 decimals, rounded down or up. */
export const toUsdDown = (x34: bigint): bigint => model.floorDiv(x34, 10n ** 16n);
export const toUsdUp = (x34: bigint): bigint => model.ceilDiv(x34, 10n ** 16n);
