/** Among winners, when a bankrupt's position is passed on: who gives up what. */
import type { KeeperTask } from "../../../kit/pro/ProDesk";
import { hasPosition } from "../../../sdk/model/pro";
import { dollars } from "../strategy";
import type { Draw, Played, Strategy } from "../strategy";
import type { Arena } from "./arena";
import { Ring } from "./Ring";
import { fallOf, untilDue, victimOf } from "./victims";

const PASSING_SECONDS = 110;
const NOTIONAL = 200_000;
const CASH = 12_000;

interface Attack {
  /** Has its own keeper pass the position on to the honest winner, before anybody else. */
  readonly isSparing?: boolean;
  /** Holds its position in parts. */
  readonly isSplit?: boolean;
  /** Tries scopes that are healthy, too. */
  readonly isEager?: boolean;
}

const BOUND = "no more than the own position's profit at the price that stands";

function strategy(id: string, title: string, attack: Attack): Strategy<Arena> {
  return { id, title, bound: BOUND, play: (arena, draw) => play(arena, draw, attack) };
}

export const WINNERS: readonly Strategy<Arena>[] = [
  strategy("R41", "own winners spared, the honest ones passed to by one's own keeper", { isSparing: true }),
  strategy("R42", "a winner in four parts", { isSplit: true }),
  strategy("R44", "passing on early, again and again, of healthy scopes", { isSparing: true, isEager: true }),
];

async function play(arena: Arena, { window }: Draw, attack: Attack): Promise<Played | undefined> {
  const fall = fallOf(window.path, true);
  if (fall === undefined) return undefined;
  const { attacker, longHolder, shortHolder, victim } = arena.cast;
  const parts = attack.isSplit === true ? attacker : attacker.slice(0, 1);
  const deposits = [victimOf(arena), ...parts.map((account) => [account, CASH / parts.length + 1] as const)];
  return Ring.on(arena, fall.path, deposits, async (ring) => {
    await ring.openHolders(500_000);
    for (const account of parts) {
      const [buyer, seller] = fall.isLong ? [longHolder, account] : [account, shortHolder];
      await ring.trade(buyer, seller, 20n, NOTIONAL / parts.length);
    }
    if (!(await untilDue(ring, fall))) return undefined;
    const price = fall.path.at(fall.second).priceX10;
    const own = parts.reduce((sum, account) => sum + ring.profitOf(account, price), 0n);
    const [left, held] = [ring.equityOf(victim, price), ring.fund];
    await ring.second(async () => ring.desert());
    await ring.seconds(PASSING_SECONDS, async () => {
      const tasks = tasksOf(ring, attack, fall.isLong);
      if (tasks.length > 0) await ring.keep(tasks, ring.scene.now - 1);
    });
    return {
      gain: dollars(ring.gain() - own),
      faults: ring.faults(),
      risked: CASH,
      most: 0,
      notes: {
        left: dollars(left),
        over: Number(ring.positionOf(victim) === 0n),
        profit: dollars(own),
        fund: dollars(ring.fund - held),
      },
    };
  });
}

function tasksOf(ring: Ring, { isEager, isSparing }: Attack, isLong: boolean): KeeperTask[] {
  const { longHolder, shortHolder, victim } = ring.cast;
  const { market } = ring;
  const { state } = ring.pro.exchange;
  const [winner, loser] = isLong ? [shortHolder, longHolder] : [longHolder, shortHolder];
  if (isSparing !== true || !hasPosition(state, { account: victim })) return [];
  const passing: KeeperTask = { kind: "deleverage", scope: { account: victim }, market, other: winner };
  if (isEager !== true) return [passing];
  return [passing, passing, { kind: "deleverage", scope: { account: loser }, market, other: winner }];
}
