import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { AbiCoder, concat, dataLength, dataSlice, id, toBeHex } from "ethers";
import { ethers } from "hardhat";
import { BTC, BTC_ID, Caller, E8, MAX_PRICE, RULE, answerWith, deployWithFeeds, proofOf } from "./fixture";

const selectorOf = (signature: string) => dataSlice(id(signature), 0, 4);
const ASKED = {
  fee: selectorOf("getUpdateFee(bytes[])"),
  parse: selectorOf("parsePriceFeedUpdatesUnique(bytes[],bytes32[],uint64,uint64)"),
  stored: selectorOf("getPriceUnsafe(bytes32)"),
};
/** Words of an answer with one price: two of head, its id, price, confidence, exponent and time. */
const WORD = { offset: 0, count: 1, price: 3, confidence: 4, exponent: 5 } as const;

const word = (value: bigint) => toBeHex(BigInt.asUintN(256, value), 32);

function withWord(answer: string, index: number, value: bigint): string {
  return concat([dataSlice(answer, 0, 32 * index), word(value), dataSlice(answer, 32 * (index + 1))]);
}

/** A Pyth that answers bytes, at first as the real one would for a price of BTC of now. */
async function deployRaw() {
  const context = await deployWithFeeds();
  const raw = await ethers.deployContract("RawPyth");
  const pyth = await raw.getAddress();
  await context.asGovernor.setPyth(pyth);
  const price = [60_000n * E8, 30n * E8, -8n, context.now];
  const feed = "tuple(bytes32,tuple(int64,uint64,int32,uint256),tuple(int64,uint64,int32,uint256))[]";
  const answer = AbiCoder.defaultAbiCoder().encode([feed], [[[BTC_ID, price, price]]]);
  await raw.setAnswer(ASKED.fee, word(0n));
  await raw.setAnswer(ASKED.parse, answer);
  const caller = new Caller(context.aggregator, context.probe);
  const prove = async () => caller.run(await caller.prove([proofOf(["0x00"], context.now)], 0n));
  return { ...context, raw, answer, caller, prove };
}

describe("PriceAggregator: what Pyth answers", () => {
  it("is a price where it has the shape of one", async () => {
    const { prove } = await loadFixture(deployRaw);
    const [count] = await prove();
    expect(BigInt(count)).to.equal(1n);
  });

  it("is no fee where it is less than a word", async () => {
    const { aggregator, prove, raw } = await loadFixture(deployRaw);
    await raw.setAnswer(ASKED.fee, `0x${"00".repeat(31)}`);
    await expect(prove()).to.be.revertedWithCustomError(aggregator, "PriceAggregator_MalformedAnswer").withArgs(31);
  });

  for (const [name, index, value] of [
    ["begins elsewhere", WORD.offset, 0x40n],
    ["says another count than it has", WORD.count, 2n],
    ["has a price above 64 bits", WORD.price, 2n ** 63n],
    ["has a price below 64 bits", WORD.price, -(2n ** 63n) - 1n],
    ["has a confidence above 64 bits", WORD.confidence, 2n ** 64n],
    ["has an exponent above 32 bits", WORD.exponent, 2n ** 31n],
    ["has an exponent below 32 bits", WORD.exponent, -(2n ** 31n) - 1n],
  ] as const) {
    it(`is refused where it ${name}`, async () => {
      const { aggregator, answer, prove, raw } = await loadFixture(deployRaw);
      await raw.setAnswer(ASKED.parse, withWord(answer, index, value));
      await expect(prove())
        .to.be.revertedWithCustomError(aggregator, "PriceAggregator_MalformedAnswer")
        .withArgs(dataLength(answer));
    });
  }

  it("C6: stores no price where its time is none that a clock reads", async () => {
    const { aggregator, now, probe, raw } = await loadFixture(deployRaw);
    const isPaid = async (publishTime: bigint) => {
      await raw.setAnswer(ASKED.stored, concat([1n, 1n, -8n, publishTime].map(word)));
      return (await aggregator.referencePrice(probe, BTC, RULE.burn)).isValid;
    };
    expect(await isPaid(now)).to.equal(false);
    expect(await isPaid(2n ** 64n - 1n)).to.equal(false);
    expect(await isPaid(2n ** 64n)).to.equal(true);
  });
});

describe("PriceAggregator: a reference price at the end of the range", () => {
  it("is none where the spread would take its upper end beyond it", async () => {
    const { aggregator, feeds, probe } = await loadFixture(deployWithFeeds);
    const valid = async (answer: bigint) => {
      for (const feed of feeds) await answerWith(feed, { answer });
      return (await aggregator.referencePrice(probe, BTC, RULE.burn)).isValid;
    };
    // A spread of 1%, 8 decimals of 10.
    const highest = (MAX_PRICE * 100n) / 101n / 100n;
    expect(await valid(highest)).to.equal(true);
    expect(await valid(highest + 1n)).to.equal(false);
  });
});

describe("OracleMathHarness: an answer of 0", () => {
  it("is 0 whatever its decimals", async () => {
    const harness = await ethers.deployContract("OracleMathHarness");
    for (const decimals of [0n, 8n, 10n, 36n]) expect(await harness.scale(0n, decimals)).to.equal(0n);
  });
});
