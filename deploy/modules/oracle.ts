import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import type { Future } from "@nomicfoundation/ignition-core";
import { ZeroAddress } from "ethers";
import { assetIdOf, sourceArguments } from "../arguments/oracle";
import type { ChainProfile } from "../profiles";
import { pushSourcesOf, usedAssets } from "../sources";
import { AccessModule } from "./access";

/** The PriceAggregator with the chain's assets and push sources. */
export function buildOracleModule(profile: ChainProfile) {
  return buildModule("Oracle", (m) => {
    const { accessManager } = m.useModule(AccessModule);
    const sequencer = profile.sequencer ?? { address: ZeroAddress, graceSeconds: 0 };
    const priceAggregator = m.contract("PriceAggregator", [
      accessManager,
      profile.pyth.address,
      sequencer.address,
      sequencer.graceSeconds,
    ]);
    for (const key of usedAssets(profile)) {
      const sources = pushSourcesOf(profile, key);
      const quorum = profile.oracle.referenceQuorums[key] ?? 0;
      if (quorum === 0 || sources.length < quorum) {
        throw new Error(`${profile.name}: ${key} has ${sources.length} push sources and a quorum of ${quorum}`);
      }
      const assetId = assetIdOf(key);
      const config = {
        pythId: profile.pyth.priceIds[key],
        quorum,
        maxSpreadPips: profile.oracle.maxReferenceSpreadPips,
      };
      // One after the other: sources are numbered in the order in which they are added.
      let previous: Future = m.call(priceAggregator, "configureAsset", [assetId, config], {
        id: `configureAsset_${key}`,
      });
      for (const source of sources) {
        previous = m.call(priceAggregator, "addSource", [assetId, { ...sourceArguments(source) }], {
          id: `addSource_${key}_${source.name}`,
          after: [previous],
        });
      }
    }
    return { priceAggregator };
  });
}

export type OracleModule = ReturnType<typeof buildOracleModule>;
