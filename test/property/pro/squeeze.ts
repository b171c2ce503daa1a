/** A scope is squeezed: its price runs from it by and by, one bids for what it has, and a keeper comes again and again. */
import { abs, max, min } from "../../../sdk/model";
import type { Action, Candidate, Scope } from "../../../sdk/model/pro";
import {
  QUOTE,
  bankruptcyPriceOf,
  candidateOf,
  distressOf,
  marketsOf,
  scopeHealth,
  scopeOf,
  tickDown,
  valueOf,
  wantedLots,
} from "../../../sdk/model/pro";
import { CALL_SECONDS } from "./recorded";
import { ACCOUNTS, KEEPER, oppositeTo, refresh } from "./world";
import type { World } from "./world";

type Draw = (below: number) => number;

const ROUNDS = 6;
const LEVERAGE = 20n;
/** Of what is to be closed, dollars: about the edges of tiers, and of what is closed at once. */
const SIZES = [1_500n, 24_000n, 52_000n, 70_000n, 255_000n, 400_000n, 1_100_000n];
/** The most that the leverage allows, and that is brought for it. */
const LARGEST = 4_900_000n * QUOTE;
/** Percent of its maintenance margin that a scope has left at first: just due, little, nothing to speak of, less than nothing. */
const FIRST_LEFT = [97, 97, 75, 12, -5];
/** What of it each round takes. */
const LOST = [0, 4, 20];
/** Seconds beyond those of a round's calls: until less and more than a step waits, and until a distress is forgotten. */
const PAUSES = [0, 1, 2, 3, 6, 22];
/** Percent of the way from the mark to the bankruptcy price that bids lie within. */
const DEPTHS = [28, 70, 120];

/** One of them. */
function any<T>(draw: Draw, values: readonly T[]): T {
  return values[draw(values.length)];
}

/** An order of any account's that is refused by itself. */
function orderOf(market: number, isBuy: boolean, tick: bigint, lots: bigint): Action {
  const side = isBuy ? "buy" : "sell";
  const terms = { type: "limit", expiry: 0n, isReduceOnly: false, selfTrade: "expireMaker", maxFills: 20 } as const;
  return { kind: "place", isSoft: true, order: { ...terms, market, side, tick, lots } };
}

/** An account brings cash of its own for an order. */
function orderWith({ exchange }: World, account: number, market: number, amount: bigint, order: Action): void {
  exchange.deposit(account, amount);
  const { market: isolated } = scopeOf(exchange.state, account, market);
  const transfer = { kind: "transfer", from: { account }, to: { account, market: isolated }, amount } as const;
  const leverage = { kind: "leverage", isSoft: true, market, leverage: LEVERAGE } as const;
  exchange.act(account, [...(isolated === undefined ? [] : [transfer]), leverage, order]);
}

/** An account takes from another what its leverage allows and some more, each with new cash: the other with more than it needs. */
function takeFrom(world: World, account: number, other: number, market: number, isBuy: boolean, draw: Draw): void {
  const { state } = world.exchange;
  const { config, mark } = state.markets[market];
  const { available } = scopeHealth(state, scopeOf(state, account, market));
  const size = any(draw, SIZES) * QUOTE;
  const lots = min(size + 18n * available, LARGEST) / valueOf(config.grid, mark, 1n);
  refresh(world, market);
  const tick = tickDown(config.grid, mark);
  orderWith(world, other, market, min(size + 2n * available, LARGEST), orderOf(market, !isBuy, tick, lots));
  orderWith(world, account, market, (size * 21n) / (20n * LEVERAGE), orderOf(market, isBuy, tick, lots));
}

/** A scope's position where its price has run so far that a part of its maintenance margin is left, percent; not if that is far. */
function pressed({ exchange: { state } }: World, scope: Scope, market: number, left: number): Candidate | undefined {
  const candidate = candidateOf(state, scope, market, scopeHealth(state, scope));
  const { equity, grid, lots, maintenance, mark } = candidate;
  if (lots === 0n) return undefined;
  const perPrice = lots * grid.lotSize;
  const away = ((maintenance * BigInt(left)) / 100n - equity) / perPrice;
  if (abs(away) > mark / 10n) return undefined;
  return { ...candidate, mark: mark + away, equity: equity + away * perPrice };
}

