import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { ethers } from "hardhat";
import { carryOwedUsd } from "../../../sdk/model/carry";
import { bankruptcyPrice, isLiquidatable, liquidationPrice, pnlUsd } from "../../../sdk/model/trade";
import type { Position } from "../../../sdk/model/trade";
import { toUsdDown } from "../../../sdk/model/convert";
import { px } from "../../../sdk/units";
import { assetIdOf } from "../../../deploy/arguments/oracle";
import { deskFixture } from "../../fixtures/desk";
import { makeStale } from "../trading/setup";

const DECEMBER_2100 = 4_133_000_000;

async function deploy() {
  const context = await loadFixture(deskFixture);
  const [{ assetKey, decimals, address, symbol }] = context.profile.tokens;
  return { ...context, lens: context.tradingLens, token: { symbol, address, assetKey, decimals } };
}

type Context = Awaited<ReturnType<typeof deploy>>;

/** What the reference model says of the position in the block that was mined last. */
async function modelOf({ tradingRecords, desk, token }: Context, id: bigint, price: bigint) {
  const record = await tradingRecords.position(id);
  const isLong = (record.state & 4n) !== 0n;
  const terms = await tradingRecords.terms(record.bookId, record.termsId);
  const state = await tradingRecords.bookState(record.bookId);
  const position: Position = {
    isLong,
    entry: record.entry,
    size: record.size,
    initialMargin: record.margin,
    margin: record.margin,
    llrPips: terms.liquidationLossRatePips,
    profitCapPips: terms.profitCapPips,
    closeFeeKind: terms.profitSharePips === 0n ? "standard" : "degen",
    closeFeePips: terms.closeFeePips,
  };
  const notional = record.size * record.entry;
  const carry = carryOwedUsd(notional, isLong ? state.longIndex : state.shortIndex, record.carryIndex);
  const quote = { price: desk.priceOf(token.assetKey), decimals: token.decimals };
  return {
    notional,
    carry,
    marginUsd: toUsdDown(record.margin, quote),
    pnl: pnlUsd(position, price),
    liquidation: liquidationPrice(position, carry, quote),
    bankruptcy: bankruptcyPrice(position, carry, quote),
    isLiquidatable: isLiquidatable(position, price, carry, quote),
  };
}

async function expectAsModelled(context: Context, id: bigint, price: bigint): Promise<void> {
  const { lens, trading } = context;
  const seen = await lens.positionAt(trading, id, price);
  const model = await modelOf(context, id, price);
  expect(seen.price).to.equal(price);
  expect(seen.notionalUsd).to.equal(model.notional);
  expect(seen.marginUsd).to.equal(model.marginUsd);
  expect(seen.pnlUsd).to.equal(model.pnl);
  expect(seen.carryOwedUsd).to.equal(model.carry);
  expect(seen.liquidationPrice).to.equal(model.liquidation);
  expect(seen.bankruptcyPrice).to.equal(model.bankruptcy);
  expect(seen.isLiquidatable).to.equal(model.isLiquidatable);
}

