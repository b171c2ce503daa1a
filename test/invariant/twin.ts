import type { ChainProfile, TokenProfile } from "../../deploy/profiles";
import { bookIdOf } from "../../deploy/modules/books";
import * as model from "../../sdk/model";
import type { TokenQuote } from "../../sdk/model";
import { PIPS } from "../../sdk/units";
import { TRIGGER_TICK_MAX_AGE, contributionOf, emptyBook, found } from "./records";
import type { Leaving, Ledger, Moment, Prediction, TwinBook, TwinClose, TwinOrder, TwinPosition } from "./records";

/** What a limit is refused for; through everything else it rests. */
const OWN_FAULTS = ["NotionalTooSmall", "NotionalTooLarge", "MarginTooSmall", "TakeProfitOutOfRange"];

const wholeOf = (position: TwinPosition): Leaving => ({
  part: position,
  released: model.gainCap(position.initialMargin, position.profitCapPips),
});

const skipped = (reason: string): Prediction => ({ outcome: `Skipped:${reason}`, amounts: {}, paid: 0n });

/** Predicts everything Trading does, from the chain's profile and the reference arithmetic alone. */
export class Twin {
  readonly orders = new Map<bigint, TwinOrder>();
  readonly positions = new Map<bigint, TwinPosition>();
  readonly closes = new Map<bigint, TwinClose>();
  readonly books = new Map<number, TwinBook>();
  readonly ledgers = new Map<string, Ledger>();
  readonly claims = new Map<string, bigint>();

  constructor(readonly profile: ChainProfile) {
    for (const [market, { assetKey, books }] of profile.markets.entries()) {
      for (const book of books) {
        const bookId = bookIdOf(market, book.mode);
        this.books.set(bookId, emptyBook(bookId, assetKey, book));
      }
    }
    for (const { symbol } of profile.tokens) {
      this.ledgers.set(symbol, { liquidity: 0n, reserved: 0n, collateral: 0n, fees: 0n, claimable: 0n });
    }
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
    return model.accrueIndices(
      book.indices,
      long.notionalSum,
      short.notionalSum,
      book.rates,
      BigInt(now - book.accruedAt),
    );
  }

  carryOwed(position: TwinPosition, now: number): bigint {
    const indices = this.indicesAt(this.book(position.bookId), now);
    const index = position.isLong ? indices.longX18 : indices.shortX18;
    return model.carryOwedUsd(position.entry * position.size, index, position.indexAtOpen);
  }

  isLiquidatable(position: TwinPosition, moment: Moment): boolean {
    const tick = model.clampToBand(moment.tick, [moment.anchor]);
    const owed = this.carryOwed(position, moment.now);
    return model.isLiquidatable(position, tick, owed, this.quote(position.symbol, moment));
  }

  place(order: TwinOrder): void {
    this.orders.set(order.id, order);
    this.ledger(order.symbol).collateral += order.amount;
  }

  cancel(id: bigint): bigint {
    const order = found(this.orders.get(id));
    this.orders.delete(id);
    this.ledger(order.symbol).collateral -= order.amount;
    return order.amount;
  }

  /** What `Trading.execute` does with a tick. */
  execute(id: bigint, moment: Moment): Prediction {
    const order = this.orders.get(id);
    if (order !== undefined) return order.isLimit ? this.executeLimit(order, moment) : this.executeOrder(order, moment);
    const position = this.positions.get(id);
    const close = this.closes.get(id);
    if (position === undefined) return skipped("NothingPending");
    if (close === undefined || !this.isPending(close, moment.now)) return this.pullTriggers(position, close, moment);
    if (moment.at < close.target) return skipped("TickTooEarly");
    if (!moment.isFirst) return skipped("TickNotFirst");
    return this.executeClose(position, close, moment);
  }

