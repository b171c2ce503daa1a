/** One parameter at a time, from harmless to absurd: where the LPs begin to lose. */
import { X18, usd } from "../../sdk/units";
import type { BookTerms, Setting, TierTerms } from "./setting";

export interface Sweep {
  key: string;
  title: string;
  unit: string;
  /** Whose result is looked at. */
  of: "degen" | "standard";
  /** What ships, among `values`. */
  shipped: (setting: Setting) => number;
  values: readonly number[];
  apply: (setting: Setting, value: number) => Setting;
}

export const SWEEPS: readonly Sweep[] = [
  {
    ...{ key: "confidence", title: "Confidence bound of Degen openings", unit: "bp", of: "degen" },
    shipped: ({ books }) => books.degen.maxConfidencePips / 100,
    values: [4, 7, 10, 15, 30, 100, 1_000],
    apply: (setting, value) => inDegen(setting, { maxConfidencePips: value * 100 }),
  },
  {
    ...{ key: "keeper", title: "Keeper delay, crossing tick proven", unit: "s", of: "degen" },
    shipped: ({ keeperDelay }) => keeperDelay,
    values: [0, 1, 5, 15, 30, 45, 120, 600],
    apply: (setting, value) => ({ ...setting, keeperDelay: value }),
  },
  {
    ...{ key: "latest", title: "Keeper delay, latest tick proven", unit: "s", of: "degen" },
    shipped: ({ keeperDelay }) => keeperDelay,
    values: [0, 1, 5, 15, 30, 120, 600],
    apply: (setting, value) => ({ ...setting, keeperDelay: value, proof: "latest" }),
  },
  {
    ...{ key: "spread", title: "Slippage of Degen, each way", unit: "pips", of: "degen" },
    shipped: ({ books }) => Number(books.degen.slippagePips),
    values: [0, 25, 50, 100, 150, 200],
    apply: (setting, value) =>
      inDegen(setting, { slippagePips: BigInt(value) }, { maxExitSlippagePips: BigInt(value) }),
  },
  {
    ...{ key: "closeFee", title: "Least close fee of Degen", unit: "pips", of: "degen" },
    shipped: ({ books }) => Number(books.degen.closeFeePips),
    values: [0, 75, 150, 300, 400, 500],
    apply: (setting, value) => inDegen(setting, { closeFeePips: BigInt(value) }),
  },
  {
    ...{
      key: "maintenance",
      title: "Loss of the margin that liquidates in Degen",
      unit: "% of the margin",
      of: "degen",
    },
    shipped: ({ books }) => Number(books.degen.tiers[0].llrPips) / 1e4,
    values: [40, 50, 60, 75, 90, 100, 200],
    apply: (setting, value) => inDegen(setting, {}, { llrPips: BigInt(value * 1e4) }),
  },
  {
    ...{ key: "cap", title: "Profit cap of Degen", unit: "margins", of: "degen" },
    shipped: ({ books }) => Number(books.degen.tiers.at(-1)!.profitCapPips) / 1e6,
    values: [1, 2, 3, 5, 10, 50],
    apply: (setting, value) => inDegen(setting, {}, { profitCapPips: BigInt(value * 1e6) }),
  },
  {
    ...{ key: "budget", title: "Loss budget of Degen, every jump known", unit: "USD an hour", of: "degen" },
    shipped: ({ books }) => Number(books.degen.budgetUsd / X18),
    values: [500, 2_500, 10_000, 25_000, 100_000, 10_000_000],
    apply: (setting, value) => ({ ...inDegen(setting, { budgetUsd: usd(String(value)) }), newsShare: 1 }),
  },
  {
    ...{ key: "delay", title: "Execution delay of Degen, traders see 2 s ahead", unit: "s", of: "degen" },
    shipped: ({ books }) => books.degen.executionDelay,
    values: [0, 1, 2, 3, 5],
    apply: (setting, value) => inDegen(setting, { executionDelay: value }),
  },
  {
    ...{ key: "foresight", title: "Seconds that traders see ahead", unit: "s", of: "degen" },
    shipped: ({ foresight }) => foresight,
    values: [0, 2, 3, 4, 5, 8],
    apply: (setting, value) => ({ ...setting, foresight: value }),
  },
  {
    ...{ key: "news", title: "Share of the jumps known beforehand", unit: "%", of: "degen" },
    shipped: ({ newsShare }) => newsShare * 100,
    values: [0, 25, 50, 75, 100],
    apply: (setting, value) => ({ ...setting, newsShare: value / 100 }),
  },
  {
    ...{ key: "interest", title: "Open-interest cap of Degen, every jump known", unit: "M USD a side", of: "degen" },
    shipped: ({ books }) => Number(books.degen.capUsd / X18) / 1e6,
    values: [0.75, 2, 5, 20, 100],
    apply: (setting, value) => ({
      ...inDegen(setting, { capUsd: usd(String(value * 1e6)) }, { maxNotionalUsd: usd(String((value * 1e6) / 4)) }),
      newsShare: 1,
    }),
  },
  {
    ...{ key: "standardSpread", title: "Slippage of Standard, each way", unit: "pips", of: "standard" },
    shipped: ({ books }) => Number(books.standard.slippagePips),
    values: [0, 50, 100, 200],
    apply: (setting, value) => inBook(setting, "standard", { slippagePips: BigInt(value) }),
  },
  {
    ...{ key: "standardFee", title: "Open and close fee of Standard", unit: "pips", of: "standard" },
    shipped: ({ books }) => Number(books.standard.closeFeePips),
    values: [0, 200, 400, 800, 1_200],
    apply: (setting, value) => inBook(setting, "standard", { closeFeePips: BigInt(value), openFeePips: BigInt(value) }),
  },
];

function inDegen(setting: Setting, change: Partial<BookTerms>, ofTiers: Partial<TierTerms> = {}): Setting {
  return inBook(setting, "degen", change, ofTiers);
}

function inBook(
  setting: Setting,
  mode: keyof Setting["books"],
  change: Partial<BookTerms>,
  ofTiers: Partial<TierTerms> = {},
): Setting {
  const book = setting.books[mode];
  const tiers = book.tiers.map((tier) => ({ ...tier, ...ofTiers }));
  return { ...setting, books: { ...setting.books, [mode]: { ...book, ...change, tiers } } };
}
