/** What a transaction or a permit says, before anybody signs it. */
import { Interface } from "ethers";
import type { InterfaceAbi, ParamType, Result } from "ethers";
import { formatDecimal, formatPrice, formatSize, proWords } from "@asterism/sdk";
import type { PermitData } from "@asterism/sdk";
import * as abis from "@asterism/sdk/abis";
import { grouped } from "./format";
import { gridText, itemText, rightsText, rollText, timeText, triggerText, wordTexts } from "./proCalls";
import type { ProBook } from "./proCalls";

export interface DecodedArgument {
  readonly name: string;
  readonly text: string;
}

export interface DecodedCall {
  /** What is called by its name, or by its address where it is none of the system's. */
  readonly target: string;
  readonly address: string;
  readonly isKnown: boolean;
  /** Signed, and not sent. */
  readonly isSignature: boolean;
  readonly call: string;
  readonly args: readonly DecodedArgument[];
  /** Calls that this one makes, in their order. */
  readonly inner: readonly DecodedCall[];
  /** Of native coin, as text; undefined for none. */
  readonly value: string | undefined;
}

/** Whom a transaction may be for. */
export interface AddressBook {
  /** Addresses by the names of the contracts. */
  readonly contracts: Readonly<Record<string, string>>;
  readonly tokens: readonly { readonly symbol: string; readonly address: string; readonly decimals: number }[];
  readonly nativeSymbol: string;
  readonly pro: ProBook;
}

const ABIS: Readonly<Record<string, InterfaceAbi>> = {
  ...{ trading: abis.tradingAbi, prediction: abis.predictionAbi, alpManager: abis.alpManagerAbi },
  ...{ vault: abis.vaultAbi, router: abis.routerAbi, pro: abis.proAbi, proTriggers: abis.proTriggersAbi },
  ...{ gridBook: abis.gridBookAbi, proKeeper: abis.proKeeperAbi },
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
  const common = { target: target ?? to, address: to, isKnown: target !== undefined, isSignature: false, value: coins };
  if (parsed === null) {
    const args = [{ name: "data", text: cut(data) }];
    return { ...common, isKnown: false, call: data.slice(0, 10), args, inner: [] };
  }
  const { name: call, fragment } = parsed;
  if (contract === "router" && call === "multicall") {
    const inner = (parsed.args[0] as string[]).map((each) => decodeCall(book, { to, data: each, value: 0n }));
    return { ...common, call, args: [], inner };
  }
  if (contract === "gridBook" && call === "open") {
    const [account, order] = parsed.args as unknown as [bigint, Result];
    const text = gridText(book.pro, order.toObject());
    const named = [
      ["account", account.toString()],
      ["grid", text],
    ] as const;
    return { ...common, call, args: named.map(([name, each]) => ({ name, text: each })), inner: [] };
  }
  const flat = flattened(fragment.inputs, parsed.args);
  // The token that amounts are of: the one called, or the one named beside them; in Pro there is one alone.
  const named = flat.find(([name, each]) => name === "token" && typeof each === "string")?.[1] as string | undefined;
  const settled = contract === "pro" ? book.tokens.find(({ symbol }) => symbol === book.pro.token) : undefined;
  const unit = token ?? settled ?? book.tokens.find(({ address }) => named !== undefined && isSame(address, named));
  const args = flat.flatMap(([name, each]) => argumentsOf(book, contract, name, each, unit));
  return { ...common, call, args, inner: [] };
}

/** A permit as its owner signs it. */
export function decodePermit(book: AddressBook, { domain, message }: PermitData): DecodedCall {
  const token = book.tokens.find(({ address }) => isSame(address, domain.verifyingContract));
  const isGiven = Object.values(book.contracts).some((address) => isSame(address, message.spender));
  const parts = ["spender", "value", "deadline", "owner", "nonce"] as const;
  return {
    ...{ target: token?.symbol ?? domain.verifyingContract, address: domain.verifyingContract },
    ...{ isKnown: token !== undefined && isGiven, isSignature: true, call: "permit", inner: [], value: undefined },
    args: parts.map((name) => ({ name, text: shown(book, name, message[name], token) })),
  };
}

function flattened(params: readonly ParamType[], values: Result): [string, unknown][] {
  return params.flatMap((param, index): [string, unknown][] => {
    const value: unknown = values[index];
    if (param.components && !param.arrayChildren) return flattened(param.components, value as Result);
    return [[param.name, value]];
  });
}

/** What Pro and its triggers are told in numbers of their own is told in words, one of them a line. */
function argumentsOf(
  book: AddressBook,
  contract: string | undefined,
  name: string,
  value: unknown,
  unit: AddressBook["tokens"][number] | undefined,
): DecodedArgument[] {
  const lines = (texts: readonly string[]) => texts.map((text, index) => ({ name: `${index + 1}.`, text }));
  if (contract === "pro" && name === "actions") return lines(wordTexts(book.pro, [...(value as bigint[])], unit));
  if ((contract === "pro" || contract === "proKeeper") && name === "proofs") {
    const count = (value as unknown[]).length;
    return count === 0 ? [] : [{ name, text: `of the latest prices, signed by Pyth's guardians (${count})` }];
  }
  if (contract === "pro" && name === "rights") return [{ name, text: rightsText(Number(value)) }];
  const texts = (text: (pro: ProBook, each: Readonly<Record<string, unknown>>) => string) =>
    lines([...(value as Result)].map((each) => text(book.pro, (each as Result).toObject())));
  if (contract === "proTriggers" && name === "orders") return texts(triggerText);
  if (contract === "proKeeper" && name === "items") return texts(itemText);
  if (contract === "proKeeper" && name === "rolls") return texts(rollText);
  return [{ name, text: shown(book, name, value, unit) }];
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
    if (TIMES.test(name)) {
      if (value === 0n) return "none";
      return value >= BigInt(proWords.FOREVER) ? "never" : timeText(value);
    }
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
