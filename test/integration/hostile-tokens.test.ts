import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { px } from "../../sdk/units";
import { REENTRANT_CALL } from "../unit/vault/vaultFixture";
import { TOKEN, expectClaimable, expectClaims, expectPaid, openFixture, outcomes, payoutOf } from "./hostileFixture";
import { revertOf } from "../dsl/reverts";

/** A margin token that turns hostile after positions were opened in it. */
describe("a margin token that turns hostile", () => {
  describe("blacklisting the owner", () => {
    it("makes the payout claimable; the rest of the batch is paid", async () => {
      const fixture = await loadFixture(openFixture);
      const { become, closeBoth, desk, id, other, otherId, token, trader } = fixture;
      const hostile = await ethers.getContractAt("BlacklistToken", await become("BlacklistToken"));
      await hostile.setBlacklisted(trader, true);
      await desk.setPrice("BTC", px("60060"));
      const held = await token.balanceOf(other);
      const { results, receipt } = await closeBoth();
      expect(outcomes(results)).to.deep.equal(["Closed", "Closed"]);
      const payout = await expectClaimable(fixture, receipt, id, trader);
      await expectPaid(fixture, receipt, otherId, held);
      await hostile.setBlacklisted(trader, false);
      await expectClaims(fixture, trader, payout);
    });

    it("doesn't stop a liquidation, nor the liquidator's claim", async () => {
      const fixture = await loadFixture(openFixture);
      const { become, claimableOf, desk, id, keeper, otherId, trader, trading, vault, token } = fixture;
      const hostile = await ethers.getContractAt("BlacklistToken", await become("BlacklistToken"));
      await hostile.setBlacklisted(trader, true);
      await desk.setPrice("BTC", px("59900"));
      const credited = await claimableOf(keeper);
      const { results } = await desk.liquidate(keeper, [id, otherId], "BTC");
      expect(outcomes(results)).to.deep.equal(["Liquidated", "Liquidated"]);
      expect(await claimableOf(trader)).to.equal(0n);
      const reward = await claimableOf(keeper);
      expect(reward).to.be.greaterThan(credited);
      expect((await vault.productLedger(trading, token)).reserved).to.equal(0n);
      expect(await desk.isBalanced()).to.equal(true);
      await expectClaims(fixture, keeper, reward);
    });

    it("lets the refund of an order that expired wait for its owner", async () => {
      const fixture = await loadFixture(openFixture);
      const { become, claimableOf, desk, stranger, trader, trading, tradingRecords } = fixture;
      const pending = await desk.requestOpen(trader);
      const { amount } = await tradingRecords.order(pending.id);
      const hostile = await ethers.getContractAt("BlacklistToken", await become("BlacklistToken"));
      await hostile.setBlacklisted(trader, true);
      await desk.warp(3_600);
      await trading.connect(stranger).cancelExpired(pending.id);
      expect(await desk.statusOf(pending.id)).to.equal("None");
      expect(await claimableOf(trader)).to.equal(amount);
      expect(await desk.isBalanced()).to.equal(true);
      await hostile.setBlacklisted(trader, false);
      await expectClaims(fixture, trader, amount);
    });

    it("lets the refund of a refused order wait, and opens the next", async () => {
      const fixture = await loadFixture(openFixture);
      const { become, claimableOf, desk, keeper, other, trader, tradingRecords } = fixture;
      const refused = await desk.requestOpen(trader, { acceptablePrice: px("59000") });
      const opened = await desk.requestOpen(other);
      const { amount } = await tradingRecords.order(refused.id);
      const hostile = await ethers.getContractAt("BlacklistToken", await become("BlacklistToken"));
      await hostile.setBlacklisted(trader, true);
      await desk.warpTo(opened.target + 1);
      await desk.refresh();
      const credited = await claimableOf(keeper);
      const proof = desk.firstTick("BTC", refused.target, { at: opened.target });
      const { results } = await desk.execute(keeper, [refused.id, opened.id], [proof]);
      expect(results.map(({ outcome, reason }) => [outcome, reason])).to.deep.equal([
        ["Refused", "PriceBound"],
        ["Opened", "None"],
      ]);
      expect(await claimableOf(trader)).to.be.greaterThan(0n);
      // Both orders pay one execution fee: what the owner is refunded is the amount less half of what was credited.
      expect((await claimableOf(trader)) + ((await claimableOf(keeper)) - credited) / 2n).to.equal(amount);
      expect(await desk.isBalanced()).to.equal(true);
    });
  });

  describe("refusing everybody", () => {
    const faces: Record<
      string,
      { on: (address: string) => Promise<unknown>; off: (address: string) => Promise<unknown> }
    > = {
      GasBurningToken: {
        on: async (address) => (await ethers.getContractAt("GasBurningToken", address)).setHostile(true),
        off: async (address) => (await ethers.getContractAt("GasBurningToken", address)).setHostile(false),
      },
      ReturnsFalseToken: {
        on: async (address) => (await ethers.getContractAt("ReturnsFalseToken", address)).setHostile(true),
        off: async (address) => (await ethers.getContractAt("ReturnsFalseToken", address)).setHostile(false),
      },
      PausableToken: {
        on: async (address) => (await ethers.getContractAt("PausableToken", address)).setPaused(true),
        off: async (address) => (await ethers.getContractAt("PausableToken", address)).setPaused(false),
      },
      ReturnBombToken: {
        on: async (address) => (await ethers.getContractAt("ReturnBombToken", address)).setBomb(2n, 1_000_000n),
        off: async (address) => (await ethers.getContractAt("ReturnBombToken", address)).setBomb(0n, 0n),
      },
    };

    for (const [name, { on, off }] of Object.entries(faces)) {
      it(`${name}: closes the whole batch, every payout claimable`, async () => {
        const fixture = await loadFixture(openFixture);
        const { become, closeBoth, desk, id, other, otherId, trader } = fixture;
        const address = await become(name);
        await on(address);
        await desk.setPrice("BTC", px("60060"));
        const { results, receipt } = await closeBoth();
        expect(outcomes(results)).to.deep.equal(["Closed", "Closed"]);
        const payouts = [
          await expectClaimable(fixture, receipt, id, trader),
          await expectClaimable(fixture, receipt, otherId, other),
        ];
        await off(address);
        await expectClaims(fixture, trader, payouts[0]);
        await expectClaims(fixture, other, payouts[1]);
      });

      it(`${name}: liquidates, and leaves the other tokens' trades alone`, async () => {
        const fixture = await loadFixture(openFixture);
        const { become, desk, id, keeper, otherId, trader } = fixture;
        const third = await desk.open(trader, keeper, { token: "USDC" });
        await on(await become(name));
        await desk.close(trader, keeper, third);
        await desk.setPrice("BTC", px("59900"));
        const { results } = await desk.liquidate(keeper, [id, otherId], "BTC");
        expect(outcomes(results)).to.deep.equal(["Liquidated", "Liquidated"]);
        expect(await desk.isBalanced()).to.equal(true);
      });
    }

    it("takes no margin in, and places no order", async () => {
      const { become, desk, trader, trading } = await loadFixture(openFixture);
      const hostile = await ethers.getContractAt("ReturnsFalseToken", await become("ReturnsFalseToken"));
      await hostile.setHostile(true);
      const next = await trading.nextTradeId();
      const refused = await revertOf(trading.connect(trader).requestOpen(await desk.openRequest(trader)));
      expect(refused).to.equal(`SafeERC20FailedOperation(${await hostile.getAddress()})`);
      expect(await trading.nextTradeId()).to.equal(next);
      expect(await desk.isBalanced()).to.equal(true);
    });
  });

  describe("re-entering", () => {
    it("enters nothing of the system while it pays out", async () => {
      const fixture = await loadFixture(openFixture);
      const { become, desk, id, keeper, otherId, system, token, trader, other } = fixture;
      const { trading, vault } = system;
      const hostile = await ethers.getContractAt("ReentrantToken", await become("ReentrantToken"));
      const midCall = trading.interface.getError("Trading_MidCall")?.selector;
      const attempts = [
        { target: vault, data: vault.interface.encodeFunctionData("claim", [token.target, trader.address, false]) },
        { target: trading, data: trading.interface.encodeFunctionData("execute", [otherId, 0n, keeper.address]) },
        { target: trading, data: trading.interface.encodeFunctionData("cancelExpired", [id]) },
        { target: trading, data: trading.interface.encodeFunctionData("lpPnl", [0n, []]), error: midCall },
      ];
      for (const { target, data, error } of attempts) {
        const pending = await desk.open(other, keeper);
        const calls = await hostile.callCount();
        await hostile.arm(target, data, false);
        await desk.close(other, keeper, pending);
        await hostile.disarm();
        expect(await hostile.callCount()).to.equal(calls + 1n);
        expect(await hostile.lastSuccess()).to.equal(false);
        expect((await hostile.lastReturnData()).slice(0, 10)).to.equal(error ?? REENTRANT_CALL);
        expect(await desk.isBalanced()).to.equal(true);
      }
      expect([await desk.statusOf(id), await desk.statusOf(otherId)]).to.deep.equal(["Open", "Open"]);
    });

    it("enters nothing of the system while margin is paid in", async () => {
      const { become, desk, id, keeper, system, trader, token } = await loadFixture(openFixture);
      const { trading, vault } = system;
      const hostile = await ethers.getContractAt("ReentrantToken", await become("ReentrantToken"));
      const address = await vault.getAddress();
      const request = await desk.openRequest(trader);
      const attempts = [
        { target: trading, data: trading.interface.encodeFunctionData("requestOpen", [request]) },
        { target: trading, data: trading.interface.encodeFunctionData("liquidate", [id, 0n, keeper.address]) },
        { target: vault, data: vault.interface.encodeFunctionData("claim", [token.target, address, false]) },
        { target: vault, data: vault.interface.encodeFunctionData("deposit", [token.target, trader.address, 1n]) },
      ];
      const { collateral: before } = await vault.productLedger(trading, token);
      for (const [i, { target, data }] of attempts.entries()) {
        await hostile.arm(target, data, i % 2 === 0);
        await trading.connect(trader).requestOpen(request);
        expect(await hostile.lastSuccess()).to.equal(false);
        expect((await hostile.lastReturnData()).slice(0, 10)).to.equal(REENTRANT_CALL);
        const { collateral } = await vault.productLedger(trading, token);
        expect(collateral).to.equal(before + BigInt(i + 1) * BigInt(request.amount));
        expect(await desk.isBalanced()).to.equal(true);
      }
    });

    it("can't be paid into the vault through Trading by anyone but the vault", async () => {
      const { system, token, trader } = await loadFixture(openFixture);
      const { trading } = system;
      await expect(trading.connect(trader).payIn(token, trader, 1n))
        .to.be.revertedWithCustomError(trading, "Product_OnlyVault")
        .withArgs(trader.address);
    });
  });

  describe("changing itself", () => {
    it("DecimalsChangingToken: trades settle in the units they were opened in", async () => {
      const fixture = await loadFixture(openFixture);
      const { become, closeBoth, desk, other, otherId, token, trader } = fixture;
      const hostile = await ethers.getContractAt("DecimalsChangingToken", await become("DecimalsChangingToken"));
      const decimals = await token.decimals();
      await hostile.setDecimals(2);
      await desk.setPrice("BTC", px("60060"));
      const held = await token.balanceOf(other);
      const { results, receipt } = await closeBoth();
      expect(outcomes(results)).to.deep.equal(["Closed", "Closed"]);
      await expectPaid(fixture, receipt, otherId, held);
      // 100 USD at 1001x and a tenth of a percent: about doubled, in the token's first units.
      expect(payoutOf(fixture, receipt, otherId)).to.be.within(100n * 10n ** decimals, 300n * 10n ** decimals);
      expect(await fixture.claimableOf(trader)).to.equal(0n);
      expect(await desk.isBalanced()).to.equal(true);
    });

    it("FeeOnTransferToken: an order is for what arrives", async () => {
      const { become, desk, keeper, trader, tradingRecords } = await loadFixture(openFixture);
      const hostile = await ethers.getContractAt("FeeOnTransferToken", await become("FeeOnTransferToken"));
      await hostile.setFeePips(10_000n);
      const amount = desk.tokenUnits(TOKEN, 100n);
      const pending = await desk.requestOpen(trader, { amount });
      expect((await tradingRecords.order(pending.id)).amount).to.equal((amount * 99n) / 100n);
      expect(await desk.isBalanced()).to.equal(true);
      await desk.settle(keeper, pending);
      expect(await desk.statusOf(pending.id)).to.equal("Open");
      await desk.close(trader, keeper, pending.id);
      expect(await desk.isBalanced()).to.equal(true);
    });

    it("NoReturnToken: opens, closes and claims as any other", async () => {
      const fixture = await loadFixture(openFixture);
      const { become, claimableOf, closeBoth, desk, keeper, other, otherId, token } = fixture;
      await become("NoReturnToken");
      const held = await token.balanceOf(other);
      const { receipt } = await closeBoth();
      await expectPaid(fixture, receipt, otherId, held);
      await desk.open(other, keeper);
      expect(await desk.isBalanced()).to.equal(true);
      await expectClaims(fixture, keeper, await claimableOf(keeper));
    });
  });
});
