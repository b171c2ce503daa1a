/** Orders of a dying account that a friend meets, at a mark that has been left behind. */
import { tickDown, tickUp } from "../../../sdk/model/pro";
import { dollars } from "../strategy";
import type { Draw, Played, Strategy } from "../strategy";
import { greatestMove } from "../windows";
import type { Arena } from "./arena";
import { Ring } from "./Ring";
import type { Answer } from "./Ring";

const AFTERMATH_SECONDS = 60;
/** An index serves who increases for so long. */
const OLDEST = 15;
const LEAD_SECONDS = 4;
const LEVERAGE = 20n;
const NOTIONAL = 500_000;
const MARGIN = 27_000;
const FLOORS = 8;
/** What makers quote when they come back, in percent. */
const THIN = 10;
const MILLION = 1_000_000n;
/** Of a price: where a friend waits, within the band of 2%. */
const FAR_PIPS = 18_000n;
const HIGH = { leverage: 200n, notional: 22_000, margin: 200 };

export const RESTING: readonly Strategy<Arena>[] = [
  {
    id: "R19",
    title: "a full account's stale order hit by a friend after a jump",
    bound: "nothing: an order loses at most the margin of its owner",
    play: (arena, draw) => play(arena, draw, staleOrder, [MARGIN, 2 * MARGIN]),
  },
  {
    id: "R20",
    title: "a losing account closed at the band's edge to a friend",
    bound: "nothing: what reduces leaves the maintenance margin",
    play: (arena, draw) => play(arena, draw, closeToFriend, [MARGIN, 2 * MARGIN]),
  },
  {
    id: "R21",
    title: "the gain of one's own fill at a mark left behind, taken for margin",
    bound: "nothing: no profit opens",
    play: (arena, draw) => play(arena, draw, (scene) => pyramid(scene, true), [MARGIN, 8 * MARGIN]),
  },
  {
    id: "R65",
    title: "a pyramid on the gain of one's own fills below the mark",
    bound: "nothing: no profit opens",
    play: (arena, draw) => play(arena, draw, (scene) => pyramid(scene, false), [MARGIN, 8 * MARGIN]),
  },
  {
    id: "R69",
    title: "an order that turns a position at 200x round, hit after a jump",
    bound: "nothing: a twentieth for what turns",
    play: (arena, draw) => play(arena, draw, turnRound, [HIGH.notional / 20 + HIGH.margin, MARGIN]),
  },
];

interface Scene {
  readonly ring: Ring;
  /** The account that may die, one that hedges it, one that meets it. */
  readonly dying: number;
  readonly hedge: number;
  readonly friend: number;
  /** The second of the jump, and whether it goes up. */
  readonly jump: number;
  readonly isUp: boolean;
}

/** Nobody has brought a price for some seconds when the jump comes; what was done, by its answers. */
async function play(
  arena: Arena,
  { window: { path: whole } }: Draw,
  attack: (scene: Scene) => Promise<readonly Answer[]>,
  [own, others]: readonly [number, number],
): Promise<Played> {
  const { attacker, friend } = arena.cast;
  const [dying, hedge, other] = [attacker[0], friend[0], friend[1]];
  const deposits = [
    [dying, own],
    [hedge, others],
    [other, others],
  ] as const;
  const moment = greatestMove(whole, 40, 130);
  const isUp = whole.approximate[moment] > whole.approximate[moment - 1];
  // Out of a calm.
  const jump = OLDEST + LEAD_SECONDS;
  const path = whole.slice(moment - jump, whole.seconds);
  return Ring.on(arena, path, deposits, async (ring) => {
    await ring.openHolders(500_000);
    ring.scene.startPath();
    await ring.untilSecond(jump - OLDEST);
    await ring.second(async () => ring.desert());
    const answers = await attack({ ring, dying, hedge, friend: other, jump, isUp });
    ring.quote(THIN);
    await ring.seconds(AFTERMATH_SECONDS);
    const refused = [...new Set(answers.map(({ refused: reason }) => reason ?? "done"))].join(" ");
    return { gain: dollars(ring.gain()), faults: ring.faults(), risked: own + 2 * others, most: 0, notes: { refused } };
  });
}

