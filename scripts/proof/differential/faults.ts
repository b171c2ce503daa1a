/** Faults that are put into the model, each of which its product must tell apart from the contracts. */
import { FAULTS_OF_PRO } from "./faultsOfPro";

export interface Fault {
  readonly name: string;
  /** Of `PRODUCTS`. */
  readonly product: string;
  readonly source: string;
  /** Stands once in the source. */
  readonly from: string;
  readonly to: string;
}

export const FAULTS: readonly Fault[] = [
  {
    name: "the open fee is a millionth of the margin too large",
    product: "trades",
    source: "sdk/model/trade.ts",
    from: "PIPS + leverage * openFeePips)",
    to: "PIPS + leverage * openFeePips + 1n)",
  },
  {
    name: "the entry of a long is rounded down",
    product: "trades",
    source: "sdk/model/trade.ts",
    from: "isLong ? mulDivUp(tick, X18 + slippageX18, X18)",
    to: "isLong ? mulDivDown(tick, X18 + slippageX18, X18)",
  },
  {
    name: "a Degen close pays a millionth more of its profit",
    product: "trades",
    source: "sdk/model/trade.ts",
    from: "DEGEN_PROFIT_SHARE_PIPS = 150_000n",
    to: "DEGEN_PROFIT_SHARE_PIPS = 150_001n",
  },
  {
    name: "a liquidator's share is a millionth too large",
    product: "trades",
    source: "sdk/model/trade.ts",
    from: "LIQUIDATION_REWARD_PIPS = 50_000n",
    to: "LIQUIDATION_REWARD_PIPS = 50_001n",
  },
  {
    name: "the armer of a stop is paid before its executor",
    product: "trades",
    source: "sdk/model/trade.ts",
    from: "take(input.executionFeeCount >= 1n ? fee : 0n)",
    to: "take(input.executionFeeCount >= 2n ? fee : 0n)",
  },
  {
    name: "what a position adds to its side's carry is rounded up",
    product: "trades",
    source: "sdk/model/carry.ts",
    from: "return mulDivDown(notional, indexAtOpenX18, X18);",
    to: "return mulDivUp(notional, indexAtOpenX18, X18);",
  },
  {
    name: "a loss drains a unit early",
    product: "trades",
    source: "sdk/model/book.ts",
    from: "const drained = mulDivDown(budgetUsd",
    to: "const drained = mulDivUp(budgetUsd",
  },
  {
    name: "ALP's part of a fee is rounded down",
    product: "trades",
    source: "sdk/model/fees.ts",
    from: "const alp = mulDivUp(fee",
    to: "const alp = mulDivDown(fee",
  },
  {
    name: "what may be due is rounded down",
    product: "system",
    source: "sdk/model/book.ts",
    from: "const most = ceilDiv(loss * 100n, leastLossRatePercent);",
    to: "const most = floorDiv(loss * 100n, leastLossRatePercent);",
  },
  {
    name: "shares of a mint are rounded up",
    product: "system",
    source: "sdk/model/alp.ts",
    from: "return { shares: mulDivDown(value, supply, unit * navHighUsd), deadShares: 0n };",
    to: "return { shares: mulDivUp(value, supply, unit * navHighUsd), deadShares: 0n };",
  },
  {
    name: "the fee of a burn that leads away from the target is rounded down",
    product: "system",
    source: "sdk/model/alp.ts",
    from: "return basePips + mulDivUp(taxPips",
    to: "return basePips + mulDivDown(taxPips",
  },
  {
    name: "a bet's profit is a unit too large",
    product: "system",
    source: "sdk/model/prediction.ts",
    from: "return mulDivDown(stake, payoutPips, PIPS);",
    to: "return mulDivDown(stake, payoutPips, PIPS) + 1n;",
  },
  ...FAULTS_OF_PRO,
];

/** A source with its fault. */
export function faulty(text: string, { from, name, source, to }: Fault): string {
  if (text.split(from).length !== 2) throw new Error(`${source} has not exactly one place for: ${name}`);
  return text.replace(from, to);
}
