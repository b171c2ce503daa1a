import type { AssetKey, ChainProfile, TokenProfile } from "../../deploy/profiles";
import { bookIdOf } from "../../deploy/arguments/books";
import * as model from "../../sdk/model";
import type { TokenQuote } from "../../sdk/model";
import { PIPS } from "../../sdk/units";
import type { Outside } from "./outside";
import { TRIGGER_TICK_MAX_AGE, contributionOf, emptyBook, found, ratesOf } from "./records";
import type { Leaving, Ledger, Moment, Prediction, TwinBook, TwinClose, TwinOrder, TwinPosition } from "./records";

/** What a limit is refused for; through everything else it rests. */
const OWN_FAULTS = [
  "NotionalTooSmall",
  "NotionalTooLarge",
  "MarginTooSmall",
  "LeverageNotOffered",
  "TakeProfitOutOfRange",
];

/** Widest confidence of a tick for anything but an opening. */
const MAX_CONFIDENCE_PIPS = 10_000n;

const wholeOf = (position: TwinPosition): Leaving => ({
  part: position,
  released: model.gainCap(position.initialMargin, position.profitCapPips),
});

const skipped = (reason: string): Prediction => ({ outcome: `Skipped:${reason}`, amounts: {}, paid: 0n });

/** What a position's margin token is worth: one price, or both ends of one that is disputed. */
interface Ends {
  /** What the trader owes is converted at it. */
  readonly low: TokenQuote;
  /** What he is paid, and what his margin is worth. */
  readonly high: TokenQuote;
  readonly isDisputed: boolean;
}

/** How tokens and receivers behave when they are paid. */
export interface Payments {
  isRefused(symbol: string, receiver: string, asNative: boolean): boolean;
  /** What arrives of an amount that was sent. */
  arriving(symbol: string, amount: bigint): bigint;
}

/** A broker as the registry has it. */
export interface TwinBroker {
  readonly owner: string;
  readonly receiver: string;
  readonly sharePips: number;
}

/** Predicts everything Trading does, from the chain's profile and the reference arithmetic alone. */
export class Twin {
  readonly orders = new Map<bigint, TwinOrder>();
  readonly positions = new Map<bigint, TwinPosition>();
  readonly closes = new Map<bigint, TwinClose>();
  readonly books = new Map<number, TwinBook>();
  readonly ledgers = new Map<string, Ledger>();
  readonly claims = new Map<string, bigint>();
  /** What traders and receivers hold, by symbol or `native` and account. */
  readonly wallets = new Map<string, bigint>();
  readonly brokers = new Map<number, TwinBroker>();
  /** What brokers can collect, by symbol and broker. */
  readonly brokerFees = new Map<string, bigint>();
  /** What Trading may hold reserved, by symbol. */
  readonly ceilings: Map<string, bigint>;
  readonly disabledTokens = new Set<string>();
  /** Most of a token's liquidity that may be reserved, by symbol. */
  readonly maxUtilizationPips: Map<string, bigint>;
  alpFees: { basePips: bigint; taxPips: bigint };
  payments: Payments = { isRefused: () => false, arriving: (_, amount) => amount };

  constructor(
    readonly profile: ChainProfile,
    readonly outside: Outside,
  ) {
    for (const [market, { assetKey, books }] of profile.markets.entries()) {
      for (const book of books) {
        const bookId = bookIdOf(market, book.mode);
        this.books.set(bookId, emptyBook(bookId, assetKey, book, profile.oracle.minAnchors));
      }
    }
    const none = { liquidity: 0n, reserved: 0n, collateral: 0n, stakes: 0n, wins: 0n, fees: 0n, claimable: 0n };
    for (const { symbol } of profile.tokens) this.ledgers.set(symbol, { ...none });
    const { maxUtilizationPips, mintFeePips, mintFeeTaxPips, tradingCeilings } = profile.vault;
    this.ceilings = new Map(Object.entries(tradingCeilings));
    this.maxUtilizationPips = new Map(profile.tokens.map(({ symbol }) => [symbol, BigInt(maxUtilizationPips)]));
    this.alpFees = { basePips: BigInt(mintFeePips), taxPips: BigInt(mintFeeTaxPips) };
  }

