/**
 * Runs the stateful comparisons with the model on new seeds until so many actions were compared:
 *
 *   npm run differential -- [--actions 100000] [--seed 1] [--minutes 3] [--only system|trades|pro ...]
 *                           [--batch 5000] [--processes 2] [--record proof/differential.json] [--report]
 *   npm run differential -- --faults 17 [--batch 300] [--seed 1]
 *
 * Three products: `system` is Trading, ALP, bets and governance in everybody's hands; `trades` draws sequences of what traders,
 * keepers and LPs do; `pro` compares Pro's book, margin and liquidation call by call. After every action what it answered or
 * told is compared, and what it should have changed; every few steps the whole state. The record knows what was compared of
 * the same sources; a later run goes on with the next seed. The chains take turns. Ends with 1 at the first difference, and
 * tells its seed with the line that runs it again. With `--faults` so many of `differential/faults.ts` are put into copies of the model
 * instead, one at a time, and it ends with 1 when one is not found.
 */
import { Command, Option } from "commander";
import { CHAINS, hardhat } from "../lib/hardhat";
import { runMain } from "../lib/main";
import { lineOf, runOne } from "./differential/job";
import type { Job } from "./differential/job";
import { plantFaults } from "./differential/planted";
import { PRODUCTS } from "./differential/products";
import type { Product } from "./differential/products";
import { readRuns, sourcesOf, sumsOf, writeRuns } from "./differential/record";
import type { Run } from "./differential/record";
import { whole } from "./lib/options";
import { inParallel } from "./lib/parallel";

const NAMES = PRODUCTS.map(({ name }) => name);

interface Options {
  actions: number;
  seed: number;
  minutes: number;
  only: string[];
  batch: number;
  processes: number;
  record: string;
  report?: boolean;
  faults?: number;
}

function parse(): Options {
  return new Command("differential")
    .option("--actions <n>", "compare so many, those of the record included", whole, 100_000)
    .option("--seed <seed>", "the first of the seeds", whole, 1)
    .option("--minutes <minutes>", "begin nothing after", whole, Number.MAX_SAFE_INTEGER)
    .addOption(new Option("--only <products...>", "of the products").choices(NAMES).default(NAMES))
    .option("--batch <n>", "actions of one process, about", whole, 5_000)
    .option("--processes <n>", "so many at once", whole, 2)
    .option("--record <path>", "what was compared so far", "proof/differential.json")
    .option("--report", "run nothing, tell what was compared")
    .option("--faults <n>", "so many faults put into the model, each of which must be found", whole)
    .exitOverride()
    .parse()
    .opts<Options>();
}

function report(runs: readonly Run[], wanted: number): void {
  for (const { product, actions, seeds, secondsPerThousand } of sumsOf(runs)) {
    const pace = actions === 0 ? "" : `, ${secondsPerThousand.toFixed(0)} seconds per 1,000`;
    console.log(`${product}: ${actions} actions compared, seeds ${seeds || "none"}${pace}`);
  }
  const done = runs.reduce((sum, { actions }) => sum + actions, 0);
  console.log(`${done} of ${wanted} actions compared with the model, no difference`);
}

async function main(): Promise<number> {
  const options = parse();
  const { actions: wanted, seed: first, minutes, only, batch, processes, record, report: isReport } = options;
  const sources = new Map(PRODUCTS.map((product) => [product.name, sourcesOf(product)]));
  const runs = readRuns(record);
  const current = (): Run[] => runs.filter((run) => run.sources === sources.get(run.product));
  if (isReport === true) {
    report(current(), wanted);
    return 0;
  }
  if ((await hardhat(["compile", "--quiet"], { chain: CHAINS[0] })).code !== 0) return 1;
  const products = PRODUCTS.filter(({ name }) => only.includes(name));
  if (options.faults !== undefined) {
    const missed = await plantFaults({ products, sample: options.faults, seed: first, batch, processes });
    return missed.length === 0 ? 0 : 1;
  }
  const endsAt = Date.now() + minutes * 60_000;
  const begun = new Set(current().map(({ product, seed }) => `${product} ${seed}`));
  let differences = 0;

  /** Next of the product of which least was compared or begun, with its next seed. */
  function* jobs(): Generator<Job> {
    const amounts = new Map(sumsOf(current()).map(({ product, actions }) => [product, actions]));
    const amountOf = ({ name }: Product) => amounts.get(name) ?? 0;
    const total = () => current().reduce((sum, { actions }) => sum + actions, 0);
    while (differences === 0 && Date.now() < endsAt && total() < wanted) {
      const product = products.reduce((least, next) => (amountOf(next) < amountOf(least) ? next : least));
      amounts.set(product.name, amountOf(product) + batch);
      let seed = first;
      while (begun.has(`${product.name} ${seed}`)) seed += 1;
      begun.add(`${product.name} ${seed}`);
      yield { product, chain: CHAINS[(seed + 1) % CHAINS.length], seed, env: product.env(seed, batch) };
    }
  }

  await inParallel(jobs(), processes, async (job) => {
    const { product, chain, seed } = job;
    const startedAt = Date.now();
    const { actions, output } = await runOne(job);
    const seconds = Math.round((Date.now() - startedAt) / 1_000);
    if (actions === undefined) {
      differences += 1;
      console.log(`${output}\n${product.name} differs on ${chain} with seed ${seed}. Again:\n  ${lineOf(job)}`);
      return;
    }
    console.log(`${product.name}, ${chain}, seed ${seed}: ${actions} actions, ${seconds} seconds`);
    const { name } = product;
    runs.push({ product: name, chain, seed, batch, actions, seconds, sources: sources.get(name) ?? "" });
    writeRuns(record, runs);
  });
  if (differences > 0) return 1;
  report(current(), wanted);
  return 0;
}

runMain(main);
