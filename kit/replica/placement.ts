import { ContractFactory } from "ethers";
import type { BaseContract, Signer } from "ethers";

import type { Address, ChainProfile, FeedProfile, TokenKind, TokenProfile } from "../../deploy/profiles";
import { codeAt } from "./code";
import type { ArtifactSource, RpcProvider } from "./code";

export const TOKEN_CONTRACTS: Readonly<Record<TokenKind, string>> = {
  plain: "StandInBep20Token",
  permit: "StandInToken",
  noReturn: "NoReturnToken",
  wrappedNative: "StandInWrappedNative",
  wrappedEther: "StandInWrappedEther",
};

/** The tokens that misbehave once told to. */
export const HOSTILE_TOKEN_CONTRACTS = [
  "BlacklistToken",
  "DecimalsChangingToken",
  "FeeOnTransferToken",
  "GasBurningToken",
  "PausableToken",
  "ReentrantToken",
  "ReturnBombToken",
  "ReturnsFalseToken",
] as const;

/** All token stand-ins share one storage layout, so that each may take another's place. */
export const ALL_TOKEN_CONTRACTS: readonly string[] = [...Object.values(TOKEN_CONTRACTS), ...HOSTILE_TOKEN_CONTRACTS];

/** The stand-in whose code belongs at a canonical address. */
export interface Placement {
  label: string;
  address: Address;
  contractName: string;
  /** Stand-ins that may be found in its place and are then exchanged for it. */
  alternatives: readonly string[];
}

/** All feeds of Chainlink's shape on a chain. */
export function feedProfiles(profile: ChainProfile): FeedProfile[] {
  return [...Object.values(profile.chainlink), ...Object.values(profile.binance?.atlas ?? {})];
}

/** The contract that stands in for a token, by its kind unless the caller names another. */
export function tokenContract(token: TokenProfile, overrides: Readonly<Record<string, string>>): string {
  return overrides[token.symbol] ?? TOKEN_CONTRACTS[token.kind];
}

/** Every canonical address of the profile with its stand-in; Pyth's is listed if its contract is named. */
export function placements(
  profile: ChainProfile,
  tokenContracts: Readonly<Record<string, string>>,
  pythContract?: string,
): Placement[] {
  const proxy = (label: string, address: Address): Placement => ({
    label,
    address,
    contractName: "StandInAggregatorProxy",
    alternatives: [],
  });
  const list: Placement[] = profile.tokens.map((token) => ({
    label: token.symbol,
    address: token.address,
    contractName: tokenContract(token, tokenContracts),
    alternatives: ALL_TOKEN_CONTRACTS,
  }));
  list.push(...feedProfiles(profile).map((feed) => proxy(feed.description, feed.address)));
  if (profile.sequencer) list.push(proxy("sequencer", profile.sequencer.address));
  if (profile.binance) {
    const { registry } = profile.binance;
    list.push({
      label: "Binance registry",
      address: registry,
      contractName: "StandInBinanceRegistry",
      alternatives: [],
    });
  }
  if (pythContract)
    list.push({ label: "Pyth", address: profile.pyth.address, contractName: pythContract, alternatives: [] });
  return list;
}

/** Places compiled code at canonical addresses; each contract is deployed once as the template. */
export class CodePlacer {
  private readonly templates = new Map<string, string>();

  constructor(
    private readonly provider: RpcProvider,
    private readonly signer: Signer,
    private readonly artifacts: ArtifactSource,
  ) {}

  async place({ address, contractName }: Placement): Promise<void> {
    await this.provider.send("hardhat_setCode", [address, await this.template(contractName)]);
  }

  /** Deployed and not taken from the artifact, so that immutables come along. */
  private async template(contractName: string): Promise<string> {
    const known = this.templates.get(contractName);
    if (known !== undefined) return known;
    const artifact = await this.artifacts.readArtifact(contractName);
    const contract: BaseContract = await new ContractFactory(artifact.abi, artifact.bytecode, this.signer).deploy();
    await contract.waitForDeployment();
    const code = await codeAt(this.provider, await contract.getAddress());
    this.templates.set(contractName, code);
    return code;
  }
}
