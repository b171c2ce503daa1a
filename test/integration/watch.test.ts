import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { WebSocketProvider } from "ethers";
import hre, { ethers } from "hardhat";
import { TASK_NODE_CREATE_SERVER } from "hardhat/builtin-tasks/task-names";
import type { JsonRpcServer } from "hardhat/types";
import { connectTo } from "../../kit/connect";
import type { OrderInput } from "../../sdk/clients/orders";
import { px } from "../../sdk/units";
import { betsAt } from "../../sdk/watch/bets";
import { ConnectionLostError } from "../../sdk/watch/Line";
import { ForgottenForkError, LogStream } from "../../sdk/watch/stream";
import type { Step } from "../../sdk/watch/stream";
import { TradeWatch, tradesAt } from "../../sdk/watch/trades";
import type { TradeFilter } from "../../sdk/watch/trades";
import { thrownBy } from "../dsl/thrown";
import { Wire } from "../dsl/wire";
import { deskFixture } from "../fixtures/desk";

const LONG: OrderInput = { market: "BTC", mode: "standard", side: "long", leverage: 20, token: "USDT", amount: "1000" };

/** A history: positions, one with margin added and another closed in part, a limit, and a close that was refused. */
async function historyFixture() {
  const fixture = await loadFixture(deskFixture);
  const { desk, trader, other, keeper } = fixture;
  const [asTrader, asOther, asKeeper] = [
    await connectTo(desk, trader),
    await connectTo(desk, other),
    await connectTo(desk, keeper),
  ];
  const ids: bigint[] = [];
  for (const client of [asTrader, asOther, asTrader]) {
    const order = await (await client.trade.market(LONG)).send();
    await asKeeper.keeper.fill(order);
    ids.push(order.id);
  }
  await (await asTrader.trade.addMargin(ids[0], "50")).send();
  await (await asOther.trade.limit({ ...LONG, market: "ETH", price: "1000", stopLoss: "900" })).send();
  const refused = await (await asTrader.trade.close(ids[2], { acceptablePrice: "90000" })).send();
  await asKeeper.keeper.fill(refused);
  return { ...fixture, asTrader, asOther, asKeeper, ids };
}

async function all<T>(steps: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const step of steps) found.push(step);
  return found;
}

/** What the watch has is what the contracts have. */
async function expectStored(watch: TradeWatch, connection: Parameters<typeof tradesAt>[0]): Promise<void> {
  const stored = await tradesAt(connection, await ethers.provider.getBlockNumber());
  for (const name of ["orders", "positions", "closes"] as const) {
    const sorted = (map: ReadonlyMap<bigint, unknown>) => [...map].sort(([a], [b]) => Number(a - b));
    expect(sorted(watch.state[name]), name).to.deep.equal(sorted(stored[name]));
  }
}

async function told(watch: TradeWatch, filter: TradeFilter = {}): Promise<string[]> {
  return (await all(watch.catchUp(filter))).map((step) => (step.kind === "undone" ? "undone" : step.event.name));
}

