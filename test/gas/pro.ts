import { loadFixture, takeSnapshot } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import type { ContractTransactionReceipt } from "ethers";
import { ethers } from "hardhat";
import { ORDER_TYPE, ask, bid, cancel, crossScope, setLeverage } from "../dsl/proActions";
import { ProCalls, TASK, keeperItem } from "../dsl/proCalls";
import { singleSignerDeskFixture } from "../fixtures/desk";

/**
 * Pro's operations, as `benchmark.test.ts` measures them. Steady: every account, slot and price was used before, every account has chosen its
 * leverage and holds a position, another maker's orders stand at every price, time has passed since the last touch of the market.
 */

const [BTC, ETH] = [0n, 1n];
/** Makers, each with an account of his own. */
const MAKERS = 50;
/** Lots of an order: 3,000 dollars. */
const LOTS = 50n;
/** Steps between the index and the best prices. */
const DISTANCE = 20n;
const OUTCOME = { reduced: 3n, deleveraged: 5n };

const IOC = { type: ORDER_TYPE.immediateOrCancel };
const POST = { type: ORDER_TYPE.postOnly };

type Context = Awaited<ReturnType<typeof proFixture>>;

/** Makers with positions against the taker, both in BTC, and a book of orders of a further maker at every price used. */
export async function proFixture() {
  const fixture = await loadFixture(singleSignerDeskFixture);
  const desk = new ProCalls(fixture.desk);
  const [maker, taker, other] = (await ethers.getSigners()).slice(12, 15);
  const accounts: bigint[] = [];
  for (let sub = 0n; sub < MAKERS; sub++) {
    const account = await desk.deposit(maker, sub, 50_000n);
    await desk.act(maker, account, [setLeverage(BTC, 20n)]);
    accounts.push(account);
  }
  const takes = await desk.deposit(taker, 0n, 1_000_000n);
  const stands = await desk.deposit(other, 0n, 1_000_000n);
  await desk.fill(other, BTC, 10_000n);
  const context = { ...fixture, pro: desk, maker, taker, other, accounts, takes, stands };
  await refresh(context);
  const best = desk.tickAt(BTC) + DISTANCE;
  for (const account of accounts) {
    await desk.act(maker, account, [ask(best, LOTS)]);
    await desk.act(taker, takes, [bid(best, LOTS, IOC)]);
    await refresh(context);
  }
  await standBehind(context);
  return context;
}

export async function refresh({ pro, taker, takes }: Context, markets = [BTC]): Promise<void> {
  await pro.refresh(taker, takes, markets);
}

/** A further maker's orders at the ten best prices of both sides. */
async function standBehind({ pro, other, stands }: Context): Promise<void> {
  const index = pro.tickAt(BTC);
  const steps = Array.from({ length: 10 }, (_, step) => DISTANCE + BigInt(step));
  const orders = steps.flatMap((step) => [ask(index + step, LOTS), bid(index - step, LOTS)]);
  await pro.act(other, stands, orders);
}

const gasOf = ({ gasUsed }: ContractTransactionReceipt): bigint => gasUsed;

/** Orders of the first makers, in their order: all at one price, or each a step further. */
async function quoteBy(context: Context, count: number, isSpread = false): Promise<void> {
  const { pro, maker, accounts } = context;
  const index = pro.tickAt(BTC);
  for (const [place, account] of accounts.slice(0, count).entries()) {
    if (place % 10 === 9) await refresh(context);
    await pro.act(maker, account, [ask(index + DISTANCE - 1n + (isSpread ? BigInt(place) : 0n), LOTS)]);
  }
}

/** The taker buys what a number of makers have; with a refresh of the market, or right after one. */
async function take(context: Context, orders: number, refreshed: readonly bigint[] = []) {
  const { pro, taker, takes } = context;
  if (refreshed.length === 0) await refresh(context);
  else await context.desk.refresh();
  const limit = pro.tickAt(BTC) + 100n;
  const { receipt, results } = await pro.act(taker, takes, [bid(limit, BigInt(orders) * LOTS, IOC)], refreshed);
  expect(results[0].filled).to.equal(BigInt(orders) * LOTS);
  return gasOf(receipt);
}

async function fromHere<T>(measure: () => Promise<T>): Promise<T> {
  const before = await takeSnapshot();
  const result = await measure();
  await before.restore();
  return result;
}

