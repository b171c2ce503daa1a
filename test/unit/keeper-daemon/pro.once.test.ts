import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { formatUnits } from "ethers";
import { ethers } from "hardhat";
import type { AssetKey } from "../../../deploy/profiles";
import { MARKET_STATUS } from "../../../keeper/pro/ProIndexer";
import { GAS } from "../../../keeper/pro/works";
import { weiToUsd } from "../../../keeper/send/profit";
import { px } from "../../../sdk/units";
import { ask, bid } from "../../dsl/proActions";
import { describeBoundedGas } from "../../dsl/instrumented";
import { stageOf, withoutTips } from "../../dsl/keeperStage";
import type { Stage } from "../../dsl/keeperStage";
import { place, positionOf, thinFixture, triggersFixture } from "../../dsl/triggerDesk";
import type { TriggerDesk } from "../../dsl/triggerDesk";
import { order } from "../pro/triggerFixture";

/** Gas of the embedded chain is far dearer than that of the chains themselves. */
const COSTS = { fees: { minProfitUsd: "-1", dutyUsd: "1" }, pro: { dutyUsd: "1" } };
async function fixture() {
  return triggersFixture();
}

/** Prices are at so much, and the keeper has a few rounds with them. */
async function at({ desk }: TriggerDesk, stage: Stage, price: string, seconds = 3): Promise<void> {
  await desk.setPrice("BTC", px(price));
  for (let second = 0; second < seconds; second++) {
    await desk.warp(2);
    await stage.second();
    await stage.rounds(2);
  }
}

/** What was done, by what its key names first. */
function mined({ lines }: Stage): string[] {
  return lines
    .filter(({ msg }) => msg === "mined")
    .map(({ key, outcome }) => `${String(key).split(" ").slice(0, 2).join(" ")} ${String(outcome)}`);
}

