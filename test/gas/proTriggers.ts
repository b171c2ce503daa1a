import { loadFixture, takeSnapshot } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { px } from "../../sdk/units";
import { ORDER_TYPE, ask, bid } from "../dsl/proActions";
import { done, fire, fireAt, refresh, triggersFixture } from "../dsl/triggerDesk";
import { FOREVER, MAY, OUTCOME, order } from "../unit/pro/triggerFixture";

const IOC = { type: ORDER_TYPE.immediateOrCancel };

/**
 * Triggers of Pro, as `benchmark.test.ts` measures them: stops of accounts of their own that close their positions, proof and keeper's
 * batch included. A reduction takes an index of up to 30 s, so that a refresh of it is the keeper's choice.
 */
export function measureTriggers(record: (name: string, gas: bigint) => void): void {
  it("measures triggers of Pro, one and in a batch", async () => {
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
    record("proTrigger", one);
    record("proTriggerFresh", fresh);
    record("proTriggerMarginal20", marginal);
  });
}
