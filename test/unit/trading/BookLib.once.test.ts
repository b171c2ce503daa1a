import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import fc from "fast-check";
import { ethers } from "hardhat";
import type { RollingLoss, SideSums } from "../../../sdk/model";
import {
  EMPTY_SIDE,
  NANO_USD,
  accrueIndices,
  addToSide,
  contributionOf,
  decayLoss,
  dueUsd,
  lpPnl,
  pipsPerHourToX18PerSecond,
  recordLoss,
  removeFromSide,
} from "../../../sdk/model";
import { px, size, usd } from "../../../sdk/units";
import { RUNS } from "./math/positions";

const deploy = () => ethers.deployContract("BookLibHarness");

const LOSS_BUDGET_USD = 25_000n;
const CONFIG = {
  assetId: 1,
  status: 1,
  maxLeverage: 500,
  tierCount: 1,
  slippageModel: 0,
  slippagePips: 100,
  alpSharePips: 400_000,
  borrowPipsPerHour: 2,
  fundingPipsPerHour: 20,
  minFundingPipsPerHour: 1,
  maxFundingPipsPerHour: 100,
  lossBudgetUsd: LOSS_BUDGET_USD,
  onePercentDepthUsd: 0,
  leastLossRatePercent: 60,
};
const RATES = {
  borrowRateX18: pipsPerHourToX18PerSecond(2n),
  fundingFactorX18: pipsPerHourToX18PerSecond(20n),
  minRateX18: pipsPerHourToX18PerSecond(1n),
  maxRateX18: pipsPerHourToX18PerSecond(100n),
};

async function deployConfigured() {
  const harness = await ethers.deployContract("BookLibHarness");
  await harness.accrue();
  await harness.setConfig(CONFIG);
  return harness;
}

/** Loss and margins, the least loss rate and whether margin is fixed: around the loss at which all of the margins are due. */
const DUE_EXAMPLES: [bigint, bigint, bigint, boolean][] = [true, false].flatMap((isFixed) =>
  [-(10n ** 18n), 0n, 1n, usd("50"), usd("60"), usd("60") + 1n, usd("100"), usd("101")].map(
    (loss): [bigint, bigint, bigint, boolean] => [loss, usd("100") / NANO_USD, 60n, isFixed],
  ),
);

interface Sums {
  size: bigint;
  notional: bigint;
  marginNano: bigint;
  carryAtEntry: bigint;
  capNano: bigint;
}

function namesOfContract(sums: SideSums): Sums {
  return {
    size: sums.sizeSum,
    notional: sums.notionalSum,
    marginNano: sums.marginNanoSum,
    carryAtEntry: sums.carryEntrySum,
    capNano: sums.capNanoSum,
  };
}

function plain({ size: q, notional, marginNano, carryAtEntry, capNano }: Sums): Sums {
  return { size: q, notional, marginNano, carryAtEntry, capNano };
}

const index = fc.oneof(fc.constantFrom(0n, 1n, -1n), fc.bigInt({ min: -(2n ** 71n), max: 2n ** 71n - 1n }));
/** Positions of up to a billion dollars, the most a side can be configured to hold. */
const input = fc
  .record({
    entry: fc.oneof(fc.bigInt({ min: 1n, max: px("0.001") }), fc.bigInt({ min: 1n, max: 2n ** 64n - 1n })),
    notional: fc.bigInt({ min: usd("10"), max: usd("1000000000") }),
    leverage: fc.bigInt({ min: 1n, max: 1001n }),
    profitCapPips: fc.bigInt({ min: 100_000n, max: 10_000_000n }),
    indexAtOpenX18: index,
  })
  .map(({ entry, notional, ...rest }) => ({ entry, size: notional / entry, ...rest }))
  .filter((given) => given.size > 0n);

const side = fc.array(input, { minLength: 1, maxLength: 4 });

