import { expect } from "chai";
import type { WalkOptions } from "../../../kit/prices";
import { createRandom, generatePath } from "../../../kit/prices";
import { bandOf, clamp } from "../../../sdk/model";
import { confidencePips, generateMarket, marketOf, walkPrices, REGIMES } from "../../../scripts/risk/market/path";
import type { MarketPath } from "../../../scripts/risk/market/path";
import { randomOf } from "../../../scripts/risk/random";
import { Queue } from "../../../scripts/risk/session/queue";
import { KINDS } from "../../../scripts/risk/session/outcome";
import type { Search } from "../../../scripts/risk/session/search";
import { hitAt, searchFast } from "../../../scripts/risk/session/search";
import { Session } from "../../../scripts/risk/session/session";
import type { Setting } from "../../../scripts/risk/setting";
import { shippedSetting } from "../../../scripts/risk/setting";
import { SWEEPS } from "../../../scripts/risk/sweeps";
import type { Request } from "../../../scripts/risk/traders";
import { requestsOf } from "../../../scripts/risk/traders";

const SETTING = shippedSetting("bnb");
const CRASH = REGIMES.find(({ name }) => name === "crash")!;

/** The model asked about every position in every second. */
const tickByTick: Search = (ground, open, from, to) => {
  for (let second = from; second <= to; second++) {
    const hits = open.flatMap((held) => {
      const kind = hitAt(ground, held, second);
      return kind === undefined ? [] : [{ held, kind }];
    });
    if (hits.length > 0) return { second, hits };
  }
  return undefined;
};

function play(setting: Setting, seed: number, seconds: number, of = CRASH, search = searchFast) {
  const path = generateMarket(randomOf(seed, 0), seconds, setting.anchors, of);
  return new Session(path, setting, requestsOf(path, setting, randomOf(seed, 1)), search).run();
}

/** Prices in whole dollars, the last of them to the end. */
function flatPath(prices: Readonly<Record<number, number>>, seconds: number): MarketPath {
  const price = new Float64Array(seconds);
  let now = 100_000;
  for (let second = 0; second < seconds; second++) price[second] = (now = prices[second] ?? now) * 1e10;
  return marketOf("flat", price, [], SETTING.anchors);
}

function order(change: Partial<Request> = {}): Request {
  return {
    ...{ at: 10, behaviour: "test", mode: "degen", isLong: true, leverage: 1001, marginUsd: 100, holdSeconds: 600 },
    ...change,
  };
}

function played(path: MarketPath, requests: readonly Request[], change: Partial<Setting> = {}) {
  return new Session(path, { ...SETTING, ...change }, requests).run();
}

describe("risk: a path", () => {
  it("is the one of the generator, to the eighth decimal", () => {
    const walk: WalkOptions = CRASH;
    const seed = 77;
    const points = [
      ...generatePath({ ...walk, seed, startTime: 0, seconds: 500, startPriceX10: 100_000n * 10n ** 10n }),
    ];
    const { price } = walkPrices(createRandom(seed), 500, walk);
    const off = points.map(({ priceX10 }, second) => Math.abs(Number(priceX10) - price[second]));
    expect(Math.max(...off)).to.be.at.most(50);
    expect(price.every((tick) => tick % 100 === 0)).to.equal(true);
  });

  it("is held in the model's band around its anchors", () => {
    const path = generateMarket(randomOf(3), 4_000, SETTING.anchors, {
      ...CRASH,
      jumpsPerHour: 400,
      jumpDeviation: 0.02,
    });
    expect(path.isHeld).to.equal(true);
    const held = [...path.price].map((tick, second) => {
      const band = bandOf(path.anchors.map((anchor) => BigInt(anchor[second])));
      return Number(clamp(BigInt(tick), band.low, band.high));
    });
    expect([...path.bounded]).to.deep.equal(held);
  });

  it("has a confidence that a move of a second widens by a half of it", () => {
    const { price } = flatPath({ 5: 100_100 }, 10);
    expect(confidencePips(price, 0)).to.equal(300);
    expect(confidencePips(price, 4)).to.equal(300);
    expect(confidencePips(price, 5)).to.be.closeTo(300 + (Math.log(1.001) / 2) * 1e6, 1e-6);
  });
});

