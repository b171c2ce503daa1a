import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { getBytes } from "ethers";
import type { PythPrice } from "../../sdk/pyth/wire";
import type { LocalPublisher } from "./publisher";

const POLL_MS = 200;
/** Updates that are kept signed. */
const MAX_UPDATES = 1_000;

/** The question makes no sense, or has no answer; the message is its answer. */
export class RequestError extends Error {
  constructor(
    message: string,
    readonly status = 400,
  ) {
    super(message);
  }
}

/** The prices that a local service signs. */
export interface PriceBook {
  /** The latest second that has prices. */
  now(): Promise<number>;
  /** The first price of a feed at or after a second; undefined for a feed that there is not. */
  priceAt(feedId: string, time: number): PythPrice | undefined;
}

/** Whatever goes wrong with a service: an answer of this status, or none at all. */
export type Fault = number | "silence";

/** Another request than one for prices: its answer, or undefined where there is no such path. */
export type OtherPaths = (request: IncomingMessage, path: string) => Promise<unknown>;

/**
 * Signed Pyth updates by the paths and in the shape of Pyth's own price service, so that its clients work with it:
 *
 *   GET  /v2/updates/price/latest?ids[]=0x…            published in the latest second
 *   GET  /v2/updates/price/{unix seconds}?ids[]=0x…    the first at or after that second; 404 as long as there is none
 *   GET  /v2/updates/price/stream?ids[]=0x…            every second's, as server-sent events
 */
export class LocalHermes {
  /** What all requests meet until it is undefined again. */
  fault: Fault | undefined;
  /** The bearer token that requests need; none by default. */
  key: string | undefined;
  /** How many requests came. */
  requests = 0;
  private readonly server: Server;
  private readonly updates = new Map<string, string>();

  constructor(
    private readonly book: PriceBook,
    private readonly publisher: LocalPublisher,
    private readonly other: OtherPaths = () => Promise.resolve(undefined),
  ) {
    this.server = createServer((request, response) => void this.answer(request, response));
  }

  /** Where it listens. */
  get url(): string {
    const { address, port } = this.server.address() as AddressInfo;
    return `http://${address}:${port}`;
  }

  /** On a port of its own choice unless one is named. */
  async listen(port = 0, host = "127.0.0.1"): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once("error", reject);
      this.server.listen(port, host, resolve);
    });
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve, reject) => {
      this.server.close((error) => (error === undefined ? resolve() : reject(error)));
    });
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests += 1;
    if (this.fault === "silence") return;
    const send = (status: number, body: unknown) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(body));
    };
    try {
      if (this.fault !== undefined) throw new RequestError("out of order", this.fault);
      if (this.key !== undefined && request.headers.authorization !== `Bearer ${this.key}`)
        throw new RequestError("a key is needed", 401);
      const url = new URL(request.url ?? "/", "http://localhost");
      const [, when] = /^\/v2\/updates\/price\/(latest|stream|\d+)$/.exec(url.pathname) ?? [];
      if (request.method === "GET" && when === "stream") await this.stream(url.searchParams, response);
      else if (request.method === "GET" && when !== undefined) send(200, await this.update(when, url.searchParams));
      else send(200, (await this.other(request, url.pathname)) ?? fail("no such path"));
    } catch (error) {
      const isAsked = error instanceof RequestError;
      send(isAsked ? error.status : 500, { error: isAsked ? error.message : "the service failed" });
      if (!isAsked) console.error(error);
    }
  }

  private async update(when: string, params: URLSearchParams): Promise<unknown> {
    const now = await this.book.now();
    const time = when === "latest" ? now : Number(when);
    const prices = this.pricesAt(time, params);
    if (prices.some(({ publishTime }) => Number(publishTime) > now)) throw new RequestError("not published yet", 404);
    return this.signed(prices, params);
  }

  private pricesAt(time: number, params: URLSearchParams): PythPrice[] {
    const ids = params.getAll("ids[]").map((id) => (id.startsWith("0x") ? id : `0x${id}`));
    if (ids.length === 0) throw new RequestError("ids[] is missing");
    return ids.map((id) => this.book.priceAt(id.toLowerCase(), time) ?? fail(`unknown price id ${id}`));
  }

  private signed(prices: readonly PythPrice[], params: URLSearchParams): unknown {
    const data = this.updateOf(prices).slice(2);
    const isBase64 = params.get("encoding") === "base64";
    const encoded = isBase64 ? Buffer.from(getBytes(`0x${data}`)).toString("base64") : data;
    const binary = { encoding: isBase64 ? "base64" : "hex", data: [encoded] };
    return params.get("parsed") === "false" ? { binary } : { binary, parsed: prices.map(parsedOf) };
  }

  /** The same prices are signed once, however many ask for them: signing is what a busy service does most. */
  private updateOf(prices: readonly PythPrice[]): string {
    const key = prices.map((price) => Object.values(price).join(" ")).join();
    const known = this.updates.get(key);
    if (known !== undefined) return known;
    const update = this.publisher.update(prices);
    this.updates.set(key, update);
    if (this.updates.size > MAX_UPDATES) this.updates.delete(this.updates.keys().next().value as string);
    return update;
  }

  /** An event for each second that passes, from the present one on. */
  private async stream(params: URLSearchParams, response: ServerResponse): Promise<void> {
    let last = (await this.book.now()) - 1;
    this.pricesAt(last, params);
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
    const publish = async () => {
      const now = await this.book.now();
      if (now <= last) return;
      last = now;
      response.write(`data:${JSON.stringify(this.signed(this.pricesAt(now, params), params))}\n\n`);
    };
    const timer = setInterval(() => void publish().catch(() => response.destroy()), POLL_MS);
    response.once("close", () => clearInterval(timer));
    await publish();
  }
}

function parsedOf({ feedId, price, conf, expo, publishTime, prevPublishTime, emaPrice, emaConf }: PythPrice) {
  const at = Number(publishTime);
  const shown = (value: bigint, width: bigint) => ({
    ...{ price: value.toString(), conf: width.toString(), expo, publish_time: at },
  });
  return {
    id: feedId.slice(2),
    price: shown(price, conf),
    ema_price: shown(emaPrice ?? price, emaConf ?? conf),
    metadata: { prev_publish_time: Number(prevPublishTime), proof_available_time: at, slot: at },
  };
}

function fail(message: string): never {
  throw new RequestError(message);
}
