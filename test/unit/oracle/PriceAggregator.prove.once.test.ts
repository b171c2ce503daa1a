import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";

import { sameSecond } from "../../../kit/pyth/publisher";
import type { PythPrice } from "../../../sdk/pyth/wire";
import { px } from "../../../sdk/units";
import { BTC, BTC_ID, Caller, E8, ETH, ETH_ID, FEE, UNLISTED, USDT, deployOracle, proofOf, tickAt } from "./fixture";

const NO_TICK = [0n, 0n, 0n, 0n, 0n, false];
/** Length of one message with its proof in an update: 2 + 85 + 1 + 10 × 20 bytes. */
const MESSAGE_OFFSET_FROM_END = 286;

async function load() {
  const context = await loadFixture(deployOracle);
  return { ...context, caller: new Caller(context.aggregator, context.probe) };
}

const word = (value: bigint): string => ethers.toBeHex(ethers.toTwos(value, 256), 32);

/** An update as the ABI has it: its length, its bytes, and zeros to the next word. */
function padded(update: string): string {
  const length = ethers.dataLength(update);
  return ethers.concat([word(BigInt(length)), ethers.zeroPadBytes(update, Math.ceil(length / 32) * 32)]);
}

/** Arguments of `prove` for the first tick of BTC: the updates lie where their offsets say, within `tail` or elsewhere. */
function proveArguments(minPublishTime: bigint, offsets: bigint[], tail: string): string {
  const head = [0x20n, 1n, 0x20n, 0x80n, minPublishTime, 1n, 0xc0n, 1n, BTC, BigInt(offsets.length), ...offsets];
  return ethers.concat([...head.map(word), tail]);
}

/** An update with one byte changed. */
function flipByte(update: string, offset: number): string {
  const bytes = ethers.getBytes(update);
  bytes[offset] ^= 1;
  return ethers.hexlify(bytes);
}

