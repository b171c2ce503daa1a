import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { Dice } from "./dice";
import { STEPS } from "./pro/steps";
import { ProWorld, proWorldFixture } from "./pro/world";

const FUZZ_SECONDS = Number(process.env.FUZZ_SECONDS ?? 0);
/** A usual run has its own seed, with which every kind of step is done; a long one may take any and asks for invariants. */
const SEED = FUZZ_SECONDS === 0 ? 20_260_317 : Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
/** Steps of a usual run; a long one goes on as long as it was given. */
const LEAST_STEPS = 60;
const MOST_STEPS = 150;
/** A kind that was not drawn yet is, so often in a hundred. */
const GUIDED = 40;
/** What steps come to besides their own kind, and by which it comes. */
const RESULTS: Readonly<Record<string, string>> = {
  deleveraged: "crash",
  distressed: "crash",
  lossShared: "crash",
  reduced: "squeeze",
  refused: "take",
};

describe("Pro of one system, in the hands of everybody", () => {
  it(`keeps every invariant, over steps of every kind (seed ${SEED})`, async function () {
    this.timeout((FUZZ_SECONDS + 300) * 1_000);
    const world = new ProWorld(await loadFixture(proWorldFixture));
    await world.start();
    const dice = new Dice(SEED);
    const endsAt = Date.now() + FUZZ_SECONDS * 1_000;
    const weights = Object.entries(STEPS).map(([kind, [, weight]]) => [kind, weight] as const);
    const kinds = [...Object.keys(STEPS), ...Object.keys(RESULTS)];
    const missing = () => kinds.filter((kind) => world.countOf(kind) === 0).map((kind) => RESULTS[kind] ?? kind);
    const isUsual = FUZZ_SECONDS === 0;
    const isShort = (done: number) => done < LEAST_STEPS || (missing().length > 0 && done < MOST_STEPS);
    for (let done = 0; isUsual ? isShort(done) : Date.now() < endsAt; done++) {
      const isGuided = missing().length > 0 && (dice.percent(GUIDED) || done >= LEAST_STEPS);
      const kind = isGuided ? dice.one(missing()) : dice.weighted(weights);
      try {
        await STEPS[kind][0]({ world, dice });
        await world.look();
      } catch (error) {
        console.log(`      seed ${SEED}: step ${done}, ${kind}`);
        throw error;
      }
      world.count(kind);
    }
    const table = [...world.counts].sort(([a], [b]) => (a < b ? -1 : 1));
    console.log(`      ${table.map(([kind, count]) => `${kind} ${count}`).join(", ")}`);
    if (!isUsual) return;
    for (const kind of kinds) expect(world.countOf(kind), `${kind}: how often`).to.be.greaterThan(0);
  });
});
