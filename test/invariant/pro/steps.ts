import { expect } from "chai";
import { abs, min } from "../../../sdk/model";
import type { Holding } from "../../../sdk/model/pro";
import {
  isAdmitted,
  maintenanceOf,
  passesLeavingRule,
  passesOpeningRule,
  passesReductionRule,
} from "../../../sdk/model/pro";
import type { Order, State } from "../../../kit/pro/ProStore";
import {
  MARKETS,
  cashOf,
  holdingsOf,
  partyOf,
  scopeHealth,
  scopeId,
  scopesOf,
  sideOf,
} from "../../../kit/pro/invariants";
import type { Scope } from "../../../kit/pro/invariants";
import * as actions from "../../dsl/proActions";
import { ORDER_TYPE, ask, bid } from "../../dsl/proActions";
import { TASK, keeperItem } from "../../dsl/proCalls";
import type { Dice } from "../dice";
import { BROKER } from "./rebuilding";
import type { Acted, ProWorld, Seat } from "./world";

const USD = 10n ** 18n;
const STEP_PAUSE = 10n;
const OUTCOME = { skipped: 0n, cancelled: 2n, reduced: 3n, distressed: 4n, deleveraged: 5n, lossShared: 6n };
/** Only orders were removed, or nobody is liquidated yet. */
const EXCUSES = [actions.REASON.NothingFilled, actions.REASON.LiquidationGrace];

export interface Turn {
  readonly world: ProWorld;
  readonly dice: Dice;
}

type Step = (turn: Turn) => Promise<void>;

/** Dollars of a lot, and how far quotes lie from the index. */
const near = ({ dice, world }: Turn, market: number, reach = 60): bigint => {
  const index = world.desk.tickAt(BigInt(market));
  return index + (index * BigInt(dice.between(-reach, reach))) / 10_000n;
};

const lotsOf = ({ dice }: Turn, market: number): bigint =>
  BigInt(dice.between(6, 120)) * (market === 2 ? 1n : market === 1 ? 2n : 1n);

/** What each scope that was changed must satisfy afterwards, at the stored marks and indices. */
function checkMargin({ after, before, receipt, seat }: Acted, isLeaving = false): void {
  if (receipt === undefined) return;
  for (const scope of scopesOf(after).filter(({ account }) => account === seat.id)) {
    const own = MARKETS.flatMap((_, market) => {
      const [was, is] = [partyOf(before, seat.id, market), partyOf(after, seat.id, market)];
      const isOfScope = scope.market === undefined ? !is.isIsolated : scope.market === market;
      return isOfScope ? [{ was, is }] : [];
    });
    const hasGrown = own.some(({ was, is }) => {
      const isRaised = is.leverage !== was.leverage && (is.lots !== 0n || is.slots !== 0n);
      const isTurned = is.lots !== 0n && is.lots > 0n !== was.lots > 0n;
      const hasRested = is.bidTickLots > was.bidTickLots || is.askTickLots > was.askTickLots;
      return abs(is.lots) > abs(was.lots) || isTurned || hasRested || isRaised;
    });
    const hasShrunk = own.some(({ was, is }) => is.lots !== was.lots);
    const [cash, health] = [cashOf(after, scope), scopeHealth(after, scope)];
    const name = `Pro 12: scope ${scopeId(scope)}`;
    const hasLeft = isLeaving && cashOf(after, scope) < cashOf(before, scope);
    if (hasLeft) expect(passesLeavingRule(cash, health), `${name} was left with too little`).to.equal(true);
    else if (hasGrown) expect(passesOpeningRule(cash, health), `${name} opened with too little`).to.equal(true);
    else if (hasShrunk) expect(passesReductionRule(health), `${name} reduced to too little`).to.equal(true);
  }
}

