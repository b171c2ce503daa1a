import fc from "fast-check";
import { max, min } from "../../../sdk/model";
import type { Action, OrderId, OrderType, Outcome, Scope, SelfTrade } from "../../../sdk/model/pro";
import { QUOTE, allScopes, cashOf, marketsOf, ordersOf, scopeOf, tickDown } from "../../../sdk/model/pro";
import { squeeze } from "./squeeze";
import { ACCOUNTS, CONFIGS, KEEPER, isDue, oppositeTo, refresh } from "./world";
import type { World } from "./world";

/** How often each kind of step is drawn. */
const WEIGHTS = {
  pass: 6,
  move: 12,
  refreshAll: 14,
  place: 26,
  mixed: 14,
  quote: 10,
  duel: 14,
  crash: 5,
  unwind: 8,
  ruin: 6,
  squeeze: 18,
  lean: 3,
  cancel: 3,
  replace: 3,
  lower: 2,
  leverage: 4,
  mode: 3,
  isolate: 4,
  transfer: 3,
  withdraw: 4,
  deposit: 1,
  fund: 1,
  sweep: 1,
  liquidate: 14,
  deleverage: 8,
  shareLoss: 5,
  stretched: 3,
  dead: 2,
  breaker: 1,
};

export type StepKind = keyof typeof WEIGHTS;

/** Numbers that a step makes of what it needs; small ones shrink to the simplest case. */
export interface Step {
  readonly kind: StepKind;
  readonly account: number;
  readonly market: number;
  readonly isBuy: boolean;
  readonly numbers: readonly [number, number, number, number];
}

const TYPES: readonly OrderType[] = ["limit", "limit", "limit", "postOnly", "immediateOrCancel", "fillOrKill"];
const SELF_TRADES: readonly SelfTrade[] = ["expireMaker", "expireMaker", "expireTaker", "expireBoth"];
const LEVERAGES = [1n, 5n, 20n, 20n, 21n, 50n, 100n, 200n];

/** The number that makes `orderOf` place an order so many steps of 60 pips from the mark. */
function quoted(steps: number): number {
  // 229 is the inverse of 7 modulo 801.
  return ((steps + 400) * 229) % 801;
}

/** An order some pips from the mark, of some value. */
function orderOf({ exchange }: World, step: Step): Action {
  const { isBuy, market, numbers } = step;
  const [offset, value, kind, flags] = numbers;
  const { config, mark } = exchange.state.markets[market];
  const pips = BigInt(((offset * 7) % 801) - 400) * 60n;
  const tick = tickDown(config.grid, (mark * (1_000_000n + pips)) / 1_000_000n);
  const { leverage } = exchange.state.accounts[step.account].stakes[market];
  const lot = mark * config.grid.lotSize;
  const most = cashOf(exchange.state, scopeOf(exchange.state, step.account, market)) * leverage;
  const part = (most * BigInt([1, 3, 10, 30, 60, 90, 97][value % 7])) / 100n;
  const lots = max(part, BigInt(10 + (value % 600)) * QUOTE) / lot + 1n;
  const isOpen = kind % 7 === 6;
  return {
    kind: "place",
    isSoft: flags % 5 === 0,
    order: {
      market,
      side: isBuy ? "buy" : "sell",
      type: isOpen ? "immediateOrCancel" : TYPES[kind % TYPES.length],
      tick: isOpen ? 0n : tick,
      lots,
      expiry: flags % 7 === 0 ? exchange.state.now + BigInt(flags % 40) : 0n,
      isReduceOnly: flags % 9 === 1,
      selfTrade: SELF_TRADES[flags % SELF_TRADES.length],
      maxFills: [0, 1, 3, 20, 20, 20, 20, 20, 20][flags % 9],
    },
  };
}

function anyOrder({ exchange: { state } }: World, { account, market, numbers }: Step) {
  const orders = ordersOf(state, account, market);
  if (orders.length === 0) return undefined;
  const order = orders[numbers[0] % orders.length];
  return { order, id: { account, market, slot: order.slot, generation: order.generation } };
}

