import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { REASON, bid } from "../../dsl/proActions";
import { ALICE, PRICE, USD, actAt } from "./proFixture";
import type { TriggerContext } from "./triggerFixture";
import { KIND, OUTCOME, deployLong, deployTriggers, executeAt, order, place, prove } from "./triggerFixture";

/** Above every tick of 24 bits that BTC's steps of a dollar reach. */
const BEYOND = 17_000_000n;

/** What the lens says of a trigger at a tick that its clock lets count. */
async function dueAt(context: TriggerContext, id: bigint, price: bigint) {
  const { lens, triggers } = context;
  const publishTime = BigInt(await time.latest()) + 10n;
  await prove(context, { price, publishTime });
  await time.increaseTo(publishTime);
  const tick = { price: price * PRICE, confidence: 0n, publishTime };
  const [due] = await lens.triggersDue(triggers, [id], [tick], [tick]);
  return due;
}

describe("ProTriggers: at its edges", () => {
  it("has nothing to sell for where the price is beyond all ticks, and says so before", async () => {
    const context = await loadFixture(deployLong);
    const [id] = await place(context, context.alice, [order({ kind: KIND.takeProfit })]);
    const { outcome, reason } = await executeAt(context, id, BEYOND);
    expect([outcome, reason]).to.deep.equal([OUTCOME.skipped, REASON.NothingFilled]);
    const due = await dueAt(context, id, BEYOND);
    expect([due.reason, due.limit, due.price]).to.deep.equal([REASON.NothingFilled, 0n, BEYOND * PRICE]);
  });

  it("ends where the book has a part only, and even that is more than the margin bears", async () => {
    const context = await loadFixture(deployTriggers);
    const { alice, bob, pro, triggers } = context;
    // 25 BTC at 20x take 123,750 of a cash of 100,000.
    const [id] = await place(context, alice, [order({ isReduceOnly: false, lots: 30_000n })]);
    await pro.connect(bob).deposit(bob, 0, 500_000n * USD);
    await actAt(context, bob, [99_000n, 4_000n], [bid(98_990n, 15_000n), bid(98_980n, 10_000n)]);
    const { outcome, reason, transaction } = await executeAt(context, id, 99_000n);
    expect([outcome, reason]).to.deep.equal([OUTCOME.removed, REASON.MarginTooLow]);
    await expect(transaction).to.emit(triggers, "TriggerRemoved").withArgs(id, REASON.MarginTooLow);
  });

  describe("its lens", () => {
    it("tells an order that has expired, and one that may not act any more", async () => {
      const context = await loadFixture(deployLong);
      const { alice, pro, triggers } = context;
      const expiry = BigInt(await time.latest()) + 5n;
      const [expired, barred] = await place(context, alice, [order({ expiry }), order()]);
      const late = await dueAt(context, expired, 99_000n);
      expect([late.reason, late.price, late.limit]).to.deep.equal([REASON.TriggerExpired, 0n, 0n]);
      expect((await dueAt(context, barred, 99_000n)).reason).to.equal(REASON.None);
      await pro.connect(alice).setDelegate(ALICE, triggers, 0, 0);
      expect((await dueAt(context, barred, 99_000n)).reason).to.equal(REASON.NotAllowed);
    });

    it("wants an earlier tick for each", async () => {
      const { lens, triggers } = await loadFixture(deployTriggers);
      const tick = { price: 1n, confidence: 0n, publishTime: 1n };
      await expect(lens.triggersDue(triggers, [1], [tick], []))
        .to.be.revertedWithCustomError(lens, "ProTriggersLens_LengthsDiffer")
        .withArgs(1, 1, 0);
    });
  });
});
