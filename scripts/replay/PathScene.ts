import type { AssetKey } from "../../deploy/profiles";
import type { Blocks } from "./blocks";
import type { Feeds } from "./feeds";

/** A chain that is lived through moment by moment along a path of prices, its feeds reporting by themselves. */
export abstract class PathScene {
  /** The time on the chain of second 0 of the path; prices stand still before it. */
  private zero = Infinity;
  private latest = 0;

  protected constructor(
    readonly blocks: Blocks,
    readonly feeds: Feeds,
  ) {}

  /** What the feeds report of an asset at the latest moment. */
  protected abstract readonly priceOf: (asset: AssetKey) => bigint;

  /** Time on the chain of the latest moment lived through. */
  get now(): number {
    return this.latest;
  }

  /** Second 0 of the path comes next. */
  startPath(): void {
    this.zero = this.latest + 1;
  }

  timeOf(second: number): number {
    return this.zero + second;
  }

  /** Goes to a time; the feeds put in their reports, ahead of what comes after. */
  async goTo(time: number): Promise<void> {
    this.latest = time;
    await this.feeds.step(this.blocks, time, this.priceOf);
  }

  async close(): Promise<void> {
    await this.blocks.stop();
  }

  /** The first moment: the feeds begin to report, in a block of their own. */
  protected async begin(time: number): Promise<void> {
    this.latest = time;
    await this.feeds.begin(this.blocks, time, this.priceOf);
    await this.blocks.mine(time);
  }

  /** The second of the path at a time on the chain. */
  protected secondOf(time: number): number {
    return time < this.zero ? 0 : time - this.zero;
  }
}
