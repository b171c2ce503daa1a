import { CandlestickSeries, LineStyle, createChart } from "lightweight-charts";
import type { IChartApi, IPriceLine, ISeriesApi, UTCTimestamp } from "lightweight-charts";
import { useEffect, useRef, useState } from "react";
import type { AssetKey } from "@asterism/sdk";
import { useTicks } from "../chain/ticks";
import { useSession } from "../chain/session";
import { Choice } from "../parts/Controls";
import { candleAfter, candlesOf } from "../view/candles";
import type { Candle } from "../view/candles";
import { priceText } from "../view/format";

export type LineKind = "entry" | "liquidation" | "bankruptcy" | "take profit" | "stop loss" | "limit";

export interface PriceMark {
  readonly kind: LineKind;
  readonly price: bigint;
  /** Of what: an id, or the order that is being written. */
  readonly of: string;
}

const COLOURS: Readonly<Record<LineKind, string>> = {
  entry: "#6aa5ff",
  liquidation: "#ff9f43",
  bankruptcy: "#ff5d6c",
  "take profit": "#35c58b",
  "stop loss": "#d982e8",
  limit: "#b5b9c4",
};
const PERIODS = [
  { value: "5", text: "5 s" },
  { value: "15", text: "15 s" },
  { value: "60", text: "1 min" },
  { value: "300", text: "5 min" },
] as const;
const SCALE = 10 ** 10;
const HEIGHT = 380;

export function Chart({ asset, marks, price }: { asset: AssetKey; marks: readonly PriceMark[]; price: bigint }) {
  const [period, setPeriod] = useState<(typeof PERIODS)[number]["value"]>("15");
  const seconds = Number(period);
  const { ticks, generation } = useTicks(asset);
  const { block } = useSession();
  const box = useRef<HTMLDivElement>(null);
  const drawn = useRef<{ chart: IChartApi; series: ISeriesApi<"Candlestick">; lines: Map<string, IPriceLine> } | null>(
    null,
  );
  const last = useRef<Candle | undefined>(undefined);

  useEffect(() => {
    if (box.current === null) return;
    const chart = createChart(box.current, { ...optionsOf(), autoSize: true });
    const series = chart.addSeries(CandlestickSeries, {
      upColor: "#35c58b",
      downColor: "#ff5d6c",
      borderVisible: false,
    });
    drawn.current = { chart, series, lines: new Map() };
    const observer = new MutationObserver(() => chart.applyOptions(optionsOf()));
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    return () => {
      observer.disconnect();
      chart.remove();
      drawn.current = null;
    };
  }, []);

  useEffect(() => {
    const candles = candlesOf(ticks, seconds);
    last.current = candles.at(-1);
    drawn.current?.series.setData(candles.map(barOf));
    drawn.current?.chart.timeScale().scrollToRealTime();
  }, [ticks, seconds, generation]);

  useEffect(() => {
    if (price === 0n) return;
    const next = candleAfter(last.current, { time: block.time, price }, seconds);
    if (last.current !== undefined && next.time < last.current.time) return;
    last.current = next;
    drawn.current?.series.update(barOf(next));
  }, [block, price, seconds]);

  useEffect(() => {
    if (drawn.current === null) return;
    const { series, lines } = drawn.current;
    const wanted = new Map(marks.filter(({ price: at }) => at > 0n).map((mark) => [`${mark.of} ${mark.kind}`, mark]));
    for (const [key, line] of lines) {
      if (wanted.has(key)) continue;
      series.removePriceLine(line);
      lines.delete(key);
    }
    for (const [key, { kind, price: at, of }] of wanted) {
      const lineStyle = of === "draft" ? LineStyle.Dotted : LineStyle.Dashed;
      const title = of === "draft" ? kind : `${of} ${kind}`;
      const options = { price: Number(at) / SCALE, color: COLOURS[kind], lineStyle, lineWidth: 1 as const, title };
      const known = lines.get(key);
      if (known === undefined) lines.set(key, series.createPriceLine({ ...options, axisLabelVisible: true }));
      else known.applyOptions(options);
    }
  }, [marks]);

  const told = marks.slice(0, 12).map(({ kind, price: at, of }) => `${of} ${kind} ${priceText(at)}`);
  return (
    <section className="panel chart" aria-label="Chart">
      <div className="row">
        <Choice label="Length of a candle" value={period} options={PERIODS} onChange={setPeriod} />
        <span className="legend quiet" aria-hidden="true">
          {(Object.keys(COLOURS) as LineKind[]).map((kind) => (
            <span key={kind} className={`key ${kind.replace(" ", "-")}`}>
              {kind}
            </span>
          ))}
        </span>
      </div>
      <div
        ref={box}
        className="canvas"
        role="img"
        aria-label={`Price of ${asset}: ${priceText(price)}. ${told.join(", ")}`}
        style={{ height: HEIGHT }}
      />
    </section>
  );
}

function barOf({ time, ...rest }: Candle) {
  return { time: time as UTCTimestamp, ...rest };
}

function optionsOf() {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const grid = { color: colour("--line") };
  return {
    layout: {
      background: { color: colour("--panel") },
      textColor: colour("--quiet"),
      fontFamily: "system-ui, sans-serif",
      // The page's foot names who made it.
      attributionLogo: false,
    },
    grid: { vertLines: grid, horzLines: grid },
    timeScale: { timeVisible: true, secondsVisible: true, borderColor: colour("--line"), rightOffset: 8 },
    rightPriceScale: { borderColor: colour("--line"), minimumWidth: 90 },
  };
}
