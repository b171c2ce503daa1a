import { takeSnapshot, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ROLES } from "../../deploy/roles";
import { confirmed } from "../../kit/desk/Desk";
import { px, usd } from "../../sdk/units";
import {
  CENT,
  eventsOf,
  expectBalanced,
  expectIntact,
  holdingOf,
  holdingsOf,
  loadDesk,
  navOf,
  openedDesk,
} from "./support";

/** Least and largest leverage of each mode. */
const OFFERED = { standard: [1, 500], degen: [500, 1001] } as const;

describe("attacks: positions, fees and carry", () => {
  it("F01 A07 I14: a payout never passes margin and cap, whatever carry was received on top", async () => {
    const { desk, trader, other, keeper, trading, tradingRecords } = await loadDesk();
    // The trader's short is alone against a crowd of longs and receives funding for days.
    const amount = desk.tokenUnits("USDT", 600n);
    const short = { isLong: false, mode: "standard" as const, leverage: 100, amount };
    const id = await desk.open(trader, keeper, short);
    for (let i = 0; i < 3; ++i) await desk.open(other, keeper, { ...short, isLong: true, amount: amount * 3n });
    await desk.warp(4 * 24 * 60 * 60);
    await desk.setPrice("BTC", px("50000"));
    const { margin } = await tradingRecords.position(id);
    const before = await holdingsOf(desk, "USDT", [trader, keeper]);
    const { receipt } = await desk.close(trader, keeper, id);
    const [closed] = eventsOf(trading, "TradeClosed", receipt);
    expect(closed.getValue("carryOwedUsd")).to.be.below(0n);
    const gained = (await holdingsOf(desk, "USDT", [trader, keeper])) - before;
    expect(gained).to.be.at.most(margin * 6n);
    expect(gained).to.be.greaterThan(margin * 5n);
    await expectBalanced(desk);
  });

  it("F02 I7: splitting an order in ten pays no less in fees, in either mode", async () => {
    const { desk, trader, keeper } = await loadDesk();
    for (const { mode, leverage } of [
      { mode: "standard", leverage: 100 },
      { mode: "degen", leverage: 1001 },
    ] as const) {
      const start = await takeSnapshot();
      const cost = async (parts: bigint) => {
        await desk.setPrice("BTC", px("60000"));
        const before = await holdingOf(desk, "USDT", trader);
        const ids: bigint[] = [];
        const amount = desk.tokenUnits("USDT", 150n) / parts;
        for (let i = 0n; i < parts; ++i) ids.push(await desk.open(trader, keeper, { mode, leverage, amount }));
        await desk.setPrice("BTC", px("60030"));
        for (const id of ids) await desk.close(trader, keeper, id);
        await expectBalanced(desk);
        return before - (await holdingOf(desk, "USDT", trader));
      };
      const whole = await cost(1n);
      await start.restore();
      expect(await cost(10n), mode).to.be.at.least(whole);
    }
  });

  it("F03 I28: leverage decides the mode at the request, and nothing changes it afterwards", async () => {
    const { desk, trader, keeper, trading } = await loadDesk();
    for (const { mode, leverage } of [
      { mode: "standard", leverage: 501 },
      { mode: "standard", leverage: 0 },
      { mode: "degen", leverage: 499 },
      { mode: "degen", leverage: 1002 },
    ] as const) {
      await expect(trading.connect(trader).requestOpen(await desk.openRequest(trader, { mode, leverage })))
        .to.be.revertedWithCustomError(trading, "Trading_LeverageOutOfRange")
        .withArgs(leverage, ...OFFERED[mode]);
    }
    await expect(trading.connect(trader).requestOpen(await desk.openRequest(trader, { asset: "ETH", mode: "degen" })))
      .to.be.revertedWithCustomError(trading, "Trading_BookNotActive")
      .withArgs(desk.bookId("ETH", "degen"));
    // At 500x both modes are offered: each takes its own fees from beginning to end.
    for (const { mode, isOpenFree } of [
      { mode: "standard", isOpenFree: false },
      { mode: "degen", isOpenFree: true },
    ] as const) {
      await desk.setPrice("BTC", px("60000"));
      const pending = await desk.requestOpen(trader, { mode, leverage: 500 });
      const { receipt } = await desk.settle(keeper, pending);
      const [opened] = eventsOf(trading, "TradeOpened", receipt);
      expect(opened.getValue("openFee") === 0n).to.equal(isOpenFree);
      await desk.setPrice("BTC", px("60120"));
      const closing = await desk.close(trader, keeper, pending.id);
      const [closed] = eventsOf(trading, "TradeClosed", closing.receipt);
      const pnl = closed.getValue("pnlUsd") as bigint;
      const notional = usd("49750");
      const least = isOpenFree ? (notional * 299n) / 1_000_000n : (usd("35535") * 799n) / 1_000_000n;
      const fee = closed.getValue("closeFee") as bigint;
      const feeUsd = (fee * usd("1")) / desk.tokenUnits("USDT", 1n);
      expect(feeUsd).to.be.at.least(least);
      if (isOpenFree) expect(feeUsd + CENT).to.be.at.least((pnl * 15n) / 100n);
    }
  });

  it("F04: a profit of next to nothing still pays the least fee, and a loss pays no share of itself", async () => {
    const { desk, trader, keeper, trading, tradingRecords } = await loadDesk();
    for (const price of ["60012.0011", "60012.0012", "60012.0013", "60012.1", "60000", "59990"]) {
      await desk.setPrice("BTC", px("60000"));
      const id = await desk.open(trader, keeper);
      const { size } = await tradingRecords.position(id);
      await desk.setPrice("BTC", px(price));
      const { receipt } = await desk.close(trader, keeper, id);
      const [closed] = eventsOf(trading, "TradeClosed", receipt);
      const exit = closed.getValue("exit") as bigint;
      const fee = ((closed.getValue("closeFee") as bigint) * usd("1")) / desk.tokenUnits("USDT", 1n);
      expect(fee, price).to.be.closeTo((size * exit * 300n) / 1_000_000n, CENT / 10n);
    }
    await expectBalanced(desk);
  });

  it("F05: a long and a short of the same size lose their fees together, wherever the price goes", async () => {
    const { desk, trader, other, keeper } = await loadDesk();
    const amount = desk.tokenUnits("USDT", 100n);
    for (const price of ["60000", "60025", "59980", "60003"]) {
      await desk.setPrice("BTC", px("60000"));
      const before = await holdingsOf(desk, "USDT", [trader, other, keeper]);
      const nav = await navOf(desk);
      const long = await desk.open(trader, keeper, { isLong: true, amount });
      const short = await desk.open(other, keeper, { isLong: false, amount });
      await desk.setPrice("BTC", px(price));
      await desk.close(trader, keeper, long);
      await desk.close(other, keeper, short);
      // Twice three basis points of the notional at least, and the slippage.
      const lost = before - (await holdingsOf(desk, "USDT", [trader, other, keeper]));
      expect(lost, price).to.be.at.least((amount * 1001n * 6n) / 10_001n - amount / 50n);
      await desk.setPrice("BTC", px("60000"));
      await expectIntact(desk, nav);
    }
  });

  it("F06 I10: updating the carry ever so often changes nothing, and a flash of skew earns nothing", async () => {
    const { desk, trader, other, keeper, tradingRecords } = await loadDesk();
    const bookId = desk.bookId("ETH", "standard");
    const options = { asset: "ETH", mode: "standard", leverage: 100 } as const;
    await desk.open(other, keeper, { ...options, amount: desk.tokenUnits("USDT", 1_000n) });
    const start = await takeSnapshot();
    const from = await desk.now();
    const at = from + 3_600;
    const indexAt = async () => {
      await desk.warpTo(at);
      return (await tradingRecords.bookState(bookId)).longIndex;
    };
    const once = await indexAt();
    await start.restore();
    // A refused close touches nothing, an opening and a close accrue: at every one of them time is counted once.
    for (let i = 0; i < 5; ++i) {
      const id = await desk.open(trader, keeper, { ...options, amount: desk.tokenUnits("USDT", 10n) });
      await desk.close(trader, keeper, id);
    }
    expect(await indexAt()).to.be.closeTo(once, once / 100n);
    // The whole skew for a few seconds, on the side that is about to receive.
    const before = await holdingsOf(desk, "USDT", [trader, keeper]);
    const flash = await desk.open(trader, keeper, {
      ...options,
      isLong: false,
      amount: desk.tokenUnits("USDT", 1_100n),
    });
    await desk.close(trader, keeper, flash);
    expect(await holdingsOf(desk, "USDT", [trader, keeper])).to.be.below(before);
    await expectBalanced(desk);
  });

  it("F07 I9: what one side receives the other has paid, and the vault keeps the difference", async () => {
    const { desk, trader, other, keeper, trading } = await loadDesk();
    const options = { asset: "ETH", mode: "standard", leverage: 50 } as const;
    const long = await desk.open(trader, keeper, { ...options, amount: desk.tokenUnits("USDT", 2_400n) });
    const short = await desk.open(other, keeper, {
      ...options,
      isLong: false,
      amount: desk.tokenUnits("USDT", 1_000n),
    });
    for (let i = 0; i < 3; ++i) {
      await desk.warp(6 * 3_600 + i);
      await desk.close(
        other,
        keeper,
        await desk.open(other, keeper, { ...options, amount: desk.tokenUnits("USDT", 20n) }),
      );
    }
    const owed: bigint[] = [];
    for (const [owner, id] of [
      [trader, long],
      [other, short],
    ] as const) {
      const { receipt } = await desk.close(owner, keeper, id);
      owed.push(eventsOf(trading, "TradeClosed", receipt)[0].getValue("carryOwedUsd") as bigint);
    }
    expect(owed[0]).to.be.greaterThan(0n);
    expect(owed[1]).to.be.below(0n);
    expect(owed[0] + owed[1]).to.be.greaterThan(0n);
    await expectBalanced(desk);
  });

  it("F08: a change of rates counts from then on, and liquidates nobody for the time before", async () => {
    const { desk, accessManager, riskManager, tradingConfigurator, trading, tradingRecords, id } = await openedDesk();
    const bookId = desk.bookId("BTC", "degen");
    const data = tradingConfigurator.interface.encodeFunctionData("setRates", [
      ...([trading.target as string, bookId, 0, 0, 0, 0] as const),
    ]);
    await confirmed(accessManager.connect(riskManager).schedule(tradingConfigurator, data, 0));
    const readyAt = (await time.latest()) + ROLES.RISK_MANAGER.delaySeconds;
    await desk.warpTo(readyAt);
    const before = (await tradingRecords.bookState(bookId)).longIndex;
    await confirmed(accessManager.connect(riskManager).execute(tradingConfigurator, data));
    const after = (await tradingRecords.bookState(bookId)).longIndex;
    // One second at the old rates, all seconds before it kept, none at the new.
    expect(after).to.be.within(before, before + before / 1_000n);
    await desk.warp(24 * 3_600);
    expect((await tradingRecords.bookState(bookId)).longIndex).to.equal(after);
    expect(await desk.statusOf(id)).to.equal("Open");
  });

  it("V06 F09 F15 I3 I4: the sums of a book are those of its positions, to the last unit, after any sequence", async () => {
    const { desk, trader, other, keeper, trading, tradingRecords, liquidator } = await loadDesk();
    const bookId = desk.bookId("BTC", "degen");
    const open = new Map<bigint, typeof trader>();
    const prices = ["60000", "60007.3", "59996.01", "60031.7", "59971.3", "60000.0001"];
    for (const [round, price] of prices.entries()) {
      await desk.setPrice("BTC", px(price));
      for (const owner of [trader, other]) {
        const amount = desk.tokenUnits("USDT", 40n) + BigInt(round * 7 + 1);
        const leverage = 500 + 83 * round;
        const id = await desk.open(owner, keeper, { amount, leverage, isLong: (round + open.size) % 3 !== 0 });
        open.set(id, owner);
      }
      const [oldest] = open.keys();
      const [isLiquidatable] = await liquidator.liquidatable(trading, [oldest], desk.priceOf("BTC"));
      if (isLiquidatable) await desk.liquidate(keeper, [oldest], "BTC");
      else await desk.close(open.get(oldest) ?? trader, keeper, oldest);
      open.delete(oldest);
      for (const isLong of [true, false]) {
        const sums = { size: 0n, notional: 0n };
        for (const id of open.keys()) {
          const { size, entry, state } = await tradingRecords.position(id);
          if (((state & 4n) !== 0n) !== isLong) continue;
          sums.size += size;
          sums.notional += size * entry;
        }
        const side = await tradingRecords.bookSide(bookId, isLong);
        expect({ size: side.size, notional: side.notional }).to.deep.equal(sums);
      }
    }
    for (const [id, owner] of open) await desk.close(owner, keeper, id);
    for (const isLong of [true, false]) {
      expect([...(await tradingRecords.bookSide(bookId, isLong))]).to.deep.equal([0n, 0n, 0n, 0n, 0n]);
    }
    await expectBalanced(desk);
  });

  it("F10 F11 I29: a trade is worth the same in every margin token, and amounts at the edge of a field are refused", async () => {
    const { desk, trader, keeper, trading, profile, replica } = await loadDesk();
    const values: bigint[] = [];
    for (const { symbol, decimals, assetKey } of profile.tokens) {
      await desk.setPrice("BTC", px("60000"));
      const amount = (150n * 10n ** BigInt(decimals + 10)) / desk.priceOf(assetKey);
      const before = await holdingOf(desk, symbol, trader);
      const id = await desk.open(trader, keeper, { token: symbol, amount, leverage: 700 });
      // The token of the market is worth more after the move: compared in its own price of before.
      await desk.setPrice("BTC", px("60024"));
      await desk.close(trader, keeper, id);
      const change = (await holdingOf(desk, symbol, trader)) - before;
      values.push((change * desk.priceOf(assetKey) * 10n ** 8n) / 10n ** BigInt(decimals));
    }
    for (const value of values) expect(value).to.be.closeTo(values[0], CENT * 10n);
    const token = replica.token("USDT");
    const most = 2n ** 96n - 1n;
    await replica.mintToken("USDT", trader.address, most);
    // What buys nothing, and what is more than any tier takes.
    const reasonOf = (amount: bigint) => (amount < 2n ** 80n ? "NotionalTooSmall" : "NotionalTooLarge");
    for (const amount of [most, most - 1n, 2n ** 80n, 1n, 2n]) {
      const before = await token.balanceOf(trader);
      const pending = await desk.requestOpen(trader, { amount, acceptablePrice: 2n ** 64n - 1n });
      const { results } = await desk.settle(keeper, pending);
      if (results[0].isFailed) {
        // A size beyond its field reverts its item: the order expires, and all of it comes back.
        await desk.warp(60);
        await confirmed(trading.cancelExpired(pending.id));
        expect(await token.balanceOf(trader)).to.equal(before);
      } else {
        expect(`${results[0].outcome} ${results[0].reason}`, `${amount}`).to.equal(`Refused ${reasonOf(amount)}`);
      }
      await expectBalanced(desk);
    }
    const tooLarge = { ...(await desk.openRequest(trader)), amount: most + 1n };
    expect(() => trading.interface.encodeFunctionData("requestOpen", [tooLarge])).to.throw("value out-of-bounds");
    expect(await token.balanceOf(trader)).to.be.greaterThan(most - desk.tokenUnits("USDT", 10n));
  });

  it("F12: no position without size, nor below the least notional or margin", async () => {
    const { desk, trader, keeper, tradingRecords } = await loadDesk();
    const fee = (desk.profile.execution.executionFeeUsd * desk.tokenUnits("USDT", 1n)) / usd("1");
    const five = desk.tokenUnits("USDT", 5n);
    for (const { amount, leverage, reason } of [
      { amount: 1n, leverage: 1, reason: "NotionalTooSmall" },
      { amount: fee, leverage: 500, reason: "NotionalTooSmall" },
      { amount: fee + 1n, leverage: 500, reason: "NotionalTooSmall" },
      { amount: fee + five - five / 100n, leverage: 1, reason: "MarginTooSmall" },
      { amount: fee + five * 2n, leverage: 10, reason: "NotionalTooSmall" },
    ]) {
      const pending = await desk.requestOpen(trader, { mode: "standard", amount, leverage });
      const { results } = await desk.settle(keeper, pending);
      expect(`${results[0].outcome} ${results[0].reason}`, `${amount}`).to.equal(`Refused ${reason}`);
    }
    expect((await tradingRecords.bookSide(desk.bookId("BTC", "standard"), true)).size).to.equal(0n);
    await expectBalanced(desk);
  });
});
