import { expect } from "chai";
import fc from "fast-check";
import type { ActionResult, ExchangeState, Outcome, Scope } from "../../../sdk/model/pro";
import {
  BTC_MARKET,
  INVARIANTS,
  allScopes,
  bandEdge,
  bookedCollateral,
  brokenInvariants,
  cashOf,
  healthOf,
  holdingsOf,
  isSameScope,
  scopeHealth,
  unrealisedOf,
} from "../../../sdk/model/pro";
import { max, min } from "../../../sdk/model";
import type { Step } from "./steps";
import { anyStep, perform } from "./steps";
import type { World } from "./world";
import { ACCOUNTS, newWorld } from "./world";

const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
const NUM_RUNS = Number(process.env.FUZZ_RUNS ?? 12);
const FUZZ_SECONDS = Number(process.env.FUZZ_SECONDS ?? 0);
const PARAMETERS = {
  seed: SEED,
  numRuns: NUM_RUNS,
  ...(FUZZ_SECONDS > 0 ? { interruptAfterTimeLimit: FUZZ_SECONDS * 1_000 } : {}),
};

/** What a step asked and got, with the state before it. */
interface Taken {
  readonly world: World;
  readonly before: ExchangeState;
  readonly step: Step;
  readonly outcome: Outcome<unknown> | undefined;
}

type Check = (taken: Taken) => string | undefined;

/** Worth of a scope at the marks of another moment, with its present holdings, and with funding as it came to in a third. */
function equityAt(state: ExchangeState, marks: ExchangeState, scope: Scope, funding = state): bigint {
  const holdings = holdingsOf(state, scope).map((holding) => {
    const number = state.markets.findIndex(({ config }) => config === holding.terms);
    const { indices } = funding.markets[number].funding;
    return { ...holding, indices, mark: marks.markets[number].mark };
  });
  return healthOf(cashOf(state, scope), holdings).equity;
}

/** 10: an owner's call leaves the positions of his other accounts alone. */
const nobodyTradesWithHimself: Check = ({ before, step, world }) => {
  if (step.account > 1 || !["place", "quote", "replace"].includes(step.kind)) return undefined;
  const other = 1 - step.account;
  const held = (state: ExchangeState) => state.accounts[other].stakes.map(({ position }) => position.lots);
  return held(before).join() === held(world.exchange.state).join() ? undefined : `account ${other} traded`;
};

/** 9: what a taker pays lies within the band on his losing side. */
const fillsWithinBand: Check = ({ before, outcome, step }) => {
  if (step.kind !== "place" || outcome === undefined || "refused" in outcome) return undefined;
  const [{ placed }] = outcome.done as ActionResult[];
  if (placed === undefined || placed.filled === 0n) return undefined;
  const { config, mark } = before.markets[step.market];
  const side = step.isBuy ? "buy" : "sell";
  const edge = bandEdge(config.grid, mark, config.bandPips, side);
  const isWithin = step.isBuy ? placed.tickLots <= edge * placed.filled : placed.tickLots >= edge * placed.filled;
  return isWithin ? undefined : `${placed.tickLots} for ${placed.filled} lots`;
};

/** 14: a withdrawal is within what was available. */
const leavesWithinAvailable: Check = ({ before, outcome, step, world }) => {
  if (step.kind !== "withdraw" || outcome === undefined || "refused" in outcome) return undefined;
  const scope = { account: step.account };
  const left = cashOf(before, scope) - cashOf(world.exchange.state, scope);
  const { available } = scopeHealth(before, scope);
  return left <= available ? undefined : `${left} of ${available}`;
};

/** What a keeper's call did in which scope, if it was one and was not refused. */
function keeperCall({ outcome, step, world }: Taken): { readonly kind: string; readonly scope: Scope } | undefined {
  const isKeepers = ["liquidate", "deleverage"].includes(step.kind) && world.scope !== undefined;
  if (!isKeepers || outcome === undefined || "refused" in outcome || world.scope === undefined) return undefined;
  return { kind: (outcome.done as { kind: string }).kind, scope: world.scope };
}

/** 16: a step of a liquidation never lowers equity, at the marks used, below min(0, equity before). */
const stepsKeepEquity: Check = (taken) => {
  const call = keeperCall(taken);
  if (call?.kind !== "stepped") return undefined;
  // The call brings funding to now, whatever it closes.
  const { state } = taken.world.exchange;
  const was = equityAt(taken.before, taken.before, call.scope, state);
  const now = equityAt(state, taken.before, call.scope);
  return now < min(0n, was) ? `${was} became ${now}` : undefined;
};

/** 19: who takes over a position loses no more than he had gained with it; nobody else's equity changes. */
const candidatesKeepTheirCost: Check = (taken) => {
  if (keeperCall(taken)?.kind !== "passed") return undefined;
  const { before, world } = taken;
  const { state } = world.exchange;
  const had = (scope: Scope) => equityAt(before, before, scope, state);
  const losers = allScopes(before).filter((scope) => equityAt(state, before, scope) < had(scope));
  if (losers.length > 1) return `${losers.length} scopes lost`;
  for (const scope of losers) {
    const gain = holdingsOf(before, scope).reduce((sum, one) => sum + max(0n, unrealisedOf(one, one.mark)), 0n);
    const lost = had(scope) - equityAt(state, before, scope);
    if (lost > gain) return `${lost} of a gain of ${gain}`;
  }
  return undefined;
};

/** 28: no level of the breaker stops a cancellation. */
const cancellingIsFree: Check = ({ before, outcome, step }) =>
  step.kind === "cancel" && outcome !== undefined && "refused" in outcome
    ? `refused at level ${before.breaker}: ${outcome.refused}`
    : undefined;

