import { ZeroAddress } from "ethers";
import { bookArguments, bookIdOf } from "../../../deploy/arguments/books";
import { assetIdOf, sourceArguments } from "../../../deploy/arguments/oracle";
import { predictionMarket } from "../../../deploy/arguments/prediction";
import { proMarketArguments } from "../../../deploy/arguments/pro";
import type { ChainProfile } from "../../../deploy/profiles";
import type { DeploymentRecord } from "../../../deploy/record";
import { ROLES } from "../../../deploy/roles";
import { pushSourcesOf } from "../../../deploy/sources";

/** A call of governance on a contract of the record, by its key. */
export interface GovernanceCall {
  readonly on: string;
  readonly name: string;
  readonly args: readonly unknown[];
}

/** One change of a running system, and what an audit says of it. */
export interface Change extends GovernanceCall {
  /** What has to be so before; the audit is not clean then. */
  readonly after?: readonly GovernanceCall[];
  /** Others would fail after it, or hide it. */
  readonly isAlone?: boolean;
  /** One of the things that then differ, and what is found. */
  readonly what: string;
  readonly found: string;
}

/** Accounts and contracts that no deployment knows. */
export interface Strangers {
  account: string;
  /** A contract of any kind. */
  contract: string;
  /** A token of 18 decimals that no vault lists. */
  token: string;
  /** A feed that reports and is no source of BTC. */
  feed: string;
}

const NEWS_SECONDS = 1_800;

/** Every restricted function of the system but those that are named in the test, each with one change. */
export function changesOf(profile: ChainProfile, record: DeploymentRecord, strangers: Strangers): Change[] {
  return [
    ...vaultChanges(profile, record, strangers),
    ...alpChanges(profile, record, strangers),
    ...oracleChanges(profile, strangers),
    ...tradingChanges(profile, record, strangers),
    ...predictionChanges(profile, record),
    ...proChanges(profile, record),
    ...breakerChanges(record),
    ...accessChanges(record, strangers),
  ];
}

const at = (record: DeploymentRecord, key: string) => record.contracts[key].address;

function vaultChanges(profile: ChainProfile, record: DeploymentRecord, strangers: Strangers): Change[] {
  const [{ symbol, address }] = profile.tokens;
  const ceiling = profile.vault.tradingCeilings[symbol];
  const utilisation = profile.vault.maxUtilizationPips;
  const ledger = `Vault.productLedger(Trading, ${symbol}).ceiling`;
  const trading = at(record, "trading");
  return [
    {
      ...{ on: "vault", name: "listToken", args: [strangers.token, utilisation] },
      ...{ what: `Vault.tokens[${profile.tokens.length}]`, found: strangers.token },
    },
    {
      ...{ on: "vault", name: "addProduct", args: [strangers.contract] },
      ...{ what: "Vault.products[3]", found: "some" },
    },
    {
      ...{ on: "vault", name: "setCeiling", args: [trading, address, ceiling + 1n, 0] },
      ...{ what: ledger, found: String(ceiling + 1n) },
    },
    {
      ...{ on: "vault", name: "cutCeiling", args: [trading, address, ceiling - 1n] },
      ...{ what: ledger, found: String(ceiling - 1n) },
    },
    {
      ...{ on: "vault", name: "setMaxUtilization", args: [address, utilisation + 1] },
      ...{ what: `Vault.ledger(${symbol}).maxUtilizationPips`, found: String(utilisation + 1) },
    },
  ];
}

