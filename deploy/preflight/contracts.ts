import { Contract, getAddress } from "ethers";
import type { InterfaceAbi } from "ethers";
import type { Address } from "../profiles";

/** What the preflight asks the chain with; both Hardhat's provider and a plain one of ethers are. */
export interface ChainReader {
  getNetwork(): Promise<{ chainId: bigint }>;
  getCode(address: string): Promise<string>;
  getBalance(address: string): Promise<bigint>;
  send(method: string, params: unknown[]): Promise<unknown>;
}

/** An account that hands its calls to another's code by EIP-7702 begins so; the address of that code follows. */
const DELEGATION_PREFIX = "0xef0100";
const DELEGATION_LENGTH = DELEGATION_PREFIX.length + 40;

/** Whose code a delegated account runs; nothing for contracts and for plain accounts. */
export function delegateOf(code: string): Address | undefined {
  if (code.length !== DELEGATION_LENGTH || !code.toLowerCase().startsWith(DELEGATION_PREFIX)) return undefined;
  return getAddress(`0x${code.slice(DELEGATION_PREFIX.length)}`);
}

/** What speaks against an address where a contract is expected. */
export async function contractProblem(reader: ChainReader, address: Address): Promise<string | undefined> {
  const code = await reader.getCode(address);
  if (code === "0x") return "no code, a contract is expected";
  const delegate = delegateOf(code);
  if (delegate === undefined) return undefined;
  return `an account that is delegated to ${delegate}, a contract is expected: its key can change what it does`;
}

/** The answer of a getter, or why there is none. */
export async function ask<T>(
  reader: ChainReader,
  address: Address,
  getter: string,
  ...args: unknown[]
): Promise<{ answer: T } | { failure: string }> {
  const { interface: abi } = new Contract(address, [getter] satisfies InterfaceAbi);
  const [fragment] = abi.fragments;
  try {
    const data = abi.encodeFunctionData(fragment.format(), args);
    const raw = String(await reader.send("eth_call", [{ to: address, data }, "latest"]));
    const [answer] = abi.decodeFunctionResult(fragment.format(), raw) as unknown as [T];
    return { answer };
  } catch (error) {
    return { failure: reasonOf(error) };
  }
}

/** The first sentence of an error: providers append the whole request to it. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split(/\n| \(action=| \(value=/)[0];
}
