import type { ContractTransactionReceipt } from "ethers";
import type { BookProfile, Mode, TierProfile, TokenProfile } from "../../deploy/profiles";
import * as model from "../../sdk/model";
import { PIPS, formatDecimal, formatPrice, formatToken, formatUsd } from "../../sdk/units";
import { checkChange, snapshot } from "./books";
import type { Snapshot } from "./books";
import { check } from "./errors";
import type { Narrator } from "./narrator";
import type { LiquidationPlan, Plan } from "./plan";
import type { ClosedReport, LiquidatedReport, RefusedReport, TradeReport } from "./report";
import type { Stage } from "./stage";

const DEADLINE_SECONDS = 600;

/** What is traded: a book, with how much of which token and at which leverage. */
export interface Ticket {
  name: string;
  mode: Mode;
  leverage: number;
  symbol: string;
  /** Paid in, in token units. */
  amount: bigint;
}

interface OpenPosition {
  ticket: Ticket;
  id: bigint;
  position: model.Position;
  notional: bigint;
  /** Block time of the execution: carry runs from here. */
  since: number;
  books: Snapshot;
  report: TradeReport;
}

export function bookOf(stage: Stage, mode: Mode): BookProfile {
  const market = stage.profile.markets.find(({ assetKey }) => assetKey === "BTC");
  const book = market?.books.find((candidate) => candidate.mode === mode);
  if (book === undefined) throw new Error(`${stage.profile.name} has no ${mode} book of BTC`);
  return book;
}

export function tokenOf(stage: Stage, symbol: string): TokenProfile {
  const token = stage.profile.tokens.find((candidate) => candidate.symbol === symbol);
  if (token === undefined) throw new Error(`${stage.profile.name} has no ${symbol}`);
  return token;
}

export function tierOf(book: BookProfile, leverage: number): TierProfile {
  const tier = book.tiers.find(({ maxLeverage }) => leverage <= maxLeverage);
  if (tier === undefined) throw new Error(`no tier for ${leverage}x`);
  return tier;
}

/** Request, tick, execution; every amount is compared with the model. */
export async function openTrade(
  stage: Stage,
  narrator: Narrator,
  ticket: Ticket,
  plan: Pick<Plan, "isLong" | "requestAt" | "openTick">,
): Promise<OpenPosition> {
  const { desk, actors } = stage;
  const { name, mode, leverage, symbol, amount } = ticket;
  const { decimals } = tokenOf(stage, symbol);
  const before = await snapshot(stage, symbol);
  const pending = await requestOpen(stage, ticket, plan);
  check(`${name}: target`, String(stage.secondOf(pending.target)), String(plan.openTick));
  narrator.token("paid in", amount, decimals, symbol);
  narrator.gasOf(`${name}: request open`, pending.receipt);
  const placed = await checkChange(stage, `${name}: request`, symbol, before, { wallet: -amount, collateral: amount });

  const tick = stage.tickAt(plan.openTick);
  await stage.reportAt(plan.openTick + 1);
  const batch = await desk.execute(actors.keeper, [pending.id], [desk.firstTick("BTC", pending.target, tick)]);
  check(`${name}: outcome`, `${batch.results[0].outcome} ${batch.results[0].reason}`, "Opened None");

  const { opened, position } = expectedOpening(stage, ticket, plan.isLong, tick.price);
  const cap = model.gainCap(opened.margin, position.profitCapPips);
  const toFees = model.splitFee(opened.openFee, BigInt(bookOf(stage, mode).alpFeeSharePips), 0n).treasury;
  const books = await checkChange(stage, `${name}: opening`, symbol, placed, {
    collateral: opened.margin - amount,
    liquidity: opened.openFee - toFees,
    fees: toFees,
    claimable: opened.executionFee,
    reserved: cap,
  });
  const prices = await checkPosition(stage, ticket, pending.id, opened, position);

  narrator.price(`tick at second ${plan.openTick}`, tick.price);
  narrator.row("margin", `${formatUsd(opened.marginUsd)} USD at ${leverage}x`);
  narrator.row("notional", `${formatUsd(opened.notional)} USD`);
  narrator.price("entry", opened.entry);
  narrator.price("liquidation price", prices.liquidation);
  narrator.price("bankruptcy price", prices.bankruptcy);
  narrator.token("open fee", opened.openFee, decimals, symbol);
  narrator.token("execution fee", opened.executionFee, decimals, symbol);
  narrator.gasOf(`${name}: execute open`, batch.receipt);
  narrator.vault(symbol, decimals, before, books);
  const report = {
    side: plan.isLong ? ("long" as const) : ("short" as const),
    leverage: String(leverage),
    token: symbol,
    marginUsd: formatUsd(opened.marginUsd),
    notionalUsd: formatUsd(opened.notional),
    openTickPrice: formatPrice(tick.price),
    entryPrice: formatPrice(opened.entry),
    liquidationPrice: formatPrice(prices.liquidation),
    bankruptcyPrice: formatPrice(prices.bankruptcy),
    openFee: formatToken(opened.openFee, decimals),
    executionFee: formatToken(opened.executionFee, decimals),
  };
  const since = await timeOf(stage, batch.receipt);
  return { ticket, id: pending.id, position, notional: opened.notional, since, books, report };
}

