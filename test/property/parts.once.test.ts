import { expect } from "chai";
import fc from "fast-check";
import * as model from "../../sdk/model";
import type { CarryIndices, CloseResult, Position, SlippageModel } from "../../sdk/model";
import { PIPS, X18, px, usd } from "../../sdk/units";

const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
const PARAMETERS = { seed: SEED, numRuns: Number(process.env.FUZZ_RUNS ?? 500) };
const FEE_USD = usd("0.5");

/** A position of any book and token, its margin perhaps added to, and the price it leaves at. */
interface Held {
  position: Position;
  token: model.TokenQuote;
  exit: bigint;
  carryOwedUsd: bigint;
  shares: number[];
  executionFeeCount: bigint;
}

const held: fc.Arbitrary<Held> = fc
  .record({
    isLong: fc.boolean(),
    leverage: fc.integer({ min: 1, max: 500 }),
    cents: fc.integer({ min: 2_000, max: 10_000_000 }),
    addedPips: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3_000_000 })),
    decimals: fc.constantFrom(6, 8, 18),
    tokenPrice: fc.constantFrom(px("1"), px("0.9997"), px("612.34"), px("60001.7")),
    entry: fc.bigInt({ min: px("0.01"), max: px("200000") }),
    // Of the margin: from twice lost to twice the cap.
    resultPips: fc.integer({ min: -2_000_000, max: 10_000_000 }),
    carryPips: fc.integer({ min: -500_000, max: 500_000 }),
    capPips: fc.constantFrom(1_000_000n, 2_500_000n, 5_000_000n),
    shares: fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 2, maxLength: 10 }),
    executionFeeCount: fc.constantFrom(0n, 1n),
  })
  .map(({ leverage, cents, addedPips, decimals, tokenPrice, entry, resultPips, carryPips, capPips, ...rest }) => {
    const token = { decimals, price: tokenPrice };
    const margin = model.toTokensUp(BigInt(cents) * 10n ** 16n, token);
    const marginUsd = model.toUsdDown(margin, token);
    const size = model.sizeOf(marginUsd, BigInt(leverage), entry);
    const move = (BigInt(resultPips) * entry) / (PIPS * BigInt(leverage));
    const exit = model.max(rest.isLong ? entry + move : entry - move, 1n);
    const position: Position = {
      ...{ isLong: rest.isLong, entry, size, initialMargin: margin, profitCapPips: capPips },
      margin: margin + (margin * BigInt(addedPips)) / PIPS,
      ...{ llrPips: 600_000n, closeFeeKind: "standard" as const, closeFeePips: 800n },
    };
    return { position, token, exit, carryOwedUsd: (marginUsd * BigInt(carryPips)) / PIPS, ...rest };
  })
  .filter(({ position, shares }) => position.size > 100n * BigInt(shares.length));

/** Carry of a part: its share, against the trader. */
function carryOf({ position, carryOwedUsd }: Held, size: bigint): bigint {
  return model.mulDivUp(carryOwedUsd, size, position.size);
}

function close(item: Held, position: Position): CloseResult {
  const { token, exit, executionFeeCount } = item;
  const carryOwedUsd = carryOf(item, position.size);
  return model.closeTradeAt({ position, token, carryOwedUsd, executionFeeUsd: FEE_USD, executionFeeCount }, exit);
}

/** Closes in parts, the last of which is the rest. */
function closeInParts(item: Held): { results: CloseResult[]; caps: bigint[]; released: bigint[] } {
  const weights = item.shares.map(BigInt);
  let left = sum(weights);
  let rest = item.position;
  const results: CloseResult[] = [];
  const caps: bigint[] = [];
  const released: bigint[] = [];
  for (const weight of weights.slice(0, -1)) {
    const size = model.max((rest.size * weight) / left, 1n);
    left -= weight;
    const division = model.dividePosition(rest, size);
    results.push(close(item, division.part));
    caps.push(model.gainCap(division.part.initialMargin, item.position.profitCapPips));
    released.push(division.released);
    rest = division.rest;
  }
  results.push(close(item, rest));
  caps.push(model.gainCap(rest.initialMargin, rest.profitCapPips));
  released.push(model.gainCap(rest.initialMargin, rest.profitCapPips));
  return { results, caps, released };
}

const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n);

