import { bookArguments, bookIdOf } from "../arguments/books";
import { assetIdOf, sourceArguments } from "../arguments/oracle";
import { predictionMarket } from "../arguments/prediction";
import { proMarketArguments } from "../arguments/pro";
import { ASSET_KEYS } from "../profiles";
import type { AssetKey, ChainProfile } from "../profiles";
import type { DeploymentRecord } from "../record";
import { pushSourcesOf } from "../sources";
import { CallError } from "./values";

type Named = Readonly<Record<string, unknown>>;

/**
 * What the profile has for the arguments of a call that are left out: `listBook(ETH/USD degen, @profile)`. Throws
 * {@link CallError} where it has nothing.
 */
export function profileArguments(
  call: string,
  given: Named,
  { profile, record }: { profile: ChainProfile; record: DeploymentRecord },
): Named {
  switch (call) {
    case "TradingConfigurator.listBook":
    case "TradingConfigurator.setTiers": {
      const { assetKey, book } = bookOf(profile, Number(given.bookId));
      return bookArguments(assetKey, book, profile.oracle.minAnchors);
    }
    case "PriceAggregator.configureAsset": {
      const key = assetOf(Number(given.assetId));
      const { pyth, oracle } = profile;
      const quorum = oracle.referenceQuorums[key];
      if (quorum === undefined) throw new CallError(`the profile has no quorum of ${key}`);
      return { config: { pythId: pyth.priceIds[key], quorum, maxSpreadPips: oracle.maxReferenceSpreadPips } };
    }
    case "PriceAggregator.configureSource":
      return { config: sourceAt(profile, Number(given.assetId), Number(given.sourceIndex)) };
    case "PredictionConfigurator.listMarket": {
      const market = itemAt("market of bets", profile.prediction.markets, Number(given.marketId));
      return { market: predictionMarket(profile, market) };
    }
    case "PredictionConfigurator.setPeriod":
      return { config: periodOf(profile, given) };
    case "ProConfigurator.listMarket":
    case "ProConfigurator.setTiers":
    case "ProConfigurator.setConfig": {
      // A market that is listed takes the next number.
      const market = itemAt(
        "market of Pro",
        profile.pro.markets,
        Number(given.market ?? profile.pro.markets.length - 1),
      );
      const { config, limits, tiers } = proMarketArguments(market, profile.pro, profile.oracle.minAnchors);
      return { config, limits, tiers, price: market.referencePrice, interestPips: market.interestPips };
    }
    case "AlpManager.setWeights":
      return { weightsPips: profile.tokens.map(({ targetWeightPips }) => targetWeightPips) };
    case "AlpManager.setMaxShares":
      return { maxSharesPips: profile.tokens.map(({ maxSharePips }) => maxSharePips) };
    case "Vault.listToken":
      return { maxUtilizationPips: profile.vault.maxUtilizationPips };
    case "Vault.setCeiling":
      return { ceiling: ceilingOf(profile, record, given) };
  }
  throw new CallError(`${call} has nothing in the profile: write its arguments`);
}

/** A push source of an asset by its place in the profile: `addSource(BTC, @profile 1)`. */
export function sourceAt(profile: ChainProfile, assetId: number, index: number) {
  const key = assetOf(assetId);
  return sourceArguments(itemAt(`source of ${key}`, pushSourcesOf(profile, key), index));
}

function assetOf(assetId: number): AssetKey {
  const key = ASSET_KEYS.find((candidate) => assetIdOf(candidate) === assetId);
  if (key === undefined) throw new CallError(`the profile has no asset ${assetId}`);
  return key;
}

function bookOf(profile: ChainProfile, bookId: number) {
  for (const [marketId, { assetKey, books }] of profile.markets.entries()) {
    const book = books.find(({ mode }) => bookIdOf(marketId, mode) === bookId);
    if (book !== undefined) return { assetKey, book };
  }
  throw new CallError(`the profile has no book ${bookId}`);
}

function itemAt<T>(what: string, list: readonly T[], index: number): T {
  const item = list.at(index);
  if (index < 0 || item === undefined)
    throw new CallError(`the profile has no ${what} ${index}; it has ${list.length}`);
  return item;
}

function periodOf({ prediction, tokens }: ChainProfile, { marketId, token, periodSeconds }: Named) {
  const market = itemAt("market of bets", prediction.markets, Number(marketId));
  const period = market.periods.find((candidate) => candidate.periodSeconds === Number(periodSeconds));
  const symbol = tokens.find(({ address }) => address === token)?.symbol;
  const stakes = prediction.stakeTokens.find((candidate) => candidate.symbol === symbol);
  if (period === undefined || stakes === undefined) {
    throw new CallError(
      `the profile has no period of ${String(periodSeconds)} s of ${market.name} in ${String(token)}`,
    );
  }
  const { minStake, maxStake, maxOpenStake } = stakes;
  return { payoutPips: period.payoutPips, minStake, maxStake, maxOpenStake };
}

function ceilingOf({ vault, prediction, tokens }: ChainProfile, record: DeploymentRecord, { product, token }: Named) {
  const symbol = tokens.find(({ address }) => address === token)?.symbol ?? String(token);
  const ofTrading = product === record.contracts.trading.address;
  const ceiling = ofTrading
    ? (vault.tradingCeilings[symbol] as bigint | undefined)
    : prediction.stakeTokens.find((stakes) => stakes.symbol === symbol)?.ceiling;
  if (ceiling === undefined) throw new CallError(`the profile has no ceiling of ${symbol} for that product`);
  return ceiling;
}
