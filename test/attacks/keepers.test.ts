import { takeSnapshot } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import type { ParamType } from "ethers";
import { executionFeeTokens } from "../../sdk/model";
import { usd } from "../../sdk/units";
import { afterADay, executeAt, openPosition, quoteOf, scheduled, settleAtTarget, start } from "../unit/trading/setup";
import { entriesOf, expectBalanced, expectIntact, holdingOf, navOf, openedDesk, stateOf } from "./support";

/** Gas that a batch may use, well below the block limit of either chain. */
const BATCH_GAS = 30_000_000n;
const BATCH_ITEMS = 50n;

describe("attacks: keepers and batches", () => {
  it("O25: orders put around another's, in whatever order and with whatever slippage model, gain nothing", async () => {
    const fixture = await start();
    const { desk, trading, tradingConfigurator, riskManager, trader, other, keeper } = fixture;
    const bookId = desk.bookId("BTC", "standard");
    const options = { mode: "standard", leverage: 20 } as const;
    for (const model of [1, 2]) {
      const data = tradingConfigurator.interface.encodeFunctionData("setSlippage", [
        ...([trading.target as string, bookId, model, 100, 10_000_000] as const),
      ]);
      const change = await scheduled(fixture, riskManager, tradingConfigurator, data);
      await afterADay(fixture);
      await change();
      await desk.refresh();
      const snapshot = await takeSnapshot();
      for (const isLong of [true, false]) {
        for (const isFirst of [true, false]) {
          const before = await holdingOf(desk, "USDT", trader);
          const nav = await navOf(desk);
          const mine = await desk.requestOpen(trader, { ...options, isLong, amount: desk.tokenUnits("USDT", 2_000n) });
          const theirs = await desk.requestOpen(other, { ...options, amount: desk.tokenUnits("USDT", 9_000n) });
          const ids = isFirst ? [mine.id, theirs.id] : [theirs.id, mine.id];
          const proofs = [mine, theirs].map(({ target }) => desk.firstTick("BTC", target, { at: theirs.target }));
          const ticks = isFirst ? [0, 1] : [1, 0];
          const opened = await executeAt(fixture, theirs.target, ids, proofs, { ticks, by: trader });
          expect(opened.outcomes).to.deep.equal(["Opened", "Opened"]);
          // He leaves at the same price, before or after the other.
          const leaving = await desk.requestClose(trader, mine.id);
          const left = await settleAtTarget(fixture, leaving, { by: trader });
          expect(left.outcomes).to.deep.equal(["Closed"]);
          // Executing for himself he pays no execution fee; for the other he is paid one.
          const paid = executionFeeTokens(fixture.profile.execution.executionFeeUsd, quoteOf(fixture));
          const lost = before + paid - (await holdingOf(desk, "USDT", trader));
          // The two fees of 8 basis points on 40,000 USD, about, and the least slippage twice.
          expect(lost, `model ${model}`).to.be.greaterThan(desk.tokenUnits("USDT", 60n));
          await desk.close(other, keeper, theirs.id);
          await expectIntact(desk, nav);
          await snapshot.restore();
        }
      }
    }
  });

  it("O30: what a reorganisation puts under the same id fills at its own tick or not at all, and once", async () => {
    const fixture = await start();
    const { desk, tradingRecords, trader, other } = fixture;
    const snapshot = await takeSnapshot();
    const seen = await desk.requestOpen(trader);
    const proof = desk.firstTick("BTC", seen.target);
    await snapshot.restore();
    await desk.warp(1);
    // Another's order, the other way round, a second later: the keeper's transaction still names its id.
    const now = await desk.requestOpen(other, { isLong: false });
    expect(now.id).to.equal(seen.id);
    expect(now.target).to.be.greaterThan(seen.target);
    const stale = await executeAt(fixture, now.target, [now.id], [proof]);
    expect(stale.outcomes[0]).to.match(/^Skipped Tick(NotFirst|TooEarly)$/);
    const own = desk.firstTick("BTC", now.target);
    const filled = await executeAt(fixture, now.target + 1, [now.id, now.id], [own]);
    expect(filled.outcomes[0]).to.equal("Opened");
    expect((await tradingRecords.position(now.id)).owner).to.equal(other.address);
    // Sent again, in the same batch or later, it finds nothing to do.
    const before = await stateOf(desk, [now.id]);
    const again = await executeAt(fixture, now.target + 2, [now.id], [own]);
    expect(again.outcomes[0]).to.match(/^Skipped/);
    expect(await stateOf(desk, [now.id])).to.equal(before);
    await expectBalanced(desk);
  });

  it("L15: fifty of any item fit into 30M gas, however many positions there are", async () => {
    const fixture = await start();
    const { desk, trader, other } = fixture;
    const amount = desk.tokenUnits("USDT", 10n);
    const orders = async (count: number, owner = trader) => {
      const pending = [];
      for (let i = 0; i < count; ++i) pending.push(await desk.requestOpen(owner, { amount }));
      const { target: at } = pending[count - 1];
      await desk.warpTo(at);
      await desk.refresh();
      const proofs = pending.map(({ target }) => desk.firstTick("BTC", target, { at }));
      return { ids: pending.map(({ id }) => id), proofs, ticks: pending.map((_, index) => index) };
    };
    const open = async (count: number) => {
      const { ids, proofs, ticks } = await orders(count);
      const { receipt, outcomes } = await executeAt(fixture, (await desk.now()) + 1, ids, proofs, { ticks });
      expect(new Set(outcomes)).to.deep.equal(new Set(["Opened"]));
      return { ids, gas: receipt.gasUsed };
    };
    await openPosition(fixture, { amount }, other);
    const few = await open(1);
    const many = await open(8);
    // Each with a proof of its own, which costs more than fifty at one tick.
    expect(((many.gas - few.gas) / 7n) * BATCH_ITEMS).to.be.below(BATCH_GAS);
    const late = await open(1);
    expect(late.gas).to.be.at.most(few.gas + few.gas / 50n);
    await desk.setPrice("BTC", (desk.priceOf("BTC") * 99n) / 100n);
    const one = await desk.liquidate(fixture.keeper, late.ids, "BTC");
    const all = await desk.liquidate(fixture.keeper, [...few.ids, ...many.ids], "BTC");
    expect(new Set(all.results.map(({ outcome }) => outcome))).to.deep.equal(new Set(["Liquidated"]));
    const each = (all.receipt.gasUsed - one.receipt.gasUsed) / 8n;
    expect(one.receipt.gasUsed + each * (BATCH_ITEMS - 1n)).to.be.below(BATCH_GAS);
    await expectBalanced(desk);
  });

  it("L17: an order made to fail pays for the attempt, and is gone with it", async () => {
    const fixture = await start();
    const { desk, trader, keeper, vault } = fixture;
    const usdt = desk.replica.token("USDT");
    const fee = executionFeeTokens(fixture.profile.execution.executionFeeUsd, quoteOf(fixture));
    for (const options of [
      { acceptablePrice: 1n },
      { takeProfit: desk.priceOf("BTC") - 1n },
      { amount: desk.tokenUnits("USDT", 1n), mode: "standard", leverage: 1 },
    ] as const) {
      const before = await holdingOf(desk, "USDT", trader);
      const credited = await vault.claimableOf(usdt, keeper);
      const pending = await desk.requestOpen(trader, options);
      const { outcomes } = await settleAtTarget(fixture, pending);
      expect(outcomes[0]).to.match(/^Refused/);
      expect((await vault.claimableOf(usdt, keeper)) - credited).to.equal(fee);
      expect(before - (await holdingOf(desk, "USDT", trader))).to.equal(fee);
      expect(await desk.statusOf(pending.id)).to.equal("None");
      const again = await executeAt(fixture, pending.target + 1, [pending.id], [desk.firstTick("BTC", pending.target)]);
      expect(again.outcomes).to.deep.equal(["Skipped NothingPending"]);
      expect((await vault.claimableOf(usdt, keeper)) - credited).to.equal(fee);
    }
    expect(fee).to.be.at.least((desk.tokenUnits("USDT", 1n) * fixture.profile.execution.executionFeeUsd) / usd("1.01"));
    await expectBalanced(desk);
  });

  it("F19: a liquidator names positions and ticks and nothing else, and what he names in vain stays as it is", async () => {
    const { desk, system, stranger, id } = await openedDesk();
    const entries = entriesOf(system.liquidator);
    expect(entries.map(({ name }) => name)).to.deep.equal(["liquidate"]);
    const fieldsOf = ({ name, arrayChildren }: ParamType) =>
      arrayChildren?.components?.map((field) => `${name}.${field.name}`) ?? [name];
    expect(entries[0].inputs.flatMap(fieldsOf)).to.deep.equal([
      ...["trading", "proofs.assetIds", "proofs.minPublishTime", "proofs.isUnique", "proofs.updateData"],
      ...["items.tradeId", "items.tickIndex", "items.closeTickIndex"],
    ]);
    const before = await stateOf(desk, [id]);
    await desk.warp(2);
    await desk.refresh();
    const { results } = await desk.liquidate(stranger, [id], "BTC");
    expect(results[0]).to.deep.include({ outcome: "Skipped", reason: "NotLiquidatable" });
    expect(await stateOf(desk, [id])).to.equal(before);
  });
});
