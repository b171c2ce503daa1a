import { loadFixture, takeSnapshot } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import type { ContractTransactionReceipt } from "ethers";
import { ethers } from "hardhat";
import type { Proof } from "../../kit/desk/Desk";
import { confirmed } from "../../kit/desk/Desk";
import { fillTrigger, judgeTrigger, triggerLimit } from "../../sdk/model/pro";
import { px } from "../../sdk/units";
import {
  ORDER_TYPE,
  REASON,
  ask,
  bid,
  cancel,
  orderIdOf,
  setLeverage,
  tip,
  transfer,
  withdraw,
} from "../dsl/proActions";
import { singleSignerDeskFixture } from "../fixtures/desk";
import { FOREVER, KIND, MAY, OUTCOME, TIP, order } from "../unit/pro/triggerFixture";
import type { OrderFields } from "../unit/pro/triggerFixture";

const IOC = { type: ORDER_TYPE.immediateOrCancel };
const BTC_GRID = { tickSize: px("1"), lotSize: 100_000n };
const TASK_REFRESH = 0n;
/** What is promised holds for the build that is deployed; the legacy pipeline alone makes dearer code. */
const SLACK = process.env.ASTERISM_PIPELINE === "legacy" || process.env.ASTERISM_COVERAGE === "true" ? 2n : 1n;

type Context = Awaited<ReturnType<typeof triggersFixture>>;

/** The production deployment with two traders of 300,000 dollars each; the trader is long one bitcoin at 60,000. */
async function triggersFixture() {
  const fixture = await loadFixture(singleSignerDeskFixture);
  const { desk, profile, pro, proTriggers, trader, other } = fixture;
  const symbol = profile.pro.settlementSymbol;
  const units = desk.tokenUnits(symbol, 300_000n);
  for (const owner of [trader, other]) {
    await desk.replica.mintToken(symbol, owner.address, units);
    await desk.replica.token(symbol).connect(owner).approve(pro, units);
    await pro.connect(owner).deposit(owner, 0, units);
  }
  const [traders, others] = [await pro.accountOf(trader, 0), await pro.accountOf(other, 0)];
  const context = { ...fixture, traders, others };
  await pro.connect(trader).setDelegate(traders, proTriggers, MAY.trade, FOREVER);
  await refresh(context);
  await pro.connect(other).act(others, [], [ask(60_000n, 1_000n)]);
  await pro.connect(trader).act(traders, [], [bid(60_000n, 1_000n, IOC)]);
  return context;
}

const indexItem = (amount: bigint) => ({ task: TASK_REFRESH, market: 0n, scope: 0n, other: 0n, amount });

/** The index at the desk's price of now. */
async function refresh({ desk, keeper, proKeeper, pro }: Context): Promise<void> {
  await desk.refresh();
  await desk.warp(3);
  const proofs = [desk.anyTick("BTC", await desk.now())];
  await proKeeper.connect(keeper).run(pro, proofs, [indexItem(0n)], { value: await desk.updateFee(proofs) });
}

async function place({ proTriggers, traders, trader }: Context, orders: OrderFields[]): Promise<bigint[]> {
  const connected = proTriggers.connect(trader);
  const ids = await connected.place.staticCall(traders, orders);
  await connected.place(traders, orders);
  return ids;
}

interface Shot {
  id: bigint;
  tick?: bigint;
  earlier?: bigint;
}

/** One call of a keeper's: proofs, a refresh by the last of their ticks, and triggers; it fires each by the last unless told. */
async function fire(context: Context, proofs: Proof[], shots: Shot[], isRefreshing = true) {
  const { desk, keeper, proKeeper, proTriggers } = context;
  const last = BigInt(proofs.length - 1);
  const fires = shots.map(({ id, tick = last, earlier = 0n }) => ({ id, tickIndex: tick, earlierTickIndex: earlier }));
  const items = isRefreshing ? [indexItem(last)] : [];
  const connected = proKeeper.connect(keeper);
  const value = await desk.updateFee(proofs);
  const expected = await connected.fire.staticCall(proTriggers, proofs, items, fires, { value });
  const receipt = await confirmed(connected.fire(proTriggers, proofs, items, fires, { value }));
  const results = expected.slice(items.length);
  return { results: results.map(({ outcome, reason, isFailed }) => ({ outcome, reason, isFailed })), receipt };
}

