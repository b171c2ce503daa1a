/** Until when a tick can still do something. */
import { CLOSE_KIND } from "@asterism/sdk";
import type { CloseRecord } from "@asterism/sdk";
import { LIQUIDATION_TICK_MAX_AGE, SHIELDED_TICK_MAX_AGE } from "@asterism/sdk/model";

/** Age up to which a tick fills a limit, takes a profit or arms a stop. */
export const TRIGGER_LIFE_SECONDS = 3;

const FORMER_BITS = 12n;
const FORMER_MASK = 2n ** FORMER_BITS - 1n;

/**
 * The last second of the chain in which a tick liquidates a position. A tick at or after the target of a close that is pending waits
 * for the end of that close, and counts longer afterwards.
 */
export function liquidationTickEnd(publishTime: number, close: CloseRecord | undefined): number {
  const isShielded = close !== undefined && (isOf(publishTime, close) || wasOfFormer(publishTime, close));
  return publishTime + (isShielded ? SHIELDED_TICK_MAX_AGE : LIQUIDATION_TICK_MAX_AGE);
}

function isOf(publishTime: number, { kind, target, expiry }: CloseRecord): boolean {
  return kind !== CLOSE_KIND.none && BigInt(publishTime) >= target && BigInt(publishTime) <= expiry;
}

/** Two offsets before the target of a close: when the one before it had its target, and when it ended. */
function wasOfFormer(publishTime: number, { target, former }: CloseRecord): boolean {
  if (former === 0n) return false;
  const [began, ended] = [target - (former & FORMER_MASK), target - (former >> FORMER_BITS)];
  return BigInt(publishTime) >= began && BigInt(publishTime) <= ended;
}
