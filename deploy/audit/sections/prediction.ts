import type { PlainValue } from "../../../sdk/plain";
import { assetIdOf } from "../../arguments/oracle";
import { predictionMarket } from "../../arguments/prediction";
import { NO_CONTRACT } from "../context";
import type { AuditContext } from "../context";
import type { Value } from "../finding";
import type { Question } from "../question";

const NO_PERIOD = { payoutPips: 0, minStake: 0, maxStake: 0, maxOpenStake: 0 };

/** What Prediction is built with, its markets, stake tokens and periods. */
export function predictionQuestions(context: AuditContext): Question[] {
  const { profile } = context;
  const { prediction, execution } = profile;
  return [
    context.question("prediction", "vault", context.at("vault")),
    context.question("prediction", "aggregator", context.at("priceAggregator")),
    context.question("prediction", "breaker", context.at("breaker")),
    context.question("prediction", "configurator", context.at("predictionConfigurator")),
    context.question("prediction", "executionDelay", prediction.executionDelaySeconds),
    context.question("prediction", "executionWindow", execution.executionWindowSeconds),
    context.question("prediction", "executionFeeUsd", execution.executionFeeUsd),
    ...markets(context),
    ...stakeTokens(context),
    ...periods(context),
  ];
}

function markets(context: AuditContext): Question[] {
  const { profile } = context;
  const listed = profile.prediction.markets;
  const told = context.history.of("MarketConfigured").map(({ marketId }) => Number(marketId));
  return [...new Set([...listed.keys(), ...told])].map((id) => {
    const market = listed.at(id);
    const expected = market === undefined ? {} : predictionMarket(profile, market);
    return context.question("prediction", "market", expected, { args: [id], of: market?.name ?? String(id) });
  });
}

function stakeTokens(context: AuditContext): Question[] {
  const tokens = context.profile.prediction.stakeTokens.map(({ symbol }) => {
    const token = context.profile.tokens.find((candidate) => candidate.symbol === symbol);
    if (token === undefined) throw new Error(`stakes in ${symbol}, which ${context.profile.name} does not have`);
    return token;
  });
  const expected = tokens.map(({ address, assetKey, decimals }) => ({
    ...{ token: address, assetId: assetIdOf(assetKey), decimals, isEnabled: true },
  }));
  const questions = tokens.map(({ symbol, address }, index) =>
    // Numbered in the order in which they happened to be set.
    context.question("prediction", "stakeToken", expected[index], { args: [address], of: symbol, pick: withoutNumber }),
  );
  const none = { token: NO_CONTRACT, assetId: 0, decimals: 0, isEnabled: false };
  const next = tokens.length + 1;
  const options = { args: [next], of: String(next), pick: withoutNumber };
  return [...questions, context.question("prediction", "stakeTokenById", none, options)];
}

function withoutNumber(answer: PlainValue): Value {
  return Object.fromEntries(Object.entries(answer).filter(([field]) => field !== "tokenId"));
}

function periods(context: AuditContext): Question[] {
  const { prediction, tokens } = context.profile;
  const keyOf = (marketId: number, token: string, seconds: number) => `${marketId} ${token} ${seconds}`;
  const listed = new Map<string, Value>();
  for (const { symbol, minStake, maxStake, maxOpenStake } of prediction.stakeTokens) {
    const token = tokens.find((candidate) => candidate.symbol === symbol)?.address ?? NO_CONTRACT;
    for (const [marketId, market] of prediction.markets.entries()) {
      for (const { periodSeconds, payoutPips } of market.periods) {
        listed.set(keyOf(marketId, token, periodSeconds), { payoutPips, minStake, maxStake, maxOpenStake });
      }
    }
  }
  const told = context.history
    .of("PeriodConfigured")
    .map(({ marketId, token, periodSeconds }) => keyOf(Number(marketId), String(token), Number(periodSeconds)));
  return [...new Set([...listed.keys(), ...told])].map((key) => {
    const [marketId, token, seconds] = key.split(" ");
    const market = prediction.markets.at(Number(marketId))?.name ?? marketId;
    return context.question("prediction", "period", listed.get(key) ?? NO_PERIOD, {
      args: [marketId, token, seconds],
      of: `${market}, ${context.symbolOf(token)}, ${seconds} s`,
    });
  });
}
