import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import type { Result } from "ethers";
import { ethers } from "hardhat";

/** The largest value of so many bits: a field that is cut too wide or too narrow shows. */
const max = (bits: bigint): bigint => (1n << bits) - 1n;

const OWNER = "0x1234567890AbcdEF1234567890aBcdef12345678";

const POSITION = {
  owner: OWNER,
  bookId: 0xb00cn,
  tokenId: 0x7en,
  state: 0x5an,
  openedAt: 0x11223344n,
  stopLossSetAt: 0x55667788n,
  margin: 0x0102030405060708090a0b0cn,
  size: 0x1112131415161718191a1b1cn,
  entry: 0x2122232425262728n,
  takeProfit: 0x3132333435363738n,
  stopLoss: 0x4142434445464748n,
  carryIndex: -0x515253545556575859n,
  leverage: 0x6162n,
  termsId: 0x71n,
  takeProfitSetAt: 0x81828384n,
};

const ORDER = {
  owner: OWNER,
  bookId: 0xb00cn,
  tokenId: 0x7en,
  state: 0x5an,
  requestedAt: 0x11223344n,
  expiry: 0x55667788n,
  amount: 0x0102030405060708090a0b0cn,
  price: 0x2122232425262728n,
  broker: 0x31323334n,
  cancelledAt: 0n,
  takeProfit: 0x4142434445464748n,
  stopLoss: 0x5152535455565758n,
  leverage: 0x6162n,
};

const CLOSE = {
  boundOrArmer: BigInt(OWNER),
  target: 0x11223344n,
  expiry: 0x55667788n,
  former: 0x99aabbn,
  kind: 3n,
};
const TOKEN = { token: OWNER, assetId: 0x1122n, tokenId: 0x33n, decimals: 0x44n, isEnabled: true };

const CONFIG = {
  assetId: 0x0102n,
  status: 2n,
  maxLeverage: 0x0304n,
  tierCount: 5n,
  slippageModel: 1n,
  slippagePips: 0x060708n,
  alpSharePips: 0x090a0bn,
  borrowPipsPerHour: 0x0c0dn,
  fundingPipsPerHour: 0x0e0fn,
  minFundingPipsPerHour: 0x1011n,
  maxFundingPipsPerHour: 0x1213n,
  lossBudgetUsd: 0x14151617n,
  onePercentDepthUsd: 0x18191a1b1c1dn,
  leastLossRatePercent: 0x1en,
};

const OPEN_CONFIG = {
  openFeePips: 0x010203n,
  maxOpenInterestUsd: 0x0405060708n,
  minNotionalUsd: 0x090a0b0cn,
  minMarginUsd: 0x0d0en,
  maxConfidencePips: 0x0f1011n,
  maxDeviationPips: 0x121314n,
  minAnchors: 0x15n,
  reduceOnlyUntil: 0x161718191an,
};

const TERMS = {
  liquidationLossRatePips: 0x010203n,
  profitCapPips: 0x040506n,
  closeFeePips: 0x070809n,
  profitSharePips: 0x0a0b0cn,
  maxExitSlippagePips: 0x151617n,
};

const TIER = { maxLeverage: 0x0d0en, maxNotionalUsd: 0x0f10111213n, termsId: 0x14n, terms: TERMS };
const STATE = {
  longIndex: -0x0102030405060708n,
  shortIndex: 0x090a0b0c0d0e0fn,
  accruedAt: 0x10111213n,
  lossNano: -0x212223242526272829n,
};
const SIDE = { size: 0x0102n, notional: 0x0304n, marginNano: 0x0506n, carryAtEntry: -0x0708n, capNano: 0x090an };

