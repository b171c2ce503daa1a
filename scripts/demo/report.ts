import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export const UNITS = {
  chainId: "number",
  prices: "USD per 1.0 BTC, 10 decimals: fields that end in Price",
  usd: "US dollars, 18 decimals: fields that end in Usd, navBefore, navAfter, alpBefore, alpAfter (USD per ALP)",
  tokens: "whole tokens of the field `token` next to them, exact to the token's last decimal",
  alp: "whole ALP, 18 decimals: minted, burned",
  leverage: "whole number",
  prediction: "payoutRate and houseEdge: percent of the stake; periodSeconds: seconds",
  gas: "gas used, net of refunds",
} as const;

export interface TradeReport {
  side: "long" | "short";
  leverage: string;
  token: string;
  marginUsd: string;
  notionalUsd: string;
  openTickPrice: string;
  entryPrice: string;
  liquidationPrice: string;
  bankruptcyPrice: string;
  openFee: string;
  executionFee: string;
}

export interface ClosedReport extends TradeReport {
  exitPrice: string;
  pnlUsd: string;
  carryUsd: string;
  closeFee: string;
  closeFeeUsd: string;
  /** Whether the close fee is the share of the profit (15%) and not the least fee on the notional. */
  isProfitShare: boolean;
  payout: string;
}

export interface LiquidatedReport extends TradeReport {
  /** Of the first tick that crossed the liquidation price. */
  tickPrice: string;
  reward: string;
  toVault: string;
  badDebt: string;
}

export interface RefusedReport {
  reason: string;
  token: string;
  paidIn: string;
  refund: string;
  executionFee: string;
}

/** One bet from request to settlement. `toLps` is negative where they pay. */
export interface BetReport {
  direction: "up" | "down";
  periodSeconds: string;
  token: string;
  stake: string;
  payoutRate: string;
  houseEdge: string;
  reserved: string;
  strikePrice: string;
  settlementPrice: string;
  isWon: boolean;
  executionFees: string;
  payout: string;
  toLps: string;
}

export interface PredictionReport {
  won: BetReport;
  lost: BetReport;
}

export interface LpReport {
  token: string;
  paidIn: string;
  minted: string;
  burned: string;
  paidOut: string;
  navBefore: string;
  navAfter: string;
  alpBefore: string;
  alpAfter: string;
}

/** What a run did. Numbers are decimal strings in the units that `units` states. */
export interface Report {
  chainId: number;
  chain: string;
  ground: "replica" | "fork";
  prices: string;
  units: typeof UNITS;
  deposits: { token: string; paidIn: string; minted: string }[];
  degenLong: ClosedReport;
  liquidated: LiquidatedReport;
  standardShort: ClosedReport;
  refused: RefusedReport;
  prediction: PredictionReport;
  lp: LpReport;
  ledgerBalanced: boolean;
  gas: Record<string, string>;
}

/** On a fork of the real chain: deployed, and what its feeds say. */
export interface LiveReport {
  chainId: number;
  chain: string;
  ground: "live";
  prices: Record<string, string>;
}

export function writeReport(folder: string, chainKey: string, report: Report | LiveReport): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${chainKey}.json`);
  writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`);
  return path;
}
