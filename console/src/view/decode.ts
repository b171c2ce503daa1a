/** What a transaction says, before anybody signs it. */
import { Interface } from "ethers";
import type { InterfaceAbi, ParamType, Result } from "ethers";
import { formatDecimal, formatPrice, formatSize } from "@asterism/sdk";
import * as abis from "@asterism/sdk/abis";
import { grouped } from "./format";

export interface DecodedArgument {
  readonly name: string;
  readonly text: string;
}

export interface DecodedCall {
  /** What is called by its name, or by its address where it is none of the system's. */
  readonly target: string;
  readonly address: string;
  readonly isKnown: boolean;
  readonly call: string;
  readonly args: readonly DecodedArgument[];
  /** Of native coin, as text; undefined for none. */
  readonly value: string | undefined;
}

/** Whom a transaction may be for. */
export interface AddressBook {
  /** Addresses by the names of the contracts. */
  readonly contracts: Readonly<Record<string, string>>;
  readonly tokens: readonly { readonly symbol: string; readonly address: string; readonly decimals: number }[];
  readonly nativeSymbol: string;
}

const ABIS: Readonly<Record<string, InterfaceAbi>> = {
  ...{ trading: abis.tradingAbi, prediction: abis.predictionAbi, alpManager: abis.alpManagerAbi },
  ...{ vault: abis.vaultAbi, router: abis.routerAbi, pro: abis.proAbi },
};
const PRICES = /price|takeProfit|stopLoss/i;
const SIZES = /^size$/;
const AMOUNTS = /^(amount|stake|value)$/;
const TIMES = /deadline|expiry/i;
const LONG_DATA = 66;

export function decodeCall(
  book: AddressBook,
  { to, data, value }: { to: string; data: string; value: bigint },
): DecodedCall {
  const token = book.tokens.find(({ address }) => isSame(address, to));
  const contract = Object.entries(book.contracts).find(([, address]) => isSame(address, to))?.[0];
  const target = token?.symbol ?? contract;
  const abi = token === undefined ? (contract === undefined ? undefined : ABIS[contract]) : abis.erc20Abi;
  const parsed = abi === undefined ? null : new Interface(abi).parseTransaction({ data, value });
  const coins = value === 0n ? undefined : `${formatDecimal(value, 18)} ${book.nativeSymbol}`;
  const common = { target: target ?? to, address: to, isKnown: target !== undefined, value: coins };
  if (parsed === null)
    return { ...common, isKnown: false, call: data.slice(0, 10), args: [{ name: "data", text: cut(data) }] };
  const flat = flattened(parsed.fragment.inputs, parsed.args);
  // The token that amounts are of: the one called, or the one named beside them.
  const named = flat.find(([name, each]) => name === "token" && typeof each === "string")?.[1] as string | undefined;
  const unit = token ?? book.tokens.find(({ address }) => named !== undefined && isSame(address, named));
  const args = flat.map(([name, each]) => ({ name, text: shown(book, name, each, unit) }));
  return { ...common, call: parsed.name, args };
}

function flattened(params: readonly ParamType[], values: Result): [string, unknown][] {
  return params.flatMap((param, index): [string, unknown][] => {
    const value: unknown = values[index];
    if (param.components && !param.arrayChildren) return flattened(param.components, value as Result);
    return [[param.name, value]];
  });
}

function shown(
  book: AddressBook,
  name: string,
  value: unknown,
  unit: AddressBook["tokens"][number] | undefined,
): string {
  if (typeof value === "bigint") {
    if (PRICES.test(name)) return value === 0n ? "none" : grouped(formatPrice(value));
    if (SIZES.test(name)) return formatSize(value);
    if (AMOUNTS.test(name) && unit) return `${grouped(formatDecimal(value, unit.decimals))} ${unit.symbol}`;
    if (TIMES.test(name)) return value === 0n ? "none" : new Date(Number(value) * 1_000).toISOString();
    return value.toString();
  }
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "string") {
    const token = book.tokens.find(({ address }) => isSame(address, value))?.symbol;
    const contract = Object.entries(book.contracts).find(([, address]) => isSame(address, value))?.[0];
    const known = token ?? contract;
    return known === undefined ? cut(value) : `${known} (${value})`;
  }
  return cut(JSON.stringify(value, (_, inner: unknown) => (typeof inner === "bigint" ? inner.toString() : inner)));
}

function cut(text: string): string {
  return text.length <= LONG_DATA ? text : `${text.slice(0, LONG_DATA)}… (${text.length} characters)`;
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
