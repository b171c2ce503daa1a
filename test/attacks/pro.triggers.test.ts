import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
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
import { cashOf, done, fire, fireAt, fired, place, positionOf, refresh, triggersFixture } from "../dsl/triggerDesk";
import type { TriggerDesk } from "../dsl/triggerDesk";
import { BTC } from "../unit/pro/samples";
import { FOREVER, KIND, MAY, OUTCOME, TIP, order } from "../unit/pro/triggerFixture";
import type { OrderFields } from "../unit/pro/triggerFixture";

const IOC = { type: ORDER_TYPE.immediateOrCancel };

/** What Pro holds that is no account's: its funds and the fees that were not swept, quote. */
async function unownedOf({ desk, pro, proLens, profile, vault }: TriggerDesk, accounts: bigint[]): Promise<bigint> {
  let owned = 0n;
  for (const account of accounts) {
    const { cash, positions } = await proLens.health(pro, account << 8n);
    owned += cash;
    for (const { cost, fundingOwed } of positions) owned -= cost + fundingOwed;
  }
  const symbol = profile.pro.settlementSymbol;
  const { collateral } = await vault.productLedger(pro, desk.replica.token(symbol));
  return (collateral * 10n ** 18n) / desk.tokenUnits(symbol, 1n) - owned;
}

const feeUp = (notional: bigint, pips: bigint) => (notional * pips + 999_999n) / 1_000_000n;

describe("attacks: triggers of Pro on the production deployment", () => {
  it("fires a stop by the tick of its own call, as the lens and the model say, and pays its keeper", async () => {
    const context = await loadFixture(triggersFixture);
    const { desk, pro, proTriggers, proTriggersLens, traders, others, other, keeper } = context;
    const waiting = order({ tick: 59_400n });
    const [id] = await place(context, [waiting]);
    await pro.connect(other).act(others, [], [bid(58_950n, 1_000n)]);
    const before = await unownedOf(context, [traders, others]);
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
    const judged = judgeTrigger(BTC, modelled, { now, delay: 3n, tick, anchors, earlier: tick });
    const limit = triggerLimit(BTC, modelled, judged.price);
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
    // Nothing but the fees of the fill went to anyone else.
    const notional = 58_950n * 10n ** 18n;
    const fees = feeUp(notional, 400n) + feeUp(notional, 50n);
    expect(await unownedOf(context, [traders, others, keepers])).to.equal(before + fees);
  });

  it("fires a trailing stop by two ticks, the earlier from minutes ago", async () => {
    const context = await loadFixture(triggersFixture);
    const { desk, pro, others, other } = context;
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
    const unproven = await fire(context, [], [{ id, tick: 0n }], false);
    expect(unproven.results).to.deep.equal([done(OUTCOME.skipped, "NoTick")]);
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
});