describe("PriceAggregator: proving", () => {
  describe("prove", () => {
    it("keeps the tick under the caller with everything that was proven", async () => {
      const { caller, publisher, now } = await load();
      const proof = proofOf([publisher.update([tickAt(now)])], now);
      const [count, tick] = await caller.run(await caller.prove([proof], FEE), await caller.tick(0n));
      expect(BigInt(count)).to.equal(1n);
      expect(caller.tickOf(tick)).to.deep.equal([px("60000"), px("30"), now, now, BTC, true]);
    });

    it("numbers the ticks by proof, then by asset, and goes on in later calls", async () => {
      const { caller, publisher, now } = await load();
      const eth: PythPrice = tickAt(now - 5n, { feedId: ETH_ID, price: 3_000n * E8, conf: E8 });
      const both = proofOf([publisher.update([tickAt(now - 5n), eth])], now - 5n, { assetIds: [ETH, BTC] });
      const later = proofOf([publisher.update([tickAt(now - 1n)])], now - 1n, { isUnique: false });
      const results = await caller.run(
        await caller.prove([both, later], 3n * FEE),
        await caller.prove([later], FEE),
        ...(await Promise.all([0n, 1n, 2n, 3n, 4n].map((index) => caller.tick(index)))),
      );
      expect([BigInt(results[0]), BigInt(results[1])]).to.deep.equal([3n, 4n]);
      const ticks = results.slice(2).map((result) => caller.tickOf(result));
      expect(ticks.map((tick) => tick.assetId)).to.deep.equal([ETH, BTC, BTC, BTC, 0n]);
      expect(ticks.map((tick) => tick.publishTime)).to.deep.equal([now - 5n, now - 5n, now - 1n, now - 1n, 0n]);
      expect(ticks.map((tick) => tick.isUnique)).to.deep.equal([true, true, false, false, false]);
      expect(ticks[0].price).to.equal(px("3000"));
    });

    it("proves nothing when nothing is asked", async () => {
      const { caller } = await load();
      const [count, tick] = await caller.run(await caller.prove([], 0n), await caller.tick(0n));
      expect(BigInt(count)).to.equal(0n);
      expect(caller.tickOf(tick)).to.deep.equal(NO_TICK);
    });

    it("O06: reads exponents of any sign", async () => {
      const { caller, publisher, now } = await load();
      const cases: [number, bigint, bigint, string, string][] = [
        [-12, 60_000n * 10n ** 12n, 10n ** 12n, "60000", "1"],
        [-8, 60_000n * E8, E8, "60000", "1"],
        [-5, 60_000n * 10n ** 5n, 10n ** 5n, "60000", "1"],
        [0, 60_000n, 1n, "60000", "1"],
        [2, 600n, 1n, "60000", "100"],
      ];
      for (const [expo, price, conf, expectedPrice, expectedConfidence] of cases) {
        const proof = proofOf([publisher.update([tickAt(now, { expo, price, conf })])], now);
        const [, tick] = await caller.run(await caller.prove([proof], FEE), await caller.tick(0n));
        expect(caller.tickOf(tick).price).to.equal(px(expectedPrice));
        expect(caller.tickOf(tick).confidence).to.equal(px(expectedConfidence));
      }
    });

    it("O01: gives the same tick whichever of the window's updates is submitted, or none", async () => {
      const { caller, pyth, publisher, now } = await load();
      const prices = [0n, 1n, 2n, 3n].map((second) =>
        tickAt(now - 10n + second, { price: (60_000n + 10n * second) * E8 }),
      );
      const target = now - 10n;
      const [first, ...others] = prices.map((price) => publisher.update([price]));
      const [, tick] = await caller.run(await caller.prove([proofOf([first], target)], FEE), await caller.tick(0n));
      expect(caller.tickOf(tick).price).to.equal(px("60000"));
      for (const other of others) {
        await expect(caller.run(await caller.prove([proofOf([other], target)], FEE))).to.be.revertedWithCustomError(
          pyth,
          "PriceFeedNotFoundWithinRange",
        );
      }
      const all = proofOf([...others, first], target);
      const [, found] = await caller.run(await caller.prove([all], 4n * FEE), await caller.tick(0n));
      expect(caller.tickOf(found).price).to.equal(px("60000"));
    });

    it("O01: refuses a second price of the same second as the first", async () => {
      const { caller, pyth, publisher, now } = await load();
      const second = publisher.update([sameSecond(tickAt(now), 60_500n * E8)]);
      await expect(caller.run(await caller.prove([proofOf([second], now)], FEE))).to.be.revertedWithCustomError(
        pyth,
        "PriceFeedNotFoundWithinRange",
      );
    });

    it("O01: marks a tick proven without uniqueness", async () => {
      const { caller, publisher, now } = await load();
      const second = publisher.update([sameSecond(tickAt(now), 60_500n * E8)]);
      const proof = proofOf([second], now, { isUnique: false });
      const [, tick] = await caller.run(await caller.prove([proof], FEE), await caller.tick(0n));
      expect(caller.tickOf(tick).isUnique).to.equal(false);
    });

    it("O02: keeps two ticks of one transaction apart, each with its own bound", async () => {
      const { caller, publisher, now } = await load();
      const early = proofOf([publisher.update([tickAt(now - 9n)])], now - 9n);
      const late = proofOf([publisher.update([tickAt(now, { price: 61_000n * E8 })])], now);
      const [, one, , two, oneAgain] = await caller.run(
        await caller.prove([early], FEE),
        await caller.tick(0n),
        await caller.prove([late], FEE),
        await caller.tick(1n),
        await caller.tick(0n),
      );
      expect(caller.tickOf(one)).to.deep.equal(caller.tickOf(oneAgain));
      expect(caller.tickOf(one).minPublishTime).to.equal(now - 9n);
      expect(caller.tickOf(two).minPublishTime).to.equal(now);
      expect(caller.tickOf(two).price).to.equal(px("61000"));
    });

    it("O02: forgets every tick with the transaction", async () => {
      const { caller, aggregator, probe, publisher, now } = await load();
      const proof = proofOf([publisher.update([tickAt(now)])], now);
      await probe.run([await caller.prove([proof], FEE)], { value: FEE });
      expect(await aggregator.tick(probe, 0n)).to.deep.equal(NO_TICK);
    });

    it("O03: refuses empty update data", async () => {
      const { caller, aggregator, now } = await load();
      await expect(caller.run(await caller.prove([proofOf([], now)], FEE))).to.be.revertedWithCustomError(
        aggregator,
        "PriceAggregator_NoUpdateData",
      );
    });

    it("O03: refuses data that is asked about no asset", async () => {
      const { caller, aggregator, publisher, now } = await load();
      const proof = proofOf([publisher.update([tickAt(now)])], now, { assetIds: [] });
      await expect(caller.run(await caller.prove([proof], FEE))).to.be.revertedWithCustomError(
        aggregator,
        "PriceAggregator_NoAssets",
      );
    });

    it("O03: refuses data of another feed, and two assets of one feed", async () => {
      const { caller, asGovernor, pyth, publisher, now } = await load();
      const other = proofOf([publisher.update([tickAt(now, { feedId: ETH_ID })])], now);
      await expect(caller.run(await caller.prove([other], FEE))).to.be.revertedWithCustomError(
        pyth,
        "PriceFeedNotFoundWithinRange",
      );
      await asGovernor.configureAsset(4n, { pythId: BTC_ID, quorum: 1n, maxSpreadPips: 1n });
      const twice = proofOf([publisher.update([tickAt(now)])], now, { assetIds: [BTC, 4n] });
      await expect(caller.run(await caller.prove([twice], FEE))).to.be.revertedWithCustomError(
        pyth,
        "PriceFeedNotFoundWithinRange",
      );
    });

    it("O03: never reads a price stored in Pyth", async () => {
      const { caller, aggregator, pyth, publisher, now } = await load();
      await pyth.updatePriceFeeds([publisher.update([tickAt(now)])], { value: FEE });
      const [quote] = await caller.run(await caller.quote(0n, USDT));
      expect(caller.quoteOf(quote).tick).to.deep.equal(NO_TICK);
      expect(caller.rangeOf((await caller.run(await caller.range(BTC)))[0]).isValid).to.equal(false);
      await expect(caller.run(await caller.prove([proofOf([], now)], 0n))).to.be.revertedWithCustomError(
        aggregator,
        "PriceAggregator_NoUpdateData",
      );
    });

    it("O04: refuses a tick before the bound, and one after this block", async () => {
      const { caller, pyth, publisher, now } = await load();
      for (const publishTime of [now - 11n, now + 1n, now + 60n]) {
        for (const isUnique of [true, false]) {
          const proof = proofOf([publisher.update([tickAt(publishTime)])], now - 10n, { isUnique });
          await expect(caller.run(await caller.prove([proof], FEE))).to.be.revertedWithCustomError(
            pyth,
            "PriceFeedNotFoundWithinRange",
          );
        }
      }
    });

    it("O04: proves ticks in any order of time without either replacing the other", async () => {
      const { caller, publisher, now } = await load();
      const late = proofOf([publisher.update([tickAt(now)])], now);
      const early = proofOf([publisher.update([tickAt(now - 50n)])], now - 50n);
      const [, first, second] = await caller.run(
        await caller.prove([late, early], 2n * FEE),
        await caller.tick(0n),
        await caller.tick(1n),
      );
      expect(caller.tickOf(first).publishTime).to.equal(now);
      expect(caller.tickOf(second).publishTime).to.equal(now - 50n);
    });

    it("O22: refuses a bound in the future instead of underflowing", async () => {
      const { caller, aggregator, publisher, now } = await load();
      const proof = proofOf([publisher.update([tickAt(now)])], now + 1n);
      await expect(caller.run(await caller.prove([proof], FEE)))
        .to.be.revertedWithCustomError(aggregator, "PriceAggregator_MinPublishTimeInFuture")
        .withArgs(now + 1n, now);
    });

    it("O27: refuses a wrong signer, another network's signer and every changed field", async () => {
      const { caller, publisher, pyth, now } = await load();
      const genuine = publisher.update([tickAt(now)]);
      const attempts = [
        [publisher.wrongSignerUpdate([tickAt(now)]), "InvalidWormholeVaa"],
        [publisher.tamperedMessageUpdate([tickAt(now)], 61_000n * E8), "InvalidUpdateData"],
        [publisher.tamperedProofUpdate([tickAt(now)]), "InvalidUpdateData"],
        [publisher.update([tickAt(now)], { emitterChain: 1 }), "InvalidUpdateDataSource"],
        [publisher.update([tickAt(now)], { emitter: ethers.ZeroHash }), "InvalidUpdateDataSource"],
        [
          publisher.update([tickAt(now)], { guardianSetIndex: publisher.network.guardianSetIndex + 1 }),
          "InvalidWormholeVaa",
        ],
      ];
      // Feed id, price, confidence, exponent, publish time, previous publish time.
      const message = ethers.dataLength(genuine) - MESSAGE_OFFSET_FROM_END;
      for (const field of [1, 33 + 7, 41 + 7, 49 + 3, 53 + 7, 61 + 7])
        attempts.push([flipByte(genuine, message + field), "InvalidUpdateData"]);
      await caller.run(await caller.prove([proofOf([genuine], now - 1n, { isUnique: false })], FEE));
      for (const [attempt, error] of attempts) {
        const proof = proofOf([attempt], now - 1n, { isUnique: false });
        await expect(caller.run(await caller.prove([proof], FEE)))
          .to.be.revertedWithCustomError(pyth, error)
          .withArgs();
      }
    });

    it("refuses assets that are not listed or have no Pyth feed", async () => {
      const { caller, aggregator, publisher, now } = await load();
      const data = [publisher.update([tickAt(now)])];
      await expect(caller.run(await caller.prove([proofOf(data, now, { assetIds: [UNLISTED] })], FEE)))
        .to.be.revertedWithCustomError(aggregator, "PriceAggregator_AssetNotListed")
        .withArgs(UNLISTED);
      await expect(caller.run(await caller.prove([proofOf(data, now, { assetIds: [USDT] })], FEE)))
        .to.be.revertedWithCustomError(aggregator, "PriceAggregator_AssetWithoutPyth")
        .withArgs(USDT);
    });

    it("refuses prices that are zero, negative or out of range", async () => {
      const { caller, aggregator, publisher, now } = await load();
      for (const [price, expo] of [
        [0n, -8],
        [-1n, -8],
        [1n, -11],
        [2n ** 63n - 1n, -8],
      ] as const) {
        const proof = proofOf([publisher.update([tickAt(now, { price, expo })])], now);
        await expect(caller.run(await caller.prove([proof], FEE)))
          .to.be.revertedWithCustomError(aggregator, "PriceAggregator_PriceOutOfRange")
          .withArgs(BTC, price, expo);
      }
    });

    it("reverts the whole call for one bad proof", async () => {
      const { caller, pyth, publisher, now } = await load();
      const good = proofOf([publisher.update([tickAt(now)])], now);
      const bad = proofOf([publisher.wrongSignerUpdate([tickAt(now)])], now);
      await expect(caller.run(await caller.prove([good, bad], 2n * FEE))).to.be.revertedWithCustomError(
        pyth,
        "InvalidWormholeVaa",
      );
    });

    it("does not take a wrong contract's answers for Pyth's", async () => {
      const { caller, aggregator, asGovernor, now } = await load();
      for (const [feedId, publishTime] of [
        [ETH_ID, now],
        [BTC_ID, now - 1n],
        [BTC_ID, now + 60n],
      ] as const) {
        const gullible = await ethers.deployContract("GulliblePyth");
        const price = { price: 1n, conf: 0n, expo: 0n, publishTime };
        await gullible.push({ id: feedId, price, emaPrice: price });
        await asGovernor.setPyth(gullible);
        await expect(caller.run(await caller.prove([proofOf(["0x00"], now)], 0n)))
          .to.be.revertedWithCustomError(aggregator, "PriceAggregator_UnexpectedTick")
          .withArgs(BTC, feedId, publishTime);
      }
    });

    it("takes no answer of another shape for Pyth's", async () => {
      const { caller, aggregator, asGovernor, now } = await load();
      const price = { price: 1n, conf: 0n, expo: 0n, publishTime: now };
      const gullible = await ethers.deployContract("GulliblePyth");
      await asGovernor.setPyth(gullible);
      const prove = await caller.prove([proofOf(["0x00"], now)], 0n);
      await expect(caller.run(prove))
        .to.be.revertedWithCustomError(aggregator, "PriceAggregator_MalformedAnswer")
        .withArgs(64n);
      for (let i = 0; i < 2; i++) await gullible.push({ id: BTC_ID, price, emaPrice: price });
      await expect(caller.run(prove))
        .to.be.revertedWithCustomError(aggregator, "PriceAggregator_MalformedAnswer")
        .withArgs(64n + 2n * 288n);
      await asGovernor.setPyth(await ethers.deployContract("RawFeed", [8n]));
      await expect(caller.run(prove)).to.be.revertedWithoutReason();
    });

    it("does not let a tick published at 0 pass for a tick", async () => {
      const { caller, aggregator, publisher } = await load();
      const update = publisher.update([tickAt(0n, { prevPublishTime: 0n })]);
      const proof = proofOf([update], 0n, { isUnique: false });
      await expect(caller.run(await caller.prove([proof], FEE)))
        .to.be.revertedWithCustomError(aggregator, "PriceAggregator_UnexpectedTick")
        .withArgs(BTC, BTC_ID, 0n);
    });
  });

  describe("prove: calldata", () => {
    async function loadTwo() {
      const context = await load();
      const { aggregator, publisher, now } = context;
      const selector = aggregator.interface.getFunction("prove").selector;
      const [other, wanted] = [publisher.update([tickAt(now, { feedId: ETH_ID })]), publisher.update([tickAt(now)])];
      const prove = async (offsets: bigint[], tail: string) => ({
        target: await aggregator.getAddress(),
        value: BigInt(offsets.length) * FEE,
        data: ethers.concat([selector, proveArguments(now, offsets, tail)]),
      });
      return { ...context, other, wanted, prove };
    }

    it("finds the updates wherever a valid encoding has them", async () => {
      const { caller, prove, other, wanted } = await loadTwo();
      const [first, second] = [padded(other), padded(wanted)];
      const sizeOf = (data: string): bigint => BigInt(ethers.dataLength(data));
      const inOrder = await prove([0x40n, 0x40n + sizeOf(first)], ethers.concat([first, second]));
      const reversed = await prove([0x40n + sizeOf(second), 0x40n], ethers.concat([second, first]));
      const gap = ethers.hexlify(ethers.randomBytes(96));
      const apart = await prove([0xa0n, 0xa0n + sizeOf(first) + 0x60n], ethers.concat([gap, first, gap, second, gap]));
      const shared = await prove([0x40n, 0x40n], second);
      for (const call of [inOrder, reversed, apart, shared]) {
        const [, tick] = await caller.run(call, await caller.tick(0n));
        expect(caller.tickOf(tick).price).to.equal(px("60000"));
      }
    });

    it("refuses an update that lies before the array or beyond the calldata", async () => {
      const { caller, prove, pyth, wanted } = await loadTwo();
      const tail = padded(wanted);
      await caller.run(await prove([0x20n], tail));
      // The word before the number of updates, which is 1, would be a length; the word of the number too.
      for (const offset of [-0x40n, 0x40n, 2n ** 64n, 2n ** 255n - 1n]) {
        const refused = expect(caller.run(await prove([offset], tail)), offset.toString()).to.be;
        await refused.revertedWithoutReason();
      }
      // Within bounds, and no update: Pyth refuses it.
      await expect(caller.run(await prove([-0x20n], tail))).to.be.revertedWithCustomError(pyth, "InvalidUpdateData");
    });
  });

  describe("prove: fee", () => {
    it("pays Pyth its fee and returns the excess once", async () => {
      const { caller, aggregator, probe, pyth, publisher, now } = await load();
      const proofs = [now, now - 5n].map((second) => proofOf([publisher.update([tickAt(second)])], second));
      expect(await aggregator.updateFee(proofs)).to.equal(2n * FEE);
      const call = await caller.prove(proofs, 100n);
      await expect(probe.run([call], { value: 100n })).to.changeEtherBalances(
        [pyth, probe, aggregator],
        [2n * FEE, 100n - 2n * FEE, 0n],
      );
    });

    it("calls nobody when there is no excess", async () => {
      const { caller, probe, publisher, now } = await load();
      await probe.setRefusing(true);
      const proof = proofOf([publisher.update([tickAt(now)])], now);
      await expect(probe.run([await caller.prove([proof], FEE)], { value: FEE })).to.changeEtherBalance(probe, 0n);
    });

    it("asks Pyth for the fee each time", async () => {
      const { caller, pyth, publisher, now } = await load();
      await pyth.setUpdateFee(11n);
      const proof = proofOf([publisher.update([tickAt(now)])], now);
      await caller.run(await caller.prove([proof], 11n));
    });

    it("refuses less than the fees of all proofs so far", async () => {
      const { caller, aggregator, publisher, now } = await load();
      const proofs = [now, now - 5n].map((second) => proofOf([publisher.update([tickAt(second)])], second));
      await expect(caller.run(await caller.prove(proofs, 2n * FEE - 1n)))
        .to.be.revertedWithCustomError(aggregator, "PriceAggregator_UpdateFeeNotPaid")
        .withArgs(2n * FEE - 1n, 2n * FEE);
    });

    it("never pays out of what was left in the contract", async () => {
      const { caller, aggregator, publisher, now } = await load();
      await ethers.provider.send("hardhat_setBalance", [await aggregator.getAddress(), "0x3e8"]);
      const proof = proofOf([publisher.update([tickAt(now)])], now);
      await expect(caller.run(await caller.prove([proof], 0n)))
        .to.be.revertedWithCustomError(aggregator, "PriceAggregator_UpdateFeeNotPaid")
        .withArgs(0n, FEE);
    });

    it("reverts when the caller refuses its excess", async () => {
      const { caller, aggregator, probe, publisher, now } = await load();
      await probe.setRefusing(true);
      const proof = proofOf([publisher.update([tickAt(now)])], now);
      await expect(caller.run(await caller.prove([proof], FEE + 1n)))
        .to.be.revertedWithCustomError(aggregator, "PriceAggregator_RefundRefused")
        .withArgs(await probe.getAddress(), 1n);
    });

    it("can't be re-entered by whom it pays", async () => {
      const { caller, aggregator, probe, publisher, now } = await load();
      await probe.setOnReceive(await caller.prove([], 0n));
      const proof = proofOf([publisher.update([tickAt(now)])], now);
      await expect(caller.run(await caller.prove([proof], FEE + 1n)))
        .to.be.revertedWithCustomError(aggregator, "PriceAggregator_RefundRefused")
        .withArgs(await probe.getAddress(), 1n);
    });
  });

  describe("tick", () => {
    it("shows no prover the ticks of another", async () => {
      const { caller, aggregator, publisher, probe, stranger, now } = await load();
      const otherProbe = await ethers.deployContract("OracleProbe");
      const other = new Caller(aggregator, otherProbe);
      const mine = proofOf([publisher.update([tickAt(now - 5n)])], now - 5n);
      const theirs = proofOf([publisher.update([tickAt(now - 1n, { price: 1n })])], now - 1n);
      const theirCall = await other.prove([theirs], FEE);
      const nested = otherProbe.interface.encodeFunctionData("run", [[theirCall]]);
      const results = await caller.run(
        await caller.prove([mine], FEE),
        { target: await otherProbe.getAddress(), value: FEE, data: nested },
        await caller.tick(0n, probe),
        await caller.tick(0n, otherProbe),
        await caller.tick(1n, otherProbe),
        await caller.tick(0n, stranger.address),
      );
      const ticks = results.slice(2).map((result) => caller.tickOf(result));
      expect(ticks[0].price).to.equal(px("60000"));
      expect(ticks[1].price).to.equal(100n);
      expect(ticks[2]).to.deep.equal(NO_TICK);
      expect(ticks[3]).to.deep.equal(NO_TICK);
    });

    it("has none beyond 64 bits of index, where other kinds of words are kept", async () => {
      const { caller, publisher, now } = await load();
      const proof = proofOf([publisher.update([tickAt(now)])], now);
      const indices = [1n << 64n, 1n << 88n, 3n << 88n, 2n ** 256n - 1n];
      const results = await caller.run(
        await caller.prove([proof], FEE),
        ...(await Promise.all(indices.map((index) => caller.tick(index)))),
      );
      for (const result of results.slice(1)) expect(caller.tickOf(result)).to.deep.equal(NO_TICK);
    });
  });
});
