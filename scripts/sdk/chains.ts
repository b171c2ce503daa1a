import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { bookIdOf } from "../../deploy/arguments/books";
import { assetIdOf } from "../../deploy/arguments/oracle";
import { PROFILES } from "../../deploy/profiles";
import type { ChainProfile } from "../../deploy/profiles";
import { readRecord } from "../../deploy/record";
import { usedAssets } from "../../deploy/sources";
import { formatPrice, formatSize, formatUsd } from "../../sdk/units";

const DEPLOYMENTS = "deployments";

/** The text of `sdk/chains/data.ts`: what the profiles and the committed records of deployments say. */
export function chainsFile(): string {
  const chains = Object.fromEntries(PROFILES.map((profile) => [profile.key, factsOf(profile)]));
  return [
    "/** The chains and what is deployed on them; generated from the profiles and from the records of deployments. */",
    `export const CHAINS = ${JSON.stringify(chains)} as const;`,
    "",
    "/** Contracts by chain id: those that a client takes unless it is told of others. */",
    `export const RECORDS: Readonly<Record<string, unknown>> = ${JSON.stringify(deployments())};`,
    "",
  ].join("\n");
}

function factsOf(profile: ChainProfile) {
  const { key, chainId, name, nativeSymbol, wrappedNativeSymbol, wrappedNative, pyth, execution, prediction, pro } =
    profile;
  const assets = usedAssets(profile).map((asset) => [asset, { id: assetIdOf(asset), pythId: pyth.priceIds[asset] }]);
  const tokens = profile.tokens.map(({ symbol, address, decimals, assetKey, margin, kind, name: title }) => {
    const hasPermit = kind === "permit" || kind === "wrappedEther";
    return [symbol, { symbol, name: title, address, decimals, asset: assetKey, isMargin: margin, hasPermit }];
  });
  const markets = profile.markets.map(({ name: market, assetKey, books }, marketId) => {
    const ofModes = books.map(({ mode, minLeverage, maxLeverage, executionDelaySeconds }) => [
      mode,
      { id: bookIdOf(marketId, mode), minLeverage, maxLeverage, executionDelaySeconds },
    ]);
    return [market, { id: marketId, asset: assetKey, books: Object.fromEntries(ofModes) as object }];
  });
  const bets = prediction.markets.map(({ name: market, assetKey, periods }, id) => {
    const seconds = periods.map(({ periodSeconds }) => periodSeconds);
    return [market, { id, asset: assetKey, periodsSeconds: seconds }];
  });
  const books = pro.markets.map(({ name: market, assetKey, lotSize, tickSize }, id) => {
    const steps = { tickSize: formatPrice(tickSize), lotSize: formatSize(lotSize) };
    return [market, { id, asset: assetKey, ...steps }];
  });
  return {
    ...{ key, chainId, name, nativeSymbol, wrappedNativeSymbol, wrappedNative },
    pyth: pyth.address,
    executionFeeUsd: formatUsd(execution.executionFeeUsd),
    assets: Object.fromEntries(assets) as object,
    tokens: Object.fromEntries(tokens) as object,
    markets: Object.fromEntries(markets) as object,
    predictionMarkets: Object.fromEntries(bets) as object,
    pro: { token: pro.settlementSymbol, markets: Object.fromEntries(books) as object },
  };
}

/** The records of `deployments/`; at most one a chain. */
function deployments(): Record<string, unknown> {
  const files = existsSync(DEPLOYMENTS) ? readdirSync(DEPLOYMENTS).filter((file) => file.endsWith(".json")) : [];
  const records = files.sort().map((file) => readRecord(join(DEPLOYMENTS, file)));
  const found: Record<string, unknown> = {};
  for (const { format, id, chain, startBlock, contracts } of records) {
    if (chain.id in found) throw new Error(`two deployments on chain ${chain.id}: keep the record of the one in use`);
    const addresses = Object.entries(contracts).map(([name, { address }]) => [name, { address }]);
    found[chain.id] = { format, id, chain, startBlock, contracts: Object.fromEntries(addresses) as object };
  }
  return found;
}
