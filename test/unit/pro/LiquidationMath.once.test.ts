import { expect } from "chai";
import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import fc from "fast-check";
import { ethers } from "hardhat";
import type { Candidate } from "../../../sdk/model/pro";
import {
  BTC_MARKET,
  MAJOR_TIERS,
  boundTick,
  coveredLots,
  deficitOf,
  maintenanceMargin,
  priceOfTick,
  stepFees,
  thresholdX96,
  uncovered,
  valueOf,
  wantedLots,
} from "../../../sdk/model/pro";
import { PIPS, px, usd } from "../../../sdk/units";
import { tiersOf } from "./world";

const { bandPips, grid, tiers } = BTC_MARKET;
const RUNS = { numRuns: 60 };

async function deploy() {
  const math = await ethers.deployContract("LiquidationMathHarness");
  await math.setTiers(tiersOf(MAJOR_TIERS));
  return { math };
}

/** A position of a scope, as the contracts are handed it. */
function due({ equity, lots, maintenance, mark, ownMaintenance }: Candidate) {
  return { lots, mark, ...grid, equity, totalMaintenance: maintenance, ownMaintenance };
}

const candidates = fc
  .record({
    lots: fc.bigInt({ min: 1n, max: 300_000n }),
    isLong: fc.boolean(),
    mark: fc.bigInt({ min: px("1000"), max: px("150000") }),
    others: fc.bigInt({ min: 0n, max: usd("500000") }),
    share: fc.bigInt({ min: -5_000_000n, max: 1_000_000n }),
  })
  .map(({ isLong, lots, mark, others, share }): Candidate => {
    const ownMaintenance = maintenanceMargin(tiers, valueOf(grid, mark, lots));
    const maintenance = ownMaintenance + others;
    const equity = (maintenance * share) / PIPS;
    return { grid, tiers, lots: isLong ? lots : -lots, mark, equity, maintenance, ownMaintenance };
  });

/** The band holds beside the bound: the contracts leave it to the match. */
function withinBand(candidate: Candidate, tick: bigint, isReachable: boolean): bigint {
  const { lots, mark } = candidate;
  const lowest = (mark * (PIPS - bandPips) + PIPS * grid.tickSize - 1n) / (PIPS * grid.tickSize);
  const highest = (mark * (PIPS + bandPips)) / (PIPS * grid.tickSize);
  if (lots > 0n) return tick > lowest ? tick : lowest;
  return isReachable && tick < highest ? tick : isReachable ? highest : tick;
}