describe("TradeWatch", () => {
  it("S12: begins in the middle of a history, and follows it to what storage has", async () => {
    const { asTrader, asOther, asKeeper, desk, ids } = await loadFixture(historyFixture);
    const { connection } = asTrader;
    const watch = await TradeWatch.begin(connection);
    expect([...watch.state.positions.keys()]).to.deep.equal(ids);
    await expectStored(watch, connection);

    await asTrader.trade.setTriggers(ids[0], { takeProfit: "60900", stopLoss: "0" }).send();
    const part = await (await asOther.trade.close(ids[1], { size: "0.1" })).send();
    await asKeeper.keeper.fill(part);
    const close = await (await asTrader.trade.close(ids[2])).send();
    await asKeeper.keeper.fill(close);
    await desk.setPrice("BTC", px("57000"));
    await desk.warp(5);
    await (await asKeeper.keeper.liquidate([{ id: ids[0] }], [await asKeeper.keeper.proveLatest("BTC")])).send();
    expect(await told(watch)).to.deep.equal([
      ...["TpSlUpdated", "CloseRequested", "TradeReduced"],
      ...["CloseRequested", "TradeClosed", "TradeLiquidated"],
    ]);
    expect([...watch.state.endings]).to.deep.equal([
      [ids[2], "closed"],
      [ids[0], "liquidated"],
    ]);
    await expectStored(watch, connection);
  });

  it("tells of one account, one market or one trade, where the event itself does not name them too", async () => {
    const { asTrader, asOther, asKeeper, other, ids } = await loadFixture(historyFixture);
    const begin = () => TradeWatch.begin(asTrader.connection);
    const watches = [await begin(), await begin(), await begin(), await begin()];
    const close = await (await asTrader.trade.close(ids[0], { acceptablePrice: "90000" })).send();
    await asKeeper.keeper.fill(close);
    await (await asOther.trade.market({ ...LONG, market: "ETH" })).send();
    const filters = [{ id: ids[0] }, { owner: other.address.toLowerCase() }, { market: "ETH" }, { id: ids[1] }];
    const seen = await Promise.all(filters.map((filter, index) => told(watches[index], filter)));
    expect(seen).to.deep.equal([["CloseRequested", "CloseRefused"], ["OrderPlaced"], ["OrderPlaced"], []]);
  });

  it("undoes what a reorganisation undid, and follows the chain that is", async () => {
    const { asTrader, ids } = await loadFixture(historyFixture);
    const watch = await TradeWatch.begin(asTrader.connection);
    await asTrader.trade.setTriggers(ids[0], { takeProfit: "60800", stopLoss: "0" }).send();
    expect(await told(watch)).to.deep.equal(["TpSlUpdated"]);
    const fork: unknown = await ethers.provider.send("evm_snapshot", []);
    await asTrader.trade.setTriggers(ids[0], { takeProfit: "60900", stopLoss: "0" }).send();
    await (await asTrader.trade.market(LONG)).send();
    expect(await told(watch)).to.deep.equal(["TpSlUpdated", "OrderPlaced"]);
    await ethers.provider.send("evm_revert", [fork]);
    await asTrader.trade.setTriggers(ids[0], { takeProfit: "60700", stopLoss: "59000" }).send();
    await asTrader.trade.setTriggers(ids[2], { takeProfit: "60700", stopLoss: "0" }).send();
    expect(await told(watch)).to.deep.equal(["undone", "TpSlUpdated", "TpSlUpdated"]);
    expect(watch.state.positions.get(ids[0])?.takeProfit).to.equal(px("60700"));
    await expectStored(watch, asTrader.connection);
  });
});

describe("betsAt", () => {
  it("S12: has what stands in the middle of a history, and later events bring it to what storage has", async () => {
    const { asTrader, asKeeper, prediction } = await loadFixture(historyFixture);
    const { connection } = asTrader;
    const place = async (direction: "up" | "down") => {
      const input = { market: "BTC", direction, periodSeconds: 300, token: "USDT", stake: "100" } as const;
      return (await asTrader.bets.place(input)).send({ approve: true });
    };
    const [struck, waiting] = [await place("up"), await place("down")];
    await asKeeper.keeper.fill(struck);
    const block = await ethers.provider.getBlockNumber();
    const indexer = await betsAt(connection, block);
    expect([...indexer.bets].map(([id, { isStruck, isUp }]) => [id, isStruck, isUp])).to.deep.equal([
      [struck.id, true, true],
      [waiting.id, false, false],
    ]);
    await asKeeper.keeper.fill(waiting);
    await asKeeper.keeper.fill(await asTrader.bets.settlement(struck.id, struck.receipt));
    await place("up");
    const options = { addresses: [await prediction.getAddress()], fromBlock: block + 1 };
    for await (const step of new LogStream(ethers.provider, options).catchUp()) {
      if (step.kind === "logs") for (const log of step.logs) indexer.apply(log);
    }
    const stored = await betsAt(connection, await ethers.provider.getBlockNumber());
    expect([...indexer.bets]).to.deep.equal([...stored.bets]);
    expect(indexer.endings.get(struck.id)?.how).to.equal("lost");
    const usdt = connection.chain.tokens.USDT.address;
    for (const isUp of [true, false]) {
      const open = await prediction.openStake(0, usdt, 300, isUp);
      expect(indexer.openStake(0n, usdt, 300n, isUp)).to.equal(open);
      expect(stored.openStake(0n, usdt, 300n, isUp)).to.equal(open);
    }
  });
});

