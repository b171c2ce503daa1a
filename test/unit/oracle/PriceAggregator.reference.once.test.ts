import { loadFixture, setCode } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";

import { ethers } from "hardhat";

import { mean, median } from "../../../sdk/model/prices";
import type { PythPrice } from "../../../sdk/pyth/wire";
import { px } from "../../../sdk/units";
import {
  BTC,
  BTC_ID,
  Caller,
  E8,
  ETH,
  ETH_ID,
  FEE,
  RULE,
  UNLISTED,
  USDT,
  at,
  deployWithFeeds,
  maskOf,
  proofOf,
  tickAt,
} from "./fixture";

/** Reverts with four words, each the time: `mstore` of `timestamp` at 0, 32, 64, 96, `revert(0, 128)`. */
const REFUSES_WITH_TIMES = "0x4260005242602052426040524260605260806000fd";

const PUSH = [px("60000"), px("60010"), px("60020")];

async function load() {
  const context = await loadFixture(deployWithFeeds);
  const caller = new Caller(context.aggregator, context.probe);
  const bring = async (...prices: PythPrice[]) =>
    caller.proveReference([BTC], [context.publisher.update(prices)], BigInt(prices.length) * FEE);
  /** The range of BTC after these ticks were brought, one by one. */
  const rangeWith = async (...ticks: Partial<PythPrice>[]) => {
    const calls = await Promise.all(ticks.map((tick) => bring(tickAt(context.now, tick))));
    const results = await caller.run(...calls, await caller.range(BTC));
    return caller.rangeOf(results[ticks.length]);
  };
  return { ...context, caller, bring, rangeWith };
}

