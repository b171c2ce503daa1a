import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { PausableToken__factory } from "../../../typechain-types";
import { becomeToken, deployNativeVault, deployVault, expectSolvent, openingOf, settlementOf } from "./vaultFixture";

const CLAIM = 500n;

describe("Vault: claim", () => {
  /** The keeper can claim 500 of the token. */
  async function deployClaimable() {
    const context = await deployVault();
    const { keeper, product, token } = context;
    await product.open(openingOf(token, { executor: { account: keeper, amount: CLAIM } }));
    return context;
  }

  /** The keeper can claim 500 of the wrapped native coin. */
  async function deployNativeClaimable() {
    const context = await deployNativeVault();
    const { keeper, product, wrapped } = context;
    await product.open(openingOf(wrapped, { executor: { account: keeper, amount: CLAIM } }));
    return context;
  }

  it("pays all that the caller can claim, to whom it says", async () => {
    const { keeper, receiver, token, vault } = await loadFixture(deployClaimable);
    expect(await vault.connect(keeper).claim.staticCall(token, receiver, false)).to.equal(CLAIM);
    const claim = vault.connect(keeper).claim(token, receiver, false);
    await expect(claim)
      .to.emit(vault, "Claimed")
      .withArgs(await token.getAddress(), keeper.address, receiver.address, CLAIM);
    await expect(claim).to.changeTokenBalances(token, [vault, receiver, keeper], [-CLAIM, CLAIM, 0n]);
    expect(await vault.claimableOf(token, keeper)).to.equal(0n);
    expect((await vault.ledger(token)).claimable).to.equal(0n);
    await expectSolvent(vault, token);
  });

  it("pays once, and only what is the caller's own", async () => {
    const { keeper, stranger, token, vault } = await loadFixture(deployClaimable);
    await expect(vault.connect(stranger).claim(token, stranger, false))
      .to.be.revertedWithCustomError(vault, "Vault_NothingToClaim")
      .withArgs(await token.getAddress(), stranger.address);
    await vault.connect(keeper).claim(token, keeper, false);
    await expect(vault.connect(keeper).claim(token, keeper, false))
      .to.be.revertedWithCustomError(vault, "Vault_NothingToClaim")
      .withArgs(await token.getAddress(), keeper.address);
  });

  it("adds up what was credited in several ways", async () => {
    const { distributor, keeper, product, token, vault } = await loadFixture(deployClaimable);
    const credit = { account: keeper.address, amount: 10n };
    await product.settle(settlementOf(token, { collateral: 20n, executor: credit, armer: credit }));
    await product.open(openingOf(token, { toFees: 5n }));
    await vault.connect(distributor).allocateFees(token, keeper, 5n);
    await expect(vault.connect(keeper).claim(token, keeper, false)).to.changeTokenBalance(token, keeper, CLAIM + 25n);
    await expectSolvent(vault, token);
  });

  it("needs a receiver", async () => {
    const { keeper, token, vault } = await loadFixture(deployClaimable);
    await expect(vault.connect(keeper).claim(token, ethers.ZeroAddress, false)).to.be.revertedWithCustomError(
      vault,
      "Vault_ZeroAddress",
    );
  });

  it("keeps the claim when the token refuses, for another receiver or a better day", async () => {
    const { keeper, receiver, token, vault } = await loadFixture(deployClaimable);
    const address = await becomeToken(token, "BlacklistToken");
    const blacklist = await ethers.getContractAt("BlacklistToken", address);
    await blacklist.setBlacklisted(keeper, true);
    await expect(vault.connect(keeper).claim(token, keeper, false))
      .to.be.revertedWithCustomError(vault, "Vault_PaymentFailed")
      .withArgs(address, keeper.address, CLAIM);
    expect(await vault.claimableOf(token, keeper)).to.equal(CLAIM);
    await expectSolvent(vault, token);
    await vault.connect(keeper).claim(token, receiver, false);
    expect(await token.balanceOf(receiver)).to.equal(CLAIM);
    await expectSolvent(vault, token);
  });

  describe("in the native coin", () => {
    it("unwraps and sends it", async () => {
      const { keeper, receiver, vault, wrapped } = await loadFixture(deployNativeClaimable);
      const claim = vault.connect(keeper).claim(wrapped, receiver, true);
      await expect(claim).to.changeEtherBalance(receiver, CLAIM);
      await expect(claim).to.changeTokenBalance(wrapped, vault, -CLAIM);
      expect(await ethers.provider.getBalance(vault)).to.equal(0n);
      await expectSolvent(vault, wrapped);
    });

    it("is also paid in wrapped form, if asked so", async () => {
      const { keeper, receiver, vault, wrapped } = await loadFixture(deployNativeClaimable);
      const claim = vault.connect(keeper).claim(wrapped, receiver, false);
      await expect(claim).to.changeTokenBalance(wrapped, receiver, CLAIM);
      await expectSolvent(vault, wrapped);
    });

    it("is refused for any other token", async () => {
      const { keeper, token, vault } = await loadFixture(deployClaimable);
      await expect(vault.connect(keeper).claim(token, keeper, true))
        .to.be.revertedWithCustomError(vault, "Vault_NotWrappedNative")
        .withArgs(await token.getAddress());
      expect(await vault.claimableOf(token, keeper)).to.equal(CLAIM);
    });

    it("keeps the claim when the receiver refuses, and pays it wrapped", async () => {
      const { keeper, vault, wrapped } = await loadFixture(deployNativeClaimable);
      const receiver = await ethers.deployContract("RevertingReceiver");
      await receiver.setHostile(true);
      await expect(vault.connect(keeper).claim(wrapped, receiver, true))
        .to.be.revertedWithCustomError(vault, "Vault_PaymentFailed")
        .withArgs(await wrapped.getAddress(), await receiver.getAddress(), CLAIM);
      expect(await vault.claimableOf(wrapped, keeper)).to.equal(CLAIM);
      expect(await ethers.provider.getBalance(vault)).to.equal(0n);
      await vault.connect(keeper).claim(wrapped, receiver, false);
      expect(await wrapped.balanceOf(receiver)).to.equal(CLAIM);
      await expectSolvent(vault, wrapped);
    });

    it("keeps the claim when the wrapped native coin refuses to unwrap", async () => {
      const { keeper, vault, wrapped } = await loadFixture(deployNativeClaimable);
      const address = await becomeToken(wrapped, "PausableToken");
      const pausable = PausableToken__factory.connect(address, keeper);
      await pausable.setPaused(true);
      for (const asNative of [true, false]) {
        await expect(vault.connect(keeper).claim(wrapped, keeper, asNative))
          .to.be.revertedWithCustomError(vault, "Vault_PaymentFailed")
          .withArgs(address, keeper.address, CLAIM);
      }
      expect(await vault.claimableOf(wrapped, keeper)).to.equal(CLAIM);
      await pausable.setPaused(false);
      await vault.connect(keeper).claim(wrapped, keeper, false);
      await expectSolvent(vault, wrapped);
    });
  });
});
