import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import type { AddressLike } from "ethers";
import { ethers } from "hardhat";
import { GasAwareToken__factory, ReturnBombToken__factory } from "../../../typechain-types";
import type { Vault } from "../../../typechain-types";
import { deployNativeVault, deployVaultFor, expectSolvent, openingOf, settlementOf } from "./vaultFixture";

const PAYOUT = 10n;
const FROM_GAS = 60_000n;
const TO_GAS = 620_000n;
const STEP_GAS = 7_000n;

type Outcome = "paid" | "claimable" | "reverted";

/**
 * Whoever calls chooses the gas. With every amount of it a payment is either made or the whole call reverts: a payment
 * that would succeed can't be turned into a claim.
 */
describe("Vault: too little gas", () => {
  /** It wants most of what a transfer may use, and refuses cheaply if it has less. */
  async function deployGasAwareToken() {
    const context = await deployVaultFor("GasAwareToken");
    const aware = GasAwareToken__factory.connect(await context.token.getAddress(), context.governor);
    await aware.setWantedGas(240_000n);
    return context;
  }

  /** A transfer uses two hundred thousand gas and answers 300 kB: costly, and yet it pays. */
  async function deployCostlyToken() {
    const context = await deployVaultFor("ReturnBombToken");
    const bomb = ReturnBombToken__factory.connect(await context.token.getAddress(), context.governor);
    await bomb.setBomb(1n, 300_000n);
    return context;
  }

  /** A wallet that wants what a receiver of native coin may use, or refuses cheaply. */
  async function deployGasAwareReceiver() {
    const context = await deployNativeVault();
    const wallet = await ethers.deployContract("GasAwareReceiver", [31_000n]);
    return { ...context, wallet };
  }

  async function tryWith(gasLimit: bigint, send: (gasLimit: bigint) => Promise<unknown>): Promise<boolean> {
    try {
      await send(gasLimit);
      return true;
    } catch {
      return false;
    }
  }

  /** The outcomes over all amounts of gas, without repetition, in their order. */
  async function outcomesOf(
    vault: Vault,
    token: AddressLike,
    receiver: AddressLike,
    balance: () => Promise<bigint>,
    send: (gasLimit: bigint) => Promise<unknown>,
  ): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    for (let gasLimit = FROM_GAS; gasLimit <= TO_GAS; gasLimit += STEP_GAS) {
      const before = { books: await vault.ledger(token), held: await balance() };
      const claimed = await vault.claimableOf(token, receiver);
      const isDone = await tryWith(gasLimit, send);
      const paid = (await balance()) - before.held;
      const claimable = (await vault.claimableOf(token, receiver)) - claimed;
      if (!isDone) {
        expect(await vault.ledger(token)).to.deep.equal(before.books);
        expect([paid, claimable]).to.deep.equal([0n, 0n]);
      } else {
        expect(paid + claimable).to.equal(PAYOUT);
      }
      const outcome = isDone ? (paid === PAYOUT ? "paid" : "claimable") : "reverted";
      if (outcomes.at(-1) !== outcome) outcomes.push(outcome);
      await expectSolvent(vault, token);
    }
    return outcomes;
  }

  function settlementTo(token: AddressLike, receiver: AddressLike, asNative: boolean) {
    return settlementOf(token, { collateral: PAYOUT, receiver, payout: PAYOUT, asNative });
  }

  for (const deploy of [deployGasAwareToken, deployCostlyToken]) {
    it(`never turns a payment in a ${deploy === deployCostlyToken ? "costly" : "gas-aware"} token into a claim`, async () => {
      const { product, receiver, token, vault } = await loadFixture(deploy);
      const send = (gasLimit: bigint) => product.settle(settlementTo(token, receiver, false), { gasLimit });
      const outcomes = await outcomesOf(vault, token, receiver, () => token.balanceOf(receiver), send);
      expect(outcomes).to.deep.equal(["reverted", "paid"]);
    });
  }

  it("never turns a payment in native coin into a claim", async () => {
    const { product, vault, wallet, wrapped } = await loadFixture(deployGasAwareReceiver);
    const send = (gasLimit: bigint) => product.settle(settlementTo(wrapped, wallet, true), { gasLimit });
    const balance = () => ethers.provider.getBalance(wallet);
    expect(await outcomesOf(vault, wrapped, wallet, balance, send)).to.deep.equal(["reverted", "paid"]);
  });

  it("never turns a payment of removed liquidity into a claim", async () => {
    const { manager, receiver, token, vault } = await loadFixture(deployGasAwareToken);
    const send = (gasLimit: bigint) => manager.removeLiquidity(token, receiver, PAYOUT, false, { gasLimit });
    const outcomes = await outcomesOf(vault, token, receiver, () => token.balanceOf(receiver), send);
    expect(outcomes).to.deep.equal(["reverted", "paid"]);
  });

  it("never lets a claim be lost", async () => {
    const { product, receiver, stranger, token, vault } = await loadFixture(deployGasAwareToken);
    await product.open(openingOf(token, { executor: { account: stranger, amount: PAYOUT } }));
    let isPaid = false;
    for (let gasLimit = FROM_GAS; !isPaid && gasLimit <= TO_GAS; gasLimit += STEP_GAS) {
      const claim = () => vault.connect(stranger).claim(token, receiver, false, { gasLimit });
      isPaid = await tryWith(gasLimit, claim);
      expect(await vault.claimableOf(token, stranger)).to.equal(isPaid ? 0n : PAYOUT);
      expect(await token.balanceOf(receiver)).to.equal(isPaid ? PAYOUT : 0n);
    }
    expect(isPaid).to.equal(true);
    await expectSolvent(vault, token);
  });

  it("makes a payment that is refused claimable, or reverts", async () => {
    const { product, vault, wrapped } = await loadFixture(deployNativeVault);
    const wallet = await ethers.deployContract("GasBurningReceiver");
    await wallet.setHostile(true);
    const send = (gasLimit: bigint) => product.settle(settlementTo(wrapped, wallet, true), { gasLimit });
    const balance = () => ethers.provider.getBalance(wallet);
    expect(await outcomesOf(vault, wrapped, wallet, balance, send)).to.deep.equal(["reverted", "claimable"]);
  });

  it("says how much it wants", async () => {
    const { product, receiver, token, vault } = await loadFixture(deployCostlyToken);
    const call = product.settle(settlementTo(token, receiver, false), { gasLimit: 250_000n });
    // What a token's transfer may use, of which a call passes on 63/64 at most, and what is kept for afterwards.
    const required = (250_000n * 64n) / 63n + 60_000n;
    await expect(call)
      .to.be.revertedWithCustomError(vault, "Vault_GasTooLow")
      .withArgs((gasLeft: bigint) => gasLeft < 250_000n, required);
  });
});
