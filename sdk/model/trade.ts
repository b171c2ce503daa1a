/**
 * The life of one position: opening, closing, liquidation.
 *
 * Every amount is rounded once, against whoever receives or owes it and for the vault.
 */
import { PIPS, X18, usd } from "../units";
import type { TokenQuote } from "./convert";
import { toTokensDown, toTokensUp, toUsdDown } from "./convert";
import { MAX_PRICE } from "./prices";
import { ceilDiv, clamp, floorDiv, max, min, mulDivDown, mulDivUp } from "./rounding";
import { pipsToX18 } from "./slippage";

/** Share of the gross profit that a Degen close pays at least, in pips (15%). */
export const DEGEN_PROFIT_SHARE_PIPS = 150_000n;
/** Share of the margin credited to a liquidator, in pips (5%). */
export const LIQUIDATION_REWARD_PIPS = 50_000n;
/** Least liquidation reward, USD. */
export const MIN_LIQUIDATION_REWARD_USD: bigint = usd("0.2");
/** Largest liquidation reward, USD. */
export const MAX_LIQUIDATION_REWARD_USD: bigint = usd("50");

/** Which rule a position pays its close fee by; fixed when it opens. */
export type FeeKind = "standard" | "degen";

/** What an opening is computed from. */
export interface OpenInput {
  readonly isLong: boolean;
  /** Whole number, 1 to 1001. */
  readonly leverage: bigint;
  /** A: what the trader paid in, in tokens, execution fee included. */
  readonly amountIn: bigint;
  /** The margin token at execution. */
  readonly token: TokenQuote;
  /** Execution fee in USD. */
  readonly executionFeeUsd: bigint;
  /** f: share of the notional taken on opening, pips. */
  readonly openFeePips: bigint;
  /** P: the settlement price. */
  readonly tick: bigint;
  /** s, pips. */
  readonly slippagePips: bigint;
}

/** How the amount paid in is divided. All in tokens; the three add up to it. */
export interface AmountSplit {
  readonly executionFee: bigint;
  readonly openFee: bigint;
  /** M. */
  readonly margin: bigint;
}

/** A filled opening. */
export interface OpenResult extends AmountSplit {
  /** M × T in USD. */
  readonly marginUsd: bigint;
  /** E. */
  readonly entry: bigint;
  /** Q. */
  readonly size: bigint;
  /** N = E × Q in USD, exact. */
  readonly notional: bigint;
}

/** An open position with the terms it keeps. */
export interface Position {
  readonly isLong: boolean;
  /** E. */
  readonly entry: bigint;
  /** Q. */
  readonly size: bigint;
  /** M today, in tokens: the initial margin and what was added since. */
  readonly margin: bigint;
  /** M at the opening, in tokens: profit is capped in terms of it. */
  readonly initialMargin: bigint;
  /** Share of the margin that may be lost before liquidation, pips. */
  readonly llrPips: bigint;
  /** Largest gain as a share of the initial margin, pips. */
  readonly profitCapPips: bigint;
  readonly closeFeeKind: FeeKind;
  /** Share of the close notional, pips: the whole fee in Standard, the least in Degen. */
  readonly closeFeePips: bigint;
}

/** What a close is computed from. */
export interface CloseInput {
  readonly position: Position;
  /** P': the settlement price, or the take-profit price itself. */
  readonly tick: bigint;
  /** s, pips. */
  readonly slippagePips: bigint;
  /** The margin token at the close, of a disputed price the lower end: what the trader owes is converted at it. */
  readonly token: TokenQuote;
  /** The higher end of a disputed price: what the trader gains is converted at it; `token` by default. */
  readonly gainToken?: TokenQuote;
  /** Positive when the trader owes, USD. */
  readonly carryOwedUsd: bigint;
  /** Execution fee in USD. */
  readonly executionFeeUsd: bigint;
  /** Fees owed: none when the owner executes, one to another executor, a second to whoever armed a stop. */
  readonly executionFeeCount: bigint;
}

