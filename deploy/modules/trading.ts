import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import type { Future, IgnitionModule } from "@nomicfoundation/ignition-core";
import { bookArguments, bookIdOf } from "../arguments/books";
import { assetIdOf } from "../arguments/oracle";
import { delayOf } from "../arguments/trading";
import type { ChainProfile, TokenProfile } from "../profiles";
import { AccessModule } from "./access";
import { NO_CUTS } from "./foundations";
import type { Foundations } from "./foundations";

/** Trading with its linked logic and its configurator, as a product of the vault, with the chain's books and tokens. */
export function buildTradingModule(profile: ChainProfile, foundations: Foundations) {
  return buildModule("Trading", (m) => {
    const { accessManager, breaker } = m.useModule(AccessModule);
    const { vault } = m.useModule(foundations.vault);
    const { priceAggregator } = m.useModule(foundations.oracle);
    const { executor } = m.useModule(foundations.executor);
    const tradingConfigurator = m.contract("TradingConfigurator", [accessManager]);
    const setup = {
      vault,
      aggregator: priceAggregator,
      breaker,
      configurator: tradingConfigurator,
      trustedExecutor: executor,
      standardDelay: delayOf(profile, "standard"),
      degenDelay: delayOf(profile, "degen"),
      executionWindow: profile.execution.executionWindowSeconds,
      executionFeeUsd: profile.execution.executionFeeUsd,
    };
    const libraries = {
      AmendLogic: m.library("AmendLogic"),
      OpenLogic: m.library("OpenLogic"),
      CloseLogic: m.library("CloseLogic"),
      PreviewLogic: m.library("PreviewLogic"),
      AttemptLogic: m.library("AttemptLogic"),
      SettingsLogic: m.library("SettingsLogic"),
      ValuationLogic: m.library("ValuationLogic"),
    };
    const trading = m.contract("Trading", [setup], { libraries });

    const product = m.call(vault, "addProduct", [trading], { after: [foundations.vault] });
    // One after the other, so that the tokens are numbered in the order of the profile.
    let previous: (Future | IgnitionModule)[] = [foundations.vault];
    for (const token of profile.tokens.filter(({ margin }) => margin)) {
      m.call(vault, "setCeiling", [trading, token.address, ceilingOf(profile, token), NO_CUTS], {
        id: `setCeiling_${token.symbol}`,
        after: [product],
      });
      const args = [trading, token.address, assetIdOf(token.assetKey), true, NO_CUTS];
      const id = `setMarginToken_${token.symbol}`;
      previous = [m.call(tradingConfigurator, "setMarginToken", args, { id, after: previous })];
    }
    for (const [marketId, { name, assetKey, books }] of profile.markets.entries()) {
      for (const book of books) {
        const { config, openConfig, tiers } = bookArguments(assetKey, book, profile.oracle.minAnchors);
        const args = [trading, bookIdOf(marketId, book.mode), { ...config }, { ...openConfig }, tiers];
        m.call(tradingConfigurator, "listBook", args, { id: `listBook_${name.replace("/", "_")}_${book.mode}` });
      }
    }
    const tradingRecords = m.contract("TradingRecords", [trading]);
    return { trading, tradingConfigurator, tradingRecords };
  });
}

function ceilingOf(profile: ChainProfile, { symbol }: TokenProfile): bigint {
  const ceiling = profile.vault.tradingCeilings[symbol] as bigint | undefined;
  if (ceiling === undefined) throw new Error(`${profile.name}: ${symbol} is a margin token without a ceiling`);
  return ceiling;
}
