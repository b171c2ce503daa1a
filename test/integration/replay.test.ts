import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import hre from "hardhat";
import { profileFor } from "../../deploy/profiles";
import { MismatchError } from "../../scripts/demo/errors";
import { fitGas } from "../../scripts/replay/gas";
import { populate } from "../../scripts/replay/population";
import { judge, replay } from "../../scripts/replay/replay";
import type { RunReport } from "../../scripts/replay/report";
import { findCrash, generateCascade } from "../../scripts/replay/window";
import { usd } from "../../sdk/units";
import { itMeasuresGas } from "../dsl/instrumented";
import { systemFixture } from "../fixtures/system";

const SEED = 1;
const SECONDS = 60;

describe("the replay of a crash", () => {
  itMeasuresGas(
    "liquidates 40 positions as the model does, at their crossing ticks, and leaves a balanced ledger",
    async () => {
      const deployment = await loadFixture(systemFixture);
      const cascade = generateCascade(SEED);
      const path = cascade.slice(findCrash(cascade.approximate, SECONDS), SECONDS);
      const options = { seed: SEED, positions: 40, latency: 1 };
      const progress: string[] = [];
      const run = await replay(hre, { ...deployment, ground: "replica" }, path, options, (line) => progress.push(line));

      expect(run.long).to.equal(20);
      expect(run.distinctLeverages).to.be.at.least(30);
      expect(run.marginTokens).to.have.members(deployment.profile.tokens.map(({ symbol }) => symbol));
      expect(run.liquidations).to.be.greaterThan(5);
      expect(run.liquidations + run.survivors.closed + run.survivors.liquidatedByTheirClose).to.equal(40);
      // No tick of this path leaves the band, so that nothing holds a keeper back who is a second behind.
      expect(run.ticksLate).to.deep.equal([[0, run.liquidations]]);
      expect(run.secondsLate).to.deep.equal([[1, run.liquidations]]);
      expect(run.skippedAttempts).to.equal(0);
      expect(run.gas.positions).to.equal(run.liquidations);
      expect(run.solvency).to.include({ ticks: SECONDS + 1, insolventTicks: 0 });
      expect(run.ledgerBalanced).to.equal(true);
      expect(progress.at(0)).to.equal("40 of 40 positions open");
      expect(await hre.network.provider.send("hardhat_getAutomine", [])).to.equal(true);
      judge([run]);
    },
  );

  it("is judged by solvency, by the ledger and by the growth of the cost", () => {
    const good = {
      positions: 1_000,
      solvency: { ticks: 900, insolventTicks: 0, leastFreePips: 500_000 },
      ledgerBalanced: true,
      gas: fitGas([
        { positions: 10, gas: 600_000 },
        { positions: 50, gas: 2_200_000 },
      ]),
    } as RunReport;
    const large = (perPosition: number) => ({ ...good, positions: 10_000, gas: { ...good.gas, perPosition } });

    judge([good, large(42_000)]);
    expect(() => judge([good, large(42_001)])).to.throw(MismatchError, "gas of one more liquidation");
    expect(() => judge([{ ...good, ledgerBalanced: false }])).to.throw(MismatchError, "ledger");
    expect(() => judge([{ ...good, solvency: { ...good.solvency, insolventTicks: 1 } }])).to.throw(
      MismatchError,
      "insolvent",
    );
  });

  it("fits what a transaction costs, and what a position in it", () => {
    const batches = [1, 7, 50].map((positions) => ({ positions, gas: 200_000 + 40_000 * positions }));
    const fit = fitGas(batches);
    expect(fit.perPosition).to.be.closeTo(40_000, 1e-6);
    expect(fit.perTransaction).to.be.closeTo(200_000, 1e-3);
    expect(fit).to.include({ transactions: 3, positions: 58, average: (600_000 + 58 * 40_000) / 58 });
  });

  it("begins shortly before the deepest fall", () => {
    const prices = Array.from({ length: 1_000 }, (_, second) => (second < 500 ? 100 : second < 600 ? 90 : 95));
    expect(prices.slice(findCrash(prices, 90), findCrash(prices, 90) + 90))
      .to.include(90)
      .and.to.include(100);
    expect(findCrash([100, 99, 98], 10)).to.equal(0);
  });

  it("populates both modes and sides within 80% of the caps, or says which cap has to be raised", () => {
    const profile = profileFor(hre.network.config.chainId ?? 0);
    for (const count of [1_000, 10_000]) {
      const { plans, raisedCaps } = populate(profile, count, 10, SEED);
      expect(plans).to.have.length(count);
      const leverages = plans.map(({ leverage }) => leverage);
      expect(Math.min(...leverages)).to.equal(1);
      expect(Math.max(...leverages)).to.equal(1001);
      for (const mode of ["standard", "degen"]) {
        for (const isLong of [true, false]) {
          const own = plans.filter(({ book, isLong: side }) => book.mode === mode && side === isLong);
          const [{ bookId, book }] = own;
          const caps = raisedCaps.filter((raised) => raised.bookId === bookId);
          const cap = caps.reduce(
            (largest, { maxOpenInterestUsd }) => (maxOpenInterestUsd > largest ? maxOpenInterestUsd : largest),
            book.maxOpenInterestUsd,
          );
          const notional = own.reduce((sum, plan) => sum + plan.notionalUsd, 0n);
          expect(notional * 10n <= cap * 8n).to.equal(true);
          expect(own.every((plan) => plan.notionalUsd / BigInt(plan.leverage) > usd("5"))).to.equal(true);
        }
      }
    }
  });
});
