/** Ends of scopes that are hardly ever met: the harness says what cash and positions are. */
import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { px, usd } from "../../../sdk/units";
import type { World } from "./world";
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
  placing,
  quote,
  setIndex,
  setIndexAt,
  told,
} from "./world";

const DAY = 86_400;
const HOUR = 3_600n;
const ALL = 100;
const ALL_ORDERS = 99n;
const REDUCE_ONLY = 2;
/** `OrderEnd` of the contracts. */
const DEFICIT = 8n;
/** Of an order cancelled for a stretched scope. */
const PAY = "0.02";

const now = async () => BigInt(await time.latest());

async function deploy() {
  const world = await deployWorld();
  await setIndex(world, "97000");
  return { ...world, keeperAccount: await account(world, "0", world.keeper) };
}

/** An account with so much cash in a scope that an order of 960 dollars stretches. */
async function stretched(world: World, isIsolated: boolean, cash: string) {
  const trader = await account(world, isIsolated ? "0" : cash);
  if (isIsolated) await world.pro.setIsolated(trader, BTC, usd(cash));
  const scope = isIsolated ? isolated(trader) : cross(trader);
  const id = await quote(world, trader, { lots: 10n, tick: 96_000n, isBid: true });
  await setIndex(world, "97000");
  const cancel = () => attempt(world, world.pro.cancelStretched(scope, [id], world.keeper));
  return { trader, scope, cancel };
}

describe("the pay for orders of a stretched scope", () => {
  it("is not due at level 3, when nothing is cancelled", async () => {
    const world = await loadFixture(deploy);
    const { cancel } = await stretched(world, false, "1");
    await world.breaker.raise(3);
    const { outcome, reason } = await cancel();
    expect([outcome, reason]).to.deep.equal(["Skipped", "BreakerRaised"]);
  });

  it("is no more than the cash that there is, and nothing where there is none", async () => {
    for (const [cash, paid] of [
      ["0.01", "0.01"],
      ["0", "0"],
      ["-5", "0"],
    ] as const) {
      const world = await loadFixture(deploy);
      const { cancel, scope } = await stretched(world, false, cash);
      const done = await cancel();
      expect([done.outcome, done.reason], cash).to.deep.equal(["Cancelled", "None"]);
      expect(told(done, "KeeperPaid")?.[2] ?? 0n, cash).to.equal(usd(paid));
      expect(await world.pro.cashOf(scope), cash).to.equal(usd(cash) - usd(paid));
      expect(await world.pro.cashOf(cross(world.keeperAccount)), cash).to.equal(usd(paid));
    }
  });

  it("comes out of an isolated scope that has a position, or another order", async () => {
    const world = await loadFixture(deploy);
    const { cancel, scope, trader } = await stretched(world, true, "30");
    await hold(world, trader, 1n, "97000");
    await setIndex(world, "97000");
    const done = await cancel();
    expect(told(done, "KeeperPaid")?.slice(1)).to.deep.equal([scope, usd(PAY)]);
    expect([await world.pro.cashOf(scope), await world.pro.cashOf(cross(trader))]).to.deep.equal([usd("29.98"), 0n]);

    const other = await stretched(world, true, "30");
    await quote(world, other.trader, { lots: 10n, tick: 95_000n, isBid: true });
    await setIndex(world, "97000");
    expect(told(await other.cancel(), "KeeperPaid")?.slice(1)).to.deep.equal([other.scope, usd(PAY)]);
    expect(await world.pro.cashOf(other.scope)).to.equal(usd("29.98"));
  });

  it("follows the cash of an isolated scope to the cross one, where the last order took it", async () => {
    const world = await loadFixture(deploy);
    const { cancel, scope, trader } = await stretched(world, true, "30");
    const done = await cancel();
    expect(told(done, "IsolatedReturned")).to.deep.equal([trader, BigInt(BTC), usd("30")]);
    expect(told(done, "KeeperPaid")?.slice(1)).to.deep.equal([scope, usd(PAY)]);
    expect([await world.pro.cashOf(scope), await world.pro.cashOf(cross(trader))]).to.deep.equal([0n, usd("29.98")]);
  });
});

