import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { becomeToken, deployVault, expectSolvent, settlementOf } from "./vaultFixture";

const PAYOUT = 1_000n;

describe("Vault: tokens that misbehave", () => {
  /** Every book is filled before the token shows its other face. */
  async function deploySettling() {
    const context = await deployVault();
    const { keeper, product, receiver, token, vault } = context;
    const payout = settlementOf(token, {
      collateral: PAYOUT + 7n,
      executor: { account: keeper, amount: 7n },
      receiver,
      payout: PAYOUT,
    });
    const expectPaid = async () => {
      await expect(product.settle(payout)).to.changeTokenBalances(token, [vault, receiver], [-PAYOUT, PAYOUT]);
      await expectSolvent(vault, token);
    };
    const expectClaimable = async () => {
      const claimable = await vault.claimableOf(token, receiver);
      const settling = product.settle(payout);
      await expect(settling)
        .to.emit(vault, "PaymentRefused")
        .withArgs(await token.getAddress(), receiver.address, PAYOUT);
      await expect(settling).to.changeTokenBalances(token, [vault, receiver], [0n, 0n]);
      expect(await vault.claimableOf(token, receiver)).to.equal(claimable + PAYOUT);
      await expectSolvent(vault, token);
    };
    const expectClaimed = async (amount: bigint) => {
      await expect(vault.connect(receiver).claim(token, receiver, false)).to.changeTokenBalance(
        token,
        receiver,
        amount,
      );
      await expectSolvent(vault, token);
    };
    return { ...context, payout, expectPaid, expectClaimable, expectClaimed };
  }

  it("returning nothing: takes in, pays and claims as any other", async () => {
    const { expectClaimable, expectClaimed, expectPaid, payer, product, token, vault } =
      await loadFixture(deploySettling);
    await becomeToken(token, "NoReturnToken");
    await expectPaid();
    await product.deposit(token, payer, 5n);
    await expectSolvent(vault, token);
    // Its own refusal is a revert.
    await becomeToken(token, "PausableToken");
    await (await ethers.getContractAt("PausableToken", await token.getAddress())).setPaused(true);
    await expectClaimable();
    await becomeToken(token, "NoReturnToken");
    await expectClaimed(PAYOUT);
  });

  it("returning false: nothing is taken for paid", async () => {
    const { expectClaimable, expectClaimed, payer, product, token, vault, keeper } = await loadFixture(deploySettling);
    const hostile = await ethers.getContractAt("ReturnsFalseToken", await becomeToken(token, "ReturnsFalseToken"));
    await hostile.setHostile(true);
    await expectClaimable();
    await expect(vault.connect(keeper).claim(token, keeper, false))
      .to.be.revertedWithCustomError(vault, "Vault_PaymentFailed")
      .withArgs(token, keeper, 7n);
    await expect(product.deposit(token, payer, 5n))
      .to.be.revertedWithCustomError(product, "SafeERC20FailedOperation")
      .withArgs(await token.getAddress());
    await hostile.setHostile(false);
    await expectClaimed(PAYOUT);
  });

  it("blacklisting: the receiver waits, everybody else is served", async () => {
    const { expectClaimable, expectClaimed, keeper, payer, product, receiver, token, vault } =
      await loadFixture(deploySettling);
    const hostile = await ethers.getContractAt("BlacklistToken", await becomeToken(token, "BlacklistToken"));
    await hostile.setBlacklisted(receiver, true);
    await expectClaimable();
    await vault.connect(keeper).claim(token, keeper, false);
    expect(await token.balanceOf(keeper)).to.equal(7n);
    await product.settle(settlementOf(token, { collateral: 1n, receiver: payer, payout: 1n }));
    await expectSolvent(vault, token);
    await hostile.setBlacklisted(receiver, false);
    await expectClaimed(PAYOUT);
  });

  it("blacklisting the vault itself: settlements go on, payments wait", async () => {
    const { expectClaimable, expectClaimed, payer, product, token, vault } = await loadFixture(deploySettling);
    const hostile = await ethers.getContractAt("BlacklistToken", await becomeToken(token, "BlacklistToken"));
    await hostile.setBlacklisted(vault, true);
    await expectClaimable();
    await expectClaimable();
    await expect(product.deposit(token, payer, 5n))
      .to.be.revertedWithCustomError(hostile, "BlacklistToken_Blacklisted")
      .withArgs(vault);
    await hostile.setBlacklisted(vault, false);
    await expectClaimed(2n * PAYOUT);
  });

  it("paused: the same", async () => {
    const { expectClaimable, expectClaimed, manager, receiver, token, vault } = await loadFixture(deploySettling);
    const hostile = await ethers.getContractAt("PausableToken", await becomeToken(token, "PausableToken"));
    await hostile.setPaused(true);
    await expectClaimable();
    await manager.removeLiquidity(token, receiver, 50n, false);
    await expectSolvent(vault, token);
    await hostile.setPaused(false);
    await expectClaimed(PAYOUT + 50n);
  });

  it("burning all gas: at a bounded cost", async () => {
    const { expectClaimable, expectClaimed, payout, product, token } = await loadFixture(deploySettling);
    const hostile = await ethers.getContractAt("GasBurningToken", await becomeToken(token, "GasBurningToken"));
    await hostile.setHostile(true);
    await expectClaimable();
    const receipt = await (await product.settle(payout)).wait();
    expect(receipt?.gasUsed).to.be.at.most(450_000n);
    await hostile.setHostile(false);
    await expectClaimed(2n * PAYOUT);
  });

  it("answering with a bomb: it is never copied", async () => {
    const { expectClaimable, expectPaid, payout, product, token } = await loadFixture(deploySettling);
    const hostile = await ethers.getContractAt("ReturnBombToken", await becomeToken(token, "ReturnBombToken"));
    const [none, answer, error] = [0n, 1n, 2n];
    // Copied, 300 kB would cost 200,000 gas more.
    await hostile.setBomb(answer, 300_000n);
    await expectPaid();
    const large = await (await product.settle(payout)).wait();
    await hostile.setBomb(answer, 32n);
    const small = await (await product.settle(payout)).wait();
    expect((large?.gasUsed ?? 0n) - (small?.gasUsed ?? 0n)).to.be.at.most(220_000n);
    // More than its gas allows, and as an error.
    await hostile.setBomb(answer, 1_000_000n);
    await expectClaimable();
    for (const bytes of [0n, 31n, 300_000n, 1_000_000n]) {
      await hostile.setBomb(error, bytes);
      await expectClaimable();
    }
    await hostile.setBomb(none, 0n);
    await expectPaid();
  });

  it("changing its decimals: the books keep those it was listed with", async () => {
    const { expectPaid, payer, product, token, vault } = await loadFixture(deploySettling);
    const hostile = await ethers.getContractAt(
      "DecimalsChangingToken",
      await becomeToken(token, "DecimalsChangingToken"),
    );
    await hostile.setDecimals(6);
    expect((await vault.ledger(token)).decimals).to.equal(18n);
    await expectPaid();
    await product.deposit(token, payer, 5n);
    await vault.setMaxUtilization(token, 700_000n);
    expect((await vault.ledger(token)).decimals).to.equal(18n);
    await expectSolvent(vault, token);
  });

  it("without code: what it owes stays claimable", async () => {
    const { expectPaid, payout, product, receiver, token, vault } = await loadFixture(deploySettling);
    const address = await token.getAddress();
    const code = await ethers.provider.getCode(token);
    await ethers.provider.send("hardhat_setCode", [address, "0x"]);
    await expect(product.settle(payout)).to.emit(vault, "PaymentRefused").withArgs(address, receiver.address, PAYOUT);
    await ethers.provider.send("hardhat_setCode", [address, code]);
    await expectSolvent(vault, token);
    await expectPaid();
  });

  it("charging for transfers: payouts cost the vault what it books", async () => {
    const { payout, product, receiver, token, vault } = await loadFixture(deploySettling);
    const hostile = await ethers.getContractAt("FeeOnTransferToken", await becomeToken(token, "FeeOnTransferToken"));
    await hostile.setFeePips(10_000n);
    await expect(product.settle(payout)).to.changeTokenBalances(token, [vault, receiver], [-PAYOUT, 990n]);
    await expectSolvent(vault, token);
  });
});