  /** What `Trading.liquidate` does at a tick that is young enough. */
  liquidate(id: bigint, moment: Moment): Prediction {
    const position = this.positions.get(id);
    if (position === undefined) return skipped("NothingPending");
    if (moment.at <= position.openedAt) return skipped("TickNotNewer");
    const close = this.closes.get(id);
    if (close !== undefined && this.isPending(close, moment.now) && moment.at >= close.target) {
      return skipped("CloseIsPending");
    }
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

  /** A take profit or stop that the tick reaches, each by its own clock. */
  private pullTriggers(position: TwinPosition, close: TwinClose | undefined, moment: Moment): Prediction {
    const { isLong, entry, leverage, profitCapPips, takeProfit, stopLoss } = position;
    const isIdle = takeProfit === 0n && stopLoss === 0n;
    const orNothing = (reason: string): Prediction =>
      skipped(isIdle ? (close?.isLive === true ? "Expired" : "NothingPending") : reason);
    if (moment.tick === 0n) return orNothing("NoTick");
    if (moment.at <= position.openedAt) return orNothing("TickNotNewer");
    if (moment.at + TRIGGER_TICK_MAX_AGE < moment.now) return orNothing("TickTooOld");
    const delay = this.book(position.bookId).profile.executionDelaySeconds;
    const tick = model.clampToBand(moment.tick, [moment.anchor]);
    const isBeyond = (price: bigint, isAbove: boolean): boolean => (isAbove ? tick >= price : tick <= price);
    const profit = takeProfit === 0n ? model.takeProfitBound(isLong, entry, leverage, profitCapPips) : takeProfit;
    const isProfitDue = moment.at >= position.takeProfitSetAt + delay;
    const reached = isProfitDue ? model.takeProfitAt(tick, profit, isLong) : "TickNotReached";
    if (reached === "Taken") return this.settleClose(position, wholeOf(position), profit, moment, undefined);
    if (reached === "Armed") return this.arm(position, tick, moment);
    if (stopLoss !== 0n && moment.at >= position.stopLossSetAt + delay && isBeyond(stopLoss, !isLong)) {
      return this.arm(position, tick, moment);
    }
    return orNothing("TickNotReached");
  }

  /** A market close of now, without a bound. */
  private arm(position: TwinPosition, tick: bigint, moment: Moment): Prediction {
    const target = moment.now + this.book(position.bookId).profile.executionDelaySeconds;
    const expiry = target + this.profile.execution.executionWindowSeconds;
    this.closes.set(position.id, { bound: 0n, size: 0n, armer: moment.executor, target, expiry, isLive: true });
    return { outcome: "Armed:None", amounts: { tick, target: BigInt(target), expiry: BigInt(expiry) }, paid: 0n };
  }

  /** A limit fills exactly at its price; what is not its own fault leaves it resting. */
  private executeLimit(order: TwinOrder, moment: Moment): Prediction {
    const book = this.book(order.bookId);
    const { executionDelaySeconds, slippagePips, maxOpenDeviationPips } = book.profile;
    if (moment.now > order.expiry) return skipped("Expired");
    if (moment.at < order.target) return skipped("TickTooEarly");
    const { cancelledAt } = order;
    if (cancelledAt !== undefined && moment.at > cancelledAt + executionDelaySeconds) return skipped("CancelBinds");
    if (moment.at + TRIGGER_TICK_MAX_AGE < moment.now) return skipped("TickTooOld");
    if (!this.isNearAnchor(book, moment)) return skipped("PriceDeviates");
    const market = model.entryPrice(moment.tick, BigInt(slippagePips), order.isLong);
    const reached = model.limitAt(market, order.bound, order.isLong, BigInt(maxOpenDeviationPips));
    if (reached !== "Fills") return skipped(reached);
    return this.fill(order, model.openTradeAt(this.openInput(order, moment), order.bound), moment);
  }

  private executeOrder(order: TwinOrder, moment: Moment): Prediction {
    const book = this.book(order.bookId);
    if (moment.now > order.expiry || moment.at > order.expiry) return skipped("Expired");
    if (!this.isNearAnchor(book, moment)) return skipped("PriceDeviates");
    return this.fill(order, model.openTrade(this.openInput(order, moment)), moment);
  }

  private isNearAnchor(book: TwinBook, moment: Moment): boolean {
    return model.isDeviationOk(moment.tick, moment.anchor, BigInt(book.profile.maxOpenDeviationPips));
  }

  private openInput(order: TwinOrder, moment: Moment): model.OpenInput {
    const { openFeePips, slippagePips } = this.book(order.bookId).profile;
    return {
      isLong: order.isLong,
      leverage: order.leverage,
      amountIn: order.amount,
      token: this.quote(order.symbol, moment),
      executionFeeUsd: this.profile.execution.executionFeeUsd,
      openFeePips: BigInt(openFeePips),
      tick: moment.tick,
      slippagePips: BigInt(slippagePips),
    };
  }

  private fill(order: TwinOrder, fill: model.OpenResult, moment: Moment): Prediction {
    const book = this.book(order.bookId);
    const position = this.positionOf(order, book, fill, moment);
    const reserve = model.gainCap(fill.margin, position.profitCapPips);
    const split = model.splitFee(fill.openFee, BigInt(book.profile.alpFeeSharePips), 0n);
    const reason = this.refusal(order, book, fill, position, moment) ?? this.reserveRefusal(order, reserve, split.alp);
    if (order.isLimit && reason !== undefined && !OWN_FAULTS.includes(reason)) return skipped(reason);
    this.orders.delete(order.id);
    const ledger = this.ledger(order.symbol);
    this.credit(order.symbol, moment.executor, fill.executionFee);
    if (reason !== undefined) {
      ledger.collateral -= order.amount;
      const refund = order.amount - fill.executionFee;
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
    this.accrue(book, moment.now);
    const opened = { ...position, indexAtOpen: position.isLong ? book.indices.longX18 : book.indices.shortX18 };
    this.positions.set(order.id, opened);
    this.changeSide(book, opened, model.addToSide);
    const { margin, size, entry, openFee, executionFee } = fill;
    const amounts = { margin, size, entry, openFee, executionFee, carryIndex: opened.indexAtOpen };
    return { outcome: "Opened:None", amounts, paid: 0n };
  }

  private positionOf(order: TwinOrder, book: TwinBook, fill: model.OpenResult, moment: Moment): TwinPosition {
    const { tiers, closeFeePips, mode } = book.profile;
    const tier = found(tiers.find(({ maxLeverage }) => BigInt(maxLeverage) >= order.leverage));
    return {
      ...order,
      entry: fill.entry,
      size: fill.size,
      margin: fill.margin,
      initialMargin: fill.margin,
      llrPips: BigInt(tier.liquidationLossRatePips),
      profitCapPips: BigInt(tier.profitCapPips),
      closeFeeKind: mode,
      closeFeePips: BigInt(closeFeePips),
      indexAtOpen: 0n,
      openedAt: moment.at,
      takeProfitSetAt: moment.now,
      stopLossSetAt: moment.now,
    };
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
    const token = this.quote(position.symbol, moment);
    if (model.isLiquidatable(position, moment.tick, 0n, token)) return "LiquidatableAtOpening";
    const loss = { lossUsd: book.lossNano, at: BigInt(book.accruedAt) };
    const budgetNano = profile.lossBudgetUsd / model.NANO_USD;
    if (model.isBudgetExceeded(loss, budgetNano, BigInt(moment.now))) return "LossBudgetSpent";
    const openInterest = (isLong ? book.long : book.short).notionalSum;
    return model.hasRoom(openInterest, fill.notional, profile.maxOpenInterestUsd) ? undefined : "OpenInterestFull";
  }

  private reserveRefusal(order: TwinOrder, reserve: bigint, toLiquidity: bigint): string | undefined {
    const { liquidity, reserved } = this.ledger(order.symbol);
    const { maxUtilizationPips, tradingCeilings } = this.profile.vault;
    const limit = (liquidity + toLiquidity) * BigInt(maxUtilizationPips);
    const isFull = (reserved + reserve) * PIPS > limit || reserved + reserve > tradingCeilings[order.symbol];
    return isFull ? "ReserveFull" : undefined;
  }

  private executeClose(position: TwinPosition, close: TwinClose, moment: Moment): Prediction {
    if (this.isLiquidatable(position, moment)) return this.settleLiquidation(position, moment);
    const slippagePips = BigInt(this.book(position.bookId).profile.slippagePips);
    const { isLong } = position;
    const isOk = (tick: bigint): boolean => {
      const exit = model.exitPrice(tick, slippagePips, isLong);
      return close.bound === 0n || (isLong ? exit >= close.bound : exit <= close.bound);
    };
    const fillTick = model.closeFillPrice(moment.tick, [moment.anchor], isLong);
    if (!isOk(fillTick)) {
      if (isOk(moment.tick)) return skipped("PriceBoundByClamp");
      close.isLive = false;
      close.expiry = moment.now;
      return { outcome: "Refused:PriceBound", amounts: {}, paid: 0n };
    }
    const isPart = close.size !== 0n && close.size < position.size;
    const leaving = isPart ? model.dividePosition(position, close.size) : wholeOf(position);
    return this.settleClose(position, leaving, fillTick, moment, close.armer);
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
    const token = this.quote(position.symbol, moment);
    const carryOwedUsd = this.carryOwed({ ...position, ...part }, moment.now);
    // The owner pays no fee to himself.
    const workers = [moment.executor, armer].filter((who) => who !== undefined && who !== position.owner) as string[];
    const result = model.closeTrade({
      position: part,
      tick,
      slippagePips: BigInt(book.profile.slippagePips),
      token,
      carryOwedUsd,
      executionFeeUsd: this.profile.execution.executionFeeUsd,
      executionFeeCount: BigInt(workers.length),
    });
    const fees = [result.executorFee, result.armerFee];
    const executionFee = moment.executor === position.owner ? 0n : result.executorFee;
    const { exit, pnlUsd, closeFee, payout } = result;
    const amounts = { exit, pnlUsd, carryOwedUsd, closeFee, executionFee, payout };
    const vaultLossUsd = model.toUsdDown(result.gainPaid, token) - model.toUsdDown(result.lossCollected, token);
    this.takeOut(position, leaving, moment.now, vaultLossUsd);
    const toFees = model.splitFee(closeFee, BigInt(book.profile.alpFeeSharePips), 0n).treasury;
    const credits = workers.map((account, index) => ({ account, amount: fees[index] }));
    this.settle(position.symbol, leaving, toFees, credits, payout);
    if (leaving.rest === undefined) return { outcome: "Closed:None", amounts, paid: payout };
    const { size, margin, initialMargin } = part;
    const cut = { size, margin: initialMargin, addedMargin: margin - initialMargin };
    return { outcome: "Reduced:None", amounts: { ...amounts, ...cut }, paid: payout };
  }

  private settleLiquidation(position: TwinPosition, moment: Moment): Prediction {
    const token = this.quote(position.symbol, moment);
    const tick = model.clampToBand(moment.tick, [moment.anchor]);
    const result = model.settleLiquidation(position, tick, this.carryOwed(position, moment.now), token);
    const { reward, toVault, badDebt } = result;
    const leaving = wholeOf(position);
    this.takeOut(position, leaving, moment.now, -model.toUsdDown(toVault, token));
    this.settle(position.symbol, leaving, 0n, [{ account: moment.executor, amount: reward }], 0n);
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
    symbol: string,
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
  }

  private credit(symbol: string, account: string, amount: bigint): void {
    this.claims.set(`${symbol} ${account}`, this.claimOf(symbol, account) + amount);
    this.ledger(symbol).claimable += amount;
  }

  private accrue(book: TwinBook, now: number): void {
    const { lossUsd } = model.decayLoss(
      { lossUsd: book.lossNano, at: BigInt(book.accruedAt) },
      book.profile.lossBudgetUsd / model.NANO_USD,
      BigInt(now),
    );
    book.indices = this.indicesAt(book, now);
    book.lossNano = lossUsd;
    book.accruedAt = now;
  }

  private changeSide(book: TwinBook, position: TwinPosition, change: typeof model.addToSide): void {
    const part = contributionOf(position);
    if (position.isLong) book.long = change(book.long, part);
    else book.short = change(book.short, part);
  }

  private quote(symbol: string, { tokenPrice }: Moment): TokenQuote {
    return { decimals: this.token(symbol).decimals, price: tokenPrice };
  }
}
