import type { ChainProfile } from "../../deploy/profiles";
import { formatPrice, formatToken, formatUsd } from "../../sdk/units";
import { tellBets } from "./bets";
import { check } from "./errors";
import { PathError } from "./errors";
import { burn, mint, quoteNav, showNav } from "./liquidity";
import type { Narrator } from "./narrator";
import { findClose, findLiquidation, findProfit, findRefusal } from "./plan";
import type { Plan, Terms } from "./plan";
import { tellPro } from "./pro/chapter";
import { UNITS } from "./report";
import type { LpReport, Report } from "./report";
import type { Stage } from "./stage";
import { bookOf, closeTrade, liquidateTrade, openTrade, refuseOrder, tierOf, tokenOf } from "./trades";
import type { Ticket } from "./trades";

/** About 10 million USD by target weight, in whole tokens. */
export const FOUNDING_DEPOSITS: Readonly<Record<ChainProfile["key"], Readonly<Record<string, bigint>>>> = {
  bnb: { USDT: 3_500_000n, USDC: 2_000_000n, WBNB: 2_500n, BTCB: 33n, ETH: 400n },
  arbitrum: { USDC: 3_500_000n, USDT: 2_000_000n, WETH: 830n, WBTC: 33n },
};

const LP_DEPOSIT = 50_000n;
const LP_TOKEN = "USDC";

/** From this move on 15% of a Degen profit is more than the least close fee: 0.03% / 15%, and a little above. */
const SHARE_MOVE = 0.00205;
/** Enough for a profit before fees. */
const ANY_MOVE = 0.0001;
const STANDARD_HORIZON_SECONDS = 120;

/** How far below the price the bound of the refused long lies. */
const REFUSED_BOUND_PIPS = 1_000n;

/** The main job of the system, told step by step; every amount is compared with the model. */
export async function tellStory(stage: Stage, narrator: Narrator, ground: "replica" | "fork"): Promise<Report> {
  const { desk, profile, path, actors } = stage;
  const { chainId } = profile;
  const tickets = ticketsOf(stage);

  narrator.begin("The vault is funded: a first LP brings every asset");
  const deposits: Report["deposits"] = [];
  const founding = Object.entries(FOUNDING_DEPOSITS[profile.key]).map(([symbol, whole]) => [
    symbol,
    desk.tokenUnits(symbol, whole),
  ]);
  for (const { symbol, amount } of desk.depositsWithinShares(Object.fromEntries(founding) as Record<string, bigint>)) {
    const token = tokenOf(stage, symbol);
    const minted = await mint(stage, narrator, `mint with ${token.symbol}`, actors.founder, token.symbol, amount);
    const paidIn = formatToken(amount, token.decimals);
    deposits.push({ token: token.symbol, paidIn, minted: formatToken(minted, 18) });
  }

  narrator.begin("A second LP comes in; its ALP cools");
  const lpAmount = desk.tokenUnits(LP_TOKEN, LP_DEPOSIT);
  const navBefore = await quoteNav(stage);
  showNav(narrator, "before", navBefore);
  const minted = await mint(stage, narrator, "mint by the second LP", actors.lp, LP_TOKEN, lpAmount);
  const mintedAt = await stage.clock.now();
  for (const symbol of ["USDT", "USDC"]) await desk.fund(actors.trader, symbol, desk.tokenUnits(symbol, 10_000n));
  await stage.startPath();

  const degenLong = await tellDegenTrade(stage, narrator, tickets.degen);
  const liquidated = await tellLiquidation(stage, narrator, tickets.liquidated);
  const standardShort = await tellStandardTrade(stage, narrator, tickets.standard);

  narrator.begin("A Degen long is refused: its price bound is not met");
  const refusedAt = findRefusal(path, await stage.nextSecond(), termsOf(stage, tickets.refused), 0.001);
  const refused = await refuseOrder(stage, narrator, tickets.refused, refusedAt, REFUSED_BOUND_PIPS);

  const prediction = await tellBets(stage, narrator);

  narrator.begin("The second LP goes out, after cooling");
  await desk.warpTo(mintedAt + profile.vault.cooldownSeconds);
  await desk.refresh();
  showNav(narrator, "before", await quoteNav(stage));
  const paid = await burn(stage, narrator, "burn by the second LP", actors.lp, LP_TOKEN, minted);
  const navAfter = await quoteNav(stage);
  showNav(narrator, "after", navAfter);
  const lp = lpReport(stage, { lpAmount, minted, paid, navBefore, navAfter });

  const pro = await tellPro(stage, narrator);

  narrator.begin("The books");
  const ledgerBalanced = await tellBooks(stage, narrator);
  const { gas } = narrator;
  return {
    chainId,
    chain: profile.name,
    ground,
    prices: path.description,
    units: UNITS,
    deposits,
    degenLong,
    liquidated,
    standardShort,
    refused,
    prediction,
    lp,
    pro,
    ledgerBalanced,
    gas,
  };
}

function ticketsOf(stage: Stage) {
  const hundred = stage.desk.tokenUnits("USDT", 100n);
  const degen = { mode: "degen", leverage: 1001, symbol: "USDT", amount: hundred } as const;
  return {
    degen: { ...degen, name: "degen" },
    liquidated: { ...degen, name: "degen liquidated" },
    refused: { ...degen, name: "degen refused" },
    standard: {
      name: "standard",
      mode: "standard",
      leverage: 100,
      symbol: "USDC",
      amount: stage.desk.tokenUnits("USDC", 500n),
    },
  } satisfies Record<string, Ticket>;
}