describe("BookLib", () => {
  before(() => console.log(`      seed ${RUNS.seed}`));

  describe("contributionOf", () => {
    it("is the model's for every position that a book can hold", async () => {
      const harness = await loadFixture(deploy);
      const property = fc.asyncProperty(input, async (given) => {
        const { entry, leverage, indexAtOpenX18, profitCapPips } = given;
        const got = await harness.contributionOf(given.size, entry, leverage, indexAtOpenX18, profitCapPips);
        expect(plain(got)).to.deep.equal(namesOfContract(contributionOf(given)));
      });
      await fc.assert(property, { seed: RUNS.seed, numRuns: 200 });
    });

    it("rounds the margin down and the cap up, whatever the rounding of the size took", async () => {
      const harness = await loadFixture(deploy);
      const got = await harness.contributionOf(1n, 7n, 3n, 0n, 1_000_000n);
      expect([got.marginNano, got.capNano]).to.deep.equal([0n, 1n]);
    });
  });

  describe("add, sub", () => {
    it("sum as the model does, and come back to exactly nothing in any order", async () => {
      const harness = await loadFixture(deployConfigured);
      const property = fc.asyncProperty(side, fc.boolean(), async (given, isLong) => {
        const parts = given.map(contributionOf);
        let sums = EMPTY_SIDE;
        for (const part of parts) {
          await harness.add(isLong, namesOfContract(part));
          sums = addToSide(sums, part);
        }
        expect(plain(await harness.side(isLong))).to.deep.equal(namesOfContract(sums));
        expect(await harness.isEmpty()).to.equal(false);
        expect((await harness.openInterest(isLong)).same).to.equal(sums.notionalSum);
        expect((await harness.openInterest(!isLong)).other).to.equal(sums.notionalSum);
        for (const part of parts) {
          await harness.sub(isLong, namesOfContract(part));
          sums = removeFromSide(sums, part);
        }
        expect(plain(await harness.side(isLong))).to.deep.equal(namesOfContract(EMPTY_SIDE));
        expect(await harness.isEmpty()).to.equal(true);
      });
      await fc.assert(property, { seed: RUNS.seed, numRuns: 12 });
    });
  });

  describe("lpPnl", () => {
    it("is the model's at both ends of a price, held within the caps and the margins", async () => {
      const harness = await loadFixture(deploy);
      const price = fc.bigInt({ min: 1n, max: 2n ** 64n - 1n });
      const ends = fc.tuple(price, price).map(([a, b]) => (a < b ? [a, b] : [b, a]));
      const property = fc.asyncProperty(
        side,
        fc.boolean(),
        index,
        ends,
        async (given, isLong, indexNow, [low, high]) => {
          const sums = given.map(contributionOf).reduce(addToSide, EMPTY_SIDE);
          const got = await harness.lpPnl(namesOfContract(sums), isLong, indexNow, low, high);
          const [worst, best] = isLong ? [high, low] : [low, high];
          expect([...got]).to.deep.equal([lpPnl(isLong, sums, worst, indexNow), lpPnl(isLong, sums, best, indexNow)]);
        },
      );
      await fc.assert(property, { seed: RUNS.seed, numRuns: 200 });
    });
  });

  describe("dueUsd", () => {
    it("is the model's, whatever is lost of whatever margins, where margin may be added and where it may not", async () => {
      const harness = await loadFixture(deploy);
      const met = { bounded: 0, beyond: 0, none: 0 };
      await fc.assert(
        fc.asyncProperty(
          fc.bigInt(-(2n ** 100n), 2n ** 100n),
          fc.bigInt(0n, 2n ** 72n),
          fc.bigInt(50n, 95n),
          fc.boolean(),
          async (loss, marginNano, percent, isMarginFixed) => {
            // Of no size, a side has lost all of its notional, or won it.
            const side = { ...EMPTY_SIDE, notionalSum: loss < 0n ? -loss : loss, marginNanoSum: marginNano };
            const due = dueUsd(loss > 0n, side, px("60000"), 0n, percent, isMarginFixed);
            expect(await harness.dueUsd(loss, marginNano * NANO_USD, percent, isMarginFixed)).to.equal(due);
            const isBeyond = loss * 100n > percent * marginNano * NANO_USD;
            met[loss <= 0n ? "none" : isBeyond ? "beyond" : "bounded"] += 1;
          },
        ),
        { ...RUNS, examples: DUE_EXAMPLES },
      );
      expect(Object.values(met).every((count) => count > 0)).to.equal(true);
    });
  });

  describe("accrued", () => {
    it("moves both indices as the model does, whichever side is heavier", async () => {
      const harness = await loadFixture(deployConfigured);
      const part = (notional: string) =>
        namesOfContract(
          contributionOf({
            entry: px("50000"),
            size: size(notional) / 50_000n,
            leverage: 100n,
            profitCapPips: 5_000_000n,
            indexAtOpenX18: 0n,
          }),
        );
      const sides = { long: 0n, short: 0n };
      let last = await harness.accrued();
      let since = Number(last.accruedAt);
      for (const [isLong, notional, seconds] of [
        [true, "1000000", 7],
        [false, "250000", 3_600],
        [false, "750000", 12_345],
        [false, "3000000", 86_400],
      ] as const) {
        await harness.add(isLong, part(notional));
        const before = sides;
        const state = await harness.accrued();
        const now = Number(state.accruedAt);
        const indices = { longX18: last.longIndex, shortX18: last.shortIndex };
        const moved = accrueIndices(indices, before.long, before.short, RATES, BigInt(now - since));
        expect([state.longIndex, state.shortIndex]).to.deep.equal([moved.longX18, moved.shortX18]);
        sides[isLong ? "long" : "short"] += usd(notional);
        await time.increase(seconds);
        [last, since] = [state, now];
      }
      const state = await harness.accrued();
      const indices = { longX18: last.longIndex, shortX18: last.shortIndex };
      const moved = accrueIndices(indices, sides.long, sides.short, RATES, BigInt(Number(state.accruedAt) - since));
      expect([state.longIndex, state.shortIndex]).to.deep.equal([moved.longX18, moved.shortX18]);
    });

    it("drains the loss by the budget over an hour, down to nothing", async () => {
      const harness = await loadFixture(deployConfigured);
      await harness.recordVaultPnl(usd("-10000"));
      const at = Number((await harness.accrued()).accruedAt);
      for (const seconds of [1, 100, 1_439, 1_440, 5_000]) {
        await time.setNextBlockTimestamp(at + seconds);
        await ethers.provider.send("evm_mine", []);
        const { lossUsd } = decayLoss(
          { lossUsd: usd("10000"), at: BigInt(at) },
          LOSS_BUDGET_USD * usd("1"),
          BigInt(at + seconds),
        );
        const { lossNano } = await harness.accrued();
        // Drained is rounded down to nano-dollars: never early, and less than one late.
        expect(lossNano * NANO_USD >= lossUsd && lossNano * NANO_USD < lossUsd + NANO_USD).to.equal(true);
      }
      expect((await harness.accrued()).lossNano).to.equal(0n);
    });
  });

  describe("recordVaultPnl", () => {
    const BUDGET_NANO = (LOSS_BUDGET_USD * usd("1")) / NANO_USD;

    it("adds losses, takes gains away and stops at minus the budget", async () => {
      const harness = await loadFixture(deployConfigured);
      let loss: RollingLoss = { lossUsd: 0n, at: (await harness.accrued()).accruedAt };
      // USD with 9 decimals in the model, too: both round at the same places.
      for (const pnl of ["-100", "30", "70.5", "-250000", "100000", "175000.25", "1", "-40000", "9", "60000"]) {
        await harness.recordVaultPnl(usd(pnl));
        const { lossNano, accruedAt } = await harness.accrued();
        loss = recordLoss(loss, BUDGET_NANO, accruedAt, (0n - usd(pnl)) / NANO_USD);
        expect(lossNano, pnl).to.equal(loss.lossUsd);
        expect(lossNano >= -BUDGET_NANO).to.equal(true);
      }
      expect(loss.lossUsd).to.equal(-BUDGET_NANO);
    });

    it("forgets what was kept by the budget over ten minutes, up to nothing", async () => {
      const harness = await loadFixture(deployConfigured);
      await harness.recordVaultPnl(LOSS_BUDGET_USD * usd("1"));
      const at = (await harness.accrued()).accruedAt;
      for (const seconds of [1n, 7n, 299n, 599n, 600n, 5_000n]) {
        await time.setNextBlockTimestamp(at + seconds);
        await ethers.provider.send("evm_mine", []);
        const { lossUsd } = decayLoss({ lossUsd: -BUDGET_NANO, at }, BUDGET_NANO, at + seconds);
        expect((await harness.accrued()).lossNano).to.equal(lossUsd);
      }
      expect((await harness.accrued()).lossNano).to.equal(0n);
    });

    it("is what the results add up to in any order, within a credit of the budget", async () => {
      const harness = await loadFixture(deployConfigured);
      const cents = fc.integer({ min: -400_000, max: 400_000 });
      const property = fc.asyncProperty(fc.array(cents, { minLength: 1, maxLength: 6 }), async (given) => {
        const pnls = given.map((value) => BigInt(value) * usd("0.01"));
        const lossAfter = async (order: readonly bigint[]) => {
          await harness.setConfig(CONFIG);
          await harness.recordInOrder([...order]);
          return (await harness.bookState()).lossNano;
        };
        const sum = pnls.reduce((total, pnl) => total - pnl / NANO_USD, 0n);
        const ascending = [...pnls].sort((a, b) => (a < b ? -1 : 1));
        for (const order of [pnls, ascending, [...ascending].reverse()]) {
          expect(await lossAfter(order)).to.equal(sum);
        }
      });
      await fc.assert(property, { seed: RUNS.seed, numRuns: 15 });
    });
  });

  describe("holdLoss", () => {
    it("holds a credit at the budget, whatever the budget was before, and leaves losses alone", async () => {
      const harness = await loadFixture(deployConfigured);
      for (const [lossNano, budgetUsd, held] of [
        [-5_000_000_000n, 3n, -3_000_000_000n],
        [-3_000_000_000n, 3n, -3_000_000_000n],
        [-2_999_999_999n, 3n, -2_999_999_999n],
        [7_000_000_000n, 3n, 7_000_000_000n],
        [-1n, 0n, 0n],
        [-(2n ** 70n), 2n ** 32n - 1n, -(2n ** 32n - 1n) * 10n ** 9n],
      ]) {
        expect(await harness.holdLoss(lossNano, budgetUsd)).to.equal(held);
      }
    });
  });
});