describe("The word types of trades and books", () => {
  async function deploy() {
    return { harness: await ethers.deployContract("TradeWordsHarness") };
  }

  function fields(result: unknown): unknown {
    return (result as Result).toObject(true);
  }

  it("reads a position where the compiler wrote it, and writes it where the compiler reads it", async () => {
    const { harness } = await loadFixture(deploy);
    expect(fields(await harness.readPosition.staticCall(POSITION))).to.deep.equal(POSITION);
    expect(fields(await harness.writePosition.staticCall(POSITION))).to.deep.equal(POSITION);
    const extreme = { ...POSITION, carryIndex: -(1n << 71n), size: max(96n), entry: max(64n), margin: max(96n) };
    expect(fields(await harness.readPosition.staticCall(extreme))).to.deep.equal(extreme);
    expect(fields(await harness.writePosition.staticCall(extreme))).to.deep.equal(extreme);
  });

  it("clears all of a position", async () => {
    const { harness } = await loadFixture(deploy);
    const cleared = fields(await harness.clearPosition.staticCall(POSITION)) as Record<string, unknown>;
    const { owner, ...rest } = cleared;
    expect(owner).to.equal(ethers.ZeroAddress);
    expect(Object.values(rest).every((value) => value === 0n)).to.equal(true);
  });

  it("reads an order where the compiler wrote it, and writes it where the compiler reads it", async () => {
    const { harness } = await loadFixture(deploy);
    const cancelled = { ...ORDER, cancelledAt: 0x35363738n };
    expect(fields(await harness.readOrder.staticCall(cancelled))).to.deep.equal(cancelled);
    expect(fields(await harness.writeOrder.staticCall(ORDER))).to.deep.equal(ORDER);
  });

  it("reads and writes a close", async () => {
    const { harness } = await loadFixture(deploy);
    expect(fields(await harness.readClose.staticCall(CLOSE))).to.deep.equal(CLOSE);
    expect(fields(await harness.writeClose.staticCall(CLOSE))).to.deep.equal(CLOSE);
  });

  it("reads a margin token and both configurations of a book", async () => {
    const { harness } = await loadFixture(deploy);
    expect(fields(await harness.readToken.staticCall(TOKEN))).to.deep.equal(TOKEN);
    expect(fields(await harness.readConfig.staticCall(CONFIG))).to.deep.equal(CONFIG);
    expect(fields(await harness.readOpenConfig.staticCall(OPEN_CONFIG))).to.deep.equal(OPEN_CONFIG);
  });

  it("finds the tier of every leverage beside the configuration, which it leaves alone", async () => {
    const { harness } = await loadFixture(deploy);
    for (const limits of [[1n], [1001n], [10n, 500n], [1n, 2n, 3n], [10n, 50n, 500n], [10n, 11n, 500n, 1001n]]) {
      const tiers = limits.map((maxLeverage) => ({ ...TIER, maxLeverage }));
      const leverages = Array.from({ length: Number(limits[limits.length - 1]) }, (_, index) => BigInt(index + 1));
      const found = await harness.tiersOf(OPEN_CONFIG, tiers, leverages);
      expect(fields(found.config)).to.deep.equal(OPEN_CONFIG);
      const expected = leverages.map((leverage) => BigInt(limits.findIndex((limit) => leverage <= limit)));
      expect([...found.tierIndices]).to.deep.equal(expected);
    }
  });

  it("reads terms, and packs a tier with its terms", async () => {
    const { harness } = await loadFixture(deploy);
    for (const id of [0n, 255n]) {
      expect(fields(await harness.readTerms.staticCall(TERMS, id))).to.deep.equal(TERMS);
    }
    expect(fields(await harness.packTier(TIER))).to.deep.equal(TIER);
  });

  it("reads and writes the running numbers of a book", async () => {
    const { harness } = await loadFixture(deploy);
    expect(fields(await harness.writeState.staticCall(STATE))).to.deep.equal(STATE);
    const lost = { ...STATE, lossNano: (1n << 71n) - 1n };
    expect(fields(await harness.writeState.staticCall(lost))).to.deep.equal(lost);
    const read = fields(await harness.readState.staticCall(STATE)) as typeof STATE;
    expect({ ...read, accruedAt: STATE.accruedAt }).to.deep.equal(STATE);
  });

  it("reads, adds to and takes from the sums of a side", async () => {
    const { harness } = await loadFixture(deploy);
    expect([...(await harness.readSide.staticCall(SIDE))]).to.deep.equal([SIDE.size, SIDE.notional, SIDE.marginNano]);
    const part = { size: 1n, notional: 2n, marginNano: 3n, carryAtEntry: -4n, capNano: 5n };
    const { added, left } = await harness.addAndSub.staticCall(SIDE, part);
    expect(fields(added)).to.deep.equal({
      size: SIDE.size + 1n,
      notional: SIDE.notional + 2n,
      marginNano: SIDE.marginNano + 3n,
      carryAtEntry: SIDE.carryAtEntry - 4n,
      capNano: SIDE.capNano + 5n,
    });
    expect(fields(left)).to.deep.equal(SIDE);
  });

  it("refuses sums that would run into the next field", async () => {
    const { harness } = await loadFixture(deploy);
    const part = { size: 1n, notional: 0n, marginNano: 0n, carryAtEntry: 0n, capNano: 0n };
    const full = { ...SIDE, size: max(96n) };
    await expect(harness.addAndSub.staticCall(full, part)).to.be.revertedWithPanic(0x11);
    const fullMargin = { ...SIDE, marginNano: max(64n) };
    await expect(
      harness.addAndSub.staticCall(fullMargin, { ...part, size: 0n, marginNano: 1n }),
    ).to.be.revertedWithPanic(0x11);
  });
});