  token(symbol: string): TokenProfile {
    return found(this.profile.tokens.find((token) => token.symbol === symbol));
  }

  book(bookId: number): TwinBook {
    return found(this.books.get(bookId));
  }

  ledger(symbol: string): Ledger {
    return found(this.ledgers.get(symbol));
  }

  claimOf(symbol: string, account: string): bigint {
    return this.claims.get(`${symbol} ${account}`) ?? 0n;
  }

  /** Indices at a moment; open interest changes only where they are stored. */
  indicesAt(book: TwinBook, now: number): model.CarryIndices {
    const { long, short } = book;
    const seconds = BigInt(this.outside.breaker.clockAt(now) - book.accruedAt);
    return model.accrueIndices(book.indices, long.notionalSum, short.notionalSum, ratesOf(book.profile), seconds);
  }

  carryOwed(position: TwinPosition, now: number): bigint {
    const indices = this.indicesAt(this.book(position.bookId), now);
    const index = position.isLong ? indices.longX18 : indices.shortX18;
    return model.carryOwedUsd(position.entry * position.size, index, position.indexAtOpen);
  }

  isLiquidatable(position: TwinPosition, moment: Moment): boolean {
    const tick = model.clampToBand(moment.tick, this.anchorsOf(position, moment));
    const owed = this.carryOwed(position, moment.now);
    return model.isLiquidatable(position, tick, owed, this.endsOf(position.symbol, moment).high);
  }

  place(order: TwinOrder): void {
    this.orders.set(order.id, order);
    this.ledger(order.symbol).collateral += order.amount;
  }

  cancel(id: bigint): void {
    const order = found(this.orders.get(id));
    this.orders.delete(id);
    this.ledger(order.symbol).collateral -= order.amount;
    this.pay(order.symbol, order.owner, order.amount, order.asNative);
  }

  /** Pays somebody, who may claim what could not be paid. */
  pay(symbol: string, receiver: string, amount: bigint, asNative: boolean): void {
    if (amount === 0n) return;
    if (this.payments.isRefused(symbol, receiver, asNative)) this.credit(symbol, receiver, amount);
    else if (asNative) this.hold(`native ${receiver}`, amount);
    else this.hold(`${symbol} ${receiver}`, this.payments.arriving(symbol, amount));
  }

  /** Changes what an account that is looked at holds. */
  hold(key: string, change: bigint): void {
    const held = this.wallets.get(key);
    if (held !== undefined) this.wallets.set(key, held + change);
  }

  credit(symbol: string, account: string, amount: bigint): void {
    this.claims.set(`${symbol} ${account}`, this.claimOf(symbol, account) + amount);
    this.ledger(symbol).claimable += amount;
  }

  /** Asks for a close, or arms one. */
  placeClose(id: bigint, close: Omit<TwinClose, "isLive" | "former">): void {
    const last = this.closes.get(id);
    const former = last && { target: last.target, end: last.expiry };
    this.closes.set(id, { ...close, former, isLive: true });
  }

  /** The pull of a book to now, at the settings so far. */
  accrue(book: TwinBook, now: number): void {
    const clock = this.outside.breaker.clockAt(now);
    const { lossUsd } = model.decayLoss(
      { lossUsd: book.lossNano, at: BigInt(book.accruedAt) },
      book.profile.lossBudgetUsd / model.NANO_USD,
      BigInt(clock),
    );
    book.indices = this.indicesAt(book, now);
    book.lossNano = lossUsd;
    book.accruedAt = clock;
  }

