import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { checkAll } from "./checks";
import { Dice } from "./dice";
import { KINDS, SCENARIOS } from "./scenarios";
import type { Do } from "./scenarios";
import { World, worldFixture } from "./world";

/** One seed for every day; what others find is drawn with `FUZZ_SEED`. */
const SEED = Number(process.env.FUZZ_SEED ?? 1_790_614_775);
/** Steps at least, in which every kind happens more than `ENOUGH` times; some more where a kind has come short. */
const STEPS = 500;
const MOST_STEPS = 2_000;
const ENOUGH = 5;
/** On a machine that has other things to do as well. */
const LONGEST_MS = 900_000;
/** How often a scenario is chosen for the kinds that are short, percent. */
const GUIDED = 90;

describe("one system, in the hands of everybody", () => {
  it(`keeps every invariant, over ${STEPS} steps of every kind (seed ${SEED})`, async function () {
    this.timeout(LONGEST_MS);
    const world = new World(await loadFixture(worldFixture));
    await world.start();
    const dice = new Dice(SEED);
    const kinds = KINDS.filter(({ only }) => only === undefined || world.offers(only));
    const short = () => kinds.filter(({ name }) => world.countOf(name) <= ENOUGH);
    let done = 0;
    const act: Do = async (what, step) => {
      done += 1;
      try {
        await step();
        await checkAll(world);
      } catch (error) {
        console.log(`      seed ${SEED}: step ${done}, ${what}`);
        throw error;
      }
    };
    while (done < STEPS || (short().length > 0 && done < MOST_STEPS)) {
      const missing = short();
      const isGuided = missing.length > 0 && dice.percent(GUIDED);
      const scenario = isGuided ? dice.one(missing).by : dice.weighted(SCENARIOS);
      await scenario({ world, dice, act });
    }
    const table = [...world.counts].sort(([a], [b]) => (a < b ? -1 : 1));
    console.log(`      ${done} steps: ${table.map(([what, count]) => `${what} ${count}`).join(", ")}`);
    for (const { name } of kinds) {
      expect(world.countOf(name), `${name}: so often in ${done} steps`).to.be.greaterThan(ENOUGH);
    }
  });
});
