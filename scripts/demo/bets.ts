import { attemptBets, fundPlayer, requestBet, settlementOf } from "../../kit/desk/bets";
import type { PendingBet } from "../../kit/desk/bets";
import * as model from "../../sdk/model";
import { formatPips, formatPrice, formatToken } from "../../sdk/units";
import { checkChange, snapshot } from "./books";
import type { Snapshot } from "./books";
import { PathError, check } from "./errors";
import type { Narrator } from "./narrator";
import { EXECUTION_SECONDS } from "./plan";
import type { BetReport, PredictionReport } from "./report";
import type { Stage } from "./stage";
import { tokenOf } from "./trades";

const SYMBOL = "USDT";
const STAKE = 100n;
/** Between the strike and the feeds that report after it; a strike must lie within 1% of them. */
const MAX_DRIFT = 0.003;

/** What is bet on, and where in the path. */
interface BetPlan {
  isUp: boolean;
  requestAt: number;
  strikeAt: number;
  settleAt: number;
}

/** A bet that the path lets win and one that it lets lose, both over the shortest period of BTC. */
export async function tellBets(stage: Stage, narrator: Narrator): Promise<PredictionReport> {
  await fundPlayer(stage.desk, stage.actors.trader, SYMBOL, stage.desk.tokenUnits(SYMBOL, 2n * STAKE));
  const won = await tellBet(stage, narrator, true);
  const lost = await tellBet(stage, narrator, false);
  return { won, lost };
}

async function tellBet(stage: Stage, narrator: Narrator, isToWin: boolean): Promise<BetReport> {
  const { desk, actors, profile } = stage;
  const { decimals } = tokenOf(stage, SYMBOL);
  const [{ periods }] = profile.prediction.markets;
  const [{ periodSeconds, payoutPips }] = periods;
  const plan = findBet(stage, await stage.nextSecond(), periodSeconds, isToWin);
  const direction = plan.isUp ? "up" : "down";
  const end = isToWin ? "won" : "lost";
  const name = `bet ${end}`;
  narrator.begin(
    `A bet of ${STAKE} ${SYMBOL} on BTC going ${direction} within ${periodSeconds / 60} minutes is ${end}`,
  );

  const stake = desk.tokenUnits(SYMBOL, STAKE);
  const pips = BigInt(payoutPips);
  let books = await snapshot(stage, SYMBOL);
  const owner = await actors.trader.getAddress();
  const options = { isUp: plan.isUp, periodSeconds, stake, token: SYMBOL, owner };
  await stage.clock.schedule(stage.timeOf(plan.requestAt));
  const bet = await requestBet(desk, actors.trader, options);
  check(`${name}: target`, String(stage.secondOf(bet.target)), String(plan.strikeAt));
  const reserved = model.betProfit(stake, pips);
  books = await checkChange(stage, `${name}: request`, SYMBOL, books, { wallet: -stake, collateral: stake, reserved });
  narrator.token("stake", stake, decimals, SYMBOL);
  narrator.row("a win pays", `${formatPips(pips)} of the stake; house edge ${formatPips(model.houseEdgePips(pips))}`);
  narrator.gasOf(`${name}: request`, bet.receipt);

  const { fee, left, struck } = await strike(stage, narrator, { name, bet, plan, stake, pips, books });
  const tick = stage.tickAt(plan.settleAt);
  await stage.reportAt(plan.settleAt + 1);
  const due = await settlementOf(desk, bet);
  check(`${name}: end of the period`, String(stage.secondOf(due.target)), String(plan.settleAt));
  const batch = await attemptBets(desk, actors.keeper, [due.id], [desk.firstTick(due.asset, due.target, tick)]);
  check(`${name}: outcome`, `${batch.results[0].outcome} ${batch.results[0].reason}`, "Closed None");
  const strikePrice = stage.tickAt(plan.strikeAt).price;
  const result = model.settleBet(left, pips, plan.isUp, strikePrice, tick.price);
  check(`${name}: won`, result.won, isToWin);
  const { payout } = result;
  const after = await checkChange(stage, `${name}: settlement`, SYMBOL, struck, {
    ...{ collateral: -left - fee, reserved: -model.betProfit(left, pips), wallet: payout, claimable: fee },
    liquidity: result.toVault,
  });
  narrator.price(`tick at second ${plan.settleAt}`, tick.price);
  narrator.token("paid out", payout, decimals, SYMBOL);
  narrator.gasOf(`${name}: settle`, batch.receipt);
  narrator.vault(SYMBOL, decimals, books, after);
  return {
    direction,
    periodSeconds: String(periodSeconds),
    token: SYMBOL,
    stake: formatToken(stake, decimals),
    payoutRate: formatPips(pips),
    houseEdge: formatPips(model.houseEdgePips(pips)),
    reserved: formatToken(reserved, decimals),
    strikePrice: formatPrice(strikePrice),
    settlementPrice: formatPrice(tick.price),
    isWon: result.won,
    executionFees: formatToken(2n * fee, decimals),
    payout: formatToken(payout, decimals),
    toLps: formatToken(result.toVault, decimals),
  };
}

interface Placed {
  name: string;
  bet: PendingBet;
  plan: BetPlan;
  stake: bigint;
  pips: bigint;
  books: Snapshot;
}

async function strike(stage: Stage, narrator: Narrator, { name, bet, plan, stake, pips, books }: Placed) {
  const { desk, actors, profile } = stage;
  const { decimals, assetKey } = tokenOf(stage, SYMBOL);
  const tick = stage.tickAt(plan.strikeAt);
  await stage.reportAt(plan.strikeAt + 1);
  const batch = await attemptBets(desk, actors.keeper, [bet.id], [desk.firstTick(bet.asset, bet.target, tick)]);
  check(`${name}: strike`, `${batch.results[0].outcome} ${batch.results[0].reason}`, "Opened None");
  const quote = { decimals, price: desk.priceOf(assetKey) };
  const fee = model.executionFeeTokens(profile.execution.executionFeeUsd, quote);
  const { stake: left } = model.strikeBet(stake, fee);
  const struck = await checkChange(stage, `${name}: strike`, SYMBOL, books, {
    ...{ collateral: -fee, claimable: fee },
    reserved: model.betProfit(left, pips) - model.betProfit(stake, pips),
  });
  narrator.price(`strike at second ${plan.strikeAt}`, tick.price);
  narrator.token("execution fee, each time", fee, decimals, SYMBOL);
  narrator.gasOf(`${name}: strike`, batch.receipt);
  return { fee, left, struck };
}

/** The first place in the path with a bet that ends as it should; hindsight, as in `plan.ts`. */
function findBet(stage: Stage, from: number, periodSeconds: number, isToWin: boolean): BetPlan {
  const prices = stage.path.approximate;
  const delay = stage.profile.prediction.executionDelaySeconds;
  for (let requestAt = from; ; requestAt++) {
    const strikeAt = requestAt + delay;
    const settleAt = strikeAt + periodSeconds;
    if (settleAt + EXECUTION_SECONDS >= prices.length) {
      throw new PathError(
        "prediction",
        `the path ends before there is room for a bet that is ${isToWin ? "won" : "lost"}`,
      );
    }
    const drift = Math.abs(prices[strikeAt + EXECUTION_SECONDS] / prices[strikeAt] - 1);
    const move = Math.sign(prices[settleAt] - prices[strikeAt]);
    // A win bets up where the path allows; a loss bets up and is wrong, a tie included.
    if (drift > MAX_DRIFT || move === 0) continue;
    return { isUp: isToWin === move > 0, requestAt, strikeAt, settleAt };
  }
}
