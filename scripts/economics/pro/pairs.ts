/** Pairs that are opened against each other before a jump, so that one leg leaves its loss to others. */
import type { PricePath } from "../../demo/path";
import { dollars } from "../strategy";
import type { Draw, Played, Strategy } from "../strategy";
import { greatestMove } from "../windows";
import type { Arena } from "./arena";
import { SUBS } from "./arena";
import { Ring } from "./Ring";
import type { Answer } from "./Ring";

/** Seconds in which what is due is liquidated, paid for, passed on. */
const AFTERMATH_SECONDS = 100;
const [FROM, TO] = [40, 130];
const LEAD_SECONDS = 4;
/** A tick that is brought is no older. */
const OLDEST_TICK = 5;
/** What makers quote after it, in percent. */
const THIN = 10;

interface Pair {
  readonly leverage: bigint;
  /** Of each leg, whole dollars. */
  readonly notional: number;
  /** Age of the index at which both open. */
  readonly age: number;
  readonly pairs: number;
  /** Makers refresh all the while; else nobody has for as long as the age. */
  readonly isWatched?: boolean;
  /** Opened in the last second before the jump, at its own price. */
  readonly isForeseen?: boolean;
  /** The second greatest move after the greatest, the guard at its edge. */
  readonly isSecond?: boolean;
}

const NOTHING = "nothing: no pair is born bankrupt";
const SHARE =
  "what the losing legs lack; they share the hour's budget of five times the fund, which pays a fifth of itself at most";

function strategy(id: string, title: string, bound: string, pair: Pair): Strategy<Arena> {
  return { id, title, bound, play: (arena, draw) => play(arena, draw, pair) };
}

export const PAIRS: readonly Strategy<Arena>[] = [
  strategy("R22", "a pair at 20x by the tick of five seconds before a move", NOTHING, {
    ...{ leverage: 20n, notional: 1_000_000, age: 5, pairs: 1 },
  }),
  strategy("R23", "the same behind makers who have brought a newer one", "nothing: an older tick is refused", {
    ...{ leverage: 20n, notional: 1_000_000, age: 5, pairs: 1, isWatched: true },
  }),
  strategy("R24", "a pair at 20x by an index of fifteen seconds", NOTHING, {
    ...{ leverage: 20n, notional: 1_000_000, age: 15, pairs: 1 },
  }),
  strategy("R24", "four pairs at 200x by an index of two seconds", SHARE, {
    ...{ leverage: 200n, notional: 45_000, age: 2, pairs: SUBS },
  }),
  strategy("R39", "four straddles at 200x in the second before the greatest jump", SHARE, {
    ...{ leverage: 200n, notional: 45_000, age: 0, pairs: SUBS, isWatched: true, isForeseen: true },
  }),
  strategy("R60", "pairs at 50x by an index of two seconds, after a jump", SHARE, {
    ...{ leverage: 50n, notional: 60_000, age: 2, pairs: SUBS, isSecond: true },
  }),
];

async function play(arena: Arena, { window: { path: whole } }: Draw, pair: Pair): Promise<Played> {
  const { age, leverage, notional, pairs } = pair;
  const { attacker, friend } = arena.cast;
  const isForeseen = pair.isForeseen === true;
  const fees = notional / 400;
  const taking = Math.ceil(notional / Number(leverage) + fees);
  // What rests takes a twentieth.
  const resting = isForeseen ? taking : Math.ceil(notional / 20 + fees);
  const deposits = [
    ...attacker.slice(0, pairs).map((account) => [account, taking] as const),
    ...friend.slice(0, pairs).map((account) => [account, resting] as const),
  ];
  const moment = momentOf(whole, pair);
  // Out of a calm but where the guard is to have seen a jump.
  const from = pair.isSecond === true ? 0 : Math.max(0, moment - age - LEAD_SECONDS);
  const [path, at] = [whole.slice(from, whole.seconds), moment - from];
  return Ring.on(arena, path, deposits, async (ring) => {
    await ring.openHolders(500_000);
    ring.scene.startPath();
    const open = isForeseen ? at - 1 : at;
    if (pair.isWatched !== true) {
      // Whoever was there goes; the last price was brought so long before.
      await ring.untilSecond(open - age);
      await ring.second(async () => {
        await ring.desert();
        await ring.act(arena.cast.accomplice, [], ring.scene.now);
      });
    }
    await ring.untilSecond(open);
    const [held, honest] = [ring.fund, ring.honest()];
    const answers: Answer[] = [];
    await ring.second(async () => {
      for (let each = 0; each < pairs; each++) {
        answers.push(...(await (isForeseen ? straddle(ring, each, pair) : openPair(ring, each, pair))));
      }
    });
    const opened = attacker.filter((account) => ring.positionOf(account) !== 0n).length;
    ring.quote(THIN);
    await ring.seconds(AFTERMATH_SECONDS);
    const moves = path.approximate.slice(open).map((price) => Math.abs(price / path.approximate[open - age] - 1));
    const lacking = notional * Math.max(...moves) - taking;
    return {
      gain: dollars(ring.gain()),
      faults: ring.faults(),
      risked: pairs * (taking + resting),
      most: leverage <= 20n ? 0 : Math.max(0, pairs * lacking),
      notes: {
        opened,
        fund: dollars(ring.fund - held),
        honest: dollars(ring.honest() - honest),
        refused: [...new Set(answers.map(({ refused }) => refused ?? "done"))].join(" "),
      },
    };
  });
}

/** At an old price against each other: the one who takes is on the side that has lost since. */
async function openPair(ring: Ring, each: number, { age, leverage, notional }: Pair): Promise<Answer[]> {
  const { attacker, friend } = ring.cast;
  const tickTime = ring.scene.now - age;
  const old = ring.scene.priceAt("BTC", tickTime);
  const isUp = ring.price > old;
  const tick = old / ring.grid.tickSize;
  const lots = ring.lotsOf(notional);
  const asked = [ring.leverage(leverage), ring.limit(isUp ? "buy" : "sell", tick, lots)];
  const taken = [ring.leverage(leverage), ring.take(isUp ? "sell" : "buy", lots, { tick })];
  const isBroughtNow = each === 0 && age <= OLDEST_TICK;
  return [
    await ring.act(friend[each], asked, isBroughtNow ? tickTime : undefined),
    await ring.act(attacker[each], taken),
  ];
}

/** Both from the makers, at the latest price. */
async function straddle(ring: Ring, each: number, { leverage, notional }: Pair): Promise<Answer[]> {
  const { attacker, friend } = ring.cast;
  const lots = ring.lotsOf(notional);
  const legs = [
    { account: attacker[each], side: "buy" },
    { account: friend[each], side: "sell" },
  ] as const;
  const answers: Answer[] = [];
  for (const { account, side } of legs) {
    const tickTime = each === 0 && side === "buy" ? ring.scene.now - 1 : undefined;
    answers.push(await ring.act(account, [ring.leverage(leverage), ring.take(side, lots)], tickTime));
  }
  return answers;
}

/** The second whose price is furthest from that of so many seconds before. */
function momentOf(path: PricePath, { age, isSecond }: Pair): number {
  const seconds = Math.max(1, age);
  const first = greatestMove(path, FROM, TO, seconds);
  return isSecond === true ? greatestMove(path, first + 3, TO + 5, seconds) : first;
}
