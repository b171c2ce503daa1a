import fc from "fast-check";

/** One thing that somebody does. Numbers that choose among things are taken modulo how many there are. */
export type Step =
  | {
      kind: "open";
      trader: number;
      book: number;
      isLong: boolean;
      leverage: number;
      token: number;
      cents: number;
      bound: Bound;
      takeProfit: TakeProfit;
      /** From the price; 0: none. */
      stopPips: number;
    }
  | {
      kind: "limit";
      trader: number;
      book: number;
      isLong: boolean;
      leverage: number;
      token: number;
      cents: number;
      /** Of the limit from the price. */
      offsetPips: number;
      lastsFor: number;
      takeProfit: TakeProfit;
      stopPips: number;
    }
  | { kind: "cancelLimit"; limit: number }
  | { kind: "update"; trade: number; keepsProfit: boolean; takeProfit: TakeProfit; stopPips: number }
  | { kind: "addMargin"; position: number; cents: number }
  | { kind: "reduce"; position: number; sharePips: number }
  | {
      kind: "trigger";
      keeper: number;
      market: number;
      movePips: number;
      deviationPips: number;
      wait: number;
      /** Of the tick when its block comes. */
      age: number;
    }
  | { kind: "close"; position: number; bound: Bound }
  | { kind: "execute"; keeper: number; late: number; lag: number; movePips: number; repeat: boolean }
  | { kind: "liquidate"; keeper: number; market: number; movePips: number }
  | { kind: "price"; asset: number; movePips: number }
  | { kind: "wait"; seconds: number }
  | { kind: "cancel" }
  | { kind: "mint"; token: number; whole: number }
  | { kind: "burn"; token: number; sharePips: number }
  | { kind: "claim"; keeper: number; token: number }
  | { kind: "donate"; token: number; cents: number };

export type StepOf<K extends Step["kind"]> = Extract<Step, { kind: K }>;

/** Where an acceptable price lies from the price at the request. */
export type Bound = "none" | "far" | "near" | "unreachable";

export type TakeProfit = "cap" | "inside" | "wrongSide";

const bound = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Bound>("none") },
  fc.constantFrom<Bound>("far", "near", "unreachable"),
);
const takeProfit = fc.oneof(
  { weight: 4, arbitrary: fc.constant<TakeProfit>("cap") },
  fc.constantFrom<TakeProfit>("inside", "wrongSide"),
);
const nat = fc.nat(100);

/** A stop from the price: on the losing side, on the winning one, or none. */
const stopPips = fc.oneof(fc.constant(0), fc.integer({ min: -500, max: 500 }), fc.integer({ min: -9_000, max: 9_000 }));

/** A move of a price: most within what 1001x survives, some beyond what 100x does. */
const move = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: -400, max: 400 }) },
  { weight: 2, arbitrary: fc.integer({ min: -5_000, max: 5_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: -60_000, max: 60_000 }) },
);

/** Between tick and feeds: seldom outside what openings accept, or the band that exits are held in. */
const deviation = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -300, max: 300 }) },
  { weight: 1, arbitrary: fc.integer({ min: -12_000, max: 12_000 }) },
);

const leverage = fc.oneof(
  fc.integer({ min: 0, max: 10_000 }),
  fc.constantFrom(0, 9, 10, 49, 50, 10_000, 10_000, 10_000),
);

/** Dollars of margin: from too little to more than a book takes. */
const cents = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 600, max: 50_000 }) },
  { weight: 2, arbitrary: fc.integer({ min: 40_000, max: 70_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 700 }) },
  { weight: 1, arbitrary: fc.integer({ min: 50_000, max: 1_000_000 }) },
);

export const open = fc.record({
  kind: fc.constant("open" as const),
  trader: nat,
  book: nat,
  isLong: fc.boolean(),
  leverage,
  token: nat,
  cents,
  bound,
  takeProfit,
  stopPips,
});

