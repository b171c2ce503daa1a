import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { ethers } from "hardhat";
import { NO_TICK, confirmed } from "../../../kit/desk/Desk";
import type { Proof } from "../../../kit/desk/Desk";
import { Outcome, Reason, nameOf } from "../../../sdk/enums";
import { requestPartialClose } from "../../../kit/desk/orders";
import { dryRunItems, lensTick, tickOfNow } from "../../../kit/desk/reading";
import type { ItemAttempts, LensItem, LensTick, Preview } from "../../../kit/desk/reading";
import { px } from "../../../sdk/units";
import { nextBlockAt, start } from "../trading/setup";
import type { Fixture } from "../trading/setup";

const GAS_LIMIT = 12_000_000;

const said = ({ outcome, reason }: Preview) => `${outcome}:${reason}`;

/** A tick, how it is proven, and what the lens is told of it. */
interface Shown {
  proof: Proof;
  tick: LensTick;
}

function first({ desk }: Fixture, target: number, price: bigint): Shown {
  const proof = desk.firstTick("BTC", target, { price });
  return { proof, tick: lensTick(desk, "BTC", target, proof, { price }) };
}

function recent({ desk }: Fixture, at: number, price: bigint): Shown {
  const proof = desk.anyTick("BTC", at, { price });
  return { proof, tick: lensTick(desk, "BTC", at, proof, { price }) };
}

/**
 * What the lens says of an item that is executed with the first tick and liquidated with the second, in the block in which it is
 * then done; result and pay are those of the Liquidator.
 */
async function expectDone(fixture: Fixture, tradeId: bigint, shown: [Shown, Shown]): Promise<ItemAttempts> {
  const { desk, keeper, keeperLens, liquidator, replica, trading, vault } = fixture;
  const at = (await desk.now()) + 1;
  await nextBlockAt(at);
  await ethers.provider.send("evm_mine", []);
  const item = { tradeId, tickIndex: 1n, closeTickIndex: 0n };
  const [run] = await dryRunItems(
    desk,
    keeper.address,
    [item],
    shown.map(({ tick }) => tick),
  );
  const [{ failure }] = await keeperLens.dryRunItems(
    trading,
    keeper,
    [item],
    shown.map(({ tick }) => tick),
  );
  expect(failure).to.equal("0x");
  const proofs = shown.map(({ proof }) => proof);
  const value = await desk.updateFee(proofs);
  const connected = liquidator.connect(keeper);
  const token = replica.token("USDT");
  const before = await vault.claimableOf(token, keeper);
  const [result] = await connected.liquidate.staticCall(trading, proofs, [item], { value });
  await confirmed(connected.liquidate(trading, proofs, [item], { value, gasLimit: GAS_LIMIT }));
  expect(run.result).to.deep.equal({
    outcome: nameOf(Outcome, result.outcome),
    reason: nameOf(Reason, result.reason),
    isFailed: false,
  });
  const pay = (await vault.claimableOf(token, keeper)) - before;
  expect(run.execution.executorPay + run.liquidation.executorPay).to.equal(pay);
  return run;
}

