import { expect } from "chai";
import { ethers } from "hardhat";
import { NO_TICK, confirmed } from "../../kit/desk/Desk";
import { px, usd } from "../../sdk/units";
import { expectBalanced, expectIntact, holdingOf, holdingsOf, loadDesk, navOf, openedDesk, stateOf } from "./support";
import { revertOf } from "../dsl/reverts";

const CROSSED = px("59964");

describe("attacks: on this design", () => {
  it("A01: a position stays liquidatable whatever its owner does", async () => {
    const { desk, trader, keeper, trading, id } = await openedDesk();
    const { liquidator } = desk.system;
    await desk.setPrice("BTC", CROSSED);
    // He asks for a close that nobody can fill, again and again, from before the crossing on.
    let crossing = 0;
    for (let round = 0; round < 3; ++round) {
      const pending = await desk.requestClose(trader, id, { acceptablePrice: 2n ** 64n - 1n });
      await desk.warpTo(pending.target + 1);
      await desk.refresh();
      if (round === 0) crossing = pending.target;
      const proofs = [desk.firstTick("BTC", pending.target, { price: px("60000") })];
      // Not yet liquidatable at the tick of the close: it is refused, which frees what it had shielded.
      if (round < 2) {
        const { results } = await desk.execute(keeper, [id], proofs);
        expect(results[0]).to.deep.include({ outcome: "Refused", reason: "PriceBound" });
        continue;
      }
      // The liquidator brings the close's tick along and does both.
      const at = Math.max(crossing, (await desk.now()) - 10);
      const both = [...proofs, desk.anyTick("BTC", at, { price: CROSSED })];
      const items = [{ tradeId: id, tickIndex: 1, closeTickIndex: 0 }];
      await confirmed(liquidator.connect(keeper).liquidate(trading, both, items, { value: 2n }));
      expect(await desk.statusOf(id)).to.equal("None");
    }
    await expectBalanced(desk);
  });

  it("A01 A08: a tick from before the target of a pending close liquidates, one from after it does not", async () => {
    const { desk, trader, keeper, id } = await openedDesk();
    const nav = await navOf(desk);
    const pending = await desk.requestClose(trader, id);
    await desk.warpTo(pending.target + 5);
    await desk.refresh();
    // A keeper withholds the close and waits for a worse tick: it does not count.
    const late = await desk.liquidate(keeper, [id], "BTC", { at: pending.target + 2, price: CROSSED });
    expect(late.results[0].reason).to.equal("CloseIsPending");
    const { results } = await desk.execute(keeper, [id], [desk.firstTick("BTC", pending.target)]);
    expect(results[0].outcome).to.equal("Closed");
    const again = await desk.liquidate(keeper, [id], "BTC", { at: pending.target + 2, price: CROSSED });
    expect(again.results[0].reason).to.equal("NothingPending");
    await expectIntact(desk, nav - usd("0.01"));
  });

  it("A02: an order that is liquidatable at its own tick is refused, and books no profit for the vault", async () => {
    const { desk, trader, keeper, accessManager, riskManager, tradingConfigurator, trading } = await loadDesk();
    const bookId = desk.bookId("BTC", "standard");
    // Depth slippage of a quarter of the price: an opening is under water by its own tick.
    const data = tradingConfigurator.interface.encodeFunctionData("setSlippage", [
      ...([trading.target as string, bookId, 1, 100, 1_000] as const),
    ]);
    await confirmed(accessManager.connect(riskManager).schedule(tradingConfigurator, data, 0));
    await desk.warp(24 * 60 * 60 + 1);
    await confirmed(accessManager.connect(riskManager).execute(tradingConfigurator, data));
    await desk.refresh();
    const nav = await navOf(desk);
    const before = await holdingOf(desk, "USDT", trader);
    const pending = await desk.requestOpen(trader, {
      mode: "standard",
      leverage: 400,
      amount: desk.tokenUnits("USDT", 500n),
    });
    const { results } = await desk.settle(keeper, pending);
    expect(results[0]).to.deep.include({ outcome: "Refused", reason: "LiquidatableAtOpening" });
    const fee = (desk.profile.execution.executionFeeUsd * desk.tokenUnits("USDT", 1n)) / usd("1");
    expect(await holdingOf(desk, "USDT", trader)).to.equal(before - fee);
    expect(await navOf(desk)).to.equal(nav);
    await expectBalanced(desk);
  });

  it("A03: the delay is two seconds at least, so that no tick of the request's own second or the next fills", async () => {
    const { desk, trader, keeper, trading, tradingRecords } = await loadDesk();
    expect(await trading.executionDelay(0)).to.be.at.least(2n);
    expect(await trading.executionDelay(1)).to.be.at.least(3n);
    for (const mode of ["standard", "degen"] as const) {
      const pending = await desk.requestOpen(trader, { mode });
      const requestedAt = Number((await tradingRecords.order(pending.id)).requestedAt);
      await desk.warpTo(pending.target + 1);
      await desk.refresh();
      for (let at = requestedAt; at < requestedAt + desk.delayOf(mode); ++at) {
        for (const proof of [desk.firstTick("BTC", at), desk.anyTick("BTC", at)]) {
          const { results } = await desk.execute(keeper, [pending.id], [proof]);
          expect(results[0].reason, `${mode} +${at - requestedAt}`).to.equal("TickTooEarly");
        }
      }
    }
    const setup = {
      vault: desk.system.vault,
      aggregator: desk.system.priceAggregator,
      breaker: desk.system.breaker,
      configurator: desk.system.tradingConfigurator,
      trustedExecutor: desk.system.executor,
      ...{ standardDelay: 1, degenDelay: 3, executionWindow: 30, executionFeeUsd: 0 },
    };
    const libraries: Record<string, string> = {};
    for (const name of [
      "AmendLogic",
      "AttemptLogic",
      "CloseLogic",
      "OpenLogic",
      "PreviewLogic",
      "SettingsLogic",
      "ValuationLogic",
    ]) {
      libraries[name] = await (await ethers.deployContract(name)).getAddress();
    }
    const factory = await ethers.getContractFactory("Trading", { libraries });
    await expect(factory.deploy(setup))
      .to.be.revertedWithCustomError(trading, "Product_DelayOutOfRange")
      .withArgs(1, 2, 60);
  });

  it("A06: long and short before news gain at most the cap less both costs, and a budget stops the rest", async () => {
    const { desk, trader, other, keeper, profile, tradingRecords } = await loadDesk();
    const budget = profile.markets[0].books[1].lossBudgetUsd;
    const cap = 3n;
    const maxMargin = profile.markets[0].books[1].maxOpenInterestUsd / 1001n;
    const nav = await navOf(desk);
    const before = await holdingsOf(desk, "USDT", [trader, other, keeper]);
    let rounds = 0;
    // The largest order on either side, a jump of one percent, and again until nothing opens.
    for (; rounds < 60; ++rounds) {
      await desk.setPrice("BTC", px("60000"));
      const amount = (maxMargin * 9n * desk.tokenUnits("USDT", 1n)) / (40n * usd("1"));
      const long = await desk.requestOpen(trader, { amount });
      if ((await desk.settle(keeper, long)).results[0].reason === "LossBudgetSpent") break;
      const short = await desk.requestOpen(other, { amount, isLong: false });
      await desk.settle(keeper, short);
      await desk.setPrice("BTC", px("60600"));
      await desk.close(trader, keeper, long.id);
      if ((await desk.statusOf(short.id)) === "Open") await desk.liquidate(keeper, [short.id], "BTC");
    }
    expect(rounds).to.be.below(60);
    await desk.setPrice("BTC", px("60000"));
    const { lossNano } = await tradingRecords.bookState(desk.bookId("BTC", "degen"));
    expect(lossNano * 10n ** 9n).to.be.greaterThan(budget);
    // The bound: the budget, and what one side of the whole open interest may still win after it is spent; and what drains
    // out of the budget meanwhile.
    const gained = ((await holdingsOf(desk, "USDT", [trader, other, keeper])) - before) * usd("1");
    const bound = budget + maxMargin * cap + budget / 4n;
    expect(gained / desk.tokenUnits("USDT", 1n)).to.be.at.most(bound);
    expect(await navOf(desk)).to.be.at.least(nav - bound);
    await expectBalanced(desk);
  });

  it("A09: no momentary condition burns a victim's close: it is skipped and fills when the moment has passed", async () => {
    const { desk, trader, stranger, keeper, breaker, guardian, replica, id } = await openedDesk();
    const pending = await desk.requestClose(trader, id);
    await desk.warpTo(pending.target + 1);
    const before = await stateOf(desk, [id]);
    const proof = desk.firstTick("BTC", pending.target);
    for (const asset of ["BTC", "USDT"] as const) {
      await replica.setPushPrice(asset, desk.priceOf(asset), pending.target - 3 * 24 * 60 * 60);
      const { results } = await desk.execute(stranger, [id], [proof]);
      const reason = asset === "BTC" ? "AnchorsNotFresh" : "TokenPriceMissing";
      expect(results[0]).to.deep.include({ outcome: "Skipped", reason });
      await replica.setPushPrice(asset, desk.priceOf(asset));
    }
    await confirmed(breaker.connect(guardian).raise(2));
    expect(await stateOf(desk, [id])).to.equal(before);
    const { results } = await desk.execute(keeper, [id], [proof]);
    expect(results[0].outcome).to.equal("Closed");
    await expectBalanced(desk);
  });

  it("A10: a known tick is worth nothing after the window, for an opening as for a close", async () => {
    const { desk, trader, keeper, id } = await openedDesk();
    const order = await desk.requestOpen(trader);
    const close = await desk.requestClose(trader, id);
    const nav = await navOf(desk);
    await desk.warpTo(close.target + 31);
    await desk.refresh();
    const proofs = [desk.firstTick("BTC", order.target), desk.firstTick("BTC", close.target, { price: px("60100") })];
    const { results } = await desk.execute(keeper, [order.id, id], proofs, [0, 1]);
    expect(results.map(({ reason }) => reason)).to.deep.equal(["Expired", "Expired"]);
    expect(await desk.statusOf(id)).to.equal("Open");
    await expectIntact(desk, nav);
  });

  it("A14: with depth slippage an order in ten parts pays no less than the whole", async () => {
    const { desk, trader, keeper, accessManager, riskManager, tradingConfigurator, trading, tradingRecords } =
      await loadDesk();
    const bookId = desk.bookId("ETH", "standard");
    const data = tradingConfigurator.interface.encodeFunctionData("setSlippage", [
      ...([trading.target as string, bookId, 1, 200, 1_000_000] as const),
    ]);
    await confirmed(accessManager.connect(riskManager).schedule(tradingConfigurator, data, 0));
    await desk.warp(24 * 60 * 60 + 1);
    await confirmed(accessManager.connect(riskManager).execute(tradingConfigurator, data));
    await desk.refresh();
    const sizeOf = async (parts: bigint) => {
      const amount = desk.tokenUnits("USDT", 1_200n) / parts;
      const ids: bigint[] = [];
      for (let i = 0n; i < parts; ++i) {
        ids.push(await desk.open(trader, keeper, { asset: "ETH", mode: "standard", leverage: 100, amount }));
      }
      const side = await tradingRecords.bookSide(bookId, true);
      for (const id of ids) await desk.close(trader, keeper, id);
      // The average entry: what it costs to hold one unit.
      return side.notional / side.size;
    };
    const whole = await sizeOf(1n);
    const split = await sizeOf(10n);
    // Ten execution fees make the parts a little smaller, and so their slippage.
    expect(split).to.be.at.least(whole - whole / 200_000n);
  });

  it("A15: allowances are of no use to the Vault, nor to a product of another's making", async () => {
    const { desk, trader, stranger, vault, trading, alpManager, accessManager, governor } = await loadDesk();
    const token = desk.replica.token("USDT");
    const before = await holdingOf(desk, "USDT", trader);
    expect(await token.allowance(trader, vault)).to.equal(0n);
    expect(await token.allowance(trader, trading)).to.be.greaterThan(0n);
    // A product that governance was tricked into adding still reaches nobody's allowance.
    const rogue = await ethers.deployContract("ScriptedProduct", [vault]);
    const data = vault.interface.encodeFunctionData("addProduct", [rogue.target]);
    await confirmed(accessManager.connect(governor).schedule(vault, data, 0));
    await desk.warp(2 * 24 * 60 * 60 + 1);
    await confirmed(accessManager.connect(governor).execute(vault, data));
    const paid = (contract: typeof trading | typeof alpManager) =>
      revertOf(contract.connect(stranger).payIn(token, trader, 1n));
    expect(await paid(trading)).to.equal(`Product_OnlyVault(${stranger.address})`);
    expect(await paid(alpManager)).to.equal(`AlpManager_PayInNotExpected(${stranger.address})`);
    const stolen = revertOf(vault.connect(stranger).deposit(token, trader, 1n));
    expect(await stolen).to.equal(`Vault_ProductNotFound(${stranger.address})`);
    const taken = revertOf(rogue.connect(stranger).deposit(token, 1n));
    expect(await taken).to.equal(`ERC20InsufficientAllowance(${await rogue.getAddress()},0,1)`);
    const none = { account: stranger.address, amount: 1n };
    const opening = { token, reserve: 1n, toLiquidity: 0n, toFees: 0n, executor: { ...none, amount: 0n } };
    expect(await rogue.open.staticCall(opening)).to.equal(false);
    await expect(rogue.open({ ...opening, reserve: 0n, executor: none }))
      .to.be.revertedWithCustomError(vault, "Vault_CollateralExceeded")
      .withArgs(1n, 0n);
    expect(await holdingOf(desk, "USDT", trader)).to.equal(before);
    await expectBalanced(desk);
  });

  it("A16: a tick proven by another, or in another transaction, does not exist", async () => {
    const { desk, trader, keeper, stranger, executor, trading, priceAggregator } = await loadDesk();
    const pending = await desk.requestOpen(trader);
    await desk.warpTo(pending.target + 1);
    await desk.refresh();
    const proof = desk.firstTick("BTC", pending.target);
    await confirmed(executor.connect(keeper).execute(trading, [proof], [], { value: 1n }));
    const items = [{ tradeId: pending.id, tickIndex: 0 }];
    expect((await executor.connect(keeper).execute.staticCall(trading, [], items))[0].reason).to.equal(3n);
    const wallet = await ethers.deployContract("BatchWallet", stranger);
    const prove = priceAggregator.interface.encodeFunctionData("prove", [[proof]]);
    const bare = executor.interface.encodeFunctionData("execute", [trading.target, [], items]);
    const calls = [
      { target: priceAggregator, value: 1n, data: prove },
      { target: executor, value: 0n, data: bare },
    ];
    await confirmed(wallet.executeAll(calls, { value: 1n }));
    expect(await desk.statusOf(pending.id)).to.equal("MarketOrder");
    const far = [{ tradeId: pending.id, tickIndex: NO_TICK }];
    await confirmed(executor.connect(keeper).execute(trading, [proof], far, { value: 1n }));
    expect(await desk.statusOf(pending.id)).to.equal("MarketOrder");
  });
});
