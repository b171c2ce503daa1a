import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import type { Future, IgnitionModule } from "@nomicfoundation/ignition-core";
import type { ChainProfile } from "../profiles";
import { AccessModule } from "./access";
import type { Foundations } from "./foundations";
import { assetIdOf } from "../arguments/oracle";
import type { PredictionModule } from "./prediction";

/** ALP with the chain's assets and target weights, the brokers and the distributor of fees; the vault is told of both, once. */
export function buildAlpModule(profile: ChainProfile, foundations: Foundations, predictionModule: PredictionModule) {
  return buildModule("Alp", (m) => {
    const { accessManager, breaker } = m.useModule(AccessModule);
    const { vault } = m.useModule(foundations.vault);
    const { priceAggregator } = m.useModule(foundations.oracle);
    const { cooldownSeconds, mintFeePips, mintFeeTaxPips, shareFloorUsd } = profile.vault;
    const fees = { basePips: mintFeePips, taxPips: mintFeeTaxPips };
    const alpManager = m.contract("AlpManager", [
      accessManager,
      vault,
      priceAggregator,
      breaker,
      cooldownSeconds,
      { ...fees },
      shareFloorUsd,
    ]);
    const alp = m.contractAt("Alp", m.staticCall(alpManager, "alp"));
    const alpLens = m.contract("AlpLens", [alpManager]);
    const brokerRegistry = m.contract("BrokerRegistry", [accessManager]);
    const treasury = m.getParameter<string>("treasury");
    const feeDistributor = m.contract("FeeDistributor", [accessManager, vault, brokerRegistry, treasury]);
    m.call(vault, "initialise", [alpManager, feeDistributor]);

    // One after the other: the weights are in the order of the assets.
    let previous: (Future | IgnitionModule)[] = [foundations.vault, foundations.oracle];
    for (const { symbol, address, assetKey } of profile.tokens) {
      const adding = m.call(alpManager, "addAsset", [address, assetIdOf(assetKey)], {
        id: `addAsset_${symbol}`,
        after: previous,
      });
      previous = [adding];
    }
    const weights = profile.tokens.map(({ targetWeightPips }) => targetWeightPips);
    const weighing = m.call(alpManager, "setWeights", [weights], { after: previous });
    const maxShares = profile.tokens.map(({ maxSharePips }) => maxSharePips);
    const limiting = m.call(alpManager, "setMaxShares", [maxShares], { after: [weighing] });
    // Bets hold neither more nor less than they may win and lose.
    const { prediction } = m.useModule(predictionModule);
    m.call(alpManager, "addLedgerProduct", [prediction], { after: [limiting, predictionModule] });
    return { alpManager, alp, alpLens, brokerRegistry, feeDistributor };
  });
}