/** A settled close. Token amounts unless said otherwise; margin + gain = fees + payout whenever the margin suffices. */
export interface CloseResult {
  /** X. */
  readonly exit: bigint;
  /** Q·(X − E) or Q·(E − X) in USD, exact, without carry and without cap. */
  readonly pnlUsd: bigint;
  /** pnl − carry after the cap; negative is a loss. */
  readonly gain: bigint;
  /** Execution fees collected in all. */
  readonly executionFee: bigint;
  /** Of which to the executor, who comes first. */
  readonly executorFee: bigint;
  /** Of which to whoever armed the stop. */
  readonly armerFee: bigint;
  /** Loss and carry collected for the vault's liquidity; 0 when there is a gain. */
  readonly lossCollected: bigint;
  /** Paid out of the vault's liquidity; 0 when there is a loss. */
  readonly gainPaid: bigint;
  /** Close fee collected. */
  readonly closeFee: bigint;
  /** What the trader gets. */
  readonly payout: bigint;
}

/** A settled liquidation, in tokens. */
export interface LiquidationResult {
  /** To the liquidator, first. */
  readonly reward: bigint;
  /** The rest of the margin. */
  readonly toVault: bigint;
  /** What the margin fell short of loss, carry and reward; recorded, never collected. */
  readonly badDebt: bigint;
}

/** Execution fee in tokens: fee / T, rounded up. */
export function executionFeeTokens(feeUsd: bigint, token: TokenQuote): bigint {
  return toTokensUp(feeUsd, token);
}

/**
 * M = (A − e) / (1 + L·f) rounded down; the open fee is the rest, so that nothing is lost between them.
 * An amount that does not cover the execution fee gives a margin of 0.
 */
export function splitAmountIn(
  amountIn: bigint,
  executionFee: bigint,
  leverage: bigint,
  openFeePips: bigint,
): AmountSplit {
  const fee = min(executionFee, amountIn);
  const margin = mulDivDown(amountIn - fee, PIPS, PIPS + leverage * openFeePips);
  return { executionFee: fee, openFee: amountIn - fee - margin, margin };
}

/** E = P·(1 + s) long, rounded up; P·(1 − s) short, rounded down. */
export function entryPrice(tick: bigint, slippagePips: bigint, isLong: boolean): bigint {
  return entryPriceX18(tick, pipsToX18(slippagePips), isLong);
}

/** As `entryPrice`, with a slippage of 18 decimals. */
export function entryPriceX18(tick: bigint, slippageX18: bigint, isLong: boolean): bigint {
  return isLong ? mulDivUp(tick, X18 + slippageX18, X18) : mulDivDown(tick, X18 - slippageX18, X18);
}

/** X = P'·(1 − s) long, rounded down; P'·(1 + s) short, rounded up. */
export function exitPrice(tick: bigint, slippagePips: bigint, isLong: boolean): bigint {
  return entryPrice(tick, slippagePips, !isLong);
}

/** As `exitPrice`, with a slippage of 18 decimals. */
export function exitPriceX18(tick: bigint, slippageX18: bigint, isLong: boolean): bigint {
  return entryPriceX18(tick, slippageX18, !isLong);
}

/** Q = marginUsd·L / E, rounded down, so that the notional never passes marginUsd·L. */
export function sizeOf(marginUsd: bigint, leverage: bigint, entry: bigint): bigint {
  return mulDivDown(marginUsd, leverage, entry);
}

/** An opening that fills at its tick. */
export function openTrade(input: OpenInput): OpenResult {
  return openTradeAt(input, entryPrice(input.tick, input.slippagePips, input.isLong));
}

/** An opening that fills at a given entry: a limit order fills exactly at its limit. */
export function openTradeAt(input: Omit<OpenInput, "tick" | "slippagePips" | "isLong">, entry: bigint): OpenResult {
  const executionFee = executionFeeTokens(input.executionFeeUsd, input.token);
  const split = splitAmountIn(input.amountIn, executionFee, input.leverage, input.openFeePips);
  const marginUsd = toUsdDown(split.margin, input.token);
  const size = sizeOf(marginUsd, input.leverage, entry);
  return { ...split, marginUsd, entry, size, notional: entry * size };
}

