import type { InterfaceAbi, Provider } from "ethers";

import type { Address } from "../../deploy/profiles";

/** A provider that also takes the development node's own methods. */
export type RpcProvider = Pick<Provider, "getNetwork" | "getBlock"> & {
  send(method: string, params: unknown[]): Promise<unknown>;
};

/** Where compiled contracts are read from; Hardhat's `hre.artifacts` is one. */
export interface ArtifactSource {
  readArtifact(name: string): Promise<{ abi: InterfaceAbi; bytecode: string; deployedBytecode: string }>;
}

/** What stands at an address: nothing, the stand-in that belongs there, one it may be exchanged for, or other code. */
export type Occupancy = "empty" | "stand-in" | "alternative" | "foreign";

/** The code at an address, past any cache of the provider. */
export async function codeAt(provider: RpcProvider, address: Address): Promise<string> {
  return String(await provider.send("eth_getCode", [address, "latest"]));
}

/**
 * Whether `code` is the compiled `template`. Immutables are zero in the template and differ in the code, so a byte the
 * template leaves zero matches anything.
 */
export function codeMatches(code: string, template: string): boolean {
  if (code === "0x" || code.length !== template.length) return false;
  for (let i = 2; i < template.length; i += 2) {
    const expected = template.slice(i, i + 2);
    if (expected !== "00" && expected !== code.slice(i, i + 2)) return false;
  }
  return true;
}

export async function occupancyOf(
  provider: RpcProvider,
  artifacts: ArtifactSource,
  { address, contractName, alternatives }: { address: Address; contractName: string; alternatives: readonly string[] },
): Promise<Occupancy> {
  const code = await codeAt(provider, address);
  if (code === "0x") return "empty";
  const isCodeOf = async (name: string) => codeMatches(code, (await artifacts.readArtifact(name)).deployedBytecode);
  if (await isCodeOf(contractName)) return "stand-in";
  for (const alternative of alternatives) if (await isCodeOf(alternative)) return "alternative";
  return "foreign";
}
