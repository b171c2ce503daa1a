import { expect } from "chai";
import { artifacts, ethers } from "hardhat";
import { TradeStatus } from "../../../sdk/enums";
import { px } from "../../../sdk/units";
import { bookOf, nextBlockAt, scheduled, afterADay, start } from "./setup";
import type { Fixture } from "./setup";

const MIN_EXECUTION_TIME = 15;
const LONG = 4;
const NATIVE = 8;

async function giveCode(fixture: Fixture, symbol: string, contractName: string): Promise<void> {
  const { deployedBytecode } = await artifacts.readArtifact(contractName);
  await ethers.provider.send("hardhat_setCode", [await fixture.replica.token(symbol).getAddress(), deployedBytecode]);
}

describe("Trading", () => {
  describe("requestOpen", () => {
    for (const mode of ["standard", "degen"] as const) {
      it(`stores a ${mode} order, takes the payment and says so`, async () => {
        const fixture = await start();
        const { desk, trading, tradingRecords, vault, trader, replica, profile } = fixture;
        const isLong = mode === "standard";
        const request = await desk.openRequest(trader, {
          mode,
          isLong,
          acceptablePrice: px("61000"),
          takeProfit: px("62000"),
          stopLoss: px("59000"),
          broker: 7,
        });
        const token = replica.token("USDT");
        const before = await token.balanceOf(trader);
        const now = (await desk.now()) + 5;
        const expiry =
          now + bookOf(fixture, "BTC", mode).executionDelaySeconds + profile.execution.executionWindowSeconds;
        await nextBlockAt(now);
        await expect(trading.connect(trader).requestOpen(request))
          .to.emit(trading, "OrderPlaced")
          .withArgs(
            1n,
            trader,
            request.bookId,
            request.token,
            request.amount,
            request.acceptablePrice,
            request.takeProfit,
            request.stopLoss,
            request.leverage,
            TradeStatus.indexOf("MarketOrder") + (isLong ? LONG : 0),
            request.broker,
            expiry,
          );

        expect(await trading.statusOf(1n)).to.equal(TradeStatus.indexOf("MarketOrder"));
        expect(await trading.nextTradeId()).to.equal(2n);
        const order = await tradingRecords.order(1n);
        expect(order.owner).to.equal(trader.address);
        expect(order.bookId).to.equal(request.bookId);
        expect((await tradingRecords.marginTokenById(order.tokenId)).token).to.equal(request.token);
        expect(order.state).to.equal(TradeStatus.indexOf("MarketOrder") + (isLong ? LONG : 0));
        expect([order.requestedAt, order.expiry]).to.deep.equal([BigInt(now), BigInt(expiry)]);
        expect([order.amount, order.price, order.broker]).to.deep.equal([request.amount, px("61000"), 7n]);
        expect([order.takeProfit, order.stopLoss]).to.deep.equal([px("62000"), px("59000")]);
        expect([order.leverage, order.cancelledAt]).to.deep.equal([BigInt(request.leverage), 0n]);
        expect(before - (await token.balanceOf(trader))).to.equal(request.amount);
        expect((await vault.productLedger(trading, token)).collateral).to.equal(request.amount);
        expect(await desk.isBalanced()).to.equal(true);
      });
    }

    it("lets anyone pay for an owner", async () => {
      const { desk, tradingRecords, trader, other, replica } = await start();
      const before = await replica.token("USDT").balanceOf(other);
      const { id } = await desk.requestOpen(other, { owner: trader.address });
      expect((await tradingRecords.order(id)).owner).to.equal(trader.address);
      expect(before - (await replica.token("USDT").balanceOf(other))).to.equal(desk.tokenUnits("USDT", 100n));
    });

    it("expires at its deadline when that comes before the end of the window", async () => {
      const { desk, trading, tradingRecords, trader } = await start();
      const now = (await desk.now()) + 10;
      const request = await desk.openRequest(trader, { deadline: now + 3 + MIN_EXECUTION_TIME });
      await nextBlockAt(now);
      await trading.connect(trader).requestOpen(request);
      expect((await tradingRecords.order(1n)).expiry).to.equal(now + 3 + MIN_EXECUTION_TIME);
    });

    it("notes that the payout is wanted in the native coin", async () => {
      const { desk, tradingRecords, trader, profile } = await start();
      const token = profile.wrappedNativeSymbol;
      const { id } = await desk.requestOpen(trader, { token, amount: 10n ** 18n, asNative: true });
      expect((await tradingRecords.order(id)).state & BigInt(NATIVE)).to.equal(NATIVE);
    });

    it("is for what arrives when the token takes a fee on its way", async () => {
      const fixture = await start();
      const { desk, trading, tradingRecords, vault, trader, replica } = fixture;
      await giveCode(fixture, "USDT", "FeeOnTransferToken");
      const token = await ethers.getContractAt("FeeOnTransferToken", await replica.token("USDT").getAddress());
      await token.setFeePips(10_000);
      const amount = desk.tokenUnits("USDT", 100n);
      const { id } = await desk.requestOpen(trader, { amount });
      expect((await tradingRecords.order(id)).amount).to.equal((amount * 99n) / 100n);
      expect((await vault.productLedger(trading, token)).collateral).to.equal((amount * 99n) / 100n);
      expect(await desk.isBalanced()).to.equal(true);
    });

    it("reverts when openings are stopped", async () => {
      const { desk, trading, breaker, guardian, trader } = await start();
      const request = await desk.openRequest(trader);
      for (const level of [1, 2, 3]) {
        await breaker.connect(guardian).raise(level);
        await expect(trading.connect(trader).requestOpen(request))
          .to.be.revertedWithCustomError(trading, "Trading_BreakerRaised")
          .withArgs(level);
      }
    });

    it("reverts without an owner", async () => {
      const { desk, trading, trader } = await start();
      const request = await desk.openRequest(trader, { owner: ethers.ZeroAddress });
      await expect(trading.connect(trader).requestOpen(request)).to.be.revertedWithCustomError(
        trading,
        "Trading_ZeroAddress",
      );
    });

    it("reverts for a book that is unlisted, reduce-only or closed", async () => {
      const fixture = await start();
      const { desk, trading, tradingConfigurator, trader, guardian, riskManager } = fixture;
      const request = await desk.openRequest(trader);
      const expectNotActive = (bookId: number) =>
        expect(trading.connect(trader).requestOpen({ ...request, bookId }))
          .to.be.revertedWithCustomError(trading, "Trading_BookNotActive")
          .withArgs(bookId);
      await expectNotActive(3);
      // It names the guardian's cut that comes below.
      const close = await scheduled(
        fixture,
        riskManager,
        tradingConfigurator,
        tradingConfigurator.interface.encodeFunctionData("setStatus", [await trading.getAddress(), 1, 3, 1n]),
      );
      await tradingConfigurator.connect(guardian).disableBook(trading, 1);
      await expectNotActive(1);
      await afterADay(fixture);
      await close();
      await expectNotActive(1);
    });

    it("reverts for a leverage that the book does not offer", async () => {
      const { desk, trading, tradingRecords, trader } = await start();
      for (const [mode, leverage, least, most] of [
        ["standard", 0, 1, 500],
        ["standard", 501, 1, 500],
        ["degen", 499, 500, 1001],
        ["degen", 1002, 500, 1001],
      ] as const) {
        const request = await desk.openRequest(trader, { mode, leverage });
        await expect(trading.connect(trader).requestOpen(request))
          .to.be.revertedWithCustomError(trading, "Trading_LeverageOutOfRange")
          .withArgs(leverage, least, most);
      }
      for (const [mode, leverage] of [
        ["standard", 1],
        ["standard", 500],
        ["degen", 500],
        ["degen", 1001],
      ] as const) {
        const { id } = await desk.requestOpen(trader, { mode, leverage });
        expect((await tradingRecords.order(id)).leverage).to.equal(leverage);
      }
    });

    it("reverts for a token that is not listed, or not any more", async () => {
      const { desk, trading, tradingConfigurator, trader, guardian, stranger } = await start();
      const request = await desk.openRequest(trader);
      await expect(trading.connect(trader).requestOpen({ ...request, token: stranger.address }))
        .to.be.revertedWithCustomError(trading, "Trading_TokenNotAccepted")
        .withArgs(stranger);
      await tradingConfigurator.connect(guardian).disableMarginToken(trading, request.token);
      await expect(trading.connect(trader).requestOpen(request))
        .to.be.revertedWithCustomError(trading, "Trading_TokenNotAccepted")
        .withArgs(request.token);
    });

    it("reverts when a payout in the native coin is asked for with another token", async () => {
      const { desk, trading, trader } = await start();
      const request = await desk.openRequest(trader, { asNative: true });
      await expect(trading.connect(trader).requestOpen(request))
        .to.be.revertedWithCustomError(trading, "Trading_NotWrappedNative")
        .withArgs(request.token);
    });

    it("reverts for a deadline that leaves less than 15 s after the target", async () => {
      const { desk, trading, trader } = await start();
      for (const [mode, delay] of [
        ["standard", 2],
        ["degen", 3],
      ] as const) {
        const now = (await desk.now()) + 10;
        const earliest = now + delay + MIN_EXECUTION_TIME;
        const request = await desk.openRequest(trader, { mode, deadline: earliest - 1 });
        await nextBlockAt(now);
        await expect(trading.connect(trader).requestOpen(request))
          .to.be.revertedWithCustomError(trading, "Trading_DeadlineTooEarly")
          .withArgs(earliest - 1, earliest);
      }
    });

    it("reverts when nothing arrives", async () => {
      const { desk, trading, vault, trader } = await start();
      const request = await desk.openRequest(trader, { amount: 0n });
      await expect(trading.connect(trader).requestOpen(request))
        .to.be.revertedWithCustomError(vault, "Vault_NothingArrived")
        .withArgs(request.token);
    });

    it("reverts where a token makes more than 96 bits of what is paid", async () => {
      const fixture = await start();
      const { desk, trading, vault, trader, replica } = fixture;
      await giveCode(fixture, "USDT", "ReentrantToken");
      const token = await ethers.getContractAt("ReentrantToken", await replica.token("USDT").getAddress());
      const huge = 2n ** 96n;
      const mint = token.interface.encodeFunctionData("mint", [await vault.getAddress(), huge]);
      await token.arm(token, mint, false);
      for (const asked of ["requestOpen", "requestLimit"] as const) {
        const request = await desk.openRequest(trader, { amount: 1n, acceptablePrice: px("60000") });
        await expect(trading.connect(trader)[asked](request))
          .to.be.revertedWithCustomError(trading, "Trading_AmountTooLarge")
          .withArgs(huge + 1n, huge - 1n);
      }
    });
  });

  describe("payIn", () => {
    it("is for the vault alone", async () => {
      const { desk, trading, trader, stranger, replica } = await start();
      await expect(trading.connect(stranger).payIn(replica.token("USDT"), trader, desk.tokenUnits("USDT", 1n)))
        .to.be.revertedWithCustomError(trading, "Product_OnlyVault")
        .withArgs(stranger);
    });
  });
});
