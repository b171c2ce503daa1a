import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import fc from "fast-check";
import { Budget } from "../dsl/budget";
import { LOOK_EVERY, tellCompared } from "../dsl/compared";
import { perform } from "./actions";
import { checkAll } from "./checks";
import { steps as sequences } from "./steps";
import type { Step } from "./steps";
import { World, worldFixture } from "./world";

const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
const RUNS = Number(process.env.FUZZ_RUNS ?? 100);
const SECONDS = Number(process.env.FUZZ_SECONDS ?? 8);

describe("Trading, whatever anybody does in whatever order", () => {
  it("keeps its books, pays what it owes, and does exactly what the model says", async () => {
    const counts = new Map<string, number>();
    let compared = 0;
    // Before the clock of the runs starts.
    await loadFixture(worldFixture);
    const budget = new Budget(SECONDS);
    const run = budget.bound(async (steps: Step[]) => {
      const world = new World(await loadFixture(worldFixture));
      await world.start();
      for (const [place, next] of steps.entries()) {
        await perform(world, next);
        await checkAll(world, (place + 1) % LOOK_EVERY === 0 || place + 1 === steps.length);
        compared += 1;
      }
      for (const [what, count] of world.counts) counts.set(what, (counts.get(what) ?? 0) + count);
    });
    console.log(`      seed ${SEED}, at most ${RUNS} runs or ${SECONDS} s`);
    try {
      await fc.assert(fc.asyncProperty(sequences, run), { seed: SEED, numRuns: RUNS });
      tellCompared(compared);
    } finally {
      const summary = [...counts].sort().map(([what, count]) => `${what} ${count}`);
      console.log(`      ${summary.join(", ")}`);
    }
  });
});
