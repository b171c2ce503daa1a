/** Plots as SVG, drawn without a browser. */
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import type { Findings, SweepFinding } from "../study";
import { KINDS } from "../session/outcome";
import type { Estimate } from "../statistics";
import type { Group } from "./summary";

const WIDTH = 760;
const [GAIN, LOSS, QUIET] = ["#1f6f54", "#b3392f", "#7a8793"];

/** Histograms end here on either side; what lies beyond is in the table. */
const [LEAST_SHARE, MOST_SHARE] = [0.001, 0.999];

/** A document of its own for each plot. What a document is, neither library's types say without those of a browser. */
function draw(options: Plot.PlotOptions): string {
  const { document } = parseHTML("<html><body></body></html>") as unknown as { document: unknown };
  const all = { width: WIDTH, marginLeft: 70, ...options, document } as Plot.PlotOptions;
  return (Plot.plot(all) as unknown as { outerHTML: string }).outerHTML;
}

export function resultHistogram({ results }: Findings): string {
  const sorted = [...results].sort((a, b) => a - b);
  const [low, high] = [LEAST_SHARE, MOST_SHARE].map((share) => sorted[Math.round(share * (sorted.length - 1))]);
  const shown = sorted.filter((value) => value >= low && value <= high);
  return draw({
    height: 240,
    x: { label: "LPs' result of a path, USD" },
    y: { label: "paths", grid: true },
    marks: [
      Plot.rectY(shown, { ...Plot.binX({ y: "count" }, { x: Plot.identity, thresholds: 60 }), fill: GAIN }),
      Plot.ruleX([0], { stroke: LOSS }),
      Plot.ruleY([0]),
    ],
  });
}

export function fanChart({ summary, pathSeconds }: Findings): string {
  const points = summary.curve.map((point) => ({ ...point, hours: (point.share * pathSeconds) / 3_600 }));
  return draw({
    height: 260,
    x: { label: "hours" },
    y: { label: "LPs' result with open positions, USD", grid: true },
    marks: [
      Plot.areaY(points, { x: "hours", y1: "p1", y2: "p99", fill: QUIET, fillOpacity: 0.25 }),
      Plot.areaY(points, { x: "hours", y1: "p5", y2: "p95", fill: QUIET, fillOpacity: 0.4 }),
      Plot.lineY(points, { x: "hours", y: "p50", stroke: GAIN, strokeWidth: 2 }),
      Plot.ruleY([0]),
    ],
  });
}

export function incomeChart({ summary }: Findings): string {
  const bars = (["standard", "degen"] as const).flatMap((mode) =>
    KINDS.map((kind) => ({ mode, kind, ...summary.modes[mode].income[kind] })),
  );
  return draw({
    height: 300,
    marginLeft: 100,
    x: { label: "USD a path", grid: true },
    y: { label: null, domain: KINDS },
    fy: { label: null },
    marks: [
      Plot.barX(bars, { fy: "mode", y: "kind", x: "value", fill: (bar: Estimate) => (bar.value < 0 ? LOSS : GAIN) }),
      Plot.ruleY(bars, { fy: "mode", y: "kind", x1: "low", x2: "high", strokeWidth: 2 }),
      Plot.ruleX([0]),
    ],
  });
}

export function groupChart(
  groups: readonly Group[],
  label: string,
  of: (group: Group) => Estimate | undefined,
): string {
  const points = groups.flatMap((group) => {
    const found = of(group);
    return found === undefined ? [] : [{ name: group.name, ...found }];
  });
  return draw({
    height: 60 + 24 * points.length,
    marginLeft: 130,
    x: { label, grid: true },
    y: { label: null, domain: points.map(({ name }) => name) },
    marks: [
      Plot.ruleX([0]),
      Plot.ruleY(points, { y: "name", x1: "low", x2: "high", strokeWidth: 2 }),
      Plot.dot(points, { y: "name", x: "value", r: 4, fill: (one: Estimate) => (one.value < 0 ? LOSS : GAIN) }),
    ],
  });
}

/** What a late keeper costs: crossings missed, by what he proves. */
export function latenessChart(sweeps: readonly SweepFinding[]): string {
  const lines = sweeps
    .filter(({ key }) => key === "keeper" || key === "latest")
    .flatMap(({ key, points }) =>
      points.map(({ value, missed }) => ({
        ...{ proof: key === "keeper" ? "the crossing tick" : "the latest tick", delay: Math.max(value, 0.5) },
        ...{ missed: missed.value * 100, low: missed.low * 100, high: missed.high * 100 },
      })),
    );
  return draw({
    height: 240,
    x: { label: "keeper delay, s (0 at the left end)", type: "log" },
    y: { label: "% of the crossings missed", grid: true },
    color: { legend: false, domain: ["the crossing tick", "the latest tick"], range: [GAIN, LOSS] },
    marks: [
      Plot.areaY(lines, { x: "delay", y1: "low", y2: "high", fill: "proof", fillOpacity: 0.2 }),
      Plot.lineY(lines, { x: "delay", y: "missed", stroke: "proof", strokeWidth: 2 }),
      Plot.text(
        lines,
        Plot.selectLast({ x: "delay", y: "missed", z: "proof", text: "proof", dy: -10, textAnchor: "end" }),
      ),
    ],
  });
}

export function sweepChart({ points, shipped, unit }: SweepFinding): string {
  const values = points.map(({ value }) => value);
  const line = points.map(({ value, lp }) => ({ at: value, ...lp }));
  return draw({
    width: 370,
    height: 190,
    marginLeft: 60,
    x: { type: "point", domain: values, label: unit },
    y: { label: "LPs' result, USD a path", grid: true },
    marks: [
      Plot.ruleX([shipped], { stroke: QUIET, strokeDasharray: "4 3" }),
      Plot.ruleY([0], { stroke: LOSS }),
      Plot.ruleX(line, { x: "at", y1: "low", y2: "high" }),
      Plot.lineY(line, { x: "at", y: "value", stroke: GAIN, marker: "circle" }),
    ],
  });
}

/** Of the strategies that are counted in margins. */
export function strategyChart({ strategies }: Findings): string {
  const points = strategies
    .filter(({ unit }) => unit.startsWith("margins"))
    .flatMap(({ id, stages }) =>
      (["usual", "crash"] as const).flatMap((stage) => {
        const { rule, hole } = stages[stage];
        const under = { id, stage, rules: "under the rules", ...rule };
        return hole === undefined ? [under] : [under, { id, stage, rules: "without the rule", ...hole }];
      }),
    );
  return draw({
    height: 360,
    marginLeft: 60,
    x: { label: "expected value, margins", grid: true },
    y: { label: null },
    fy: { label: null },
    color: { domain: ["under the rules", "without the rule"], range: [GAIN, LOSS] },
    marks: [
      Plot.ruleX([0]),
      Plot.ruleY(points, { fy: "stage", y: "id", x1: "low", x2: "high", stroke: "rules", strokeWidth: 2 }),
      Plot.dot(points, { fy: "stage", y: "id", x: "value", fill: "rules", r: 4 }),
    ],
  });
}
