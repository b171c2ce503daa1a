/** What a transaction costs, and what is bid for its place in a block. */
import type { Provider } from "ethers";
import { Interface } from "ethers";

/** Wei for one gas: as EIP-1559 has it. */
export interface GasPrice {
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
  /** What is likely paid. */
  readonly expected: bigint;
}

export interface FeeOptions {
  readonly maxFeePerGas: bigint;
  readonly minPriorityFeePerGas: bigint;
  /** The most that is bid for a place. */
  readonly maxPriorityFeePerGas: bigint;
  /** Share of the profit that is bid, of 1. */
  readonly bidShare: number;
}

const SHARE_UNIT = 1_000_000n;

/** What the chain asks for one gas: the base fee, and what others bid beside it. */
export interface MarketPrice {
  readonly base: bigint;
  readonly tip: bigint;
}

/**
 * What the chain asks now, as far as it is bid: what is never paid is no cost either.
 * @param maxTip The most that is bid for a place; 0 where blocks are filled in the order of arrival, and a bid buys nothing.
 * @param minTip The least that is bid, even where the chain asks for less.
 */
export async function marketPrice(provider: Provider, maxTip: bigint, minTip = 0n): Promise<MarketPrice> {
  const [fees, block] = [await provider.getFeeData(), await provider.getBlock("latest")];
  const base = block?.baseFeePerGas ?? 0n;
  const { maxFeePerGas, maxPriorityFeePerGas, gasPrice } = fees;
  const beyondBase = (gasPrice ?? 0n) > base ? (gasPrice ?? 0n) - base : 0n;
  const asked = maxFeePerGas === null ? beyondBase : (maxPriorityFeePerGas ?? 0n);
  const tip = asked > minTip ? asked : minTip;
  return { base, tip: tip < maxTip ? tip : maxTip };
}

/**
 * The price to bid: the chain's own, and of what the work pays beyond it a share.
 * @param profitWei What is left at the chain's own price.
 */
export function bid(market: MarketPrice, options: FeeOptions, profitWei: bigint, gas: bigint): GasPrice {
  const { minPriorityFeePerGas, maxPriorityFeePerGas, maxFeePerGas: cap, bidShare } = options;
  const share = BigInt(Math.round(bidShare * Number(SHARE_UNIT)));
  const extra = profitWei > 0n && gas > 0n ? (profitWei * share) / SHARE_UNIT / gas : 0n;
  let tip = market.tip > minPriorityFeePerGas ? market.tip : minPriorityFeePerGas;
  tip += extra;
  if (tip > maxPriorityFeePerGas) tip = maxPriorityFeePerGas;
  // The base fee of the next blocks may be a good deal higher.
  let most = 2n * market.base + tip;
  if (most > cap) most = cap;
  if (tip > most) tip = most;
  const expected = market.base + tip < most ? market.base + tip : most;
  return { maxFeePerGas: most, maxPriorityFeePerGas: tip, expected };
}

/** Nodes take another transaction of the same number only for so much more: 10% and a little. */
const REPLACEMENT_PERCENT = 113n;

/** The price at which a transaction takes the place of one that is stuck; undefined: more than the most that is paid. */
export function raised(
  price: Pick<GasPrice, "maxFeePerGas" | "maxPriorityFeePerGas">,
  market: MarketPrice,
  cap: bigint,
): GasPrice | undefined {
  const up = (value: bigint) => (value * REPLACEMENT_PERCENT) / 100n + 1n;
  const maxPriorityFeePerGas =
    up(price.maxPriorityFeePerGas) > market.tip ? up(price.maxPriorityFeePerGas) : market.tip;
  const least = up(price.maxFeePerGas);
  const wanted = 2n * market.base + maxPriorityFeePerGas;
  const maxFeePerGas = least > wanted ? least : wanted;
  if (maxFeePerGas > cap) return undefined;
  return { maxFeePerGas, maxPriorityFeePerGas, expected: market.base + maxPriorityFeePerGas };
}

/** What the chain asks beside gas for putting a transaction's data on another chain. */
export interface DataFee {
  /** Wei, of a transaction with this data. */
  estimate(to: string, data: string): Promise<bigint>;
}

/** A chain that asks for gas alone. */
export const NO_DATA_FEE: DataFee = { estimate: () => Promise.resolve(0n) };

const NODE_INTERFACE = "0x00000000000000000000000000000000000000C8";
const ARB_GAS_INFO = "0x000000000000000000000000000000000000006C";
const ARBITRUM = new Interface([
  "function gasEstimateL1Component(address to, bool contractCreation, bytes data) payable returns (uint64 gasEstimateForL1, uint256 baseFee, uint256 l1BaseFeeEstimate)",
  "function getL1BaseFeeEstimate() view returns (uint256)",
]);
/** L1 gas of a byte, where the node says no more than L1's price: as if it were not compressed. */
const GAS_PER_BYTE = 16n;

/**
 * Arbitrum's fee for data: as the node's own interface estimates it; where a node has no such interface, by L1's base fee and
 * the length of the data.
 */
export class ArbitrumDataFee implements DataFee {
  constructor(
    private readonly provider: Provider,
    private readonly onMissing: () => void = () => undefined,
  ) {}

  async estimate(to: string, data: string): Promise<bigint> {
    try {
      const [gas, baseFee] = await this.ask(NODE_INTERFACE, "gasEstimateL1Component", [to, false, data]);
      return gas * baseFee;
    } catch {
      return this.byLength(data);
    }
  }

  private async byLength(data: string): Promise<bigint> {
    try {
      const [price] = await this.ask(ARB_GAS_INFO, "getL1BaseFeeEstimate", []);
      return price * GAS_PER_BYTE * BigInt((data.length - 2) / 2);
    } catch {
      this.onMissing();
      return 0n;
    }
  }

  private async ask(to: string, name: string, args: readonly unknown[]): Promise<bigint[]> {
    const answer = await this.provider.call({ to, data: ARBITRUM.encodeFunctionData(name, args) });
    return ARBITRUM.decodeFunctionResult(name, answer).toArray() as bigint[];
  }
}