describe("LiquidationMath", () => {
  it("wants what the model wants, at every size and equity", async () => {
    const { math } = await loadFixture(deploy);
    const property = fc.asyncProperty(candidates, async (candidate) => {
      expect(await math.wantedLots(due(candidate))).to.equal(wantedLots(candidate));
    });
    await fc.assert(property, RUNS);
  });

  it("wants all of 20,000 USD or where less than two thirds of the margin are left, a fifth beyond", async () => {
    const { math } = await loadFixture(deploy);
    for (const [mark, equity, wanted] of [
      ["100000", "34", 200n],
      ["100000.01", "34", 40n],
      ["100000.01", "33.999999999999999999", 200n],
    ] as const) {
      const margins = { totalMaintenance: usd("51"), ownMaintenance: usd("51") };
      const position = { lots: 200n, mark: px(mark), ...grid, equity: usd(equity), ...margins };
      expect(await math.wantedLots(position), `${mark}, ${equity}`).to.equal(wanted);
    }
  });

  it("bounds a step as the model does", async () => {
    const { math } = await loadFixture(deploy);
    const property = fc.asyncProperty(
      candidates,
      fc.bigInt({ min: 0n, max: 40n }),
      fc.boolean(),
      async (candidate, seconds, doesFundPay) => {
        const [tick, isReachable] = await math.boundTick(due(candidate), seconds, doesFundPay);
        const expected = boundTick(candidate, seconds, bandPips, doesFundPay);
        if (isReachable) expect(withinBand(candidate, tick, isReachable)).to.equal(expected);
        else expect(expected, "a short's bound below any price").to.be.lessThan(1n);
      },
    );
    await fc.assert(property, RUNS);
  });

  it("ends at the last tick: a short buys at any price, a long sells at none beyond it", async () => {
    const { math } = await loadFixture(deploy);
    const last = 2n ** 24n - 1n;
    for (const [price, long, short] of [
      ["16777215", [last, true], [last, true]],
      ["16777215.5", [last, false], [last, true]],
      ["16777216", [last, false], [last, true]],
      ["0.5", [1n, true], [0n, false]],
    ] as const) {
      const position = { mark: px(price), ...grid, equity: 0n, totalMaintenance: 1n, ownMaintenance: 1n };
      expect(await math.boundTick({ ...position, lots: 1n }, 0n, false), `${price}, long`).to.deep.equal(long);
      expect(await math.boundTick({ ...position, lots: -1n }, 0n, false), `${price}, short`).to.deep.equal(short);
    }
  });

  it("has a fund pay for no more than its allowance, and for no lot less", async () => {
    const { math } = await loadFixture(deploy);
    const property = fc.asyncProperty(
      candidates.filter(({ equity }) => equity < 0n),
      fc.bigInt({ min: 0n, max: 40n }),
      fc.bigInt({ min: 0n, max: usd("20000") }),
      async (candidate, seconds, allowance) => {
        const [tick] = await math.boundTick(due(candidate), seconds, true);
        const price = priceOfTick(grid, tick);
        const wanted = wantedLots(candidate);
        const lots = await math.coveredLots(due(candidate), wanted, tick, allowance);
        expect(lots).to.equal(coveredLots(candidate, wanted, price, allowance));
        expect(uncovered(candidate, lots, price)).to.be.at.most(lots === 0n ? 0n : allowance);
        expect(await math.hasRoom(due(candidate), seconds, allowance)).to.equal(
          coveredLots(candidate, 1n, price, allowance) > 0n,
        );
      },
    );
    await fc.assert(property, RUNS);
  });

  it("counts deficits and fees as the model does", async () => {
    const { math } = await loadFixture(deploy);
    const property = fc.asyncProperty(
      candidates,
      fc.bigInt({ min: 1n, max: usd("2000000") }),
      async (candidate, notional) => {
        const held = candidate.lots < 0n ? -candidate.lots : candidate.lots;
        expect(await math.deficitOf(due(candidate), held)).to.equal(deficitOf(candidate, held));
        const fees = await math.feesOf(notional, candidate.equity, 400n, 500n);
        const expected = stepFees(notional, candidate.equity, 400n, 500n);
        expect([fees.takerFee, fees.toCaller, fees.toFund]).to.deep.equal([
          expected.takerFee,
          expected.toCaller,
          expected.toFund,
        ]);
      },
    );
    await fc.assert(property, RUNS);
  });

  it("R52: holds at prices of 1e9 USD and the widest lots", async () => {
    const { math } = await loadFixture(deploy);
    const lots = (1n << 62n) / 1_000_000n;
    const position = {
      lots,
      mark: px("1000000000"),
      tickSize: px("10000"),
      lotSize: 10n,
      equity: usd("-1000000000000"),
      totalMaintenance: usd("1000000000000"),
      ownMaintenance: usd("1000000000000"),
    };
    expect(await math.deficitOf(position, lots)).to.equal(usd("1000000000000"));
    const [tick, isReachable] = await math.boundTick(position, 30n, false);
    expect(isReachable).to.equal(true);
    const perLot = (usd("1000000000000") + lots * 10n - 1n) / (lots * 10n);
    expect(tick).to.equal((px("1000000000") + perLot + px("10000") - 1n) / px("10000"));
  });

  it("wants a fifth of a position of the lowest tier that has two thirds of its margin left", async () => {
    const { math } = await loadFixture(deploy);
    const mark = px("100000");
    for (const lots of [301n, -301n]) {
      const ownMaintenance = maintenanceMargin(tiers, valueOf(grid, mark, 301n));
      const candidate = {
        grid,
        tiers,
        lots,
        mark,
        equity: ownMaintenance,
        maintenance: ownMaintenance,
        ownMaintenance,
      };
      expect(await math.wantedLots(due(candidate))).to.equal(61n);
      expect(wantedLots(candidate)).to.equal(61n);
    }
  });

  it("knows no bound beyond the prices that there are: what has equity takes any, what lacks it none", async () => {
    const { math } = await loadFixture(deploy);
    const most = 2n ** 24n - 1n;
    const cases: [lots: bigint, equity: string, tick: bigint, isReachable: boolean][] = [
      // A thousandth of a bitcoin with a share of 20,000 dollars: 20 million for a whole one.
      [1n, "20000", 0n, true],
      [-1n, "20000", most, true],
      [1n, "-20000", most, false],
      [-1n, "-20000", 0n, false],
    ];
    for (const [lots, equity, tick, isReachable] of cases) {
      const margin = usd("1");
      const position = { ...{ lots, mark: px("100000"), ...grid }, equity: usd(equity) };
      const asked = { ...position, totalMaintenance: margin, ownMaintenance: margin };
      expect(await math.boundTick(asked, 60n, false), `${lots} at ${equity}`).to.deep.equal([tick, isReachable]);
    }
  });

  it("lets a fill beyond the mark make up for the deficit, and has a fund pay nothing for it", async () => {
    const { math } = await loadFixture(deploy);
    const margin = usd("1");
    for (const [lots, tick] of [
      [10n, 100_101n],
      [-10n, 99_899n],
    ]) {
      const position = { lots, mark: px("100000"), ...grid, equity: usd("-1") };
      const asked = { ...position, totalMaintenance: margin, ownMaintenance: margin };
      // A dollar of ten lots is a hundred on a bitcoin.
      expect(await math.coveredLots(asked, 10n, tick, 0n)).to.equal(10n);
      expect(await math.coveredLots(asked, 10n, tick + (lots > 0n ? -2n : 2n), 0n)).to.equal(0n);
    }
  });

  it("lets the threshold fall by half in 3 s and to 0 after 45", async () => {
    const { math } = await loadFixture(deploy);
    for (let seconds = 0n; seconds < 50n; seconds++) {
      expect(await math.thresholdX96(seconds), `${seconds} s`).to.equal(thresholdX96(seconds));
    }
    expect(await math.thresholdX96(44n)).to.not.equal(0n);
    expect(await math.thresholdX96(45n)).to.equal(0n);
  });
});