  /** What `Trading.execute` does with a tick. */
  execute(id: bigint, moment: Moment): Prediction {
    const order = this.orders.get(id);
    if (order !== undefined) return order.isLimit ? this.executeLimit(order, moment) : this.executeOrder(order, moment);
    const position = this.positions.get(id);
    if (position === undefined) return skipped("NothingPending");
    const close = this.closes.get(id);
    if (close === undefined || !this.isPending(close, moment.now)) return this.pullTriggers(position, close, moment);
    const isOfMarket = moment.asset === this.book(position.bookId).asset;
    if (moment.tick !== 0n && isOfMarket && moment.at < close.target) {
      const before = this.pullTriggers(position, close, moment, true);
      if (before.outcome === "Armed:None") return skipped("CloseIsPending");
      return before.outcome.startsWith("Skipped") ? skipped("TickTooEarly") : before;
    }
    const { breaker } = this.outside;
    if (!breaker.canClose(moment.now)) return skipped("BreakerRaised");
    const reason =
      this.firstTickFault(this.book(position.bookId).asset, close.target, close.expiry, moment) ??
      this.exitFault(position, moment);
    return reason === undefined ? this.executeClose(position, close, moment) : skipped(reason);
  }

  /** What `Trading.liquidate` does with a tick. */
  liquidate(id: bigint, moment: Moment): Prediction {
    const { breaker } = this.outside;
    const position = this.positions.get(id);
    if (position === undefined) return skipped("NothingPending");
    if (!breaker.canLiquidate(moment.now)) {
      return skipped(breaker.canClose(moment.now) ? "LiquidationGrace" : "BreakerRaised");
    }
    const reason = this.liquidationTickFault(position, moment);
    if (reason !== undefined) return skipped(reason);
    if (!this.outside.isSequencerReady(moment.now)) return skipped("SequencerNotReady");
    const fault = this.exitFault(position, moment);
    if (fault !== undefined) return skipped(fault);
    if (!this.isLiquidatable(position, moment)) return skipped("NotLiquidatable");
    return this.settleLiquidation(position, moment);
  }

  isPending(close: TwinClose, now: number): boolean {
    return close.isLive && now <= close.expiry;
  }

  /** What a position can be closed in part by: at least the least position on either side. */
  leastPart(position: TwinPosition): bigint {
    const { minMarginUsd, minNotionalUsd } = this.book(position.bookId).profile;
    return model.max(minMarginUsd * position.leverage, minNotionalUsd);
  }

  addMargin(id: bigint, amount: bigint): void {
    const position = found(this.positions.get(id));
    this.positions.set(id, { ...position, margin: position.margin + amount });
    this.ledger(position.symbol).collateral += amount;
  }

  /** Each price counts from now on only if it is another one. */
  updateTpSl(id: bigint, takeProfit: bigint, stopLoss: bigint, now: number): void {
    const order = this.orders.get(id);
    if (order !== undefined) {
      [order.takeProfit, order.stopLoss] = [takeProfit, stopLoss];
      return;
    }
    const position = found(this.positions.get(id));
    const takeProfitSetAt = takeProfit === position.takeProfit ? position.takeProfitSetAt : now;
    const stopLossSetAt = stopLoss === position.stopLoss ? position.stopLossSetAt : now;
    this.positions.set(id, { ...position, takeProfit, stopLoss, takeProfitSetAt, stopLossSetAt });
  }

  private anchorsOf({ bookId }: { bookId: number }, { now }: Moment): bigint[] {
    return this.outside.fresh(this.book(bookId).asset, now);
  }

  private firstTickFault(asset: AssetKey, target: number, expiry: number, moment: Moment): string | undefined {
    if (moment.tick === 0n) return "NoTick";
    if (moment.asset !== asset) return "TickOfOtherAsset";
    if (moment.at < target) return "TickTooEarly";
    if (moment.from === undefined || moment.from > target) return "TickNotFirst";
    return moment.at > expiry ? "Expired" : undefined;
  }

  /** What the moment decides of every exit. */
  private exitFault({ symbol, bookId }: TwinPosition, moment: Moment): string | undefined {
    if (this.priceOf(symbol, moment) === undefined) return "TokenPriceMissing";
    return this.anchorsOf({ bookId }, moment).length === 0 ? "AnchorsNotFresh" : undefined;
  }

