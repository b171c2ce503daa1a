import { expect } from "chai";
import fc from "fast-check";
import { abs, ceilDiv, max } from "../../sdk/model";
import type { Action, Candidate, MarketConfig, Order, Outcome, Position, Tick } from "../../sdk/model/pro";
import {
  BTC_MARKET,
  ETH_MARKET,
  Exchange,
  MAJOR_TIERS,
  NO_FUNDING,
  advanceGuard,
  areTiersSound,
  bandEdge,
  bookedCollateral,
  brokenInvariants,
  closedLots,
  deficitOf,
  equityShare,
  exposure,
  feeOf,
  fill,
  fundingOwed,
  initialMargin,
  isAdmitted,
  isWithinGuard,
  lossPerLot,
  maintenanceMargin,
  markOf,
  maxLeverageAt,
  mostLots,
  notionalOf,
  scopeHealth,
  scoreX96,
  signOf,
  unrealised,
  valueOf,
} from "../../sdk/model/pro";
import { px, usd } from "../../sdk/units";
import { BTC, BTC_TERMS, holding, opened, resting } from "../unit/pro/samples";

const price = fc.bigInt({ min: px("1000"), max: px("1000000") });
const lots = fc.bigInt({ min: 1n, max: 200_000n });
const signedLots = fc.bigInt({ min: -200_000n, max: 200_000n }).filter((value) => value !== 0n);
const leverage = fc.constantFrom(1n, 2n, 5n, 10n, 20n, 21n, 25n, 50n, 100n, 200n);
const side = fc.constantFrom("buy" as const, "sell" as const);

const START = 1_800_000_000n;

function tickAt(exchange: Exchange, text: string, age = 0n): Tick {
  const at = px(text);
  const publishTime = exchange.state.now - age;
  return { price: at, publishTime, confidencePips: 1_000n, low: at, high: at, anchors: 2, isReady: true };
}

/** An exchange at 100,000 with accounts of owners 0, 1, … and a fund; its guard is calm. */
function exchangeOf(cash: readonly string[], fund = "0", config: MarketConfig = BTC_MARKET): Exchange {
  const exchange = new Exchange([config], START);
  exchange.addToFund(0, usd(fund));
  cash.forEach((amount, owner) => exchange.deposit(exchange.open(owner), usd(amount)));
  exchange.refresh(0, tickAt(exchange, "100000"));
  exchange.pass(7_200n);
  exchange.refresh(0, tickAt(exchange, "100000"));
  return exchange;
}

function order(is: "buy" | "sell", tick: bigint, size: bigint, more: Partial<Order> = {}): Action {
  const usual = { type: "limit", expiry: 0n, isReduceOnly: false, selfTrade: "expireMaker", maxFills: 20 } as const;
  return { kind: "place", order: { ...usual, market: 0, side: is, tick, lots: size, ...more } };
}

function move(exchange: Exchange, to: string, seconds = 1n): void {
  exchange.pass(seconds);
  exchange.refresh(0, tickAt(exchange, to));
}

const refused = (outcome: Outcome<unknown>) => ("refused" in outcome ? outcome.refused : undefined);