export const limit = fc.record({
  kind: fc.constant("limit" as const),
  trader: nat,
  book: nat,
  isLong: fc.boolean(),
  leverage,
  token: nat,
  cents,
  offsetPips: fc.oneof(fc.integer({ min: -600, max: 600 }), fc.integer({ min: -30_000, max: 30_000 })),
  lastsFor: fc.oneof(fc.integer({ min: 30, max: 90 }), fc.integer({ min: 3_600, max: 1_000_000 })),
  takeProfit,
  stopPips,
});

export const trigger = fc.record({
  kind: fc.constant("trigger" as const),
  keeper: nat,
  market: nat,
  movePips: move,
  deviationPips: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, deviation),
  wait: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 6 })),
  age: fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 0, max: 2 }) }, fc.integer({ min: 0, max: 5 })),
});

export const update = fc.record({
  kind: fc.constant("update" as const),
  trade: nat,
  keepsProfit: fc.boolean(),
  takeProfit,
  stopPips,
});

export const cancelLimit = fc.record({ kind: fc.constant("cancelLimit" as const), limit: nat });

export const addMargin = fc.record({
  kind: fc.constant("addMargin" as const),
  position: nat,
  cents: fc.integer({ min: 1, max: 50_000 }),
});

export const reduce = fc.record({
  kind: fc.constant("reduce" as const),
  position: nat,
  sharePips: fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 200_000, max: 800_000 }) },
    fc.integer({ min: 0, max: 1_000_000 }),
  ),
});

export const execute = fc.record({
  kind: fc.constant("execute" as const),
  keeper: nat,
  late: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 45 })),
  lag: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 4 })),
  movePips: deviation,
  repeat: fc.boolean(),
});

export const close = fc.record({ kind: fc.constant("close" as const), position: nat, bound });

/** Anything that anybody does in ordinary surroundings. */
export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: open },
  { weight: 3, arbitrary: limit },
  { weight: 3, arbitrary: execute },
  { weight: 4, arbitrary: trigger },
  { weight: 2, arbitrary: close },
  { weight: 2, arbitrary: reduce },
  { weight: 2, arbitrary: update },
  { weight: 1, arbitrary: cancelLimit },
  { weight: 2, arbitrary: addMargin },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("liquidate" as const), keeper: nat, market: nat, movePips: move }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("price" as const), asset: nat, movePips: move }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("wait" as const),
      seconds: fc.oneof(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 3_600, max: 400_000 })),
    }),
  },
  { weight: 3, arbitrary: fc.constant({ kind: "cancel" as const }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("mint" as const), token: nat, whole: fc.integer({ min: 1, max: 20 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("burn" as const),
      token: nat,
      sharePips: fc.oneof(fc.integer({ min: 1, max: 300_000 }), fc.constant(1_000_000)),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("claim" as const), keeper: nat, token: nat }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("donate" as const),
      token: nat,
      cents: fc.integer({ min: 1, max: 100_000 }),
    }),
  },
);

/** Sequences in which most requests are executed in time, and some late or never. */
export const steps: fc.Arbitrary<Step[]> = fc
  .array(
    fc.oneof(
      { weight: 5, arbitrary: step.map((single) => [single]) },
      { weight: 3, arbitrary: fc.tuple(open, execute) },
      { weight: 1, arbitrary: fc.tuple(open, open, execute) },
      { weight: 2, arbitrary: fc.tuple(close, execute) },
      { weight: 2, arbitrary: fc.tuple(reduce, execute) },
      { weight: 2, arbitrary: fc.tuple(limit, trigger) },
      { weight: 1, arbitrary: fc.tuple(limit, limit, cancelLimit, trigger) },
      { weight: 1, arbitrary: fc.tuple(addMargin, reduce, execute) },
      { weight: 2, arbitrary: fc.tuple(update, trigger, execute) },
    ),
    { minLength: 8, maxLength: 20, size: "max" },
  )
  .map((groups) => groups.flat());
