import { expect } from "chai";
import fc from "fast-check";
import { LiquidationIndex } from "../../../keeper/index/liquidations";
import type { IndexedPosition, Surroundings } from "../../../keeper/index/liquidations";
import { SortedKeys } from "../../../keeper/index/SortedKeys";
import { TriggerIndex } from "../../../keeper/index/triggers";
import { carryOwedUsd, isLiquidatable, sizeOf, toUsdDown } from "../../../sdk/model";

const RUNS = Number(process.env.FUZZ_RUNS ?? 60);
const SEED = process.env.FUZZ_SEED === undefined ? undefined : Number(process.env.FUZZ_SEED);
const X18 = 10n ** 18n;
const TOLERANCE_PIPS = 20n;

/** Two books and three tokens: a dollar, a volatile one, and the base asset of the first book. */
class Settings implements Surroundings {
  readonly indices = [
    [0n, 0n],
    [0n, 0n],
  ];
  readonly prices = [10n ** 10n, 600n * 10n ** 10n, 60_000n * 10n ** 10n];

  carryIndexX18(bookId: number, isLong: boolean): bigint {
    return this.indices[bookId][isLong ? 0 : 1];
  }

  token(tokenId: number) {
    return { decimals: 18, price: this.prices[tokenId] };
  }

  isInKind(bookId: number, tokenId: number): boolean {
    return bookId === 0 && tokenId === 2;
  }
}

interface Drawn {
  bookId: number;
  tokenId: number;
  isLong: boolean;
  leverage: bigint;
  entry: bigint;
  marginUsd: bigint;
  llrPips: bigint;
}

const positions = fc.array(
  fc.record({
    bookId: fc.constantFrom(0, 1),
    tokenId: fc.constantFrom(0, 1, 2),
    isLong: fc.boolean(),
    leverage: fc.bigInt(1n, 1001n),
    entry: fc.bigInt(55_000n * 10n ** 10n, 65_000n * 10n ** 10n),
    marginUsd: fc.bigInt(5n, 10_000n),
    llrPips: fc.constantFrom(500_000n, 600_000n, 950_000n),
  }),
  { minLength: 1, maxLength: 120 },
);
const moves = fc.array(
  fc.record({
    price: fc.bigInt(20_000n * 10n ** 10n, 120_000n * 10n ** 10n),
    carry: fc.array(fc.bigInt(-(10n ** 16n), 3n * 10n ** 16n), { minLength: 4, maxLength: 4 }),
    tokenPips: fc.bigInt(800_000n, 1_250_000n),
    removed: fc.nat(),
  }),
  { minLength: 1, maxLength: 8 },
);

function positionOf(drawn: Drawn, id: number, settings: Settings): IndexedPosition {
  const { bookId, tokenId, isLong, leverage, entry, marginUsd, llrPips } = drawn;
  const token = settings.token(tokenId);
  const margin = (marginUsd * 10n ** 28n) / token.price;
  const size = sizeOf(toUsdDown(margin, token), leverage, entry);
  const carryIndexX18 = settings.carryIndexX18(bookId, isLong);
  return {
    ...{ id, bookId, tokenId, isLong, entry, size, margin, initialMargin: margin, llrPips, carryIndexX18 },
    ...{ profitCapPips: 5_000_000n, closeFeeKind: "standard", closeFeePips: 800n },
  };
}

/** The rule itself, position by position. The margin in the base asset has the tick as its price. */
function isDue(position: IndexedPosition, price: bigint, settings: Settings): boolean {
  const { bookId, tokenId, isLong, entry, size, carryIndexX18 } = position;
  const owed = carryOwedUsd(entry * size, settings.carryIndexX18(bookId, isLong), carryIndexX18);
  const token = settings.token(tokenId);
  const at = settings.isInKind(bookId, tokenId) ? price : token.price;
  return isLiquidatable(position, price, owed, { ...token, price: at });
}

