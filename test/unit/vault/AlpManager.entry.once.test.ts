import { expect } from "chai";
import { ethers } from "hardhat";
import { loadFixture, setBalance } from "@nomicfoundation/hardhat-network-helpers";
import { usd } from "../../../sdk/units";
import { addOnlyAsset, back, deployAlp, deployFundedAlp, mint, NEVER } from "./alpFixture";

const [USDT, WBTC] = [0, 2];

describe("AlpManager: who may enter, and what comes back", () => {
  describe("update fee", () => {
    it("brings ticks and returns the excess, on mints and burns", async () => {
      const { aggregator, alice, bob, manager, tokens: list } = await loadFixture(deployFundedAlp);
      await aggregator.setTickNeeded(3n, true);
      await aggregator.setFeePerAsset(7n);
      await expect(mint(manager.connect(bob), list[USDT], usd("5")))
        .to.be.revertedWithCustomError(manager, "AlpManager_PriceNotValid")
        .withArgs(3n);
      const paid = { value: 1_000n };
      await expect(
        manager.connect(bob).mint(list[USDT], usd("5"), 0n, NEVER, [3n], ["0x01"], paid),
      ).to.changeEtherBalances([bob, aggregator, manager], [-7n, 7n, 0n]);
      await expect(
        manager.connect(alice).burn(list[WBTC], usd("5"), 0n, NEVER, alice, false, [3n], ["0x01"], paid),
      ).to.changeEtherBalances([alice, aggregator, manager], [-7n, 7n, 0n]);
    });

    it("returns everything when no tick is brought", async () => {
      const { bob, manager, tokens: list } = await loadFixture(deployFundedAlp);
      await expect(
        manager.connect(bob).mint(list[USDT], usd("5"), 0n, NEVER, [], [], { value: 9n }),
      ).to.changeEtherBalance(bob, 0n);
    });

    it("refuses update data without assets, or assets without update data", async () => {
      const { aggregator, bob, manager, tokens: list } = await loadFixture(deployFundedAlp);
      await expect(manager.connect(bob).mint(list[USDT], usd("5"), 0n, NEVER, [3n], [])).to.be.revertedWithCustomError(
        aggregator,
        "PriceAggregator_NoUpdateData",
      );
    });

    it("reverts when the caller does not take the excess back", async () => {
      const { manager, tokens: list } = await loadFixture(deployFundedAlp);
      const wallet = await ethers.deployContract("RevertingReceiver");
      const token = await ethers.getContractAt("StandInToken", list[USDT]);
      await token.mint(wallet, usd("5"));
      await wallet.execute(
        token,
        0n,
        token.interface.encodeFunctionData("approve", [await manager.getAddress(), usd("5")]),
      );
      await wallet.setHostile(true);
      const data = manager.interface.encodeFunctionData("mint", [list[USDT], usd("5"), 0n, NEVER, [], []]);
      await expect(wallet.execute(manager, 9n, data, { value: 9n }))
        .to.be.revertedWithCustomError(manager, "AlpManager_RefundRefused")
        .withArgs(await wallet.getAddress(), 9n);
    });

    it("takes native coin from nobody else", async () => {
      const { alice, manager } = await loadFixture(deployFundedAlp);
      await expect(alice.sendTransaction({ to: manager, value: 1n }))
        .to.be.revertedWithCustomError(manager, "AlpManager_NativeNotExpected")
        .withArgs(alice.address);
    });
  });

  describe("payIn", () => {
    it("is for the vault, in the course of a mint", async () => {
      const { alice, manager, tokens: list, vault } = await loadFixture(deployFundedAlp);
      await expect(manager.connect(alice).payIn(list[USDT], alice, 1n))
        .to.be.revertedWithCustomError(manager, "AlpManager_PayInNotExpected")
        .withArgs(alice.address);
      const vaultAddress = await vault.getAddress();
      const asVault = await ethers.getImpersonatedSigner(vaultAddress);
      await setBalance(vaultAddress, usd("1"));
      await expect(manager.connect(asVault).payIn(list[USDT], alice, 1n))
        .to.be.revertedWithCustomError(manager, "AlpManager_PayInNotExpected")
        .withArgs(vaultAddress);
    });
  });

  describe("reentrancy", () => {
    it("X01 V03: can neither be entered nor asked in the middle of a deposit", async () => {
      const { alice, hostile, manager, lens } = await loadFixture(deployWithHostileToken);
      const token = await hostile.getAddress();
      const calls = {
        mint: manager.interface.encodeFunctionData("mint", [token, 1n, 0n, NEVER, [], []]),
        burn: manager.interface.encodeFunctionData("burn", [token, 1n, 0n, NEVER, alice.address, false, [], []]),
        setFees: manager.interface.encodeFunctionData("setFees", [1n, 1n]),
        settings: manager.interface.encodeFunctionData("settings"),
        nav: lens.interface.encodeFunctionData("nav", [alice.address]),
        previewMint: lens.interface.encodeFunctionData("previewMint", [alice.address, token, 1n]),
        previewBurn: lens.interface.encodeFunctionData("previewBurn", [alice.address, token, 1n]),
      };
      for (const [name, data] of Object.entries(calls)) {
        const isPreview = name === "nav" || name.startsWith("preview");
        await hostile.arm(isPreview ? lens : manager, data, true);
        await mint(manager.connect(alice), token, usd("100"));
        expect(await hostile.lastSuccess(), name).to.equal(false);
        const reason = manager.interface.parseError(await hostile.lastReturnData())?.name;
        const isGuarded = name === "mint" || name === "burn";
        if (name === "setFees") expect(reason).to.equal("AccessManagedUnauthorized");
        else expect(reason).to.equal(isGuarded ? "ReentrancyGuardReentrantCall" : "AlpManager_Busy");
      }
    });

    it("V03: takes a product in the course of a call for one that does not answer", async () => {
      const context = await loadFixture(deployFundedAlp);
      const { alice, bob, manager, lens, product, tokens: list } = context;
      await back(context, usd("5000"), usd("4000"));
      const whole = await lens.previewBurn(manager, list[USDT], usd("1000"));
      await product.setBusy(true);
      const named = await product.getAddress();
      for (const call of [
        () => mint(manager.connect(bob), list[USDT], usd("5")),
        () => lens.nav(alice),
        () => lens.previewMint(alice, list[USDT], usd("5")),
        () => lens.previewBurn(alice, list[USDT], usd("5")),
      ]) {
        await expect(call()).to.be.revertedWithCustomError(manager, "AlpManager_ProductNotValued").withArgs(named);
      }
      // A thousandth of the ALP, and so of the 5,000 USD that are reserved, all taken for lost.
      const paid = await manager
        .connect(alice)
        .burn.staticCall(list[USDT], usd("1000"), 0n, NEVER, alice, false, [], []);
      expect(whole.amountOut - paid).to.be.closeTo(usd("5"), usd("0.05"));
    });
  });
});

/** As `deployAlp`, with one more asset: a token that makes a call of its own in the middle of a transfer. */
async function deployWithHostileToken() {
  const context = await deployAlp();
  const hostile = await ethers.deployContract("ReentrantToken");
  await hostile.initialize("HOOK", "HOOK", 18);
  await addOnlyAsset(context, await hostile.getAddress());
  await hostile.mint(context.alice, usd("1000"));
  await hostile.connect(context.alice).approve(context.manager, ethers.MaxUint256);
  return { ...context, hostile };
}
