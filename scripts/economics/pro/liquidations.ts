/** Around a liquidation: who buys what is sold, at which price, and what the fund pays. */
import { cancelAll } from "../../../kit/pro/quotes";
import { max } from "../../../sdk/model";
import { bankruptcyPriceOf, candidateOf, hasPosition, scopeHealth, tickDown, tickUp } from "../../../sdk/model/pro";
import { dollars } from "../strategy";
import type { Draw, Played, Strategy } from "../strategy";
import type { Arena } from "./arena";
import { FUND, SUBS } from "./arena";
import { Ring } from "./Ring";
import { VICTIM, fallOf, untilDue, victimOf } from "./victims";

const LIQUIDATION_SECONDS = 80;
/** Whole dollars of those who bid. */
const CASH = 60_000;
const THIN = 10;
const MILLION = 1_000_000n;
/** Where bids are shown, and for how long they are pulled again. */
const [NEAR_PIPS, PULLING_SECONDS] = [200n, 24];
/** Least that rests, with room, whole dollars; and how many such orders each sub-account has. */
const [DUST, CRUMBS] = [270, 6];
/** Orders of each sub-account that stand in the way: so far from the price, so long before it moves on. */
const [BLOCKS, BLOCK_PIPS, BLOCK_SECONDS] = [32, 19_500n, 5];
/** A step takes a hundred orders off, and everybody sends one a second. */
const MOST_BLOCKED_SECONDS = 3;
const SOLD = 1_000;
/** Who bids beyond the mark waits this far from it: what the fund pays at most. */
const BEYOND_PIPS = 1_000n;

interface Attack {
  /** Eats what the makers bid before the first step. */
  readonly isEating?: boolean;
  /** Puts least orders ahead of each step. */
  readonly isStuffing?: boolean;
  /** Has its own keeper step as often as it may. */
  readonly isStepping?: boolean;
  readonly isBankrupt?: boolean;
  /** Shows bids near the mark and takes them off ahead of each step, so that the book is short. */
  readonly isPulling?: boolean;
  /** Has orders at the far edge of the band, where nobody quotes the other side, so that the jump leaves them beyond it. */
  readonly isBlocking?: boolean;
}

const BOUND = "what the victim had left, and where nothing is left 5% of the fund";

function strategy(id: string, title: string, attack: Attack): Strategy<Arena> {
  return { id, title, bound: BOUND, play: (arena, draw) => play(arena, draw, attack) };
}

export const LIQUIDATIONS: readonly Strategy<Arena>[] = [
  strategy("R37", "own bids at the bankruptcy price of who is liquidated", {}),
  strategy("R37", "own bids beyond the mark where the fund pays", { isBankrupt: true }),
  strategy("R38", "bids near the mark pulled ahead of each step, then bids at the bankruptcy price", {
    isPulling: true,
  }),
  strategy("R40", "a bankrupt scope stepped again and again by the bidder's keeper", {
    isBankrupt: true,
    isStepping: true,
  }),
  strategy("R61", "bids that the jump leaves beyond the band ahead of all others, own bids behind", {
    isBlocking: true,
  }),
  strategy("R63", "least orders ahead of each step, own bids behind", { isStuffing: true }),
  strategy("R64", "bids eaten, own bids at the bankruptcy price, liquidated at once", {
    isEating: true,
    isStepping: true,
  }),
];

async function play(arena: Arena, { window }: Draw, attack: Attack): Promise<Played | undefined> {
  const fall = fallOf(window.path, attack.isBankrupt === true);
  if (fall === undefined) return undefined;
  const { attacker, friend, longHolder, shortHolder, victim } = arena.cast;
  const deposits = [
    victimOf(arena),
    [attacker[0], CASH] as const,
    ...friend.map((account) => [account, CASH / SUBS] as const),
  ];
  return Ring.on(arena, fall.path, deposits, async (ring) => {
    await ring.openHolders(500_000);
    const ahead = { seconds: BLOCK_SECONDS, act: () => block(ring, fall.isLong) };
    if (!(await untilDue(ring, fall, attack.isBlocking === true ? ahead : undefined))) return undefined;
    ring.quote(THIN);
    const held = ring.fund;
    const left = ring.equityOf(victim, fall.path.at(fall.second).priceX10);
    // Makers have come to the new price before whoever eats is there; everybody's keepers are later still.
    if (attack.isEating === true) {
      ring.areKeepersThere = false;
      await ring.seconds(2);
    }
    let [blocked, seconds] = [0, 0];
    const seller = fall.isLong ? longHolder : shortHolder;
    const whole = ring.positionOf(seller);
    await ring.seconds(LIQUIDATION_SECONDS, async () => {
      await attackNow(ring, attack, fall.isLong, seconds++);
      ring.areKeepersThere = true;
      if (attack.isBlocking !== true || ring.positionOf(seller) !== whole) return;
      const sale = ring.take(fall.isLong ? "sell" : "buy", ring.lotsOf(SOLD), { isReduceOnly: true });
      await ring.act(seller, [sale], ring.scene.now - 1);
      blocked += 1;
    });
    const isBlocked = blocked > MOST_BLOCKED_SECONDS;
    const most = max(0n, left) + (left < 0n ? FUND / 20n : 0n);
    return {
      gain: dollars(ring.gain()),
      faults: [...ring.faults(), ...(isBlocked ? [`an honest sale waited ${blocked} seconds`] : [])],
      risked: 2 * CASH,
      most: dollars(most),
      notes: {
        left: dollars(left),
        bought: String(ring.positionOf(attacker[0])),
        over: Number(ring.positionOf(victim) === 0n),
        blocked,
        fund: dollars(ring.fund - held),
      },
    };
  });
}

