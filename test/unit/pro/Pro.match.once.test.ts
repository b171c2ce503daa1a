import { loadFixture, takeSnapshot, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import * as actions from "../../dsl/proActions";
import { ORDER_TYPE, REASON, SELF_TRADE, STOP_CAUSE, ask, bid, orderIdOf } from "../../dsl/proActions";
import type { ProContext } from "./proFixture";
import { ALICE, BOB, CAROL, USD, accountOf, act, actAt, deployFunded, setPrices } from "./proFixture";

/** Quote of a lot at a price of one tick. */
const UNIT = 10n ** 15n;
const feeUp = (notional: bigint, pips: bigint) => (notional * pips + 999_999n) / 1_000_000n;

const IOC = { type: ORDER_TYPE.immediateOrCancel };

async function cashOf({ pro, reader }: ProContext, account: bigint) {
  return (await reader.account(pro, account)).cash;
}

/** Σ size is 0, open interest is one side, and the accounts' books say what the Vault holds. */
async function expectBalanced({ pro, reader, vault, token }: ProContext, accounts: bigint[]) {
  let held = 0n;
  for (const account of accounts) held += (await reader.account(pro, account)).cash;
  for (const market of [0, 1]) {
    const record = await reader.market(pro, market);
    held += record.fund + record.fees;
    let [sum, long, owed] = [0n, 0n, 0n];
    for (const account of accounts) {
      const { lots, cost, snapshot, isolatedCash } = await reader.party(pro, market, account);
      sum += lots;
      if (lots > 0n) long += lots;
      const index = lots < 0n ? record.shortIndex : record.longIndex;
      owed += lots * (index - snapshot);
      held += isolatedCash - cost;
    }
    held -= owed;
    expect(sum).to.equal(0n);
    expect(record.openInterest).to.equal(long);
  }
  expect((await vault.productLedger(pro, token)).collateral).to.equal(held);
}

const ALL = [ALICE, BOB, CAROL];

describe("Pro: matching", () => {
  it("fills at the maker's price, charges both fees, and divides them", async () => {
    const context = await loadFixture(deployFunded);
    const { pro, reader, alice, bob } = context;
    await act(context, bob, [ask(100_010n, 1_000n)]);
    const { results, transaction } = await act(context, alice, [bid(100_500n, 1_000n)]);
    expect(results[0]).to.deep.equal({
      reason: 0n,
      filled: 1_000n,
      orderId: 0n,
      cause: STOP_CAUSE.filled,
      tickLots: 100_010_000n,
    });
    const notional = 100_010n * USD;
    const [makerFee, takerFee] = [feeUp(notional, 50n), feeUp(notional, 400n)];
    await expect(transaction)
      .to.emit(pro, "OrderFilled")
      .withArgs(orderIdOf(BOB, 0n, 1n), ALICE, 1_000, -makerFee, makerFee)
      .and.to.emit(pro, "Taken")
      .withArgs(ALICE, 0, 1_000, 100_010_000, -takerFee, takerFee);
    const long = await reader.party(pro, 0, ALICE);
    const short = await reader.party(pro, 0, BOB);
    expect([long.lots, long.cost, short.lots, short.cost]).to.deep.equal([1_000n, notional, -1_000n, -notional]);
    expect(await cashOf(context, ALICE)).to.equal(100_000n * USD - takerFee);
    expect(await cashOf(context, BOB)).to.equal(100_000n * USD - makerFee);
    const market = await reader.market(pro, 0);
    const toFund = takerFee / 5n;
    expect([market.openInterest, market.fund, market.fees, market.last]).to.deep.equal([
      1_000n,
      toFund,
      takerFee - toFund + makerFee,
      100_010n,
    ]);
    expect([market.bestAsk, short.askLots, short.slots]).to.deep.equal([0n, 0n, 0n]);
    await expectBalanced(context, ALL);
  });

  it("R01, Pro 9: takes the best price first, and of one price the oldest order", async () => {
    const context = await loadFixture(deployFunded);
    const { pro, alice, bob, carol } = context;
    await act(context, bob, [ask(100_020n, 10n), ask(100_010n, 10n)]);
    await act(context, carol, [ask(100_010n, 10n), ask(100_005n, 10n)]);
    const { results, transaction } = await act(context, alice, [bid(100_020n, 35n)]);
    expect(results[0].tickLots).to.equal(10n * 100_005n + 20n * 100_010n + 5n * 100_020n);
    const filled = await pro.queryFilter(pro.filters.OrderFilled(), transaction.blockNumber ?? undefined);
    expect(filled.map(({ args }) => args.orderId)).to.deep.equal([
      orderIdOf(CAROL, 1n, 1n),
      orderIdOf(BOB, 1n, 1n),
      orderIdOf(CAROL, 0n, 1n),
      orderIdOf(BOB, 0n, 1n),
    ]);
    await expectBalanced(context, ALL);
  });

  it("R06, Pro 22: ten orders cost no less than one of as many lots", async () => {
    const context = await loadFixture(deployFunded);
    const { alice, bob } = context;
    await act(context, bob, [ask(100_010n, 1_000n)]);
    // Nothing is realised: what an opening costs is its fee.
    const costOf = async (orders: readonly bigint[]) => {
      const snapshot = await takeSnapshot();
      const before = await cashOf(context, ALICE);
      for (const lots of orders) await act(context, alice, [bid(100_010n, lots)]);
      const cost = before - (await cashOf(context, ALICE));
      await snapshot.restore();
      return cost;
    };
    expect(await costOf(Array<bigint>(10).fill(73n))).to.be.at.least(await costOf([730n]));
  });

  it("a partial fill keeps the maker's place, and its sums follow", async () => {
    const context = await loadFixture(deployFunded);
    const { pro, reader, alice, bob, carol } = context;
    await act(context, bob, [ask(100_010n, 30n)]);
    await act(context, carol, [ask(100_010n, 10n)]);
    await act(context, alice, [bid(100_010n, 12n)]);
    const level = await reader.level(pro, 0, false, 100_010n);
    expect([level.lots, level.count, level.firm, level.head]).to.deep.equal([28n, 2n, 28n, BOB << 8n]);
    const party = await reader.party(pro, 0, BOB);
    expect([party.askLots, party.askNotional]).to.deep.equal([18n, 18n * 100_010n]);
    await expectBalanced(context, ALL);
  });

  it("cancels with a partial fill what it leaves below a tenth of the least notional", async () => {
    const context = await loadFixture(deployFunded);
    const { pro, reader, alice, bob } = context;
    // A market of small lots: 0.01 ETH of 40 USD. A tenth of 250 USD is less than one.
    await actAt(context, bob, [100_000n, 2_000n], [ask(20_010n, 20n, { market: 1n })]);
    const { transaction } = await act(context, alice, [bid(20_010n, 19n, { market: 1n })]);
    // 20.01 USD are left.
    await expect(transaction)
      .to.emit(pro, "OrderRemoved")
      .withArgs(orderIdOf(BOB, 0n, 1n, 1n), 2);
    expect((await reader.account(pro, BOB)).orders).to.equal(0n);
    expect((await reader.party(pro, 1, BOB)).askLots).to.equal(0n);
  });

  it("vector 10: realises the share of what is closed; crossing zero is a reduction, then an increase", async () => {
    const context = await loadFixture(deployFunded);
    const { pro, reader, alice, bob } = context;
    await act(context, bob, [ask(100_000n, 300n)]);
    await act(context, alice, [bid(100_000n, 300n)]);
    await act(context, bob, [bid(100_100n, 400n)]);
    const { transaction } = await act(context, alice, [ask(100_100n, 400n, IOC)]);
    const fee = feeUp(400n * 100_100n * UNIT, 400n);
    // 300 lots of 0.001 BTC at a gain of 100 USD.
    await expect(transaction)
      .to.emit(pro, "Taken")
      .withArgs(ALICE, 0, -400, 400n * 100_100n, 30n * USD - fee, fee);
    const party = await reader.party(pro, 0, ALICE);
    expect([party.lots, party.cost]).to.deep.equal([-100n, -100n * 100_100n * UNIT]);
    expect((await reader.market(pro, 0)).openInterest).to.equal(100n);
    await expectBalanced(context, ALL);
  });

  it("rounds down what is left of a cost, of a long as of a short", async () => {
    const context = await loadFixture(deployFunded);
    const { pro, reader, alice, bob } = context;
    await act(context, bob, [ask(100_000n, 4n), ask(100_001n, 3n), bid(99_990n, 3n)]);
    await act(context, alice, [bid(100_001n, 7n, IOC)]);
    const cost = (4n * 100_000n + 3n * 100_001n) * UNIT;
    await act(context, alice, [ask(99_990n, 1n, IOC)]);
    const [long, short] = await Promise.all([ALICE, BOB].map((account) => reader.party(pro, 0, account)));
    expect([long.lots, long.cost]).to.deep.equal([6n, (cost * 6n) / 7n]);
    expect([short.lots, short.cost]).to.deep.equal([-6n, -(cost * 6n) / 7n - 1n]);
    await expectBalanced(context, ALL);
  });

  describe("R13: maxFills", () => {
    it("counts every order met, and drops what is left instead of resting it across the book", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, reader, alice, bob } = context;
      const now = BigInt(await time.latest());
      await act(context, bob, [ask(100_010n, 10n, { expiry: now + 3n }), ask(100_010n, 10n), ask(100_010n, 10n)]);
      await time.increaseTo(now + 4n);
      const { results } = await act(context, alice, [bid(100_010n, 30n, { maxFills: 2n })]);
      expect(results[0]).to.deep.include({ filled: 10n, orderId: 0n, cause: STOP_CAUSE.maxFills });
      const market = await reader.market(pro, 0);
      expect([market.bestBid, market.bestAsk]).to.deep.equal([0n, 100_010n]);
    });

    it("refuses 0 and more than 100 where it would take", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, alice, bob } = context;
      await act(context, bob, [ask(100_010n, 10n)]);
      for (const maxFills of [0n, 101n]) {
        await expect(pro.connect(alice).act(ALICE, [], [bid(100_010n, 10n, { maxFills })]))
          .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
          .withArgs(REASON.NoFillsAllowed, maxFills, 100);
      }
    });
  });

  describe("order types", () => {
    it("rests what a limit leaves, drops what an IOC leaves", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, reader, alice, bob } = context;
      await act(context, bob, [ask(100_010n, 10n)]);
      const { results } = await act(context, alice, [bid(100_010n, 25n)]);
      expect(results[0]).to.deep.include({ filled: 10n, orderId: orderIdOf(ALICE, 0n, 1n), cause: STOP_CAUSE.noPrice });
      expect((await reader.market(pro, 0)).bestBid).to.equal(100_010n);
      const dropped = await act(context, bob, [ask(100_010n, 40n, IOC)]);
      expect(dropped.results[0]).to.deep.include({ filled: 15n, orderId: 0n, cause: STOP_CAUSE.noPrice });
      const market = await reader.market(pro, 0);
      expect([market.bestBid, market.bestAsk]).to.deep.equal([0n, 0n]);
    });

    it("drops a rest below the least notional that rests", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, reader, alice, bob } = context;
      await act(context, bob, [ask(100_010n, 10n)]);
      const { results } = await act(context, alice, [bid(100_010n, 12n)]);
      expect(results[0]).to.deep.include({ filled: 10n, orderId: 0n });
      expect((await reader.market(pro, 0)).bestBid).to.equal(0n);
    });

    it("R14: a FOK that falls short is refused, and leaves nothing", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, reader, alice, bob } = context;
      await act(context, bob, [ask(100_010n, 10n)]);
      const order = bid(100_010n, 11n, { type: ORDER_TYPE.fillOrKill });
      await expect(pro.connect(alice).act(ALICE, [], [order]))
        .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
        .withArgs(REASON.WouldNotFill, 10, 11);
      const { results } = await act(context, alice, [actions.soft(order)]);
      expect(results[0].reason).to.equal(REASON.WouldNotFill);
      expect((await reader.level(pro, 0, false, 100_010n)).lots).to.equal(10n);
      const full = await act(context, alice, [bid(100_010n, 10n, { type: ORDER_TYPE.fillOrKill })]);
      expect(full.results[0].filled).to.equal(10n);
    });

    it("a market order goes to the edge of the band, and no order beyond it", async () => {
      const context = await loadFixture(deployFunded);
      const { alice, bob } = context;
      await act(context, bob, [ask(101_000n, 10n), ask(102_000n, 10n), ask(102_001n, 10n)]);
      const { results } = await act(context, alice, [bid(0n, 30n, IOC)]);
      expect(results[0]).to.deep.include({ filled: 20n, cause: STOP_CAUSE.noPrice });
      // A limit beyond the edge does not rest across what lies there.
      const limit = await act(context, alice, [bid(102_001n, 10n)]);
      expect(limit.results[0]).to.deep.include({ filled: 0n, orderId: 0n, reason: 0n });
    });

    it("sells nothing where the band lies beyond the last tick there is", async () => {
      const context = await loadFixture(deployFunded);
      const { alice, bob, carol } = context;
      const last = 2n ** 24n - 1n;
      await actAt(context, bob, [16_700_000n, 4_000n], [ask(16_700_000n, 10n)]);
      await act(context, alice, [bid(16_700_000n, 10n, IOC)]);
      await act(context, carol, [bid(last, 10n)]);
      const sold = async (price: bigint, tick: bigint) => {
        await setPrices(context, price, 4_000n);
        const { results } = await act(context, alice, [ask(tick, 1n, { ...IOC, isReduceOnly: true })]);
        return results[0].filled;
      };
      // 2% below this mark is the last tick, or the one after it.
      expect(await sold(17_119_607n, 0n)).to.equal(1n);
      expect(await sold(17_119_608n, 0n)).to.equal(0n);
      expect(await sold(40_000_000n, last)).to.equal(0n);
    });
  });

  describe("R16, R17: reduce-only", () => {
    it("never opens or turns: a taker is clipped to his position", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, reader, alice, bob } = context;
      await act(context, bob, [ask(100_010n, 30n), bid(99_990n, 100n)]);
      await act(context, alice, [bid(100_010n, 30n)]);
      const { results } = await act(context, alice, [ask(99_990n, 80n, { isReduceOnly: true })]);
      expect(results[0]).to.deep.include({ filled: 30n, orderId: 0n });
      expect((await reader.party(pro, 0, ALICE)).lots).to.equal(0n);
      await expect(pro.connect(alice).act(ALICE, [], [bid(99_990n, 10n, { isReduceOnly: true })]))
        .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
        .withArgs(REASON.NothingToReduce, 0, 0);
    });

    it("a maker is clipped to what the position has left, and dropped when nothing is", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, reader, alice, bob, carol } = context;
      await act(context, bob, [ask(100_010n, 30n)]);
      await act(context, alice, [bid(100_010n, 30n)]);
      // Two asks of 20 over a long of 30, without margin.
      await act(context, alice, [
        ask(100_020n, 20n, { isReduceOnly: true }),
        ask(100_030n, 20n, { isReduceOnly: true }),
      ]);
      expect((await reader.party(pro, 0, ALICE)).askLots).to.equal(0n);
      const { results, transaction } = await act(context, carol, [bid(100_030n, 50n)]);
      expect(results[0].filled).to.equal(30n);
      await expect(transaction)
        .to.emit(pro, "OrderRemoved")
        .withArgs(orderIdOf(ALICE, 1n, 1n), 6);
      expect((await reader.party(pro, 0, ALICE)).lots).to.equal(0n);
      expect((await reader.account(pro, ALICE)).markets).to.equal(0n);
      await expectBalanced(context, ALL);
    });

    it("rests at the mark or better for its owner only", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, alice, bob } = context;
      await act(context, bob, [ask(100_000n, 30n)]);
      await act(context, alice, [bid(100_000n, 30n)]);
      await expect(pro.connect(alice).act(ALICE, [], [ask(99_999n, 10n, { isReduceOnly: true })]))
        .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
        .withArgs(REASON.BeyondMark, 99_999n * 10n ** 10n, 100_000n * 10n ** 10n);
    });
  });

  describe("Pro 10: two accounts of one owner never trade", () => {
    const deployCrossed = async () => {
      const context = await deployFunded();
      const { pro, bob, alice, unit } = context;
      await pro.connect(alice).deposit(alice, 1, 1_000n * unit);
      await act(context, alice, [ask(100_010n, 10n)]);
      await act(context, bob, [ask(100_010n, 10n)]);
      return context;
    };

    it("expires the maker, and goes on", async () => {
      const context = await loadFixture(deployCrossed);
      const { pro, alice } = context;
      const { results, transaction } = await act(context, alice, [bid(100_010n, 10n)], 1n);
      expect(results[0]).to.deep.include({ filled: 10n, cause: STOP_CAUSE.filled });
      await expect(transaction)
        .to.emit(pro, "OrderRemoved")
        .withArgs(orderIdOf(ALICE, 0n, 1n), 5);
      await expectBalanced(context, [...ALL, accountOf(1n, 1n)]);
    });

    it("expires the taker, whose rest does not rest", async () => {
      const context = await loadFixture(deployCrossed);
      const { pro, reader, alice } = context;
      const { results } = await act(context, alice, [bid(100_010n, 10n, { selfTrade: SELF_TRADE.expireTaker })], 1n);
      expect(results[0]).to.deep.include({ filled: 0n, orderId: 0n, cause: STOP_CAUSE.selfTrade });
      expect((await reader.level(pro, 0, false, 100_010n)).count).to.equal(2n);
    });

    it("of the same account too, whose sums follow", async () => {
      const context = await loadFixture(deployCrossed);
      const { pro, reader, alice } = context;
      const { results } = await act(context, alice, [bid(100_010n, 10n)]);
      expect(results[0]).to.deep.include({ filled: 10n, cause: STOP_CAUSE.filled });
      const party = await reader.party(pro, 0, ALICE);
      expect([party.lots, party.askLots, party.askNotional, party.slots]).to.deep.equal([10n, 0n, 0n, 0n]);
      const account = await reader.account(pro, ALICE);
      expect([account.orders, account.markets, account.positions]).to.deep.equal([0n, 1n, 1n]);
      await expectBalanced(context, [...ALL, accountOf(1n, 1n)]);
    });

    it("of an isolated scope, whose cash stays for what it opens", async () => {
      const context = await loadFixture(deployCrossed);
      const { pro, reader, alice } = context;
      await act(
        context,
        alice,
        [actions.setMode(0n, true), actions.transfer(0n, 1n, 500n * USD, 1n), ask(100_005n, 10n)],
        1n,
      );
      const { results } = await act(context, alice, [bid(100_010n, 10n)], 1n);
      expect(results[0]).to.deep.include({ filled: 10n, cause: STOP_CAUSE.filled });
      const party = await reader.party(pro, 0, accountOf(1n, 1n));
      expect([party.lots, party.askLots, party.isolatedCash]).to.deep.equal([
        10n,
        0n,
        500n * USD - (4_0004n * USD) / 100_000n,
      ]);
    });

    it("expires both", async () => {
      const context = await loadFixture(deployCrossed);
      const { pro, reader, alice } = context;
      const { results } = await act(context, alice, [bid(100_010n, 10n, { selfTrade: SELF_TRADE.expireBoth })], 1n);
      expect(results[0]).to.deep.include({ filled: 0n, orderId: 0n, cause: STOP_CAUSE.selfTrade });
      expect((await reader.level(pro, 0, false, 100_010n)).count).to.equal(1n);
    });
  });

  describe("R61: makers too far from the mark to their disadvantage", () => {
    it("are cancelled when met", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, alice, bob } = context;
      await act(context, bob, [bid(100_000n, 10n)]);
      await setPrices(context, 98_000n, 4_000n);
      const { results, transaction } = await act(context, alice, [ask(97_500n, 10n)]);
      // 100,000 lies 2.04% above the mark.
      expect(results[0]).to.deep.include({ filled: 0n });
      await expect(transaction)
        .to.emit(pro, "OrderRemoved")
        .withArgs(orderIdOf(BOB, 0n, 1n), 4);
    });
  });

  describe("caps", () => {
    it("refuses an increase beyond the open interest, whole", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, configurator, alice, bob } = context;
      await configurator.cutCaps(pro, 0, 1_000);
      await act(context, bob, [ask(100_000n, 20n)]);
      await act(context, alice, [bid(100_000n, 10n, IOC)]);
      await expect(pro.connect(alice).act(ALICE, [], [bid(100_000n, 10n, IOC)]))
        .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
        .withArgs(REASON.OpenInterestFull, 2_000n * USD, 1_000n * USD);
    });

    it("increases of takers need a narrow index of at most 15 s, reductions one of 30 s", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, oracle, reader, alice, bob } = context;
      await act(context, bob, [ask(100_000n, 20n), bid(99_990n, 20n)]);
      await act(context, alice, [bid(100_000n, 10n, IOC)]);
      const { publishTime } = await reader.market(pro, 0);
      await time.setNextBlockTimestamp(publishTime + 16n);
      await expect(pro.connect(alice).act(ALICE, [], [bid(100_000n, 10n, IOC)]))
        .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
        .withArgs(REASON.IndexStale, 16, 15);
      await time.setNextBlockTimestamp(publishTime + 31n);
      await expect(pro.connect(alice).act(ALICE, [], [ask(99_990n, 4n, IOC)]))
        .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
        .withArgs(REASON.IndexStale, 31, 30);
      await oracle.setReady(false);
      await setPrices(context, 100_000n, 4_000n);
      await expect(pro.connect(alice).act(ALICE, [], [bid(100_000n, 10n, IOC)]))
        .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
        .withArgs(REASON.SequencerNotReady, 0, 0);
      const { results } = await act(context, alice, [ask(99_990n, 4n, IOC)]);
      expect(results[0].filled).to.equal(4n);
    });

    it("at level 1 and in a market that only reduces, takers only reduce, and what rests is filled by them", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, breaker, configurator, alice, bob } = context;
      await act(context, bob, [ask(100_000n, 20n), bid(99_990n, 20n)]);
      await act(context, alice, [bid(100_000n, 10n, IOC)]);
      const refused = (reason: bigint) =>
        expect(pro.connect(alice).act(ALICE, [], [bid(100_000n, 4n, IOC)]))
          .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
          .withArgs(reason, 0, 0);
      await breaker.raise(1);
      await refused(REASON.BreakerRaised);
      expect((await act(context, alice, [ask(99_990n, 4n, IOC)])).results[0].filled).to.equal(4n);
      await breaker.lower(0, 0);
      await configurator.disable(pro, 0);
      await refused(REASON.MarketReduceOnly);
      expect((await act(context, alice, [ask(99_990n, 4n, IOC)])).results[0].filled).to.equal(4n);
    });
  });

  describe("sweepFees", () => {
    it("brings the fees first, then records the brokers' shares", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, reader, vault, token, brokers, distributor, alice, bob, stranger } = context;
      await brokers.addBroker(stranger, stranger, 250_000);
      await act(context, alice, [actions.nameBroker(1n)]);
      await act(context, bob, [ask(100_000n, 1_000n)]);
      await act(context, alice, [bid(100_000n, 1_000n)]);
      const base = 32n * USD;
      expect(await reader.brokerFees(pro, 0, 1)).to.equal(base);
      await expect(pro.sweepFees(0, [1, 2]))
        .to.emit(pro, "FeesSwept")
        .withArgs(0, 37n * USD);
      expect((await vault.ledger(token)).fees).to.equal(37n * USD);
      expect(await distributor.brokerCollectable(1, token)).to.equal(base / 4n);
      expect(await reader.brokerFees(pro, 0, 1)).to.equal(0n);
      expect((await reader.market(pro, 0)).fees).to.equal(0n);
      await expect(pro.sweepFees(0, [1])).to.be.revertedWithCustomError(pro, "Pro_NothingToDo");
      expect((await vault.ledger(token)).liquidity).to.equal(0n);
      await expectBalanced(context, ALL);
    });

    it("leaves what a broker has part in until he is named: whoever sweeps, it is not the treasury's", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, reader, token, brokers, distributor, alice, bob, carol, stranger } = context;
      for (const broker of [stranger, carol]) await brokers.addBroker(broker, broker, 250_000);
      await act(context, alice, [actions.nameBroker(1n)]);
      await act(context, bob, [actions.nameBroker(2n), ask(100_000n, 1_000n)]);
      await act(context, alice, [bid(100_000n, 1_000n)]);
      await act(context, alice, [ask(99_990n, 500n)]);
      await act(context, bob, [bid(99_990n, 500n, IOC)]);
      const [first, second] = [32n * USD, await reader.brokerFees(pro, 0, 2)];
      const { fees } = await reader.market(pro, 0);
      const others = fees - first - second;
      const sweep = (list: bigint[]) => pro.connect(stranger).sweepFees(0, list);
      await expect(sweep([])).to.emit(pro, "FeesSwept").withArgs(0, others);
      await distributor.collect(token);
      // No broker has the number 0.
      await expect(sweep([0n])).to.be.revertedWithCustomError(pro, "Pro_NothingToDo");
      await expectBalanced(context, ALL);

      await expect(sweep([1n, 0n, 1n]))
        .to.emit(pro, "FeesSwept")
        .withArgs(0, first);
      await distributor.collect(token);
      await expect(sweep([1n, 2n]))
        .to.emit(pro, "FeesSwept")
        .withArgs(0, second);
      const shares = [first / 4n, second / 4n];
      expect(await Promise.all([1, 2].map((id) => distributor.brokerCollectable(id, token)))).to.deep.equal(shares);
      expect((await reader.market(pro, 0)).fees).to.equal(0n);
      await expectBalanced(context, ALL);
    });
  });

  describe("sweepFees of a token of 6 decimals", () => {
    const deploySix = () => deployFunded("StandInToken", 6);

    it("sweeps whole units, of what a broker has part in too, and keeps the rest of each", async () => {
      const context = await loadFixture(deploySix);
      const { pro, reader, token, brokers, distributor, alice, bob, stranger } = context;
      const perUnit = 10n ** 12n;
      await brokers.addBroker(stranger, stranger, 250_000);
      await act(context, alice, [actions.nameBroker(1n)]);
      await act(context, bob, [ask(100_001n, 333n)]);
      await act(context, alice, [bid(100_001n, 333n, IOC)]);
      const notional = 333n * 100_001n * UNIT;
      const [makerFee, takerFee] = [feeUp(notional, 50n), feeUp(notional, 400n)];
      const base = takerFee - takerFee / 5n;
      const swept = (base + makerFee - (base % perUnit)) / perUnit;
      await expect(pro.sweepFees(0, [1]))
        .to.emit(pro, "FeesSwept")
        .withArgs(0, swept);
      expect(await reader.brokerFees(pro, 0, 1)).to.equal(base % perUnit);
      expect((await reader.market(pro, 0)).fees).to.equal(base + makerFee - swept * perUnit);
      expect(await distributor.brokerCollectable(1, token)).to.equal(base / perUnit / 4n);
    });
  });

  describe("simulate", () => {
    it("comes to what act comes to, for anyone, and changes nothing", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, reader, alice, bob, stranger } = context;
      await act(context, bob, [ask(100_010n, 10n)]);
      const list = [bid(100_010n, 25n), actions.soft(bid(100_010n, 1n))];
      const expected = await pro.connect(alice).act.staticCall(ALICE, [], list);
      await expect(pro.connect(stranger).simulate(alice, ALICE, [], list))
        .to.be.revertedWithCustomError(pro, "Pro_Simulated")
        .withArgs([...expected]);
      expect((await reader.market(pro, 0)).openInterest).to.equal(0n);
      await expect(pro.connect(stranger).simulate(bob, ALICE, [], list))
        .to.be.revertedWithCustomError(pro, "Pro_NotAllowed")
        .withArgs(ALICE, bob, 0);
    });
  });
});
