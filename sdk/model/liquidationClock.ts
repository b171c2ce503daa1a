/** Which ticks may liquidate a position: their age, and what its closes shield. */

/** Age up to which a tick that nothing had shielded may liquidate, seconds. */
export const LIQUIDATION_TICK_MAX_AGE = 30;
/** Age up to which a tick that a close had shielded may liquidate, seconds. */
export const SHIELDED_TICK_MAX_AGE = 60;
/** Seconds before a close's target as far back as it remembers the close before it: 12 bits. */
export const FORMER_CLOSE_MEMORY = 4_095;

/** One close of a position, all times in seconds. */
export interface CloseSpan {
  readonly target: number;
  /** Of one that was refused or filled in part its block, of one that lapsed its expiry; undefined while it is pending. */
  readonly end?: number;
}

/**
 * Age up to which a tick may liquidate, in seconds; undefined: not at all, it is a pending close's.
 * Closes in the order of their requests; only the last can be pending. The last close that ended counts, and the one
 * before it while no other has been asked for: each remembers only the one that came before.
 */
export function liquidationTickAge(publishTime: number, closes: readonly CloseSpan[]): number | undefined {
  const last = closes.at(-1);
  if (last === undefined) return LIQUIDATION_TICK_MAX_AGE;
  if (last.end === undefined && publishTime >= last.target) return undefined;
  const isOf = ({ target, end }: CloseSpan): boolean =>
    end !== undefined && publishTime >= target && publishTime <= end;
  const wasShielded = isOf(last) || isOf(remembered(last.target, closes.at(-2)));
  return wasShielded ? SHIELDED_TICK_MAX_AGE : LIQUIDATION_TICK_MAX_AGE;
}

/** What a close remembers of the one before it: nothing of one that ended too long before, the rest of one that began so. */
export function remembered(target: number, former: CloseSpan | undefined): CloseSpan {
  if (former?.end === undefined || target - former.end > FORMER_CLOSE_MEMORY) return { target: 0, end: 0 };
  return { target: Math.max(former.target, target - FORMER_CLOSE_MEMORY), end: former.end };
}
