import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { LocalHermes } from "../../../kit/pyth/LocalHermes";
import { LocalPublisher } from "../../../kit/pyth/publisher";
import { Hermes, HermesError } from "../../../sdk/pyth/hermes";
import { PriceMissingError, firstUpdateAt, readUpdate } from "../../../sdk/pyth/source";
import type { PriceSource, PriceUpdate } from "../../../sdk/pyth/source";
import { PythWireError } from "../../../sdk/pyth/wire";
import type { PythPrice } from "../../../sdk/pyth/wire";
import { thrownBy } from "../../dsl/thrown";

const FEED = `0x${"ab".repeat(32)}`;
const OTHER = `0x${"cd".repeat(32)}`;
const NOW = 1_800_000_000;

function priceAt(publishTime: number, prevPublishTime = publishTime - 1, price = 100n): PythPrice {
  return { feedId: FEED, price, conf: 1n, expo: -8, publishTime, prevPublishTime };
}

describe("Hermes", () => {
  const publisher = new LocalPublisher();
  const servers: LocalHermes[] = [];
  let now = NOW;

  async function server(): Promise<LocalHermes> {
    const book = {
      now: () => Promise.resolve(now),
      priceAt: (feedId: string, time: number) => (feedId === FEED ? priceAt(time) : undefined),
    };
    const hermes = new LocalHermes(book, publisher);
    await hermes.listen();
    servers.push(hermes);
    return hermes;
  }

  beforeEach(() => {
    now = NOW;
  });

  afterEach(async () => {
    for (const each of servers.splice(0)) await each.close();
  });

  it("reads the latest update and the one of a time, as the publisher signed them", async () => {
    const { url } = await server();
    const hermes = new Hermes({ endpoints: [url] });
    const latest = await hermes.latest([FEED]);
    expect(latest.prices.map(({ publishTime, price }) => [publishTime, price])).to.deep.equal([[BigInt(NOW), 100n]]);
    const earlier = await hermes.at(NOW - 10, [FEED]);
    expect(earlier.prices[0].publishTime).to.equal(BigInt(NOW - 10));
  });

  it("is answered with the same signed update each time, and with another once a price is another", async () => {
    let price = 100n;
    const book = {
      now: () => Promise.resolve(now),
      priceAt: (_: string, time: number) => priceAt(time, time - 1, price),
    };
    const local = new LocalHermes(book, publisher);
    await local.listen();
    servers.push(local);
    const hermes = new Hermes({ endpoints: [local.url] });
    const [first, again] = [await hermes.latest([FEED]), await hermes.at(NOW, [FEED])];
    expect(again.data).to.deep.equal(first.data);
    price = 101n;
    expect((await hermes.latest([FEED])).prices[0].price).to.equal(101n);
  });

  it("says in a line of an endpoint that is none", async () => {
    const other = createServer((_, response) => response.end('{"jsonrpc":"2.0"}'));
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as AddressInfo;
    try {
      const error = await thrownBy(new Hermes({ endpoints: [`http://127.0.0.1:${port}`] }).latest([FEED]));
      expect(error.message).to.equal(
        `no endpoint answered: 127.0.0.1:${port}: answers, and not as a price service does`,
      );
    } finally {
      other.closeAllConnections();
      other.close();
    }
  });

  for (const status of [401, 403, 429, 500]) {
    it(`asks the next endpoint where one answers ${status}`, async () => {
      const [first, second] = [await server(), await server()];
      first.fault = status;
      const hermes = new Hermes({ endpoints: [first.url, second.url] });
      expect((await hermes.latest([FEED])).prices[0].feedId).to.equal(FEED);
      expect([first.requests, second.requests]).to.deep.equal([1, 1]);
    });
  }

  it("asks the next endpoint where one says nothing, or is not there", async () => {
    const [first, second] = [await server(), await server()];
    first.fault = "silence";
    const hermes = new Hermes({ endpoints: ["http://127.0.0.1:1", first.url, second.url], timeoutMs: 1_000 });
    expect((await hermes.latest([FEED])).prices[0].feedId).to.equal(FEED);
    expect([first.requests, second.requests]).to.deep.equal([1, 1]);
  });

  it("sends the key of each endpoint, and tells what each said without it", async () => {
    const guarded = await server();
    guarded.key = "open sesame";
    const endpoints = [{ url: guarded.url, key: "open sesame" }];
    expect((await new Hermes({ endpoints }).latest([FEED])).prices).to.have.length(1);
    const wrong = new Hermes({ endpoints: [{ url: `${guarded.url}/path-with-key`, key: "wrong" }] });
    const error = await thrownBy(wrong.latest([FEED]));
    expect(error).to.be.instanceOf(HermesError);
    expect(error.message).to.match(
      /^no endpoint answered: 127\.0\.0\.1:\d+: HTTP error! status: 401, body: \{"error":"a key is needed"\}$/,
    );
    expect(error.message).not.to.match(/wrong|path-with-key/);
  });

  it("asks nobody else where the question is wrong", async () => {
    const [first, second] = [await server(), await server()];
    const hermes = new Hermes({ endpoints: [first.url, second.url] });
    const error = await thrownBy(hermes.latest([OTHER]));
    expect(error.message).to.contain(`unknown price id ${OTHER}`);
    expect(second.requests).to.equal(0);
  });

  it("waits for a price that is not there yet, and no longer than it is told", async () => {
    const { url } = await server();
    const later = new Hermes({ endpoints: [url] }).at(NOW + 2, [FEED]);
    setTimeout(() => (now = NOW + 2), 300);
    expect((await later).prices[0].publishTime).to.equal(BigInt(NOW + 2));
    const never = new Hermes({ endpoints: [url], patienceMs: 100 }).at(NOW + 60, [FEED]);
    const error = await thrownBy(never);
    expect(error).to.be.instanceOf(PriceMissingError);
    expect(error.message).to.equal(`no price was published at or after ${NOW + 60}`);
  });

  it("streams every second's price until it is told to stop, from an endpoint that lets it", async () => {
    const [refusing, open] = [await server(), await server()];
    refusing.fault = 403;
    const stop = new AbortController();
    const times: bigint[] = [];
    const hermes = new Hermes({ endpoints: [refusing.url, open.url] });
    for await (const { prices } of hermes.stream([FEED], stop.signal)) {
      times.push(prices[0].publishTime);
      now += 1;
      if (times.length === 3) stop.abort();
    }
    expect(times).to.deep.equal([0, 1, 2].map((later) => BigInt(NOW + later)));
  });
});

