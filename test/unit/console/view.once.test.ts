import { expect } from "chai";
import { candlesOf } from "../../../console/src/view/candles";
import {
  distanceText,
  durationText,
  grouped,
  pipsText,
  priceText,
  shareOf,
  signedUsdText,
  tokenText,
  usdText,
  wordsOf,
} from "../../../console/src/view/format";
import { readRoute, routeText } from "../../../console/src/view/route";
import { leverageAt, marksOf, nextLeverage, positionOf, readLeverage } from "../../../console/src/view/slider";
import { px, usd } from "../../../sdk/units";

describe("console: what is shown", () => {
  it("groups digits and keeps their number", () => {
    expect(grouped("1234567.5")).to.equal("1,234,567.5");
    expect(priceText(px("60000.5"))).to.equal("60,000.50");
    expect(priceText(px("3.25"))).to.equal("3.2500");
    expect(priceText(px("0.5"))).to.equal("0.500000");
    expect(priceText(0n)).to.equal("–");
    expect(usdText(usd("-1250.129"))).to.equal("−$1,250.12");
    expect(signedUsdText(usd("2"))).to.equal("+$2.00");
    expect(signedUsdText(0n)).to.equal("$0.00");
    expect(tokenText(-1_500_000n, 6, 2)).to.equal("−1.50");
  });

  it("says shares and distances in percent, signed", () => {
    expect(pipsText(-500n)).to.equal("−0.05%");
    expect(distanceText(px("59940"), px("60000"))).to.equal("−0.100%");
    expect(distanceText(px("60060"), px("60000"))).to.equal("+0.100%");
    expect(distanceText(0n, px("60000"))).to.equal("–");
    expect(shareOf(1n, 4n)).to.equal(250_000n);
    expect(shareOf(1n, 0n)).to.equal(0n);
  });

  it("says seconds and names as a person does", () => {
    expect([0, 59, 60, 200, 3_900, 7_200, 200_000].map(durationText)).to.deep.equal([
      ...["0 s", "59 s", "1 min", "3 min 20 s", "1 h 5 min", "2 h", "2 days"],
    ]);
    expect(durationText(-3)).to.equal("0 s");
    expect(wordsOf("acceptablePrice")).to.equal("acceptable price");
  });
});

describe("console: the address of the page", () => {
  it("reads a page and a market, and nothing else", () => {
    expect(readRoute("#/earn")).to.deep.equal({ page: "earn", market: undefined });
    expect(readRoute("#/pro/ETH")).to.deep.equal({ page: "pro", market: "ETH" });
    for (const page of ["trade", "pro", "earn", "portfolio", "system"] as const) {
      expect(readRoute(routeText({ page, market: "BTC" }))).to.deep.equal({ page, market: "BTC" });
    }
  });

  it("takes no amount, address or text from it", () => {
    const wrong = ["", "#/trade?amount=5", "#/trade/BTC/100", "#/trade/0xabcdef", "#/trade/<b>", "#/nowhere", "#trade"];
    for (const hash of wrong) expect(readRoute(hash), hash).to.deep.equal({ page: "trade", market: undefined });
  });
});

describe("console: the slider of leverage", () => {
  const standard = { min: 1, max: 500 };
  const degen = { min: 500, max: 1001 };

  it("reaches both ends and every leverage by its position or the keys", () => {
    for (const range of [standard, degen]) {
      expect(leverageAt(0, range)).to.equal(range.min);
      expect(leverageAt(1_000, range)).to.equal(range.max);
      expect(leverageAt(-5, range)).to.equal(range.min);
      expect(leverageAt(2_000, range)).to.equal(range.max);
      expect(positionOf(range.min, range)).to.equal(0);
      expect(positionOf(range.max + 1, range)).to.equal(1_000);
    }
  });

  it("goes up with each key until the end, and down again", () => {
    for (const range of [standard, degen]) {
      let leverage = range.min;
      for (let key = 0; key < 1_000 && leverage < range.max; key++) {
        const next = nextLeverage(leverage, 1, range);
        expect(next).to.be.greaterThan(leverage);
        leverage = next;
      }
      expect(leverage).to.equal(range.max);
      expect(nextLeverage(range.max, 1, range)).to.equal(range.max);
      expect(nextLeverage(range.max, -1, range)).to.be.lessThan(range.max);
      expect(nextLeverage(range.min, -1, range)).to.equal(range.min);
    }
  });

  it("reads whole numbers of the range alone", () => {
    expect(readLeverage("1001", degen)).to.equal(1001);
    for (const text of ["", "499", "1002", "1e3", "750.5", "-600", "10010"])
      expect(readLeverage(text, degen)).to.equal(undefined);
    expect(marksOf(degen)).to.deep.equal([500, 600, 750, 850, 1001]);
  });
});

describe("console: candles", () => {
  const tick = (time: number, price: string) => ({ time, price: px(price) });

  it("opens each where the last closed, and leaves out what is out of order", () => {
    const ticks = [tick(100, "10"), tick(103, "14"), tick(104, "8"), tick(99, "1"), tick(105, "9"), tick(121, "12")];
    expect(candlesOf(ticks, 5)).to.deep.equal([
      { time: 100, open: 10, high: 14, low: 8, close: 8 },
      { time: 105, open: 8, high: 9, low: 8, close: 9 },
      { time: 120, open: 9, high: 12, low: 9, close: 12 },
    ]);
    expect(candlesOf([], 5)).to.deep.equal([]);
  });
});
