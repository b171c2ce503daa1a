import { readFileSync } from "node:fs";
import { resolve } from "node:path";

/** Amounts are decimal texts of integers, in the units of the model. */
export interface CloseVector {
  exit: string;
  pnlUsd: string;
  gainTokens: string;
  executionFeeTokens: string;
  closeFeeTokens: string;
  payout: string;
}

export interface PositionVector {
  mode: "Standard" | "Degen";
  isLong: boolean;
  leverage: number;
  amountIn: string;
  tokenDecimals: number;
  tokenPriceAtOpen: string;
  tick: string;
  slippagePips: number;
  openFeePips: number;
  executionFeeUsd: string;
  llrPips: number;
  profitCapPips: number;
  carryOwedUsd: string;
  open: { margin: string; openFee: string; marginUsd: string; entry: string; size: string; notional: string };
  liquidationPrice: string;
  bankruptcyPrice: string;
  closeTick: string;
  tokenPriceAtClose: string;
  liquidatableAtCloseTick: boolean;
  closeByOwner?: CloseVector;
  closeByAnother?: CloseVector;
  liquidation?: { reward: string; toVault: string; badDebt: string };
}

export interface Vectors {
  positions: PositionVector[];
  alpFees: {
    targetUsd: string;
    beforeUsd: string;
    afterUsd: string;
    basePips: number;
    taxPips: number;
    feePips: number;
  }[];
  funding: {
    longNotionalUsd: string;
    shortNotionalUsd: string;
    fundingFactorX18: string;
    minRateX18: string;
    maxRateX18: string;
    ratePerSecondX18: string;
  }[];
}

const FILE = resolve(__dirname, "../../vectors/arithmetic.json");

/** Expected values computed independently of the model and of the contracts. */
export function readVectors(): Vectors {
  return JSON.parse(readFileSync(FILE, "utf8")) as Vectors;
}
