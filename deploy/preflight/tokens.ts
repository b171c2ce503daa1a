import { AbiCoder, concat } from "ethers";
import { WrapProbe__factory } from "../../typechain-types";
import type { ChainProfile, TokenProfile } from "../profiles";
import { ask, contractProblem, reasonOf } from "./contracts";
import type { ChainReader } from "./contracts";

/** Little enough for any account that pays for a deployment. */
const WRAPPED_WEI = 1_000n;

/** What speaks against a token's address: another token, other decimals. */
export async function tokenProblems(reader: ChainReader, token: TokenProfile): Promise<string[]> {
  const label = `token ${token.symbol} at ${token.address}`;
  const missing = await contractProblem(reader, token.address);
  if (missing !== undefined) return [`${label}: ${missing}`];
  const problems: string[] = [];
  const name = await ask<string>(reader, token.address, "function name() view returns (string)");
  if ("failure" in name) problems.push(`tells no name, "${token.name}" is expected: ${name.failure}`);
  else if (name.answer !== token.name) problems.push(`is named "${name.answer}", "${token.name}" is expected`);
  const decimals = await ask<bigint>(reader, token.address, "function decimals() view returns (uint8)");
  if ("failure" in decimals) problems.push(`tells no decimals, ${token.decimals} are expected: ${decimals.failure}`);
  else if (decimals.answer !== BigInt(token.decimals)) {
    problems.push(`${decimals.answer.toString()} decimals, ${token.decimals} are expected`);
  }
  return problems.map((problem) => `${label}: ${problem}`);
}

/** What speaks against the wrapped native coin: it has to be one of the tokens, by its symbol, and to wrap and unwrap. */
export async function wrappedNativeProblems(reader: ChainReader, profile: ChainProfile): Promise<string[]> {
  const { wrappedNative, wrappedNativeSymbol, nativeSymbol } = profile;
  const label = `wrapped ${nativeSymbol} at ${wrappedNative}`;
  const missing = await contractProblem(reader, wrappedNative);
  if (missing !== undefined) return [`${label}: ${missing}`];
  const problems: string[] = [];
  const token = profile.tokens.find(({ address }) => address === wrappedNative);
  if (token?.symbol !== wrappedNativeSymbol)
    problems.push(`the profile has no token ${wrappedNativeSymbol} of this address`);
  const symbol = await ask<string>(reader, wrappedNative, "function symbol() view returns (string)");
  if ("failure" in symbol) problems.push(`tells no symbol, "${wrappedNativeSymbol}" is expected: ${symbol.failure}`);
  else if (symbol.answer !== wrappedNativeSymbol) {
    problems.push(`its symbol is "${symbol.answer}", "${wrappedNativeSymbol}" is expected`);
  }
  const wrapping = await wrappingProblem(reader, wrappedNative);
  if (wrapping !== undefined) problems.push(wrapping);
  return problems.map((problem) => `${label}: ${problem}`);
}

/** Wraps and unwraps a little of the coin that the contract itself holds, in a call that changes nothing. */
async function wrappingProblem(reader: ChainReader, wrappedNative: string): Promise<string | undefined> {
  const coder = AbiCoder.defaultAbiCoder();
  const data = concat([WrapProbe__factory.bytecode, coder.encode(["address"], [wrappedNative])]);
  const balance = await reader.getBalance(wrappedNative);
  // A node may ask whether the sender of a call has what it sends; the contract that wraps the coin has plenty.
  const from = balance >= WRAPPED_WEI ? { from: wrappedNative } : {};
  try {
    const call = { ...from, data, value: `0x${WRAPPED_WEI.toString(16)}` };
    const raw = String(await reader.send("eth_call", [call, "latest"]));
    const [credited, isReturned] = coder.decode(["uint256", "bool"], raw) as unknown as [bigint, boolean];
    if (credited !== WRAPPED_WEI) {
      return `credits ${credited.toString()} for ${WRAPPED_WEI.toString()} wei deposited, as many are expected`;
    }
    return isReturned ? undefined : "does not pay out what is withdrawn";
  } catch (error) {
    return `does not wrap and unwrap the native coin: ${reasonOf(error)}`;
  }
}
