import type { InterfaceAbi } from "ethers";
import * as abis from "../abis";

/**
 * Where the list of errors comes from: the contracts that raise them, by the names that integrators know them by. A linked
 * library's own are raised by who calls it, and stand under the name of the library.
 */
export const ERROR_SOURCES: Readonly<Record<string, InterfaceAbi>> = {
  Trading: abis.tradingAbi,
  AmendLogic: abis.amendLogicAbi,
  AttemptLogic: abis.attemptLogicAbi,
  CloseLogic: abis.closeLogicAbi,
  OpenLogic: abis.openLogicAbi,
  PreviewLogic: abis.previewLogicAbi,
  SettingsLogic: abis.settingsLogicAbi,
  ValuationLogic: abis.valuationLogicAbi,
  TradingConfigurator: abis.tradingConfiguratorAbi,
  Prediction: abis.predictionAbi,
  PredictionConfigurator: abis.predictionConfiguratorAbi,
  Vault: abis.vaultAbi,
  FeeDistributor: abis.feeDistributorAbi,
  AlpManager: abis.alpManagerAbi,
  AlpLens: abis.alpLensAbi,
  Alp: abis.alpAbi,
  PriceAggregator: abis.priceAggregatorAbi,
  Router: abis.routerAbi,
  Executor: abis.executorAbi,
  Liquidator: abis.liquidatorAbi,
  BrokerRegistry: abis.brokerRegistryAbi,
  Breaker: abis.breakerAbi,
  TradingLens: abis.tradingLensAbi,
  TradingRecords: abis.tradingRecordsAbi,
  PredictionLens: abis.predictionLensAbi,
  MarketLens: abis.marketLensAbi,
  KeeperLens: abis.keeperLensAbi,
  AccessManager: abis.accessManagerAbi,
  Pyth: abis.pythErrorsAbi,
  "ERC-20 tokens": abis.erc20Abi,
};
