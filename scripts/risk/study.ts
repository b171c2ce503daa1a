/** Everything that a run does, and what it finds: the same for the same options, whatever the number of workers. */
import type { RiskOptions } from "./options";
import { settingOf } from "./options";
import { recordingsOf } from "./market/recorded";
import { REGIMES } from "./market/path";
import type { Regime } from "./market/path";
import type { Summary } from "./report/summary";
import { resultOf, summarise } from "./report/summary";
import type { Outcome } from "./session/outcome";
import type { Setting } from "./setting";
import type { Estimate } from "./statistics";
import { crossingOf, meanOf, shareOf, stratifiedOf, sum } from "./statistics";
import type { Sample, Stage } from "./strategies";
import { STAGES, STRATEGIES } from "./strategies";
import type { Sweep } from "./sweeps";
import { SWEEPS } from "./sweeps";
import type { OnDone } from "./work/pool";
import { Pool, inPieces } from "./work/pool";
import type { PathsTask, ReplayTask, StrategiesTask } from "./work/tasks";

export interface SweepPoint {
  value: number;
  /** The LPs' result in what the sweep is of, USD a path: over all regimes by their weights, and in crashes. */
  lp: Estimate;
  crash: Estimate;
  badDebt: Estimate;
  /** Of crossings, and seconds from crossing to block. */
  missed: Estimate;
  lateness: number;
}

/** Nearest to what ships, a value at which the LPs gain for sure (95%) and one at which they lose, and where a line between them crosses 0. */
export interface Break {
  gains: number;
  loses: number;
  at: number;
}

export interface SweepFinding {
  key: string;
  title: string;
  unit: string;
  of: Sweep["of"];
  shipped: number;
  points: SweepPoint[];
  breaks?: Break;
  crashBreaks?: Break;
}

export interface StrategyFinding {
  id: string;
  title: string;
  unit: string;
  rule: string;
  bound?: string;
  stages: Record<Stage, { rule: Estimate; hole?: Estimate }>;
}

export interface ReplayFinding {
  name: string;
  summary: Summary;
}

export interface Findings {
  options: Omit<RiskOptions, "workers" | "reports" | "prices">;
  pathSeconds: number;
  regimes: readonly Regime[];
  summary: Summary;
  byRegime: { name: string; summary: Summary }[];
  strategies: StrategyFinding[];
  sweeps: SweepFinding[];
  replays: ReplayFinding[];
  /** Paths of each regime at each point of a sweep. */
  sweepPaths: number;
  /** The LPs' result of each generated path, USD, whole cents. */
  results: number[];
}

/** Pieces small enough for an even end, large enough that handing them over costs nothing. */
const PATHS_A_PIECE = 10;
const SAMPLES_A_PIECE = 250;

/** How many paths a run of so many spends on each point of a sweep, each recording and each strategy. */
export function extentOf(paths: number): { sweep: number; replay: number; samples: number } {
  const between = (least: number, value: number, most: number): number => Math.min(Math.max(least, value), most);
  return {
    sweep: between(2, Math.round(paths / 400), 200),
    replay: between(2, Math.round(paths / 250), 200),
    samples: between(100, paths, 20_000),
  };
}

interface Plan {
  main: PathsTask[];
  strategies: StrategiesTask[];
  /** By sweep and value, one after the other the regimes. */
  sweeps: PathsTask[][][];
  replays: { name: string; tasks: ReplayTask[] }[];
}

export function planOf(options: RiskOptions): Plan {
  const setting = settingOf(options);
  const { seed, paths } = options;
  const seconds = options.hours * 3_600;
  const extent = extentOf(paths);
  const pathsOf = (of: Setting, count: number, regime?: string): PathsTask[] =>
    inPieces<PathsTask>({ kind: "paths", setting: of, seed, seconds, regime }, count, PATHS_A_PIECE);
  return {
    main: pathsOf(setting, paths),
    strategies: STAGES.flatMap((stage) =>
      inPieces<StrategiesTask>({ kind: "strategies", setting, seed, stage }, extent.samples, SAMPLES_A_PIECE),
    ),
    sweeps: SWEEPS.map((sweep) =>
      valuesOf(sweep, setting).map((value) => {
        const of = sweep.apply(setting, value);
        return REGIMES.flatMap(({ name }) => pathsOf(of, extent.sweep, name));
      }),
    ),
    replays: recordingsOf(options.prices).map((recording) => ({
      name: recording.name,
      tasks: inPieces<ReplayTask>({ kind: "replay", setting, seed, seconds, recording }, extent.replay, PATHS_A_PIECE),
    })),
  };
}

/** Of paths and samples of strategies, a sample counting little. */
export function workOf(plan: Plan): number {
  const tasks = [...plan.main, ...plan.sweeps.flat(2)];
  return sum(
    [...tasks, ...plan.replays.flatMap(({ tasks: own }) => own), ...plan.strategies].map(({ count }) => count),
  );
}

export type StageName = "paths" | "strategies" | "sweeps" | "replays";

/** `onStage` is told when a stage has ended, for those who measure. */
export async function study(
  options: RiskOptions,
  plan: Plan,
  onDone?: OnDone,
  onStage: (name: StageName) => void = () => undefined,
): Promise<Findings> {
  const { workers } = options;
  const pool = new Pool(workers);
  try {
    const outcomes = await pool.run(plan.main, onDone);
    onStage("paths");
    const samples = await pool.run(plan.strategies, onDone);
    onStage("strategies");
    const swept = await pool.run(plan.sweeps.flat(2), onDone);
    onStage("sweeps");
    const replayed = await pool.run(
      plan.replays.flatMap(({ tasks }) => tasks),
      onDone,
    );
    onStage("replays");
    return findingsOf(options, plan, { outcomes, samples, swept, replayed });
  } finally {
    await pool.close();
  }
}

