import { takeSnapshot } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { confirmed } from "../../kit/desk/Desk";
import { requestPartialClose } from "../../kit/desk/orders";
import { exitPrice, openTrade } from "../../sdk/model";
import { px, usd } from "../../sdk/units";
import {
  afterADay,
  bookOf,
  executeAt,
  liquidateAt,
  modelOpening,
  openPosition,
  quoteOf,
  scheduled,
  start,
} from "../unit/trading/setup";
import { expectBalanced, holdingOf } from "./support";

const START = px("60000");
const HALF = 500_000n;
const HOUR = 3_600;

describe("attacks: closes, fees and tokens", () => {
  it("F13: a close and a part fill at the owner's bound and not one step beyond it, on either side", async () => {
    const fixture = await start();
    const { desk, tradingRecords, trader } = fixture;
    const exitOf = (isLong: boolean) =>
      exitPrice(START, BigInt(bookOf(fixture, "BTC", "standard").slippagePips), isLong);
    for (const isLong of [true, false]) {
      const exit = exitOf(isLong);
      const beyond = isLong ? exit + 1n : exit - 1n;
      const { id } = await openPosition(fixture, { isLong, mode: "standard", leverage: 50 });
      const { size } = await tradingRecords.position(id);
      for (const part of [0n, size / 2n]) {
        for (const [acceptablePrice, outcome] of [
          [beyond, "Refused PriceBound"],
          [exit, part === 0n ? "Closed" : "Reduced"],
        ] as const) {
          const snapshot = await takeSnapshot();
          const { target } =
            part === 0n
              ? await desk.requestClose(trader, id, { acceptablePrice })
              : await requestPartialClose(desk, trader, id, part, { acceptablePrice });
          const { outcomes } = await executeAt(fixture, target + 1, [id], [desk.firstTick("BTC", target)]);
          expect(outcomes, `${isLong} ${part} ${acceptablePrice}`).to.deep.equal([outcome]);
          if (acceptablePrice === beyond) expect((await tradingRecords.position(id)).size).to.equal(size);
          await expectBalanced(desk);
          await snapshot.restore();
        }
      }
    }
  });

  it("F14 I8: nobody is broker 0, nor his own; the share comes out of the fee, and is paid once", async () => {
    const fixture = await start();
    const { desk, trader, other, stranger, keeper, riskManager, brokerRegistry, feeDistributor, vault } = fixture;
    const usdt = desk.replica.token("USDT");
    const data = brokerRegistry.interface.encodeFunctionData("addBroker", [stranger.address, other.address, HALF]);
    const add = await scheduled(fixture, riskManager, brokerRegistry, data);
    const tooMuch = brokerRegistry.interface.encodeFunctionData("addBroker", [
      stranger.address,
      other.address,
      HALF + 1n,
    ]);
    const addTooMuch = await scheduled(fixture, riskManager, brokerRegistry, tooMuch);
    await afterADay(fixture);
    await add();
    await expect(addTooMuch())
      .to.be.revertedWithCustomError(brokerRegistry, "BrokerRegistry_ShareOutOfRange")
      .withArgs(HALF + 1n, HALF);
    await desk.refresh();
    const standard = { mode: "standard", leverage: 100 } as const;
    // No broker, one that does not exist, and the broker's own receiver as the trader.
    for (const [owner, broker] of [
      [trader, 0],
      [trader, 2],
      [trader, 2 ** 32 - 1],
      [other, 1],
    ] as const) {
      await desk.open(owner, keeper, { ...standard, broker });
      expect(await feeDistributor.brokersTotal(usdt), `broker ${broker}`).to.equal(0n);
    }
    const fees = (await vault.ledger(usdt)).fees;
    await desk.open(trader, keeper, { ...standard, broker: 1 });
    const fee = (await vault.ledger(usdt)).fees - fees;
    const share = await feeDistributor.brokerCollectable(1, usdt);
    expect(share).to.equal((fee * HALF) / 1_000_000n);
    await confirmed(feeDistributor.connect(stranger).collectBroker(1, usdt));
    await confirmed(feeDistributor.connect(stranger).collect(usdt));
    for (const again of [
      () => feeDistributor.connect(stranger).collectBroker(1, usdt),
      () => feeDistributor.connect(stranger).collectBroker(0, usdt),
      () => feeDistributor.connect(stranger).collect(usdt),
    ]) {
      await expect(again())
        .to.be.revertedWithCustomError(feeDistributor, "FeeDistributor_NothingToCollect")
        .withArgs(usdt);
    }
    expect(await vault.claimableOf(usdt, other)).to.equal(share);
    expect((await vault.ledger(usdt)).fees).to.equal(0n);
    await expectBalanced(desk);
  });

  it("F16: what is won or lost in one token leaves the ledgers of all others as they are", async () => {
    const fixture = await start();
    const { desk, trader, keeper, profile } = fixture;
    for (const { symbol, assetKey } of profile.tokens) {
      const amount = (desk.tokenUnits(symbol, 1n) * 100n * 10n ** 10n) / desk.priceOf(assetKey);
      for (const price of [px("60600"), px("59000")]) {
        await desk.setPrice("BTC", START);
        const before = await desk.books();
        const id = await desk.open(trader, keeper, { token: symbol, amount });
        await desk.setPrice("BTC", price);
        if (price > START) await desk.close(trader, keeper, id);
        else await desk.liquidate(keeper, [id], "BTC");
        for (const [index, line] of (await desk.books()).entries()) {
          if (line.symbol !== symbol) expect(line, `${symbol} at ${price}`).to.deep.equal(before[index]);
          else if (price > START) expect(line.liquidity).to.be.below(before[index].liquidity);
          else expect(line.liquidity).to.be.greaterThan(before[index].liquidity);
        }
        await expectBalanced(desk);
      }
    }
  });

  it("L14: carry, fee or loss beyond the margin, or all of them, revert no close and no liquidation", async () => {
    const fixture = await start();
    const { desk, trading, tradingRecords, trader, keeper } = fixture;
    for (const { mode, leverage, amount } of [
      { mode: "degen", leverage: 1001, amount: 6n },
      { mode: "standard", leverage: 500, amount: 9n },
    ] as const) {
      const options = { mode, leverage, amount: desk.tokenUnits("USDT", amount) };
      const first = (await openPosition(fixture, options)).id;
      const second = (await openPosition(fixture, options)).id;
      const snapshot = await takeSnapshot();
      for (const [days, price] of [
        [200, START],
        [0, px("30000")],
        [200, px("30000")],
      ] as const) {
        await desk.warp(days * 24 * HOUR);
        await desk.setPrice("BTC", price);
        const { margin } = await tradingRecords.position(first);
        const pending = await desk.requestClose(trader, first);
        const before = await holdingOf(desk, "USDT", trader);
        await desk.warpTo(pending.target + 1);
        await desk.refresh();
        const now = await desk.now();
        const closed = await executeAt(fixture, now + 1, [first], [desk.firstTick("BTC", pending.target)]);
        expect(closed.outcomes).to.deep.equal(["Liquidated"]);
        const liquidated = await liquidateAt(fixture, now + 2, [second], [desk.anyTick("BTC", now)]);
        expect(liquidated.outcomes).to.deep.equal(["Liquidated"]);
        for (const { receipt } of [closed, liquidated]) {
          const [{ args }] = await trading.queryFilter(trading.filters.TradeLiquidated(), receipt.blockNumber);
          expect(args.reward + args.toVault).to.equal(margin);
          expect(args.badDebt).to.be.greaterThan(0n);
        }
        expect(await holdingOf(desk, "USDT", trader)).to.equal(before);
        expect(await desk.statusOf(second)).to.equal("None");
        await expectBalanced(desk);
        await snapshot.restore();
        await desk.setPrice("BTC", START);
      }
      await desk.close(trader, keeper, first);
      await desk.close(trader, keeper, second);
    }
    // An amount that the execution fee uses up is refused, not divided by.
    const fee = fixture.profile.execution.executionFeeUsd;
    const amount = (fee * desk.tokenUnits("USDT", 1n)) / usd("1");
    const pending = await desk.requestOpen(trader, { amount });
    const { results } = await desk.settle(keeper, pending);
    expect(results[0]).to.deep.equal({ outcome: "Refused", reason: "NotionalTooSmall", isFailed: false });
    await expectBalanced(desk);
  });

  it("O26: new terms wait a day in the open, change nothing that is open, and count for what fills after", async () => {
    const fixture = await start();
    const { desk, trading, tradingRecords, tradingConfigurator, riskManager, trader } = fixture;
    const bookId = desk.bookId("BTC", "standard");
    const options = { mode: "standard", leverage: 100 } as const;
    const tiers = (await tradingRecords.tiers(bookId)).map(({ maxLeverage, maxNotionalUsd, termsId, terms }) => ({
      ...{ maxLeverage, maxNotionalUsd, termsId },
      terms: {
        liquidationLossRatePips: terms.liquidationLossRatePips,
        profitCapPips: terms.profitCapPips / 2n,
        closeFeePips: 900n,
        profitSharePips: terms.profitSharePips,
        maxExitSlippagePips: 100n,
      },
    }));
    const changes = [
      tradingConfigurator.interface.encodeFunctionData("setTiers", [trading.target, bookId, tiers]),
      tradingConfigurator.interface.encodeFunctionData("setFees", [trading.target, bookId, 1_600n, 400_000n]),
    ];
    const ready = [];
    for (const data of changes) ready.push(await scheduled(fixture, riskManager, tradingConfigurator, data));
    await expect(ready[0]())
      .to.be.revertedWithCustomError(fixture.accessManager, "AccessManagerNotReady")
      .withArgs(await fixture.accessManager.hashOperation(riskManager, tradingConfigurator, changes[0]));
    await afterADay(fixture);
    const { id } = await openPosition(fixture, options);
    const pending = await desk.requestClose(trader, id);
    const waiting = await desk.requestOpen(trader, options);
    const snapshot = await takeSnapshot();
    const closed = [];
    for (const isChanged of [false, true]) {
      if (isChanged) for (const change of ready) await change();
      const proof = desk.firstTick("BTC", pending.target);
      const { outcomes, receipt } = await executeAt(fixture, pending.target + 9, [id], [proof]);
      expect(outcomes).to.deep.equal(["Closed"]);
      const [{ args }] = await trading.queryFilter(trading.filters.TradeClosed(id), receipt.blockNumber);
      closed.push([args.closeFee, args.payout, args.carryOwedUsd]);
      if (!isChanged) await snapshot.restore();
    }
    expect(closed[0][0]).to.be.greaterThan(0n);
    expect(closed[1]).to.deep.equal(closed[0]);
    // What fills afterwards pays the new fee, 16 basis points of its notional, whenever it was asked for.
    const proof = desk.firstTick("BTC", waiting.target);
    const filled = await executeAt(fixture, pending.target + 10, [waiting.id], [proof]);
    expect(filled.outcomes).to.deep.equal(["Opened"]);
    const { margin } = openTrade({
      ...{ isLong: true, leverage: 100n, amountIn: desk.tokenUnits("USDT", 100n), token: quoteOf(fixture) },
      executionFeeUsd: fixture.profile.execution.executionFeeUsd,
      ...{ openFeePips: 1_600n, tick: START, slippagePips: 100n },
    });
    expect((await tradingRecords.position(waiting.id)).margin).to.equal(margin);
    expect(margin).to.be.below(modelOpening(fixture, options).margin);
    await expectBalanced(desk);
  });
});