/** Request, tick, execution of a close. */
export async function closeTrade(
  stage: Stage,
  narrator: Narrator,
  open: OpenPosition,
  plan: Plan,
): Promise<ClosedReport> {
  const { desk, actors } = stage;
  const { name, mode, symbol } = open.ticket;
  const { decimals } = tokenOf(stage, symbol);
  const requestedAt = stage.timeOf(plan.closeRequestAt);
  await stage.clock.schedule(requestedAt);
  const pending = await desk.requestClose(actors.trader, open.id, { deadline: requestedAt + DEADLINE_SECONDS });
  check(`${name}: target of the close`, String(stage.secondOf(pending.target)), String(plan.closeTick));

  const tick = stage.tickAt(plan.closeTick);
  const anchor = await stage.reportAt(plan.closeTick + 1);
  const batch = await desk.execute(actors.keeper, [open.id], [desk.firstTick("BTC", pending.target, tick)]);
  check(`${name}: outcome of the close`, `${batch.results[0].outcome} ${batch.results[0].reason}`, "Closed None");

  const carryOwedUsd = carryOf(stage, open, await timeOf(stage, batch.receipt));
  const token = quoteOf(stage, symbol);
  const closed = model.closeTrade({
    position: open.position,
    tick: model.closeFillPrice(tick.price, [anchor], plan.isLong),
    slippagePips: BigInt(bookOf(stage, mode).slippagePips),
    token,
    carryOwedUsd,
    executionFeeUsd: stage.profile.execution.executionFeeUsd,
    executionFeeCount: 1n,
  });
  const { margin } = open.position;
  const toFees = model.splitFee(closed.closeFee, BigInt(bookOf(stage, mode).alpFeeSharePips), 0n).treasury;
  const books = await checkChange(stage, `${name}: close`, symbol, open.books, {
    collateral: -margin,
    reserved: -model.gainCap(margin, open.position.profitCapPips),
    liquidity: margin - closed.payout - closed.executionFee - toFees,
    fees: toFees,
    claimable: closed.executionFee,
    wallet: closed.payout,
  });
  const isProfitShare = isShareOfProfit(open.position, closed, token);

  narrator.price(`tick at second ${plan.closeTick}`, tick.price);
  narrator.price("exit", closed.exit);
  narrator.usd("profit and loss", closed.pnlUsd);
  narrator.usd("carry owed", carryOwedUsd);
  const rule = isProfitShare ? "15% of the profit" : "share of the notional";
  narrator.row("close fee", `${formatToken(closed.closeFee, decimals)} ${symbol} (${rule})`);
  narrator.token("execution fee", closed.executionFee, decimals, symbol);
  narrator.token("payout", closed.payout, decimals, symbol);
  narrator.gasOf(`${name}: request close`, pending.receipt);
  narrator.gasOf(`${name}: execute close`, batch.receipt);
  narrator.vault(symbol, decimals, open.books, books);
  return {
    ...open.report,
    exitPrice: formatPrice(closed.exit),
    pnlUsd: formatUsd(closed.pnlUsd),
    carryUsd: formatUsd(carryOwedUsd),
    closeFee: formatToken(closed.closeFee, decimals),
    closeFeeUsd: formatUsd(model.toUsdDown(closed.closeFee, token)),
    isProfitShare,
    payout: formatToken(closed.payout, decimals),
  };
}

