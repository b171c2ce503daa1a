import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { getBytes, hexlify } from "ethers";
import { ethers } from "hardhat";
import { assetIdOf } from "../../deploy/arguments/oracle";
import type { AssetKey, Mode } from "../../deploy/profiles";
import type { OpenOptions, Proof } from "../../kit/desk/Desk";
import { exitPrice, normalizePythPrice } from "../../sdk/model";
import { FORMER, LIVE } from "../dsl/recordedPyth";
import type { RecordedUpdate } from "../dsl/recordedPyth";
import { deskFixture, formerPythDeskFixture } from "../fixtures/desk";
import { bookOf, executeAt, modelOpening, nextBlockAt } from "../unit/trading/setup";
import { eventsOf, expectBalanced, stateOf } from "./support";

/** The system on a Pyth that believes the recorded network's own guardians, and no others; it costs nothing, as theirs does. */
async function recordedFixture() {
  const fixture = await loadFixture(deskFixture);
  await fixture.replica.setUpdateFee(0n);
  const pyth = await ethers.getContractAt("LocalPyth", fixture.profile.pyth.address);
  const { network } = fixture.publisher;
  expect([network.emitterChain, network.emitter]).to.deep.equal([LIVE.emitterChain, LIVE.emitter]);
  const owned = pyth.connect(fixture.deployer);
  await owned.setGuardianSet(network.guardianSetIndex, [], 0);
  for (const [index, guardians] of LIVE.sets) await owned.setGuardianSet(index, guardians, LIVE.quorum);
  return { ...fixture, pyth };
}

type Context = Awaited<ReturnType<typeof recordedFixture>>;

/** What an update says of an asset: price with ten decimals and when it was published. */
function tickOf({ profile }: Context, { feeds }: RecordedUpdate, asset: AssetKey) {
  const feed = feeds.find(({ feedId }) => feedId === profile.pyth.priceIds[asset]);
  if (feed === undefined) throw new Error(`no ${asset} in the update`);
  return { price: normalizePythPrice(BigInt(feed.price), feed.expo), at: feed.publishTime };
}

/** An order whose target is the update's second, feeds that agree with it, and the proof of its tick. */
async function requestedFor(
  context: Context,
  update: RecordedUpdate,
  asset: AssetKey,
  mode: Mode,
  overrides: OpenOptions = {},
) {
  const { desk, profile, trader } = context;
  const tick = tickOf(context, update, asset);
  await desk.warpTo(tick.at - 60);
  // The feeds lag behind the tick by a hundredth of a percent.
  for (const { assetKey } of profile.markets) {
    await desk.setPrice(assetKey, assetKey === asset ? (tick.price * 9_999n) / 10_000n : desk.priceOf(assetKey));
  }
  await desk.refresh();
  const delay = bookOf(context, asset, mode).executionDelaySeconds;
  const options = { asset, mode, isLong: mode === "degen", leverage: mode === "degen" ? 750 : 100, ...overrides };
  const request = await desk.openRequest(trader, options);
  const id = await context.trading.nextTradeId();
  await nextBlockAt(tick.at - delay);
  await context.trading.connect(trader).requestOpen(request);
  const proof: Proof = {
    assetIds: [assetIdOf(asset)],
    minPublishTime: tick.at,
    isUnique: true,
    updateData: [update.payload],
  };
  return { id, options, proof, tick };
}

