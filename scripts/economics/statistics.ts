import { randomOf } from "../risk/random";
import { averageOf } from "../risk/statistics";
import type { Played } from "./strategy";

const RESAMPLES = 2_000;
/** Halves of what a 95% interval leaves out. */
const TAIL = 0.025;
/** A cent: what roundings may come to. */
const TOLERANCE = 0.01;

/** Results of all windows of a strategy, in USD per 1,000 USD at stake. */
export interface Summary {
  readonly windows: number;
  readonly mean: number;
  /** 95%, by the bootstrap over windows; none of fewer than three. */
  readonly interval: readonly [number, number] | null;
  /** The best window for who attacks, the one furthest beyond its bound where there is such; USD. */
  readonly worst: Pick<Played, "gain" | "most" | "risked">;
  /** Windows beyond the bound. */
  readonly broken: number;
}

/** Undefined where no window gave an occasion. */
export function summarise(played: readonly Played[], seed: number): Summary | undefined {
  if (played.length === 0) return undefined;
  const rates = played.map(({ gain, risked }) => (1_000 * gain) / risked);
  const interval = played.length < 3 ? null : bootstrap(rates, seed);
  const beyond = played.filter(({ gain, most }) => gain > most + TOLERANCE);
  const excess = ({ gain, most }: Played) => (beyond.length === 0 ? gain : gain - most);
  const worst = played.reduce((most, own) => (excess(own) > excess(most) ? own : most));
  const mean = averageOf(rates);
  return {
    ...{ windows: played.length, mean, interval },
    worst: { gain: worst.gain, most: worst.most, risked: worst.risked },
    broken: beyond.length,
  };
}

function bootstrap(values: readonly number[], seed: number): [number, number] {
  const random = randomOf(seed, values.length);
  const means = Array.from({ length: RESAMPLES }, () =>
    averageOf(values.map(() => values[Math.floor(random() * values.length)])),
  ).sort((a, b) => a - b);
  const at = (share: number) => means[Math.min(RESAMPLES - 1, Math.floor(share * RESAMPLES))];
  return [at(TAIL), at(1 - TAIL)];
}
