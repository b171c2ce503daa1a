import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import fc from "fast-check";
import { ethers } from "hardhat";
import {
  arithmeticLines,
  geometricLines,
  gridOrders,
  gridRealised,
  gridStart,
  gridTurnover,
} from "../../../sdk/model/pro";
import { BTC } from "./samples";

const deploy = () => ethers.deployContract("GridHarness");
const SEED = 20_251_010;
const LAST_TICK = 2n ** 24n - 1n;
const MOST_LOTS = 2n ** 44n - 1n;

/** Two ticks over the whole range, or near each other. */
const range = fc
  .tuple(
    fc.oneof(fc.bigInt({ min: 1n, max: LAST_TICK - 1n }), fc.bigInt({ min: 1n, max: 300n })),
    fc.oneof(fc.bigInt({ min: 1n, max: LAST_TICK }), fc.bigInt({ min: 1n, max: 500n })),
  )
  .map(([low, width]) => ({ low, high: low + width > LAST_TICK ? LAST_TICK : low + width }));

const ladder = fc.record({
  ...{ range, lines: fc.integer({ min: 2, max: 100 }), window: fc.integer({ min: 1, max: 16 }) },
  lots: fc.oneof(fc.bigInt({ min: 1n, max: MOST_LOTS }), fc.bigInt({ min: 1n, max: 9n })),
});

describe("grids: contract and model", () => {
  it("place the same lines, by differences and by ratios, over the whole range", async () => {
    const harness = await loadFixture(deploy);
    const lines = fc.integer({ min: 2, max: 100 });
    await fc.assert(
      fc.asyncProperty(range, lines, fc.boolean(), async ({ low, high }, count, isGeometric) => {
        const expected = (isGeometric ? geometricLines : arithmeticLines)(low, high, count);
        expect(await harness.linesOf(low, high, count, isGeometric)).to.deep.equal(expected);
      }),
      { seed: SEED, numRuns: 120, examples: [[{ low: 1n, high: LAST_TICK }, 100, true]] },
    );
  });

  it("hold, want, turn over and earn the same", async () => {
    const harness = await loadFixture(deploy);
    const unit = fc.double({ min: 0, max: 1, noNaN: true });
    await fc.assert(
      fc.asyncProperty(
        ladder,
        fc.tuple(unit, unit, unit, unit),
        async ({ lines, lots, range: ends, window }, shares) => {
          const ticks = arithmeticLines(ends.low, ends.high, lines);
          const own = { ticks, lots, window };
          const all = BigInt(lines - 1) * lots;
          const part = (share: number, whole: bigint) => (whole * BigInt(Math.round(share * 1e9))) / 1_000_000_000n;
          const [from, to, start] = [part(shares[0], all), part(shares[1], all), part(shares[2], all)];
          const price = (ends.low + part(shares[3], ends.high - ends.low)) * BTC.tickSize;
          expect(await harness.heldAt(ticks, lots, price, BTC.tickSize)).to.equal(gridStart(own, BTC, price));
          const wanted = gridOrders(own, to, from).map(({ line, lots: size, side, tick }) => [
            ...[BigInt(line), side === "buy", tick, size],
          ]);
          expect(await harness.ordersOf(ticks, lots, window, to, from)).to.deep.equal(wanted);
          const [less, more] = from < to ? [from, to] : [to, from];
          const crossed = await harness.crossed(ticks, lots, start, less, more, -5n);
          const bought = gridTurnover(own, less, more);
          const sold = gridTurnover(own, more, less);
          expect([...crossed]).to.deep.equal([bought, sold, gridRealised(own, start, more, -5n)]);
        },
      ),
      { seed: SEED, numRuns: 120 },
    );
  });
});
