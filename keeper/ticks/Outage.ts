/** Questions to a source of prices that fail, told once: when the first does, and when the source answers again. */

/** What a price is asked for: as it is published, the latest of all, or that of a second gone by. */
export type Question = "stream" | "latest" | "past";

/** What there was of an outage that is over. */
export interface Recovery {
  /** Questions that failed. */
  readonly failures: number;
  readonly seconds: number;
}

export interface OutageTold {
  readonly onOutage?: (error: unknown) => void;
  readonly onRecovery?: (recovery: Recovery) => void;
}

/** After so long without a failure a stream that goes on says enough: the seconds that failed are asked for no more. */
const QUIET_MS = 10_000;

export class Outage {
  private readonly failing = new Set<Question>();
  private failures = 0;
  private startedAt = 0;
  private failedAt = 0;

  constructor(
    private readonly told: OutageTold,
    private readonly now: () => number = () => performance.now(),
  ) {}

  failed(question: Question, error: unknown): void {
    this.failedAt = this.now();
    if (this.failing.size === 0) {
      this.startedAt = this.failedAt;
      this.told.onOutage?.(error);
    }
    this.failing.add(question);
    this.failures += 1;
  }

  answered(question: Question): void {
    if (this.failing.size === 0) return;
    if (question === "stream" && this.isBack()) this.failing.clear();
    else this.failing.delete(question);
    if (this.failing.size > 0) return;
    const { failures, startedAt } = this;
    this.failures = 0;
    this.told.onRecovery?.({ failures, seconds: Math.round((this.now() - startedAt) / 1_000) });
  }

  /** That prices stream: the source is back, or has left out no more than some seconds. */
  private isBack(): boolean {
    return this.failing.has("stream") || this.failing.has("latest") || this.now() - this.failedAt > QUIET_MS;
  }
}
