/** What Pro and its triggers are told in words and numbers of their own, as a person reads it. */
import { DELEGATE_RIGHTS, formatDecimal, formatPrice, formatSize, formatUsd, proWords, px, size } from "@asterism/sdk";
import type { ProFacts, ProMarketFacts } from "@asterism/sdk";
import { grouped, pipsText, wordsOf } from "./format";

export type ProBook = ProFacts;

interface Token {
  readonly symbol: string;
  readonly decimals: number;
}

const KINDS = ["stop", "take profit", "trailing stop"] as const;
const MOST_FILLS = 100n;

/** Each action of a call; a withdrawal is two words. */
export function wordTexts(pro: ProBook, words: readonly bigint[], token: Token | undefined): string[] {
  const texts: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = proWords.readWord(words[at]);
    if (word?.kind === "withdraw") {
      at++;
      texts.push(`withdraw ${amountText(words[at] ?? 0n, token)} to ${word.receiver}`);
    } else {
      texts.push(word === undefined ? `something unknown: ${words[at]}` : textOf(pro, word));
    }
  }
  return texts;
}

function textOf(pro: ProBook, word: Exclude<proWords.ReadWord, { kind: "withdraw" }>): string {
  const text = plainText(pro, word);
  return word.isSoft ? `${text}, or else skip it` : text;
}

function plainText(pro: ProBook, word: Exclude<proWords.ReadWord, { kind: "withdraw" }>): string {
  switch (word.kind) {
    case "refresh":
      return `bring the latest price of ${marketAt(pro, word.market)[0]}`;
    case "cancel":
      return `cancel order ${word.orderId} of ${marketAt(pro, proWords.marketOfOrder(word.orderId))[0]}`;
    case "lower": {
      const [name, facts] = marketAt(pro, proWords.marketOfOrder(word.orderId));
      return `leave ${sizeText(facts, word.lots)} of order ${word.orderId} of ${name}`;
    }
    case "place":
      return orderText(pro, word);
    case "setLeverage":
      return `leverage ${word.leverage}× in ${marketAt(pro, word.market)[0]}`;
    case "setMode":
      return `${word.isIsolated ? "isolated" : "cross"} margin in ${marketAt(pro, word.market)[0]}`;
    case "transfer": {
      const [from, to] = [word.fromScope, word.toScope].map((scope) => scopeText(pro, scope));
      return `move $${grouped(formatUsd(word.amount))} from ${from} to ${to} of sub-account ${word.toSub}`;
    }
    case "nameBroker":
      return `name broker ${word.broker}`;
    case "tip":
      return `tip ${word.keeper} $${formatUsd(word.amount)}`;
  }
}

function orderText(pro: ProBook, word: Extract<proWords.ReadWord, { kind: "place" }>): string {
  const [name, facts] = marketAt(pro, word.market);
  const type = nameOf(proWords.ORDER_TYPE, word.type);
  const meets = nameOf(proWords.SELF_TRADE, word.selfTrade);
  const price = word.tick === 0n ? "at any price within the band" : `at ${priceText(facts, word.tick)} or better`;
  return [
    `${word.isBid ? "buy" : "sell"} ${sizeText(facts, word.lots)} in ${name} ${price}`,
    type === "limit" ? "the rest of it rests" : wordsOf(type),
    ...(word.isReduceOnly ? ["only reduces"] : []),
    ...(word.expiry === 0n ? [] : [`until ${timeText(word.expiry)}`]),
    ...(meets === "expireMaker" ? [] : [`meeting your own: ${wordsOf(meets)}`]),
    ...(word.maxFills === MOST_FILLS ? [] : [`meets ${word.maxFills} orders at most`]),
  ].join(", ");
}

