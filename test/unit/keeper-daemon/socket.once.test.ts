import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import hre, { ethers, network } from "hardhat";
import { TASK_NODE_CREATE_SERVER } from "hardhat/builtin-tasks/task-names";
import type { JsonRpcServer } from "hardhat/types";
import { NodeError, Rpc } from "../../../keeper/chain/Rpc";
import { freePort } from "../../../scripts/lib/freePort";
import { describeBoundedGas } from "../../dsl/instrumented";
import { eventsOf } from "../../dsl/keeperEvents";
import { stageOf } from "../../dsl/keeperStage";
import { thrownBy } from "../../dsl/thrown";
import { Wire } from "../../dsl/wire";
import { deskFixture } from "../../fixtures/desk";

const TIMEOUT_MS = 400;
const CHAIN_ID = network.config.chainId ?? 0;

describeBoundedGas("a node over a WebSocket", () => {
  let server: JsonRpcServer;
  let wires: Wire[];
  let urls: string[];
  let rpc: Rpc;
  let faults: NodeError[];

  before(async () => {
    const port = await freePort();
    server = (await hre.run(TASK_NODE_CREATE_SERVER, {
      ...{ hostname: "127.0.0.1", port, provider: network.provider },
    })) as JsonRpcServer;
    await server.listen();
    wires = [new Wire(port), new Wire(port)];
    urls = await Promise.all(wires.map((wire) => wire.listen()));
  });

  after(async () => {
    for (const wire of wires ?? []) await wire.close();
    await server?.close();
  });

  function askOver(count: number, timeoutMs = TIMEOUT_MS): void {
    faults = [];
    for (const wire of wires) Object.assign(wire, { isRefusing: false, isSilent: false, connections: 0 });
    rpc = new Rpc(urls.slice(0, count), CHAIN_ID, { timeoutMs, onFault: (error) => void faults.push(error) });
  }

  afterEach(() => rpc.destroy());

  it("answers many questions over one connection, each with its own answer, and errors as they are", async () => {
    askOver(1);
    const accounts = (await ethers.getSigners()).slice(0, 60).map(({ address }) => address);
    const expected = await Promise.all(accounts.map((each) => ethers.provider.getTransactionCount(each)));
    const told = await Promise.all(accounts.map((each) => rpc.getTransactionCount(each)));
    expect(told).to.deep.equal(expected);
    expect(Number(await rpc.ask(0, "eth_chainId", []))).to.equal(CHAIN_ID);
    expect((await thrownBy(rpc.ask(0, "eth_nothing", []))).message).to.contain("Method eth_nothing");
    expect(wires[0].connections).to.equal(1);
    expect(faults).to.deep.equal([]);
  });

  for (const [what, fault, said] of [
    ["is cut", (wire: Wire) => wire.cut(), "the connection was lost"],
    ["is silent", (wire: Wire) => void (wire.isSilent = true), `no answer in ${TIMEOUT_MS} ms`],
    ["talks nonsense", (wire: Wire) => wire.say("{"), "JSON"],
  ] as const) {
    it(`asks the next node where the connection ${what}, and begins it anew`, async () => {
      askOver(2);
      await rpc.getBlockNumber();
      // Whatever is asked over the first meanwhile is without an answer.
      wires[0].isSilent = true;
      const asked = rpc.getBlockNumber();
      await new Promise((resolve) => setTimeout(resolve, 20));
      fault(wires[0]);
      expect(await asked).to.equal(await ethers.provider.getBlockNumber());
      expect(faults.map(({ url, message }) => [url, message.includes(said)])).to.deep.equal([[urls[0], true]]);
      expect(wires.map(({ connections }) => connections)).to.deep.equal([1, 1]);
      wires[0].isSilent = false;
      await rpc.getBlockNumber();
      expect(wires.map(({ connections }) => connections)).to.deep.equal([2, 1]);
      expect(faults.length).to.equal(1);
    });
  }

  it("says which node it is where there is no other, and answers again once it is back", async () => {
    askOver(1);
    wires[0].isRefusing = true;
    const error = await thrownBy(rpc.send("eth_blockNumber", []));
    expect(error).to.be.instanceOf(NodeError);
    expect(error.message).to.contain(new URL(urls[0]).host);
    wires[0].isRefusing = false;
    expect(await rpc.getBlockNumber()).to.equal(await ethers.provider.getBlockNumber());
  });

  it("a keeper misses nothing of what happened while its connection was lost, and does nothing twice", async () => {
    const { desk, trader } = await loadFixture(deskFixture);
    askOver(1, 10_000);
    const stage = await stageOf(desk, { provider: rpc });
    const options = { mode: "standard", leverage: 20 } as const;
    const first = await desk.requestOpen(trader, options);
    while ((await stage.second()) < first.target + 1) await stage.keeper.step();
    await stage.rounds(2);
    expect(stage.keeper.status).to.include({ positions: 1, done: 1 });

    wires[0].isRefusing = true;
    wires[0].cut();
    expect(await thrownBy(stage.keeper.step())).to.be.instanceOf(NodeError);
    const close = await desk.requestClose(trader, first.id);
    const second = await desk.requestOpen(trader, options);
    for (let block = 0; block < 5; block++) await ethers.provider.send("evm_mine", []);
    expect(await thrownBy(stage.keeper.step())).to.be.instanceOf(NodeError);

    wires[0].isRefusing = false;
    while ((await stage.second()) < Math.max(close.target, second.target) + 1) await stage.keeper.step();
    await stage.rounds(3);
    expect(await eventsOf(desk, first.id)).to.deep.equal([
      "OrderPlaced",
      "TradeOpened",
      "CloseRequested",
      "TradeClosed",
    ]);
    expect(await eventsOf(desk, second.id)).to.deep.equal(["OrderPlaced", "TradeOpened"]);
    expect(stage.keeper.status).to.include({ positions: 1, done: 3, waiting: 0, inFlight: 0 });
  });
});
