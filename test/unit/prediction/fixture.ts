import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import type { ChainProfile, StakeTokenProfile } from "../../../deploy/profiles";
import type { BetOptions, PendingBet } from "../../../kit/desk/bets";
import { executeBets, fundPlayer, requestBet } from "../../../kit/desk/bets";
import { executionFeeTokens } from "../../../sdk/model";
import { deskFixture } from "../../fixtures/desk";

export const HOUR = 3_600;
export const DAY = 24 * HOUR;

/** The desk, with two players who may bet 100,000 USDT each. */
export async function betFixture() {
  const fixture = await loadFixture(deskFixture);
  const { desk, trader, other } = fixture;
  for (const player of [trader, other]) await fundPlayer(desk, player, "USDT", desk.tokenUnits("USDT", 100_000n));
  const usdt = desk.replica.token("USDT");
  const decimals = Number(await usdt.decimals());
  const fee = executionFeeTokens(fixture.profile.execution.executionFeeUsd, { decimals, price: desk.priceOf("USDT") });
  /** Places a bet of the trader's and has it struck. */
  const struck = async (options: BetOptions & { price?: bigint } = {}): Promise<PendingBet> => {
    const bet = await requestBet(desk, trader, options);
    const { results } = await executeBets(desk, fixture.keeper, [bet], { price: options.price });
    expect(results[0].outcome).to.equal("Opened");
    return bet;
  };
  return { ...fixture, usdt, decimals, fee, struck, unit: desk.tokenUnits("USDT", 1n) };
}

export async function start() {
  return loadFixture(betFixture);
}

export type BetContext = Awaited<ReturnType<typeof betFixture>>;

export function stakesOf({ prediction }: ChainProfile, symbol: string): StakeTokenProfile {
  const found = prediction.stakeTokens.find((token) => token.symbol === symbol);
  if (found === undefined) throw new Error(`no stakes in ${symbol}`);
  return found;
}
