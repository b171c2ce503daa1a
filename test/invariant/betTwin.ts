import type { AssetKey } from "../../deploy/profiles";
import * as model from "../../sdk/model";
import { PIPS } from "../../sdk/units";
import type { Moment, Prediction } from "./records";
import { found } from "./records";
import type { Twin } from "./twin";

const DAY = 86_400;
const HOUR = 3_600;

/** Widest confidence of a tick that settles. */
const MAX_CONFIDENCE_PIPS = 10_000n;

export interface TwinBet {
  readonly id: bigint;
  readonly owner: string;
  readonly market: number;
  readonly symbol: string;
  readonly isUp: boolean;
  readonly period: number;
  readonly payoutPips: bigint;
  readonly asNative: boolean;
  /** What was brought; once struck, what is left of it. */
  stake: bigint;
  /** Kept for whoever settles; 0 before the strike. */
  fee: bigint;
  /** 0: not struck. */
  strike: bigint;
  /** Publish time from which the tick counts that comes next. */
  target: number;
}

const skipped = (reason: string): Prediction => ({ outcome: `Skipped:${reason}`, amounts: {}, paid: 0n });

/** Predicts everything Prediction does; the ledgers are those of the trades. */
export class BetTwin {
  readonly bets = new Map<bigint, TwinBet>();
  /** Caps that the guardian has cut, by offer. */
  readonly caps = new Map<string, bigint>();

  constructor(private readonly trades: Twin) {}

  assetOf({ market }: { market: number }): AssetKey {
    return this.trades.profile.prediction.markets[market].assetKey;
  }

  capOf({ market, symbol, period }: Pick<TwinBet, "market" | "symbol" | "period">): bigint {
    const token = found(this.trades.profile.prediction.stakeTokens.find((stakes) => stakes.symbol === symbol));
    return this.caps.get(`${market} ${symbol} ${period}`) ?? token.maxOpenStake;
  }

  openStake(offer: Pick<TwinBet, "market" | "symbol" | "period" | "isUp">): bigint {
    const isOf = (bet: TwinBet): boolean =>
      bet.market === offer.market &&
      bet.symbol === offer.symbol &&
      bet.period === offer.period &&
      bet.isUp === offer.isUp;
    return [...this.bets.values()].filter(isOf).reduce((sum, { stake }) => sum + stake, 0n);
  }

  place(bet: TwinBet): void {
    this.bets.set(bet.id, bet);
    this.move(bet, 1n);
  }

  /** What the reserve of a request meets. */
  hasRoom(symbol: string, reserve: bigint): boolean {
    const { liquidity, reserved, wins } = this.trades.ledger(symbol);
    const { stakeTokens } = this.trades.profile.prediction;
    const token = found(stakeTokens.find((stakes) => stakes.symbol === symbol));
    const isWithin = (reserved + reserve) * PIPS <= liquidity * found(this.trades.maxUtilizationPips.get(symbol));
    return isWithin && wins + reserve <= token.ceiling;
  }

  execute(id: bigint, moment: Moment): Prediction {
    const bet = this.bets.get(id);
    if (bet === undefined) return skipped("NothingPending");
    return bet.strike === 0n ? this.strike(bet, moment) : this.settle(bet, moment);
  }

  returnableFrom({ strike, target }: TwinBet): number {
    const { profile, outside } = this.trades;
    const end = target + profile.execution.executionWindowSeconds;
    if (strike === 0n) return end + 1;
    return Math.max(end + DAY, outside.breaker.haltEndsAt + HOUR) + 1;
  }

  giveBack(id: bigint): void {
    const bet = found(this.bets.get(id));
    this.end(bet);
    this.trades.pay(bet.symbol, bet.owner, bet.stake + bet.fee, bet.asNative);
  }

