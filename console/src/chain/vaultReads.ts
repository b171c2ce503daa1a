/** What the vault holds and how it stands, of one and the same block. */
import { Codec, query } from "@asterism/sdk";
import type { Asterism, AssetKey, TokenFacts } from "@asterism/sdk";
import { alpManagerAbi, priceAggregatorAbi, vaultAbi } from "@asterism/sdk/abis";

const VAULT = new Codec(vaultAbi);
const MANAGER = new Codec(alpManagerAbi);
const AGGREGATOR = new Codec(priceAggregatorAbi);

export interface VaultAsset {
  readonly token: TokenFacts;
  /** Token units. */
  readonly liquidity: bigint;
  readonly reserved: bigint;
  readonly collateral: bigint;
  readonly fees: bigint;
  readonly claimable: bigint;
  readonly maxUtilizationPips: bigint;
  /** Of the push sources; 0 where too few are fresh. */
  readonly price: bigint;
  readonly fresh: bigint;
  /** USD, 18 decimals. */
  readonly worthUsd: bigint;
  readonly weightPips: bigint;
  readonly maxSharePips: bigint;
}

export async function vaultAssets({ connection }: Asterism): Promise<VaultAsset[]> {
  const { chain, contracts, reader } = connection;
  const { vault, alpManager, priceAggregator } = contracts;
  const [list] = await reader.all([query(MANAGER, alpManager, "assets", [])]);
  const tokens = Object.values(chain.tokens);
  return Promise.all(
    list.map(async ({ token: address, assetId, weightPips, maxSharePips }) => {
      const token = tokens.find((each) => each.address.toLowerCase() === address.toLowerCase()) as TokenFacts;
      const [ledger, collateral, push] = await reader.all([
        query(VAULT, vault, "ledger", [address]),
        query(VAULT, vault, "collateral", [address]),
        query(AGGREGATOR, priceAggregator, "pushPrice", [assetId]),
      ]);
      const { liquidity, reserved, fees, claimable, maxUtilizationPips } = ledger;
      const worthUsd = worthOf(liquidity, token.decimals, push.mid);
      const rest = { collateral, fees, claimable, maxUtilizationPips, price: push.mid, fresh: push.fresh };
      return { token, liquidity, reserved, worthUsd, weightPips, maxSharePips, ...rest };
    }),
  );
}

/** Token units at a price, in USD with 18 decimals, rounded down. */
export function worthOf(amount: bigint, decimals: number, price: bigint): bigint {
  return (amount * price * 10n ** 8n) / 10n ** BigInt(decimals);
}

/** The middle of an asset's push sources; 0 where too few are fresh. */
export async function pushPriceOf({ connection }: Asterism, asset: AssetKey): Promise<bigint> {
  const { chain, contracts, reader } = connection;
  const id = chain.assets[asset]?.id ?? 0;
  return (await reader.one(query(AGGREGATOR, contracts.priceAggregator, "pushPrice", [id]))).mid;
}

export interface SourceState {
  readonly asset: AssetKey;
  /** How it is read. */
  readonly kind: string;
  readonly feed: string;
  readonly isEnabled: boolean;
  readonly maxAgeSeconds: number;
  /** When it last answered, Unix seconds; undefined where it is not asked like the others. */
  readonly updatedAt: number | undefined;
}

const KINDS = ["Chainlink-shaped feed", "Binance registry"];
const ROUND = [
  { name: "roundId", type: "uint80" },
  { name: "answer", type: "int256" },
  { name: "startedAt", type: "uint256" },
  { name: "updatedAt", type: "uint256" },
  { name: "answeredInRound", type: "uint80" },
] as const;
const NAMES = [
  { name: "base", type: "string" },
  { name: "quote", type: "string" },
] as const;
/** A feed answers for itself, Binance's registry for the pair that is named. */
const FEED = new Codec([
  { type: "function", name: "latestRoundData", inputs: [], outputs: ROUND },
  { type: "function", name: "latestRoundDataByName", inputs: NAMES, outputs: ROUND },
] as const);

/** All push sources with their ages. */
export async function sourceStates({ connection }: Asterism): Promise<SourceState[]> {
  const { chain, contracts, reader } = connection;
  const { priceAggregator } = contracts;
  const ofAsset = async ([asset, { id }]: [string, { id: number }]) => {
    const count = await reader.one(query(AGGREGATOR, priceAggregator, "sourceCount", [id]));
    const indices = Array.from({ length: Number(count) }, (_, index) => index);
    return Promise.all(
      indices.map(async (index): Promise<SourceState> => {
        const { config, state } = await reader.one(query(AGGREGATOR, priceAggregator, "source", [id, index]));
        const { base, quote } = config;
        const asked =
          base === ""
            ? query(FEED, config.feed, "latestRoundData", [])
            : query(FEED, config.feed, "latestRoundDataByName", [base, quote]);
        const round = await reader.one(asked).catch(() => undefined);
        return {
          asset: asset as AssetKey,
          kind: KINDS[Number(config.kind)] ?? `kind ${config.kind}`,
          feed: config.feed,
          isEnabled: state.isEnabled,
          maxAgeSeconds: Number(config.maxAgeSeconds),
          updatedAt: round === undefined ? undefined : Number(round.updatedAt),
        };
      }),
    );
  };
  return (await Promise.all(Object.entries(chain.assets).map(ofAsset))).flat();
}
