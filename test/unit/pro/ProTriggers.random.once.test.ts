import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import type { TriggerKind, WaitingTrigger } from "../../../sdk/model/pro";
import { TRIGGER_TIP, fillTrigger, judgeTrigger, triggerLimit } from "../../../sdk/model/pro";
import { REASON, ask, bid } from "../../dsl/proActions";
import { randomOf } from "../../dsl/xorshift";
import { BTC } from "./samples";
import type { OrderFields, TriggerContext } from "./triggerFixture";
import { DELAY, OUTCOME, TIP, deployTriggers, execute, order, prove, reasonName } from "./triggerFixture";
import { ALICE, BOB, CAROL, PRICE, act, setPrices } from "./proFixture";

const SEED = BigInt(process.env.PRO_SEED ?? 20_251_011);
const STEPS = Number(process.env.PRO_STEPS ?? 140);
const ACCOUNTS = [ALICE, BOB, CAROL];
const KINDS: readonly TriggerKind[] = ["stop", "takeProfit", "trailing"];

const asModel = (fields: OrderFields, changedAt: bigint): WaitingTrigger => ({
  ...{ kind: KINDS[Number(fields.kind)], side: fields.isBuy ? "buy" : "sell", isReduceOnly: fields.isReduceOnly },
  ...{ lots: fields.lots, tick: fields.tick, limit: fields.limit, boundPips: fields.boundPips },
  ...{ callbackPips: fields.callbackPips, expiry: fields.expiry, changedAt, tip: TRIGGER_TIP },
});

/** Cash, costs, funding, fund and fees of all, and what the Vault holds. */
async function expectBalanced({ pro, reader, token, vault }: TriggerContext, accounts: readonly bigint[]) {
  const { fund, fees, longIndex, shortIndex } = await reader.market(pro, 0);
  const other = await reader.market(pro, 1);
  let held = fund + fees + other.fund + other.fees;
  let sum = 0n;
  for (const account of accounts) {
    held += (await reader.account(pro, account)).cash;
    const { lots, cost, snapshot } = await reader.party(pro, 0, account);
    held -= cost + lots * ((lots < 0n ? shortIndex : longIndex) - snapshot);
    sum += lots;
  }
  expect(sum).to.equal(0n);
  expect((await vault.productLedger(pro, token)).collateral).to.equal(held);
}

