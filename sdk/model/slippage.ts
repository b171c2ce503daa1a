/**
 * Slippage models. Notionals in USD, settings in pips, results as fractions with 18 decimals rounded up once: whole pips
 * would cost up to a millionth of the price instead of one unit of it, and two halves could round to less than the whole.
 *
 * "Open interest without this trade" is what the side holds before an opening and after a close: with half the trade
 * added it is the middle of the way in both, so that an order split in parts pays as much as the whole.
 */
import { PIPS, X18 } from "../units";
import { ceilDiv, clamp, min } from "./rounding";

/** Settings of a book. */
export type SlippageModel =
  | { readonly kind: "fixed"; readonly fixedPips: bigint }
  | {
      readonly kind: "depth" | "skew";
      readonly fixedPips: bigint;
      /** Notional that moves the price by one percent, USD. */
      readonly onePercentDepthUsd: bigint;
    };

/** A trade as the models see it. */
export interface SlippageInput {
  readonly isLong: boolean;
  /** Whether it opens the position or closes it. */
  readonly isOpening: boolean;
  /** Open interest of the two sides without this trade, USD. */
  readonly longUsd: bigint;
  readonly shortUsd: bigint;
  /** The trade's notional, USD. */
  readonly notional: bigint;
}

/** Largest slippage, 18 decimals (25%): without a bound a close beyond it would have no price left to fill at. */
export const MAX_SLIPPAGE_X18 = X18 / 4n;

/** A rate in pips as a fraction with 18 decimals. */
export function pipsToX18(pips: bigint): bigint {
  return (pips * X18) / PIPS;
}

/** s of a trade under a book's model, a fraction with 18 decimals. */
export function slippageX18(model: SlippageModel, trade: SlippageInput): bigint {
  if (model.kind === "fixed") return pipsToX18(model.fixedPips);
  const without = trade.isLong ? trade.longUsd : trade.shortUsd;
  if (model.kind === "depth") {
    return depthSlippageX18(without, trade.notional, model.onePercentDepthUsd, model.fixedPips);
  }
  return skewSlippageX18(trade, model.onePercentDepthUsd, model.fixedPips);
}

/** s of a close: as of any trade, but at most that of the position's terms. */
export function exitSlippageX18(
  model: SlippageModel,
  trade: Omit<SlippageInput, "isOpening">,
  maxExitSlippagePips: bigint,
): bigint {
  return min(slippageX18(model, { ...trade, isOpening: false }), pipsToX18(maxExitSlippagePips));
}

/** (open interest without the trade + trade / 2) / (100 × one-percent depth), at least the fixed s; 18 decimals. */
export function depthSlippageX18(
  openInterestUsd: bigint,
  notional: bigint,
  onePercentDepthUsd: bigint,
  fixedPips: bigint,
): bigint {
  const rate = ceilDiv((2n * openInterestUsd + notional) * X18, 200n * onePercentDepthUsd);
  return clamp(rate, pipsToX18(fixedPips), MAX_SLIPPAGE_X18);
}

/**
 * The part of a trade that widens |long − short|, USD. An opening first closes the gap to the other side and then widens
 * it; a close first comes down to the other side and then falls below it.
 */
export function wideningPart(trade: SlippageInput): bigint {
  const [own, other] = trade.isLong ? [trade.longUsd, trade.shortUsd] : [trade.shortUsd, trade.longUsd];
  return trade.isOpening
    ? clamp(own + trade.notional - other, 0n, trade.notional)
    : clamp(other - own, 0n, trade.notional);
}

/**
 * The depth rule on the widening part as a trade of its own, the fixed s on the rest, weighted by notional; 18 decimals.
 * The rest of an opening is in place before its widening part; the widening part of a close is its last.
 */
export function skewSlippageX18(trade: SlippageInput, onePercentDepthUsd: bigint, fixedPips: bigint): bigint {
  const fixed = pipsToX18(fixedPips);
  if (trade.notional === 0n) return fixed;
  const widening = wideningPart(trade);
  const rest = trade.notional - widening;
  const own = trade.isLong ? trade.longUsd : trade.shortUsd;
  const without = trade.isOpening ? own + rest : own;
  // Numerators over 200 × depth, so that the weighted mean is rounded only once.
  const scale = 200n * onePercentDepthUsd;
  const depthRate = clamp((2n * without + widening) * X18, fixed * scale, MAX_SLIPPAGE_X18 * scale);
  return ceilDiv(widening * depthRate + rest * fixed * scale, trade.notional * scale);
}