describe("attacks: orders on Pyth's recorded updates", () => {
  const cases: { index: number; asset: AssetKey; mode: Mode }[] = [
    { index: 0, asset: "BTC", mode: "degen" },
    { index: 0, asset: "ETH", mode: "standard" },
    { index: 1, asset: "BTC", mode: "standard" },
    { index: 1, asset: "ETH", mode: "standard" },
    { index: 2, asset: "BTC", mode: "degen" },
    { index: 2, asset: "BTC", mode: "standard" },
  ];
  for (const { index, asset, mode } of cases) {
    const update = LIVE.updates[index];
    const day = new Date(update.vaaTimestamp * 1_000).toISOString().slice(0, 10);

    it(`A29: the genuine update of ${day} fills a ${mode} order on ${asset} exactly as in the model`, async () => {
      const context = await loadFixture(recordedFixture);
      const { desk, trading, tradingRecords, trader, keeper } = context;
      const { id, options, proof, tick } = await requestedFor(context, update, asset, mode);
      const model = modelOpening(context, options, tick.price);
      expect(await desk.updateFee([proof])).to.equal(0n);
      const { outcomes, receipt } = await executeAt(context, tick.at + 4, [id], [proof]);
      expect(outcomes).to.deep.equal(["Opened"]);
      const position = await tradingRecords.position(id);
      expect([position.margin, position.size, position.entry]).to.deep.equal([model.margin, model.size, model.entry]);
      const [opened] = eventsOf(trading, "TradeOpened", receipt);
      expect(opened.slice(0, 4)).to.deep.equal([id, trader.address, keeper.address, tick.price]);
      await expectBalanced(desk);
    });
  }

  it("A29: a position opened on one recorded update is closed on another, signed by the next set", async () => {
    const context = await loadFixture(recordedFixture);
    const { desk, trading, trader, keeper } = context;
    const [august, september] = LIVE.updates;
    expect(august.guardianSetIndex).to.not.equal(september.guardianSetIndex);
    const { id, proof, tick } = await requestedFor(context, august, "ETH", "standard", {
      isLong: true,
      leverage: 10,
    });
    expect((await executeAt(context, tick.at + 1, [id], [proof])).outcomes).to.deep.equal(["Opened"]);

    // Six percent up in three weeks.
    const closing = tickOf(context, september, "ETH");
    expect(closing.price).to.be.greaterThan((tick.price * 105n) / 100n);
    await desk.warpTo(closing.at - 60);
    await desk.setPrice("ETH", closing.price);
    await desk.refresh();
    const deadline = (await desk.now()) + 3_600;
    await nextBlockAt(closing.at - bookOf(context, "ETH", "standard").executionDelaySeconds);
    await trading.connect(trader).requestClose(id, 0n, deadline);
    const closeProof = { ...proof, minPublishTime: closing.at, updateData: [september.payload] };
    const { outcomes, receipt } = await executeAt(context, closing.at + 4, [id], [closeProof]);
    expect(outcomes).to.deep.equal(["Closed"]);
    const slippagePips = BigInt(bookOf(context, "ETH", "standard").slippagePips);
    const exit = exitPrice(closing.price, slippagePips, true);
    const [closed] = eventsOf(trading, "TradeClosed", receipt);
    expect(closed.slice(0, 4)).to.deep.equal([id, trader.address, keeper.address, exit]);
    await expectBalanced(desk);
  });

  it("A29: a second to either side of the tick's it is the tick of no order", async () => {
    const context = await loadFixture(recordedFixture);
    const { pyth, executor, keeper, trading, desk } = context;
    const [update] = LIVE.updates;
    const { id, proof, tick } = await requestedFor(context, update, "BTC", "degen");
    const items = [{ tradeId: id, tickIndex: 0 }];
    await desk.warpTo(tick.at + 5);
    for (const minPublishTime of [tick.at - 1, tick.at + 1]) {
      const proofs = [{ ...proof, minPublishTime }];
      await expect(executor.connect(keeper).execute(trading, proofs, items)).to.be.revertedWithCustomError(
        pyth,
        "PriceFeedNotFoundWithinRange",
      );
    }
    expect((await executeAt(context, tick.at + 8, [id], [proof])).outcomes).to.deep.equal(["Opened"]);
  });

  it("A29: with one bit changed it moves nothing, and the genuine one fills the order after", async () => {
    const context = await loadFixture(recordedFixture);
    const { desk, pyth, executor, keeper, trading } = context;
    const [update] = LIVE.updates;
    const { id, proof, tick } = await requestedFor(context, update, "BTC", "degen");
    const items = [{ tradeId: id, tickIndex: 0 }];
    await desk.warpTo(tick.at + 1);
    const before = await stateOf(desk, [id]);
    const signaturesAt = 16;
    const bodyAt = signaturesAt + 66 * update.signatures;
    const messageAt = bodyAt + 51 + 37 + 3;
    for (const [at, error] of [
      [14, "InvalidWormholeVaa"],
      [signaturesAt, "InvalidWormholeVaa"],
      [signaturesAt + 20, "InvalidWormholeVaa"],
      [bodyAt + 9, "InvalidWormholeVaa"],
      [bodyAt + 41, "InvalidWormholeVaa"],
      [bodyAt + 87, "InvalidWormholeVaa"],
      [messageAt + 40, "InvalidUpdateData"],
      [messageAt + 85 + 20, "InvalidUpdateData"],
    ] as const) {
      const bytes = getBytes(update.payload);
      bytes[at] ^= 1;
      const proofs = [{ ...proof, updateData: [hexlify(bytes)] }];
      await expect(executor.connect(keeper).execute(trading, proofs, items))
        .to.be.revertedWithCustomError(pyth, error)
        .withArgs();
      expect(await stateOf(desk, [id])).to.equal(before);
    }
    expect((await executeAt(context, tick.at + 20, [id], [proof])).outcomes).to.deep.equal(["Opened"]);
  });

  it("A29: 13 of 19 with a fee works as well: each price is paid, and the network of now is a stranger there", async () => {
    const fixture = await loadFixture(formerPythDeskFixture);
    const { desk, publisher, lp, keeper, priceAggregator, profile } = fixture;
    expect(publisher.network.quorum).to.equal(FORMER.quorum);
    await desk.mint(lp, "USDT", desk.tokenUnits("USDT", 1_000n));
    const at = await desk.now();
    const proofs = [desk.anyTick("BTC", at), desk.anyTick("ETH", at)];
    const fee = await desk.updateFee(proofs);
    expect(fee)
      .to.equal(2n * publisher.network.updateFeeWei)
      .and.to.be.greaterThan(0n);
    await expect(priceAggregator.connect(keeper).prove(proofs, { value: fee + 9n })).to.changeEtherBalances(
      [keeper, profile.pyth.address],
      [-fee, fee],
    );
    await expect(priceAggregator.connect(keeper).prove(proofs, { value: fee - 1n }))
      .to.be.revertedWithCustomError(priceAggregator, "PriceAggregator_UpdateFeeNotPaid")
      .withArgs(fee - 1n, fee);
    const stranger = { ...proofs[0], updateData: [LIVE.updates[0].payload] };
    const pyth = await ethers.getContractAt("LocalPyth", profile.pyth.address);
    await expect(priceAggregator.connect(keeper).prove([stranger], { value: 10n })).to.be.revertedWithCustomError(
      pyth,
      "InvalidWormholeVaa",
    );
  });
});
