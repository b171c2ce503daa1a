import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { PathError } from "../../../scripts/demo/errors";
import { PricePath } from "../../../scripts/demo/path";
import { findClose, findLiquidation, findProfit, findRefusal } from "../../../scripts/demo/plan";

const DEGEN = { leverage: 1001, slippagePips: 100, executionDelaySeconds: 3, liquidationLossRatePips: 600_000 };
const SHARE_MOVE = 0.00205;

/** A path through the given prices, each held for `hold` seconds. */
function pathOf(prices: number[], hold = 30): PricePath {
  const folder = mkdtempSync(join(tmpdir(), "asterism-"));
  const file = join(folder, "prices.csv");
  const rows = prices.flatMap((price, index) =>
    Array.from({ length: hold }, (_, second) => [index * hold + second, price, price, price, price].join()),
  );
  writeFileSync(file, ["unix_timestamp,open,high,low,close", ...rows].join("\n"));
  const path = PricePath.replay(file);
  rmSync(folder, { recursive: true });
  return path;
}

describe("the demonstration's plan", () => {
  it("closes a long at the first tick that gives the move", () => {
    const plan = findProfit(pathOf([100_000, 100_100, 100_250, 100_250]), 5, DEGEN, true, SHARE_MOVE);
    expect(plan).to.deep.equal({ isLong: true, requestAt: 5, openTick: 8, closeRequestAt: 57, closeTick: 60 });
  });

  it("opens later where the first position would not live to see it", () => {
    const plan = findProfit(pathOf([100_000, 99_900, 100_150, 100_150]), 5, DEGEN, true, SHARE_MOVE);
    expect(plan).to.deep.equal({ isLong: true, requestAt: 27, openTick: 30, closeRequestAt: 57, closeTick: 60 });
  });

  it("finds no profit for a long on a path that only falls, and one for a short", () => {
    const falling = pathOf([100_000, 99_900, 99_750, 99_700]);
    expect(findProfit(falling, 0, DEGEN, true, SHARE_MOVE)).to.equal(undefined);
    expect(findProfit(falling, 0, DEGEN, false, SHARE_MOVE)?.closeTick).to.equal(60);
  });

  it("does not open where the price runs away before the feeds report", () => {
    const plan = findProfit(pathOf([100_000, 100_400, 100_700, 100_700]), 15, DEGEN, true, SHARE_MOVE);
    expect(plan?.openTick).to.equal(30);
  });

  it("takes a long to its liquidation at the first crossing tick, and a short where no long falls", () => {
    expect(findLiquidation(pathOf([100_000, 99_949, 99_949]), 0, DEGEN)).to.deep.equal({
      isLong: true,
      requestAt: 0,
      openTick: 3,
      crossingTick: 30,
    });
    expect(findLiquidation(pathOf([100_000, 100_060, 100_060]), 0, DEGEN).isLong).to.equal(false);
    expect(() => findLiquidation(pathOf([100_000, 100_000]), 0, DEGEN)).to.throw(PathError, "liquidation");
  });

  it("closes at the horizon, with a position that lives until then", () => {
    const terms = { leverage: 100, slippagePips: 100, executionDelaySeconds: 2, liquidationLossRatePips: 600_000 };
    const plan = findClose(pathOf([100_000, 100_700, 100_700, 100_700, 100_700]), 0, terms, false, 60);
    expect(plan).to.deep.equal({ isLong: false, requestAt: 28, openTick: 30, closeRequestAt: 88, closeTick: 90 });
    expect(() => findClose(pathOf([100_000]), 0, terms, false, 60)).to.throw(PathError, "open and close");
  });

  it("refuses an order where its bound is not met at the tick", () => {
    expect(findRefusal(pathOf([100_000, 99_900, 99_900]), 27, DEGEN, 0.001)).to.equal(30);
    expect(() => findRefusal(pathOf([100_000]), 28, DEGEN, 0.001)).to.throw(PathError, "refusal");
  });
});