describeBoundedGas("Keeper of the order book", () => {
  it("knows every position, order and trigger from events alone, with or without a stored state", async () => {
    const context = await loadFixture(fixture);
    const { desk, pro, proLens, other, others, traders, triggers } = { ...context, triggers: context.proTriggers };
    await pro.connect(other).act(others, [], [bid(59_000n, 5n), ask(61_000n, 5n)]);
    const [id] = await place(context, [order({ tick: 58_000n })]);
    const folder = mkdtempSync(join(tmpdir(), "asterism-keeper-"));
    const state = join(folder, "state.json");
    try {
      const stage = await stageOf(desk, { state });
      expect(stage.keeper.status.pro).to.deep.equal({
        ...{ scopes: 2, triggers: 1, orders: 2, grids: 0, due: 0, fired: 0, rolls: 0 },
      });
      // A round stores nothing younger than the oldest block that may be undone: what follows is read again.
      await stage.keeper.run(AbortSignal.abort());
      const again = await stageOf(desk, { state, account: 8 });
      expect(again.keeper.status.pro).to.deep.equal(stage.keeper.status.pro);
      expect(again.lines.find(({ msg }) => msg === "reading done")).to.include({ origin: "stored" });
      await triggers.connect(context.trader).cancel([id]);
      const orders = await proLens.ordersOf(pro, others, 0);
      await pro.connect(other).act(others, [], [2n | (orders[0].id << 24n)]);
      await again.rounds(1);
      expect(again.keeper.status.pro).to.deep.equal({
        ...{ scopes: 2, triggers: 0, orders: 1, grids: 0, due: 0, fired: 0, rolls: 0 },
      });
      expect(await positionOf(context)).to.equal(1_000n);
      expect(traders).not.to.equal(others);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("liquidates through the book once the mark has fallen far enough, orders first, and is paid", async () => {
    const context = await loadFixture(thinFixture);
    const { desk, pro, proLens, trader, traders, other, others } = context;
    await pro.connect(other).act(others, [], [bid(56_590n, 1_000n)]);
    await pro.connect(trader).act(traders, [], [bid(50_000n, 5n)]);
    const stage = await stageOf(desk, COSTS);
    await at(context, stage, "56900", 2);
    expect(mined(stage)).to.deep.equal([]);
    await at(context, stage, "56600", 3);
    expect(await positionOf(context)).to.equal(0n);
    expect(await proLens.ordersOf(pro, traders, 0)).to.deep.equal([]);
    expect(mined(stage).slice(0, 1)).to.deep.equal(["pro scope Reduced"]);
    const account = await pro.accountOf(stage.wallet.address, 0);
    expect((await proLens.health(pro, account << 8n)).cash > 0n).to.equal(true);
    expect(stage.keeper.status.pro?.scopes).to.equal(0);
  });

  it("fires a stop, a take profit and a trailing stop, each once", async () => {
    const context = await loadFixture(fixture);
    const { desk, pro, proTriggers, other, others } = context;
    await pro.connect(other).act(others, [], [bid(59_900n, 100n), bid(59_500n, 50n), bid(58_800n, 100n)]);
    const stage = await stageOf(desk, COSTS);
    const ids = await place(context, [
      order({ tick: 59_000n, lots: 100n }),
      order({ kind: 1n, tick: 60_500n, lots: 100n, boundPips: 20_000n }),
      order({ kind: 2n, tick: 60_400n, lots: 50n, callbackPips: 10_000n, boundPips: 20_000n }),
    ]);
    await at(context, stage, "60200", 3);
    expect(mined(stage)).to.deep.equal([]);
    await at(context, stage, "60600", 2);
    expect(mined(stage)).to.deep.equal(["pro trigger Triggered"]);
    await at(context, stage, "59900", 2);
    expect(mined(stage)).to.deep.equal(["pro trigger Triggered", "pro trigger Triggered"]);
    await at(context, stage, "58900", 2);
    expect(mined(stage).length).to.equal(3);
    expect(await positionOf(context)).to.equal(750n);
    for (const id of ids)
      expect(await proTriggers.wordAt(id & ((1n << 56n) - 1n))).to.satisfy((word: bigint) => (word & 1n) === 0n);
    const account = await pro.accountOf(stage.wallet.address, 0);
    expect((await context.proLens.health(pro, account << 8n)).cash).to.equal(3n * 10n ** 17n);
    expect(stage.keeper.status.pro).to.include({ triggers: 0, fired: 0 });
  });

  it("notes a distress while the book has no bids, and passes the position on to the winner", async () => {
    const context = await loadFixture(thinFixture);
    const { desk, pro, proLens, others } = context;
    const stage = await stageOf(desk, COSTS);
    await at(context, stage, "56400", 24);
    const told = mined(stage);
    expect(told[0]).to.equal("pro scope Distressed");
    expect(told).to.include("pro scope Deleveraged");
    // Half of his position a call, all of it once it is small.
    expect(await positionOf(context)).to.equal(0n);
    expect((await proLens.health(pro, others << 8n)).positions).to.deep.equal([]);
    expect(stage.keeper.status.pro).to.include({ scopes: 0, due: 0 });
  });

  it("takes expired orders off", async () => {
    const context = await loadFixture(fixture);
    const { desk, pro, proLens, other, others } = context;
    const expiry = BigInt((await desk.now()) + 6);
    await pro.connect(other).act(others, [], [bid(59_000n, 5n, { expiry }), bid(58_000n, 5n)]);
    const stage = await stageOf(desk, COSTS);
    await stage.rounds(2);
    expect((await proLens.ordersOf(pro, others, 0)).length).to.equal(2);
    await desk.warp(8);
    await stage.second();
    await stage.rounds(3);
    expect((await proLens.ordersOf(pro, others, 0)).map(({ tick }) => tick)).to.deep.equal([58_000n]);
    expect(stage.keeper.status.pro?.orders).to.equal(1);
    expect(mined(stage)).to.deep.equal(["pro order Cancelled"]);
  });

  it("takes many expired orders off at once, where each is worth a little more than it costs alone", async () => {
    const context = await loadFixture(fixture);
    const { desk, pro, proLens, other, others } = context;
    const expiry = BigInt((await desk.now()) + 6);
    const orders = Array.from({ length: 8 }, (_, place) => bid(59_000n - BigInt(place), 5n, { expiry }));
    await pro.connect(other).act(others, [], orders);
    await desk.warp(8);
    // The base fee is all that is paid, and falls a little with each block.
    const base = (await ethers.provider.getBlock("latest"))?.baseFeePerGas ?? 0n;
    const coin = desk.priceOf(desk.profile.key === "bnb" ? "BNB" : "ETH");
    const alone = weiToUsd((GAS.ending + GAS.order) * base, coin);
    const dutyUsd = formatUnits((alone * 12n) / 10n, 18);
    expect(weiToUsd((GAS.ending + 8n * GAS.order) * base, coin) > (alone * 12n) / 10n).to.equal(true);
    const stage = await stageOf(desk, { provider: withoutTips(), fees: { dutyUsd } });
    await stage.second();
    await stage.rounds(3);
    expect(await proLens.ordersOf(pro, others, 0)).to.deep.equal([]);
    expect(mined(stage)).to.deep.equal(Array(8).fill("pro order Cancelled"));
    expect(new Set(stage.lines.filter(({ msg }) => msg === "sent").map(({ hash }) => hash)).size).to.equal(1);
  });

  it("fires a trailing stop after a restart, and after a reorganisation, from the best price before it", async () => {
    const context = await loadFixture(fixture);
    const { desk, pro, other, others } = context;
    await pro.connect(other).act(others, [], [bid(59_500n, 200n)]);
    const folder = mkdtempSync(join(tmpdir(), "asterism-keeper-"));
    const state = join(folder, "state.json");
    try {
      const first = await stageOf(desk, { ...COSTS, state });
      await place(context, [order({ kind: 2n, tick: 0n, lots: 100n, callbackPips: 10_000n, boundPips: 20_000n })]);
      await at(context, first, "60900", 3);
      await first.keeper.run(AbortSignal.abort());
      // No tick of the peak is within reach of a keeper that begins now.
      await desk.warp(300);
      await desk.setPrice("BTC", px("60400"));
      const again = await stageOf(desk, { ...COSTS, state });
      await again.second();
      await again.rounds(2);
      const snapshot = (await ethers.provider.send("evm_snapshot", [])) as string;
      await desk.warp(1);
      await again.rounds(2);
      await ethers.provider.send("evm_revert", [snapshot]);
      await desk.warp(2);
      await again.rounds(2);
      expect(again.lines.some(({ msg }) => msg === "the chain took blocks back")).to.equal(true);
      expect(mined(again)).to.deep.equal([]);
      await at(context, again, "60200", 2);
      expect(mined(again)).to.deep.equal(["pro trigger Triggered"]);
      expect(await positionOf(context)).to.equal(900n);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("settles a market that is delisted: its orders, its beginning, and its positions against each other", async () => {
    const context = await loadFixture(fixture);
    const { desk, pro, proConfigurator, proLens, other, others } = context;
    await pro.connect(other).act(others, [], [bid(59_000n, 5n)]);
    const stage = await stageOf(desk, COSTS);
    const configurator = await ethers.getImpersonatedSigner(await proConfigurator.getAddress());
    await ethers.provider.send("hardhat_setBalance", [configurator.address, "0xde0b6b3a7640000"]);
    await pro.connect(configurator).setStatus(0, MARKET_STATUS.reduceOnly, true);
    await desk.warp(86_300);
    await stage.second();
    await stage.rounds(2);
    expect(mined(stage)).to.deep.equal([]);
    await desk.warp(400);
    for (let round = 0; round < 3; round++) {
      await desk.warp(61);
      await stage.second();
      await stage.rounds(3);
    }
    expect(mined(stage)).to.deep.equal(["pro settling Settled", "pro order Cancelled", "pro settling Settled"]);
    expect(await positionOf(context)).to.equal(0n);
    expect(await proLens.ordersOf(pro, others, 0)).to.deep.equal([]);
  });

  it("leaves of a batch what does not pay, and sends the rest", async () => {
    const context = await loadFixture(fixture);
    const { desk, pro, other, others } = context;
    await pro.connect(other).act(others, [], [bid(58_900n, 100n), bid(58_800n, 30n)]);
    const stage = await stageOf(desk, { ...COSTS, fees: { minProfitUsd: "-0.7", dutyUsd: "1", maxTipGwei: "1" } });
    await place(context, [order({ tick: 59_000n, lots: 100n }), order({ tick: 59_000n, lots: 100n })]);
    await desk.warp(5);
    await desk.setPrice("BTC", px("58950"));
    await stage.second();
    // Of gas so dear one trigger costs less than 0.80 USD and two more than 0.85, for a tip of 0.10 and half of another. On BNB Chain a
    // second anchor is asked.
    const { nativeSymbol } = desk.profile;
    const usdPerGas = nativeSymbol === "BNB" ? 10n : 15n;
    const perGas = (usdPerGas * 10n ** 21n) / desk.priceOf(nativeSymbol as AssetKey);
    await ethers.provider.send("hardhat_setNextBlockBaseFeePerGas", [`0x${perGas.toString(16)}`]);
    await ethers.provider.send("evm_mine", []);
    await stage.rounds(2);
    expect(mined(stage)).to.deep.equal(["pro trigger Triggered"]);
    expect(await positionOf(context)).to.equal(900n);
  });

  it("leaves the order book alone where it is told to", async () => {
    const context = await loadFixture(thinFixture);
    const { desk, pro, other, others } = context;
    await pro.connect(other).act(others, [], [bid(56_590n, 1_000n)]);
    const stage = await stageOf(desk, { pro: { isKept: false } });
    await at(context, stage, "56400", 2);
    expect(await positionOf(context)).to.equal(1_000n);
    expect(stage.keeper.status.pro).to.equal(undefined);
  });
});