/** What is done in one isolated market leaves the account's other scopes alone. */
function checkIsolation({ after, before, receipt, seat }: Acted, market: number): void {
  if (receipt === undefined || !partyOf(before, seat.id, market).isIsolated) return;
  const others = [...MARKETS.keys()].filter((other) => other !== market);
  for (const other of others) {
    const { isolatedCash, lots } = partyOf(before, seat.id, other);
    const now = partyOf(after, seat.id, other);
    expect([now.lots, now.isolatedCash], `Pro 23: market ${other}`).to.deep.equal([lots, isolatedCash]);
  }
  // What the scope has left may return.
  const [had, has] = [before, after].map((state) => cashOf(state, { account: seat.id }));
  expect(has >= had, `Pro 23: cross cash of ${had} became ${has}`).to.equal(true);
}

async function place(turn: Turn, fields: Partial<actions.PlaceFields> = {}, count = 1): Promise<void> {
  const { dice, world } = turn;
  const seat = dice.one(world.seats);
  const market = dice.between(0, MARKETS.length - 1);
  const list = Array.from({ length: count }, () =>
    actions.place({
      market: BigInt(market),
      isBid: dice.percent(50),
      tick: near(turn, market),
      lots: lotsOf(turn, market),
      maxFills: BigInt(dice.between(1, 12)),
      selfTrade: BigInt(dice.between(0, 2)),
      ...fields,
    }),
  );
  await world.refresh();
  await world.look();
  const acted = await world.act(seat, list);
  checkMargin(acted);
  checkIsolation(acted, market);
}

/** A step with one of the orders that rest; without any some come to rest first. */
function withOrder(change: (turn: Turn, seat: Seat, order: Order) => Promise<void>): Step {
  return async (turn) => {
    const { dice, world } = turn;
    const order = world.state.orders.length === 0 ? undefined : dice.one(world.state.orders);
    const seat = order === undefined ? undefined : world.seatOf(order.account);
    await (order === undefined || seat === undefined ? place(turn, {}, 3) : change(turn, seat, order));
  };
}

/** Does in one order and in parts what takes, from the same state. */
async function split(turn: Turn): Promise<void> {
  const { dice, world } = turn;
  const seat = dice.one(world.seats);
  const market = dice.between(0, MARKETS.length - 1);
  const isBid = dice.percent(50);
  await world.refresh();
  const before = await world.look();
  const best = sideOf(before, market, !isBid)[0];
  if (best === undefined) return place(turn, {}, 3);
  const { pro } = world.context;
  const order = (lots: bigint) =>
    actions.place({ market: BigInt(market), isBid, tick: best.tick, lots, ...{ type: ORDER_TYPE.immediateOrCancel } });
  const whole = min(best.lots, 40n) / 4n;
  if (whole === 0n) return;
  const change = async (list: bigint[]): Promise<bigint | undefined> => {
    const snapshot = (await world.context.desk.provider.send("evm_snapshot", [])) as string;
    try {
      const sent = await pro.connect(seat.owner).act(seat.id, [], list);
      const receipt = await sent.wait();
      const taken = receipt === null ? [] : world.eventsOf(receipt).filter(({ name }) => name === "Taken");
      return taken.reduce((sum, { args }) => sum + (args.fee as bigint), 0n);
    } catch {
      return undefined;
    } finally {
      await world.context.desk.provider.send("evm_revert", [snapshot]);
    }
  };
  const [one, parts] = [await change([order(4n * whole)]), await change([1, 2, 3, 4].map(() => order(whole)))];
  if (one === undefined || parts === undefined) return;
  // As many lots at the same prices, and never less in fees.
  expect(parts >= one, `Pro 22: parts paid ${parts}, the whole ${one}`).to.equal(true);
}

const liquidatableOf = (state: State): Scope[] =>
  scopesOf(state).filter((scope) => {
    const { equity, maintenance } = scopeHealth(state, scope);
    return maintenance > 0n && equity < maintenance;
  });

