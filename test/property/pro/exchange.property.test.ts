import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import fc from "fast-check";
import { ethers } from "hardhat";
import { brokenInvariants } from "../../../sdk/model/pro";
import { Budget } from "../../dsl/budget";
import { LIMITS, accountOf, deployPro } from "../../unit/pro/proFixture";
import { compare, compareBooks } from "./compare";
import { RecordedExchange } from "./recorded";
import type { Call } from "./recorded";
import { ownerOf, replay, subOf } from "./replay";
import { ACCOUNTS, CONFIGS, KEEPER_OWNER, OWNERS, anyStep, newWorld, perform } from "./steps";

const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
const NUM_RUNS = Number(process.env.FUZZ_RUNS ?? 3);
const FUZZ_SECONDS = Number(process.env.FUZZ_SECONDS ?? 0);
const MAX_STEPS = Number(process.env.FUZZ_STEPS ?? 40);
/** Steps between two looks at whole books. */
const BOOKS_EVERY = 8;

/** Calls whose refusal leaves no trace on the chain: an outcome, not a revert. */
const ANSWERED: readonly Call["kind"][] = ["cancelDead", "cancelStretched", "liquidate", "deleverage", "shareLoss"];
/** Of a usual run: no further case is begun after. */
const USUAL_SECONDS = 15;

/** Contracts with every owner's wallet full and allowed. */
async function deploy() {
  const context = await deployPro(18, "StandInToken", { ...LIMITS, interestPips: 100n });
  const signers = (await ethers.getSigners()).slice(1, KEEPER_OWNER + 2);
  for (const signer of signers) {
    await context.token.mint(signer, 10n ** 27n);
    await context.token.connect(signer).approve(context.pro, ethers.MaxUint256);
  }
  // Owners count from 1 in the order in which they come.
  for (const signer of signers) await context.pro.connect(signer).deposit(signer, 0, 1n);
  const ids = [...Array(ACCOUNTS + 1).keys()].map((account) =>
    accountOf(BigInt(ownerOf(account)) + 1n, BigInt(subOf(account))),
  );
  return { context: { ...context, keeper: signers[KEEPER_OWNER] }, owners: { signers, ids } };
}

describe("Pro: against the model", function () {
  it("does what the model does, call by call, to the last unit", async function () {
    const budget = new Budget(FUZZ_SECONDS > 0 ? FUZZ_SECONDS : USUAL_SECONDS);
    const terms = fc.record({
      cash: fc.constantFrom(1_000n, 20_000n, 200_000n),
      fund: fc.constantFrom(0n, 500n, 50_000n),
      steps: fc.array(anyStep, { minLength: 1, maxLength: MAX_STEPS, size: "max" }),
    });
    await fc.assert(
      fc.asyncProperty(
        terms,
        budget.bound(async ({ cash, fund, steps }) => {
          const { context, owners } = await loadFixture(deploy);
          const exchange = new RecordedExchange(CONFIGS, BigInt(await time.latest()) + 10n);
          // The unit that made each an owner.
          const world = newWorld(cash, fund, exchange);
          const first = [...new Set(OWNERS)].map((owner) => OWNERS.indexOf(owner));
          for (const account of [...first, ACCOUNTS]) {
            exchange.state.accounts[account].cash += 1n;
            exchange.state.collateral += 1n;
          }
          const follow = async (name: string, withBooks: boolean) => {
            for (const call of exchange.take()) {
              const refused = await replay(context, owners, call);
              if (ANSWERED.includes(call.kind)) continue;
              expect(refused, `${name}, ${call.kind}`).to.equal(call.refused);
            }
            const differences = await compare(context, owners, exchange.state);
            if (withBooks) differences.push(...(await compareBooks(context, owners, exchange.state)));
            expect(differences, name).to.deep.equal([]);
          };
          await follow("the beginning", false);
          for (const [place, step] of steps.entries()) {
            perform(world, step);
            expect(brokenInvariants(exchange.state)).to.deep.equal([]);
            await follow(`step ${place}, ${step.kind}`, (place + 1) % BOOKS_EVERY === 0 || place + 1 === steps.length);
          }
        }),
      ),
      { seed: SEED, numRuns: NUM_RUNS },
    );
  });
});