describe("PriceAggregator: reference prices", () => {
  describe("referencePrice", () => {
    it("joins a tick as price and confidence, and counts it once for the median", async () => {
      const { rangeWith } = await load();
      const middle = median([...PUSH, px("60000")]);
      expect(await rangeWith({})).to.deep.equal([px("59970"), middle, px("60030"), true]);
      const high = await rangeWith({ price: 60_500n * E8, conf: E8 });
      expect(high).to.deep.equal([px("60000"), median([...PUSH, px("60500")]), px("60501"), true]);
    });

    it("lies within the push prices where the tick does", async () => {
      const { rangeWith } = await load();
      const range = await rangeWith({ price: 60_015n * E8, conf: E8 });
      expect(range).to.deep.equal([px("60000"), median([...PUSH, px("60015")]), px("60020"), true]);
    });

    it("C6: takes a Pyth for one that stores nothing where it refuses with words that read like a recent price", async () => {
      const { aggregator, asGovernor, probe, publisher, pyth, now } = await load();
      await pyth.updatePriceFeeds([publisher.update([tickAt(now)])], { value: FEE });
      expect((await aggregator.referencePrice(probe, BTC, RULE.burn)).isValid).to.equal(false);
      const refusing = ethers.Wallet.createRandom().address;
      await setCode(refusing, REFUSES_WITH_TIMES);
      await asGovernor.setPyth(refusing);
      expect((await aggregator.referencePrice(probe, BTC, RULE.burn)).isValid).to.equal(true);
    });

    it("C3: needs a tick, of a dollar too", async () => {
      const { aggregator, probe } = await load();
      expect(await aggregator.referencePrice(probe, BTC, RULE.mint)).to.deep.equal([...PUSH, false]);
      expect(await aggregator.referencePrice(probe, USDT, RULE.mint)).to.deep.equal([px("1"), px("1"), px("1"), false]);
    });

    it("needs the quorum of fresh push sources: ticks don't count", async () => {
      const { asGovernor, feeds, rangeWith } = await load();
      await asGovernor.configureAsset(BTC, { pythId: BTC_ID, quorum: 3n, maxSpreadPips: 10_000n });
      expect((await rangeWith({})).isValid).to.equal(true);
      await feeds[0].setBehaviour(1n);
      expect((await rangeWith({})).isValid).to.equal(false);
    });

    it("is the ticks alone, and not valid, where no push source is fresh", async () => {
      const { feeds, rangeWith } = await load();
      for (const feed of feeds) await feed.setBehaviour(1n);
      expect(await rangeWith({})).to.deep.equal([px("59970"), px("60000"), px("60030"), false]);
    });

    it("counts a spread on its limit as within it", async () => {
      const { asGovernor, rangeWith } = await load();
      const config = { pythId: BTC_ID, quorum: 1n };
      // (60020 + 3.012 − 60000) / 60000 and its ten-millionth part more: 383.53 pips.
      const tick = { price: 60_020n * E8, conf: 3_0120_0000n };
      await asGovernor.configureAsset(BTC, { ...config, maxSpreadPips: 384n });
      expect((await rangeWith(tick)).isValid).to.equal(true);
      await asGovernor.configureAsset(BTC, { ...config, maxSpreadPips: 383n });
      expect((await rangeWith(tick)).isValid).to.equal(false);
      const exact = { price: 60_020n * E8, conf: 10n * E8 };
      await asGovernor.configureAsset(BTC, { ...config, maxSpreadPips: 500n });
      expect((await rangeWith(exact)).isValid).to.equal(true);
      expect((await rangeWith({ ...exact, conf: 10n * E8 + 1n })).isValid).to.equal(false);
    });

    it("knows nothing of an asset that is not listed", async () => {
      const { aggregator, probe } = await load();
      expect(await aggregator.referencePrice(probe, UNLISTED, RULE.mint)).to.deep.equal([0n, 0n, 0n, false]);
    });

    it("O02: widens with further ticks in any order and never narrows", async () => {
      const { rangeWith } = await load();
      const low = { price: 59_900n * E8, conf: 10n * E8 };
      const high = { price: 60_200n * E8, conf: 20n * E8 };
      const between = { price: 60_000n * E8, conf: E8 };
      const middle = median([...PUSH, mean(px("59890"), px("60220"))]);
      const expected = [px("59890"), middle, px("60220"), true];
      expect(await rangeWith(low, high, between)).to.deep.equal(expected);
      expect(await rangeWith(between, high, low)).to.deep.equal(expected);
    });

    it("shows a prover only the ticks it brought", async () => {
      const { caller, bring, now, stranger } = await load();
      const [, mine, theirs] = await caller.run(
        await bring(tickAt(now)),
        await caller.range(BTC),
        await caller.range(BTC, stranger.address),
      );
      expect(caller.rangeOf(mine).isValid).to.equal(true);
      expect(caller.rangeOf(theirs)).to.deep.equal([...PUSH, false]);
    });

    it("takes no tick that was proven for settlement", async () => {
      const { caller, publisher, now } = await load();
      const proof = proofOf([publisher.update([tickAt(now)])], now);
      const [, range] = await caller.run(await caller.prove([proof], FEE), await caller.range(BTC));
      expect(caller.rangeOf(range).isValid).to.equal(false);
    });

    it("O11: forgets the ticks with the transaction", async () => {
      const { aggregator, probe, bring, now } = await load();
      await probe.run([await bring(tickAt(now))], { value: FEE });
      expect((await aggregator.referencePrice(probe, BTC, RULE.mint)).isValid).to.equal(false);
    });
  });

  describe("referencePrices", () => {
    it("tells each price as referencePrice does, in ascending order", async () => {
      const { aggregator, caller, bring, now, probe } = await load();
      const prover = await probe.getAddress();
      const asked = [BTC, ETH, USDT, UNLISTED];
      for (const rule of Object.values(RULE)) {
        const data = aggregator.interface.encodeFunctionData("referencePrices", [prover, maskOf(asked), rule]);
        const many = { target: await aggregator.getAddress(), value: 0n, data };
        const each = await Promise.all(asked.map((asset) => caller.range(asset, probe, rule)));
        const [, words, ...ranges] = await caller.run(await bring(tickAt(now)), many, ...each);
        const decoded = aggregator.interface.decodeFunctionResult("referencePrices", words) as unknown as [bigint[]];
        expect(decoded[0].map(unpacked)).to.deep.equal(ranges.map((range) => [...caller.rangeOf(range)]));
        expect(unpacked(decoded[0][0])).to.deep.equal([px("59970"), median([...PUSH, px("60000")]), px("60030"), true]);
      }
    });

    it("tells nothing of nothing, and of as many assets as a mask has bits", async () => {
      const { aggregator, probe } = await load();
      expect(await aggregator.referencePrices(probe, 0n, RULE.mint)).to.deep.equal([]);
      const all = await aggregator.referencePrices(probe, 2n ** 256n - 1n, RULE.mint, { gasLimit: 25_000_000n });
      expect(all.length).to.equal(256);
      expect(all.flatMap((word, asset) => (word === 0n ? [] : [BigInt(asset)]))).to.deep.equal([BTC, USDT]);
    });
  });

  describe("takeReferencePrices", () => {
    it("C10 A26: tells the prover's prices and forgets its ticks, and no one else's", async () => {
      const { aggregator, caller, bring, now, probe } = await load();
      const wide = { price: 60_500n * E8, conf: 500n * E8 };
      const other = await ethers.deployContract("OracleProbe");
      const theirs = await bring(tickAt(now));
      const calls = [
        await bring(tickAt(now, wide)),
        await caller.take([BTC, USDT]),
        await caller.range(BTC),
        await caller.take([BTC]),
        await bring(tickAt(now)),
        await caller.range(BTC),
        await caller.range(BTC, other),
        await caller.take([]),
        await caller.range(BTC),
      ];
      const nested = { target: await other.getAddress(), value: FEE, data: "" };
      nested.data = other.interface.encodeFunctionData("run", [[theirs]]);
      const [, , first, after, again, , second, others, , last] = await caller.run(nested, ...calls);
      const taken = (result: string) => {
        const answer = aggregator.interface.decodeFunctionResult("takeReferencePrices", result);
        return { words: (answer[0] as bigint[]).map(unpacked), isReady: answer[1] as boolean };
      };
      expect(taken(first).words[0]).to.deep.equal([px("60000"), median([...PUSH, px("60500")]), px("61000"), false]);
      expect(taken(first).isReady).to.equal(true);
      expect(caller.rangeOf(after)).to.deep.equal([...PUSH, false]);
      expect(taken(again).words).to.deep.equal([[...PUSH, false]]);
      const narrow = [px("59970"), median([...PUSH, px("60000")]), px("60030"), true];
      expect(caller.rangeOf(second)).to.deep.equal(narrow);
      expect(caller.rangeOf(others)).to.deep.equal(narrow);
      expect(caller.rangeOf(last)).to.deep.equal([...PUSH, false]);
      expect(await probe.getAddress()).to.not.equal(await other.getAddress());
    });

    it("C2: says whether the sequencer is ready", async () => {
      const { aggregator, asGovernor, now } = await load();
      const feed = await ethers.deployContract("StandInSequencerFeed");
      await feed.setStatus(true, now);
      await feed.disableAccessCheck();
      await asGovernor.setSequencer(feed, 60n);
      await at(now + 59n);
      expect((await aggregator.takeReferencePrices.staticCall(0n, RULE.burn)).isReady).to.equal(false);
      await at(now + 60n);
      expect((await aggregator.takeReferencePrices.staticCall(0n, RULE.burn)).isReady).to.equal(true);
    });
  });

  describe("proveReference", () => {
    it("takes several assets at a time", async () => {
      const { caller, publisher, now } = await load();
      const eth = tickAt(now, { feedId: ETH_ID, price: 3_000n * E8, conf: E8 });
      const data = [publisher.update([eth, tickAt(now)])];
      const results = await caller.run(
        await caller.proveReference([BTC, ETH], data, 2n * FEE),
        await caller.range(BTC),
        await caller.range(ETH),
      );
      expect(caller.rangeOf(results[1]).low).to.equal(px("59970"));
      expect(caller.rangeOf(results[2])).to.deep.equal([px("2999"), px("3000"), px("3001"), false]);
    });

    it("O12: takes a tick 5 s old and refuses one 6 s old", async () => {
      const { bring, caller, pyth, now } = await load();
      await caller.run(await bring(tickAt(now - 5n)));
      await expect(caller.run(await bring(tickAt(now - 6n)))).to.be.revertedWithCustomError(
        pyth,
        "PriceFeedNotFoundWithinRange",
      );
    });

    it("O22: refuses a tick from the future", async () => {
      const { bring, caller, pyth, now } = await load();
      await expect(caller.run(await bring(tickAt(now + 1n)))).to.be.revertedWithCustomError(
        pyth,
        "PriceFeedNotFoundWithinRange",
      );
    });

    it("takes a tick that is not the first of its second", async () => {
      const { rangeWith, now } = await load();
      expect((await rangeWith({ prevPublishTime: now })).isValid).to.equal(true);
    });

    it("O05: counts a tick of a confidence above 1% as not brought", async () => {
      const { rangeWith, asGovernor } = await load();
      await asGovernor.configureAsset(BTC, { pythId: BTC_ID, quorum: 1n, maxSpreadPips: 100_000n });
      expect(await rangeWith({ conf: 600n * E8 })).to.deep.equal([
        px("59400"),
        median([...PUSH, px("60000")]),
        px("60600"),
        true,
      ]);
      expect(await rangeWith({ conf: 600n * E8 + 1n })).to.deep.equal([...PUSH, false]);
      expect(await rangeWith({ conf: 2n ** 64n - 1n })).to.deep.equal([...PUSH, false]);
    });

    it("counts a tick whose upper end is no price as not brought", async () => {
      const { rangeWith } = await load();
      const tick = { price: 1_844_674_407n, conf: 1n, expo: 0 };
      expect(await rangeWith(tick)).to.deep.equal([...PUSH, false]);
    });

    it("does nothing for no assets without data, and returns what was sent", async () => {
      const { caller, probe } = await load();
      await expect(probe.run([await caller.proveReference([], [], 5n)], { value: 5n })).to.changeEtherBalance(
        probe,
        5n,
      );
    });

    it("O03: refuses data without assets and assets without data", async () => {
      const { aggregator, caller, publisher, now } = await load();
      const data = [publisher.update([tickAt(now)])];
      await expect(caller.run(await caller.proveReference([], data, FEE))).to.be.revertedWithCustomError(
        aggregator,
        "PriceAggregator_NoAssets",
      );
      await expect(caller.run(await caller.proveReference([BTC], [], FEE))).to.be.revertedWithCustomError(
        aggregator,
        "PriceAggregator_NoUpdateData",
      );
    });

    it("refuses assets that are not listed or have no Pyth feed, a bad price and an unpaid fee", async () => {
      const { aggregator, bring, caller, publisher, now } = await load();
      const data = [publisher.update([tickAt(now)])];
      await expect(caller.run(await caller.proveReference([UNLISTED], data, FEE)))
        .to.be.revertedWithCustomError(aggregator, "PriceAggregator_AssetNotListed")
        .withArgs(UNLISTED);
      await expect(caller.run(await caller.proveReference([USDT], data, FEE)))
        .to.be.revertedWithCustomError(aggregator, "PriceAggregator_AssetWithoutPyth")
        .withArgs(USDT);
      await expect(caller.run(await caller.proveReference([BTC], data, FEE - 1n)))
        .to.be.revertedWithCustomError(aggregator, "PriceAggregator_UpdateFeeNotPaid")
        .withArgs(FEE - 1n, FEE);
      await expect(caller.run(await bring(tickAt(now, { price: -1n }))))
        .to.be.revertedWithCustomError(aggregator, "PriceAggregator_PriceOutOfRange")
        .withArgs(BTC, -1n, -8);
    });

    it("O27: refuses a wrong signer", async () => {
      const { caller, publisher, pyth, now } = await load();
      const data = [publisher.wrongSignerUpdate([tickAt(now)])];
      await expect(caller.run(await caller.proveReference([BTC], data, FEE))).to.be.revertedWithCustomError(
        pyth,
        "InvalidWormholeVaa",
      );
    });

    it("pays Pyth its fee and returns the excess, or reverts when it is refused", async () => {
      const { aggregator, caller, probe, publisher, pyth, now } = await load();
      const call = await caller.proveReference([BTC], [publisher.update([tickAt(now)])], 50n);
      await probe.run.staticCall([call], { value: 50n });
      await probe.setRefusing(true);
      await expect(caller.run(call))
        .to.be.revertedWithCustomError(aggregator, "PriceAggregator_RefundRefused")
        .withArgs(await probe.getAddress(), 50n - FEE);
      await probe.setRefusing(false);
      await expect(probe.run([call], { value: 50n })).to.changeEtherBalances([pyth, probe], [FEE, 50n - FEE]);
    });
  });
});

/** A packed range as its fields. */
function unpacked(word: bigint): (bigint | boolean)[] {
  const cut = (from: bigint) => (word >> from) & (2n ** 64n - 1n);
  return [cut(0n), cut(64n), cut(128n), word >> 192n === 1n];
}
