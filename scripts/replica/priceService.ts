import type { IncomingMessage } from "node:http";
import { parseUnits } from "ethers";
import { ethers } from "hardhat";
import { ASSET_KEYS } from "../../deploy/profiles";
import type { AssetKey } from "../../deploy/profiles";
import { LocalHermes, RequestError } from "../../kit/pyth/LocalHermes";
import type { LocalPublisher } from "../../kit/pyth/publisher";
import type { Market } from "./market";

const PRICE_DECIMALS = 10;

/**
 * The price service of a replica: a local Hermes whose seconds are the chain's, and beside its paths
 *
 *   POST /prices {"BTC": "61000.5"}                    sets prices; all feeds report them
 *
 * A price counts from the second after the present one; an update of an earlier second carries the price of then.
 */
export function priceService(market: Market, publisher: LocalPublisher): LocalHermes {
  const now = async () => (await ethers.provider.getBlock("latest"))?.timestamp ?? 0;
  const priceAt = (feedId: string, time: number) => {
    const asset = market.assetOf(feedId);
    return asset && market.pythPrice(asset, time);
  };
  return new LocalHermes({ now, priceAt }, publisher, async (request, path) =>
    request.method === "POST" && path === "/prices" ? setPrices(market, request) : undefined,
  );
}

async function setPrices(market: Market, request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array));
  const prices: Partial<Record<AssetKey, bigint>> = {};
  for (const [asset, price] of Object.entries(parseObject(Buffer.concat(chunks).toString("utf8")))) {
    const key = ASSET_KEYS.find((known) => known === asset && market.assets.includes(known));
    if (key === undefined) throw new RequestError(`unknown asset ${asset}`);
    prices[key] = parsePrice(price);
  }
  await market.setPrices(prices);
  return { set: Object.keys(prices) };
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed !== null) return parsed as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw new RequestError("an object of prices by asset is expected");
}

function parsePrice(price: unknown): bigint {
  try {
    const parsed = parseUnits(String(price), PRICE_DECIMALS);
    if (parsed > 0n) return parsed;
  } catch {
    // Told below.
  }
  throw new RequestError(`${JSON.stringify(price)} is no price`);
}
