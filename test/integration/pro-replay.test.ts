import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import hre from "hardhat";
import { bridgeCandles } from "../../kit/prices";
import { InputError } from "../../scripts/demo/errors";
import { PricePath } from "../../scripts/demo/path";
import { parseProOptions } from "../../scripts/replay/pro/options";
import { replayPro } from "../../scripts/replay/pro/replay";
import { plotRun } from "../../scripts/replay/pro/report";
import { planPositions } from "../../scripts/replay/pro/traders";
import { readProWindow } from "../../scripts/replay/pro/windows";
import type { Window } from "../../scripts/replay/pro/windows";
import { px } from "../../sdk/units";
import { itMeasuresGas } from "../dsl/instrumented";
import { thrownBy } from "../dsl/thrown";
import { systemFixture } from "../fixtures/system";

const SEED = 1;
const SECONDS = 16;

/** BTC loses 9% within ten seconds. */
function fall(): Window {
  const points = Array.from({ length: SECONDS }, (_, second) => {
    const priceX10 = px("60000") - px("540") * BigInt(Math.min(second, 10));
    return { time: second, priceX10, confidenceX10: priceX10 / 10_000n };
  });
  const paths = new Map([["BTC", PricePath.of("a fall", null, points)]] as const);
  return { crash: "2025-10-10", description: "a fall", recordedFrom: null, seconds: SECONDS, paths };
}

describe("the replay of a crash in the order book", () => {
  itMeasuresGas("lives through a fall as the model does, and ends with books that balance", async () => {
    const deployment = await loadFixture(systemFixture);
    const options = { seed: SEED, traders: 6, fund: 20_000, depth: 100, latency: 1 };
    const progress: string[] = [];
    const { report, samples } = await replayPro(hre, { ...deployment, ground: "replica" }, fall(), options, (line) =>
      progress.push(line),
    );
    expect(report).to.include({ seconds: SECONDS, recordedFrom: null, booksBalanced: true });
    expect(report.positions).to.deep.equal({ wanted: 6, opened: 6, refused: {} });
    expect(report.liquidations.ended).to.be.at.least(1);
    expect(report.liquidations.steps).to.be.at.least(report.liquidations.ended);
    expect(report.liquidations.unfinished).to.equal(0);
    expect(report.secondsLate.reduce((sum, [, count]) => sum + count, 0)).to.equal(report.liquidations.ended);
    const { fund, opposite, total, winners } = report.badDebt;
    expect(Number(total)).to.be.closeTo(Number(fund) + Number(winners) + Number(opposite), 1e-5);
    expect(samples.length).to.be.at.least(SECONDS);
    expect(plotRun(report, samples)).to.match(/^<svg [\s\S]*<\/svg>\n$/);
    expect(progress.at(0)).to.equal("16 accounts");
    expect(await hre.network.provider.send("hardhat_getAutomine", [])).to.equal(true);
  });

  it("begins around the deepest fall, the same for a seed, with every price that a crash has", () => {
    const options = { isGenerated: true, seconds: 300, seed: SEED };
    const window = readProWindow("2025-10-10", options);
    expect([...window.paths.keys()]).to.deep.equal(["BTC", "ETH"]);
    expect(window).to.include({
      seconds: 300,
      recordedFrom: null,
      description: "generated in place of 2025-10-10, seed 1",
    });
    const prices = window.paths.get("BTC")?.approximate ?? [];
    expect(prices[250]).to.be.lessThan(prices[0]);
    expect(readProWindow("2025-10-10", options).paths.get("BTC")?.approximate).to.deep.equal(prices);
  });

  it("draws the same positions for a seed, long and short, at all leverages", () => {
    const plans = planPositions([0, 1], 400, SEED);
    expect(plans).to.deep.equal(planPositions([0, 1], 400, SEED));
    expect(plans).not.to.deep.equal(planPositions([0, 1], 400, SEED + 1));
    expect(new Set(plans.map(({ leverage }) => leverage))).to.deep.equal(new Set([3n, 5n, 10n, 20n, 50n, 100n]));
    expect(plans.filter(({ isLong }) => isLong).length).to.be.within(240, 320);
    for (const { deposit, leverage, notional } of plans) expect(deposit * leverage >= notional).to.equal(true);
  });

  it("bridges bars to seconds that visit all four prices and never leave the range", () => {
    const bar = (time: number, open: string, high: string, low: string, close: string) => ({
      ...{ time, open: px(open), high: px(high), low: px(low), close: px(close) },
    });
    const bars = [bar(60, "100", "110", "90", "95"), bar(120, "95", "96", "80", "81")];
    const seconds = [...bridgeCandles(bars, { seed: SEED, barSeconds: 60 })];
    expect(seconds.map(({ time }) => time)).to.deep.equal(Array.from({ length: 120 }, (_, index) => 60 + index));
    for (const [index, { close, high, low, open }] of bars.entries()) {
      const own = seconds.slice(60 * index, 60 * index + 60).map(({ priceX10 }) => priceX10);
      expect([own[0], own[59]]).to.deep.equal([open, close]);
      expect(own).to.include(low).and.to.include(high);
      expect(own.every((price) => low <= price && price <= high)).to.equal(true);
    }
    expect([...bridgeCandles(bars, { seed: SEED, barSeconds: 60 })]).to.deep.equal(seconds);
    expect(() => [...bridgeCandles(bars, { seed: SEED, barSeconds: 3 })]).to.throw(RangeError, "a bar of 3 s");
  });

  it("refuses options that it can't run", async () => {
    const good = {
      crashes: ["2025-10-10"],
      seed: 1,
      isGenerated: true,
      seconds: 60,
      traders: 10,
      fund: 0,
      depths: [100],
    };
    const refusal = async (change: object) =>
      thrownBy(Promise.resolve().then(() => parseProOptions({ ...good, latency: 1, reports: "reports", ...change })));
    expect(await refusal({ latency: 6 })).to.be.instanceOf(InputError);
    expect((await refusal({ traders: 3 })).message).to.match(/^bad-options: traders: /);
    expect((await refusal({ crashes: ["1929-10-24"] })).message).to.match(/^bad-options: crashes\.0: /);
  });
});