/** An order that waits, as `ProTriggers` takes it. */
export function triggerText(pro: ProBook, order: Readonly<Record<string, unknown>>): string {
  const number = (name: string) => BigInt(order[name] as bigint);
  const [name, facts] = marketAt(pro, number("market"));
  const [tick, lots, limit, bound, expiry] = ["tick", "lots", "limit", "boundPips", "expiry"].map(number);
  const kind = KINDS[Number(order.kind)];
  const waits =
    kind === "trailing stop"
      ? `when the price has come back by ${pipsText(number("callbackPips"))}${tick === 0n ? "" : `, once it has reached ${priceText(facts, tick)}`}`
      : `when the price reaches ${priceText(facts, tick)}`;
  const worst =
    limit > 0n
      ? `no worse than ${priceText(facts, limit)}`
      : `at most ${pipsText(bound === 0n ? 10_000n : bound)} worse`;
  return [
    `${kind}: ${order.isBuy === true ? "buy" : "sell"} ${lots === 0n ? "all that is open" : sizeText(facts, lots)} in ${name} ${waits}`,
    worst,
    ...(order.isReduceOnly === true ? ["only reduces"] : ["may open"]),
    ...(expiry === 0n ? [] : [`until ${timeText(expiry)}`]),
  ].join(", ");
}

const BEGINS = [
  "begins with nothing",
  "first buys what its sales will sell",
  "first sells what its purchases will buy back",
];

/** A grid as `GridBook` takes it. */
export function gridText(pro: ProBook, order: Readonly<Record<string, unknown>>): string {
  const number = (name: string) => BigInt(order[name] as bigint);
  const [name, facts] = marketAt(pro, number("market"));
  const price = (field: string) => priceText(facts, number(field));
  return [
    `${number("lines")} lines in ${name} from ${price("low")} to ${price("high")}`,
    `equal ${order.isGeometric === true ? "ratios" : "differences"} apart`,
    `${sizeText(facts, number("lots"))} each`,
    `at most ${number("window")} orders on each side`,
    BEGINS[Number(order.side)],
    ...(number("entryLimit") === 0n ? [] : [`for that no worse than ${price("entryLimit")}`]),
    ...(number("stopLow") === 0n ? [] : [`ends at ${price("stopLow")} or below`]),
    ...(number("stopHigh") === 0n ? [] : [`ends at ${price("stopHigh")} or above`]),
  ].join(", ");
}

/** What a keeper brings before grids are rolled. */
export function itemText(pro: ProBook, item: Readonly<Record<string, unknown>>): string {
  const [name] = marketAt(pro, BigInt(item.market as bigint));
  return BigInt(item.task as bigint) === 0n
    ? `bring the latest price of ${name}`
    : `task ${String(item.task)} in ${name}`;
}

/** A grid that is rolled. */
export function rollText(pro: ProBook, roll: Readonly<Record<string, unknown>>): string {
  const id = BigInt(roll.id as bigint);
  return `roll grid ${id} of ${marketAt(pro, id & 255n)[0]}, ${String(roll.maxLines)} lines at most`;
}

/** What a delegate may do. */
export function rightsText(rights: number): string {
  const name = Object.entries(DELEGATE_RIGHTS).find(([, bits]) => bits === rights)?.[0];
  return name ?? `rights ${rights}`;
}

export function timeText(seconds: bigint): string {
  return new Date(Number(seconds) * 1_000).toISOString();
}

/** Steps are unknown where a market was listed after this page was made. */
function marketAt({ markets }: ProBook, id: bigint): [name: string, facts: ProMarketFacts | undefined] {
  return Object.entries(markets).find(([, each]) => BigInt(each.id) === id) ?? [`market ${id}`, undefined];
}

function scopeText(pro: ProBook, scope: bigint): string {
  return scope === 0n ? "cross" : `${marketAt(pro, scope - 1n)[0]} isolated`;
}

function priceText(facts: ProMarketFacts | undefined, ticks: bigint): string {
  return facts === undefined ? `${ticks} ticks` : grouped(formatPrice(ticks * px(facts.tickSize)));
}

function sizeText(facts: ProMarketFacts | undefined, lots: bigint): string {
  return facts === undefined ? `${lots} lots` : `${formatSize(lots * size(facts.lotSize))} ${facts.asset}`;
}

function amountText(amount: bigint, token: Token | undefined): string {
  return token === undefined ? amount.toString() : `${grouped(formatDecimal(amount, token.decimals))} ${token.symbol}`;
}

function nameOf(names: Readonly<Record<string, bigint>>, value: bigint): string {
  return Object.keys(names).find((name) => names[name] === value) ?? `kind ${value}`;
}
