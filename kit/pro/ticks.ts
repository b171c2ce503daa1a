import type { AssetKey } from "../../deploy/profiles";
import { assetIdOf } from "../../deploy/arguments/oracle";
import { MIN_ANCHORS } from "../../sdk/model/pro";
import type { Tick } from "../../sdk/model/pro";
import { PIPS } from "../../sdk/units";
import type { Desk, Proof } from "../desk/Desk";

/** Pyth and the feeds carry 8 decimals of the 10. */
const FEED_SCALE = 100n;

/** A price of an asset to be proven, and what its push feeds say. */
export interface MarketTick {
  readonly asset: AssetKey;
  /** 10 decimals, as the next. */
  readonly price: bigint;
  readonly confidence: bigint;
  readonly publishTime: number;
  /** What fresh feeds answer, 10 decimals. */
  readonly anchors: readonly bigint[];
}

/** The desk's price of an asset, published in the latest block, all feeds agreeing. */
export async function tickOfDesk(desk: Desk, asset: AssetKey): Promise<MarketTick> {
  const price = desk.priceOf(asset);
  const publishTime = await desk.now();
  return { asset, price, confidence: price / 5_000n, publishTime, anchors: Array<bigint>(anchorsOf(desk)).fill(price) };
}

/** Anchors that a narrow index needs on the desk's chain. */
function anchorsOf({ profile }: Desk): number {
  return profile.oracle.minAnchors;
}

/** One proof of all of these ticks. */
export function proofOf(desk: Desk, ticks: readonly MarketTick[]): Proof[] {
  if (ticks.length === 0) return [];
  const prices = ticks.map(({ asset, confidence, price, publishTime }) =>
    desk.pythPrice(asset, publishTime, { price, confidence }),
  );
  return [
    {
      assetIds: ticks.map(({ asset }) => assetIdOf(asset)),
      minPublishTime: Math.min(...ticks.map(({ publishTime }) => publishTime)),
      isUnique: false,
      updateData: [desk.publisher.update(prices)],
    },
  ];
}

/** The tick as the model takes it. The model asks for two anchors; a chain's own least number counts as two. */
export function modelTick(desk: Desk, tick: MarketTick): Tick {
  const price = cut(tick.price);
  const confidence = cut(tick.confidence);
  const anchors = tick.anchors.map(cut);
  return {
    price,
    publishTime: BigInt(tick.publishTime),
    confidencePips: (confidence * PIPS + price - 1n) / price,
    low: anchors.reduce((low, answer) => (answer < low ? answer : low), anchors[0]),
    high: anchors.reduce((high, answer) => (answer > high ? answer : high), anchors[0]),
    anchors: anchors.length >= anchorsOf(desk) ? MIN_ANCHORS : 1,
    isReady: true,
  };
}

function cut(value: bigint): bigint {
  return value - (value % FEED_SCALE);
}