  private liquidationTickFault(position: TwinPosition, moment: Moment): string | undefined {
    if (moment.tick === 0n) return "NoTick";
    if (moment.asset !== this.book(position.bookId).asset) return "TickOfOtherAsset";
    if (moment.at <= position.openedAt) return "TickNotNewer";
    const close = this.closes.get(position.id);
    const own = close && [{ target: close.target, end: this.isPending(close, moment.now) ? undefined : close.expiry }];
    const age = model.liquidationTickAge(moment.at, [...(close?.former ? [close.former] : []), ...(own ?? [])]);
    if (age === undefined) return "CloseIsPending";
    if (moment.at + age < moment.now) return "TickTooOld";
    return this.isWide(moment) ? "ConfidenceTooWide" : undefined;
  }

  private isWide({ tick, confidence }: Moment, pips = MAX_CONFIDENCE_PIPS): boolean {
    return !model.isConfidenceOk(confidence, tick, pips);
  }

  /** A take profit or stop that the tick reaches, each by its own clock. */
  private pullTriggers(
    position: TwinPosition,
    close: TwinClose | undefined,
    moment: Moment,
    isTrial = false,
  ): Prediction {
    const { isLong, entry, leverage, profitCapPips, takeProfit, stopLoss } = position;
    const isIdle = takeProfit === 0n && stopLoss === 0n;
    const orNothing = (reason: string): Prediction =>
      skipped(isIdle ? (close?.isLive === true ? "Expired" : "NothingPending") : reason);
    if (moment.tick === 0n) return orNothing("NoTick");
    if (moment.asset !== this.book(position.bookId).asset) return orNothing("TickOfOtherAsset");
    if (moment.at <= position.openedAt) return orNothing("TickNotNewer");
    if (moment.at + TRIGGER_TICK_MAX_AGE < moment.now) return orNothing("TickTooOld");
    if (this.isWide(moment)) return orNothing("ConfidenceTooWide");
    if (!this.outside.breaker.canClose(moment.now)) return orNothing("BreakerRaised");
    const fault = this.exitFault(position, moment);
    if (fault !== undefined) return orNothing(fault);
    if (this.endsOf(position.symbol, moment).isDisputed) return orNothing("TokenPriceDisputed");
    const delay = this.book(position.bookId).profile.executionDelaySeconds;
    const tick = model.clampToBand(moment.tick, this.anchorsOf(position, moment));
    const isBeyond = (price: bigint, isAbove: boolean): boolean => (isAbove ? tick >= price : tick <= price);
    const cap = model.takeProfitBound(isLong, entry, leverage, profitCapPips);
    const isProfitDue = moment.at >= position.takeProfitSetAt + delay;
    // While a changed take profit is too new, the cap counts: from the latest moment at which the order can have filled on.
    const isCapDue = moment.at >= position.openedAt + this.profile.execution.executionWindowSeconds + delay;
    const profit = isProfitDue && takeProfit !== 0n ? takeProfit : cap;
    const reached = isProfitDue || isCapDue ? model.takeProfitAt(tick, profit, isLong) : "TickNotReached";
    if (reached !== "TickNotReached" && this.isLiquidatedNow(position, moment)) {
      return this.settleLiquidation(position, moment);
    }
    if (reached === "Taken") return this.settleClose(position, wholeOf(position), profit, moment, undefined);
    const isStopReached = stopLoss !== 0n && moment.at >= position.stopLossSetAt + delay && isBeyond(stopLoss, !isLong);
    if (reached === "Armed" || isStopReached) return this.arm(position, tick, moment, isTrial);
    return orNothing("TickNotReached");
  }

  /** A market close of now, without a bound. */
  private arm(position: TwinPosition, tick: bigint, moment: Moment, isTrial: boolean): Prediction {
    const target = moment.now + this.book(position.bookId).profile.executionDelaySeconds;
    const expiry = target + this.profile.execution.executionWindowSeconds;
    if (!isTrial) this.placeClose(position.id, { bound: 0n, size: 0n, armer: moment.executor, target, expiry });
    return { outcome: "Armed:None", amounts: { tick, target: BigInt(target), expiry: BigInt(expiry) }, paid: 0n };
  }

  /** While liquidations wait, an exit settles as what it is. */
  private isLiquidatedNow(position: TwinPosition, moment: Moment): boolean {
    const { breaker } = this.outside;
    const isWaiting = !breaker.canLiquidate(moment.now) || !this.outside.isSequencerReady(moment.now);
    return !isWaiting && this.isLiquidatable(position, moment);
  }

