/** The stage of a strategy: fifteen minutes of prices, and single trades on them by the model. */
import type { FeeKind, Position, TokenQuote } from "../../../sdk/model";
import {
  closeTrade,
  closeTradeAt,
  exitPrice,
  isLiquidatable,
  openTrade,
  openTradeAt,
  takeProfitBound,
} from "../../../sdk/model";
import { PIPS, px } from "../../../sdk/units";
import type { MarketPath } from "../market/path";
import type { Random } from "../random";
import type { Setting } from "../setting";
import { tierOf } from "../setting";

export const STAGE_SECONDS = 900;

/** What one sample of every strategy is drawn from. */
export interface Draw {
  path: MarketPath;
  setting: Setting;
  random: Random;
}

/** Results of one sample, to whoever attacks: under the rules, and without the rule that is against it. */
export interface Sample {
  rule: number;
  hole?: number;
}

export interface Strategy {
  id: string;
  title: string;
  /** What `rule` and `hole` are counted in. */
  unit: string;
  /** What stands against it. */
  rule: string;
  /** Where the rules leave something: what bounds it. */
  bound?: string;
  /** Undefined where this path gives no occasion. */
  play: (draw: Draw) => Sample | undefined;
}

const DOLLAR: TokenQuote = { decimals: 18, price: px("1") };
const AMOUNT = 100n * 10n ** 18n;

/** A round trip of a hundred dollars, executed by its owner; carry of a few minutes is left out. */
export interface Trip {
  isLong: boolean;
  /** Second of the tick that fills it. */
  open: number;
  /** Second of the tick that closes it, unless something else does before. */
  close: number;
  leverage?: number;
  mode?: FeeKind;
  /** Filled at this price instead of the tick's with slippage. */
  entry?: bigint;
  /** No tick liquidates it. */
  isImmune?: boolean;
  /** Gains beyond any cap. */
  isUncapped?: boolean;
}

/** What is left of a trip less what was brought, in margins. */
export function resultOf({ path, setting }: Draw, trip: Trip): number {
  const { isLong, leverage = 1001, mode = "degen" } = trip;
  const book = setting.books[mode];
  const tier = tierOf(book, leverage);
  const input = {
    ...{ isLong, leverage: BigInt(leverage), amountIn: AMOUNT, token: DOLLAR },
    ...{ executionFeeUsd: 0n, openFeePips: book.openFeePips },
    ...{ tick: BigInt(path.price[trip.open]), slippagePips: book.slippagePips },
  };
  const opened = trip.entry === undefined ? openTrade(input) : openTradeAt(input, trip.entry);
  const position: Position = {
    ...{ isLong, entry: opened.entry, size: opened.size, margin: opened.margin, initialMargin: opened.margin },
    ...{ llrPips: tier.llrPips, profitCapPips: trip.isUncapped ? 1_000n * PIPS : tier.profitCapPips },
    ...{ closeFeeKind: book.mode, closeFeePips: book.closeFeePips },
  };
  return Number(payoutOf(path, position, trip, tier.maxExitSlippagePips) - AMOUNT) / Number(opened.margin);
}

function payoutOf(path: MarketPath, position: Position, trip: Trip, slippagePips: bigint): bigint {
  const { isLong, entry } = position;
  const cap = takeProfitBound(isLong, entry, BigInt(trip.leverage ?? 1001), position.profitCapPips);
  const close = Math.min(trip.close, path.price.length - 1);
  const terms = { ...{ position, token: DOLLAR, carryOwedUsd: 0n }, ...{ executionFeeUsd: 0n, executionFeeCount: 0n } };
  for (let second = trip.open + 1; second < close; second++) {
    const tick = BigInt(path.bounded[second]);
    if (!trip.isImmune && isLiquidatable(position, tick, 0n, DOLLAR)) return 0n;
    if (isLong ? tick >= cap : tick <= cap) return closeTradeAt(terms, exitPrice(cap, slippagePips, isLong)).payout;
  }
  const [tick, held] = [BigInt(path.price[close]), BigInt(path.bounded[close])];
  if (isLiquidatable(position, held, 0n, DOLLAR)) return 0n;
  return closeTrade({ ...terms, tick: isLong === tick < held ? tick : held, slippagePips }).payout;
}

/** The second in [from, to] with the least price, or the greatest. */
export function extreme(path: MarketPath, from: number, to: number, isLeast: boolean): number {
  let found = from;
  for (let second = from + 1; second <= Math.min(to, path.price.length - 1); second++) {
    if (path.price[second] < path.price[found] === isLeast) found = second;
  }
  return found;
}

/** Change of the price between two seconds, as a share. */
export function moveOf({ price }: MarketPath, from: number, to: number): number {
  return price[to] / price[from] - 1;
}
