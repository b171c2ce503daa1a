import { expect } from "chai";
import { ethers } from "hardhat";
import { bookArguments, bookIdOf } from "../../deploy/arguments/books";
import { assetIdOf } from "../../deploy/arguments/oracle";
import { Desk, confirmed } from "../../kit/desk/Desk";
import { requestLimit, requestPartialClose } from "../../kit/desk/orders";
import { px } from "../../sdk/units";
import { Trading__factory } from "../../typechain-types";
import { expectBalanced, holdingOf, navOf } from "../attacks/support";
import { executeAt, openPosition, scheduled, start } from "../unit/trading/setup";
import type { Fixture } from "../unit/trading/setup";

const GOVERNOR_DELAY = 2 * 24 * 3_600;
const FAR = 2 ** 40 - 1;
const LIBRARIES = [
  "AmendLogic",
  "AttemptLogic",
  "CloseLogic",
  "OpenLogic",
  "PreviewLogic",
  "SettingsLogic",
  "ValuationLogic",
];

/** The next version of Trading, made known to the vault as governance does, with ceilings, tokens and one book. */
async function succeed(fixture: Fixture) {
  const { trading, vault, governor, tradingConfigurator, desk, profile, system } = fixture;
  const libraries: Record<string, string> = {};
  for (const name of LIBRARIES) libraries[name] = await (await ethers.deployContract(name)).getAddress();
  const factory = await ethers.getContractFactory("Trading", { libraries });
  const deployed = await factory.deploy({
    vault,
    aggregator: system.priceAggregator,
    breaker: system.breaker,
    configurator: tradingConfigurator,
    trustedExecutor: system.executor,
    ...{ standardDelay: desk.delayOf("standard"), degenDelay: desk.delayOf("degen") },
    executionWindow: profile.execution.executionWindowSeconds,
    executionFeeUsd: profile.execution.executionFeeUsd,
  });
  const successor = Trading__factory.connect(await deployed.getAddress(), governor);
  const address = await successor.getAddress();
  const changes = [
    await scheduled(fixture, governor, vault, vault.interface.encodeFunctionData("addProduct", [address])),
  ];
  const configure = tradingConfigurator.interface;
  for (const { symbol, address: token, assetKey } of profile.tokens.filter(({ margin }) => margin)) {
    const ceiling = (await vault.productLedger(trading, token)).ceiling;
    const raise = vault.interface.encodeFunctionData("setCeiling", [address, token, ceiling, 0n]);
    const list = configure.encodeFunctionData("setMarginToken", [address, token, assetIdOf(assetKey), true, 0n]);
    changes.push(await scheduled(fixture, governor, vault, raise));
    changes.push(await scheduled(fixture, governor, tradingConfigurator, list));
    expect(symbol).to.not.equal("");
  }
  const [market] = profile.markets;
  for (const book of market.books) {
    const { config, openConfig, tiers } = bookArguments(market.assetKey, book, profile.oracle.minAnchors);
    const args = [address, bookIdOf(0, book.mode), config, openConfig, tiers] as const;
    const list = configure.encodeFunctionData("listBook", args as never);
    changes.push(await scheduled(fixture, governor, tradingConfigurator, list));
  }
  await desk.warp(GOVERNOR_DELAY);
  for (const change of changes) await change();
  await desk.refresh();
  const next = new Desk(ethers.provider, profile, desk.replica, desk.publisher, { ...system, trading: successor });
  next.rememberPrices(desk.rememberedPrices());
  return { successor, next };
}

