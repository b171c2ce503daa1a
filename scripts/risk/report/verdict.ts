/** The answer, from the numbers alone. */
import type { Setting } from "../setting";
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
    reasons.push(
      `In crashes Degen brings ${estimate(crash.modes.degen.lp.mean)} USD, Standard ` +
        `${estimate(crash.modes.standard.lp.mean)}. A quarter or more of a crash's jumps being known beforehand is what costs: ` +
        `see the sweep of known jumps.`,
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
  const [first, last] = [points[0].value, points[points.length - 1].value];
  const tell = (found: Break | undefined, isLosing: boolean, isUnsure: boolean): string => {
    if (found === undefined) {
      if (isUnsure) return "undecided by these paths";
      return isLosing ? `loses everywhere from ${number(first)} to ${number(last)}` : "nowhere for sure";
    }
    return `about ${number(found.at)} (gains at ${number(found.gains)}, loses at ${number(found.loses)})`;
  };
  const all = tell(
    breaks,
    points.every(({ lp }) => lp.high < 0),
    points.every(({ lp }) => lp.low <= 0 && lp.high >= 0),
  );
  const inCrash = tell(
    crashBreaks,
    points.every(({ crash }) => crash.high < 0),
    points.every(({ crash }) => crash.low <= 0 && crash.high >= 0),
  );
  return `${title} (ships ${number(shipped)} ${unit}): the LPs' mean turns ${all}; in crashes ${inCrash}.`;
}
