import { ZeroAddress, getAddress, isAddress, isHexString } from "ethers";
import type { ParamType } from "ethers";
import { UnitError, parseDecimal, pips, px, size } from "../../sdk/units";
import { bookIdOf } from "../arguments/books";
import { assetIdOf } from "../arguments/oracle";
import { ASSET_KEYS } from "../profiles";
import type { ChainProfile } from "../profiles";
import type { DeploymentRecord } from "../record";
import { ROLES, roleIdOf } from "../roles";
import type { FunctionRole } from "../roles";

/** A call that governance can't make as it is written; the message says what would be right. */
export class CallError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "CallError";
  }
}

export interface ValueContext {
  readonly contract: string;
  readonly profile: ChainProfile;
  readonly record: DeploymentRecord;
  /** The arguments before this one, by name. */
  readonly before: Readonly<Record<string, unknown>>;
}

/** What a call is written with: text, or JSON's lists, structs, numbers and booleans. */
export type Written = string | number | boolean | readonly Written[] | { readonly [field: string]: Written };

const STATUS = ["unlisted", "active", "reduceOnly", "closed"];
const PRO_STATUS = ["unlisted", "active", "reduceOnly", "settling"];
const MODELS = ["fixed", "depth", "skew"];
const KINDS = ["chainlink", "binanceOracle"];
const AMOUNTS = new Set(["ceiling", "minStake", "maxStake", "maxOpenStake"]);
const SECONDS: Readonly<Record<string, bigint>> = { "": 1n, s: 1n, m: 60n, h: 3_600n, d: 86_400n };

/** A written argument as the ABI takes it. Throws {@link CallError}. */
export function valueOf(param: ParamType, written: Written, context: ValueContext): unknown {
  if (param.arrayChildren) {
    const item = param.arrayChildren;
    if (!isList(written)) throw new CallError(`${param.name} is a list: write [a, b]`);
    return written.map((each) => valueOf(named(item, param.name), each, context));
  }
  if (param.components) return structOf(param.components, param.name, written, context);
  if (typeof written === "object") throw new CallError(`${param.name} is one value, not a list or struct`);
  const text = String(written).trim();
  if (param.baseType === "address") return addressOf(param.name, text, context);
  if (param.baseType === "bool") return oneOf(param.name, text, ["false", "true"]) === 1;
  if (param.baseType === "string") return text;
  if (param.baseType.startsWith("bytes")) return bytesOf(param, text);
  return withinType(param, text, integerOf(param.name, text, context));
}

function named(item: ParamType, name: string): ParamType {
  return item.components
    ? item
    : new Proxy(item, { get: (of, key) => (key === "name" ? name : Reflect.get(of, key)) as unknown });
}

function isList(written: Written): written is readonly Written[] {
  return Array.isArray(written);
}

function structOf(components: readonly ParamType[], name: string, written: Written, context: ValueContext): unknown {
  const fields = components.map((component) => component.name);
  if (typeof written !== "object" || isList(written)) {
    throw new CallError(
      `${name} is a struct: write {${fields.map((field) => `"${field}": …`).join(", ")}}, or @profile`,
    );
  }
  const unknown = Object.keys(written).filter((field) => !fields.includes(field));
  if (unknown.length > 0) throw new CallError(`${name} has no ${unknown.join(", ")}; it has ${fields.join(", ")}`);
  const missing = fields.filter((field) => !(field in written));
  if (missing.length > 0) throw new CallError(`${name} lacks ${missing.join(", ")}`);
  return Object.fromEntries(components.map((part) => [part.name, valueOf(part, written[part.name], context)]));
}

function addressOf(name: string, text: string, { profile, record }: ValueContext): string {
  const contract = Object.entries(record.contracts).find(([key, known]) => known.contract === text || key === text);
  const token = profile.tokens.find(({ symbol }) => symbol === text);
  const found =
    name === "token" ? (token?.address ?? contract?.[1].address) : (contract?.[1].address ?? token?.address);
  if (found !== undefined) return found;
  if (text === "none") return ZeroAddress;
  // A type guard would leave nothing of a text that is none.
  const isOne: boolean = isAddress(text);
  if (isOne) return getAddress(text);
  const known = name === "token" ? profile.tokens.map(({ symbol }) => symbol).join(", ") : "a contract of the record";
  throw new CallError(`${name} is "${text}": ${known}, or an address with its checksum, is expected`);
}

function bytesOf({ name, type, baseType }: ParamType, text: string): string {
  const length = Number(baseType.slice("bytes".length));
  if (length > 0 ? isHexString(text, length) : isHexString(text)) return text;
  throw new CallError(`${name} is "${String(text)}": ${type} in hexadecimal is expected`);
}

