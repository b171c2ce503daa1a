import { cancelAll, ladder } from "../../../kit/pro/quotes";
import { firing, placeStop } from "../../../kit/pro/stops";
import { priceOfTick, tickDown } from "../../../sdk/model/pro";
import { PIPS, formatPrice, formatUsd } from "../../../sdk/units";
import { check } from "../errors";
import type { ProStopReport } from "../report";
import type { Cast } from "./cast";
import { LADDER, checkedHealth, tellTrade } from "./cast";

/** Half of the trader's bitcoin. */
const LOTS = 500n;
/** What the stop lies below the price, and how far that falls. */
const STOP_PIPS = 10_000n;
const FALL_PIPS = 15_000n;
/** Ticks count that are published later than the stop was placed by more than its delay. */
const WAIT_SECONDS = 5;
/** After which prices count as calm again. */
const CALM_SECONDS = 3_600;

/** A stop waits on the chain, the price falls through it, and a keeper brings the tick that fires it. */
export async function tellStop(cast: Cast): Promise<ProStopReport> {
  const { desk, narrator, stage, trader, maker, keeper, btc, eth } = cast;
  const { state } = desk.exchange;
  const { grid } = state.markets[btc].config;
  await desk.desk.refresh();
  const price = desk.desk.priceOf("BTC");
  const tick = tickDown(grid, (price * (PIPS - STOP_PIPS)) / PIPS);
  const stopPrice = formatPrice(priceOfTick(grid, tick));
  narrator.begin(`The trader leaves a stop: half of his bitcoin is sold once the index is ${stopPrice} or lower`);
  const waiting = await placeStop(desk, stage.actors.trader, trader, btc, {
    ...{ kind: "stop", side: "sell", isReduceOnly: true, lots: LOTS, tick },
    ...{ limit: 0n, boundPips: 0n, callbackPips: 0n, expiry: 0n },
  });

  const fallen = (price * (PIPS - FALL_PIPS)) / PIPS;
  await desk.desk.setPrice("BTC", fallen);
  await desk.act(maker, [...cancelAll(state, maker, btc), ...ladder(state, btc, fallen, LADDER)], [btc]);
  await desk.desk.warp(WAIT_SECONDS);
  const before = state.accounts[keeper].cash;
  const fired = await desk.send(await firing(desk, keeper, waiting, await desk.ticksOf([btc, eth])));
  narrator.say("BTC falls through it: a keeper brings the tick and sends the order into the book");
  narrator.price("tick", fired.price);
  const trade = tellTrade(cast, "stop", btc, "sell", { results: [{ placed: fired.placed }], ...fired });
  narrator.row("the keeper gets", `${formatUsd(fired.tip)} ${desk.token.symbol}`);
  check("pro: the stop's lots", fired.placed.filled, LOTS);
  check("pro: the keeper of the stop", state.accounts[keeper].cash - before, fired.tip);
  await checkedHealth(cast, "pro: after the stop", { account: trader });
  await desk.desk.warp(CALM_SECONDS);
  await desk.desk.refresh();
  await desk.keep(keeper, [], [btc, eth]);
  return {
    ...trade,
    stopPrice,
    tickPrice: formatPrice(fired.price),
    toKeeper: formatUsd(fired.tip),
  };
}
