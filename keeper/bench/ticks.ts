/**
 * Ticks a second that the index of positions takes, and the memory that it needs, at 1,000, 10,000 and 100,000 positions:
 *
 *   npm run -w @asterism/keeper bench
 *
 * The price walks a basis point or so a tick, carry runs at its bound, and a volatile margin token moves with every tick. A tick is
 * looked up in the index of liquidations and in that of triggers; what it crosses is taken out and replaced by as many new ones.
 */
import { TriggerIndex } from "../index/triggers";
import { LiquidationIndex } from "../index/liquidations";
import type { IndexedPosition, Surroundings } from "../index/liquidations";

const COUNTS = [1_000, 10_000, 100_000];
const SECONDS = 3;
const X18 = 10n ** 18n;
const PRICE_UNIT = 1e10;
/** 600 pips an hour. */
const CARRY_A_SECOND = (600n * X18) / 1_000_000n / 3_600n;

/** A small fast generator (mulberry32): the same numbers each time. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

class Market implements Surroundings {
  price = 60_000;
  volatile = 600;
  carry = 0n;

  carryIndexX18(_: number, isLong: boolean): bigint {
    return isLong ? this.carry : -this.carry;
  }

  token(tokenId: number) {
    return { decimals: 18, price: BigInt(Math.round((tokenId === 0 ? 1 : this.volatile) * PRICE_UNIT)) };
  }

  isInKind(): boolean {
    return false;
  }
}

interface Result {
  readonly positions: number;
  readonly ticksASecond: number;
  readonly crossed: number;
  readonly looked: number;
  readonly sorted: number;
  readonly megabytes: number;
  readonly scansASecond: number;
}

function measure(count: number): Result {
  const random = randomFrom(count);
  const market = new Market();
  global.gc?.();
  const before = process.memoryUsage().heapUsed;
  const liquidations = new LiquidationIndex(market);
  const triggers = new TriggerIndex();
  let nextId = 1;
  const all = new Map<number, IndexedPosition>();
  const open = () => {
    const id = nextId++;
    const isLong = random() < 0.5;
    const leverage = random() < 0.3 ? 500 + Math.floor(random() * 500) : 2 + Math.floor(random() * 98);
    const tokenId = random() < 0.7 ? 0 : 1;
    const entry = BigInt(Math.round(market.price * (1 + (random() - 0.5) / leverage) * PRICE_UNIT));
    const margin = (100n * 10n ** 28n) / market.token(tokenId).price;
    const position: IndexedPosition = {
      ...{ id, bookId: leverage > 500 ? 1 : 0, tokenId, isLong, entry, margin, initialMargin: margin },
      ...{ size: (100n * 10n ** 18n * BigInt(leverage)) / entry, llrPips: 600_000n, profitCapPips: 5_000_000n },
      ...{ closeFeeKind: "standard", closeFeePips: 800n, carryIndexX18: market.carryIndexX18(0, isLong) },
    };
    liquidations.put(position);
    const profit = isLong ? (entry * 110n) / 100n : (entry * 90n) / 100n;
    triggers.put({ id, kind: "takeProfit", assetId: 1, price: profit, isAbove: isLong });
    all.set(id, position);
  };
  for (let made = 0; made < count; made++) open();
  global.gc?.();
  const megabytes = (process.memoryUsage().heapUsed - before) / 2 ** 20;

  let ticks = 0;
  let crossed = 0;
  const [lookedBefore, end] = [liquidations.work.looked, performance.now() + SECONDS * 1_000];
  while (performance.now() < end) {
    market.price *= 1 + (random() - 0.5) * 2e-4;
    market.volatile *= 1 + (random() - 0.5) * 4e-4;
    market.carry += CARRY_A_SECOND;
    const price = market.price * PRICE_UNIT;
    const hit = new Set([
      ...liquidations.crossed([0, 1], price, price),
      ...triggers.reached("takeProfit", 1, price, price),
    ]);
    for (const id of hit) {
      liquidations.remove(id);
      triggers.remove(id, "takeProfit");
      all.delete(id);
      open();
    }
    crossed += hit.size;
    ticks += 1;
  }
  return {
    positions: count,
    ticksASecond: Math.round(ticks / SECONDS),
    crossed,
    looked: liquidations.work.looked - lookedBefore,
    sorted: liquidations.work.sorted,
    megabytes: Math.round(megabytes * 10) / 10,
    scansASecond: scans(all, market),
  };
}

/** What a look at every position would come to, in floating point. */
function scans(all: ReadonlyMap<number, IndexedPosition>, market: Market): number {
  let count = 0;
  const end = performance.now() + 1_000;
  while (performance.now() < end) {
    for (const position of all.values()) {
      const { entry, size, margin, isLong, tokenId, llrPips } = position;
      const price = BigInt(Math.round(market.price * PRICE_UNIT));
      const loss = isLong ? size * (entry - price) : size * (price - entry);
      const worth = (margin * market.token(tokenId).price) / 10n ** 10n;
      if (loss * 1_000_000n >= llrPips * worth) continue;
    }
    count += 1;
  }
  return count;
}

console.table(COUNTS.map(measure));