function alpChanges(profile: ChainProfile, record: DeploymentRecord, strangers: Strangers): Change[] {
  const { tokens, vault } = profile;
  const list: GovernanceCall = { on: "vault", name: "listToken", args: [strangers.token, vault.maxUtilizationPips] };
  const weights = tokens.map(({ targetWeightPips }) => targetWeightPips);
  const shares = tokens.map(({ maxSharePips }) => maxSharePips);
  const broker: GovernanceCall = {
    on: "brokerRegistry",
    name: "addBroker",
    args: [strangers.account, strangers.account, 1_000],
  };
  return [
    {
      ...{ on: "alpManager", name: "addAsset", args: [strangers.token, 1], after: [list] },
      ...{ what: `AlpManager.assets[${tokens.length}].token`, found: strangers.token },
    },
    {
      ...{ on: "alpManager", name: "addLedgerProduct", args: [at(record, "pro")] },
      ...{ what: "AlpManager.isLedgerProduct(Pro)", found: "true" },
    },
    {
      ...{ on: "alpManager", name: "setWeights", args: [[weights[0] - 1, weights[1] + 1, ...weights.slice(2)]] },
      ...{ what: "AlpManager.assets[0].weightPips", found: String(weights[0] - 1) },
    },
    {
      ...{ on: "alpManager", name: "setMaxShares", args: [[shares[0] + 1, ...shares.slice(1)]] },
      ...{ what: "AlpManager.assets[0].maxSharePips", found: String(shares[0] + 1) },
    },
    {
      ...{ on: "alpManager", name: "setShareFloor", args: [vault.shareFloorUsd + 1] },
      ...{ what: "AlpManager.shareFloorUsd", found: String(vault.shareFloorUsd + 1) },
    },
    {
      ...{ on: "alpManager", name: "setFees", args: [vault.mintFeePips, vault.mintFeeTaxPips + 1] },
      ...{ what: "AlpManager.fees.taxPips", found: String(vault.mintFeeTaxPips + 1) },
    },
    {
      ...{ on: "feeDistributor", name: "setTreasury", args: [strangers.account] },
      ...{ what: "FeeDistributor.treasury", found: strangers.account },
    },
    { ...broker, what: "BrokerRegistry.brokerCount", found: "1" },
    {
      ...{ on: "brokerRegistry", name: "setShare", args: [1, 2_000], after: [broker] },
      ...{ what: "BrokerRegistry.broker(1).sharePips", found: "2000" },
    },
  ];
}

function oracleChanges(profile: ChainProfile, strangers: Strangers): Change[] {
  const id = assetIdOf("BTC");
  const { maxReferenceSpreadPips: spread, referenceQuorums } = profile.oracle;
  const asset = { pythId: profile.pyth.priceIds.BTC, quorum: referenceQuorums.BTC, maxSpreadPips: spread - 1 };
  const sources = pushSourcesOf(profile, "BTC");
  const [first] = sources;
  const config = sourceArguments(first);
  const added = { ...sourceArguments(first), feed: strangers.feed };
  const source = "PriceAggregator.source(BTC, 0)";
  const adding: GovernanceCall = { on: "priceAggregator", name: "addSource", args: [id, added] };
  const disabling: GovernanceCall = { on: "priceAggregator", name: "disableSource", args: [id, 0] };
  return [
    {
      ...{ on: "priceAggregator", name: "configureAsset", args: [id, asset] },
      ...{ what: "PriceAggregator.asset(BTC).maxSpreadPips", found: String(spread - 1) },
    },
    {
      ...{ on: "priceAggregator", name: "configureAsset", args: [77, asset] },
      ...{ what: "PriceAggregator.asset(77).pythId", found: asset.pythId },
    },
    { ...adding, what: "PriceAggregator.sourceCount(BTC)", found: String(sources.length + 1) },
    {
      ...{ on: "priceAggregator", name: "configureSource" },
      args: [id, 0, { ...config, maxAgeSeconds: config.maxAgeSeconds + 1 }],
      ...{ what: `${source}.config.maxAgeSeconds`, found: String(config.maxAgeSeconds + 1) },
    },
    {
      ...{ on: "priceAggregator", name: "setSourceEnabled", args: [id, 0, false] },
      ...{ what: `${source}.state.isEnabled`, found: "false" },
    },
    {
      ...{ on: "priceAggregator", name: "setPyth", args: [strangers.contract] },
      ...{ what: "PriceAggregator.pyth", found: strangers.contract },
    },
    {
      ...{ on: "priceAggregator", name: "setSequencer" },
      args: [profile.sequencer === null ? strangers.feed : ZeroAddress, profile.sequencer === null ? 300 : 0],
      ...{ what: "PriceAggregator.sequencerGraceSeconds", found: profile.sequencer === null ? "300" : "0" },
    },
    { ...disabling, after: [adding], what: `${source}.state.suspendedUntil`, found: "some" },
    {
      ...{ isAlone: true, on: "priceAggregator", name: "restoreSource", args: [id, 0], after: [adding, disabling] },
      ...{ what: `${source}.state.suspendedUntil`, found: "0" },
    },
  ];
}

