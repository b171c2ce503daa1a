import { formatPrice, px } from "../../sdk/units";
import { DEFAULT_PRICES } from "../../kit/replica/install";
import type { PricePath } from "../demo/path";

const PIPS = 1_000_000n;
const REMEMBERED = 7_200;
/** Pyth and the feeds carry 8 decimals of the 10. */
const FEED_SCALE = 100n;
const LEAST_NUDGE = -200_000;
const LARGEST_NUDGE = 200_000;
const OTHERS = ["ETH", "BNB"] as const;

export interface MoverState {
  readonly path: string;
  readonly second: number;
  readonly seconds: number;
  readonly speed: number;
  readonly isPaused: boolean;
  /** Unix seconds and the price of BTC as text, the oldest first. */
  readonly history: readonly (readonly [number, string])[];
}

/** What may be asked of the price. */
export interface MoverCommand {
  readonly pause?: boolean;
  readonly speed?: number;
  /** Moves the price at once, in pips of it. */
  readonly nudgePips?: number;
  /** Sets the price at once. */
  readonly price?: string;
}

/** Moves the prices of a replica along a path, a step each second: the other coins keep their relation to BTC. */
export class Mover {
  private second: number;
  private isPaused = false;
  /** The price of BTC as a share of the path's: nudges change it. */
  private factorPips = PIPS;
  private readonly history: [number, string][] = [];
  private readonly start: bigint;
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> = Promise.resolve();

  constructor(
    private readonly path: PricePath,
    /** Seconds of the path that lie before the beginning. */
    lead: number,
    private speed: number,
    private readonly publish: (prices: Record<string, string>) => Promise<void>,
    private readonly now: () => Promise<number>,
  ) {
    this.second = lead;
    this.start = path.at(lead).priceX10;
  }

  get price(): bigint {
    const scaled = (this.path.at(this.second).priceX10 * this.factorPips) / PIPS;
    return scaled - (scaled % FEED_SCALE);
  }

  get state(): MoverState {
    const { path, second, speed, isPaused, history } = this;
    return { path: path.description, second, seconds: path.seconds, speed, isPaused, history };
  }

  /** Sets the first price, remembers what lies before it, and goes on each second. */
  async begin(): Promise<void> {
    const now = await this.now();
    for (let back = this.second; back > 0; back--) {
      this.history.push([now - back, formatPrice(this.path.at(this.second - back).priceX10)]);
    }
    await this.tell();
    this.timer = setInterval(() => void this.enqueue(() => this.step()), 1_000);
  }

  /** Throws `RangeError` for a command that is out of its bounds. */
  async command({ pause, speed, nudgePips, price }: MoverCommand): Promise<void> {
    if (speed !== undefined) {
      if (!Number.isInteger(speed) || speed < 1 || speed > 600) throw new RangeError("speed lies between 1 and 600");
      this.speed = speed;
    }
    if (pause !== undefined) this.isPaused = pause;
    if (nudgePips !== undefined) {
      const isWithin = Number.isInteger(nudgePips) && nudgePips >= LEAST_NUDGE && nudgePips <= LARGEST_NUDGE;
      if (!isWithin) throw new RangeError("a nudge is at most 20% of the price");
      this.factorPips = (this.factorPips * (PIPS + BigInt(nudgePips))) / PIPS;
    }
    if (price !== undefined) {
      const wanted = px(price);
      if (wanted === 0n) throw new RangeError("a price is above 0");
      const factor = (wanted * PIPS) / this.path.at(this.second).priceX10;
      if (factor === 0n) throw new RangeError("the price is too far from the path");
      this.factorPips = factor;
    }
    if (nudgePips !== undefined || price !== undefined) await this.enqueue(() => this.tell());
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.working;
  }

  private async step(): Promise<void> {
    if (this.isPaused) return;
    this.second = Math.min(this.second + this.speed, this.path.seconds - 1);
    await this.tell();
  }

  /** One at a time; a step that fails is told and the next one tried. */
  private enqueue(work: () => Promise<void>): Promise<void> {
    this.working = this.working.then(work).catch((error: unknown) => console.error(error));
    return this.working;
  }

  private async tell(): Promise<void> {
    const { price } = this;
    const related = OTHERS.map((asset) => {
      const moved = (DEFAULT_PRICES[asset] * price) / this.start;
      return [asset, formatPrice(moved - (moved % FEED_SCALE))];
    });
    await this.publish({ BTC: formatPrice(price), ...(Object.fromEntries(related) as Record<string, string>) });
    this.history.push([await this.now(), formatPrice(price)]);
    if (this.history.length > REMEMBERED) this.history.splice(0, this.history.length - REMEMBERED);
  }
}
