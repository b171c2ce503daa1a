import type { Stage } from "./stage";
import { check } from "./errors";

/** The books of one token in the vault, and what an account has of it. */
export interface Snapshot {
  liquidity: bigint;
  reserved: bigint;
  collateral: bigint;
  fees: bigint;
  claimable: bigint;
  /** The trader's own. */
  wallet: bigint;
}

const BUCKETS = ["liquidity", "reserved", "collateral", "fees", "claimable", "wallet"] as const;

export async function snapshot(stage: Stage, symbol: string): Promise<Snapshot> {
  const books = (await stage.desk.books()).find((candidate) => candidate.symbol === symbol);
  if (books === undefined) throw new Error(`the vault has no books of ${symbol}`);
  const { liquidity, reserved, collateral, fees, claimable } = books;
  const wallet = await stage.desk.replica.token(symbol).balanceOf(await stage.actors.trader.getAddress());
  return { liquidity, reserved, collateral, fees, claimable, wallet };
}

/** Every bucket has changed by exactly what is named, the others not at all, and the ledger still balances. */
export async function checkChange(
  stage: Stage,
  step: string,
  symbol: string,
  before: Snapshot,
  changes: Partial<Snapshot>,
): Promise<Snapshot> {
  const after = await snapshot(stage, symbol);
  for (const bucket of BUCKETS) {
    check(`${step}: change of ${bucket} in ${symbol}`, after[bucket] - before[bucket], changes[bucket] ?? 0n);
  }
  check(`${step}: the ledger balances`, await stage.desk.isBalanced(), true);
  return after;
}
