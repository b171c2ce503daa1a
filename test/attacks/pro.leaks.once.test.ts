import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { px, usd } from "../../sdk/units";
import * as actions from "../dsl/proActions";
import { ORDER_TYPE, REASON, ask, bid } from "../dsl/proActions";
import { ALICE, USD, accountOf, act, deployFunded, setPrices } from "../unit/pro/proFixture";
import type { World } from "../unit/pro/world";
import {
  BITCOIN,
  BTC,
  account,
  answer,
  attempt,
  cross,
  deployWorld,
  hold,
  isolated,
  listMarket,
  setIndex,
  setIndexAt,
  told,
} from "../unit/pro/world";

const IOC = { type: ORDER_TYPE.immediateOrCancel };
const REDUCING = { ...IOC, isReduceOnly: true };
const MAY_REDUCE = 2;
const MAY_TRADE = 4;
const FOREVER = 2n ** 40n - 1n;
const TIP = USD / 5n;
const DAY = 86_400;
const REDUCE_ONLY = 2;
const ALL = 100;

/** Market 0, and with `other` market 1, at an index that stands for good. */
async function settle(world: World, price: string, other?: string): Promise<void> {
  const { pro } = world;
  await pro.setStatus(BTC, REDUCE_ONLY, true);
  await time.increase(DAY);
  if (other !== undefined) await setIndex(world, other, 1);
  await setIndex(world, price);
  await time.increase(DAY);
  if (other !== undefined) await setIndex(world, other, 1);
  await pro.beginSettling(BTC, ethers.ZeroAddress, 0);
}