/** Opens the dying account's position against its hedge: on the side that the jump is against. */
async function openDying({ dying, hedge, isUp, ring }: Scene, leverage: bigint, notional: number) {
  return isUp ? ring.trade(hedge, dying, leverage, notional) : ring.trade(dying, hedge, leverage, notional);
}

async function staleOrder(scene: Scene): Promise<readonly Answer[]> {
  const { dying, friend, isUp, jump, ring } = scene;
  const answers: Answer[] = [];
  await ring.second(async () => {
    const tick = ring.price / ring.grid.tickSize;
    const order = ring.limit(isUp ? "sell" : "buy", tick, ring.lotsOf(NOTIONAL));
    answers.push(await ring.act(dying, [order], ring.scene.now - 1));
  });
  await ring.untilSecond(jump);
  await ring.second(async () => {
    answers.push(await ring.act(friend, [ring.take(isUp ? "buy" : "sell", ring.lotsOf(NOTIONAL))]));
  });
  return answers;
}

async function closeToFriend(scene: Scene): Promise<readonly Answer[]> {
  const { dying, friend, isUp, jump, ring } = scene;
  const answers = [...(await openDying(scene, LEVERAGE, NOTIONAL))];
  await ring.untilSecond(jump);
  await ring.second(async () => {
    const far = (ring.price * (MILLION + (isUp ? FAR_PIPS : -FAR_PIPS))) / MILLION;
    const tick = isUp ? tickDown(ring.grid, far) : tickUp(ring.grid, far);
    const lots = ring.lotsOf(NOTIONAL);
    answers.push(await ring.act(friend, [ring.limit(isUp ? "sell" : "buy", tick, lots)], ring.scene.now));
    for (const part of [1n, 2n, 4n, 8n]) {
      const close = ring.take(isUp ? "buy" : "sell", lots / part, { isReduceOnly: true });
      answers.push(await ring.act(dying, [close]));
    }
  });
  return answers;
}

async function pyramid({ dying, friend, isUp, jump, ring }: Scene, isStale: boolean): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (let floor = 0; floor < FLOORS; floor++) {
    const tickTime = isStale ? undefined : ring.scene.now;
    await ring.second(async () => {
      // Far on the side that makes who dies win at once.
      const far = (ring.price * (MILLION + (isUp ? FAR_PIPS : -FAR_PIPS))) / MILLION;
      const tick = isUp ? tickDown(ring.grid, far) : tickUp(ring.grid, far);
      const lots = ring.lotsOf(NOTIONAL / 4);
      answers.push(await ring.act(friend, [ring.limit(isUp ? "buy" : "sell", tick, lots)], tickTime));
      answers.push(await ring.act(dying, [ring.take(isUp ? "sell" : "buy", lots, { tick })]));
    });
  }
  await ring.untilSecond(jump);
  return answers;
}

async function turnRound(scene: Scene): Promise<readonly Answer[]> {
  const { dying, friend, hedge, isUp, jump, ring } = scene;
  const answers: Answer[] = [];
  const open = isUp
    ? await ring.trade(dying, hedge, HIGH.leverage, HIGH.notional)
    : await ring.trade(hedge, dying, HIGH.leverage, HIGH.notional);
  answers.push(...open);
  await ring.second(async () => {
    const tick = ring.price / ring.grid.tickSize;
    const order = ring.limit(isUp ? "sell" : "buy", tick, 2n * ring.lotsOf(HIGH.notional));
    answers.push(await ring.act(dying, [order], ring.scene.now - 1));
  });
  await ring.untilSecond(jump);
  await ring.second(async () => {
    answers.push(await ring.act(friend, [ring.take(isUp ? "buy" : "sell", 2n * ring.lotsOf(HIGH.notional))]));
  });
  return answers;
}
