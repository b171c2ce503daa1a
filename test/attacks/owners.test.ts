import { takeSnapshot } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { confirmed } from "../../kit/desk/Desk";
import { requestPartialClose } from "../../kit/desk/orders";
import { closeTrade, entryPrice, gainCap } from "../../sdk/model";
import { px } from "../../sdk/units";
import {
  bookOf,
  carryAt,
  executeAt,
  liquidateAt,
  nextBlockAt,
  openPosition,
  quoteOf,
  scheduled,
  start,
} from "../unit/trading/setup";
import type { Fixture } from "../unit/trading/setup";
import { expectBalanced, holdingOf, navOf } from "./support";

const START = px("60000");
const UNREACHABLE = 2n ** 64n - 1n;
const FAR = 2 ** 40 - 1;

/** A price so many pips from the start. */
const at = (pips: bigint): bigint => ((START * (1_000_000n + pips)) / 1_000_000n / 100n) * 100n;

/** A Standard position large enough to be closed in parts. */
async function standard(fixture: Fixture, leverage = 500) {
  const amount = fixture.desk.tokenUnits("USDT", 500n);
  return openPosition(fixture, { mode: "standard", leverage, amount });
}

/** Beyond the liquidation price of 500x, within the margin. */
const CROSSED = at(-1_500n);

