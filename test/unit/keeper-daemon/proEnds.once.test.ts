import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import type { Connection } from "../../../sdk/connection";
import type { ProBoard } from "../../../keeper/pro/ProBoard";
import { TASK } from "../../../keeper/pro/calls";
import { passingsOf } from "../../../keeper/pro/passings";
import { lossPerLot } from "../../../sdk/model/pro";
import { px } from "../../../sdk/units";
import { describeBoundedGas } from "../../dsl/instrumented";
import { stageOf, withoutTips } from "../../dsl/keeperStage";
import type { Stage } from "../../dsl/keeperStage";
import { ORDER_TYPE, ask, bid, refresh as refreshWord } from "../../dsl/proActions";
import { cashOf, positionOf, refresh, thinFixture } from "../../dsl/triggerDesk";
import type { TriggerDesk } from "../../dsl/triggerDesk";

/** Gas of the embedded chain is far dearer than that of the chains themselves. */
const COSTS = { fees: { minProfitUsd: "-1", dutyUsd: "1" }, pro: { dutyUsd: "1" } };
const IOC = { type: ORDER_TYPE.immediateOrCancel };
const USD = 10n ** 18n;
const LOTS = 1_000n;
/** `OrderEnd` of the contracts. */
const END = { stretched: 9n, liquidated: 10n };

const mined = ({ lines }: Stage): string[] =>
  lines.filter(({ msg }) => msg === "mined").map(({ key, outcome }) => [key, outcome].map(String).join(" "));

/** A third trader with so many dollars; his account. */
async function third({ desk, pro, profile, stranger }: TriggerDesk, dollars: bigint): Promise<bigint> {
  const symbol = profile.pro.settlementSymbol;
  const units = desk.tokenUnits(symbol, dollars);
  await desk.replica.mintToken(symbol, stranger.address, units);
  await desk.replica.token(symbol).connect(stranger).approve(pro, units);
  await pro.connect(stranger).deposit(stranger, 0, units);
  return pro.accountOf(stranger, 0);
}

async function turns({ desk }: TriggerDesk, stage: Stage, count: number, seconds: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) {
    await desk.warp(seconds);
    await stage.second();
    await stage.rounds(2);
  }
}