  /** A limit fills exactly at its price; what is not its own fault leaves it resting. */
  private executeLimit(order: TwinOrder, moment: Moment): Prediction {
    const book = this.book(order.bookId);
    const { executionDelaySeconds, slippagePips, maxOpenDeviationPips } = book.profile;
    if (moment.now > order.expiry) return skipped("Expired");
    if (!this.outside.breaker.canOpen) return skipped("BreakerRaised");
    if (moment.tick === 0n) return skipped("NoTick");
    if (moment.asset !== book.asset) return skipped("TickOfOtherAsset");
    if (moment.at < order.target) return skipped("TickTooEarly");
    const { cancelledAt } = order;
    if (cancelledAt !== undefined && moment.at > cancelledAt + executionDelaySeconds) return skipped("CancelBinds");
    if (moment.at + TRIGGER_TICK_MAX_AGE < moment.now) return skipped("TickTooOld");
    const fault = this.openingFault(order, moment);
    if (fault !== undefined) return skipped(fault);
    const market = model.entryPrice(moment.tick, BigInt(slippagePips), order.isLong);
    const reached = model.limitAt(market, order.bound, order.isLong, BigInt(maxOpenDeviationPips));
    if (reached !== "Fills") return skipped(reached);
    return this.fill(order, model.openTradeAt(this.openInput(order, moment), order.bound), moment);
  }

  private executeOrder(order: TwinOrder, moment: Moment): Prediction {
    if (moment.now > order.expiry) return skipped("Expired");
    if (!this.outside.breaker.canOpen) return skipped("BreakerRaised");
    const fault =
      this.firstTickFault(this.book(order.bookId).asset, order.target, order.expiry, moment) ??
      this.openingFault(order, moment);
    if (fault !== undefined) return skipped(fault);
    return this.fill(order, model.openTrade(this.openInput(order, moment)), moment);
  }

  /** What the moment decides of an opening. */
  private openingFault(order: TwinOrder, moment: Moment): string | undefined {
    const book = this.book(order.bookId);
    if (!this.outside.isSequencerReady(moment.now)) return "SequencerNotReady";
    const price = this.priceOf(order.symbol, moment);
    if (price === undefined) return "TokenPriceMissing";
    if (price.isDisputed) return "TokenPriceDisputed";
    const anchors = this.anchorsOf(order, moment);
    if (anchors.length < book.minAnchors) return "AnchorsNotFresh";
    const most = BigInt(book.profile.maxOpenDeviationPips);
    const isNear = anchors.every((anchor) => model.isDeviationOk(moment.tick, anchor, most));
    return isNear ? undefined : "PriceDeviates";
  }

  private openInput(order: TwinOrder, moment: Moment): model.OpenInput {
    const { openFeePips, slippagePips } = this.book(order.bookId).profile;
    return {
      isLong: order.isLong,
      leverage: order.leverage,
      amountIn: order.amount,
      token: this.endsOf(order.symbol, moment).high,
      executionFeeUsd: this.profile.execution.executionFeeUsd,
      openFeePips: BigInt(openFeePips),
      tick: moment.tick,
      slippagePips: BigInt(slippagePips),
    };
  }

