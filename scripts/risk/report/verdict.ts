/** The answer, from the numbers alone. */
import type { Setting } from "../setting";
import type { Estimate } from "../statistics";
import type { Break, Findings, SweepFinding } from "../study";
import { estimate, number, percent } from "./format";

/** What "survivable" means here: gains for sure on average, and of bad paths no more than these shares of the vault. */
export const SHORTFALL_LIMIT = 0.01;
export const DRAWDOWN_LIMIT = 0.05;

export interface Verdict {
  isSurvivable: boolean;
  answer: string;
  reasons: string[];
  /** Under what it is not. */
  conditions: string[];
  /** What pays an attacker in spite of the rules. */
  payingStrategies: string[];
}

export function judge(findings: Findings, setting: Setting): Verdict {
  const { summary, byRegime, pathSeconds } = findings;
  const { degen } = summary.modes;
  const vault = setting.vaultUsd;
  const hours = pathSeconds / 3_600;
  const shortfall = Math.max(0, -degen.lp.shortfall.value) / vault;
  const drawdown = summary.drawdown.worst / vault;
  const gains = degen.lp.mean.low > 0;
  const isSurvivable = gains && shortfall < SHORTFALL_LIMIT && drawdown < DRAWDOWN_LIMIT;
  const crash = byRegime.find(({ name }) => name === "crash")?.summary;
  const reasons = [
    `Degen (500x to 1001x) brings the LPs ${estimate(degen.lp.mean)} USD in ${hours} hours, Standard ` +
      `${estimate(summary.modes.standard.lp.mean)}, on a vault of ${number(vault)} USD.`,
    `The worst hundredth of the paths costs ${number(-degen.lp.shortfall.value)} USD in Degen on average, ${percent(shortfall)} of ` +
      `the vault (limit ${percent(SHORTFALL_LIMIT)}); the deepest fall from a peak of all ${number(summary.paths)} paths, both modes, is ` +
      `${number(summary.drawdown.worst)} USD, ${percent(drawdown)} (limit ${percent(DRAWDOWN_LIMIT)}).`,
  ];
  if (crash) {
    const known = findings.sweeps.find(({ key }) => key === "news")?.crashBreaks;
    reasons.push(
      `In crashes Degen brings ${estimate(crash.modes.degen.lp.mean)} USD, Standard ` +
        `${estimate(crash.modes.standard.lp.mean)}` +
        (known ? `; Degen loses there once about ${number(known.at)}% of the jumps are known beforehand.` : "."),
    );
  }
  return {
    isSurvivable,
    answer: isSurvivable
      ? "Yes: 1001x with these parameters is survivable for the LPs."
      : "No: 1001x with these parameters is not survivable for the LPs.",
    reasons,
    conditions: findings.sweeps.map(conditionOf),
    payingStrategies: findings.strategies
      .filter(({ stages }) => Object.values(stages).some(({ rule }) => rule.low > 0))
      .map(({ id, title, unit, stages, bound }) => {
        const { usual, crash: bad } = stages;
        const worth = `${estimate(usual.rule)} ${unit} in usual times, ${estimate(bad.rule)} in crashes`;
        return `${id}, ${title}: ${worth}; bounded by: ${bound ?? "nothing"}.`;
      }),
  };
}

function conditionOf({ title, unit, shipped, points, breaks, crashBreaks }: SweepFinding): string {
  const all = tell(
    breaks,
    points.map(({ lp }) => lp),
  );
  const crashes = tell(
    crashBreaks,
    points.map(({ crash }) => crash),
  );
  return `${title}, ${number(shipped)} ${unit} as shipped: over all regimes it ${all}; in crashes it ${crashes}.`;
}

function tell(found: Break | undefined, results: readonly Estimate[]): string {
  if (found)
    return `breaks near ${number(found.at)} (gains at ${number(found.gains)}, loses at ${number(found.loses)})`;
  if (results.every(({ low }) => low > 0)) return "gains at every value tried";
  if (results.every(({ high }) => high < 0)) return "loses at every value tried";
  return "has no break that these paths are sure of";
}
