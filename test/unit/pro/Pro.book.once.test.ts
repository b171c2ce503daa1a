import { loadFixture, takeSnapshot, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import * as actions from "../../dsl/proActions";
import { ORDER_TYPE, REASON, ask, bid, orderIdOf } from "../../dsl/proActions";
import { itMeasuresGas } from "../../dsl/instrumented";
import type { ProContext } from "./proFixture";
import { ALICE, BOB, USD, act, actAt, deployFunded, setPrices } from "./proFixture";

/** Stands for the time of the block. */
const NOW = Symbol("now");

/** References of a level's orders, oldest first; what the level says of them is checked on the way. */
async function queueOf({ pro, reader }: ProContext, isBid: boolean, tick: bigint): Promise<bigint[]> {
  const level = await reader.level(pro, 0, isBid, tick);
  const queue: bigint[] = [];
  let [lots, firm, ref] = [0n, 0n, level.head];
  for (let i = 0n; i < level.count; i++) {
    const order = await reader.order(pro, ref);
    queue.push(ref);
    lots += order.lots;
    if (order.expiry === 0n && !order.isReduceOnly) firm += order.lots;
    ref = order.next;
  }
  expect([level.lots, level.firm]).to.deep.equal([lots, firm]);
  if (queue.length !== 0) expect(level.tail).to.equal(queue[queue.length - 1]);
  return queue;
}

const refOf = (account: bigint, slot: bigint) => (account << 8n) | slot;

describe("Pro: the book", () => {
  it("rests orders oldest first, and knows the best price of each side", async () => {
    const context = await loadFixture(deployFunded);
    const { pro, reader, alice, bob } = context;
    const { results, transaction } = await actAt(
      context,
      alice,
      [100_000n, 4_000n],
      [bid(99_990n, 10n), bid(99_980n, 20n), bid(99_990n, 30n)],
    );
    expect(results.map(({ orderId }) => orderId)).to.deep.equal([0n, 1n, 2n].map((slot) => orderIdOf(ALICE, slot, 1n)));
    await expect(transaction)
      .to.emit(pro, "OrderRested")
      .withArgs(orderIdOf(ALICE, 1n, 1n), 99_980, 20, 0, 1);
    await act(context, bob, [bid(99_990n, 40n), ask(100_010n, 5n), ask(100_020n, 5n)]);
    expect(await queueOf(context, true, 99_990n)).to.deep.equal([refOf(ALICE, 0n), refOf(ALICE, 2n), refOf(BOB, 0n)]);
    const market = await reader.market(pro, 0);
    expect([market.bestBid, market.bestAsk]).to.deep.equal([99_990n, 100_010n]);
    const party = await reader.party(pro, 0, BOB);
    expect([party.bidLots, party.askLots, party.bidNotional, party.askNotional]).to.deep.equal([
      40n,
      10n,
      40n * 99_990n,
      5n * 100_010n + 5n * 100_020n,
    ]);
    expect(party.slots).to.equal(0b111n);
    const account = await reader.account(pro, BOB);
    expect([account.orders, account.markets]).to.deep.equal([3n, 1n]);
  });

  it("cancels the first, a middle and the last order of a level, and the level with its last", async () => {
    const context = await loadFixture(deployFunded);
    const { pro, reader, alice } = context;
    await act(
      context,
      alice,
      [10n, 20n, 30n, 40n].map((lots) => bid(99_990n, lots)),
    );
    await act(context, alice, [bid(99_000n, 10n)]);
    await act(context, alice, [actions.cancel(orderIdOf(ALICE, 1n, 1n))]);
    expect(await queueOf(context, true, 99_990n)).to.deep.equal([0n, 2n, 3n].map((slot) => refOf(ALICE, slot)));
    await act(context, alice, [actions.cancel(orderIdOf(ALICE, 0n, 1n))]);
    expect(await queueOf(context, true, 99_990n)).to.deep.equal([2n, 3n].map((slot) => refOf(ALICE, slot)));
    const { transaction } = await act(context, alice, [actions.cancel(orderIdOf(ALICE, 3n, 1n))]);
    await expect(transaction)
      .to.emit(pro, "OrderRemoved")
      .withArgs(orderIdOf(ALICE, 3n, 1n), 0);
    expect(await queueOf(context, true, 99_990n)).to.deep.equal([refOf(ALICE, 2n)]);
    await act(context, alice, [bid(99_990n, 50n)]);
    expect(await queueOf(context, true, 99_990n)).to.deep.equal([2n, 0n].map((slot) => refOf(ALICE, slot)));
    await act(context, alice, [actions.cancel(orderIdOf(ALICE, 2n, 1n)), actions.cancel(orderIdOf(ALICE, 0n, 2n))]);
    expect(await queueOf(context, true, 99_990n)).to.deep.equal([]);
    expect((await reader.market(pro, 0)).bestBid).to.equal(99_000n);
    const party = await reader.party(pro, 0, ALICE);
    expect([party.bidLots, party.bidNotional, party.slots]).to.deep.equal([10n, 990_000n, 0b10000n]);
  });

  it("forgets a market without position and orders", async () => {
    const context = await loadFixture(deployFunded);
    const { pro, reader, alice } = context;
    await act(context, alice, [bid(99_990n, 10n)]);
    expect((await reader.account(pro, ALICE)).markets).to.equal(1n);
    await act(context, alice, [actions.cancel(orderIdOf(ALICE, 0n, 1n))]);
    const account = await reader.account(pro, ALICE);
    expect([account.markets, account.orders]).to.deep.equal([0n, 0n]);
  });

  it("lowers an order in its place", async () => {
    const context = await loadFixture(deployFunded);
    const { pro, reader, alice, bob } = context;
    await act(context, alice, [bid(99_990n, 30n)]);
    await act(context, bob, [bid(99_990n, 10n)]);
    const id = orderIdOf(ALICE, 0n, 1n);
    const { transaction } = await act(context, alice, [actions.lower(id, 12n)]);
    await expect(transaction).to.emit(pro, "OrderLowered").withArgs(id, 12);
    expect(await queueOf(context, true, 99_990n)).to.deep.equal([refOf(ALICE, 0n), refOf(BOB, 0n)]);
    expect((await reader.order(pro, id)).lots).to.equal(12n);
    expect((await reader.party(pro, 0, ALICE)).bidNotional).to.equal(12n * 99_990n);
    const own = pro.connect(alice);
    for (const [lots, ...args] of [
      [12n, REASON.SizeNotLower, 12n, 12n],
      [13n, REASON.SizeNotLower, 13n, 12n],
      [2n, REASON.RestTooSmall, 199_980n * 10n ** 15n, 250n * USD],
      [0n, REASON.RestTooSmall, 0n, 250n * USD],
    ]) {
      await expect(own.act(ALICE, [], [actions.lower(id, lots)]))
        .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
        .withArgs(...args);
    }
  });

  it("finds the best price over any distance, on both sides", async () => {
    const context = await loadFixture(deployFunded);
    const { pro, reader, alice, bob } = context;
    // The band holds 98,000 to 102,000; the words of the tree end at multiples of 256 and 65,536.
    const bids = [98_047n, 98_048n, 98_303n, 98_304n, 99_999n];
    const asks = [100_001n, 100_095n, 100_096n, 101_999n, 102_000n];
    await act(
      context,
      alice,
      bids.map((tick) => bid(tick, 4n)),
    );
    await act(
      context,
      bob,
      asks.map((tick) => ask(tick, 4n)),
    );
    const best = async () => {
      const { bestBid, bestAsk } = await reader.market(pro, 0);
      return [bestBid, bestAsk];
    };
    for (let i = 0; i < bids.length; i++) {
      expect(await best()).to.deep.equal([bids[bids.length - 1 - i], asks[i]]);
      await act(context, alice, [actions.cancel(orderIdOf(ALICE, BigInt(bids.length - 1 - i), 1n))]);
      await act(context, bob, [actions.cancel(orderIdOf(BOB, BigInt(i), 1n))]);
    }
    expect(await best()).to.deep.equal([0n, 0n]);
  });

  itMeasuresGas("Pro 25: an order costs the same, however many levels and orders there are", async () => {
    const context = await loadFixture(deployFunded);
    const { alice, bob, carol } = context;
    const expiry = BigInt(await time.latest()) + 10_000n;
    // None of them is firm: whoever looks for the depth looks as far as he may.
    const levels = (from: bigint, count: number) =>
      Array.from({ length: count }, (_, place) => bid(from - BigInt(place), 10n, { expiry }));
    const gasOfBest = async () => {
      const snapshot = await takeSnapshot();
      const { transaction } = await act(context, alice, [bid(99_995n, 10n)]);
      const gas = (await transaction.wait())?.gasUsed ?? 0n;
      await snapshot.restore();
      return gas;
    };
    await act(context, bob, levels(99_990n, 20));
    const few = await gasOfBest();
    await act(context, carol, levels(99_970n, 32));
    await act(context, bob, levels(99_930n, 12));
    expect(await gasOfBest()).to.be.closeTo(few, 1_000n);
  });

  describe("R12, Pro 24: ids", () => {
    it("neither cancels nor lowers by an old generation, another account's id, or one that never was", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, alice, bob } = context;
      await act(context, alice, [bid(99_990n, 10n)]);
      const id = orderIdOf(ALICE, 0n, 1n);
      await act(context, alice, [actions.cancel(id), bid(99_990n, 20n)]);
      const cases: [typeof alice, bigint, bigint][] = [
        [alice, ALICE, id],
        [bob, BOB, orderIdOf(ALICE, 0n, 2n)],
        [alice, ALICE, orderIdOf(ALICE, 1n, 1n)],
        [alice, ALICE, orderIdOf(ALICE, 0n, 2n, 1n)],
        [alice, ALICE, 0n],
      ];
      for (const [trader, account, stale] of cases) {
        for (const action of [actions.cancel(stale), actions.lower(stale, 5n)]) {
          await expect(pro.connect(trader).act(account, [], [action]))
            .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
            .withArgs(REASON.OrderNotFound, stale, 0);
        }
      }
      expect(await queueOf(context, true, 99_990n)).to.have.length(1);
    });
  });

  describe("refusals of resting orders", () => {
    const refusals: [string, bigint, ...unknown[]][] = [
      ["a price that is missing", bid(0n, 10n), REASON.PriceMissing, 0n, 0n],
      ["no size", bid(99_990n, 0n), REASON.SizeMissing, 0n, 0n],
      ["an expiry that has passed", bid(99_990n, 10n, { expiry: 1n }), REASON.ExpiryPassed, 1n, NOW],
      ["an order below 10 USD", ask(9_999_999n, 0n), REASON.SizeMissing, 0n, 0n],
      [
        "a notional below the least that rests",
        bid(99_990n, 2n),
        REASON.RestTooSmall,
        199_980n * 10n ** 15n,
        250n * USD,
      ],
      ["a bid beyond the band", bid(102_001n, 10n), REASON.BeyondBand, 102_001n * 10n ** 10n, 100_000n * 10n ** 10n],
      ["an ask beyond the band", ask(97_999n, 10n), REASON.BeyondBand, 97_999n * 10n ** 10n, 100_000n * 10n ** 10n],
      ["a market that is not listed", bid(1n, 1n, { market: 2n }), REASON.MarketNotListed, 2n, 0n],
      ["reduce-only without a position", bid(99_990n, 10n, { isReduceOnly: true }), REASON.NothingToReduce, 0n, 0n],
    ];
    for (const [name, action, ...args] of refusals) {
      it(`refuses ${name}; a soft one is skipped with the reason`, async () => {
        const context = await loadFixture(deployFunded);
        const { pro, alice } = context;
        const now = BigInt(await time.latest()) + 1n;
        await time.setNextBlockTimestamp(now);
        await expect(pro.connect(alice).act(ALICE, [], [action]))
          .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
          .withArgs(...args.map((arg) => (arg === NOW ? now : arg)));
        const { results } = await act(context, alice, [actions.soft(action)]);
        expect(results[0].reason).to.equal(args[0]);
      });
    }

    it("refuses the 33rd order of a market and the 65th of an account", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, alice } = context;
      const many = (market: bigint) =>
        Array.from({ length: 32 }, () => bid(market === 0n ? 99_000n : 39_600n, 8n, { market }));
      await act(context, alice, many(0n));
      await expect(pro.connect(alice).act(ALICE, [], [bid(99_000n, 8n)]))
        .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
        .withArgs(REASON.SlotsFull, 0, 0);
      await act(context, alice, many(1n));
      // A third market would have room: the account has none.
      await context.configurator.listMarket(...(await thirdMarket(context)));
      await setThird(context);
      await expect(pro.connect(alice).act(ALICE, [], [bid(99_000n, 8n, { market: 2n })]))
        .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
        .withArgs(REASON.OrdersFull, 0, 0);
    });

    it("R15: refuses a post-only order that would fill", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, alice, bob } = context;
      await act(context, alice, [ask(100_010n, 10n)]);
      await expect(pro.connect(bob).act(BOB, [], [bid(100_010n, 10n, { type: ORDER_TYPE.postOnly })]))
        .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
        .withArgs(REASON.WouldFill, 100_010, 100_010);
      const { results } = await act(context, bob, [bid(100_009n, 10n, { type: ORDER_TYPE.postOnly })]);
      expect(results[0].orderId).to.equal(orderIdOf(BOB, 0n, 1n));
    });

    it("refuses new orders at an index older than 30 s, at breaker level 1 and in a market that only reduces", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, alice, breaker, configurator } = context;
      const refused = (...args: unknown[]) =>
        expect(pro.connect(alice).act(ALICE, [], [bid(99_990n, 10n)]))
          .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
          .withArgs(...args);
      const { publishTime } = await context.reader.market(pro, 0);
      await time.setNextBlockTimestamp(publishTime + 31n);
      await refused(REASON.IndexStale, 31, 0);
      await setPrices(context, 100_000n, 4_000n);
      await breaker.raise(1);
      await refused(REASON.BreakerRaised, 0, 0);
      await breaker.raise(3);
      await refused(REASON.BreakerRaised, 0, 0);
      await breaker.lower(0, 0);
      await configurator.disable(pro, 0);
      await refused(REASON.MarketReduceOnly, 0, 0);
    });
  });

  describe("R09: orders that expire", () => {
    it("anyone takes them off, and no others", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, reader, alice, stranger } = context;
      const now = BigInt(await time.latest());
      await act(context, alice, [bid(99_990n, 10n, { expiry: now + 10n }), bid(99_980n, 10n)]);
      const ids = [orderIdOf(ALICE, 0n, 1n), orderIdOf(ALICE, 1n, 1n), 0n];
      expect(await pro.connect(stranger).cancelDead.staticCall(ids)).to.equal(0n);
      expect((await reader.level(pro, 0, true, 99_990n)).firm).to.equal(0n);
      await time.increaseTo(now + 10n);
      await expect(pro.connect(stranger).cancelDead(ids)).to.emit(pro, "OrderRemoved").withArgs(ids[0], 3);
      expect((await reader.market(pro, 0)).bestBid).to.equal(99_980n);
      expect((await reader.account(pro, ALICE)).orders).to.equal(1n);
      await expect(pro.connect(alice).act(ALICE, [], [actions.lower(ids[0], 5n)]))
        .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
        .withArgs(REASON.OrderNotFound, ids[0], 0);
    });
  });

  describe("Pro 28: breaker level 3", () => {
    it("stops everything but cancelling", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, alice, breaker } = context;
      await act(context, alice, [bid(99_990n, 10n)]);
      await breaker.raise(3);
      for (const list of [
        [actions.transfer(0n, 0n, 1n, 1n)],
        actions.withdraw(alice.address, 1n),
        [actions.setLeverage(0n, 5n)],
      ]) {
        await expect(pro.connect(alice).act(ALICE, [], list))
          .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
          .withArgs(REASON.BreakerRaised, 0, 0);
      }
      const { transaction } = await act(context, alice, [actions.cancel(orderIdOf(ALICE, 0n, 1n))]);
      await expect(transaction).to.emit(pro, "OrderRemoved");
    });
  });
});

/** A third market at the price of the first. */
async function thirdMarket({ pro }: ProContext) {
  const { BTC, LIMITS, TIERS, PRICE } = await import("./proFixture");
  return [pro, { ...BTC, assetId: 3n }, LIMITS, TIERS, 100_000n * PRICE] as const;
}

async function setThird({ oracle, pro, alice }: ProContext) {
  const { PRICE } = await import("./proFixture");
  const now = BigInt(await time.latest()) + 2n;
  await oracle.setPrice(3, 100_000n * PRICE, now);
  await time.setNextBlockTimestamp(now);
  const proof = { assetIds: [3n], minPublishTime: 0n, isUnique: false, updateData: ["0x01"] };
  await pro.connect(alice).act(ALICE, [proof], [actions.refresh(2n)]);
}
