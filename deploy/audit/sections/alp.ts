import { assetIdOf } from "../../arguments/oracle";
import type { AuditContext } from "../context";
import type { Fields, Question } from "../question";
import { ask, countOf, listOf } from "../question";
import { PRODUCTS } from "./vault";

/** ALP, its settings, where fees go, and the brokers. */
export async function alpQuestions(context: AuditContext): Promise<Question[]> {
  const { profile, record } = context;
  const { mintFeePips, mintFeeTaxPips, shareFloorUsd, cooldownSeconds } = profile.vault;
  const assets = profile.tokens.map((token) => ({
    token: token.address,
    assetId: assetIdOf(token.assetKey),
    weightPips: token.targetWeightPips,
    maxSharePips: token.maxSharePips,
  }));
  const questions = [
    context.question("alpManager", "vault", context.at("vault")),
    context.question("alpManager", "aggregator", context.at("priceAggregator")),
    context.question("alpManager", "breaker", context.at("breaker")),
    context.question("alpManager", "alp", context.at("alp")),
    context.question("alpManager", "assets", assets),
    context.question("alpManager", "fees", { basePips: mintFeePips, taxPips: mintFeeTaxPips }),
    context.question("alpManager", "shareFloorUsd", shareFloorUsd),
    context.question("alp", "coolingSeconds", cooldownSeconds),
    context.question("alp", "manager", context.at("alpManager")),
    context.question("feeDistributor", "vault", context.at("vault")),
    context.question("feeDistributor", "brokers", context.at("brokerRegistry")),
    context.question("feeDistributor", "treasury", record.accounts.treasury),
    context.question("brokerRegistry", "brokerCount", 0),
  ];
  // Only products of the vault can be valued by their ledgers.
  const [products, brokers] = await context.read([
    ask("Vault", context.at("vault"), "products"),
    ask("BrokerRegistry", context.at("brokerRegistry"), "brokerCount"),
  ]);
  const known: string[] = PRODUCTS.map((key) => context.at(key));
  for (const product of new Set([...known, ...listOf<string>(products)])) {
    const isLedgerProduct = product === context.at("prediction");
    const options = { args: [product], of: context.nameOf(product) };
    questions.push(context.question("alpManager", "isLedgerProduct", isLedgerProduct, options));
  }
  for (let id = 1; id <= countOf(brokers); id++) {
    // An owner names a receiver at any time: no setting of the system.
    const pick: Question["pick"] = (answer) => ({ sharePips: (answer as Fields).sharePips });
    questions.push(context.question("brokerRegistry", "broker", {}, { args: [id], of: String(id), pick }));
  }
  return questions;
}