describe("KeeperLens", () => {
  describe("dryRunItems", () => {
    it("A01: liquidates with a tick that a close had shielded which the item refuses", async () => {
      const fixture = await start();
      const { desk, keeper, trader } = fixture;
      const id = await desk.open(trader, keeper, { mode: "degen" });
      const { target } = await desk.requestClose(trader, id, { acceptablePrice: px("61000") });
      await desk.warpTo(target + 5);
      await desk.setPrice("BTC", px("59900"));
      await desk.refresh();
      const shown: [Shown, Shown] = [first(fixture, target, px("60000")), recent(fixture, target + 2, px("59900"))];
      const { execution, liquidation } = await expectDone(fixture, id, shown);
      expect([said(execution), said(liquidation)]).to.deep.equal(["Refused:PriceBound", "Liquidated:None"]);
    });

    it("liquidates what the close of a part leaves, and adds up what both pay", async () => {
      const fixture = await start();
      const { desk, keeper, trader, tradingRecords } = fixture;
      const id = await desk.open(trader, keeper, { mode: "standard", leverage: 300 });
      const { size } = await tradingRecords.position(id);
      const { target } = await requestPartialClose(desk, trader, id, size / 2n);
      await desk.warpTo(target + 5);
      await desk.setPrice("BTC", px("59750"));
      await desk.refresh();
      const shown: [Shown, Shown] = [first(fixture, target, px("59990")), recent(fixture, target + 2, px("59750"))];
      const { execution, liquidation } = await expectDone(fixture, id, shown);
      expect([said(execution), said(liquidation)]).to.deep.equal(["Reduced:None", "Liquidated:None"]);
      expect(execution.executorPay).to.be.greaterThan(0n);
      expect(liquidation.executorPay).to.be.greaterThan(0n);
    });

    it("leaves the rest of a part where it is not due, and tells the part", async () => {
      const fixture = await start();
      const { desk, keeper, trader, tradingRecords } = fixture;
      const id = await desk.open(trader, keeper, { mode: "standard", leverage: 100 });
      const { size } = await tradingRecords.position(id);
      const { target } = await requestPartialClose(desk, trader, id, size / 2n);
      await desk.warpTo(target + 5);
      await desk.refresh();
      const shown: [Shown, Shown] = [first(fixture, target, px("60000")), recent(fixture, target + 2, px("59990"))];
      const { execution, liquidation, result } = await expectDone(fixture, id, shown);
      expect([said(execution), said(liquidation)]).to.deep.equal(["Reduced:None", "Skipped:NotLiquidatable"]);
      expect(result.outcome).to.equal("Reduced");
    });

    it("liquidates all of a position whose part is refused for its bound", async () => {
      const fixture = await start();
      const { desk, keeper, trader, tradingRecords } = fixture;
      const id = await desk.open(trader, keeper, { mode: "standard", leverage: 300 });
      const { size } = await tradingRecords.position(id);
      const { target } = await requestPartialClose(desk, trader, id, size / 2n, { acceptablePrice: px("61000") });
      await desk.warpTo(target + 5);
      await desk.setPrice("BTC", px("59750"));
      await desk.refresh();
      const shown: [Shown, Shown] = [first(fixture, target, px("59990")), recent(fixture, target + 2, px("59750"))];
      const { execution, liquidation } = await expectDone(fixture, id, shown);
      expect([said(execution), said(liquidation)]).to.deep.equal(["Refused:PriceBound", "Liquidated:None"]);
    });

    it("arms a stop and liquidates at once", async () => {
      const fixture = await start();
      const { desk, keeper, trader, trading } = fixture;
      const id = await desk.open(trader, keeper, { mode: "degen" });
      await trading.connect(trader).updateTpSl(id, 0n, px("59990"));
      await desk.warp(5);
      await desk.setPrice("BTC", px("59900"));
      await desk.refresh();
      const now = await desk.now();
      const shown: [Shown, Shown] = [recent(fixture, now, px("59900")), recent(fixture, now, px("59900"))];
      const { execution, liquidation } = await expectDone(fixture, id, shown);
      expect([said(execution), said(liquidation)]).to.deep.equal(["Armed:None", "Liquidated:None"]);
    });

    it("fills an order and liquidates it at a later tick, and never at its own", async () => {
      for (const isLater of [true, false]) {
        const fixture = await start();
        const { desk, trader } = fixture;
        const { id, target } = await desk.requestOpen(trader, { mode: "degen" });
        await desk.warpTo(target + 5);
        await desk.setPrice("BTC", px("59950"));
        await desk.refresh();
        const later = isLater ? recent(fixture, target + 3, px("59850")) : first(fixture, target, px("60000"));
        const { execution, liquidation } = await expectDone(fixture, id, [first(fixture, target, px("60000")), later]);
        const second = isLater ? "Liquidated:None" : "Skipped:TickNotNewer";
        expect([said(execution), said(liquidation)]).to.deep.equal(["Opened:None", second]);
      }
    });

    it("leaves nothing to liquidate once a close has filled, and of an order that is refused", async () => {
      const fixture = await start();
      const { desk, keeper, trader } = fixture;
      const id = await desk.open(trader, keeper, { mode: "degen" });
      const close = await desk.requestClose(trader, id);
      const order = await desk.requestOpen(trader, { mode: "degen", acceptablePrice: px("50000") });
      await desk.warpTo(order.target + 3);
      await desk.refresh();
      // After a close nothing more is tried.
      for (const [which, target, ...outcomes] of [
        [id, close.target, "Closed:None", "Skipped:None"],
        [order.id, order.target, "Refused:PriceBound", "Skipped:NothingPending"],
      ] as const) {
        const both = first(fixture, target, px("60010"));
        const { execution, liquidation } = await expectDone(fixture, which, [both, both]);
        expect([said(execution), said(liquidation)]).to.deep.equal(outcomes);
      }
    });

    it("tries what the item names, and nothing of what there is not", async () => {
      const fixture = await start();
      const { desk, keeper, trader, replica } = fixture;
      const id = await desk.open(trader, keeper, { mode: "degen" });
      await desk.setPrice("BTC", px("59900"));
      await desk.refresh();
      const tick = await tickOfNow(desk, "BTC");
      const ask = async (tradeId: bigint, tickIndex: bigint, closeTickIndex: bigint) => {
        const items: LensItem[] = [{ tradeId, tickIndex, closeTickIndex }];
        const [{ token, execution, liquidation, result }] = await dryRunItems(desk, keeper.address, items, [tick]);
        return [token, said(execution), said(liquidation), `${result.outcome}:${result.reason}`];
      };
      const usdt = await replica.token("USDT").getAddress();
      const [none, gone] = ["Skipped:None", "Skipped:NothingPending"];
      expect(await ask(id, 0n, NO_TICK)).to.deep.equal([usdt, none, "Liquidated:None", "Liquidated:None"]);
      expect(await ask(id, NO_TICK, 0n)).to.deep.equal([usdt, gone, none, gone]);
      expect(await ask(id, NO_TICK, NO_TICK)).to.deep.equal([usdt, none, none, "Skipped:NoTick"]);
      expect(await ask(id, 1n, NO_TICK)).to.deep.equal([usdt, none, "Skipped:NoTick", "Skipped:NoTick"]);
      expect(await ask(999n, 0n, 0n)).to.deep.equal([ZeroAddress, gone, gone, gone]);
      expect(await ask(999n, NO_TICK, 0n)).to.deep.equal([ZeroAddress, gone, none, gone]);
      expect(await ask(999n, 0n, NO_TICK)).to.deep.equal([ZeroAddress, none, gone, gone]);
      expect(await ask(999n, NO_TICK, NO_TICK)).to.deep.equal([ZeroAddress, none, none, "Skipped:NoTick"]);
    });

    it("says of an attempt that would revert that it fails, and goes on with the other", async () => {
      const fixture = await start();
      const { desk, keeper, keeperLens, trader, trading } = fixture;
      const id = await desk.open(trader, keeper, { mode: "degen" });
      const idle = await desk.open(trader, keeper, { mode: "standard", leverage: 50 });
      await desk.setPrice("BTC", px("59900"));
      await desk.refresh();
      const tick = await tickOfNow(desk, "BTC");
      const broken = await ethers.deployContract("MuteTrading", [trading]);
      const error = (which: bigint) => broken.interface.encodeErrorResult("MuteTrading_Silent", [which]);
      const ask = async (which: bigint, closeTickIndex = 0n, tickIndex = 0n) => {
        const items = [
          { tradeId: which, tickIndex, closeTickIndex },
          { tradeId: 999n, tickIndex: 0n, closeTickIndex: 0n },
        ];
        const [{ result, failure }, { result: after }] = await keeperLens.dryRunItems(broken, keeper, items, [tick]);
        expect([after.outcome, after.reason]).to.deep.equal([0n, 1n]);
        return [nameOf(Outcome, result.outcome), nameOf(Reason, result.reason), result.isFailed, failure];
      };
      // Execution fails, and is told where there is nothing to liquidate.
      await broken.silence(id, false, true);
      expect(await ask(id)).to.deep.equal(["Liquidated", "None", false, error(id)]);
      await broken.silence(idle, false, true);
      expect(await ask(idle)).to.deep.equal(["Skipped", "None", true, error(idle)]);
      expect(await ask(idle, 0n, NO_TICK)).to.deep.equal(["Skipped", "None", true, error(idle)]);
      // Liquidation fails, after an execution that did nothing.
      await broken.silence(id, true, false);
      expect(await ask(id)).to.deep.equal(["Skipped", "None", true, error(id)]);
      expect(await ask(id, NO_TICK)).to.deep.equal(["Skipped", "None", true, error(id)]);
      expect(await ask(id, 0n, NO_TICK)).to.deep.equal(["Skipped", "NothingPending", false, "0x"]);
      await broken.silence(id, false, false);
      expect(await ask(id)).to.deep.equal(["Skipped", "None", true, error(id)]);
    });
  });
});
