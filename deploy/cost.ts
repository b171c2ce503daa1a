import { formatEther } from "ethers";

/** More gas than a whole deployment has ever taken: what a chain is asked for before the first transaction is sent. */
export const DEPLOYMENT_GAS = 125_000_000n;

/** The price of gas may rise by half while it runs. On Arbitrum nodes count the data written to the parent chain as gas. */
const HEADROOM_PERCENT = 150n;

export interface Cost {
  gas: bigint;
  gasPriceWei: bigint;
  /** What the deployer should have, in wei. */
  neededWei: bigint;
}

export function costOf(gas: bigint, gasPriceWei: bigint): Cost {
  return { gas, gasPriceWei, neededWei: (gas * gasPriceWei * HEADROOM_PERCENT) / 100n };
}

export function describeCost({ gas, gasPriceWei, neededWei }: Cost, nativeSymbol: string): string {
  const price = formatEther(gasPriceWei * 10n ** 9n);
  return `${gas.toString()} gas at ${price} gwei; ${formatEther(neededWei)} ${nativeSymbol} are needed, a third of it headroom`;
}

/** What speaks against beginning with a balance. */
export function balanceProblem(
  deployer: string,
  balanceWei: bigint,
  cost: Cost,
  nativeSymbol: string,
): string | undefined {
  if (balanceWei >= cost.neededWei) return undefined;
  const [has, needs] = [formatEther(balanceWei), formatEther(cost.neededWei)];
  return `the deployer ${deployer} has ${has} ${nativeSymbol}, ${needs} are needed`;
}
