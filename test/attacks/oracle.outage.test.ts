import { expect } from "chai";
import { assetIdOf } from "../../deploy/arguments/oracle";
import { confirmed } from "../../kit/desk/Desk";
import { px } from "../../sdk/units";
import { StandInAggregator__factory } from "../../typechain-types";
import { expectBalanced, expectIntact, holdingOf, loadDesk, navOf, openedDesk, stateOf } from "./support";

const DAY = 24 * 60 * 60;
const HALT = DAY;
const GRACE = 5 * 60;
const CROSSED = px("59964");
/** What 500x is liquidated at: there a close in the grace period still pays something. */
const CROSSED_AT_500 = px("59932");

describe("attacks: outages, pauses and censorship", () => {
  it("O08: a feed pinned at its bound is no anchor for openings nor for liquidations", async () => {
    const { desk, trader, keeper, replica, priceAggregator, stranger, deployer, profile, id } = await openedDesk();
    const price = desk.priceOf("BTC");
    const proxy = replica.feeds.BTC;
    if (proxy === undefined) throw new Error("no feed");
    // The feed's aggregator is exchanged for one that cannot report less than 60,000; anyone may tell us so.
    const factory = new StandInAggregator__factory(deployer);
    const pinned = await factory.deploy(8, "BTC / USD", price / 100n, 10n ** 20n);
    await confirmed(pinned.addAccess(proxy));
    await confirmed(proxy.connect(deployer).proposeAggregator(pinned));
    await confirmed(proxy.connect(deployer).confirmAggregator(pinned));
    await priceAggregator.connect(stranger).synchroniseSource(assetIdOf("BTC"), 0);
    await desk.setPrice("BTC", price);
    const fresh = (await priceAggregator.pushPrice(assetIdOf("BTC"))).fresh;
    expect(fresh).to.equal(BigInt(profile.oracle.minAnchors - 1));
    const pending = await desk.requestOpen(trader);
    const { results } = await desk.settle(keeper, pending);
    expect(results[0].reason).to.equal("AnchorsNotFresh");
    if (profile.binance !== null) await replica.setPushPrice("BTC", price, (await desk.now()) - 3_600, ["atlas"]);
    const batch = await desk.liquidate(keeper, [id], "BTC", { price: px("50000") });
    expect(batch.results[0].reason).to.equal("AnchorsNotFresh");
    await expectBalanced(desk);
  });

  it("O09: while the sequencer is down or just up nothing opens nor liquidates, and owners may leave", async () => {
    const { desk, trader, other, keeper, replica, profile, priceAggregator } = await loadDesk();
    const { sequencer } = profile;
    if (sequencer === null) {
      // The chain has no sequencer: nothing waits for one.
      expect(await priceAggregator.sequencerFeed()).to.equal("0x0000000000000000000000000000000000000000");
      expect(await priceAggregator.isSequencerReady()).to.equal(true);
      return;
    }
    const feed = await replica.sequencerFeed();
    const price = desk.priceOf("BTC");
    const id = await desk.open(trader, keeper, { leverage: 500 });
    const second = await desk.open(other, keeper, { leverage: 500 });
    for (const outage of [
      () => replica.setSequencer(false),
      () => confirmed(feed.forge(0, 0)),
      () => replica.setSequencer(true),
    ]) {
      await outage();
      const pending = await desk.requestOpen(trader);
      expect((await desk.settle(keeper, pending)).results[0].reason).to.equal("SequencerNotReady");
      await desk.setPrice("BTC", CROSSED_AT_500);
      const { results } = await desk.liquidate(keeper, [id, second], "BTC");
      expect(results.map(({ reason }) => reason)).to.deep.equal(["SequencerNotReady", "SequencerNotReady"]);
      await desk.setPrice("BTC", price);
    }
    await desk.setPrice("BTC", CROSSED_AT_500);
    const before = await holdingOf(desk, "USDT", trader);
    await desk.close(trader, keeper, id);
    expect(await holdingOf(desk, "USDT", trader)).to.be.greaterThan(before);
    await desk.warp(sequencer.graceSeconds);
    await desk.refresh();
    expect((await desk.liquidate(keeper, [second], "BTC")).results[0].outcome).to.equal("Liquidated");
    await expectBalanced(desk);
  });

  it("O12: what waited through a pause is refunded or lapses, and is not filled at the price after it", async () => {
    const { desk, trader, keeper, breaker, guardian, trading, stranger, id } = await openedDesk();
    const order = await desk.requestOpen(trader, { isLong: true });
    const close = await desk.requestClose(trader, id);
    await breaker.connect(guardian).raise(3);
    await desk.warpTo(close.target + 1);
    await desk.refresh();
    const paused = await desk.execute(
      keeper,
      [order.id, id],
      [desk.firstTick("BTC", order.target), desk.firstTick("BTC", close.target)],
      [0, 1],
    );
    expect(paused.results.map(({ reason }) => reason)).to.deep.equal(["BreakerRaised", "BreakerRaised"]);
    await desk.warp(HALT);
    await desk.setPrice("BTC", (desk.priceOf("BTC") * 110n) / 100n);
    const late = await desk.execute(
      keeper,
      [order.id, id],
      [desk.firstTick("BTC", order.target), desk.firstTick("BTC", close.target)],
      [0, 1],
    );
    expect(late.results.map(({ reason }) => reason)).to.deep.equal(["Expired", "Expired"]);
    const before = await holdingOf(desk, "USDT", trader);
    await trading.connect(stranger).cancelExpired(order.id);
    expect(await holdingOf(desk, "USDT", trader)).to.equal(before + desk.tokenUnits("USDT", 100n));
    expect(await desk.statusOf(id)).to.equal("Open");
    await expectBalanced(desk);
  });

  it("O13: after a halt nothing is liquidated for the grace period, in which owners may leave", async () => {
    const { desk, trader, other, keeper, breaker, guardian } = await loadDesk();
    const id = await desk.open(trader, keeper, { leverage: 500 });
    const second = await desk.open(other, keeper, { leverage: 500 });
    await breaker.connect(guardian).raise(3);
    // The halt costs no carry: the price alone has crossed at 500x, by 63% of the margin.
    await desk.warp(HALT);
    await desk.setPrice("BTC", px("59930"));
    const { results } = await desk.liquidate(keeper, [id, second], "BTC");
    expect(results.map(({ reason }) => reason)).to.deep.equal(["LiquidationGrace", "LiquidationGrace"]);
    const before = await holdingOf(desk, "USDT", trader);
    await desk.close(trader, keeper, id);
    expect(await holdingOf(desk, "USDT", trader)).to.be.greaterThan(before);
    await desk.warp(GRACE);
    await desk.refresh();
    expect((await desk.liquidate(keeper, [second], "BTC")).results[0].outcome).to.equal("Liquidated");
    await expectBalanced(desk);
  });

  it("O20: a close renewed for ever shields from no liquidation", async () => {
    const { desk, trader, keeper, trading, tradingRecords, id } = await openedDesk();
    await desk.setPrice("BTC", CROSSED);
    const crossing = await desk.now();
    await confirmed(trading.connect(trader).requestClose(id, 2n ** 64n - 1n, crossing + 3_600));
    const first = await tradingRecords.closeOf(id);
    // Nobody executed it; the owner renews it in the very block in which that is possible.
    await desk.warpTo(Number(first.expiry));
    await trading.connect(trader).requestClose(id, 2n ** 64n - 1n, Number(first.expiry) + 3_600);
    const second = await tradingRecords.closeOf(id);
    expect(second.target).to.be.greaterThan(first.expiry);
    await desk.refresh();
    // A tick that the first close had shielded, older than thirty seconds by now, still liquidates.
    const at = Number(first.target) + 1;
    expect((await desk.now()) - at).to.be.at.least(30);
    const { results } = await desk.liquidate(keeper, [id], "BTC", { at });
    expect(results[0].outcome).to.equal("Liquidated");
    await expectBalanced(desk);
  });

  it("O21: hundreds of blocks within a second change no clock", async () => {
    const { desk, trader, keeper, id, tradingRecords } = await openedDesk();
    const pending = await desk.requestOpen(trader);
    const before = await stateOf(desk, [id, pending.id]);
    const { provider } = desk;
    const now = await desk.now();
    await provider.send("hardhat_mine", ["0x100", "0x0"]);
    await provider.send("evm_setNextBlockTimestamp", [now + 300]);
    await provider.send("evm_mine", []);
    // It is time that passed: the order has expired, at whatever number of blocks.
    await desk.refresh();
    const { results } = await desk.execute(keeper, [pending.id], [desk.firstTick("BTC", pending.target)]);
    expect(results[0].reason).to.equal("Expired");
    expect(await stateOf(desk, [id, pending.id])).to.equal(before);
    expect((await tradingRecords.order(pending.id)).requestedAt).to.be.at.most(BigInt(now));
  });

  it("O24: a censored trader executes by himself, at the price that any keeper would have used", async () => {
    const { desk, trader, stranger, keeper, trading, tradingRecords } = await loadDesk();
    const fills: bigint[] = [];
    const nav = await navOf(desk);
    for (const by of [keeper, trader, stranger]) {
      const pending = await desk.requestOpen(trader);
      await desk.settle(by, pending, { price: px("60010") });
      fills.push((await tradingRecords.position(pending.id)).entry);
      const close = await desk.requestClose(trader, pending.id);
      const { results } = await desk.settle(by, close, { price: px("60010") });
      expect(results[0].outcome).to.equal("Closed");
    }
    expect(new Set(fills).size).to.equal(1);
    await expectIntact(desk, nav);
    // Censored until the end he gets everything back, from anyone's hand.
    const pending = await desk.requestOpen(trader);
    const before = await holdingOf(desk, "USDT", trader);
    await desk.warp(60);
    await trading.connect(stranger).cancelExpired(pending.id);
    expect(await holdingOf(desk, "USDT", trader)).to.equal(before + desk.tokenUnits("USDT", 100n));
  });
});