describe("liquidation: at its edges", () => {
  it("takes orders off for whoever names a market without a position, without an index, or none at all", async () => {
    const world = await loadFixture(deploy);
    const { keeper, pro } = world;
    await listMarket(pro);
    for (const market of [1, 7]) {
      const trader = await account(world, "0");
      await hold(world, trader, 10n, "100000");
      await quote(world, trader, { lots: 10n, tick: 96_000n, isBid: true });
      await setIndex(world, "97000");
      const step = await attempt(world, pro.liquidate(cross(trader), market, ALL, keeper));
      expect([step.outcome, step.reason]).to.deep.equal(["Cancelled", "None"]);
      expect((await pro.accountWord(trader)).orders).to.equal(0n);
      expect(await pro.markOf(market)).to.equal(0n);
    }
  });

  it("reduces one of four positions that are alike", async () => {
    const world = await loadFixture(deploy);
    const { keeper, pro } = world;
    for (let market = 1; market < 4; market++) await listMarket(pro);
    const trader = await account(world, "1");
    for (let market = 0; market < 4; market++) await hold(world, trader, BITCOIN / 4n, "97000", market);
    for (let market = 0; market < 4; market++) await setIndex(world, "97000", market);
    expect(await answer(world, pro.liquidate(cross(trader), 2, ALL, keeper))).to.deep.equal(["Distressed", "None"]);
  });

  it("finds no order at a bankruptcy price beyond all ticks", async () => {
    const world = await loadFixture(deploy);
    const { keeper, pro } = world;
    const trader = await account(world, "-20000");
    await hold(world, trader, 1n, "97000");
    const maker = await account(world, "1000000");
    await quote(world, maker, { lots: BITCOIN, tick: 96_990n, isBid: true });
    await setIndex(world, "97000");
    const step = await attempt(world, pro.liquidate(cross(trader), BTC, ALL, keeper));
    expect([step.outcome, told(step, "Taken")]).to.deep.equal(["Distressed", undefined]);
    expect((await pro.position(trader, BTC)).lots).to.equal(1n);
  });

  it("sells no more at once than an order has lots", async () => {
    const world = await loadFixture(deploy);
    const { keeper, pro } = world;
    await listMarket(pro);
    const trader = await account(world, "1");
    const held = (1n << 48n) + 5n;
    await hold(world, trader, held, "1", 1);
    const maker = await account(world, "1000000");
    await setIndex(world, "1", 1);
    await quote(world, maker, { lots: BITCOIN * BITCOIN, tick: 1n, isBid: true, market: 1 });
    await setIndex(world, "1", 1);
    expect((await attempt(world, pro.liquidate(cross(trader), 1, ALL, keeper))).outcome).to.equal("Distressed");
    expect((await pro.position(trader, 1)).lots).to.equal(held - BITCOIN * BITCOIN);
  });
});

describe("a maker whom a fill would leave with nothing but a debt", () => {
  for (const isIsolated of [false, true]) {
    it(`is dropped with his order unfilled: ${isIsolated ? "isolated" : "cross"}`, async () => {
      const world = await loadFixture(deploy);
      const { pro } = world;
      const maker = await account(world, "0");
      if (isIsolated) await pro.setIsolated(maker, BTC, 0n);
      await hold(world, maker, 10n, "100000");
      const id = await quote(world, maker, { lots: 10n, tick: 97_010n, isBid: false });
      await setIndex(world, "97000");
      const taker = await account(world, "1000000");
      const taking = placing({ lots: 10n, tick: 97_010n, isBid: true }) | (ALL_ORDERS << 48n);
      const receipt = await (await pro.place(taker, taking)).wait();
      const logs = receipt?.logs.map((log) => pro.interface.parseLog(log)).filter((log) => log !== null) ?? [];
      expect(logs.find(({ name }) => name === "OrderRemoved")?.args.toArray()).to.deep.equal([id, DEFICIT]);
      expect(await pro.position(maker, BTC)).to.deep.equal([10n, usd("1000")]);
      expect(await pro.position(taker, BTC)).to.deep.equal([0n, 0n]);
    });
  }
});