describe("ProTriggers: random orders and ticks", () => {
  it(`do what the model and the lens say, and pay no trigger's tip twice (seed ${SEED.toString()})`, async () => {
    const context = await loadFixture(deployTriggers);
    const { pro, reader, lens, triggers, alice, bob, carol, keeper } = context;
    const traders = [alice, bob, carol];
    await pro.connect(alice).deposit(keeper, 0, 1n);
    const keepers = await pro.accountOf(keeper, 0);
    const random = randomOf(SEED);
    const pick = <T>(list: readonly T[]): T => list[random(list.length)];
    const waiting = new Map<bigint, { owner: number; trigger: WaitingTrigger; paid: bigint }>();
    const seen = new Map<string, number>();
    let [price, earned] = [100_000n, 1n];
    const lotsOf = async (owner: number) => (await reader.party(pro, 0, ACCOUNTS[owner])).lots;

    const drawn = (): OrderFields => {
      const kind = random(3);
      const isReduceOnly = random(3) !== 0;
      const isLimit = random(4) === 0;
      return order({
        ...{ kind: BigInt(kind), isBuy: random(2) === 0, isReduceOnly },
        lots: isReduceOnly && random(2) === 0 ? 0n : BigInt(1 + random(300)),
        tick: kind === 2 && random(2) === 0 ? 0n : price + BigInt(random(601) - 300),
        limit: isLimit ? price + BigInt(random(1_001) - 500) : 0n,
        boundPips: isLimit ? 0n : BigInt(pick([0, 1_000, 20_000])),
        callbackPips: kind === 2 ? BigInt(pick([1_000, 3_000])) : 0n,
      });
    };

    for (let step = 0; step < STEPS; step++) {
      if (random(3) === 0) price += BigInt(random(301) - 150);
      await setPrices(context, price, 4_000n);
      const owner = random(3);
      const account = ACCOUNTS[owner];
      const by = triggers.connect(traders[owner]);
      const mine = [...waiting].filter(([, { owner: whose }]) => whose === owner).map(([id]) => id);
      const kind = random(12);
      if (kind < 4) {
        const side = random(2) === 0 ? bid : ask;
        await act(context, traders[owner], [side(price + BigInt(random(201) - 100), BigInt(3 + random(200)))]).catch(
          () => undefined,
        );
        continue;
      }
      if (kind < 7 && mine.length < 8) {
        const fields = drawn();
        const [id] = await by.place.staticCall(account, [fields]);
        await by.place(account, [fields]);
        waiting.set(id, { owner, trigger: asModel(fields, BigInt(await time.latest())), paid: 0n });
        continue;
      }
      if (kind === 7 && mine.length > 0) {
        const id = pick(mine);
        const fields = drawn();
        await by.change(id, fields);
        waiting.set(id, { owner, trigger: asModel(fields, BigInt(await time.latest())), paid: 0n });
        continue;
      }
      if (waiting.size === 0) continue;

      const [id, entry] = pick([...waiting]);
      const { trigger } = entry;
      const at = BigInt(await time.latest()) + 8n + BigInt(random(4));
      const fields = { price: price + BigInt(random(401) - 200), publishTime: at - BigInt(pick([0, 0, 1, 3, 5])) };
      const peak = { price: price + BigInt(random(801) - 400), publishTime: at - BigInt(pick([4, 5, 6, 12])) };
      const earlier = await prove(context, peak);
      const tick = await prove(context, fields);
      const before = await lotsOf(entry.owner);
      const asShown = ({ price: dollars, publishTime }: typeof fields) => ({
        ...{ price: dollars * PRICE, confidence: 0n, publishTime },
      });
      await time.setNextBlockTimestamp(at);
      const shown = [[asShown(fields)], [asShown(peak)]];
      const [due] = await lens.triggersDue(triggers, [id], shown[0], shown[1], { blockTag: "pending" });
      const attempt = await execute(context, id, { tick, earlier, at });
      const toTick = ({ price: dollars, publishTime }: typeof fields) => ({
        ...{ price: dollars * PRICE, confidence: 0n, publishTime },
      });
      const anchors = { low: fields.price * PRICE, high: fields.price * PRICE, fresh: 2 };
      const moment = { now: at, delay: DELAY, tick: toTick(fields), anchors, earlier: toTick(peak) };
      const judged = judgeTrigger(BTC, trigger, moment);
      const label = `step ${step.toString()}: ${reasonName(attempt.reason) ?? "?"}`;
      // The lens says before what comes of it, but for what only the book and the account tell.
      expect(due.reason, label).to.equal(judged.reason === undefined ? 0n : attempt.reason);
      if (judged.reason === undefined) expect(due.limit, label).to.equal(triggerLimit(BTC, trigger, judged.price));
      if (judged.reason !== undefined) {
        expect([attempt.outcome, attempt.reason], label).to.deep.equal([OUTCOME.skipped, REASON[judged.reason]]);
      }
      const receipt = await attempt.transaction.wait();
      const logs = receipt?.logs.map((log) => triggers.interface.parseLog(log)) ?? [];
      const event = logs.find((log) => log?.name === "TriggerFired");
      const name = event ? `filled ${attempt.outcome.toString()}` : (reasonName(attempt.reason) ?? "?");
      seen.set(name, (seen.get(name) ?? 0) + 1);
      const left = await lens.trigger(triggers, id);
      const after = await lotsOf(entry.owner);
      if (!event) {
        // Nothing filled: nothing moved, but for a trigger that what its account lacks has ended.
        expect(after, label).to.equal(before);
        if (attempt.outcome === OUTCOME.removed) waiting.delete(id);
        expect([left.id, left.lots], label).to.deep.equal(
          attempt.outcome === OUTCOME.removed ? [0n, 0n] : [id, trigger.lots],
        );
        continue;
      }
      const told = event.args.toObject() as Record<string, bigint>;
      const limit = triggerLimit(BTC, trigger, judged.price) ?? 0n;
      const worst = told.lots * limit;
      expect(trigger.side === "buy" ? told.tickLots <= worst : told.tickLots >= worst, label).to.equal(true);
      expect(after - before, label).to.equal(trigger.side === "buy" ? told.lots : -told.lots);
      let wanted = trigger.lots;
      if (trigger.isReduceOnly) {
        const size = before < 0n ? -before : before;
        expect(before > 0n, label).to.equal(trigger.side === "sell");
        if (wanted === 0n || wanted > size) wanted = size;
      }
      const { tip, rest } = fillTrigger(trigger, told.lots, wanted);
      expect(told.tip, label).to.equal(tip);
      entry.paid += tip;
      earned += tip;
      expect(entry.paid <= TIP, label).to.equal(true);
      expect([left.id, left.lots, left.tip], label).to.deep.equal(
        rest ? [id, rest.lots, rest.tip * 10n ** 12n] : [0n, 0n, 0n],
      );
      if (rest) entry.trigger = rest;
      else waiting.delete(id);
      expect((await reader.account(pro, keepers)).cash).to.equal(earned);
      await expectBalanced(context, [...ACCOUNTS, keepers]);
    }
    for (const name of ["filled 8", "filled 9", "PriceNotReached", "NothingFilled", "NothingToReduce", "TickTooOld"]) {
      expect(seen.get(name) ?? 0, `${name} of ${JSON.stringify([...seen])}`).to.be.greaterThan(0);
    }
  });
});
