import fc from "fast-check";
import type { OpenInput, OpenResult, Position, TokenQuote } from "../../../sdk/model";
import { openTrade } from "../../../sdk/model";

/** A position as it opened, with everything its opening was computed from. */
export interface OpenedPosition {
  readonly input: OpenInput;
  readonly result: OpenResult;
  readonly position: Position;
}

/** Whether result is num / den rounded down at most once: not above it, and less than one unit below it. */
export function isRoundedDown(result: bigint, num: bigint, den: bigint): boolean {
  return result * den <= num && (result + 1n) * den > num;
}

/** Whether result is num / den rounded up at most once: not below it, and less than one unit above it. */
export function isRoundedUp(result: bigint, num: bigint, den: bigint): boolean {
  return result * den >= num && (result - 1n) * den < num;
}

/** Tokens of 0 to 24 decimals, from a hundredth of a cent to a million USD. */
export const tokenQuote: fc.Arbitrary<TokenQuote> = fc.record({
  decimals: fc.integer({ min: 0, max: 24 }),
  price: fc.bigInt({ min: 10n ** 6n, max: 10n ** 16n }),
});

/** Stable tokens as margin usually is. */
const marginToken: fc.Arbitrary<TokenQuote> = fc.record({
  decimals: fc.constantFrom(6, 8, 18),
  price: fc.bigInt({ min: 9_000_000_000n, max: 11_000_000_000n }),
});

/** Base-asset prices from 0.00001 to a million USD. */
export const price = fc.oneof(
  fc.bigInt({ min: 10n ** 5n, max: 10n ** 8n }),
  fc.bigInt({ min: 10n ** 12n, max: 10n ** 16n }),
);

/** Openings of 5 to 100,000 USD of margin, roughly. */
export const openInput: fc.Arbitrary<OpenInput> = fc
  .record({
    isLong: fc.boolean(),
    leverage: fc.bigInt({ min: 1n, max: 1001n }),
    cents: fc.bigInt({ min: 600n, max: 10_000_000n }),
    dust: fc.bigInt({ min: 0n, max: 9_999n }),
    token: marginToken,
    executionFeeUsd: fc.constantFrom(0n, 2n * 10n ** 17n, 5n * 10n ** 17n),
    openFeePips: fc.constantFrom(0n, 800n),
    tick: price,
    slippagePips: fc.constantFrom(0n, 100n, 200n, 5_000n),
  })
  .map(({ cents, dust, ...rest }) => ({
    ...rest,
    amountIn: cents * 10n ** BigInt(rest.token.decimals - 2) + dust,
  }));

/** Opened positions of both kinds. */
export const openedPosition: fc.Arbitrary<OpenedPosition> = fc
  .record({
    input: openInput,
    profitCapPips: fc.constantFrom(1_000_000n, 2_500_000n, 3_000_000n, 5_000_000n),
    isDegen: fc.boolean(),
  })
  .map(({ input, profitCapPips, isDegen }) => {
    const result = openTrade(input);
    const position: Position = {
      isLong: input.isLong,
      entry: result.entry,
      size: result.size,
      margin: result.margin,
      initialMargin: result.margin,
      llrPips: 600_000n,
      profitCapPips,
      closeFeeKind: isDegen ? "degen" : "standard",
      closeFeePips: isDegen ? 300n : 800n,
    };
    return { input, result, position };
  });

/** A later price as a share of the entry, pips: mostly near it, sometimes far off. */
export const movePips = fc.oneof(
  fc.bigInt({ min: 998_000n, max: 1_002_000n }),
  fc.bigInt({ min: 900_000n, max: 1_100_000n }),
  fc.bigInt({ min: 1n, max: 3_000_000n }),
);

/** Carry as a share of the notional, pips; both signs. */
export const carryPips = fc.oneof(fc.constant(0n), fc.bigInt({ min: -2_000n, max: 2_000n }));