describe("a Trading that is replaced", () => {
  it("runs off to empty with ceiling 0, beside its successor", async () => {
    const fixture = await start();
    const { desk, trading, tradingRecords, vault, guardian, trader, other, keeper, profile, stranger } = fixture;
    const { successor, next } = await succeed(fixture);
    for (const account of [trader, other]) await next.fund(account, "USDT", desk.tokenUnits("USDT", 10_000n));

    // What stands when the ceilings are cut: positions of every kind, an order and a limit.
    const amount = desk.tokenUnits("USDT", 1_000n);
    const parts = await openPosition(fixture, { mode: "standard", amount });
    await confirmed(trading.connect(trader).addMargin(parts.id, 7n));
    const winner = await openPosition(fixture, { mode: "standard", takeProfit: px("60200") });
    const stopped = await openPosition(fixture, { mode: "standard", isLong: false, stopLoss: px("60150") });
    const lost = await openPosition(fixture, { isLong: false });
    const alone = await openPosition(fixture, { mode: "standard", leverage: 10 }, other);
    const limit = await requestLimit(desk, trader, { mode: "standard", acceptablePrice: px("60100"), deadline: FAR });
    const order = await desk.requestOpen(trader, { mode: "standard" });
    for (const { address } of profile.tokens.filter(({ margin }) => margin)) {
      await confirmed(vault.connect(guardian).cutCeiling(trading, address, 0n));
    }

    // Nothing more is opened: a market order is refused and refunded, a limit rests until it is taken back.
    const now = Math.max(order.target, await desk.now()) + 1;
    const refused = await executeAt(
      fixture,
      now,
      [order.id, limit.id],
      [desk.firstTick("BTC", order.target), desk.anyTick("BTC", now)],
      { ticks: [0, 1] },
    );
    expect(refused.outcomes).to.deep.equal(["Refused ReserveFull", "Skipped ReserveFull"]);
    await confirmed(trading.connect(trader).cancelLimit(limit.id));
    await desk.warp(10);
    await confirmed(trading.connect(stranger).cancelExpired(limit.id));

    // The successor opens meanwhile, out of the same liquidity.
    await desk.refresh();
    const fresh = await next.open(trader, keeper, { mode: "standard" });
    expect(await next.statusOf(fresh)).to.equal("Open");

    // Every way out of the old one: a part and the rest, a take profit, a stop, a liquidation, and by oneself.
    const half = await requestPartialClose(desk, trader, parts.id, parts.model.size / 2n);
    expect((await desk.settle(keeper, half)).results[0].outcome).to.equal("Reduced");
    await desk.close(trader, keeper, parts.id);
    await desk.setPrice("BTC", px("60200"));
    await desk.refresh();
    next.rememberPrices(desk.rememberedPrices());
    const time = await desk.now();
    const triggered = await executeAt(fixture, time + 1, [winner.id, stopped.id], [desk.anyTick("BTC", time)]);
    expect(triggered.outcomes).to.deep.equal(["Closed", "Armed"]);
    const target = Number((await tradingRecords.closeOf(stopped.id)).target);
    const filled = await executeAt(fixture, target, [stopped.id], [desk.firstTick("BTC", target)]);
    expect(filled.outcomes).to.deep.equal(["Closed"]);
    expect((await desk.liquidate(keeper, [lost.id], "BTC")).results[0].outcome).to.equal("Liquidated");
    await desk.refresh();
    await desk.close(other, other, alone.id);

    // Empty: no collateral, no reserve, no sums, nothing to value; what keepers were credited is in the vault.
    for (const { address } of profile.tokens) {
      const line = await vault.productLedger(trading, address);
      expect([line.ceiling, line.collateral, line.reserved]).to.deep.equal([0n, 0n, 0n]);
    }
    for (let bookId = 0; bookId < 2 * profile.markets.length; ++bookId) {
      for (const isLong of [true, false]) {
        expect(await tradingRecords.bookSide(bookId, isLong)).to.deep.equal([0n, 0n, 0n, 0n, 0n]);
      }
    }
    expect(await trading.exposedAssets()).to.equal(0n);
    expect(await trading.lpPnl(0n, [])).to.deep.equal([0n, 0n, 0n]);
    await desk.refresh();
    expect(await navOf(desk)).to.be.above(0n);
    const owed = await vault.claimableOf(desk.replica.token("USDT"), keeper);
    await expect(vault.connect(keeper).claim(desk.replica.token("USDT"), keeper, false)).to.changeTokenBalance(
      desk.replica.token("USDT"),
      keeper,
      owed,
    );

    // The successor is untouched by all that, and pays.
    const before = await holdingOf(desk, "USDT", trader);
    await next.close(trader, keeper, fresh);
    expect(await holdingOf(desk, "USDT", trader)).to.be.above(before);
    expect(await successor.exposedAssets()).to.equal(0n);
    await expectBalanced(desk);
  });
});
