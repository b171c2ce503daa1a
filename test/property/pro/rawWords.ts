/** All words that Pro has stored of some accounts and ticks, as they are. */
import { ethers } from "hardhat";
import type { Pro } from "../../../typechain-types";

/** Numbers of the members of `ProState` and `Market`. */
const [ACCOUNTS, MARKETS] = [4n, 7n];
const [BITS, LEVELS, ORDERS] = [14n, 15n, 16n];
/** Sums, positions, isolated cash. */
const OF_PARTY = [17n, 18n, 19n];
/** Keys of `TickBits`: asks, and the second and third layer of bits. */
const [ASKS, MIDDLE, TOP] = [1n << 24n, 1n << 25n, 1n << 26n];
/** Slots of an account that are looked at. */
const SLOTS = 12n;

const slotOf = (key: bigint, place: bigint) =>
  BigInt(ethers.solidityPackedKeccak256(["uint256", "uint256"], [key, place]));

const countTo = (count: bigint) => [...Array(Number(count)).keys()].map(BigInt);

function ofMarket(market: bigint, accounts: readonly bigint[], ticks: readonly bigint[]): [string, bigint][] {
  const base = slotOf(market, MARKETS);
  const named = (name: string, key: bigint, map: bigint): [string, bigint] => [
    `market ${market}, ${name} ${key}`,
    slotOf(key, base + map),
  ];
  return [
    ...countTo(BITS).map((place): [string, bigint] => [`market ${market}, word ${place}`, base + place]),
    ...ticks.flatMap((tick) => [tick, ASKS | tick].map((key) => named("level", key, LEVELS))),
    ...[0n, ASKS].flatMap((side) => {
      const low = [...new Set(ticks.map((tick) => tick >> 8n))].map((key) => side | key);
      const middle = [...new Set(ticks.map((tick) => tick >> 16n))].map((key) => MIDDLE | side | key);
      return [...low, ...middle, TOP | side].map((key) => named("bits", key, BITS));
    }),
    ...accounts.flatMap((account) => [
      ...OF_PARTY.map((map) => named(`map ${map} of`, account, map)),
      ...countTo(SLOTS).map((slot) => named("order", (account << 8n) | slot, ORDERS)),
    ]),
  ];
}

const known = new Map<string, [string, bigint][]>();

function slotsOf(accounts: readonly bigint[], ticks: readonly (readonly bigint[])[]): [string, bigint][] {
  const name = [accounts, ...ticks].map(String).join(" ");
  const slots = known.get(name) ?? [
    ...accounts.map((account): [string, bigint] => [`account ${account}`, slotOf(account, ACCOUNTS)]),
    ...ticks.flatMap((ofThis, market) => ofMarket(BigInt(market), accounts, ofThis)),
  ];
  known.set(name, slots);
  return slots;
}

/**
 * As `name: word`.
 * @param ticks By market.
 */
export async function rawWords(
  pro: Pro,
  accounts: readonly bigint[],
  ticks: readonly (readonly bigint[])[],
): Promise<string[]> {
  const slots = slotsOf(accounts, ticks);
  const words = await pro.extsload(slots.map(([, slot]) => ethers.toBeHex(slot, 32)));
  return slots.map(([name], place) => `${name}: ${words[place]}`);
}