  private fill(order: TwinOrder, fill: model.OpenResult, moment: Moment): Prediction {
    const book = this.book(order.bookId);
    const split = model.splitFee(fill.openFee, BigInt(book.profile.alpFeeSharePips), 0n);
    const tier = book.profile.tiers.find(({ maxLeverage }) => BigInt(maxLeverage) >= order.leverage);
    const position = tier && this.positionOf(order, book, tier, fill, moment);
    const reserve = position === undefined ? 0n : model.gainCap(fill.margin, position.profitCapPips);
    const reason =
      this.acceptance(order, book, moment) ??
      (position === undefined ? "LeverageNotOffered" : this.refusal(order, book, fill, position, moment)) ??
      this.reserveRefusal(order, reserve, split.alp);
    if (order.isLimit && reason !== undefined && !OWN_FAULTS.includes(reason)) return skipped(reason);
    this.orders.delete(order.id);
    const ledger = this.ledger(order.symbol);
    this.credit(order.symbol, moment.executor, fill.executionFee);
    if (reason !== undefined || position === undefined) {
      ledger.collateral -= order.amount;
      const refund = order.amount - fill.executionFee;
      this.pay(order.symbol, order.owner, refund, order.asNative);
      return {
        outcome: `Refused:${reason}`,
        amounts: { refund, executionFee: fill.executionFee },
        paid: refund,
      };
    }
    ledger.collateral -= fill.openFee + fill.executionFee;
    ledger.liquidity += split.alp;
    ledger.fees += split.treasury;
    ledger.reserved += reserve;
    this.recordBrokerFee(order, split.treasury);
    this.accrue(book, moment.now);
    const opened = { ...position, indexAtOpen: position.isLong ? book.indices.longX18 : book.indices.shortX18 };
    this.positions.set(order.id, opened);
    this.changeSide(book, opened, model.addToSide);
    const { margin, size, entry, openFee, executionFee } = fill;
    const amounts = { margin, size, entry, openFee, executionFee, carryIndex: opened.indexAtOpen };
    return { outcome: "Opened:None", amounts, paid: 0n };
  }

  private positionOf(
    order: TwinOrder,
    { profile: { closeFeePips, mode } }: TwinBook,
    tier: TwinBook["profile"]["tiers"][number],
    fill: model.OpenResult,
    moment: Moment,
  ): TwinPosition {
    return {
      ...order,
      entry: fill.entry,
      size: fill.size,
      margin: fill.margin,
      initialMargin: fill.margin,
      llrPips: BigInt(tier.liquidationLossRatePips),
      profitCapPips: BigInt(tier.profitCapPips),
      maxExitSlippagePips: BigInt(tier.maxExitSlippagePips),
      closeFeeKind: mode,
      closeFeePips: BigInt(closeFeePips),
      indexAtOpen: 0n,
      openedAt: moment.at,
      takeProfitSetAt: moment.now,
      stopLossSetAt: moment.now,
    };
  }

  /** Market, news window, confidence, token. */
  private acceptance({ symbol }: TwinOrder, book: TwinBook, moment: Moment): string | undefined {
    if (!book.isActive || moment.now < book.reduceOnlyUntil) return "BookNotActive";
    if (this.isWide(moment, BigInt(book.profile.maxOpenConfidencePips))) return "ConfidenceTooWide";
    return this.disabledTokens.has(symbol) ? "TokenNotEnabled" : undefined;
  }

  /** The first rule that an order breaks, in the order in which they are tested. */
  private refusal(
    { isLong, bound, takeProfit, leverage }: TwinOrder,
    book: TwinBook,
    fill: model.OpenResult,
    position: TwinPosition,
    moment: Moment,
  ): string | undefined {
    const { profile } = book;
    if (fill.notional === 0n) return "NotionalTooSmall";
    if (bound !== 0n && (isLong ? fill.entry > bound : fill.entry < bound)) return "PriceBound";
    if (fill.marginUsd < profile.minMarginUsd) return "MarginTooSmall";
    if (fill.notional < profile.minNotionalUsd) return "NotionalTooSmall";
    const tier = found(profile.tiers.find(({ maxLeverage }) => BigInt(maxLeverage) >= leverage));
    if (fill.notional > tier.maxNotionalUsd) return "NotionalTooLarge";
    if (!model.isTakeProfitAllowed(position, fill.marginUsd, takeProfit)) return "TakeProfitOutOfRange";
    const token = this.endsOf(position.symbol, moment).high;
    if (model.isLiquidatable(position, moment.tick, 0n, token)) return "LiquidatableAtOpening";
    const loss = { lossUsd: book.lossNano, at: BigInt(book.accruedAt) };
    const budgetNano = profile.lossBudgetUsd / model.NANO_USD;
    const clock = BigInt(this.outside.breaker.clockAt(moment.now));
    if (model.isBudgetExceeded(loss, budgetNano, clock)) return "LossBudgetSpent";
    const openInterest = (isLong ? book.long : book.short).notionalSum;
    return model.hasRoom(openInterest, fill.notional, profile.maxOpenInterestUsd) ? undefined : "OpenInterestFull";
  }

