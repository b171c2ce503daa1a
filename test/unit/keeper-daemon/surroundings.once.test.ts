import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers, network } from "hardhat";
import { NodeComparison } from "../../../keeper/chain/compare";
import { Rpc } from "../../../keeper/chain/Rpc";
import { readConfig } from "../../../keeper/config";
import { World } from "../../../keeper/state/World";
import { WorldWatch } from "../../../keeper/watch/WorldWatch";
import { connectTo } from "../../../kit/connect";
import { decodeUpdate } from "../../../sdk/pyth/wire";
import { readUpdate } from "../../../sdk/pyth/source";
import { NodeStub } from "../../deploy/nodeStub";
import { chainAnswers } from "../../dsl/commandLine";
import { describeBoundedGas } from "../../dsl/instrumented";
import { eventsOf } from "../../dsl/keeperEvents";
import { stageOf } from "../../dsl/keeperStage";
import type { Stage } from "../../dsl/keeperStage";
import { thrownBy } from "../../dsl/thrown";
import { deskFixture } from "../../fixtures/desk";

const WAIT_MS = 20_000;
const SILENCE_MS = 5_000;

describeBoundedGas("what surrounds a keeper", () => {
  /** A look at it all, with a watch that has not looked before. */
  async function watchOf() {
    const context = await loadFixture(deskFixture);
    const { desk } = context;
    const stage = await stageOf(desk);
    const { connection } = await connectTo(desk, stage.wallet);
    const config = readConfig({
      ...{ chain: desk.profile.key, rpc: ["http://127.0.0.1:1"], hermes: ["http://127.0.0.1:1"] },
      ...{ privateKey: stage.wallet.privateKey, silenceMs: SILENCE_MS },
    });
    const { alarms, metrics, wallet } = stage;
    const log = { warn: () => undefined, debug: () => undefined } as never;
    const world = await World.read(connection);
    const begin = () => new WorldWatch(connection, world, { config, wallet, log, metrics, alarms });
    return { ...context, alarms, begin, wallet };
  }

  it("tells of push sources that are too old, each with its age, and of their recovery", async () => {
    const { alarms, begin, desk } = await watchOf();
    await desk.refresh();
    await begin().look(await desk.now(), 0);
    expect(alarms.current).to.deep.equal([]);
    const silentFor = 200_000;
    await desk.warp(silentFor);
    await begin().look(await desk.now(), 0);
    const [{ alarm, detail }, ...others] = alarms.current;
    expect([alarm, others]).to.deep.equal(["sources", []]);
    const ages = [...detail.matchAll(/asset \d+, source \d+: (\d+) s/g)].map(([, age]) => Number(age));
    expect(ages.length).to.be.greaterThan(1);
    for (const age of ages) expect(age).to.be.within(silentFor, silentFor + 60);
    await desk.refresh();
    await begin().look(await desk.now(), 0);
    expect(alarms.current).to.deep.equal([]);
  });

  it("tells of prices that do not come, and of an account without coin", async () => {
    const { alarms, begin, desk, wallet } = await watchOf();
    await desk.refresh();
    const now = await desk.now();
    await begin().look(now, 2 * SILENCE_MS);
    expect(alarms.current).to.deep.equal([]);
    await begin().look(now, 2 * SILENCE_MS + 1);
    expect(alarms.current).to.deep.equal([{ alarm: "prices", detail: "for 10 s" }]);
    await begin().look(now, Infinity);
    expect(alarms.current).to.deep.equal([{ alarm: "prices", detail: "none yet" }]);
    await ethers.provider.send("hardhat_setBalance", [wallet.address, "0x0"]);
    await begin().look(now, 0);
    const detail = `${wallet.address} has no native coin: send it some`;
    expect(alarms.current).to.deep.equal([{ alarm: "funds", detail }]);
    await ethers.provider.send("hardhat_setBalance", [wallet.address, "0xde0b6b3a7640000"]);
    await begin().look(now, 0);
    expect(alarms.current).to.deep.equal([]);
  });

  it("tells of updates that guardians have signed whom the chain's Pyth does not know", async () => {
    const { alarms, begin, desk } = await watchOf();
    const data = desk.publisher.update([desk.pythPrice("BTC", await desk.now())]);
    const { guardianSetIndex } = decodeUpdate(data);
    // A stand-in of the chain's Wormhole that knows the sets up to the one before.
    const pyth = desk.profile.pyth.address;
    const code = await ethers.provider.getCode(pyth);
    const returning = (value: bigint) => `0x7f${ethers.toBeHex(value, 32).slice(2)}60005260206000f3`;
    const wormhole = ethers.Wallet.createRandom().address;
    const know = async (set: number) => {
      await ethers.provider.send("hardhat_setCode", [pyth, returning(BigInt(wormhole))]);
      await ethers.provider.send("hardhat_setCode", [wormhole, returning(BigInt(set))]);
      const watch = begin();
      await watch.look(await desk.now(), 0);
      watch.sawUpdate(readUpdate([data], []));
    };
    await desk.refresh();
    await know(guardianSetIndex);
    expect(alarms.current.filter(({ alarm }) => alarm === "signers")).to.deep.equal([]);
    await know(guardianSetIndex - 1);
    expect(alarms.current.filter(({ alarm }) => alarm === "signers")).to.deep.equal([
      { alarm: "signers", detail: `set ${guardianSetIndex}, the chain's is ${guardianSetIndex - 1}` },
    ]);
    await ethers.provider.send("hardhat_setCode", [pyth, code]);
  });

  it("sends nothing while its nodes tell different blocks, and does it once they agree", async () => {
    const { desk, trader } = await loadFixture(deskFixture);
    let isLying = false;
    const asked = (params: unknown[]) =>
      ethers.provider.send("eth_getBlockByNumber", params) as Promise<{ hash: string } | null>;
    const liar = chainAnswers({
      eth_getBlockByNumber: async (params) => {
        const block = await asked(params);
        return block === null || !isLying ? block : { ...block, hash: `0x${"ee".repeat(32)}` };
      },
    });
    const nodes = await Promise.all([NodeStub.start(chainAnswers({})), NodeStub.start(liar)]);
    const urls = nodes.map(({ url }) => url);
    const rpc = new Rpc(urls, network.config.chainId ?? 0, { timeoutMs: 10_000 });
    try {
      const stage = await stageOf(desk, {
        provider: rpc,
        nodes: { rpc, comparison: new NodeComparison(rpc, 10) },
      });
      const differs = () => stage.alarms.current.some(({ alarm }) => alarm === "nodesDiffer");
      await stage.rounds(1);
      isLying = true;
      await untilRound(stage, differs);
      const order = await desk.requestOpen(trader, { mode: "standard", leverage: 20 });
      while ((await stage.second()) < order.target + 1) await stage.keeper.step();
      await stage.rounds(3);
      expect(await eventsOf(desk, order.id)).to.deep.equal(["OrderPlaced"]);
      expect(stage.keeper.status).to.include({ waiting: 1, sent: 0, inFlight: 0 });
      expect(stage.alarms.isGrave).to.equal(true);
      isLying = false;
      await untilRound(stage, () => !differs());
      await stage.rounds(2);
      expect(await eventsOf(desk, order.id)).to.deep.equal(["OrderPlaced", "TradeOpened"]);
      expect(stage.keeper.status).to.include({ waiting: 0, done: 1 });
    } finally {
      rpc.destroy();
      for (const node of nodes) await node.stop();
    }
  });

  it("tries the ticks of a refused batch apart, and asks anew for the one whose proof is bad", async () => {
    const { desk, other, trader } = await loadFixture(deskFixture);
    const stage = await stageOf(desk);
    const options = { mode: "standard", leverage: 20 } as const;
    const orders = [await desk.requestOpen(trader, options), await desk.requestOpen(other, options)];
    expect(orders[0].target).to.be.lessThan(orders[1].target);
    await desk.warpTo(orders[1].target + 1);
    await desk.refresh();
    const price = desk.priceOf("BTC");
    const updates = orders.map(({ target }) => stage.prices.publish("BTC", target, price));
    const forged = updates[0].data.map((data) => `${data.slice(0, -2)}${data.endsWith("00") ? "01" : "00"}`);
    stage.keeper.feed.accept({ ...updates[0], data: forged });
    stage.keeper.feed.accept(updates[1]);
    await stage.rounds(1);
    const refused = stage.lines.filter(({ msg }) => msg === "a batch would revert");
    expect(refused.map(({ items, ticks }) => [items, ticks])).to.deep.equal([
      [2, 2],
      [1, 1],
    ]);
    await stage.rounds(1);
    const statuses = () => Promise.all(orders.map(({ id }) => desk.statusOf(id)));
    expect(await statuses()).to.deep.equal(["MarketOrder", "Open"]);
    // The answer comes between two rounds.
    await new Promise((resolve) => setTimeout(resolve, 10));
    await stage.rounds(2);
    expect(await statuses()).to.deep.equal(["Open", "Open"]);
  });

  it("does nothing while its coin has no price, and takes a tick's where push sources are silent", async () => {
    const { desk } = await loadFixture(deskFixture);
    await desk.warp(200_000);
    const stage = await stageOf(desk);
    const error = await thrownBy(stage.keeper.step());
    const coin = desk.profile.key === "bnb" ? "BNB" : "ETH";
    expect(error.message).to.equal(`${coin} has no price yet: what gas costs is not known`);
    stage.keeper.feed.accept(stage.prices.publish(coin, await desk.now(), desk.priceOf(coin)));
    await stage.rounds(1);
  });

  it("tells of a clock that is far from the chain's, and decides by the chain's", async () => {
    const { desk, trader } = await loadFixture(deskFixture);
    const stage = await stageOf(desk, { maxDriftSeconds: 5 });
    const order = await desk.requestOpen(trader, { mode: "standard", leverage: 20 });
    await desk.warpTo(order.target + 1);
    await stage.second();
    stage.keeper.feed.accept(stage.prices.publish("BTC", order.target, desk.priceOf("BTC")));
    await stage.rounds(2);
    const apart = Math.round(Date.now() / 1_000 - (await desk.now()));
    expect(Math.abs(apart)).to.be.greaterThan(1_000);
    const told = stage.alarms.current.find(({ alarm }) => alarm === "drift");
    expect(Math.abs(Number(/^(-?\d+) s$/.exec(told?.detail ?? "")?.[1]) - apart)).to.be.lessThan(30);
    expect(await stage.metrics.registry.metrics()).to.match(/asterism_keeper_alarm\{alarm="drift"\} 1\n/);
    expect(await desk.statusOf(order.id)).to.equal("Open");
  });

  it("tells of a state that can't be written, goes on, and writes it once it can", async () => {
    const { desk, trader } = await loadFixture(deskFixture);
    const folder = mkdtempSync(join(tmpdir(), "asterism-keeper-"));
    try {
      const state = join(folder, "state.json");
      const stage = await stageOf(desk, { state, storeSeconds: 1 });
      // A folder in the way of the draft, as a full disk would be.
      const way = `${state}.${process.pid}.new`;
      mkdirSync(way);
      const afterASecond = async () => {
        await new Promise((resolve) => setTimeout(resolve, 1_050));
        await stage.rounds(1);
        return stage.alarms.current.filter(({ alarm }) => alarm === "state");
      };
      const [{ detail }] = await afterASecond();
      expect(detail).to.match(/EISDIR/);
      expect(await stage.metrics.registry.metrics()).to.match(/asterism_keeper_state_store_failures_total 1\n/);
      expect(existsSync(state)).to.equal(false);
      const order = await desk.requestOpen(trader, { mode: "standard", leverage: 20 });
      await desk.warpTo(order.target + 1);
      await stage.second();
      stage.keeper.feed.accept(stage.prices.publish("BTC", order.target, desk.priceOf("BTC")));
      await stage.rounds(2);
      expect(await desk.statusOf(order.id)).to.equal("Open");
      rmSync(way, { recursive: true });
      expect(await afterASecond()).to.deep.equal([]);
      expect(existsSync(state)).to.equal(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** Rounds, as far apart as those of a keeper, until something has come about. */
async function untilRound(stage: Stage, reached: () => boolean): Promise<void> {
  const end = Date.now() + WAIT_MS;
  while (!reached()) {
    if (Date.now() > end) throw new Error("it did not come about");
    await new Promise((resolve) => setTimeout(resolve, 250));
    await stage.keeper.step();
  }
}
