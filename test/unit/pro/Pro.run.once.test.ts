import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ORDER_TYPE, REASON, ask, bid, cancel, crossScope, orderIdOf, soft, tip } from "../../dsl/proActions";
import { ALICE, BOB, accountOf, act, actAt, deployFunded, setPrices } from "./proFixture";

const [BTC, ETH] = [0n, 1n];
const POST = { type: ORDER_TYPE.postOnly };
const IOC = { type: ORDER_TYPE.immediateOrCancel };
const ALL = { type: ORDER_TYPE.fillOrKill };
const PLACE = 4n;

/** Bob asks 10 bitcoin lots ten dollars above the index. */
async function deployAsked() {
  const context = await deployFunded();
  await actAt(context, context.bob, [100_000n, 4_000n], [ask(100_010n, 10n)]);
  return context;
}

describe("Pro: many actions in one call", () => {
  it("does hard and soft ones of two markets in their order, whatever is refused among them", async () => {
    const context = await loadFixture(deployAsked);
    const { pro, reader, alice } = context;
    const [first, ofBob] = [orderIdOf(ALICE, 0n, 1n), orderIdOf(BOB, 0n, 1n)];
    const ofEth = orderIdOf(ALICE, 0n, 1n, ETH);
    const list = [
      bid(99_990n, 10n),
      soft(bid(100_010n, 5n, POST)),
      soft(bid(100_010n, 100n, ALL)),
      bid(39_990n, 10n, { market: ETH }),
      soft(cancel(ofBob)),
      soft(bid(100_010n, 4n, IOC)),
      cancel(first),
      bid(99_980n, 10n),
    ];
    await setPrices(context, 100_000n, 4_000n);
    const { results, transaction } = await act(context, alice, list);
    expect(results.map(({ reason }) => reason)).to.deep.equal([
      0n,
      REASON.WouldFill,
      REASON.WouldNotFill,
      0n,
      REASON.OrderNotFound,
      0n,
      0n,
      0n,
    ]);
    const second = orderIdOf(ALICE, 0n, 2n);
    expect(results.map(({ orderId }) => orderId)).to.deep.equal([first, 0n, 0n, ofEth, 0n, 0n, 0n, second]);
    expect(results.map(({ filled }) => filled)).to.deep.equal([0n, 0n, 0n, 0n, 0n, 4n, 0n, 0n]);
    for (const [id, tick] of [
      [first, 99_990n],
      [ofEth, 39_990n],
      [second, 99_980n],
    ]) {
      await expect(transaction).to.emit(pro, "OrderRested").withArgs(id, tick, 10n, 0, 1);
    }
    await expect(transaction).to.emit(pro, "OrderRemoved").withArgs(first, 0);

    const [btc, eth] = [await reader.market(pro, BTC), await reader.market(pro, ETH)];
    expect([btc.bestBid, btc.bestAsk, btc.last]).to.deep.equal([99_980n, 100_010n, 100_010n]);
    expect([eth.bestBid, eth.bestAsk]).to.deep.equal([39_990n, 0n]);
    const party = await reader.party(pro, BTC, ALICE);
    expect([party.lots, party.bidLots, party.bidNotional, party.slots]).to.deep.equal([4n, 10n, 999_800n, 1n]);
    const account = await reader.account(pro, ALICE);
    expect([account.orders, account.markets]).to.deep.equal([2n, 0b11n]);
    expect((await reader.level(pro, BTC, false, 100_010n)).lots).to.equal(6n);
  });

  it("leaves nothing of a soft order that is refused after it took others off the book", async () => {
    const context = await loadFixture(deployAsked);
    const { pro, reader, alice } = context;
    const own = await act(context, alice, [ask(100_005n, 10n)]);
    // It meets an order of its own owner first, which is gone with it, and then too few of the others.
    const { results } = await act(context, alice, [
      bid(99_990n, 10n),
      soft(bid(100_010n, 100n, ALL)),
      bid(99_980n, 10n),
    ]);
    expect(results.map(({ reason }) => reason)).to.deep.equal([0n, REASON.WouldNotFill, 0n]);
    expect((await reader.order(pro, own.results[0].orderId & ((1n << 48n) - 1n))).lots).to.equal(10n);
    expect((await reader.market(pro, BTC)).bestAsk).to.equal(100_005n);
    expect((await reader.party(pro, BTC, ALICE)).slots).to.equal(0b111n);
  });

  it("remembers for a tip what was filled, over actions of other markets and of none", async () => {
    const context = await loadFixture(deployAsked);
    const { pro, alice, bob, carol, keeper } = context;
    await act(context, alice, [bid(100_010n, 10n, IOC)]);
    await act(context, bob, [bid(100_000n, 10n)]);
    // Who may only reduce gives no tip without a fill.
    await pro.connect(alice).setDelegate(ALICE, carol, 2, 2n ** 40n - 1n);
    const reduce = ask(100_000n, 4n, { ...IOC, isReduceOnly: true });
    const gone = [soft(cancel(orderIdOf(ALICE, 9n, 1n))), soft(cancel(orderIdOf(ALICE, 9n, 1n, ETH)))];
    const given = tip(keeper.address, 10n ** 17n);
    await expect(pro.connect(carol).act(ALICE, [], [...gone, given]))
      .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
      .withArgs(REASON.NothingFilled, 10n ** 17n, 0);
    await expect(pro.connect(carol).act(ALICE, [], [gone[0], reduce, ...gone, given]))
      .to.emit(pro, "KeeperPaid")
      .withArgs(accountOf(4n), crossScope(ALICE), 10n ** 17n);
  });

  it("refuses by the first action that is refused, whatever stands behind it", async () => {
    const context = await loadFixture(deployAsked);
    const { pro, alice, carol } = context;
    const [fine, unfit, unknown] = [bid(99_990n, 10n), bid(99_990n, 0n), 99n];
    const own = pro.connect(alice);
    await expect(own.act(ALICE, [], [fine, unfit, unknown]))
      .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
      .withArgs(REASON.SizeMissing, 0, 0);
    await expect(own.act(ALICE, [], [fine, unknown, unfit]))
      .to.be.revertedWithCustomError(pro, "Pro_UnknownAction")
      .withArgs(1, 99);
    await act(context, alice, [fine]);
    // Only cancelling.
    await own.setDelegate(ALICE, carol, 1, 2n ** 40n - 1n);
    await expect(pro.connect(carol).act(ALICE, [], [cancel(orderIdOf(ALICE, 0n, 1n)), fine]))
      .to.be.revertedWithCustomError(pro, "Pro_NotAllowed")
      .withArgs(ALICE, carol, PLACE);
  });
});
