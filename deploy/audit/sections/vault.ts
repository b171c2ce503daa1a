import type { AuditContext } from "../context";
import type { Question } from "../question";
import { ask, fields, listOf } from "../question";

/** The contracts that are products of the vault, by their keys. */
export const PRODUCTS = ["trading", "prediction", "pro"] as const;

/** Tokens, products, ceilings and who manages the liquidity. */
export async function vaultQuestions(context: AuditContext): Promise<Question[]> {
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
  const known: readonly string[] = PRODUCTS.map((key) => context.at(key));
  const [found] = await context.read([ask("Vault", context.at("vault"), "products")]);
  const products = [...new Set([...known, ...listOf<string>(found)])];
  for (const { symbol, address, decimals } of profile.tokens) {
    const expected = { maxUtilizationPips: profile.vault.maxUtilizationPips, decimals };
    const pick = fields("maxUtilizationPips", "decimals");
    questions.push(context.question("vault", "ledger", expected, { args: [address], of: symbol, pick }));
    for (const product of products) {
      const key = PRODUCTS.find((candidate) => context.at(candidate) === product);
      const ceiling = key === undefined ? 0n : ceilingOf(context, key, symbol);
      const of = `${context.nameOf(product)}, ${symbol}`;
      const options = { args: [product, address], of, pick: fields("ceiling") };
      questions.push(context.question("vault", "productLedger", { ceiling }, options));
    }
  }
  return questions;
}

function ceilingOf({ profile }: AuditContext, key: (typeof PRODUCTS)[number], symbol: string): bigint {
  if (key === "trading") return profile.vault.tradingCeilings[symbol] ?? 0n;
  if (key === "pro") return 0n;
  return profile.prediction.stakeTokens.find((token) => token.symbol === symbol)?.ceiling ?? 0n;
}