describe("pro attacks: arithmetic", () => {
  it("R02 two owners wash for mark: it stays between index and mean basis", () => {
    const bps = fc.bigInt({ min: -(3n * 10n ** 15n), max: 3n * 10n ** 15n });
    fc.assert(
      fc.property(price, bps, price, price, price, (index, ema, bid, ask, last) => {
        const { basis, mark } = markOf(index, ema, { bid, ask, last }, 3_000n);
        const [low, high] = index < basis ? [index, basis] : [basis, index];
        return mark >= low && mark <= high;
      }),
    );
  });

  it("R06 R08 split invariance: parts never pay less in fees than the whole", () => {
    fc.assert(
      fc.property(price, fc.array(lots, { minLength: 1, maxLength: 20 }), (at, parts) => {
        const paid = parts.map((part) => feeOf(valueOf(BTC, at, part), 400n)).reduce((sum, fee) => sum + fee, 0n);
        const whole = feeOf(
          valueOf(
            BTC,
            at,
            parts.reduce((sum, part) => sum + part, 0n),
          ),
          400n,
        );
        return paid >= whole && paid < whole + BigInt(parts.length);
      }),
    );
  });

  it("R19 a dying maker's stale order, hit by a friend, costs no more than the margin that was taken for it", () => {
    fc.assert(
      fc.property(price, lots, leverage, side, (mark, size, chosen, is) => {
        const tick = bandEdge(BTC, mark, BTC_MARKET.bandPips, is);
        const sums = is === "buy" ? resting([size, tick], [0n, 0n]) : resting([0n, 0n], [size, tick]);
        const stake = { ...holding(BTC_TERMS, chosen, "1", { position: opened(BTC, 0n, "1"), sums }), mark };
        const lost = max(0n, signOf(is) * (notionalOf(BTC, tick, size) - valueOf(BTC, mark, size)));
        // At the mark at least the margin of its own notional beyond the open loss is left.
        return initialMargin(stake, mark) - lost >= notionalOf(BTC, tick, size) / 20n;
      }),
    );
  });

  it("R20 a dying taker can't close cheaply to its friend: equity must cover maintenance after", () => {
    const exchange = exchangeOf(["2000", "1000000"]);
    exchange.act(1, [order("sell", 100_000n, 300n)]);
    exchange.act(0, [order("buy", 100_000n, 300n)]);
    move(exchange, "93500");
    const { equity, maintenance } = scopeHealth(exchange.state, { account: 0 });
    expect(equity < maintenance && equity > 0n).to.equal(true);
    const floor = bandEdge(BTC, exchange.state.markets[0].mark, BTC_MARKET.bandPips, "sell");
    exchange.act(1, [order("buy", floor, 300n)]);
    expect(refused(exchange.act(0, [order("sell", floor, 300n, { type: "immediateOrCancel" })]))).to.equal(
      "BelowMaintenance",
    );
    expect(brokenInvariants(exchange.state)).to.deep.equal([]);
  });

  it("R21 R65 a fill's own gain is no margin, in one call or in many", () => {
    const exchange = exchangeOf(["1000", "10000000"]);
    for (let round = 0; round < 60; round++) {
      // The friend sells below the mark, as far as the band lets him.
      const cheap = bandEdge(BTC, exchange.state.markets[0].mark, BTC_MARKET.bandPips, "sell");
      exchange.act(1, [order("sell", cheap, 20n)]);
      exchange.act(0, [order("buy", cheap, 20n, { type: "immediateOrCancel" })]);
    }
    const { cash, stakes } = exchange.state.accounts[0];
    const value = valueOf(BTC, exchange.state.markets[0].mark, stakes[0].position.lots);
    expect(value > usd("15000")).to.equal(true);
    expect(value <= 20n * cash).to.equal(true);
    expect(scopeHealth(exchange.state, { account: 0 }).available < usd("100")).to.equal(true);
  });

  it("R22 R23 a tick that is not newer is refused, one up to 5 s old is taken", () => {
    const exchange = exchangeOf(["1"]);
    exchange.pass(10n);
    const ages = [6n, 5n, 5n, 6n, 4n];
    const answers = ages.map((age) => refused(exchange.refresh(0, tickAt(exchange, "100001", age))));
    expect(answers).to.deep.equal(["TickTooOld", undefined, "TickNotNewer", "TickNotNewer", undefined]);
  });

  it("R24 R60 within the guard the largest recent move takes at most a quarter of the margin", () => {
    fc.assert(
      fc.property(price, price, fc.bigInt({ min: 0n, max: 3_600n }), leverage, (mean, index, seconds, chosen) => {
        const guard = advanceGuard({ mean, gapX9: 0n }, mean, index, seconds);
        if (!isWithinGuard(chosen, guard.gapX9)) return true;
        // A position opened at the index that falls back to the mean.
        const position: Position = { lots: 1_000n, cost: valueOf(BTC, index, 1_000n), snapshot: 0n };
        const margin = ceilDiv(valueOf(BTC, index, 1_000n), chosen);
        const lost = -unrealised(BTC, position, mean, NO_FUNDING);
        return 4n * lost <= margin + 4n;
      }),
    );
  });

  it("R24 a pair opens at no mark older than its leverage allows", () => {
    const at = (age: bigint, chosen: bigint) => {
      const exchange = exchangeOf(["100000", "100000"], "1000000");
      exchange.act(1, [order("sell", 100_000n, 100n)]);
      exchange.act(0, [{ kind: "leverage", market: 0, leverage: chosen }]);
      exchange.pass(age);
      return refused(exchange.act(0, [order("buy", 100_000n, 100n, { type: "immediateOrCancel" })]));
    };
    expect([at(15n, 20n), at(16n, 20n)]).to.deep.equal([undefined, "IndexStale"]);
    expect([at(2n, 200n), at(3n, 200n)]).to.deep.equal([undefined, "IndexStale"]);
  });

  it("R39 R40 deficits add up: closing in parts at the bankruptcy price leaves what closing at once does", () => {
    const parts = fc.array(fc.bigInt({ min: 1n, max: 5_000n }), { minLength: 1, maxLength: 8 });
    const equity = fc.bigInt({ min: -usd("100000"), max: usd("100000") });
    fc.assert(
      fc.property(parts, equity, price, (sizes, worth, mark) => {
        const whole = sizes.reduce((sum, size) => sum + size, 0n);
        let candidate: Candidate = {
          grid: BTC,
          tiers: MAJOR_TIERS,
          lots: whole,
          mark,
          equity: worth,
          maintenance: 1n,
          ownMaintenance: 1n,
        };
        let given = 0n;
        for (const size of sizes) {
          // What the lots bring beyond the mark: their share of the equity, or the deficit.
          const share = candidate.equity < 0n ? -deficitOf(candidate, size) : equityShare(candidate, size);
          given += share;
          candidate = { ...candidate, lots: candidate.lots - size, equity: candidate.equity - share };
        }
        return candidate.equity >= 0n && candidate.equity <= BigInt(sizes.length) && given <= worth;
      }),
    );
  });

  it("R42 splitting an account or adding margin changes no score", () => {
    fc.assert(
      fc.property(signedLots, price, price, (size, entry, mark) => {
        const whole: Position = { lots: 2n * size, cost: 2n * valueOf(BTC, entry, size), snapshot: 0n };
        const half: Position = { lots: size, cost: valueOf(BTC, entry, size), snapshot: 0n };
        return scoreX96(BTC, whole, mark, NO_FUNDING) === scoreX96(BTC, half, mark, NO_FUNDING);
      }),
    );
  });

  it("R41 R44 a higher score is open no later, and everyone in the end", () => {
    const seconds = fc.bigInt({ min: 0n, max: 60n });
    fc.assert(
      fc.property(lots, price, price, price, seconds, (size, entryA, entryB, mark, time) => {
        const of = (entry: bigint): Position => ({ lots: size, cost: valueOf(BTC, entry, size), snapshot: 0n });
        const [better, worse] = entryA < entryB ? [entryA, entryB] : [entryB, entryA];
        const isOpen = (entry: bigint) => isAdmitted(BTC, of(entry), mark, NO_FUNDING, time);
        return (isOpen(better) || !isOpen(worse)) && (time < 45n || (isOpen(better) && isOpen(worse)));
      }),
    );
  });

  it("R43 at most half of a position is taken over in a call while there is a threshold", () => {
    fc.assert(
      fc.property(signedLots, price, fc.bigInt({ min: 0n, max: 44n }), (size, mark, time) => {
        const most = mostLots(BTC, size, mark, time);
        const isSmall = valueOf(BTC, mark, abs(size)) <= usd("1000");
        return isSmall ? most === abs(size) : most === abs(size) / 2n && most > 0n;
      }),
    );
    expect(mostLots(BTC, -5_000n, px("100000"), 45n)).to.equal(5_000n);
  });

  it("R45 a shared loss covers its deficit, and no more than a unit a lot beyond", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: usd("1000000") }),
        fc.bigInt({ min: 1n, max: 10n ** 6n }),
        (deficit, open) => {
          const charged = lossPerLot(deficit, open) * open;
          return charged >= deficit && charged < deficit + open;
        },
      ),
    );
  });

  it("R51 fills keep cash and cost in balance, whatever is rounded", () => {
    const fills = fc.array(fc.record({ buyer: fc.nat(3), seller: fc.nat(3), size: lots, at: price }), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(fills, (list) => {
        const held = Array.from({ length: 4 }, (): Position => ({ lots: 0n, cost: 0n, snapshot: 0n }));
        let cash = 0n;
        for (const { at, buyer, seller, size } of list.filter((one) => one.buyer !== one.seller)) {
          for (const [who, change] of [
            [buyer, size],
            [seller, -size],
          ] as const) {
            const after = fill(BTC, held[who], NO_FUNDING, change, at);
            const closing = closedLots(held[who].lots, change);
            expect(after.realised === 0n || closing > 0n).to.equal(true);
            held[who] = after.position;
            cash += after.realised;
          }
        }
        const cost = held.reduce((sum, position) => sum + position.cost, 0n);
        const left = held.reduce((sum, position) => sum + position.lots, 0n);
        return cash === cost && left === 0n && held.every((one) => one.lots !== 0n || one.cost === 0n);
      }),
    );
  });

  it("R51 a reduction realises at most its exact share, and less than a unit below it", () => {
    fc.assert(
      fc.property(signedLots, price, lots, price, (size, entry, closing, at) => {
        const held: Position = { lots: size, cost: valueOf(BTC, entry, size), snapshot: 0n };
        const part = (size > 0n ? -1n : 1n) * (closing < abs(size) ? closing : abs(size));
        const { realised } = fill(BTC, held, NO_FUNDING, part, at);
        const exact = (at - entry) * BTC.lotSize * -part;
        return realised <= exact && realised > exact - 1n;
      }),
    );
  });

  it("R52 widths: lots, cost, funding and notionals of the largest market fit their words", () => {
    const dear = px("1000000000");
    // Open interest of 20M at the least lot of 1 USD, and an hour at the highest rate every hour for ten years.
    const most = 20_000_000n;
    expect(most < 1n << 44n && most < 1n << 47n).to.equal(true);
    const grid = { tickSize: px("10000"), lotSize: 10n };
    expect(valueOf(grid, dear, most) < 1n << 111n).to.equal(true);
    const tenYears = (valueOf(grid, dear, 1n) * 5n * 3_650n * 3n) / 1_000n;
    expect(tenYears < 1n << 79n).to.equal(true);
    expect(fundingOwed({ lots: most, cost: 0n, snapshot: -tenYears }, { longOwed: tenYears, shortOwed: 0n })).to.equal(
      2n * tenYears * most,
    );
    expect((dear / grid.tickSize) * most < 1n << 56n).to.equal(true);
  });

  it("R55 unsound tiers are known: unsorted, without rate, above half of the initial margin, too many", () => {
    const sound = (tiers: typeof MAJOR_TIERS) => areTiersSound(tiers, 400n, 500n);
    expect(sound(MAJOR_TIERS)).to.equal(true);
    expect(sound([])).to.equal(false);
    expect(sound([MAJOR_TIERS[1], MAJOR_TIERS[0]])).to.equal(false);
    expect(sound([{ ...MAJOR_TIERS[0], ratePips: 0n }])).to.equal(false);
    expect(sound([{ ...MAJOR_TIERS[0], ratePips: 1_899n }])).to.equal(false);
    expect(sound([{ ...MAJOR_TIERS[0], ratePips: 1_900n }])).to.equal(true);
    expect(sound([{ ...MAJOR_TIERS[0], ratePips: 2_501n }])).to.equal(false);
    expect(sound([...MAJOR_TIERS, { ...MAJOR_TIERS[5], cap: usd("30000000") }])).to.equal(false);
  });

  it("R55 maintenance margin is continuous and at most half of the initial margin at any allowed leverage", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: usd("1000"), max: usd("20000000") }), (value) => {
        const margin = maintenanceMargin(MAJOR_TIERS, value);
        const above = maintenanceMargin(MAJOR_TIERS, value + 1n);
        const allowed = maxLeverageAt(MAJOR_TIERS, value);
        return above >= margin && above <= margin + 1n && 2n * margin <= value / allowed + 2n;
      }),
    );
  });

  it("R69 a resting order that turns a 200x position round takes a twentieth of what it turns to", () => {
    fc.assert(
      fc.property(lots, lots, price, (size, turning, mark) => {
        const tick = mark / BTC.tickSize;
        const position: Position = { lots: size, cost: valueOf(BTC, mark, size), snapshot: 0n };
        const sums = resting([0n, 0n], [size + turning, tick]);
        const stake = { ...holding(BTC_TERMS, 200n, "1", { position, sums }), mark };
        const turned = notionalOf(BTC, tick, size + turning) - valueOf(BTC, mark, size);
        return initialMargin(stake, mark) * 20n >= turned && exposure(stake, mark) >= turned;
      }),
    );
  });

  it("R05 R03 a spoofed or idle book moves neither funding nor mean basis beyond its time at risk", () => {
    const exchange = exchangeOf(["1000000", "1000000"]);
    const bid = order("buy", 100_300n, 100n);
    const ask = order("sell", 100_400n, 100n);
    const placed = exchange.act(0, [bid, ask]);
    const id = "done" in placed ? placed.done[0].placed?.id : undefined;
    expect(id).to.not.equal(undefined);
    if (id === undefined) return;
    // Taken off in the same second: it counts for nothing.
    exchange.act(0, [{ kind: "cancel", id }]);
    move(exchange, "100000", 30n);
    expect(exchange.state.markets[0].funding.premiumSumX18).to.equal(0n);
    // Left alone for an hour it counts for a minute.
    exchange.act(0, [bid]);
    const before = exchange.state.markets[0].funding;
    move(exchange, "100000", 1_800n);
    const after = exchange.state.markets[0].funding;
    expect(after.premiumSumX18 - before.premiumSumX18).to.equal(60n * 3n * 10n ** 15n);
  });

  it("R46 R23 an isolated loss ends at its own cash, and closing beyond it is refused", () => {
    const exchange = exchangeOf(["50000", "1000000"]);
    const isolate: Action[] = [
      { kind: "mode", market: 0, isIsolated: true },
      { kind: "leverage", market: 0, leverage: 50n },
      { kind: "transfer", from: { account: 0 }, to: { account: 0, market: 0 }, amount: usd("4200") },
    ];
    exchange.addToFund(0, usd("1000000"));
    exchange.act(1, [order("sell", 100_000n, 2_000n)]);
    expect(refused(exchange.act(0, [...isolate, order("buy", 100_000n, 2_000n)]))).to.equal(undefined);
    move(exchange, "97000");
    exchange.act(1, [order("buy", 97_000n, 2_000n)]);
    const closing = order("sell", 97_000n, 2_000n, { type: "immediateOrCancel" });
    expect(refused(exchange.act(0, [closing]))).to.equal("BelowMaintenance");
    expect(exchange.state.accounts[0].cash).to.equal(usd("45800"));
    expect(bookedCollateral(exchange.state)).to.equal(exchange.state.collateral);
  });

  it("R19 an order that would leave a scope flat and in debt is cancelled when met", () => {
    const exchange = exchangeOf(["5100", "1000000", "1000000"]);
    exchange.act(1, [order("sell", 100_000n, 1_000n)]);
    exchange.act(0, [order("buy", 100_000n, 1_000n, { type: "immediateOrCancel" })]);
    exchange.act(0, [order("sell", 100_100n, 1_000n, { isReduceOnly: true })]);
    // What other markets and funding may take: no fill of this order pays for it.
    exchange.state.accounts[0].cash -= usd("5200");
    exchange.state.collateral -= usd("5200");
    exchange.act(2, [order("buy", 100_100n, 1_000n)]);
    expect(exchange.state.accounts[0].stakes[0].position.lots).to.equal(1_000n);
    expect(exchange.state.accounts.map(({ orders }) => orders)).to.deep.equal([0, 0, 1]);
    expect(brokenInvariants(exchange.state)).to.deep.equal([]);
  });

  it("R01 R10 an owner's own accounts never trade with each other", () => {
    const exchange = new Exchange([ETH_MARKET], START);
    for (const account of [exchange.open(0), exchange.open(0)]) exchange.deposit(account, usd("100000"));
    exchange.refresh(0, tickAt(exchange, "4000"));
    exchange.act(0, [order("sell", 40_000n, 1_000n)]);
    exchange.act(1, [order("buy", 40_000n, 1_000n)]);
    expect(exchange.state.accounts.map(({ stakes }) => stakes[0].position.lots)).to.deep.equal([0n, 0n]);
    expect(exchange.state.markets[0].last).to.equal(undefined);
    expect([exchange.state.accounts[0].orders, exchange.state.accounts[1].orders]).to.deep.equal([0, 1]);
  });
});
