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
  pro: "prices USD per 1.0 of the market's asset, 10 decimals: fields named price or ending in Price; size: of that asset, 8 decimals; rate: percent for eight hours; hours, leverage: whole numbers; all else whole tokens of the field `token`, 18 decimals",
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

/** A trade in the order book of Pro. */
export interface ProTradeReport {
  market: string;
  side: "buy" | "sell";
  size: string;
  /** Mean of its fills. */
  price: string;
  notional: string;
  /** The taker's, then those of the makers that it met. */
  fees: string;
  makerFees: string;
}

/** A position with cash of its own. */
export interface ProIsolatedReport extends ProTradeReport {
  leverage: string;
  margin: string;
  liquidationPrice: string;
  bankruptcyPrice: string;
}

/** An order that waited for a price, and what it came to. */
export interface ProStopReport extends ProTradeReport {
  /** What it waited for, and the tick that it was fired with. */
  stopPrice: string;
  tickPrice: string;
  toKeeper: string;
}

/** The chapter of Pro. */
export interface ProReport {
  token: string;
  fund: string;
  accounts: { name: string; account: string; deposit: string }[];
  trade: ProTradeReport;
  /** Of the account that traded; the liquidation price is that of `trade`'s market. */
  health: {
    equity: string;
    initialMargin: string;
    maintenanceMargin: string;
    available: string;
    liquidationPrice: string;
  };
  /** Over these hours: what the long of `trade` paid, and what its counterparty received. */
  funding: { hours: string; rate: string; paid: string; received: string };
  /** Sold half of `trade`'s position. */
  stop: ProStopReport;
  isolated: ProIsolatedReport;
  /** Of that position, through the book. `left` is what its owner got back. */
  liquidation: {
    markPrice: string;
    equity: string;
    size: string;
    price: string;
    fees: string;
    toKeeper: string;
    fromFund: string;
    left: string;
  };
  withdrawal: string;
  booksBalanced: boolean;
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
  pro: ProReport;
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
