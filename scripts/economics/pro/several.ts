/** Legs in several markets of one account: a hedge that is taken apart, and a bankrupt in every market at once. */
import type { KeeperTask } from "../../../kit/pro/ProDesk";
import { cancelAll } from "../../../kit/pro/quotes";
import { DEFAULT_PRICES } from "../../../kit/replica";
import { max } from "../../../sdk/model";
import { CALLER_PAY, hasPosition } from "../../../sdk/model/pro";
import type { PricePath } from "../../demo/path";
import { dollars } from "../strategy";
import type { Draw, Played, Strategy } from "../strategy";
import { greatestMove } from "../windows";
import type { Arena } from "./arena";
import { wantedTick } from "./liquidations";
import { Ring } from "./Ring";
import { fallOf, standing, untilDue, victimOf } from "./victims";

const { BNB, ETH } = DEFAULT_PRICES;
const FUNDS = 100_000;
/** Of each leg, whole dollars: within the tier of the highest leverage. */
const LEG = 45_000;
const HEDGED = 200n;
/** From a bankrupt's first step without bids until winners of a hundredth are admitted, and a little. */
const PASSING_SECONDS = 55;
/** Halves of a leg that are passed on in one second. */
const PASSES = 3;
const AFTERMATH_SECONDS = 30;
/** What the hedger has beyond what his legs take, whole dollars. */
const SPARE = 60;
const CASH = 60_000;
/** Of liquidations, where all markets fall at once. */
const LIQUIDATION_SECONDS = 100;
const LEAD_SECONDS = 4;
const THIN = 10;

export const SEVERAL: readonly Strategy<Arena>[] = [
  {
    id: "R43",
    title: "a hedge's winning leg taken for a bankrupt, own bids at the bankruptcy price of the other",
    bound: "what the hedger had left once he fell due, and a keeper's 0.2 USD for each part passed on",
    play: (arena, draw) => takeHedge(arena, draw),
  },
  {
    id: "R66",
    title: "straddles at the highest leverage in every market in the second before the greatest jump",
    bound: "what the losing legs lack together; each fund pays a fifth of itself at most, and all is over in time",
    play: (arena, draw) => straddleAll(arena, draw),
  },
];

/** The second in [from, the last] that is the worst for a side. */
export function worstSecond({ approximate }: PricePath, from: number, isLong: boolean): number {
  let worst = Math.min(from, approximate.length - 1);
  for (let second = worst + 1; second < approximate.length; second++) {
    if (isLong ? approximate[second] < approximate[worst] : approximate[second] > approximate[worst]) worst = second;
  }
  return worst;
}

/** What legs at these leverages take, fees and spread included; whole dollars. */
export function cashOfLegs(leverages: readonly bigint[]): number {
  return leverages.reduce((sum, leverage) => sum + Math.ceil(LEG / Number(leverage) + LEG / 800), 0);
}

async function takeHedge(arena: Arena, { window }: Draw): Promise<Played | undefined> {
  const fall = fallOf(window.path, true);
  if (fall === undefined) return undefined;
  const { isLong, second } = fall;
  const { attacker, hedger, victim } = arena.cast;
  const deposits = [victimOf(arena), [attacker[0], CASH], [hedger, cashOfLegs([HEDGED, HEDGED]) + SPARE]] as const;
  const path = standing(window.path, worstSecond(window.path, second + PASSING_SECONDS, isLong));
  const run = async (ring: Ring): Promise<Played | undefined> => {
    const other = ring.pro.marketOf("ETH");
    await ring.openHolders(500_000);
    const [opened] = await ring.trades(hedger, [
      { market: ring.market, side: isLong ? "sell" : "buy", leverage: HEDGED, dollars: LEG },
      { market: other, side: isLong ? "buy" : "sell", leverage: HEDGED, dollars: LEG },
    ]);
    if (!(await untilDue(ring, fall)) || opened.refused !== undefined) return undefined;
    await ring.second(() => ring.desert());
    let left = 0n;
    await ring.seconds(path.seconds - second + AFTERMATH_SECONDS, async () => {
      const { state } = ring.pro.exchange;
      if (ring.isDue(hedger)) left = max(left, ring.equityOf(hedger));
      const scope = { account: victim };
      const isOpen = hasPosition(state, scope) && ring.positionOf(hedger) !== 0n;
      const tickTime = ring.scene.now - 1;
      const passing: KeeperTask = { kind: "deleverage", scope, market: ring.market, other: hedger };
      if (isOpen) await ring.keep(Array<KeeperTask>(PASSES).fill(passing), tickTime);
      if (isOpen || ring.positionOf(hedger, other) === 0n) return;
      const tick = wantedTick(ring, hedger, isLong, other);
      const bid = ring.limit(isLong ? "buy" : "sell", tick, ring.lotsOf(LEG, other), { market: other });
      const actions = [...cancelAll(state, attacker[0], other), { ...bid, isSoft: true }];
      await ring.act(attacker[0], actions, tickTime, [other]);
    });
    return {
      gain: dollars(ring.gain()),
      faults: ring.faults(),
      risked: CASH,
      most: dollars(left + BigInt(ring.passed) * CALLER_PAY),
      notes: { left: dollars(left), passed: ring.passed, isWhole: Number(ring.positionOf(hedger) !== 0n) },
    };
  };
  return Ring.on(arena, path, deposits, run, { others: { ETH }, funds: FUNDS });
}

async function straddleAll(arena: Arena, { window: { path: whole } }: Draw): Promise<Played> {
  const { cast, pro } = arena;
  const [winner, loser] = [cast.attacker[0], cast.friend[0]];
  const moment = greatestMove(whole, 40, 130);
  const from = Math.max(0, moment - LEAD_SECONDS);
  const [path, at] = [whole.slice(from, whole.seconds), moment - from];
  const leverages = (["BTC", "ETH", "BNB"] as const).map(
    (asset) => pro.exchange.state.markets[pro.marketOf(asset)].config.tiers[0].maxLeverage,
  );
  const cash = cashOfLegs(leverages);
  const deposits = [winner, loser].map((account) => [account, cash] as const);
  const run = async (ring: Ring): Promise<Played> => {
    await ring.openHolders(500_000);
    ring.scene.startPath();
    await ring.untilSecond(at - 1);
    const legs = (side: "buy" | "sell") =>
      ring.scene.markets.map((market, index) => ({ market, side, leverage: leverages[index], dollars: LEG }));
    const answers = await ring.trades(winner, legs("buy"), loser, legs("sell"));
    ring.quote(THIN);
    await ring.seconds(LIQUIDATION_SECONDS);
    const moves = path.approximate.slice(at - 1).map((price) => Math.abs(price / path.approximate[at - 1] - 1));
    const lacking = leverages.length * LEG * Math.max(...moves) - cash;
    const isDue = [winner, loser].some((account) => ring.isDue(account));
    const { gas, steps } = ring.keepers;
    return {
      gain: dollars(ring.gain()),
      faults: [...ring.faults(), ...(isDue ? ["who fell due in every market still has positions"] : [])],
      risked: 2 * cash,
      most: Math.max(0, lacking),
      notes: {
        refused: [...new Set(answers.map(({ refused }) => refused ?? "done"))].join(" "),
        steps,
        gas: steps === 0 ? 0 : Math.round(Number(gas) / steps),
      },
    };
  };
  return Ring.on(arena, path, deposits, run, { others: { ETH, BNB }, funds: FUNDS });
}
