import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { fundPlayer, requestBet } from "../../../kit/desk/bets";
import type { Desk } from "../../../kit/desk/Desk";
import { requestLimit } from "../../../kit/desk/orders";
import { describeBoundedGas } from "../../dsl/instrumented";
import { eventsOf } from "../../dsl/keeperEvents";
import { StagePrices, stageOf } from "../../dsl/keeperStage";
import type { Stage } from "../../dsl/keeperStage";
import { deskFixture } from "../../fixtures/desk";

/** Seconds with a round each, until the chain has come to one of them. */
async function until(time: number, stage: Stage): Promise<void> {
  while ((await stage.second()) < time) await stage.keeper.step();
  await stage.rounds(2);
}

async function paid(desk: Desk, account: string): Promise<bigint> {
  return desk.system.vault.claimableOf(await desk.replica.token("USDT").getAddress(), account);
}

describeBoundedGas("Keeper", () => {
  describe("orders", () => {
    it("fills a market order and a close at the first tick at or after their targets, once, and is paid", async () => {
      const { desk, trader, system } = await loadFixture(deskFixture);
      const stage = await stageOf(desk);
      const order = await desk.requestOpen(trader, { mode: "standard", leverage: 50 });
      await until(order.target + 1, stage);
      const { openedAt } = await system.tradingRecords.position(order.id);
      expect(openedAt).to.equal(BigInt(order.target));

      const close = await desk.requestClose(trader, order.id);
      await until(close.target + 3, stage);
      expect(await eventsOf(desk, order.id)).to.deep.equal([
        "OrderPlaced",
        "TradeOpened",
        "CloseRequested",
        "TradeClosed",
      ]);
      expect(await paid(desk, stage.wallet.address)).to.equal(2n * (await executionFee(desk)));
      expect(stage.keeper.status).to.include({ done: 2, sent: 2, inFlight: 0, waiting: 0, positions: 0 });
    });

    it("asks for a first tick that the stream left out", async () => {
      const { desk, trader } = await loadFixture(deskFixture);
      const stage = await stageOf(desk);
      const order = await desk.requestOpen(trader, { mode: "standard", leverage: 50 });
      await desk.warpTo(order.target + 5);
      await desk.refresh();
      await stage.keeper.step();
      // The answer comes between two rounds.
      await new Promise((resolve) => setTimeout(resolve, 10));
      await stage.rounds(2);
      expect(await desk.statusOf(order.id)).to.equal("Open");
    });

    it("puts orders of one tick into one transaction, whatever their targets before it", async () => {
      const { desk, trader, other } = await loadFixture(deskFixture);
      const stage = await stageOf(desk);
      const orders = [];
      for (const [account, isLong] of [
        [trader, true],
        [other, false],
        [trader, false],
      ] as const) {
        orders.push(await desk.requestOpen(account, { mode: "standard", leverage: 20, isLong }));
      }
      const last = orders[2].target;
      await desk.warpTo(last + 1);
      await desk.refresh();
      // One tick after all of them, whose predecessor lies before the first.
      const tick = desk.pythPrice("BTC", last, { previous: orders[0].target - 1 });
      stage.keeper.feed.accept(stage.prices.signed([tick]));
      await stage.rounds(2);
      for (const { id } of orders) expect(await desk.statusOf(id)).to.equal("Open");
      expect(stage.keeper.status.sent).to.equal(1);
    });

    it("returns an order that expired, and lets a limit rest, fill and be cancelled", async () => {
      const { desk, trader, system } = await loadFixture(deskFixture);
      const stage = await stageOf(desk);
      const price = desk.priceOf("BTC");
      const options = { mode: "standard", leverage: 20 } as const;
      const expiring = await desk.requestOpen(trader, { ...options, acceptablePrice: 0n });
      const filled = await requestLimit(desk, trader, { ...options, acceptablePrice: (price * 998n) / 1000n });
      const cancelled = await requestLimit(desk, trader, { ...options, acceptablePrice: price / 2n });
      // Nothing is published until the order has expired.
      await desk.warpTo(Number((await system.tradingRecords.order(expiring.id)).expiry) + 1);
      stage.prices.isDown = true;
      await desk.refresh();
      await stage.rounds(3);
      expect(await eventsOf(desk, expiring.id)).to.deep.equal(["OrderPlaced", "OrderCancelled"]);
      stage.prices.isDown = false;

      await stage.second();
      await stage.keeper.step();
      expect(await desk.statusOf(filled.id)).to.equal("LimitOrder");
      await desk.setPrice("BTC", (price * 9975n) / 10_000n);
      await stage.second();
      await stage.rounds(2);
      expect(await eventsOf(desk, filled.id)).to.deep.equal(["OrderPlaced", "TradeOpened"]);

      await system.trading.connect(trader).cancelLimit(cancelled.id);
      await until((await desk.now()) + 8, stage);
      expect(await eventsOf(desk, cancelled.id)).to.deep.equal([
        "OrderPlaced",
        "LimitCancelRequested",
        "OrderCancelled",
      ]);
    });
  });

  describe("positions", () => {
    it("takes a profit, and arms and fills a stop", async () => {
      const { desk, trader, keeper: other } = await loadFixture(deskFixture);
      const price = desk.priceOf("BTC");
      const options = { mode: "standard", leverage: 20 } as const;
      const taking = await desk.open(trader, other, { ...options, takeProfit: (price * 1004n) / 1000n });
      const stopping = await desk.open(trader, other, { ...options, isLong: false, stopLoss: (price * 1003n) / 1000n });
      const stage = await stageOf(desk);
      await desk.warp(5);
      await desk.setPrice("BTC", (price * 1005n) / 1000n);
      await stage.second();
      await stage.rounds(2);
      expect((await eventsOf(desk, taking)).at(-1)).to.equal("TradeClosed");
      expect((await eventsOf(desk, stopping)).at(-1)).to.equal("StopArmed");
      await until((await desk.now()) + 4, stage);
      expect((await eventsOf(desk, stopping)).slice(-2)).to.deep.equal(["TradeClosed", "ArmerPaid"]);
    });

    it("liquidates with the tick that crossed, although later ones are back", async () => {
      const { desk, trader, keeper: other, system } = await loadFixture(deskFixture);
      const price = desk.priceOf("BTC");
      const id = await desk.open(trader, other, { mode: "degen", leverage: 1001 });
      const stage = await stageOf(desk);
      await desk.warp(2);
      const crossing = await stage.second({ BTC: (price * 9992n) / 10_000n });
      await stage.second();
      await stage.second();
      await stage.rounds(2);
      const [liquidated] = await system.trading.queryFilter(system.trading.filters.TradeLiquidated(id));
      expect(liquidated.args.tick).to.equal((price * 9992n) / 10_000n);
      const { timestamp } = await liquidated.getBlock();
      expect(timestamp - crossing).to.be.at.most(30);
      expect(stage.keeper.status.positions).to.equal(0);
    });

    it("liquidates what a tick crossed before its opening was known", async () => {
      const { desk, trader } = await loadFixture(deskFixture);
      const price = desk.priceOf("BTC");
      const stage = await stageOf(desk);
      const order = await desk.requestOpen(trader, { mode: "degen", leverage: 1001 });
      await desk.warpTo(order.target + 3);
      await desk.refresh();
      stage.keeper.feed.accept(stage.prices.publish("BTC", order.target, price));
      stage.keeper.feed.accept(stage.prices.publish("BTC", order.target + 1, (price * 999n) / 1000n));
      stage.keeper.feed.accept(stage.prices.publish("BTC", order.target + 2, price));
      await stage.rounds(4);
      expect(await eventsOf(desk, order.id)).to.deep.equal(["OrderPlaced", "TradeOpened", "TradeLiquidated"]);
    });

    it("tries a position again that the anchors' band holds, while its tick lives", async () => {
      const { desk, trader, keeper: other } = await loadFixture(deskFixture);
      const price = desk.priceOf("BTC");
      const id = await desk.open(trader, other, { mode: "standard", leverage: 20 });
      const stage = await stageOf(desk, { pollMs: 50 });
      await desk.warp(2);
      // 4% down on Pyth, and no feed has followed: it counts as 1% down, and 3% liquidate.
      await stage.second({ BTC: (price * 96n) / 100n });
      await stage.rounds(2);
      expect(await desk.statusOf(id)).to.equal("Open");
      await desk.setPrice("BTC", (price * 97n) / 100n);
      await new Promise((resolve) => setTimeout(resolve, 1_050));
      await stage.rounds(2);
      expect((await eventsOf(desk, id)).at(-1)).to.equal("TradeLiquidated");
    });
  });

  it("strikes and settles a bet, and returns one that was not struck", async () => {
    const { desk, trader } = await loadFixture(deskFixture);
    await fundPlayer(desk, trader, "USDT", desk.tokenUnits("USDT", 1_000n));
    const stage = await stageOf(desk);
    const bet = await requestBet(desk, trader);
    await until(bet.target + 1, stage);
    expect(await betEvents(desk, bet.id)).to.deep.equal(["BetPlaced", "BetStruck"]);
    const { time, periodSeconds } = await desk.system.prediction.bet(bet.id);
    await desk.warpTo(Number(time + periodSeconds) - 1);
    await until(Number(time + periodSeconds) + 1, stage);
    expect(await betEvents(desk, bet.id)).to.deep.equal(["BetPlaced", "BetStruck", "BetSettled"]);

    const missed = await requestBet(desk, trader);
    stage.prices.isDown = true;
    await desk.warp(60);
    await stage.rounds(3);
    expect(await betEvents(desk, missed.id)).to.deep.equal(["BetPlaced", "BetReturned"]);
  });

  describe("state", () => {
    let folder: string;
    before(() => (folder = mkdtempSync(join(tmpdir(), "asterism-keeper-"))));
    after(() => rmSync(folder, { recursive: true }));

    it("goes on from what was stored, with what happened meanwhile, and nothing twice", async () => {
      const { desk, trader, keeper: other } = await loadFixture(deskFixture);
      const state = join(folder, "state.json");
      const before = await stageOf(desk, { state, storeSeconds: 1 });
      const id = await desk.open(trader, other, { mode: "standard", leverage: 20 });
      const order = await desk.requestOpen(trader, { mode: "standard", leverage: 20 });
      await new Promise((resolve) => setTimeout(resolve, 1_050));
      await before.keeper.step();
      // Ended without a word; then a close is asked for.
      const close = await desk.requestClose(trader, id);
      const after = await stageOf(desk, { state, prices: before.prices });
      await after.keeper.step();
      expect(after.keeper.status).to.include({ waiting: 2, positions: 1 });
      expect(after.lines.find(({ msg }) => msg === "reading done")).to.include({ origin: "stored" });
      await until(close.target + 1, after);
      expect((await eventsOf(desk, id)).at(-1)).to.equal("TradeClosed");
      expect((await eventsOf(desk, order.id)).at(-1)).to.equal("TradeOpened");
    });

    it("reads the contracts where the stored state is of a block that the chain took back", async () => {
      const { desk, trader } = await loadFixture(deskFixture);
      const state = join(folder, "forked.json");
      const snapshot = (await ethers.provider.send("evm_snapshot", [])) as string;
      await desk.requestOpen(trader, { mode: "standard", leverage: 20 });
      const before = await stageOf(desk, { state, storeSeconds: 1 });
      await new Promise((resolve) => setTimeout(resolve, 1_050));
      await before.keeper.step();
      await ethers.provider.send("evm_revert", [snapshot]);
      await desk.warp(7);
      const after = await stageOf(desk, { state });
      expect(after.keeper.status).to.include({ waiting: 0 });
      expect(after.lines.find(({ msg }) => msg === "reading done")).to.include({ origin: "contracts" });
    });
  });

  for (const depth of [1, 5, 20]) {
    it(`follows a reorganisation of ${depth} blocks, and does again what it undid`, async () => {
      const { desk, trader } = await loadFixture(deskFixture);
      const stage = await stageOf(desk);
      const order = await desk.requestOpen(trader, { mode: "standard", leverage: 20 });
      await desk.warpTo(order.target + 1);
      await desk.refresh();
      await stage.keeper.step();
      const snapshot = (await ethers.provider.send("evm_snapshot", [])) as string;
      stage.keeper.feed.accept(stage.prices.publish("BTC", order.target, desk.priceOf("BTC")));
      await stage.keeper.step();
      for (let block = 1; block < depth; block++) await ethers.provider.send("evm_mine", []);
      await stage.rounds(2);
      expect(stage.keeper.status).to.include({ positions: 1, waiting: 0 });
      await ethers.provider.send("evm_revert", [snapshot]);
      // Another history of the same length, and the transaction was lost.
      for (let block = 0; block <= depth; block++) await ethers.provider.send("evm_mine", []);
      await desk.refresh();
      await stage.rounds(4);
      expect(await eventsOf(desk, order.id)).to.deep.equal(["OrderPlaced", "TradeOpened"]);
      expect(stage.keeper.status).to.include({ positions: 1, waiting: 0, inFlight: 0 });
    });
  }

  it("reads the contracts where the chain changed further back than it knows", async () => {
    const { desk, trader } = await loadFixture(deskFixture);
    const snapshot = (await ethers.provider.send("evm_snapshot", [])) as string;
    await desk.requestOpen(trader, { mode: "standard", leverage: 20 });
    const stage = await stageOf(desk);
    await ethers.provider.send("evm_revert", [snapshot]);
    await desk.warp(7);
    await desk.refresh();
    await stage.keeper.step();
    expect(stage.keeper.status).to.include({ waiting: 0, block: await ethers.provider.getBlockNumber() });
    expect(stage.lines.some(({ msg }) => String(msg).startsWith("the chain changed further back"))).to.equal(true);
  });

  it("two beside each other do each its own part, and the other's when it is late", async () => {
    const { desk, trader } = await loadFixture(deskFixture);
    const prices = new StagePrices(desk);
    const share = (index: number) => ({ index, count: 2, patienceMs: 12_000 });
    const [one, two] = [
      await stageOf(desk, { account: 9, prices, share: share(0) }),
      await stageOf(desk, { account: 10, prices, share: share(1) }),
    ];
    const options = { mode: "standard", leverage: 20 } as const;
    const orders = [];
    for (let count = 0; count < 4; count++) orders.push(await desk.requestOpen(trader, options));
    while ((await one.second()) < orders[3].target + 1) {
      two.keeper.feed.accept(prices.publish("BTC", (await desk.now()) - 1, desk.priceOf("BTC")));
      await one.keeper.step();
      await two.keeper.step();
    }
    for (const stage of [one, two, one, two]) await stage.keeper.step();
    for (const { id } of orders) expect(await eventsOf(desk, id)).to.deep.equal(["OrderPlaced", "TradeOpened"]);
    expect([one.keeper.status.done, two.keeper.status.done]).to.deep.equal([2, 2]);

    const left = [await desk.requestOpen(trader, options), await desk.requestOpen(trader, options)];
    await until(left[1].target + 14, one);
    for (const { id } of left) expect(await eventsOf(desk, id)).to.deep.equal(["OrderPlaced", "TradeOpened"]);
    expect([one.keeper.status.done, two.keeper.status.done]).to.deep.equal([4, 2]);
  });

  it("sends nothing in a dry run, and says what it would send", async () => {
    const { desk, trader } = await loadFixture(deskFixture);
    const stage = await stageOf(desk, { dryRun: true });
    const order = await desk.requestOpen(trader, { mode: "standard", leverage: 20 });
    await until(order.target + 1, stage);
    expect(await desk.statusOf(order.id)).to.equal("MarketOrder");
    const said = stage.lines.find(({ msg }) => msg === "would send");
    expect(said?.items).to.deep.equal([`trading ${order.id}`]);
  });
});

async function executionFee(desk: Desk): Promise<bigint> {
  const usd = await desk.system.trading.executionFeeUsd();
  const { decimals } = desk.profile.tokens.find(({ symbol }) => symbol === "USDT") ?? { decimals: 18 };
  return (usd * 10n ** BigInt(decimals)) / 10n ** 18n;
}

async function betEvents(desk: Desk, id: bigint): Promise<string[]> {
  const { prediction } = desk.system;
  const logs = await prediction.queryFilter("*" as never, 0);
  return logs.flatMap((log) => {
    const parsed = prediction.interface.parseLog(log);
    return parsed !== null && parsed.args.toObject().id === id ? [parsed.name] : [];
  });
}
