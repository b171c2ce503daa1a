/** Brings ticks from a source of prices: as they are published, what a broken stream left out, and the first after a moment. */
import { firstUpdateAt } from "@asterism/sdk";
import type { PriceSource, PriceUpdate } from "@asterism/sdk";
import { Outage } from "./Outage";
import type { OutageTold } from "./Outage";
import { TickBook, tickOf } from "./TickBook";
import type { Tick, TickNotice } from "./TickBook";

export interface Feed {
  readonly assetId: number;
  readonly pythId: string;
}

export interface TickFeedOptions extends OutageTold {
  /** A stream that has brought nothing for so long is begun anew, and the latest prices are asked for meanwhile. */
  readonly silenceMs: number;
  readonly onNotice?: (notice: TickNotice) => void;
  /** Told of every update, before its ticks are. */
  readonly onUpdate?: (update: PriceUpdate) => void;
}

/** Seconds that are fetched at most, where some are missing: older ones are of no use. */
const BACKFILL_SECONDS = 60;
/** Of an asset, seconds that wait to be fetched. */
const MAX_UNFILLED = 2 * BACKFILL_SECONDS;
/** Between two questions for one first tick, from the answer to the one before on. */
const RETRY_MS = 1_000;
/** Questions for first ticks that are on their way at once: a source that is slow is not made slower. */
const MAX_ASKING = 8;
/** Ticks that wait to be looked at: a keeper that has fallen so far behind begins with the later ones. */
const MAX_WAITING = 5_000;

export class TickFeed {
  readonly book: TickBook;
  private waiting: Tick[] = [];
  /** When each question was answered last. */
  private readonly asked = new Map<string, number>();
  private readonly asking = new Set<string>();
  private readonly unfilled = new Map<number, Set<number>>();
  private readonly filling = new Set<number>();
  private readonly outage: Outage;
  private lastUpdateAt = 0;

  constructor(
    private readonly prices: PriceSource,
    private readonly feeds: () => readonly Feed[],
    private readonly options: TickFeedOptions,
  ) {
    this.book = new TickBook((notice) => this.note(notice));
    this.outage = new Outage(options);
  }

  /** Milliseconds since the last update; how a dead source shows. */
  get silentForMs(): number {
    return this.lastUpdateAt === 0 ? Infinity : performance.now() - this.lastUpdateAt;
  }

  /** The ticks since this was asked last, in the order of their coming. */
  take(): Tick[] {
    const taken = this.waiting;
    this.waiting = [];
    return taken;
  }

  /** Streams until the signal: begins anew where the stream ends, breaks or falls silent. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const broken = new AbortController();
      const end = () => broken.abort();
      signal.addEventListener("abort", end);
      this.lastUpdateAt ||= performance.now();
      const startedAt = performance.now();
      const watchdog = setInterval(() => {
        if (Math.min(this.silentForMs, performance.now() - startedAt) > this.options.silenceMs) broken.abort();
      }, this.options.silenceMs / 4);
      try {
        await this.stream(broken.signal);
      } catch (error) {
        this.outage.failed("stream", error);
      } finally {
        clearInterval(watchdog);
        signal.removeEventListener("abort", end);
      }
      if (signal.aborted) return;
      await this.askLatest();
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  /** Takes an update apart into ticks. */
  accept(update: PriceUpdate): void {
    this.lastUpdateAt = performance.now();
    this.options.onUpdate?.(update);
    const feeds = this.feeds();
    for (const price of update.prices) {
      const feed = feeds.find(({ pythId }) => pythId === price.feedId);
      if (feed === undefined) continue;
      const tick = tickOf(feed.assetId, price, update);
      if (!this.book.add(tick)) continue;
      this.waiting.push(tick);
      if (this.waiting.length > MAX_WAITING) this.waiting.shift();
    }
  }

  /**
   * The first tick at or after a time: of those that came, or asked for in the background, one question after the other. Undefined: not
   * there yet.
   * @param isOverdue The stream should have brought it.
   */
  first(assetId: number, time: number, isOverdue: boolean): Tick | undefined {
    const found = this.book.firstAt(assetId, time);
    if (found !== undefined || !isOverdue) return found;
    const feed = this.feeds().find((each) => each.assetId === assetId);
    if (feed !== undefined) this.ask(`${assetId} ${time}`, () => firstUpdateAt(this.prices, feed.pythId, time));
    return undefined;
  }

  /** Asks for every second from one to another, as far as their ticks still do something. */
  backfill(assetId: number, from: number, to: number): void {
    const feed = this.feeds().find((each) => each.assetId === assetId);
    if (feed === undefined) return;
    const missing = this.unfilled.get(assetId) ?? new Set<number>();
    this.unfilled.set(assetId, missing);
    for (let second = Math.max(from, to - BACKFILL_SECONDS); second <= to; second++) missing.add(second);
    // Where the source is slow, the oldest are given up.
    for (const second of missing) if (missing.size > MAX_UNFILLED) missing.delete(second);
    void this.fill(feed, missing);
  }

  /** One second after the other; what is missed meanwhile is added to the same list. */
  private async fill({ assetId, pythId }: Feed, missing: Set<number>): Promise<void> {
    if (this.filling.has(assetId)) return;
    this.filling.add(assetId);
    for (const second of missing) {
      missing.delete(second);
      if (this.book.firstAt(assetId, second) !== undefined) continue;
      try {
        this.accept(await this.prices.at(second, [pythId]));
        this.outage.answered("past");
      } catch (error) {
        this.outage.failed("past", error);
      }
    }
    this.filling.delete(assetId);
  }

  private async stream(signal: AbortSignal): Promise<void> {
    const ids = this.feeds().map(({ pythId }) => pythId);
    for await (const update of this.prices.stream(ids, signal)) {
      this.accept(update);
      this.outage.answered("stream");
    }
  }

  private async askLatest(): Promise<void> {
    try {
      this.accept(await this.prices.latest(this.feeds().map(({ pythId }) => pythId)));
      this.outage.answered("latest");
    } catch (error) {
      this.outage.failed("latest", error);
    }
  }

  private ask(name: string, question: () => Promise<PriceUpdate>): void {
    const now = performance.now();
    if (this.asking.has(name) || this.asking.size >= MAX_ASKING) return;
    if (now - (this.asked.get(name) ?? -Infinity) < RETRY_MS) return;
    // What was asked long ago is of no interest any more.
    for (const [old, at] of this.asked) if (now - at > BACKFILL_SECONDS * 1_000) this.asked.delete(old);
    this.asking.add(name);
    void question()
      .then(
        (update) => {
          this.accept(update);
          this.outage.answered("past");
        },
        (error: unknown) => this.outage.failed("past", error),
      )
      .finally(() => {
        this.asking.delete(name);
        this.asked.set(name, performance.now());
      });
  }

  private note(notice: TickNotice): void {
    this.options.onNotice?.(notice);
    if (notice.kind === "gap") this.backfill(notice.assetId, notice.from + 1, notice.to);
  }
}
