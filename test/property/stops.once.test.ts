import { expect } from "chai";
import * as model from "../../sdk/model";
import type { Position } from "../../sdk/model";
import { PIPS, px, usd } from "../../sdk/units";

const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
const PATHS = Number(process.env.FUZZ_RUNS ?? 10_000);
const DELAY = 3;
const TICK_MAX_AGE = 3;
const LAST_SECOND = 120;
const LEVERAGE = 1001n;
const SLIPPAGE = 100n;
const START = 60_000;
const TOKEN = { decimals: 18, price: px("1") };
/** Least close fee of a Degen position, of its margin. */
const LEAST_FEE = (300 * 1001) / 1_000_000;

/** When its owner, who knows the ticks up to now, has his stop armed once a tick has reached it. */
type Policy = (path: readonly number[], reachedAt: number, stop: number) => number | null;

const POLICIES: Readonly<Record<string, Policy>> = {
  "at once": (_, reachedAt) => reachedAt,
  "with the oldest tick": (_, reachedAt) => reachedAt + TICK_MAX_AGE,
  "only if the price came back": (path, reachedAt, stop) =>
    path[reachedAt + TICK_MAX_AGE] > stop ? reachedAt + TICK_MAX_AGE : null,
  "only if the price went on": (path, reachedAt, stop) =>
    path[reachedAt + TICK_MAX_AGE] < stop ? reachedAt + TICK_MAX_AGE : null,
};

/** Mulberry32, and two of its numbers as a normal one. */
function normal(seed: number): () => number {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return () => Math.sqrt(-2 * Math.log(uniform() + 1e-12)) * Math.cos(2 * Math.PI * uniform());
}

const toPrice = (value: number): bigint => BigInt(Math.round(value * 1e4)) * 10n ** 6n;

/** A 1001x long of 100 USD, opened at the first tick. */
function openLong(): { position: Position; stop: number } {
  const input = { isLong: true, leverage: LEVERAGE, amountIn: 100n * 10n ** 18n, token: TOKEN };
  const fees = { executionFeeUsd: 0n, openFeePips: 0n, slippagePips: SLIPPAGE };
  const { entry, size, margin } = model.openTrade({ ...input, ...fees, tick: toPrice(START) });
  const terms = { llrPips: 600_000n, profitCapPips: 3_000_000n, closeFeeKind: "degen" as const, closeFeePips: 300n };
  const position = { isLong: true, entry, size, margin, initialMargin: margin, ...terms };
  // A tick below the entry.
  return { position, stop: Number(entry - 10n ** 6n) / 1e10 };
}

/** Payout over margin of one path. */
function outcomeOf(path: readonly number[], policy: Policy): number {
  const { position, stop } = openLong();
  const pay = (tick: bigint): number => {
    if (model.isLiquidatable(position, tick, 0n, TOKEN)) return 0;
    const costs = {
      slippagePips: SLIPPAGE,
      token: TOKEN,
      carryOwedUsd: 0n,
      executionFeeUsd: usd("0"),
      executionFeeCount: 0n,
    };
    const { payout } = model.closeTrade({ position, tick, ...costs });
    return Number((payout * PIPS) / position.margin) / Number(PIPS);
  };
  const cap = model.takeProfitBound(true, position.entry, LEVERAGE, position.profitCapPips);
  let armedAt: number | null = null;
  for (let second = 1; second <= LAST_SECOND; ++second) {
    const tick = toPrice(path[second]);
    if (armedAt !== null && second === armedAt + DELAY) return pay(tick);
    // What a pending close shields is what comes after its target: until then it is liquidated as ever.
    if (model.isLiquidatable(position, tick, 0n, TOKEN)) return 0;
    if (armedAt === null && second >= DELAY && tick >= cap) return pay(cap);
    if (armedAt === null && second >= DELAY && path[second] <= stop && second + TICK_MAX_AGE <= LAST_SECOND) {
      armedAt = policy(path, second, stop);
    }
  }
  return pay(toPrice(path[LAST_SECOND]));
}

describe("Stops, by the model", () => {
  before(() => console.log(`      seed ${SEED}`));

  for (const sigmaPips of [100, 300]) {
    for (const [name, policy] of Object.entries(POLICIES)) {
      it(`O18: a stop a tick below the entry, armed ${name}, loses the fees at 1001x and ${sigmaPips} pips a second`, () => {
        const next = normal(SEED + sigmaPips);
        let [sum, squares] = [0, 0];
        for (let run = 0; run < PATHS; ++run) {
          const path = [START];
          while (path.length <= LAST_SECOND + TICK_MAX_AGE) {
            path.push(path[path.length - 1] * (1 + (next() * sigmaPips) / 1_000_000));
          }
          const gained = outcomeOf(path, policy) - 1;
          [sum, squares] = [sum + gained, squares + gained * gained];
        }
        const mean = sum / PATHS;
        const error = Math.sqrt((squares / PATHS - mean * mean) / PATHS);
        expect(mean, `${mean.toFixed(4)} ± ${error.toFixed(4)}`).to.be.below(-LEAST_FEE + 4 * error);
      });
    }
  }
});
