import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ethers } from "hardhat";
import {
  ORDER_TYPE,
  REASON,
  ask,
  bid,
  cancel,
  lower,
  orderIdOf,
  resultOf,
  setLeverage,
  soft,
} from "../../dsl/proActions";
import type { ProContext } from "./proFixture";
import { ALICE, ETH, LIMITS, PRICE, TIERS, USD, act, deployFunded, deployPro, setPrices } from "./proFixture";
import { account, deployWorld } from "./world";

const IOC = { type: ORDER_TYPE.immediateOrCancel };
const ONE_TICK = { assetIds: [1n], minPublishTime: 0n, isUnique: false, updateData: ["0x01"] };

/** A refusal by its reason and arguments; the same action, soft, is skipped with the reason. */
async function expectRefused(
  { pro, alice }: ProContext,
  action: bigint,
  [reason, value, bound]: readonly [name: string, value: bigint, bound: bigint],
) {
  const own = pro.connect(alice);
  const [result] = await own.act.staticCall(ALICE, [], [soft(action)]);
  expect(resultOf(result).reason, reason).to.equal(REASON[reason]);
  await expect(own.act(ALICE, [], [action]))
    .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
    .withArgs(REASON[reason], value, bound);
}

async function deployManyMarkets() {
  const context = await deployFunded();
  const { alice, configurator, oracle, pro } = context;
  for (let market = 2n; market < 17n; market++) {
    await configurator.listMarket(pro, { ...ETH, assetId: market + 1n }, LIMITS, TIERS, 4_000n * PRICE);
  }
  const assetIds = Array.from({ length: 17 }, (_, market) => BigInt(market) + 1n);
  const now = BigInt(await time.latest()) + 30n;
  for (const assetId of assetIds) await oracle.setPrice(assetId, (assetId === 1n ? 100_000n : 4_000n) * PRICE, now);
  await time.setNextBlockTimestamp(now);
  const refreshes = assetIds.map((assetId) => 1n | ((assetId - 1n) << 16n) | ((assetId - 1n) << 24n));
  await pro.connect(alice).act(ALICE, [{ ...ONE_TICK, assetIds }], refreshes);
  return context;
}

