import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import fc from "fast-check";
import { DEFAULT_PRICES } from "../../kit/replica";
import type { Pending } from "../../kit/desk/Desk";
import { Outcome, Reason, nameOf } from "../../sdk/enums";
import { requestLimit, requestPartialClose } from "../../kit/desk/orders";
import type { LensTick } from "../../kit/desk/reading";
import { max, min, takeProfitBound, toTokensUp } from "../../sdk/model";
import { Budget } from "../dsl/budget";
import { moved } from "../invariant/world";
import { ORDERS, POSITIONS, orderCase, positionCase } from "./previewCases";
import type { OrderCase, PositionCase, Step } from "./previewCases";
import { expectAsPreviewed, met, previewFixture } from "./previewWorld";
import type { BookChoice, Done, PreviewContext, Subject } from "./previewWorld";

const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
const RUNS = Number(process.env.FUZZ_RUNS ?? 12);
const SECONDS = Number(process.env.FUZZ_SECONDS ?? 8);
const PARAMETERS = { seed: SEED, numRuns: RUNS };
const PENDING = { blockTag: "pending" } as const;
const FAR = 2 ** 31;
const DEPTH = 1;
const SKEW = 2;
const CENT_X18 = 10n ** 16n;

/** What says nothing of the order itself: a preview of an opening looks at no clock. */
const OF_CLOCK = ["Expired", "NoTick", "TickOfOtherAsset", "TickNotFirst", "TickTooEarly", "TickTooOld", "CancelBinds"];

// What a case sets up

function bookOf({ profile }: PreviewContext, { asset, mode }: BookChoice) {
  const market = profile.markets.find(({ assetKey }) => assetKey === asset);
  const found = market?.books.find((candidate) => candidate.mode === mode);
  if (found === undefined) throw new Error(`no ${mode} book of ${asset}`);
  return found;
}

function leverageOf(context: PreviewContext, wanted: { book: BookChoice; leverage: number }): number {
  const { minLeverage, maxLeverage } = bookOf(context, wanted.book);
  return minLeverage + (wanted.leverage % (maxLeverage - minLeverage + 1));
}

/** At most so many cents of margin as the tier takes in one order. */
function centsOf(context: PreviewContext, wanted: { book: BookChoice; cents: number }, leverage: number): bigint {
  const tier = bookOf(context, wanted.book).tiers.find(({ maxLeverage }) => leverage <= maxLeverage);
  const most = (tier?.maxNotionalUsd ?? 0n) / BigInt(leverage) / CENT_X18;
  return min(BigInt(wanted.cents), most);
}

function tokenOf({ profile }: PreviewContext, token: number) {
  const { symbol, decimals, assetKey } = profile.tokens[token % profile.tokens.length];
  return { symbol, quote: { decimals, price: DEFAULT_PRICES[assetKey] } };
}

/** A price that moves the margin of a position by so much. */
function worth(from: bigint, isLong: boolean, leverage: number, permille: number): bigint {
  const shift = (from * BigInt(permille)) / BigInt(leverage * 1_000);
  return ((isLong ? from + shift : from - shift) / 100n) * 100n;
}

async function setSlippage(
  { tradingConfigurator, trading, quickRiskManager }: PreviewContext,
  bookId: number,
  model: number,
) {
  const configurator = tradingConfigurator.connect(quickRiskManager);
  if (bookId % 2 === 0) await configurator.setSlippage(trading, bookId, model, 100, 2_000_000);
}

