import type { PlainValue } from "../../../sdk/plain";
import { bookArguments, bookIdOf } from "../../arguments/books";
import { assetIdOf } from "../../arguments/oracle";
import { delayOf } from "../../arguments/trading";
import type { AssetKey, BookProfile } from "../../profiles";
import { NO_CONTRACT, bookName } from "../context";
import type { AuditContext } from "../context";
import type { Value } from "../finding";
import type { Fields, Question } from "../question";

const PIPS_PER_PERCENT = 10_000;

/** What Trading is built with, its books with their tiers, and its margin tokens. */
export function tradingQuestions(context: AuditContext): Question[] {
  const { profile } = context;
  const questions = [
    context.question("trading", "vault", context.at("vault")),
    context.question("trading", "aggregator", context.at("priceAggregator")),
    context.question("trading", "breaker", context.at("breaker")),
    context.question("trading", "configurator", context.at("tradingConfigurator")),
    context.question("trading", "trustedExecutor", context.at("executor")),
    context.question("trading", "executionDelay", delayOf(profile, "standard"), { args: [0], of: "standard" }),
    context.question("trading", "executionDelay", delayOf(profile, "degen"), { args: [1], of: "degen" }),
    context.question("trading", "executionWindow", profile.execution.executionWindowSeconds),
    context.question("trading", "executionFeeUsd", profile.execution.executionFeeUsd),
    context.question("tradingRecords", "trading", context.at("trading")),
  ];
  const listed = new Map<number, { assetKey: AssetKey; book: BookProfile }>();
  for (const [marketId, { assetKey, books }] of profile.markets.entries()) {
    for (const book of books) listed.set(bookIdOf(marketId, book.mode), { assetKey, book });
  }
  const told = context.history.of("BookConfigured").map(({ bookId }) => Number(bookId));
  for (const id of new Set([...listed.keys(), ...told])) {
    const book = listed.get(id);
    const options = { args: [id], of: bookName(profile, id) };
    const pick = (answer: PlainValue) => bookOf(answer, context.block.timestamp);
    questions.push(
      context.question("tradingRecords", "bookConfig", book ? expectedBook(context, book) : {}, { ...options, pick }),
      context.question("tradingRecords", "tiers", book ? expectedTiers(context, book) : [], {
        ...options,
        pick: tiersOf,
      }),
    );
  }
  return [...questions, ...marginTokens(context)];
}

function expectedBook(context: AuditContext, { assetKey, book }: { assetKey: AssetKey; book: BookProfile }): Value {
  const { config, openConfig } = bookArguments(assetKey, book, context.profile.oracle.minAnchors);
  const rates = book.tiers.map(({ liquidationLossRatePips }) => liquidationLossRatePips);
  const leastLossRatePercent = Math.floor(Math.min(...rates) / PIPS_PER_PERCENT);
  return { ...config, leastLossRatePercent, ...openConfig };
}

function expectedTiers(context: AuditContext, { assetKey, book }: { assetKey: AssetKey; book: BookProfile }): Value {
  const { tiers } = bookArguments(assetKey, book, context.profile.oracle.minAnchors);
  return tiers.map(({ maxLeverage, maxNotionalUsd, terms }) => ({ maxLeverage, maxNotionalUsd, ...terms }));
}

/** A news window that is over is none. */
function bookOf(answer: PlainValue, now: number): Value {
  const [config, openConfig] = Object.values(answer) as [Fields, Fields];
  const isInWindow = (openConfig.reduceOnlyUntil as bigint) > BigInt(now);
  return { ...config, ...openConfig, reduceOnlyUntil: isInWindow ? openConfig.reduceOnlyUntil : 0 };
}

/** Where the terms of a tier are kept is no setting. */
function tiersOf(answer: PlainValue): Value {
  return (answer as Fields[]).map(({ maxLeverage, maxNotionalUsd, terms }) => ({
    maxLeverage,
    maxNotionalUsd,
    ...(terms as Fields),
  }));
}

/** By their numbers, and that there is none after the last. */
function marginTokens(context: AuditContext): Question[] {
  const tokens = context.profile.tokens.filter(({ margin }) => margin);
  const expected = tokens.map(({ address, assetKey, decimals }, index) => ({
    ...{ token: address, assetId: assetIdOf(assetKey), tokenId: index + 1, decimals, isEnabled: true },
  }));
  const none = { token: NO_CONTRACT, assetId: 0, tokenId: 0, decimals: 0, isEnabled: false };
  return [...expected, none].map((token, index) =>
    context.question("tradingRecords", "marginTokenById", token, {
      args: [index + 1],
      of: tokens.at(index)?.symbol ?? String(index + 1),
    }),
  );
}
