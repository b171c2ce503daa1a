import { join } from "node:path";

/** A comparison that one process makes from one seed. */
export interface Product {
  readonly name: string;
  readonly file: string;
  /** Makes about so many actions. */
  readonly env: (seed: number, actions: number) => Record<string, string>;
  /** Whether it depends on a source of contracts or model. */
  readonly isOf: (path: string) => boolean;
}

/** Seconds that bound a run of drawn sequences: far more than the runs take. */
const SECONDS = "3600";
/** Steps between two looks at the whole state; in between at what has changed. */
const LOOK_EVERY = "10";
/** Of the sources, what only Pro is made of. */
const PRO_ALONE = /(^|\/)(pro\/|I?(Pro|Grid)[A-Z]|I?Pro\.)/;
/** Contracts that only tests have. */
const OF_TESTS = /^contracts\/test\//;

/** Actions of one drawn sequence, about. */
const SEQUENCE = { trades: 28, pro: 250 };

const drawn = (seed: number, runs: number) => ({
  FUZZ_SEED: String(seed),
  FUZZ_RUNS: String(Math.ceil(runs)),
  FUZZ_SECONDS: SECONDS,
  LOOK_EVERY,
});

export const PRODUCTS: readonly Product[] = [
  {
    name: "system",
    file: join("test", "invariant", "chain.invariant.test.ts"),
    env: (seed, actions) => ({
      ...{ CHAIN_SEED: String(seed), CHAIN_STEPS: String(actions), CHAIN_WORLD_STEPS: "250" },
      LOOK_EVERY,
    }),
    isOf: (path) => !PRO_ALONE.test(path) && !OF_TESTS.test(path),
  },
  {
    name: "trades",
    file: join("test", "invariant", "trading.invariant.test.ts"),
    env: (seed, actions) => drawn(seed, actions / SEQUENCE.trades),
    isOf: (path) => !PRO_ALONE.test(path) && !OF_TESTS.test(path),
  },
  {
    name: "pro",
    file: join("test", "property", "pro", "exchange.property.test.ts"),
    env: (seed, actions) => ({ ...drawn(seed, actions / SEQUENCE.pro), FUZZ_STEPS: "150" }),
    isOf: (path) => !OF_TESTS.test(path),
  },
];
