import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { NO_TICK, confirmed } from "../../../kit/desk/Desk";
import { px } from "../../../sdk/units";
import { itMeasuresGas } from "../../dsl/instrumented";
import { keeperFixture, openPositions, requestCloses, show } from "./fixture";
import type { KeeperContext, WalletOrder } from "./fixture";

/** Beyond the liquidation price of every long here. */
const CRASH = px("59900");

const itemsOf = (ids: readonly bigint[], closeTickIndex = NO_TICK) =>
  ids.map((tradeId) => ({ tradeId, tickIndex: 0n, closeTickIndex }));

/** A fixture restores the chain, not the price that the desk remembers. */
async function load(): Promise<KeeperContext> {
  const context = await loadFixture(keeperFixture);
  await context.desk.setPrice("BTC", px("60000"));
  return context;
}

describe("Liquidator: gas", () => {
  itMeasuresGas("I22: a liquidation costs the same, however many trades there are", async () => {
    const gasAmong = async (others: number) => {
      const context = await load();
      const { desk, keeper } = context;
      await openPositions(context, Array<WalletOrder>(others).fill({ isLong: false }));
      const [id] = await openPositions(context, [{}]);
      await desk.setPrice("BTC", CRASH);
      const { receipt, results } = await desk.liquidate(keeper, [id], "BTC");
      expect(results[0].outcome).to.equal("Liquidated");
      return receipt.gasUsed;
    };
    expect(await gasAmong(30)).to.be.closeTo(await gasAmong(3), 1_000n);
  });

  itMeasuresGas("L03: whatever gas a batch of three is given, it reverts as a whole or all of it is done", async () => {
    const context = await load();
    const { desk, keeper, liquidator, trading } = context;
    const ids = await openPositions(context, [{}, {}, {}]);
    await desk.setPrice("BTC", CRASH);
    const proofs = [desk.anyTick("BTC", await desk.now())];
    const value = await desk.updateFee(proofs);
    let succeeded = 0;
    let gasLimit = 60_000n;
    for (; succeeded < 5 && gasLimit < 3_000_000n; gasLimit += 20_000n) {
      const overrides = { value, gasLimit };
      const call = liquidator.connect(keeper).liquidate.staticCall(trading, proofs, itemsOf(ids), overrides);
      const outcome = await call.then(show, () => "reverted");
      if (outcome === "reverted") expect(succeeded).to.equal(0);
      else expect(outcome).to.deep.equal(["Liquidated", "Liquidated", "Liquidated"]);
      if (outcome !== "reverted") succeeded += 1;
    }
    expect(succeeded).to.equal(5);
  });

  itMeasuresGas(
    "L15: liquidates 50 positions, and closes 25 and liquidates 25 in one batch, within 30M gas",
    async () => {
      const context = await load();
      const { desk, keeper, liquidator, trading } = context;
      const orders = Array.from({ length: 50 }, () => ({ leverage: 500 }));
      for (const isMixed of [false, true]) {
        await desk.setPrice("BTC", px("60000"));
        const ids = await openPositions(context, orders);
        const target = isMixed ? await requestCloses(context, ids.slice(0, 25)) : await desk.now();
        await desk.warpTo(target + 2);
        await desk.setPrice("BTC", CRASH);
        const proofs = [desk.anyTick("BTC", await desk.now()), desk.firstTick("BTC", target, { price: px("60000") })];
        const items = ids.map((tradeId, index) => ({
          tradeId,
          tickIndex: 0n,
          closeTickIndex: isMixed && index < 25 ? 1n : NO_TICK,
        }));
        const overrides = { value: await desk.updateFee(proofs), gasLimit: 30_000_000n };
        const connected = liquidator.connect(keeper);
        const outcomes = show(await connected.liquidate.staticCall(trading, proofs, items, overrides));
        expect(new Set(outcomes)).to.deep.equal(new Set(isMixed ? ["Closed", "Liquidated"] : ["Liquidated"]));
        const receipt = await confirmed(connected.liquidate(trading, proofs, items, overrides));
        expect(receipt.gasUsed).to.be.below(10_000_000n);
        for (const id of ids) expect(await desk.statusOf(id)).to.equal("None");
      }
      expect(await desk.isBalanced()).to.equal(true);
    },
  );
});