function integerOf(name: string, text: string, context: ValueContext): bigint {
  const { profile, contract } = context;
  const isPro = contract === "ProConfigurator";
  const numbered = numberOf(text);
  switch (name) {
    case "bookId":
      return numbered ?? nameIn("book", text, booksOf(profile));
    case "marketId":
      return numbered ?? nameIn("market of bets", text, listNumbers(profile.prediction.markets));
    case "market":
      return numbered ?? nameIn("market of Pro", text, listNumbers(profile.pro.markets));
    case "assetId":
      return numbered ?? nameIn("asset", text, new Map(ASSET_KEYS.map((key) => [key, assetIdOf(key)])));
    case "roleId":
    case "admin":
    case "guardian":
      return numbered ?? nameIn("role", text, rolesByName());
    case "status":
      return numbered ?? BigInt(oneOf(name, text, isPro ? PRO_STATUS : STATUS));
    case "model":
    case "slippageModel":
      return numbered ?? BigInt(oneOf(name, text, MODELS));
    case "kind":
      return numbered ?? BigInt(oneOf(name, text, KINDS));
  }
  try {
    if (AMOUNTS.has(name)) return parseDecimal(text, decimalsOf(name, context));
    if (/pips/i.test(name)) return pips(text);
    if (name === "price" || name === "tickSize") return px(text);
    if (name === "lotSize") return size(text);
    if (/(seconds|delay|duration)/i.test(name)) return secondsOf(name, text);
    return parseDecimal(text, 0);
  } catch (error) {
    if (error instanceof UnitError) throw new CallError(`${name}: ${error.message}; ${unitOf(name)} is expected`);
    throw error;
  }
}

function unitOf(name: string): string {
  if (AMOUNTS.has(name)) return "an amount in whole tokens, such as 12.5";
  if (/pips/i.test(name)) return "a rate, such as 800 (pips), 0.08% or 8bp";
  if (/usd/i.test(name)) return "a whole number of dollars";
  if (name === "price" || name === "tickSize") return "a price in dollars";
  if (name === "lotSize") return "a size";
  return "a whole number";
}

function numberOf(text: string): bigint | undefined {
  return /^\d+$/.test(text) ? BigInt(text) : undefined;
}

/** By the name as it is written, or without its spaces and dashes told apart: "BTC/USD standard", "BTC-standard". */
function nameIn(what: string, text: string, known: ReadonlyMap<string, number | bigint>): bigint {
  const found = known.get(text) ?? known.get(`${text}/USD`);
  if (found !== undefined) return BigInt(found);
  throw new CallError(`no ${what} "${text}"; there are ${[...known.keys()].join(", ")}`);
}

function booksOf(profile: ChainProfile): Map<string, number> {
  return new Map(
    profile.markets.flatMap(({ name, books }, marketId) =>
      books.map(({ mode }) => [`${name} ${mode}`, bookIdOf(marketId, mode)] as const),
    ),
  );
}

function listNumbers(list: readonly { name: string }[]): Map<string, number> {
  return new Map(list.map(({ name }, index) => [name, index]));
}

function rolesByName(): Map<string, bigint> {
  const names = Object.keys(ROLES) as (keyof typeof ROLES)[];
  const ids = names.map((name) => [name, ROLES[name].id] as const);
  return new Map<string, bigint>([...ids, ["PUBLIC", roleIdOf("PUBLIC" satisfies FunctionRole)]]);
}

function oneOf(name: string, text: string, known: readonly string[]): number {
  const index = known.indexOf(text);
  if (index < 0) throw new CallError(`${name} is "${text}": one of ${known.join(", ")} is expected`);
  return index;
}

function secondsOf(name: string, text: string): bigint {
  const [, number, unit] = /^(\d+)\s*(s|m|h|d|)$/.exec(text) ?? [];
  if (number === undefined) throw new CallError(`${name} is "${text}": a time such as 90s, 5m, 1h or 2d is expected`);
  return BigInt(number) * SECONDS[unit];
}

function decimalsOf(name: string, { before, profile }: ValueContext): number {
  const token = profile.tokens.find(({ address }) => address === before.token);
  if (token === undefined) throw new CallError(`${name} is an amount of a token that the profile does not have`);
  return token.decimals;
}

function withinType({ name, type, baseType }: ParamType, text: string, value: bigint): bigint {
  const bits = Number(baseType.replace(/^u?int/, ""));
  const max = (1n << BigInt(bits)) - 1n;
  if (value >= 0n && value <= max) return value;
  throw new CallError(`${name} is "${text}": ${type} holds 0 to ${max.toString()}`);
}
