import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import fc from "fast-check";
import { QUOTE, brokenInvariants } from "../../../sdk/model/pro";
import { Budget } from "../../dsl/budget";
import { LOOK_EVERY, tellCompared } from "../../dsl/compared";
import { beginExchange, exchangeFixture } from "./follow";
import { anyStep, perform } from "./steps";
import { refresh } from "./world";

const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
const NUM_RUNS = Number(process.env.FUZZ_RUNS ?? 3);
const FUZZ_SECONDS = Number(process.env.FUZZ_SECONDS ?? 0);
const MAX_STEPS = Number(process.env.FUZZ_STEPS ?? 40);
/** Steps between two looks at whole books. */
const BOOKS_EVERY = 8;

/** Of a usual run: no further case is begun after. */
const USUAL_SECONDS = 15;

describe("Pro: against the model", function () {
  it("does what the model does, call by call, to the last unit", async function () {
    await loadFixture(exchangeFixture);
    const budget = new Budget(FUZZ_SECONDS > 0 ? FUZZ_SECONDS : USUAL_SECONDS);
    let compared = 0;
    const terms = fc.record({
      cash: fc.constantFrom(1_000n, 20_000n, 200_000n),
      fund: fc.constantFrom(0n, 500n, 50_000n),
      steps: fc.array(anyStep, { minLength: 1, maxLength: MAX_STEPS, size: "max" }),
    });
    await fc.assert(
      fc.asyncProperty(
        terms,
        budget.bound(async ({ cash, fund, steps }) => {
          const { world, exchange, follow } = await beginExchange(cash, fund);
          for (const [place, step] of steps.entries()) {
            perform(world, step);
            expect(brokenInvariants(exchange.state)).to.deep.equal([]);
            const isLast = place + 1 === steps.length;
            const withBooks = (place + 1) % BOOKS_EVERY === 0 || isLast;
            const isBrief = (place + 1) % LOOK_EVERY !== 0 && !withBooks;
            compared += await follow(`step ${place}, ${step.kind}`, withBooks, isBrief);
          }
        }),
      ),
      { seed: SEED, numRuns: NUM_RUNS },
    );
    tellCompared(compared);
  });

  it("takes no deposit while everything stands still, and takes it afterwards", async () => {
    const { exchange, follow } = await beginExchange(1_000n, 0n);
    exchange.setBreaker(3);
    expect(exchange.deposit(0, QUOTE)).to.deep.equal({ refused: "BreakerRaised" });
    expect(await follow("halted", true)).to.equal(2);
    exchange.setBreaker(2);
    expect(exchange.deposit(0, QUOTE)).to.deep.equal({ done: undefined });
    expect(await follow("going on", true)).to.equal(2);
  });

  it("refuses for what the first market lacks before it looks at the second", async () => {
    const { exchange, follow, world } = await beginExchange(20_000n, 0n);
    const terms = { type: "limit", expiry: 0n, isReduceOnly: false, selfTrade: "expireMaker", maxFills: 20 } as const;
    const bid = (market: number, tick: bigint, lots: bigint) =>
      ({ kind: "place", order: { ...terms, market, side: "buy", tick, lots } }) as const;
    // About 69,000 dollars in the first: more than the highest leverage may have.
    expect(exchange.act(0, [bid(0, 99_000n, 700n), bid(1, 11_900n, 100n)])).to.have.property("done");
    exchange.pass(40n);
    refresh(world, 0);
    const raised = { kind: "leverage", market: 0, leverage: 200n } as const;
    expect(exchange.act(0, [raised])).to.deep.equal({ refused: "LeverageAboveTier" });
    refresh(world, 0);
    expect(exchange.act(0, [{ ...raised, leverage: 50n }])).to.deep.equal({ refused: "IndexStale" });
    await follow("raised", true);
  });
});
