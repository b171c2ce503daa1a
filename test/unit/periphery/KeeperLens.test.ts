import { setStorageAt } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { ethers } from "hardhat";
import { requestLimit, trigger } from "../../../kit/desk/orders";
import { allDue, dryRun, dryRunLiquidations, lensTick, tickOfNow } from "../../../kit/desk/reading";
import type { LensTick } from "../../../kit/desk/reading";
import { closeTrade, executionFeeTokens, liquidationReward } from "../../../sdk/model";
import { px } from "../../../sdk/units";
import { bookOf, makeStale, modelOpening, openPosition, quoteOf, start } from "../trading/setup";
import type { Fixture } from "../trading/setup";

const NONE: LensTick = {
  ...{ price: 0n, confidence: 0n, publishTime: 0, minPublishTime: 0, assetId: 0, isUnique: false },
};

const show = (attempts: readonly { id: bigint; isLiquidation: boolean; outcome: string; reason: string }[]) =>
  attempts.map(({ id, isLiquidation, outcome, reason }) => {
    const what = isLiquidation ? "liquidate" : "execute";
    return `${id} ${what} ${outcome}${reason === "None" ? "" : ` ${reason}`}`;
  });

/** One of each that waits: a market order, a limit, a take profit, a stop, an armed stop, a close, and a liquidation. */
async function waiting() {
  const fixture = await start();
  const { desk, trader, keeper, stranger, trading } = fixture;
  const standard = { mode: "standard", leverage: 50 } as const;
  const open = () => desk.open(trader, keeper, { ...standard });
  const ids = {
    profit: await open(),
    armed: await open(),
    stop: await open(),
    closing: await open(),
    idle: await open(),
    lost: await desk.open(trader, keeper, { mode: "degen" }),
    ether: await desk.open(trader, keeper, { ...standard, asset: "ETH" }),
    limit: (await requestLimit(desk, trader, { ...standard, acceptablePrice: px("59900") })).id,
  };
  const own = trading.connect(trader);
  await own.updateTpSl(ids.armed, 0n, px("59990"));
  await desk.warp(3);
  await desk.setPrice("BTC", px("59980"));
  const { results } = await trigger(desk, stranger, [ids.armed]);
  expect(results[0].outcome).to.equal("Armed");
  await own.updateTpSl(ids.profit, px("60100"), 0n);
  await own.updateTpSl(ids.stop, 0n, px("59850"));
  await desk.requestClose(trader, ids.closing);
  const { id: market } = await desk.requestOpen(trader, { ...standard });
  await desk.warp(5);
  return { ...fixture, ids: { ...ids, market } };
}

/** The word that the next id is the lower half of. */
async function nextIdWord({ trading }: Fixture): Promise<bigint> {
  return BigInt(await ethers.provider.getStorage(trading, 0n));
}

/** The price moves, and the feeds with it. */
async function movedTo({ desk }: Fixture, price: bigint): Promise<LensTick> {
  await desk.setPrice("BTC", price);
  await desk.refresh();
  return tickOfNow(desk, "BTC");
}

