import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { deskFixture } from "../fixtures/desk";
import { px } from "../../sdk/units";

describe("a Degen trade", () => {
  it("opens, closes in profit, and the next is liquidated", async () => {
    const { desk, trader, keeper, trading, tradingRecords, vault } = await loadFixture(deskFixture);
    const id = await desk.open(trader, keeper, { leverage: 1001 });
    expect(await desk.statusOf(id)).to.equal("Open");
    await desk.setPrice("BTC", px("60060"));
    await desk.close(trader, keeper, id);
    expect(await desk.statusOf(id)).to.equal("None");

    const second = await desk.open(trader, keeper, { leverage: 1001 });
    await desk.setPrice("BTC", px("60020"));
    const { results } = await desk.liquidate(keeper, [second], "BTC");
    expect(results[0].outcome).to.equal("Liquidated");
    expect(await desk.isBalanced()).to.equal(true);
    expect((await tradingRecords.bookSide(desk.bookId("BTC", "degen"), true)).size).to.equal(0n);
    expect((await vault.productLedger(trading, await desk.replica.token("USDT").getAddress())).reserved).to.equal(0n);
  });
});