export function measurePro(record: (name: string, gas: bigint) => void): void {
  it("measures placing and cancelling, one and ten in a call", async () => {
    const context = await loadFixture(proFixture);
    const { pro, maker, accounts } = context;
    const index = pro.tickAt(BTC);
    const ladder = (count: number) =>
      Array.from({ length: count }, (_, place) => {
        const step = DISTANCE + BigInt(place >> 1);
        return place % 2 === 0 ? ask(index + step, LOTS, POST) : bid(index - step, LOTS, POST);
      });
    const round = async (count: number) => {
      await refresh(context);
      const placed = await pro.act(maker, accounts[0], ladder(count));
      await refresh(context);
      const cancelled = await pro.act(
        maker,
        accounts[0],
        placed.results.map(({ orderId }) => cancel(orderId)),
      );
      return { placed: gasOf(placed.receipt), cancelled: gasOf(cancelled.receipt) };
    };
    await round(10);
    const [one, ten] = [await round(1), await round(10)];
    record("proPlace", one.placed);
    record("proCancel", one.cancelled);
    record("proQuote10", ten.placed);
    record("proCancel10", ten.cancelled);
  });

  it("measures taking: one order, ten and fifty of a level, ten levels", async () => {
    const context = await loadFixture(proFixture);
    const quoted = async (count: number, refreshed: readonly bigint[] = [], isSpread = false) =>
      fromHere(async () => {
        await quoteBy(context, count, isSpread);
        return take(context, count, refreshed);
      });
    await quoteBy(context, 1);
    await take(context, 1);
    const one = await quoted(1);
    record("proTake1", one);
    record("proTake1Fresh", await quoted(1, [BTC]));
    record("proTake10", await quoted(10));
    record("proMakerMarginal50", ((await quoted(MAKERS)) - one) / BigInt(MAKERS - 1));
    record("proTakeLevels10", await quoted(10, [], true));
  });

  it("measures what a further market of the taker adds, and a refresh", async () => {
    const context = await loadFixture(proFixture);
    const { desk, pro, other, stands, taker, takes } = context;
    const measure = async () =>
      fromHere(async () => {
        await quoteBy(context, 1);
        await refresh(context, [ETH]);
        return take(context, 1);
      });
    const before = await measure();
    await refresh(context, [BTC, ETH]);
    await pro.act(other, stands, [ask(pro.tickAt(ETH), 1_000n, { market: ETH })]);
    await pro.act(taker, takes, [bid(pro.tickAt(ETH), 1_000n, { market: ETH, ...IOC })]);
    record("proMarketMarginal", (await measure()) - before);
    await desk.refresh();
    record("proRefresh", gasOf((await pro.act(taker, takes, [], [BTC])).receipt));
  });

  it("measures a step of a liquidation into five makers, and candidates of a deleveraging", async () => {
    const context = await loadFixture(proFixture);
    const { desk, pro, keeper, maker, accounts } = context;
    const scope = await victim(context);
    await pro.deposit(keeper, 0n, 100n);
    const price = desk.priceOf("BTC");
    await desk.setPrice("BTC", (price * 9_500n) / 10_000n);
    await refresh(context);
    const index = pro.tickAt(BTC);
    await fromHere(async () => {
      for (const account of accounts.slice(0, 5)) await pro.act(maker, account, [bid(index, 200n)]);
      await desk.refresh();
      const step = keeperItem(TASK.liquidate, { scope, market: BTC, amount: 100n });
      const { receipt, results } = await pro.run(keeper, [step], [BTC]);
      expect(results.map(({ outcome }) => outcome)).to.deep.equal([OUTCOME.reduced]);
      record("proLiquidate", gasOf(receipt));
    });
    record("proAdl", await deleveraged(context, scope));
  });
}

/** A scope that is long 1,000 lots at 20 times its cash. */
async function victim({ desk, pro, other, stands }: Context): Promise<bigint> {
  const [signer] = (await ethers.getSigners()).slice(15, 16);
  const account = await pro.deposit(signer, 0n, 3_100n);
  await desk.refresh();
  const at = pro.tickAt(BTC);
  await pro.act(other, stands, [ask(at, 1_000n)], [BTC]);
  const { results } = await pro.act(signer, account, [bid(at, 1_000n, IOC)]);
  expect(results[0].filled).to.equal(1_000n);
  const resting = await desk.system.proLens.ordersOf(pro.pro, stands, BTC);
  await pro.act(
    other,
    stands,
    resting.map(({ id }) => cancel(id)),
  );
  return crossScope(account);
}

/** What a further candidate of a batch adds: no bids, distress for long enough, then six against one. */
async function deleveraged(context: Context, scope: bigint): Promise<bigint> {
  const { desk, pro, keeper, accounts } = context;
  const step = keeperItem(TASK.liquidate, { scope, market: BTC, amount: 100n });
  await desk.refresh();
  await pro.run(keeper, [step], [BTC]);
  for (let waited = 0; waited < 100; waited += 20) {
    await desk.warp(20);
    await desk.refresh();
    const candidate = keeperItem(TASK.deleverage, { scope, market: BTC, other: accounts[40] });
    if (waited < 80) await pro.run(keeper, [step, candidate], [BTC]);
  }
  const batch = async (first: number, count: number) =>
    fromHere(async () => {
      const items = accounts
        .slice(first, first + count)
        .map((account) => keeperItem(TASK.deleverage, { scope, market: BTC, other: account }));
      const { receipt, results } = await pro.run(keeper, items, [BTC]);
      expect(results.map(({ outcome }) => outcome)).to.deep.equal(items.map(() => OUTCOME.deleveraged));
      return gasOf(receipt);
    });
  return ((await batch(0, 6)) - (await batch(0, 1))) / 5n;
}
