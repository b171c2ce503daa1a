import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import type { Future, IgnitionModule } from "@nomicfoundation/ignition-core";
import { proMarketArguments } from "../arguments/pro";
import type { ChainProfile } from "../profiles";
import { AccessModule } from "./access";
import type { Foundations } from "./foundations";

/**
 * Pro with its linked logic and its configurator, as a product of the vault with the chain's markets. Its ceilings stay 0: it
 * reserves nothing, ever. Triggers and grids stand on it as delegates that it does not know.
 * @param reserving Modules of the products that do reserve: they are added before, so that a valuation of liquidity never comes to
 * Pro.
 */
export function buildProModule(profile: ChainProfile, foundations: Foundations, reserving: readonly IgnitionModule[]) {
  return buildModule("Pro", (m) => {
    const { accessManager, breaker } = m.useModule(AccessModule);
    const { vault } = m.useModule(foundations.vault);
    const { priceAggregator } = m.useModule(foundations.oracle);
    const { pro: settings } = profile;
    const token = profile.tokens.find(({ symbol }) => symbol === settings.settlementSymbol);
    if (token === undefined) throw new Error(`${profile.name} does not have ${settings.settlementSymbol}`);

    const proConfigurator = m.contract("ProConfigurator", [accessManager]);
    const MarkLogic = m.library("MarkLogic");
    const MatchLogic = m.library("MatchLogic");
    const PlaceLogic = m.library("PlaceLogic", { libraries: { MatchLogic } });
    const libraries = {
      ...{ MarkLogic, PlaceLogic },
      CashLogic: m.library("CashLogic"),
      ConfigLogic: m.library("ConfigLogic"),
      LiquidationLogic: m.library("LiquidationLogic", { libraries: { MarkLogic, MatchLogic } }),
      AdlLogic: m.library("AdlLogic", { libraries: { MarkLogic } }),
    };
    const args = [vault, priceAggregator, breaker, proConfigurator, token.address];
    const pro = m.contract("Pro", args, { libraries });
    m.call(vault, "addProduct", [pro], { after: [foundations.vault, ...reserving] });

    // One after the other: the markets are numbered in the order of the profile.
    let previous: Future[] = [];
    for (const market of settings.markets) {
      const { config, limits, tiers } = proMarketArguments(market, settings, profile.oracle.minAnchors);
      const listing = m.call(proConfigurator, "listMarket", [pro, config, limits, tiers, market.referencePrice], {
        id: `listMarket_${market.name.replace("/", "_")}`,
        after: previous,
      });
      previous = [listing];
    }
    const proKeeper = m.contract("ProKeeper", [priceAggregator]);
    const proLens = m.contract("ProLens");
    const proTriggers = m.contract("ProTriggers", [pro, settings.triggerDelaySeconds]);
    const proTriggersLens = m.contract("ProTriggersLens");
    const gridBook = m.contract("GridBook", [pro]);
    const gridBookLens = m.contract("GridBookLens");
    return { pro, proConfigurator, proKeeper, proLens, proTriggers, proTriggersLens, gridBook, gridBookLens };
  });
}
