import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { LOOK_EVERY, tellCompared } from "../dsl/compared";
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
/** After so many steps a long run goes on in a new world: what has piled up in one takes longer and longer to look at. */
const WORLD_STEPS = Number(process.env.CHAIN_WORLD_STEPS ?? MOST_STEPS);
/** On a machine that has other things to do as well. */
const LONGEST_MS = 900_000;
/** How often a scenario is chosen for the kinds that are short, percent. */
const GUIDED = 90;

describe("one system, in the hands of everybody", () => {
  it(`keeps every invariant, over ${STEPS} steps of every kind (seed ${SEED})`, async function () {
    this.timeout(IS_GIVEN ? 0 : LONGEST_MS);
    const begin = async () => {
      const begun = new World(await loadFixture(worldFixture));
      await begun.start();
      return begun;
    };
    let world = await begin();
    const dice = new Dice(SEED);
    const kinds = KINDS.filter(({ only }) => only === undefined || world.offers(only));
    const counts = new Map<string, number>();
    const countOf = (name: string) => (counts.get(name) ?? 0) + world.countOf(name);
    const short = () => kinds.filter(({ name }) => countOf(name) <= ENOUGH);
    const end = async () => {
      await checkAll(world);
      for (const [what, count] of world.counts) counts.set(what, (counts.get(what) ?? 0) + count);
    };
    let done = 0;
    let ofWorld = 0;
    const act: Do = async (what, step) => {
      done += 1;
      ofWorld += 1;
      try {
        await step();
        await checkAll(world, done % LOOK_EVERY === 0);
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
      if (ofWorld < WORLD_STEPS) continue;
      await end();
      [world, ofWorld] = [await begin(), 0];
    }
    await end();
    const table = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
    console.log(`      ${done} steps: ${table.map(([what, count]) => `${what} ${count}`).join(", ")}`);
    tellCompared(done);
    if (IS_GIVEN) return;
    for (const { name } of kinds) {
      expect(counts.get(name) ?? 0, `${name}: so often in ${done} steps`).to.be.greaterThan(ENOUGH);
    }
  });
});
