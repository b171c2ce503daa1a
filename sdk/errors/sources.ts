import type { InterfaceAbi } from "ethers";
import * as factories from "../../typechain-types";

/**
 * Where the list of errors comes from: the contracts that raise them, by the names that integrators know them by. A linked
 * library's own are raised by who calls it, and stand under the name of the library.
 */
export const ERROR_SOURCES: Readonly<Record<string, InterfaceAbi>> = {
  Trading: factories.Trading__factory.abi,
  AmendLogic: factories.AmendLogic__factory.abi,
  CloseLogic: factories.CloseLogic__factory.abi,
  OpenLogic: factories.OpenLogic__factory.abi,
  PreviewLogic: factories.PreviewLogic__factory.abi,
  SettingsLogic: factories.SettingsLogic__factory.abi,
  ValuationLogic: factories.ValuationLogic__factory.abi,
  TradingConfigurator: factories.TradingConfigurator__factory.abi,
  Prediction: factories.Prediction__factory.abi,
  PredictionConfigurator: factories.PredictionConfigurator__factory.abi,
  Pro: factories.Pro__factory.abi,
  AdlLogic: factories.AdlLogic__factory.abi,
  CashLogic: factories.CashLogic__factory.abi,
  ConfigLogic: factories.ConfigLogic__factory.abi,
  LiquidationLogic: factories.LiquidationLogic__factory.abi,
  MarkLogic: factories.MarkLogic__factory.abi,
  MatchLogic: factories.MatchLogic__factory.abi,
  PlaceLogic: factories.PlaceLogic__factory.abi,
  ProConfigurator: factories.ProConfigurator__factory.abi,
  Vault: factories.Vault__factory.abi,
  FeeDistributor: factories.FeeDistributor__factory.abi,
  AlpManager: factories.AlpManager__factory.abi,
  AlpLens: factories.AlpLens__factory.abi,
  Alp: factories.Alp__factory.abi,
  PriceAggregator: factories.PriceAggregator__factory.abi,
  Router: factories.Router__factory.abi,
  Executor: factories.Executor__factory.abi,
  Liquidator: factories.Liquidator__factory.abi,
  ProKeeper: factories.ProKeeper__factory.abi,
  BrokerRegistry: factories.BrokerRegistry__factory.abi,
  Breaker: factories.Breaker__factory.abi,
  TradingLens: factories.TradingLens__factory.abi,
  TradingRecords: factories.TradingRecords__factory.abi,
  PredictionLens: factories.PredictionLens__factory.abi,
  MarketLens: factories.MarketLens__factory.abi,
  KeeperLens: factories.KeeperLens__factory.abi,
  ProLens: factories.ProLens__factory.abi,
  AccessManager: factories.AccessManager__factory.abi,
  Pyth: factories.PythErrors__factory.abi,
  "ERC-20 tokens": factories.ERC20Permit__factory.abi,
};
