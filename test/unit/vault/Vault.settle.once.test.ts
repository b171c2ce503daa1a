import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import {
  COLLATERAL,
  LIQUIDITY,
  booksOf,
  deployVault,
  expectSolvent,
  openingOf,
  reserve,
  settlementOf,
} from "./vaultFixture";

const RESERVE = 50_000n;

describe("Vault: settle", () => {
  /** Both products hold a reserve of 50,000. */
  async function deployReserved() {
    const context = await deployVault();
    for (const product of [context.product, context.second]) await reserve(product, context.token, RESERVE);
    return context;
  }

  describe("divides", () => {
    it("a loss: the rest of the collateral goes to the liquidity", async () => {
      const { armer, keeper, product, receiver, second, token, vault } = await loadFixture(deployReserved);
      const before = await booksOf(vault, token, [product, second]);
      const settlement = settlementOf(token, {
        collateral: 1_000n,
        reserve: 5_000n,
        toFees: 30n,
        executor: { account: keeper, amount: 20n },
        armer: { account: armer, amount: 10n },
        receiver,
        payout: 400n,
      });
      await expect(product.settle(settlement)).to.changeTokenBalances(token, [vault, receiver], [-400n, 400n]);
      const after = await booksOf(vault, token, [product, second]);
      expect(after).to.deep.equal({
        liquidity: LIQUIDITY + 1_000n - 460n,
        reserved: 2n * RESERVE - 5_000n,
        fees: 30n,
        claimable: 30n,
        lines: [{ collateral: COLLATERAL - 1_000n, reserved: RESERVE - 5_000n }, before.lines[1]],
        balance: before.balance - 400n,
      });
      expect(await vault.claimableOf(token, keeper)).to.equal(20n);
      expect(await vault.claimableOf(token, armer)).to.equal(10n);
      await expectSolvent(vault, token);
    });

    it("a gain: what is missing comes out of the liquidity, up to the reserve released", async () => {
      const { keeper, product, receiver, second, token, vault } = await loadFixture(deployReserved);
      const executor = { account: keeper, amount: 20n };
      const base = { collateral: 1_000n, reserve: 5_000n, toFees: 30n, executor, receiver };
      await expect(product.settle(settlementOf(token, { ...base, payout: 5_951n })))
        .to.be.revertedWithCustomError(vault, "Vault_Overdrawn")
        .withArgs(6_001n, 6_000n);
      await product.settle(settlementOf(token, { ...base, payout: 5_950n }));
      const after = await booksOf(vault, token, [product, second]);
      expect(after.liquidity).to.equal(LIQUIDITY - 5_000n);
      expect(after.reserved).to.equal(2n * RESERVE - 5_000n);
      expect(await token.balanceOf(receiver)).to.equal(5_950n);
      await expectSolvent(vault, token);
    });

    it("the same account's two credits into one claim", async () => {
      const { keeper, product, token, vault } = await loadFixture(deployReserved);
      const executor = { account: keeper, amount: 20n };
      const armer = { account: keeper, amount: 5n };
      await product.settle(settlementOf(token, { collateral: 25n, executor, armer }));
      expect(await vault.claimableOf(token, keeper)).to.equal(25n);
      await expectSolvent(vault, token);
    });

    it("everything, so that nothing is left", async () => {
      const { product, receiver, second, token, vault } = await loadFixture(deployReserved);
      for (const each of [product, second]) {
        await each.settle(
          settlementOf(token, { collateral: COLLATERAL, reserve: RESERVE, receiver, payout: COLLATERAL + RESERVE }),
        );
        await expectSolvent(vault, token);
      }
      const { liquidity, reserved } = await vault.ledger(token);
      expect([liquidity, reserved]).to.deep.equal([LIQUIDITY - 2n * RESERVE, 0n]);
      expect(await vault.collateral(token)).to.equal(0n);
    });

    it("nothing, without calling the token", async () => {
      const { product, token, vault } = await loadFixture(deployReserved);
      const before = await vault.ledger(token);
      await expect(product.settle(settlementOf(token))).not.to.emit(token, "Transfer");
      expect(await vault.ledger(token)).to.deep.equal(before);
    });

    it("and conserves, whatever goes where", async () => {
      const { armer, keeper, product, receiver, second, token, vault } = await loadFixture(deployReserved);
      const sumOf = async () => {
        const books = await booksOf(vault, token, [product, second]);
        const collateral = books.lines[0].collateral + books.lines[1].collateral;
        const owed = books.liquidity + books.fees + books.claimable + collateral;
        return owed + (await token.balanceOf(receiver));
      };
      const before = await sumOf();
      for (const [collateral, released, toFees, executor, arming, payout] of [
        [1n, 0n, 0n, 1n, 0n, 0n],
        [0n, 1n, 0n, 0n, 0n, 1n],
        [7n, 0n, 1n, 2n, 3n, 0n],
        [100n, 100n, 50n, 50n, 50n, 50n],
        [100n, 0n, 0n, 0n, 0n, 0n],
        [0n, 100n, 0n, 0n, 0n, 0n],
        [999n, 49_000n, 999n, 1n, 0n, 48_999n],
      ]) {
        const settlement = settlementOf(token, {
          collateral,
          reserve: released,
          toFees,
          executor: { account: keeper, amount: executor },
          armer: { account: armer, amount: arming },
          receiver,
          payout,
        });
        await product.settle(settlement);
        expect(await sumOf()).to.equal(before);
        await expectSolvent(vault, token);
      }
    });
  });

  describe("refuses", () => {
    it("collateral and reserve that the product does not have, those of another product included", async () => {
      const { product, receiver, second, token, vault } = await loadFixture(deployReserved);
      await expect(product.settle(settlementOf(token, { collateral: COLLATERAL + 1n, receiver, payout: 1n })))
        .to.be.revertedWithCustomError(vault, "Vault_CollateralExceeded")
        .withArgs(COLLATERAL + 1n, COLLATERAL);
      await expect(product.settle(settlementOf(token, { reserve: RESERVE + 1n, receiver, payout: 1n })))
        .to.be.revertedWithCustomError(vault, "Vault_ReserveExceeded")
        .withArgs(RESERVE + 1n, RESERVE);
      await expect(second.settle(settlementOf(token, { collateral: ethers.MaxUint256 })))
        .to.be.revertedWithCustomError(vault, "Vault_CollateralExceeded")
        .withArgs(ethers.MaxUint256, COLLATERAL);
      await expect(second.settle(settlementOf(token, { collateral: 1n, reserve: ethers.MaxUint256 })))
        .to.be.revertedWithCustomError(vault, "Vault_ReserveExceeded")
        .withArgs(ethers.MaxUint256, RESERVE);
      await expectSolvent(vault, token);
    });

    it("any outgoing beyond what is released, by whichever way", async () => {
      const { product, receiver, token, vault } = await loadFixture(deployReserved);
      const credit = (amount: bigint) => ({ account: receiver.address, amount });
      for (const changes of [
        { payout: 11n, receiver },
        { toFees: 11n },
        { executor: credit(11n) },
        { armer: credit(11n) },
        { payout: 5n, receiver, toFees: 3n, executor: credit(2n), armer: credit(1n) },
      ]) {
        await expect(product.settle(settlementOf(token, { collateral: 4n, reserve: 6n, ...changes })))
          .to.be.revertedWithCustomError(vault, "Vault_Overdrawn")
          .withArgs(11n, 10n);
      }
      expect(await vault.claimableOf(token, receiver)).to.equal(0n);
    });

    it("amounts whose sum passes 256 bits", async () => {
      const { product, receiver, token, vault } = await loadFixture(deployReserved);
      const max = ethers.MaxUint256;
      const credit = { account: receiver.address, amount: max };
      for (const changes of [
        { payout: 2n, receiver, toFees: max },
        { payout: max, receiver, toFees: 1n },
        { executor: credit, armer: { ...credit, amount: 1n } },
        { executor: credit, toFees: 1n },
      ]) {
        await expect(product.settle(settlementOf(token, { collateral: 1n, ...changes }))).to.be.revertedWithPanic(
          0x11n,
        );
      }
      await expectSolvent(vault, token);
    });

    it("to pay native coin for anything but the wrapped native coin", async () => {
      const { product, receiver, token, vault } = await loadFixture(deployReserved);
      await expect(product.settle(settlementOf(token, { collateral: 1n, payout: 1n, receiver, asNative: true })))
        .to.be.revertedWithCustomError(vault, "Vault_NotWrappedNative")
        .withArgs(await token.getAddress());
    });

    it("everything, to a caller that is no product", async () => {
      const { stranger, token, vault } = await loadFixture(deployReserved);
      const as = vault.connect(stranger);
      await expect(as.settle(settlementOf(token, { collateral: 1n })))
        .to.be.revertedWithCustomError(vault, "Vault_CollateralExceeded")
        .withArgs(1n, 0n);
      await expect(as.settle(settlementOf(token, { reserve: 1n })))
        .to.be.revertedWithCustomError(vault, "Vault_ReserveExceeded")
        .withArgs(1n, 0n);
      await expect(as.settle(settlementOf(token, { receiver: stranger, payout: 1n })))
        .to.be.revertedWithCustomError(vault, "Vault_Overdrawn")
        .withArgs(1n, 0n);
      await as.settle(settlementOf(token));
    });

    it("to spend a token with another token's collateral", async () => {
      const { product, receiver, token, vault, wrapped } = await loadFixture(deployReserved);
      await vault.listToken(wrapped, 800_000n);
      await expect(product.settle(settlementOf(wrapped, { collateral: 1n, receiver, payout: 1n })))
        .to.be.revertedWithCustomError(vault, "Vault_CollateralExceeded")
        .withArgs(1n, 0n);
      await expectSolvent(vault, token);
    });
  });

  describe("a ceiling cut to 0", () => {
    it("lets everything that is open settle in full", async () => {
      const { product, receiver, token, vault } = await loadFixture(deployReserved);
      await vault.cutCeiling(product, token, 0n);
      expect(await product.open.staticCall(openingOf(token, { reserve: 1n }))).to.equal(false);
      await product.settle(
        settlementOf(token, { collateral: COLLATERAL, reserve: RESERVE, receiver, payout: COLLATERAL + RESERVE }),
      );
      expect(await token.balanceOf(receiver)).to.equal(COLLATERAL + RESERVE);
      await expectSolvent(vault, token);
    });
  });

  describe("the worst a product can do", () => {
    it("costs its collateral and its ceiling in one round, and no more once the ceiling is cut", async () => {
      const { product, receiver, token, vault } = await loadFixture(deployVault);
      const ceiling = 30_000n;
      await vault.setCeiling(product, token, ceiling, 0n);
      await reserve(product, token, ceiling);
      await product.settle(
        settlementOf(token, { collateral: COLLATERAL, reserve: ceiling, receiver, payout: COLLATERAL + ceiling }),
      );
      for (const [changes, error] of [
        [{ collateral: 1n }, "Vault_CollateralExceeded"],
        [{ reserve: 1n }, "Vault_ReserveExceeded"],
        [{ payout: 1n, receiver }, "Vault_Overdrawn"],
      ] as const) {
        await expect(product.settle(settlementOf(token, changes)))
          .to.be.revertedWithCustomError(vault, error)
          .withArgs(1n, 0n);
      }
      expect((await vault.ledger(token)).liquidity).to.equal(LIQUIDITY - ceiling);
      await expectSolvent(vault, token);

      // The ceiling bounds what is held at once: another round costs as much again, until the guardian cuts it.
      await reserve(product, token, ceiling);
      await vault.cutCeiling(product, token, 0n);
      await product.settle(settlementOf(token, { reserve: ceiling, receiver, payout: ceiling }));
      expect(await product.open.staticCall(openingOf(token, { reserve: 1n }))).to.equal(false);
      expect((await vault.ledger(token)).liquidity).to.equal(LIQUIDITY - 2n * ceiling);
      await expectSolvent(vault, token);
    });
  });
});
