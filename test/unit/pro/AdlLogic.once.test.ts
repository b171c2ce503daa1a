import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { BTC_MARKET, isAdmitted, lossPerLot, NO_FUNDING } from "../../../sdk/model/pro";
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
const REDUCE_ONLY = 2;
const SETTLING = 3n;

const now = async () => BigInt(await time.latest());

async function deploy() {
  const world = await deployWorld();
  const keeperAccount = await account(world, "0", world.keeper);
  return { ...world, keeperAccount };
}

/** Long 1 BTC from 3,000 above the mark, with so much equity left. */
async function bankruptAt(world: World, mark: string, equity: string, lots = BITCOIN) {
  const entry = (BigInt(mark) + 3_000n).toString();
  const trader = await account(world, "0");
  await world.pro.setCash(trader, usd(equity) + (usd("3000") * lots) / BITCOIN);
  await hold(world, trader, lots, entry);
  return trader;
}

/** Attempts at a moment, with a fresh index. */
function at(world: World, mark: string) {
  const { keeper, pro } = world;
  const fresh = (moment: bigint) => setIndexAt(world, mark, moment);
  return {
    liquidate: async (scope: bigint, moment: bigint) => {
      await fresh(moment);
      return attempt(world, pro.liquidate(scope, BTC, ALL, keeper));
    },
    deleverage: async (scope: bigint, candidate: bigint, moment: bigint) => {
      await fresh(moment);
      return attempt(world, pro.deleverage(scope, BTC, candidate, keeper));
    },
    shareLoss: async (scope: bigint, counterparty: bigint, moment: bigint) => {
      await fresh(moment);
      return attempt(world, pro.shareLoss(scope, BTC, counterparty));
    },
  };
}