describe("attacks on Pro: leaks", () => {
  it("R70: who may reduce for an account without a position gets nothing of its cash by tips", async () => {
    const context = await loadFixture(deployFunded);
    const { pro, reader, alice, stranger } = context;
    await pro.connect(alice).setDelegate(ALICE, stranger, MAY_REDUCE, FOREVER);
    const before = (await reader.account(pro, ALICE)).cash;
    const tip = actions.tip(stranger.address, TIP);
    await expect(pro.connect(stranger).act(ALICE, [], [tip]))
      .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
      .withArgs(REASON.NothingFilled, TIP, 0);
    const skipped = await pro.connect(stranger).act.staticCall(ALICE, [], [actions.soft(tip)]);
    expect(actions.resultOf(skipped[0]).reason).to.equal(REASON.NothingFilled);
    // An order that finds nothing to reduce opens no way either.
    const nothing = actions.soft(ask(0n, 100n, REDUCING));
    await expect(pro.connect(stranger).act(ALICE, [], [nothing, tip]))
      .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
      .withArgs(REASON.NothingFilled, TIP, 0);
    expect((await reader.account(pro, ALICE)).cash).to.equal(before);
    // Who may trade, as a grid does, could lose it anyway.
    await pro.connect(alice).setDelegate(ALICE, stranger, MAY_TRADE, FOREVER);
    await expect(pro.connect(stranger).act(ALICE, [], [tip]))
      .to.emit(pro, "KeeperPaid")
      .withArgs(accountOf(4n), actions.crossScope(ALICE), TIP);
  });

  it("R70: a profit that is not realised lets no cash leave by tips, but a reduction pays its keeper", async () => {
    const context = await loadFixture(deployFunded);
    const { pro, lens, alice, bob, stranger } = await loadLens(context);
    const sub = accountOf(1n, 1n);
    await pro.connect(alice).deposit(alice, 1, 5_100n * USD);
    await act(context, bob, [ask(100_000n, 1_000n)]);
    await act(context, alice, [bid(100_000n, 1_000n, IOC)], 1n);
    await setPrices(context, 103_000n, 4_000n);
    // Cash of 5,060 against a margin of 5,150, and a profit of 3,000.
    const health = await lens.health(pro, actions.crossScope(sub));
    expect([health.available, health.equity > health.initialMargin]).to.deep.equal([0n, true]);
    const tip = actions.tip(stranger.address, TIP);
    await expect(pro.connect(alice).act(sub, [], [tip]))
      .to.be.revertedWithCustomError(pro, "Pro_ScopeRefused")
      .withArgs(actions.crossScope(sub), REASON.CashTooLow, 5_060n * USD - TIP, 5_150n * USD);

    await act(context, bob, [bid(102_900n, 10n)]);
    const { transaction } = await act(context, alice, [ask(0n, 10n, REDUCING), tip], 1n);
    await expect(transaction).to.emit(pro, "KeeperPaid").withArgs(accountOf(4n), actions.crossScope(sub), TIP);
  });

  it("R70: a fill of less than 10 dollars pays no tip, but the last lot of a position does", async () => {
    const context = await loadFixture(deployFunded);
    const { pro, alice, bob, carol, stranger } = context;
    // A lot is 5 dollars. Alice is long 100, Carol short 60 with a purchase of all of them resting, of which one lot is left to reduce.
    await setPrices(context, 5_000n, 4_000n);
    await pro.connect(alice).setDelegate(ALICE, stranger, MAY_REDUCE, FOREVER);
    await act(context, bob, [ask(5_000n, 100n), bid(4_998n, 200n)]);
    await act(context, alice, [bid(5_000n, 100n, IOC)]);
    await act(context, carol, [ask(4_998n, 60n, IOC), bid(4_999n, 60n, { isReduceOnly: true })]);
    await act(context, bob, [ask(5_000n, 59n)]);
    await act(context, carol, [bid(5_000n, 59n, IOC)]);
    const tip = actions.tip(stranger.address, TIP);
    const crumb = ask(0n, 2n, { ...REDUCING, maxFills: 1n });
    const [placed] = await pro.connect(stranger).act.staticCall(ALICE, [], [crumb]);
    expect(actions.resultOf(placed).filled).to.equal(1n);
    await expect(pro.connect(stranger).act(ALICE, [], [crumb, tip]))
      .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
      .withArgs(REASON.NothingFilled, TIP, 0);

    const filled = async (lots: bigint) =>
      expect(pro.connect(stranger).act(ALICE, [], [ask(0n, lots, REDUCING), tip]))
        .to.emit(pro, "KeeperPaid")
        .withArgs(accountOf(4n), actions.crossScope(ALICE), TIP);
    await filled(3n);
    await filled(96n);
    await filled(1n);
  });

  it("R70: a fill in an isolated market lets no more of the cross scope's cash leave by tips than a withdrawal would", async () => {
    const context = await loadFixture(deployFunded);
    const { pro, alice, bob, stranger } = context;
    const sub = accountOf(1n, 1n);
    const inEther = { ...IOC, market: 1n };
    await pro.connect(alice).deposit(alice, 1, 5_200n * USD);
    await act(context, bob, [
      ask(100_000n, 1_000n),
      ask(40_000n, 100n, { market: 1n }),
      bid(39_990n, 100n, { market: 1n }),
    ]);
    const moved = actions.transfer(0n, 2n, 60n * USD, 1n);
    await act(context, alice, [actions.setMode(1n, true), moved, bid(40_000n, 2n, inEther)], 1n);
    await act(context, alice, [bid(100_000n, 1_000n, IOC)], 1n);
    await setPrices(context, 103_000n, 4_000n);
    // As above 5,100 are there for a margin of 5,150, and 3,000 are not realised. 40 dollars bought elsewhere change nothing in that.
    const tip = actions.tip(stranger.address, TIP);
    await expect(pro.connect(alice).act(sub, [], [bid(40_000n, 1n, inEther), tip]))
      .to.be.revertedWithCustomError(pro, "Pro_ScopeRefused")
      .withArgs(actions.crossScope(sub), REASON.CashTooLow, 5_100n * USD - TIP, 5_150n * USD);

    // Who may only reduce is paid where a withdrawal would be.
    await pro.connect(alice).setDelegate(sub, stranger, MAY_REDUCE, FOREVER);
    const reducing = [ask(39_990n, 1n, { ...inEther, isReduceOnly: true }), tip];
    await expect(pro.connect(stranger).act(sub, [], reducing))
      .to.be.revertedWithCustomError(pro, "Pro_ScopeRefused")
      .withArgs(actions.crossScope(sub), REASON.CashTooLow, 5_100n * USD - TIP, 5_150n * USD);
    await pro.connect(alice).deposit(alice, 1, 100n * USD);
    await expect(pro.connect(stranger).act(sub, [], reducing))
      .to.emit(pro, "KeeperPaid")
      .withArgs(accountOf(4n), actions.crossScope(sub), TIP);
  });

  it("R71: a part of a bankrupt position is not settled at the mark, which would leave its debt to the rest", async () => {
    const world = await loadFixture(deployWorld);
    const { pro } = world;
    await setIndex(world, "100000");
    const bankrupt = await account(world, "0");
    await pro.setIsolated(bankrupt, BTC, usd("2900"));
    await hold(world, bankrupt, BITCOIN, "100000");
    const first = await account(world, "10000");
    await hold(world, first, -900n, "100000");
    const last = await account(world, "10000");
    await hold(world, last, -100n, "100000");
    await settle(world, "97000");
    // 100 lack on 1 BTC: 0.10 for each lot. Were the first paid in full, 1.00 would lack for each lot of the last.
    expect((await pro.health(isolated(bankrupt))).pnl).to.equal(usd("-3000"));
    const refused = ["Skipped", "WouldLeaveDeficit"];
    expect(await answer(world, pro.closeSettled(BTC, bankrupt, first, 900n))).to.deep.equal(refused);
    expect(await pro.position(first, BTC)).to.deep.equal([-900n, usd("-90000")]);

    // With what it lacked it is settled.
    await pro.setIsolated(bankrupt, BTC, usd("3000"));
    expect(await answer(world, pro.closeSettled(BTC, bankrupt, first, 900n))).to.deep.equal(["Settled", "None"]);
  });

  it("R71: nor is all of it, while another position of its scope stays behind with the debt", async () => {
    const world = await loadFixture(deployWorld);
    const { pro } = world;
    await listMarket(pro);
    for (const market of [BTC, 1]) await setIndex(world, "100000", market);
    const bankrupt = await account(world, "2900");
    await hold(world, bankrupt, -BITCOIN, "97000");
    await hold(world, bankrupt, 10n, "100000", 1);
    const winner = await account(world, "10000");
    await hold(world, winner, BITCOIN, "97000");
    await settle(world, "100000", "100000");
    const { cash, pnl } = await pro.health(cross(bankrupt));
    expect(cash + pnl).to.equal(usd("-100"));
    expect(await answer(world, pro.closeSettled(BTC, winner, bankrupt, BITCOIN))).to.deep.equal([
      "Skipped",
      "WouldLeaveDeficit",
    ]);
  });

  it("R72: for a candidate of one lot the fund pays a ten-thousandth of it, less than its fees", async () => {
    const world = await loadFixture(deployWorld);
    const { keeper, pro } = world;
    const keepers = await account(world, "0", keeper);
    await setIndex(world, "100000");
    await pro.addToFund(BTC, usd("1000"));
    const bankrupt = await account(world, "290");
    await hold(world, bankrupt, 100n, "100000");
    const candidates: bigint[] = [];
    for (let i = 0; i < 4; i++) {
      const candidate = await account(world, "10");
      await hold(world, candidate, -1n, "100000");
      candidates.push(candidate);
    }
    await setIndex(world, "97000");
    const start = BigInt(await time.latest()) + 10n;
    const at = (seconds: bigint) => setIndexAt(world, "97000", start + seconds);
    await at(0n);
    expect((await attempt(world, pro.liquidate(cross(bankrupt), BTC, ALL, keeper))).outcome).to.equal("Distressed");
    await at(25n);
    await pro.liquidate(cross(bankrupt), BTC, ALL, keeper);
    await at(30n);
    await pro.deleverage(cross(bankrupt), BTC, candidates[0], keeper);
    for (const [index, candidate] of candidates.entries()) {
      await at(50n + 2n * BigInt(index));
      const passed = await attempt(world, pro.deleverage(cross(bankrupt), BTC, candidate, keeper));
      expect(told(passed, "Deleveraged")?.slice(2, 4)).to.deep.equal([candidate, 1n]);
    }
    const paid = (4n * px("97000") * 100_000n) / 10_000n;
    expect(await pro.cashOf(cross(keepers))).to.equal(paid);
    expect(paid < usd("0.2")).to.equal(true);
  });
});

async function loadLens(context: Awaited<ReturnType<typeof deployFunded>>) {
  return { ...context, lens: await ethers.deployContract("ProLens") };
}
