/**
 * Repeats bets of a simulation on the embedded chain: `hardhat run scripts/simulate/run.ts`, which `scripts/simulate.ts`
 * does. Strike and settlement prices are those of the simulation; what is paid must be what the model pays.
 */
import hre from "hardhat";
import { executeBets, fundPlayer, requestBet, settlementOf } from "../../kit/desk/bets";
import { MismatchError, check } from "../demo/errors";
import { PricePath } from "../demo/path";
import { Stage, deployOnStage } from "../demo/stage";
import { runMain } from "../lib/main";
import { BETS_VARIABLE, decodeBets } from "./options";
import type { ChainBet } from "./options";

const SYMBOL = "USDT";
const LIQUIDITY = 1_000_000n;

async function main(): Promise<void> {
  const bets = decodeBets(process.env[BETS_VARIABLE]);
  const stage = await Stage.open(hre, await deployOnStage(hre), PricePath.generate(1));
  const { desk, actors } = stage;
  await desk.mint(actors.founder, SYMBOL, desk.tokenUnits(SYMBOL, LIQUIDITY));
  const stakes = bets.reduce((sum, { stake }) => sum + BigInt(stake), 0n);
  await fundPlayer(desk, actors.trader, SYMBOL, stakes);
  for (const [index, bet] of bets.entries()) await repeat(stage, `bet ${index + 1}`, bet);
  check("the ledger balances", await desk.isBalanced(), true);
  console.log(`${bets.length} of the bets repeated on ${stage.profile.name}'s replica: every payout is the model's`);
}

async function repeat(stage: Stage, name: string, bet: ChainBet): Promise<void> {
  const { desk, actors } = stage;
  const { isUp, periodSeconds } = bet;
  const token = desk.replica.token(SYMBOL);
  const trader = await actors.trader.getAddress();
  const before = await token.balanceOf(trader);
  // The feeds stand at the strike: a strike far from them would be skipped.
  await desk.setPrice("BTC", BigInt(bet.strike));
  const stake = BigInt(bet.stake);
  const pending = await requestBet(desk, actors.trader, { isUp, periodSeconds, stake, token: SYMBOL });
  const strike = await executeBets(desk, actors.keeper, [pending], { price: BigInt(bet.strike) });
  check(`${name}: strike`, strike.results[0].outcome, "Opened");
  const due = await settlementOf(desk, pending);
  const settled = await executeBets(desk, actors.keeper, [due], { price: BigInt(bet.settlement) });
  check(`${name}: settlement`, settled.results[0].outcome, "Closed");
  check(`${name}: paid`, (await token.balanceOf(trader)) - before + stake, BigInt(bet.paid));
}

runMain(main, [MismatchError]);