/** What an order finds when it is executed. */
async function setCapacity(context: PreviewContext, { book, capacity }: OrderCase, symbol: string): Promise<void> {
  const { desk, guardian, quickRiskManager, replica, trading, tradingRecords, tradingConfigurator, vault } = context;
  const bookId = desk.bookId(book.asset, book.mode);
  const byRisk = tradingConfigurator.connect(quickRiskManager);
  const byGuardian = tradingConfigurator.connect(guardian);
  const { lossBudgetUsd } = (await tradingRecords.bookConfig(bookId))[0];
  if (capacity === "full") await byRisk.setCaps(trading, bookId, 30_000, lossBudgetUsd, 0n);
  if (capacity === "reserve") await vault.connect(guardian).cutCeiling(trading, replica.token(symbol), 1n);
  if (capacity === "disabled") await byGuardian.disableBook(trading, bookId);
  if (capacity === "news") await byGuardian.startNewsWindow(trading, bookId, 3_600);
  if (capacity === "token") await byGuardian.disableMarginToken(trading, replica.token(symbol));
  if (capacity === "depth") await setSlippage(context, bookId, DEPTH);
  if (capacity === "skew") await setSlippage(context, bookId, SKEW);
  if (capacity === "largest" || capacity === "tiers") {
    const all = (await tradingRecords.tiers(bookId)).map(({ maxLeverage, maxNotionalUsd, termsId, terms }) => {
      const [liquidationLossRatePips, profitCapPips, closeFeePips, profitSharePips, maxExitSlippagePips] = terms;
      const fees = { closeFeePips, profitSharePips, maxExitSlippagePips };
      const kept = { liquidationLossRatePips, profitCapPips, ...fees };
      return { maxLeverage, maxNotionalUsd: capacity === "largest" ? 900n : maxNotionalUsd, termsId, terms: kept };
    });
    await byRisk.setTiers(trading, bookId, capacity === "tiers" ? all.slice(0, 1) : all);
  }
}

/** Somebody wins more than the loss budget of the book. */
async function spendBudget(context: PreviewContext, { book }: OrderCase): Promise<void> {
  const { desk, keeper, other, quickRiskManager, trading, tradingRecords, tradingConfigurator } = context;
  const bookId = desk.bookId(book.asset, book.mode);
  const { maxOpenInterestUsd } = (await tradingRecords.bookConfig(bookId))[1];
  await tradingConfigurator.connect(quickRiskManager).setCaps(trading, bookId, maxOpenInterestUsd, 1, 0n);
  const id = await desk.open(other, keeper, { ...book, leverage: 500, amount: desk.tokenUnits("USDT", 100n) });
  await desk.setPrice(book.asset, moved(DEFAULT_PRICES[book.asset], 1_500));
  await desk.close(other, keeper, id);
  await desk.setPrice(book.asset, DEFAULT_PRICES[book.asset]);
}

async function requestOrder(context: PreviewContext, wanted: OrderCase) {
  const { desk, trader } = context;
  const { book, isLimit, isLong, boundPips, profitPermille } = wanted;
  const leverage = leverageOf(context, wanted);
  const { symbol, quote } = tokenOf(context, wanted.token);
  const price = DEFAULT_PRICES[book.asset];
  // A buyer's limit and worst price lie above: both are given as what he pays more.
  const paid = (pips: number) => moved(price, isLong ? pips : -pips);
  const acceptablePrice = boundPips === null ? (isLimit ? paid(150) : 0n) : paid(boundPips);
  const entry = isLimit ? acceptablePrice : price;
  const { profitCapPips } = bookOf(context, book).tiers.find(({ maxLeverage }) => leverage <= maxLeverage) ?? {};
  const cap = takeProfitBound(isLong, entry, BigInt(leverage), BigInt(profitCapPips ?? 0));
  // Beyond the cap of a short at 1x there is no price left.
  const way = ((cap - entry) * BigInt(profitPermille ?? 0)) / 1_000n;
  const takeProfit = profitPermille === null ? 0n : max(entry + way, 1n);
  const amount = toTokensUp(wanted.microUsd * 10n ** 12n, quote);
  const options = { ...book, isLong, leverage, token: symbol, amount, acceptablePrice, takeProfit, deadline: FAR };
  const pending = await (isLimit ? requestLimit(desk, trader, options) : desk.requestOpen(trader, options));
  return { pending, request: await desk.openRequest(trader, options), symbol };
}

