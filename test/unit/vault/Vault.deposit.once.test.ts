import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { HostileProduct__factory } from "../../../typechain-types";
import {
  COLLATERAL,
  LIQUIDITY,
  balanceOf,
  deployVault,
  deployVaultFor,
  expectSolvent,
  openingOf,
  reserve,
} from "./vaultFixture";

describe("Vault: what comes in and goes out", () => {
  async function deployFeeToken() {
    const context = await deployVaultFor("FeeOnTransferToken");
    const feeToken = await ethers.getContractAt("FeeOnTransferToken", await context.token.getAddress());
    return { ...context, feeToken };
  }

  async function deployBlacklist() {
    const context = await deployVaultFor("BlacklistToken");
    const blacklist = await ethers.getContractAt("BlacklistToken", await context.token.getAddress());
    return { ...context, blacklist };
  }

  /** A token whose units know no bounds. */
  async function fundWithoutBounds() {
    const context = await deployVault();
    await context.token.mint(context.payer, 2n ** 255n);
    return context;
  }

  describe("deposit", () => {
    it("books what arrives as the calling product's collateral", async () => {
      const { payer, product, second, token, vault } = await loadFixture(deployVault);
      expect(await product.deposit.staticCall(token, payer, 5n)).to.equal(5n);
      const deposit = product.deposit(token, payer, 5n);
      await expect(deposit).to.changeTokenBalances(token, [payer, vault], [-5n, 5n]);
      expect((await vault.productLedger(product, token)).collateral).to.equal(COLLATERAL + 5n);
      expect((await vault.productLedger(second, token)).collateral).to.equal(COLLATERAL);
      expect(await vault.collateral(token)).to.equal(2n * COLLATERAL + 5n);
      expect((await vault.ledger(token)).liquidity).to.equal(LIQUIDITY);
      await expectSolvent(vault, token);
    });

    it("is for products only", async () => {
      const { payer, token, vault, manager } = await loadFixture(deployVault);
      await expect(vault.connect(payer).deposit(token, payer, 1n))
        .to.be.revertedWithCustomError(vault, "Vault_ProductNotFound")
        .withArgs(payer.address);
      await expect(manager.deposit(token, payer, 1n))
        .to.be.revertedWithCustomError(vault, "Vault_ProductNotFound")
        .withArgs(await manager.getAddress());
    });

    it("stays closed to whoever books an opening or a settlement of nothing first", async () => {
      const { payer, token, vault, manager } = await loadFixture(deployVault);
      const nobody = ethers.ZeroAddress;
      const none = { account: nobody, amount: 0n };
      const opening = { token, reserve: 0n, toLiquidity: 0n, toFees: 0n, executor: none };
      await vault.connect(payer).open(opening);
      await vault.connect(payer).settle({
        token,
        collateral: 0n,
        reserve: 0n,
        toFees: 0n,
        executor: none,
        armer: none,
        receiver: nobody,
        payout: 0n,
        asNative: false,
      });
      expect((await vault.productLedger(payer, token)).isOpen).to.equal(false);
      await expect(vault.connect(payer).deposit(token, payer, 1n))
        .to.be.revertedWithCustomError(vault, "Vault_ProductNotFound")
        .withArgs(payer.address);
      await expect(manager.deposit(token, payer, 1n))
        .to.be.revertedWithCustomError(vault, "Vault_ProductNotFound")
        .withArgs(manager);
    });

    it("is for listed tokens only", async () => {
      const { payer, product, wrapped, vault } = await loadFixture(deployVault);
      await expect(product.deposit(wrapped, payer, 1n))
        .to.be.revertedWithCustomError(vault, "Vault_TokenNotListed")
        .withArgs(await wrapped.getAddress());
    });

    it("books nothing for nothing", async () => {
      const { payer, product, token, vault } = await loadFixture(deployVault);
      const address = await token.getAddress();
      await expect(product.deposit(token, payer, 0n))
        .to.be.revertedWithCustomError(vault, "Vault_NothingArrived")
        .withArgs(address);
      await product.setKeepsBack(true);
      await expect(product.deposit(token, payer, 100n))
        .to.be.revertedWithCustomError(vault, "Vault_NothingArrived")
        .withArgs(address);
      await expectSolvent(vault, token);
    });

    it("books what arrives and not what was announced", async () => {
      const { feeToken, payer, product, token, vault } = await loadFixture(deployFeeToken);
      await feeToken.setFeePips(10_000n);
      expect(await product.deposit.staticCall(token, payer, 1_000n)).to.equal(990n);
      await product.deposit(token, payer, 1_000n);
      expect((await vault.productLedger(product, token)).collateral).to.equal(COLLATERAL + 990n);
      await expectSolvent(vault, token);
      await feeToken.setFeePips(1_000_000n);
      await expect(product.deposit(token, payer, 1_000n))
        .to.be.revertedWithCustomError(vault, "Vault_NothingArrived")
        .withArgs(await token.getAddress());
    });

    it("passes a payer's lack of tokens or allowance on", async () => {
      const { product, stranger, token } = await loadFixture(deployVault);
      await expect(product.deposit(token, stranger, 1n))
        .to.be.revertedWithCustomError(token, "ERC20InsufficientAllowance")
        .withArgs(await product.getAddress(), 0n, 1n);
    });

    it("refuses to hold more than its books can count", async () => {
      const { payer, product, token, vault } = await loadFixture(fundWithoutBounds);
      const max = 2n ** 120n - 1n;
      await product.deposit(token, payer, max - COLLATERAL);
      expect((await vault.productLedger(product, token)).collateral).to.equal(max);
      await expect(product.deposit(token, payer, 1n))
        .to.be.revertedWithCustomError(vault, "Vault_AmountOverflow")
        .withArgs(max + 1n, max);
      await expectSolvent(vault, token);
    });
  });

  describe("addLiquidity", () => {
    it("books what arrives as liquidity", async () => {
      const { feeToken, manager, payer, token, vault } = await loadFixture(deployFeeToken);
      await feeToken.setFeePips(10_000n);
      expect(await manager.addLiquidity.staticCall(token, payer, 1_000n)).to.equal(990n);
      await expect(manager.addLiquidity(token, payer, 1_000n))
        .to.emit(vault, "LiquidityAdded")
        .withArgs(await token.getAddress(), payer.address, 990n);
      expect((await vault.ledger(token)).liquidity).to.equal(LIQUIDITY + 990n);
      await expectSolvent(vault, token);
    });

    it("is for the liquidity manager only, and listed tokens", async () => {
      const { manager, payer, product, token, vault, wrapped } = await loadFixture(deployVault);
      await expect(product.addLiquidity(token, payer, 1n))
        .to.be.revertedWithCustomError(vault, "Vault_NotLiquidityManager")
        .withArgs(await product.getAddress());
      await expect(manager.addLiquidity(wrapped, payer, 1n))
        .to.be.revertedWithCustomError(vault, "Vault_TokenNotListed")
        .withArgs(await wrapped.getAddress());
    });

    it("books nothing for nothing, and no more than its books can count", async () => {
      const { manager, payer, token, vault } = await loadFixture(fundWithoutBounds);
      await manager.setKeepsBack(true);
      await expect(manager.addLiquidity(token, payer, 1n))
        .to.be.revertedWithCustomError(vault, "Vault_NothingArrived")
        .withArgs(await token.getAddress());
      await manager.setKeepsBack(false);
      const max = 2n ** 112n - 1n;
      await manager.addLiquidity(token, payer, max - LIQUIDITY);
      await expect(manager.addLiquidity(token, payer, 1n))
        .to.be.revertedWithCustomError(vault, "Vault_AmountOverflow")
        .withArgs(max + 1n, max);
      await expectSolvent(vault, token);
    });
  });

  describe("removeLiquidity", () => {
    it("pays what is not reserved, to the last unit", async () => {
      const { manager, product, receiver, token, vault } = await loadFixture(deployVault);
      await reserve(product, token, 300_000n);
      await expect(manager.removeLiquidity(token, receiver, LIQUIDITY - 299_999n, false))
        .to.be.revertedWithCustomError(vault, "Vault_LiquidityReserved")
        .withArgs(LIQUIDITY - 299_999n, LIQUIDITY - 300_000n);
      await expect(manager.removeLiquidity(token, receiver, LIQUIDITY - 300_000n, false))
        .to.emit(vault, "LiquidityRemoved")
        .withArgs(await token.getAddress(), receiver.address, LIQUIDITY - 300_000n);
      expect(await token.balanceOf(receiver)).to.equal(LIQUIDITY - 300_000n);
      const { liquidity, reserved } = await vault.ledger(token);
      expect([liquidity, reserved]).to.deep.equal([300_000n, 300_000n]);
      await expectSolvent(vault, token);
    });

    it("is for the liquidity manager only, and listed tokens", async () => {
      const { manager, product, receiver, token, vault, wrapped } = await loadFixture(deployVault);
      await expect(product.removeLiquidity(token, receiver, 1n, false))
        .to.be.revertedWithCustomError(vault, "Vault_NotLiquidityManager")
        .withArgs(await product.getAddress());
      await expect(manager.removeLiquidity(wrapped, receiver, 1n, false))
        .to.be.revertedWithCustomError(vault, "Vault_TokenNotListed")
        .withArgs(await wrapped.getAddress());
      await expect(manager.removeLiquidity(token, receiver, 1n, true))
        .to.be.revertedWithCustomError(vault, "Vault_NotWrappedNative")
        .withArgs(await token.getAddress());
    });

    it("becomes a claim of the receiver when the token refuses it", async () => {
      const { blacklist, manager, receiver, token, vault } = await loadFixture(deployBlacklist);
      await blacklist.setBlacklisted(receiver, true);
      await expect(manager.removeLiquidity(token, receiver, 500n, false))
        .to.emit(vault, "PaymentRefused")
        .withArgs(await token.getAddress(), receiver.address, 500n);
      expect(await vault.claimableOf(token, receiver)).to.equal(500n);
      expect((await vault.ledger(token)).liquidity).to.equal(LIQUIDITY - 500n);
      await expectSolvent(vault, token);
    });
  });

  describe("allocateFees", () => {
    async function deployWithFees() {
      const context = await deployVault();
      await context.product.open(openingOf(context.token, { toFees: 1_000n }));
      return context;
    }

    it("turns fees into a claim, to the last unit", async () => {
      const { distributor, receiver, token, vault } = await loadFixture(deployWithFees);
      const as = vault.connect(distributor);
      await expect(as.allocateFees(token, receiver, 1_001n))
        .to.be.revertedWithCustomError(vault, "Vault_FeesExceeded")
        .withArgs(1_001n, 1_000n);
      for (const amount of [400n, 600n]) {
        await expect(as.allocateFees(token, receiver, amount))
          .to.emit(vault, "FeesAllocated")
          .withArgs(await token.getAddress(), receiver.address, amount);
        await expectSolvent(vault, token);
      }
      const { claimable, fees } = await vault.ledger(token);
      expect([fees, claimable]).to.deep.equal([0n, 1_000n]);
      expect(await vault.claimableOf(token, receiver)).to.equal(1_000n);
    });

    it("is for the fee distributor only, and for somebody", async () => {
      const { distributor, governor, token, vault } = await loadFixture(deployWithFees);
      await expect(vault.connect(governor).allocateFees(token, governor, 1n))
        .to.be.revertedWithCustomError(vault, "Vault_NotFeeDistributor")
        .withArgs(governor.address);
      await expect(
        vault.connect(distributor).allocateFees(token, ethers.ZeroAddress, 1n),
      ).to.be.revertedWithCustomError(vault, "Vault_ZeroAddress");
    });

    it("finds no fees in a token that is not listed", async () => {
      const { distributor, stranger, vault } = await loadFixture(deployWithFees);
      await expect(vault.connect(distributor).allocateFees(stranger, stranger, 1n))
        .to.be.revertedWithCustomError(vault, "Vault_FeesExceeded")
        .withArgs(1n, 0n);
    });
  });

  describe("a product that calls back", () => {
    it("can pay in for one token only what arrives of that token", async () => {
      const { payer, product, token, vault, wrapped } = await loadFixture(deployVault);
      await vault.listToken(wrapped, 800_000n);
      const other = await wrapped.getAddress();
      // Asked for the one token, the product brings the other.
      const transfer = token.interface.encodeFunctionData("transferFrom", [
        payer.address,
        await vault.getAddress(),
        700n,
      ]);
      await product.setKeepsBack(true);
      await product.arm(token, transfer, true);
      await expect(product.deposit(wrapped, payer, 700n))
        .to.be.revertedWithCustomError(vault, "Vault_NothingArrived")
        .withArgs(other);
      expect(await balanceOf(wrapped, vault)).to.equal(0n);
      await expectSolvent(vault, token);
    });

    it("is credited for more than announced if more arrives", async () => {
      const { payer, product, token, vault } = await loadFixture(deployVault);
      const transfer = token.interface.encodeFunctionData("transferFrom", [
        payer.address,
        await vault.getAddress(),
        300n,
      ]);
      await product.arm(token, transfer, false);
      await product.deposit(token, payer, 1_000n);
      expect(await product.lastSuccess()).to.equal(true);
      expect((await vault.productLedger(product, token)).collateral).to.equal(COLLATERAL + 1_300n);
      await expectSolvent(vault, token);
    });

    it("is called by whoever it serves only: the vault calls back its caller", async () => {
      const { payer, token, vault, stranger } = await loadFixture(deployVault);
      const rogue = await new HostileProduct__factory(stranger).deploy(vault);
      await token.connect(payer).approve(rogue, 1_000n);
      await expect(rogue.deposit(token, payer, 1_000n))
        .to.be.revertedWithCustomError(vault, "Vault_ProductNotFound")
        .withArgs(await rogue.getAddress());
    });
  });
});