/** Bids, or offers, for what a step wants, a lot or two more or less, in one order or in some. */
function bidsFor(market: number, candidate: Candidate, draw: Draw): Action[] {
  const { grid, lots, mark } = candidate;
  const isLong = lots > 0n;
  // The fund pays up to a thousandth beyond the mark.
  const way = max(abs(bankruptcyPriceOf(candidate) - mark), mark / 1_000n);
  const deepest = any(draw, DEPTHS);
  const wanted = wantedLots(candidate) + BigInt(draw(5)) - 2n;
  const most = wanted / BigInt(1 + draw(3)) + 1n;
  const bids: Action[] = [];
  for (let left = wanted; left > 0n; left -= most) {
    const away = (way * BigInt(draw(deepest))) / 100n;
    bids.push(orderOf(market, isLong, tickDown(grid, isLong ? mark - away : mark + away), min(left, most)));
  }
  return bids;
}

/** A keeper comes when a scope's positions may be passed on, and when its loss may be shared: in the very second or the one before. */
function comeAtLast(world: World, scope: Scope, market: number, draw: Draw): void {
  const { exchange } = world;
  const distress = () => distressOf(exchange.state, scope);
  const opposite = () => oppositeTo(exchange.state, scope.account, market);
  const comeAfter = (since: bigint, seconds: bigint) => {
    exchange.pass(max(0n, since + seconds - exchange.state.now - CALL_SECONDS * 3n));
    refresh(world, 1 - market);
    refresh(world, market);
  };
  if (distress().since === 0n || opposite().length === 0) return;
  comeAfter(distress().since, BigInt(30 - draw(2)));
  exchange.deleverage(scope, market, any(draw, opposite()), KEEPER);
  if (distress().adlSince === 0n) return;
  comeAfter(distress().adlSince, 25n);
  exchange.liquidate(scope, market, 1, KEEPER);
  if (opposite().length === 0) return;
  comeAfter(distress().adlSince, BigInt(45 - draw(2)));
  exchange.shareLoss(scope, market, any(draw, opposite()));
}

/** Squeezes an account by its position in a market until nothing of that is left, or for some rounds. */
export function squeeze(world: World, account: number, market: number, isBuy: boolean, draw: Draw): void {
  const { exchange, prices } = world;
  const other = (account + 1 + draw(ACCOUNTS - 1)) % ACCOUNTS;
  const scope = scopeOf(exchange.state, account, market);
  const [first, lost] = [any(draw, FIRST_LEFT), any(draw, LOST)];
  const pressedIn = (round: number) => pressed(world, scope, market, first - lost * round - draw(8));
  exchange.setBreaker(0);
  if (pressedIn(0) === undefined) takeFrom(world, account, other, market, isBuy, draw);
  if (draw(4) === 0) takeFrom(world, account, other, 1 - market, draw(2) === 0, draw);
  for (let round = 0; round < ROUNDS; round++) {
    const candidate = pressedIn(round);
    if (candidate === undefined) return;
    prices[market] = (prices[market] * candidate.mark) / exchange.state.markets[market].mark;
    exchange.act(other, bidsFor(market, candidate, draw));
    exchange.pass(BigInt(any(draw, PAUSES)));
    refresh(world, 1 - market);
    refresh(world, market);
    const due = any(draw, [market, ...marketsOf(exchange.state, scope)]);
    exchange.liquidate(scope, due, any(draw, [1, 2, 30, 30]), KEEPER);
    const gained = oppositeTo(exchange.state, account, market);
    if (gained.length > 0 && draw(3) === 0) exchange.deleverage(scope, market, any(draw, gained), KEEPER);
  }
  comeAtLast(world, scope, market, draw);
}