describe("KeeperLens", () => {
  it("keeps the prices, and refuses to be built without", async () => {
    const { keeperLens, priceAggregator } = await start();
    expect(await keeperLens.aggregator()).to.equal(await priceAggregator.getAddress());
    await expect(ethers.deployContract("KeeperLens", [ZeroAddress]))
      .to.be.revertedWithCustomError(keeperLens, "Code_NotAContract")
      .withArgs(ZeroAddress);
  });

  describe("due", () => {
    it("finds what can be filled, triggered and liquidated where the price has fallen", async () => {
      const fixture = await waiting();
      const { desk, keeper, ids } = fixture;
      const tick = await movedTo(fixture, px("59840"));
      expect(show(await allDue(desk, keeper.address, [tick]))).to.deep.equal([
        `${ids.armed} execute Closed`,
        `${ids.stop} execute Armed`,
        `${ids.closing} execute Closed`,
        `${ids.lost} liquidate Liquidated`,
        `${ids.limit} execute Opened`,
        `${ids.market} execute Opened`,
      ]);
      expect(show(await allDue(desk, keeper.address, [tick], 2n))).to.have.lengthOf(6);
    });

    it("says of each what it pays, and for both attempts together", async () => {
      const fixture = await waiting();
      const { desk, keeper, ids, profile } = fixture;
      const tick = await movedTo(fixture, px("59840"));
      const fee = executionFeeTokens(profile.execution.executionFeeUsd, quoteOf(fixture));
      const { margin } = modelOpening(fixture);
      const pays = new Map(
        (await allDue(desk, keeper.address, [tick])).map(({ id, executorPay }) => [id, executorPay]),
      );
      expect(pays.get(ids.lost)).to.equal(liquidationReward(margin, quoteOf(fixture)));
      expect([pays.get(ids.closing), pays.get(ids.market), pays.get(ids.stop)]).to.deep.equal([fee, fee, 0n]);
    });

    it("goes on from where it stopped: at so many ids, at the last, or where the gas ends", async () => {
      const fixture = await waiting();
      const { keeper, keeperLens, trading, ids } = fixture;
      const tick = await movedTo(fixture, px("59840"));
      const end = await trading.nextTradeId();
      const page = async (from: bigint, max: bigint, overrides = {}) => {
        const [trades, next] = await keeperLens.due(trading, keeper, from, max, [tick], overrides);
        return { found: trades.map(({ id }) => id), next };
      };
      expect(await page(ids.stop, 2n)).to.deep.equal({ found: [ids.stop, ids.closing], next: ids.stop + 2n });
      expect(await page(ids.stop, 0n)).to.deep.equal({ found: [], next: ids.stop });
      expect(await page(end - 1n, ethers.MaxUint256)).to.deep.equal({ found: [ids.market], next: end });
      for (const from of [end, end + 5n, ethers.MaxUint256]) {
        expect(await page(from, ethers.MaxUint256)).to.deep.equal({ found: [], next: from });
      }
      // What there is gas for is looked at.
      await setStorageAt(await trading.getAddress(), 0n, (await nextIdWord(fixture)) + 20_000n);
      const { found, next } = await page(1n, ethers.MaxUint256, { gasLimit: 100_000_000n });
      expect([found.length, next]).to.deep.equal([6, 5_001n]);
      const short = await page(1n, ethers.MaxUint256, { gasLimit: 8_000_000n });
      expect(short.found).to.deep.equal(found);
      expect(short.next).to.be.within(end, 5_000n);
      await expect(page(1n, 1n, { gasLimit: 1_070_000n }))
        .to.be.revertedWithCustomError(keeperLens, "KeeperLens_GasTooLow")
        .withArgs((gasLeft: bigint) => gasLeft < 1_070_000n && gasLeft > 900_000n, 1_080_000n);
    });

    it("leaves out what fails, and nothing beside it", async () => {
      const fixture = await waiting();
      const { keeper, keeperLens, trading, ids } = fixture;
      const tick = await movedTo(fixture, px("59840"));
      const broken = await ethers.deployContract("MuteTrading", [trading]);
      await broken.silence(ids.closing, false, false);
      const [trades, next] = await keeperLens.due(broken, keeper, 1n, 1_000n, [tick]);
      expect(trades.map(({ id }) => id)).to.deep.equal([ids.armed, ids.stop, ids.lost, ids.limit, ids.market]);
      expect(next).to.equal(await trading.nextTradeId());
    });

    it("takes a tick of any asset for one of each trade's own market, and the first of an asset", async () => {
      const fixture = await waiting();
      const { desk, keeper, trader, ids } = fixture;
      await desk.requestClose(trader, ids.ether);
      await desk.warp(2);
      const tick = await movedTo(fixture, px("59840"));
      const every = { ...tick, assetId: 65_535, price: px("3000") };
      const found = show(await allDue(desk, keeper.address, [tick, every]));
      expect(found).to.include(`${ids.ether} execute Closed`).and.to.include(`${ids.lost} liquidate Liquidated`);
      expect(show(await allDue(desk, keeper.address, [{ ...tick, publishTime: 0 }, tick]))).to.deep.equal([]);
    });

    it("finds the take profit where the price has risen, and the rest no more", async () => {
      const fixture = await waiting();
      const { desk, keeper, ids } = fixture;
      const tick = await movedTo(fixture, px("60100"));
      expect(show(await allDue(desk, keeper.address, [tick]))).to.deep.equal([
        `${ids.profit} execute Closed`,
        `${ids.armed} execute Closed`,
        `${ids.closing} execute Closed`,
        `${ids.market} execute Opened`,
      ]);
    });

    it("tries each trade with the tick of its asset, and none with none", async () => {
      const fixture = await waiting();
      const { desk, keeper, trader, ids } = fixture;
      await desk.requestClose(trader, ids.ether);
      // Any price of BTC is above what it asks for.
      const short = { mode: "standard", leverage: 50, asset: "ETH", isLong: false } as const;
      const limit = await requestLimit(desk, trader, { ...short, acceptablePrice: px("3100") });
      await desk.warp(2);
      await desk.refresh();
      const [btc, eth] = [await tickOfNow(desk, "BTC"), await tickOfNow(desk, "ETH")];
      expect(show(await allDue(desk, keeper.address, [eth]))).to.deep.equal([`${ids.ether} execute Closed`]);
      expect(show(await allDue(desk, keeper.address, [btc, eth]))).to.include(`${ids.ether} execute Closed`);
      const found = await allDue(desk, keeper.address, [btc]);
      expect(show(found)).to.include(`${ids.market} execute Opened`).and.to.not.include(`${ids.ether} execute Closed`);
      expect(found.map(({ id }) => id)).to.not.include(limit.id);
      expect(await allDue(desk, keeper.address, [])).to.deep.equal([]);
    });

    it("takes a tick for what it says it is: one that is no first tick fills no order", async () => {
      const fixture = await waiting();
      const { desk, keeper, ids } = fixture;
      const tick = await movedTo(fixture, px("59840"));
      expect(show(await allDue(desk, keeper.address, [{ ...tick, isUnique: false }]))).to.deep.equal([
        `${ids.stop} execute Armed`,
        `${ids.lost} liquidate Liquidated`,
        `${ids.limit} execute Opened`,
      ]);
    });
  });

  describe("dryRun", () => {
    it("says what each would do and pay, as the model has it", async () => {
      const fixture = await start();
      const { desk, trader, keeper, replica, profile } = fixture;
      const token = await replica.token("USDT").getAddress();
      const fee = executionFeeTokens(profile.execution.executionFeeUsd, quoteOf(fixture));
      const amount = desk.tokenUnits("USDT", 100n);
      const { id: closing, model } = await openPosition(fixture, { mode: "standard" });
      const filled = await desk.requestOpen(trader, { mode: "standard" });
      const refused = await desk.requestOpen(trader, { mode: "standard", acceptablePrice: px("60000") });
      const close = await desk.requestClose(trader, closing);
      await desk.warpTo(close.target);
      await desk.refresh();
      const tick = await tickOfNow(desk, "BTC");
      const ids = [filled.id, refused.id, closing, 0n, 999n];
      const attempts = await dryRun(desk, keeper.address, ids, [tick]);
      const { entry } = modelOpening(fixture, { mode: "standard" });
      const { carryOwedUsd } = await fixture.tradingLens.position(fixture.trading, closing);
      const result = closeTrade({
        ...{ position: model.position, tick: px("60000"), token: quoteOf(fixture), carryOwedUsd },
        slippagePips: BigInt(bookOf(fixture, "BTC", "standard").slippagePips),
        executionFeeUsd: profile.execution.executionFeeUsd,
        executionFeeCount: 1n,
      });
      const nothing = { price: 0n, executorPay: 0n, ownerPay: 0n, closeFee: 0n };
      const common = { token, isLiquidation: false, isFailed: false, ...nothing };
      expect(attempts).to.deep.equal([
        { ...common, id: filled.id, outcome: "Opened", reason: "None", price: entry, executorPay: fee },
        {
          ...{ ...common, id: refused.id, outcome: "Refused", reason: "PriceBound" },
          ...{ executorPay: fee, ownerPay: amount - fee },
        },
        {
          ...{ ...common, id: closing, outcome: "Closed", reason: "None", price: result.exit },
          ...{ executorPay: result.executionFee, ownerPay: result.payout, closeFee: result.closeFee },
        },
        { ...common, id: 0n, token: ZeroAddress, outcome: "Skipped", reason: "NothingPending" },
        { ...common, id: 999n, token: ZeroAddress, outcome: "Skipped", reason: "NothingPending" },
      ]);
      // Owners pay themselves nothing.
      const [own] = await dryRun(desk, trader.address, [closing], [tick]);
      expect([own.executorPay, own.ownerPay]).to.deep.equal([0n, result.payout + result.executionFee]);
    });

    it("pays who executes a stop that he armed himself for both", async () => {
      const fixture = await waiting();
      const { desk, keeper, stranger, trader, ids, profile } = fixture;
      const tick = await movedTo(fixture, px("59990"));
      const fee = executionFeeTokens(profile.execution.executionFeeUsd, quoteOf(fixture));
      const payOf = async (by: string) => (await dryRun(desk, by, [ids.armed], [tick]))[0].executorPay;
      expect(await payOf(stranger.address)).to.equal(2n * fee);
      expect(await payOf(keeper.address)).to.equal(fee);
      expect(await payOf(trader.address)).to.equal(0n);
    });

    it("tries each with the tick it names, and says of one that names none that there is none", async () => {
      const fixture = await start();
      const { desk, keeper, trader } = fixture;
      const btc = await desk.requestOpen(trader, { mode: "standard" });
      const eth = await desk.requestOpen(trader, { mode: "standard", asset: "ETH" });
      await desk.warpTo(eth.target);
      await desk.refresh();
      const ticks = [await tickOfNow(desk, "BTC"), await tickOfNow(desk, "ETH"), NONE];
      const ids = [btc.id, eth.id, btc.id, btc.id, btc.id];
      expect(show(await dryRun(desk, keeper.address, ids, ticks, [0, 1, 1, 2, 3]))).to.deep.equal([
        `${btc.id} execute Opened`,
        `${eth.id} execute Opened`,
        `${btc.id} execute Skipped TickOfOtherAsset`,
        `${btc.id} execute Skipped NoTick`,
        `${btc.id} execute Skipped NoTick`,
      ]);
      const early = lensTick(desk, "BTC", btc.target, desk.firstTick("BTC", btc.target + 1));
      expect(show(await dryRun(desk, keeper.address, [btc.id], [early]))).to.deep.equal([
        `${btc.id} execute Skipped TickNotFirst`,
      ]);
    });

    it("wants a tick for each, and goes on after one that would revert", async () => {
      const fixture = await start();
      const { desk, keeper, keeperLens, trader, trading } = fixture;
      const { id, target } = await desk.requestOpen(trader, { mode: "standard" });
      await expect(keeperLens.dryRun(trading, keeper, [id], [], []))
        .to.be.revertedWithCustomError(keeperLens, "KeeperLens_LengthsDiffer")
        .withArgs(1n, 0n);
      await expect(keeperLens.dryRunLiquidations(trading, [], [], [1]))
        .to.be.revertedWithCustomError(keeperLens, "KeeperLens_LengthsDiffer")
        .withArgs(0n, 1n);
      // A Trading that answers nothing about it.
      await desk.warpTo(target);
      const broken = await ethers.deployContract("MuteTrading", [trading]);
      await broken.silence(id, false, false);
      const [first] = await keeperLens.dryRun(broken, keeper, [id], [await tickOfNow(desk, "BTC")], [0]);
      expect([first.isFailed, first.preview.outcome]).to.deep.equal([true, 0n]);
      expect(first.failure).to.equal(broken.interface.encodeErrorResult("MuteTrading_Silent", [id]));
      const [second] = await keeperLens.dryRunLiquidations(broken, [id], [await tickOfNow(desk, "BTC")], [0]);
      expect([second.isFailed, second.isLiquidation, second.failure]).to.deep.equal([true, true, first.failure]);
    });
  });

  describe("dryRunLiquidations", () => {
    it("says which it would liquidate, for what, and why not the others", async () => {
      const fixture = await waiting();
      const { desk, ids } = fixture;
      const tick = await movedTo(fixture, px("59840"));
      const all = [ids.lost, ids.idle, ids.closing, ids.market, 999n];
      const attempts = await dryRunLiquidations(desk, all, [tick]);
      expect(show(attempts)).to.deep.equal([
        `${ids.lost} liquidate Liquidated`,
        `${ids.idle} liquidate Skipped NotLiquidatable`,
        `${ids.closing} liquidate Skipped CloseIsPending`,
        `${ids.market} liquidate Skipped NothingPending`,
        "999 liquidate Skipped NothingPending",
      ]);
      const { margin } = modelOpening(fixture);
      expect(attempts[0].executorPay).to.equal(liquidationReward(margin, quoteOf(fixture)));
      expect([attempts[0].ownerPay, attempts[0].price]).to.deep.equal([0n, px("59840")]);
    });

    it("takes ticks up to their age, and needs the token's price and an anchor", async () => {
      const fixture = await waiting();
      const { desk, ids } = fixture;
      const tick = await movedTo(fixture, px("59840"));
      const answer = async () => show(await dryRunLiquidations(desk, [ids.lost], [tick]))[0];
      await desk.warpTo(tick.publishTime + 30);
      expect(await answer()).to.equal(`${ids.lost} liquidate Liquidated`);
      await desk.warpTo(tick.publishTime + 31);
      expect(await answer()).to.equal(`${ids.lost} liquidate Skipped TickTooOld`);
      const again = await movedTo(fixture, px("59840"));
      await makeStale(fixture, "BTC");
      const stale = await dryRunLiquidations(desk, [ids.lost], [again]);
      expect(show(stale)).to.deep.equal([`${ids.lost} liquidate Skipped AnchorsNotFresh`]);
      await makeStale(fixture, "USDT");
      const missing = await dryRunLiquidations(desk, [ids.lost], [again]);
      expect(show(missing)).to.deep.equal([`${ids.lost} liquidate Skipped TokenPriceMissing`]);
    });
  });
});
