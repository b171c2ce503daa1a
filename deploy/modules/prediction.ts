import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import type { IgnitionModule } from "@nomicfoundation/ignition-core";
import { assetIdOf } from "../arguments/oracle";
import { predictionMarket } from "../arguments/prediction";
import type { ChainProfile, TokenProfile } from "../profiles";
import { AccessModule } from "./access";
import { NO_CUTS } from "./foundations";
import type { Foundations } from "./foundations";

/**
 * Prediction and its configurator, as a product of the vault, with the chain's markets, periods and stake tokens.
 * @param trading Its module: Trading is added first, because a valuation of liquidity asks for products until all that is
 * reserved is found.
 */
export function buildPredictionModule(profile: ChainProfile, foundations: Foundations, trading: IgnitionModule) {
  return buildModule("Prediction", (m) => {
    const { accessManager, breaker } = m.useModule(AccessModule);
    const { vault } = m.useModule(foundations.vault);
    const { priceAggregator } = m.useModule(foundations.oracle);
    const predictionConfigurator = m.contract("PredictionConfigurator", [accessManager]);
    const { execution, prediction: settings } = profile;
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
    const product = m.call(vault, "addProduct", [prediction], { after: [foundations.vault, trading] });

    for (const [marketId, market] of settings.markets.entries()) {
      m.call(predictionConfigurator, "listMarket", [prediction, marketId, predictionMarket(profile, market)], {
        id: `listMarket_${market.name.replace("/", "_")}`,
      });
    }
    for (const { symbol, ceiling, ...stakes } of settings.stakeTokens) {
      const token = tokenOf(profile, symbol);
      m.call(vault, "setCeiling", [prediction, token.address, ceiling, NO_CUTS], {
        id: `setCeiling_${symbol}`,
        after: [product],
      });
      const listing = m.call(
        predictionConfigurator,
        "setStakeToken",
        [prediction, token.address, assetIdOf(token.assetKey), true, NO_CUTS],
        { id: `setStakeToken_${symbol}`, after: [product] },
      );
      for (const [marketId, { assetKey, periods }] of settings.markets.entries()) {
        for (const { periodSeconds, payoutPips } of periods) {
          m.call(
            predictionConfigurator,
            "setPeriod",
            [prediction, marketId, token.address, periodSeconds, { payoutPips, ...stakes }, NO_CUTS],
            { id: `setPeriod_${symbol}_${assetKey}_${periodSeconds}`, after: [listing] },
          );
        }
      }
    }
    return { prediction, predictionConfigurator };
  });
}

export type PredictionModule = ReturnType<typeof buildPredictionModule>;

function tokenOf(profile: ChainProfile, symbol: string): TokenProfile {
  const token = profile.tokens.find((candidate) => candidate.symbol === symbol);
  if (token === undefined) throw new Error(`stakes in ${symbol}, which ${profile.name} does not have`);
  return token;
}