/** Q·(X − E) long, Q·(E − X) short, in USD; exact. */
export function pnlUsd(position: Pick<Position, "isLong" | "entry" | "size">, price: bigint): bigint {
  const { isLong, entry, size } = position;
  return isLong ? size * (price - entry) : size * (entry - price);
}

/** profitCap × initial M in tokens, rounded down: the largest gain, and what the vault reserves on opening. */
export function gainCap(initialMargin: bigint, profitCapPips: bigint): bigint {
  return mulDivDown(initialMargin, profitCapPips, PIPS);
}

/**
 * (pnl − carry) / T' in tokens, rounded down, at most profitCap × initial M.
 * The cap is on the sum: a cap on pnl alone would let received carry pass what the vault has reserved.
 */
export function gainTokens(position: Position, pnl: bigint, carryOwedUsd: bigint, token: TokenQuote): bigint {
  return min(toTokensDown(pnl - carryOwedUsd, token), gainCap(position.initialMargin, position.profitCapPips));
}

/**
 * The close fee owed, in tokens, rounded up.
 * Standard: closeFeePips of the close notional Q·X. Degen: that, or 15% of the gross profit if more, the profit being
 * pnl before carry and at most profitCap × initial M.
 */
export function closeFeeOwed(position: Position, exit: bigint, token: TokenQuote): bigint {
  const onNotional = feeOn(position.size * exit, position.closeFeePips, token);
  if (position.closeFeeKind === "standard") return onNotional;
  const profit = max(pnlUsd(position, exit), 0n);
  const onProfit = feeOn(profit, DEGEN_PROFIT_SHARE_PIPS, token);
  const onCap = ceilDiv(position.initialMargin * position.profitCapPips * DEGEN_PROFIT_SHARE_PIPS, PIPS * PIPS);
  return max(onNotional, min(onProfit, onCap));
}

/** pips of a USD amount in tokens, rounded up once: the price is scaled instead of rounding the USD first. */
function feeOn(usdAmount: bigint, ratePips: bigint, token: TokenQuote): bigint {
  return toTokensUp(usdAmount * ratePips, { decimals: token.decimals, price: token.price * PIPS });
}

/** A close at a tick. */
export function closeTrade(input: CloseInput): CloseResult {
  return closeTradeAt(input, exitPrice(input.tick, input.slippagePips, input.position.isLong));
}

/**
 * A close at a given exit.
 * payout = M + gain − close fee − execution fee, never below 0.
 * Deducted in this order, each from what is left: execution fees (executor, then armer), loss and carry, close fee.
 */
export function closeTradeAt(input: Omit<CloseInput, "tick" | "slippagePips">, exit: bigint): CloseResult {
  const { position, token } = input;
  const pnl = pnlUsd(position, exit);
  const isGain = pnl >= input.carryOwedUsd;
  const gain = gainTokens(position, pnl, input.carryOwedUsd, (isGain ? input.gainToken : undefined) ?? token);
  const gainPaid = max(gain, 0n);

  let left = position.margin + gainPaid;
  const take = (owed: bigint): bigint => {
    const taken = min(owed, left);
    left -= taken;
    return taken;
  };
  const fee = executionFeeTokens(input.executionFeeUsd, token);
  const executorFee = take(input.executionFeeCount >= 1n ? fee : 0n);
  const armerFee = take(input.executionFeeCount >= 2n ? fee : 0n);
  const lossCollected = take(max(-gain, 0n));
  const closeFee = take(closeFeeOwed(position, exit, token));
  return {
    exit,
    pnlUsd: pnl,
    gain,
    executionFee: executorFee + armerFee,
    executorFee,
    armerFee,
    lossCollected,
    gainPaid,
    closeFee,
    payout: left,
  };
}

