import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import fc from "fast-check";
import { DEFAULT_PRICES } from "../../kit/replica";
import { confirmed } from "../../kit/desk/Desk";
import { executionFeeTokens, gainCap, max, min, toTokensUp, toUsdDown } from "../../sdk/model";
import type { TokenQuote } from "../../sdk/model";
import { PIPS } from "../../sdk/units";
import { Budget } from "../dsl/budget";
import { moved, report, withRefresher } from "../invariant/world";
import { keeperFixture, requestCloses, requestOpens } from "../unit/keeper/fixture";
import type { WalletOrder } from "../unit/keeper/fixture";

const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
const RUNS = Number(process.env.FUZZ_RUNS ?? 8);
const SECONDS = Number(process.env.FUZZ_SECONDS ?? 4);
const PARAMETERS = { seed: SEED, numRuns: RUNS };

async function roundTripFixture() {
  return withRefresher(await loadFixture(keeperFixture));
}

type Context = Awaited<ReturnType<typeof roundTripFixture>>;

/** A book and what the orders of a case have in common. */
interface Case {
  mode: "standard" | "degen";
  asset: "BTC" | "ETH";
  leverage: number;
  token: number;
  cents: number;
  isLong: boolean;
  /** The owner executes for himself. */
  isOwn: boolean;
}

/** An order of a sequence, and how long is waited after its round trip. */
interface Order {
  isLong: boolean;
  cents: number;
  wait: number;
}

/** What the wallet has of a token, claims included. */
async function wealth({ replica, vault, wallet }: Context, symbol: string): Promise<bigint> {
  const token = replica.token(symbol);
  return (await token.balanceOf(wallet)) + (await vault.claimableOf(token, wallet));
}

function bookOf({ profile }: Context, { mode, asset }: Case) {
  const market = profile.markets.find(({ assetKey }) => assetKey === asset);
  const book = market?.books.find((candidate) => candidate.mode === mode);
  if (book === undefined) throw new Error(`no ${mode} book of ${asset}`);
  return book;
}

function tokenOf({ profile }: Context, { token }: Case): { symbol: string; quote: TokenQuote } {
  const { symbol, decimals, assetKey } = profile.tokens[token % profile.tokens.length];
  return { symbol, quote: { decimals, price: DEFAULT_PRICES[assetKey] } };
}

/** The leverage of a case, brought into its book's range. */
function leverageOf(context: Context, wanted: Case): number {
  const { minLeverage, maxLeverage } = bookOf(context, wanted);
  return minLeverage + (wanted.leverage % (maxLeverage - minLeverage + 1));
}

function amountOf(context: Context, wanted: Case): bigint {
  return toTokensUp(BigInt(wanted.cents) * 10n ** 16n, tokenOf(context, wanted).quote);
}

/** Executes with the first tick at the target; by the wallet itself or by a keeper. */
async function settle(context: Context, wanted: Case, ids: readonly bigint[], target: number, price: bigint) {
  const { desk, executor, keeper, trading, wallet } = context;
  await desk.warpTo(target + 1);
  await report(context, (asset) => (asset === wanted.asset ? price : DEFAULT_PRICES[asset]));
  const proofs = [desk.firstTick(wanted.asset, target, { price })];
  const items = ids.map((tradeId) => ({ tradeId, tickIndex: 0 }));
  const value = await desk.updateFee(proofs);
  if (!wanted.isOwn) {
    await confirmed(executor.connect(keeper).execute(trading, proofs, items, { value }));
    return;
  }
  const to = await trading.getAddress();
  const data = executor.interface.encodeFunctionData("execute", [to, proofs, items]);
  await confirmed(wallet.execute(executor, value, data, { value }));
}

/** Orders of one case that share its book: opened at the default price and closed at another, each in one batch. */
async function roundTrip(context: Context, wanted: Case, orders: WalletOrder[], exit: bigint) {
  const { trading, tradingRecords } = context;
  const { symbol } = tokenOf(context, wanted);
  const { mode, asset } = wanted;
  const leverage = leverageOf(context, wanted);
  const before = await wealth(context, symbol);
  const all = orders.map((order) => ({ leverage, mode, asset, token: symbol, ...order }));
  const { ids, target } = await requestOpens(context, all);
  await settle(context, wanted, ids, target, DEFAULT_PRICES[asset]);
  const statuses = await Promise.all(ids.map((id) => trading.statusOf(id)));
  const positions = await Promise.all(ids.map((id) => tradingRecords.position(id)));
  const open = ids.filter((_, index) => statuses[index] === 3n);
  if (open.length > 0) {
    await requestCloses(context, open);
    const closeTarget = (await context.desk.now()) + context.desk.delayOf(mode);
    await settle(context, wanted, open, closeTarget, exit);
  }
  for (const id of ids) expect(await trading.statusOf(id)).to.equal(0n);
  const isOpened = open.length === ids.length;
  return { change: (await wealth(context, symbol)) - before, positions, isOpened };
}

