/**
 * Pro in one chapter. Its price is told here, from where the path has left it: eight quiet hours, then a fall. Every call is made
 * on the chain and by the exact model in the same second, and compared.
 */
import { ProDesk } from "../../../kit/pro/ProDesk";
import { ladder, marketOrder } from "../../../kit/pro/quotes";
import { QUOTE, fundingOwed, fundingRate, scopeHealth } from "../../../sdk/model/pro";
import { formatDecimal, formatPrice, formatUsd } from "../../../sdk/units";
import { check } from "../errors";
import type { Narrator } from "../narrator";
import type { ProReport } from "../report";
import type { Stage } from "../stage";
import { tellProBooks } from "./books";
import type { Cast } from "./cast";
import { LADDER, checkedHealth, tellGas, tellTrade } from "./cast";
import { tellGamble, tellLiquidation } from "./gamble";
import { tellStop } from "./stop";

const FUND = 20_000n * QUOTE;
const DEPOSITS = { maker: 200_000n, trader: 20_000n, gambler: 5_000n, keeper: 10n } as const;
const HOURS = 8;
const HOURS_BETWEEN = 2;
const HOUR_SECONDS = 3_600;
/** A whole bitcoin, and ten ether: lots of 0.001 and 0.01. */
const BITCOIN = 1_000n;
const TEN_ETHER = 1_000n;

export async function tellPro(stage: Stage, narrator: Narrator): Promise<ProReport> {
  const { cast, accounts } = await openAccounts(stage, narrator);
  await tellQuotes(cast);
  const { trade, health } = await tellCross(cast);
  const funding = await tellFunding(cast);
  const stop = await tellStop(cast);
  const isolated = await tellGamble(cast);
  const liquidation = await tellLiquidation(cast);
  const withdrawal = await tellWithdrawal(cast);
  const booksBalanced = await tellProBooks(cast);
  const token = cast.desk.token.symbol;
  const fund = formatUsd(FUND);
  return { token, fund, accounts, trade, health, funding, stop, isolated, liquidation, withdrawal, booksBalanced };
}

async function openAccounts(stage: Stage, narrator: Narrator) {
  const { actors } = stage;
  const desk = await ProDesk.open(stage.desk);
  const { symbol } = desk.token;
  narrator.begin(`Pro, the order book: the fund of BTC gets ${formatUsd(FUND)} ${symbol}, and accounts are opened`);
  const btc = desk.marketOf("BTC");
  await desk.addToFund(actors.founder, btc, FUND);
  const join = async (name: keyof typeof DEPOSITS) => desk.join(actors[name], DEPOSITS[name] * QUOTE);
  const numbers = {
    maker: await join("maker"),
    trader: await join("trader"),
    gambler: await join("gambler"),
    keeper: await join("keeper"),
  };
  const accounts = Object.entries(numbers).map(([name, number]) => {
    const deposit = DEPOSITS[name as keyof typeof DEPOSITS].toString();
    narrator.row(`the ${name}, account ${desk.ids[number].toString()}`, `${deposit} ${symbol}`);
    return { name, account: desk.ids[number].toString(), deposit };
  });
  return { cast: { stage, narrator, desk, ...numbers, btc, eth: desk.marketOf("ETH") }, accounts };
}

async function tellQuotes(cast: Cast): Promise<void> {
  const { desk, narrator, maker, btc, eth } = cast;
  narrator.begin("A maker quotes five levels on both sides of BTC and ETH, in one call");
  const { state } = desk.exchange;
  await desk.desk.refresh();
  const quotes = [btc, eth].flatMap((market) => ladder(state, market, desk.desk.priceOf(desk.assetOf(market)), LADDER));
  const quoted = await desk.act(maker, quotes, [btc, eth]);
  const resting = quoted.results.filter(({ placed }) => placed?.id !== undefined).length;
  check("pro: quotes that rest", String(resting), String(4 * LADDER.length));
  const { pro, proLens } = desk.desk.system;
  const [best] = await proLens.book(pro, btc, true, 1);
  const [worst] = await proLens.book(pro, btc, false, 1);
  narrator.row("best bid and ask of BTC", `${best.tick.toString()} and ${worst.tick.toString()} USD, 0.6 BTC each`);
  tellGas(cast, "quotes", quoted);
}

