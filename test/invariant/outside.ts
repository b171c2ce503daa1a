import type { AssetKey, ChainProfile } from "../../deploy/profiles";
import * as model from "../../sdk/model";
import type { Halt, TokenPriceRange } from "../../sdk/model";

const DAY = 86_400;

/** How long a level 3 lasts and when the next may come, how long liquidations wait after it, and how long burns can be blocked. */
const HALT_SECONDS = DAY;
const HALT_COOLDOWN_SECONDS = DAY;
const GRACE_SECONDS = 300;
const BURN_BLOCK_SECONDS = 7 * DAY;

/** What a push source of an asset last reported, and whether the aggregator asks it. */
export interface Feed {
  readonly asset: AssetKey;
  /** Where rounds are pushed, and with how many decimals. */
  readonly address: string;
  readonly decimals: number;
  /** The source's number in the aggregator. */
  readonly index: number;
  /** Heartbeat and grace. */
  readonly maxAgeSeconds: number;
  /** 10 decimals; 0 or less: no price. */
  price: bigint;
  updatedAt: number;
  /** It reports nothing while all others do. */
  isSilent: boolean;
  isEnabled: boolean;
  /** The guardian has it disabled until then. */
  suspendedUntil: number;
}

/** The breaker as the law has it. */
export class BreakerTwin {
  level = 0;
  raisedAt = 0;
  haltEndsAt = 0;
  private burnBlockedAt = 0;
  private readonly halts: Halt[] = [];

  levelAt(now: number): number {
    return this.level === 3 && now >= this.haltEndsAt ? 2 : this.level;
  }

  get canOpen(): boolean {
    return this.level === 0;
  }

  canClose(now: number): boolean {
    return now >= this.haltEndsAt;
  }

  canLiquidate(now: number): boolean {
    return now >= this.haltEndsAt + GRACE_SECONDS || this.haltEndsAt === 0;
  }

  canBurn(now: number): boolean {
    const level = this.levelAt(now);
    return level < 2 || (level === 2 && now >= this.burnBlockedAt + BURN_BLOCK_SECONDS);
  }

  /** From when a level 3 may be set again. */
  get haltAllowedFrom(): number {
    return this.haltEndsAt === 0 ? 0 : this.haltEndsAt + HALT_COOLDOWN_SECONDS;
  }

  /** The time less all seconds of level 3. */
  clockAt(now: number): number {
    return Number(model.clockAt(BigInt(now), this.halts));
  }

  raise(level: number, now: number): void {
    if (this.levelAt(now) < 2 && level >= 2) this.burnBlockedAt = now;
    if (level === 3) {
      this.haltEndsAt = now + HALT_SECONDS;
      this.halts.push({ from: BigInt(now), to: BigInt(this.haltEndsAt) });
    }
    this.level = level;
    this.raisedAt = now > this.raisedAt ? now : this.raisedAt + 1;
  }

  lower(level: number, now: number): void {
    const last = this.halts.at(-1);
    if (this.levelAt(now) === 3 && last !== undefined) {
      this.haltEndsAt = now;
      this.halts[this.halts.length - 1] = { from: last.from, to: BigInt(now) };
    }
    this.level = level;
  }
}

/** What the system does not decide, or its guardian does: feeds, the sequencer, the breaker. */
export class Outside {
  readonly breaker = new BreakerTwin();
  readonly sequencer: { isUp: boolean; since: number; readonly graceSeconds: number } | undefined;

  constructor(
    readonly profile: ChainProfile,
    readonly feeds: readonly Feed[],
  ) {
    const { sequencer } = profile;
    this.sequencer = sequencer ? { isUp: true, since: 0, graceSeconds: sequencer.graceSeconds } : undefined;
  }

  feedsOf(asset: AssetKey): Feed[] {
    return this.feeds.filter((feed) => feed.asset === asset);
  }

  /** What the sources of an asset say that are enabled and fresh. */
  fresh(asset: AssetKey, now: number): bigint[] {
    const isFresh = ({ price, updatedAt, maxAgeSeconds, isEnabled, suspendedUntil }: Feed): boolean =>
      isEnabled && now >= suspendedUntil && price > 0n && updatedAt <= now && now - updatedAt <= maxAgeSeconds;
    return this.feedsOf(asset)
      .filter(isFresh)
      .map(({ price }) => price);
  }

  /** T; undefined where no source is fresh. */
  tokenPrice(asset: AssetKey, now: number): TokenPriceRange | undefined {
    const fresh = this.fresh(asset, now);
    return fresh.length === 0 ? undefined : model.tokenPriceRange(fresh, this.maxSpreadPips);
  }

  get maxSpreadPips(): bigint {
    return BigInt(this.profile.oracle.maxReferenceSpreadPips);
  }

  isSequencerReady(now: number): boolean {
    if (this.sequencer === undefined) return true;
    const { isUp, since, graceSeconds } = this.sequencer;
    return isUp && now - since >= graceSeconds;
  }
}