/** What an account holds in a market, as the model takes it. */
function holdingIn(state: State, account: bigint, market: number): Holding {
  const { isIsolated } = partyOf(state, account, market);
  const holdings = holdingsOf(state, isIsolated ? { account, market } : { account });
  const found = holdings.find(({ terms }) => terms === MARKETS[market]);
  if (found === undefined) throw new Error(`account ${account} has nothing in market ${market}`);
  return found;
}

/** The market of a scope's largest maintenance margin. */
function largestOf(state: State, scope: Scope): number {
  if (scope.market !== undefined) return scope.market;
  const held = MARKETS.map((_, market) => {
    const { isIsolated } = partyOf(state, scope.account, market);
    const holding = holdingIn(state, scope.account, market);
    return isIsolated ? 0n : maintenanceOf(holding, holding.mark);
  });
  return held.reduce((best, margin, market) => (margin > held[best] ? market : best), 0);
}

/** Who holds the opposite of a scope's position. */
function rivalsOf({ state, seats }: ProWorld, scope: Scope, market: number): Seat[] {
  const { lots } = partyOf(state, scope.account, market);
  return seats.filter(({ id }) => {
    const held = partyOf(state, id, market).lots;
    return held !== 0n && lots !== 0n && held > 0n !== lots > 0n;
  });
}

/** A step makes progress or notes distress, and never makes a debt. */
async function liquidate(turn: Turn, scope: Scope): Promise<void> {
  const { dice, world } = turn;
  const market = largestOf(world.state, scope);
  const item = keeperItem(TASK.liquidate, {
    scope: scopeId(scope),
    market: BigInt(market),
    amount: BigInt(dice.between(3, 30)),
  });
  const { after, before, results } = await world.keep([item]);
  const [{ outcome, reason }] = results;
  const { equity, maintenance } = scopeHealth(before, scope);
  if (outcome === OUTCOME.skipped) {
    const { lastStep } = partyOf(before, scope.account, market);
    const isPaused = before.time < lastStep + STEP_PAUSE + 2n && 3n * equity >= 2n * maintenance;
    const isHealthy = equity >= maintenance || maintenance === 0n;
    const isKnown = isPaused || isHealthy || EXCUSES.includes(reason);
    expect(isKnown, `Pro 15: skipped for ${reason}`).to.equal(true);
    return;
  }
  world.count(outcome === OUTCOME.distressed ? "distressed" : outcome === OUTCOME.reduced ? "reduced" : "cleared");
  const left =
    holdingsOf(after, scope, before.markets).length === 0 ? undefined : scopeHealth(after, scope, before.markets);
  // An isolated scope that was emptied has returned what it had left.
  if (left !== undefined && outcome !== OUTCOME.cancelled) {
    const owed = min(0n, equity) - left.equity;
    // Funding of the seconds between the look and the step is a few units of quote.
    expect(owed <= USD, `Pro 16: equity of ${equity} became ${left.equity}`).to.equal(true);
  }
}

/** Who gives up a position ranks high enough, and the scope has no order left; the rest is the contract's refusal. */
async function deleverage({ world }: Turn, scope: Scope): Promise<void> {
  const market = largestOf(world.state, scope);
  const rivals = rivalsOf(world, scope, market);
  const items = rivals.map(({ id }) =>
    keeperItem(TASK.deleverage, { scope: scopeId(scope), market: BigInt(market), other: id }),
  );
  const { after, before, results } = await world.keep(items);
  const since = after.distress.get(scopeId(scope))?.adlSince ?? 0n;
  for (const [place, { outcome }] of results.entries()) {
    if (outcome !== OUTCOME.deleveraged) continue;
    world.count("deleveraged");
    const resting = before.orders.filter((order) => order.account === scope.account);
    const isOfScope = ({ market: of }: Order) => scope.market === undefined || scope.market === of;
    expect(resting.filter(isOfScope), "Pro 19: orders rest").to.deep.equal([]);
    // The record of a scope without position is gone, and with it the clock.
    if (since === 0n) continue;
    const { indices, mark, position, terms } = holdingIn(before, rivals[place].id, market);
    const isHigh = isAdmitted(terms.grid, position, mark, indices, after.time - since);
    expect(isHigh, "Pro 19: admitted below the threshold").to.equal(true);
  }
}