async function tellDegenTrade(stage: Stage, narrator: Narrator, ticket: Ticket) {
  const { plan, remark } = planProfit(stage, await stage.nextSecond(), termsOf(stage, ticket));
  const side = plan.isLong ? "long" : "short";
  narrator.begin(`A ${ticket.leverage}x Degen ${side} of BTC with 100 USDT is closed in profit`);
  if (remark !== undefined) narrator.say(remark);
  const open = await openTrade(stage, narrator, ticket, plan);
  narrator.say(`the price moves; at second ${plan.closeRequestAt} the trader asks for the close`);
  const closed = await closeTrade(stage, narrator, open, plan);
  check(`${ticket.name}: closed with a gross profit`, closed.pnlUsd.startsWith("-"), false);
  return closed;
}

async function tellLiquidation(stage: Stage, narrator: Narrator, ticket: Ticket) {
  const plan = findLiquidation(stage.path, await stage.nextSecond(), termsOf(stage, ticket));
  narrator.begin(`Another ${ticket.leverage}x Degen ${plan.isLong ? "long" : "short"} is liquidated`);
  if (!plan.isLong) narrator.say("the path takes no long to its liquidation price: a short instead");
  const open = await openTrade(stage, narrator, ticket, plan);
  narrator.say("the price moves against it; the keeper proves the first tick that crosses");
  return liquidateTrade(stage, narrator, open, plan);
}

async function tellStandardTrade(stage: Stage, narrator: Narrator, ticket: Ticket) {
  const from = await stage.nextSecond();
  const terms = termsOf(stage, ticket);
  const profit = findProfit(stage.path, from, terms, false, ANY_MOVE);
  const isNear = profit !== undefined && profit.closeTick - from <= STANDARD_HORIZON_SECONDS;
  const plan = isNear ? profit : findClose(stage.path, from, terms, false, STANDARD_HORIZON_SECONDS);
  narrator.begin(`A ${ticket.leverage}x Standard short of BTC with 500 USDC is opened and closed`);
  const open = await openTrade(stage, narrator, ticket, plan);
  narrator.say(`at second ${plan.closeRequestAt} the trader asks for the close`);
  return closeTrade(stage, narrator, open, plan);
}

/** A long that pays 15% of its profit, where the path has one; else the nearest to it that the path has. */
function planProfit(stage: Stage, from: number, terms: Terms): { plan: Plan; remark?: string } {
  const find = (isLong: boolean, move: number) => findProfit(stage.path, from, terms, isLong, move);
  const best = find(true, SHARE_MOVE);
  if (best !== undefined) return { plan: best };
  const short = find(false, SHARE_MOVE);
  if (short !== undefined) {
    return { plan: short, remark: "the path gives no long a profit of which 15% is the fee: a short instead" };
  }
  for (const isLong of [true, false]) {
    const plan = find(isLong, ANY_MOVE);
    if (plan !== undefined) return { plan, remark: "the path moves too little for 15% to pass the least close fee" };
  }
  throw new PathError("profit", "the path gives neither a long nor a short a profit");
}

function termsOf(stage: Stage, { mode, leverage }: Ticket): Terms {
  const book = bookOf(stage, mode);
  const { liquidationLossRatePips } = tierOf(book, leverage);
  const { slippagePips, executionDelaySeconds } = book;
  return { leverage, slippagePips, executionDelaySeconds, liquidationLossRatePips };
}

interface LpJourney {
  lpAmount: bigint;
  minted: bigint;
  paid: bigint;
  navBefore: { navUsd: bigint; alpUsd: bigint };
  navAfter: { navUsd: bigint; alpUsd: bigint };
}

function lpReport(stage: Stage, { lpAmount, minted, paid, navBefore, navAfter }: LpJourney): LpReport {
  const { decimals } = tokenOf(stage, LP_TOKEN);
  return {
    token: LP_TOKEN,
    paidIn: formatToken(lpAmount, decimals),
    minted: formatToken(minted, 18),
    burned: formatToken(minted, 18),
    paidOut: formatToken(paid, decimals),
    navBefore: formatUsd(navBefore.navUsd),
    navAfter: formatUsd(navAfter.navUsd),
    alpBefore: formatUsd(navBefore.alpUsd),
    alpAfter: formatUsd(navAfter.alpUsd),
  };
}

/** Balance = liquidity + collateral + fees + claimable, token by token. */
async function tellBooks(stage: Stage, narrator: Narrator): Promise<boolean> {
  for (const { symbol, balance, liquidity, collateral, fees, claimable } of await stage.desk.books()) {
    const { decimals } = tokenOf(stage, symbol);
    const parts = [liquidity, collateral, fees, claimable].map((amount) => formatToken(amount, decimals)).join(" + ");
    narrator.row(`${symbol} in the vault`, `${formatToken(balance, decimals)} = ${parts}`);
  }
  narrator.say("(balance = liquidity + collateral + fees + claimable)");
  const isBalanced = await stage.desk.isBalanced();
  check("the ledger balances", isBalanced, true);
  narrator.say(`the ledger balances to the last unit; BTC stands at ${formatPrice(stage.desk.priceOf("BTC"), 2)} USD`);
  return isBalanced;
}
