import type { BatchGas } from "./keeper";

/** Cost of liquidations: of a transaction by itself, and of each position in it. */
export interface GasFit {
  transactions: number;
  positions: number;
  perTransaction: number;
  /** What one more position in a batch costs. */
  perPosition: number;
  /** Everything spent, over all positions. */
  average: number;
}

/** Least squares of gas = perTransaction + perPosition × positions. Batches of one size only leave no slope: NaN. */
export function fitGas(batches: readonly BatchGas[]): GasFit {
  const transactions = batches.length;
  const positions = batches.reduce((sum, batch) => sum + batch.positions, 0);
  const gas = batches.reduce((sum, batch) => sum + batch.gas, 0);
  const mean = { positions: positions / transactions, gas: gas / transactions };
  let [covariance, variance] = [0, 0];
  for (const batch of batches) {
    const distance = batch.positions - mean.positions;
    covariance += distance * (batch.gas - mean.gas);
    variance += distance * distance;
  }
  const perPosition = variance === 0 ? NaN : covariance / variance;
  return {
    transactions,
    positions,
    perTransaction: mean.gas - perPosition * mean.positions,
    perPosition,
    average: gas / positions,
  };
}