describe("attacks: what owners change", () => {
  it("A01 L09: neither edits nor margin in every second make a crossing tick too old, nor blunt it", async () => {
    const fixture = await start();
    const { desk, trading, trader } = fixture;
    const { id } = await standard(fixture);
    const snapshot = await takeSnapshot();
    const crossing = (await desk.now()) + 1;
    const tick = desk.anyTick("BTC", crossing, { price: CROSSED });
    const connected = trading.connect(trader);
    const actions: ((second: number) => Promise<unknown>)[] = [
      (second) => connected.updateTpSl(id, 0n, at(-100n - BigInt(second))),
      (second) => connected.updateTpSl(id, at(100n + BigInt(second)), 0n),
      () => connected.addMargin(id, 1n),
      (second) => (second === 1 ? connected.requestClose(id, UNREACHABLE, FAR) : connected.updateTpSl(id, 0n, 1n)),
    ];
    for (const act of actions) {
      await snapshot.restore();
      for (let second = 1; second < 30; ++second) {
        await nextBlockAt(crossing + second);
        await act(second);
      }
      const { outcomes } = await liquidateAt(fixture, crossing + 30, [id], [tick]);
      expect(outcomes).to.deep.equal(["Liquidated"]);
      await expectBalanced(desk);
    }
  });

  it("A01 O20: parts asked for without end, refused or lapsed, shield from no tick beyond its sixty seconds", async () => {
    const fixture = await start();
    const { desk, trader, trading, tradingRecords } = fixture;
    const { id, model } = await standard(fixture);
    const snapshot = await takeSnapshot();
    for (const isRefused of [true, false]) {
      await snapshot.restore();
      const half = model.size / 2n;
      const first = await requestPartialClose(desk, trader, id, half, { acceptablePrice: UNREACHABLE });
      const crossing = first.target + 1;
      const tick = desk.anyTick("BTC", crossing, { price: CROSSED });
      const pending = await liquidateAt(fixture, crossing + 1, [id], [tick]);
      expect(pending.outcomes).to.deep.equal(["Skipped CloseIsPending"]);
      if (isRefused) {
        const refused = await executeAt(fixture, crossing + 2, [id], [desk.firstTick("BTC", first.target)]);
        expect(refused.outcomes).to.deep.equal(["Refused PriceBound"]);
      }
      // Renewed in the first block in which that is possible.
      const { expiry } = await tradingRecords.closeOf(id);
      await nextBlockAt(Math.max(Number(expiry), crossing + 2) + 1);
      await confirmed(trading.connect(trader).requestPartialClose(id, half, UNREACHABLE, FAR));
      const { outcomes } = await liquidateAt(fixture, crossing + 50, [id], [tick]);
      expect(outcomes).to.deep.equal(["Liquidated"]);
      await expectBalanced(desk);
    }
  });

  it("A01 O20: a part filled just before is no shield: a liquidator brings its tick along and does both", async () => {
    const fixture = await start();
    const { desk, trader, trading, liquidator, keeper } = fixture;
    const { id, model } = await standard(fixture);
    const pending = await requestPartialClose(desk, trader, id, model.size / 2n);
    const crossing = pending.target + 2;
    const proofs = [desk.firstTick("BTC", pending.target), desk.anyTick("BTC", crossing, { price: CROSSED })];
    const items = [{ tradeId: id, tickIndex: 1, closeTickIndex: 0 }];
    await nextBlockAt(crossing + 1);
    const sent = liquidator.connect(keeper).liquidate(trading, proofs, items, { value: 2n, gasLimit: 5_000_000 });
    await expect(sent).to.emit(trading, "TradeReduced").and.to.emit(trading, "TradeLiquidated");
    expect(await desk.statusOf(id)).to.equal("None");
    await expectBalanced(desk);
  });

  it("A01: parts and margin do not buy time from a close's own tick: it liquidates the whole", async () => {
    const fixture = await start();
    const { desk, trader, trading } = fixture;
    const { id, model } = await standard(fixture);
    const pending = await requestPartialClose(desk, trader, id, model.size / 10n, { acceptablePrice: UNREACHABLE });
    const { outcomes, receipt } = await executeAt(
      fixture,
      pending.target + 1,
      [id],
      [desk.firstTick("BTC", pending.target, { price: CROSSED })],
    );
    expect(outcomes).to.deep.equal(["Liquidated"]);
    const [event] = await trading.queryFilter(trading.filters.TradeLiquidated(id), receipt.blockNumber);
    expect(event.args.reward + event.args.toVault).to.equal(model.margin);
  });

  it("O19: no take profit or stop is reached by a tick from before its last change and the delay", async () => {
    const fixture = await start();
    const { desk, trading, trader } = fixture;
    for (const mode of ["standard", "degen"] as const) {
      const delay = desk.delayOf(mode);
      const opening = await openPosition(fixture, { mode, amount: desk.tokenUnits("USDT", 150n) });
      const snapshot = await takeSnapshot();
      for (const which of ["takeProfit", "stopLoss"] as const) {
        const price = which === "takeProfit" ? at(900n) : at(-300n);
        const change = (value: bigint) =>
          which === "takeProfit"
            ? trading.connect(trader).updateTpSl(opening.id, value, 0n)
            : trading.connect(trader).updateTpSl(opening.id, 0n, value);
        for (let second = -2; second <= delay; ++second) {
          await snapshot.restore();
          // Set long ago, moved away and moved back: the last of them counts.
          const old = (await desk.now()) + 5;
          await nextBlockAt(old);
          await change(price);
          await nextBlockAt(old + 20);
          await change(which === "takeProfit" ? at(800n) : at(-200n));
          const setAt = old + 22;
          await nextBlockAt(setAt);
          await change(price);
          const tick = desk.anyTick("BTC", setAt + second, { price });
          const { outcomes } = await executeAt(fixture, Math.max(setAt + second, setAt) + 1, [opening.id], [tick]);
          const reached = which === "takeProfit" ? "Closed" : "Armed";
          const missed = setAt + second + 3 < setAt + 1 ? "Skipped TickTooOld" : "Skipped TickNotReached";
          expect(outcomes, `${mode} ${which} +${second}`).to.deep.equal([second < delay ? missed : reached]);
        }
      }
      await snapshot.restore();
    }
  });

  it("A05 O18: a stop on either side, set by whatever path, fills at the first tick after its arming and the delay", async () => {
    const fixture = await start();
    const { desk, trading, tradingRecords, trader } = fixture;
    const slippage = BigInt(bookOf(fixture, "BTC", "degen").slippagePips);
    const delay = desk.delayOf("degen");
    const snapshot = await takeSnapshot();
    for (const isLong of [true, false]) {
      for (const isUpdate of [true, false]) {
        await snapshot.restore();
        // On the crossed side: any tick arms it.
        const stopLoss = isLong ? UNREACHABLE : 1n;
        const { id, at: opened } = await openPosition(fixture, { isLong, ...(isUpdate ? {} : { stopLoss }) });
        let since = opened;
        if (isUpdate) {
          since = opened + 10;
          await nextBlockAt(since);
          await trading.connect(trader).updateTpSl(id, 0n, stopLoss);
        }
        // The owner knows the best tick of the last three seconds: it arms, and sets no price.
        const known = since + delay;
        const best = at(isLong ? 400n : -400n);
        const armed = await executeAt(fixture, known + 3, [id], [desk.anyTick("BTC", known, { price: best })], {
          by: trader,
        });
        expect(armed.outcomes).to.deep.equal(["Armed"]);
        const { target } = await tradingRecords.closeOf(id);
        expect(target).to.equal(BigInt(armed.at + delay));
        // Nor does a tick from before, nor the stop itself: only the first at or after the target.
        for (const proof of [
          desk.firstTick("BTC", Number(target) - 1, { price: best }),
          desk.firstTick("BTC", known, { price: best }),
          desk.anyTick("BTC", Number(target), { price: best }),
        ]) {
          const early = await executeAt(fixture, (await desk.now()) + 4, [id], [proof]);
          const skips = ["Skipped CloseIsPending", "Skipped TickTooEarly", "Skipped TickNotFirst"];
          expect(early.outcomes[0]).to.be.oneOf(skips);
        }
        const price = at(isLong ? -100n : 100n);
        const proof = desk.firstTick("BTC", Number(target), { price });
        const { receipt, outcomes } = await executeAt(fixture, (await desk.now()) + 1, [id], [proof]);
        expect(outcomes).to.deep.equal(["Closed"]);
        const [event] = await trading.queryFilter(trading.filters.TradeClosed(id), receipt.blockNumber);
        expect(event.args.exit).to.equal(entryPrice(price, slippage, !isLong));
      }
    }
    await expectBalanced(desk);
  });

  it("O20: a close that can't fill hides no take profit: one batch refuses the one and takes the other", async () => {
    const fixture = await start();
    const { desk, trader } = fixture;
    const takeProfit = at(900n);
    const { id } = await openPosition(fixture, { takeProfit });
    await desk.warp(10);
    const pending = await desk.requestClose(trader, id, { acceptablePrice: UNREACHABLE });
    const now = pending.target + 1;
    const proofs = [
      desk.firstTick("BTC", pending.target, { price: at(100n) }),
      desk.anyTick("BTC", now, { price: takeProfit }),
    ];
    const { outcomes } = await executeAt(fixture, now + 1, [id, id], proofs, { ticks: [0, 1] });
    expect(outcomes[0]).to.equal("Closed");
  });

  it("L18: an owner who takes his own profit or arms his own stop is paid no fee, and can't do it as he sets it", async () => {
    const fixture = await start();
    const { desk, trading, tradingRecords, trader, vault } = fixture;
    const usdt = desk.replica.token("USDT");
    const first = await openPosition(fixture, { takeProfit: at(900n) });
    const second = await openPosition(fixture, { stopLoss: at(-200n) });
    const before = await vault.claimableOf(usdt, trader);
    const held = await holdingOf(desk, "USDT", trader);
    const set = (await desk.now()) + 20;
    await nextBlockAt(set);
    await trading.connect(trader).updateTpSl(first.id, at(800n), 0n);
    const early = await executeAt(fixture, set + 1, [first.id], [desk.anyTick("BTC", set, { price: at(800n) })], {
      by: trader,
    });
    expect(early.outcomes).to.deep.equal(["Skipped TickNotReached"]);
    const time = set + 10;
    const taken = await executeAt(fixture, time, [first.id], [desk.anyTick("BTC", time, { price: at(800n) })], {
      by: trader,
    });
    expect(taken.outcomes).to.deep.equal(["Closed"]);
    const armed = await executeAt(
      fixture,
      time + 1,
      [second.id],
      [desk.anyTick("BTC", time + 1, { price: at(-200n) })],
      { by: trader },
    );
    expect(armed.outcomes).to.deep.equal(["Armed"]);
    const { target } = await tradingRecords.closeOf(second.id);
    const price = at(-200n);
    const proof = desk.firstTick("BTC", Number(target), { price });
    const { receipt } = await executeAt(fixture, Number(target), [second.id], [proof], { by: trader });
    expect(await vault.claimableOf(usdt, trader)).to.equal(before);
    // All that he got is the two payouts.
    const [closed] = await trading.queryFilter(trading.filters.TradeClosed(second.id), receipt.blockNumber);
    const [profit] = await trading.queryFilter(trading.filters.TradeClosed(first.id), taken.receipt.blockNumber);
    expect([closed.args.executionFee, profit.args.executionFee]).to.deep.equal([0n, 0n]);
    expect((await holdingOf(desk, "USDT", trader)) - held).to.equal(closed.args.payout + profit.args.payout);
    expect(await trading.queryFilter(trading.filters.ArmerPaid(second.id), receipt.blockNumber)).to.deep.equal([]);
  });

  it("F01: margin added and a close in ten parts take no more than the cap of the initial margin", async () => {
    const fixture = await start();
    const { desk, trading, tradingRecords, trader, keeper } = fixture;
    const { id, model } = await standard(fixture, 100);
    const before = await holdingOf(desk, "USDT", trader);
    const added = desk.tokenUnits("USDT", 5_000n);
    await trading.connect(trader).addMargin(id, added);
    await desk.setPrice("BTC", at(200_000n));
    for (let parts = 10n; parts > 1n; --parts) {
      const { size } = await tradingRecords.position(id);
      const { results } = await desk.settle(keeper, await requestPartialClose(desk, trader, id, size / parts));
      expect(results[0].outcome).to.equal("Reduced");
    }
    await desk.close(trader, keeper, id);
    const gained = (await holdingOf(desk, "USDT", trader)) - before;
    expect(gained).to.be.at.most(model.margin + gainCap(model.margin, model.profitCapPips));
    await expectBalanced(desk);
  });

  it("F17 X12: profit leaves only with the size that made it; no part of the margin leaves without its position", async () => {
    const fixture = await start();
    const { desk, trading, trader, keeper } = fixture;
    const { id, model } = await standard(fixture, 100);
    const added = desk.tokenUnits("USDT", 300n);
    await trading.connect(trader).addMargin(id, added);
    const names: string[] = [];
    trading.interface.forEachFunction(({ name }) => names.push(name));
    expect(names.filter((name) => /remove|withdraw|decrease/i.test(name))).to.deep.equal([]);
    await desk.setPrice("BTC", at(3_000n));
    const before = await holdingOf(desk, "USDT", trader);
    const size = model.size / 3n;
    const { receipt } = await desk.settle(keeper, await requestPartialClose(desk, trader, id, size));
    const [event] = await trading.queryFilter(trading.filters.TradeReduced(id), receipt.blockNumber);
    const share = (amount: bigint) => (amount * size) / model.size;
    expect([event.args.margin, event.args.addedMargin]).to.deep.equal([share(model.margin), share(added)]);
    const paid = (await holdingOf(desk, "USDT", trader)) - before;
    // A third of margin, of what was added, and of three tenths of a percent of the notional.
    expect(paid).to.be.at.most(share(model.margin + added) + share((model.margin * 100n * 3n) / 1_000n));
  });

  it("F18 A08: margin added while a close is pending counts at its tick, and pays what an honest close would", async () => {
    const fixture = await start();
    const { desk, trading, trader } = fixture;
    const { id, model, at: opened } = await standard(fixture);
    const pending = await desk.requestClose(trader, id);
    // The tick is known; it would liquidate. He adds margin: what he saves is his own equity, the loss is collected whole.
    const added = desk.tokenUnits("USDT", 2_000n);
    await nextBlockAt(pending.target + 1);
    await trading.connect(trader).addMargin(id, added);
    const nav = (await desk.books()).find(({ symbol }) => symbol === "USDT")?.liquidity ?? 0n;
    const proof = desk.firstTick("BTC", pending.target, { price: CROSSED });
    const { outcomes, at: closedAt } = await executeAt(fixture, pending.target + 2, [id], [proof]);
    expect(outcomes).to.deep.equal(["Closed"]);
    const options = { mode: "standard", leverage: 500 } as const;
    const result = closeTrade({
      position: { ...model.position, margin: model.margin + added },
      tick: CROSSED,
      slippagePips: BigInt(bookOf(fixture, "BTC", "standard").slippagePips),
      token: quoteOf(fixture),
      carryOwedUsd: carryAt(fixture, options, opened, closedAt, model),
      executionFeeUsd: fixture.profile.execution.executionFeeUsd,
      executionFeeCount: 1n,
    });
    const liquidity = (await desk.books()).find(({ symbol }) => symbol === "USDT")?.liquidity ?? 0n;
    expect(liquidity - nav).to.be.at.least(result.lossCollected);
    await expectBalanced(desk);
  });

  it("L10 I11: what an owner may do at a price leaves nothing that this price liquidates", async () => {
    const fixture = await start();
    const { desk, trading, trader, keeper } = fixture;
    const { id, model } = await standard(fixture);
    // Just short of the liquidation price: 60% of the margin are 1,200 pips at 500x.
    const price = at(-1_000n);
    await desk.setPrice("BTC", price);
    const check = async (what: string) => {
      const now = await desk.now();
      const { outcomes } = await liquidateAt(fixture, now + 1, [id], [desk.anyTick("BTC", now, { price })]);
      expect(outcomes, what).to.deep.equal(["Skipped NotLiquidatable"]);
    };
    await check("before");
    await trading.connect(trader).addMargin(id, 1n);
    await check("margin");
    await trading.connect(trader).updateTpSl(id, at(500n), at(-1_100n));
    await check("triggers");
    const { results } = await desk.settle(keeper, await requestPartialClose(desk, trader, id, model.size / 2n));
    expect(results[0].outcome).to.equal("Reduced");
    await check("part");
  });

  it("X23: with depth slippage a close in ten parts pays no more than the whole", async () => {
    const fixture = await start();
    const { desk, trading, tradingRecords, trader, keeper, riskManager, tradingConfigurator, other } = fixture;
    const bookId = desk.bookId("BTC", "standard");
    const book = [trading.target as string, bookId] as const;
    const { interface: calls } = tradingConfigurator;
    const change = async (data: string) => {
      const make = await scheduled(fixture, riskManager, tradingConfigurator, data);
      await desk.warp(24 * 3_600);
      await desk.refresh();
      await make();
      await desk.refresh();
    };
    // Parts take longer than the whole, and the lighter side is paid for time: without rates, slippage alone is compared.
    await change(calls.encodeFunctionData("setRates", [...book, 0, 0, 0, 0]));
    for (const model of [1, 2]) {
      await change(calls.encodeFunctionData("setSlippage", [...book, model, 100, 2_000_000]));
      const amount = desk.tokenUnits("USDT", 9_000n);
      const light = await desk.open(other, keeper, { mode: "standard", leverage: 20, isLong: false, amount });
      const id = await desk.open(trader, keeper, { mode: "standard", leverage: 20, amount: amount / 2n });
      const snapshot = await takeSnapshot();
      const before = await holdingOf(desk, "USDT", trader);
      await desk.close(trader, trader, id);
      const whole = (await holdingOf(desk, "USDT", trader)) - before;
      await snapshot.restore();
      for (let parts = 5n; parts > 1n; --parts) {
        const { size } = await tradingRecords.position(id);
        await desk.settle(trader, await requestPartialClose(desk, trader, id, size / parts));
      }
      await desk.close(trader, trader, id);
      const inParts = (await holdingOf(desk, "USDT", trader)) - before;
      // Prices are rounded to their tenth decimal, up or down, once a part.
      const rounding = (quoteOf(fixture).decimals === 18 ? 10n ** 12n : 1n) * 10n;
      expect(inParts, `model ${model}`).to.be.at.most(whole + rounding);
      await desk.close(other, keeper, light);
    }
    await expectBalanced(desk);
  });

  it("known issue: the LPs' profit on margin that was added shows in NAV only as it is realised", async () => {
    const fixture = await start();
    const { desk, trading, trader, keeper } = fixture;
    const { id, model } = await standard(fixture);
    await trading.connect(trader).addMargin(id, desk.tokenUnits("USDT", 20_000n));
    const before = await navOf(desk);
    await desk.setPrice("BTC", at(-5_000n));
    const liquidity = async () => (await desk.books()).find(({ symbol }) => symbol === "USDT")?.liquidity ?? 0n;
    const marked = await navOf(desk);
    const kept = await liquidity();
    await desk.close(trader, keeper, id);
    // Half a percent of 500x is two and a half margins: one of them was in NAV, the rest comes with the close.
    const loss = (await liquidity()) - kept;
    expect(loss).to.be.above(2n * model.margin);
    expect(marked).to.be.at.most(before + (model.marginUsd * 11n) / 10n);
  });
});
