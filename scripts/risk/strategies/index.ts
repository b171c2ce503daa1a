import { generateMarket, REGIMES } from "../market/path";
import { randomOf } from "../random";
import type { Setting } from "../setting";
import type { Sample, Strategy } from "./draw";
import { STAGE_SECONDS } from "./draw";
import { GAPS } from "./gaps";
import { TIMING } from "./timing";
import { AGAINST_THE_VAULT } from "./vault";

export type { Sample, Strategy } from "./draw";

/** Strategies about prices, in the order of their ids. */
export const STRATEGIES: readonly Strategy[] = [...TIMING, ...GAPS, ...AGAINST_THE_VAULT].sort((a, b) =>
  a.id < b.id ? -1 : 1,
);

/** Those of A01 to A40 that no price decides, or no chance. */
export const LEFT_OUT =
  "A02, A07, A09, A11, A13, A15, A18, A21 to A23, A25 to A29, A31 to A33, A35, A37, A38 and A40 are about rules that hold or " +
  "don't, whatever the price does: test/attacks has them";

/** The markets that strategies are tried in. */
export const STAGES = ["usual", "crash"] as const;
export type Stage = (typeof STAGES)[number];

/** One sample of every strategy, on one path; undefined where it gives none an occasion. */
export function sampleStrategies(setting: Setting, stage: Stage, seed: number, index: number): (Sample | undefined)[] {
  const place = STAGES.indexOf(stage);
  const of = REGIMES.find(({ name }) => name === stage)!;
  const path = generateMarket(randomOf(seed, place, index, 2), STAGE_SECONDS, setting.anchors, of);
  return STRATEGIES.map((strategy, number) =>
    strategy.play({ path, setting, random: randomOf(seed, place, index, 3, number) }),
  );
}