function tradingChanges(profile: ChainProfile, record: DeploymentRecord, strangers: Strangers): Change[] {
  const trading = at(record, "trading");
  const [{ books }] = profile.markets;
  const [book] = books;
  const { config, openConfig, tiers } = bookArguments("BTC", book, profile.oracle.minAnchors);
  const degen = bookArguments("ETH", books[1], profile.oracle.minAnchors);
  const shown = "TradingRecords.bookConfig(BTC/USD standard)";
  const id = bookIdOf(0, "standard");
  const cap = openConfig.maxOpenInterestUsd;
  const [token] = profile.tokens;
  const on = "tradingConfigurator";
  const call = (name: string, args: readonly unknown[], field: string, found: unknown): Change => ({
    ...{ on, name, args: [trading, id, ...args], what: `${shown}.${field}`, found: String(found) },
  });
  const list: GovernanceCall = {
    on: "vault",
    name: "listToken",
    args: [strangers.token, profile.vault.maxUtilizationPips],
  };
  return [
    {
      ...{ on, name: "listBook", args: [trading, bookIdOf(1, "degen"), degen.config, degen.openConfig, degen.tiers] },
      ...{ what: `TradingRecords.bookConfig(${bookIdOf(1, "degen")}).status`, found: "1" },
    },
    {
      ...{ on, name: "setMarginToken", args: [trading, token.address, assetIdOf(token.assetKey), false, 0] },
      ...{ what: `TradingRecords.marginTokenById(${token.symbol}).isEnabled`, found: "false" },
    },
    {
      ...{ on, name: "setMarginToken", args: [trading, strangers.token, 1, true, 0], after: [list] },
      ...{ what: `TradingRecords.marginTokenById(${profile.tokens.length + 1}).token`, found: strangers.token },
    },
    {
      ...{ on, name: "disableMarginToken", args: [trading, token.address] },
      ...{ what: `TradingRecords.marginTokenById(${token.symbol}).isEnabled`, found: "false" },
    },
    call("setFees", [openConfig.openFeePips, config.alpSharePips + 1], "alpSharePips", config.alpSharePips + 1),
    call("setFees", [openConfig.openFeePips + 1, config.alpSharePips], "openFeePips", openConfig.openFeePips + 1),
    call("setSlippage", [0, config.slippagePips - 1, 0], "slippagePips", config.slippagePips - 1),
    call("setSlippage", [0, config.slippagePips, 5], "onePercentDepthUsd", 5),
    call("setRates", [3, 20, 0, 100], "borrowPipsPerHour", 3),
    call("setRates", [2, 20, 1, 100], "minFundingPipsPerHour", 1),
    call("setCaps", [cap + 1n, config.lossBudgetUsd, 0], "maxOpenInterestUsd", cap + 1n),
    call("setCaps", [cap, config.lossBudgetUsd + 1n, 0], "lossBudgetUsd", config.lossBudgetUsd + 1n),
    call("cutCaps", [cap - 1n, config.lossBudgetUsd], "maxOpenInterestUsd", cap - 1n),
    call("setMinimums", [openConfig.minNotionalUsd, openConfig.minMarginUsd + 1n], "minMarginUsd", 6),
    call("setOpenChecks", [2_999, openConfig.maxDeviationPips, openConfig.minAnchors], "maxConfidencePips", 2_999),
    {
      ...{ on, name: "setTiers", args: [trading, id, [{ ...tiers[0], maxNotionalUsd: 1 }, ...tiers.slice(1)]] },
      ...{ what: "TradingRecords.tiers(BTC/USD standard)[0].maxNotionalUsd", found: "1" },
    },
    call("setStatus", [2, 0], "status", 2),
    call("disableBook", [], "status", 2),
    call("startNewsWindow", [NEWS_SECONDS], "reduceOnlyUntil", "some"),
  ];
}

