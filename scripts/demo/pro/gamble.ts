import { cancelAll, ladder, marketOrder } from "../../../kit/pro/quotes";
import type { Rung } from "../../../kit/pro/quotes";
import { eventsOf } from "../../../kit/pro/told";
import { QUOTE, cashOf, holdingOf, quotePerTickLot, scopeHealth } from "../../../sdk/model/pro";
import { formatPrice, formatSize, formatUsd } from "../../../sdk/units";
import { check } from "../errors";
import type { ProIsolatedReport, ProReport } from "../report";
import type { Cast } from "./cast";
import { checkedHealth, equityOf, tellGas, tellTrade } from "./cast";

const LEVERAGE = 50n;
/** Half a BTC: what a day of any price leaves room for at this leverage. */
const LOTS = 500n;
/** Beyond the initial margin: the fee and what the book takes. */
const CUSHION = 80n * QUOTE;
/** What of the maintenance margin is left where it is liquidated: a half, so that all is closed at once. */
const LEFT_DIVISOR = 2n;
/** Enough for the whole position at the best price. */
const DEEP_LADDER: readonly Rung[] = [100n, 300n, 500n].map((pips) => ({ pips, lots: 1_500n }));

/** A long at 50x with cash of its own. */
export async function tellGamble(cast: Cast): Promise<ProIsolatedReport> {
  const { desk, narrator, gambler, maker, btc } = cast;
  narrator.begin(`A gambler buys half a BTC at ${LEVERAGE}x, isolated: no more than its own cash can be lost`);
  const { state } = desk.exchange;
  await desk.desk.refresh();
  const price = desk.desk.priceOf("BTC");
  await desk.act(maker, [...cancelAll(state, maker, btc), ...ladder(state, btc, price, DEEP_LADDER)], [btc]);
  const { grid } = state.markets[btc].config;
  const needed = (price * grid.lotSize * LOTS) / LEVERAGE + CUSHION;
  const margin = needed - (needed % QUOTE);
  const scope = { account: gambler, market: btc };
  const opened = await desk.act(
    gambler,
    [
      { kind: "mode", market: btc, isIsolated: true },
      { kind: "leverage", market: btc, leverage: LEVERAGE },
      { kind: "transfer", from: { account: gambler }, to: scope, amount: margin },
      marketOrder(btc, "buy", LOTS),
    ],
    [btc],
  );
  const trade = tellTrade(cast, "isolated buy", btc, "buy", opened);
  const { positions } = await checkedHealth(cast, "pro: the gambler", scope);
  const [{ bankruptcyPrice, liquidationPrice }] = positions;
  narrator.row("isolated cash", `${formatUsd(margin)} ${desk.token.symbol}`);
  narrator.price("liquidation price", liquidationPrice);
  narrator.price("bankruptcy price", bankruptcyPrice);
  return {
    ...trade,
    leverage: LEVERAGE.toString(),
    margin: formatUsd(margin),
    liquidationPrice: formatPrice(liquidationPrice),
    bankruptcyPrice: formatPrice(bankruptcyPrice),
  };
}

/** The price falls, the maker follows it, and a keeper closes the position against his bids. */
export async function tellLiquidation(cast: Cast): Promise<ProReport["liquidation"]> {
  const { desk, narrator, gambler, keeper, maker, btc } = cast;
  const { state } = desk.exchange;
  const scope = { account: gambler, market: btc };
  const { position } = holdingOf(state, gambler, btc);
  const { maintenance } = scopeHealth(state, scope);
  const { grid } = state.markets[btc].config;
  const due = position.cost - cashOf(state, scope) + maintenance / LEFT_DIVISOR;
  const price = due / (grid.lotSize * position.lots);
  narrator.begin("BTC falls below the liquidation price; a keeper sells the position to the book");
  await desk.desk.setPrice("BTC", price);
  await desk.act(maker, [...cancelAll(state, maker, btc), ...ladder(state, btc, price, DEEP_LADDER)], [btc]);

  const was = { cash: state.accounts[gambler].cash, keeper: state.accounts[keeper].cash };
  const equity = equityOf(cast, scope);
  const { mark } = state.markets[btc];
  await desk.desk.setPrice("BTC", price);
  const kept = await desk.keep(keeper, [{ kind: "liquidate", scope, market: btc }], [btc]);
  const [outcome] = kept.outcomes;
  check("pro: liquidated", "done" in outcome && outcome.done.kind === "stepped", true);
  const lots = position.lots - state.accounts[gambler].stakes[btc].position.lots;
  check("pro: all of it", lots, LOTS);
  const { fees, fromFund, tickLots } = await lastReduction(cast);
  const notional = tickLots * quotePerTickLot(grid);
  const left = state.accounts[gambler].cash - was.cash;
  const toKeeper = state.accounts[keeper].cash - was.keeper;
  check("pro: what is left returns to the account", left > 0n, true);
  check("pro: nothing of it stays isolated", cashOf(state, scope), 0n);
  await checkedHealth(cast, "pro: after the liquidation", { account: gambler });

  const size = lots * grid.lotSize;
  narrator.price("mark", mark);
  narrator.row("equity at it", `${formatUsd(equity, 6)} ${desk.token.symbol}`);
  narrator.row(`sold ${formatSize(size)} BTC`, `at ${formatPrice(notional / size, 4)} USD on average`);
  narrator.row("fees", `${formatUsd(fees, 6)} ${desk.token.symbol}, of which the keeper ${formatUsd(toKeeper, 6)}`);
  narrator.row("from the fund", `${formatUsd(fromFund)} ${desk.token.symbol}`);
  narrator.row("left to the gambler", `${formatUsd(left, 6)} ${desk.token.symbol}`);
  tellGas(cast, "liquidate", kept);
  return {
    markPrice: formatPrice(mark),
    equity: formatUsd(equity),
    size: formatSize(size),
    price: formatPrice(notional / size),
    fees: formatUsd(fees),
    toKeeper: formatUsd(toKeeper),
    fromFund: formatUsd(fromFund),
    left: formatUsd(left),
  };
}

/** What the last step of a liquidation told. */
async function lastReduction({ desk }: Cast): Promise<{ fees: bigint; fromFund: bigint; tickLots: bigint }> {
  const { provider } = desk.desk;
  const { address, abi } = desk.pro;
  const logs = (await provider.send("eth_getLogs", [{ address, fromBlock: "latest" }])) as {
    address: string;
    topics: string[];
    data: string;
  }[];
  const events = eventsOf(logs, address, abi);
  const argsOf = (name: string) => events.find((event) => event.name === name)?.args;
  const [taken, reduced] = [argsOf("Taken"), argsOf("ScopeReduced")];
  if (taken === undefined || reduced === undefined) throw new Error("the latest block has no liquidation");
  const { fees, fromFund } = reduced as unknown as { fees: bigint; fromFund: bigint };
  return { fees, fromFund, tickLots: taken.tickLots as bigint };
}