describe("LogStream", () => {
  it("goes on from a cursor that was stored, with nothing twice and nothing left out", async () => {
    const { trading, ids } = await loadFixture(historyFixture);
    const options = { addresses: [await trading.getAddress()], fromBlock: 0, pageBlocks: 7 };
    const whole = (await all(new LogStream(ethers.provider, options).catchUp())).flatMap(logsOf);
    let stored = "";
    const parts: string[] = [];
    for (let turn = 0; turn < 4; turn++) {
      const cursor = stored === "" ? undefined : (JSON.parse(stored) as Step["cursor"]);
      for await (const step of new LogStream(ethers.provider, options).catchUp(cursor)) {
        stored = JSON.stringify(step.cursor);
        parts.push(...logsOf(step));
        // A restart after the first page that has anything.
        if (turn < 3 && logsOf(step).length > 0) break;
      }
    }
    expect(parts).to.deep.equal(whole);
    expect(new Set(whole).size).to.equal(whole.length);
    expect(whole.length).to.be.greaterThan(ids.length);
  });

  it("waits for a node that lags, asks again where one fails, and ends with the signal", async () => {
    const { asTrader, trading, ids } = await loadFixture(historyFixture);
    const head = await ethers.provider.getBlockNumber();
    const options = { addresses: [await trading.getAddress()], fromBlock: head + 1, pollMs: 5 };
    let isBroken = true;
    const errors: unknown[] = [];
    const flaky = Object.assign(Object.create(ethers.provider) as typeof ethers.provider, {
      getLogs: async (filter: Parameters<typeof ethers.provider.getLogs>[0]) => {
        if (isBroken) throw new Error("connection reset");
        return ethers.provider.getLogs(filter);
      },
    });
    const stop = new AbortController();
    const stream = new LogStream(flaky, { ...options, onError: (error) => errors.push(error) });
    setTimeout(() => (isBroken = false), 100);
    await asTrader.trade.setTriggers(ids[0], { takeProfit: "60800", stopLoss: "0" }).send();
    const seen: string[] = [];
    for await (const step of stream.follow(stop.signal)) {
      seen.push(...logsOf(step));
      if (seen.length > 0) stop.abort();
    }
    expect(seen).to.have.length(1);
    expect((errors[0] as Error).message).to.equal("connection reset");
    // As if read from a node that was further: there is nothing to undo, and nothing new.
    const ahead = { recent: [{ number: head + 100, hash: `0x${"ab".repeat(32)}` }] };
    expect(await all(new LogStream(ethers.provider, options).catchUp(ahead))).to.deep.equal([]);
  });

  it("is woken by blocks over WebSocket, and goes on over the next connection where one is lost", async () => {
    const { asTrader, trading, ids } = await loadFixture(historyFixture);
    const head = await ethers.provider.getBlockNumber();
    const options = { addresses: [await trading.getAddress()], fromBlock: head + 1, pollMs: 600_000 };
    const { provider } = hre.network;
    const server = (await hre.run(TASK_NODE_CREATE_SERVER, {
      hostname: "127.0.0.1",
      port: 0,
      provider,
    })) as JsonRpcServer;
    const { port } = await server.listen();
    const act = (price: string) => asTrader.trade.setTriggers(ids[0], { takeProfit: price, stopLoss: "0" }).send();
    /** The first logs after the cursor over a connection of its own, which is lost then. */
    const first = async (cursor: Step["cursor"] | undefined, work: () => Promise<unknown>): Promise<Step> => {
      const socket = new WebSocketProvider(`ws://127.0.0.1:${port}`, hre.network.config.chainId, {
        staticNetwork: true,
      });
      const stop = new AbortController();
      try {
        setTimeout(() => void work(), 200);
        for await (const step of new LogStream(socket, options).follow(stop.signal, cursor)) {
          if (logsOf(step).length > 0) return step;
        }
        throw new Error("the stream ended");
      } finally {
        stop.abort();
        await socket.destroy();
      }
    };
    try {
      const one = await first(undefined, () => act("60800"));
      // While nobody is connected.
      await act("60810");
      const two = await first(one.cursor, () => Promise.resolve());
      const three = await first(two.cursor, () => act("60820"));
      expect([one, two, three].map((step) => logsOf(step).length)).to.deep.equal([1, 1, 1]);
      expect(new Set([one, two, three].flatMap(logsOf)).size).to.equal(3);
    } finally {
      await server.close();
    }
  });

  describe("over a WebSocket", () => {
    let server: JsonRpcServer;
    let wire: Wire;
    let open: () => WebSocketProvider;

    before(async () => {
      const { provider } = hre.network;
      server = (await hre.run(TASK_NODE_CREATE_SERVER, {
        ...{ hostname: "127.0.0.1", port: 0, provider },
      })) as JsonRpcServer;
      wire = new Wire((await server.listen()).port);
      const url = await wire.listen();
      open = () => new WebSocketProvider(url, hre.network.config.chainId, { staticNetwork: true });
    });

    after(async () => {
      await wire?.close();
      await server?.close();
    });

    async function watched() {
      const fixture = await loadFixture(historyFixture);
      const { asTrader, trading, ids } = fixture;
      const fromBlock = (await ethers.provider.getBlockNumber()) + 1;
      // Nothing but a block, or the loss itself, wakes it.
      const options = { addresses: [await trading.getAddress()], fromBlock, pollMs: 600_000 };
      const act = (price: string) => asTrader.trade.setTriggers(ids[0], { takeProfit: price, stopLoss: "0" }).send();
      return { options, act };
    }

    it("opens another connection where one is lost or silent, and leaves nothing out", async () => {
      const { options, act } = await watched();
      const errors: unknown[] = [];
      const onError = (error: unknown) => errors.push(error);
      const stop = new AbortController();
      // Of a connection that is silent nothing comes to wake it.
      const own = { ...options, open, onError, pollMs: 500, timeoutMs: 1_000 };
      const stream = new LogStream(ethers.provider, own);
      wire.connections = 0;
      const seen: string[] = [];
      await act("60800");
      for await (const step of stream.follow(stop.signal)) {
        seen.push(...logsOf(step));
        if (seen.length === 1) {
          wire.isRefusing = true;
          wire.cut();
          await act("60810");
          setTimeout(() => (wire.isRefusing = false), 1_500);
        } else if (seen.length === 2) {
          wire.isSilent = true;
          await act("60820");
          setTimeout(() => (wire.isSilent = false), 1_500);
        } else {
          stop.abort();
        }
      }
      expect(new Set(seen).size).to.equal(3);
      for (const error of errors) expect(error).to.be.instanceOf(ConnectionLostError);
      expect(errors.map((error) => (error as Error).message)).to.include.members([
        "the connection to the node was lost",
        "the connection to the node is silent: no answer in 1000 ms",
      ]);
      expect(wire.connections).to.be.at.least(3);
    });

    it("ends where the connection that it was given is lost, and goes on from the cursor over another", async () => {
      const { options, act } = await watched();
      await act("60800");
      const given = open();
      let cursor: Step["cursor"] | undefined;
      const lost = await thrownBy(
        (async () => {
          for await (const step of new LogStream(given, options).follow(new AbortController().signal)) {
            cursor = step.cursor;
            wire.cut();
          }
        })(),
      );
      expect(lost).to.be.instanceOf(ConnectionLostError);
      await given.destroy();
      await act("60810");
      const steps = await all(new LogStream(ethers.provider, options).catchUp(cursor));
      expect(steps.flatMap(logsOf)).to.have.lengthOf(1);
    });
  });

  it("says so where the chain changed further back than it remembers", async () => {
    const { trading } = await loadFixture(historyFixture);
    const head = await ethers.provider.getBlockNumber();
    const options = { addresses: [await trading.getAddress()], fromBlock: 0 };
    const cursor = { recent: [{ number: head - 3, hash: `0x${"ab".repeat(32)}` }] };
    const error = await thrownBy(all(new LogStream(ethers.provider, options).catchUp(cursor)));
    expect(error).to.be.instanceOf(ForgottenForkError);
    expect(error.message).to.contain(`before block ${head - 3}`);
  });
});

function logsOf(step: Step): string[] {
  return step.kind === "logs" ? step.logs.map(({ blockNumber, index }) => `${blockNumber}.${index}`) : ["undo"];
}
