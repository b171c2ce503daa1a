/** Orders and positions whose previews are compared with what they come to: random ones, and one of each kind. */
import fc from "fast-check";
import { BOOKS, CALM, TICK_KINDS } from "./previewWorld";
import type { BookChoice, Conditions } from "./previewWorld";

export const CAPACITIES = [
  "free",
  "full",
  "largest",
  "tiers",
  "budget",
  "reserve",
  "disabled",
  "news",
  "depth",
  "skew",
  "token",
] as const;

export interface OrderCase {
  book: BookChoice;
  isLimit: boolean;
  isLong: boolean;
  leverage: number;
  token: number;
  microUsd: bigint;
  /** Worst price of a market order from the feeds' price, or the limit; null: any, of a limit the price itself. */
  boundPips: number | null;
  /** Take profit in per mille of the way from the entry to the cap; null: none. */
  profitPermille: number | null;
  capacity: (typeof CAPACITIES)[number];
  isCancelled: boolean;
  isOwn: boolean;
  now: Conditions;
}

export interface Step {
  act: "nothing" | "close" | "part" | "margin" | "profit" | "stop";
  /** Of a bound, a take profit or a stop; in per mille of the margin that the move is worth at the leverage. */
  permille: number;
  part: number;
  /** Of the market's price from the entry, in the same measure. */
  movePermille: number;
  seconds: number;
  isLiquidation: boolean;
  by: "keeper" | "stranger" | "owner";
  now: Conditions;
}

export interface PositionCase {
  book: BookChoice;
  isLong: boolean;
  leverage: number;
  token: number;
  cents: number;
  model: "free" | "depth" | "skew";
  steps: Step[];
}

// Cases

const mostly = <T>(usual: T, arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 7, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary });

const conditions: fc.Arbitrary<Conditions> = fc.record({
  breaker: mostly(0, fc.integer({ min: 1, max: 3 })),
  stale: mostly<Conditions["stale"]>("none", fc.constantFrom("one", "all", "token")),
  spreadPips: mostly(0, fc.integer({ min: -15_000, max: 15_000 })),
  tickPips: mostly(0, fc.integer({ min: -20_000, max: 20_000 })),
  confidencePips: mostly(200, fc.constantFrom(1_499, 1_501, 2_999, 3_001, 9_999, 10_001, 50_000)),
  isSequencerDown: mostly(false, fc.constant(true)),
  isTokenDisputed: mostly(false, fc.constant(true)),
  tick: mostly<Conditions["tick"]>("fitting", fc.constantFrom(...TICK_KINDS)),
  lag: mostly(0, fc.integer({ min: 0, max: 65 })),
  wait: mostly(0, fc.integer({ min: 0, max: 40 })),
});

const book = fc.constantFrom(...BOOKS);

const microUsd = fc.oneof(
  { weight: 4, arbitrary: fc.bigInt({ min: 20_000_000n, max: 2_000_000_000n }) },
  { weight: 1, arbitrary: fc.bigInt({ min: 1n, max: 12_000_000n }) },
  { weight: 1, arbitrary: fc.bigInt({ min: 2_000_000_000n, max: 60_000_000_000n }) },
);

export const orderCase: fc.Arbitrary<OrderCase> = fc.record({
  book,
  isLimit: fc.boolean(),
  isLong: fc.boolean(),
  leverage: fc.nat(2_000),
  token: fc.nat(20),
  microUsd,
  boundPips: mostly<number | null>(null, fc.integer({ min: -3_000, max: 3_000 })),
  profitPermille: fc.oneof(fc.constant(null), fc.integer({ min: -100, max: 1_200 })),
  capacity: fc.oneof(
    { weight: 1, arbitrary: fc.constant("free" as const) },
    { weight: 1, arbitrary: fc.constantFrom(...CAPACITIES) },
  ),
  isCancelled: mostly(false, fc.constant(true)),
  isOwn: mostly(false, fc.constant(true)),
  now: conditions,
});

const step: fc.Arbitrary<Step> = fc.record({
  act: fc.constantFrom<Step["act"][]>("nothing", "close", "close", "part", "margin", "profit", "stop"),
  permille: fc.integer({ min: -400, max: 900 }),
  part: fc.integer({ min: 100, max: 900 }),
  movePermille: fc.oneof(fc.integer({ min: -500, max: 900 }), fc.integer({ min: -1_500, max: 6_000 })),
  seconds: mostly(0, fc.integer({ min: 1, max: 40_000 })),
  isLiquidation: fc.boolean(),
  by: fc.constantFrom<Step["by"][]>("keeper", "keeper", "stranger", "owner"),
  now: conditions,
});

