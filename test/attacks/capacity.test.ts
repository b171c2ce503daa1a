import { loadFixture, takeSnapshot } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { fundPlayer, requestBet } from "../../kit/desk/bets";
import type { Pending } from "../../kit/desk/Desk";
import { ORDERS_PER_CAP, gainCap } from "../../sdk/model";
import { X18, px } from "../../sdk/units";
import { quickRolesDeskFixture } from "../fixtures/trading";
import { executeAt, modelOpening, openPosition } from "../unit/trading/setup";
import { expectBalanced } from "./support";

const START = px("60000");
const CAP_USD = 100_000n;
const QUARTER = (CAP_USD * X18) / ORDERS_PER_CAP;
/** About 24,000 USD at 1001x: a little less than one order may be. */
const WHOLE = 24n;

type Context = Awaited<ReturnType<typeof start>>;

/** A Degen book of BTC whose cap was cut. */
async function start() {
  const fixture = await loadFixture(quickRolesDeskFixture);
  const { desk, trading, tradingRecords, tradingConfigurator, guardian } = fixture;
  await desk.setPrice("BTC", START);
  const bookId = desk.bookId("BTC", "degen");
  const { lossBudgetUsd } = (await tradingRecords.bookConfig(bookId))[0];
  await tradingConfigurator.connect(guardian).cutCaps(trading, bookId, CAP_USD, lossBudgetUsd);
  await desk.refresh();
  return { ...fixture, bookId, amount: desk.tokenUnits("USDT", WHOLE) };
}

/** Orders requested one after another; what executing them needs, in whatever order. */
async function requested(context: Context, sides: readonly boolean[], amount = context.amount) {
  const pending: Pending[] = [];
  for (const isLong of sides) pending.push(await context.desk.requestOpen(context.trader, { isLong, amount }));
  const at = pending[pending.length - 1].target + 1;
  const proofs = pending.map(({ target }) => context.desk.firstTick("BTC", target));
  const ids = pending.map(({ id }) => id);
  /** Their owner executes them himself, the tick of each known. */
  const execute = async (order: readonly number[]): Promise<string[]> => {
    const { outcomes } = await executeAt(
      context,
      at,
      order.map((index) => ids[index]),
      proofs,
      { ticks: order, by: context.trader },
    );
    const byIndex: string[] = [];
    for (const [place, index] of order.entries()) byIndex[index] = outcomes[place];
    return byIndex;
  };
  return { ids, execute, at };
}

async function openInterest({ tradingRecords, bookId }: Context, isLong: boolean): Promise<bigint> {
  return (await tradingRecords.bookSide(bookId, isLong)).notional;
}

