import type { FeeKind, OpenResult, Position } from "../../../sdk/model";
import { gainCap, takeProfitBound } from "../../../sdk/model";
import type { BookTerms } from "../setting";
import { tierOf } from "../setting";
import type { Request } from "../traders";

/** An open position, with what a search needs of it as numbers. Prices have 10 decimals. */
export interface Held {
  request: Request;
  mode: FeeKind;
  position: Position;
  notional: bigint;
  indexAtOpenX18: bigint;
  /** Second of the tick it opened at: only later ones liquidate it. */
  openedAt: number;
  /** Ticks from here on take its profit or arm its stop. */
  triggersFrom: number;
  takeProfit: bigint;
  /** 0: none. */
  stopLoss: bigint;
  reserve: bigint;
  maxExitSlippagePips: bigint;
  /** First tick of a close that was asked for; infinite while none is. */
  closeTarget: number;
  /** Two where somebody armed the close. */
  closeFees: bigint;
  /** A keeper is on its way with a tick of it. */
  isDue: boolean;
  isGone: boolean;
  /** As numbers: the index at the opening, the entry, the size, the distance from the entry at which the loss alone liquidates, profit and stop. */
  indexNumber: number;
  entryNumber: number;
  sizeNumber: number;
  lossDistance: number;
  profitNumber: number;
  stopNumber: number;
}

/** A filled opening; `block` is the second at which it was executed, the margin token is a dollar. */
export function holdPosition(
  request: Request,
  book: BookTerms,
  opened: OpenResult,
  at: { tick: number; block: number; indexX18: bigint },
): Held {
  const tier = tierOf(book, request.leverage);
  const { isLong, leverage } = request;
  // No spreads here and in the orders: thousands of them are made for each path, and V8 is slow with objects built so.
  const position: Position = {
    isLong,
    entry: opened.entry,
    size: opened.size,
    margin: opened.margin,
    initialMargin: opened.margin,
    llrPips: tier.llrPips,
    profitCapPips: tier.profitCapPips,
    closeFeeKind: book.mode,
    closeFeePips: book.closeFeePips,
  };
  const cap = takeProfitBound(isLong, opened.entry, BigInt(leverage), tier.profitCapPips);
  const takeProfit = nearer(isLong, cap, shifted(opened.entry, leverage, isLong, request.takeProfit));
  const stopLoss = shifted(opened.entry, leverage, !isLong, request.stopLoss) ?? 0n;
  const lossUsd = (Number(tier.llrPips) / 1e6) * Number(opened.marginUsd);
  return {
    request,
    mode: book.mode,
    position,
    notional: opened.notional,
    indexAtOpenX18: at.indexX18,
    indexNumber: Number(at.indexX18),
    openedAt: at.tick,
    triggersFrom: at.block + book.executionDelay,
    takeProfit,
    stopLoss,
    reserve: gainCap(opened.margin, tier.profitCapPips),
    maxExitSlippagePips: tier.maxExitSlippagePips,
    closeTarget: Infinity,
    closeFees: 1n,
    isDue: false,
    isGone: false,
    entryNumber: Number(opened.entry),
    sizeNumber: Number(opened.size),
    lossDistance: lossUsd / Number(opened.size),
    profitNumber: Number(takeProfit),
    stopNumber: Number(stopLoss),
  };
}

const PARTS = 10_000n;

/** The price at which the position has won (`isUp` for a long) a share of its margin. */
function shifted(entry: bigint, leverage: number, isUp: boolean, share: number | undefined): bigint | undefined {
  if (share === undefined) return undefined;
  const distance = (entry * BigInt(Math.round(share * Number(PARTS)))) / (PARTS * BigInt(leverage));
  const price = isUp ? entry + distance : entry - distance;
  return price > 0n ? price : 1n;
}

function nearer(isLong: boolean, cap: bigint, wanted: bigint | undefined): bigint {
  if (wanted === undefined) return cap;
  return wanted < cap === isLong ? wanted : cap;
}