/** 23: what a call does in an isolated scope leaves its account's other markets alone. */
const isolatedIsAlone: Check = ({ before, step, world }) => {
  if (step.kind !== "place") return undefined;
  const { stakes } = before.accounts[step.account];
  const other = 1 - step.market;
  if (!stakes[step.market].isIsolated) return undefined;
  const after = world.exchange.state.accounts[step.account];
  const isSame =
    after.stakes[other].isolatedCash === stakes[other].isolatedCash &&
    after.stakes[other].position.lots === stakes[other].position.lots &&
    after.cash >= before.accounts[step.account].cash;
  return isSame ? undefined : "another scope changed";
};

const CHECKS: Readonly<Record<string, Check>> = {
  nobodyTradesWithHimself,
  fillsWithinBand,
  leavesWithinAvailable,
  stepsKeepEquity,
  candidatesKeepTheirCost,
  cancellingIsFree,
  isolatedIsAlone,
};

/** A step of a liquidation that found no bid. */
const stepped = { kind: "stepped", lots: 0n, fromFund: 0n, isDistressed: true } as const;

/** Everything that a step broke. */
function broken(taken: Taken): string[] {
  const findings = Object.entries(CHECKS).flatMap(([name, holds]) => {
    const finding = holds(taken);
    return finding === undefined ? [] : [`${name}: ${finding}`];
  });
  return [...brokenInvariants(taken.world.exchange.state), ...findings];
}

describe("pro model: random use of the whole exchange", function () {
  it("keeps every invariant after every step", () => {
    const terms = fc.record({
      cash: fc.constantFrom(1_000n, 20_000n, 200_000n),
      fund: fc.constantFrom(0n, 500n, 50_000n),
      steps: fc.array(anyStep, { minLength: 20, maxLength: 160, size: "max" }),
    });
    fc.assert(
      fc.property(terms, ({ cash, fund, steps }) => {
        const world = newWorld(cash, fund);
        for (const step of steps) {
          const before = structuredClone(world.exchange.state);
          const outcome = perform(world, step);
          expect(broken({ world, before, step, outcome }), step.kind).to.deep.equal([]);
        }
      }),
      PARAMETERS,
    );
  });

  it("takes a second of funding for no loss of a step that closes nothing", () => {
    const world = newWorld(1_000n, 0n);
    const step = (kind: Step["kind"], account = 0, market = 0, numbers: Step["numbers"] = [0, 0, 0, 0]): Step => {
      return { kind, account, market, isBuy: false, numbers };
    };
    const steps = [
      step("duel", 0, 1, [0, 3386, 7, 0]),
      step("crash", 3, 1),
      step("move", 0, 1, [8903, 0, 0, 0]),
      ...(["place", "move", "mixed", "place", "mixed", "fund", "quote"] as const).map((kind) => step(kind)),
      step("liquidate", 0, 0, [0, 0, 0, 169]),
    ];
    for (const taken of steps) {
      const before = structuredClone(world.exchange.state);
      const outcome = perform(world, taken);
      expect(broken({ world, before, step: taken, outcome }), taken.kind).to.deep.equal([]);
      if (taken.kind !== "liquidate") continue;
      expect(outcome).to.deep.include({ done: { ...stepped, wanted: 1501n } });
      expect(before.markets[1].funding.touchedAt).to.equal(world.exchange.state.now - 1n);
    }
  });

  it("finds each invariant broken where it is", () => {
    const breaks: Record<keyof typeof INVARIANTS, (state: ExchangeState) => void> = {
      sizesBalance: ({ accounts }) => void (accounts[0].stakes[0].position = { lots: 1n, cost: 0n, snapshot: 0n }),
      booksBalance: (state) => void (state.collateral += 1n),
      openInterestAgrees: ({ markets }) => void (markets[0].openLots = 1n),
      bookIsSound: ({ markets }) => void markets[0].book.buy.push({ tick: 1n, orders: [] }),
      bookIsUncrossed: ({ markets }) => {
        markets[0].book.buy.push({ tick: 2n, orders: [] });
        markets[0].book.sell.push({ tick: 2n, orders: [] });
      },
      sumsAgree: ({ accounts }) => void (accounts[0].orders = 1),
      fundingCancels: ({ markets }) =>
        void (markets[0].funding = { ...markets[0].funding, indices: { longOwed: 1n, shortOwed: 0n } }),
      markIsNear: ({ markets }) => void (markets[0].mark *= 2n),
      nobodyOwes: ({ accounts }) => void (accounts[0].cash = -1n),
      fundsHold: ({ markets }) => void (markets[0].fund.held = -1n),
      isolatedCashIsNeeded: ({ accounts }) => void (accounts[0].stakes[0].isolatedCash = 1n),
      flatCostsNothing: ({ accounts }) => void (accounts[0].stakes[0].position = { lots: 0n, cost: 1n, snapshot: 0n }),
    };
    for (const [name, breakIt] of Object.entries(breaks)) {
      const { state } = newWorld(1_000n, 0n).exchange;
      expect(brokenInvariants(state)).to.deep.equal([]);
      breakIt(state);
      expect(INVARIANTS[name](state), name).to.be.a("string");
    }
    expect(Object.keys(breaks)).to.have.members(Object.keys(INVARIANTS));
  });

  it("begins with what was deposited", () => {
    const { state } = newWorld(1_000n, 500n).exchange;
    expect(state.collateral).to.equal(BigInt(ACCOUNTS * 1_000 + 2 * 500) * 10n ** 18n);
    expect(bookedCollateral(state)).to.equal(state.collateral);
    expect(state.markets[0].config).to.deep.equal(BTC_MARKET);
    expect(isSameScope({ account: 0 }, { account: 0, market: 0 })).to.equal(false);
  });
});