async function tellCross(cast: Cast): Promise<Pick<ProReport, "trade" | "health">> {
  const { desk, narrator, trader, btc, eth } = cast;
  narrator.begin("A trader buys 1 BTC and sells 10 ETH at 20x, both margined by the same cash");
  await desk.desk.refresh();
  const bought = await desk.act(trader, [marketOrder(btc, "buy", BITCOIN)], [btc, eth]);
  const trade = tellTrade(cast, "buy", btc, "buy", bought);
  const sold = await desk.act(trader, [marketOrder(eth, "sell", TEN_ETHER)]);
  tellTrade(cast, "sell", eth, "sell", sold);
  const shown = await checkedHealth(cast, "pro: the trader", { account: trader });
  const { liquidationPrice } = shown.positions[0];
  const health = {
    equity: formatUsd(shown.equity),
    initialMargin: formatUsd(shown.initialMargin),
    maintenanceMargin: formatUsd(shown.maintenanceMargin),
    available: formatUsd(shown.available),
    liquidationPrice: formatPrice(liquidationPrice),
  };
  narrator.usd("equity", shown.equity);
  narrator.usd("initial margin", shown.initialMargin);
  narrator.usd("maintenance margin", shown.maintenanceMargin);
  narrator.usd("available", shown.available);
  narrator.price("liquidation price of BTC", liquidationPrice);
  return { trade, health };
}

/** Longs and shorts owe each other every second; a touch now and then brings the indices forward. */
async function tellFunding(cast: Cast): Promise<ProReport["funding"]> {
  const { desk, narrator, trader, maker, btc, eth } = cast;
  narrator.begin(`${HOURS} hours pass: the long of BTC pays funding, the maker who is short receives it`);
  const { state } = desk.exchange;
  const before = owed(cast, trader);
  const beforeMaker = owed(cast, maker);
  const { funding, config } = state.markets[btc];
  const rate = fundingRate(funding.meanPremiumX18, config);
  const refresh = async () => {
    await desk.desk.refresh();
    return desk.keep(cast.keeper, [], [btc, eth]);
  };
  await refresh();
  for (let hour = 0; hour < HOURS; hour += HOURS_BETWEEN) {
    await desk.desk.warp(HOURS_BETWEEN * HOUR_SECONDS - 4);
    await refresh();
  }
  await checkedHealth(cast, "pro: funding of the trader", { account: trader });
  const paid = owed(cast, trader) - before;
  const received = beforeMaker - owed(cast, maker);
  check("pro: what one paid the other received", paid, received);
  check("pro: the long pays", paid > 0n, true);
  const percent = formatDecimal(rate, 16);
  narrator.row("rate for eight hours", `${percent}%`);
  narrator.row("the trader owes for BTC", `${formatUsd(paid, 6)} ${desk.token.symbol}`);
  narrator.row("the maker is owed", `${formatUsd(received, 6)} ${desk.token.symbol}`);
  return { hours: String(HOURS), rate: percent, paid: formatUsd(paid), received: formatUsd(received) };
}

/** Funding that an account owes in BTC, quote. */
function owed({ btc, desk }: Cast, account: number): bigint {
  const { accounts, markets } = desk.exchange.state;
  return fundingOwed(accounts[account].stakes[btc].position, markets[btc].funding.indices);
}

async function tellWithdrawal(cast: Cast): Promise<string> {
  const { stage, desk, narrator, trader, btc, eth } = cast;
  narrator.begin("The trader takes out all that is available");
  await desk.desk.refresh();
  const { state } = desk.exchange;
  const wallet = desk.desk.replica.token(desk.token.symbol);
  const owner = await stage.actors.trader.getAddress();
  const before = await wallet.balanceOf(owner);
  const refreshed = await desk.act(trader, [], [btc, eth]);
  tellGas(cast, "refresh", refreshed);
  const { available } = scopeHealth(state, { account: trader });
  const amount = available - (available % desk.quotePerUnit);
  const withdrawn = await desk.act(trader, [{ kind: "withdraw", amount }]);
  check("pro: withdrawn", ((await wallet.balanceOf(owner)) - before) * desk.quotePerUnit, amount);
  const left = scopeHealth(state, { account: trader }).available;
  check("pro: less than a unit of the token is left to take", left < desk.quotePerUnit, true);
  narrator.row("withdrawn", `${formatUsd(amount)} ${desk.token.symbol}`);
  tellGas(cast, "withdraw", withdrawn);
  return formatUsd(amount);
}
