import { takeSnapshot } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import fc from "fast-check";
import { px } from "../../sdk/units";
import { executeAt, liquidateAt, settleAtTarget, start } from "../unit/trading/setup";
import type { Fixture } from "../unit/trading/setup";
import { expectBalanced } from "./support";

const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
const START = px("60000");
const DEGEN_BOOK = 1;
const CAP_USD = 700_000n;

interface Opened {
  id: bigint;
  isLong: boolean;
}

/** Positions of both sides, opened in one block at one tick. */
async function openAll(fixture: Fixture, orders: readonly { isLong: boolean; whole: bigint }[]): Promise<Opened[]> {
  const { desk, trader } = fixture;
  await desk.setPrice("BTC", START);
  const pending = [];
  for (const { isLong, whole } of orders) {
    pending.push(await desk.requestOpen(trader, { isLong, amount: desk.tokenUnits("USDT", whole) }));
  }
  const last = pending[pending.length - 1].target;
  await desk.warpTo(last);
  await desk.refresh();
  const proofs = pending.map(({ target }) => desk.firstTick("BTC", target));
  const ids = pending.map(({ id }) => id);
  const ticks = ids.map((_, index) => index);
  const { outcomes } = await executeAt(fixture, (await desk.now()) + 1, ids, proofs, { ticks });
  expect(new Set(outcomes)).to.deep.equal(new Set(["Opened"]));
  return orders.map(({ isLong }, index) => ({ id: ids[index], isLong }));
}

/** Asks for all closes; what executing them in one block needs. */
async function closing(fixture: Fixture, opened: readonly Opened[], price: bigint) {
  const { desk, trader } = fixture;
  await desk.setPrice("BTC", price);
  const targets = new Map<bigint, number>();
  for (const { id } of opened) targets.set(id, (await desk.requestClose(trader, id)).target);
  const at = Math.max(...targets.values()) + 2;
  await desk.warpTo(at - 1);
  await desk.refresh();
  const ids = opened.map(({ id }) => id);
  const proofs = ids.map((id) => desk.firstTick("BTC", targets.get(id) ?? 0));
  return { ids, proofs, at: (await desk.now()) + 1 };
}

async function budgetOf(fixture: Fixture, usd: bigint): Promise<void> {
  const { trading, tradingConfigurator, guardian } = fixture;
  await tradingConfigurator.connect(guardian).cutCaps(trading, DEGEN_BOOK, CAP_USD, usd);
}

const lossOf = async ({ tradingRecords }: Fixture) => (await tradingRecords.bookState(DEGEN_BOOK)).lossNano;

describe("attacks: the loss budget", () => {
  before(() => console.log(`      seed ${SEED}`));

  it("A33: gains and losses closed in any order within a block leave the same loss", async () => {
    const fixture = await start();
    // Small enough that a credit of the budget holds all that may be lost.
    const opened = await openAll(
      fixture,
      [30n, 70n, 110n, 40n, 90n, 60n].map((whole, index) => ({ isLong: index % 2 === 0, whole })),
    );
    const batch = await closing(fixture, opened, px("60015"));
    const snapshot = await takeSnapshot();
    const indexes = opened.map((_, index) => index);
    const run = async (order: readonly number[]): Promise<bigint> => {
      await snapshot.restore();
      const { outcomes } = await executeAt(
        fixture,
        batch.at,
        order.map((index) => batch.ids[index]),
        batch.proofs,
        { ticks: order },
      );
      expect(new Set(outcomes)).to.deep.equal(new Set(["Closed"]));
      return lossOf(fixture);
    };
    const expected = await run(indexes);
    const shuffle = fc.shuffledSubarray(indexes, { minLength: indexes.length });
    const property = fc.asyncProperty(shuffle, async (order) => {
      expect(await run(order), order.join()).to.equal(expected);
    });
    await fc.assert(property, { seed: SEED, numRuns: 12 });
    await expectBalanced(fixture.desk);
  });

  it("A33: a straddle closed losers first halts the book no more than one closed winners first", async () => {
    const fixture = await start();
    const { desk } = fixture;
    // A gain of three margins and a margin kept are two; a budget between two and three.
    const whole = 150n;
    const opened = await openAll(fixture, [
      { isLong: true, whole },
      { isLong: false, whole },
    ]);
    await budgetOf(fixture, 375n);
    const batch = await closing(fixture, opened.slice(0, 1), px("60300"));
    const snapshot = await takeSnapshot();
    const tick = () => desk.anyTick("BTC", batch.at - 1, { price: px("60300") });
    const liquidate = (at: number) => liquidateAt(fixture, at, [opened[1].id], [tick()]);
    const close = (at: number) => executeAt(fixture, at, batch.ids, batch.proofs);

    const losses: bigint[] = [];
    for (const order of [
      [liquidate, close],
      [close, liquidate],
    ]) {
      await snapshot.restore();
      expect((await order[0](batch.at)).outcomes).to.deep.equal([order[0] === close ? "Closed" : "Liquidated"]);
      expect((await order[1](batch.at + 1)).outcomes).to.deep.equal([order[1] === close ? "Closed" : "Liquidated"]);
      losses.push(await lossOf(fixture));
      const pending = await desk.requestOpen(fixture.trader);
      expect((await settleAtTarget(fixture, pending)).outcomes).to.deep.equal(["Opened"]);
    }
    // Nothing but a second's fading and draining lies between them: 375 USD over 600 s, and over 3600.
    const [losersFirst, winnersFirst] = losses;
    const second = (375n * 10n ** 9n) / 600n + (375n * 10n ** 9n) / 3_600n + 2n;
    expect(losersFirst - winnersFirst <= second && winnersFirst - losersFirst <= second).to.equal(true);
    // Without the margin kept it would be spent: that is what the budget stood between.
    expect(losersFirst > 0n && losersFirst <= 375n * 10n ** 9n).to.equal(true);
    expect(losersFirst + (whole * 95n * 10n ** 9n) / 100n > 375n * 10n ** 9n).to.equal(true);
  });

  it("A33: what is kept buys room for an equal loss, at most the budget, and for ten minutes", async () => {
    const fixture = await start();
    const { desk } = fixture;
    const budgetNano = 400n * 10n ** 9n;
    await budgetOf(fixture, 400n);
    for (let index = 0; index < 4; ++index) {
      const [{ id }] = await openAll(fixture, [{ isLong: true, whole: 170n }]);
      await desk.setPrice("BTC", px("59950"));
      await desk.refresh();
      const now = await desk.now();
      expect((await liquidateAt(fixture, now + 1, [id], [desk.anyTick("BTC", now)])).outcomes).to.deep.equal([
        "Liquidated",
      ]);
    }
    expect(await lossOf(fixture)).to.equal(-budgetNano);
    await desk.warp(299);
    expect((await lossOf(fixture)) < 0n).to.equal(true);
    await desk.warp(302);
    expect(await lossOf(fixture)).to.equal(0n);
  });
});
