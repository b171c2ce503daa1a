/** Orders that nobody can fill, shown so that the other side pays funding. */
import { tickDown, tickUp } from "../../../sdk/model/pro";
import { cancelAll } from "../../../kit/pro/quotes";
import { dollars } from "../strategy";
import type { Draw, Played, Strategy } from "../strategy";
import type { Arena } from "./arena";
import { Ring } from "./Ring";

const NOTIONAL = 1_000_000;
const CASH = 80_000;
/** Seconds in which they are shown; an hour and more later they have counted. */
const SHOWN_SECONDS = 120;
const HOUR = 3_600;
const MILLION = 1_000_000n;
/** Of the index: a bid above it, and an ask that it does not meet. */
const [BID_PIPS, ASK_PIPS] = [2_500n, 2_900n];
const EIGHT_HOURS = 28_800;

export const FUNDING: readonly Strategy<Arena>[] = [
  {
    id: "R62",
    title: "bids above the index that expire at once, to be paid funding",
    bound: "the interest of a basis point in eight hours",
    play: (arena, draw) => play(arena, draw),
  },
];

async function play(arena: Arena, { window: { path } }: Draw): Promise<Played> {
  const { attacker, friend, longHolder } = arena.cast;
  const deposits = [attacker[0], ...friend.slice(0, 2)].map((account) => [account, CASH] as const);
  // The price stands: what is gained is funding.
  return Ring.on(arena, path.slice(0, 1), deposits, async (ring) => {
    await ring.openHolders(100_000);
    await ring.trade(longHolder, attacker[0], 20n, NOTIONAL);
    await ring.second(async () => ring.desert());
    const [before, since] = [ring.worth(), ring.scene.now];
    const at = (pips: bigint) => (ring.price * (MILLION + pips)) / MILLION;
    await ring.second(async () => {
      const ask = ring.limit("sell", tickUp(ring.grid, at(ASK_PIPS)), ring.lotsOf(CASH));
      await ring.act(friend[1], [ask], ring.scene.now - 1);
    });
    await ring.seconds(SHOWN_SECONDS, async () => {
      const { state } = ring.pro.exchange;
      const expiry = BigInt(ring.scene.now + 1);
      const bid = ring.limit("buy", tickDown(ring.grid, at(BID_PIPS)), ring.lotsOf(CASH), { expiry });
      const actions = [...cancelAll(state, friend[0], ring.market), bid];
      await ring.act(friend[0], actions, ring.scene.now - 1);
    });
    for (let hour = 0; hour < 2; hour++) {
      await ring.scene.goTo(ring.scene.now + HOUR);
      await ring.scene.mine();
      await ring.seconds(5);
      await ring.second(async () => {
        await ring.act(arena.cast.keeper, [], ring.scene.now);
      });
    }
    const seconds = ring.scene.now - since;
    return {
      gain: dollars(ring.worth() - before),
      faults: ring.faults(),
      risked: NOTIONAL,
      most: (NOTIONAL / 1e4) * (seconds / EIGHT_HOURS),
    };
  });
}