async function shareLoss({ world }: Turn, scope: Scope): Promise<void> {
  const market = largestOf(world.state, scope);
  for (const { id } of rivalsOf(world, scope, market)) {
    const item = keeperItem(TASK.shareLoss, { scope: scopeId(scope), market: BigInt(market), other: id });
    const { results } = await world.keep([item]);
    if (results[0].outcome === OUTCOME.lossShared) world.count("lossShared");
  }
}

async function move({ dice, world }: Turn, pips: number): Promise<void> {
  const { desk } = world.context;
  const asset = dice.one(["BTC", "ETH", "BNB"] as const);
  const { tickSize } = world.context.profile.pro.markets.find((market) => market.assetKey === asset) ?? {
    tickSize: 1n,
  };
  const price = (desk.priceOf(asset) * BigInt(1_000_000 + pips)) / 1_000_000n;
  await desk.setPrice(asset, (price / tickSize) * tickSize);
  await world.refresh();
  await world.look();
}

/** A position of nearly all that an account can bear, a fall to so many thousandths, and what follows to the last resort. */
async function fall(turn: Turn, thousandths: number, hasBids = false): Promise<void> {
  const { world } = turn;
  const { breaker, desk } = world.context;
  // Not in the grace after a halt.
  await desk.warpTo(Number(await breaker.liquidationsAllowedFrom()));
  await desk.refresh();
  // Second accounts: none of them is isolated.
  const [victim, winner] = [world.seats[1], world.seats[3]];
  await world.desk.deposit(victim.owner, victim.sub, 20_000n);
  await world.desk.deposit(winner.owner, winner.sub, 80_000n);
  world.paidIn += 100_000n * USD;
  const cancelAll = async () => {
    for (const seat of world.seats) {
      const own = world.state.orders.filter(({ account }) => account === seat.id);
      const words = own.map(({ id }) => actions.cancel(id));
      if (words.length > 0) await world.act(seat, words, false);
    }
  };
  await cancelAll();
  await world.refresh();
  await world.look();
  const at = world.desk.tickAt(0n);
  const value = scopeHealth(world.state, { account: victim.id }).available * 18n;
  const size = value / (at * MARKETS[0].grid.tickSize * MARKETS[0].grid.lotSize);
  const lowered = actions.setLeverage(0n, 20n);
  await world.act(winner, [lowered, ask(at, size)]);
  checkMargin(await world.act(victim, [lowered, bid(at, size, { type: ORDER_TYPE.immediateOrCancel })]));
  await cancelAll();
  const before = desk.priceOf("BTC");
  await desk.setPrice("BTC", ((before * BigInt(thousandths)) / 1_000n / 10n ** 10n) * 10n ** 10n);
  await world.refresh();
  await world.look();
  if (hasBids) await world.act(winner, [bid(world.desk.tickAt(0n), size)]);
  for (let round = 0; round < 8; round++) {
    const [scope] = liquidatableOf(world.state).filter(({ account }) => account === victim.id);
    if (scope === undefined) break;
    await liquidate(turn, scope);
    await desk.warp(9);
    await desk.refresh();
    if (round >= 3 && liquidatableOf(world.state).some(({ account }) => account === victim.id)) {
      await (round < 6 ? deleverage(turn, scope) : shareLoss(turn, scope));
    }
  }
  await desk.setPrice("BTC", before);
  await world.refresh();
  await world.look();
}