  private reserveRefusal(order: TwinOrder, reserve: bigint, toLiquidity: bigint): string | undefined {
    const { liquidity, reserved, wins } = this.ledger(order.symbol);
    const limit = (liquidity + toLiquidity) * found(this.maxUtilizationPips.get(order.symbol));
    const isAboveCeiling = reserved - wins + reserve > (this.ceilings.get(order.symbol) ?? 0n);
    return (reserved + reserve) * PIPS > limit || isAboveCeiling ? "ReserveFull" : undefined;
  }

  private executeClose(position: TwinPosition, close: TwinClose, moment: Moment): Prediction {
    if (this.isWide(moment)) return this.refuseClose(close, "ConfidenceTooWide", moment);
    if (this.isLiquidatedNow(position, moment)) return this.settleLiquidation(position, moment);
    if (this.endsOf(position.symbol, moment).isDisputed && moment.executor !== position.owner) {
      return skipped("TokenPriceDisputed");
    }
    const { isLong } = position;
    const isOk = (tick: bigint): boolean => {
      const exit = model.exitPrice(tick, this.exitSlippage(position), isLong);
      return close.bound === 0n || (isLong ? exit >= close.bound : exit <= close.bound);
    };
    const fillTick = model.closeFillPrice(moment.tick, this.anchorsOf(position, moment), isLong);
    if (!isOk(fillTick)) {
      if (isOk(moment.tick)) return skipped("PriceBoundByClamp");
      return this.refuseClose(close, "PriceBound", moment);
    }
    const isPart = close.size !== 0n && close.size < position.size;
    const leaving = isPart ? model.dividePosition(position, close.size) : wholeOf(position);
    return this.settleClose(position, leaving, fillTick, moment, close.armer);
  }

  private refuseClose(close: TwinClose, reason: string, { now }: Moment): Prediction {
    [close.isLive, close.expiry] = [false, now];
    return { outcome: `Refused:${reason}`, amounts: {}, paid: 0n };
  }

  /** The book's slippage, at most that of the position's terms. */
  private exitSlippage({ bookId, maxExitSlippagePips }: TwinPosition): bigint {
    return model.min(BigInt(this.book(bookId).profile.slippagePips), maxExitSlippagePips);
  }

  /** Closes what leaves at a price, slippage to come. */
  private settleClose(
    position: TwinPosition,
    leaving: Leaving,
    tick: bigint,
    moment: Moment,
    armer: string | undefined,
  ): Prediction {
    const { part } = leaving;
    const book = this.book(position.bookId);
    const { low, high } = this.endsOf(position.symbol, moment);
    const carryOwedUsd = this.carryOwed({ ...position, ...part }, moment.now);
    // The owner pays no fee to himself.
    const workers = [moment.executor, armer].filter((who) => who !== undefined && who !== position.owner) as string[];
    const result = model.closeTrade({
      position: part,
      tick,
      slippagePips: this.exitSlippage(position),
      token: low,
      gainToken: high,
      carryOwedUsd,
      executionFeeUsd: this.profile.execution.executionFeeUsd,
      executionFeeCount: BigInt(workers.length),
    });
    const fees = [result.executorFee, result.armerFee];
    const executionFee = moment.executor === position.owner ? 0n : result.executorFee;
    const { exit, pnlUsd, closeFee, payout } = result;
    const amounts = { exit, pnlUsd, carryOwedUsd, closeFee, executionFee, payout };
    const vaultLossUsd = model.toUsdDown(result.gainPaid, high) - model.toUsdDown(result.lossCollected, low);
    this.takeOut(position, leaving, moment.now, vaultLossUsd);
    const toFees = model.splitFee(closeFee, BigInt(book.profile.alpFeeSharePips), 0n).treasury;
    const credits = workers.map((account, index) => ({ account, amount: fees[index] }));
    this.settle(position, leaving, toFees, credits, payout);
    this.recordBrokerFee(position, toFees);
    if (leaving.rest === undefined) return { outcome: "Closed:None", amounts, paid: payout };
    const { size, margin, initialMargin } = part;
    const cut = { size, margin: initialMargin, addedMargin: margin - initialMargin };
    return { outcome: "Reduced:None", amounts: { ...amounts, ...cut }, paid: payout };
  }

