import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { getBytes, parseUnits } from "ethers";
import { ethers } from "hardhat";
import { ASSET_KEYS } from "../../deploy/profiles";
import type { AssetKey } from "../../deploy/profiles";
import type { LocalPublisher } from "../../kit/pyth/publisher";
import type { Market } from "./market";

const PRICE_DECIMALS = 10;

/** The question makes no sense; the message is its answer. */
class BadRequestError extends Error {}

/**
 * Signed Pyth updates by the paths and in the shape of Pyth's own price service, so that its clients work with a replica:
 *
 *   GET  /v2/updates/price/latest?ids[]=0x…            published in the chain's latest second
 *   GET  /v2/updates/price/{unix seconds}?ids[]=0x…    published in that second
 *   POST /prices {"BTC": "61000.5"}                    sets prices; all feeds report them
 *
 * A price has no history: an update of an earlier second carries the price of now.
 */
export class PriceService {
  private readonly server: Server;

  constructor(
    private readonly market: Market,
    private readonly publisher: LocalPublisher,
  ) {
    this.server = createServer((request, response) => void this.answer(request, response));
  }

  async listen(port: number, host: string): Promise<void> {
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
    const send = (status: number, body: unknown) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(body));
    };
    try {
      const url = new URL(request.url ?? "/", "http://localhost");
      if (request.method === "POST" && url.pathname === "/prices") send(200, await this.setPrices(request));
      else if (request.method === "GET") send(200, await this.update(url));
      else throw new BadRequestError("no such path");
    } catch (error) {
      const isAsked = error instanceof BadRequestError;
      send(isAsked ? 400 : 500, { error: isAsked ? error.message : "the replica failed" });
      if (!isAsked) console.error(error);
    }
  }

  private async update({ pathname, searchParams }: URL): Promise<unknown> {
    const [, when] = /^\/v2\/updates\/price\/(latest|\d+)$/.exec(pathname) ?? [];
    if (when === undefined) throw new BadRequestError("no such path");
    const ids = searchParams.getAll("ids[]").map((id) => (id.startsWith("0x") ? id : `0x${id}`));
    const assets = ids.map((id) => this.market.assetOf(id) ?? fail(`unknown price id ${id}`));
    if (assets.length === 0) throw new BadRequestError("ids[] is missing");
    const { timestamp } = (await ethers.provider.getBlock("latest")) ?? { timestamp: 0 };
    const publishTime = when === "latest" ? timestamp : Number(when);
    const prices = assets.map((asset) => this.market.pythPrice(asset, publishTime));
    const data = this.publisher.update(prices).slice(2);
    const isBase64 = searchParams.get("encoding") === "base64";
    const encoded = isBase64 ? Buffer.from(getBytes(`0x${data}`)).toString("base64") : data;
    return {
      binary: { encoding: isBase64 ? "base64" : "hex", data: [encoded] },
      parsed: prices.map(({ feedId, price, conf, expo }) => ({
        id: feedId.slice(2),
        price: { price: price.toString(), conf: conf.toString(), expo, publish_time: publishTime },
      })),
    };
  }

  private async setPrices(request: IncomingMessage): Promise<unknown> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array));
    const prices: Partial<Record<AssetKey, bigint>> = {};
    for (const [asset, price] of Object.entries(parseObject(Buffer.concat(chunks).toString("utf8")))) {
      const key = ASSET_KEYS.find((known) => known === asset && this.market.assets.includes(known));
      if (key === undefined) throw new BadRequestError(`unknown asset ${asset}`);
      prices[key] = parsePrice(price);
    }
    await this.market.setPrices(prices);
    return { set: Object.keys(prices) };
  }
}

function fail(message: string): never {
  throw new BadRequestError(message);
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed !== null) return parsed as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw new BadRequestError("an object of prices by asset is expected");
}

function parsePrice(price: unknown): bigint {
  try {
    const parsed = parseUnits(String(price), PRICE_DECIMALS);
    if (parsed > 0n) return parsed;
  } catch {
    // Told below.
  }
  throw new BadRequestError(`${JSON.stringify(price)} is no price`);
}
