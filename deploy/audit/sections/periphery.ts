import type { AuditContext } from "../context";
import type { Question } from "../question";

/** What readers and keepers are built on, and the breaker. */
export function peripheryQuestions(context: AuditContext): Question[] {
  const onAggregator = [
    ...["executor", "liquidator", "proKeeper"],
    ...["tradingLens", "marketLens", "keeperLens", "predictionLens", "alpLens"],
  ];
  return [
    ...onAggregator.map((key) => context.question(key, "aggregator", context.at("priceAggregator"))),
    context.question("marketLens", "breaker", context.at("breaker")),
    context.question("alpLens", "manager", context.at("alpManager")),
    context.question("alpLens", "vault", context.at("vault")),
    context.question("router", "vault", context.at("vault")),
    context.question("router", "wrappedNative", context.profile.wrappedNative),
    context.question("breaker", "level", 0),
  ];
}
