import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import type { AddressLike } from "ethers";
import { ethers } from "hardhat";
import { GasBurningToken__factory, PausableToken__factory } from "../../../typechain-types";
import type { HostileProduct, StandInWrappedNative, Vault } from "../../../typechain-types";
import {
  COLLATERAL,
  LIQUIDITY,
  becomeToken,
  deployNativeVault,
  deployVault,
  expectSolvent,
  openingOf,
  settlementOf,
} from "./vaultFixture";

const PAYOUT = 1_000n;

describe("Vault: payouts in the native coin", () => {
  /** The bridged WETH: it pays with all its gas, and takes no unknown selector. */
  async function deployWrappedEther() {
    const context = await deployVault();
    const { accessManager, payer } = context;
    const wrapped = await ethers.deployContract("StandInWrappedEther");
    await wrapped.initialize("Wrapped Ether", "WETH", 18);
    const vault = await ethers.deployContract("Vault", [accessManager, wrapped]);
    const product = await ethers.deployContract("HostileProduct", [vault]);
    await vault.initialise(product, product);
    await vault.addProduct(product);
    await vault.listToken(wrapped, 800_000n);
    await wrapped.connect(payer).deposit({ value: COLLATERAL });
    await wrapped.connect(payer).approve(product, COLLATERAL);
    await product.deposit(wrapped, payer, COLLATERAL);
    const standIn = await ethers.getContractAt("StandInWrappedNative", await wrapped.getAddress());
    return { ...context, vault, product, wrapped: standIn };
  }

  function payTo(product: HostileProduct, wrapped: StandInWrappedNative, receiver: AddressLike) {
    return product.settle(settlementOf(wrapped, { collateral: PAYOUT, receiver, payout: PAYOUT, asNative: true }));
  }

  async function expectRefused(
    payment: ReturnType<typeof payTo>,
    vault: Vault,
    wrapped: StandInWrappedNative,
    receiver: AddressLike,
  ) {
    await expect(payment)
      .to.emit(vault, "PaymentRefused")
      .withArgs(await wrapped.getAddress(), await ethers.resolveAddress(receiver), PAYOUT);
    expect(await vault.claimableOf(wrapped, receiver)).to.equal(PAYOUT);
    // What was unwrapped is wrapped again: nothing stays in the native coin.
    expect(await ethers.provider.getBalance(vault)).to.equal(0n);
    expect(await ethers.provider.getBalance(receiver)).to.equal(0n);
    await expectSolvent(vault, wrapped);
  }

  for (const deploy of [deployNativeVault, deployWrappedEther]) {
    describe(deploy === deployNativeVault ? "WBNB" : "WETH", () => {
      it("unwraps exactly what is paid", async () => {
        const { product, receiver, vault, wrapped } = await loadFixture(deploy);
        const held = await wrapped.balanceOf(vault);
        await expect(payTo(product, wrapped, receiver)).to.changeEtherBalance(receiver, PAYOUT);
        expect(await wrapped.balanceOf(vault)).to.equal(held - PAYOUT);
        expect(await ethers.provider.getBalance(vault)).to.equal(0n);
        await expectSolvent(vault, wrapped);
      });

      it("pays a contract wallet that needs more than 2300 gas", async () => {
        const { product, vault, wrapped } = await loadFixture(deploy);
        const wallet = await ethers.deployContract("GasBurningReceiver");
        await payTo(product, wrapped, wallet);
        expect(await ethers.provider.getBalance(wallet)).to.equal(PAYOUT);
        expect(await vault.claimableOf(wrapped, wallet)).to.equal(0n);
        await expectSolvent(vault, wrapped);
      });

      it("makes it claimable when the receiver reverts", async () => {
        const { product, vault, wrapped } = await loadFixture(deploy);
        const wallet = await ethers.deployContract("RevertingReceiver");
        await wallet.setHostile(true);
        await expectRefused(payTo(product, wrapped, wallet), vault, wrapped, wallet);
        const address = await wrapped.getAddress();
        const to = await wallet.getAddress();
        await wallet.execute(vault, 0n, vault.interface.encodeFunctionData("claim", [address, to, false]));
        expect(await wrapped.balanceOf(wallet)).to.equal(PAYOUT);
        await expectSolvent(vault, wrapped);
      });

      it("makes it claimable when the receiver burns all its gas, at a bounded cost", async () => {
        const { product, vault, wrapped } = await loadFixture(deploy);
        const wallet = await ethers.deployContract("GasBurningReceiver");
        await wallet.setHostile(true);
        const payment = await payTo(product, wrapped, wallet);
        expect((await payment.wait())?.gasUsed).to.be.at.most(300_000n);
        await expectRefused(Promise.resolve(payment), vault, wrapped, wallet);
      });

      it("makes it claimable when the receiver answers with a bomb, at a bounded cost", async () => {
        const { product, vault, wrapped } = await loadFixture(deploy);
        const wallet = await ethers.deployContract("ReturnBombReceiver");
        for (const bytes of [1_000_000n, 5_000n]) {
          await wallet.setSizeBytes(bytes);
          const payment = await payTo(product, wrapped, wallet);
          expect((await payment.wait())?.gasUsed).to.be.at.most(300_000n);
        }
        expect(await vault.claimableOf(wrapped, wallet)).to.equal(2n * PAYOUT);
        expect(await ethers.provider.getBalance(vault)).to.equal(0n);
        await expectSolvent(vault, wrapped);
      });

      it("lets the receiver enter nothing of the vault", async () => {
        const { product, vault, wrapped } = await loadFixture(deploy);
        const wallet = await ethers.deployContract("ReentrantReceiver");
        await product.open(openingOf(wrapped, { executor: { account: wallet, amount: 700n } }));
        const claim = vault.interface.encodeFunctionData("claim", [
          await wrapped.getAddress(),
          await wallet.getAddress(),
          false,
        ]);
        // A first call, paid for by somebody else, so that recording the outcome fits the stipend later.
        const [sponsor] = await ethers.getSigners();
        await wallet.arm(wallet, "0xdeadbeef");
        await sponsor.sendTransaction({ to: wallet, value: 1n });
        await wallet.arm(vault, claim);
        await payTo(product, wrapped, wallet);
        expect(await wrapped.balanceOf(wallet)).to.equal(0n);
        const paid = (await ethers.provider.getBalance(wallet)) - 1n;
        expect((await vault.claimableOf(wrapped, wallet)) + paid).to.equal(700n + PAYOUT);
        await expectSolvent(vault, wrapped);
      });

      it("makes it claimable when the wrapped native coin refuses to unwrap", async () => {
        const { product, receiver, keeper, vault, wrapped } = await loadFixture(deploy);
        const address = await becomeToken(wrapped, "PausableToken");
        await PausableToken__factory.connect(address, keeper).setPaused(true);
        await expect(payTo(product, wrapped, receiver)).to.changeEtherBalance(receiver, 0n);
        expect(await vault.claimableOf(wrapped, receiver)).to.equal(PAYOUT);
        await expectSolvent(vault, wrapped);
      });

      it("pays nobody twice when the receiver is the vault or the wrapped native coin", async () => {
        const { product, vault, wrapped } = await loadFixture(deploy);
        await expect(payTo(product, wrapped, vault)).to.emit(vault, "PaymentRefused");
        expect(await vault.claimableOf(wrapped, vault)).to.equal(PAYOUT);
        await expectSolvent(vault, wrapped);
        // Sent to the wrapped coin, it comes back wrapped, as a gift: nobody is owed it.
        await payTo(product, wrapped, wrapped);
        await expectSolvent(vault, wrapped, PAYOUT);
      });
    });
  }

  it("removes liquidity in the native coin, or makes it claimable", async () => {
    const { manager, receiver, vault, wrapped } = await loadFixture(deployNativeVault);
    const removal = manager.removeLiquidity(wrapped, receiver, PAYOUT, true);
    await expect(removal).to.changeEtherBalance(receiver, PAYOUT);
    const wallet = await ethers.deployContract("RevertingReceiver");
    await wallet.setHostile(true);
    await expectRefused(manager.removeLiquidity(wrapped, wallet, PAYOUT, true), vault, wrapped, wallet);
    expect((await vault.ledger(wrapped)).liquidity).to.equal(LIQUIDITY - 2n * PAYOUT);
  });

  it("costs a bounded amount when the wrapped native coin burns all its gas", async () => {
    const { product, receiver, keeper, vault, wrapped } = await loadFixture(deployNativeVault);
    const address = await becomeToken(wrapped, "GasBurningToken");
    await GasBurningToken__factory.connect(address, keeper).setHostile(true);
    for (const asNative of [true, false]) {
      const payment = await product.settle(
        settlementOf(wrapped, { collateral: PAYOUT, receiver, payout: PAYOUT, asNative }),
      );
      expect((await payment.wait())?.gasUsed).to.be.at.most(450_000n);
    }
    expect(await vault.claimableOf(wrapped, receiver)).to.equal(2n * PAYOUT);
    await expectSolvent(vault, wrapped);
  });
});
