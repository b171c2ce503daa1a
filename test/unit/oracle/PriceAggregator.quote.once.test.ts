import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";

import { px } from "../../../sdk/units";
import {
  BTC,
  BTC_ID,
  Caller,
  E8,
  ETH,
  FEE,
  GRACE_SECONDS,
  MIN_GAS_LEFT,
  UNLISTED,
  USDT,
  answerWith,
  at,
  deployOracle,
  deployWithFeeds,
  deployWithSequencer,
  proofOf,
  tickAt,
} from "./fixture";

const NO_PUSH_PRICE = [0n, 0n, 0n, 0n];
const NO_TICK = [0n, 0n, 0n, 0n, 0n, false];

async function load() {
  const context = await loadFixture(deployWithFeeds);
  const caller = new Caller(context.aggregator, context.probe);
  const proof = proofOf([context.publisher.update([tickAt(context.now)])], context.now);
  return { ...context, caller, prove: await caller.prove([proof], FEE) };
}

describe("PriceAggregator: reading", () => {
  describe("quote", () => {
    it("gives tick, anchors, token price and the sequencer's state", async () => {
      const { caller, prove, now } = await load();
      const [, result] = await caller.run(prove, await caller.quote(0n, USDT));
      const quote = caller.quoteOf(result);
      expect(quote.tick).to.deep.equal([px("60000"), px("30"), now, now, BTC, true]);
      expect(quote.anchors).to.deep.equal([px("60000"), px("60010"), px("60020"), 3n]);
      expect(quote.tokenPrice).to.equal(px("1"));
      expect(quote.isSequencerReady).to.equal(true);
    });

    it("prices a token by its own asset's median, the tick's included", async () => {
      const { caller, prove } = await load();
      const [, result] = await caller.run(prove, await caller.quote(0n, BTC));
      expect(caller.quoteOf(result).tokenPrice).to.equal(px("60010"));
    });

    it("has no token price where no source is fresh, and none of an asset that is not listed", async () => {
      const { caller, prove } = await load();
      const [, eth, unlisted] = await caller.run(prove, await caller.quote(0n, ETH), await caller.quote(0n, UNLISTED));
      expect(caller.quoteOf(eth).tokenPrice).to.equal(0n);
      expect(caller.quoteOf(unlisted).tokenPrice).to.equal(0n);
    });

    it("has neither tick nor anchors for an index without a tick", async () => {
      const { caller, prove } = await load();
      const [, result] = await caller.run(prove, await caller.quote(1n, USDT));
      const quote = caller.quoteOf(result);
      expect(quote.tick).to.deep.equal(NO_TICK);
      expect(quote.anchors).to.deep.equal(NO_PUSH_PRICE);
      expect(quote.tokenPrice).to.equal(px("1"));
    });

    it("O01: whoever proves ticks moves no anchor and no token price", async () => {
      const { caller, publisher, now } = await load();
      const far = proofOf([publisher.update([tickAt(now, { price: 90_000n * E8 })])], now);
      const [, result] = await caller.run(await caller.prove([far], FEE), await caller.quote(0n, BTC));
      const quote = caller.quoteOf(result);
      expect(quote.tick[0]).to.equal(px("90000"));
      expect(quote.anchors).to.deep.equal([px("60000"), px("60010"), px("60020"), 3n]);
      expect(quote.tokenPrice).to.equal(px("60010"));
    });

    it("O11: remembers no price from one transaction to the next", async () => {
      const { aggregator, caller, feeds, prove, probe } = await load();
      await probe.run([prove, await caller.quote(0n, BTC)], { value: FEE });
      await answerWith(feeds[0], { answer: 1n });
      const [result] = await caller.run(await caller.quote(0n, BTC));
      expect(caller.quoteOf(result).tick).to.deep.equal(NO_TICK);
      expect((await aggregator.pushPrice(BTC)).low).to.equal(100n);
    });

    it("reads each feed once in a transaction", async () => {
      const { caller, prove, feeds } = await load();
      const quote = await caller.quote(0n, USDT);
      const change = feeds[0].interface.encodeFunctionData("setBehaviour", [1n]);
      const breakFeed = { target: await feeds[0].getAddress(), value: 0n, data: change };
      const [, first, , second] = await caller.run(prove, quote, breakFeed, quote);
      expect(caller.quoteOf(second)).to.deep.equal(caller.quoteOf(first));
      const [, , fresh] = await caller.run(prove, breakFeed, quote);
      expect(caller.quoteOf(fresh).anchors[3]).to.equal(2n);
    });

    it("reverts for too little gas instead of calling a healthy source stale", async () => {
      const { aggregator, probe } = await load();
      await expect(aggregator.quote.staticCall(probe, 0n, USDT, { gasLimit: 150_000n }))
        .to.be.revertedWithCustomError(aggregator, "PriceAggregator_InsufficientGas")
        .withArgs((available: bigint) => available < MIN_GAS_LEFT, MIN_GAS_LEFT);
    });
  });

  describe("pushPrice", () => {
    it("is empty for assets without sources and for assets that are not listed", async () => {
      const { aggregator } = await load();
      expect(await aggregator.pushPrice(ETH)).to.deep.equal(NO_PUSH_PRICE);
      expect(await aggregator.pushPrice(UNLISTED)).to.deep.equal(NO_PUSH_PRICE);
    });

    it("O10: gives the newest answer no more weight than the others", async () => {
      const { aggregator, feeds, now } = await load();
      await at(now + 300n);
      await answerWith(feeds[2], { answer: 66_000n * E8 });
      expect(await aggregator.pushPrice(BTC)).to.deep.equal([px("60000"), px("60010"), px("66000"), 3n]);
    });

    it("means two and passes on one", async () => {
      const { aggregator, feeds } = await load();
      await feeds[2].setBehaviour(1n);
      expect(await aggregator.pushPrice(BTC)).to.deep.equal([px("60000"), px("60005"), px("60010"), 2n]);
      await feeds[0].setBehaviour(1n);
      expect(await aggregator.pushPrice(BTC)).to.deep.equal([px("60010"), px("60010"), px("60010"), 1n]);
    });
  });

  describe("isSequencerReady", () => {
    it("O09: is always true where there is no feed", async () => {
      const { aggregator } = await loadFixture(deployOracle);
      expect(await aggregator.isSequencerReady()).to.equal(true);
    });

    it("O09: is true from the grace period's last second on", async () => {
      const { aggregator, sequencer, now } = await loadFixture(deployWithSequencer);
      const up = now + 100n;
      await sequencer.setStatus(true, up);
      await at(up + GRACE_SECONDS - 1n);
      expect(await aggregator.isSequencerReady()).to.equal(false);
      await at(up + GRACE_SECONDS);
      expect(await aggregator.isSequencerReady()).to.equal(true);
    });

    it("O09: is false while down, however long, or uninitialised, or of unknown status", async () => {
      const { aggregator, sequencer, now } = await loadFixture(deployWithSequencer);
      expect(await aggregator.isSequencerReady()).to.equal(true);
      await sequencer.setStatus(false, now - GRACE_SECONDS);
      expect(await aggregator.isSequencerReady()).to.equal(false);
      await sequencer.forge(0n, 0n);
      expect(await aggregator.isSequencerReady()).to.equal(false);
      await sequencer.forge(2n, now - GRACE_SECONDS);
      expect(await aggregator.isSequencerReady()).to.equal(false);
      await sequencer.forge(0n, now + 1_000_000n);
      expect(await aggregator.isSequencerReady()).to.equal(false);
    });

    it("O09: is false when the feed reverts, has no round or refuses to be read", async () => {
      const { aggregator: ready, sequencer, manager, pyth } = await loadFixture(deployWithSequencer);
      expect(await ready.isSequencerReady()).to.equal(true);
      await sequencer.enableAccessCheck();
      expect(await ready.isSequencerReady()).to.equal(false);
      const silent = await ethers.deployContract("StandInSequencerFeed");
      await silent.disableAccessCheck();
      const aggregator = await ethers.deployContract("PriceAggregator", [manager, pyth, silent, GRACE_SECONDS]);
      expect(await aggregator.isSequencerReady()).to.equal(false);
    });

    it("O09: is part of a quote, read once in a transaction", async () => {
      const { aggregator, sequencer, probe, now } = await loadFixture(deployWithSequencer);
      const caller = new Caller(aggregator, probe);
      const quote = await caller.quote(0n, USDT);
      const down = sequencer.interface.encodeFunctionData("setStatus", [false, now]);
      const goDown = { target: await sequencer.getAddress(), value: 0n, data: down };
      const [before, , after] = await caller.run(quote, goDown, quote);
      expect(caller.quoteOf(before).isSequencerReady).to.equal(true);
      expect(caller.quoteOf(after).isSequencerReady).to.equal(true);
      const [, onlyDown, again] = await caller.run(goDown, quote, quote);
      expect(caller.quoteOf(onlyDown).isSequencerReady).to.equal(false);
      expect(caller.quoteOf(again).isSequencerReady).to.equal(false);
    });
  });

  describe("asset", () => {
    it("shows the rules, and none of an asset that is not listed", async () => {
      const { aggregator } = await load();
      expect(await aggregator.asset(BTC)).to.deep.equal([BTC_ID, 1n, 10_000n]);
      expect(await aggregator.asset(UNLISTED)).to.deep.equal([ethers.ZeroHash, 0n, 0n]);
    });
  });
});
