import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { pino } from "pino";
import { ConfigError } from "../../../keeper/config";
import { EXIT, keep, main } from "../../../keeper/main";
import { Outage } from "../../../keeper/ticks/Outage";
import type { Question, Recovery } from "../../../keeper/ticks/Outage";
import { TickFeed } from "../../../keeper/ticks/TickFeed";
import { Alarms } from "../../../keeper/watch/alarms";
import { serveHealth } from "../../../keeper/watch/health";
import { Metrics } from "../../../keeper/watch/metrics";
import { LocalPublisher } from "../../../kit/pyth/publisher";
import type { PriceSource, PriceUpdate } from "../../../sdk/pyth/source";
import { PriceMissingError, readUpdate } from "../../../sdk/pyth/source";
import { thrownBy } from "../../dsl/thrown";

const KEY = `0x${"1".repeat(64)}`;
const FEED = `0x${"ab".repeat(32)}`;

/** What a program says on the way out. */
async function told(attempt: () => Promise<number>): Promise<{ code: number; said: string }> {
  const lines: string[] = [];
  const before = console.error;
  console.error = (line: unknown) => void lines.push(String(line));
  try {
    return { code: await attempt(), said: lines.join("\n") };
  } finally {
    console.error = before;
  }
}

/** A node that answers everything with the same. */
async function withNode<T>(result: string, work: (url: string) => Promise<T>): Promise<T> {
  const server = createServer((request, response) => {
    request.resume();
    response.end(JSON.stringify({ jsonrpc: "2.0", id: 1, result }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

describe("the keeper's program", () => {
  const env = { ASTERISM_KEEPER_KEY: KEY };
  const hermes = ["http://127.0.0.1:1"];

  it("ends with a code of its own for settings, with all that is wrong", async () => {
    const { code, said } = await told(() => keep({ chain: "bnb" }, {}));
    expect(code).to.equal(EXIT.badConfiguration);
    expect(said).to.match(/^rpc: /m);
    expect(said).to.match(/^hermes: /m);
    expect((await told(() => keep({ chain: "bnb", rpc: ["http://127.0.0.1:1"], hermes }, {}))).said).to.equal(
      "no key signs: set ASTERISM_KEEPER_KEY to a private key, or ask for a dry run",
    );
    expect((await told(() => keep({ metricsPort: "x" }, env))).code).to.equal(EXIT.badConfiguration);
  });

  it("ends with another where no node answers, and where one is of another chain", async () => {
    const { code, said } = await told(() => keep({ chain: "bnb", rpc: ["http://127.0.0.1:1"], hermes }, env));
    expect(code).to.equal(EXIT.unreachable);
    expect(said).to.contain("is its address right, and is it running?");
    await withNode("0x1", async (url) => {
      const wrong = await told(() => keep({ chain: "bnb", rpc: [url], hermes }, env));
      expect(wrong.code).to.equal(EXIT.wrongChain);
      expect(wrong.said).to.match(/is a node of chain 1, not 56/);
    });
  });

  it("ends with another where the chain has no deployment that it knows", async () => {
    await withNode("0x38", async (url) => {
      const { code, said } = await told(() => keep({ chain: "bnb", rpc: [url], hermes }, env));
      expect(code, said).to.equal(EXIT.wrongChain);
    });
  });

  it("refuses options that there are not", () => {
    const before = process.exitCode;
    const write = process.stderr.write.bind(process.stderr);
    process.stderr.write = () => true;
    try {
      main(["--no-such-option"]);
      expect(process.exitCode).to.equal(EXIT.badConfiguration);
    } finally {
      process.stderr.write = write;
      process.exitCode = before;
    }
  });
});

describe("Alarms", () => {
  it("are told once when they begin and once when they end, by how grave they are", () => {
    const lines: { level: number; alarm?: string }[] = [];
    const metrics = new Metrics();
    const alarms = new Alarms(
      pino({}, { write: (line: string) => void lines.push(JSON.parse(line) as never) }),
      metrics,
    );
    alarms.raise("state", "no space left");
    alarms.raise("state", "no space left");
    expect(alarms.isGrave).to.equal(false);
    alarms.set("nodesDiffer", true, "block 7");
    expect(alarms.isGrave).to.equal(true);
    expect(alarms.current).to.deep.equal([
      { alarm: "state", detail: "no space left" },
      { alarm: "nodesDiffer", detail: "block 7" },
    ]);
    alarms.set("nodesDiffer", false);
    alarms.end("state");
    alarms.end("state");
    expect(lines.map(({ level, alarm }) => [level, alarm])).to.deep.equal([
      [50, "state"],
      [60, "nodesDiffer"],
      [30, "nodesDiffer"],
      [30, "state"],
    ]);
    expect([...alarms.ever]).to.deep.equal(["state", "nodesDiffer"]);
  });

  it("and health and metrics are to be had over HTTP", async () => {
    const metrics = new Metrics();
    metrics.block.set(7);
    let isHealthy = true;
    const server = await serveHealth(0, "127.0.0.1", metrics, () => ({ isHealthy, status: { block: 7n } }));
    try {
      const healthy = await fetch(`${server.url}/health`);
      expect([healthy.status, await healthy.json()]).to.deep.equal([200, { block: "7" }]);
      isHealthy = false;
      expect((await fetch(`${server.url}/health`)).status).to.equal(503);
      expect((await fetch(`${server.url}/nothing`)).status).to.equal(404);
      expect(await (await fetch(`${server.url}/metrics`)).text()).to.match(/^asterism_keeper_block 7$/m);
      const taken = Number(new URL(server.url).port);
      const error = await thrownBy(serveHealth(taken, "127.0.0.1", metrics, () => ({ isHealthy, status: {} })));
      expect(error).to.be.instanceOf(ConfigError);
      expect(error.message).to.match(
        new RegExp(
          `^metricsPort: 127\\.0\\.0\\.1:${taken} can't be listened at \\(.*EADDRINUSE.*\\): write another port$`,
        ),
      );
    } finally {
      await server.close();
    }
  });
});

describe("TickFeed", () => {
  const publisher = new LocalPublisher();
  const update = (time: number, previous = time - 1): PriceUpdate => {
    const price = { feedId: FEED, price: 100n, conf: 1n, expo: -8, publishTime: time, prevPublishTime: previous };
    return readUpdate([publisher.update([price])], [FEED]);
  };

  /** Streams what it is given, then falls silent or breaks. */
  class Source implements PriceSource {
    streams = 0;
    readonly asked: number[] = [];

    constructor(
      private readonly given: readonly number[],
      private readonly end: "silence" | "break",
    ) {}

    latest(): Promise<PriceUpdate> {
      return Promise.resolve(update(500));
    }

    at(time: number): Promise<PriceUpdate> {
      this.asked.push(time);
      return time > 400 ? Promise.reject(new PriceMissingError("none")) : Promise.resolve(update(time));
    }

    async *stream(_: readonly string[], signal: AbortSignal): AsyncIterable<PriceUpdate> {
      this.streams += 1;
      if (this.streams === 1) for (const time of this.given) yield update(time);
      if (this.end === "break") throw new Error("the stream broke");
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    }
  }

  async function until(reached: () => boolean): Promise<void> {
    for (let waited = 0; !reached(); waited += 5) {
      if (waited > 10_000) throw new Error("it did not come about");
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  for (const end of ["silence", "break"] as const) {
    it(`begins a stream anew after a ${end}, asks for the latest meanwhile, and for what was left out`, async () => {
      const source = new Source([100, 104], end);
      const errors: unknown[] = [];
      const feeds = () => [{ assetId: 1, pythId: FEED }];
      const feed = new TickFeed(source, feeds, { silenceMs: 100, onOutage: (error) => void errors.push(error) });
      const stop = new AbortController();
      const running = feed.run(stop.signal);
      await until(() => source.streams >= 2);
      stop.abort();
      await running;
      expect(feed.book.latest(1)?.publishTime).to.equal(500);
      expect(source.asked.slice(0, 3)).to.deep.equal([101, 102, 103]);
      expect(errors.some((error) => (error as Error).message === "the stream broke")).to.equal(end === "break");
      const times = feed.take().map(({ publishTime }) => publishTime);
      for (const time of [100, 101, 102, 103, 104, 500]) expect(times).to.include(time);
      expect(feed.take()).to.deep.equal([]);
    });
  }

  it("tells once that the source fails, whatever is asked of it, and once that it answers again", async () => {
    let isDown = true;
    const down = () => Promise.reject(new Error("unreachable"));
    const source: PriceSource = {
      latest: () => (isDown ? down() : Promise.resolve(update(250))),
      at: (time) => (isDown ? down() : Promise.resolve(update(time))),
      async *stream(_, signal) {
        if (isDown) throw new Error("unreachable");
        yield update(250);
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      },
    };
    const [outages, recoveries]: [unknown[], Recovery[]] = [[], []];
    const feed = new TickFeed(source, () => [{ assetId: 1, pythId: FEED }], {
      silenceMs: 10_000,
      onOutage: (error) => void outages.push(error),
      onRecovery: (recovery) => void recoveries.push(recovery),
    });
    feed.backfill(1, 201, 240);
    expect(feed.first(1, 250, true)).to.equal(undefined);
    const stop = new AbortController();
    const running = feed.run(stop.signal);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect([outages.map((error) => (error as Error).message), recoveries]).to.deep.equal([["unreachable"], []]);
    isDown = false;
    await until(() => recoveries.length > 0);
    feed.backfill(1, 201, 240);
    await until(() => feed.book.all(1).length > 40);
    stop.abort();
    await running;
    expect(outages).to.have.lengthOf(1);
    // Forty seconds, one first tick, a stream and one latest price.
    expect(recoveries.map(({ failures }) => failures)).to.deep.equal([43]);
  });

  it("asks for no first tick twice at once, and for eight at most", async () => {
    const answers = new Map<number, () => void>();
    const source = Object.assign(new Source([], "silence"), {
      at: (time: number) => new Promise<PriceUpdate>((resolve) => answers.set(time, () => resolve(update(time)))),
    });
    const feed = new TickFeed(source, () => [{ assetId: 1, pythId: FEED }], { silenceMs: 1_000 });
    const times = Array.from({ length: 10 }, (_, index) => 210 - index);
    const askAll = () => times.map((time) => feed.first(1, time, true));
    askAll();
    expect([...answers.keys()]).to.deep.equal(times.slice(0, 8));
    const [first] = [...answers.values()];
    answers.clear();
    askAll();
    expect([...answers.keys()]).to.deep.equal([]);
    first();
    await until(() => feed.first(1, times[0], true) !== undefined);
    await until(() => {
      askAll();
      return answers.size > 0;
    });
    expect([...answers.keys()]).to.deep.equal([times[8]]);
  });

  it("asks for a first tick that is overdue, once a second", async () => {
    const source = new Source([], "silence");
    const feed = new TickFeed(source, () => [{ assetId: 1, pythId: FEED }], { silenceMs: 1_000 });
    expect(feed.first(1, 200, false)).to.equal(undefined);
    expect(source.asked).to.deep.equal([]);
    expect(feed.first(1, 200, true)).to.equal(undefined);
    expect(feed.first(1, 200, true)).to.equal(undefined);
    expect(source.asked).to.deep.equal([200]);
    await until(() => feed.first(1, 200, true) !== undefined);
    expect(feed.first(1, 200, true)?.publishTime).to.equal(200);
  });
});

describe("Outage", () => {
  let now: number;
  let outage: Outage;
  let told: (string | Recovery)[];

  beforeEach(() => {
    [now, told] = [0, []];
    const onOutage = (error: unknown) => void told.push(String(error));
    outage = new Outage({ onOutage, onRecovery: (recovery) => void told.push(recovery) }, () => now);
  });

  const fail = (...questions: Question[]) => {
    for (const question of questions) outage.failed(question, question);
  };

  it("is over once prices stream again, whatever else had failed, and counts", () => {
    fail("past", "past", "stream", "latest");
    outage.answered("latest");
    outage.answered("past");
    now = 61_400;
    outage.answered("stream");
    outage.answered("stream");
    expect(told).to.deep.equal(["past", { failures: 4, seconds: 61 }]);
    fail("stream");
    outage.answered("stream");
    expect(told.slice(2)).to.deep.equal(["stream", { failures: 1, seconds: 0 }]);
  });

  it("of a stream alone is not over by the latest price", () => {
    fail("stream", "stream");
    outage.answered("latest");
    fail("stream");
    expect(told).to.deep.equal(["stream"]);
    outage.answered("stream");
    expect(told.slice(1)).to.deep.equal([{ failures: 3, seconds: 0 }]);
  });

  it("of seconds gone by, while prices stream, is over by an answer, or once none has failed for a while", () => {
    fail("past");
    outage.answered("stream");
    fail("past");
    expect(told).to.deep.equal(["past"]);
    outage.answered("past");
    expect(told.slice(1)).to.deep.equal([{ failures: 2, seconds: 0 }]);
    fail("past");
    now = 10_000;
    outage.answered("stream");
    expect(told).to.have.lengthOf(3);
    now = 10_001;
    outage.answered("stream");
    expect(told.slice(3)).to.deep.equal([{ failures: 1, seconds: 10 }]);
  });

  it("tells nothing where nothing failed", () => {
    for (const question of ["stream", "latest", "past"] as const) outage.answered(question);
    expect(told).to.deep.equal([]);
  });
});