/** Compares what an opening was previewed to be with what it is, or was refused for. */
async function expectOpening(
  { trading, tradingRecords, tradingLens }: PreviewContext,
  { id }: Pending,
  isLimit: boolean,
  done: Done,
  seen: Awaited<ReturnType<PreviewContext["tradingLens"]["previewOpen"]>>,
): Promise<void> {
  if (OF_CLOCK.includes(done.reason)) return;
  expect(nameOf(Reason, seen.preview.reason)).to.equal(done.reason);
  expect(nameOf(Outcome, seen.outcome)).to.equal(done.outcome);
  expect(seen.wouldFillNow).to.equal(isLimit && done.outcome === "Opened");
  if (done.outcome === "Refused") expect(seen.preview.executionFee).to.equal(done.executorPay);
  if (done.outcome !== "Opened") return;
  const { entry, size, margin } = await tradingRecords.position(id);
  const { preview } = seen;
  expect([preview.entry, preview.size, preview.margin]).to.deep.equal([entry, size, margin]);
  expect([preview.notionalUsd, preview.executionFee]).to.deep.equal([entry * size, done.executorPay]);
  const [{ args }] = await trading.queryFilter(trading.filters.TradeOpened(id));
  expect(preview.openFee).to.equal(args.openFee);
  const view = await tradingLens.position(trading, id);
  expect(preview.marginUsd).to.equal(view.marginUsd);
  expect([preview.liquidationPrice, preview.bankruptcyPrice]).to.deep.equal([
    view.liquidationPrice,
    view.bankruptcyPrice,
  ]);
}

/** What the owner does before an attempt; the request that then waits, if there is one. */
async function act(
  context: PreviewContext,
  { isLong, leverage, book }: { isLong: boolean; leverage: number; book: BookChoice },
  id: bigint,
  { act: what, permille, part }: Step,
): Promise<Pending | undefined> {
  const { desk, trading, tradingRecords, trader } = context;
  const { entry, size, takeProfit, stopLoss, margin } = await tradingRecords.position(id);
  const target = worth(entry, isLong, leverage, permille);
  const own = trading.connect(trader);
  if (what === "close") return desk.requestClose(trader, id, { acceptablePrice: permille === 0 ? 0n : target });
  if (what === "part") {
    const acceptablePrice = permille === 0 ? 0n : target;
    const { asset } = book;
    return requestPartialClose(desk, trader, id, (size * BigInt(part)) / 1_000n, { acceptablePrice, asset });
  }
  if (what === "margin") await own.addMargin(id, (margin * BigInt(part)) / 1_000n);
  if (what === "profit") await own.updateTpSl(id, target, stopLoss);
  if (what === "stop") await own.updateTpSl(id, takeProfit, target);
  return undefined;
}

/** What the owner may not do, he does not do; everything else is the test's fault. */
async function unlessRefused<T>(done: Promise<T>): Promise<T | undefined> {
  try {
    return await done;
  } catch (error) {
    if (!(error instanceof Error) || !/Trading_|Vault_NothingArrived/.test(error.message)) throw error;
    return undefined;
  }
}

const load = () => loadFixture(previewFixture);

/** One case of an order; what became of it. */
async function tryOrder(wanted: OrderCase): Promise<void> {
  const context = await load();
  const { desk, keeper, trader, trading, tradingLens } = context;
  const { book, isLimit, now } = wanted;
  if (wanted.capacity === "budget") await spendBudget(context, wanted);
  const ordered = await unlessRefused(requestOrder(context, wanted));
  if (ordered === undefined) return;
  const { pending, request, symbol } = ordered;
  await setCapacity(context, wanted, symbol);
  if (isLimit && wanted.isCancelled) await trading.connect(trader).cancelLimit(pending.id);
  const subject: Subject = { id: pending.id, asset: book.asset, symbol, owner: trader };
  if (isLimit) await desk.warpTo(pending.target + now.wait);
  else subject.target = pending.target;
  const ask = ({ price, confidence }: LensTick) =>
    tradingLens.previewOpen(trading, request, isLimit, price, confidence, PENDING);
  const by = wanted.isOwn ? trader : keeper;
  const { done, asked } = await expectAsPreviewed(context, subject, DEFAULT_PRICES[book.asset], now, by, false, ask);
  await expectOpening(context, pending, isLimit, done, asked);
}