describe("LiquidationIndex", () => {
  it("finds what a scan of all positions finds, and nothing that lies beyond its tolerance, as carry and tokens move", () => {
    const property = fc.property(positions, moves, (drawn, seconds) => {
      const settings = new Settings();
      const index = new LiquidationIndex(settings, { tolerancePips: Number(TOLERANCE_PIPS) });
      const all = new Map<number, IndexedPosition>();
      for (const [at, each] of drawn.entries()) {
        const position = positionOf(each, at + 1, settings);
        if (position.size === 0n) continue;
        all.set(position.id, position);
        index.put(position);
      }
      for (const { price, carry, tokenPips, removed } of seconds) {
        for (const [at, moved] of carry.entries()) settings.indices[at >> 1][at & 1] += moved;
        settings.prices[1] = (settings.prices[1] * tokenPips) / 1_000_000n;
        settings.prices[2] = price;
        const found = new Set(index.crossed([0, 1], Number(price), Number(price)));
        for (const position of all.values()) {
          // What moves is known to a moment: it finds a little more, and never less.
          if (isDue(position, price, settings)) expect(found.has(position.id), `missed ${position.id}`).to.equal(true);
          const margin = (price * (TOLERANCE_PIPS + 1n)) / 1_000_000n;
          const nearest = position.isLong ? price - margin : price + margin;
          if (!isDueAt(position, nearest, settings))
            expect(found.has(position.id), `too much ${position.id}`).to.equal(false);
        }
        const ids = [...all.keys()];
        const gone = ids[removed % ids.length];
        index.remove(gone);
        all.delete(gone);
        if (all.size === 0) return;
      }
    });
    fc.assert(property, { numRuns: RUNS, seed: SEED });
  });

  /** The same of another price, with the token in kind at it. */
  function isDueAt(position: IndexedPosition, price: bigint, settings: Settings): boolean {
    return isDue(position, price, settings);
  }

  it("looks at what a tick crosses, and at little else", () => {
    const settings = new Settings();
    const index = new LiquidationIndex(settings);
    for (let id = 1; id <= 20_000; id++) {
      const entry = (60_000n + BigInt(id % 1_000)) * 10n ** 10n;
      const drawn = {
        bookId: 1,
        tokenId: 0,
        isLong: id % 2 === 0,
        leverage: BigInt(2 + (id % 98)),
        entry,
        marginUsd: 100n,
      };
      index.put(positionOf({ ...drawn, llrPips: 600_000n }, id, settings));
    }
    settings.indices[1] = [X18 / 10_000n, X18 / 10_000n];
    const price = 60_500 * 1e10;
    const before = index.work.looked;
    const found = index.crossed([1], price, price).length;
    // At the first tick after so much carry, and after the groups that had moved apart were sorted.
    expect(index.work.looked - before).to.be.at.most(2 * found + 200);
  });

  it("has no price at which a short is liquidated whose margin gains as much as it loses", () => {
    const settings = new Settings();
    const index = new LiquidationIndex(settings);
    const drawn = { bookId: 0, tokenId: 2, isLong: false, leverage: 1n, marginUsd: 1_000n, llrPips: 950_000n };
    const short = positionOf({ ...drawn, entry: 60_000n * 10n ** 10n }, 1, settings);
    index.put({ ...short, margin: short.margin * 2n });
    expect(index.priceOf(1)).to.equal(Infinity);
    expect(index.crossed([0], 1e18, 1e18)).to.deep.equal([]);
  });

  it("puts a position in the place of what was known of it", () => {
    const settings = new Settings();
    const index = new LiquidationIndex(settings);
    const drawn = { bookId: 1, tokenId: 0, isLong: true, leverage: 10n, marginUsd: 100n, llrPips: 600_000n };
    const position = positionOf({ ...drawn, entry: 60_000n * 10n ** 10n }, 1, settings);
    index.put(position);
    const before = index.priceOf(1) ?? 0;
    index.put({ ...position, margin: position.margin * 2n });
    expect(index.size).to.equal(1);
    expect(index.priceOf(1)).to.be.lessThan(before);
    index.remove(1);
    expect(index.size).to.equal(0);
    expect(index.priceOf(1)).to.equal(undefined);
  });
});

describe("SortedKeys", () => {
  it("has what a sorted list has, whatever is added and removed", () => {
    const steps = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 30 })), {
      maxLength: 400,
    });
    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 40 }), (all, a, b) => {
        const keys = new SortedKeys();
        const list: [number, number][] = [];
        for (const [isAdded, key, id] of all) {
          const at = list.findIndex(([k, i]) => k === key && i === id);
          if (isAdded && at < 0) {
            keys.add(key, id);
            list.push([key, id]);
          } else if (!isAdded) {
            expect(keys.remove(key, id)).to.equal(at >= 0);
            if (at >= 0) list.splice(at, 1);
          }
        }
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const expected = list.filter(([key]) => low <= key && key <= high).map(([, id]) => id);
        expect([...keys.range(low, high)].sort((x, y) => x - y)).to.deep.equal(expected.sort((x, y) => x - y));
        expect(keys.size).to.equal(list.length);
        expect(keys.least).to.equal(list.length === 0 ? undefined : Math.min(...list.map(([key]) => key)));
      }),
      { numRuns: RUNS, seed: SEED },
    );
  });

  it("keeps its order over many chunks", () => {
    const keys = new SortedKeys();
    for (let id = 1; id <= 5_000; id++) keys.add((id * 7_919) % 5_003, id);
    const order = [...keys.range(-Infinity, Infinity)].map((id) => (id * 7_919) % 5_003);
    expect(order).to.deep.equal([...order].sort((a, b) => a - b));
    for (let id = 1; id <= 5_000; id += 2) expect(keys.remove((id * 7_919) % 5_003, id)).to.equal(true);
    expect([...keys.range(-Infinity, Infinity)].length).to.equal(2_500);
  });
});

describe("TriggerIndex", () => {
  it("finds triggers that are reached from below and from above, the price itself included", () => {
    const index = new TriggerIndex();
    index.put({ id: 1, kind: "takeProfit", assetId: 1, price: 100n, isAbove: true });
    index.put({ id: 2, kind: "takeProfit", assetId: 1, price: 100n, isAbove: false });
    index.put({ id: 3, kind: "takeProfit", assetId: 2, price: 1n, isAbove: true });
    expect(index.reached("takeProfit", 1, 100, 100)).to.deep.equal([1, 2]);
    expect(index.reached("takeProfit", 1, 99, 99)).to.deep.equal([2]);
    expect(index.reached("takeProfit", 1, 101, 101)).to.deep.equal([1]);
    expect(index.isReached(1, "takeProfit", 99, 99)).to.equal(false);
    index.remove(1, "takeProfit");
    expect(index.reached("takeProfit", 1, 101, 101)).to.deep.equal([]);
  });

  it("leaves limits alone that the market has gone through by far", () => {
    const index = new TriggerIndex();
    for (const [id, price] of [
      [1, 1_000n],
      [2, 1_010n],
      [3, 1_100n],
    ] as const) {
      index.put({ id, kind: "limit", assetId: 1, price, isAbove: false, furthestPips: 20_000 });
    }
    expect(index.reached("limit", 1, 1_000, 1_000)).to.deep.equal([1, 2]);
  });
});