describe("deleveraging and shared losses: at their edges", () => {
  /** Long one lot of 1,100 dollars without equity, against one short lot from 2,200,000. */
  it("takes a single lot of more than 1,000 dollars only once there is no threshold", async () => {
    const world = await loadFixture(deploy);
    const { keeper, pro } = world;
    await setIndex(world, "1100000");
    const trader = await account(world, "-1");
    await hold(world, trader, 1n, "1100000");
    const winner = await account(world, "0");
    await hold(world, winner, -1n, "2200000");
    const start = (await now()) + 5n;
    for (const [seconds, expected] of [
      [0n, ["Skipped", "ScoreTooLow"]],
      [25n, ["Skipped", "ScoreTooLow"]],
      [44n, ["Skipped", "ScoreTooLow"]],
      [47n, ["Deleveraged", "None"]],
    ] as const) {
      await setIndexAt(world, "1100000", start + seconds);
      expect(await answer(world, pro.deleverage(cross(trader), BTC, winner, keeper)), `${seconds} s`).to.deep.equal(
        expected,
      );
    }
  });

  /** A bankrupt long and a short, 45 s after the clock began to run. */
  async function deployLasting(cash: string, lots: bigint) {
    const world = await deploy();
    const { keeper, pro } = world;
    const trader = await account(world, "0");
    await hold(world, trader, 1n, "97000");
    await pro.setCash(trader, usd("-5"));
    const short = await account(world, cash);
    await hold(world, short, -lots, "97000");
    const start = (await now()) + 5n;
    await setIndexAt(world, "97000", start);
    await pro.deleverage(cross(trader), BTC, short, keeper);
    await setIndexAt(world, "97000", start + 25n);
    await pro.deleverage(cross(trader), BTC, short, keeper);
    await setIndexAt(world, "97000", start + 46n);
    return { world, trader, short };
  }
  const deployPoor = () => deployLasting("1", 1n);
  const deployRich = () => deployLasting("1000", 1n);

  it("shares no loss with a counterparty whom it would leave with nothing but a debt", async () => {
    const { short, trader, world } = await loadFixture(deployPoor);
    expect(await answer(world, world.pro.shareLoss(cross(trader), BTC, short))).to.deep.equal([
      "Skipped",
      "WouldLeaveDeficit",
    ]);
    expect((await world.pro.position(short, BTC)).lots).to.equal(-1n);
  });

  it("turns a market to reductions that has not turned to them yet, and no other", async () => {
    const { short, trader, world } = await loadFixture(deployRich);
    const { pro } = world;
    await pro.setStatus(BTC, REDUCE_ONLY, false);
    await setIndex(world, "97000");
    const shared = await attempt(world, pro.shareLoss(cross(trader), BTC, short));
    expect([shared.outcome, shared.reason]).to.deep.equal(["LossShared", "None"]);
    expect(told(shared, "LossShared")?.slice(2)).to.deep.equal([usd("5"), usd("5")]);
    expect(told(shared, "MarketStatusSet")).to.equal(undefined);
    expect(await pro.statusOf(BTC)).to.equal(BigInt(REDUCE_ONLY));
  });
});

describe("funding through a halt", () => {
  it("owes nothing for the seconds in which the breaker's clock stood", async () => {
    const world = await loadFixture(deploy);
    const { breaker, pro } = world;
    await listMarket(pro, { interestPips: 100n });
    const start = ((await now()) / HOUR + 2n) * HOUR;
    await setIndexAt(world, "97000", start, 1);
    await pro.setIndex(1, px("97000"), start, true);
    const before = (await pro.indices(1)).long;
    await breaker.setHalted(60n, start + 80n);
    await time.setNextBlockTimestamp(start + 100n);
    await pro.setIndex(1, px("97000"), start + 100n, true);
    // A basis point in eight hours, of 97 dollars for each lot, for 40 s.
    expect((await pro.indices(1)).long - before).to.equal((usd("97") * 40n) / (10_000n * 28_800n));
  });
});

describe("delisting", () => {
  it("a second time does not begin its day anew", async () => {
    const world = await loadFixture(deploy);
    const { pro, quotes, keeper } = world;
    await pro.setStatus(BTC, REDUCE_ONLY, true);
    await time.increase(DAY - 100);
    await pro.setStatus(BTC, REDUCE_ONLY, true);
    await time.increase(200);
    await quotes.setTick(keeper, 1, px("98000"), await time.latest(), true);
    expect(await answer(world, pro.beginSettling(BTC, keeper, 0))).to.deep.equal(["Settled", "None"]);
  });
});

describe("the widths of words", () => {
  it("hold indices of either sign, open interest, funds and fees", async () => {
    const world = await loadFixture(deploy);
    const { pro } = world;
    const index = (1n << 79n) - 1n;
    await pro.charge(BTC, false, index);
    await expect(pro.charge(BTC, false, 1n))
      .to.be.revertedWithCustomError(pro, "MarketWords_Overflow")
      .withArgs(1n, index);
    const most = (1n << 63n) - 1n;
    for (let i = 0; i < 2; i++) await pro.addPosition(await account(world, "1"), BTC, most, 0);
    await expect(pro.addPosition(await account(world, "1"), BTC, 2n, 0))
      .to.be.revertedWithCustomError(pro, "MarketWords_Overflow")
      .withArgs(1n << 64n, (1n << 64n) - 1n);
    await expect(pro.addToFund(BTC, 1n << 112n))
      .to.be.revertedWithCustomError(pro, "MarketWords_Overflow")
      .withArgs(1n << 112n, (1n << 112n) - 1n);
    const taker = await account(world, "1");
    await expect(pro.bookFees(taker, BTC, 1n << 96n, 0n))
      .to.be.revertedWithCustomError(pro, "MarketWords_Overflow")
      .withArgs(1n << 96n, (1n << 96n) - 1n);
  });

  it("hold 64 bits of lots of a position", async () => {
    const world = await loadFixture(deploy);
    const id = await account(world, "1");
    await expect(world.pro.addPosition(id, BTC, 1n << 63n, 0))
      .to.be.revertedWithCustomError(world.pro, "PositionWord_Overflow")
      .withArgs(1n << 63n, 0, 0);
  });
});
