import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import {
  CEILING,
  COLLATERAL,
  LIQUIDITY,
  MAX_UTILIZATION_PIPS,
  REENTRANT_CALL,
  balanceOf,
  becomeToken,
  booksOf,
  deployVault,
  expectSolvent,
  openingOf,
  reserve,
  settlementOf,
} from "./vaultFixture";

const STAKE = 1_001n;
/** 77% of the stake, 770.77, rounded down. */
const RATE = 770_000n;
const RESERVE = 770n;

describe("Vault: depositAndReserve", () => {
  it("books the same as a deposit and an opening, one after the other", async () => {
    const { payer, product, second, token, vault } = await loadFixture(deployVault);
    await product.depositAndReserve(token, payer, STAKE, RATE);
    await second.deposit(token, payer, STAKE);
    await reserve(second, token, RESERVE);
    const { liquidity, reserved, lines } = await booksOf(vault, token, [product, second]);
    expect(lines[0]).to.deep.equal({ collateral: COLLATERAL + STAKE, reserved: RESERVE });
    expect(lines[0]).to.deep.equal(lines[1]);
    expect([liquidity, reserved]).to.deep.equal([LIQUIDITY, 2n * RESERVE]);
    await expectSolvent(vault, token);
  });

  it("returns what arrived, and reserves its share and not that of what was asked for", async () => {
    const { payer, product, token, vault } = await loadFixture(deployVault);
    const address = await becomeToken(token, "FeeOnTransferToken");
    await (await ethers.getContractAt("FeeOnTransferToken", address)).setFeePips(10_000n);
    const before = await balanceOf(token, vault);
    const received = await product.depositAndReserve.staticCall(token, payer, 10_000n, RATE);
    await product.depositAndReserve(token, payer, 10_000n, RATE);
    expect(received).to.equal(9_900n);
    expect((await balanceOf(token, vault)) - before).to.equal(received);
    const line = await vault.productLedger(product, token);
    expect([line.collateral, line.reserved]).to.deep.equal([COLLATERAL + received, (received * RATE) / 1_000_000n]);
  });

  it("reserves up to the ceiling and not a unit more, and then keeps nothing", async () => {
    const { governor, payer, product, token, vault } = await loadFixture(deployVault);
    await vault.connect(governor).setCeiling(product, token, RESERVE, 0n);
    const before = await balanceOf(token, payer);
    await expect(product.depositAndReserve(token, payer, STAKE + 1n, RATE))
      .to.be.revertedWithCustomError(vault, "Vault_ReserveFull")
      .withArgs(token.target, RESERVE + 1n);
    expect(await balanceOf(token, payer)).to.equal(before);
    await product.depositAndReserve(token, payer, STAKE, RATE);
    await expect(product.depositAndReserve(token, payer, 2n, 1_000_000n))
      .to.be.revertedWithCustomError(vault, "Vault_ReserveFull")
      .withArgs(token.target, 2n);
    // Without a reserve there is nothing to hold against the ceiling.
    await product.depositAndReserve(token, payer, 5n, 0n);
    await expectSolvent(vault, token);
  });

  it("reserves up to the share of the liquidity that may be, and not a unit more", async () => {
    const { payer, product, second, token, vault } = await loadFixture(deployVault);
    const most = (LIQUIDITY * MAX_UTILIZATION_PIPS) / 1_000_000n;
    await reserve(second, token, CEILING);
    await expect(product.depositAndReserve(token, payer, most - CEILING + 1n, 1_000_000n))
      .to.be.revertedWithCustomError(vault, "Vault_ReserveFull")
      .withArgs(token.target, most - CEILING + 1n);
    await product.depositAndReserve(token, payer, most - CEILING, 1_000_000n);
    expect((await vault.ledger(token)).reserved).to.equal(most);
    await expectSolvent(vault, token);
  });

  it("reserves more than came in, too: the share is the product's to choose, within its ceiling", async () => {
    const { payer, product, receiver, token, vault } = await loadFixture(deployVault);
    await product.depositAndReserve(token, payer, 10n, 5_000_000n);
    expect((await vault.productLedger(product, token)).reserved).to.equal(50n);
    const won = settlementOf(token, { collateral: 10n, reserve: 50n, payout: 60n, receiver: receiver.address });
    await product.settle(won);
    expect(await balanceOf(token, receiver)).to.equal(60n);
    await expectSolvent(vault, token);
  });

  it("is for products and listed tokens alone, and for what arrives", async () => {
    const { payer, product, stranger, token, vault } = await loadFixture(deployVault);
    await expect(vault.connect(stranger).depositAndReserve(token, payer, 1n, 0n))
      .to.be.revertedWithCustomError(vault, "Vault_ProductNotFound")
      .withArgs(stranger.address);
    const other = await ethers.deployContract("StandInToken");
    await expect(product.depositAndReserve(other, payer, 1n, 0n))
      .to.be.revertedWithCustomError(vault, "Vault_TokenNotListed")
      .withArgs(other.target);
    await product.setKeepsBack(true);
    await expect(product.depositAndReserve(token, payer, 1n, 0n))
      .to.be.revertedWithCustomError(vault, "Vault_NothingArrived")
      .withArgs(token.target);
  });

  for (const entry of ["deposit", "depositAndReserve", "open", "settle"] as const) {
    it(`lets nobody into ${entry} while tokens come in`, async () => {
      const { payer, product, second, token, vault } = await loadFixture(deployVault);
      const args = {
        deposit: [await token.getAddress(), payer.address, 1n],
        depositAndReserve: [await token.getAddress(), payer.address, 1n, 0n],
        open: [openingOf(await token.getAddress(), { reserve: 1n })],
        settle: [settlementOf(await token.getAddress(), { receiver: payer.address })],
      }[entry];
      const data = product.interface.encodeFunctionData(entry as "deposit", args as never);
      for (const callsBefore of [true, false]) {
        // By another product, and by itself.
        for (const through of [second, product]) {
          await product.arm(through, data, callsBefore);
          await product.depositAndReserve(token, payer, STAKE, RATE);
          expect(await product.lastSuccess()).to.equal(false);
          expect((await product.lastReturnData()).slice(0, 10)).to.equal(REENTRANT_CALL);
        }
      }
      await expectSolvent(vault, token);
    });
  }

  it("says so when more comes in than a book can hold", async () => {
    const { governor, payer, product, token, vault } = await loadFixture(deployVault);
    await token.connect(governor).mint(payer, 2n ** 121n);
    await expect(product.depositAndReserve(token, payer, 2n ** 120n, 0n))
      .to.be.revertedWithCustomError(vault, "Vault_AmountOverflow")
      .withArgs(2n ** 120n + COLLATERAL, 2n ** 120n - 1n);
  });
});