/** Waits for the first crossing tick and lets the keeper take the position with it. */
export async function liquidateTrade(
  stage: Stage,
  narrator: Narrator,
  open: OpenPosition,
  plan: LiquidationPlan,
): Promise<LiquidatedReport> {
  const { desk, actors } = stage;
  const { name, symbol } = open.ticket;
  const { decimals } = tokenOf(stage, symbol);
  const token = quoteOf(stage, symbol);
  const anchor = await stage.reportAt(plan.crossingTick + 1);
  // The liquidation is mined in the next second; carry counts up to then.
  const carryOwedUsd = carryOf(stage, open, (await stage.clock.now()) + 1);
  const second = firstCrossing(stage, open, carryOwedUsd, plan);
  const tick = stage.tickAt(second);
  const { trading, liquidator } = desk.system;
  const [wasLiquidatable] = await liquidator.liquidatable(trading, [open.id], stage.tickAt(second - 1).price);
  check(`${name}: liquidatable a tick earlier`, wasLiquidatable, false);
  const batch = await desk.liquidate(actors.keeper, [open.id], "BTC", { at: stage.timeOf(second), ...tick });
  check(`${name}: outcome`, `${batch.results[0].outcome} ${batch.results[0].reason}`, "Liquidated None");

  const settled = model.settleLiquidation(open.position, model.clampToBand(tick.price, [anchor]), carryOwedUsd, token);
  const { margin, profitCapPips } = open.position;
  const books = await checkChange(stage, `${name}: liquidation`, symbol, open.books, {
    collateral: -margin,
    reserved: -model.gainCap(margin, profitCapPips),
    claimable: settled.reward,
    liquidity: settled.toVault,
  });
  const { entry } = open.position;
  const moveX8 = model.mulDivDown(model.abs(tick.price - entry), 100_000_000n, entry);

  narrator.price(`tick at second ${second}`, tick.price);
  narrator.row("move from the entry", `${formatDecimal(moveX8, 6, 4)}%`);
  narrator.token("reward of the liquidator", settled.reward, decimals, symbol);
  narrator.token("kept by the vault", settled.toVault, decimals, symbol);
  narrator.token("bad debt", settled.badDebt, decimals, symbol);
  narrator.gasOf(`${name}: liquidate`, batch.receipt);
  narrator.vault(symbol, decimals, open.books, books);
  return {
    ...open.report,
    tickPrice: formatPrice(tick.price),
    reward: formatToken(settled.reward, decimals),
    toVault: formatToken(settled.toVault, decimals),
    badDebt: formatToken(settled.badDebt, decimals),
  };
}

/** An order whose price bound its tick does not meet: refunded, less the fee of whoever executed it. */
export async function refuseOrder(
  stage: Stage,
  narrator: Narrator,
  ticket: Ticket,
  requestAt: number,
  boundShare: bigint,
): Promise<RefusedReport> {
  const { desk, actors, profile } = stage;
  const { name, symbol, amount, mode } = ticket;
  const { decimals } = tokenOf(stage, symbol);
  const before = await snapshot(stage, symbol);
  const price = stage.path.at(requestAt).priceX10;
  const acceptablePrice = price - model.mulDivDown(price, boundShare, PIPS);
  const openTick = requestAt + bookOf(stage, mode).executionDelaySeconds;
  const pending = await requestOpen(stage, ticket, { isLong: true, requestAt }, acceptablePrice);
  const tick = stage.tickAt(openTick);
  await stage.reportAt(openTick + 1);
  const batch = await desk.execute(actors.keeper, [pending.id], [desk.firstTick("BTC", pending.target, tick)]);
  const [{ outcome, reason }] = batch.results;
  check(`${name}: outcome`, `${outcome} ${reason}`, "Refused PriceBound");
  check(`${name}: status`, await desk.statusOf(pending.id), "None");

  const fee = model.executionFeeTokens(profile.execution.executionFeeUsd, quoteOf(stage, symbol));
  const books = await checkChange(stage, name, symbol, before, { wallet: -fee, claimable: fee });
  narrator.price("worst price accepted", acceptablePrice);
  narrator.price(`tick at second ${openTick}`, tick.price);
  narrator.row("refused because", reason);
  narrator.token("paid in", amount, decimals, symbol);
  narrator.token("refund", amount - fee, decimals, symbol);
  narrator.token("execution fee", fee, decimals, symbol);
  narrator.gasOf(`${name}: execute`, batch.receipt);
  narrator.vault(symbol, decimals, before, books);
  return {
    reason,
    token: symbol,
    paidIn: formatToken(amount, decimals),
    refund: formatToken(amount - fee, decimals),
    executionFee: formatToken(fee, decimals),
  };
}

async function requestOpen(
  stage: Stage,
  { mode, leverage, symbol, amount }: Ticket,
  { isLong, requestAt }: Pick<Plan, "isLong" | "requestAt">,
  acceptablePrice = 0n,
) {
  const deadline = stage.timeOf(requestAt) + DEADLINE_SECONDS;
  const options = { mode, isLong, leverage, token: symbol, amount, acceptablePrice, deadline };
  const { desk, actors, clock } = stage;
  const request = await desk.openRequest(actors.trader, options);
  await clock.schedule(stage.timeOf(requestAt));
  return desk.requestOpen(actors.trader, { ...options, owner: request.owner });
}