/** The same at a price to which feeds and ticks go before. */
async function fireAt(context: Context, price: string, shots: Shot[]) {
  const { desk } = context;
  await desk.setPrice("BTC", px(price));
  await desk.warp(5);
  return fire(context, [desk.anyTick("BTC", await desk.now())], shots);
}

const done = (outcome: bigint, reason = "None") => ({ outcome, reason: REASON[reason], isFailed: false });
const positionOf = async ({ pro, proLens, traders }: Context) =>
  (await proLens.health(pro, traders << 8n)).positions.find(({ market }) => market === 0n)?.lots ?? 0n;
const cashOf = async ({ pro, proLens }: Context, account: bigint) => (await proLens.health(pro, account << 8n)).cash;

function fired({ proTriggers }: Context, receipt: ContractTransactionReceipt) {
  const logs = receipt.logs.map((log) => proTriggers.interface.parseLog(log)).filter((log) => log !== null);
  return logs
    .filter(({ name }) => name === "TriggerFired")
    .map(({ args }) => args.toObject() as Record<string, bigint>);
}

/** Cash, cost, fund and fees are what the Vault holds for Pro, to the last unit. */
async function expectBalanced({ desk, pro, proLens, profile, vault }: Context, accounts: bigint[]) {
  let held = 0n;
  for (const account of accounts) {
    const { cash, positions } = await proLens.health(pro, account << 8n);
    held += cash;
    for (const { cost, fundingOwed } of positions) held -= cost + fundingOwed;
  }
  const symbol = profile.pro.settlementSymbol;
  const decimals = profile.tokens.find((token) => token.symbol === symbol)?.decimals ?? 18;
  const { collateral } = await vault.productLedger(pro, desk.replica.token(symbol));
  const rest = collateral * 10n ** BigInt(18 - decimals) - held;
  // What is no account's: the market's fund and the fees that were not swept.
  expect(rest).to.be.at.least((await proLens.funding(pro, 0)).fund);
  return rest;
}