/** Every kind of step, and how often it is drawn. */
export const STEPS: Readonly<Record<string, readonly [Step, number]>> = {
  quote: [(turn) => place(turn, {}, turn.dice.between(2, 4)), 14],
  take: [(turn) => place(turn, { type: ORDER_TYPE.immediateOrCancel }), 14],
  postOnly: [(turn) => place(turn, { type: ORDER_TYPE.postOnly }, 2), 4],
  fillOrKill: [(turn) => place(turn, { type: ORDER_TYPE.fillOrKill }), 3],
  reduceOnly: [(turn) => place(turn, { isReduceOnly: true }, 2), 6],
  expiring: [(turn) => place(turn, { expiry: turn.world.state.time + BigInt(turn.dice.between(2, 60)) }), 5],
  cancel: [
    withOrder(async ({ world }, seat, { id }) => {
      const { after, receipt } = await world.act(seat, [actions.cancel(id)], false);
      expect(receipt, "Pro 28: a cancellation was refused").to.not.equal(undefined);
      expect(after.orders.some((order) => order.id === id)).to.equal(false);
      const stale = await world.act(seat, [actions.cancel(id)], false);
      expect(stale.receipt, "Pro 24: cancelled twice").to.equal(undefined);
    }),
    5,
  ],
  lower: [
    withOrder(async ({ dice, world }, seat, { id, lots }) => {
      await world.act(seat, [actions.lower(id, (lots * BigInt(dice.between(20, 110))) / 100n)]);
    }),
    4,
  ],
  replace: [
    withOrder(async (turn, seat, { id, isBid, lots, market }) => {
      const next = actions.place({ market: BigInt(market), isBid, tick: near(turn, market), lots });
      await turn.world.refresh();
      await turn.world.look();
      checkMargin(await turn.world.act(seat, [actions.cancel(id), next]));
    }),
    4,
  ],
  leverage: [
    async ({ dice, world }) => {
      const market = BigInt(dice.between(0, 2));
      await world.refresh();
      await world.look();
      checkMargin(await world.act(dice.one(world.seats), [actions.setLeverage(market, BigInt(dice.between(2, 60)))]));
    },
    5,
  ],
  isolate: [
    async (turn) => {
      const { dice, world } = turn;
      const market = dice.between(0, 2);
      const scope = BigInt(market) + 1n;
      const order = actions.place({
        ...{
          market: BigInt(market),
          isBid: dice.percent(50),
          tick: near(turn, market, 20),
          lots: lotsOf(turn, market),
        },
      });
      await world.refresh();
      await world.look();
      const brought = actions.transfer(0n, scope, BigInt(dice.between(300, 2_000)) * USD, 0n);
      const seat = dice.one(world.seats.filter(({ sub }) => sub === 0n));
      checkMargin(await world.act(seat, [actions.setMode(BigInt(market), true), brought, order]), true);
    },
    5,
  ],
  transfer: [
    async ({ dice, world }) => {
      const seat = dice.one(world.seats);
      const amount = BigInt(dice.between(1, 4_000)) * USD;
      await world.refresh();
      const { available } = scopeHealth(await world.look(), { account: seat.id });
      const acted = await world.act(seat, [actions.transfer(0n, 0n, amount, 1n - seat.sub)], false);
      if (acted.receipt !== undefined) expect(amount <= available, "Pro 14: beyond what was available").to.equal(true);
      checkMargin(acted, true);
    },
    3,
  ],
  withdraw: [
    async ({ dice, world }) => {
      const { desk, pro, profile } = world.context;
      const seat = dice.one(world.seats);
      const dollars = BigInt(dice.between(1, 9_000));
      await world.refresh();
      const { available } = scopeHealth(await world.look(), { account: seat.id });
      const amount = desk.tokenUnits(profile.pro.settlementSymbol, dollars);
      const words = actions.withdraw(seat.owner.address, amount);
      const send = () => pro.connect(seat.owner).act(seat.id, [], words);
      const acted = await world.attempt(seat, words, send, dollars * USD);
      const hasLeft = acted.receipt !== undefined;
      expect(!hasLeft || dollars * USD <= available, "Pro 14: beyond what was available").to.equal(true);
      checkMargin(acted, true);
    },
    4,
  ],
  deposit: [
    async ({ dice, world }) => {
      const seat = dice.one(world.seats);
      const dollars = BigInt(dice.between(1, 3_000));
      await world.desk.deposit(seat.owner, seat.sub, dollars);
      world.paidIn += dollars * USD;
    },
    3,
  ],
  fund: [
    async ({ dice, world }) => {
      await world.desk.fill(world.context.other, BigInt(dice.between(0, 2)), 100n);
      world.paidIn += 100n * USD;
    },
    2,
  ],
  sweep: [
    async ({ dice, world }) => {
      const { pro } = world.context;
      const market = world.state.markets.findIndex(({ fees }) => fees > USD);
      if (market < 0) return place({ dice, world }, { type: ORDER_TYPE.immediateOrCancel });
      const before = (await world.custody()).collateral;
      await pro.sweepFees(market, [BROKER]);
      const swept = before - (await world.custody()).collateral;
      expect(world.state.markets[market].fees - swept >= 0n && swept > 0n, "Pro 4: swept").to.equal(true);
      world.paidIn -= swept;
    },
    3,
  ],
  gift: [
    async ({ world }) => {
      const { pro, profile, replica } = world.context;
      await replica.mintToken(profile.pro.settlementSymbol, await pro.getAddress(), 1_000n);
    },
    1,
  ],
  move: [(turn) => move(turn, turn.dice.between(-4_000, 4_000)), 10],
  jump: [(turn) => move(turn, turn.dice.between(-45_000, 45_000)), 3],
  wait: [
    async ({ dice, world }) => {
      const { desk } = world.context;
      await desk.warp(dice.percent(20) ? dice.between(3_000, 8_000) : dice.between(5, 60));
      await desk.refresh();
    },
    5,
  ],
  liquidate: [
    async (turn) => {
      const due = liquidatableOf(turn.world.state);
      const scope = due.length > 0 ? turn.dice.one(due) : turn.dice.one(scopesOf(turn.world.state));
      await liquidate(turn, scope);
    },
    6,
  ],
  stretched: [
    withOrder(async ({ world }, { id: account }, { id, market }) => {
      const { keeper, pro } = world.context;
      const { isIsolated } = partyOf(world.state, account, market);
      const scope = scopeId(isIsolated ? { account, market } : { account });
      await world.refresh();
      await pro.connect(keeper).cancelStretched(scope, [id], keeper);
    }),
    2,
  ],
  dead: [
    async ({ world }) => {
      const dead = world.state.orders.filter(({ expiry }) => expiry !== 0n);
      await world.context.pro.cancelDead(dead.map(({ id }) => id));
    },
    3,
  ],
  halt: [
    async (turn) => {
      const { breaker, desk, guardian, quickRiskManager } = turn.world.context;
      // One halt a day.
      await desk.warpTo(Number(await breaker.raisedAt()) + 2 * 86_400);
      await desk.refresh();
      await place(turn, {}, 2);
      await breaker.connect(guardian).raise(3);
      await turn.world.look();
      await STEPS.cancel[0](turn);
      await breaker.connect(quickRiskManager).lower(0, await breaker.raisedAt());
      await desk.warp(turn.dice.between(1, 30));
      await desk.refresh();
    },
    2,
  ],
  mint: [
    async ({ world }) => {
      const { breaker, desk, lp, profile } = world.context;
      // Not in the grace after a halt.
      await desk.warpTo(Number(await breaker.liquidationsAllowedFrom()));
      await desk.mint(lp, profile.pro.settlementSymbol, desk.tokenUnits(profile.pro.settlementSymbol, 10n));
    },
    1,
  ],
  split: [split, 3],
  crash: [(turn) => fall(turn, turn.dice.between(910, 940)), 2],
  squeeze: [(turn) => fall(turn, 949, true), 2],
};
