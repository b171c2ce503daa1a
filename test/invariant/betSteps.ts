import { confirmed } from "../../kit/desk/Desk";
import { betProfit } from "../../sdk/model";
import { firstTick, runBatch } from "./batch";
import type { Dice } from "./dice";
import { doneOrRefused } from "./faults";
import type { Fault } from "./faults";
import { nextSecond } from "./orders";
import { found } from "./records";
import type { TwinBet } from "./betTwin";
import { moved } from "./world";
import type { World } from "./world";

/** Most bets of one batch. */
const MOST_AT_ONCE = 8;

/** Places a bet, within its bounds and its cap or not. */
export async function placeBet(world: World, dice: Dice): Promise<void> {
  const { prediction, profile, replica } = world.context;
  const party = dice.one(world.traders);
  const stakes = dice.one(profile.prediction.stakeTokens);
  const market = dice.between(0, profile.prediction.markets.length - 1);
  const { periodSeconds: period, payoutPips: payout } = dice.one(profile.prediction.markets[market].periods);
  const [symbol, isUp, payoutPips] = [stakes.symbol, dice.percent(50), BigInt(payout)];
  const stake = stakes.minStake - 1n + ((stakes.maxStake - stakes.minStake) * BigInt(dice.between(0, 102))) / 100n;
  const asNative = party.isWallet && symbol === world.nativeSymbol;
  const id = await prediction.nextBetId();
  const token = replica.token(symbol).target;
  const now = await nextSecond(world);
  const request = {
    ...{ owner: party.address, marketId: market, isUp, periodSeconds: period, token, stake },
    ...{ minPayoutPips: 0, asNative, deadline: now + 60 },
  };
  const arriving = world.hostility.arriving(symbol, stake);
  const offer = { market, symbol, period, isUp };
  const fault = faultOf();
  if (!(await doneOrRefused(party.send(prediction, "requestBet", [request]), fault))) {
    world.count(`bet refused: ${found(fault).error}`);
    return;
  }
  world.twin.hold(`${symbol} ${party.address}`, -stake);
  const target = now + profile.prediction.executionDelaySeconds;
  const own = { id, owner: party.address, payoutPips, asNative, stake: arriving, fee: 0n, strike: 0n, target };
  world.bets.place({ ...offer, ...own });
  world.count("bet placed");

  function faultOf(): Fault | undefined {
    const { breaker } = world.outside;
    const contract = prediction;
    if (!breaker.canOpen) return { contract, error: "Prediction_BreakerRaised", args: [breaker.levelAt(now)] };
    const deposit = world.hostility.depositFault(symbol, party.address);
    if (deposit !== undefined) return deposit;
    const reserve = betProfit(arriving, payoutPips);
    if (!world.bets.hasRoom(symbol, reserve)) {
      return { contract: world.context.vault, error: "Vault_ReserveFull", args: [token, reserve] };
    }
    if (arriving < stakes.minStake || arriving > stakes.maxStake) {
      return { contract, error: "Prediction_StakeOutOfRange", args: [arriving, stakes.minStake, stakes.maxStake] };
    }
    const [staked, cap] = [world.bets.openStake(offer) + arriving, world.bets.capOf(offer)];
    return staked > cap ? { contract, error: "Prediction_CapReached", args: [staked, cap] } : undefined;
  }
}

/**
 * Strikes the bets that wait for it, or where none does settles the one that is next, and with them whatever else is due;
 * each at its own first tick. Of those whose strike came too late one is tried as well.
 */
export async function advanceBets(world: World, dice: Dice): Promise<void> {
  const { desk, profile } = world.context;
  const bets = [...world.bets.bets.values()].sort((a, b) => a.target - b.target);
  const now = await desk.now();
  const isLate = ({ strike, target }: TwinBet) =>
    strike === 0n && target + profile.execution.executionWindowSeconds <= now + 1;
  const struck = bets.filter(({ strike }) => strike !== 0n);
  const fresh = bets.filter((bet) => bet.strike === 0n && !isLate(bet));
  const next = fresh.at(-1) ?? struck.at(0);
  if (next === undefined) return;
  await desk.warpTo(next.target + 1);
  await world.refresh();
  const then = await desk.now();
  const due = [...fresh, ...struck.filter(({ target }) => target <= then), ...bets.filter(isLate).slice(0, 1)];
  const items = due.slice(0, MOST_AT_ONCE).map((bet) => ({ id: bet.id, tick: tickFor(world, dice, bet) }));
  if (items.length > 0) await runBatch(world, "bets", dice.one(world.keepers), items);
}

/** For a strike the price of now; for a settlement that, the strike itself, or a little beside it. */
function tickFor(world: World, dice: Dice, bet: TwinBet) {
  const asset = world.bets.assetOf(bet);
  const price = bet.strike === 0n ? world.priceOf(asset) : moved(bet.strike, dice.between(-1, 1) * 1_000);
  return firstTick(world, asset, bet.target, bet.target, { price });
}

/** Gives back whatever bets can be, and is refused the others. */
export async function returnBets(world: World): Promise<void> {
  const { keeper, prediction } = world.context;
  const now = await world.context.desk.now();
  const bets = [...world.bets.bets.values()].sort(
    (a, b) => world.bets.returnableFrom(a) - world.bets.returnableFrom(b),
  );
  const early = bets.findIndex((bet) => world.bets.returnableFrom(bet) > now + MOST_AT_ONCE);
  for (const bet of bets.slice(0, Math.min(early < 0 ? bets.length : early + 1, MOST_AT_ONCE))) {
    const from = world.bets.returnableFrom(bet);
    const isEarly = (await nextSecond(world)) < from;
    const fault = { contract: prediction, error: "Prediction_NotReturnable", args: [bet.id, from] };
    if (!(await doneOrRefused(prediction.connect(keeper).returnStake(bet.id), isEarly ? fault : undefined))) continue;
    world.bets.giveBack(bet.id);
    world.count(bet.strike === 0n ? "bet returned, not struck" : "bet returned, not settled");
  }
}

/** Until the first bet of the kind can be given back. */
export async function waitForReturn(world: World, isStruck: boolean): Promise<void> {
  const bets = [...world.bets.bets.values()].filter(({ strike }) => (strike !== 0n) === isStruck);
  const from = bets.map((bet) => world.bets.returnableFrom(bet));
  if (from.length > 0) await world.context.desk.warpTo(Math.min(...from));
}

/** The guardian cuts what may be staked on an offer. */
export async function cutBetCap(world: World, dice: Dice): Promise<void> {
  const { guardian, prediction, predictionConfigurator, profile, replica } = world.context;
  const { symbol } = dice.one(profile.prediction.stakeTokens);
  const market = dice.between(0, profile.prediction.markets.length - 1);
  const { periodSeconds: period } = dice.one(profile.prediction.markets[market].periods);
  const cap = (world.bets.capOf({ market, symbol, period }) * BigInt(dice.between(60, 95))) / 100n;
  await nextSecond(world);
  const configurator = predictionConfigurator.connect(guardian);
  await confirmed(configurator.cutCap(prediction, market, replica.token(symbol), period, cap));
  world.bets.caps.set(`${market} ${symbol} ${period}`, cap);
  world.count("guardian's cut");
}