/**
 * Whether loss + carry ≥ LLR × marginUsd at a tick, without slippage and fees.
 * marginUsd = M today × T today, rounded down; the comparison itself is exact and the boundary counts.
 */
export function isLiquidatable(position: Position, tick: bigint, carryOwedUsd: bigint, token: TokenQuote): boolean {
  const shortfall = carryOwedUsd - pnlUsd(position, tick);
  return shortfall * PIPS >= position.llrPips * toUsdDown(position.margin, token);
}

/**
 * The first integer price, coming from the entry, at which the position is liquidatable.
 * Solved from Q·|E − P| + carry = LLR × marginUsd: rounded down for a long and up for a short.
 * 0 for a long means that no price liquidates it; 0 for a short that every price does.
 */
export function liquidationPrice(position: Position, carryOwedUsd: bigint, token: TokenQuote): bigint {
  return priceOfLoss(position, carryOwedUsd, token, position.llrPips);
}

/** The first integer price at which loss and carry use up the whole margin: the liquidation price with LLR = 100%. */
export function bankruptcyPrice(position: Position, carryOwedUsd: bigint, token: TokenQuote): bigint {
  return priceOfLoss(position, carryOwedUsd, token, PIPS);
}

function priceOfLoss(position: Position, carryOwedUsd: bigint, token: TokenQuote, sharePips: bigint): bigint {
  const { isLong, entry, size } = position;
  // In USD × 1e6, so that the share of the margin needs no rounding of its own.
  const distance = sharePips * toUsdDown(position.margin, token) - carryOwedUsd * PIPS;
  const notional = entry * size * PIPS;
  const price = isLong ? floorDiv(notional - distance, size * PIPS) : ceilDiv(notional + distance, size * PIPS);
  return max(price, 0n);
}

/**
 * As `liquidationPrice`, where the margin is in the market's own asset, so that its price is the one looked for:
 * (Q·E + carry) / (Q + LLR·M) of a long, (Q·E − carry) / (Q − LLR·M) of a short, and none, the largest price, where Q is not
 * above LLR·M. To the unit at which `isLiquidatable` turns.
 */
export function liquidationPriceInKind(position: Position, carryOwedUsd: bigint, decimals: number): bigint {
  return priceOfLossInKind(position, carryOwedUsd, decimals, position.llrPips);
}

/** As `bankruptcyPrice`, where the margin is in the market's own asset. */
export function bankruptcyPriceInKind(position: Position, carryOwedUsd: bigint, decimals: number): bigint {
  return priceOfLossInKind(position, carryOwedUsd, decimals, PIPS);
}

function priceOfLossInKind(position: Position, carryOwedUsd: bigint, decimals: number, sharePips: bigint): bigint {
  const { isLong, entry, size, margin } = position;
  const unit = 10n ** BigInt(decimals);
  // Q and share·M, USD per unit of a price, both times 10^decimals and 1e6.
  const [whole, share] = [size * unit * PIPS, sharePips * margin * 10n ** 8n];
  if (!isLong && whole <= share) return MAX_PRICE;
  const worth = (isLong ? entry * size + carryOwedUsd : entry * size - carryOwedUsd) * unit * PIPS;
  if (isLong && worth < 0n) return 0n;
  let price = isLong ? floorDiv(worth, whole + share) : max(ceilDiv(worth, whole - share), 0n);
  // The margin counts whole units of USD: where its worth is rounded down, the rule holds a little earlier.
  const isLostAt = (at: bigint) =>
    isLiquidatable({ ...position, llrPips: sharePips }, at, carryOwedUsd, { price: at, decimals });
  if (isLong) while (isLostAt(price + 1n)) price += 1n;
  else while (price > 0n && isLostAt(price - 1n)) price -= 1n;
  return min(price, MAX_PRICE);
}

