/** Orders that nobody can fill, and touches at chosen seconds, so that the other side pays funding. */
import { fundingRate, tickDown, tickUp } from "../../../sdk/model/pro";
import { cancelAll } from "../../../kit/pro/quotes";
import type { PricePath } from "../../demo/path";
import { averageOf } from "../../risk/statistics";
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
/** Seconds of a window in which touches are timed, and the oldest price that a maker's quote stands for. */
const [TIMED_SECONDS, QUOTE_SECONDS] = [180, 30];

export const FUNDING: readonly Strategy<Arena>[] = [
  {
    id: "R62",
    title: "bids above the index that expire at once, to be paid funding",
    bound: "the interest of a basis point in eight hours",
    play: (arena, draw) => play(arena, draw),
  },
  {
    id: "R67",
    title: "a touch in every second that favours a million short, as if the hour went on like that",
    bound: "what quotes that lag behind the price show by themselves, beyond the interest",
    play: (arena, draw) => timeTouches(arena, draw),
  },
];

/** How far quotes of up to so many seconds before lie above the price, on average over the seconds of a path; a share. */
export function lagOf({ approximate }: PricePath, seconds: number): number {
  const lags = approximate.map((price, second) => {
    const quoted = approximate.slice(Math.max(0, second - seconds), second + 1);
    return Math.max(...quoted) / price - 1;
  });
  return averageOf(lags);
}

async function timeTouches(arena: Arena, { window }: Draw): Promise<Played> {
  const { accomplice, attacker, longHolder } = arena.cast;
  const path = window.path.slice(0, TIMED_SECONDS);
  return Ring.on(arena, path, [[attacker[0], CASH]], async (ring) => {
    await ring.openHolders(100_000);
    await ring.trade(longHolder, attacker[0], 20n, NOTIONAL);
    ring.scene.startPath();
    const { config } = ring.pro.exchange.state.markets[ring.market];
    const fundingNow = () => ring.pro.exchange.state.markets[ring.market].funding;
    await ring.second();
    const before = fundingNow();
    let touches = 0;
    await ring.untilSecond(path.seconds - 1, async () => {
      const { now } = ring.scene;
      // The bids of a second before lie above a price that has fallen.
      if (ring.scene.priceAt("BTC", now) >= ring.scene.priceAt("BTC", now - 1)) return;
      touches += 1;
      await ring.act(accomplice, [], now);
    });
    const after = fundingNow();
    const seconds = after.touchedAt - before.touchedAt;
    const mean = (after.premiumSumX18 - before.premiumSumX18) / seconds;
    const anHour = (meanX18: bigint) => (NOTIONAL * HOUR * Number(fundingRate(meanX18, config))) / 1e18 / EIGHT_HOURS;
    const lagX18 = BigInt(Math.ceil(lagOf(path, QUOTE_SECONDS) * 1e18));
    return {
      gain: anHour(mean) - anHour(0n),
      faults: ring.faults(),
      risked: NOTIONAL,
      most: anHour(lagX18) - anHour(0n),
      notes: { touches, premiumPips: Number(mean) / 1e12, lagPips: Number(lagX18) / 1e12 },
    };
  });
}

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