/** What those who attack put ahead of everybody in a second. */
async function attackNow(ring: Ring, attack: Attack, isLong: boolean, seconds: number): Promise<void> {
  const { attacker, friend, victim } = ring.cast;
  const { state } = ring.pro.exchange;
  const scope = { account: victim };
  if (!hasPosition(state, scope)) return;
  const side = isLong ? "buy" : "sell";
  const tickTime = ring.scene.now - 1;
  if (attack.isEating === true && seconds === 0) {
    await ring.act(attacker[0], [ring.take(isLong ? "sell" : "buy", ring.lotsOf(200_000))], tickTime);
  }
  if (attack.isPulling === true && seconds < PULLING_SECONDS) {
    const near = (ring.price * (MILLION + (isLong ? -NEAR_PIPS : NEAR_PIPS))) / MILLION;
    const tick = isLong ? tickDown(ring.grid, near) : tickUp(ring.grid, near);
    const shown = ring.limit(side, tick, ring.lotsOf(VICTIM.notional), { type: "postOnly" });
    const pulled = cancelAll(state, attacker[0], ring.market);
    await ring.act(attacker[0], pulled.length > 0 ? pulled : [{ ...shown, isSoft: true }]);
    return;
  }
  if (seconds % 3 === 1) {
    const tick = wantedTick(ring, victim, isLong);
    const order = ring.limit(side, tick, ring.lotsOf(VICTIM.notional), { type: "postOnly" });
    await ring.act(attacker[0], [...cancelAll(state, attacker[0], ring.market), { ...order, isSoft: true }], tickTime);
  }
  if (attack.isStuffing === true && seconds % 3 === 1) {
    for (const account of friend) {
      const crumbs = Array.from({ length: CRUMBS }, (_, index) => {
        const price = (ring.price * (MILLION + (isLong ? -100n : 100n) * BigInt(index + 1))) / MILLION;
        const tick = isLong ? tickDown(ring.grid, price) : tickUp(ring.grid, price);
        return { ...ring.limit(side, tick, ring.lotsOf(DUST) + 1n, { type: "postOnly" }), isSoft: true };
      });
      await ring.act(account, [...cancelAll(state, account, ring.market), ...crumbs]);
    }
  }
  if (attack.isStepping === true) {
    const task = { kind: "liquidate", scope, market: ring.market } as const;
    await ring.keep([task, task, task], tickTime);
  }
}

/** The makers go, and the friends' orders take the places that are the worst for whoever meets them. */
async function block(ring: Ring, isLong: boolean): Promise<void> {
  await ring.desert();
  const price = (ring.price * (MILLION + (isLong ? BLOCK_PIPS : -BLOCK_PIPS))) / MILLION;
  const tick = isLong ? tickDown(ring.grid, price) : tickUp(ring.grid, price);
  const order = ring.limit(isLong ? "buy" : "sell", tick, ring.lotsOf(DUST) + 1n, { type: "postOnly" });
  const orders = Array.from({ length: BLOCKS }, () => ({ ...order, isSoft: true }));
  for (const account of ring.cast.friend) await ring.act(account, orders, ring.scene.now - 1);
}

/** The bankruptcy price of somebody's position in a market, or the mark less what the fund pays. */
export function wantedTick(ring: Ring, account: number, isLong: boolean, market = ring.market): bigint {
  const { state } = ring.pro.exchange;
  const scope = { account };
  const health = scopeHealth(state, scope);
  const { config, mark } = state.markets[market];
  const beyond = (mark * (MILLION + (isLong ? -BEYOND_PIPS : BEYOND_PIPS))) / MILLION;
  const price = health.equity < 0n ? beyond : bankruptcyPriceOf(candidateOf(state, scope, market, health));
  return isLong ? tickUp(config.grid, price) : tickDown(config.grid, price);
}