describe("TradingLens", () => {
  it("keeps the source of prices, and refuses to be built without", async () => {
    const { lens, priceAggregator } = await deploy();
    expect(await lens.aggregator()).to.equal(await priceAggregator.getAddress());
    await expect(ethers.deployContract("TradingLens", [ZeroAddress]))
      .to.be.revertedWithCustomError(lens, "Code_NotAContract")
      .withArgs(ZeroAddress);
  });

  describe("positionAt", () => {
    for (const isLong of [true, false]) {
      for (const mode of ["standard", "degen"] as const) {
        it(`values a ${mode} ${isLong ? "long" : "short"} as the model does, carry included`, async () => {
          const context = await deploy();
          const { desk, trader, keeper } = context;
          const id = await desk.open(trader, keeper, { isLong, mode, token: context.token.symbol });
          await desk.warp(6 * 3_600);
          await desk.refresh();
          const { liquidation, bankruptcy, carry } = await modelOf(context, id, px("60000"));
          expect(carry).to.be.gt(0n);
          for (const price of [px("60000"), px("61000"), px("59000"), liquidation, bankruptcy]) {
            await expectAsModelled(context, id, price);
          }
        });
      }
    }

    it("says liquidatable from the liquidation price on", async () => {
      const context = await deploy();
      const { desk, lens, trading, trader, keeper } = context;
      const id = await desk.open(trader, keeper, { isLong: true, token: context.token.symbol });
      const { liquidationPrice: at } = await lens.positionAt(trading, id, px("60000"));
      expect((await lens.positionAt(trading, id, at)).isLiquidatable).to.equal(true);
      expect((await lens.positionAt(trading, id, at + 1n)).isLiquidatable).to.equal(false);
    });
  });

  describe("position", () => {
    it("values at the median of the market's push sources", async () => {
      const context = await deploy();
      const { desk, lens, trading, tradingRecords, trader, keeper, token } = context;
      const id = await desk.open(trader, keeper, { token: token.symbol });
      await desk.setPrice("BTC", px("60100"));
      const seen = await lens.position(trading, id);
      expect([...seen]).to.deep.equal([...(await lens.positionAt(trading, id, px("60100")))]);
      expect([seen.token, seen.tokenPrice]).to.deep.equal([token.address, desk.priceOf(token.assetKey)]);
      expect([...seen.position]).to.deep.equal([...(await tradingRecords.position(id))]);
    });

    it("says that its prices hold at this price of the token, where that is no dollar", async () => {
      const context = await deploy();
      const { desk, lens, trading, trader, keeper, token } = context;
      const id = await desk.open(trader, keeper, { token: token.symbol });
      for (const [price, isAssumed] of [
        ["0.9499", true],
        ["0.95", false],
        ["1.05", false],
        ["1.0501", true],
      ] as const) {
        await desk.setPrice(token.assetKey, px(price));
        expect((await lens.position(trading, id)).isTokenPriceAssumed, price).to.equal(isAssumed);
      }
    });

    it("shows a pending close", async () => {
      const { desk, lens, trading, trader, keeper, token } = await deploy();
      const id = await desk.open(trader, keeper, { token: token.symbol });
      const { target } = await desk.requestClose(trader, id);
      expect((await lens.position(trading, id)).close.target).to.equal(BigInt(target));
    });

    it("refuses orders, trades that never were, and prices that are not fresh", async () => {
      const context = await deploy();
      const { desk, lens, trading, trader, keeper, token } = context;
      const { id } = await desk.requestOpen(trader, { token: token.symbol });
      for (const notOpen of [id, 999n]) {
        await expect(lens.position(trading, notOpen))
          .to.be.revertedWithCustomError(lens, "TradingLens_NotOpen")
          .withArgs(notOpen);
        await expect(lens.positionAt(trading, notOpen, 1n))
          .to.be.revertedWithCustomError(lens, "TradingLens_NotOpen")
          .withArgs(notOpen);
      }
      const open = await desk.open(trader, keeper, { token: token.symbol });
      await makeStale(context, token.assetKey);
      await expect(lens.positionAt(trading, open, px("60000")))
        .to.be.revertedWithCustomError(lens, "TradingLens_PriceMissing")
        .withArgs(assetIdOf(token.assetKey));
      await desk.warp(7 * 24 * 3_600);
      await expect(lens.position(trading, open))
        .to.be.revertedWithCustomError(lens, "TradingLens_PriceMissing")
        .withArgs(1n);
    });
  });

  describe("scan", () => {
    it("lists orders and positions by id, without those that ended", async () => {
      const { desk, lens, trading, tradingRecords, trader, other, keeper, token } = await deploy();
      const first = await desk.open(trader, keeper, { token: token.symbol });
      const second = await desk.open(other, keeper, { token: token.symbol, isLong: false, mode: "standard" });
      const third = await desk.requestOpen(trader, {
        token: token.symbol,
        acceptablePrice: px("60100"),
        takeProfit: px("60200"),
        stopLoss: px("59990"),
        deadline: DECEMBER_2100,
      });
      await desk.close(trader, keeper, first);

      const position = await tradingRecords.position(second);
      const order = await tradingRecords.order(third.id);
      const records = await lens.scan(trading, 0n, 1_000n);
      const none = [0n, 0n, 0n, 0n, ZeroAddress];
      expect(records.map((record) => [...record.slice(0, -1), [...record.close]])).to.deep.equal([
        [
          second,
          3n,
          other.address,
          position.bookId,
          token.address,
          false,
          position.leverage,
          position.openedAt,
          0n,
          position.margin,
          0n,
          position.size,
          position.entry,
          0n,
          0n,
          ...[false, false, 0n, 0n, 0n, none],
        ],
        [
          third.id,
          1n,
          trader.address,
          order.bookId,
          token.address,
          true,
          1001n,
          order.requestedAt,
          order.expiry,
          order.amount,
          0n,
          0n,
          px("60100"),
          px("60200"),
          px("59990"),
          ...[false, false, 0n, 0n, order.expiry + 1n, none],
        ],
      ]);
      for (const [from, to, ids] of [
        [second, third.id, [second]],
        [third.id, third.id + 1n, [third.id]],
        [third.id + 1n, 1_000n, []],
        [3n, 2n, []],
      ] as const) {
        const part = await lens.scan(trading, from, to);
        expect(part.map(({ id }) => id)).to.deep.equal([...ids]);
      }
    });
  });
});