describe("AdlLogic", () => {
  describe("deleverage", () => {
    it("9, R43: a score of 1/6 is admitted from second 8, at the mark while there is equity", async () => {
      const world = await loadFixture(deploy);
      const { keeperAccount, pro } = world;
      await setIndex(world, "100000");
      await pro.addToFund(BTC, usd("10"));
      const trader = await bankruptAt(world, "100000", "300");
      const winner = await account(world, "5000");
      await hold(world, winner, -200n, "120000");
      const rest = await account(world, "100000");
      await hold(world, rest, -800n, "100000");
      const scope = cross(trader);
      const { deleverage, liquidate } = at(world, "100000");
      const start = (await now()) + 5n;

      expect((await deleverage(scope, winner, start)).reason, "R44: no distress yet").to.equal("DeleveragingNotOpen");
      expect((await liquidate(scope, start + 5n)).outcome).to.equal("Distressed");
      await liquidate(scope, start + 30n);
      expect((await deleverage(scope, winner, start + 34n)).reason, "29 s of it").to.equal("DeleveragingNotOpen");
      const first = await deleverage(scope, winner, start + 37n);
      expect([first.outcome, first.reason]).to.deep.equal(["Skipped", "ScoreTooLow"]);
      expect((await pro.distress(scope)).adlSince, "the clock runs though it was refused").to.equal(start + 37n);
      expect(told(first, "DistressNoted")).to.deep.equal([scope, start + 5n, start + 37n]);
      expect((await deleverage(scope, winner, start + 44n)).reason).to.equal("ScoreTooLow");
      const position = { lots: -200n, cost: usd("-24000"), snapshot: 0n };
      for (const [seconds, expected] of [
        [7n, false],
        [8n, true],
      ] as const) {
        expect(isAdmitted(BTC_MARKET.grid, position, px("100000"), NO_FUNDING, seconds)).to.equal(expected);
      }
      const equityBefore = await pro.health(cross(winner));
      const everybody = [trader, winner, rest, keeperAccount];
      const before = await collateralOf(world, everybody);
      const passed = await deleverage(scope, winner, start + 45n);
      expect([passed.outcome, passed.reason]).to.deep.equal(["Deleveraged", "None"]);
      expect(told(passed, "Deleveraged")).to.deep.equal([scope, BigInt(BTC), winner, 100n, px("100000")]);
      expect(await pro.position(winner, BTC), "half of it").to.deep.equal([-100n, usd("-12000")]);
      expect(await pro.position(trader, BTC)).to.deep.equal([900n, usd("92700")]);
      expect((await pro.indices(BTC)).openInterest).to.equal(900n);
      const equityAfter = await pro.health(cross(winner));
      expect(equityAfter.cash + equityAfter.pnl, "R43: he gives up nothing").to.equal(
        equityBefore.cash + equityBefore.pnl,
      );
      const { cash, pnl } = await pro.health(scope);
      expect(cash + pnl).to.equal(usd("300"));
      expect(await pro.cashOf(cross(keeperAccount))).to.equal(usd("0.2"));
      expect((await pro.funds(BTC)).fund).to.equal(usd("9.8"));
      expect(await collateralOf(world, everybody)).to.equal(before);
    });

    it("9: equity −300 at 97,000 passes on at 97,300, at once where no fund pays", async () => {
      const world = await loadFixture(deploy);
      const { keeperAccount, pro } = world;
      await setIndex(world, "97000");
      const trader = await bankruptAt(world, "97000", "-300");
      const winner = await account(world, "0");
      await hold(world, winner, -BITCOIN, "100000");
      const late = await account(world, "0");
      await hold(world, late, -BITCOIN, "97200");
      const scope = cross(trader);
      const { deleverage } = at(world, "97000");
      const start = (await now()) + 5n;

      expect((await deleverage(scope, winner, start)).reason).to.equal("ScoreTooLow");
      expect((await pro.distress(scope)).adlSince).to.equal(start);
      expect((await deleverage(scope, winner, start + 15n)).reason).to.equal("ScoreTooLow");
      const everybody = [trader, winner, late, keeperAccount];
      const before = await collateralOf(world, everybody);
      const passed = await deleverage(scope, winner, start + 16n);
      expect(told(passed, "Deleveraged")).to.deep.equal([scope, BigInt(BTC), winner, 500n, px("97300")]);
      expect(await pro.cashOf(cross(winner))).to.equal(usd("1350"));
      const { cash, pnl } = await pro.health(scope);
      expect(cash + pnl, "half of the deficit is borne").to.equal(usd("-150"));
      expect(await pro.cashOf(cross(keeperAccount)), "nothing from an empty fund").to.equal(0n);

      // His score is 0.2%: admitted from second 27 on, but his entry lies beyond the bankruptcy price.
      expect((await deleverage(scope, late, start + 26n)).reason).to.equal("ScoreTooLow");
      expect((await deleverage(scope, late, start + 27n)).reason).to.equal("EntryBeyondBankruptcy");
      expect((await deleverage(scope, winner, start + 45n)).outcome, "all of it at 0").to.equal("Deleveraged");
      expect(await pro.position(trader, BTC)).to.deep.equal([0n, 0n]);
      expect(await pro.cashOf(scope), "Pro 17").to.equal(0n);
      expect(await pro.cashOf(cross(winner))).to.equal(usd("2700"));
      expect(await pro.distress(scope)).to.deep.equal([0n, 0n, 0n, 0n]);
      expect(await collateralOf(world, everybody)).to.equal(before);
    });

    it("passes a bankrupt short on at its price below the mark", async () => {
      const world = await loadFixture(deploy);
      const { pro } = world;
      await setIndex(world, "97000");
      const trader = await account(world, "-3300");
      await hold(world, trader, -BITCOIN, "100000");
      const winner = await account(world, "0");
      await hold(world, winner, BITCOIN, "50000");
      const { deleverage } = at(world, "97000");
      const start = (await now()) + 5n;
      await deleverage(cross(trader), winner, start);
      const passed = await deleverage(cross(trader), winner, start + 2n);
      expect(told(passed, "Deleveraged")?.slice(3)).to.deep.equal([500n, px("96700")]);
      expect(await pro.cashOf(cross(winner))).to.equal(usd("23350"));
    });

    it("waits while the fund has room", async () => {
      const world = await loadFixture(deploy);
      const { pro } = world;
      await pro.addToFund(BTC, usd("100000"));
      await time.increase(DAY);
      await setIndex(world, "97000");
      const trader = await bankruptAt(world, "97000", "-300");
      const winner = await account(world, "0");
      await hold(world, winner, -BITCOIN, "200000");
      const { deleverage, liquidate } = at(world, "97000");
      const start = (await now()) + 5n;
      const scope = cross(trader);
      expect((await deleverage(scope, winner, start)).reason).to.equal("DeleveragingNotOpen");
      expect((await pro.distress(scope)).adlSince).to.equal(0n);
      await liquidate(scope, start + 5n);
      await liquidate(scope, start + 30n);
      expect((await deleverage(scope, winner, start + 35n)).reason, "open, but too early for him").to.equal(
        "ScoreTooLow",
      );
      expect((await deleverage(scope, winner, start + 38n)).outcome).to.equal("Deleveraged");
    });

    it("R41, Pro 19: who ranks higher is open earlier, and who was spared stays open", async () => {
      const world = await loadFixture(deploy);
      const { pro } = world;
      await setIndex(world, "97000");
      const trader = await bankruptAt(world, "97000", "-30");
      const high = await account(world, "0");
      await hold(world, high, -BITCOIN / 2n, "150000");
      const low = await account(world, "0");
      await hold(world, low, -BITCOIN / 2n, "110000");
      const { deleverage } = at(world, "97000");
      const start = (await now()) + 5n;
      const scope = cross(trader);
      await deleverage(scope, low, start);
      expect((await deleverage(scope, low, start + 9n)).reason).to.equal("ScoreTooLow");
      expect((await deleverage(scope, low, start + 10n)).outcome, "11.8% at a threshold of 9.9%").to.equal(
        "Deleveraged",
      );
      expect((await deleverage(scope, high, start + 12n)).outcome).to.equal("Deleveraged");
      expect((await pro.position(high, BTC)).lots).to.equal(-250n);
    });

    it("R42: neither margin added nor a position split changes a rank", async () => {
      const world = await loadFixture(deploy);
      await setIndex(world, "97000");
      const trader = await bankruptAt(world, "97000", "-30");
      const { pro } = world;
      const rich = await account(world, "10000000");
      const poor = await account(world, "0");
      const parts = [await account(world, "0"), await account(world, "0")];
      for (const id of [rich, poor]) await hold(world, id, -200n, "110000");
      for (const id of parts) await hold(world, id, -100n, "110000");
      const { deleverage } = at(world, "97000");
      const start = (await now()) + 5n;
      const scope = cross(trader);
      const everyone = [rich, poor, ...parts];
      await deleverage(scope, rich, start);
      for (const [i, id] of everyone.entries()) {
        expect((await deleverage(scope, id, start + 2n + 2n * BigInt(i))).reason).to.equal("ScoreTooLow");
      }
      for (const [i, id] of everyone.entries()) {
        expect((await deleverage(scope, id, start + 10n + 2n * BigInt(i))).outcome).to.equal("Deleveraged");
      }
      expect((await pro.position(rich, BTC)).lots).to.equal((await pro.position(poor, BTC)).lots);
    });

    it("R39: the other leg of a straddle of the same owner is no exception", async () => {
      const world = await loadFixture(deploy);
      const { pro } = world;
      await setIndex(world, "97000");
      const owner = ethers.Wallet.createRandom().address;
      const loser = await account(world, "2000", owner, 0);
      await hold(world, loser, BITCOIN, "100000");
      const winner = await account(world, "0", owner, 1);
      await hold(world, winner, -BITCOIN, "100000");
      const { deleverage } = at(world, "97000");
      const start = (await now()) + 5n;
      await deleverage(cross(loser), winner, start);
      await deleverage(cross(loser), winner, start + 20n);
      const last = await deleverage(cross(loser), winner, start + 45n);
      expect(last.outcome).to.equal("Deleveraged");
      expect(await pro.cashOf(cross(loser))).to.equal(0n);
      expect(await pro.cashOf(cross(winner))).to.equal(usd("2000"));
    });

    it("R44: not while orders rest, on the wrong side, or on a scope that recovered", async () => {
      const world = await loadFixture(deploy);
      const { keeper, pro } = world;
      await setIndex(world, "97000");
      const trader = await bankruptAt(world, "97000", "-300");
      const winner = await account(world, "0");
      await hold(world, winner, -BITCOIN, "100000");
      const friend = await account(world, "0");
      await hold(world, friend, BITCOIN, "100000");
      await quote(world, trader, { lots: 10n, tick: 96_000n, isBid: true });
      const scope = cross(trader);
      await setIndex(world, "97000");
      const refused = async (candidate: bigint, price = "97000") => {
        await setIndex(world, price);
        return (await attempt(world, pro.deleverage(scope, BTC, candidate, keeper))).reason;
      };
      expect(await refused(winner)).to.equal("OrdersRest");
      expect(await answer(world, pro.shareLoss(scope, BTC, winner))).to.deep.equal(["Skipped", "OrdersRest"]);
      await pro.liquidate(scope, BTC, ALL, keeper);
      expect(await refused(friend)).to.equal("SameSide");
      expect(await refused(trader)).to.equal("SameSide");
      expect((await pro.distress(scope)).adlSince).to.not.equal(0n);
      expect(await refused(winner, "97700"), "healthy").to.equal("NotLiquidatable");
      expect(await pro.distress(scope)).to.deep.equal([0n, 0n, 0n, 0n]);
      expect(await refused(winner)).to.equal("ScoreTooLow");
      expect((await pro.distress(scope)).adlSince, "from the beginning").to.equal(await now());
    });

    it("R46: of an isolated position, with its own equity", async () => {
      const world = await loadFixture(deploy);
      const { keeper, pro } = world;
      await setIndex(world, "97000");
      const trader = await account(world, "5000");
      await pro.setIsolated(trader, BTC, usd("2700"));
      await hold(world, trader, BITCOIN, "100000");
      const winner = await account(world, "0");
      await hold(world, winner, -BITCOIN, "100000");
      const { deleverage } = at(world, "97000");
      const start = (await now()) + 5n;
      const scope = isolated(trader);
      await deleverage(scope, winner, start);
      await deleverage(scope, winner, start + 20n);
      await deleverage(scope, winner, start + 45n);
      expect(await pro.position(trader, BTC)).to.deep.equal([0n, 0n]);
      expect(await pro.cashOf(scope)).to.equal(0n);
      expect(await pro.cashOf(cross(trader))).to.equal(usd("5000"));
      expect(await answer(world, pro.liquidate(scope, BTC, ALL, keeper))).to.deep.equal(["Skipped", "NotLiquidatable"]);
    });

    it("leaves no candidate without position and with negative cash", async () => {
      const world = await loadFixture(deploy);
      const { pro } = world;
      await setIndex(world, "97000");
      const trader = await bankruptAt(world, "97000", "-30");
      const owing = await account(world, "-40");
      await hold(world, owing, -10n, "100000");
      const { deleverage } = at(world, "97000");
      const start = (await now()) + 5n;
      const scope = cross(trader);
      await deleverage(scope, owing, start);
      const refused = await deleverage(scope, owing, start + 16n);
      expect([refused.outcome, refused.reason]).to.deep.equal(["Skipped", "WouldLeaveDeficit"]);
      expect(await pro.position(owing, BTC)).to.deep.equal([-10n, usd("-1000")]);
      expect((await pro.position(trader, BTC)).lots).to.equal(BITCOIN);
    });

    it("while there is a threshold takes no more than a candidate's gain, funding included", async () => {
      const world = await loadFixture(deploy);
      const { pro } = world;
      await setIndex(world, "97000");
      const trader = await bankruptAt(world, "97000", "-1000");
      const winner = await account(world, "0");
      await hold(world, winner, -BITCOIN, "98010");
      // He owes 20 in funding: 1,010 of gain on entry, 990 in all, against 1,000 that the bankruptcy price takes.
      await pro.charge(BTC, false, usd("0.02"));
      const { deleverage } = at(world, "97000");
      const start = (await now()) + 5n;
      const scope = cross(trader);
      await deleverage(scope, winner, start);
      await deleverage(scope, winner, start + 15n);
      expect((await deleverage(scope, winner, start + 30n)).reason).to.equal("EntryBeyondBankruptcy");
      await pro.setCash(winner, usd("10"));
      expect((await deleverage(scope, winner, start + 45n)).outcome, "in the end the entry decides").to.equal(
        "Deleveraged",
      );
      expect(await pro.cashOf(cross(winner))).to.equal(0n);
    });
  });

  describe("shareLoss", () => {
    it("9: 300 over 40 BTC are 7.5 for each, of the whole opposite side", async () => {
      const world = await loadFixture(deploy);
      const { keeperAccount, pro } = world;
      await setIndex(world, "97000");
      const trader = await bankruptAt(world, "97000", "-300");
      const others = await account(world, "1000000");
      await hold(world, others, 39n * BITCOIN, "97000");
      const shorts = [await account(world, "100000"), await account(world, "100000")];
      for (const id of shorts) await hold(world, id, -20n * BITCOIN, "97000");
      const { deleverage, shareLoss } = at(world, "97000");
      const start = (await now()) + 5n;
      const scope = cross(trader);
      expect((await shareLoss(scope, shorts[0], start)).reason, "no clock yet").to.equal("LossNotDue");
      await deleverage(scope, shorts[0], start + 2n);
      await shareLoss(scope, shorts[0], start + 25n);
      expect((await shareLoss(scope, shorts[0], start + 46n)).reason, "44 s").to.equal("LossNotDue");
      const everybody = [trader, others, ...shorts, keeperAccount];
      const before = await collateralOf(world, everybody);
      const shared = await shareLoss(scope, shorts[0], start + 48n);
      expect([shared.outcome, shared.reason]).to.deep.equal(["LossShared", "None"]);
      const perLot = lossPerLot(usd("300"), 40n * BITCOIN);
      expect(perLot * BITCOIN).to.equal(usd("7.5"));
      expect(told(shared, "LossShared")).to.deep.equal([scope, BigInt(BTC), usd("300"), perLot]);
      expect(await pro.indices(BTC)).to.deep.equal([0n, -perLot, 39n * BITCOIN]);
      expect(await pro.position(trader, BTC)).to.deep.equal([0n, 0n]);
      expect(await pro.cashOf(scope), "Pro 17").to.equal(0n);
      expect(await pro.position(shorts[0], BTC)).to.deep.equal([-19n * BITCOIN, usd("-1843000")]);
      expect(await pro.cashOf(cross(shorts[0]))).to.equal(usd("100000") - usd("150"));
      expect((await pro.health(cross(shorts[1]))).pnl, "who was not touched bears it too").to.equal(usd("-150"));
      expect((await pro.health(cross(others))).pnl, "their own side bears nothing").to.equal(0n);
      // What the untouched shorts still owe is what is missing: 20 BTC at 7.5.
      expect((await collateralOf(world, everybody)) - before).to.equal(usd("150"));
      expect(await pro.sharedLoss(BTC)).to.equal(perLot);
      expect(await pro.statusOf(BTC)).to.equal(1n);
      expect(await pro.distress(scope)).to.deep.equal([0n, 0n, 0n, 0n]);
    });

    it("charges longs for a short, and not at an equity of 0 or more", async () => {
      const world = await loadFixture(deploy);
      const { pro } = world;
      await setIndex(world, "97000");
      const trader = await account(world, "-2990");
      await hold(world, trader, -BITCOIN, "100000");
      const long = await account(world, "1000");
      await hold(world, long, BITCOIN, "97000");
      const { deleverage, shareLoss } = at(world, "97000");
      const start = (await now()) + 5n;
      const scope = cross(trader);
      await pro.setCash(trader, usd("-3010"));
      await deleverage(scope, long, start);
      await pro.setCash(trader, usd("-2990"));
      await deleverage(scope, long, start + 20n);
      expect((await shareLoss(scope, long, start + 45n)).reason, "equity of 10").to.equal("LossNotDue");
      await pro.setCash(trader, usd("-3010"));
      expect((await shareLoss(scope, trader, start + 48n)).reason).to.equal("SameSide");
      expect((await shareLoss(scope, long, start + 50n)).outcome).to.equal("LossShared");
      expect(await pro.indices(BTC)).to.deep.equal([usd("0.01"), 0n, 0n]);
      expect(await pro.cashOf(scope)).to.equal(0n);
      expect(await pro.cashOf(cross(long))).to.equal(usd("990"));
    });

    it("R45, R51, Pro 20: rounds a charge up, and turns a market to reductions beyond 2% of the mark in a day", async () => {
      const world = await loadFixture(deploy);
      const { pro } = world;
      await setIndex(world, "97000");
      const trader = await bankruptAt(world, "97000", "0", 1n);
      await pro.setCash(trader, usd("3") - 1n);
      const others = await account(world, "1000");
      await hold(world, others, 2n, "97000");
      const short = await account(world, "1000");
      await hold(world, short, -3n, "97000");
      const { deleverage, shareLoss } = at(world, "97000");
      const start = (await now()) + 5n;
      await deleverage(cross(trader), short, start);
      await deleverage(cross(trader), short, start + 20n);
      const shared = await shareLoss(cross(trader), short, start + 45n);
      expect(told(shared, "LossShared")?.slice(2)).to.deep.equal([1n, 1n]);
      expect(await pro.cashOf(cross(trader))).to.equal(0n);
      expect(await pro.cashOf(cross(short)), "two units more than the deficit are dust").to.equal(usd("1000") - 3n);
      expect(await pro.statusOf(BTC)).to.equal(1n);

      // 2% of 97 a lot: 1.94, of which nothing has drained yet.
      const second = await bankruptAt(world, "97000", "-1", 1n);
      await pro.setCash(second, usd("3") - usd("5.83"));
      await hold(world, short, -1n, "97000");
      const later = (await now()) + 5n;
      await deleverage(cross(second), short, later);
      await deleverage(cross(second), short, later + 20n);
      const again = await shareLoss(cross(second), short, later + 45n);
      expect(told(again, "LossShared")?.slice(2)).to.deep.equal([usd("5.83"), (usd("5.83") + 2n) / 3n]);
      expect(told(again, "MarketStatusSet")).to.deep.equal([BigInt(BTC), BigInt(REDUCE_ONLY)]);
      expect(await pro.statusOf(BTC)).to.equal(BigInt(REDUCE_ONLY));
    });

    it("R52: a charge beyond the width of an index reverts", async () => {
      const world = await loadFixture(deploy);
      const { pro } = world;
      const max = (1n << 79n) - 1n;
      await pro.charge(BTC, true, max);
      await expect(pro.charge(BTC, true, 1n))
        .to.be.revertedWithCustomError(pro, "MarketWords_Overflow")
        .withArgs(1n, max);
      await expect(pro.charge(BTC, false, max + 1n))
        .to.be.revertedWithCustomError(pro, "MarketWords_Overflow")
        .withArgs(max + 1n, max);
    });
  });

  describe("settling", () => {
    async function deployOpen() {
      const world = await deploy();
      await setIndex(world, "97000");
      const long = await account(world, "10000");
      await hold(world, long, BITCOIN, "100000");
      const short = await account(world, "10000");
      await hold(world, short, -BITCOIN, "100000");
      return { ...world, long, short };
    }

    async function deploySettling() {
      const world = await deployOpen();
      await world.pro.setStatus(BTC, REDUCE_ONLY, true);
      await time.increase(DAY + 10);
      await world.pro.beginSettling(BTC, ethers.ZeroAddress, 0);
      return world;
    }

    it("begins a day after the governor's delisting, at a tick", async () => {
      const world = await loadFixture(deployOpen);
      const { keeper, pro, quotes } = world;
      const begin = (prover: string) => answer(world, pro.beginSettling(BTC, prover, 0));
      expect(await begin(keeper)).to.deep.equal(["Skipped", "SettlingNotDue"]);
      await pro.setStatus(BTC, REDUCE_ONLY, false);
      expect(await begin(keeper), "a market closed to increases is not delisted").to.deep.equal([
        "Skipped",
        "SettlingNotDue",
      ]);
      await pro.setStatus(BTC, REDUCE_ONLY, true);
      expect(await begin(keeper), "not yet").to.deep.equal(["Skipped", "SettlingNotDue"]);
      expect(await begin(ethers.ZeroAddress)).to.deep.equal(["Skipped", "NoTick"]);
      await time.increase(DAY - 100);
      await setIndex(world, "97000");
      await time.increase(200);
      expect(await begin(ethers.ZeroAddress), "the feed lives").to.deep.equal(["Skipped", "NoTick"]);
      expect(await begin(keeper), "nothing proven").to.deep.equal(["Skipped", "NoTick"]);
      await quotes.setTick(keeper, 2, px("98000"), await time.latest(), true);
      expect(await begin(keeper)).to.deep.equal(["Skipped", "TickOfOtherAsset"]);
      await quotes.setTick(keeper, 1, px("98000"), await time.latest(), true);
      const begun = await attempt(world, pro.beginSettling(BTC, keeper, 0));
      expect([begun.outcome, begun.reason]).to.deep.equal(["Settled", "None"]);
      expect(told(begun, "SettlingBegun")).to.deep.equal([BigInt(BTC), px("98000")]);
      expect([await pro.statusOf(BTC), await pro.markOf(BTC)]).to.deep.equal([SETTLING, px("98000")]);
      expect(await begin(keeper), "once").to.deep.equal(["Skipped", "SettlingNotDue"]);
    });

    it("begins at once, without a tick, where the index is a day old", async () => {
      const world = await loadFixture(deployOpen);
      const { pro } = world;
      await time.increase(DAY);
      await pro.setStatus(BTC, REDUCE_ONLY, true);
      const begun = await attempt(world, pro.beginSettling(BTC, ethers.ZeroAddress, 0));
      expect([begun.outcome, begun.reason]).to.deep.equal(["Settled", "None"]);
      expect(await pro.markOf(BTC)).to.equal(px("97000"));
    });

    it("does not begin without any index, nor at level 3", async () => {
      const world = await loadFixture(deployOpen);
      const { breaker, pro } = world;
      await listMarket(pro);
      await pro.setStatus(1, REDUCE_ONLY, true);
      const begin = (market: number) => answer(world, pro.beginSettling(market, ethers.ZeroAddress, 0));
      expect(await begin(1)).to.deep.equal(["Skipped", "IndexMissing"]);
      await breaker.raise(3);
      expect(await begin(BTC)).to.deep.equal(["Skipped", "BreakerRaised"]);
      expect(await answer(world, pro.closeSettled(BTC, 1, 2, 1))).to.deep.equal(["Skipped", "BreakerRaised"]);
    });

    it("closes opposite positions against each other at the last index, free of fees and funding", async () => {
      const world = await loadFixture(deploySettling);
      const { long, pro, short } = world;
      await time.increase(30 * DAY);
      const before = await collateralOf(world, [long, short]);
      const close = (a: bigint, b: bigint, lots: bigint) => attempt(world, pro.closeSettled(BTC, a, b, lots));
      expect((await close(short, long, 1n)).reason).to.equal("PositionMissing");
      expect((await close(long, long, 1n)).reason).to.equal("PositionMissing");
      expect((await close(long, short, 0n)).reason).to.equal("SizeMissing");
      const first = await close(long, short, 400n);
      expect([first.outcome, first.reason]).to.deep.equal(["Settled", "None"]);
      expect(told(first, "PositionMoved")).to.deep.equal([long, BigInt(BTC), -400n, usd("-38800"), usd("-1200")]);
      expect((await close(long, short, 1n << 200n)).outcome).to.equal("Settled");
      expect(await pro.position(long, BTC)).to.deep.equal([0n, 0n]);
      expect(await pro.cashOf(cross(long))).to.equal(usd("7000"));
      expect(await pro.cashOf(cross(short))).to.equal(usd("13000"));
      expect((await pro.indices(BTC)).openInterest).to.equal(0n);
      expect(await collateralOf(world, [long, short])).to.equal(before);
    });

    it("closes nothing that would leave a debt, but goes on liquidating at that price", async () => {
      const world = await loadFixture(deploySettling);
      const { keeper, long, pro, short } = world;
      await pro.setCash(long, usd("2900"));
      const scope = cross(long);
      const refused = await attempt(world, pro.closeSettled(BTC, long, short, BITCOIN));
      expect([refused.outcome, refused.reason]).to.deep.equal(["Skipped", "WouldLeaveDeficit"]);
      expect(await answer(world, pro.liquidate(scope, BTC, ALL, keeper)), "no book any more").to.deep.equal([
        "Distressed",
        "None",
      ]);
      const first = await attempt(world, pro.deleverage(scope, BTC, short, keeper));
      expect(first.reason).to.equal("ScoreTooLow");
      await time.increaseTo(first.at + 20n);
      expect(await answer(world, pro.deleverage(scope, BTC, short, keeper))).to.deep.equal(["Deleveraged", "None"]);
      await time.increaseTo(first.at + 45n);
      expect(await answer(world, pro.deleverage(scope, BTC, short, keeper))).to.deep.equal(["Deleveraged", "None"]);
      expect(await pro.cashOf(scope)).to.equal(0n);
      expect(await pro.cashOf(cross(short))).to.equal(usd("12900"));
    });

    it("fills no order that still rests", async () => {
      const world = await loadFixture(deployOpen);
      const { keeper, long, pro } = world;
      const bidder = await maker(world);
      await setIndex(world, "97000");
      await quote(world, bidder, { lots: BITCOIN, tick: 96_990n, isBid: true });
      await pro.setStatus(BTC, REDUCE_ONLY, true);
      await time.increase(DAY + 10);
      await pro.beginSettling(BTC, ethers.ZeroAddress, 0);
      await pro.setCash(long, usd("3200"));
      const step = await attempt(world, pro.liquidate(cross(long), BTC, ALL, keeper));
      expect([step.outcome, told(step, "Taken")]).to.deep.equal(["Distressed", undefined]);
      expect(await pro.position(bidder, BTC)).to.deep.equal([0n, 0n]);
    });

    it("holds for a market whose last index came before the sequencer was ready", async () => {
      const world = await loadFixture(deployOpen);
      const { keeper, long, pro } = world;
      await pro.setIndex(BTC, px("97000"), await time.latest(), false);
      await time.increase(DAY);
      await pro.setStatus(BTC, REDUCE_ONLY, true);
      await pro.beginSettling(BTC, ethers.ZeroAddress, 0);
      await pro.setCash(long, usd("3200"));
      expect(await answer(world, pro.liquidate(cross(long), BTC, ALL, keeper))).to.deep.equal(["Distressed", "None"]);
    });
  });
});
