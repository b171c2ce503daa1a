/** Who comes to trade, when and what for. */
import type { MarketPath } from "./market/path";
import type { Random } from "./random";
import { exponential, logNormal } from "./random";
import type { BookTerms, Setting } from "./setting";
import { tierOf } from "./setting";
import type { FeeKind } from "../../sdk/model";

/** How a kind of trader trades. Margins in USD, times in seconds. */
export interface Behaviour {
  key: string;
  about: string;
  mode: FeeKind;
  perHour: number;
  /** Drawn evenly between these on a logarithmic scale. */
  leverage: readonly [number, number];
  medianMarginUsd: number;
  holdSeconds: number;
  /** A coin, with the last five minutes, or against them. */
  direction: "coin" | "trend" | "reversal";
  /** Shares of the margin at which profit is taken and loss is stopped. */
  takeProfit?: number;
  stopLoss?: number;
}

const MINUTE = 60;
const HOUR = 3_600;

export const BEHAVIOURS: readonly Behaviour[] = [
  {
    ...{ key: "holder", about: "holds for hours at low leverage, with the trend" },
    ...{ mode: "standard", perHour: 3, leverage: [1, 10], medianMarginUsd: 2_000, holdSeconds: 3 * HOUR },
    direction: "trend",
  },
  {
    ...{ key: "swing", about: "a target and a stop" },
    ...{ mode: "standard", perHour: 8, leverage: [10, 50], medianMarginUsd: 400, holdSeconds: 2 * HOUR },
    ...{ direction: "coin", takeProfit: 1, stopLoss: 0.5 },
  },
  {
    ...{ key: "trend", about: "with the last five minutes, a stop" },
    ...{ mode: "standard", perHour: 10, leverage: [50, 200], medianMarginUsd: 120, holdSeconds: 40 * MINUTE },
    ...{ direction: "trend", stopLoss: 0.4 },
  },
  {
    ...{ key: "reversal", about: "against the last five minutes, a target" },
    ...{ mode: "standard", perHour: 8, leverage: [50, 250], medianMarginUsd: 120, holdSeconds: 30 * MINUTE },
    ...{ direction: "reversal", takeProfit: 0.8 },
  },
  {
    ...{ key: "gambler", about: "high leverage, no plan" },
    ...{ mode: "standard", perHour: 8, leverage: [250, 500], medianMarginUsd: 60, holdSeconds: 15 * MINUTE },
    direction: "coin",
  },
  {
    ...{ key: "scalper", about: "a quick target of one margin" },
    ...{ mode: "degen", perHour: 12, leverage: [500, 750], medianMarginUsd: 80, holdSeconds: 6 * MINUTE },
    ...{ direction: "coin", takeProfit: 1 },
  },
  {
    ...{ key: "chaser", about: "with the last five minutes, no plan" },
    ...{ mode: "degen", perHour: 8, leverage: [750, 1001], medianMarginUsd: 60, holdSeconds: 10 * MINUTE },
    direction: "trend",
  },
  {
    ...{ key: "maximal", about: "1001x, to the cap or nothing" },
    ...{ mode: "degen", perHour: 18, leverage: [1001, 1001], medianMarginUsd: 60, holdSeconds: 8 * MINUTE },
    direction: "coin",
  },
];

/** Hostile: they come with the path, not by the hour. */
export const HOSTILE = [
  { key: "news", about: "long and short before jumps known beforehand, as much as the book takes" },
  { key: "sniper", about: "sees the next seconds, trades only where that pays" },
] as const;

/** An order that somebody will ask for. */
export interface Request {
  /** Second of the request. */
  at: number;
  behaviour: string;
  mode: FeeKind;
  isLong: boolean;
  leverage: number;
  marginUsd: number;
  /** From the fill to the request of the close. */
  holdSeconds: number;
  takeProfit?: number;
  stopLoss?: number;
}

const MARGIN_SPREAD = 0.8;
const TREND_SECONDS = 300;
/** A little above the least: margins are rounded down. */
const LEAST_MARGIN_USD = 5.01;
const LEAST_NOTIONAL_USD = 200.1;
/** A little below an order's share of the cap, for the same reason. */
const MOST_OF_TIER = 0.9999;

