import { ACCESS, COMMON, PERIPHERY } from "./callers";
import { ALP, VAULT } from "./liquidity";
import { PREDICTION, PREDICTION_SETTINGS } from "./prediction";
import { PRICES, PYTH } from "./prices";
import { PRO, PRO_SETTINGS, PRO_TRIGGERS } from "./pro";
import { TRADING, TRADING_SETTINGS } from "./trading";
import type { Words } from "./types";

export type { Words } from "./types";

/** The words of every error, in the groups that documents list them in. */
export const GROUPS: Readonly<Record<string, Words>> = {
  Trading: TRADING,
  Prediction: PREDICTION,
  Pro: { ...PRO, ...PRO_TRIGGERS },
  "Vault and fees": VAULT,
  ALP,
  Prices: PRICES,
  "Router, keepers, brokers and lenses": PERIPHERY,
  "Tokens, and what all contracts share": COMMON,
  Pyth: PYTH,
  "Authority and breaker": ACCESS,
  "Settings of Trading": TRADING_SETTINGS,
  "Settings of Prediction": PREDICTION_SETTINGS,
  "Settings of Pro": PRO_SETTINGS,
};
