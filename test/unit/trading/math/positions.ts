import fc from "fast-check";
import type { OpenResult, Position, TokenQuote } from "../../../../sdk/model";
import { MAX_PRICE, openTradeAt, entryPrice } from "../../../../sdk/model";
import type { TradeMathHarness } from "../../../../typechain-types";

const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
export const RUNS = { seed: SEED, numRuns: Number(process.env.FUZZ_RUNS ?? 150) };

export const MAX_UINT96 = 2n ** 96n - 1n;

/** Tokens of every kind of decimals, from a price of one unit to the largest. */
export const anyToken: fc.Arbitrary<TokenQuote> = fc.record({
  decimals: fc.constantFrom(0, 2, 6, 8, 18, 24),
  price: fc.oneof(fc.bigInt({ min: 10n ** 9n, max: 10n ** 15n }), fc.bigInt({ min: 1n, max: MAX_PRICE })),
});

/** The library's terms of a position of the model. */
export function termsOf(position: Position) {
  return {
    liquidationLossRatePips: position.llrPips,
    profitCapPips: position.profitCapPips,
    closeFeePips: position.closeFeePips,
    profitSharePips: position.closeFeeKind === "degen" ? 150_000n : 0n,
    maxExitSlippagePips: 10_000n,
  };
}

export function tokenOf(token: TokenQuote) {
  return { price: token.price, unit: 10n ** BigInt(token.decimals) };
}

export function closeInputOf(position: Position, exit: bigint, carryOwed: bigint, executionFeeUsd: bigint) {
  const { initialMargin, margin, isLong, size, entry } = position;
  return {
    margin: initialMargin,
    addedMargin: margin - initialMargin,
    isLong,
    size,
    entry,
    exit,
    carryOwed,
    executionFeeUsd,
    isExecutorPaid: true,
    isArmerPaid: false,
  };
}

export interface AnyPosition {
  readonly position: Position;
  readonly opened: OpenResult;
  readonly leverage: bigint;
  /** Of the opening. */
  readonly token: TokenQuote;
}

/** Amounts up to what an order holds, over all magnitudes. */
const amountIn = fc
  .record({ bits: fc.integer({ min: 1, max: 96 }), value: fc.bigInt({ min: 0n, max: MAX_UINT96 }) })
  .map(({ bits, value }) => (value >> BigInt(96 - bits)) + 1n)
  .map((value) => (value > MAX_UINT96 ? MAX_UINT96 : value));

/** Prices over all magnitudes. */
export const anyPrice = fc
  .record({ bits: fc.integer({ min: 1, max: 64 }), value: fc.bigInt({ min: 0n, max: MAX_PRICE }) })
  .map(({ bits, value }) => (value >> BigInt(64 - bits)) + 1n)
  .map((value) => (value > MAX_PRICE ? MAX_PRICE : value));

/** Any position that the width of the records lets open, far beyond what the configuration would. */
export const anyPosition: fc.Arbitrary<AnyPosition> = fc
  .record({
    isLong: fc.boolean(),
    isDegen: fc.boolean(),
    leverage: fc.bigInt({ min: 1n, max: 1001n }),
    amountIn,
    addedMargin: fc.constantFrom(0n, 1n, 10n ** 6n, MAX_UINT96),
    token: anyToken,
    tick: anyPrice,
    slippagePips: fc.constantFrom(0n, 100n, 10_000n),
    openFeePips: fc.constantFrom(0n, 800n, 10_000n),
    executionFeeUsd: fc.constantFrom(0n, 5n * 10n ** 17n),
    llrPips: fc.constantFrom(100_000n, 600_000n, 950_000n),
    // Bounds, shipped values and one that divides nothing.
    profitCapPips: fc.constantFrom(100_000n, 1_000_000n, 2_500_000n, 3_000_000n, 5_000_000n, 3_333_333n, 10_000_000n),
    closeFeePips: fc.constantFrom(0n, 300n, 800n, 10_000n),
  })
  .map((given) => {
    const entry = entryPrice(given.tick, given.slippagePips, given.isLong);
    const { leverage, token, isLong, isDegen, llrPips, profitCapPips, closeFeePips } = given;
    const opened = entry === 0n ? null : openTradeAt(given, entry);
    return { opened, entry, leverage, token, isLong, isDegen, llrPips, profitCapPips, closeFeePips, given };
  })
  .filter(({ opened, entry }) => opened !== null && entry <= MAX_PRICE && opened.size > 0n && opened.size <= MAX_UINT96)
  .map(({ opened, entry, leverage, token, isLong, isDegen, llrPips, profitCapPips, closeFeePips, given }) => {
    if (opened === null) throw new Error("filtered above");
    const { size, margin } = opened;
    const closeFeeKind = isDegen ? ("degen" as const) : ("standard" as const);
    const fixed = { isLong, entry, size, initialMargin: margin, llrPips, profitCapPips, closeFeeKind, closeFeePips };
    return { position: { ...fixed, margin: margin + given.addedMargin }, opened, leverage, token };
  });

/** Carry of either sign, up to far more than the notional. */
export const carryOf = (notional: bigint): fc.Arbitrary<bigint> =>
  fc.oneof(fc.constantFrom(0n, 1n, -1n), fc.bigInt({ min: -notional, max: notional }), fc.constant(-(2n ** 160n)));

/** The library's close of a position, by name. */
export async function closeByHarness(
  harness: TradeMathHarness,
  position: Position,
  exit: bigint,
  carry: bigint,
  executionFeeUsd: bigint,
  token: TokenQuote,
) {
  const input = closeInputOf(position, exit, carry, executionFeeUsd);
  const { pnlUsd, gain, loss, executionFee, closeFee, payout } = await harness.close(
    input,
    termsOf(position),
    tokenOf(token),
    tokenOf(token),
  );
  return { pnlUsd, gain, loss, executionFee, closeFee, payout };
}