function predictionChanges(profile: ChainProfile, record: DeploymentRecord): Change[] {
  const prediction = at(record, "prediction");
  const { markets, stakeTokens } = profile.prediction;
  const [market] = markets;
  const { maxConfidencePips, maxDeviationPips, minAnchors, assetId } = predictionMarket(profile, market);
  const [{ symbol, minStake, maxStake, maxOpenStake }] = stakeTokens;
  const token = profile.tokens.find((candidate) => candidate.symbol === symbol)?.address ?? "";
  const [{ periodSeconds, payoutPips }] = market.periods;
  const shown = `Prediction.period(BTC/USD, ${symbol}, ${periodSeconds} s)`;
  const period = { payoutPips, minStake, maxStake, maxOpenStake };
  const on = "predictionConfigurator";
  const tokenAsset = profile.tokens.find((candidate) => candidate.symbol === symbol)?.assetKey ?? "USDT";
  return [
    {
      ...{ on, name: "listMarket" },
      args: [prediction, markets.length, { assetId, isEnabled: true, maxConfidencePips, maxDeviationPips, minAnchors }],
      ...{ what: `Prediction.market(${markets.length}).assetId`, found: String(assetId) },
    },
    {
      ...{ on, name: "setMarket" },
      args: [prediction, 0, true, maxConfidencePips, maxDeviationPips - 1, minAnchors, 0],
      ...{ what: "Prediction.market(BTC/USD).maxDeviationPips", found: String(maxDeviationPips - 1) },
    },
    {
      ...{ on, name: "disableMarket", args: [prediction, 0] },
      ...{ what: "Prediction.market(BTC/USD).isEnabled", found: "false" },
    },
    {
      ...{ on, name: "setStakeToken", args: [prediction, token, assetIdOf(tokenAsset), false, 0] },
      ...{ what: `Prediction.stakeToken(${symbol}).isEnabled`, found: "false" },
    },
    {
      ...{ on, name: "disableStakeToken", args: [prediction, token] },
      ...{ what: `Prediction.stakeToken(${symbol}).isEnabled`, found: "false" },
    },
    {
      ...{ on, name: "setPeriod" },
      args: [prediction, 0, token, periodSeconds, { ...period, payoutPips: payoutPips - 1 }, 0],
      ...{ what: `${shown}.payoutPips`, found: String(payoutPips - 1) },
    },
    {
      ...{ on, name: "setPeriod", args: [prediction, 0, token, 7_777, period, 0] },
      ...{ what: `Prediction.period(BTC/USD, ${symbol}, 7777 s).payoutPips`, found: String(payoutPips) },
    },
    {
      ...{ on, name: "cutCap", args: [prediction, 0, token, periodSeconds, maxOpenStake - 1n] },
      ...{ what: `${shown}.maxOpenStake`, found: String(maxOpenStake - 1n) },
    },
  ];
}

function proChanges(profile: ChainProfile, record: DeploymentRecord): Change[] {
  const pro = at(record, "pro");
  const [market] = profile.pro.markets;
  const { config, limits, tiers } = proMarketArguments(market, profile.pro, profile.oracle.minAnchors);
  const on = "proConfigurator";
  const call = (name: string, args: readonly unknown[], field: string, found: unknown): Change => ({
    ...{ on, name, args: [pro, 0, ...args], what: `Pro.market(BTC/USD).${field}`, found: String(found) },
  });
  const last = tiers.length - 1;
  const lowered = tiers.map((tier, index) => (index === last ? { ...tier, capUsd: tier.capUsd - 1 } : tier));
  return [
    {
      ...{ on, name: "listMarket", args: [pro, config, limits, tiers, market.referencePrice] },
      ...{ what: "Pro.marketCount", found: String(profile.pro.markets.length + 1) },
    },
    { isAlone: true, on, name: "close", args: [pro], what: "Pro.isClosed", found: "true" },
    call("delist", [], "status", 2),
    call("setConfig", [{ ...config, takerFeePips: 401 }, limits.interestPips], "takerFeePips", 401),
    call("setConfig", [config, limits.interestPips + 1], "interestPips", limits.interestPips + 1),
    call("setCaps", [limits.maxOpenInterestUsd, 251, 0], "leastRestingUsd", 251),
    call("setTiers", [lowered], `tiers[${last}].capUsd`, tiers[last].capUsd - 1),
    call("setStatus", [2, 0], "status", 2),
    call("cutCaps", [limits.maxOpenInterestUsd - 1], "maxOpenInterestUsd", limits.maxOpenInterestUsd - 1),
    call("disable", [], "status", 2),
  ];
}

