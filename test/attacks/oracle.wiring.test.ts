import { loadFixture, setBalance, takeSnapshot, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { dataLength, getBytes, hexlify, keccak256 } from "ethers";
import { ethers } from "hardhat";
import { assetIdOf } from "../../deploy/arguments/oracle";
import { problemsOf } from "../../deploy/preflight";
import type { AssetKey } from "../../deploy/profiles";
import { confirmed } from "../../kit/desk/Desk";
import type { Proof } from "../../kit/desk/Desk";
import { px } from "../../sdk/units";
import { list, standardArguments } from "../unit/trading/configuratorFixture";
import type { Context } from "../unit/trading/configuratorFixture";
import { executeAt, makeStale, settleAtTarget, start } from "../unit/trading/setup";
import { quickRolesDeskFixture } from "../fixtures/trading";
import { expectBalanced, openedDesk, stateOf } from "./support";
import { revertOf } from "../dsl/reverts";

const BNB_BOOK = 4;
const MESSAGE_OFFSET_FROM_END = 286;
const CHAINLINK = 0;

async function quickRoles() {
  const fixture = await loadFixture(quickRolesDeskFixture);
  await fixture.desk.refresh();
  return fixture;
}

function feedOf({ profile }: { profile: Context["profile"] }, asset: AssetKey): string {
  const feed = profile.chainlink[asset];
  if (feed === undefined) throw new Error(`no feed of ${asset}`);
  return feed.address;
}

describe("attacks: how prices are wired", () => {
  it("X18: a book without fresh anchors that agree opens nothing, and no source is a fixed price", async () => {
    const fixture = await quickRoles();
    const { desk, priceAggregator, quickGovernor, tradingConfigurator, trading, trader, keeper, replica } = fixture;
    const context = {
      ...{ trading, profile: fixture.profile, configurator: tradingConfigurator },
      asGovernor: tradingConfigurator.connect(quickGovernor),
    } as unknown as Context;
    const args = standardArguments(context);
    args.config.assetId = assetIdOf("BNB");
    await list(context, BNB_BOOK, args);
    const open = async () => {
      const request = { ...(await desk.openRequest(trader, { mode: "standard" })), bookId: BNB_BOOK };
      const id = await trading.nextTradeId();
      const receipt = await confirmed(trading.connect(trader).requestOpen(request));
      return { id, receipt, asset: "BNB" as const, target: (await desk.now()) + desk.delayOf("standard") };
    };
    const wired = await settleAtTarget(fixture, await open());
    expect(wired.outcomes).to.deep.equal(["Opened"]);
    await makeStale(fixture, "BNB");
    const stale = await settleAtTarget(fixture, await open());
    expect(stale.outcomes).to.deep.equal(["Skipped AnchorsNotFresh"]);
    await replica.setPushPrice("BNB", desk.priceOf("BNB") * 2n);
    const apart = await settleAtTarget(fixture, await open());
    expect(apart.outcomes).to.deep.equal(["Skipped PriceDeviates"]);
    // A source is a feed of one of two kinds: neither an account nor a contract without decimals, and nothing fixed.
    const asGovernor = priceAggregator.connect(quickGovernor);
    const noFeed = await trading.getAddress();
    const source = { kind: CHAINLINK, feed: noFeed, maxAgeSeconds: 60, base: "", quote: "" };
    for (const [feed, error] of [
      [noFeed, `PriceAggregator_BadSource(${assetIdOf("BNB")},${noFeed})`],
      [keeper.address, `PriceAggregator_NotAContract(${keeper.address})`],
    ] as const) {
      expect(await revertOf(asGovernor.addSource(assetIdOf("BNB"), { ...source, feed }))).to.equal(error);
    }
    // No member of the enum: refused by the decoding of the call.
    expect(await revertOf(asGovernor.addSource(assetIdOf("BNB"), { ...source, kind: 2 }))).to.equal("no reason");
    await expectBalanced(desk);
  });

  it("X19: another asset's feed is named before the deployment, and after it opens and liquidates nothing", async () => {
    const fixture = await quickRoles();
    const { desk, profile, replica, priceAggregator, quickGovernor, trader, keeper } = fixture;
    const { BTC, ETH } = profile.chainlink;
    if (BTC === undefined || ETH === undefined) throw new Error("feeds of BTC and ETH expected");
    await replica.refreshPushPrices();
    const swapped = { ...profile.chainlink, BTC: { ...BTC, address: ETH.address } };
    expect(await problemsOf(ethers.provider, profile)).to.deep.equal([]);
    const problems = await problemsOf(ethers.provider, { ...profile, chainlink: swapped });
    expect(problems).to.include(
      `Chainlink BTC / USD at ${ETH.address}: describes itself as "ETH / USD", "BTC / USD" is expected`,
    );
    // Whatever else is said follows from it.
    for (const problem of problems) expect(problem).to.contain(ETH.address);
    const id = await desk.open(trader, keeper);
    const sources = Number(await priceAggregator.sourceCount(assetIdOf("BTC")));
    let index = 0;
    for (let i = 0; i < sources; ++i) {
      const [{ feed }] = await priceAggregator.source(assetIdOf("BTC"), i);
      if (feed === feedOf(fixture, "BTC")) index = i;
    }
    const [{ kind, maxAgeSeconds, base, quote }] = await priceAggregator.source(assetIdOf("BTC"), index);
    const wrong = { kind, maxAgeSeconds, base, quote, feed: feedOf(fixture, "ETH") };
    await confirmed(priceAggregator.connect(quickGovernor).configureSource(assetIdOf("BTC"), index, wrong));
    const { outcomes } = await settleAtTarget(fixture, await desk.requestOpen(trader));
    expect(outcomes).to.deep.equal(["Skipped PriceDeviates"]);
    await desk.refresh();
    // Beside another anchor it takes the position to no price of the wrong asset: the band holds the genuine tick.
    if (sources > 1) {
      const { results } = await desk.liquidate(keeper, [id], "BTC");
      expect(results[0]).to.deep.include({ outcome: "Skipped", reason: "NotLiquidatable" });
    }
    expect(await desk.statusOf(id)).to.equal("Open");
    expect(await revertOf(desk.mint(fixture.lp, "USDT", desk.tokenUnits("USDT", 100n)))).to.equal(
      `AlpManager_PriceNotValid(${assetIdOf("BTC")})`,
    );
    await expectBalanced(desk);
  });

  it("O22: a tick from the next seconds is refused by name and counts from its own second on", async () => {
    const { desk, priceAggregator, liquidator, trading, keeper, id } = await openedDesk();
    await desk.setPrice("BTC", px("59900"));
    const before = await stateOf(desk, [id]);
    const items = [{ tradeId: id, tickIndex: 0, closeTickIndex: ethers.MaxUint256 }];
    const at = (await desk.now()) + 10;
    const proof = desk.anyTick("BTC", at);
    const liquidate = async () => liquidator.connect(keeper).liquidate(trading, [proof], items, { value: 1n });
    for (const early of [3, 2, 1]) {
      await time.setNextBlockTimestamp(at - early);
      await expect(liquidate())
        .to.be.revertedWithCustomError(priceAggregator, "PriceAggregator_MinPublishTimeInFuture")
        .withArgs(at, at - early);
    }
    expect(await stateOf(desk, [id])).to.equal(before);
    await time.setNextBlockTimestamp(at);
    await confirmed(liquidate());
    expect(await desk.statusOf(id)).to.equal("None");
    await expectBalanced(desk);
  });

  it("O27: an update with any field changed, or of another signer, emitter or set, fills no order", async () => {
    const fixture = await start();
    const { desk, publisher, trader, executor, trading, keeper } = fixture;
    const pending = await desk.requestOpen(trader);
    await desk.warpTo(pending.target + 1);
    await desk.refresh();
    const price = desk.pythPrice("BTC", pending.target);
    const genuine = publisher.update([price]);
    const message = dataLength(genuine) - MESSAGE_OFFSET_FROM_END;
    const flipped = (offset: number) => {
      const bytes = getBytes(genuine);
      bytes[message + offset] ^= 1;
      return hexlify(bytes);
    };
    const forged: [update: string, error: string][] = [
      [publisher.wrongSignerUpdate([price]), "InvalidWormholeVaa"],
      [publisher.update([price], { emitterChain: 1 }), "InvalidUpdateDataSource"],
      [publisher.update([price], { emitter: keccak256("0x01") }), "InvalidUpdateDataSource"],
      [publisher.update([price], { guardianSetIndex: publisher.network.guardianSetIndex + 1 }), "InvalidWormholeVaa"],
      // Feed id, price, confidence, exponent, publish time and the one before.
      ...[1, 40, 48, 52, 60, 68].map((offset): [string, string] => [flipped(offset), "InvalidUpdateData"]),
    ];
    const proofWith = (update: string): Proof => ({ ...desk.firstTick("BTC", pending.target), updateData: [update] });
    const items = [{ tradeId: pending.id, tickIndex: 0 }];
    const value = await desk.updateFee([proofWith(genuine)]);
    const pythErrors = await ethers.getContractAt("LocalPyth", desk.profile.pyth.address);
    for (const [update, error] of forged) {
      const call = executor.connect(keeper).execute(trading, [proofWith(update)], items, { value });
      await expect(call).to.be.revertedWithCustomError(pythErrors, error).withArgs();
    }
    expect(await desk.statusOf(pending.id)).to.equal("MarketOrder");
    const { outcomes } = await executeAt(fixture, (await desk.now()) + 1, [pending.id], [proofWith(genuine)]);
    expect(outcomes).to.deep.equal(["Opened"]);
  });

  it("O29: Pyth's fee is asked for at each call, and the governor can move to another Pyth", async () => {
    const fixture = await quickRoles();
    const { desk, profile, priceAggregator, quickGovernor, trader, stranger } = fixture;
    const pyth = await ethers.getContractAt("LocalPyth", profile.pyth.address);
    const snapshot = await takeSnapshot();
    const owner = await ethers.getImpersonatedSigner(await pyth.owner());
    await setBalance(owner.address, 10n ** 18n);
    const pending = await desk.requestOpen(trader);
    const proofs = [desk.firstTick("BTC", pending.target)];
    await confirmed(pyth.connect(owner).setUpdateFee(77n));
    expect(await desk.updateFee(proofs)).to.equal(77n);
    expect((await settleAtTarget(fixture, pending)).outcomes).to.deep.equal(["Opened"]);
    await snapshot.restore();
    // A Pyth of another network's publishers is none: what this one's sign is not believed any more.
    const successor = await ethers.deployContract("LocalPyth");
    await expect(priceAggregator.connect(stranger).setPyth(successor))
      .to.be.revertedWithCustomError(priceAggregator, "AccessManagedUnauthorized")
      .withArgs(stranger.address);
    await confirmed(priceAggregator.connect(quickGovernor).setPyth(successor));
    expect(await priceAggregator.pyth()).to.equal(await successor.getAddress());
    const waiting = await desk.requestOpen(trader);
    await desk.warpTo(waiting.target + 1);
    const attempt = desk.execute(fixture.keeper, [waiting.id], [desk.firstTick("BTC", waiting.target)]);
    expect(await revertOf(attempt)).to.equal("InvalidWormholeVaa()");
    await confirmed(priceAggregator.connect(quickGovernor).setPyth(profile.pyth.address));
    const { outcomes } = await settleAtTarget(fixture, await desk.requestOpen(trader));
    expect(outcomes).to.deep.equal(["Opened"]);
  });
});
