import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import type { Future } from "@nomicfoundation/ignition-core";
import type { ChainProfile } from "../profiles";
import { AccessModule } from "./access";

/** The Vault with the chain's tokens listed. */
export function buildVaultModule(profile: ChainProfile) {
  return buildModule("Vault", (m) => {
    const { accessManager } = m.useModule(AccessModule);
    const vault = m.contract("Vault", [accessManager, profile.wrappedNative]);
    // One after the other, so that the vault has them in the order of the profile.
    let previous: Future[] = [];
    for (const { symbol, address } of profile.tokens) {
      const listing = m.call(vault, "listToken", [address, profile.vault.maxUtilizationPips], {
        id: `listToken_${symbol}`,
        after: previous,
      });
      previous = [listing];
    }
    return { vault };
  });
}

export type VaultModule = ReturnType<typeof buildVaultModule>;
