import type { Signer } from "ethers";
import { ethers } from "hardhat";
import type { System } from "../../deploy/deploySystem";
import { DEFAULT_PRICES } from "../../kit/replica";
import type { Replica } from "../../kit/replica";
import { usedAssets } from "../../deploy/sources";
import { Desk } from "../../kit/desk/Desk";
import type { LocalPublisher } from "../../kit/pyth/publisher";

const LIQUIDITY_USD = 10_000_000n;
const WALLET_USD = 1_000_000n;
const FUNDED = 5;
const PIPS = 1_000_000n;

/**
 * Puts ten million dollars into the vault, by the target weights, and gives the first five accounts a million dollars of each
 * token, which Trading may take. Returns how many accounts were given something.
 */
export async function fund(
  system: System,
  replica: Replica,
  publisher: LocalPublisher,
  signers: readonly Signer[],
): Promise<number> {
  const { profile } = replica;
  const desk = new Desk(ethers.provider, profile, replica, publisher, system);
  for (const asset of usedAssets(profile)) await desk.setPrice(asset, DEFAULT_PRICES[asset]);
  const [lp] = signers;
  const accounts = signers.slice(0, FUNDED);
  const amounts: Record<string, bigint> = {};
  for (const { symbol, assetKey, targetWeightPips } of profile.tokens) {
    const perDollar = desk.tokenUnits(symbol, 10n ** 10n) / DEFAULT_PRICES[assetKey];
    amounts[symbol] = (perDollar * LIQUIDITY_USD * BigInt(targetWeightPips)) / PIPS;
    for (const account of accounts) await desk.fund(account, symbol, perDollar * WALLET_USD);
  }
  await desk.provide(lp, amounts);
  return accounts.length;
}
