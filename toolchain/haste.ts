/**
 * What ethers and Hardhat's matchers do for every call and every comparison, in less time: a quarter of what the tests took
 * was spent there. Results are the same, but that objects of ethers are not read-only.
 */
import { createRequire } from "node:module";

type Bytes = string | Uint8Array;
type Values = Record<string, unknown>;

/** The modules' own tables of exports: what is put in there is what every other module of theirs calls. */
export interface Exports {
  data: {
    getBytes: (value: Bytes, name?: string) => Uint8Array;
    getBytesCopy: (value: Bytes, name?: string) => Uint8Array;
    hexlify: (value: Bytes) => string;
    concat: (values: readonly Bytes[]) => string;
  };
  properties: { defineProperties: (target: object, values: Values, types?: Record<string, string>) => void };
  address: { getAddress: (address: string) => string };
  checks: { isAddress: (value: unknown) => boolean };
  id: { id: (text: string) => string };
  bigInt: { isBigNumber: (value: unknown) => boolean; normalizeToBigInt: (value: unknown) => bigint };
}

const ofEthers = createRequire(require.resolve("ethers"));
const ofHardhat = createRequire(require.resolve("hardhat/common"));

const EXPORTS: Exports = {
  data: ofEthers("./utils/data.js") as Exports["data"],
  properties: ofEthers("./utils/properties.js") as Exports["properties"],
  address: ofEthers("./address/address.js") as Exports["address"],
  checks: ofEthers("./address/checks.js") as Exports["checks"],
  id: ofEthers("./hash/id.js") as Exports["id"],
  bigInt: ofHardhat("./bigInt.js") as Exports["bigInt"],
};

/** As they come with the libraries. */
export const ORIGINALS: Exports = {
  data: { ...EXPORTS.data },
  properties: { ...EXPORTS.properties },
  address: { ...EXPORTS.address },
  checks: { ...EXPORTS.checks },
  id: { ...EXPORTS.id },
  bigInt: { ...EXPORTS.bigInt },
};

/** Addresses and signatures are few, and each is asked for again and again. */
const MOST_REMEMBERED = 50_000;

/** Undefined where the text is no data, or with a capital X. */
function decoded(text: string): Uint8Array | undefined {
  if (!text.startsWith("0x") || text.length % 2 !== 0) return undefined;
  const bytes = new Uint8Array(text.length / 2 - 1);
  // Node stops at the first character that is no digit.
  const written = Buffer.from(bytes.buffer).write(text.slice(2), "hex");
  return written === bytes.length ? bytes : undefined;
}

function getBytes(value: Bytes, name?: string): Uint8Array {
  if (value instanceof Uint8Array) return value;
  return (typeof value === "string" ? decoded(value) : undefined) ?? ORIGINALS.data.getBytes(value, name);
}

function getBytesCopy(value: Bytes, name?: string): Uint8Array {
  return value instanceof Uint8Array ? new Uint8Array(value) : getBytes(value, name);
}

function digitsOf(value: Bytes): string {
  const { buffer, byteOffset, byteLength } = getBytes(value);
  return Buffer.from(buffer, byteOffset, byteLength).toString("hex");
}

function concat(values: readonly Bytes[]): string {
  return `0x${values.map(digitsOf).join("")}`;
}

/** Assigns: to define what a class has declared already makes the engine lay out each object anew. */
function defineProperties(target: object, values: Values, types?: Record<string, string>): void {
  // The name of one cannot be assigned.
  if (typeof target === "function") return ORIGINALS.properties.defineProperties(target, values, types);
  for (const [name, value] of Object.entries(values)) {
    const type = types?.[name];
    if (type !== undefined && typeof value !== type)
      return ORIGINALS.properties.defineProperties(target, values, types);
  }
  Object.assign(target, values);
}

/** The function with what it has answered. */
function remembering(ask: (text: string) => string): (text: string) => string {
  const answers = new Map<string, string>();
  return (text) => {
    const known = answers.get(text);
    if (known !== undefined) return known;
    const answer = ask(text);
    if (answers.size >= MOST_REMEMBERED) answers.clear();
    answers.set(text, answer);
    return answer;
  };
}

/** An address, or one as a bank account's number: whatever else is compared is no address, which takes ethers an error to say. */
const LIKE_ADDRESS = /^(?:(?:0x)?[0-9a-f]{40}|XE[0-9]{2}[0-9a-z]{30,31})$/i;

const isAddress = (value: unknown): boolean =>
  typeof value === "string" && LIKE_ADDRESS.test(value) && ORIGINALS.checks.isAddress(value);

/** Other libraries' numbers, one of which is searched for on the disk at every comparison, are not used here. */
const isBigNumber = (value: unknown): boolean => typeof value === "bigint";

function normalizeToBigInt(value: unknown): bigint {
  if (typeof value === "bigint") return value;
  if (typeof value === "number" || typeof value === "string") return ORIGINALS.bigInt.normalizeToBigInt(value);
  throw new TypeError(`a value of type ${typeof value} is no number`);
}

export const QUICK: Exports = {
  data: { getBytes, getBytesCopy, hexlify: (value) => `0x${digitsOf(value)}`, concat },
  properties: { defineProperties },
  address: { getAddress: remembering(ORIGINALS.address.getAddress) },
  checks: { isAddress },
  id: { id: remembering(ORIGINALS.id.id) },
  bigInt: { isBigNumber, normalizeToBigInt },
};

/** From now on the libraries use what is quick. */
export function hasten(): void {
  for (const name of Object.keys(QUICK) as (keyof Exports)[]) Object.assign(EXPORTS[name], QUICK[name]);
}
