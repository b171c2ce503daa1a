import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { assetIdOf } from "../../deploy/arguments/oracle";
import { ROLES } from "../../deploy/roles";
import { confirmed } from "../../kit/desk/Desk";
import { delegate } from "../dsl/delegation";
import { quickRolesDeskFixture } from "../fixtures/trading";
import { expectBalanced, holdingOf, loadDesk } from "./support";

const COIN = 10n ** 18n;

describe("attacks: accounts that delegate to a contract", () => {
  it("A38: are no price source, no Pyth and no Trading, even where what they delegate to is one", async () => {
    const { priceAggregator, quickGovernor, profile, trading, executor, liquidator, stranger } =
      await loadFixture(quickRolesDeskFixture);
    const account = stranger.address;
    const connected = priceAggregator.connect(quickGovernor);
    const feed = profile.chainlink.BTC;
    if (feed === undefined) throw new Error("no feed of BTC");
    await delegate(account, feed.address);
    const config = { kind: 0, feed: account, maxAgeSeconds: 3_600, base: "", quote: "" };
    await expect(connected.configureSource(assetIdOf("BTC"), 0, config))
      .to.be.revertedWithCustomError(priceAggregator, "PriceAggregator_NotAContract")
      .withArgs(account);
    await delegate(account, profile.pyth.address);
    await expect(connected.setPyth(account))
      .to.be.revertedWithCustomError(priceAggregator, "PriceAggregator_NotAContract")
      .withArgs(account);
    await delegate(account, trading);
    await expect(executor.execute(account, [], []))
      .to.be.revertedWithCustomError(executor, "KeeperBatch_NotATrading")
      .withArgs(account);
    await expect(liquidator.liquidate(account, [], []))
      .to.be.revertedWithCustomError(liquidator, "KeeperBatch_NotATrading")
      .withArgs(account);
  });

  it("A38: hold roles as any account: they schedule, execute, cut and cancel", async () => {
    const { desk, accessManager, governor, riskManager, guardian, vault, trading, breaker } = await loadDesk();
    for (const holder of [governor, riskManager, guardian]) await delegate(holder, accessManager);
    const token = await desk.replica.token("USDT").getAddress();
    await confirmed(vault.connect(guardian).cutCeiling(trading, token, 1n));
    const target = await trading.getAddress();
    const data = vault.interface.encodeFunctionData("setCeiling", [target, token, 5n, 1n]);
    await confirmed(accessManager.connect(governor).schedule(vault, data, 0));
    await confirmed(breaker.connect(guardian).raise(1));
    const lowering = breaker.interface.encodeFunctionData("lower", [0, await breaker.raisedAt()]);
    await confirmed(accessManager.connect(riskManager).schedule(breaker, lowering, 0));
    await time.increase(ROLES.GOVERNOR.delaySeconds);
    await confirmed(vault.connect(governor).setCeiling(target, token, 5n, 1n));
    await confirmed(accessManager.connect(guardian).cancel(riskManager, breaker, lowering));
    expect((await vault.productLedger(trading, token)).ceiling).to.equal(5n);
    expect(await breaker.level()).to.equal(1n);
  });

  // A wallet's hook that needs less than the stipend, one that needs more, one that refuses and one that burns what it gets.
  const HOOKS = [
    { name: "takes the coin", contract: "GasAwareReceiver", args: [20_000n], isHostile: false },
    { name: "needs more gas than there is", contract: "GasAwareReceiver", args: [31_000n], isHostile: false },
    { name: "refuses", contract: "RevertingReceiver", args: [], isHostile: true },
    { name: "burns its gas", contract: "GasBurningReceiver", args: [], isHostile: true },
  ] as const;

  for (const { name, contract, args, isHostile } of HOOKS) {
    it(`A38: trade and are paid in native coin, or are owed it where their delegate ${name}`, async () => {
      const { desk, trader, keeper, vault, profile } = await loadDesk();
      const hook = await ethers.deployContract(contract, [...args]);
      if (isHostile) await confirmed((await ethers.getContractAt("RevertingReceiver", hook)).setHostile(true));
      const symbol = profile.wrappedNativeSymbol;
      for (const account of [trader, keeper]) await delegate(account, hook);
      const options = { token: symbol, amount: COIN, mode: "standard", leverage: 10, asNative: true } as const;
      const id = await desk.open(trader, keeper, options);
      const before = { wealth: await ethers.provider.getBalance(trader), held: await holdingOf(desk, symbol, trader) };
      const pending = await desk.requestClose(trader, id);
      const gas = pending.receipt.fee;
      const { results, receipt } = await desk.settle(keeper, pending);
      expect(results[0]).to.deep.include({ outcome: "Closed", isFailed: false });
      // What the position pays is all there, as coin or as a claim, whatever the delegate does.
      const [closed] = receipt.logs
        .map((log) => desk.system.trading.interface.parseLog(log))
        .filter((event) => event?.name === "TradeClosed");
      const payout = closed?.args.payout as bigint;
      expect(payout).to.be.greaterThan(0n);
      const coin = (await ethers.provider.getBalance(trader)) - before.wealth + gas;
      const claim = (await holdingOf(desk, symbol, trader)) - before.held;
      expect(coin + claim).to.equal(payout);
      expect([0n, payout]).to.include(coin);
      expect(await vault.claimableOf(desk.replica.token(symbol), trader)).to.equal(claim);
      // The keeper is credited, and claims in tokens.
      const token = desk.replica.token(symbol);
      const owed = await vault.claimableOf(token, keeper);
      expect(owed).to.be.greaterThan(0n);
      await expect(vault.connect(keeper).claim(token, keeper, false)).to.changeTokenBalance(token, keeper, owed);
      await expectBalanced(desk);
    });
  }
});