  private strike(bet: TwinBet, moment: Moment): Prediction {
    const { profile, outside } = this.trades;
    const expiry = bet.target + profile.execution.executionWindowSeconds;
    if (moment.now > expiry) return skipped("Expired");
    if (!outside.breaker.canOpen) return skipped("BreakerRaised");
    const fault = this.firstTickFault(bet, expiry, moment) ?? this.strikeFault(bet, moment);
    if (fault !== undefined) return skipped(fault);
    const { assetKey, decimals } = this.trades.token(bet.symbol);
    const price = found(outside.tokenPrice(assetKey, moment.now)).median;
    const fee = model.executionFeeTokens(profile.execution.executionFeeUsd, { decimals, price });
    const { isRefused, executorPay, keptFee, stake } = model.strikeBet(bet.stake, fee);
    const isWide = !this.isSure(moment, BigInt(profile.prediction.maxStrikeConfidencePips));
    if (isWide || isRefused) {
      const pay = model.min(fee, bet.stake);
      this.end(bet);
      this.trades.credit(bet.symbol, moment.executor, pay);
      this.trades.pay(bet.symbol, bet.owner, bet.stake - pay, bet.asNative);
      const amounts = { refund: bet.stake - pay, executionFee: pay };
      return { outcome: `Refused:${isWide ? "ConfidenceTooWide" : "MarginTooSmall"}`, amounts, paid: bet.stake - pay };
    }
    this.move(bet, -1n);
    Object.assign(bet, { stake, fee: keptFee, strike: moment.tick, target: moment.at + bet.period });
    this.move(bet, 1n);
    this.trades.credit(bet.symbol, moment.executor, executorPay);
    const amounts = { strike: moment.tick, stake, executionFee: executorPay, settlementFee: keptFee };
    return { outcome: "Opened:None", amounts, paid: 0n };
  }

  private strikeFault(bet: TwinBet, { now, tick }: Moment): string | undefined {
    const { profile, outside } = this.trades;
    if (!outside.isSequencerReady(now)) return "SequencerNotReady";
    const price = outside.tokenPrice(this.trades.token(bet.symbol).assetKey, now);
    if (price === undefined) return "TokenPriceMissing";
    if (price.isDisputed) return "TokenPriceDisputed";
    const anchors = outside.fresh(this.assetOf(bet), now);
    if (anchors.length < profile.oracle.minAnchors) return "AnchorsNotFresh";
    const most = BigInt(profile.prediction.maxStrikeDeviationPips);
    return anchors.every((anchor) => model.isDeviationOk(tick, anchor, most)) ? undefined : "PriceDeviates";
  }

  private settle(bet: TwinBet, moment: Moment): Prediction {
    if (!this.trades.outside.breaker.canClose(moment.now)) return skipped("BreakerRaised");
    const fault = this.firstTickFault(bet, Infinity, moment);
    if (fault !== undefined) return skipped(fault);
    if (!this.isSure(moment, MAX_CONFIDENCE_PIPS)) return skipped("ConfidenceTooWide");
    const { won, payout, toVault } = model.settleBet(bet.stake, bet.payoutPips, bet.isUp, bet.strike, moment.tick);
    this.end(bet);
    this.trades.ledger(bet.symbol).liquidity += toVault;
    this.trades.credit(bet.symbol, moment.executor, bet.fee);
    this.trades.pay(bet.symbol, bet.owner, payout, bet.asNative);
    const amounts = { settlement: moment.tick, payout, executionFee: bet.fee };
    return { outcome: won ? "Won:None" : "Lost:None", amounts, paid: payout };
  }

  private firstTickFault(bet: TwinBet, expiry: number, moment: Moment): string | undefined {
    if (moment.tick === 0n) return "NoTick";
    if (moment.asset !== this.assetOf(bet)) return "TickOfOtherAsset";
    if (moment.at < bet.target) return "TickTooEarly";
    if (moment.from === undefined || moment.from > bet.target) return "TickNotFirst";
    return moment.at > expiry ? "Expired" : undefined;
  }

  private isSure({ tick, confidence }: Moment, pips: bigint): boolean {
    return model.isConfidenceOk(confidence, tick, pips);
  }

  private end(bet: TwinBet): void {
    this.bets.delete(bet.id);
    this.move(bet, -1n);
  }

  /** Adds a bet to its token's ledger, or takes it out. */
  private move({ symbol, stake, fee, payoutPips }: TwinBet, sign: bigint): void {
    const ledger = this.trades.ledger(symbol);
    const win = sign * model.betProfit(stake, payoutPips);
    ledger.stakes += sign * (stake + fee);
    ledger.wins += win;
    ledger.reserved += win;
  }
}
