import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import {
  CEILING,
  COLLATERAL,
  LIQUIDITY,
  booksOf,
  deployVault,
  expectSolvent,
  openingOf,
  reserve,
} from "./vaultFixture";

describe("Vault: open", () => {
  describe("books", () => {
    it("collateral to liquidity, fees and the executor, and liquidity to the reserve", async () => {
      const { keeper, product, second, token, vault } = await loadFixture(deployVault);
      const before = await booksOf(vault, token, [product, second]);
      const opening = openingOf(token, {
        reserve: 5_000n,
        toLiquidity: 40n,
        toFees: 60n,
        executor: { account: keeper, amount: 7n },
      });
      expect(await product.open.staticCall(opening)).to.equal(true);
      await product.open(opening);
      const after = await booksOf(vault, token, [product, second]);
      expect(after).to.deep.equal({
        liquidity: LIQUIDITY + 40n,
        reserved: 5_000n,
        fees: 60n,
        claimable: 7n,
        lines: [{ collateral: COLLATERAL - 107n, reserved: 5_000n }, before.lines[1]],
        balance: before.balance,
      });
      expect(await vault.claimableOf(token, keeper)).to.equal(7n);
      await expectSolvent(vault, token);
    });

    it("all of the collateral, and not a unit more", async () => {
      const { keeper, product, token, vault } = await loadFixture(deployVault);
      const third = COLLATERAL / 4n;
      const executor = { account: keeper, amount: COLLATERAL - 3n * third };
      await expect(product.open(openingOf(token, { toLiquidity: 2n * third + 1n, toFees: third, executor })))
        .to.be.revertedWithCustomError(vault, "Vault_CollateralExceeded")
        .withArgs(COLLATERAL + 1n, COLLATERAL);
      await product.open(openingOf(token, { toLiquidity: 2n * third, toFees: third, executor }));
      expect((await vault.productLedger(product, token)).collateral).to.equal(0n);
      await expectSolvent(vault, token);
    });

    it("nothing for a caller that is no product", async () => {
      const { stranger, token, vault } = await loadFixture(deployVault);
      const before = await vault.ledger(token);
      const as = vault.connect(stranger);
      expect(await as.open.staticCall(openingOf(token, { reserve: 1n }))).to.equal(false);
      for (const changes of [
        { toLiquidity: 1n },
        { toFees: 1n },
        { executor: { account: stranger.address, amount: 1n } },
      ]) {
        await expect(as.open(openingOf(token, changes)))
          .to.be.revertedWithCustomError(vault, "Vault_CollateralExceeded")
          .withArgs(1n, 0n);
      }
      await as.open(openingOf(token));
      expect(await vault.ledger(token)).to.deep.equal(before);
    });

    it("nothing in a token that is not listed", async () => {
      const { product, vault, wrapped } = await loadFixture(deployVault);
      expect(await product.open.staticCall(openingOf(wrapped, { reserve: 1n }))).to.equal(false);
      await expect(product.open(openingOf(wrapped, { toFees: 1n })))
        .to.be.revertedWithCustomError(vault, "Vault_CollateralExceeded")
        .withArgs(1n, 0n);
      expect(await vault.ledger(wrapped)).to.deep.equal([0n, 0n, 0n, 0n, 0n, 0n]);
    });
  });

  describe("ceiling", () => {
    it("is reached exactly, per product", async () => {
      const { product, second, token, vault } = await loadFixture(deployVault);
      await reserve(product, token, CEILING - 10n);
      expect(await product.open.staticCall(openingOf(token, { reserve: 11n }))).to.equal(false);
      await reserve(product, token, 10n);
      expect((await vault.productLedger(product, token)).reserved).to.equal(CEILING);
      expect(await product.open.staticCall(openingOf(token, { reserve: 1n }))).to.equal(false);
      await reserve(second, token, 1n);
      await expectSolvent(vault, token);
    });

    it("refuses without reverting and without effect", async () => {
      const { keeper, product, second, token, vault } = await loadFixture(deployVault);
      const before = await booksOf(vault, token, [product, second]);
      const executor = { account: keeper, amount: 7n };
      await product.open(openingOf(token, { reserve: CEILING + 1n, toLiquidity: 1n, toFees: 2n, executor }));
      expect(await booksOf(vault, token, [product, second])).to.deep.equal(before);
      expect(await vault.claimableOf(token, keeper)).to.equal(0n);
    });

    it("of 0 runs off: nothing more opens, and not even an opening without reserve above a lowered one", async () => {
      const { product, token, vault } = await loadFixture(deployVault);
      await reserve(product, token, 10n);
      await vault.cutCeiling(product, token, 9n);
      expect(await product.open.staticCall(openingOf(token))).to.equal(false);
      await vault.setCeiling(product, token, 10n, 1n);
      expect(await product.open.staticCall(openingOf(token))).to.equal(true);
      await vault.setCeiling(product, token, 0n, 1n);
      expect(await product.open.staticCall(openingOf(token, { reserve: 1n }))).to.equal(false);
    });

    it("holds against reserves no book can count", async () => {
      const { product, token, vault } = await loadFixture(deployVault);
      await vault.setCeiling(product, token, 2n ** 128n - 1n, 0n);
      for (const amount of [2n ** 112n, 2n ** 128n - 1n, 2n ** 128n, ethers.MaxUint256 - 1n, ethers.MaxUint256]) {
        expect(await product.open.staticCall(openingOf(token, { reserve: amount }))).to.equal(false);
      }
      await reserve(product, token, 1n);
      for (const amount of [2n ** 128n - 1n, ethers.MaxUint256]) {
        expect(await product.open.staticCall(openingOf(token, { reserve: amount }))).to.equal(false);
      }
    });
  });

  describe("utilization", () => {
    it("is reached exactly, over all products", async () => {
      const { product, second, token, vault } = await loadFixture(deployVault);
      await reserve(product, token, CEILING);
      expect(await second.open.staticCall(openingOf(token, { reserve: 100_001n }))).to.equal(false);
      await reserve(second, token, 100_000n);
      expect((await vault.ledger(token)).reserved).to.equal(800_000n);
      expect(await second.open.staticCall(openingOf(token, { reserve: 1n }))).to.equal(false);
      await expectSolvent(vault, token);
    });

    it("counts what the opening itself brings to the liquidity", async () => {
      const { product, second, token, vault } = await loadFixture(deployVault);
      await reserve(product, token, CEILING);
      // 80% of (a million + 5) is 800,004: four more, and not five.
      for (const [isRoom, reserved, toLiquidity] of [
        [false, 100_005n, 5n],
        [false, 100_004n, 4n],
        [true, 100_004n, 5n],
      ] as const) {
        const opening = openingOf(token, { reserve: reserved, toLiquidity });
        expect(await second.open.staticCall(opening)).to.equal(isRoom);
        expect(await vault.hasRoom(second, opening), "as it is told beforehand").to.equal(isRoom);
      }
      await second.open(openingOf(token, { reserve: 100_004n, toLiquidity: 5n }));
      expect((await vault.ledger(token)).reserved).to.equal(800_004n);
      await expectSolvent(vault, token);
    });

    it("is not lifted by the other tokens, nor by collateral or fees", async () => {
      const { payer, product, token, vault } = await loadFixture(deployVault);
      await vault.setCeiling(product, token, 2n * LIQUIDITY, 0n);
      await product.deposit(token, payer, LIQUIDITY);
      await product.open(openingOf(token, { toFees: LIQUIDITY }));
      expect(await product.open.staticCall(openingOf(token, { reserve: 800_001n }))).to.equal(false);
      expect(await product.open.staticCall(openingOf(token, { reserve: 800_000n }))).to.equal(true);
    });

    it("falls with the liquidity: openings wait, what is open stays covered", async () => {
      const { manager, product, receiver, token, vault } = await loadFixture(deployVault);
      await reserve(product, token, CEILING);
      await manager.removeLiquidity(token, receiver, LIQUIDITY - CEILING, false);
      expect(await product.open.staticCall(openingOf(token))).to.equal(false);
      await expectSolvent(vault, token);
    });
  });

  describe("amounts that pass 256 bits", () => {
    it("revert", async () => {
      const { keeper, product, token, vault } = await loadFixture(deployVault);
      const before = await vault.ledger(token);
      const max = ethers.MaxUint256;
      const executor = { account: keeper, amount: 2n };
      for (const changes of [{ toLiquidity: max }, { toFees: max, executor }, { toLiquidity: 2n, toFees: max }]) {
        await expect(product.open(openingOf(token, changes))).to.be.revertedWithPanic(0x11n);
      }
      await expect(product.open(openingOf(token, { toFees: max })))
        .to.be.revertedWithCustomError(vault, "Vault_CollateralExceeded")
        .withArgs(max, COLLATERAL);
      expect(await vault.ledger(token)).to.deep.equal(before);
    });
  });
});