async function tryPosition(wanted: PositionCase): Promise<void> {
  const context = await load();
  const { desk, keeper, stranger, trader, trading, tradingRecords, tradingLens } = context;
  const { book, isLong, steps } = wanted;
  const leverage = Math.max(leverageOf(context, wanted), 20);
  const { symbol, quote } = tokenOf(context, wanted.token);
  const amount = toTokensUp(centsOf(context, wanted, leverage) * CENT_X18, quote);
  const id = await desk.open(trader, keeper, { ...book, isLong, leverage, token: symbol, amount });
  if (wanted.model !== "free") {
    await setSlippage(context, desk.bookId(book.asset, book.mode), wanted.model === "depth" ? DEPTH : SKEW);
  }
  for (const next of steps) {
    const requested = await unlessRefused(act(context, { isLong, leverage, book }, id, next));
    if (next.seconds > 0) await desk.warp(next.seconds);
    else await desk.warp(desk.delayOf(book.mode));
    const { target, kind, expiry, boundOrArmer: word } = await tradingRecords.closeOf(id);
    const isLive = (kind === 1n || kind === 2n) && expiry >= BigInt((await desk.now()) + 1);
    const subject: Subject = { id, asset: book.asset, symbol, owner: trader };
    if (isLive && !next.isLiquidation) subject.target = Number(target);
    const price = worth(DEFAULT_PRICES[book.asset], isLong, leverage, next.movePermille);
    const by = { keeper, stranger, owner: trader }[next.by];
    const isPlain = isLive && kind === 1n && by !== trader;
    const ask = async (tick: LensTick) => {
      // Ticks from before its target are not the close's: they may take the profit.
      if (tick.publishTime < target) return undefined;
      if (!isPlain || next.isLiquidation || next.now.stale !== "none" || next.now.isTokenDisputed || tick.price === 0n)
        return undefined;
      return tradingLens.closePreview(trading, id, word >> 64n, tick.price, PENDING);
    };
    const { done, asked } = await expectAsPreviewed(context, subject, price, next.now, by, next.isLiquidation, ask);
    if (asked !== undefined && ["Closed", "Reduced", "Liquidated"].includes(done.outcome)) {
      expect([asked.isLiquidated, asked.exit]).to.deep.equal([done.outcome === "Liquidated", done.price]);
      expect([asked.closeFee, asked.executorPay, asked.payout]).to.deep.equal([
        done.closeFee,
        done.executorPay,
        done.ownerPay,
      ]);
    }
    expect(requested === undefined || requested.id === id).to.equal(true);
    if ((await trading.statusOf(id)) === 0n) return;
  }
}

describe("Previews", () => {
  before(async () => {
    console.log(`      seed ${SEED}, at most ${RUNS} runs or ${SECONDS} s each`);
    await load();
  });

  after(() => {
    if (process.env.FUZZ_COUNTS !== undefined) console.log(met);
  });

  for (const [index, wanted] of ORDERS.entries()) {
    it(`say what an order comes to, to the unit: example ${index}`, async () => tryOrder(wanted));
  }

  for (const [index, wanted] of POSITIONS.entries()) {
    it(`say what a position comes to, to the unit: example ${index}`, async () => tryPosition(wanted));
  }

  it("say what any order comes to, to the unit", async () => {
    const property = fc.asyncProperty(orderCase, new Budget(SECONDS).bound(tryOrder));
    await fc.assert(property, PARAMETERS);
  });

  it("say what any position comes to, to the unit", async () => {
    const property = fc.asyncProperty(positionCase, new Budget(SECONDS).bound(tryPosition));
    await fc.assert(property, PARAMETERS);
  });

  it("were compared with every outcome there is, and with every reason of the moment, of an order and of capacity", async () => {
    const hasSequencer = (await load()).profile.sequencer !== null;
    const answers = [...met.keys()].map((key) => key.replace(/^\w+ /, "").split(":"));
    expect([...new Set(answers.map(([outcome]) => outcome))].sort()).to.deep.equal([...Outcome].sort());
    const reasons = new Set(answers.map(([, reason]) => reason));
    for (const reason of Reason.slice(Reason.indexOf("BreakerRaised"))) {
      const isOfSequencer = reason === "SequencerNotReady" && !hasSequencer;
      if (!isOfSequencer) expect(reasons, reason).to.include(reason);
    }
  });
});