  private settleLiquidation(position: TwinPosition, moment: Moment): Prediction {
    const token = this.endsOf(position.symbol, moment).high;
    const tick = model.clampToBand(moment.tick, this.anchorsOf(position, moment));
    const result = model.settleLiquidation(position, tick, this.carryOwed(position, moment.now), token);
    const { reward, toVault, badDebt } = result;
    const leaving = wholeOf(position);
    this.takeOut(position, leaving, moment.now, -model.toUsdDown(toVault, token));
    this.settle(position, leaving, 0n, [{ account: moment.executor, amount: reward }], 0n);
    return { outcome: "Liquidated:None", amounts: { tick, reward, toVault, badDebt }, paid: 0n };
  }

  private takeOut(position: TwinPosition, { rest }: Leaving, now: number, vaultLossUsd: bigint): void {
    const book = this.book(position.bookId);
    this.accrue(book, now);
    this.changeSide(book, position, model.removeFromSide);
    const loss = { lossUsd: book.lossNano + vaultLossUsd / model.NANO_USD, at: BigInt(now) };
    book.lossNano = model.holdLoss(loss, book.profile.lossBudgetUsd / model.NANO_USD).lossUsd;
    const close = this.closes.get(position.id);
    if (rest === undefined) {
      this.positions.delete(position.id);
      this.closes.delete(position.id);
      return;
    }
    const staying = { ...position, ...rest };
    this.positions.set(position.id, staying);
    this.changeSide(book, staying, model.addToSide);
    if (close !== undefined) [close.isLive, close.expiry] = [false, now];
  }

  private settle(
    { symbol, owner, asNative }: TwinPosition,
    { part, released }: Leaving,
    toFees: bigint,
    credits: readonly { account: string; amount: bigint }[],
    payout: bigint,
  ): void {
    const ledger = this.ledger(symbol);
    ledger.collateral -= part.margin;
    ledger.reserved -= released;
    ledger.liquidity += part.margin - payout - toFees;
    ledger.fees += toFees;
    for (const { account, amount } of credits) {
      ledger.liquidity -= amount;
      this.credit(symbol, account, amount);
    }
    this.pay(symbol, owner, payout, asNative);
  }

  /** Of what the LPs leave of a fee; brokers never have more to collect than there are fees. */
  private recordBrokerFee({ broker, symbol, owner }: TwinOrder | TwinPosition, fee: bigint): void {
    const known = this.brokers.get(broker);
    if (known === undefined || owner === known.owner || owner === known.receiver) return;
    const wanted = model.splitFee(fee, 0n, BigInt(known.sharePips)).broker;
    const share = model.min(wanted, this.ledger(symbol).fees - this.brokersTotal(symbol));
    const key = `${symbol} ${broker}`;
    this.brokerFees.set(key, (this.brokerFees.get(key) ?? 0n) + share);
  }

  /** What all brokers can collect of a token. */
  brokersTotal(symbol: string): bigint {
    return [...this.brokers.keys()].reduce((sum, id) => sum + (this.brokerFees.get(`${symbol} ${id}`) ?? 0n), 0n);
  }

  private changeSide(book: TwinBook, position: TwinPosition, change: typeof model.addToSide): void {
    const part = contributionOf(position);
    const side = position.isLong ? "long" : "short";
    book[side] = change(book[side], part);
    book.overCap[side] = model.min(book.overCap[side], book[side].notionalSum);
  }

  private priceOf(symbol: string, { now }: Moment): model.TokenPriceRange | undefined {
    return this.outside.tokenPrice(this.token(symbol).assetKey, now);
  }

  private endsOf(symbol: string, moment: Moment): Ends {
    const { decimals } = this.token(symbol);
    const { low, median, high, isDisputed } = found(this.priceOf(symbol, moment));
    if (isDisputed) return { low: { decimals, price: low }, high: { decimals, price: high }, isDisputed };
    return { low: { decimals, price: median }, high: { decimals, price: median }, isDisputed };
  }
}
