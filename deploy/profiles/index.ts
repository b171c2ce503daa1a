import { arbitrum } from "./arbitrum";
import { bnb } from "./bnb";
import type { ChainProfile } from "./types";

export { arbitrum } from "./arbitrum";
export { bnb } from "./bnb";
export type { ProMarketProfile, ProProfile, ProTierProfile } from "./pro";
export * from "./types";

export const PROFILES: readonly ChainProfile[] = [bnb, arbitrum];

/** No profile is written for the chain. */
export class UnknownChainError extends Error {
  constructor(readonly chainId: number) {
    super(`No profile for chain ${chainId}; known: ${PROFILES.map((p) => `${p.chainId} (${p.key})`).join(", ")}`);
    this.name = "UnknownChainError";
  }
}

/** The profile of a chain. Throws {@link UnknownChainError} for any other. */
export function profileFor(chainId: number | bigint): ChainProfile {
  const profile = PROFILES.find((candidate) => candidate.chainId === Number(chainId));
  if (profile === undefined) throw new UnknownChainError(Number(chainId));
  return profile;
}
