import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import type { KeeperParts } from "../../../keeper/Keeper";
import { requestLimit } from "../../../kit/desk/orders";
import { describeBoundedGas } from "../../dsl/instrumented";
import { stageOf } from "../../dsl/keeperStage";
import { deskFixture } from "../../fixtures/desk";

const ORDERS = 5;
/** Three of them take longer than the half second that there is for endings. */
const ESTIMATE_MS = 250;
const MOST_A_ROUND = 2;

/** The embedded chain where an estimate of gas takes a while. */
function slowToEstimate(): KeeperParts["provider"] {
  const estimateGas = async (request: Parameters<typeof ethers.provider.estimateGas>[0]) => {
    await new Promise((resolve) => setTimeout(resolve, ESTIMATE_MS));
    return ethers.provider.estimateGas(request);
  };
  return new Proxy(ethers.provider, {
    get: (target, name) => (name === "estimateGas" ? estimateGas : (Reflect.get(target, name) as unknown)),
  });
}

describeBoundedGas("Keeper: what nobody is paid for", () => {
  it("ends what has expired for half a second of a round, and fills what is due in the next one", async () => {
    const { desk, trader, system } = await loadFixture(deskFixture);
    const stage = await stageOf(desk, { provider: slowToEstimate() });
    const options = { mode: "standard", leverage: 20 } as const;
    const orders: Awaited<ReturnType<typeof desk.requestOpen>>[] = [];
    for (let count = 0; count < ORDERS; count++) orders.push(await desk.requestOpen(trader, options));
    const { expiry } = await system.tradingRecords.order(orders[ORDERS - 1].id);
    await desk.warpTo(Number(expiry) + 1);
    await desk.refresh();
    stage.prices.isDown = true;
    const left = async () => {
      const statuses = await Promise.all(orders.map(({ id }) => desk.statusOf(id)));
      return statuses.filter((status) => status === "MarketOrder").length;
    };
    await stage.rounds(1);
    const afterOne = await left();
    expect(afterOne).to.be.within(ORDERS - MOST_A_ROUND, ORDERS - 1);

    // What is paid for is not kept waiting by those that are left.
    stage.prices.isDown = false;
    const paid = await desk.requestOpen(trader, options);
    await desk.warpTo(paid.target + 1);
    await desk.refresh();
    stage.keeper.feed.accept(stage.prices.publish("BTC", paid.target, desk.priceOf("BTC")));
    await stage.rounds(1);
    expect(await desk.statusOf(paid.id)).to.equal("Open");
    expect(await left()).to.be.within(afterOne - MOST_A_ROUND, afterOne - 1);

    await stage.rounds(ORDERS);
    expect(await left()).to.equal(0);
    expect(stage.keeper.status).to.include({ inFlight: 0 });
  });

  it("takes half of the places that transactions have, and is done in the end", async () => {
    const { desk, trader } = await loadFixture(deskFixture);
    const stage = await stageOf(desk, { fees: { dutyUsd: "1" }, send: { maxInFlight: 6 } });
    const deadline = (await desk.now()) + 60;
    const acceptablePrice = desk.priceOf("BTC") / 2n;
    for (let place = 0; place < 7; place++) {
      await requestLimit(desk, trader, { mode: "standard", leverage: 20, acceptablePrice, deadline });
    }
    await desk.warpTo(deadline + 1);
    await desk.refresh();
    await stage.rounds(1);
    expect(stage.keeper.status).to.include({ sent: 3, endings: 7 });
    await stage.rounds(4);
    expect(stage.keeper.status).to.include({ sent: 7, endings: 0 });
  });
});
