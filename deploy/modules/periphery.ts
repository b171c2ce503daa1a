import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import { AccessModule } from "./access";
import type { Foundations } from "./foundations";

/** What keepers, readers and plain wallets call. Holds nothing, has no rights, serves every product on the same prices. */
export function buildPeripheryModule(foundations: Foundations) {
  return buildModule("Periphery", (m) => {
    const { vault } = m.useModule(foundations.vault);
    const { priceAggregator } = m.useModule(foundations.oracle);
    const { breaker } = m.useModule(AccessModule);
    const { executor } = m.useModule(foundations.executor);
    const liquidator = m.contract("Liquidator", [priceAggregator]);
    const tradingLens = m.contract("TradingLens", [priceAggregator]);
    const marketLens = m.contract("MarketLens", [priceAggregator, breaker]);
    const keeperLens = m.contract("KeeperLens", [priceAggregator]);
    const predictionLens = m.contract("PredictionLens", [priceAggregator]);
    const router = m.contract("Router", [vault]);
    return { executor, liquidator, tradingLens, marketLens, keeperLens, predictionLens, router };
  });
}
