import type { ContractTransactionReceipt, Signer } from "ethers";
import type { AssetKey } from "../../deploy/profiles";
import type { Batch, Desk, Proof, TickOptions } from "./Desk";
import { confirmed, timestampOf, toBatch } from "./Desk";

export interface BetOptions {
  asset?: AssetKey;
  isUp?: boolean;
  periodSeconds?: number;
  token?: string;
  /** In token units. */
  stake?: bigint;
  minPayoutPips?: number;
  asNative?: boolean;
  owner?: string;
  /** Last block time at which the request is taken; a minute from now by default. */
  deadline?: number;
}

/** A bet that waits for its strike or its settlement. */
export interface PendingBet {
  id: bigint;
  asset: AssetKey;
  target: number;
  receipt: ContractTransactionReceipt;
}

/** Gives a player tokens and lets Prediction take them. */
export async function fundPlayer(desk: Desk, player: Signer, symbol: string, amount: bigint): Promise<void> {
  await desk.replica.mintToken(symbol, await player.getAddress(), amount);
  const token = desk.replica.token(symbol).connect(player);
  await confirmed(token.approve(await desk.system.prediction.getAddress(), 2n ** 256n - 1n));
}

export async function betRequest(desk: Desk, player: Signer, options: BetOptions = {}) {
  const { asset = "BTC", token = "USDT" } = options;
  return {
    owner: options.owner ?? (await player.getAddress()),
    marketId: desk.profile.prediction.markets.findIndex(({ assetKey }) => assetKey === asset),
    isUp: options.isUp ?? true,
    periodSeconds: options.periodSeconds ?? 300,
    token: await desk.replica.token(token).getAddress(),
    stake: options.stake ?? desk.tokenUnits(token, 100n),
    minPayoutPips: options.minPayoutPips ?? 0,
    asNative: options.asNative ?? false,
    deadline: options.deadline ?? (await desk.now()) + 60,
  };
}

export async function requestBet(desk: Desk, player: Signer, options: BetOptions = {}): Promise<PendingBet> {
  const { prediction } = desk.system;
  const request = await betRequest(desk, player, options);
  const id = await prediction.nextBetId();
  const receipt = await confirmed(prediction.connect(player).requestBet(request));
  const delay = Number(await prediction.executionDelay());
  const target = (await timestampOf(desk.provider, receipt)) + delay;
  return { id, asset: options.asset ?? "BTC", target, receipt };
}

/** Strikes or settles bets that share a target, at the first tick. */
export async function executeBets(
  desk: Desk,
  keeper: Signer,
  bets: readonly { id: bigint; asset: AssetKey; target: number }[],
  options: TickOptions & { at?: number } = {},
): Promise<Batch> {
  const [{ asset, target }] = bets;
  await desk.warpTo((options.at ?? target) + 1);
  await desk.refresh();
  const ids = bets.map(({ id }) => id);
  return attemptBets(desk, keeper, ids, [desk.firstTick(asset, target, options)]);
}

/** Strikes or settles bets now, all with the first tick of the proofs given. */
export async function attemptBets(desk: Desk, keeper: Signer, ids: readonly bigint[], proofs: Proof[]): Promise<Batch> {
  const { executor, prediction } = desk.system;
  const items = ids.map((tradeId) => ({ tradeId, tickIndex: 0 }));
  const value = await desk.updateFee(proofs);
  const connected = executor.connect(keeper);
  const results = await connected.execute.staticCall(await prediction.getAddress(), proofs, items, { value });
  const receipt = await confirmed(connected.execute(await prediction.getAddress(), proofs, items, { value }));
  return toBatch(results, receipt);
}

/** A struck bet's settlement: the first tick at or after strike time + period. */
export async function settlementOf(
  desk: Desk,
  { id, asset }: PendingBet,
): Promise<{ id: bigint; asset: AssetKey; target: number }> {
  const bet = await desk.system.prediction.bet(id);
  return { id, asset, target: Number(bet.time + bet.periodSeconds) };
}
