import { LineSeries, createChart } from "lightweight-charts";
import type { ISeriesApi, UTCTimestamp } from "lightweight-charts";
import { useEffect, useRef } from "react";

export interface Point {
  readonly time: number;
  readonly value: number;
}

const HEIGHT = 220;

/** A line of something over this visit. */
export function Line({ label, points }: { label: string; points: readonly Point[] }) {
  const box = useRef<HTMLDivElement>(null);
  const series = useRef<ISeriesApi<"Line"> | null>(null);
  useEffect(() => {
    if (box.current === null) return;
    const style = getComputedStyle(document.documentElement);
    const colour = (name: string) => style.getPropertyValue(name).trim();
    const chart = createChart(box.current, {
      autoSize: true,
      layout: { background: { color: colour("--panel") }, textColor: colour("--quiet"), attributionLogo: false },
      grid: { vertLines: { color: colour("--line") }, horzLines: { color: colour("--line") } },
      timeScale: { timeVisible: true, secondsVisible: true },
    });
    series.current = chart.addSeries(LineSeries, {
      color: "#e5b567",
      lineWidth: 2,
      priceFormat: { type: "price", precision: 6, minMove: 1e-6 },
    });
    return () => {
      chart.remove();
      series.current = null;
    };
  }, []);
  useEffect(() => {
    series.current?.setData(points.map(({ time, value }) => ({ time: time as UTCTimestamp, value })));
  }, [points]);
  return <div ref={box} role="img" aria-label={label} style={{ height: HEIGHT }} />;
}