describe("attacks: what orders compete for", () => {
  it("A30: of a straddle that competes for open interest its owner shuts out a quarter of the cap at most", async () => {
    const context = await start();
    const { amount } = context;
    const { notional } = modelOpening(context, { amount });
    expect(notional <= QUARTER && notional * 5n > CAP_USD * X18 && notional * 4n < CAP_USD * X18).to.equal(true);
    // Three of four parts of the long side are taken.
    for (let index = 0; index < 3; ++index) await openPosition(context, { amount });
    const room = CAP_USD * X18 - (await openInterest(context, true));
    // A long and a short, and another long to push the first out with once the price is known.
    const { execute } = await requested(context, [true, false, true]);
    const snapshot = await takeSnapshot();
    const [kept, shut] = [await execute([0, 1, 2]), await snapshot.restore().then(() => execute([2, 1, 0]))];
    expect(kept).to.deep.equal(["Opened", "Opened", "Refused OpenInterestFull"]);
    expect(shut).to.deep.equal(["Refused OpenInterestFull", "Opened", "Opened"]);
    // One long is open in either case, the other shut out: no more than an order may be, and than there was room for.
    expect(notional <= QUARTER && notional <= room).to.equal(true);
    expect(await openInterest(context, true)).to.equal(4n * notional);
    await expectBalanced(context.desk);
  });

  it("A30: an order beyond a quarter of the cap competes for nothing, it is refused whatever the price", async () => {
    const context = await start();
    const { desk } = context;
    const { execute } = await requested(context, [true, false], desk.tokenUnits("USDT", 26n));
    expect(await execute([1, 0])).to.deep.equal(["Refused OpenInterestFull", "Refused OpenInterestFull"]);
  });

  it("A30: in whatever order several are executed, a side ends within one order of its cap", async () => {
    const context = await start();
    const { notional } = modelOpening(context, { amount: context.amount });
    const { execute } = await requested(context, [true, true, true, true, true, true]);
    const snapshot = await takeSnapshot();
    for (const order of [
      [0, 1, 2, 3, 4, 5],
      [5, 4, 3, 2, 1, 0],
      [2, 0, 5, 1, 4, 3],
    ]) {
      await snapshot.restore();
      const outcomes = await execute(order);
      expect(outcomes.filter((outcome) => outcome === "Opened")).to.have.lengthOf(4);
      expect(outcomes.filter((outcome) => outcome === "Refused OpenInterestFull")).to.have.lengthOf(2);
      const taken = await openInterest(context, true);
      expect(taken).to.equal(4n * notional);
      // What all of them together may shut out is the room there was.
      expect(taken <= CAP_USD * X18 && taken + QUARTER >= CAP_USD * X18).to.equal(true);
    }
  });

  it("A30: of a straddle that competes for the reserve its owner shuts out one order", async () => {
    const context = await start();
    const { vault, replica, quickRiskManager, amount } = context;
    const token = replica.token("USDT");
    const { margin, profitCapPips, notional } = modelOpening(context, { amount });
    const { liquidity } = await vault.ledger(token);
    // Room for one such reserve and no second.
    const pips = (gainCap(margin, profitCapPips) * 1_500_000n) / liquidity;
    await vault.connect(quickRiskManager).setMaxUtilization(token, pips);
    const { execute } = await requested(context, [true, false]);
    const snapshot = await takeSnapshot();
    expect(await execute([0, 1])).to.deep.equal(["Opened", "Refused ReserveFull"]);
    await snapshot.restore();
    expect(await execute([1, 0])).to.deep.equal(["Refused ReserveFull", "Opened"]);
    expect(notional <= QUARTER).to.equal(true);
    await expectBalanced(context.desk);
  });

  it("A30: a bet that takes the reserve shuts out one order, and holds as much itself", async () => {
    const context = await start();
    const { desk, vault, replica, quickRiskManager, trader, amount, prediction } = context;
    const token = replica.token("USDT");
    const { margin, profitCapPips, notional } = modelOpening(context, { amount });
    const reserve = gainCap(margin, profitCapPips);
    const { liquidity } = await vault.ledger(token);
    const pips = (reserve * 1_500_000n) / liquidity;
    await vault.connect(quickRiskManager).setMaxUtilization(token, pips);
    await fundPlayer(desk, trader, "USDT", desk.tokenUnits("USDT", 1_000n));
    const { execute } = await requested(context, [true]);
    const snapshot = await takeSnapshot();
    expect(await execute([0])).to.deep.equal(["Opened"]);
    await snapshot.restore();
    await requestBet(desk, trader, { stake: desk.tokenUnits("USDT", 60n) });
    expect(await execute([0])).to.deep.equal(["Refused ReserveFull"]);
    const { reserved } = await vault.productLedger(prediction, token);
    const limit = (liquidity * pips) / 1_000_000n;
    expect(reserved + reserve > limit && reserved > limit - reserve).to.equal(true);
    expect(notional <= QUARTER).to.equal(true);
  });

  it("A30: a close of its owner's that spends the budget shuts out what opens after it, at the price of that win", async () => {
    const context = await start();
    const { desk, trading, tradingRecords, trader, tradingConfigurator, guardian, bookId, amount } = context;
    const winner = await openPosition(context, { amount });
    // A win at the cap is about 72 USD.
    await tradingConfigurator.connect(guardian).cutCaps(trading, bookId, CAP_USD, 40);
    await desk.setPrice("BTC", px("60300"));
    const close = await desk.requestClose(trader, winner.id);
    const { ids, at } = await requested(context, [true, false]);
    const proofs = [desk.firstTick("BTC", close.target)];
    for (const id of ids) {
      const target = Number((await tradingRecords.order(id)).requestedAt) + desk.delayOf("degen");
      proofs.push(desk.firstTick("BTC", target));
    }
    const all = [winner.id, ...ids];
    const snapshot = await takeSnapshot();
    const run = async (order: readonly number[]) => {
      await snapshot.restore();
      const batch = order.map((index) => all[index]);
      return (await executeAt(context, at, batch, proofs, { ticks: order, by: trader })).outcomes;
    };
    expect(await run([1, 2, 0])).to.deep.equal(["Opened", "Opened", "Closed"]);
    expect(await run([1, 0, 2])).to.deep.equal(["Opened", "Closed", "Refused LossBudgetSpent"]);
    expect(await run([0, 1, 2])).to.deep.equal(["Closed", "Refused LossBudgetSpent", "Refused LossBudgetSpent"]);
    // It is spent for everybody: nothing opens until it has drained.
    const { lossNano } = await tradingRecords.bookState(bookId);
    expect(lossNano > 40n * 10n ** 9n).to.equal(true);
    expect(modelOpening(context, { amount }).notional <= QUARTER).to.equal(true);
  });
});
