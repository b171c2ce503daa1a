/** The record of a scope that the book could not close, and the clocks that begin with it. */

/** Zeroes: none. */
export interface Distress {
  readonly since: bigint;
  /** Last call that found the scope liquidatable. */
  readonly seen: bigint;
  /** First call that might pass its positions on. */
  readonly adlSince: bigint;
  /** What funds have paid for the scope, quote. */
  readonly fundPaid: bigint;
}

/** No distress. */
export const NO_DISTRESS: Distress = { since: 0n, seen: 0n, adlSince: 0n, fundPaid: 0n };
/** Unseen for so long, a distress is forgotten. */
const FORGOTTEN_SECONDS = 30n;
/** Seconds of distress before positions are passed on. */
const ADL_SECONDS = 30n;

/** The record as a call finds it: renewed while the scope is liquidatable, none once it is healthy or was long unseen. */
export function seen(distress: Distress, now: bigint, isLiquidatable: boolean): Distress {
  if (!isLiquidatable || distress.since === 0n || now - distress.seen >= FORGOTTEN_SECONDS) {
    return { ...NO_DISTRESS, fundPaid: isLiquidatable ? distress.fundPaid : 0n };
  }
  return { ...distress, seen: now };
}

/** The record after a step that found fewer lots within its bound than it wanted. */
export function noted(distress: Distress, now: bigint): Distress {
  return { ...distress, since: distress.since === 0n ? now : distress.since, seen: now };
}

/** Seconds of distress. */
export function distressSeconds({ since }: Distress, now: bigint): bigint {
  return since === 0n ? 0n : now - since;
}

/** Whether positions may be passed on: 30 s after the beginning, or at once where nobody pays a negative equity. */
export function mayDeleverage(distress: Distress, now: bigint, equity: bigint, hasFundRoom: boolean): boolean {
  if (equity < 0n && !hasFundRoom) return true;
  return distress.since !== 0n && distressSeconds(distress, now) >= ADL_SECONDS;
}

/** The record after a call that might pass positions on. */
export function deleveraging(distress: Distress, now: bigint): Distress {
  return { ...noted(distress, now), adlSince: distress.adlSince === 0n ? now : distress.adlSince };
}