describe("Parts, by the model", () => {
  before(() => console.log(`      seed ${SEED}`));

  it("X23 F01 I7 I14: no sequence of parts pays more than the whole, and none passes its cap or its reserve", () => {
    fc.assert(
      fc.property(held, (item) => {
        const whole = close(item, item.position);
        const { results, caps, released } = closeInParts(item);
        const count = BigInt(results.length);
        // The margin's rounding stays with the rest: at most one unit a part, where the whole has nothing left.
        expect(sum(results.map(({ payout }) => payout)) <= whole.payout + count).to.equal(true);
        const cap = model.gainCap(item.position.initialMargin, item.position.profitCapPips);
        expect(sum(released)).to.equal(cap);
        expect(sum(caps) <= cap).to.equal(true);
        for (const [index, { gainPaid }] of results.entries()) {
          expect(gainPaid <= caps[index] && caps[index] <= released[index]).to.equal(true);
        }
      }),
      PARAMETERS,
    );
  });

  it("F03 I7: parts pay no less in close fees, losses and executions together", () => {
    fc.assert(
      fc.property(held, (item) => {
        const whole = close(item, item.position);
        const { results } = closeInParts(item);
        const count = BigInt(results.length);
        const costs = ({ closeFee, lossCollected, executionFee, gainPaid }: CloseResult): bigint =>
          closeFee + lossCollected + executionFee - gainPaid;
        expect(sum(results.map(costs)) + count >= costs(whole)).to.equal(true);
        // Where every part can pay it, the close fee of the parts is that of the whole at least.
        if (results.every(({ payout }) => payout > 0n)) {
          expect(sum(results.map(({ closeFee }) => closeFee)) >= whole.closeFee).to.equal(true);
        }
      }),
      PARAMETERS,
    );
  });

  it("F01 F03 I8 I14: margin added changes neither cap nor fee, and buys a payout of no more than itself on top", () => {
    fc.assert(
      fc.property(held, (item) => {
        const { position } = item;
        const bare = close(item, { ...position, margin: position.initialMargin });
        const filled = close(item, position);
        const added = position.margin - position.initialMargin;
        expect(filled.gainPaid).to.equal(bare.gainPaid);
        expect(filled.closeFee >= bare.closeFee).to.equal(true);
        expect(filled.payout <= bare.payout + added).to.equal(true);
        const cap = model.gainCap(position.initialMargin, position.profitCapPips);
        expect(filled.payout <= position.margin + cap).to.equal(true);
        const liquidation = model.settleLiquidation(position, item.exit, item.carryOwedUsd, item.token);
        expect(liquidation.reward + liquidation.toVault).to.equal(position.margin);
      }),
      PARAMETERS,
    );
  });

  it("X23 A14 I7: opening and closing in parts pays no less slippage than at once, depth and skew alike", () => {
    const notional = fc.bigInt({ min: usd("1000"), max: usd("3000000") });
    const state = fc.record({
      kind: fc.constantFrom("depth" as const, "skew" as const),
      isLong: fc.boolean(),
      own: notional,
      other: notional,
      parts: fc.array(notional, { minLength: 2, maxLength: 8 }),
    });
    fc.assert(
      fc.property(state, ({ kind, isLong, own, other, parts }) => {
        // Deep enough to stay below the largest slippage, a quarter: beyond it nothing costs more.
        const rule: SlippageModel = { kind, fixedPips: 100n, onePercentDepthUsd: usd("2000000") };
        const total = sum(parts);
        const rate = (isOpening: boolean, without: bigint, size: bigint): bigint => {
          const [longUsd, shortUsd] = isLong ? [without, other] : [other, without];
          return model.slippageX18(rule, { isLong, isOpening, longUsd, shortUsd, notional: size });
        };
        let [opened, closed] = [0n, 0n];
        let before = own;
        for (const part of parts) {
          opened += part * rate(true, before, part);
          before += part;
        }
        let left = own + total;
        for (const part of parts) {
          left -= part;
          closed += part * rate(false, left, part);
        }
        // A rate is rounded up once to 18 decimals: the whole's by at most one unit of them.
        expect(opened + total >= total * rate(true, own, total), "opening").to.equal(true);
        expect(closed + total >= total * rate(false, own, total), "closing").to.equal(true);
      }),
      PARAMETERS,
    );
  });

  it("F06 F07 I9: what one side pays the other and the vault receive, to the unit, whatever is closed in parts when", () => {
    const rates = {
      borrowRateX18: model.pipsPerHourToX18PerSecond(2n),
      fundingFactorX18: model.pipsPerHourToX18PerSecond(20n),
      minRateX18: 0n,
      maxRateX18: model.pipsPerHourToX18PerSecond(100n),
    };
    const event = fc.record({
      isLong: fc.boolean(),
      size: fc.bigInt({ min: 10n ** 4n, max: 10n ** 10n }),
      seconds: fc.bigInt({ min: 0n, max: 90_000n }),
      /** Of the oldest position of that side; 0: something is opened instead. */
      sharePips: fc.oneof(fc.constant(0n), fc.bigInt({ min: 1n, max: PIPS })),
    });
    fc.assert(
      fc.property(fc.array(event, { minLength: 4, maxLength: 30 }), (events) => {
        const entry = px("60000");
        const open: { isLong: boolean; size: bigint; indexX18: bigint }[] = [];
        let indices: CarryIndices = { longX18: 0n, shortX18: 0n };
        let [vaultX36, owed, exits] = [0n, 0n, 0n];
        const notionalOf = (isLong: boolean): bigint =>
          sum(open.filter((one) => one.isLong === isLong).map(({ size }) => size * entry));
        const pass = (seconds: bigint): void => {
          const next = model.accrueIndices(indices, notionalOf(true), notionalOf(false), rates, seconds);
          vaultX36 += model.carryFlow(indices, next, notionalOf(true), notionalOf(false)).vaultX36;
          indices = next;
        };
        const leave = (one: (typeof open)[number], size: bigint): void => {
          const indexNow = one.isLong ? indices.longX18 : indices.shortX18;
          owed += model.carryOwedUsd(size * entry, indexNow, one.indexX18);
          exits += 1n;
          one.size -= size;
          if (one.size === 0n) open.splice(open.indexOf(one), 1);
        };
        for (const { isLong, size, seconds, sharePips } of events) {
          pass(seconds);
          const oldest = open.find((one) => one.isLong === isLong);
          if (sharePips === 0n || oldest === undefined) {
            open.push({ isLong, size, indexX18: isLong ? indices.longX18 : indices.shortX18 });
          } else leave(oldest, model.max((oldest.size * sharePips) / PIPS, 1n));
        }
        pass(3_600n);
        while (open.length > 0) leave(open[0], open[0].size);
        // Each exit is rounded once, for the vault.
        expect(owed * X18 >= vaultX36).to.equal(true);
        expect((owed - exits) * X18 <= vaultX36).to.equal(true);
        expect(vaultX36 >= 0n).to.equal(true);
      }),
      PARAMETERS,
    );
  });
});
