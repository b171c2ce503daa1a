import { time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { MaxUint256, concat } from "ethers";
import { ethers } from "hardhat";
import { ROLES } from "../../deploy/roles";
import { confirmed } from "../../kit/desk/Desk";
import { usd } from "../../sdk/units";
import {
  CENT,
  contractsOf,
  entriesOf,
  expectBalanced,
  leavesOf,
  holdingOf,
  holdingsOf,
  loadDesk,
  navOf,
  stateOf,
} from "./support";
import { revertOf } from "../dsl/reverts";

const WEEK = 7 * 24 * 60 * 60;

/** A price moved by tenths of a basis point. */
const moved = (price: bigint, tenthsOfBp: bigint) => (price * (100_000n + tenthsOfBp)) / 100_000n;

describe("attacks: incidents", () => {
  it("X02: no stranger sets a price, with no forgery, and no appended sender is believed", async () => {
    const { desk, trader, stranger, guardian, publisher, executor, trading, breaker } = await loadDesk();
    const pending = await desk.requestOpen(trader);
    await desk.warpTo(pending.target + 1);
    await desk.refresh();
    const before = await stateOf(desk, [pending.id]);
    const price = desk.pythPrice("BTC", pending.target);
    const items = [{ tradeId: pending.id, tickIndex: 0 }];
    const value = await desk.updateFee([desk.firstTick("BTC", pending.target)]);
    const pythErrors = await ethers.getContractAt("LocalPyth", desk.profile.pyth.address);
    for (const [forged, error] of [
      [publisher.wrongSignerUpdate([price]), "InvalidWormholeVaa"],
      [publisher.tamperedMessageUpdate([price], price.price / 2n), "InvalidUpdateData"],
      [publisher.tamperedProofUpdate([price]), "InvalidUpdateData"],
      ["0x", "InvalidUpdateData"],
    ]) {
      const proof = { ...desk.firstTick("BTC", pending.target), updateData: [forged] };
      await expect(executor.connect(stranger).execute(trading, [proof], items, { value }))
        .to.be.revertedWithCustomError(pythErrors, error)
        .withArgs();
    }
    // A forwarder would append whom it speaks for; here whoever calls is whoever calls.
    const data = concat([breaker.interface.encodeFunctionData("raise", [3]), guardian.address]);
    await expect(stranger.sendTransaction({ to: breaker, data }))
      .to.be.revertedWithCustomError(breaker, "AccessManagedUnauthorized")
      .withArgs(stranger.address);
    expect(await stateOf(desk, [pending.id])).to.equal(before);
  });

  it("X03: listing, feeds, caps and lifting the limiter wait, expire, and the guardian only tightens", async () => {
    const { desk, accessManager, governor, riskManager, guardian, ...system } = await loadDesk();
    const { vault, priceAggregator, breaker, tradingConfigurator, trading, tradingRecords } = system;
    const token = desk.profile.tokens[0].address;
    await breaker.connect(guardian).raise(1);
    const attempts = [
      { by: governor, contract: vault, name: "listToken", args: [trading.target, 1] },
      { by: governor, contract: vault, name: "setCeiling", args: [trading.target, token, 2n ** 127n, 0n] },
      { by: governor, contract: priceAggregator, name: "setPyth", args: [token] },
      {
        by: riskManager,
        contract: tradingConfigurator,
        name: "setCaps",
        args: [trading.target, 1, 10 ** 9, 10 ** 6, 0n],
      },
      { by: riskManager, contract: breaker, name: "lower", args: [0, await breaker.raisedAt()] },
    ];
    for (const { by, contract, name, args } of attempts) {
      const data = contract.interface.encodeFunctionData(name as never, args as never);
      const target = contract.target as string;
      const operation = await accessManager.hashOperation(by, target, data);
      await expect(by.sendTransaction({ to: target, data }))
        .to.be.revertedWithCustomError(accessManager, "AccessManagerNotScheduled")
        .withArgs(operation);
      const { delaySeconds } = by === governor ? ROLES.GOVERNOR : ROLES.RISK_MANAGER;
      await confirmed(accessManager.connect(by).schedule(target, data, 0));
      const readyAt = (await time.latest()) + delaySeconds;
      await time.setNextBlockTimestamp(readyAt - 1);
      await expect(accessManager.connect(by).execute(target, data))
        .to.be.revertedWithCustomError(accessManager, "AccessManagerNotReady")
        .withArgs(operation);
      await time.setNextBlockTimestamp(readyAt + WEEK);
      await expect(accessManager.connect(by).execute(target, data))
        .to.be.revertedWithCustomError(accessManager, "AccessManagerExpired")
        .withArgs(operation);
      // The guardian is offered none of them.
      await expect(guardian.sendTransaction({ to: target, data }))
        .to.be.revertedWithCustomError(breaker, "AccessManagedUnauthorized")
        .withArgs(guardian.address);
    }
    const [, { maxOpenInterestUsd }] = await tradingRecords.bookConfig(1);
    await expect(tradingConfigurator.connect(guardian).cutCaps(trading, 1, 10 ** 9, 1))
      .to.be.revertedWithCustomError(tradingConfigurator, "TradingConfigurator_OpenInterestNotCut")
      .withArgs(10 ** 9, 0, maxOpenInterestUsd);
  });

  it("X05 X06: nothing signed can be passed in, and zero moves nothing", async () => {
    const { desk, system, trader, lp, trading, alpManager, vault } = await loadDesk();
    for (const contract of contractsOf(system)) {
      for (const entry of entriesOf(contract)) {
        for (const { type } of leavesOf(entry.inputs)) expect(type, entry.name).not.to.match(/^int/);
      }
    }
    const token = await desk.replica.token("USDT").getAddress();
    const before = await stateOf(desk);
    const deadline = (await desk.now()) + 3_600;
    const request = await desk.openRequest(trader, { amount: 0n });
    await expect(trading.connect(trader).requestOpen(request))
      .to.be.revertedWithCustomError(vault, "Vault_NothingArrived")
      .withArgs(token);
    const { assetIds, updateData } = desk.referenceTicks(await desk.now());
    await expect(alpManager.connect(lp).mint(token, 0, 0, deadline, assetIds, updateData, { value: 9n }))
      .to.be.revertedWithCustomError(vault, "Vault_NothingArrived")
      .withArgs(token);
    await expect(alpManager.connect(lp).burn(token, 0, 0, deadline, lp, false, assetIds, updateData, { value: 9n }))
      .to.be.revertedWithCustomError(alpManager, "AlpManager_AmountTooSmall")
      .withArgs(0);
    // More shares than there are: their value does not fit a word.
    const burnt = alpManager
      .connect(lp)
      .burn(token, MaxUint256, 0, deadline, lp, false, assetIds, updateData, { value: 9n });
    expect(await revertOf(burnt)).to.equal("Panic(17)");
    await expect(vault.connect(trader).claim(token, trader, false))
      .to.be.revertedWithCustomError(vault, "Vault_NothingToClaim")
      .withArgs(token, trader);
    expect(await stateOf(desk)).to.equal(before);
  });

  it("X07 I8 I29: the open fee is the same share of the notional in tokens of any decimals, small and large", async () => {
    const { desk, trader, keeper, trading, profile } = await loadDesk();
    for (const { symbol, decimals, assetKey } of profile.tokens) {
      for (const dollars of [10n, 100n, 1_000n]) {
        const amount = (dollars * 10n ** BigInt(decimals + 10)) / desk.priceOf(assetKey);
        const pending = await desk.requestOpen(trader, { mode: "standard", leverage: 100, token: symbol, amount });
        const { receipt } = await desk.settle(keeper, pending);
        const [opened] = await trading.queryFilter(trading.filters.TradeOpened(), receipt.blockNumber);
        const { size, entry } = opened.args;
        const feeUsd = (opened.args.openFee * desk.priceOf(assetKey) * 10n ** 8n) / 10n ** BigInt(decimals);
        const expected = (size * entry * 800n) / 1_000_000n;
        // One unit of an eight-decimal bitcoin is 0.06 cents.
        expect(feeUsd, symbol).to.be.closeTo(expected, CENT);
        expect(feeUsd + CENT / 10n, symbol).to.be.at.least(expected);
      }
    }
    await expectBalanced(desk);
  });

  it("X10: moving the market by less than the costs of a trade earns nothing", async () => {
    const { desk, trader, keeper } = await loadDesk();
    const start = desk.priceOf("BTC");
    for (const { mode, leverage, tenthsOfBp } of [
      { mode: "degen", leverage: 1001, tenthsOfBp: 48n },
      { mode: "degen", leverage: 500, tenthsOfBp: 48n },
      { mode: "standard", leverage: 500, tenthsOfBp: 178n },
      { mode: "standard", leverage: 10, tenthsOfBp: 178n },
    ] as const) {
      const before = await holdingsOf(desk, "USDT", [trader, keeper]);
      const nav = await navOf(desk);
      for (const isLong of [true, false]) {
        await desk.setPrice("BTC", start);
        const id = await desk.open(trader, keeper, { mode, leverage, isLong, amount: desk.tokenUnits("USDT", 150n) });
        await desk.setPrice("BTC", moved(start, isLong ? tenthsOfBp : -tenthsOfBp));
        await desk.close(trader, keeper, id);
      }
      await desk.setPrice("BTC", start);
      expect(await holdingsOf(desk, "USDT", [trader, keeper]), `${mode} ${leverage}`).to.be.below(before);
      await expectBalanced(desk);
      // What the LPs lose to the move itself is less than the slippage they are paid.
      if (mode === "degen") expect((await navOf(desk)) - nav).to.be.greaterThan(usd("-200"));
    }
  });

  it("X11: long and short at ±400%: the gain stops at its cap and the loss budget stops the next", async () => {
    const { desk, trader, other, keeper } = await loadDesk();
    const start = desk.priceOf("BTC");
    // Most of what one order may take of a side.
    const dollars = desk.profile.key === "bnb" ? 475n : 175n;
    const amount = desk.tokenUnits("USDT", dollars);
    for (const [target, winner] of [
      [start * 5n, true],
      [start / 5n, false],
    ] as const) {
      await desk.setPrice("BTC", start);
      const before = await holdingsOf(desk, "USDT", [trader, other, keeper]);
      const nav = await navOf(desk);
      const long = await desk.open(trader, keeper, { isLong: true, amount });
      const short = await desk.open(other, keeper, { isLong: false, amount });
      await desk.setPrice("BTC", target);
      const [win, lose] = winner ? [long, short] : [short, long];
      await desk.close(winner ? trader : other, keeper, win);
      const { results } = await desk.liquidate(keeper, [lose], "BTC");
      expect(results[0].outcome).to.equal("Liquidated");
      await desk.setPrice("BTC", start);
      const gained = (await holdingsOf(desk, "USDT", [trader, other, keeper])) - before;
      // The cap of 300% less 15% of it, less the other's margin.
      expect(gained).to.be.at.most((amount * (300n - 45n - 100n)) / 100n + amount / 20n);
      expect(await navOf(desk)).to.be.at.least(nav - dollars * 3n * usd("1"));
      await expectBalanced(desk);
    }
    // Repeated, the budget of the hour is spent and nothing opens any more.
    let opened = 0;
    for (; opened < 40; ++opened) {
      await desk.setPrice("BTC", start);
      const pending = await desk.requestOpen(trader, { amount });
      const { results } = await desk.settle(keeper, pending);
      if (results[0].reason === "LossBudgetSpent") break;
      expect(results[0].outcome).to.equal("Opened");
      await desk.setPrice("BTC", (start * 102n) / 100n);
      await desk.close(trader, keeper, pending.id);
    }
    expect(opened).to.be.below(40);
    await expectBalanced(desk);
  });

  it("X12: forcing one's own liquidation takes nothing from the LPs that a close would have left them", async () => {
    const { desk, trader, other, keeper } = await loadDesk();
    const start = desk.priceOf("BTC");
    const amount = desk.tokenUnits("USDT", 150n);
    const book = async (act: () => Promise<unknown>) => {
      const before = { nav: await navOf(desk), trader: await holdingOf(desk, "USDT", trader) };
      await act();
      await desk.setPrice("BTC", start);
      const gained = (await holdingOf(desk, "USDT", trader)) - before.trader;
      return { gained, nav: (await navOf(desk)) - before.nav };
    };
    // Just before the liquidation price the owner closes; just beyond it he liquidates himself and takes the reward.
    const closing = await book(async () => {
      const id = await desk.open(trader, keeper, { amount });
      await desk.setPrice("BTC", moved(start, -49n));
      await desk.close(trader, trader, id);
    });
    const liquidation = await book(async () => {
      const id = await desk.open(trader, keeper, { amount });
      await desk.setPrice("BTC", moved(start, -51n));
      expect((await desk.liquidate(trader, [id], "BTC")).results[0].outcome).to.equal("Liquidated");
    });
    expect(liquidation.nav).to.be.at.least(closing.nav);
    expect(liquidation.gained).to.be.below(-(amount * 94n) / 100n);
    expect(await holdingOf(desk, "USDT", other)).to.equal(desk.tokenUnits("USDT", 100_000n));
    await expectBalanced(desk);
  });
});