describe("risk: a session", () => {
  it("comes to the same as the model asked about every position in every second", () => {
    for (const seed of [1, 2, 3]) {
      const settings = [SETTING, SWEEPS.find(({ key }) => key === "latest")!.apply(SETTING, 15)];
      for (const setting of settings) {
        const outcome = play(setting, seed, 1_500);
        expect(outcome.endings.liquidated, `seed ${seed}`).to.be.greaterThan(3);
        expect(outcome).to.deep.equal(play(setting, seed, 1_500, CRASH, tickByTick));
      }
    }
  });

  it("adds up: kinds of income, classes of leverage and kinds of trader each make the LPs' result", () => {
    const outcome = play(SETTING, 9, 3_600);
    const total = (values: number[]) => values.reduce((sum, value) => sum + value, 0);
    const { standard, degen } = outcome.modes;
    expect(total(KINDS.flatMap((kind) => [standard.income[kind], degen.income[kind]]))).to.be.closeTo(outcome.lp, 1e-6);
    expect(total(outcome.byLeverage.map(({ lp }) => lp))).to.be.closeTo(outcome.lp, 1e-6);
    expect(total(Object.values(outcome.byBehaviour).map(({ lp }) => lp))).to.be.closeTo(outcome.lp, 1e-6);
    const ended = total(Object.values(outcome.endings));
    expect(ended).to.equal(standard.trades + degen.trades);
  });

  it("liquidates at the crossing tick: the LPs keep the margin less the reward, and late is the keeper's delay", () => {
    // 7 bp down: 70% of the margin.
    const path = flatPath({ 100: 99_930 }, 300);
    for (const keeperDelay of [0, 1, 7]) {
      const { modes, lateness, endings, missed } = played(path, [order()], { keeperDelay });
      expect(modes.degen.income.liquidation).to.be.closeTo(95, 1e-6);
      expect([endings.liquidated, lateness[keeperDelay], missed]).to.deep.equal([1, 1, 0]);
      expect(modes.degen.badDebt).to.equal(0);
    }
  });

  it("misses a crossing that came back, with the latest tick or beyond 30 s, and not with the crossing tick within them", () => {
    const path = flatPath({ 100: 99_930, 101: 100_000 }, 300);
    const missedBy = (change: Partial<Setting>) => played(path, [order()], change).missed;
    expect(missedBy({ keeperDelay: 30 })).to.equal(0);
    expect(missedBy({ keeperDelay: 31 })).to.equal(1);
    expect(missedBy({ keeperDelay: 1, proof: "latest" })).to.equal(1);
  });

  it("counts what a jump takes beyond the margin as bad debt", () => {
    // Down 0.5%: five margins at 1001x, of which one is there; the reward is 5% of it.
    const { modes } = played(flatPath({ 100: 99_500 }, 300), [order()]);
    const lossAtTick = 1001 * 100 * (1 - 99_500 / 100_010);
    // And a minute and a half of carry.
    expect(modes.degen.badDebt).to.be.closeTo(lossAtTick + 5 - 100, 0.1);
    expect(modes.degen.short).to.equal(1);
  });

  it("takes profit at the cap and the LPs their share of the Degen fee", () => {
    const { modes, endings } = played(flatPath({ 100: 100_400 }, 300), [order()]);
    expect(endings.profit).to.equal(1);
    const { price, closeFee, profitShare } = modes.degen.income;
    // Three margins at the cap less the slippage of 1 bp of the exit; 15% of it, 80% of that the LPs'.
    const gain = 300 - (1001 * 100 * 1.003) / 10_000;
    expect(price).to.be.closeTo(-gain, 0.05);
    expect(closeFee + profitShare).to.be.closeTo(0.15 * 0.8 * gain, 0.05);
  });

  it("refuses what the terms refuse", () => {
    const path = flatPath({}, 300);
    const refusedBy = (requests: Request[], change: Partial<Setting> = {}, on = path) => {
      const { refused } = played(on, requests, change);
      return Object.entries(refused).flatMap(([reason, count]) => (count > 0 ? [`${reason} ${count}`] : []));
    };
    expect(refusedBy([order()])).to.deep.equal([]);
    // A move of 30 bp in the second of the fill makes it wide.
    expect(refusedBy([order()], {}, flatPath({ 13: 100_300 }, 300))).to.deep.equal(["confidence 1"]);
    const large = order({ marginUsd: 499 });
    expect(refusedBy([large, large, large, large, large])).to.deep.equal(["open interest 1"]);
    expect(refusedBy([order({ marginUsd: 600 })])).to.deep.equal(["open interest 1"]);
    expect(refusedBy([order()], { vaultUsd: 300 })).to.deep.equal(["reserve 1"]);
    const books = { ...SETTING.books, degen: { ...SETTING.books.degen, budgetUsd: 10n ** 18n } };
    const after = order({ at: 200 });
    expect(refusedBy([order(), after], { books }, flatPath({ 100: 100_400 }, 300))).to.deep.equal(["loss budget 1"]);
  });

  it("fills no order whose tick lies too far from an anchor while its window lasts", () => {
    // The jump is two seconds before the fill: the confidence is calm again, Chainlink not there yet, Atlas neither.
    const path = flatPath({ 11: 100_700 }, 300);
    expect(played(path, [order()]).modes.degen.trades).to.equal(0);
    expect(played(path, [order()]).refused.deviation).to.equal(1);
    const anchors = [SETTING.anchors[0]];
    const alone = marketOf("flat", path.price, [], anchors);
    expect(played(alone, [order()], { anchors }).modes.degen.trades).to.equal(1);
  });
});

describe("risk: the queue", () => {
  it("gives by time, then in the order in which it was filled", () => {
    const queue = new Queue<string>();
    const random = randomOf(5);
    const items = Array.from({ length: 500 }, (_, order) => ({ time: Math.floor(random() * 40), order }));
    for (const { time, order } of items) queue.put(time, `${time}:${order}`);
    const sorted = [...items].sort((a, b) => a.time - b.time || a.order - b.order);
    expect(sorted.map(() => queue.take())).to.deep.equal(sorted.map(({ time, order }) => `${time}:${order}`));
    expect(queue.nextTime).to.equal(Infinity);
    expect(() => queue.take()).to.throw(RangeError, "nothing to do");
  });
});