export const positionCase: fc.Arbitrary<PositionCase> = fc.record({
  book,
  isLong: fc.boolean(),
  leverage: fc.nat(2_000),
  token: fc.nat(20),
  cents: fc.integer({ min: 4_000, max: 40_000 }),
  model: mostly<PositionCase["model"]>("free", fc.constantFrom("depth", "skew")),
  steps: fc.array(step, { minLength: 1, maxLength: 4 }),
});

const ORDER: OrderCase = {
  ...{ book: BOOKS[0], isLimit: false, isLong: true, leverage: 99, token: 0, microUsd: 100_000_000n, boundPips: null },
  ...{ profitPermille: null, capacity: "free", isCancelled: false, isOwn: false, now: CALM },
};

/** One for each kind of answer, so that none depends on luck. */
export const ORDERS: OrderCase[] = [
  ...CAPACITIES.flatMap((capacity) => [true, false].map((isLimit) => ({ ...ORDER, capacity, isLimit }))),
  { ...ORDER, book: BOOKS[1], isLong: false, profitPermille: 1_000 },
  { ...ORDER, profitPermille: 1_100 },
  { ...ORDER, microUsd: 1n },
  { ...ORDER, microUsd: 5_000_000n },
  { ...ORDER, leverage: 499, microUsd: 5_500_000n },
  { ...ORDER, book: BOOKS[1], now: { ...CALM, tickPips: 4_900 }, isLimit: true, boundPips: 9_000 },
  { ...ORDER, isLimit: true, boundPips: 2_900 },
  { ...ORDER, isLimit: true, boundPips: 9_000 },
  // Further through the limit than an opening's tick may lie from the anchors.
  { ...ORDER, isLimit: true, boundPips: 11_000 },
  { ...ORDER, isLimit: true, boundPips: -200 },
  { ...ORDER, boundPips: -1 },
  { ...ORDER, now: { ...CALM, stale: "all" } },
  { ...ORDER, now: { ...CALM, stale: "token" } },
  // Of USDT, which is the first token or the second; the other has one source, or two that agree.
  ...[0, 1].map((token) => ({ ...ORDER, token, now: { ...CALM, isTokenDisputed: true } })),
  { ...ORDER, now: { ...CALM, tickPips: 12_000 } },
  { ...ORDER, now: { ...CALM, confidencePips: 3_001 } },
  { ...ORDER, now: { ...CALM, breaker: 1 } },
  { ...ORDER, now: { ...CALM, isSequencerDown: true } },
];

const STEP: Step = {
  ...{
    act: "nothing",
    permille: 0,
    part: 500,
    movePermille: 0,
    seconds: 0,
    isLiquidation: false,
    by: "keeper",
    now: CALM,
  },
};

const POSITION: PositionCase = {
  ...{ book: BOOKS[0], isLong: true, leverage: 99, token: 0, cents: 20_000, model: "free", steps: [] },
};

export const POSITIONS: PositionCase[] = [
  [{ ...STEP, act: "close" as const }],
  [{ ...STEP, act: "close" as const, by: "owner" as const }],
  [
    { ...STEP, act: "part" as const },
    { ...STEP, act: "close" as const, movePermille: 300 },
  ],
  [{ ...STEP, act: "close" as const, movePermille: -700 }],
  [{ ...STEP, movePermille: -700, isLiquidation: true }],
  [{ ...STEP, act: "profit" as const, permille: 400, movePermille: 500 }],
  // A stop armed and filled: by the same keeper, by another one, and by its owner.
  ...(["keeper", "stranger", "owner"] as const).map((by) => [
    { ...STEP, act: "stop" as const, permille: -200, movePermille: -250 },
    { ...STEP, movePermille: -260, by },
  ]),
  [{ ...STEP, act: "close" as const, permille: -100, movePermille: -300 }],
  // A bound that only the band around the anchors breaks: of a long, and of a short.
  ...[15_000, -15_000].map((tickPips) => [
    { ...STEP, act: "close" as const, permille: 1_150, now: { ...CALM, tickPips } },
  ]),
  // A halt, and the grace after it: no liquidation, and a close settles as a close.
  [
    { ...STEP, isLiquidation: true, movePermille: -700, now: { ...CALM, breaker: 3 } },
    { ...STEP, isLiquidation: true, movePermille: -700, seconds: 86_400 },
    { ...STEP, act: "close" as const, movePermille: -700 },
  ],
  // A tick from before the target of a pending close takes the profit at its own price, the cap by default.
  ...[4_095, -4_095].map((tickPips) => [
    { ...STEP, act: "close" as const, now: { ...CALM, tickPips, confidencePips: 1_499, tick: "early" as const } },
  ]),
].flatMap((steps) =>
  [true, false].flatMap((isLong) => [
    { ...POSITION, isLong, steps },
    ...(steps.some(({ now }) => now.tick === "early")
      ? [{ ...POSITION, book: BOOKS[1], leverage: 251, cents: 4_000, isLong, steps }]
      : []),
  ]),
);
