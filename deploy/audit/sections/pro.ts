import { AbiCoder, keccak256, toBeHex } from "ethers";
import { proMarketArguments } from "../../arguments/pro";
import { cumulated } from "../../../sdk/model/pro/tiers";
import type { AuditContext } from "../context";
import { findingsOf } from "../finding";
import type { Finding, Value } from "../finding";
import { ask, listOf } from "../question";
import type { Question } from "../question";

/** Of `ProState`, which lies in Pro from slot 0 on. */
const MARKETS_SLOT = 7;
/** Of a market: `config`, `limits`, and pairs of tiers. */
const CONFIG_WORDS = 5;

type Layout = readonly (readonly [field: string, bits: number])[];

/** As the compiler packs `MarketConfig`, `MarketLimits` and `MarginTier`: the first field lowest. */
const CONFIG: Layout = [
  ["tickSize", 56],
  ["lotSize", 56],
  ["assetId", 16],
  ["status", 8],
  ["minAnchors", 8],
  ["maxDeviationPips", 16],
  ["bandPips", 16],
  ["highLeverage", 8],
  ["defaultLeverage", 8],
  ["takerFeePips", 16],
  ["makerFeePips", 16],
  ["liquidationFeePips", 16],
  ["fundingCapPips", 16],
];
const LIMITS: Layout = [
  ["maxOpenInterestUsd", 40],
  ["leastRestingUsd", 16],
  ["interestPips", 16],
  ["tierCount", 8],
  ["reduceOnlySince", 40],
];
const TIER: Layout = [
  ["capUsd", 40],
  ["maxLeverage", 8],
  ["ratePips", 24],
  ["cumX6", 56],
];
const TIER_BITS = 128n;
const MICRO_USD = 10n ** 6n;

/** What Pro, its triggers and its grids are built with. */
export function proQuestions(context: AuditContext): Question[] {
  const { profile } = context;
  const token = profile.tokens.find(({ symbol }) => symbol === profile.pro.settlementSymbol);
  return [
    context.question("pro", "vault", context.at("vault")),
    context.question("pro", "aggregator", context.at("priceAggregator")),
    context.question("pro", "breaker", context.at("breaker")),
    context.question("pro", "configurator", context.at("proConfigurator")),
    context.question("pro", "token", token?.address ?? "none"),
    context.question("proTriggers", "pro", context.at("pro")),
    context.question("proTriggers", "executionDelay", profile.pro.triggerDelaySeconds),
    context.question("gridBook", "pro", context.at("pro")),
  ];
}

/** Its markets with their limits and tiers, which no view gives: read from where they are stored. */
export async function proFindings(context: AuditContext): Promise<Finding[]> {
  const { profile } = context;
  const [counts] = await words(context, [0n]);
  const count = Number((counts >> 32n) & 0xffn);
  const isClosed = ((counts >> 40n) & 0xffn) !== 0n;
  const { markets } = profile.pro;
  const findings = [
    ...findingsOf("Pro.marketCount", markets.length, count),
    ...findingsOf("Pro.isClosed", false, isClosed),
  ];
  for (let id = 0; id < Math.max(count, markets.length); id++) {
    const market = markets.at(id);
    const expected = market === undefined ? {} : expectedMarket(context, id);
    const found = id < count ? await readMarket(context, id) : {};
    findings.push(...findingsOf(`Pro.market(${market?.name ?? id})`, expected, found));
  }
  return findings;
}

function expectedMarket({ profile }: AuditContext, id: number): Value {
  const market = profile.pro.markets[id];
  const { config, limits, tiers } = proMarketArguments(market, profile.pro, profile.oracle.minAnchors);
  const exact = market.tiers.map(({ capUsd, maxLeverage, ratePips }) => ({
    ...{ cap: BigInt(capUsd) * MICRO_USD, maxLeverage: BigInt(maxLeverage), ratePips: BigInt(ratePips) },
  }));
  const { tightenedAt: _, ...settings } = limits;
  return {
    ...config,
    ...settings,
    tiers: tiers.map((tier, index) => ({ ...tier, cumX6: cumulated(exact, index) })),
  };
}

async function readMarket(context: AuditContext, id: number): Promise<Value> {
  const place = AbiCoder.defaultAbiCoder().encode(["uint8", "uint256"], [id, MARKETS_SLOT]);
  const first = BigInt(keccak256(place));
  const slots = Array.from({ length: CONFIG_WORDS }, (_, index) => first + BigInt(index));
  const [config, limits, ...pairs] = await words(context, slots);
  const settings = unpack(LIMITS, limits);
  const tiers = Array.from({ length: Number(settings.tierCount) }, (_, index) =>
    unpack(TIER, pairs[index >> 1] >> (index % 2 === 0 ? 0n : TIER_BITS)),
  );
  return { ...unpack(CONFIG, config), ...settings, tiers };
}

async function words(context: AuditContext, slots: readonly bigint[]): Promise<bigint[]> {
  const asked = slots.map((slot) => toBeHex(slot, 32));
  const [answer] = await context.read([ask("Pro", context.at("pro"), "extsload", [asked])]);
  return slots.map((_, index) => BigInt(listOf<string>(answer).at(index) ?? 0));
}

function unpack(layout: Layout, word: bigint): Record<string, bigint> {
  let rest = word;
  const fields = layout.map(([field, bits]) => {
    const value = rest & ((1n << BigInt(bits)) - 1n);
    rest >>= BigInt(bits);
    return [field, value] as const;
  });
  return Object.fromEntries(fields);
}
