import { takeSnapshot } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { confirmed } from "../../kit/desk/Desk";
import type { LimitOptions } from "../../kit/desk/orders";
import { requestLimit } from "../../kit/desk/orders";
import { closeTrade, entryPrice, isLiquidatable, limitAt, takeProfitBound, toUsdDown } from "../../sdk/model";
import { px, usd } from "../../sdk/units";
import { bookOf, executeAt, liquidateAt, modelOpening, nextBlockAt, quoteOf, start } from "../unit/trading/setup";
import type { Fixture } from "../unit/trading/setup";
import { callAs, deployWallet, expectBalanced, holdingOf, navOf, tokenWealthOf } from "./support";

const START = px("60000");
const FAR = 2 ** 40 - 1;
const TICK_MAX_AGE = 3;

/** A price so many pips from the start. */
const at = (pips: bigint): bigint => ((START * (1_000_000n + pips)) / 1_000_000n / 100n) * 100n;

/** A resting limit, and the publish time of the earliest tick that may fill it. */
async function rest({ desk, trader }: Fixture, options: Partial<LimitOptions> & { acceptablePrice: bigint }) {
  const { id, target } = await requestLimit(desk, trader, { deadline: FAR, ...options });
  return { id, earliest: target };
}

describe("attacks: limit orders", () => {
  it("A02: no limit, however far through the market, fills into a position that its tick would liquidate", async () => {
    const fixture = await start();
    const { desk, tradingRecords } = fixture;
    const snapshot = await takeSnapshot();
    for (const [mode, leverage] of [
      ["degen", 1001],
      ["degen", 500],
      ["standard", 500],
      ["standard", 20],
    ] as const) {
      for (const isLong of [true, false]) {
        for (const through of [400n, 1_000n, 20_000n, 400_000n, 990_000n]) {
          await snapshot.restore();
          const limit = at(isLong ? through : -through);
          const amount = desk.tokenUnits("USDT", 150n);
          const { id, earliest } = await rest(fixture, { mode, leverage, isLong, amount, acceptablePrice: limit });
          const before = await navOf(desk);
          const { outcomes } = await executeAt(fixture, earliest + 1, [id], [desk.anyTick("BTC", earliest)]);
          const { position } = modelOpening(fixture, { mode, leverage, isLong, amount });
          // Filled at the limit instead: the model's position with that entry.
          const size = (position.size * position.entry) / limit;
          const filled = { ...position, entry: limit, size };
          const { slippagePips, maxOpenDeviationPips } = bookOf(fixture, "BTC", mode);
          const market = entryPrice(START, BigInt(slippagePips), isLong);
          const isGap = limitAt(market, limit, isLong, BigInt(maxOpenDeviationPips)) === "GapTooWide";
          const isLost = isGap || isLiquidatable(filled, START, 0n, quoteOf(fixture));
          const reason = isGap ? "GapTooWide" : "LiquidatableAtOpening";
          expect(outcomes, `${mode} ${leverage} ${through}`).to.deep.equal([isLost ? `Skipped ${reason}` : "Opened"]);
          if (isLost) expect(await navOf(desk)).to.equal(before);
          else expect((await tradingRecords.position(id)).entry).to.equal(limit);
          await expectBalanced(desk);
        }
      }
    }
  });

  it("A02: filling one's limit through the market and burning ALP in the same transaction gains nothing", async () => {
    const fixture = await start();
    const { desk, trading, tradingRecords, executor, alp, alpManager, lp, keeper } = fixture;
    const wallet = await deployWallet("BatchWallet");
    const batch = await ethers.getContractAt("BatchWallet", await wallet.getAddress());
    const owner = await batch.getAddress();
    await fixture.replica.mintToken("USDT", owner, desk.tokenUnits("USDT", 100_000n));
    await callAs(wallet, desk.replica.token("USDT"), "approve", [trading.target, ethers.MaxUint256]);
    // Four fifths of all ALP are the attacker's.
    await confirmed(alp.connect(lp).transfer(owner, ((await alp.balanceOf(lp)) * 8n) / 10n));
    const shares = await alp.balanceOf(owner);
    const supply = await alp.totalSupply();
    const nav = await navOf(desk);
    const wealth = await tokenWealthOf(desk, owner);
    // A long at 500x, half of whose margin is lost as it fills.
    const request = await desk.openRequest(keeper, {
      ...{ owner, mode: "standard", leverage: 500, acceptablePrice: at(1_000n), deadline: FAR },
      amount: desk.tokenUnits("USDT", 250n),
    } as const);
    const id = await trading.nextTradeId();
    await callAs(wallet, trading, "requestLimit", [request]);
    await desk.warp(3);
    await desk.refresh();
    const now = await desk.now();
    const { assetIds, updateData } = desk.referenceTicks(now);
    const proofs = [desk.anyTick("BTC", now)];
    const token = await desk.replica.token("USDT").getAddress();
    const part = shares / 10n;
    const burn: [string, bigint, bigint, number, string, boolean, number[], string[]] = [
      token,
      part,
      0n,
      FAR,
      owner,
      false,
      assetIds,
      updateData,
    ];
    const held = await holdingOf(desk, "USDT", owner);
    await batch.executeAll(
      [
        {
          target: executor.target,
          value: 1n,
          data: executor.interface.encodeFunctionData("execute", [
            trading.target,
            proofs,
            [{ tradeId: id, tickIndex: 0 }],
          ]),
        },
        { target: alpManager.target, value: 5n, data: alpManager.interface.encodeFunctionData("burn", burn) },
      ],
      { value: 100n },
    );
    expect(await desk.statusOf(id)).to.equal("Open");
    // What the position lost as it filled is in NAV, and no more than its margin.
    const received = toUsdDown((await holdingOf(desk, "USDT", owner)) - held, quoteOf(fixture));
    expect(received).to.be.at.most((part * (nav + usd("400"))) / supply);
    // He closes at the same price; the ALP that is left is worth its share of the NAV.
    await callAs(wallet, trading, "requestClose", [id, 0n, FAR]);
    const { target } = await tradingRecords.closeOf(id);
    await executeAt(fixture, Number(target) + 1, [id], [desk.firstTick("BTC", Number(target))], { by: keeper });
    expect(await desk.statusOf(id)).to.equal("None");
    const left = ((await navOf(desk)) * (await alp.balanceOf(owner))) / (await alp.totalSupply());
    const after = (await tokenWealthOf(desk, owner)) + left;
    expect(after).to.be.below(wealth + (nav * shares) / supply);
    await expectBalanced(desk);
  });

  it("A04: after a cancellation is asked for, the ticks up to its delay fill losers as they fill winners", async () => {
    const fixture = await start();
    const { desk, trading, trader } = fixture;
    const snapshot = await takeSnapshot();
    const limit = at(-2_000n);
    for (const mode of ["standard", "degen"] as const) {
      const delay = desk.delayOf(mode);
      const options = { mode, leverage: mode === "degen" ? 1001 : 100, acceptablePrice: limit };
      // Ticks of the seconds around the request, each tried in every block in which it could be young enough.
      for (let second = 0; second <= delay + 2; ++second) {
        for (const age of [0, TICK_MAX_AGE, TICK_MAX_AGE + 1]) {
          await snapshot.restore();
          const { id, earliest } = await rest(fixture, options);
          const cancelledAt = earliest + 10;
          await nextBlockAt(cancelledAt);
          await confirmed(trading.connect(trader).cancelLimit(id));
          const time = cancelledAt + second;
          // The tick is a loser: far beyond the limit. It fills as well as a winner would.
          const tick = desk.anyTick("BTC", time, { price: at(-2_300n) });
          const { outcomes } = await executeAt(fixture, Math.max(time + age, cancelledAt + 1), [id], [tick]);
          const isTooOld = Math.max(time + age, cancelledAt + 1) > time + TICK_MAX_AGE;
          const expected = second > delay ? "Skipped CancelBinds" : isTooOld ? "Skipped TickTooOld" : "Opened";
          expect(outcomes, `${mode} +${second}, ${age} s old`).to.deep.equal([expected]);
        }
      }
      // As long as a tick may fill it, nobody is refunded: neither the owner nor for him anybody else.
      await snapshot.restore();
      const { id } = await rest(fixture, options);
      await desk.warp(10);
      await confirmed(trading.connect(trader).cancelLimit(id));
      const free = (await desk.now()) + delay + TICK_MAX_AGE + 1;
      for (let now = (await desk.now()) + 1; now < free; ++now) {
        await nextBlockAt(now);
        await expect(trading.connect(trader).cancelExpired(id))
          .to.be.revertedWithCustomError(trading, "Trading_NotExpired")
          .withArgs(id, free);
      }
      await nextBlockAt(free);
      await confirmed(trading.connect(trader).cancelExpired(id));
      // What is gone stays gone, whatever tick comes.
      const gone = await executeAt(fixture, free + 1, [id], [desk.anyTick("BTC", free, { price: at(-2_300n) })]);
      expect(gone.outcomes).to.deep.equal(["Skipped NothingPending"]);
    }
  });

  it("A04 O14: neither a cancellation nor an edit can be taken back, repeated or moved to another tick", async () => {
    const fixture = await start();
    const { desk, trading, tradingRecords, trader } = fixture;
    const limit = at(-2_000n);
    const { id, earliest } = await rest(fixture, { mode: "standard", acceptablePrice: limit });
    await desk.warpTo(earliest + 10);
    await confirmed(trading.connect(trader).cancelLimit(id));
    const { cancelledAt, requestedAt } = await tradingRecords.order(id);
    // Edits of TP and SL move no clock of the order, and do not revive it.
    await desk.warp(1);
    await confirmed(trading.connect(trader).updateTpSl(id, at(-1_000n), at(-3_000n)));
    await expect(trading.connect(trader).cancelLimit(id))
      .to.be.revertedWithCustomError(trading, "Trading_CancelIsPending")
      .withArgs(id, Number(cancelledAt) + desk.delayOf("standard") + TICK_MAX_AGE + 1);
    const order = await tradingRecords.order(id);
    expect([order.cancelledAt, order.requestedAt, order.price]).to.deep.equal([cancelledAt, requestedAt, limit]);
    const after = Number(cancelledAt) + desk.delayOf("standard") + 1;
    await desk.warpTo(after);
    await desk.refresh();
    const late = await desk.now();
    const { outcomes } = await executeAt(fixture, late + 1, [id], [desk.anyTick("BTC", late, { price: at(-2_300n) })]);
    expect(outcomes).to.deep.equal(["Skipped CancelBinds"]);
  });

  it("O14: no edit of a limit makes it one that its ticks do not fill, nor one that they fill since", async () => {
    const fixture = await start();
    const { desk, trading, tradingRecords, trader, stranger } = fixture;
    const limit = at(-2_000n);
    const { id, earliest } = await rest(fixture, { mode: "standard", acceptablePrice: limit });
    const tier = bookOf(fixture, "BTC", "standard").tiers.find(({ maxLeverage }) => maxLeverage >= 100);
    const cap = takeProfitBound(true, limit, 100n, BigInt(tier?.profitCapPips ?? 0));
    // A take profit that the fill would refuse is a cancellation that binds at once: it is refused itself.
    for (const takeProfit of [1n, limit - 1n, limit, 2n ** 64n - 1n]) {
      await expect(trading.connect(trader).updateTpSl(id, takeProfit, 0n))
        .to.be.revertedWithCustomError(trading, "Trading_TakeProfitOutOfRange")
        .withArgs(takeProfit, limit, cap);
      const placed = desk.openRequest(trader, { mode: "standard", acceptablePrice: limit, takeProfit });
      await expect(trading.connect(trader).requestLimit(await placed))
        .to.be.revertedWithCustomError(trading, "Trading_TakeProfitOutOfRange")
        .withArgs(takeProfit, limit, cap);
    }
    // An order of another kind can't be made a limit, nor a limit of its owner another's.
    await expect(trading.connect(stranger).updateTpSl(id, at(-1_000n), 0n))
      .to.be.revertedWithCustomError(trading, "Trading_NotOwner")
      .withArgs(id, stranger);
    // Edited in the last moment, it is filled by a tick from before the edit all the same.
    await desk.warpTo(earliest + 5);
    await desk.refresh();
    const tick = await desk.now();
    await nextBlockAt(tick + 1);
    await confirmed(trading.connect(trader).updateTpSl(id, at(-1_900n), at(-1_999n)));
    const { outcomes, at: filledAt } = await executeAt(
      fixture,
      tick + 2,
      [id],
      [desk.anyTick("BTC", tick, { price: at(-2_300n) })],
    );
    expect(outcomes).to.deep.equal(["Opened"]);
    const { takeProfitSetAt, stopLossSetAt, openedAt } = await tradingRecords.position(id);
    // Its triggers count from the block of the opening, not from the tick that opened it.
    expect([takeProfitSetAt, stopLossSetAt]).to.deep.equal([BigInt(filledAt), BigInt(filledAt)]);
    expect(openedAt).to.equal(BigInt(tick));
    const early = await executeAt(fixture, filledAt + 1, [id], [desk.anyTick("BTC", filledAt, { price: at(-1_500n) })]);
    expect(early.outcomes).to.deep.equal(["Skipped TickNotReached"]);
  });

  it("O15: a tick from before the placing and its delay fills no limit, whenever it is brought", async () => {
    const fixture = await start();
    const { desk } = fixture;
    const snapshot = await takeSnapshot();
    for (const mode of ["standard", "degen"] as const) {
      for (let ahead = 1; ahead <= 5; ++ahead) {
        await snapshot.restore();
        const { id, earliest } = await rest(fixture, { mode, acceptablePrice: at(-2_000n) });
        const time = earliest - ahead;
        const tick = desk.anyTick("BTC", time, { price: at(-2_300n) });
        const now = Math.max(await desk.now(), time) + 1;
        expect((await executeAt(fixture, now, [id], [tick])).outcomes, `${mode} −${ahead}`).to.deep.equal([
          "Skipped TickTooEarly",
        ]);
      }
    }
  });

  it("O17: a gap fills at the limit, short of it nothing does; the stop of a filled limit fills at the market", async () => {
    const fixture = await start();
    const { desk, trading, tradingRecords, trader } = fixture;
    for (const isLong of [true, false]) {
      await desk.setPrice("BTC", START);
      const sign = isLong ? -1n : 1n;
      const limit = at(sign * 2_000n);
      const stopLoss = at(sign * 3_000n);
      const { id, earliest } = await rest(fixture, { mode: "standard", isLong, acceptablePrice: limit, stopLoss });
      // On the wrong side by one unit of the feed, slippage included.
      const { slippagePips } = bookOf(fixture, "BTC", "standard");
      let short = limit;
      while (isLong !== entryPrice(short, BigInt(slippagePips), isLong) > limit) short -= sign * 100n;
      await desk.warpTo(earliest);
      await desk.refresh();
      const first = await desk.now();
      const missed = await executeAt(fixture, first + 1, [id], [desk.anyTick("BTC", first, { price: short })]);
      expect(missed.outcomes).to.deep.equal(["Skipped TickNotReached"]);
      const gap = at(sign * 2_900n);
      const filled = await executeAt(fixture, first + 2, [id], [desk.anyTick("BTC", first + 1, { price: gap })]);
      expect(filled.outcomes).to.deep.equal(["Opened"]);
      expect((await tradingRecords.position(id)).entry).to.equal(limit);
      // Through the stop by a lot: it fills at the market after it, not at the stop.
      const armed = filled.at + desk.delayOf("standard");
      const crash = at(sign * 3_800n);
      const arm = await executeAt(fixture, armed + 1, [id], [desk.anyTick("BTC", armed, { price: crash })]);
      expect(arm.outcomes).to.deep.equal(["Armed"]);
      const { target } = await tradingRecords.closeOf(id);
      const price = at(sign * 4_000n);
      const proof = desk.firstTick("BTC", Number(target), { price });
      const { outcomes, receipt } = await executeAt(fixture, Number(target), [id], [proof]);
      expect(outcomes).to.deep.equal(["Closed"]);
      const [event] = await trading.queryFilter(trading.filters.TradeClosed(id), receipt.blockNumber);
      expect(event.args.exit).to.equal(entryPrice(price, BigInt(slippagePips), !isLong));
      expect(trader.address).to.equal(event.args.owner);
    }
    await expectBalanced(desk);
  });

  it("L10: a limit filled by a tick of three seconds ago is liquidated by the ticks since, not by its own", async () => {
    const fixture = await start();
    const { desk } = fixture;
    const limit = at(1_000n);
    const { id, earliest } = await rest(fixture, { mode: "standard", leverage: 500, acceptablePrice: limit });
    const filled = await executeAt(fixture, earliest + TICK_MAX_AGE, [id], [desk.anyTick("BTC", earliest)]);
    expect(filled.outcomes).to.deep.equal(["Opened"]);
    const price = at(-500n);
    const own = await liquidateAt(fixture, filled.at + 1, [id], [desk.anyTick("BTC", earliest, { price })]);
    expect(own.outcomes).to.deep.equal(["Skipped TickNotNewer"]);
    const next = await liquidateAt(fixture, filled.at + 2, [id], [desk.anyTick("BTC", earliest + 1, { price })]);
    expect(next.outcomes).to.deep.equal(["Liquidated"]);
  });

  it("O16: what the moment holds back fills a limit afterwards only with ticks three seconds old, and may be cancelled", async () => {
    const fixture = await start();
    const { desk, trading, tradingRecords, tradingConfigurator, guardian, trader, breaker } = fixture;
    const { id, earliest } = await rest(fixture, { mode: "standard", acceptablePrice: at(-2_000n) });
    const book = desk.bookId("BTC", "standard");
    await desk.warpTo(earliest);
    await confirmed(tradingConfigurator.connect(guardian).startNewsWindow(trading, book, 60));
    const end = Number((await tradingRecords.bookConfig(book))[1].reduceOnlyUntil);
    await desk.warpTo(end - 20);
    await desk.refresh();
    const price = at(-2_300n);
    // In the window nothing fills; in its last second neither. After it, no tick of more than three seconds before.
    for (const [now, tick, expected] of [
      [end - 2, end - 3, "Skipped BookNotActive"],
      [end - 1, end - 1, "Skipped BookNotActive"],
      [end, end - 4, "Skipped TickTooOld"],
    ] as const) {
      const { outcomes } = await executeAt(fixture, now, [id], [desk.anyTick("BTC", tick, { price })]);
      expect(outcomes).to.deep.equal([expected]);
    }
    await confirmed(breaker.connect(guardian).raise(1));
    await confirmed(trading.connect(trader).cancelLimit(id));
    await desk.warp(desk.delayOf("standard") + TICK_MAX_AGE);
    const before = await holdingOf(desk, "USDT", trader);
    await confirmed(trading.cancelExpired(id));
    expect((await holdingOf(desk, "USDT", trader)) - before).to.equal(desk.tokenUnits("USDT", 100n));
  });

  it("O16: a tick that met full capacity fills a limit three seconds later no more, whoever made room", async () => {
    const fixture = await start();
    const { desk, trading, guardian, vault } = fixture;
    const { id, earliest } = await rest(fixture, { mode: "standard", acceptablePrice: at(-2_000n) });
    await confirmed(vault.connect(guardian).cutCeiling(trading, desk.replica.token("USDT"), 1n));
    await desk.warpTo(earliest);
    const now = await desk.now();
    const tick = desk.anyTick("BTC", now, { price: at(-2_300n) });
    const full = await executeAt(fixture, now + 1, [id], [tick]);
    expect(full.outcomes).to.deep.equal(["Skipped ReserveFull"]);
    expect(await desk.statusOf(id)).to.equal("LimitOrder");
    const old = await executeAt(fixture, now + TICK_MAX_AGE + 1, [id], [tick]);
    expect(old.outcomes).to.deep.equal(["Skipped TickTooOld"]);
  });

  it("S06 O16: a margin token that the guardian disabled is used by no order that waited: a limit rests, a market order is refused", async () => {
    const fixture = await start();
    const { desk, trading, tradingConfigurator, guardian, trader } = fixture;
    const resting = { mode: "standard", acceptablePrice: at(1_000n), leverage: 50 } as const;
    const { id, earliest } = await rest(fixture, resting);
    const other = await rest(fixture, { ...resting, token: "USDC" });
    const market = await desk.requestOpen(trader, { mode: "standard" });
    const usdt = desk.replica.token("USDT");
    await confirmed(tradingConfigurator.connect(guardian).disableMarginToken(trading, usdt));
    const now = Math.max(earliest, market.target, await desk.now()) + 1;
    const proofs = [desk.anyTick("BTC", now), desk.firstTick("BTC", market.target)];
    const { outcomes } = await executeAt(fixture, now, [id, market.id, other.id], proofs, { ticks: [0, 1, 0] });
    expect(outcomes).to.deep.equal(["Skipped TokenNotEnabled", "Refused TokenNotEnabled", "Opened"]);
    await confirmed(trading.connect(trader).cancelLimit(id));
    await desk.warp(10);
    const before = await holdingOf(desk, "USDT", trader);
    await confirmed(trading.cancelExpired(id));
    expect((await holdingOf(desk, "USDT", trader)) - before).to.equal(desk.tokenUnits("USDT", 100n));
    await expectBalanced(desk);
  });

  it("X16: a limit's take profit stays within the cap that it is filled with, and pays no more than it", async () => {
    const fixture = await start();
    const { desk, tradingRecords, trader } = fixture;
    for (const [mode, leverage] of [
      ["standard", 500],
      ["degen", 1001],
    ] as const) {
      await desk.setPrice("BTC", START);
      const limit = at(-2_000n);
      const { id, earliest } = await rest(fixture, { mode, leverage, acceptablePrice: limit });
      await desk.warpTo(earliest);
      await desk.refresh();
      const tick = await desk.now();
      const { at: filledAt, outcomes } = await executeAt(
        fixture,
        tick + 1,
        [id],
        [desk.anyTick("BTC", tick, { price: at(-2_300n) })],
      );
      expect(outcomes).to.deep.equal(["Opened"]);
      const { margin, size, entry } = await tradingRecords.position(id);
      const before = await holdingOf(desk, "USDT", trader);
      // Beyond the cap, by less than 1%.
      const price = at(mode === "standard" ? 15_000n : 9_000n);
      await desk.setPrice("BTC", price);
      const time = Math.max(await desk.now(), filledAt + desk.delayOf(mode));
      const taken = await executeAt(fixture, time + 1, [id], [desk.anyTick("BTC", time, { price })]);
      expect(taken.outcomes).to.deep.equal(["Closed"]);
      const { position } = modelOpening(fixture, { mode, leverage }, START);
      const filled = { ...position, entry, size, margin, initialMargin: margin };
      const whole = closeTrade({
        ...{ position: filled, tick: price, slippagePips: 0n, token: quoteOf(fixture), carryOwedUsd: 0n },
        ...{ executionFeeUsd: 0n, executionFeeCount: 0n },
      });
      const paid = (await holdingOf(desk, "USDT", trader)) - before;
      expect(paid).to.be.at.most(whole.payout);
      expect(toUsdDown(paid, quoteOf(fixture))).to.be.above(usd("1"));
    }
    await expectBalanced(desk);
  });
});
