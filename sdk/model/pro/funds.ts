/** A market's fund, and fees. */
import { HOUR_SECONDS } from "../../units";
import { min } from "../rounding";
import { DAY_SECONDS } from "./budgets";
import { splitTakerFee } from "./fees";
import type { FundLimits } from "./liquidation";
import { fundAllowance } from "./liquidation";
import { addCash, distressOf, setDistress } from "./scopes";
import type { Scope } from "./scopes";
import type { ExchangeState, MarketState } from "./state";
import { openInterest } from "./touches";

/** Notes what the fund held when the hour and the day began. */
function rollFund({ now }: ExchangeState, { fund }: MarketState): void {
  const hour = now / HOUR_SECONDS;
  if (hour !== fund.hour) Object.assign(fund, { hour, atHour: fund.held, paidInHour: 0n });
  const day = now / DAY_SECONDS;
  if (day !== fund.day) Object.assign(fund, { day, atDay: fund.held, paidInDay: 0n });
}

/** Adds to a market's fund. */
export function addToFund(state: ExchangeState, market: MarketState, amount: bigint): void {
  rollFund(state, market);
  market.fund.held += amount;
}

/** Books a taker's fee; what of it a broker shares in is kept beside. */
export function bookTakerFee(state: ExchangeState, market: MarketState, fee: bigint, broker?: number): void {
  const { toFees, toFund } = splitTakerFee(fee, market.fund.held, openInterest(market));
  addToFund(state, market, toFund);
  market.fees += toFees;
  if (broker !== undefined) market.brokerFees[broker] = (market.brokerFees[broker] ?? 0n) + toFees;
}

/** What the fund may still pay for a scope. */
export function allowanceFor(state: ExchangeState, market: MarketState, scope: Scope): bigint {
  rollFund(state, market);
  const { atDay, atHour, held, paidInDay, paidInHour } = market.fund;
  const limits: FundLimits = { fund: held, atHour, atDay, paidInHour, paidInDay };
  return fundAllowance(limits, distressOf(state, scope).fundPaid);
}

/** The fund pays for a bankrupt scope, within its allowance. */
export function payFromFund(state: ExchangeState, market: MarketState, scope: Scope, amount: bigint): void {
  rollFund(state, market);
  market.fund.held -= amount;
  market.fund.paidInHour += amount;
  market.fund.paidInDay += amount;
  addCash(state, scope, amount);
  const distress = distressOf(state, scope);
  setDistress(state, scope, { ...distress, fundPaid: distress.fundPaid + amount });
}

/** The fund pays a caller as much of an amount as it has, outside its limits. */
export function payCaller(state: ExchangeState, market: MarketState, keeper: number, amount: bigint): void {
  rollFund(state, market);
  const paid = min(amount, market.fund.held);
  market.fund.held -= paid;
  addCash(state, { account: keeper }, paid);
}