interface Results {
  outcomes: readonly Outcome[];
  samples: readonly (Sample | undefined)[][];
  swept: readonly Outcome[];
  replayed: readonly Outcome[];
}

function findingsOf(options: RiskOptions, plan: Plan, { outcomes, samples, swept, replayed }: Results): Findings {
  const { workers: _workers, reports: _reports, prices: _prices, ...told } = options;
  const setting = settingOf(options);
  const extent = extentOf(options.paths);
  return {
    options: told,
    pathSeconds: options.hours * 3_600,
    regimes: REGIMES,
    summary: summarise(outcomes),
    byRegime: REGIMES.map(({ name }) => ({ name, own: outcomes.filter(({ regime }) => regime === name) }))
      .filter(({ own }) => own.length > 0)
      .map(({ name, own }) => ({ name, summary: summarise(own) })),
    strategies: strategiesOf(samples, extent.samples),
    sweeps: sweepsOf(swept, setting, extent.sweep),
    replays: plan.replays.map(({ name }, at) => ({
      name,
      summary: summarise(replayed.slice(at * extent.replay, (at + 1) * extent.replay)),
    })),
    sweepPaths: extent.sweep,
    results: outcomes.map(({ lp }) => Math.round(lp * 100) / 100),
  };
}

function strategiesOf(samples: readonly (Sample | undefined)[][], each: number): StrategyFinding[] {
  return STRATEGIES.map(({ id, title, unit, rule, bound }, number) => {
    const stages = STAGES.map((stage, place) => {
      const own = samples
        .slice(place * each, (place + 1) * each)
        .flatMap((sample) => (sample[number] === undefined ? [] : [sample[number]]));
      const holes = own.flatMap(({ hole }) => (hole === undefined ? [] : [hole]));
      const hole = holes.length === 0 ? undefined : meanOf(holes);
      return [stage, { rule: meanOf(own.map((one) => one.rule)), hole }] as const;
    });
    return { id, title, unit, rule, bound, stages: Object.fromEntries(stages) as StrategyFinding["stages"] };
  });
}

/** The values of a sweep with what is in force among them. */
export function valuesOf(sweep: Sweep, setting: Setting): number[] {
  return [...new Set([...sweep.values, sweep.shipped(setting)])].sort((a, b) => a - b);
}

function sweepsOf(swept: readonly Outcome[], setting: Setting, each: number): SweepFinding[] {
  let from = 0;
  const next = (): Outcome[] => swept.slice(from, (from += each));
  return SWEEPS.map((sweep) => {
    const { key, title, unit, of } = sweep;
    const points = valuesOf(sweep, setting).map((value) => pointOf(value, of, REGIMES.map(next)));
    const shipped = sweep.shipped(setting);
    const breaks = breakOf(points, shipped, ({ lp }) => lp);
    const crashBreaks = breakOf(points, shipped, ({ crash }) => crash);
    return { key, title, unit, of, shipped, points, breaks, crashBreaks };
  });
}

/** Paths of each regime alike, weighted as they come: crashes are few among all and decide most. */
function pointOf(value: number, of: Sweep["of"], byRegime: readonly Outcome[][]): SweepPoint {
  const strataOf = (valueOf: (outcome: Outcome) => number) =>
    byRegime.map((outcomes, at) => ({ weight: REGIMES[at].weight, values: outcomes.map(valueOf) }));
  const crash = REGIMES.findIndex(({ name }) => name === "crash");
  const all = byRegime.flat();
  return {
    value,
    lp: stratifiedOf(strataOf(({ modes }) => resultOf(modes[of]))),
    crash: meanOf(byRegime[crash].map(({ modes }) => resultOf(modes[of]))),
    badDebt: stratifiedOf(strataOf(({ modes }) => modes[of].badDebt)),
    missed: missedOf(all),
    lateness: summarise(all).lateness.mean,
  };
}

function missedOf(outcomes: readonly Outcome[]): Estimate {
  const missed = sum(outcomes.map((outcome) => outcome.missed));
  return shareOf(missed, missed + sum(outcomes.map(({ endings }) => endings.liquidated)));
}

/** Values whose interval holds 0 decide nothing. */
export function breakOf(
  points: readonly SweepPoint[],
  shipped: number,
  resultAt: (point: SweepPoint) => Estimate,
): Break | undefined {
  const decided = points.filter((point) => resultAt(point).low > 0 || resultAt(point).high < 0);
  const breaks = decided.slice(1).flatMap((right, at): Break[] => {
    const left = decided[at];
    const [a, b] = [resultAt(left).value, resultAt(right).value];
    if (a > 0 === b > 0) return [];
    const [gains, loses] = a > 0 ? [left.value, right.value] : [right.value, left.value];
    return [{ gains, loses, at: crossingOf({ x: left.value, y: a }, { x: right.value, y: b }) }];
  });
  if (breaks.length === 0) return undefined;
  return breaks.reduce((best, one) => (Math.abs(one.at - shipped) < Math.abs(best.at - shipped) ? one : best));
}
