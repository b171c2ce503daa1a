/** What was tried in vain, and is not tried again in the same way for a while. */
import type { Attempt, Trial } from "./trials";

interface Rest {
  readonly until: number;
  readonly pause: number;
  readonly way: string;
}

/** What did nothing is tried again after so long, and what keeps failing ever later. */
const RETRY_MS = 1_000;
const MAX_RETRY_MS = 16_000;
const MAX_RESTING = 50_000;

/** What neither the chain nor the keeper has anything to say of. */
export const FAILED = { outcome: "Failed", reason: "None" } as const;

export class Resting {
  private readonly all = new Map<string, Rest>();

  /** Whether something is left alone now, in this way; in any by default. */
  has(key: string, way?: Attempt): boolean {
    const rest = this.all.get(key);
    if (rest === undefined || rest.until <= performance.now()) return false;
    return way === undefined || rest.way === wayOf(way);
  }

  add(key: string, { outcome }: Pick<Trial, "outcome">, way?: Attempt): void {
    // A tick that a band or a moment holds back lives for seconds: it is tried again each second. Whatever fails, ever later.
    const longer = Math.min(2 * (this.all.get(key)?.pause ?? RETRY_MS / 2), MAX_RETRY_MS);
    const pause = outcome === "Skipped" ? RETRY_MS : longer;
    this.all.set(key, { until: performance.now() + pause, pause, way: wayOf(way) });
    if (this.all.size <= MAX_RESTING) return;
    for (const [old, { until }] of this.all) if (until < performance.now()) this.all.delete(old);
  }

  /** It is another thing now. */
  forget(key: string): void {
    this.all.delete(key);
  }

  clear(): void {
    this.all.clear();
  }
}

/** What is executed, and with which proof: the same again is in vain for a while, another is not. */
function wayOf(way: Attempt | undefined): string {
  return `${way?.execution?.tick.publishTime ?? ""} ${way?.execution?.firstFrom ?? ""}`;
}
