import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { BTC_MARKET, maintenanceMargin, valueOf } from "../../../sdk/model/pro";
import { px, usd } from "../../../sdk/units";
import type { World } from "./world";
import {
  BITCOIN,
  BTC,
  account,
  answer,
  attempt,
  collateralOf,
  cross,
  deployWorld,
  hold,
  isolated,
  listMarket,
  maker,
  quote,
  setIndex,
  setIndexAt,
  told,
} from "./world";

const DAY = 86_400;
const ALL = 100;

/** Long 1 BTC from 100,000 at a mark of 97,000, against a short that can bear it, and a maker. */
async function longAt(world: World, equity: string, lots = BITCOIN) {
  const loss = (3_000n * lots) / BITCOIN;
  const trader = await account(world, "0");
  await world.pro.setCash(trader, usd(equity) + loss * usd("1"));
  await hold(world, trader, lots, "100000");
  const short = await account(world, "1000000");
  await hold(world, short, -lots, "100000");
  return { trader, short };
}

async function deploy() {
  const world = await deployWorld();
  const keeperAccount = await account(world, "0", world.keeper);
  const bidder = await maker(world);
  await setIndex(world, "97000");
  return { ...world, bidder, keeperAccount };
}

/** With a fund that held so much when the hour and the day began. */
async function deployFunded(fund: string) {
  const world = await deploy();
  await world.pro.addToFund(BTC, usd(fund));
  await time.increase(DAY);
  await setIndex(world, "97000");
  return world;
}
const deployRich = () => deployFunded("100000");
const deployPoor = () => deployFunded("1000");

const now = async () => BigInt(await time.latest());

