import { executionFeeTokens, houseEdgePips, settleBet, strikeBet } from "../../sdk/model";
import { createRandom } from "../../kit/prices";
import { px } from "../../sdk/units";
import { InputError } from "../demo/errors";
import type { PricePath } from "../demo/path";
import type { BetTerms } from "./options";

/** Stakes are dollars: worth one in the simulation. */
const DOLLAR = px("1");

/** One bet and what came of it; amounts in token units. */
export interface PlayedBet {
  /** Seconds of the path. */
  requestAt: number;
  settledAt: number;
  isUp: boolean;
  strike: bigint;
  settlement: bigint;
  isWon: boolean;
  isTie: boolean;
  /** What its owner is paid. */
  paid: bigint;
  /** Signed; the three add up to nothing. */
  player: bigint;
  lps: bigint;
  keepers: bigint;
}

export interface Summary {
  bets: number;
  won: number;
  lost: number;
  /** Among those lost. */
  ties: number;
  staked: bigint;
  players: bigint;
  lps: bigint;
  keepers: bigint;
  /** Deepest fall of the LPs' cumulative result from a peak. */
  lpDrawdown: bigint;
  /** What the LPs keep of the stakes, and what a fair coin would leave them; pips. */
  lpEdgePips: bigint;
  houseEdgePips: bigint;
}

/** Bets at moments and in directions drawn from the seed, in the order in which they are settled. */
export function playBets(path: PricePath, terms: BetTerms, count: number, seed: number): PlayedBet[] {
  const room = path.seconds - terms.delaySeconds - terms.periodSeconds;
  if (room < 1) {
    throw new InputError("empty-window", `a path of ${path.seconds} seconds has no room for ${terms.periodSeconds}`);
  }
  const random = createRandom(seed);
  const bets: PlayedBet[] = [];
  for (let i = 0; i < count; i++) {
    const requestAt = Math.floor(random() * room);
    bets.push(playBet(path, terms, requestAt, random() < 0.5));
  }
  return bets.sort((a, b) => a.settledAt - b.settledAt);
}

/** Both execution fees, strike and settlement, as the model has them. */
export function playBet(path: PricePath, terms: BetTerms, requestAt: number, isUp: boolean): PlayedBet {
  const { stake, payoutPips, delaySeconds, periodSeconds, decimals, executionFeeUsd } = terms;
  const strikeAt = requestAt + delaySeconds;
  const settledAt = strikeAt + periodSeconds;
  const [strike, settlement] = [path.at(strikeAt).priceX10, path.at(settledAt).priceX10];
  const fee = executionFeeTokens(executionFeeUsd, { decimals, price: DOLLAR });
  const struck = strikeBet(stake, fee);
  if (struck.isRefused) throw new InputError("small-stake", `a stake of ${stake} does not cover two fees of ${fee}`);
  const { won, payout, toVault } = settleBet(struck.stake, payoutPips, isUp, strike, settlement);
  return {
    ...{ requestAt, settledAt, isUp, strike, settlement, isWon: won, isTie: strike === settlement, paid: payout },
    player: payout - stake,
    lps: toVault,
    keepers: struck.executorPay + struck.keptFee,
  };
}

export function summarise(bets: readonly PlayedBet[], terms: BetTerms): Summary {
  const sum = (of: (bet: PlayedBet) => bigint) => bets.reduce((total, bet) => total + of(bet), 0n);
  const won = bets.filter(({ isWon }) => isWon).length;
  const staked = terms.stake * BigInt(bets.length);
  const lps = sum((bet) => bet.lps);
  return {
    ...{ bets: bets.length, won, lost: bets.length - won, ties: bets.filter(({ isTie }) => isTie).length },
    ...{ staked, players: sum((bet) => bet.player), lps, keepers: sum((bet) => bet.keepers) },
    lpDrawdown: drawdownOf(cumulative(bets, (bet) => bet.lps)),
    lpEdgePips: staked === 0n ? 0n : (lps * 1_000_000n) / staked,
    houseEdgePips: houseEdgePips(terms.payoutPips),
  };
}

/** Running sums, from 0 on. */
export function cumulative(bets: readonly PlayedBet[], of: (bet: PlayedBet) => bigint): bigint[] {
  const sums = [0n];
  for (const bet of bets) sums.push(sums[sums.length - 1] + of(bet));
  return sums;
}

function drawdownOf(sums: readonly bigint[]): bigint {
  let [peak, deepest] = [0n, 0n];
  for (const value of sums) {
    if (value > peak) peak = value;
    if (peak - value > deepest) deepest = peak - value;
  }
  return deepest;
}
