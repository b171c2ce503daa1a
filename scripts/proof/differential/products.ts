import { join } from "node:path";

/** A comparison that one process makes from one seed. */
export interface Product {
  readonly name: string;
  readonly file: string;
  /** Actions of one run, about. */
  readonly about: number;
  readonly env: (seed: number) => Record<string, string>;
}

/** Seconds that bound a run of drawn sequences: far more than the runs take. */
const SECONDS = "1200";

const drawn = (runs: number) => (seed: number) => ({
  FUZZ_SEED: String(seed),
  FUZZ_RUNS: String(runs),
  FUZZ_SECONDS: SECONDS,
});

export const PRODUCTS: readonly Product[] = [
  {
    name: "system",
    file: join("test", "invariant", "chain.invariant.test.ts"),
    about: 300,
    env: (seed) => ({ CHAIN_SEED: String(seed), CHAIN_STEPS: "300" }),
  },
  {
    name: "trades",
    file: join("test", "invariant", "trading.invariant.test.ts"),
    about: 500,
    env: drawn(20),
  },
  {
    name: "pro",
    file: join("test", "property", "pro", "exchange.property.test.ts"),
    about: 900,
    env: drawn(20),
  },
];
