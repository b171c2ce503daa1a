import type { ChainProfile, TokenProfile } from "../../deploy/profiles";
import { bookIdOf } from "../../deploy/modules/books";
import * as model from "../../sdk/model";
import type { TokenQuote } from "../../sdk/model";
import { PIPS } from "../../sdk/units";
import { contributionOf, emptyBook, found } from "./records";
import type { Ledger, Moment, Prediction, TwinBook, TwinClose, TwinOrder, TwinPosition } from "./records";

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

  /** What `Trading.execute` does with the first tick at or after the target. */
  execute(id: bigint, moment: Moment): Prediction {
    const order = this.orders.get(id);
    if (order !== undefined) return this.executeOrder(order, moment);
    const position = this.positions.get(id);
    const close = this.closes.get(id);
    if (position === undefined) return skipped("NothingPending");
    if (close === undefined || !close.isLive) {
      // Its triggers are asked; the tick that opened it can't pull them.
      return skipped(position.hasTakeProfit ? "TickNotNewer" : "NothingPending");
    }
    return this.executeClose(position, close, moment);
  }

  /** What `Trading.liquidate` does at a tick that is young enough. */
  liquidate(id: bigint, moment: Moment): Prediction {
    const position = this.positions.get(id);
    if (position === undefined) return skipped("NothingPending");
    if (moment.at <= position.openedAt) return skipped("TickNotNewer");
    const close = this.closes.get(id);
    if (close?.isLive && moment.now <= close.expiry && moment.at >= close.target) return skipped("CloseIsPending");
    if (!this.isLiquidatable(position, moment)) return skipped("NotLiquidatable");
    return this.settleLiquidation(position, moment);
  }

  private executeOrder(order: TwinOrder, moment: Moment): Prediction {
    const book = this.book(order.bookId);
    if (moment.now > order.expiry || moment.at > order.expiry) return skipped("Expired");
    if (!model.isDeviationOk(moment.tick, moment.anchor, BigInt(book.profile.maxOpenDeviationPips))) {
      return skipped("PriceDeviates");
    }
    const token = this.quote(order.symbol, moment);
    const fill = model.openTrade({
      isLong: order.isLong,
      leverage: order.leverage,
      amountIn: order.amount,
      token,
      executionFeeUsd: this.profile.execution.executionFeeUsd,
      openFeePips: BigInt(book.profile.openFeePips),
      tick: moment.tick,
      slippagePips: BigInt(book.profile.slippagePips),
    });
    const position = this.positionOf(order, book, fill, moment);
    const reserve = model.gainCap(fill.margin, position.profitCapPips);
    const split = model.splitFee(fill.openFee, BigInt(book.profile.alpFeeSharePips), 0n);
    const reason = this.refusal(order, book, fill, position, moment) ?? this.reserveRefusal(order, reserve, split.alp);
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
      hasTakeProfit: order.takeProfit !== 0n,
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
    return openInterest + fill.notional > profile.maxOpenInterestUsd ? "OpenInterestFull" : undefined;
  }

  private reserveRefusal(order: TwinOrder, reserve: bigint, toLiquidity: bigint): string | undefined {
    const { liquidity, reserved } = this.ledger(order.symbol);
    const { maxUtilizationPips, tradingCeilings } = this.profile.vault;
    const limit = (liquidity + toLiquidity) * BigInt(maxUtilizationPips);
    const isFull = (reserved + reserve) * PIPS > limit || reserved + reserve > tradingCeilings[order.symbol];
    return isFull ? "ReserveFull" : undefined;
  }

  private executeClose(position: TwinPosition, close: TwinClose, moment: Moment): Prediction {
    if (moment.now > close.expiry || moment.at > close.expiry) return skipped("Expired");
    if (this.isLiquidatable(position, moment)) return this.settleLiquidation(position, moment);
    const book = this.book(position.bookId);
    const slippagePips = BigInt(book.profile.slippagePips);
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
    const token = this.quote(position.symbol, moment);
    const result = model.closeTrade({
      position,
      tick: fillTick,
      slippagePips,
      token,
      carryOwedUsd: this.carryOwed(position, moment.now),
      executionFeeUsd: this.profile.execution.executionFeeUsd,
      executionFeeCount: moment.executor === position.owner ? 0n : 1n,
    });
    const { exit, pnlUsd, closeFee, executionFee, payout } = result;
    const amounts = {
      exit,
      pnlUsd,
      carryOwedUsd: this.carryOwed(position, moment.now),
      closeFee,
      executionFee,
      payout,
    };
    const vaultLossUsd = model.toUsdDown(result.gainPaid, token) - model.toUsdDown(result.lossCollected, token);
    this.remove(position, moment.now, vaultLossUsd);
    const toFees = model.splitFee(closeFee, BigInt(book.profile.alpFeeSharePips), 0n).treasury;
    this.settle(position, toFees, executionFee, payout, moment.executor);
    return { outcome: "Closed:None", amounts, paid: payout };
  }

  private settleLiquidation(position: TwinPosition, moment: Moment): Prediction {
    const token = this.quote(position.symbol, moment);
    const tick = model.clampToBand(moment.tick, [moment.anchor]);
    const result = model.settleLiquidation(position, tick, this.carryOwed(position, moment.now), token);
    this.remove(position, moment.now, -model.toUsdDown(result.toVault, token));
    this.settle(position, 0n, result.reward, 0n, moment.executor);
    const { reward, toVault, badDebt } = result;
    return { outcome: "Liquidated:None", amounts: { tick, reward, toVault, badDebt }, paid: 0n };
  }

  private remove(position: TwinPosition, now: number, vaultLossUsd: bigint): void {
    const book = this.book(position.bookId);
    this.accrue(book, now);
    this.changeSide(book, position, model.removeFromSide);
    book.lossNano = model.max(book.lossNano + vaultLossUsd / model.NANO_USD, 0n);
    this.positions.delete(position.id);
    this.closes.delete(position.id);
  }

  private settle(position: TwinPosition, toFees: bigint, credit: bigint, payout: bigint, executor: string): void {
    const ledger = this.ledger(position.symbol);
    ledger.collateral -= position.margin;
    ledger.reserved -= model.gainCap(position.initialMargin, position.profitCapPips);
    ledger.liquidity += position.margin - payout - toFees - credit;
    ledger.fees += toFees;
    this.credit(position.symbol, executor, credit);
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
