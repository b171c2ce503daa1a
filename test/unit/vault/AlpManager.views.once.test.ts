import { expect } from "chai";
import { ethers } from "hardhat";
import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { px, tokens, usd } from "../../../sdk/units";
import { ASSETS, back, deployAlp, deployFundedAlp, ETH_ASSET, lineAt, NEVER } from "./alpFixture";

const [USDT, WBTC] = [0, 2];

describe("AlpManager: configuration and views", () => {
  describe("configuration", () => {
    it("adds assets of the vault with a price, once", async () => {
      const { aggregator, manager, tokens: list, vault } = await loadFixture(deployAlp);
      const token = await ethers.deployContract("StandInToken");
      await token.initialize("New", "NEW", 25);
      await expect(manager.addAsset(token, 30n))
        .to.be.revertedWithCustomError(manager, "AlpManager_TokenNotInVault")
        .withArgs(token);
      await vault.listToken(token, 800_000n);
      await expect(manager.addAsset(token, 30n))
        .to.be.revertedWithCustomError(manager, "AlpManager_TooManyDecimals")
        .withArgs(token, 25n, 24n);
      await expect(manager.addAsset(list[USDT], 30n))
        .to.be.revertedWithCustomError(manager, "AlpManager_AssetAlreadyAdded")
        .withArgs(list[USDT], 1n);
      const other = await ethers.deployContract("StandInToken");
      await other.initialize("New", "NEW", 24);
      await vault.listToken(other, 800_000n);
      await expect(manager.addAsset(other, 30n))
        .to.be.revertedWithCustomError(manager, "AlpManager_AssetNotPriced")
        .withArgs(30n);
      await aggregator.setRange(30n, px("1"), px("1"), px("1"), true);
      await expect(manager.addAsset(other, 30n)).to.emit(manager, "AssetAdded").withArgs(other, 30n);
      expect((await manager.assets()).at(-1)).to.deep.equal([await other.getAddress(), 30n, 0n, 150_000n]);
    });

    it("bounds the number of assets", async () => {
      const { aggregator, manager, vault } = await loadFixture(deployAlp);
      await aggregator.setRange(30n, px("1"), px("1"), px("1"), true);
      for (let i = ASSETS.length; i <= 16; ++i) {
        const token = await ethers.deployContract("StandInToken");
        await vault.listToken(token, 800_000n);
        if (i < 16) await manager.addAsset(token, 30n);
        else {
          await expect(manager.addAsset(token, 30n))
            .to.be.revertedWithCustomError(manager, "AlpManager_TooManyAssets")
            .withArgs(16n);
        }
      }
    });

    it("sets weights that add up to 100%", async () => {
      const { manager } = await loadFixture(deployAlp);
      await expect(manager.setWeights([500_000n, 500_000n]))
        .to.be.revertedWithCustomError(manager, "AlpManager_WeightCountWrong")
        .withArgs(2n, 4n);
      await expect(manager.setWeights([500_000n, 500_000n, 0n, 1n]))
        .to.be.revertedWithCustomError(manager, "AlpManager_WeightsNotWhole")
        .withArgs(1_000_001n, 1_000_000n);
      const weights = [500_000n, 400_000n, 0n, 100_000n];
      await expect(manager.setWeights(weights)).to.emit(manager, "WeightsSet").withArgs(weights);
      expect((await manager.assets()).map((asset) => asset.weightPips)).to.deep.equal(weights);
    });

    it("sets fees within their bounds", async () => {
      const { manager } = await loadFixture(deployAlp);
      await expect(manager.setFees(10_000n, 10_000n)).to.emit(manager, "FeesSet").withArgs(10_000n, 10_000n);
      expect(await manager.fees()).to.deep.equal([10_000n, 10_000n]);
      await expect(manager.setFees(0n, 10_001n))
        .to.be.revertedWithCustomError(manager, "AlpManager_FeeOutOfRange")
        .withArgs(10_001n, 10_000n);
    });

    it("is restricted", async () => {
      const { alice, manager, tokens: list } = await loadFixture(deployAlp);
      const from = manager.connect(alice);
      for (const call of [() => from.addAsset(list[0], 1n), () => from.setWeights([]), () => from.setFees(0n, 0n)]) {
        await expect(call())
          .to.be.revertedWithCustomError(manager, "AccessManagedUnauthorized")
          .withArgs(alice.address);
      }
    });
  });

  describe("nav", () => {
    it("works with nothing in the vault", async () => {
      const { alice, lens } = await loadFixture(deployAlp);
      expect(await lens.nav(alice)).to.deep.equal([0n, 0n, 0n, 0n, 0n, usd("1"), usd("1"), usd("1"), []]);
    });

    it("tells low, mid and high, and what each ALP is worth", async () => {
      const context = await loadFixture(deployFundedAlp);
      const { aggregator, alice, alp, lens, product } = context;
      await back(context, usd("5000"), usd("4000"));
      const flat = await lens.nav(alice);
      expect(flat.lowUsd).to.be.within(flat.highUsd - 1n, flat.highUsd);
      await aggregator.setRange(ETH_ASSET, px("2990"), px("3005"), px("3020"), true);
      await product.setLine(ETH_ASSET, lineAt("3000"));
      const supply = await alp.totalSupply();
      const nav = await lens.nav(alice);
      expect(nav.lowUsd).to.equal(flat.lowUsd - usd("200"));
      expect(nav.midUsd).to.equal(flat.midUsd - usd("50"));
      expect(nav.highUsd).to.equal(flat.highUsd + usd("100"));
      expect(nav.supply).to.equal(supply);
      expect(nav.lowPrice).to.equal((nav.lowUsd * 10n ** 18n) / supply);
      expect(nav.midPrice).to.equal((nav.midUsd * 10n ** 18n) / supply);
      expect(nav.highPrice).to.equal((nav.highUsd * 10n ** 18n + supply - 1n) / supply);
      expect(nav.missingAssetIds).to.deep.equal([]);
    });

    it("V02: does not move when tokens are sent to the vault", async () => {
      const { alice, lens, tokens: list, vault } = await loadFixture(deployFundedAlp);
      const before = await lens.nav(alice);
      const token = await ethers.getContractAt("StandInToken", list[USDT]);
      await token.connect(alice).transfer(vault, usd("1000000"));
      expect(await lens.nav(alice)).to.deep.equal(before);
    });

    it("estimates with push prices while ticks are missing, and names what is missing", async () => {
      const context = await loadFixture(deployFundedAlp);
      const { aggregator, alice, lens, product } = context;
      await back(context, usd("5000"), usd("4000"));
      const before = await lens.nav(alice);
      await aggregator.setTickNeeded(3n, true);
      await aggregator.setTickNeeded(ETH_ASSET, true);
      await aggregator.setRange(ETH_ASSET, px("3000"), px("3000"), px("3000"), true);
      await product.setLine(ETH_ASSET, lineAt("3000"));
      const nav = await lens.nav(alice);
      expect([...nav.missingAssetIds]).to.deep.equal([3n, ETH_ASSET]);
      expect(nav.lowUsd).to.equal(before.lowUsd);
    });
  });

  describe("previews", () => {
    it("tell what a mint and a burn give", async () => {
      const { alice, manager, lens, tokens: list } = await loadFixture(deployFundedAlp);
      const from = manager.connect(alice);
      const minted = await lens.previewMint(manager, list[WBTC], tokens("0.5", 8));
      expect(minted.missingAssetIds).to.deep.equal([]);
      expect(await from.mint.staticCall(list[WBTC], tokens("0.5", 8), 0n, NEVER, [], [])).to.equal(minted.amountOut);
      const burnt = await lens.previewBurn(manager, list[WBTC], usd("500"));
      expect(await from.burn.staticCall(list[WBTC], usd("500"), 0n, NEVER, alice, false, [], [])).to.equal(
        burnt.amountOut,
      );
    });

    it("take the dead shares off a first mint", async () => {
      const { manager, lens, tokens: list } = await loadFixture(deployAlp);
      expect((await lens.previewMint(manager, list[USDT], usd("1000"))).amountOut).to.equal(usd("996.5"));
      expect((await lens.previewMint(manager, list[USDT], usd("1"))).amountOut).to.equal(0n);
      expect((await lens.previewBurn(manager, list[USDT], usd("1"))).amountOut).to.equal(0n);
    });

    it("say nothing of what has no price, or nothing behind it", async () => {
      const { aggregator, lens, manager, tokens: list } = await loadFixture(deployFundedAlp);
      await aggregator.setRange(3n, 0n, 0n, 0n, false);
      expect((await lens.previewBurn(manager, list[WBTC], usd("500"))).amountOut).to.equal(0n);
      expect((await lens.previewBurn(manager, list[USDT], usd("500"))).amountOut).to.be.greaterThan(0n);
      for (const { assetId } of ASSETS) await aggregator.setRange(assetId, 0n, 0n, 0n, true);
      const { amountAfterFee, amountOut } = await lens.previewMint(manager, list[USDT], usd("5"));
      expect([amountAfterFee, amountOut]).to.deep.equal([0n, 0n]);
    });

    it("estimate and name the missing asset where a tick is needed", async () => {
      const { aggregator, manager, lens, tokens: list } = await loadFixture(deployFundedAlp);
      const before = await lens.previewMint(manager, list[WBTC], tokens("0.5", 8));
      await aggregator.setTickNeeded(3n, true);
      const after = await lens.previewMint(manager, list[WBTC], tokens("0.5", 8));
      expect(after.amountOut).to.equal(before.amountOut);
      expect([...after.missingAssetIds]).to.deep.equal([3n]);
      expect([...(await lens.previewBurn(manager, list[USDT], usd("1"))).missingAssetIds]).to.deep.equal([3n]);
    });

    it("refuse a retired asset for a mint", async () => {
      const { manager, lens, tokens: list } = await loadFixture(deployFundedAlp);
      await manager.setWeights([500_000n, 300_000n, 0n, 200_000n]);
      await expect(lens.previewMint(manager, list[WBTC], 1n))
        .to.be.revertedWithCustomError(manager, "AlpManager_AssetRetired")
        .withArgs(list[WBTC]);
    });
  });
});
