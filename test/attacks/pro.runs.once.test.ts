import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import {
  FOREVER,
  ORDER_TYPE,
  REASON,
  ask,
  bid,
  cancel,
  crossScope,
  lower,
  orderIdOf,
  setMode,
  soft,
  tip,
  transfer,
  withdraw,
} from "../dsl/proActions";
import { ALICE, USD, accountOf, act, actAt, deployFunded, setPrices } from "../unit/pro/proFixture";

const [BTC, ETH] = [0n, 1n];
const IOC = { type: ORDER_TYPE.immediateOrCancel };
const TIP = USD / 10n;
const MAY_REDUCE = 2;
/** The first account of the fourth owner: whoever is paid first. */
const KEEPER = accountOf(4n);

/** Alice long one bitcoin in isolated mode and 100 lots of ether in cross mode; Bob's bids wait for both. */
async function deployBoth() {
  const context = await deployFunded();
  const { alice, bob, pro, carol } = context;
  const asks = [ask(100_000n, 1_000n), ask(40_000n, 1_000n, { market: ETH })];
  await actAt(context, bob, [100_000n, 4_000n], asks);
  await act(context, alice, [
    setMode(BTC, true),
    transfer(0n, BTC + 1n, 20_000n * USD),
    bid(100_000n, 1_000n, IOC),
    bid(40_000n, 100n, { market: ETH, ...IOC }),
  ]);
  const bids = [bid(99_990n, 1_000n), bid(39_990n, 1_000n, { market: ETH })];
  await actAt(context, bob, [100_000n, 4_000n], [cancel(orderIdOf(accountOf(2n), 0n, 1n, ETH)), ...bids]);
  await pro.connect(alice).setDelegate(ALICE, carol, MAY_REDUCE, FOREVER);
  await setPrices(context, 100_000n, 4_000n);
  return context;
}

describe("Pro: actions that are done in one call of their library", () => {
  it("judges a tip by market and mode of the last fill, whatever else was done with it", async () => {
    const context = await loadFixture(deployBoth);
    const { carol, keeper, pro } = context;
    const isolated = ask(99_990n, 1n, { ...IOC, isReduceOnly: true });
    const crossed = ask(39_990n, 10n, { ...IOC, market: ETH, isReduceOnly: true });
    const gone = soft(cancel(orderIdOf(ALICE, 3n, 1n)));
    const goneOfEth = soft(cancel(orderIdOf(ALICE, 3n, 1n, ETH)));
    const unfilled = soft(ask(100_500n, 1n, { type: ORDER_TYPE.fillOrKill, isReduceOnly: true }));
    const given = tip(keeper.address, TIP);

    // At an index of this age a reduction passes, and nothing leaves.
    const later = async (list: bigint[]) => {
      await setPrices(context, 100_000n, 4_000n);
      await time.increase(10);
      return pro.connect(carol).act(ALICE, [], list);
    };
    const paid = [KEEPER, crossScope(ALICE), TIP];
    await expect(later([crossed, gone, given]))
      .to.emit(pro, "KeeperPaid")
      .withArgs(...paid);
    await expect(later([isolated, gone, crossed, goneOfEth, unfilled, given]))
      .to.emit(pro, "KeeperPaid")
      .withArgs(...paid);
    await expect(later([crossed, goneOfEth, isolated, gone, given]))
      .to.be.revertedWithCustomError(pro, "Pro_IndexRefused")
      .withArgs(ETH, REASON.IndexStale, (age: bigint) => age > 5n, 5n);
  });

  it("reads no amount of a withdrawal as an action", async () => {
    const context = await loadFixture(deployBoth);
    const { alice, pro, reader, stranger } = context;
    const { results: rested } = await act(context, alice, [bid(39_900n, 10n, { market: ETH })]);
    const [{ orderId }] = rested;
    const [word] = withdraw(stranger.address, 0n);
    const { results } = await act(context, alice, [
      bid(39_890n, 10n, { market: ETH }),
      soft(word),
      cancel(orderId),
      bid(39_880n, 10n, { market: ETH }),
      soft(word),
      cancel(orderId),
    ]);
    expect(results.map(({ reason }) => reason)).to.deep.equal([0n, REASON.CashTooLow, 0n, 0n, REASON.CashTooLow, 0n]);
    expect((await reader.party(pro, ETH, ALICE)).slots).to.equal(0b111n);
  });

  it("works on orders that the same call placed, and gives their slots anew", async () => {
    const context = await loadFixture(deployBoth);
    const { alice, pro, reader } = context;
    const idOf = (slot: bigint, generation: bigint) => orderIdOf(ALICE, slot, generation, ETH);
    const of = { market: ETH };
    const { results } = await act(context, alice, [
      bid(39_900n, 100n, of),
      bid(39_890n, 100n, of),
      lower(idOf(0n, 1n), 60n),
      cancel(idOf(0n, 1n)),
      soft(lower(idOf(0n, 1n), 50n)),
      bid(39_880n, 40n, of),
      cancel(idOf(1n, 1n)),
      soft(cancel(idOf(1n, 1n))),
      bid(39_870n, 30n, of),
    ]);
    const missing = REASON.OrderNotFound;
    expect(results.map(({ reason }) => reason)).to.deep.equal([0n, 0n, 0n, 0n, missing, 0n, 0n, missing, 0n]);
    expect([results[5].orderId, results[8].orderId]).to.deep.equal([idOf(0n, 2n), idOf(1n, 2n)]);
    const party = await reader.party(pro, ETH, ALICE);
    expect([party.bidLots, party.bidNotional, party.slots]).to.deep.equal([70n, 40n * 39_880n + 30n * 39_870n, 0b11n]);
    expect((await reader.level(pro, ETH, true, 39_900n)).count).to.equal(0n);
    expect((await reader.level(pro, ETH, true, 39_890n)).count).to.equal(0n);
    expect((await reader.market(pro, ETH)).bestBid).to.equal(39_990n);
  });
});