/** The least that opening and closing a position at its entry costs: open fee, close fee, and each execution by another. */
function leastFees(context: Context, wanted: Case, amount: bigint, margin: bigint, notional: bigint): bigint {
  const { quote } = tokenOf(context, wanted);
  const fee = executionFeeTokens(context.profile.execution.executionFeeUsd, quote);
  const openFee = amount - fee - margin;
  // The close notional is a little less for a long: slippage, twice.
  const { closeFeePips, slippagePips } = bookOf(context, wanted);
  const closeNotional = (notional * (PIPS - 3n * BigInt(slippagePips))) / PIPS;
  const closeFee =
    (closeNotional * BigInt(closeFeePips) * 10n ** BigInt(quote.decimals)) / PIPS / (quote.price * 10n ** 8n);
  const executions = wanted.isOwn ? 0n : fee;
  return openFee + executions + min(margin, closeFee + executions);
}

const book = fc.constantFrom<Pick<Case, "mode" | "asset">[]>(
  { mode: "standard", asset: "BTC" },
  { mode: "degen", asset: "BTC" },
  { mode: "standard", asset: "ETH" },
);

const anyCase: fc.Arbitrary<Case> = fc
  .record({
    book,
    leverage: fc.nat(2_000),
    token: fc.nat(20),
    cents: fc.integer({ min: 1_000, max: 100_000 }),
    isLong: fc.boolean(),
    isOwn: fc.boolean(),
  })
  .map(({ book: { mode, asset }, ...rest }) => ({ mode, asset, ...rest }));

const load = () => loadFixture(roundTripFixture);

