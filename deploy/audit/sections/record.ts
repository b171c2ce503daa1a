import { bookIdOf } from "../../arguments/books";
import { assetIdOf } from "../../arguments/oracle";
import { pushSourcesOf, usedAssets } from "../../sources";
import type { AuditContext } from "../context";
import { findingsOf } from "../finding";
import type { Finding, Value } from "../finding";

/** The numbers that a record gives others, against the profile. What was listed later is no part of it. */
export function recordFindings({ record, profile }: AuditContext): Finding[] {
  const assets = usedAssets(profile).map((key) => {
    const sources = pushSourcesOf(profile, key).map(({ name }) => name);
    return [key, { id: assetIdOf(key), pythId: profile.pyth.priceIds[key], sources }] as const;
  });
  const margin = profile.tokens.filter((token) => token.margin);
  const tokens = profile.tokens.map((token) => {
    const { symbol, address, decimals, assetKey } = token;
    const marginTokenId = token.margin ? margin.indexOf(token) + 1 : "null";
    return [symbol, { address, decimals, assetId: assetIdOf(assetKey), marginTokenId }] as const;
  });
  const books = profile.markets.flatMap(({ name, assetKey, books: modes }, marketId) =>
    modes.map(
      ({ mode }) => [`${name} ${mode}`, { id: bookIdOf(marketId, mode), assetId: assetIdOf(assetKey) }] as const,
    ),
  );
  const markets = profile.prediction.markets.map(
    ({ name, assetKey }, id) => [name, { id, assetId: assetIdOf(assetKey) }] as const,
  );
  const compare = (
    part: "assets" | "tokens" | "books" | "predictionMarkets",
    all: readonly (readonly [name: string, value: Value])[],
  ) => {
    const expected = Object.fromEntries(all.filter(([name]) => name in record[part]));
    return findingsOf(`record.${part}`, expected, JSON.parse(JSON.stringify(record[part]), nullAsText) as Value);
  };
  return [
    ...compare("assets", assets),
    ...compare("tokens", tokens),
    ...compare("books", books),
    ...compare("predictionMarkets", markets),
  ];
}

function nullAsText(_: string, value: unknown): unknown {
  return value === null ? "null" : value;
}