/** All of a path in the order of their requests. Draws don't depend on the terms, so that terms can be compared. */
export function requestsOf(path: MarketPath, setting: Setting, random: Random): Request[] {
  const requests = BEHAVIOURS.flatMap((behaviour) => honest(path, setting, behaviour, random));
  requests.push(...news(path, setting, random), ...snipers(path, setting));
  return requests.sort((a, b) => a.at - b.at);
}

function honest(path: MarketPath, setting: Setting, behaviour: Behaviour, random: Random): Request[] {
  const { key, mode, perHour, takeProfit, stopLoss } = behaviour;
  const requests: Request[] = [];
  const mean = HOUR / perHour / setting.flow;
  for (let at = exponential(random, mean); at < path.price.length; at += exponential(random, mean)) {
    const [coin, share] = [random() < 0.5, random()];
    const margin = logNormal(random, behaviour.medianMarginUsd, MARGIN_SPREAD);
    const holdSeconds = Math.ceil(exponential(random, behaviour.holdSeconds));
    const [low, high] = behaviour.leverage;
    const second = Math.floor(at);
    const leverage = Math.round(low * (high / low) ** share);
    const marginUsd = withinTerms(setting.books[mode], leverage, margin);
    const isLong = directionOf(path, second, behaviour.direction, coin);
    requests.push({
      at: second,
      behaviour: key,
      mode,
      isLong,
      leverage,
      marginUsd,
      holdSeconds,
      takeProfit,
      stopLoss,
    });
  }
  return requests;
}

function directionOf(path: MarketPath, second: number, direction: Behaviour["direction"], coin: boolean): boolean {
  const move = path.price[second] - path.price[Math.max(0, second - TREND_SECONDS)];
  if (direction === "coin" || move === 0) return coin;
  return move > 0 === (direction === "trend");
}

function withinTerms(book: BookTerms, leverage: number, marginUsd: number): number {
  const most = (Number(tierOf(book, leverage).maxNotionalUsd) / 1e18) * MOST_OF_TIER;
  const least = Math.max(LEAST_MARGIN_USD, LEAST_NOTIONAL_USD / leverage);
  return Math.max(Math.min(marginUsd, most / leverage), least);
}

/** Seconds before the jump by which the orders are filled, at most. */
const NEWS_LEAD = 4;

/** Both sides, in as many orders of the largest size as a side takes, filled before the jump. */
function news(path: MarketPath, { books: { degen }, newsShare }: Setting, random: Random): Request[] {
  const leverage = degen.maxLeverage;
  const largest = withinTerms(degen, leverage, Infinity);
  const orders = Math.floor(Number(degen.capUsd) / 1e18 / (largest * leverage));
  return path.jumps.flatMap((jump) => {
    const [isKnown, lead] = [random() < newsShare, 1 + Math.floor(random() * NEWS_LEAD)];
    const at = jump - degen.executionDelay - lead;
    if (!isKnown || at < 0) return [];
    return Array.from({ length: 2 * orders }, (_, order) => ({
      ...{ at, behaviour: "news", mode: degen.mode, isLong: order % 2 === 0, leverage, marginUsd: largest },
      holdSeconds: MINUTE,
    }));
  });
}

/** Moves that pay for a round trip at the largest leverage: both slippages, the close fee and a little. */
const SNIPER_EDGE = 0.0008;
const SNIPER_REST = 10;
const SNIPER_MARGIN_USD = 200;

/** Whoever sees further ahead than the delay of an execution knows how the price goes on from his fill. */
function snipers(path: MarketPath, { books, foresight }: Setting): Request[] {
  const { degen } = books;
  const { price } = path;
  const delay = degen.executionDelay;
  if (foresight <= delay) return [];
  const marginUsd = withinTerms(degen, degen.maxLeverage, SNIPER_MARGIN_USD);
  const requests: Request[] = [];
  for (let at = 0; at + foresight < price.length; at++) {
    const move = price[at + foresight] / price[at + delay] - 1;
    if (Math.abs(move) < SNIPER_EDGE) continue;
    requests.push({
      ...{ at, behaviour: "sniper", mode: degen.mode, isLong: move > 0, leverage: degen.maxLeverage, marginUsd },
      holdSeconds: Math.max(1, foresight - delay),
    });
    at += SNIPER_REST;
  }
  return requests;
}
