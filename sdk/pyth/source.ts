/** Where signed prices come from. */
import { decodeUpdate } from "./wire";
import type { ProvenPrice } from "./wire";

/** Signed update data with the prices in it. */
export interface PriceUpdate {
  /** As contracts take it, hexadecimal. */
  readonly data: readonly string[];
  readonly prices: readonly ProvenPrice[];
}

export interface PriceSource {
  /** The latest price of each feed. */
  latest(feedIds: readonly string[]): Promise<PriceUpdate>;
  /** Some update whose prices were published at or after `time`, the earliest that the source finds. */
  at(time: number, feedIds: readonly string[]): Promise<PriceUpdate>;
  /** Prices as they are published, until the signal. */
  stream(feedIds: readonly string[], signal: AbortSignal): AsyncIterable<PriceUpdate>;
}

/** No source has the price that was asked for (yet). */
export class PriceMissingError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "PriceMissingError";
  }
}

/** Reads update data and checks it against what was asked for: a source may be mistaken. */
export function readUpdate(data: readonly string[], feedIds: readonly string[]): PriceUpdate {
  const prices = data.flatMap((each) => decodeUpdate(each).prices);
  for (const feedId of feedIds) {
    if (!prices.some((price) => price.feedId === feedId.toLowerCase())) {
      throw new PriceMissingError(`an update came without the feed ${feedId}`);
    }
  }
  return { data, prices };
}

/** Whether a price is the first of its feed at or after a time, as contracts check it. */
export function isFirstAt(time: number, { publishTime, prevPublishTime }: ProvenPrice): boolean {
  return prevPublishTime < BigInt(time) && BigInt(time) <= publishTime;
}

/** How many times the search asks for an earlier price. */
const MAX_STEPS = 16;

/**
 * The update with the first price of one feed at or after a time. A source may answer with a later price than the first: then
 * the price before it, which each names, is asked for, until the one before lies before the time.
 */
export async function firstUpdateAt(source: PriceSource, feedId: string, time: number): Promise<PriceUpdate> {
  let asked = time;
  let earliest: bigint | undefined;
  for (let step = 0; step < MAX_STEPS; step++) {
    const update = await source.at(asked, [feedId]);
    const price = update.prices.find((each) => each.feedId === feedId.toLowerCase()) as ProvenPrice;
    if (isFirstAt(time, price)) return update;
    // The price before the one that came: at or after the time, or it would have been the first.
    const previous = price.prevPublishTime;
    if (price.publishTime < BigInt(time) || (earliest !== undefined && previous >= earliest)) break;
    earliest = previous;
    asked = Number(previous);
  }
  throw new PriceMissingError(`no first price of ${feedId} at or after ${time}: the source has later ones only`);
}