describe("Pro: reasons", () => {
  it("MarketSettling: nothing is placed or refreshed where a market settles", async () => {
    const context = await loadFixture(deployFunded);
    const { configurator, pro } = context;
    await configurator.delist(pro, 0);
    await time.increase(86_400);
    await pro.beginSettling(0, ethers.ZeroAddress, 0);
    await expectRefused(context, bid(100_000n, 100n), ["MarketSettling", 0n, 0n]);
    expect(await pro.refresh.staticCall(pro, 0, 0)).to.deep.equal([0n, REASON.MarketSettling]);
  });

  it("IndexNotNarrow: nobody increases or raises leverage by a tick of wide confidence", async () => {
    const context = await loadFixture(deployFunded);
    const { alice, bob, oracle, pro } = context;
    await act(context, bob, [ask(100_000n, 100n)]);
    await act(context, alice, [setLeverage(0n, 10n), bid(99_000n, 100n)]);
    const now = BigInt(await time.latest()) + 5n;
    const anchors = { mid: 100_000n * PRICE, low: 100_000n * PRICE, high: 100_000n * PRICE, fresh: 2 };
    await oracle.set(1, 100_000n * PRICE, 400n * PRICE, now, anchors);
    await time.setNextBlockTimestamp(now);
    await pro.connect(alice).act(ALICE, [ONE_TICK], [1n]);
    await expectRefused(context, bid(100_000n, 100n, IOC), ["IndexNotNarrow", 0n, 0n]);
    await expectRefused(context, setLeverage(0n, 20n), ["IndexNotNarrow", 0n, 0n]);
  });

  it("OrderExpired: an order that has expired is not lowered", async () => {
    const context = await loadFixture(deployFunded);
    const expiry = BigInt(await time.latest()) + 3n;
    await act(context, context.alice, [bid(99_000n, 100n, { expiry })]);
    await time.setNextBlockTimestamp(expiry + 9n);
    await expect(context.pro.connect(context.alice).act(ALICE, [], [lower(orderIdOf(ALICE, 0n, 1n), 50n)]))
      .to.be.revertedWithCustomError(context.pro, "Pro_ActionRefused")
      .withArgs(REASON.OrderExpired, expiry, expiry + 9n);
    // Cancelled it is, by its owner and at any time.
    await act(context, context.alice, [cancel(orderIdOf(ALICE, 0n, 1n))]);
  });

  it("MarketsFull: a cross scope has sixteen markets", async () => {
    const context = await loadFixture(deployManyMarkets);
    const { alice, bob } = context;
    const markets = Array.from({ length: 16 }, (_, market) => BigInt(market));
    await act(
      context,
      alice,
      markets.map((market) => bid(market === 0n ? 99_000n : 39_600n, 10n, { market })),
    );
    await expectRefused(context, bid(39_600n, 10n, { market: 16n }), ["MarketsFull", 0n, 0n]);
    await act(context, bob, [ask(40_000n, 10n, { market: 16n })]);
    await expectRefused(context, bid(40_000n, 10n, { market: 16n, ...IOC }), ["MarketsFull", 16n, 16n]);
  });

  it("SumsFull: sums keep their width", async () => {
    const context = await loadFixture(deployFunded);
    for (const lots of [1n << 44n, 1n << 40n, (1n << 48n) - 1n]) {
      await expectRefused(context, bid(100_000n, lots), ["SumsFull", 0n, 0n]);
    }
  });

  it("PositionTooLarge: nobody passes the top tier", async () => {
    const context = await loadFixture(deployFunded);
    const { alice, bob, carol, pro, token } = context;
    for (const trader of [alice, bob, carol]) {
      await token.mint(trader, 10_000_000n * USD);
      await pro.connect(trader).deposit(trader, 0, 9_000_000n * USD);
      await act(context, trader, [setLeverage(0n, 5n)]);
    }
    for (const trader of [bob, carol]) await act(context, trader, [ask(100_000n, 110_000n)]);
    await expectRefused(context, bid(100_000n, 200_001n, IOC), ["PositionTooLarge", 200_001n, 0n]);
  });

  it("tells errors of widths, of a Pro that is full or closed, and of who refuses his coin", async () => {
    const context = await loadFixture(deployPro);
    const { alice, configurator, pro, token } = context;
    await token.mint(alice, 1n << 112n);
    const cashLogic = await ethers.getContractAt("CashLogic", pro);
    await expect(pro.connect(alice).deposit(alice, 0, 1n << 111n))
      .to.be.revertedWithCustomError(cashLogic, "AccountWord_CashOverflow")
      .withArgs(1n << 111n);

    await pro.connect(alice).deposit(alice, 0, USD);
    const refusing = await ethers.deployContract("RevertingReceiver");
    await pro.connect(alice).deposit(refusing, 0, USD);
    await refusing.setHostile(true);
    const data = pro.interface.encodeFunctionData("act", [await pro.accountOf(refusing, 0), [], []]);
    await expect(refusing.execute(pro, 3n, data, { value: 3n }))
      .to.be.revertedWithCustomError(pro, "Pro_RefundRefused")
      .withArgs(refusing, 3);

    for (let market = 2n; market < 64n; market++) {
      await configurator.listMarket(pro, { ...ETH, assetId: market }, LIMITS, TIERS, 4_000n * PRICE);
    }
    const further = () => configurator.listMarket(pro, { ...ETH, assetId: 64n }, LIMITS, TIERS, 4_000n * PRICE);
    await expect(further()).to.be.revertedWithCustomError(pro, "Pro_MarketsFull").withArgs(64);
    await expect(configurator.close(pro)).to.emit(pro, "MarketStatusSet").withArgs(63, 2);
    await expect(further()).to.be.revertedWithCustomError(pro, "Pro_IsClosed").withArgs();
    await expect(configurator.setStatus(pro, 0, 1, 0))
      .to.be.revertedWithCustomError(pro, "Pro_IsClosed")
      .withArgs();
    await setPrices(context, 100_000n, 4_000n);
    await expectRefused(context, bid(100_000n, 100n), ["MarketReduceOnly", 0n, 0n]);
  });

  it("tells a position beyond its widths", async () => {
    const world = await loadFixture(deployWorld);
    const id = await account(world, "1");
    await expect(world.pro.addPosition(id, 0, 1, 1n << 111n))
      .to.be.revertedWithCustomError(world.pro, "PositionWord_Overflow")
      .withArgs(1, 1n << 111n, 0);
  });

  it("are each expected by a test", () => {
    const filesIn = (folder: string, ending: string) =>
      readdirSync(folder, { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(ending))
        .map((name) => readFileSync(join(folder, name), "utf8"));
    const tests = filesIn("test", ".test.ts").join("\n");
    const all = filesIn("contracts", ".sol").join("\n");
    const used = [...all.matchAll(/ProReason\.(\w+)/g)].map(([, name]) => name);
    const names = [...new Set(used)].filter((name) => name !== "None");
    expect(names.length).to.be.greaterThan(50);
    // They are told as `REASON.Name` or by name.
    const isTold = (name: string) => tests.includes(`REASON.${name}`) || tests.includes(`"${name}"`);
    expect(names.filter((name) => !isTold(name))).to.deep.equal([]);
  });
});