describeBoundedGas("Keeper where the order book ends", () => {
  it("has the other side bear a loss once no winner's gain covers it, after the threshold is gone, once", async () => {
    const context = await loadFixture(thinFixture);
    const { desk, pro, proLens, other, others, stranger, traders } = context;
    const thirds = await third(context, 100_000n);
    // Beyond the bankruptcy price of 56,500 somebody takes the short over: what he gains never covers the deficit.
    await desk.setPrice("BTC", px("56300"));
    await refresh(context);
    await pro.connect(other).act(others, [], [bid(56_300n, LOTS)]);
    await pro.connect(stranger).act(thirds, [], [ask(56_300n, LOTS, IOC)]);
    await desk.setPrice("BTC", px("55000"));
    const before = { bearer: await cashOf(context, thirds), owner: await cashOf(context, traders) };
    const stage = await stageOf(desk, COSTS);
    await turns(context, stage, 5, 8);
    expect(await positionOf(context)).to.equal(LOTS);
    await turns(context, stage, 2, 8);
    const scope = traders << 8n;
    expect(mined(stage).at(-1)).to.equal(`pro scope ${scope} LossShared`);
    const told = await pro.queryFilter(pro.filters.LossShared(scope));
    expect(told.length).to.equal(1);
    const { deficit, perLot } = told[0].args;
    // 5,000 were lost over 3,500, and a little funding.
    expect(deficit).to.be.within(1_500n * USD - USD, 1_500n * USD + USD);
    expect(perLot).to.equal(lossPerLot(deficit, LOTS));
    const [began] = (await pro.queryFilter(pro.filters.DistressNoted(scope))).filter(({ args }) => args.adlSince > 0n);
    expect((await told[0].getBlock()).timestamp - Number(began.args.adlSince)).to.be.within(45, 54);
    expect(await pro.queryFilter(pro.filters.Deleveraged(scope))).to.deep.equal([]);
    // Nothing is left of either, and he who bore it has his gain of 1,300 less the whole loss.
    expect(await positionOf(context)).to.equal(0n);
    expect(await cashOf(context, traders)).to.be.within(0n, 1n);
    expect((await proLens.health(pro, thirds << 8n)).positions).to.deep.equal([]);
    const borne = before.bearer + 1_300n * USD - (await cashOf(context, thirds));
    expect(borne).to.be.within(deficit - USD, deficit + USD);
    await turns(context, stage, 1, 8);
    expect((await pro.queryFilter(pro.filters.LossShared(scope))).length).to.equal(1);
    expect(stage.keeper.status.pro).to.include({ scopes: 0, due: 0 });
  });

  it("takes the orders of stretched scopes off, with or without a position, after their prices, for 0.02 each", async () => {
    const context = await loadFixture(thinFixture);
    const { desk, pro, proLens, stranger, trader, traders } = context;
    const thirds = await third(context, 300n);
    const stage = await stageOf(desk, { provider: withoutTips(), fees: { minProfitUsd: "0" } });
    await pro.connect(trader).act(traders, [], [bid(57_000n, 60n), bid(56_000n, 40n)]);
    await pro.connect(stranger).act(thirds, [], [bid(60_000n, 80n)]);
    await turns(context, stage, 1, 2);
    expect(mined(stage)).to.deep.equal([]);
    await desk.setPrice("BTC", px("56900"));
    await refresh(context);
    // Nobody brought a price since.
    await turns(context, stage, 1, 10);
    await turns(context, stage, 1, 1);
    await stage.rounds(1);
    const [first, second] = [traders << 8n, thirds << 8n];
    expect(mined(stage)).to.have.members([
      "pro markets 0 prices Refreshed",
      `pro stretched ${first} Cancelled`,
      `pro stretched ${second} Cancelled`,
    ]);
    const removed = await pro.queryFilter(pro.filters.OrderRemoved());
    expect(removed.map(({ args }) => args.end)).to.deep.equal([END.stretched, END.stretched, END.stretched]);
    for (const account of [traders, thirds]) expect(await proLens.ordersOf(pro, account, 0)).to.deep.equal([]);
    const keeper = await pro.accountOf(stage.wallet.address, 0);
    const paid = await pro.queryFilter(pro.filters.KeeperPaid(keeper));
    expect(paid.map(({ args }) => [args.fromScope, args.amount])).to.have.deep.members([
      [first, USD / 25n],
      [second, USD / 50n],
    ]);
    // Of him who still holds something nothing else was touched.
    expect(await positionOf(context)).to.equal(LOTS);
  });

  it("liquidates a scope that has an order in a market whose price is old", async () => {
    const context = await loadFixture(thinFixture);
    const { desk, pro, other, others, trader, traders } = context;
    const now = await desk.now();
    const proofs = [desk.anyTick("BTC", now), desk.anyTick("ETH", now)];
    const words = [refreshWord(0n, 0n), refreshWord(1n, 1n), bid(30_000n, 100n, { market: 1n })];
    await pro.connect(trader).act(traders, proofs, words, { value: await desk.updateFee(proofs) });
    await pro.connect(other).act(others, [], [bid(56_590n, LOTS)]);
    const stage = await stageOf(desk, COSTS);
    await desk.setPrice("BTC", px("56600"));
    await turns(context, stage, 2, 20);
    expect(mined(stage)).to.deep.equal([`pro scope ${traders << 8n} Reduced`]);
    const removed = await pro.queryFilter(pro.filters.OrderRemoved());
    expect(removed.map(({ args }) => args.end)).to.deep.equal([END.liquidated]);
    expect(await positionOf(context)).to.equal(0n);
  });
});

describe("Passings", () => {
  it("offer winners first, and ask the largest to bear a loss, in turns, once the threshold is gone", async () => {
    const accounts = Array.from({ length: 6 }, (_, at) => BigInt(at + 1));
    const scores = [3n, 9n, 1n, 7n, 5n, 2n];
    const distress = new Map([[0n, { since: 100, adlSince: 130 }]]);
    const board = { state: { distress, opposite: () => accounts } } as unknown as ProBoard;
    const reader = { all: () => Promise.resolve(scores.map((scoreX18) => ({ scoreX18 }))) };
    const connection = { reader, contracts: { pro: `0x${"1".repeat(40)}`, proLens: "" } } as unknown as Connection;
    const view = { scope: 0n, market: 0, lots: -5n, notional: 0n, equity: -1n };
    const asked = async (now: number, turn = 0, equity = -1n) => {
      const items = await passingsOf(connection, board, { ...view, equity }, now, turn);
      const of = (task: number) => items.filter((item) => item.task === task).map(({ other }) => other);
      return [of(TASK.deleverage), of(TASK.shareLoss)];
    };
    const winners = [2n, 4n, 5n, 1n];
    expect(await asked(174)).to.deep.equal([winners, []]);
    expect(await asked(175)).to.deep.equal([winners, [1n, 2n, 3n, 4n]]);
    expect(await asked(175, 1)).to.deep.equal([winners, [5n, 6n]]);
    expect(await asked(175, 0, 0n)).to.deep.equal([winners, []]);
    distress.clear();
    expect(await asked(175)).to.deep.equal([[], []]);
  });
});
