import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import * as actions from "../dsl/proActions";
import { ORDER_TYPE, REASON, ask, bid } from "../dsl/proActions";
import type { ProContext } from "../unit/pro/proFixture";
import { ALICE, USD, act, deployFunded, deployPro, setPrices } from "../unit/pro/proFixture";

const IOC = { type: ORDER_TYPE.immediateOrCancel };
const RIGHTS = { cancel: 1, reduce: 2, trade: 4 };
const KIND = { setLeverage: 5, setMode: 6, transfer: 7, withdraw: 8, nameBroker: 9 };

const ledgerOf = async ({ pro, token, vault }: ProContext) => {
  const { collateral, reserved } = await vault.productLedger(pro, token);
  const { liquidity, fees, claimable } = await vault.ledger(token);
  return { collateral, reserved, liquidity, fees, claimable };
};

/** Alice buys from Bob and sells to him again, at odd prices and sizes. */
async function trade(context: ProContext): Promise<void> {
  const { alice, bob } = context;
  await act(context, bob, [ask(100_013n, 37n), bid(99_987n, 41n)]);
  await act(context, alice, [bid(100_013n, 37n, IOC)]);
  await act(context, alice, [ask(99_987n, 37n, IOC)]);
}

/** The same, with a token of 6 decimals. */
async function deployOfSix() {
  const context = await deployPro(6);
  const { pro, alice, bob, unit } = context;
  for (const trader of [alice, bob]) await pro.connect(trader).deposit(trader, 0, 100_000n * unit);
  await setPrices(context, 100_000n, 4_000n);
  return context;
}