describe("attacks: triggers of Pro on the production deployment", () => {
  it("fires a stop by the tick of its own call, as the lens and the model say, and pays its keeper", async () => {
    const context = await loadFixture(triggersFixture);
    const { desk, pro, proTriggers, proTriggersLens, traders, others, other, keeper } = context;
    const waiting = order({ tick: 59_400n });
    const [id] = await place(context, [waiting]);
    await pro.connect(other).act(others, [], [bid(58_950n, 1_000n)]);
    await expectBalanced(context, [traders, others]);
    await desk.setPrice("BTC", px("59400"));
    await desk.warp(5);
    const now = BigInt(await desk.now());
    const { price, conf, expo } = desk.pythPrice("BTC", Number(now));
    const scale = 10n ** BigInt(10 + expo);
    const tick = { price: price * scale, confidence: conf * scale, publishTime: now };
    const [due] = await proTriggersLens.triggersDue(proTriggers, [id], [tick], [tick]);
    const { changedAt } = await proTriggersLens.trigger(proTriggers, id);
    const modelled = { ...waiting, kind: "stop" as const, side: "sell" as const, changedAt, tip: 100_000n };
    const anchors = { low: tick.price, high: tick.price, fresh: 2 };
    const judged = judgeTrigger(BTC_GRID, modelled, { now, delay: 3n, tick, anchors, earlier: tick });
    const limit = triggerLimit(BTC_GRID, modelled, judged.price);
    expect([due.reason, due.price, due.limit, due.isCashShort]).to.deep.equal([0n, judged.price, limit, false]);
    expect([judged.reason, limit]).to.deep.equal([undefined, 58_806n]);

    const { results, receipt } = await fire(context, [desk.anyTick("BTC", Number(now))], [{ id }]);
    expect(results).to.deep.equal([done(OUTCOME.triggered)]);
    const [event] = fired(context, receipt);
    const paid = fillTrigger(modelled, 1_000n, 1_000n).tip;
    expect([event.price, event.lots, event.tickLots, event.tip]).to.deep.equal([tick.price, 1_000n, 58_950_000n, paid]);
    expect(await positionOf(context)).to.equal(0n);
    const keepers = await pro.accountOf(keeper, 0);
    expect(await cashOf(context, keepers)).to.equal(TIP);
    await expectBalanced(context, [traders, others, keepers]);
  });

  it("fires a trailing stop by two ticks, the earlier from minutes ago", async () => {
    const context = await loadFixture(triggersFixture);
    const { desk, pro, proKeeper, keeper, others, other, proTriggers } = context;
    const trailing = order({ kind: KIND.trailing, tick: 61_000n, callbackPips: 20_000n });
    const [id] = await place(context, [trailing]);
    await desk.warp(10);
    const peakAt = await desk.now();
    const confidence = px("60");
    await desk.warp(600);
    await desk.setPrice("BTC", px("60760"));
    await refresh(context);
    await pro.connect(other).act(others, [], [bid(60_500n, 1_000n)]);
    const at = await desk.now();
    const peak = (price: string) => desk.anyTick("BTC", peakAt, { price: px(price), confidence });
    const now = desk.anyTick("BTC", at, { confidence });
    // 2% below 62,000 is 60,760; below 61,990 it is less.
    const missed = await fire(context, [peak("61990"), now], [{ id, earlier: 0n }]);
    expect(missed.results).to.deep.equal([done(OUTCOME.skipped, "PriceNotReached")]);
    await expect(
      confirmed(proKeeper.connect(keeper).fire(proTriggers, [], [], [{ id, tickIndex: 0, earlierTickIndex: 0 }])),
    ).to.be.fulfilled;
    await desk.warp(2);
    const again = desk.anyTick("BTC", await desk.now(), { confidence });
    const { results } = await fire(context, [peak("62000"), again], [{ id, earlier: 0n }]);
    expect(results).to.deep.equal([done(OUTCOME.triggered)]);
    expect(await positionOf(context)).to.equal(0n);
  });

  it("R25: a stop takes no tick from before its last change and the delay", async () => {
    const context = await loadFixture(triggersFixture);
    const { desk, pro, proTriggers, trader, others, other } = context;
    await desk.setPrice("BTC", px("59000"));
    await refresh(context);
    await pro.connect(other).act(others, [], [bid(58_950n, 1_000n)]);
    const [id] = await place(context, [order({ tick: 58_000n })]);
    await desk.warp(10);
    const low = await desk.now();
    // Whoever saw the price fall moves the stop above it: only later ticks count.
    await confirmed(proTriggers.connect(trader).change(id, order({ tick: 59_000n })));
    const changedAt = await desk.now();
    for (const at of [low, changedAt, changedAt + 3]) {
      await desk.warpTo(at);
      const { results } = await fire(context, [desk.anyTick("BTC", at)], [{ id }]);
      expect(results[0].reason, `${at - changedAt} s after`).to.equal(REASON.TickTooEarly);
    }
    const at = Math.max(await desk.now(), changedAt + 4);
    await desk.warpTo(at);
    const { results } = await fire(context, [desk.anyTick("BTC", at)], [{ id }]);
    expect(results).to.deep.equal([done(OUTCOME.triggered)]);
  });

  it("R27: who clears the book, fires a stop and puts it back, takes no more than its bound, and ends nothing with a crumb", async () => {
    const context = await loadFixture(triggersFixture);
    const { desk, pro, others, other, proTriggers, proTriggersLens } = context;
    const [id] = await place(context, [order({ tick: 59_400n })]);
    await desk.setPrice("BTC", px("59400"));
    await refresh(context);
    // The attacker is the market: his bid of 1% below is one tick out of bounds, then a crumb within.
    await pro.connect(other).act(others, [], [bid(58_805n, 1_000n)]);
    const empty = await fireAt(context, "59400", [{ id }]);
    expect(empty.results).to.deep.equal([done(OUTCOME.skipped, "NothingFilled")]);
    await pro.connect(other).act(others, [], [bid(58_806n, 5n)]);
    const crumb = await fireAt(context, "59400", [{ id }]);
    expect(crumb.results).to.deep.equal([done(OUTCOME.partly)]);
    expect(fired(context, crumb.receipt)[0].tip).to.equal(TIP / 200n);
    expect(await positionOf(context)).to.equal(995n);
    expect((await proTriggersLens.trigger(proTriggers, id)).id).to.equal(id);
    await pro.connect(other).act(others, [], [cancel(orderIdOf(others, 0n, 2n)), bid(59_300n, 1_000n)]);
    const { results } = await fireAt(context, "59400", [{ id }]);
    expect(results).to.deep.equal([done(OUTCOME.triggered)]);
    expect(await positionOf(context)).to.equal(0n);
  });

  it("R28: a flood of triggers costs its own account, and is eight a market at most", async () => {
    const context = await loadFixture(triggersFixture);
    const { pro, proTriggers, trader, traders, others, other, keeper } = context;
    const flood = Array<OrderFields>(8).fill(order({ tick: 59_400n, lots: 10n }));
    const ids = await place(context, flood);
    await expect(proTriggers.connect(trader).place(traders, [order()]))
      .to.be.revertedWithCustomError(proTriggers, "ProTriggers_OrderRefused")
      .withArgs(REASON.SlotsFull, 8, 8);
    await pro.connect(other).act(others, [], [bid(58_950n, 1_000n)]);
    const first = await fireAt(
      context,
      "59400",
      ids.map((id) => ({ id })),
    );
    expect(first.results).to.deep.equal(ids.map(() => done(OUTCOME.triggered)));
    const keepers = await pro.accountOf(keeper, 0);
    expect(await cashOf(context, keepers)).to.equal(8n * TIP);

    // The same once more, one of them twice: what is gone pays nothing.
    const more = await place(context, flood);
    const second = await fireAt(
      context,
      "59400",
      [...more, more[0]].map((id) => ({ id })),
    );
    expect(second.results).to.deep.equal([
      ...more.map(() => done(OUTCOME.triggered)),
      done(OUTCOME.skipped, "TriggerNotFound"),
    ]);
    expect(await cashOf(context, keepers)).to.equal(16n * TIP);
    await expectBalanced(context, [traders, others, keepers]);
  });

  it("R32: what stands on Pro as a delegate gives nobody a way to withdraw, transfer or raise leverage", async () => {
    const context = await loadFixture(triggersFixture);
    const { pro, proTriggers, trader, traders, stranger, keeper } = context;
    const entries = proTriggers.interface.fragments.filter((fragment) => fragment.type === "function");
    const mutating = entries
      .map((fragment) => fragment as unknown as { name: string; stateMutability: string })
      .filter(({ stateMutability }) => stateMutability !== "view" && stateMutability !== "pure")
      .map(({ name }) => name);
    // No way to have it do anything but what a trigger says.
    expect(mutating.sort()).to.deep.equal(["cancel", "change", "execute", "place"]);
    for (const rights of [MAY.trade, MAY.reduce, MAY.cancel, 255n]) {
      await pro.connect(trader).setDelegate(traders, stranger, rights, FOREVER);
      const forbidden: bigint[][] = [
        withdraw(stranger.address, 1n),
        [transfer(0n, 0n, 1n, 1n)],
        [setLeverage(0n, 21n)],
      ];
      for (const actions of forbidden) {
        await expect(pro.connect(stranger).act(traders, [], actions))
          .to.be.revertedWithCustomError(pro, "Pro_NotAllowed")
          .withArgs(traders, stranger, actions[0] & 0xffn);
      }
    }
    await expect(pro.connect(stranger).act(traders, [], [tip(keeper.address, 2n * 10n ** 17n + 1n)]))
      .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
      .withArgs(REASON.TipTooHigh, 2n * 10n ** 17n + 1n, 2n * 10n ** 17n);
  });

  it("R16 R17: a reduce-only trigger never flips or opens, however its position changed meanwhile", async () => {
    const context = await loadFixture(triggersFixture);
    const { pro, trader, traders, others, other } = context;
    const ids = await place(context, [
      order({ tick: 59_400n, lots: 5_000n }),
      order({ tick: 59_400n, lots: 600n }),
      order({ tick: 59_400n }),
    ]);
    await pro.connect(other).act(others, [], [bid(59_300n, 5_000n)]);
    await pro.connect(trader).act(traders, [], [ask(59_300n, 500n, IOC)]);
    expect(await positionOf(context)).to.equal(500n);
    const { results, receipt } = await fireAt(
      context,
      "59400",
      ids.map((id) => ({ id })),
    );
    expect(results).to.deep.equal([
      done(OUTCOME.triggered),
      done(OUTCOME.removed, "NothingToReduce"),
      done(OUTCOME.removed, "NothingToReduce"),
    ]);
    expect(fired(context, receipt).map(({ lots }) => lots)).to.deep.equal([500n]);
    expect(await positionOf(context)).to.equal(0n);
  });

  it("costs at most 330,000 gas, its proof included, and at most 110,000 for each further of twenty", async () => {
    const context = await loadFixture(triggersFixture);
    const { desk, pro, proTriggers, others, other } = context;
    const signers = (await ethers.getSigners()).slice(12, 15);
    const ids: bigint[] = [];
    const symbol = context.profile.pro.settlementSymbol;
    const units = desk.tokenUnits(symbol, 10_000n);
    await pro.connect(other).act(others, [], [ask(60_000n, 10_000n)]);
    for (let i = 0; i < 21; i++) {
      const owner = signers[i % signers.length];
      const sub = i;
      await desk.replica.mintToken(symbol, owner.address, units);
      await desk.replica.token(symbol).connect(owner).approve(pro, units);
      await pro.connect(owner).deposit(owner, sub, units);
      const account = await pro.accountOf(owner, sub);
      await pro.connect(owner).setDelegate(account, proTriggers, MAY.reduce, FOREVER);
      await refresh(context);
      await pro.connect(owner).act(account, [], [bid(60_000n, 50n, IOC)]);
      const waiting = order({ tick: 59_400n });
      ids.push((await proTriggers.connect(owner).place.staticCall(account, [waiting]))[0]);
      await proTriggers.connect(owner).place(account, [waiting]);
    }
    await refresh(context);
    await pro.connect(other).act(others, [], [bid(59_300n, 10_000n)]);
    // The keeper's account is there, and further orders at the price stand.
    const [first, ...rest] = ids;
    await fireAt(context, "59400", [{ id: first }]);
    const measure = async (count: number, isRefreshing: boolean) => {
      const snapshot = await takeSnapshot();
      await desk.setPrice("BTC", px("59390"));
      await refresh(context);
      await desk.warp(5);
      const shots = rest.slice(0, count).map((id) => ({ id }));
      const { receipt, results } = await fire(context, [desk.anyTick("BTC", await desk.now())], shots, isRefreshing);
      expect(results).to.deep.equal(shots.map(() => done(OUTCOME.triggered)));
      await snapshot.restore();
      return receipt.gasUsed;
    };
    const [one, fresh, twenty] = [await measure(1, false), await measure(1, true), await measure(20, false)];
    // A reduction takes an index of 30 s; who brings a newer one pays for it.
    expect(fresh).to.be.greaterThan(one);
    const marginal = (twenty - one) / 19n;
    expect(one).to.be.at.most(330_000n * SLACK);
    expect(marginal).to.be.at.most(110_000n * SLACK);
  });
});