function breakerChanges(record: DeploymentRecord): Change[] {
  const raise: GovernanceCall = { on: "breaker", name: "raise", args: [2] };
  return [
    { ...raise, what: "Breaker.level", found: "2" },
    { isAlone: true, on: "breaker", name: "lower", args: [1], after: [raise], what: "Breaker.level", found: "1" },
    {
      ...{
        isAlone: true,
        on: "accessManager",
        name: "updateAuthority",
        args: [at(record, "breaker"), at(record, "vault")],
      },
      ...{ what: "Breaker.authority", found: at(record, "vault") },
    },
  ];
}

function accessChanges(record: DeploymentRecord, { account }: Strangers): Change[] {
  const { guardian } = record.accounts;
  const breaker = at(record, "breaker");
  // `AccessManager.expiration()`: a view, which nobody could want to restrict.
  const selector = "0x4665096d";
  const on = "accessManager";
  return [
    {
      ...{ on, name: "grantRole", args: [ROLES.GUARDIAN.id, account, 0] },
      ...{ what: `AccessManager.getAccess(GUARDIAN, ${account})`, found: "member, delay 0 s" },
    },
    {
      ...{ on, name: "grantRole", args: [9, account, 5] },
      ...{ what: `AccessManager.getAccess(role 9, ${account})`, found: "member, delay 5 s" },
    },
    {
      ...{ isAlone: true, on, name: "grantRole", args: [ROLES.RISK_MANAGER.id, record.accounts.riskManager, 3_600] },
      what: `AccessManager.getAccess(RISK_MANAGER, riskManager ${record.accounts.riskManager})`,
      found: "some",
    },
    {
      ...{ isAlone: true, on, name: "revokeRole", args: [ROLES.GUARDIAN.id, guardian] },
      ...{ what: `AccessManager.getAccess(GUARDIAN, guardian ${guardian})`, found: "no member" },
    },
    {
      ...{ isAlone: true, on, name: "setRoleAdmin", args: [ROLES.GUARDIAN.id, ROLES.GOVERNOR.id] },
      ...{ what: "AccessManager.getRoleAdmin(GUARDIAN)", found: "GOVERNOR" },
    },
    {
      ...{ on, name: "setRoleGuardian", args: [ROLES.GOVERNOR.id, ROLES.ADMIN.id] },
      ...{ what: "AccessManager.getRoleGuardian(GOVERNOR)", found: "ADMIN" },
    },
    {
      ...{ isAlone: true, on, name: "setGrantDelay", args: [ROLES.GUARDIAN.id, 60] },
      ...{ what: "AccessManager.RoleGrantDelayChanged(GUARDIAN)", found: "some" },
    },
    {
      ...{ isAlone: true, on, name: "setTargetAdminDelay", args: [breaker, 60] },
      ...{ what: "AccessManager.TargetAdminDelayUpdated(Breaker)", found: "some" },
    },
    {
      ...{ on, name: "setTargetFunctionRole", args: [breaker, ["0x3c6a6d0c"], ROLES.GUARDIAN.id] },
      ...{ what: "AccessManager.getTargetFunctionRole(Breaker, 0x3c6a6d0c)", found: "GUARDIAN" },
    },
    {
      ...{ on, name: "setTargetFunctionRole", args: [account, [selector], ROLES.GUARDIAN.id] },
      ...{ what: `AccessManager.getTargetFunctionRole(${account}, ${selector})`, found: "GUARDIAN" },
    },
    {
      ...{ isAlone: true, on, name: "setTargetClosed", args: [breaker, true] },
      ...{ what: "AccessManager.isTargetClosed(Breaker)", found: "true" },
    },
    {
      ...{ on, name: "labelRole", args: [ROLES.GUARDIAN.id, "KEEPER"] },
      ...{ what: "AccessManager.label(GUARDIAN)", found: "KEEPER" },
    },
  ];
}