describe("firstUpdateAt", () => {
  const publisher = new LocalPublisher();

  /** Answers with the price of `answers` for what is asked, and keeps what that was. */
  function sourceOf(answers: Readonly<Record<number, PythPrice>>, asked: number[] = []): PriceSource {
    const at = (time: number): Promise<PriceUpdate> => {
      asked.push(time);
      return Promise.resolve(readUpdate([publisher.update([answers[time]])], [FEED]));
    };
    const stream = (): AsyncIterable<PriceUpdate> => {
      throw new Error("not asked for");
    };
    return { latest: () => at(0), at, stream };
  }

  it("takes the first price, in the second or in a later one", async () => {
    for (const price of [priceAt(NOW), priceAt(NOW + 2, NOW - 1)]) {
      const { prices } = await firstUpdateAt(sourceOf({ [NOW]: price }), FEED, NOW);
      expect(prices[0].publishTime).to.equal(price.publishTime === NOW ? BigInt(NOW) : BigInt(NOW + 2));
    }
  });

  it("goes back from price to price where the source has a later one at hand", async () => {
    const asked: number[] = [];
    const answers = {
      [NOW]: priceAt(NOW + 5, NOW + 3),
      [NOW + 3]: priceAt(NOW + 3, NOW + 1),
      [NOW + 1]: priceAt(NOW + 1, NOW - 4),
    };
    const { prices } = await firstUpdateAt(sourceOf(answers, asked), FEED, NOW);
    expect([prices[0].publishTime, asked]).to.deep.equal([BigInt(NOW + 1), [NOW, NOW + 3, NOW + 1]]);
  });

  it("gives up where the source has further prices of one second only, or earlier ones", async () => {
    for (const price of [priceAt(NOW, NOW), priceAt(NOW - 1)]) {
      const error = await thrownBy(firstUpdateAt(sourceOf({ [NOW]: price }), FEED, NOW));
      expect(error).to.be.instanceOf(PriceMissingError);
      expect(error.message).to.equal(`no first price of ${FEED} at or after ${NOW}: the source has later ones only`);
    }
  });

  it("refuses updates without the feed, and what is none", () => {
    const update = publisher.update([priceAt(NOW)]);
    expect(() => readUpdate([update], [OTHER])).to.throw(PriceMissingError, `an update came without the feed ${OTHER}`);
    expect(() => readUpdate(["0x504e4155"], [FEED])).to.throw(PythWireError, "1 bytes wanted at 4, 0 left");
  });
});
