import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import type { ChainProfile } from "../profiles";
import { AccessModule } from "./access";
import type { Foundations } from "./foundations";
import { assetIdOf } from "./oracle";

/** Prediction and its configurator, as a product of the vault, with the chain's markets, periods and stake tokens. */
export function buildPredictionModule(profile: ChainProfile, foundations: Foundations) {
  return buildModule("Prediction", (m) => {
    const { accessManager, breaker } = m.useModule(AccessModule);
    const { vault } = m.useModule(foundations.vault);
    const { priceAggregator } = m.useModule(foundations.oracle);
    const predictionConfigurator = m.contract("PredictionConfigurator", [accessManager]);
    const { execution, oracle, prediction: settings } = profile;
    const prediction = m.contract("Prediction", [
      {
        vault,
        aggregator: priceAggregator,
        breaker,
        configurator: predictionConfigurator,
        executionDelay: settings.executionDelaySeconds,
        executionWindow: execution.executionWindowSeconds,
        executionFeeUsd: execution.executionFeeUsd,
      },
    ]);
    const product = m.call(vault, "addProduct", [prediction], { after: [foundations.vault] });

    for (const [marketId, { name, assetKey }] of profile.markets.entries()) {
      const market = {
        assetId: assetIdOf(assetKey),
        isEnabled: true,
        maxConfidencePips: settings.maxStrikeConfidencePips,
        maxDeviationPips: settings.maxStrikeDeviationPips,
        minAnchors: oracle.minAnchors,
      };
      m.call(predictionConfigurator, "listMarket", [prediction, marketId, market], {
        id: `listMarket_${name.replace("/", "_")}`,
      });
    }
    for (const token of profile.tokens.filter(({ symbol }) => settings.stakeTokens.includes(symbol))) {
      const whole = (amount: number) => BigInt(amount) * 10n ** BigInt(token.decimals);
      m.call(vault, "setCeiling", [prediction, token.address, whole(settings.ceiling)], {
        id: `setCeiling_${token.symbol}`,
        after: [product],
      });
      const stakes = [whole(settings.minStake), whole(settings.maxStake)];
      const listing = m.call(
        predictionConfigurator,
        "setStakeToken",
        [prediction, token.address, assetIdOf(token.assetKey), true, ...stakes],
        { id: `setStakeToken_${token.symbol}`, after: [product] },
      );
      for (const [marketId, { assetKey }] of profile.markets.entries()) {
        for (const { periodSeconds, payoutPips } of settings.periods[assetKey] ?? []) {
          m.call(
            predictionConfigurator,
            "setPeriod",
            [prediction, marketId, token.address, periodSeconds, payoutPips, whole(settings.maxOpenStake)],
            { id: `setPeriod_${token.symbol}_${assetKey}_${periodSeconds}`, after: [listing] },
          );
        }
      }
    }
    return { prediction, predictionConfigurator };
  });
}
