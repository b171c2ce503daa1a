import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";

import { px } from "../../../../sdk/units";
import {
  BEHAVIOUR,
  BTC,
  E8,
  MAX_AGE_SECONDS,
  MAX_PRICE,
  MIN_GAS_LEFT,
  addRawFeed,
  answerWith,
  at,
  chainlinkSource,
  deployOracle,
  deployWithFeeds,
  encodeRound,
} from "../fixture";
import type { RawRound } from "../fixture";

const NONE = [0n, 0n, 0n, 0n];
const only = (price: bigint) => [price, price, price, 1n];

/** BTC has one raw feed; `answer` makes it answer at `time`, which is a second of the chain. */
async function load(decimals = 8n) {
  const context = await loadFixture(deployOracle);
  const feed = await addRawFeed(context, BTC, decimals, 60_000n * E8);
  const moment = context.now + 1_000n;
  await at(moment);
  const priceOf = async (round: RawRound) => {
    await feed.setAnswer(encodeRound(round, moment));
    return context.aggregator.pushPrice(BTC);
  };
  return { ...context, feed, moment, priceOf };
}

describe("ChainlinkAdapter", () => {
  for (const decimals of [0n, 6n, 8n, 10n, 18n, 36n]) {
    it(`O07: brings answers of ${decimals} decimals to 10`, async () => {
      const { priceOf } = await load(decimals);
      expect(await priceOf({ answer: 60_000n * 10n ** decimals })).to.deep.equal(only(px("60000")));
    });
  }

  it("rounds answers of more decimals down, to none at all when nothing is left", async () => {
    const { priceOf } = await load(18n);
    expect(await priceOf({ answer: 199_999_999n })).to.deep.equal(only(1n));
    expect(await priceOf({ answer: 99_999_999n })).to.deep.equal(NONE);
  });

  it("counts an answer on the age limit as fresh, and one a second older as stale (O07)", async () => {
    const { aggregator, feed, moment } = await load();
    await feed.setAnswer(encodeRound({ answer: E8 }, moment));
    await at(moment + MAX_AGE_SECONDS);
    expect((await aggregator.pushPrice(BTC)).fresh).to.equal(1n);
    await at(moment + MAX_AGE_SECONDS + 1n);
    expect(await aggregator.pushPrice(BTC)).to.deep.equal(NONE);
  });

  it("O12: a source that was silent in an outage is not fresh until it answers again", async () => {
    const { aggregator, feed, moment } = await load();
    await feed.setAnswer(encodeRound({ answer: E8 }, moment));
    await at(moment + 3_600n);
    expect(await aggregator.pushPrice(BTC)).to.deep.equal(NONE);
    await answerWith(feed, { answer: 2n * E8 });
    expect(await aggregator.pushPrice(BTC)).to.deep.equal(only(px("2")));
  });

  const notFresh: [string, RawRound][] = [
    ["zero", { answer: 0n }],
    ["negative", { answer: -1n }],
    ["the least int256", { answer: -(2n ** 255n) }],
    ["the greatest int256", { answer: 2n ** 255n - 1n }],
    ["not started", { answer: E8, startedAt: 0n }],
    ["not updated", { answer: E8, updatedAt: 0n }],
    ["of the greatest time", { answer: E8, updatedAt: 2n ** 256n - 1n }],
    ["answered in an earlier round", { answer: E8, roundId: 5n, answeredInRound: 4n }],
    ["just above the range of a price", { answer: MAX_PRICE / 100n + 1n }],
    ["above 64 bits", { answer: MAX_PRICE + 1n }],
  ];
  for (const [title, round] of notFresh) {
    it(`O07: an answer that is ${title} is not fresh`, async () => {
      const { priceOf } = await load();
      expect(await priceOf(round)).to.deep.equal(NONE);
    });
  }

  it("O07, O22: an answer from the future is not fresh", async () => {
    const { aggregator, feed, moment } = await load();
    await feed.setAnswer(encodeRound({ answer: E8, updatedAt: moment + 101n }, moment));
    await at(moment + 100n);
    expect(await aggregator.pushPrice(BTC)).to.deep.equal(NONE);
    await at(moment + 101n);
    expect(await aggregator.pushPrice(BTC)).to.deep.equal(only(px("1")));
  });

  it("takes the largest answer that is a price", async () => {
    const { priceOf } = await load();
    expect(await priceOf({ answer: MAX_PRICE / 100n })).to.deep.equal(only((MAX_PRICE / 100n) * 100n));
  });

  it("does not take too little data for an answer", async () => {
    const { aggregator, feed, moment } = await load();
    const round = encodeRound({ answer: E8 }, moment);
    for (const length of [0, 32, 64, 159]) {
      await feed.setAnswer(ethers.dataSlice(round, 0, length));
      expect(await aggregator.pushPrice(BTC)).to.deep.equal(NONE);
    }
    await feed.setAnswer(round);
    expect((await aggregator.pushPrice(BTC)).fresh).to.equal(1n);
  });

  for (const behaviour of ["revert", "burnGas"] as const) {
    it(`O07: loses nothing but its own answer to a feed that does this: ${behaviour}`, async () => {
      const { aggregator, feeds } = await loadFixture(deployWithFeeds);
      await feeds[1].setBehaviour(BEHAVIOUR[behaviour]);
      expect(await aggregator.pushPrice(BTC)).to.deep.equal([px("60000"), px("60010"), px("60020"), 2n]);
      expect(await aggregator.pushPrice.estimateGas(BTC)).to.be.lessThan(500_000n);
    });
  }

  it("copies no more than a round of what a feed returns", async () => {
    const { aggregator, feeds } = await loadFixture(deployWithFeeds);
    await feeds[1].setBehaviour(BEHAVIOUR.returnBomb);
    expect((await aggregator.pushPrice(BTC)).fresh).to.equal(3n);
    expect(await aggregator.pushPrice.estimateGas(BTC)).to.be.lessThan(500_000n);
  });

  it("does not mistake an account without code for a feed", async () => {
    const { aggregator, feeds } = await loadFixture(deployWithFeeds);
    await ethers.provider.send("hardhat_setCode", [await feeds[0].getAddress(), "0x"]);
    expect((await aggregator.pushPrice(BTC)).fresh).to.equal(2n);
  });

  it("reverts for too little gas instead of calling a healthy source stale", async () => {
    const { aggregator } = await loadFixture(deployWithFeeds);
    const full = await aggregator.pushPrice(BTC);
    for (let gasLimit = 60_000n; gasLimit < 400_000n; gasLimit += 10_000n) {
      const attempt = aggregator.pushPrice(BTC, { gasLimit }).catch((error: unknown) => error);
      const result = await attempt;
      if (result instanceof Error) continue;
      expect(result).to.deep.equal(full);
    }
    await expect(aggregator.pushPrice(BTC, { gasLimit: 150_000n }))
      .to.be.revertedWithCustomError(aggregator, "PriceAggregator_InsufficientGas")
      .withArgs((available: bigint) => available < MIN_GAS_LEFT, MIN_GAS_LEFT);
  });

  describe("bounds", () => {
    async function loadBounded(decimals: bigint, min: bigint, max: bigint) {
      const context = await loadFixture(deployOracle);
      const feed = await ethers.deployContract("RawFeed", [decimals]);
      await feed.setBounds(min, max);
      await context.asGovernor.addSource(BTC, chainlinkSource(await feed.getAddress()));
      const now = BigInt(await time.latest());
      const freshOf = async (answer: bigint) => {
        await feed.setAnswer(encodeRound({ answer }, now));
        return (await context.aggregator.pushPrice(BTC)).fresh;
      };
      const { state } = await context.aggregator.source(BTC, 0n);
      return { ...context, freshOf, state };
    }

    it("O08: an answer at or beyond the minimum or maximum is not fresh", async () => {
      const { freshOf, state } = await loadBounded(8n, 100n * E8, 200n * E8);
      expect([state.minPrice, state.maxPrice]).to.deep.equal([px("100"), px("200")]);
      expect(await freshOf(100n * E8 - 1n)).to.equal(0n);
      expect(await freshOf(100n * E8)).to.equal(0n);
      expect(await freshOf(100n * E8 + 1n)).to.equal(1n);
      expect(await freshOf(200n * E8 - 1n)).to.equal(1n);
      expect(await freshOf(200n * E8)).to.equal(0n);
      expect(await freshOf(200n * E8 + 1n)).to.equal(0n);
    });

    it("O08: holds for feeds of more decimals, where bounds and answers round the same way", async () => {
      const { freshOf } = await loadBounded(18n, 10n ** 18n + 1n, 2n * 10n ** 18n);
      expect(await freshOf(10n ** 18n + 1n)).to.equal(0n);
      expect(await freshOf(10n ** 18n + 10n ** 8n)).to.equal(1n);
      expect(await freshOf(2n * 10n ** 18n - 1n)).to.equal(1n);
      expect(await freshOf(2n * 10n ** 18n)).to.equal(0n);
    });

    it("O08: holds down to the least price there is", async () => {
      const { freshOf, state } = await loadBounded(10n, 5n, 10n ** 12n);
      expect(state.minPrice).to.equal(5n);
      for (const [answer, fresh] of [
        [1n, 0n],
        [5n, 0n],
        [6n, 1n],
      ]) {
        expect(await freshOf(answer)).to.equal(fresh);
      }
    });

    it("knows no bound that answers can't reach", async () => {
      const { freshOf, state } = await loadBounded(8n, 1n, 2n ** 95n);
      expect([state.minPrice, state.maxPrice]).to.deep.equal([0n, MAX_PRICE]);
      expect(await freshOf(1n)).to.equal(1n);
      expect(await freshOf(MAX_PRICE / 100n)).to.equal(1n);
    });

    it("knows none of a feed that tells a minimum alone", async () => {
      const { aggregator, asGovernor } = await loadFixture(deployOracle);
      const feed = await ethers.deployContract("RawFeed", [8n]);
      await feed.setMinimum(100n * E8);
      await asGovernor.addSource(BTC, chainlinkSource(await feed.getAddress()));
      const { state } = await aggregator.source(BTC, 0n);
      expect([state.minPrice, state.maxPrice]).to.deep.equal([0n, MAX_PRICE]);
    });

    it("takes a maximum of zero or below for a feed that is always pinned", async () => {
      const { freshOf, state } = await loadBounded(8n, -5n, 0n);
      expect([state.minPrice, state.maxPrice]).to.deep.equal([0n, 0n]);
      expect(await freshOf(E8)).to.equal(0n);
    });

    it("reads them from the aggregator behind a proxy, the new one once synchronised", async () => {
      const { admin, aggregator, asGovernor } = await loadFixture(deployOracle);
      const proxy = await ethers.deployContract("StandInAggregatorProxy");
      const first = await ethers.deployContract("StandInAggregator", [8n, "BTC", 2n, 2n ** 95n]);
      await first.addAccess(proxy);
      await proxy.initialize(admin, first);
      await asGovernor.addSource(BTC, chainlinkSource(await proxy.getAddress()));
      expect((await aggregator.source(BTC, 0n)).state.minPrice).to.equal(200n);
      const second = await ethers.deployContract("StandInAggregator", [8n, "BTC", 1n, 70_000n * E8]);
      await second.addAccess(proxy);
      await proxy.proposeAggregator(second);
      await proxy.confirmAggregator(second);
      await aggregator.synchroniseSource(BTC, 0n);
      const { state } = await aggregator.source(BTC, 0n);
      expect([state.minPrice, state.maxPrice]).to.deep.equal([0n, px("70000")]);
      await second.pushAnswer(60_000n * E8);
      expect(await aggregator.pushPrice(BTC)).to.deep.equal(only(px("60000")));
      await second.pushAnswer(70_000n * E8);
      expect(await aggregator.pushPrice(BTC)).to.deep.equal(NONE);
    });
  });
});
