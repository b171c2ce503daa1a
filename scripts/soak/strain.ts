/** How hard the machine is pressed while a soak runs: what is late may be late for that alone. */
import { loadavg } from "node:os";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { JsonRpcProvider } from "ethers";

/** Middle, 95th of a hundred, and most. */
export interface Spread {
  readonly median: number;
  readonly p95: number;
  readonly max: number;
  readonly count: number;
}

export interface StrainReport {
  /** Processes that want a core, over a minute. */
  readonly load: Spread;
  /** Of the process that has the traders and the faulty nodes: how much later than asked for its timers come, ms. */
  readonly eventLoopMs: Spread;
  /** Until the replica answers a question that costs it nothing, ms. */
  readonly answerMs: Spread;
  /** By how much the latest block's time lies behind the clock on the wall, whole seconds. */
  readonly blockSeconds: Spread;
}

const RESOLUTION_MS = 20;
const NANOS = 1e6;

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { median: at(0.5), p95: at(0.95), max: at(1), count: sorted.length };
}

/** Looks each time it is asked to; what it is asked for in between is lost. */
export class Strain {
  private readonly delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  private readonly loads: number[] = [];
  private readonly answers: number[] = [];
  private readonly ages: number[] = [];
  private looking = false;

  constructor(private readonly provider: JsonRpcProvider) {}

  begin(): void {
    this.delays.enable();
  }

  /** Never fails, and never waits for a look that goes on. */
  look(): void {
    if (this.looking) return;
    this.looking = true;
    this.loads.push(Math.round(loadavg()[0] * 10) / 10);
    void this.ask().finally(() => (this.looking = false));
  }

  report(): StrainReport {
    this.delays.disable();
    const ms = (nanos: number) => Math.max(0, Math.round(nanos / NANOS - RESOLUTION_MS));
    const { delays } = this;
    return {
      load: spreadOf(this.loads),
      eventLoopMs: {
        ...{ median: ms(delays.percentile(50)), p95: ms(delays.percentile(95)), max: ms(delays.max) },
        count: Number(delays.count),
      },
      answerMs: spreadOf(this.answers),
      blockSeconds: spreadOf(this.ages),
    };
  }

  private async ask(): Promise<void> {
    const startedAt = performance.now();
    try {
      await this.provider.send("eth_chainId", []);
      this.answers.push(Math.round(performance.now() - startedAt));
      const { timestamp } = (await this.provider.send("eth_getBlockByNumber", ["latest", false])) as {
        timestamp: string;
      };
      this.ages.push(Math.max(0, Math.floor(Date.now() / 1_000) - Number(timestamp)));
    } catch {
      // Asked again the next second; the verdict needs the node and says so where it is gone.
    }
  }
}