describe("Round trips", () => {
  before(async () => {
    console.log(`      seed ${SEED}, at most ${RUNS} runs or ${SECONDS} s each`);
    await load();
  });

  it("I6: opening and closing at one price loses at least the least fees, in every mode", async () => {
    await fc.assert(
      fc.asyncProperty(
        anyCase,
        new Budget(SECONDS).bound(async (wanted: Case) => {
          const context = await load();
          const amount = amountOf(context, wanted);
          const orders = [{ amount, isLong: wanted.isLong }];
          const { change, positions, isOpened } = await roundTrip(
            context,
            wanted,
            orders,
            DEFAULT_PRICES[wanted.asset],
          );
          if (!isOpened) {
            expect(change <= 0n).to.equal(true);
            return;
          }
          const [{ margin, size, entry }] = positions;
          expect(-change >= leastFees(context, wanted, amount, margin, size * entry), `lost ${-change}`).to.equal(true);
          expect(-change <= amount).to.equal(true);
        }),
      ),
      PARAMETERS,
    );
  });

  it("I7: an order in parts is no larger than the whole, and leaves no more", async () => {
    const parts = fc.integer({ min: 2, max: 5 });
    await fc.assert(
      fc.asyncProperty(
        anyCase,
        parts,
        fc.integer({ min: -400, max: 400 }),
        new Budget(SECONDS).bound(async (wanted: Case, count: number, movePips: number) => {
          const fixture = await load();
          const { quote } = tokenOf(fixture, wanted);
          const fee = executionFeeTokens(fixture.profile.execution.executionFeeUsd, quote);
          // Every part is large enough for the least margin and notional, and pays its own execution.
          const large = { ...wanted, cents: wanted.cents * 10, leverage: max(BigInt(wanted.leverage), 40n) };
          const common = { ...large, leverage: Number(large.leverage), isOwn: true };
          const part = amountOf(fixture, common) / BigInt(count);
          const whole = part * BigInt(count) - fee * BigInt(count - 1);
          const exit = moved(DEFAULT_PRICES[wanted.asset], movePips);
          const { isLong } = wanted;
          const inParts = await roundTrip(
            fixture,
            common,
            Array<WalletOrder>(count).fill({ amount: part, isLong }),
            exit,
          );
          const atOnce = await roundTrip(await load(), common, [{ amount: whole, isLong }], exit);
          if (!inParts.isOpened || !atOnce.isOpened) return;
          const sum = (values: bigint[]) => values.reduce((total, value) => total + value, 0n);
          expect(sum(inParts.positions.map(({ margin }) => margin))).to.be.at.most(atOnce.positions[0].margin);
          expect(sum(inParts.positions.map(({ size }) => size))).to.be.at.most(atOnce.positions[0].size);
          // A smaller size loses less: by the worth of the units of size that each part rounds away.
          const rounding = toTokensUp(BigInt(count) * exit, quote);
          expect(inParts.change <= atOnce.change + rounding, `${inParts.change} and ${atOnce.change}`).to.equal(true);
        }),
      ),
      PARAMETERS,
    );
  });

  it("I5: at a constant price nobody's wealth rises, whatever he opens and closes, and for whomever he executes", async () => {
    const order = fc.record({
      isLong: fc.boolean(),
      cents: fc.integer({ min: 500, max: 60_000 }),
      wait: fc.nat(20_000),
    });
    await fc.assert(
      fc.asyncProperty(
        anyCase,
        fc.array(order, { minLength: 2, maxLength: 4 }),
        new Budget(SECONDS).bound(async (wanted: Case, orders: Order[]) => {
          const context = await load();
          const { symbol } = tokenOf(context, wanted);
          const start = await wealth(context, symbol);
          let hasTraded = false;
          for (const { isLong, cents, wait } of orders) {
            const amount = amountOf(context, { ...wanted, cents });
            const before = await wealth(context, symbol);
            // Both sides at once: what the lighter one receives, the heavier one owes.
            const pair = [
              { amount, isLong },
              { amount: amount / 2n + 1n, isLong: !isLong },
            ];
            const { isOpened } = await roundTrip(context, wanted, pair, DEFAULT_PRICES[wanted.asset]);
            hasTraded ||= isOpened;
            expect((await wealth(context, symbol)) <= before).to.equal(true);
            await context.desk.warp(wait + 1);
          }
          // Orders that are all refused cost nothing to whoever executes them himself.
          const end = await wealth(context, symbol);
          expect(hasTraded ? end < start : end <= start).to.equal(true);
        }),
      ),
      PARAMETERS,
    );
  });

  it("F05/A06: long and short of one size at 1001x lose the least fees, and win by a jump only what the cap is worth", async () => {
    const move = fc.oneof(fc.integer({ min: -1_000, max: 1_000 }), fc.integer({ min: -9_000, max: 9_000 }));
    await fc.assert(
      fc.asyncProperty(
        anyCase,
        move,
        new Budget(SECONDS).bound(async (anything: Case, movePips: number) => {
          const context = await load();
          const wanted: Case = { ...anything, mode: "degen", asset: "BTC", leverage: 501 };
          const amount = amountOf(context, wanted);
          const exit = moved(DEFAULT_PRICES.BTC, movePips);
          const orders = [true, false].map((isLong) => ({ amount, isLong }));
          const { change, positions, isOpened } = await roundTrip(context, wanted, orders, exit);
          if (!isOpened) return;
          const { quote } = tokenOf(context, wanted);
          const [{ margin, entry, size }] = positions;
          const loss = toTokensUp(size * (entry > exit ? entry - exit : exit - entry), quote);
          if (loss <= margin) {
            // Nothing is lost beyond a margin: the vault has nothing to add to what one side wins from the other.
            const { closeFeePips } = bookOf(context, wanted);
            const least = toTokensUp((size * exit * BigInt(closeFeePips)) / PIPS, quote);
            expect(-change >= least, `${change} at ${movePips}`).to.equal(true);
          }
          const book = bookOf(context, wanted);
          const cap = gainCap(margin, BigInt(book.tiers[book.tiers.length - 1].profitCapPips));
          expect(change <= cap - margin).to.equal(true);
          // What the vault can lose this way in an hour is its budget and one more win.
          const budget = book.lossBudgetUsd + toUsdDown(cap, quote);
          const { lossNano } = await context.tradingRecords.bookState(context.desk.bookId("BTC", "degen"));
          expect(lossNano * 10n ** 9n <= budget).to.equal(true);
        }),
      ),
      PARAMETERS,
    );
  });
});
