/**
 * Every error that a caller of the system can meet, those of the contracts behind the one that is called included: an ABI
 * lists only its own contract's. Solidity code names them by their interfaces, as in `IVault.Vault_ReserveFull.selector`.
 */
import { AbiCoder, Interface, dataLength, dataSlice, isHexString } from "ethers";
import type { ErrorFragment, Result } from "ethers";
import type { AbiParam } from "./abi";
import { panicWords } from "./errors/panics";
import { ERROR_SOURCES } from "./errors/sources";
import { GROUPS } from "./errors/words";
import { namedValues } from "./plain";
import type { PlainValue } from "./plain";

export { OUTCOMES, REASONS } from "./errors/outcomes";
export { PRO_OUTCOMES, PRO_REASONS } from "./errors/proOutcomes";

/** An argument of an error, by the names and types of the ABI. */
export interface ErrorArgument {
  name: string;
  type: string;
}

export interface ErrorEntry {
  name: string;
  /** Name and types, as the selector is made of them. */
  signature: string;
  /** First four bytes of the revert data. */
  selector: string;
  args: ErrorArgument[];
  /** Who raises it: contracts and linked libraries. */
  contracts: string[];
  /** What was wrong and what would be right. */
  words: string;
}

/** An error as ABIs have it. */
export interface ErrorItem {
  readonly type: "error";
  readonly name: string;
  readonly inputs: readonly AbiParam[];
}

/** A value of an argument: numbers as bigints, structs by the names of their fields. */
export type ErrorValue = PlainValue;

export interface DecodedError {
  /** Of the error; "Unknown" where the selector is none of the list's, "Empty" where nothing came back. */
  name: string;
  args: Record<string, ErrorValue>;
  words: string;
}

/** What Solidity and tokens raise themselves. */
const TEXT = new Interface(["error Error(string message)", "error Panic(uint256 code)"]);
const TEXT_WORDS = "A token, a feed or another contract refused with the text `message`.";
const PANIC_WORDS = "Solidity stopped the call for the reason of `code`: a number out of range, a list too short.";

const words: Readonly<Record<string, string | undefined>> = Object.assign({}, ...Object.values(GROUPS)) as Record<
  string,
  string
>;
const fragments = new Map<string, ErrorFragment>();
const entries = new Map<string, ErrorEntry>();

for (const [contract, abi] of Object.entries(ERROR_SOURCES)) collect(contract, Interface.from(abi));
collect("any", TEXT);

/** All errors, by name. */
export const ERRORS: readonly ErrorEntry[] = [...entries.values()].sort((a, b) => (a.name < b.name ? -1 : 1));

/** All errors as an ABI, for clients that decode by one: join it to that of the contract called. */
export const ERRORS_ABI = JSON.parse(
  new Interface([...fragments.values()].sort((a, b) => (a.name < b.name ? -1 : 1))).formatJson(),
) as readonly ErrorItem[];

/**
 * What a call reverted with, in names and words. Takes any bytes: data that was cut short, as the `reason` of `ItemFailed` may
 * be, and data that it does not know stand in the arguments as they came, under `data`.
 */
export function decodeError(data: string): DecodedError {
  if (!isHexString(data)) throw new Error(`not bytes in hexadecimal: ${data}`);
  if (dataLength(data) === 0) {
    const empty = "Reverted without a reason: a token or contract gives none, takes no such call, or ran out of gas.";
    return { name: "Empty", args: {}, words: empty };
  }
  const fragment = dataLength(data) < 4 ? undefined : fragments.get(dataSlice(data, 0, 4));
  const entry = fragment && entries.get(fragment.selector);
  if (fragment === undefined || entry === undefined) {
    return { name: "Unknown", args: { data }, words: `None of the system's errors: ${data}` };
  }
  const values = tryDecode(fragment, data);
  if (values === undefined) return { name: entry.name, args: { data }, words: `${entry.words} (Arguments cut short.)` };
  const args = namedValues(fragment.inputs, values);
  if (entry.name === "Error")
    return { name: entry.name, args, words: `Refused with the text: ${args.message as string}` };
  return { name: entry.name, args, words: entry.name === "Panic" ? panicWords(args.code as bigint) : entry.words };
}

/** The revert data inside what a client threw, if it is there: ethers, viem, Hardhat and plain JSON-RPC each put it elsewhere. */
export function revertData(thrown: unknown): string | undefined {
  if (typeof thrown !== "object" || thrown === null) return undefined;
  const { data, error, info, cause } = thrown as Record<string, unknown>;
  if (typeof data === "string" && isHexString(data)) return data;
  for (const inner of [data, error, info, cause]) {
    const found = revertData(inner);
    if (found !== undefined) return found;
  }
  return undefined;
}

function collect(contract: string, abi: Interface): void {
  abi.forEachError((fragment) => {
    const { selector, name } = fragment;
    const known = entries.get(selector);
    if (known) {
      if (!known.contracts.includes(contract)) known.contracts.push(contract);
      return;
    }
    fragments.set(selector, fragment);
    const signature = fragment.format("sighash");
    const args = fragment.inputs.map((input) => ({ name: input.name, type: input.format("sighash") }));
    entries.set(selector, { name, signature, selector, args, contracts: [contract], words: wordsOf(name) });
  });
}

function wordsOf(name: string): string {
  if (name === "Error") return TEXT_WORDS;
  if (name === "Panic") return PANIC_WORDS;
  const found = words[name];
  if (found === undefined) throw new Error(`no words for the error ${name}`);
  return found;
}

function tryDecode(fragment: ErrorFragment, data: string): Result | undefined {
  try {
    const values = AbiCoder.defaultAbiCoder().decode(fragment.inputs, dataSlice(data, 4));
    // Values that can't be read are thrown when they are asked for.
    values.toArray(true);
    return values;
  } catch {
    return undefined;
  }
}
