/** Which position is next met by the price: for its liquidation, its profit or its stop. */
import { isLiquidatable } from "../../../sdk/model";
import type { TokenQuote } from "../../../sdk/model";
import type { MarketPath } from "../market/path";
import type { Setting } from "../setting";
import type { Book } from "./book";
import type { Held } from "./held";

export type HitKind = "liquidation" | "stop" | "profit";

export interface Hit {
  held: Held;
  kind: HitKind;
}

export interface Ground {
  path: MarketPath;
  books: Record<Setting["books"]["standard"]["mode"], Book>;
  token: TokenQuote;
}

/** All that are met in the first second of [from, to] that meets any; open interest doesn't change meanwhile. */
export type Search = (
  ground: Ground,
  open: readonly Held[],
  from: number,
  to: number,
) => { second: number; hits: Hit[] } | undefined;

/**
 * What a second's price does to a position, by the model alone. A pending close shields it from ticks at or after its target.
 */
export function hitAt({ path, books, token }: Ground, held: Held, second: number): HitKind | undefined {
  if (held.isDue || second <= held.openedAt || second >= held.closeTarget) return undefined;
  const { position, notional, indexAtOpenX18, mode } = held;
  const tick = BigInt(path.bounded[second]);
  const carry = books[mode].carryOwed(position.isLong, notional, indexAtOpenX18, second);
  if (isLiquidatable(position, tick, carry, token)) return "liquidation";
  if (second < held.triggersFrom || held.closeTarget !== Infinity) return undefined;
  const { isLong } = position;
  if (held.stopLoss > 0n && (isLong ? tick <= held.stopLoss : tick >= held.stopLoss)) return "stop";
  return (isLong ? tick >= held.takeProfit : tick <= held.takeProfit) ? "profit" : undefined;
}

/** Beyond what doubles can be off at prices below a million dollars, in units of a price. */
const SLACK = 64;

/**
 * Looks at the least and the greatest price of the seconds first, then at the seconds in doubles, and asks the model only
 * where a price comes within {@link SLACK} of a position's.
 */
export const searchFast: Search = (ground, open, from, to) => {
  const { path, books } = ground;
  const { bounded } = path;
  let [low, high] = [Infinity, 0];
  for (let second = from; second <= to; second++) {
    const tick = bounded[second];
    if (tick < low) low = tick;
    if (tick > high) high = tick;
  }
  const drift = { standard: driftOf(books.standard, from), degen: driftOf(books.degen, from) };
  let first = to + 1;
  let hits: Hit[] = [];
  for (const held of open) {
    if (held.isDue) continue;
    const { isLong } = held.position;
    const side = isLong ? drift[held.mode].long : drift[held.mode].short;
    // Carry moves the liquidation price on a straight line: the nearer of its two ends.
    const owedFrom = (held.entryNumber * (side.index - held.indexNumber)) / 1e18;
    const slope = (held.entryNumber * side.perSecond) / 1e18;
    const nearest = held.lossDistance - Math.max(owedFrom, owedFrom + slope * (to - from)) - SLACK;
    const losing = isLong ? held.entryNumber - low : high - held.entryNumber;
    const isStopNear = held.stopNumber > 0 && (isLong ? low <= held.stopNumber : high >= held.stopNumber);
    const isProfitNear = isLong ? high >= held.profitNumber : low <= held.profitNumber;
    if (losing < nearest && !isStopNear && !isProfitNear) continue;
    const start = Math.max(from, held.openedAt + 1);
    const end = Math.min(first, to, held.closeTarget - 1);
    for (let second = start; second <= end; second++) {
      const tick = bounded[second];
      const lost = isLong ? held.entryNumber - tick : tick - held.entryNumber;
      const isNear =
        lost >= held.lossDistance - owedFrom - slope * (second - from) - SLACK ||
        (isLong ? tick >= held.profitNumber : tick <= held.profitNumber) ||
        (held.stopNumber > 0 && (isLong ? tick <= held.stopNumber : tick >= held.stopNumber));
      const kind = isNear ? hitAt(ground, held, second) : undefined;
      if (kind === undefined) continue;
      if (second < first) hits = [];
      first = second;
      hits.push({ held, kind });
      break;
    }
  }
  return hits.length === 0 ? undefined : { second: first, hits };
};

interface Line {
  index: number;
  perSecond: number;
}

function driftOf(book: Book, second: number): { long: Line; short: Line } {
  const line = (isLong: boolean): Line => ({
    index: Number(book.indexAt(isLong, second)),
    perSecond: Number(book.perSecondX18(isLong)),
  });
  return { long: line(true), short: line(false) };
}
