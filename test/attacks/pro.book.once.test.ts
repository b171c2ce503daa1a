import { loadFixture, takeSnapshot, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { itMeasuresGas } from "../dsl/instrumented";
import { ORDER_TYPE, REASON, STOP_CAUSE, ask, bid, cancel, lower, orderIdOf, refresh } from "../dsl/proActions";
import type { ProContext } from "../unit/pro/proFixture";
import { ALICE, BOB, CAROL, PRICE, USD, act, deployFunded, setPrices } from "../unit/pro/proFixture";

const IOC = { type: ORDER_TYPE.immediateOrCancel };
const INDEX = 100_000n;

/** A basis of 11 bp for a minute, and then an empty book. */
async function deployWithBasis() {
  const context = await deployFunded();
  const { carol } = context;
  await act(context, carol, [bid(100_100n, 100n), ask(100_120n, 100n)]);
  await time.increase(60);
  await setPrices(context, INDEX, 4_000n);
  await act(context, carol, [cancel(orderIdOf(CAROL, 0n, 1n)), cancel(orderIdOf(CAROL, 1n, 1n))]);
  return context;
}

/** The second of the three prices that the mark is the median of: the index with the average basis. */
async function second({ pro, reader }: ProContext): Promise<bigint> {
  const { basisEmaX18 } = await reader.market(pro, 0);
  return INDEX * PRICE + (INDEX * PRICE * basisEmaX18) / USD;
}

/** An index of a second that the test chooses; the blocks that set it touch no market. */
async function refreshAt({ oracle, pro, alice }: ProContext, at: bigint): Promise<void> {
  await oracle.setPrice(1, INDEX * PRICE, at);
  await time.setNextBlockTimestamp(at);
  const proof = { assetIds: [1n], minPublishTime: 0n, isUnique: false, updateData: ["0x01"] };
  await pro.connect(alice).act(ALICE, [proof], [refresh(0n)]);
}

describe("attacks on Pro: the book", () => {
  it("R02: two owners who trade with each other, at whatever price, leave the mark between index and mean basis", async () => {
    const context = await loadFixture(deployWithBasis);
    const { pro, reader, alice, bob } = context;
    expect(await second(context)).to.be.greaterThan(INDEX * PRICE);
    const before = await takeSnapshot();
    await act(context, alice, [bid(101_800n, 100n), ask(101_900n, 200n)]);
    await act(context, bob, [bid(101_900n, 100n, IOC)]);
    let market = await reader.market(pro, 0);
    expect([market.last, market.deep[2]]).to.deep.equal([101_900n, 101_800n]);
    expect(market.mark).to.equal(await second(context));

    await before.restore();
    await act(context, bob, [ask(98_200n, 100n), bid(98_100n, 200n)]);
    await act(context, alice, [ask(98_100n, 100n, IOC)]);
    market = await reader.market(pro, 0);
    expect([market.last, market.deep[3]]).to.deep.equal([98_100n, 98_200n]);
    expect(market.mark).to.equal(INDEX * PRICE);
  });

  it("R04: a book touched six times in twelve seconds is averaged as one touched once", async () => {
    const context = await loadFixture(deployFunded);
    const { pro, reader, bob, carol } = context;
    await setPrices(context, INDEX, 4_000n);
    await act(context, carol, [bid(100_100n, 100n), ask(100_120n, 100n)]);
    const { touchedAt } = await reader.market(pro, 0);
    const before = await takeSnapshot();
    await refreshAt(context, touchedAt + 12n);
    const once = await reader.market(pro, 0);
    await before.restore();
    for (const seconds of [2n, 4n, 6n, 8n]) {
      await time.setNextBlockTimestamp(touchedAt + seconds);
      await pro.connect(bob).act(BOB, [], [ask(101_500n, 3n)]);
    }
    await refreshAt(context, touchedAt + 12n);
    const often = await reader.market(pro, 0);
    expect(often.premiumSumX18).to.equal(once.premiumSumX18);
    expect(once.basisEmaX18).to.be.greaterThan(0n);
    // Each touch rounds down once.
    expect(once.basisEmaX18 - often.basisEmaX18).to.be.within(0n, 5n);
  });

  itMeasuresGas("R08: dust at the best price costs its owner margin, and a taker no more than he allows", async () => {
    const context = await loadFixture(deployFunded);
    const { pro, alice, bob } = context;
    await expect(pro.connect(bob).act(BOB, [], [ask(100_000n, 2n)]))
      .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
      .withArgs(REASON.RestTooSmall, 200n * USD, 250n * USD);
    const dust = Array.from({ length: 32 }, () => ask(100_000n, 3n));
    await act(context, bob, dust);
    await expect(pro.connect(bob).act(BOB, [], [ask(100_000n, 3n)]))
      .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
      .withArgs(REASON.SlotsFull, 0, 0);
    const taking = (maxFills: bigint) => act(context, alice, [bid(100_000n, 96n, { ...IOC, maxFills })]);
    const first = await taking(1n);
    const { results, transaction } = await taking(6n);
    expect(results[0]).to.include({ filled: 18n, cause: STOP_CAUSE.maxFills });
    const gasOf = async (sent: typeof transaction) => (await sent.wait())?.gasUsed ?? 0n;
    expect((await gasOf(transaction)) - (await gasOf(first.transaction))).to.be.lessThan(5n * 30_000n);
  });

  it("R11: only a smaller size keeps an order's place, and steps and least size hold for it too", async () => {
    const context = await loadFixture(deployFunded);
    const { pro, reader, alice, bob } = context;
    await act(context, alice, [ask(100_010n, 10n)]);
    await act(context, bob, [ask(100_010n, 10n)]);
    const id = orderIdOf(ALICE, 0n, 1n);
    const head = async () => (await reader.level(pro, 0, false, 100_010n)).head;
    for (const [lots, reason, value, bound] of [
      [10n, REASON.SizeNotLower, 10n, 10n],
      [11n, REASON.SizeNotLower, 11n, 10n],
      [2n, REASON.RestTooSmall, (2n * 100_010n * USD) / 1_000n, 250n * USD],
      [0n, REASON.RestTooSmall, 0n, 250n * USD],
    ] as const) {
      await expect(pro.connect(alice).act(ALICE, [], [lower(id, lots)]))
        .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
        .withArgs(reason, value, bound);
    }
    await act(context, alice, [lower(id, 8n)]);
    expect(await head()).to.equal(id & ((1n << 48n) - 1n));
    // A new size or price is a new order, in one call too.
    await act(context, alice, [cancel(id), ask(100_010n, 10n)]);
    expect(await head()).to.equal(BOB << 8n);
  });

  it("R62: orders that expire now, reduce nothing, or lie out of band are no top of the book", async () => {
    const context = await loadFixture(deployFunded);
    const { pro, reader, alice, bob } = context;
    await act(context, bob, [bid(99_900n, 100n), ask(100_100n, 100n)]);
    const before = await reader.market(pro, 0);
    const now = BigInt(await time.latest()) + 2n;
    await time.setNextBlockTimestamp(now);
    await pro.connect(alice).act(ALICE, [], [bid(100_090n, 100n, { expiry: now })]);
    const { bestBid, deep, mark } = await reader.market(pro, 0);
    expect(bestBid).to.equal(100_090n);
    expect([deep, mark]).to.deep.equal([before.deep, before.mark]);
    await time.setNextBlockTimestamp(now + 1n);
    await expect(pro.connect(alice).act(ALICE, [], [bid(100_091n, 100n, { expiry: now })]))
      .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
      .withArgs(REASON.ExpiryPassed, now, now + 1n);
    await expect(pro.connect(alice).act(ALICE, [], [bid(100_091n, 100n, { isReduceOnly: true })]))
      .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
      .withArgs(REASON.NothingToReduce, 0, 0);
    // What would lie out of band takes what lies within it; its rest goes nowhere.
    const { results } = await act(context, alice, [bid(102_001n, 150n)]);
    expect(results[0]).to.include({ filled: 100n, orderId: 0n });
    await expect(pro.connect(alice).act(ALICE, [], [bid(102_001n, 150n)]))
      .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
      .withArgs(REASON.BeyondBand, 102_001n * PRICE, (await reader.market(pro, 0)).mark);
  });
});