describe("LiquidationLogic", () => {
  describe("published vectors", () => {
    it("8: equity 200 closes all, down to 96,950 at first", async () => {
      const world = await loadFixture(deploy);
      const { bidder, keeper, keeperAccount, pro } = world;
      const { short, trader } = await longAt(world, "200");
      const everybody = [trader, short, bidder, keeperAccount];
      await quote(world, bidder, { lots: BITCOIN, tick: 96_949n, isBid: true });
      await setIndex(world, "97000");
      const first = await attempt(world, pro.liquidate(cross(trader), BTC, ALL, keeper));
      expect([first.outcome, first.reason]).to.deep.equal(["Distressed", "None"]);
      expect(await pro.distress(cross(trader))).to.deep.equal([first.at, first.at, 0n, 0n]);

      await quote(world, bidder, { lots: BITCOIN, tick: 96_960n, isBid: true });
      const before = await collateralOf(world, everybody);
      await setIndex(world, "97000");
      const step = await attempt(world, pro.liquidate(cross(trader), BTC, ALL, keeper));
      expect([step.outcome, step.reason]).to.deep.equal(["Reduced", "None"]);
      expect(told(step, "ScopeReduced")).to.deep.equal([
        cross(trader),
        BigInt(BTC),
        BITCOIN,
        usd("38.784") + usd("48.48"),
        0n,
      ]);
      expect(await pro.cashOf(cross(trader))).to.equal(usd("72.736"));
      expect(await pro.cashOf(cross(keeperAccount))).to.equal(usd("12.12"));
      // A fifth of the taker's fee and three quarters of the liquidation's; the maker's fee is 5 pips of ten thousand.
      const toFund = usd("38.784") / 5n + usd("36.36");
      expect(await pro.funds(BTC)).to.deep.equal([
        toFund,
        usd("38.784") + usd("48.48") - usd("12.12") - toFund + usd("4.848"),
      ]);
      expect(await pro.position(trader, BTC)).to.deep.equal([0n, 0n]);
      expect(await pro.distress(cross(trader)), "no position, no distress").to.deep.equal([0n, 0n, 0n, 0n]);
      expect(await pro.accountWord(trader)).to.deep.equal([0n, 0n, 0n]);
      expect(await collateralOf(world, everybody)).to.equal(before);
    });

    it("8: equity 300 leads to the next lower tier and leaves 223.740055", async () => {
      const world = await loadFixture(deploy);
      const { bidder, keeper, keeperAccount, pro } = world;
      const { trader } = await longAt(world, "300");
      await quote(world, bidder, { lots: BITCOIN, tick: 96_924n, isBid: true });
      const at = (await now()) + 5n;
      await setIndexAt(world, "97000", at);
      expect(await answer(world, pro.liquidate(cross(trader), BTC, ALL, keeper))).to.deep.equal(["Distressed", "None"]);

      await quote(world, bidder, { lots: BITCOIN, tick: 96_930n, isBid: true });
      await setIndexAt(world, "97000", at + 10n);
      const step = await attempt(world, pro.liquidate(cross(trader), BTC, ALL, keeper));
      expect(step.outcome).to.equal("Reduced");
      expect(told(step, "ScopeReduced")?.slice(2)).to.deep.equal([485n, usd("18.80442") + usd("23.505525"), 0n]);
      const { cash, maintenance, pnl } = await pro.health(cross(trader));
      expect([cash + pnl, maintenance]).to.deep.equal([usd("223.740055"), usd("124.8875")]);
      expect(await pro.cashOf(cross(keeperAccount))).to.equal(usd("5.87638125"));
    });

    it("8: after 10 s of distress the bound is 96,825", async () => {
      const world = await loadFixture(deploy);
      const { bidder, keeper, pro } = world;
      const { trader } = await longAt(world, "300");
      const at = (await now()) + 5n;
      await setIndexAt(world, "97000", at);
      await pro.liquidate(cross(trader), BTC, ALL, keeper);
      await quote(world, bidder, { lots: BITCOIN, tick: 96_824n, isBid: true });
      await setIndexAt(world, "97000", at + 10n);
      const short = await attempt(world, pro.liquidate(cross(trader), BTC, ALL, keeper));
      expect([short.outcome, told(short, "ScopeReduced")]).to.deep.equal(["Distressed", undefined]);
    });

    it("8: equity 600 is not liquidatable", async () => {
      const world = await loadFixture(deploy);
      const { keeper, pro } = world;
      const { trader } = await longAt(world, "600");
      await setIndex(world, "97000");
      const refused = await answer(world, pro.liquidate(cross(trader), BTC, ALL, keeper));
      expect(refused).to.deep.equal(["Skipped", "NotLiquidatable"]);
    });

    it("2: isolated, 2 BTC at 100,000, falls due just below 98,429.6482412", async () => {
      const world = await loadFixture(deploy);
      const { keeper, pro } = world;
      const trader = await account(world, "0");
      await pro.setIsolated(trader, BTC, usd("4000"));
      await hold(world, trader, 2n * BITCOIN, "100000");
      await setIndex(world, "98429.6482413");
      const attemptIt = () => answer(world, pro.liquidate(isolated(trader), BTC, ALL, keeper));
      expect(await attemptIt()).to.deep.equal(["Skipped", "NotLiquidatable"]);
      await setIndex(world, "98429.6482411");
      expect(await attemptIt()).to.deep.equal(["Distressed", "None"]);
    });
  });

  describe("the moment", () => {
    it("refuses by name what it can't do", async () => {
      const world = await loadFixture(deploy);
      const { breaker, keeper, pro } = world;
      const { trader } = await longAt(world, "200");
      await setIndex(world, "97000");
      const liquidate = (most = ALL) => answer(world, pro.liquidate(cross(trader), BTC, most, keeper));
      expect(await liquidate(0)).to.deep.equal(["Skipped", "NoFillsAllowed"]);
      expect(await liquidate(101)).to.deep.equal(["Skipped", "NoFillsAllowed"]);
      await time.increase(10);
      expect(await liquidate()).to.deep.equal(["Skipped", "IndexStale"]);
      await pro.setIndex(BTC, px("97000"), await time.latest(), false);
      expect(await liquidate()).to.deep.equal(["Skipped", "SequencerNotReady"]);
      await setIndex(world, "97000");
      await breaker.raise(3);
      expect(await liquidate()).to.deep.equal(["Skipped", "BreakerRaised"]);
      await breaker.raise(2);
      expect(await liquidate()).to.deep.equal(["Distressed", "None"]);
    });

    it("R56: waits for the grace after a halt", async () => {
      const world = await loadFixture(deploy);
      const { breaker, keeper, pro } = world;
      const { short, trader } = await longAt(world, "-200");
      await breaker.setGrace(true, await time.latest());
      await setIndex(world, "97000");
      const scope = cross(trader);
      const waiting = ["Skipped", "LiquidationGrace"];
      expect(await answer(world, pro.liquidate(scope, BTC, ALL, keeper))).to.deep.equal(waiting);
      expect(await answer(world, pro.deleverage(scope, BTC, short, keeper))).to.deep.equal(waiting);
      expect(await answer(world, pro.shareLoss(scope, BTC, short))).to.deep.equal(waiting);
      await breaker.setGrace(false, 0);
      expect(await answer(world, pro.liquidate(scope, BTC, ALL, keeper))).to.deep.equal(["Distressed", "None"]);
    });

    it("R34: takes no healthy scope for a due one: a missing tick, the wrong market, another mode's scope", async () => {
      const world = await loadFixture(deploy);
      const { bidder, keeper, pro } = world;
      await listMarket(pro);
      const { trader } = await longAt(world, "-500");
      // The gain of the second market makes up for it.
      await hold(world, trader, BITCOIN, "90000", 1);
      await setIndex(world, "97000", 1);
      await setIndex(world, "97000");
      const liquidate = (scope: bigint, market = BTC) => answer(world, pro.liquidate(scope, market, ALL, keeper));
      expect(await liquidate(cross(trader))).to.deep.equal(["Skipped", "NotLiquidatable"]);
      await time.increase(5);
      await setIndex(world, "97000");
      expect(await liquidate(cross(trader)), "without the tick of the second market").to.deep.equal([
        "Skipped",
        "IndexStale",
      ]);
      await setIndex(world, "90000", 1);
      await setIndex(world, "97000");
      expect(await liquidate(isolated(trader)), "no isolated scope").to.deep.equal(["Skipped", "PositionMissing"]);
      expect(await liquidate(cross(trader), 2), "no such market").to.deep.equal(["Skipped", "PositionMissing"]);
      expect(await liquidate(cross(bidder)), "no position at all").to.deep.equal(["Skipped", "NotLiquidatable"]);
      expect(await liquidate(isolated(trader, 7)), "an unlisted one").to.deep.equal(["Skipped", "PositionMissing"]);
      await setIndex(world, "90000", 1);
      await setIndex(world, "97000");
      expect(await liquidate(cross(trader))).to.deep.equal(["Distressed", "None"]);
    });

    it("R74: needs no price of a market where no more than orders rest: they shield nobody", async () => {
      const world = await loadFixture(deploy);
      const { keeper, pro } = world;
      await listMarket(pro);
      const { short, trader } = await longAt(world, "-200");
      await setIndex(world, "97000", 1);
      const id = await quote(world, trader, { lots: 10n, tick: 96_000n, isBid: true, market: 1 });
      // The second market's feed is dead from here on.
      await time.increase(DAY);
      await setIndex(world, "97000");
      const scope = cross(trader);
      expect(await answer(world, pro.cancelStretched(scope, [id], keeper))).to.deep.equal(["Skipped", "IndexStale"]);
      expect(await answer(world, pro.deleverage(scope, BTC, short, keeper))).to.deep.equal(["Skipped", "OrdersRest"]);
      expect(await answer(world, pro.shareLoss(scope, BTC, short))).to.deep.equal(["Skipped", "OrdersRest"]);
      const step = () => attempt(world, pro.liquidate(scope, BTC, ALL, keeper));
      const first = await step();
      expect([first.outcome, first.logs.filter(({ name }) => name === "OrderRemoved").length]).to.deep.equal([
        "Cancelled",
        1,
      ]);
      await setIndex(world, "97000");
      expect((await step()).outcome).to.equal("Distressed");
      // Where it holds something the price is asked for.
      await hold(world, trader, BITCOIN, "97000", 1);
      await setIndex(world, "97000");
      expect(await answer(world, pro.liquidate(scope, BTC, ALL, keeper))).to.deep.equal(["Skipped", "IndexStale"]);
      await setIndex(world, "97000", 1);
      await setIndex(world, "97000");
      expect(await answer(world, pro.liquidate(scope, BTC, ALL, keeper))).to.deep.equal(["Distressed", "None"]);
    });

    it("R34: an isolated position is none of the cross scope's", async () => {
      const world = await loadFixture(deploy);
      const { keeper, pro } = world;
      await listMarket(pro);
      await setIndex(world, "97000", 1);
      const { trader } = await longAt(world, "-500");
      await pro.setIsolated(trader, 1, usd("100000"));
      await hold(world, trader, BITCOIN, "97000", 1);
      await setIndex(world, "97000");
      const refused = await answer(world, pro.liquidate(cross(trader), 1, ALL, keeper));
      expect(refused).to.deep.equal(["Skipped", "PositionMissing"]);
    });
  });

  describe("orders first", () => {
    it("cancels up to so many a call, and does nothing else while one rests", async () => {
      const world = await loadFixture(deploy);
      const { bidder, keeper, pro } = world;
      const { trader } = await longAt(world, "200");
      await quote(world, bidder, { lots: BITCOIN, tick: 96_960n, isBid: true });
      for (const tick of [96_000n, 96_100n, 96_200n]) await quote(world, trader, { lots: 10n, tick, isBid: true });
      await setIndex(world, "97000");
      const liquidate = () => attempt(world, pro.liquidate(cross(trader), BTC, 2, keeper));
      const first = await liquidate();
      expect([first.outcome, first.reason]).to.deep.equal(["Cancelled", "None"]);
      expect(first.logs.filter(({ name }) => name === "OrderRemoved")).to.have.length(2);
      expect((await pro.accountWord(trader)).orders).to.equal(1n);
      const second = await liquidate();
      expect(second.outcome).to.equal("Cancelled");
      expect(await pro.position(trader, BTC), "no step yet").to.deep.equal([BITCOIN, usd("100000")]);
      expect((await liquidate()).outcome).to.equal("Reduced");
    });

    it("R35: 64 orders in one call and a step over 16 markets fit 10M gas", async () => {
      const world = await loadFixture(deploy);
      const { bidder, keeper, pro } = world;
      for (let market = 1; market < 16; market++) await listMarket(pro);
      const { trader } = await longAt(world, "-100");
      const all = Array.from({ length: 16 }, (_, market) => market);
      for (const market of all) {
        await setIndex(world, "97000", market);
        if (market > 0) await hold(world, trader, BITCOIN / 10n, "97000", market);
        for (let i = 0n; i < 4n; i++) {
          await quote(world, trader, { lots: 10n, tick: 96_000n + i, isBid: true, market });
        }
      }
      await setIndex(world, "97000");
      await quote(world, bidder, { lots: BITCOIN, tick: 97_100n, isBid: true });
      const fresh = async () => {
        const at = (await now()) + 20n;
        for (const market of all) await pro.setIndex(market, px("97000"), at, true);
        await time.setNextBlockTimestamp(at + 1n);
      };
      await fresh();
      const cancelled = await attempt(world, pro.liquidate(cross(trader), BTC, ALL, keeper));
      expect(cancelled.outcome).to.equal("Cancelled");
      expect((await pro.accountWord(trader)).orders).to.equal(0n);
      expect(cancelled.gasUsed).to.be.lessThan(10_000_000n);
      await fresh();
      const step = await attempt(world, pro.liquidate(cross(trader), BTC, ALL, keeper));
      expect(step.outcome).to.equal("Reduced");
      expect(step.gasUsed).to.be.lessThan(10_000_000n);
    });
  });

  describe("steps", () => {
    it("reduces only a position whose margin is at least half of the largest", async () => {
      const world = await loadFixture(deploy);
      const { keeper, pro } = world;
      for (let market = 1; market < 4; market++) await listMarket(pro);
      const { trader } = await longAt(world, "200");
      for (let market = 1; market < 4; market++) await hold(world, trader, BITCOIN / 4n, "97000", market);
      for (let market = 0; market < 4; market++) await setIndex(world, "97000", market);
      const liquidate = (market: number) => answer(world, pro.liquidate(cross(trader), market, ALL, keeper));
      expect(await liquidate(1)).to.deep.equal(["Skipped", "PositionNotDue"]);
      expect(await liquidate(BTC)).to.deep.equal(["Distressed", "None"]);
    });

    it("R49, Pro 15: pauses 10 s after a step that exhausted the book", async () => {
      const world = await loadFixture(deploy);
      const { bidder, keeper, pro } = world;
      const { trader } = await longAt(world, "300");
      await quote(world, bidder, { lots: 10n, tick: 96_930n, isBid: true });
      const at = (await now()) + 5n;
      await setIndexAt(world, "97000", at);
      const liquidate = () => answer(world, pro.liquidate(cross(trader), BTC, ALL, keeper));
      expect(await liquidate()).to.deep.equal(["Distressed", "None"]);
      expect(await pro.steppedAt(trader, BTC)).to.equal(at);
      await quote(world, bidder, { lots: BITCOIN, tick: 96_930n, isBid: true });
      await setIndexAt(world, "97000", at + 9n);
      expect(await liquidate()).to.deep.equal(["Skipped", "StepTooSoon"]);
      expect((await pro.distress(cross(trader))).seen, "seen nevertheless").to.equal(at + 9n);
      await time.setNextBlockTimestamp(at + 10n);
      expect(await liquidate()).to.deep.equal(["Reduced", "None"]);
    });

    it("does not pause where less than two thirds of the margin are left", async () => {
      const world = await loadFixture(deploy);
      const { bidder, keeper, pro } = world;
      const { trader } = await longAt(world, "200");
      await quote(world, bidder, { lots: 10n, tick: 96_960n, isBid: true });
      await setIndex(world, "97000");
      const liquidate = () => answer(world, pro.liquidate(cross(trader), BTC, ALL, keeper));
      expect(await liquidate()).to.deep.equal(["Distressed", "None"]);
      await quote(world, bidder, { lots: BITCOIN, tick: 96_960n, isBid: true });
      expect(await liquidate()).to.deep.equal(["Reduced", "None"]);
    });

    it("R63, R38: a step that maxFills ended neither pauses nor counts as distress", async () => {
      const world = await loadFixture(deploy);
      const { bidder, keeper, pro } = world;
      const { trader } = await longAt(world, "300");
      const expiry = (await now()) + 10n;
      const stuffed = await maker(world);
      for (let i = 0; i < 3; i++) {
        await quote(world, stuffed, { lots: 10n, tick: 96_999n, isBid: true, expiry });
      }
      await quote(world, bidder, { lots: BITCOIN, tick: 96_930n, isBid: true });
      await setIndexAt(world, "97000", expiry + 2n);
      const liquidate = (most: number) => answer(world, pro.liquidate(cross(trader), BTC, most, keeper));
      expect(await liquidate(2), "removed two").to.deep.equal(["Skipped", "NothingFilled"]);
      expect((await pro.distress(cross(trader))).since).to.equal(0n);
      expect(await pro.steppedAt(trader, BTC)).to.equal(0n);
      expect(await liquidate(2), "the third and a fill").to.deep.equal(["Reduced", "None"]);
      expect((await pro.distress(cross(trader))).since).to.equal(0n);
    });

    it("R37, R64: a friend's bid at the bankruptcy price comes last, and not before 22.5 s", async () => {
      const world = await loadFixture(deploy);
      const { bidder, keeper, pro } = world;
      const { trader } = await longAt(world, "200");
      const friend = await maker(world);
      await quote(world, friend, { lots: BITCOIN, tick: 96_800n, isBid: true });
      const start = (await now()) + 5n;
      const lotsAt = async (seconds: bigint) => {
        await setIndexAt(world, "97000", start + seconds);
        const step = await attempt(world, pro.liquidate(cross(trader), BTC, ALL, keeper));
        return told(step, "ScopeReduced")?.[2] ?? 0n;
      };
      expect(await lotsAt(0n)).to.equal(0n);
      expect(await lotsAt(22n), "at 59 sixtieths of the way").to.equal(0n);
      await quote(world, bidder, { lots: 400n, tick: 96_810n, isBid: true });
      expect(await lotsAt(26n)).to.equal(BITCOIN);
      expect((await pro.position(bidder, BTC)).lots, "who bids more is first").to.equal(400n);
      expect((await pro.position(friend, BTC)).lots).to.equal(600n);
      const { cash } = await pro.health(cross(trader));
      expect(cash, "never below nothing").to.be.at.least(0n);
    });

    it("closes a short symmetrically", async () => {
      const world = await loadFixture(deploy);
      const { bidder, keeper, pro } = world;
      const { short, trader } = await longAt(world, "1000000");
      await pro.setCash(short, usd("-2800"));
      await quote(world, bidder, { lots: BITCOIN, tick: 97_040n, isBid: false });
      await setIndex(world, "97000");
      const step = await attempt(world, pro.liquidate(cross(short), BTC, ALL, keeper));
      expect(step.outcome).to.equal("Reduced");
      // 200 of equity, less 40 of slippage and fees of 38.816 and 48.52.
      expect(await pro.cashOf(cross(short))).to.equal(usd("200") - usd("40") - usd("38.816") - usd("48.52"));
      expect(await pro.position(trader, BTC)).to.deep.equal([BITCOIN, usd("100000")]);
    });

    it("R33: liquidating oneself saves no fee", async () => {
      const world = await loadFixture(deploy);
      const { bidder, pro } = world;
      const owner = `0x${"aa".padStart(40, "0")}`;
      const trader = await account(world, "3200", owner, 1);
      await hold(world, trader, BITCOIN, "100000");
      const own = await account(world, "0", owner, 0);
      const ownBids = await account(world, "1000000", owner, 2);
      await quote(world, ownBids, { lots: BITCOIN, tick: 96_990n, isBid: true });
      await quote(world, bidder, { lots: BITCOIN, tick: 96_960n, isBid: true });
      await setIndex(world, "97000");
      const step = await attempt(world, pro.liquidate(cross(trader), BTC, ALL, owner));
      expect(step.outcome).to.equal("Reduced");
      expect(await pro.position(ownBids, BTC), "its owner's bid is taken off, not filled").to.deep.equal([0n, 0n]);
      const left = (await pro.cashOf(cross(trader))) + (await pro.cashOf(cross(own)));
      const closedByHand = usd("200") - usd("40") - usd("38.784");
      expect(left).to.equal(closedByHand - (usd("48.48") * 3n) / 4n);
    });

    it("Pro 16: takes fees out of what is left, the taker's first, and never more", async () => {
      const world = await loadFixture(deploy);
      const { bidder, keeper, keeperAccount, pro } = world;
      const { trader } = await longAt(world, "90");
      await quote(world, bidder, { lots: BITCOIN, tick: 96_960n, isBid: true });
      const start = (await now()) + 5n;
      await setIndexAt(world, "97000", start);
      await pro.liquidate(cross(trader), BTC, ALL, keeper);
      await setIndexAt(world, "97000", start + 10n);
      expect(await answer(world, pro.liquidate(cross(trader), BTC, ALL, keeper))).to.deep.equal(["Reduced", "None"]);
      expect(await pro.cashOf(cross(trader))).to.equal(0n);
      // 50 are left: 38.784 for the taker's fee, a quarter of the rest for the caller.
      expect(await pro.cashOf(cross(keeperAccount))).to.equal((usd("50") - usd("38.784")) / 4n);
    });
  });

  describe("the fund", () => {
    it("Pro 17: pays what fills beyond the bankruptcy price, and its caller", async () => {
      const world = await loadFixture(deployRich);
      const { bidder, keeper, keeperAccount, pro } = world;
      const { short, trader } = await longAt(world, "-100");
      await quote(world, bidder, { lots: BITCOIN, tick: 97_000n, isBid: true });
      const everybody = [trader, short, bidder, keeperAccount];
      const before = await collateralOf(world, everybody);
      await setIndex(world, "97000");
      const step = await attempt(world, pro.liquidate(cross(trader), BTC, ALL, keeper));
      expect(told(step, "ScopeReduced")?.slice(2)).to.deep.equal([BITCOIN, 0n, usd("100")]);
      expect(await pro.cashOf(cross(trader)), "Pro 17").to.equal(0n);
      expect(await pro.cashOf(cross(keeperAccount))).to.equal(usd("0.2"));
      expect((await pro.funds(BTC)).fund).to.equal(usd("100000") - usd("100.2"));
      expect((await pro.outflows(BTC)).slice(0, 4), "the caller is outside the limits").to.deep.equal([
        usd("100000"),
        usd("100"),
        usd("100000"),
        usd("100"),
      ]);
      expect(await collateralOf(world, everybody)).to.equal(before);
    });

    it("R37: goes no further beyond the mark than 10 bp, and there by 30 s", async () => {
      const world = await loadFixture(deployRich);
      const { bidder, keeper, pro } = world;
      const { trader } = await longAt(world, "-100");
      await quote(world, bidder, { lots: BITCOIN, tick: 96_903n, isBid: true });
      const start = (await now()) + 5n;
      const step = async (seconds: bigint) => {
        await setIndexAt(world, "97000", start + seconds);
        return attempt(world, pro.liquidate(cross(trader), BTC, ALL, keeper));
      };
      expect((await step(0n)).outcome).to.equal("Distressed");
      expect(told(await step(29n), "ScopeReduced"), "96,906.23 after 29 s").to.equal(undefined);
      expect(told(await step(50n), "ScopeReduced")).to.deep.equal([
        cross(trader),
        BigInt(BTC),
        BITCOIN,
        0n,
        usd("100") + usd("97"),
      ]);
      expect(await pro.cashOf(cross(trader))).to.equal(0n);
    });

    it("closes what 5% of it cover for a scope, then no more; R40: a deficit is paid once", async () => {
      const world = await loadFixture(deployPoor);
      const { bidder, keeper, pro } = world;
      const { trader } = await longAt(world, "-100");
      await quote(world, bidder, { lots: BITCOIN, tick: 97_000n, isBid: true });
      await setIndex(world, "97000");
      const liquidate = () => attempt(world, pro.liquidate(cross(trader), BTC, ALL, keeper));
      const first = await liquidate();
      expect(first.outcome).to.equal("Distressed");
      expect(told(first, "ScopeReduced")?.slice(2)).to.deep.equal([500n, 0n, usd("50")]);
      expect((await pro.distress(cross(trader))).paid).to.equal(usd("50"));
      const { cash, pnl } = await pro.health(cross(trader));
      expect(cash + pnl).to.equal(usd("-50"));
      const second = await liquidate();
      expect([second.outcome, told(second, "ScopeReduced")]).to.deep.equal(["Distressed", undefined]);

      await setIndex(world, "97000");
      await quote(world, bidder, { lots: BITCOIN, tick: 97_100n, isBid: true });
      const third = await liquidate();
      expect(told(third, "ScopeReduced"), "at the bankruptcy price it needs no one").to.deep.equal([
        cross(trader),
        BigInt(BTC),
        500n,
        0n,
        0n,
      ]);
      expect(await pro.cashOf(cross(trader))).to.equal(0n);
      expect((await pro.outflows(BTC)).hourPaid).to.equal(usd("50"));
    });

    it("R39, Pro 18: loses at most a fifth an hour, to however many scopes", async () => {
      const world = await loadFixture(deployPoor);
      const { bidder, keeper, pro } = world;
      await quote(world, bidder, { lots: 10n * BITCOIN, tick: 97_000n, isBid: true });
      const paid: bigint[] = [];
      for (let i = 0; i < 7; i++) {
        const { trader } = await longAt(world, "-60");
        await setIndex(world, "97000");
        const step = await attempt(world, pro.liquidate(cross(trader), BTC, ALL, keeper));
        paid.push((told(step, "ScopeReduced")?.[4] as bigint | undefined) ?? 0n);
      }
      const sum = paid.reduce((a, b) => a + b);
      expect(sum).to.be.at.most(usd("200"));
      expect(sum).to.be.greaterThan(usd("199"));
      expect(paid[6]).to.equal(0n);
      expect(await pro.allowance(BTC, 0n)).to.be.lessThan(usd("1"));
    });

    it("renews no limit of a scope that waits 30 s, but that of one that recovered", async () => {
      const world = await loadFixture(deployPoor);
      const { bidder, keeper, pro } = world;
      const { trader } = await longAt(world, "-100");
      await quote(world, bidder, { lots: BITCOIN, tick: 97_000n, isBid: true });
      await setIndex(world, "97000");
      const liquidate = () => attempt(world, pro.liquidate(cross(trader), BTC, ALL, keeper));
      await liquidate();
      await time.increase(40);
      await setIndex(world, "97000");
      const later = await liquidate();
      expect(told(later, "ScopeReduced")).to.equal(undefined);
      const record = await pro.distress(cross(trader));
      expect([record.since, record.paid]).to.deep.equal([later.at, usd("50")]);
      await setIndex(world, "99000");
      expect((await liquidate()).reason).to.equal("NotLiquidatable");
      expect(await pro.distress(cross(trader))).to.deep.equal([0n, 0n, 0n, 0n]);
    });
  });

  describe("distress", () => {
    it("R38: of before a recovery, or unseen for 30 s, begins anew", async () => {
      const world = await loadFixture(deploy);
      const { keeper, pro } = world;
      const { trader } = await longAt(world, "300");
      const start = (await now()) + 5n;
      const step = async (seconds: bigint, price = "97000") => {
        await setIndexAt(world, price, start + seconds);
        return attempt(world, pro.liquidate(cross(trader), BTC, ALL, keeper));
      };
      const record = () => pro.distress(cross(trader));
      const noted = (since: bigint) => [cross(trader), since, 0n];
      expect(told(await step(0n), "DistressNoted")).to.deep.equal(noted(start));
      expect(told(await step(29n), "DistressNoted"), "seen again").to.equal(undefined);
      expect(await record()).to.deep.equal([start, start + 29n, 0n, 0n]);
      const unseen = (await step(59n)).logs.filter(({ name }) => name === "DistressNoted");
      expect(unseen.map(({ args }): unknown[] => args.toArray())).to.deep.equal([noted(0n), noted(start + 59n)]);
      expect(await record(), "unseen for 30 s").to.deep.equal([start + 59n, start + 59n, 0n, 0n]);
      const recovered = await step(70n, "98000");
      expect([recovered.outcome, recovered.reason]).to.deep.equal(["Skipped", "NotLiquidatable"]);
      expect(told(recovered, "DistressNoted")).to.deep.equal(noted(0n));
      expect(await record()).to.deep.equal([0n, 0n, 0n, 0n]);
      expect(told(await step(75n), "DistressNoted")).to.deep.equal(noted(start + 75n));
      expect(await record()).to.deep.equal([start + 75n, start + 75n, 0n, 0n]);
    });
  });

  describe("isolated", () => {
    it("R46, Pro 23: loses at most its cash, and leaves the cross scope alone", async () => {
      const world = await loadFixture(deployRich);
      const { bidder, keeper, pro } = world;
      const trader = await account(world, "5000");
      await pro.setIsolated(trader, BTC, usd("2900"));
      await hold(world, trader, BITCOIN, "100000");
      await quote(world, bidder, { lots: BITCOIN, tick: 97_000n, isBid: true });
      await setIndex(world, "97000");
      const refused = await answer(world, pro.liquidate(cross(trader), BTC, ALL, keeper));
      expect(refused, "the cross scope has no part in it").to.deep.equal(["Skipped", "NotLiquidatable"]);
      const step = await attempt(world, pro.liquidate(isolated(trader), BTC, ALL, keeper));
      expect(told(step, "ScopeReduced")?.slice(2)).to.deep.equal([BITCOIN, 0n, usd("100")]);
      expect(await pro.cashOf(isolated(trader))).to.equal(0n);
      expect(await pro.cashOf(cross(trader))).to.equal(usd("5000"));
    });

    it("returns what the fees leave", async () => {
      const world = await loadFixture(deploy);
      const { bidder, keeper, pro } = world;
      const trader = await account(world, "10");
      await pro.setIsolated(trader, BTC, usd("3200"));
      await hold(world, trader, BITCOIN, "100000");
      await quote(world, bidder, { lots: BITCOIN, tick: 96_960n, isBid: true });
      await setIndex(world, "97000");
      const step = await attempt(world, pro.liquidate(isolated(trader), BTC, ALL, keeper));
      expect(told(step, "IsolatedReturned")).to.deep.equal([trader, BigInt(BTC), usd("72.736")]);
      expect(await pro.cashOf(cross(trader))).to.equal(usd("82.736"));
    });
  });

  it("counts funding up to the moment", async () => {
    const world = await loadFixture(deploy);
    const { bidder, keeper, pro } = world;
    await listMarket(pro, { interestPips: 100n });
    const trader = await account(world, "3200");
    await setIndex(world, "97000", 1);
    await hold(world, trader, BITCOIN, "100000", 1);
    // An hour at a rate of 1 bp for eight: 1.2125.
    const start = await now();
    await time.increaseTo(start + 3_590n);
    await pro.setIndex(1, px("97000"), start + 3_590n, true);
    await quote(world, bidder, { lots: BITCOIN, tick: 96_960n, isBid: true, market: 1 });
    await time.setNextBlockTimestamp(start + 3_596n);
    await pro.setIndex(1, px("97000"), start + 3_596n, true);
    await time.setNextBlockTimestamp(start + 3_600n);
    const step = await attempt(world, pro.liquidate(cross(trader), 1, ALL, keeper));
    expect(step.outcome).to.equal("Reduced");
    const perLot = (await pro.indices(1)).long;
    const owed = perLot * BITCOIN;
    expect(owed).to.be.within(usd("1.2125") - usd("0.001"), usd("1.2125") + usd("0.001"));
    expect(await pro.cashOf(cross(trader))).to.equal(usd("72.736") - owed);
    expect(maintenanceMargin(BTC_MARKET.tiers, valueOf(BTC_MARKET.grid, px("97000"), BITCOIN))).to.equal(usd("360"));
  });
});