function quoteOf(stage: Stage, symbol: string): model.TokenQuote {
  const { decimals, assetKey } = tokenOf(stage, symbol);
  return { decimals, price: stage.desk.priceOf(assetKey) };
}

function expectedOpening(stage: Stage, ticket: Ticket, isLong: boolean, tick: bigint) {
  const book = bookOf(stage, ticket.mode);
  const tier = tierOf(book, ticket.leverage);
  const opened = model.openTrade({
    isLong,
    leverage: BigInt(ticket.leverage),
    amountIn: ticket.amount,
    token: quoteOf(stage, ticket.symbol),
    executionFeeUsd: stage.profile.execution.executionFeeUsd,
    openFeePips: BigInt(book.openFeePips),
    tick,
    slippagePips: BigInt(book.slippagePips),
  });
  const position: model.Position = {
    isLong,
    entry: opened.entry,
    size: opened.size,
    margin: opened.margin,
    initialMargin: opened.margin,
    llrPips: BigInt(tier.liquidationLossRatePips),
    profitCapPips: BigInt(tier.profitCapPips),
    closeFeeKind: ticket.mode,
    closeFeePips: BigInt(book.closeFeePips),
  };
  return { opened, position };
}

/** The record on the chain and what the lens makes of it. */
async function checkPosition(
  stage: Stage,
  { name, symbol }: Ticket,
  id: bigint,
  opened: model.OpenResult,
  position: model.Position,
): Promise<{ liquidation: bigint; bankruptcy: bigint }> {
  const { trading, tradingRecords, tradingLens } = stage.desk.system;
  const record = await tradingRecords.position(id);
  check(`${name}: margin`, record.margin, opened.margin);
  check(`${name}: size`, record.size, opened.size);
  check(`${name}: entry`, record.entry, opened.entry);
  const token = quoteOf(stage, symbol);
  const view = await tradingLens.position(trading, id);
  check(`${name}: notional`, view.notionalUsd, opened.notional);
  check(`${name}: margin in USD`, view.marginUsd, opened.marginUsd);
  const liquidation = model.liquidationPrice(position, view.carryOwedUsd, token);
  const bankruptcy = model.bankruptcyPrice(position, view.carryOwedUsd, token);
  check(`${name}: liquidation price`, view.liquidationPrice, liquidation);
  check(`${name}: bankruptcy price`, view.bankruptcyPrice, bankruptcy);
  return { liquidation, bankruptcy };
}

/** What an only position of its book owes until a block time. */
function carryOf(stage: Stage, { ticket, position, notional, since }: OpenPosition, until: number): bigint {
  const book = bookOf(stage, ticket.mode);
  const perSecond = (pipsPerHour: number) => model.pipsPerHourToX18PerSecond(BigInt(pipsPerHour));
  const rates = {
    fundingFactorX18: perSecond(book.fundingFactorPipsPerHour),
    minRateX18: perSecond(book.minFundingPipsPerHour),
    maxRateX18: perSecond(book.maxFundingPipsPerHour),
    borrowRateX18: perSecond(book.borrowRatePipsPerHour),
  };
  const [long, short] = position.isLong ? [notional, 0n] : [0n, notional];
  const indices = model.accrueIndices({ longX18: 0n, shortX18: 0n }, long, short, rates, BigInt(until - since));
  return model.carryOwedUsd(notional, position.isLong ? indices.longX18 : indices.shortX18, 0n);
}

function firstCrossing(stage: Stage, open: OpenPosition, carryOwedUsd: bigint, plan: LiquidationPlan): number {
  const token = quoteOf(stage, open.ticket.symbol);
  let second = plan.openTick + 1;
  while (!model.isLiquidatable(open.position, stage.path.at(second).priceX10, carryOwedUsd, token)) {
    second += 1;
    check(`${open.ticket.name}: liquidatable by second ${plan.crossingTick}`, second <= plan.crossingTick, true);
  }
  return second;
}

/** Whether the close fee is the share of the profit: then it is more than the least fee, that on the notional. */
function isShareOfProfit(position: model.Position, { exit, closeFee }: model.CloseResult, token: model.TokenQuote) {
  const scaled = { decimals: token.decimals, price: token.price * PIPS };
  return closeFee > model.toTokensUp(position.size * exit * position.closeFeePips, scaled);
}

async function timeOf(stage: Stage, receipt: ContractTransactionReceipt): Promise<number> {
  const block = (await stage.desk.provider.send("eth_getBlockByHash", [receipt.blockHash, false])) as {
    timestamp: string;
  };
  return Number(block.timestamp);
}
