import { loadFixture, takeSnapshot, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { itMeasuresGas } from "../../dsl/instrumented";
import { ORDER_TYPE, REASON, ask, bid, orderIdOf, setMode, transfer } from "../../dsl/proActions";
import * as actions from "../../dsl/proActions";
import type { OrderFields, TriggerContext } from "./triggerFixture";
import {
  DELAY,
  FOREVER,
  KIND,
  MAY,
  OUTCOME,
  TIP,
  deployLong,
  deployTriggers,
  execute,
  executeAt,
  order,
  place,
  prove,
} from "./triggerFixture";
import { ALICE, BOB, PRICE, USD, accountOf, act, actAt, setPrices } from "./proFixture";

const MAX = { lots: 2n ** 48n - 1n, tick: 2n ** 24n - 1n };
const idOf = (account: bigint, slot: bigint, generation: bigint, market = 0n): bigint =>
  slot | (market << 8n) | (account << 16n) | (generation << 56n);

const lotsOf = async ({ pro, reader }: TriggerContext, account: bigint, market = 0) =>
  (await reader.party(pro, market, account)).lots;
const cashOf = async ({ pro, reader }: TriggerContext, account: bigint) => (await reader.account(pro, account)).cash;
const keeperCash = async (context: TriggerContext) => cashOf(context, await context.pro.accountOf(context.keeper, 0));
const viewOf = async ({ lens, triggers }: TriggerContext, id: bigint) => lens.trigger(triggers, id);

/** Who was never paid has no account. */
async function expectUnpaid({ pro, keeper }: TriggerContext) {
  await expect(pro.accountOf(keeper, 0)).to.be.revertedWithCustomError(pro, "Pro_NoAccount").withArgs(keeper.address);
}

/** Nothing of the trigger, the position or the keeper's pay changed. */
async function expectWaiting(context: TriggerContext, id: bigint, lots = 1_000n) {
  expect((await viewOf(context, id)).id).to.equal(id);
  expect(await lotsOf(context, ALICE)).to.equal(lots);
  await expectUnpaid(context);
}

describe("ProTriggers", () => {
  describe("constructor", () => {
    it("takes a Pro and a delay of 2 to 60 s", async () => {
      const { pro, triggers, stranger } = await loadFixture(deployTriggers);
      expect([await triggers.pro(), await triggers.executionDelay()]).to.deep.equal([await pro.getAddress(), DELAY]);
      const factory = await ethers.getContractFactory("ProTriggers");
      for (const delay of [1n, 61n]) {
        await expect(factory.deploy(pro, delay))
          .to.be.revertedWithCustomError(factory, "Product_DelayOutOfRange")
          .withArgs(delay, 2, 60);
      }
      await expect(factory.deploy(stranger, DELAY))
        .to.be.revertedWithCustomError(factory, "Code_NotAContract")
        .withArgs(stranger);
    });
  });

  describe("place", () => {
    it("has orders wait, in the first slots that are free, and tells them", async () => {
      const context = await loadFixture(deployTriggers);
      const { lens, triggers, alice } = context;
      const orders = [
        order(),
        order({ kind: KIND.takeProfit, lots: 5n, tick: 110_000n, limit: 109_500n, expiry: 4_000_000_000n }),
        order({ kind: KIND.trailing, isBuy: true, isReduceOnly: false, lots: 7n, tick: 0n, callbackPips: 1_000n }),
        order({ ...MAX, isReduceOnly: false, market: 1n, boundPips: 50_000n }),
      ];
      const ids = [idOf(ALICE, 0n, 1n), idOf(ALICE, 1n, 1n), idOf(ALICE, 2n, 1n), idOf(ALICE, 0n, 1n, 1n)];
      expect(await triggers.connect(alice).place.staticCall(ALICE, orders)).to.deep.equal(ids);
      await expect(triggers.connect(alice).place(ALICE, orders))
        .to.emit(triggers, "TriggerSet")
        .withArgs(ids[1], ALICE, alice, Object.values(orders[1]));
      const at = BigInt(await time.latest());
      for (const [i, id] of ids.entries()) {
        const { market, kind, isBuy, isReduceOnly, lots, tick, limit, boundPips, callbackPips, expiry } = orders[i];
        const bound = limit === 0n && boundPips === 0n ? 10_000n : boundPips;
        expect([...(await lens.trigger(triggers, id))]).to.deep.equal([
          ...[id, ALICE, market, kind, isBuy, isReduceOnly, lots, tick, limit, bound, callbackPips],
          ...[at, expiry, TIP],
        ]);
      }
      const waiting = await lens.triggersOf(triggers, ALICE, 0);
      expect(waiting.map(({ id }) => id)).to.deep.equal(ids.slice(0, 3));
      expect((await lens.trigger(triggers, ids[0] + (1n << 56n))).id).to.equal(0n);
    });

    it("takes eight for each account and market, and names a used slot anew", async () => {
      const context = await loadFixture(deployTriggers);
      const { triggers, alice } = context;
      const ids = await place(context, alice, Array<OrderFields>(8).fill(order()));
      await expect(triggers.connect(alice).place(ALICE, [order()]))
        .to.be.revertedWithCustomError(triggers, "ProTriggers_OrderRefused")
        .withArgs(REASON.SlotsFull, 8, 8);
      await place(context, alice, [order({ market: 1n })]);
      await triggers.connect(alice).cancel([ids[3]]);
      expect(await place(context, alice, [order()])).to.deep.equal([idOf(ALICE, 3n, 2n)]);
      // The old id names nothing.
      expect((await viewOf(context, ids[3])).id).to.equal(0n);
      expect(await triggers.connect(alice).cancel.staticCall([ids[3]])).to.equal(0n);
    });

    it("refuses what can't be, with the reason", async () => {
      const { pro, configurator, triggers, alice } = await loadFixture(deployTriggers);
      const open = { isReduceOnly: false, lots: 1_000n };
      const trailing = { kind: KIND.trailing, tick: 0n };
      const now = BigInt(await time.latest());
      const refusals: [Partial<OrderFields>, string, bigint, bigint][] = [
        [{ market: 2n }, "MarketNotListed", 2n, 0n],
        [{ market: 255n }, "MarketNotListed", 255n, 0n],
        [{ expiry: now }, "ExpiryPassed", now, 0n],
        [{ tick: 0n }, "PriceMissing", 0n, 0n],
        [{ kind: KIND.takeProfit, tick: 0n }, "PriceMissing", 0n, 0n],
        [{ boundPips: 50_001n }, "BoundOutOfRange", 50_001n, 50_000n],
        [{ boundPips: MAX.tick }, "BoundOutOfRange", MAX.tick, 50_000n],
        [{ limit: 98_000n, boundPips: 1n }, "BoundOutOfRange", 1n, 0n],
        [{ callbackPips: 1n }, "CallbackOutOfRange", 1n, 0n],
        [{ ...trailing }, "CallbackOutOfRange", 0n, 1_000n],
        [{ ...trailing, callbackPips: 999n }, "CallbackOutOfRange", 999n, 1_000n],
        [{ ...trailing, callbackPips: 50_001n }, "CallbackOutOfRange", 50_001n, 50_000n],
        [{ isReduceOnly: false }, "SizeMissing", 0n, 0n],
        // 0.001 BTC at 9,999 is a cent too little.
        [{ ...open, lots: 1n, tick: 9_999n }, "NotionalTooSmall", 9_999n * 10n ** 15n, 10n * USD],
        [{ ...open, lots: 1n, limit: 9_999n }, "NotionalTooSmall", 9_999n * 10n ** 15n, 10n * USD],
      ];
      for (const [fields, reason, value, bound] of refusals) {
        const at = BigInt(await time.latest());
        const sent = triggers.connect(alice).place(ALICE, [order(fields)]);
        await expect(sent, `${reason} ${value.toString()}`)
          .to.be.revertedWithCustomError(triggers, "ProTriggers_OrderRefused")
          .withArgs(REASON[reason], value, reason === "ExpiryPassed" ? at + 1n : bound);
      }
      // On each bound it is accepted.
      await triggers
        .connect(alice)
        .place(ALICE, [
          order({ ...open, lots: 1n, tick: 10_000n }),
          order({ boundPips: 50_000n }),
          order({ ...trailing, callbackPips: 1_000n }),
          order({ ...trailing, callbackPips: 50_000n }),
          order({ lots: 1n, tick: 1n }),
        ]);
      await configurator.delist(pro, 1);
      await time.increase(86_401n);
      await pro.beginSettling(1, ethers.ZeroAddress, 0);
      await expect(triggers.connect(alice).place(ALICE, [order({ market: 1n })]))
        .to.be.revertedWithCustomError(triggers, "ProTriggers_OrderRefused")
        .withArgs(REASON.MarketSettling, 1, 0);
    });

    it("is for the owner, and for his delegates as far as they may place such orders at once", async () => {
      const { pro, triggers, alice, stranger } = await loadFixture(deployTriggers);
      const opening = order({ isReduceOnly: false, lots: 10n });
      const by = triggers.connect(stranger);
      const refused = async (orders: OrderFields[], account = ALICE) =>
        expect(by.place(account, orders))
          .to.be.revertedWithCustomError(triggers, "ProTriggers_NotAllowed")
          .withArgs(account, stranger);
      await refused([order()]);
      // Of nobody: its owner is the zero address.
      await refused([order()], accountOf(77n));
      await refused([order()], 0n);
      await pro.connect(alice).setDelegate(ALICE, stranger, MAY.cancel, FOREVER);
      await refused([order()]);
      await pro.connect(alice).setDelegate(ALICE, stranger, MAY.reduce, FOREVER);
      await by.place(ALICE, [order()]);
      await refused([order(), opening]);
      await expect(by.change(idOf(ALICE, 0n, 1n), opening))
        .to.be.revertedWithCustomError(triggers, "ProTriggers_NotAllowed")
        .withArgs(ALICE, stranger);
      await pro.connect(alice).setDelegate(ALICE, stranger, MAY.trade, FOREVER);
      await by.place(ALICE, [order(), opening]);
      // Of another sub-account he is none.
      await refused([order()], accountOf(1n, 1n));
      const expiry = BigInt(await time.latest()) + 100n;
      await pro.connect(alice).setDelegate(ALICE, stranger, MAY.trade, expiry);
      await time.setNextBlockTimestamp(expiry);
      await by.place(ALICE, [opening]);
      await refused([opening]);
      await expect(by.cancel([idOf(ALICE, 0n, 1n)]))
        .to.be.revertedWithCustomError(triggers, "ProTriggers_NotAllowed")
        .withArgs(ALICE, stranger);
    });
  });

  describe("change", () => {
    it("puts another order in its place, whose clock begins anew", async () => {
      const context = await loadFixture(deployTriggers);
      const { triggers, alice } = context;
      const [id] = await place(context, alice, [order()]);
      const other = order({ kind: KIND.takeProfit, lots: 9n, tick: 120_000n });
      await expect(triggers.connect(alice).change(id, other))
        .to.emit(triggers, "TriggerSet")
        .withArgs(id, ALICE, alice, Object.values(other));
      const { kind, lots, tick, changedAt } = await viewOf(context, id);
      expect([kind, lots, tick, changedAt]).to.deep.equal([1n, 9n, 120_000n, BigInt(await time.latest())]);
    });

    it("refuses what is gone, another market, and what could not be placed", async () => {
      const context = await loadFixture(deployTriggers);
      const { triggers, alice, stranger } = context;
      const [id] = await place(context, alice, [order()]);
      const change = triggers.connect(alice).change;
      for (const wrong of [id + 1n, id + (1n << 56n), id | (1n << 96n), id | (200n << 8n)]) {
        await expect(change(wrong, order()))
          .to.be.revertedWithCustomError(triggers, "ProTriggers_NotFound")
          .withArgs(wrong);
      }
      await expect(change(id, order({ market: 1n })))
        .to.be.revertedWithCustomError(triggers, "ProTriggers_OrderRefused")
        .withArgs(REASON.MarketNotListed, 1, 0);
      await expect(change(id, order({ tick: 0n })))
        .to.be.revertedWithCustomError(triggers, "ProTriggers_OrderRefused")
        .withArgs(REASON.PriceMissing, 0, 0);
      await expect(triggers.connect(stranger).change(id, order()))
        .to.be.revertedWithCustomError(triggers, "ProTriggers_NotAllowed")
        .withArgs(ALICE, stranger);
    });
  });

  describe("cancel", () => {
    it("takes away what waits, for the owner and any delegate, at any level of the breaker", async () => {
      const context = await loadFixture(deployTriggers);
      const { pro, breaker, triggers, alice, bob, stranger } = context;
      const ids = await place(context, alice, [order(), order(), order()]);
      await breaker.raise(3);
      await expect(triggers.connect(alice).cancel([ids[0]]))
        .to.emit(triggers, "TriggerRemoved")
        .withArgs(ids[0], REASON.None);
      await expect(triggers.connect(bob).cancel([ids[1]]))
        .to.be.revertedWithCustomError(triggers, "ProTriggers_NotAllowed")
        .withArgs(ALICE, bob);
      await pro.connect(alice).setDelegate(ALICE, stranger, MAY.cancel, FOREVER);
      expect(await triggers.connect(stranger).cancel.staticCall(ids)).to.equal(2n);
      await triggers.connect(stranger).cancel(ids);
      expect(await triggers.connect(alice).cancel.staticCall(ids)).to.equal(0n);
    });
  });

  describe("execute: what fires", () => {
    const cases: [string, Partial<OrderFields>, bigint, bigint][] = [
      ["a stop that sells, at its price or below", { kind: KIND.stop, isBuy: false }, 99_000n, 99_001n],
      ["a take profit that sells, at its price or above", { kind: KIND.takeProfit, isBuy: false }, 99_000n, 98_999n],
      ["a stop that buys, at its price or above", { kind: KIND.stop, isBuy: true }, 99_000n, 98_999n],
      ["a take profit that buys, at its price or below", { kind: KIND.takeProfit, isBuy: true }, 99_000n, 99_001n],
    ];
    for (const [name, fields, reached, missed] of cases) {
      it(name, async () => {
        const context = await loadFixture(deployTriggers);
        const { alice, bob } = context;
        const [id] = await place(context, alice, [order({ ...fields, isReduceOnly: false, lots: 100n })]);
        const quote = fields.isBuy === true ? ask(99_100n, 500n) : bid(98_900n, 500n);
        await actAt(context, bob, [99_000n, 4_000n], [quote]);
        const missing = await executeAt(context, id, missed);
        expect([missing.outcome, missing.reason]).to.deep.equal([OUTCOME.skipped, REASON.PriceNotReached]);
        const { outcome, reason } = await executeAt(context, id, reached);
        expect([outcome, reason]).to.deep.equal([OUTCOME.triggered, REASON.None]);
        expect(await lotsOf(context, ALICE)).to.equal(fields.isBuy === true ? 100n : -100n);
        expect((await viewOf(context, id)).id).to.equal(0n);
      });
    }

    it("fills within its bound, pays 0.1 USD of the account's cash, and is gone", async () => {
      const context = await loadFixture(deployLong);
      const { pro, triggers, alice, bob, keeper } = context;
      const [id] = await place(context, alice, [order()]);
      await actAt(context, bob, [99_000n, 4_000n], [bid(98_500n, 600n), bid(98_010n, 900n), bid(98_009n, 900n)]);
      const before = await cashOf(context, ALICE);
      const { outcome, transaction } = await executeAt(context, id, 99_000n);
      expect(outcome).to.equal(OUTCOME.triggered);
      const tickLots = 98_500n * 600n + 98_010n * 400n;
      await expect(transaction)
        .to.emit(triggers, "TriggerFired")
        .withArgs(id, keeper, 99_000n * PRICE, 1_000, tickLots, TIP, true);
      const notional = tickLots * 10n ** 15n;
      const fee = (notional * 400n + 999_999n) / 1_000_000n;
      expect(await cashOf(context, ALICE)).to.equal(before - (100_000n * USD - notional) - fee - TIP);
      expect(await keeperCash(context)).to.equal(TIP);
      await expect(transaction)
        .to.emit(pro, "KeeperPaid")
        .withArgs(await pro.accountOf(keeper, 0), ALICE << 8n, TIP);
      expect(await lotsOf(context, ALICE)).to.equal(0n);
    });

    it("a replay in the same block finds nothing", async () => {
      const context = await loadFixture(deployLong);
      const { triggers, harness, alice, bob, keeper } = context;
      const [id] = await place(context, alice, [order({ lots: 400n })]);
      await actAt(context, bob, [99_000n, 4_000n], [bid(98_900n, 2_000n)]);
      const at = BigInt(await time.latest()) + 10n;
      const tick = await prove(context, { price: 99_000n, publishTime: at });
      const call = harness.interface.encodeFunctionData("execute", [
        ...[await triggers.getAddress(), id, keeper.address, tick, 0n, keeper.address],
      ] as never);
      const wallet = await ethers.deployContract("BatchWallet");
      await time.setNextBlockTimestamp(at + 1n);
      const calls = [call, call].map((data) => ({ target: harness, value: 0n, data }));
      const sent = await wallet.executeAll(calls);
      const told = (await sent.wait())?.logs.map((log) => harness.interface.parseLog(log));
      const attempts = told?.filter((log) => log?.name === "Attempted").map((log) => log?.args.toArray());
      expect(attempts).to.deep.equal([
        [OUTCOME.triggered, REASON.None],
        [OUTCOME.skipped, REASON.TriggerNotFound],
      ]);
      expect(await lotsOf(context, ALICE)).to.equal(600n);
      expect(await keeperCash(context)).to.equal(TIP);
    });

    it("a limit bounds it, wherever the tick is", async () => {
      const context = await loadFixture(deployLong);
      const { alice, bob } = context;
      const [id] = await place(context, alice, [order({ limit: 98_800n })]);
      await actAt(context, bob, [99_000n, 4_000n], [bid(98_799n, 2_000n)]);
      const { outcome, reason } = await executeAt(context, id, 99_000n);
      expect([outcome, reason]).to.deep.equal([OUTCOME.skipped, REASON.NothingFilled]);
      await expectWaiting(context, id);
      await act(context, bob, [bid(98_800n, 2_000n)]);
      expect((await executeAt(context, id, 99_000n)).outcome).to.equal(OUTCOME.triggered);
    });

    it("what fills in part pays its part, and the rest waits on", async () => {
      const context = await loadFixture(deployLong);
      const { triggers, alice, bob, keeper } = context;
      const [id] = await place(context, alice, [order({ lots: 900n })]);
      await actAt(context, bob, [99_000n, 4_000n], [bid(98_900n, 100n)]);
      const { outcome, reason, transaction } = await executeAt(context, id, 99_000n);
      expect([outcome, reason]).to.deep.equal([OUTCOME.partly, REASON.None]);
      // A ninth of 100,000 millionths of a dollar, rounded down.
      const share = 11_111n * 10n ** 12n;
      await expect(transaction)
        .to.emit(triggers, "TriggerFired")
        .withArgs(id, keeper, 99_000n * PRICE, 100, 9_890_000, share, false);
      expect(await keeperCash(context)).to.equal(share);
      const rest = await viewOf(context, id);
      expect([rest.lots, rest.tip]).to.deep.equal([800n, TIP - share]);
      await act(context, bob, [bid(98_900n, 5_000n)]);
      expect((await executeAt(context, id, 99_000n)).outcome).to.equal(OUTCOME.triggered);
      expect(await keeperCash(context)).to.equal(TIP);
      expect(await lotsOf(context, ALICE)).to.equal(100n);
    });

    it("all of a position stays all of it after a part", async () => {
      const context = await loadFixture(deployLong);
      const { alice, bob } = context;
      const [id] = await place(context, alice, [order()]);
      await actAt(context, bob, [99_000n, 4_000n], [bid(98_900n, 250n)]);
      expect((await executeAt(context, id, 99_000n)).outcome).to.equal(OUTCOME.partly);
      const rest = await viewOf(context, id);
      expect([rest.lots, rest.tip]).to.deep.equal([0n, (TIP * 3n) / 4n]);
      expect(await lotsOf(context, ALICE)).to.equal(750n);
    });

    it("an opening order opens", async () => {
      const context = await loadFixture(deployTriggers);
      const { alice, bob } = context;
      const opening = order({ isBuy: true, isReduceOnly: false, lots: 300n, tick: 101_000n });
      const [id] = await place(context, alice, [opening]);
      await actAt(context, bob, [101_000n, 4_000n], [ask(101_100n, 300n)]);
      expect((await executeAt(context, id, 101_000n)).outcome).to.equal(OUTCOME.triggered);
      expect(await lotsOf(context, ALICE)).to.equal(300n);
    });

    it("a keeper must be named", async () => {
      const { triggers, keeper } = await loadFixture(deployTriggers);
      await expect(triggers.execute(0, keeper, 0, 0, ethers.ZeroAddress)).to.be.revertedWithCustomError(
        triggers,
        "ProTriggers_ZeroAddress",
      );
    });
  });

  describe("execute: the tick", () => {
    it("names every tick that does not count", async () => {
      const context = await loadFixture(deployLong);
      const { alice, bob } = context;
      await actAt(context, bob, [99_000n, 4_000n], [bid(98_900n, 5_000n)]);
      const [id] = await place(context, alice, [order()]);
      const { changedAt } = await viewOf(context, id);
      const clock = changedAt + DELAY;
      const wrongAsset = await prove(context, { price: 99_000n, publishTime: clock + 20n, asset: 2n });
      const early = await prove(context, { price: 99_000n, publishTime: clock });
      const fields = { price: 99_000n, publishTime: clock + 20n };
      const old = await prove(context, { ...fields, publishTime: clock + 18n });
      const wide = await prove(context, { ...fields, confidence: 990n * PRICE + 1n });
      const attempts: [bigint, string, Partial<{ anchors: [bigint, bigint, bigint] }>?][] = [
        [999n, "NoTick"],
        [wrongAsset, "TickOfOtherAsset"],
        [early, "TickTooEarly"],
        [old, "TickTooOld"],
        [wide, "ConfidenceTooWide"],
      ];
      let at = clock + 22n;
      for (const [tick, reason] of attempts) {
        const attempt = await execute(context, id, { tick, at: at++ });
        // Two blocks on, the fresh ones are a second older each.
        expect([attempt.outcome, attempt.reason], reason).to.deep.equal([OUTCOME.skipped, REASON[reason]]);
      }
      const alone = await prove(context, { price: 99_000n, publishTime: at + 10n, anchors: [0n, 0n, 0n] });
      const attempt = await execute(context, id, { tick: alone, at: at + 10n });
      expect([attempt.outcome, attempt.reason]).to.deep.equal([OUTCOME.skipped, REASON.AnchorsNotFresh]);
      await expectWaiting(context, id);
    });

    it("counts up to 3 s, on the widest confidence, and a second later than its clock", async () => {
      const context = await loadFixture(deployLong);
      const { alice, bob, pro, oracle, keeper } = context;
      await actAt(context, bob, [99_000n, 4_000n], [bid(98_900n, 5_000n)]);
      const [id, other] = await place(context, alice, [order({ lots: 100n }), order({ lots: 100n })]);
      const { changedAt } = await viewOf(context, id);
      const publishTime = changedAt + DELAY + 1n;
      await oracle.setPrice(2, 4_000n * PRICE, publishTime);
      const tick = await prove(context, { price: 99_000n, publishTime, confidence: 990n * PRICE });
      const late = await execute(context, other, { tick, at: publishTime + 3n });
      expect(late.outcome).to.equal(OUTCOME.triggered);
      const older = await execute(context, id, { tick, at: publishTime + 4n });
      expect([older.outcome, older.reason]).to.deep.equal([OUTCOME.skipped, REASON.TickTooOld]);
      expect(await pro.accountOf(keeper, 0)).to.be.greaterThan(0n);
    });

    it("holds the tick within the anchors' band", async () => {
      const context = await loadFixture(deployLong);
      const { alice, bob } = context;
      await actAt(context, bob, [100_000n, 4_000n], [bid(99_000n, 5_000n)]);
      // A tick of 97,000 with anchors at 100,000 counts as 99,000.
      const [below, on] = await place(context, alice, [order({ tick: 98_999n }), order({ tick: 99_000n })]);
      const anchors: [bigint, bigint, bigint] = [100_000n, 100_000n, 2n];
      const missed = await executeAt(context, below, 97_000n, { anchors });
      expect(missed.reason).to.equal(REASON.PriceNotReached);
      const hit = await executeAt(context, on, 97_000n, { anchors });
      expect(hit.outcome).to.equal(OUTCOME.triggered);
      await expect(hit.transaction)
        .to.emit(context.triggers, "TriggerFired")
        .withArgs(on, context.keeper, 99_000n * PRICE, 1_000, 99_000_000, TIP, true);
    });
  });

  describe("execute: trailing", () => {
    const trailing = (fields: Partial<OrderFields> = {}) =>
      order({ kind: KIND.trailing, tick: 0n, callbackPips: 10_000n, boundPips: 20_000n, ...fields });

    it("fires a callback below a price that there was since", async () => {
      const context = await loadFixture(deployLong);
      const { alice, bob, triggers, keeper } = context;
      const [id] = await place(context, alice, [trailing()]);
      await actAt(context, bob, [103_000n, 4_000n], [bid(102_000n, 5_000n)]);
      const earlier = await prove(context, { price: 104_000n, confidence: 156n * PRICE });
      const short = await executeAt(context, id, 102_961n, { earlier });
      expect(short.reason).to.equal(REASON.PriceNotReached);
      const { outcome, transaction } = await executeAt(context, id, 102_960n, { earlier });
      expect(outcome).to.equal(OUTCOME.triggered);
      await expect(transaction)
        .to.emit(triggers, "TriggerFired")
        .withArgs(id, keeper, 102_960n * PRICE, 1_000, 102_000_000, TIP, true);
    });

    it("of one that buys, above", async () => {
      const context = await loadFixture(deployTriggers);
      const { alice, bob } = context;
      const [id] = await place(context, alice, [trailing({ isBuy: true, isReduceOnly: false, lots: 100n })]);
      await actAt(context, bob, [99_000n, 4_000n], [ask(99_100n, 100n)]);
      const earlier = await prove(context, { price: 98_000n });
      expect((await executeAt(context, id, 98_979n, { earlier })).reason).to.equal(REASON.PriceNotReached);
      expect((await executeAt(context, id, 98_980n, { earlier })).outcome).to.equal(OUTCOME.triggered);
    });

    it("only from its activation on, which the earlier tick must have reached", async () => {
      const context = await loadFixture(deployLong);
      const { alice, bob } = context;
      const [id] = await place(context, alice, [trailing({ tick: 104_000n })]);
      await actAt(context, bob, [102_900n, 4_000n], [bid(102_000n, 5_000n)]);
      const below = await prove(context, { price: 103_999n });
      const missed = await executeAt(context, id, 102_000n, { earlier: below });
      expect([missed.outcome, missed.reason]).to.deep.equal([OUTCOME.skipped, REASON.ActivationNotReached]);
      const on = await prove(context, { price: 104_000n });
      expect((await executeAt(context, id, 102_960n, { earlier: on })).outcome).to.equal(OUTCOME.triggered);
    });

    it("R26: not with an earlier tick before the clock, a wide one, none, or the same one twice", async () => {
      const context = await loadFixture(deployLong);
      const { alice, bob } = context;
      await actAt(context, bob, [103_000n, 4_000n], [bid(102_000n, 5_000n)]);
      const [id] = await place(context, alice, [trailing()]);
      const { changedAt } = await viewOf(context, id);
      const fields = { price: 105_000n, publishTime: changedAt + DELAY + 1n };
      const early = await prove(context, { ...fields, publishTime: changedAt + DELAY });
      const wide = await prove(context, { ...fields, confidence: (fields.price * PRICE * 15n) / 10_000n + 1n });
      const other = await prove(context, { ...fields, price: 4_000n, asset: 2n });
      const good = await prove(context, fields);
      for (const [earlier, reason] of [
        [early, "TickTooEarly"],
        [wide, "ConfidenceTooWide"],
        [other, "TickOfOtherAsset"],
        [10_000n, "NoTick"],
      ] as const) {
        const attempt = await executeAt(context, id, 102_960n, { earlier });
        expect([attempt.outcome, attempt.reason], reason).to.deep.equal([OUTCOME.skipped, REASON[reason]]);
      }
      // The firing tick itself is too wide.
      const wideFire = await executeAt(context, id, 102_960n, { earlier: good, confidence: 160n * PRICE });
      expect(wideFire.reason).to.equal(REASON.ConfidenceTooWide);
      // The same tick twice, and two of one second.
      const at = BigInt(await time.latest()) + 12n;
      const peak = await prove(context, { price: 105_000n, publishTime: at });
      const fire = await prove(context, { price: 102_960n, publishTime: at });
      for (const [tick, earlier] of [
        [fire, fire],
        [fire, peak],
      ]) {
        const attempt = await execute(context, id, { tick, earlier, at: at + (tick === earlier ? 0n : 1n) });
        expect([attempt.outcome, attempt.reason]).to.deep.equal([OUTCOME.skipped, REASON.TicksNotInOrder]);
      }
      await expectWaiting(context, id);
      expect((await executeAt(context, id, 102_960n, { earlier: good })).outcome).to.equal(OUTCOME.triggered);
    });
  });

  describe("execute: what the moment decides is skipped", () => {
    it("rights that were never given, were revoked, have expired, or are too few", async () => {
      const context = await loadFixture(deployLong);
      const { pro, triggers, alice, bob } = context;
      const opening = order({ isReduceOnly: false, lots: 100n });
      const [id, open] = await place(context, alice, [order(), opening]);
      await actAt(context, bob, [99_000n, 4_000n], [bid(98_900n, 5_000n)]);
      const soon = BigInt(await time.latest()) + 5n;
      for (const [rights, expiry] of [
        [0n, FOREVER],
        [MAY.trade, soon],
        [MAY.cancel, FOREVER],
      ]) {
        await pro.connect(alice).setDelegate(ALICE, triggers, rights, expiry);
        const { outcome, reason } = await executeAt(context, id, 99_000n);
        expect([outcome, reason]).to.deep.equal([OUTCOME.skipped, REASON.NotAllowed]);
        await expectWaiting(context, id);
      }
      await pro.connect(alice).setDelegate(ALICE, triggers, MAY.reduce, FOREVER);
      expect((await executeAt(context, open, 99_000n)).reason).to.equal(REASON.NotAllowed);
      expect((await executeAt(context, id, 99_000n)).outcome).to.equal(OUTCOME.triggered);
    });

    it("a raised breaker, a stale index, a market that only reduces, an index that is not narrow", async () => {
      const context = await loadFixture(deployLong);
      const { breaker, configurator, pro, alice, bob, carol } = context;
      const opening = order({ isReduceOnly: false, lots: 100n });
      const [id] = await place(context, alice, [order()]);
      const [open] = await place(context, carol, [opening]);
      await actAt(context, bob, [99_000n, 4_000n], [bid(98_900n, 5_000n)]);
      const expectSkipped = (attempt: { outcome: bigint; reason: bigint }, reason: string) => {
        expect([attempt.outcome, attempt.reason], reason).to.deep.equal([OUTCOME.skipped, REASON[reason]]);
      };
      await breaker.raise(3);
      expectSkipped(await executeAt(context, id, 99_000n), "BreakerRaised");
      await breaker.lower(2, 0);
      expectSkipped(await executeAt(context, open, 99_000n), "BreakerRaised");
      await breaker.lower(0, 0);
      await configurator.disable(pro, 0);
      expectSkipped(await executeAt(context, open, 99_000n), "MarketReduceOnly");
      await configurator.setStatus(pro, 0, 1, 1);
      // Of 31 bp the index is not narrow.
      const confidence = (99_000n * PRICE * 31n) / 10_000n;
      expectSkipped(await executeAt(context, open, 99_000n, { confidence }), "IndexNotNarrow");
      // The trigger's tick is no refresh: the index stays 31 s old.
      const at = BigInt(await time.latest()) + 31n;
      const tick = await prove(context, { price: 99_000n, publishTime: at });
      expectSkipped(await execute(context, id, { tick, at }), "IndexStale");
      await expectWaiting(context, id);
      await expectWaiting(context, open);
    });

    it("nothing within its bound; dead orders in the way are gone all the same", async () => {
      const context = await loadFixture(deployLong);
      const { pro, reader, alice, bob } = context;
      const [id] = await place(context, alice, [order()]);
      await setPrices(context, 99_000n, 4_000n);
      const expiry = BigInt(await time.latest()) + 5n;
      await act(context, bob, [bid(98_900n, 100n, { expiry }), bid(98_009n, 5_000n)]);
      const { outcome, reason } = await executeAt(context, id, 99_000n);
      expect([outcome, reason]).to.deep.equal([OUTCOME.skipped, REASON.NothingFilled]);
      expect((await reader.order(pro, orderIdOf(BOB, 0n, 1n))).lots).to.equal(0n);
      await expectWaiting(context, id);
      expect((await viewOf(context, id)).tip).to.equal(TIP);
    });

    it("too little gas decides nothing", async () => {
      const context = await loadFixture(deployLong);
      const { harness, triggers, alice, bob, keeper } = context;
      const [id] = await place(context, alice, [order()]);
      await actAt(context, bob, [99_000n, 4_000n], [bid(98_900n, 5_000n)]);
      const at = BigInt(await time.latest()) + 10n;
      const tick = await prove(context, { price: 99_000n, publishTime: at });
      for (let gasLimit = 60_000n; gasLimit < 400_000n; gasLimit += 20_000n) {
        const snapshot = await takeSnapshot();
        await time.setNextBlockTimestamp(at + 1n);
        const sent = harness.execute(triggers, id, keeper, tick, 0, keeper, { gasLimit });
        const isSent = await sent.then(
          () => true,
          () => false,
        );
        expect((await viewOf(context, id)).id, gasLimit.toString()).to.equal(isSent ? 0n : id);
        expect(await lotsOf(context, ALICE)).to.equal(isSent ? 0n : 1_000n);
        if (isSent) expect(await keeperCash(context)).to.equal(TIP);
        await snapshot.restore();
      }
    });
  });

  describe("execute: what the account lacks ends it, unpaid", () => {
    async function expectRemoved(context: TriggerContext, id: bigint, price: bigint, reason: string) {
      const attempt = await executeAt(context, id, price);
      expect([attempt.outcome, attempt.reason]).to.deep.equal([OUTCOME.removed, REASON[reason]]);
      await expect(attempt.transaction).to.emit(context.triggers, "TriggerRemoved").withArgs(id, REASON[reason]);
      expect((await viewOf(context, id)).id).to.equal(0n);
      await expectUnpaid(context);
    }

    it("nothing to reduce: no position, or one that was turned round", async () => {
      const context = await loadFixture(deployLong);
      const { alice, bob, carol } = context;
      const [gone] = await place(context, carol, [order()]);
      const [turned] = await place(context, alice, [order()]);
      await actAt(context, bob, [99_000n, 4_000n], [bid(98_900n, 5_000n)]);
      await expectRemoved(context, gone, 99_000n, "NothingToReduce");
      await act(context, alice, [ask(98_900n, 1_500n, { type: ORDER_TYPE.immediateOrCancel })]);
      expect(await lotsOf(context, ALICE)).to.equal(-500n);
      await expectRemoved(context, turned, 99_000n, "NothingToReduce");
      expect(await lotsOf(context, ALICE)).to.equal(-500n);
    });

    it("less than 10 USD, which is no rest of a position", async () => {
      const context = await loadFixture(deployTriggers);
      const { alice, bob } = context;
      const opening = order({ market: 1n, isReduceOnly: false, lots: 1n, tick: 10_050n, boundPips: 50_000n });
      // 0.01 ETH at 1,005 is 10.05 USD; 5% below it is less than 10.
      const [id] = await place(context, alice, [opening]);
      await setPrices(context, 100_000n, 1_000n);
      await act(context, bob, [bid(9_990n, 100n, { market: 1n })]);
      const at = BigInt(await time.latest()) + 12n;
      const tick = await prove(context, { price: 1_000n, publishTime: at, asset: 2n });
      const attempt = await execute(context, id, { tick, at });
      expect([attempt.outcome, attempt.reason]).to.deep.equal([OUTCOME.removed, REASON.NotionalTooSmall]);
    });

    it("margin that is too low", async () => {
      const context = await loadFixture(deployTriggers);
      const { alice, bob } = context;
      // 30 BTC at 20x take 148,500 of a cash of 100,000.
      const [id] = await place(context, alice, [order({ isReduceOnly: false, lots: 30_000n })]);
      const sells = [bid(98_990n, 15_000n), bid(98_980n, 5_000n)];
      await context.pro.connect(bob).deposit(bob, 0, 500_000n * USD);
      await actAt(context, bob, [99_000n, 4_000n], [...sells, bid(98_970n, 10_000n)]);
      await expectRemoved(context, id, 99_000n, "MarginTooLow");
    });

    it("a position above the top tier", async () => {
      const context = await loadFixture(deployTriggers);
      const { pro, token, alice, bob, carol } = context;
      const [id] = await place(context, alice, [order({ isReduceOnly: false, lots: 210_000n })]);
      for (const maker of [bob, carol]) {
        await token.mint(maker, 4_000_000n * USD);
        await pro.connect(maker).deposit(maker, 0, 3_000_000n * USD);
        await actAt(context, maker, [99_000n, 4_000n], [actions.setLeverage(0n, 5n), bid(98_990n, 105_000n)]);
      }
      await expectRemoved(context, id, 99_000n, "PositionTooLarge");
    });

    it("its expiry", async () => {
      const context = await loadFixture(deployLong);
      const { alice, bob } = context;
      await actAt(context, bob, [99_000n, 4_000n], [bid(98_900n, 5_000n)]);
      const expiry = BigInt(await time.latest()) + 100n;
      const [id, other] = await place(context, alice, [order({ expiry, lots: 100n }), order({ expiry })]);
      const tick = await prove(context, { price: 99_000n, publishTime: expiry - 1n });
      await time.setNextBlockTimestamp(expiry - 1n);
      await context.pro.refresh(context.keeper, tick, 0);
      const last = await execute(context, id, { tick, at: expiry });
      expect(last.outcome).to.equal(OUTCOME.triggered);
      const late = await execute(context, other, { tick, at: expiry + 1n });
      expect([late.outcome, late.reason]).to.deep.equal([OUTCOME.removed, REASON.TriggerExpired]);
      expect(await lotsOf(context, ALICE)).to.equal(900n);
    });

    it("a market that settles", async () => {
      const context = await loadFixture(deployLong);
      const { pro, configurator, alice } = context;
      const [id] = await place(context, alice, [order()]);
      await configurator.delist(pro, 0);
      await time.increase(86_401n);
      await pro.beginSettling(0, ethers.ZeroAddress, 0);
      const at = BigInt(await time.latest()) + 10n;
      const tick = await prove(context, { price: 99_000n, publishTime: at });
      const attempt = await execute(context, id, { tick, at });
      expect([attempt.outcome, attempt.reason]).to.deep.equal([OUTCOME.removed, REASON.MarketSettling]);
    });
  });

  describe("execute: the tip", () => {
    it("R28: fires unpaid where the cash falls short, and the lens says whose does", async () => {
      const context = await loadFixture(deployTriggers);
      const { pro, lens, triggers, alice, bob } = context;
      const sub = accountOf(1n, 1n);
      await pro.connect(alice).deposit(alice, 1, 10n ** 15n);
      await pro.connect(alice).setDelegate(sub, triggers, MAY.trade, FOREVER);
      // All of its cash is in an isolated market.
      await act(context, alice, [transfer(0n, 0n, 8_000n * USD, 1n)]);
      const inside = [setMode(0n, true), transfer(0n, 1n, 8_000n * USD, 1n)];
      await act(context, bob, [ask(100_000n, 1_000n)]);
      await act(context, alice, [...inside, bid(100_000n, 1_000n, { type: ORDER_TYPE.immediateOrCancel })], 1n);
      const placed = await triggers.connect(alice).place.staticCall(sub, [order({ lots: 500n })]);
      await triggers.connect(alice).place(sub, [order({ lots: 500n })]);
      const tick = { price: 99_000n * PRICE, confidence: 0n, publishTime: BigInt(await time.latest()) + 10n };
      await actAt(context, bob, [99_000n, 4_000n], [bid(98_900n, 5_000n)]);
      const [due] = await lens.triggersDue(triggers, [...placed], [tick], [tick]);
      expect([due.reason, due.isCashShort]).to.deep.equal([REASON.None, true]);
      const { outcome, transaction } = await executeAt(context, placed[0], 99_000n);
      expect(outcome).to.equal(OUTCOME.triggered);
      await expect(transaction)
        .to.emit(triggers, "TriggerFired")
        .withArgs(placed[0], context.keeper, 99_000n * PRICE, 500, 49_450_000, 0, true);
      expect(await lotsOf(context, sub)).to.equal(500n);
      expect(await cashOf(context, sub)).to.equal(10n ** 15n);
      await expectUnpaid(context);
    });

    it("does not keep an isolated position waiting for a price that the cross scope lacks", async () => {
      const context = await loadFixture(deployTriggers);
      const { pro, reader, triggers, alice, bob } = context;
      const ioc = { type: ORDER_TYPE.immediateOrCancel };
      await act(context, bob, [ask(100_000n, 2_000n), bid(40_000n, 100n, { market: 1n })]);
      const inside = [setMode(0n, true), transfer(0n, 1n, 20_000n * USD), bid(100_000n, 1_000n, ioc)];
      await actAt(context, alice, [100_000n, 4_000n], [...inside, ask(40_000n, 50n, { market: 1n, ...ioc })]);
      const [first, second] = await place(context, alice, [order({ lots: 400n }), order({ lots: 400n })]);
      await actAt(context, bob, [99_000n, 4_000n], [bid(98_900n, 5_000n)]);
      // Only BTC is refreshed by what executes: ETH grows older than 30 s.
      await time.increase(40n);
      const stale = await executeAt(context, first, 99_000n);
      expect(stale.outcome).to.equal(OUTCOME.triggered);
      await expect(stale.transaction)
        .to.emit(triggers, "TriggerFired")
        .withArgs(first, context.keeper, 99_000n * PRICE, 400, 39_560_000, 0, true);
      // With a price of ETH of the last seconds, as for a withdrawal, it is paid.
      const at = BigInt(await time.latest()) + 12n;
      const tick = await prove(context, { price: 99_000n, publishTime: at - 2n });
      const ether = await prove(context, { price: 4_000n, asset: 2n, publishTime: at - 2n });
      await time.setNextBlockTimestamp(at - 2n);
      await pro.refresh(context.keeper, tick, 0);
      await time.setNextBlockTimestamp(at - 1n);
      await pro.refresh(context.keeper, ether, 1);
      expect((await execute(context, second, { tick, at })).outcome).to.equal(OUTCOME.triggered);
      expect(await keeperCash(context)).to.equal(TIP);
      expect((await reader.party(pro, 0, ALICE)).lots).to.equal(200n);
    });

    it("nor for the equity that it lacks", async () => {
      const context = await loadFixture(deployTriggers);
      const { triggers, alice, bob, keeper } = context;
      const ioc = { type: ORDER_TYPE.immediateOrCancel };
      const eth = { market: 1n, ...ioc };
      await act(context, bob, [ask(100_000n, 1_000n), bid(40_000n, 10_000n, { market: 1n })]);
      const inside = [setMode(0n, true), transfer(0n, 1n, 20_000n * USD), bid(100_000n, 1_000n, ioc)];
      const away = transfer(0n, 0n, 56_000n * USD, 1n);
      await actAt(context, alice, [100_000n, 4_000n], [...inside, ask(40_000n, 10_000n, eth), away]);
      const [id] = await place(context, alice, [order({ lots: 400n })]);
      // 100 ETH sold at 4,000 cost 25,000 of a cash of 23,840; the isolated bitcoin is well.
      await actAt(context, bob, [99_000n, 4_250n], [bid(98_900n, 5_000n)]);
      const before = await cashOf(context, ALICE);
      const at = BigInt(await time.latest()) + 12n;
      const tick = await prove(context, { price: 99_000n, publishTime: at - 1n });
      const { outcome, transaction } = await execute(context, id, { tick, at });
      expect(outcome).to.equal(OUTCOME.triggered);
      await expect(transaction)
        .to.emit(triggers, "TriggerFired")
        .withArgs(id, keeper, 99_000n * PRICE, 400, 39_560_000, 0, true);
      expect(await cashOf(context, ALICE)).to.equal(before);
      expect(before).to.be.greaterThan(TIP);
    });
  });

  describe("execute: crowds", () => {
    itMeasuresGas(
      "R63: 32 least orders in front take their part of it and no more, within a keeper's gas",
      async () => {
        const context = await loadFixture(deployTriggers);
        const { pro, oracle, triggers, alice, bob, carol, keeper } = context;
        const batch = await ethers.deployContract("ProKeeper", [oracle]);
        const ioc = { type: ORDER_TYPE.immediateOrCancel };
        await act(context, bob, [ask(100_000n, 1_000n), bid(40_000n, 10_000n, { market: 1n })]);
        const inside = [setMode(0n, true), transfer(0n, 1n, 20_000n * USD), bid(100_000n, 1_000n, ioc)];
        const away = transfer(0n, 0n, 56_000n * USD, 1n);
        await actAt(
          context,
          alice,
          [100_000n, 4_000n],
          [...inside, ask(40_000n, 10_000n, { market: 1n, ...ioc }), away],
        );
        const [id] = await place(context, alice, [order()]);
        for (let sub = 1n; sub <= 32n; sub++) {
          await pro.connect(carol).deposit(carol, sub, 100n * USD);
          if (sub % 5n === 1n) await setPrices(context, 99_000n, 4_000n);
          await act(context, carol, [bid(98_900n, 3n)], sub);
        }
        // Behind them is enough; the cross scope can bear no tip, so that each kind of order is tried with and without.
        await actAt(context, bob, [99_000n, 4_250n], [bid(98_890n, 5_000n)]);
        const now = BigInt(await time.latest()) + 3n;
        await oracle.setPrice(1, 99_000n * PRICE, now);
        await time.increaseTo(now);
        const proofs = [{ assetIds: [1n], minPublishTime: 0n, isUnique: false, updateData: ["0x01"] }];
        const shot = { id, tickIndex: 0n, earlierTickIndex: 0n };
        const sent = await batch.connect(keeper).fire(triggers, proofs, [], [shot, shot], { gasLimit: 30_000_000n });
        const receipt = await sent.wait();
        await expect(sent).not.to.emit(batch, "ItemFailed");
        await expect(sent)
          .to.emit(triggers, "TriggerFired")
          .withArgs(id, keeper, 99_000n * PRICE, 96, 98_900n * 96n, 0, false);
        // At once, by the same tick, what is left; its isolated cash goes back then, and lets no tip out of a scope that lacks margin.
        await expect(sent)
          .to.emit(triggers, "TriggerFired")
          .withArgs(id, keeper, 99_000n * PRICE, 904, 98_890n * 904n, 0, true);
        expect(receipt?.gasUsed).to.be.lessThan(6_000_000n);
        expect(await lotsOf(context, ALICE)).to.equal(0n);
      },
    );

    it("the lens says of every tick what execution says", async () => {
      const context = await loadFixture(deployLong);
      const { lens, triggers, alice, bob } = context;
      const seen = new Set<bigint>();
      await context.pro.connect(bob).deposit(bob, 0, 500_000n * USD);
      await actAt(context, bob, [99_000n, 4_000n], [bid(98_100n, 40_000n)]);
      const kinds = Object.values(KIND);
      for (let round = 0n; round < 48n; round++) {
        const kind = kinds[Number(round % 3n)];
        const trailing = kind === KIND.trailing ? { tick: 0n, callbackPips: 10_000n } : {};
        const [id] = await place(context, alice, [order({ kind, tick: 99_000n, lots: 1n, ...trailing })]);
        const { changedAt } = await viewOf(context, id);
        const at = changedAt + 6n + (round % 5n);
        const fields = {
          price: 98_700n + ((round * 5n) % 8n) * 100n,
          publishTime: at - (round % 7n),
          confidence: round % 4n === 1n ? 200n * PRICE : 0n,
        };
        const peak = { price: 99_500n + (round % 4n) * 200n, publishTime: at - 3n };
        const earlier = await prove(context, peak);
        const tick = await prove(context, fields);
        await time.increaseTo(at - 1n);
        await time.setNextBlockTimestamp(at);
        const asked = ({
          price,
          publishTime,
          confidence = 0n,
        }: typeof fields | (typeof peak & { confidence?: bigint })) => ({
          ...{ price: price * PRICE, publishTime, confidence },
        });
        const [due] = await lens.triggersDue(triggers, [id], [asked(fields)], [asked(peak)], { blockTag: "pending" });
        const attempt = await execute(context, id, { tick, earlier, at });
        const label = `${round.toString()}: ${due.reason.toString()}`;
        if (due.reason === REASON.None) expect([OUTCOME.triggered, OUTCOME.skipped], label).to.include(attempt.outcome);
        else expect([attempt.outcome, attempt.reason], label).to.deep.equal([OUTCOME.skipped, due.reason]);
        seen.add(due.reason);
        await triggers.connect(alice).cancel([id]);
        if (round % 4n === 3n) await setPrices(context, 99_000n, 4_000n);
      }
      for (const reason of [
        "None",
        "PriceNotReached",
        "TickTooEarly",
        "TickTooOld",
        "TicksNotInOrder",
        "ConfidenceTooWide",
      ]) {
        expect(seen.has(REASON[reason]), reason).to.equal(true);
      }
      await expect(lens.triggersDue(triggers, [1, 2], [], []))
        .to.be.revertedWithCustomError(lens, "ProTriggersLens_LengthsDiffer")
        .withArgs(2, 0, 0);
      const none = { price: 1n, confidence: 0n, publishTime: 1n };
      const [missing] = await lens.triggersDue(triggers, [77], [none], [none]);
      expect(missing.reason).to.equal(REASON.TriggerNotFound);
    });
  });
});