/** As many numbers as one asks for, drawn from those of a step. */
function drawnFrom({ numbers }: Step): (below: number) => number {
  let state = numbers.reduce((sum, number) => (sum * 10_007 + number) % 2_147_483_647, 1);
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

/** An order that may be there by then: one of the account's that rests, one that is still to rest, or one of anybody's. */
function someId({ exchange: { state } }: World, { account, market }: Step, random: (below: number) => number): OrderId {
  const owner = random(9) === 0 ? random(ACCOUNTS) : account;
  const { generations } = state.accounts[owner].stakes[market];
  const resting = ordersOf(state, owner, market);
  if (resting.length > 0 && random(3) > 0) {
    const { generation, slot } = resting[random(resting.length)];
    return { account: owner, market, slot, generation };
  }
  const slot = random(4);
  return { account: owner, market, slot, generation: generations[slot] + BigInt(random(3)) };
}

/** One of many actions in a call, and whether it is soft. */
function mixedAction(world: World, from: Step, random: (below: number) => number): Action {
  const market = random(5) === 0 ? 1 - from.market : from.market;
  const numbers = [random(10_000), random(6), random(10_000), random(10_000)] as const;
  const step: Step = { ...from, market, isBuy: random(2) === 0, numbers };
  const { account } = step;
  const isSoft = random(4) > 0;
  switch (random(16)) {
    case 0:
    case 1:
    case 2:
      return { kind: "cancel", isSoft, id: someId(world, step, random) };
    case 3:
      return { kind: "lower", isSoft, id: someId(world, step, random), lots: BigInt(random(300)) };
    case 4:
      return { kind: "leverage", isSoft, market, leverage: LEVERAGES[random(LEVERAGES.length)] };
    case 5: {
      const scope = world.exchange.state.accounts[account].stakes[market].isIsolated
        ? { account, market }
        : { account };
      return { kind: "transfer", isSoft, from: { account }, to: scope, amount: BigInt(random(500)) * QUOTE };
    }
    case 6:
    case 7:
      return { kind: "tip", isSoft, keeper: KEEPER, amount: (BigInt(random(4)) * QUOTE) / 20n };
    case 8:
      return { kind: "withdraw", isSoft, amount: BigInt(random(50)) * QUOTE };
    default:
      return { ...orderOf(world, step), isSoft };
  }
}

function mixedActions(world: World, step: Step): Action[] {
  const random = drawnFrom(step);
  return [...Array(2 + random(7)).keys()].map(() => mixedAction(world, step, random));
}

/** A scope: mostly one that is liquidatable, if any is. */
function anyScope(world: World, { numbers }: Step): Scope {
  const { state } = world.exchange;
  const scopes = allScopes(state);
  const due = scopes.filter((scope) => isDue(state, scope));
  const among = due.length > 0 && numbers[3] % 8 > 0 ? due : scopes;
  world.scope = among[numbers[0] % among.length];
  return world.scope;
}

/** An account whose position lies opposite, mostly. */
function anyOpposite({ exchange: { state } }: World, { account, numbers }: Step, scope: Scope, market: number): number {
  const opposite = oppositeTo(state, scope.account, market);
  return opposite.length === 0 || numbers[3] % 11 === 0 ? account : opposite[numbers[2] % opposite.length];
}

/** A keeper works on one scope until nothing of it is due: through the book, then by who gained, then by all. */
function unwind(world: World, step: Step, scope: Scope): void {
  const { exchange, prices } = world;
  const { numbers } = step;
  const most = 1 + (numbers[2] % 30);
  /** Whether it is due still, some time later. */
  const isDueAfter = (seconds: number): boolean => {
    exchange.pass(BigInt(seconds));
    prices.forEach((_, market) => refresh(world, market));
    return isDue(exchange.state, scope);
  };
  exchange.setBreaker(0);
  for (let round = 0; round < [1, 2, 6][numbers[1] % 3] && isDueAfter(1 + (numbers[2] % 9)); round++) {
    exchange.liquidate(scope, marketOf(world, step, scope), most, KEEPER);
  }
  for (let round = 0; round < [0, 3, 7][numbers[2] % 3] && isDueAfter(8); round++) {
    exchange.liquidate(scope, marketOf(world, step, scope), most, KEEPER);
    const market = marketOf(world, { ...step, numbers: [0, round, 0, 1] }, scope);
    for (const other of oppositeTo(exchange.state, scope.account, market)) {
      if (!isDueAfter(0)) return;
      if (round < 6) exchange.deleverage(scope, market, other, KEEPER);
      else exchange.shareLoss(scope, market, other);
    }
  }
}

/** What each kind of step does; the answer is the exchange's own. */
const PERFORM: Record<StepKind, (world: World, step: Step) => Outcome<unknown> | undefined | void> = {
  pass: ({ exchange }: World, { numbers }: Step) => {
    exchange.pass(BigInt([0, 1, 2, 5, 10, 12, 30, 45, 90, 3_700, 8_000][numbers[0] % 11]));
  },
  move: (world: World, { market, numbers }: Step) => {
    const pips = BigInt([5, -5, 60, -60, 800, -800, 6_000, -6_000, 20_000, -20_000, 40_000, -50_000][numbers[0] % 12]);
    world.prices[market] = (world.prices[market] * (1_000_000n + pips)) / 1_000_000n;
    world.exchange.pass(BigInt(1 + (numbers[1] % 3)));
    return refresh(world, market);
  },
  refreshAll: (world: World) => {
    world.exchange.pass(1n);
    return world.prices.map((_, market) => refresh(world, market))[0];
  },
  place: (world: World, step: Step) => world.exchange.act(step.account, [orderOf(world, step)]),
  quote: (world: World, step: Step) => {
    const at = (offset: number, isBuy: boolean) =>
      orderOf(world, { ...step, isBuy, numbers: [quoted(offset), step.numbers[1] % 5, 3, 2] });
    const actions = [-90, -40, -8].flatMap((offset) => [at(offset, true), at(-offset, false)]);
    return world.exchange.act(step.account, actions);
  },
  mixed: (world: World, step: Step) => world.exchange.act(step.account, mixedActions(world, step)),
  duel: (world: World, step: Step) => {
    const { account, isBuy, market, numbers } = step;
    world.prices.forEach((_, other) => refresh(world, other));
    const other = (account + 1 + (numbers[2] % (ACCOUNTS - 1))) % ACCOUNTS;
    const share = 3 + (numbers[1] % 4);
    const maker = { ...step, account: other, isBuy: !isBuy, numbers: [quoted(isBuy ? 1 : -1), share, 3, 2] } as const;
    world.exchange.act(other, [orderOf(world, maker)]);
    const leverage = LEVERAGES[3 + (numbers[3] % 5)];
    const taker = { ...step, numbers: [0, share, 6, 3] } as const;
    return world.exchange.act(account, [{ kind: "leverage", isSoft: true, market, leverage }, orderOf(world, taker)]);
  },
  crash: (world: World, step: Step) => {
    const { exchange, prices } = world;
    const { position } = exchange.state.accounts[step.account].stakes[step.market];
    const pips = BigInt(8_000 + (step.numbers[0] % 60_000)) * (position.lots > 0n ? -1n : 1n);
    prices[step.market] = (prices[step.market] * (1_000_000n + pips)) / 1_000_000n;
    exchange.pass(1n);
    return prices.map((_, market) => refresh(world, market))[0];
  },
  cancel: (world: World, step: Step) => {
    const found = anyOrder(world, step);
    return found && world.exchange.act(step.account, [{ kind: "cancel", id: found.id }]);
  },
  replace: (world: World, step: Step) => {
    const found = anyOrder(world, step);
    return found && world.exchange.act(step.account, [{ kind: "cancel", id: found.id }, orderOf(world, step)]);
  },
  lower: (world: World, step: Step) => {
    const found = anyOrder(world, step);
    const lots = found && (found.order.lots * BigInt(step.numbers[1] % 100)) / 100n;
    return found && world.exchange.act(step.account, [{ kind: "lower", id: found.id, lots: lots ?? 0n }]);
  },
  leverage: ({ exchange }: World, { account, market, numbers }: Step) =>
    exchange.act(account, [{ kind: "leverage", market, leverage: LEVERAGES[numbers[0] % LEVERAGES.length] }]),
  mode: ({ exchange }: World, { account, isBuy, market }: Step) =>
    exchange.act(account, [{ kind: "mode", market, isIsolated: isBuy }]),
  isolate: (world: World, step: Step) => {
    const { account, market, numbers } = step;
    const setMode = { kind: "mode", isSoft: true, market, isIsolated: true } as const;
    const amount = BigInt([500, 3_000, 20_000][numbers[1] % 3]) * QUOTE;
    const transfer = { kind: "transfer", from: { account }, to: { account, market }, amount } as const;
    return world.exchange.act(account, [setMode, transfer, orderOf(world, step)]);
  },
  transfer: ({ exchange }: World, { account, isBuy, market, numbers }: Step) => {
    const [from, to] = isBuy ? [{ account }, { account, market }] : [{ account, market }, { account }];
    const other = numbers[1] % 3 === 0 ? { account: account < 2 ? 1 - account : account } : to;
    return exchange.act(account, [{ kind: "transfer", from, to: other, amount: BigInt(numbers[0] % 30_000) * QUOTE }]);
  },
  withdraw: ({ exchange }: World, { account, numbers }: Step) =>
    exchange.act(account, [{ kind: "withdraw", amount: BigInt(numbers[0] % 60_000) * QUOTE }]),
  deposit: ({ exchange }: World, { account, numbers }: Step) =>
    exchange.deposit(account, BigInt(numbers[0] % 5_000) * QUOTE),
  fund: ({ exchange }: World, { market, numbers }: Step) =>
    exchange.addToFund(market, BigInt(numbers[0] % 3_000) * QUOTE),
  sweep: ({ exchange }: World, { market }: Step) => {
    exchange.sweepFees(market);
  },
  liquidate: (world: World, step: Step) => {
    const scope = anyScope(world, step);
    return world.exchange.liquidate(scope, marketOf(world, step, scope), 1 + (step.numbers[2] % 30), KEEPER);
  },
  deleverage: (world: World, step: Step) => {
    const scope = anyScope(world, step);
    const market = marketOf(world, step, scope);
    return world.exchange.deleverage(scope, market, anyOpposite(world, step, scope, market), KEEPER);
  },
  shareLoss: (world: World, step: Step) => {
    const scope = anyScope(world, step);
    const market = marketOf(world, step, scope);
    return world.exchange.shareLoss(scope, market, anyOpposite(world, step, scope, market));
  },
  stretched: (world: World, step: Step) => {
    const found = anyOrder(world, step);
    const scope = scopeOf(world.exchange.state, step.account, step.market);
    return found && world.exchange.cancelStretched(scope, [found.id], KEEPER);
  },
  dead: (world: World, step: Step) => {
    const found = anyOrder(world, step);
    return found && world.exchange.cancelDead(found.id);
  },
  unwind: (world: World, step: Step) => unwind(world, step, anyScope(world, step)),
  /** Somebody takes what his leverage allows, the price runs through his bankruptcy, and a keeper works on it. */
  ruin: (world: World, step: Step) => {
    const { account, market, numbers } = step;
    PERFORM.duel(world, step);
    const { leverage, position } = world.exchange.state.accounts[account].stakes[market];
    const pips = (1_000_000n * BigInt(80 + (numbers[0] % 120))) / (100n * leverage);
    const away = position.lots > 0n ? 1_000_000n - min(pips, 900_000n) : 1_000_000n + pips;
    world.prices[market] = (world.prices[market] * away) / 1_000_000n;
    const scope = scopeOf(world.exchange.state, account, market);
    unwind(world, { ...step, numbers: [numbers[0], numbers[1], 1 + (numbers[2] % 2), numbers[3]] }, scope);
  },
  squeeze: (world: World, step: Step) => squeeze(world, step.account, step.market, step.isBuy, drawnFrom(step)),
  /** A side of the book stands off the index for a quarter of an hour; the next hour owes funding for it. */
  lean: (world: World, step: Step) => {
    const { exchange } = world;
    const { isBuy, market, numbers } = step;
    const order = orderOf(world, { ...step, numbers: [quoted(isBuy ? 55 : -55), 2 + (numbers[1] % 3), 3, 2] });
    exchange.act(step.account, [order]);
    for (let round = 0; round < 15; round++) {
      exchange.pass(58n);
      refresh(world, market);
    }
    exchange.pass(3_590n - (exchange.state.now % 3_600n) + BigInt(numbers[2] % 60));
    refresh(world, market);
  },
  breaker: ({ exchange }: World, { numbers }: Step) =>
    exchange.setBreaker(exchange.state.breaker > 0 ? 0 : [0, 0, 0, 1, 2, 3][numbers[0] % 6]),
};

/** A market that a scope has something in. */
function marketOf({ exchange: { state } }: World, step: Step, scope: Scope): number {
  const markets = marketsOf(state, scope);
  return markets.length === 0 ? step.market : markets[step.numbers[1] % markets.length];
}

/** Performs a step; what the exchange answered, if it was asked. */
export function perform(world: World, step: Step): Outcome<unknown> | undefined {
  return PERFORM[step.kind](world, step) ?? undefined;
}

const number = fc.nat({ max: 10_000 });

/** Any step. */
export const anyStep: fc.Arbitrary<Step> = fc.record({
  kind: fc.oneof(
    ...(Object.keys(WEIGHTS) as StepKind[]).map((kind) => ({ arbitrary: fc.constant(kind), weight: WEIGHTS[kind] })),
  ),
  account: fc.nat({ max: ACCOUNTS - 1 }),
  market: fc.nat({ max: CONFIGS.length - 1 }),
  isBuy: fc.boolean(),
  numbers: fc.tuple(number, number, number, number),
});
