import { expect } from "chai";
import { Interface } from "ethers";
import { ProIndexer } from "../../../keeper/pro/ProIndexer";
import { pairsOf } from "../../../keeper/pro/Settling";
import { ScopeIndex, Trails } from "../../../keeper/index";
import type { Tick } from "../../../keeper/index";
import type { ScopePosition } from "../../../keeper/index";
import { BTC_MARKET, ETH_MARKET, maintenanceMargin } from "../../../sdk/model/pro";
import { proAbi } from "../../../sdk/abis";
import { orderIdOf } from "../../../sdk/pro/words";
import { px } from "../../../sdk/units";

const SEED = 20_251_011;
const SCOPES = 300;
const MOVES = 60;
const MARKETS = [BTC_MARKET, ETH_MARKET];
const START = [px("60000"), px("4000")];

/** The same numbers for the same seed. */
function randomOf(seed: number) {
  let state = seed;
  return (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

interface Scope {
  readonly cash: bigint;
  readonly held: readonly { readonly market: number; readonly lots: bigint; readonly entry: bigint }[];
}

const size = (lots: bigint) => (lots < 0n ? -lots : lots);

/** Equity less maintenance margin at marks. */
function surplusOf({ cash, held }: Scope, marks: readonly bigint[]): bigint {
  return held.reduce((sum, { entry, lots, market }) => {
    const { grid, tiers } = MARKETS[market];
    const value = size(lots) * grid.lotSize * marks[market];
    return sum + lots * grid.lotSize * (marks[market] - entry) - maintenanceMargin(tiers, value);
  }, cash);
}

/** Where one market's mark makes a scope liquidatable while the other stays, by halving; 0: nowhere above 0. */
function liquidationPrice(scope: Scope, market: number, marks: readonly bigint[]): bigint {
  const isLong = (scope.held.find((held) => held.market === market)?.lots ?? 0n) > 0n;
  const isSafe = (mark: bigint) =>
    surplusOf(
      scope,
      marks.map((each, at) => (at === market ? mark : each)),
    ) >= 0n;
  let [safe, due] = [marks[market], isLong ? 1n : marks[market] * 1_000n];
  if (isSafe(due)) return 0n;
  while (size(safe - due) > 1n) {
    const middle = (safe + due) / 2n;
    if (isSafe(middle)) safe = middle;
    else due = middle;
  }
  return safe;
}

describe("ScopeIndex", () => {
  it(`misses no scope that a move of two markets makes liquidatable (seed ${SEED})`, () => {
    const random = randomOf(SEED);
    const index = new ScopeIndex();
    const scopes = new Map<bigint, Scope>();
    const put = (id: bigint, marks: readonly bigint[]) => {
      const scope = scopes.get(id) as Scope;
      const positions = scope.held.map(({ lots, market }): ScopePosition => {
        const { lotSize } = MARKETS[market].grid;
        return { market, lots, lotSize, mark: marks[market], liquidationPrice: liquidationPrice(scope, market, marks) };
      });
      index.put(id, surplusOf(scope, marks), positions);
    };
    for (let number = 0; number < SCOPES; number++) {
      const markets = random(3) === 0 ? [0, 1] : [random(2)];
      const held = markets.map((market) => {
        const lots = BigInt(1 + random(2_000)) * (random(2) === 0 ? 1n : -1n);
        return { market, lots, entry: (START[market] * BigInt(9_800 + random(401))) / 10_000n };
      });
      const value = held.reduce(
        (sum, { lots, market }) => sum + size(lots) * MARKETS[market].grid.lotSize * START[market],
        0n,
      );
      scopes.set(BigInt(number) << 8n, { cash: value / BigInt(10 + random(90)), held });
    }
    for (const id of scopes.keys()) put(id, START);
    expect(index.size).to.equal(SCOPES);
    let marks: readonly bigint[] = START;
    let [looked, due] = [0, 0];
    for (let move = 0; move < MOVES; move++) {
      const moved = marks.map((mark) => (mark * BigInt(9_950 + random(101))) / 10_000n);
      const reached = new Set(moved.flatMap((mark, market) => index.reached(market, Number(mark), Number(mark))));
      looked += reached.size;
      for (const [id, scope] of scopes) {
        if (surplusOf(scope, moved) >= 0n) continue;
        due += 1;
        expect(reached.has(id), `scope ${id} at move ${move}`).to.equal(true);
      }
      // What was reached is looked at, and placed by what it is now; what is liquidated goes.
      for (const id of reached) {
        if (surplusOf(scopes.get(id) as Scope, moved) >= 0n) put(id, moved);
        else {
          index.remove(id);
          scopes.delete(id);
        }
      }
      marks = moved;
    }
    expect(due).to.be.greaterThan(30);
    expect(index.size).to.equal(scopes.size);
    // Far fewer than all of them at every move.
    expect(looked).to.be.lessThan((SCOPES * MOVES) / 4);
  });

  it("never reaches a long that no price can make liquidatable, and always a scope that is so already", () => {
    const index = new ScopeIndex();
    const position = { market: 0, lotSize: 100_000n, mark: px("60000") };
    index.put(1n, 10n, [{ ...position, lots: 5n, liquidationPrice: 0n }]);
    expect(index.reached(0, 1, 10 ** 15)).to.deep.equal([]);
    index.put(1n, -1n, [{ ...position, lots: 5n, liquidationPrice: 0n }]);
    index.put(2n, -1n, [{ ...position, lots: -5n, liquidationPrice: 0n }]);
    expect(index.reached(0, 6e14, 6e14)).to.have.members([1n, 2n]);
    expect(index.reached(1, 6e14, 6e14)).to.deep.equal([]);
    index.remove(1n);
    index.put(2n, -1n, []);
    expect(index.size).to.equal(0);
  });
});

describe("Trails", () => {
  const tick = (publishTime: number, price: string, confidence = 0n): Tick => ({
    ...{ assetId: 1, price: px(price), confidence, publishTime, previous: publishTime - 1, updateData: [] },
  });
  const cross = (trails: Trails, each: Tick) =>
    trails.cross(0, each, each.price).map(({ id, earlier }) => [id, earlier.publishTime]);

  it("fire at the callback from the best price since they were placed, and name its tick", () => {
    const trails = new Trails();
    trails.put(7n, { market: 0, isBuy: false, activation: 0n, callbackPips: 10_000n, clock: 10 });
    trails.put(8n, { market: 0, isBuy: true, activation: 0n, callbackPips: 10_000n, clock: 10 });
    // Of the time before it counts nothing.
    expect(cross(trails, tick(10, "70000"))).to.deep.equal([]);
    expect(cross(trails, tick(11, "60000"))).to.deep.equal([]);
    expect(cross(trails, tick(12, "61000"))).to.deep.equal([[8n, 11]]);
    // Too uncertain for a price to come back from.
    expect(cross(trails, tick(13, "65000", px("65000") / 600n))).to.deep.equal([]);
    expect(cross(trails, tick(14, "60390.01"))).to.deep.equal([]);
    expect(cross(trails, tick(15, "60390"))).to.deep.equal([[7n, 12]]);
    expect(trails.size).to.equal(2);
  });

  it("wait for their activation, begin anew when they are changed, and not otherwise", () => {
    const trails = new Trails();
    const trail = { market: 0, isBuy: false, activation: px("61000"), callbackPips: 10_000n, clock: 10 };
    trails.put(7n, trail);
    cross(trails, tick(11, "60900"));
    expect(cross(trails, tick(12, "60000"))).to.deep.equal([]);
    cross(trails, tick(13, "61000"));
    trails.put(7n, { ...trail });
    expect(cross(trails, tick(14, "60300"))).to.deep.equal([[7n, 13]]);
    trails.put(7n, { ...trail, clock: 14 });
    expect(cross(trails, tick(15, "60300"))).to.deep.equal([]);
    trails.remove(7n);
    expect(trails.size).to.equal(0);
  });

  it("are stored and restored with the best price, but for one that was changed meanwhile", () => {
    const trail = { market: 0, isBuy: false, activation: 0n, callbackPips: 10_000n, clock: 10 };
    const former = new Trails();
    for (const id of [7n, 8n]) former.put(id, trail);
    cross(former, tick(11, "62000"));
    const later = new Trails();
    later.restore(former.all());
    // Nothing is lost where it is stored again before its trails are known.
    expect(later.all()).to.deep.equal(former.all());
    later.put(7n, trail);
    later.put(8n, { ...trail, clock: 12 });
    expect(cross(later, tick(20, "61300"))).to.deep.equal([[7n, 11]]);
  });
});

describe("ProIndexer", () => {
  const PRO = new Interface(proAbi);
  const index = new ProIndexer();
  const tell = (name: string, args: readonly unknown[]) => {
    const { topics, data } = PRO.encodeEventLog(name, args);
    const log = { topics, data, address: "", transactionHash: "", index: 0, blockNumber: 1, blockTimestamp: 1n };
    index.apply(log, "pro");
  };

  it("knows the orders of each market and each account, until they are filled or gone", () => {
    const ids = [0n, 1n].flatMap((market) => [5n, 6n].map((account) => orderIdOf(account, 0n, 1n, market)));
    for (const id of ids) tell("OrderRested", [id, 60_000, 10, 0, 1]);
    expect([...index.ordersIn(0)]).to.deep.equal([ids[0], ids[1]]);
    expect([...index.ordersIn(1)]).to.deep.equal([ids[2], ids[3]]);
    expect([...index.ordersOf(5n)]).to.deep.equal([ids[0], ids[2]]);
    tell("OrderFilled", [ids[0], 9n, 4, 0, 0]);
    expect([...index.ordersIn(0)]).to.deep.equal([ids[0], ids[1]]);
    tell("OrderFilled", [ids[0], 9n, 6, 0, 0]);
    tell("OrderRemoved", [ids[3], 0]);
    expect([...index.ordersIn(0)]).to.deep.equal([ids[1]]);
    expect([...index.clone().ordersIn(1)]).to.deep.equal([ids[2]]);
    tell("OrderRemoved", [ids[2], 0]);
    expect([...index.ordersIn(1)]).to.deep.equal([]);
    expect([...index.quoting()]).to.deep.equal([6n]);
  });
});

describe("Pairs of a market that settles", () => {
  it("close the largest against each other first, and as many as are asked for", () => {
    const held = new Map([
      [1n, 5n],
      [2n, -7n],
      [3n, 4n],
      [4n, -2n],
    ]);
    const all = [
      { long: 1n, short: 2n, lots: 5n },
      { long: 3n, short: 2n, lots: 2n },
      { long: 3n, short: 4n, lots: 2n },
    ];
    expect(pairsOf(held, 8)).to.deep.equal(all);
    expect(pairsOf(held, 2)).to.deep.equal(all.slice(0, 2));
    expect(pairsOf(new Map([[1n, 5n]]), 8)).to.deep.equal([]);
  });
});
