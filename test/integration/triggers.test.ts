import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { DEFAULT_PRICES } from "../../kit/replica";
import { executionFeeTokens } from "../../sdk/model";
import { executeIn } from "../dsl/blocks";
import { px } from "../../sdk/units";
import { deskFixture } from "../fixtures/desk";

/** A 1001x long with a take profit and a stop, and the fee of one execution in its margin token. */
async function armedFixture() {
  const fixture = await loadFixture(deskFixture);
  const { desk, trader, keeper, profile } = fixture;
  await desk.setPrice("BTC", DEFAULT_PRICES.BTC);
  const entry = DEFAULT_PRICES.BTC;
  const takeProfit = (entry * 10_010n) / 10_000n;
  const stopLoss = (entry * 9_998n) / 10_000n;
  const id = await desk.open(trader, keeper, { takeProfit, stopLoss });
  const usdt = desk.replica.token("USDT");
  const token = { decimals: Number(await usdt.decimals()), price: desk.priceOf("USDT") };
  const fee = executionFeeTokens(profile.execution.executionFeeUsd, token);
  return { ...fixture, id, takeProfit, stopLoss, usdt, fee };
}

describe("take profits and stops", () => {
  it("takes the profit exactly at its price, however far the tick went", async () => {
    const { desk, id, keeper, takeProfit, trading, trader } = await loadFixture(armedFixture);
    await desk.warp(10);
    await desk.setPrice("BTC", (takeProfit * 1_001n) / 1_000n);
    const { results, receipt } = await desk.execute(keeper, [id], [desk.anyTick("BTC", await desk.now())]);
    expect(results[0].outcome).to.equal("Closed");
    const [closed] = await trading.queryFilter(trading.filters.TradeClosed(), receipt.blockNumber);
    expect(closed.args.exit).to.equal((takeProfit * 999_900n) / 1_000_000n);
    expect(closed.args.owner).to.equal(trader.address);
    expect(await desk.isBalanced()).to.equal(true);
  });

  it("counts from the block of the opening plus the delay, and takes no tick older than 3 s", async () => {
    const { desk, id, keeper, takeProfit } = await loadFixture(armedFixture);
    const opened = await desk.now();
    await desk.setPrice("BTC", takeProfit);
    const last = opened + desk.delayOf("degen") - 1;
    const early = await executeIn(desk, keeper, [id], [desk.anyTick("BTC", last, { price: takeProfit })], last + 3);
    expect(early).to.deep.equal(["Skipped TickNotReached"]);
    await desk.warp(10);
    await desk.refresh();
    const old = await desk.execute(keeper, [id], [desk.anyTick("BTC", (await desk.now()) - 4)]);
    expect(old.results[0].reason).to.equal("TickTooOld");
    const short = await desk.execute(
      keeper,
      [id],
      [desk.anyTick("BTC", await desk.now(), { price: takeProfit - 100n })],
    );
    expect(short.results[0].reason).to.equal("TickNotReached");
  });

  it("arms a stop at a tick that reaches it, and fills it at the first tick after the delay, paying both keepers", async () => {
    const { desk, id, keeper, stranger, stopLoss, vault, usdt, fee, tradingRecords } = await loadFixture(armedFixture);
    await desk.warp(10);
    await desk.setPrice("BTC", stopLoss);
    const claims = async () => [await vault.claimableOf(usdt, stranger), await vault.claimableOf(usdt, keeper)];
    const before = await claims();
    const armed = await desk.execute(stranger, [id], [desk.anyTick("BTC", await desk.now())]);
    expect(armed.results[0].outcome).to.equal("Armed");
    const { target } = await tradingRecords.closeOf(id);
    expect(target).to.equal(BigInt(await desk.now()) + 3n);
    const filled = await desk.settle(keeper, { id, asset: "BTC", target: Number(target), receipt: armed.receipt });
    expect(filled.results[0].outcome).to.equal("Closed");
    const after = await claims();
    expect([after[0] - before[0], after[1] - before[1]]).to.deep.equal([fee, fee]);
    expect(await desk.statusOf(id)).to.equal("None");
    expect(await desk.isBalanced()).to.equal(true);
  });

  it("pays the armer nothing when the stop lapses, and can be armed again", async () => {
    const { desk, id, keeper, stranger, stopLoss, vault, usdt } = await loadFixture(armedFixture);
    await desk.warp(10);
    await desk.setPrice("BTC", stopLoss);
    await desk.execute(stranger, [id], [desk.anyTick("BTC", await desk.now())]);
    await desk.warp(40);
    await desk.refresh();
    const again = await desk.execute(keeper, [id], [desk.anyTick("BTC", await desk.now())]);
    expect(again.results[0].outcome).to.equal("Armed");
    expect(await vault.claimableOf(usdt, stranger)).to.equal(0n);
  });

  it("leaves triggers alone while a close of the owner is pending", async () => {
    const { desk, id, keeper, trader, takeProfit } = await loadFixture(armedFixture);
    await desk.warp(10);
    await desk.requestClose(trader, id, { acceptablePrice: takeProfit * 2n });
    await desk.warp(5);
    await desk.setPrice("BTC", takeProfit);
    const { results } = await desk.execute(keeper, [id], [desk.anyTick("BTC", await desk.now())]);
    expect([results[0].outcome, results[0].reason]).to.deep.equal(["Skipped", "TickNotFirst"]);
  });

  it("takes the profit where its cap is reached if none was set", async () => {
    const { desk, keeper, trader } = await loadFixture(armedFixture);
    await desk.setPrice("BTC", px("60000"));
    const id = await desk.open(trader, keeper, {});
    await desk.warp(10);
    await desk.setPrice("BTC", px("60150"));
    const before = await desk.execute(keeper, [id], [desk.anyTick("BTC", await desk.now())]);
    expect(before.results[0].reason).to.equal("NothingPending");
    await desk.setPrice("BTC", px("60200"));
    const { results } = await desk.execute(keeper, [id], [desk.anyTick("BTC", await desk.now())]);
    expect(results[0].outcome).to.equal("Closed");
  });
});
