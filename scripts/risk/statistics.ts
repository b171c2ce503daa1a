/** Estimates with 95% intervals. Paths are independent, so that sums over a path are the samples. */

/** An estimate, the ends of its 95% interval and how many samples it rests on. */
export interface Estimate {
  value: number;
  low: number;
  high: number;
  samples: number;
}

/** Of a standard normal number, 95% lie within this of 0. */
const Z = 1.959963984540054;

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Of at least one number. */
export function averageOf(values: readonly number[]): number {
  return sum(values) / values.length;
}

/** Mean with the normal interval of its standard error; of one sample the interval is unknown and so infinite. */
export function meanOf(values: readonly number[]): Estimate {
  const samples = values.length;
  if (samples === 0) return { value: NaN, low: -Infinity, high: Infinity, samples };
  const value = averageOf(values);
  if (samples === 1) return { value, low: -Infinity, high: Infinity, samples };
  const variance = sum(values.map((one) => (one - value) ** 2)) / (samples - 1);
  const half = Z * Math.sqrt(variance / samples);
  return { value, low: value - half, high: value + half, samples };
}

/** The mean of a whole of which each stratum is a known share, sampled by itself. */
export function stratifiedOf(strata: readonly { weight: number; values: readonly number[] }[]): Estimate {
  const total = sum(strata.map(({ weight }) => weight));
  const parts = strata.map(({ weight, values }) => ({ share: weight / total, mean: meanOf(values) }));
  const value = sum(parts.map(({ share, mean }) => share * mean.value));
  const half = Math.sqrt(sum(parts.map(({ share, mean }) => (share * (mean.high - mean.value)) ** 2)));
  return { value, low: value - half, high: value + half, samples: sum(strata.map(({ values }) => values.length)) };
}

/** Σ above / Σ below, by the delta method; undefined where nothing is below. */
export function ratioOf(above: readonly number[], below: readonly number[]): Estimate | undefined {
  const [total, samples] = [sum(below), below.length];
  if (total === 0) return undefined;
  const value = sum(above) / total;
  if (samples < 2) return { value, low: -Infinity, high: Infinity, samples };
  const mean = total / samples;
  const squares = sum(above.map((one, at) => (one - value * below[at]) ** 2));
  const half = (Z * Math.sqrt(squares / (samples - 1) / samples)) / mean;
  return { value, low: value - half, high: value + half, samples };
}

/** Share of successes with Wilson's interval, which holds near 0 and 1, too. */
export function shareOf(successes: number, samples: number): Estimate {
  if (samples === 0) return { value: NaN, low: 0, high: 1, samples };
  const share = successes / samples;
  const spread = Z ** 2 / samples;
  const middle = (share + spread / 2) / (1 + spread);
  const half = (Z / (1 + spread)) * Math.sqrt((share * (1 - share) + spread / 4) / samples);
  return { value: share, low: Math.max(0, middle - half), high: Math.min(1, middle + half), samples };
}

/** The quantile of a share of the samples, between the order statistics that a binomial number lies between. */
export function quantileOf(values: readonly number[], share: number): Estimate {
  const sorted = Float64Array.from(values).sort();
  const samples = sorted.length;
  const at = (rank: number): number => sorted[Math.min(Math.max(Math.round(rank), 0), samples - 1)];
  const half = Z * Math.sqrt(samples * share * (1 - share));
  const rank = share * (samples - 1);
  return { value: at(rank), low: at(rank - half), high: at(rank + half), samples };
}

/** Mean of the worst share of the samples: what the bad paths cost. */
export function shortfallOf(values: readonly number[], share: number): Estimate {
  const sorted = [...values].sort((a, b) => a - b);
  return meanOf(sorted.slice(0, Math.max(1, Math.round(values.length * share))));
}

/** Where the line through two points crosses 0. */
export function crossingOf(a: { x: number; y: number }, b: { x: number; y: number }): number {
  return a.x + ((b.x - a.x) * a.y) / (a.y - b.y);
}
