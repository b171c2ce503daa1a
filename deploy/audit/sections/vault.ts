import type { AuditContext } from "../context";
import type { Question } from "../question";
import { fields, listOf } from "../question";

/** The contracts that are products of the vault, by their keys. */
export const PRODUCTS = ["trading", "prediction", "pro"] as const;

/** Tokens, products, ceilings and who manages the liquidity. */
export function vaultQuestions(context: AuditContext): Question[] {
  const { profile } = context;
  const questions = [
    context.question("vault", "wrappedNative", profile.wrappedNative),
    context.question("vault", "liquidityManager", context.at("alpManager")),
    context.question("vault", "feeDistributor", context.at("feeDistributor")),
    context.question(
      "vault",
      "tokens",
      profile.tokens.map(({ address }) => address),
    ),
    // Their order is that in which they happened to be added.
    context.question("vault", "products", PRODUCTS.map((key) => context.at(key)).sort(), {
      pick: (answer) => listOf<string>(answer).sort(),
    }),
  ];
  for (const { symbol, address, decimals } of profile.tokens) {
    const expected = { maxUtilizationPips: profile.vault.maxUtilizationPips, decimals };
    const pick = fields("maxUtilizationPips", "decimals");
    questions.push(context.question("vault", "ledger", expected, { args: [address], of: symbol, pick }));
    for (const key of PRODUCTS) {
      const product = context.at(key);
      questions.push(
        context.question(
          "vault",
          "productLedger",
          { ceiling: ceilingOf(context, key, symbol) },
          { args: [product, address], of: `${context.nameOf(product)}, ${symbol}`, pick: fields("ceiling") },
        ),
      );
    }
  }
  return questions;
}

function ceilingOf({ profile }: AuditContext, key: (typeof PRODUCTS)[number], symbol: string): bigint {
  if (key === "trading") return profile.vault.tradingCeilings[symbol] ?? 0n;
  if (key === "pro") return 0n;
  return profile.prediction.stakeTokens.find((token) => token.symbol === symbol)?.ceiling ?? 0n;
}
