import { expect } from "chai";

import { CsvError, expandCandles, generatePath, parseCandles } from "../../../kit/prices";
import type { PathOptions } from "../../../kit/prices";

const OPTIONS: PathOptions = { seed: 7, startTime: 1_000, seconds: 3_600, startPriceX10: 60_000n * 10n ** 10n };
const HEADER = "unix_timestamp,open,high,low,close\n";

function reasonOf(text: string): [string, number] {
  try {
    parseCandles(text);
  } catch (error) {
    if (error instanceof CsvError) return [error.reason, error.line];
    throw error;
  }
  return ["none", 0];
}

describe("generatePath", () => {
  it("repeats itself for a seed, differs for another, and continues when longer", () => {
    const path = [...generatePath(OPTIONS)];
    expect([...generatePath(OPTIONS)]).to.deep.equal(path);
    expect([...generatePath({ ...OPTIONS, seed: 8 })]).to.not.deep.equal(path);
    expect([...generatePath({ ...OPTIONS, seconds: 7_200 })].slice(0, 3_600)).to.deep.equal(path);
  });

  it("has a price for every second from the start price on, with a positive confidence", () => {
    const path = [...generatePath(OPTIONS)];
    expect(path[0]).to.deep.equal({ time: 1_000, priceX10: OPTIONS.startPriceX10, confidenceX10: 18n * 10n ** 10n });
    expect(path.map((point) => point.time)).to.deep.equal(path.map((_, i) => 1_000 + i));
    expect(path.every((point) => point.priceX10 > 0n && point.confidenceX10 > 0n)).to.equal(true);
  });

  it("moves as much as its volatility says, and by its jumps", () => {
    const path = [...generatePath({ ...OPTIONS, seconds: 100_000, jumpsPerHour: 0 })];
    const moves = path.slice(1).map((point, i) => Math.log(Number(point.priceX10) / Number(path[i].priceX10)));
    const variance = moves.reduce((sum, move) => sum + move * move, 0) / moves.length;
    expect(Math.sqrt(variance * 365 * 86_400)).to.be.closeTo(0.6, 0.02);
    const jumpy = { ...OPTIONS, annualVolatility: 0, jumpsPerHour: 3_600, jumpMean: -0.01, jumpDeviation: 0 };
    const [first, second] = [...generatePath({ ...jumpy, seconds: 2 })];
    expect(Number(second.priceX10) / Number(first.priceX10)).to.be.closeTo(Math.exp(-0.01), 1e-9);
    expect(second.confidenceX10).to.be.gt(first.confidenceX10);
  });
});

describe("parseCandles", () => {
  it("reads prices exactly, at most 10 decimals", () => {
    const [candle] = parseCandles(`${HEADER}100,1.5,2.0000000001,1,1.25\n`);
    expect(candle).to.deep.equal({
      time: 100,
      open: 15_000_000_000n,
      high: 20_000_000_001n,
      low: 10_000_000_000n,
      close: 12_500_000_000n,
    });
  });

  it("names the reason and the line of a malformed file", () => {
    expect(reasonOf("time,price\n")).to.deep.equal(["header", 1]);
    expect(reasonOf(HEADER)).to.deep.equal(["empty", 2]);
    expect(reasonOf(`${HEADER}1,1,1,1\n`)).to.deep.equal(["columns", 2]);
    expect(reasonOf(`${HEADER}1,1,1,1,1\n\n2,1,1,1,1\n`)).to.deep.equal(["columns", 3]);
    expect(reasonOf(`${HEADER}1,1,1,1,1\n2,1,x,1,1\n`)).to.deep.equal(["number", 3]);
    expect(reasonOf(`${HEADER}1.5,1,1,1,1\n`)).to.deep.equal(["number", 2]);
    expect(reasonOf(`${HEADER}1,1,1,1,-1\n`)).to.deep.equal(["number", 2]);
    expect(reasonOf(`${HEADER}1,2,1,1,1\n`)).to.deep.equal(["range", 2]);
    expect(reasonOf(`${HEADER}1,0,0,0,0\n`)).to.deep.equal(["range", 2]);
    expect(reasonOf(`${HEADER}2,1,1,1,1\n2,1,1,1,1\n`)).to.deep.equal(["order", 3]);
  });
});

describe("expandCandles", () => {
  const seconds = (text: string, shape: Parameters<typeof expandCandles>[1]["shape"], barSeconds?: number) =>
    [...expandCandles(parseCandles(HEADER + text), { shape, barSeconds })].map((point) => [
      point.time,
      Number(point.priceX10) / 1e10,
    ]);

  it("carries the last close forward over missing seconds", () => {
    const points = seconds("10,1,1,1,1\n11,2,2,2,2\n14,3,3,3,3\n", "close");
    expect(points).to.deep.equal([10, 11, 12, 13, 14].map((time, i) => [time, [1, 2, 2, 2, 3][i]]));
  });

  it("visits low and high in the order asked for, and reaches open, low, high and close", () => {
    const bar = "60,10,19,7,16\n";
    const lowFirst = seconds(bar, "open-low-high-close", 10);
    const highFirst = seconds(bar, "open-high-low-close", 10);
    expect(lowFirst.map(([, price]) => price)).to.deep.equal([10, 9, 8, 7, 11, 15, 19, 18, 17, 16]);
    expect(highFirst.map(([, price]) => price)).to.deep.equal([10, 13, 16, 19, 15, 11, 7, 10, 13, 16]);
  });

  it("carries the close between bars that are not adjacent", () => {
    const points = seconds("0,1,1,1,1\n4,1,4,1,4\n12,5,5,5,5\n", "open-low-high-close");
    expect(points.length).to.equal(16);
    expect(points.slice(7, 12).every(([, price]) => price === 4)).to.equal(true);
  });
});