/** 5% of the margin, at least 0.2 USD, at most 50 USD, at most the margin; in tokens, rounded down. */
export function liquidationReward(margin: bigint, token: TokenQuote): bigint {
  const share = mulDivDown(margin, LIQUIDATION_REWARD_PIPS, PIPS);
  const least = toTokensDown(MIN_LIQUIDATION_REWARD_USD, token);
  const most = toTokensDown(MAX_LIQUIDATION_REWARD_USD, token);
  return min(clamp(share, least, most), margin);
}

/** The liquidator is paid first, the vault keeps the rest, bad debt (rounded up) is only recorded. */
export function settleLiquidation(
  position: Position,
  tick: bigint,
  carryOwedUsd: bigint,
  token: TokenQuote,
): LiquidationResult {
  const reward = liquidationReward(position.margin, token);
  const shortfall = toTokensUp(carryOwedUsd - pnlUsd(position, tick), token);
  return { reward, toVault: position.margin - reward, badDebt: max(shortfall + reward - position.margin, 0n) };
}

/**
 * The take-profit price at which pnl reaches profitCap × marginUsd of the opening, never beyond it:
 * rounded down for a long, up for a short. 0 for a short whose cap no price reaches.
 */
export function takeProfitAtCap(
  position: Pick<Position, "isLong" | "entry" | "size" | "profitCapPips">,
  marginUsdAtOpen: bigint,
): bigint {
  const { isLong, entry, size } = position;
  const cap = position.profitCapPips * marginUsdAtOpen;
  return isLong ? entry + floorDiv(cap, size * PIPS) : max(entry - floorDiv(cap, size * PIPS), 0n);
}

/**
 * The bound of a take profit by the position's terms alone, E ± E·profitCap / L, rounded towards the entry; at least 1.
 * N / L stands for marginUsd: it is less by what rounding the size took, so that this is never beyond `takeProfitAtCap`.
 */
export function takeProfitBound(isLong: boolean, entry: bigint, leverage: bigint, profitCapPips: bigint): bigint {
  const distance = floorDiv(entry * profitCapPips, leverage * PIPS);
  return isLong ? min(entry + distance, MAX_PRICE) : max(entry - distance, 1n);
}

/** Whether a take profit is on the winning side and within the cap; 0 stands for the cap itself. */
export function isTakeProfitAllowed(
  position: Pick<Position, "isLong" | "entry" | "size" | "profitCapPips">,
  marginUsdAtOpen: bigint,
  takeProfit: bigint,
): boolean {
  if (takeProfit === 0n) return true;
  const limit = takeProfitAtCap(position, marginUsdAtOpen);
  return position.isLong
    ? takeProfit > position.entry && takeProfit <= limit
    : takeProfit < position.entry && takeProfit >= limit;
}

/** What a tier is tested by. */
export interface TierBounds {
  readonly maxLeverage: bigint;
  readonly maxExitSlippagePips: bigint;
  readonly closeFeePips: bigint;
  readonly llrPips: bigint;
}

/**
 * Whether a tier leaves room between opening and liquidation:
 * maxLeverage × (largest exit slippage + least close fee) ≤ 1 − LLR + 0.1% in Degen, + 10% in Standard;
 * its LLR lies between 50% and 95%, and the book's fixed slippage is within its largest.
 */
export function isTierAllowed(kind: FeeKind, tier: TierBounds, fixedSlippagePips: bigint): boolean {
  const { maxLeverage, maxExitSlippagePips, closeFeePips, llrPips } = tier;
  const allowance = kind === "degen" ? 1_000n : 100_000n;
  return (
    maxLeverage * (maxExitSlippagePips + closeFeePips) <= PIPS - llrPips + allowance &&
    llrPips >= 500_000n &&
    llrPips <= 950_000n &&
    fixedSlippagePips <= maxExitSlippagePips
  );
}

/** The most that borrowing and the largest funding rate may come to together, pips an hour. */
export function maxCarryPipsPerHour(kind: FeeKind): bigint {
  return kind === "degen" ? 150n : 600n;
}
