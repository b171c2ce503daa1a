import type { Command } from "commander";
import type { Asterism, ProAccountOptions, ProAction, ProActOptions, ProFill, ProHealth } from "../../../sdk/index";
import { formatPrice, formatSize, formatUsd, marketNameOf, proMarketOf } from "../../../sdk/index";
import { addressOf, wholeOf } from "./arguments";
import type { ActOptions } from "./market";

/** Which account of the order book, and whose. */
export interface ProOptions extends ActOptions {
  owner?: string;
  sub?: number;
}

const USD_DIGITS = 2;
const MAX_SUB = 255;
/** An index that is older is brought anew: that of whoever takes high leverage may be two seconds old. */
const FRESH_SECONDS = 2;
/** What tests no margin. */
const UNTESTED = new Set<ProAction["kind"]>(["cancel", "lower", "mode", "nameBroker"]);

/** The options of what reads an account. */
export function ofAccount(command: Command): Command {
  return command
    .option("--owner <address>", "whose account; the key's by default", addressOf)
    .option("--sub <number>", "which of his accounts, 0 to 255; 0 by default", wholeOf(0, MAX_SUB));
}

/** The options of what acts for an account. */
export function acting(command: Command): Command {
  return ofAccount(command)
    .option("--hermes <url>", "price service; ASTERISM_HERMES_URL, or Pyth's public one, by default")
    .option("--dry-run", "print the unsigned transaction and send nothing");
}

export function accountOptions({ owner, sub }: ProOptions): ProAccountOptions {
  return { owner, sub };
}

/** How an account acts: with the latest prices of the markets that its margin is tested in, where those on the chain are older. */
export async function withPrices(
  asterism: Asterism,
  actions: readonly ProAction[],
  options: ProOptions,
): Promise<ProActOptions> {
  const own = accountOptions(options);
  const names = new Set<string>();
  for (const action of actions) {
    if (action.kind === "place") names.add(nameOf(asterism, action.market));
    if (UNTESTED.has(action.kind)) continue;
    for (const { market } of await positionsOf(asterism, own)) names.add(market);
  }
  const time = (await asterism.connection.provider.getBlock("latest"))?.timestamp ?? 0;
  const marks = await Promise.all([...names].map(async (market) => ({ market, ...(await asterism.pro.mark(market)) })));
  const old = marks.filter(({ publishTime }) => time - Number(publishTime) > FRESH_SECONDS);
  return { ...own, refresh: old.map(({ market }) => market) };
}

/** A market's whole name. */
export function nameOf({ connection: { chain } }: Asterism, market: string): string {
  return marketNameOf(chain, proMarketOf(chain, market).id);
}

/** What an account holds, by scope: "cross", and each market that is isolated. */
export async function scopesOf(asterism: Asterism, own: ProAccountOptions): Promise<Record<string, ProHealth>> {
  const markets = Object.keys(asterism.connection.chain.pro.markets);
  const [cross, ...isolated] = await Promise.all(
    [undefined, ...markets].map((market) => asterism.pro.health(market, own)),
  );
  const held = markets
    .map((market, at) => [market, isolated[at]] as const)
    .filter(([, { cash, initialMargin, positions }]) => {
      return cash !== 0n || initialMargin !== 0n || positions.some(({ size }) => size !== 0n);
    });
  return { cross, ...Object.fromEntries(held) };
}

export async function positionsOf(asterism: Asterism, own: ProAccountOptions) {
  const scopes = Object.entries(await scopesOf(asterism, own));
  return scopes.flatMap(([scope, { positions }]) =>
    positions.filter(({ size }) => size !== 0n).map((position) => ({ scope, ...position })),
  );
}

export const usdShown = (value: bigint): string => formatUsd(value, USD_DIGITS);
export const priceShown = (value: bigint): string => (value === 0n ? "" : formatPrice(value, USD_DIGITS));

/** The average price of what was filled. */
export function averageOf(notional: bigint, size: bigint): bigint {
  return size === 0n ? 0n : notional / size;
}

export function fillShown({ fee, market, notional, side, size }: ProFill): string {
  const verb = side === "buy" ? "bought" : "sold";
  const price = priceShown(averageOf(notional, size));
  return `${verb} ${formatSize(size)} ${market} at ${price} for ${usdShown(notional)} USD, fee ${usdShown(fee)} USD`;
}

/** Unix seconds so long after the chain's latest block; undefined: for ever. */
export async function expiryOf({ connection }: Asterism, seconds: number | undefined): Promise<number | undefined> {
  if (seconds === undefined) return undefined;
  return ((await connection.provider.getBlock("latest"))?.timestamp ?? 0) + seconds;
}
