import { takeSnapshot } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { ethers } from "hardhat";
import { assetIdOf } from "../../deploy/arguments/oracle";
import { WRAPPED_ASSETS } from "../../deploy/profiles";
import type { AssetKey } from "../../deploy/profiles";
import { confirmed } from "../../kit/desk/Desk";
import { px, usd } from "../../sdk/units";
import { makeStale } from "../unit/trading/setup";
import { expectBalanced, holdingOf, loadDesk, navOf, openedDesk, replaceToken } from "./support";
import { revertOf } from "../dsl/reverts";

const PIPS = 1_000_000n;

describe("attacks: leaving in time, odd tokens and rounding", () => {
  it("V12: who burns before the feeds have followed a loss is paid what is left after it, at most", async () => {
    const { desk, lp, alp, alpManager, profile, replica, trader, keeper } = await loadDesk();
    const token = replica.token("USDT");
    const amount = desk.tokenUnits("USDT", 180n);
    // The market's asset, and what stands for it among the vault's tokens.
    const wrapped = profile.tokens.map(({ assetKey }) => assetKey).filter((key) => WRAPPED_ASSETS[key] === "BTC");
    const coins: AssetKey[] = ["BTC", ...wrapped];
    await desk.open(trader, keeper, { amount, isLong: false });
    const start = desk.priceOf("BTC");
    const snapshot = await takeSnapshot();
    // The trader gains up to the cap, 60 basis points at 1001x, and the vault's own coins lose.
    const fallen = (start * 9_940n) / 10_000n;
    const shares = (await alp.balanceOf(lp)) / 100n;
    const burnt = async (feed: bigint, tick: bigint) => {
      await snapshot.restore();
      await desk.setPrice("BTC", tick);
      for (const key of coins) await replica.setPushPrice(key, feed);
      const now = await desk.now();
      const { assetIds, updateData } = desk.referenceTicks(now);
      const before = await token.balanceOf(lp);
      const sent = alpManager.connect(lp).burn(token, shares, 0, now + 60, lp, false, assetIds, updateData, {
        value: BigInt(assetIds.length),
      });
      await confirmed(sent);
      return (await token.balanceOf(lp)) - before;
    };
    const untouched = await burnt(start, start);
    const followed = await burnt(fallen, fallen);
    expect(followed).to.be.below(untouched);
    // Feeds that lag behind the tick gain him nothing, nor do those that run ahead of it, but for a tick's confidence.
    expect(await burnt(start, fallen)).to.be.at.most(followed);
    expect(await burnt(fallen, start)).to.be.within(followed, followed + followed / 5_000n);
    // Nor can he bring a tick from before the fall.
    await snapshot.restore();
    const old = desk.referenceTicks(await desk.now());
    await desk.warp(6);
    await desk.setPrice("BTC", fallen);
    const deadline = (await desk.now()) + 60;
    const late = alpManager
      .connect(lp)
      .burn(token, shares, 0, deadline, lp, false, old.assetIds, old.updateData, { value: 9n });
    expect(await revertOf(late)).to.equal("PriceFeedNotFoundWithinRange()");
    await desk.setPrice("BTC", start);
    await expectBalanced(desk);
  });

  it("V13: a token that keeps a share, stops, lies or changes its decimals is counted as it arrives", async () => {
    const { desk, trader, trading, tradingRecords, alpLens, vault, stranger, keeper, id } = await openedDesk();
    const address = await replaceToken(desk, "USDT", "FeeOnTransferToken");
    const taxed = await ethers.getContractAt("FeeOnTransferToken", address);
    await taxed.setFeePips(PIPS / 100n);
    const pending = await desk.requestOpen(trader);
    const { amount } = await tradingRecords.order(pending.id);
    expect(amount).to.equal((desk.tokenUnits("USDT", 100n) * 99n) / 100n);
    await expectBalanced(desk);
    // A mint is worth what has arrived: a hundredth less than without the tax.
    const whole = desk.tokenUnits("USDT", 1_000n);
    const snapshot = await takeSnapshot();
    const minted: bigint[] = [];
    for (const fee of [0n, PIPS / 100n]) {
      await snapshot.restore();
      await taxed.setFeePips(fee);
      const before = await desk.system.alp.balanceOf(stranger);
      await desk.mint(stranger, "USDT", whole);
      minted.push((await desk.system.alp.balanceOf(stranger)) - before);
      await expectBalanced(desk);
    }
    expect(minted[1]).to.be.closeTo((minted[0] * 99n) / 100n, minted[0] / 100_000n);
    await desk.settle(keeper, pending);
    await desk.close(trader, keeper, id);
    await desk.close(trader, keeper, pending.id);
    await expectBalanced(desk);
    await taxed.setFeePips(0n);
    // One that answers false, and one that has stopped, are taken in by nobody.
    const ledger = await vault.ledger(address);
    for (const [name, error, arm] of [
      [
        "ReturnsFalseToken",
        `SafeERC20FailedOperation(${address})`,
        async () => (await ethers.getContractAt("ReturnsFalseToken", address)).setHostile(true),
      ],
      [
        "PausableToken",
        "PausableToken_Paused()",
        async () => (await ethers.getContractAt("PausableToken", address)).setPaused(true),
      ],
    ] as const) {
      await replaceToken(desk, "USDT", name);
      await arm();
      expect(await revertOf(trading.connect(trader).requestOpen(await desk.openRequest(trader))), name).to.equal(error);
      expect(await vault.ledger(address), name).to.deep.equal(ledger);
    }
    // Decimals are those of the listing, whatever the token says later.
    await replaceToken(desk, "USDT", "DecimalsChangingToken");
    const nav = await navOf(desk);
    const preview = await alpLens.previewMint(ZeroAddress, address, whole);
    await (await ethers.getContractAt("DecimalsChangingToken", address)).setDecimals(2);
    expect(await navOf(desk)).to.equal(nav);
    expect(await alpLens.previewMint(ZeroAddress, address, whole)).to.deep.equal(preview);
    await expectBalanced(desk);
  });

  it("V14: a stablecoin that lost its peg enters at its price, leaves at no more, and not on an old answer", async () => {
    const fixture = await loadDesk();
    const { desk, stranger, lp, alp, alpManager, alpLens, replica } = fixture;
    const amount = desk.tokenUnits("USDT", 1_000n);
    await desk.setPrice("USDT", px("0.9"));
    await desk.mint(stranger, "USDT", amount);
    const shares = await alp.balanceOf(stranger);
    const { lowPrice, highPrice } = await alpLens.nav(ZeroAddress);
    // Worth 900 USD less the fee of 30 basis points at most and the ticks' confidence of two, at either end of the NAV.
    expect((shares * lowPrice) / 10n ** 18n).to.be.at.most(usd("900"));
    expect((shares * highPrice) / 10n ** 18n).to.be.at.least((usd("900") * 9_968n) / 10_000n);
    const before = await holdingOf(desk, "USDC", lp);
    await desk.burn(lp, "USDC", shares);
    const paid = (await holdingOf(desk, "USDC", lp)) - before;
    expect(paid).to.be.at.most(desk.tokenUnits("USDC", 900n));
    expect(paid).to.be.at.least((desk.tokenUnits("USDC", 900n) * 9_900n) / 10_000n);
    // No mint at the last answer of a feed that reports no more.
    await replica.mintToken("USDT", stranger.address, amount);
    const token = replica.token("USDT").connect(stranger);
    await confirmed(token.approve(alpManager, amount));
    await makeStale(fixture, "USDT");
    const now = await desk.now();
    const { assetIds, updateData } = desk.referenceTicks(now);
    const value = BigInt(assetIds.length);
    await expect(alpManager.connect(stranger).mint(token, amount, 0, now + 60, assetIds, updateData, { value }))
      .to.be.revertedWithCustomError(alpManager, "AlpManager_PriceNotValid")
      .withArgs(assetIdOf("USDT"));
    await expectBalanced(desk);
  });

  it("V15 X23: minting and burning round down, and in parts never give more than at once", async () => {
    const { desk, stranger, alp, profile } = await loadDesk();
    await desk.setPrice("BTC", px("60000"));
    const amount = desk.tokenUnits("USDT", 70n) + 9n;
    const snapshot = await takeSnapshot();
    const minted: bigint[] = [];
    const burnt: bigint[] = [];
    for (const parts of [1n, 7n]) {
      await snapshot.restore();
      for (let i = 0n; i < parts; ++i) {
        await desk.mint(stranger, "USDT", i === 0n ? amount - (amount / parts) * (parts - 1n) : amount / parts);
      }
      minted.push(await alp.balanceOf(stranger));
      await desk.warp(profile.vault.cooldownSeconds);
    }
    // A part is charged at the weights it meets: a ten-millionth of it either way, apart from the rounding.
    expect(minted[1]).to.be.at.most(minted[0] + minted[0] / 10_000_000n);
    const shares = minted[1];
    const minting = await takeSnapshot();
    for (const parts of [1n, 7n]) {
      await minting.restore();
      const before = await holdingOf(desk, "USDT", stranger);
      for (let i = 0n; i < parts; ++i) {
        await desk.burn(stranger, "USDT", i === 0n ? shares - (shares / parts) * (parts - 1n) : shares / parts);
      }
      burnt.push((await holdingOf(desk, "USDT", stranger)) - before);
      expect(burnt[burnt.length - 1]).to.be.below(amount);
    }
    expect(burnt[1]).to.be.at.most(burnt[0] + burnt[0] / 10_000_000n);
    await expectBalanced(desk);
  });
});
