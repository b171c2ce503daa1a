import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { AssetKey } from "../../../deploy/profiles";
import { bridgeCandles, expandCandles, generatePath, parseCandles } from "../../../kit/prices";
import type { Candle, PricePoint } from "../../../kit/prices";
import { px } from "../../../sdk/units";
import { PricePath } from "../../demo/path";
import { SHARED, findCrash } from "../window";
import type { Crash, ProReplayOptions } from "./options";

/** What is recorded of a crash, by asset, and how long a bar is. */
interface Recording {
  readonly files: Readonly<Partial<Record<AssetKey, string>>>;
  readonly barSeconds: number;
  /** Prices at which a generated path begins instead. */
  readonly starts: Readonly<Partial<Record<AssetKey, string>>>;
  /** Of a generated path: mean of its jumps. */
  readonly jumpMean: number;
}

const RECORDINGS: Readonly<Record<Crash, Recording>> = {
  "2025-10-10": {
    files: {
      BTC: "BTCUSD_2025-10-10_1s_gemini-spot_liquidation-cascade.csv",
      ETH: "ETHUSD_2025-10-10_1s_gemini-spot_liquidation-cascade.csv",
    },
    barSeconds: 1,
    starts: { BTC: "120000", ETH: "4300" },
    jumpMean: -0.0008,
  },
  "2020-03-12": {
    files: { BTC: "BTCUSDT_2020-03-12_1m_binance-usdm-futures_covid.csv" },
    barSeconds: 60,
    starts: { BTC: "7250" },
    jumpMean: -0.002,
  },
};

const GENERATED = { startTime: 0, seconds: 3_600, annualVolatility: 2.5, jumpsPerHour: 120, jumpDeviation: 0.006 };

/** Prices of some assets over the same seconds. */
export interface Window {
  readonly crash: Crash;
  readonly description: string;
  /** Unix time of second 0 as recorded; null for generated paths. */
  readonly recordedFrom: number | null;
  readonly seconds: number;
  readonly paths: ReadonlyMap<AssetKey, PricePath>;
}

/** The part of a crash around the deepest fall of BTC: recorded where the recording is at hand, else generated. */
export function readProWindow(
  crash: Crash,
  { isGenerated, seconds, seed }: Pick<ProReplayOptions, "isGenerated" | "seconds" | "seed">,
): Window {
  const recording = RECORDINGS[crash];
  const files = Object.entries(recording.files).map(([asset, name]) => [asset, join(SHARED, "data/prices", name)]);
  const isRecorded = !isGenerated && files.every(([, file]) => existsSync(file));
  const points = new Map<AssetKey, PricePoint[]>();
  for (const [index, asset] of (Object.keys(recording.files) as AssetKey[]).entries()) {
    const drawn = seed + index;
    points.set(asset, isRecorded ? record(files[index][1], recording, drawn) : generate(asset, recording, drawn));
  }
  // All begin where the last of them does.
  const begin = Math.max(...[...points.values()].map(([first]) => first.time));
  const aligned = [...points].map(([asset, all]) => [asset, all.slice(begin - all[0].time)] as const);
  const length = Math.min(...aligned.map(([, all]) => all.length));
  const [[, leading]] = aligned;
  const from = findCrash(
    leading.slice(0, length).map(({ priceX10 }) => Number(priceX10)),
    Math.min(seconds, length),
  );
  const description = isRecorded ? describe(crash, recording) : `generated in place of ${crash}, seed ${seed}`;
  const recordedFrom = isRecorded ? begin + from : null;
  const paths = aligned.map(([asset, all]) => {
    const part = all.slice(from, Math.min(from + seconds, length));
    return [asset, PricePath.of(`${asset}, ${description}`, recordedFrom, part)] as const;
  });
  return { crash, description, recordedFrom, seconds: paths[0][1].seconds, paths: new Map(paths) };
}

function describe(crash: Crash, { barSeconds }: Recording): string {
  return barSeconds === 1 ? `recorded, ${crash} by the second` : `recorded, ${crash} by the minute, bridged to seconds`;
}

function record(file: string, { barSeconds }: Recording, seed: number): PricePoint[] {
  const candles = parseCandles(readFileSync(file, "utf8"));
  if (barSeconds === 1) return [...expandCandles(candles, { shape: "close", barSeconds })];
  return [...bridgeCandles(withoutGaps(candles, barSeconds), { seed, barSeconds })];
}

/** A bar at the last close for every one that is missing. */
function withoutGaps(candles: readonly Candle[], barSeconds: number): Candle[] {
  return candles.flatMap((candle, index) => {
    const next = candles[index + 1]?.time ?? candle.time + barSeconds;
    const bars: Candle[] = [candle];
    const { close } = candle;
    for (let time = candle.time + barSeconds; time < next; time += barSeconds) {
      bars.push({ time, open: close, high: close, low: close, close });
    }
    return bars;
  });
}

function generate(asset: AssetKey, { jumpMean, starts }: Recording, seed: number): PricePoint[] {
  const start = starts[asset];
  if (start === undefined) throw new Error(`no price to begin with for ${asset}`);
  return [...generatePath({ ...GENERATED, seed, jumpMean, startPriceX10: px(start) })];
}