describe("attacks on Pro: custody", () => {
  it("R32: a delegate of every right neither withdraws, transfers, nor touches leverage, mode or broker", async () => {
    const context = await loadFixture(deployFunded);
    const { pro, reader, alice, stranger } = context;
    await pro.connect(alice).setDelegate(ALICE, stranger, 255, 2n ** 40n - 1n);
    const before = await reader.account(pro, ALICE);
    for (const [words, kind] of [
      [actions.withdraw(stranger.address, 1n), KIND.withdraw],
      [[actions.transfer(0n, 0n, 1n, 1n)], KIND.transfer],
      [[actions.setLeverage(0n, 200n)], KIND.setLeverage],
      [[actions.setMode(0n, true)], KIND.setMode],
      [[actions.nameBroker(1n)], KIND.nameBroker],
    ] as const) {
      for (const list of [words, [actions.soft(words[0]), ...words.slice(1)]]) {
        await expect(pro.connect(stranger).act(ALICE, [], [...list]))
          .to.be.revertedWithCustomError(pro, "Pro_NotAllowed")
          .withArgs(ALICE, stranger.address, kind);
      }
    }
    await pro.connect(stranger).act(ALICE, [], [bid(99_000n, 10n)]);
    await pro.connect(alice).setDelegate(ALICE, stranger, RIGHTS.cancel | RIGHTS.reduce, 1);
    await expect(pro.connect(stranger).act(ALICE, [], [bid(99_000n, 10n)]))
      .to.be.revertedWithCustomError(pro, "Pro_NotAllowed")
      .withArgs(ALICE, stranger.address, 0);
    expect((await reader.account(pro, ALICE)).cash).to.equal(before.cash);
  });

  it("R50: gifts of tokens and deposits for others change nothing but cash", async () => {
    const context = await loadFixture(deployFunded);
    const { pro, reader, token, vault, alice, carol } = context;
    await trade(context);
    const before = await ledgerOf(context);
    for (const place of [vault, pro]) await token.mint(place, 1_000n * USD);
    expect(await ledgerOf(context)).to.deep.equal(before);
    const [word, party, market] = [
      await reader.account(pro, ALICE),
      await reader.party(pro, 0, ALICE),
      await reader.market(pro, 0),
    ];
    await pro.connect(carol).deposit(alice, 0, 7n);
    expect(await reader.account(pro, ALICE)).to.deep.equal([word.cash + 7n, word.markets, word.orders, word.positions]);
    expect(await reader.party(pro, 0, ALICE)).to.deep.equal(party);
    expect(await reader.market(pro, 0)).to.deep.equal(market);
    expect(await ledgerOf(context)).to.deep.equal({ ...before, collateral: before.collateral + 7n });
    // The gift to Pro stays where it is: it has no way out, and none of Pro's books know it.
    await trade(context);
    expect(await token.balanceOf(pro)).to.equal(1_000n * USD);
  });

  it("R53: sweeps and withdrawals release exactly what leaves, to the last unit of six decimals", async () => {
    const context = await loadFixture(deployOfSix);
    const { pro, reader, vault, token, alice, unit } = context;
    await trade(context);
    const { fees } = await reader.market(pro, 0);
    const dust = fees % 10n ** 12n;
    expect(dust).to.be.greaterThan(0n);
    const before = await ledgerOf(context);
    await pro.sweepFees(0, []);
    const swept = (fees - dust) / 10n ** 12n;
    expect(await ledgerOf(context)).to.deep.equal({
      ...before,
      collateral: before.collateral - swept,
      fees: before.fees + swept,
    });
    expect((await reader.market(pro, 0)).fees).to.equal(dust);
    await act(context, alice, actions.withdraw(alice.address, 1_234_567n));
    const after = await ledgerOf(context);
    expect(after).to.deep.equal({
      ...before,
      collateral: before.collateral - swept - 1_234_567n,
      fees: before.fees + swept,
    });
    expect([after.liquidity, after.reserved]).to.deep.equal([0n, 0n]);
    expect(await token.balanceOf(vault)).to.equal(200_000n * unit - 1_234_567n);
    await expect(pro.sweepFees(0, [])).to.be.revertedWithCustomError(pro, "Pro_NothingToDo").withArgs();
  });

  it("R54: what the LPs are told is nothing, in the course of a call too, whatever is asked", async () => {
    const context = await deployPro(18, "ReentrantToken");
    const { pro, alice } = context;
    const reentrant = await ethers.getContractAt("ReentrantToken", await context.token.getAddress());
    const none = ethers.AbiCoder.defaultAbiCoder().encode(["int256", "int256", "int256"], [0, 0, 0]);
    for (const [data, answer] of [
      [pro.interface.encodeFunctionData("exposedAssets"), ethers.ZeroHash],
      [pro.interface.encodeFunctionData("lpPnl", [ethers.MaxUint256, []]), none],
      [pro.interface.encodeFunctionData("lpPnl", [0n, [ethers.MaxUint256, 0n]]), none],
    ]) {
      await reentrant.arm(pro, data, false);
      await pro.connect(alice).deposit(alice, 0, USD);
      expect([await reentrant.lastSuccess(), await reentrant.lastReturnData()]).to.deep.equal([true, answer]);
    }
  });

  it("R68: a stranger's deposit makes an owner without a broker, and nobody names one for him", async () => {
    const context = await loadFixture(deployFunded);
    const { pro, reader, brokers, alice, carol, stranger, keeper } = context;
    await brokers.addBroker(carol, carol, 500_000);
    await pro.connect(carol).deposit(keeper, 0, 10_000n * USD);
    const account = await pro.accountOf(keeper, 0);
    for (const someone of [carol, stranger]) {
      await expect(pro.connect(someone).act(account, [], [actions.nameBroker(1n)]))
        .to.be.revertedWithCustomError(pro, "Pro_NotAllowed")
        .withArgs(account, someone.address, 0);
    }
    await pro.connect(keeper).setDelegate(account, carol, 255, 2n ** 40n - 1n);
    await expect(pro.connect(carol).act(account, [], [actions.nameBroker(1n)]))
      .to.be.revertedWithCustomError(pro, "Pro_NotAllowed")
      .withArgs(account, carol.address, KIND.nameBroker);
    await act(context, alice, [ask(100_000n, 100n)]);
    await pro.connect(keeper).act(account, [], [bid(100_000n, 50n, IOC)]);
    expect(await reader.brokerFees(pro, 0, 1)).to.equal(0n);
    // His own word, once: from then on.
    await pro.connect(keeper).act(account, [], [actions.nameBroker(1n), bid(100_000n, 50n, IOC)]);
    expect(await reader.brokerFees(pro, 0, 1)).to.be.greaterThan(0n);
    await expect(pro.connect(keeper).act(account, [], [actions.nameBroker(1n)]))
      .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
      .withArgs(REASON.BrokerIsNamed, 1, 0);
  });
});
