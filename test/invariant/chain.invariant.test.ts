import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { tellCompared } from "../dsl/compared";
import { checkAll } from "./checks";
import { Dice } from "./dice";
import { KINDS, SCENARIOS } from "./scenarios";
import type { Do } from "./scenarios";
import { World, worldFixture } from "./world";

/** One seed for every day: with another, drawn with `CHAIN_SEED`, a rare kind of step may come short of its count. */
const SEED = Number(process.env.CHAIN_SEED ?? 1_790_614_775);
/** Steps at least, in which every kind happens more than `ENOUGH` times; some more where a kind has come short. */
const STEPS = Number(process.env.CHAIN_STEPS ?? 500);
const MOST_STEPS = 2_000;
/** So many steps were asked for: no more are done, and kinds may come short. */
const IS_GIVEN = process.env.CHAIN_STEPS !== undefined;
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
    while (done < STEPS || (!IS_GIVEN && short().length > 0 && done < MOST_STEPS)) {
      const missing = short();
      const isGuided = missing.length > 0 && dice.percent(GUIDED);
      const scenario = isGuided ? dice.one(missing).by : dice.weighted(SCENARIOS);
      await scenario({ world, dice, act });
    }
    const table = [...world.counts].sort(([a], [b]) => (a < b ? -1 : 1));
    console.log(`      ${done} steps: ${table.map(([what, count]) => `${what} ${count}`).join(", ")}`);
    tellCompared(done);
    if (IS_GIVEN) return;
    for (const { name } of kinds) {
      expect(world.countOf(name), `${name}: so often in ${done} steps`).to.be.greaterThan(ENOUGH);
    }
  });
});
