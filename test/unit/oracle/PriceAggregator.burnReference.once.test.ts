import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";

import { revertData } from "../../../sdk/errors";
import { burnReference, mintReference } from "../../../sdk/model/prices";
import type { PythPrice } from "../../../sdk/pyth/wire";
import { px } from "../../../sdk/units";
import { BTC, BTC_ID, Caller, E8, FEE, RULE, at, deployWithFeeds, encodeRound, tickAt } from "./fixture";

/** A fixture of its own: the one test that takes long moves the clock of what is restored after it. */
async function deployForBurns() {
  return deployWithFeeds();
}

async function load() {
  const context = await loadFixture(deployForBurns);
  const caller = new Caller(context.aggregator, context.probe);
  const bring = async (price: PythPrice) => caller.proveReference([BTC], [context.publisher.update([price])], FEE);
  return { ...context, caller, bring };
}

describe("PriceAggregator: reference prices of mints and burns", () => {
  describe("what a burn needs", () => {
    it("C6: takes a stored price for recent up to ten minutes, to the second, and one from the future", async () => {
      const { aggregator, feeds, probe, publisher, pyth, now } = await load();
      const isPaid = async (moment: bigint) => {
        await at(moment);
        return (await aggregator.referencePrice(probe, BTC, RULE.burn)).isValid;
      };
      expect(await isPaid(now + 1n)).to.equal(true);
      await pyth.updatePriceFeeds([publisher.update([tickAt(now)])], { value: FEE });
      for (const [index, feed] of feeds.entries()) {
        await feed.setAnswer(encodeRound({ answer: (60_000n + 10n * BigInt(index)) * E8 }, now + 3n));
      }
      expect(await isPaid(now + 599n)).to.equal(false);
      expect(await isPaid(now + 600n)).to.equal(true);
    });

    it("C6: needs enough gas to ask Pyth, and takes one that does not answer for one that stores nothing", async () => {
      const { aggregator, asGovernor, probe, publisher, pyth, now } = await load();
      await pyth.updatePriceFeeds([publisher.update([tickAt(now)])], { value: FEE });
      const ask = (overrides = {}) => aggregator.referencePrice(probe, BTC, RULE.burn, overrides);
      expect((await ask()).isValid).to.equal(false);
      let refusals = 0;
      for (let gasLimit = 220_000n; gasLimit <= 500_000n; gasLimit += 10_000n) {
        const answer = await ask({ gasLimit }).catch((error: unknown) => revertData(error) ?? String(error));
        if (typeof answer === "string") {
          expect(aggregator.interface.parseError(answer)?.name, answer).to.equal("PriceAggregator_InsufficientGas");
          ++refusals;
        } else expect(answer.isValid, `${gasLimit}`).to.equal(false);
      }
      expect(refusals).to.be.greaterThan(0);
      await asGovernor.setPyth(await ethers.deployContract("GulliblePyth"));
      expect((await ask()).isValid).to.equal(true);
    });

    it("previews a burn with a tick as it is, and without one as an estimate", async () => {
      const { asGovernor, caller, feeds, bring, probe } = await load();
      await asGovernor.configureAsset(BTC, { pythId: BTC_ID, quorum: 3n, maxSpreadPips: 10_000n });
      const now = BigInt(await time.latest());
      await feeds[2].setAnswer(encodeRound({ answer: 70_000n * E8 }, now));
      const preview = await caller.range(BTC, probe, RULE.burnPreview);
      const burn = await caller.range(BTC, probe, RULE.burn);
      const [, previewed, paid] = await caller.run(await bring(tickAt(now)), preview, burn);
      expect(caller.rangeOf(previewed)).to.deep.equal(caller.rangeOf(paid));
      expect(caller.rangeOf(previewed).isValid).to.equal(true);
      const [estimated] = await caller.run(preview);
      expect(caller.rangeOf(estimated)).to.deep.equal([px("60000"), px("60010"), px("70000"), false]);
    });

    it("C6 A22: every set of sources, near and far, with every tick and stored price, as the model says", async () => {
      const { aggregator, asGovernor, caller, feeds, bring, probe, publisher, pyth } = await load();
      const spread = 10_000n;
      // Within 1% of 60,000: the first three. The next two agree with each other and not with the tick.
      const answers = [60_000n, 60_300n, 59_500n, 61_000n, 61_400n];
      const choices: (bigint | undefined)[] = [undefined, ...answers];
      const tick = { price: px("60000"), confidence: px("30") };
      let checked = 0;
      const store = async (age: bigint) => {
        const publishTime = BigInt(await time.latest()) - age;
        await pyth.updatePriceFeeds([publisher.update([tickAt(publishTime)])], { value: FEE });
      };
      const check = async (set: (bigint | undefined)[], quorum: bigint, isBrought: boolean, stored: string) => {
        const tick_ = tickAt(BigInt(await time.latest()));
        const input = {
          fresh: set.filter((answer) => answer !== undefined).map((answer) => answer * 10n ** 10n),
          quorum,
          maxSpreadPips: spread,
          tick: isBrought ? tick : undefined,
          hasRecentStoredPrice: stored === "recent",
        };
        const calls = [await caller.range(BTC, probe, RULE.mint), await caller.range(BTC, probe, RULE.burn)];
        const results = await caller.run(...(isBrought ? [await bring(tick_)] : []), ...calls);
        const [mint, burn] = results.slice(-2).map((result) => caller.rangeOf(result));
        const say = `${set.join()} quorum ${quorum} tick ${isBrought} stored ${stored}`;
        const wanted = mintReference(input);
        expect(mint.isValid, `mint ${say}`).to.equal(wanted !== undefined);
        if (wanted) expect([...mint]).to.deep.equal([wanted.low, wanted.median, wanted.high, true]);
        const paid = burnReference(input);
        expect([...burn], `burn ${say}`).to.deep.equal(
          paid ? [paid.low, paid.median, paid.high, true] : [0n, 0n, 0n, false],
        );
        ++checked;
      };
      for (const stored of ["none", "old", "recent"]) {
        if (stored === "old") await store(600n);
        for (const a of choices) {
          for (const b of choices) {
            for (const c of a === undefined ? [undefined] : [undefined, 61_000n]) {
              if (stored === "recent") await store(0n);
              const set = [a, b, c];
              for (const [index, answer] of set.entries()) {
                await feeds[index].setBehaviour(answer === undefined ? 1n : 0n);
                const round = { answer: (answer ?? 0n) * E8 };
                if (answer !== undefined) await feeds[index].setAnswer(encodeRound(round, BigInt(await time.latest())));
              }
              for (const quorum of [1n, 2n, 3n]) {
                await asGovernor.configureAsset(BTC, { pythId: BTC_ID, quorum, maxSpreadPips: spread });
                for (const isBrought of [true, false]) await check(set, quorum, isBrought, stored);
              }
            }
          }
        }
      }
      expect(checked).to.be.greaterThan(1_000);
      expect(await aggregator.sourceCount(BTC)).to.equal(3n);
    });
  });
});
