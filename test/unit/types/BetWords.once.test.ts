import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import fc from "fast-check";
import { ethers } from "hardhat";

const bits = (width: number) => fc.bigInt({ min: 0n, max: 2n ** BigInt(width) - 1n });
const NUM_RUNS = 40;

async function deploy() {
  return ethers.deployContract("BetWordsHarness");
}

describe("BetWords", () => {
  it("packs a bet as the compiler does, and unpacks it", async () => {
    const harness = await loadFixture(deploy);
    const bet = fc.tuple(
      bits(160).map((value) => ethers.getAddress(ethers.toBeHex(value, 20))),
      ...[bits(16), bits(8), bits(8), bits(32), bits(32), bits(80), bits(80), bits(64), bits(24)],
    );
    const largest = [ethers.getAddress(`0x${"ff".repeat(20)}`), ...[16, 8, 8, 32, 32, 80, 80, 64, 24]].map((value) =>
      typeof value === "number" ? 2n ** BigInt(value) - 1n : value,
    );
    await fc.assert(
      fc.asyncProperty(bet, async (fields) => {
        const [owner, marketId, tokenId, state, time, periodSeconds, stake, executionFee, strike, payoutPips] = fields;
        const given = { owner, marketId, tokenId, state, time, periodSeconds };
        const [unpacked, slots] = await harness.store.staticCall({
          ...given,
          ...{ stake, executionFee, strike, payoutPips },
        });
        expect([...unpacked]).to.deep.equal(fields);
        expect([slots[0], slots[1]]).to.deep.equal([slots[2], slots[3]]);
      }),
      { numRuns: NUM_RUNS, examples: [[largest as never]] },
    );
  });

  it("switches markets and tokens without touching each other or the next id", async () => {
    const harness = await loadFixture(deploy);
    const word = fc.tuple(bits(63), bits(192)).map(([id, switches]) => id | (switches << 64n));
    const number = (below: number) => fc.integer({ min: 0, max: below - 1 });
    await fc.assert(
      fc.asyncProperty(word, number(96), number(32), fc.boolean(), async (before, marketId, tokenId, isTaken) => {
        const [after, nextId, market, token] = await harness.desk(before, marketId, tokenId, isTaken);
        expect([nextId, market, token]).to.deep.equal([(before & (2n ** 64n - 1n)) + 1n, isTaken, isTaken]);
        const touched = (1n << BigInt(64 + marketId)) | (1n << BigInt(160 + tokenId));
        expect((after ^ (before + 1n)) & ~touched).to.equal(0n);
      }),
      { numRuns: NUM_RUNS },
    );
    expect(await harness.takes(2n ** 256n - 1n, 31)).to.deep.equal([true, true]);
    expect(await harness.takes(2n ** 256n - 1n, 32)).to.deep.equal([true, false]);
    expect(await harness.takes(2n ** 256n - 1n, 96)).to.deep.equal([false, false]);
  });

  it("keeps the open stakes of both directions apart, and what stays when the terms change", async () => {
    const harness = await loadFixture(deploy);
    await fc.assert(
      fc.asyncProperty(
        ...([bits(24), bits(8), bits(96), bits(96), bits(80), fc.boolean()] as const),
        async (payoutPips, tokenId, up, down, stake, isUp) => {
          const word = payoutPips | (tokenId << 24n) | (up << 32n) | (down << 144n);
          expect(await harness.fieldsOf(word)).to.deep.equal([payoutPips, tokenId, up, down]);
          const added = await harness.plusStake(word, isUp, stake);
          const expected = isUp ? [up + stake, down] : [up, down + stake];
          expect(await harness.fieldsOf(added)).to.deep.equal([payoutPips, tokenId, ...expected]);
          expect(await harness.minusStake(added, isUp, stake)).to.equal(word);
          const changed = await harness.withTerms(added, 1, 2);
          expect(await harness.fieldsOf(changed)).to.deep.equal([1n, 2n, ...expected]);
          await expect(harness.minusStake(word, isUp, (isUp ? up : down) + 1n)).to.be.revertedWithPanic(0x11);
        },
      ),
      { numRuns: NUM_RUNS },
    );
  });

  it("returns a period's configuration as it was given", async () => {
    const harness = await loadFixture(deploy);
    await fc.assert(
      fc.asyncProperty(bits(24), bits(80), bits(80), bits(96), async (payoutPips, minStake, maxStake, maxOpenStake) => {
        const config = { payoutPips: 0n, minStake, maxStake, maxOpenStake };
        expect(await harness.roundTrip(payoutPips, config)).to.deep.equal([
          payoutPips,
          minStake,
          maxStake,
          maxOpenStake,
        ]);
      }),
      { numRuns: NUM_RUNS },
    );
  });
});
