import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { isAddress } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types";
import { z } from "zod";
import type { Deployment, System, SystemAccounts } from "./deploySystem";
import { bookIdOf } from "./arguments/books";
import { assetIdOf } from "./arguments/oracle";
import type { ChainProfile } from "./profiles";
import { pushSourcesOf, usedAssets } from "./sources";

const address = z.string().refine((text) => isAddress(text), { error: "is not an address" });
const bytes = z.string().regex(/^0x([0-9a-f]{2})*$/, { error: "is no even number of hexadecimal digits" });

const contract = z.object({
  address,
  /** Name and source of what stands there. */
  contract: z.string(),
  source: z.string(),
  /** Encoded; empty for a contract without any. */
  constructorArguments: bytes,
});

/** What everybody else needs to know of a deployment: `deployments/<id>.json`, to be committed by whoever deployed. */
export const RECORD_SCHEMA = z.object({
  format: z.literal(1),
  id: z.string(),
  chain: z.object({ key: z.enum(["bnb", "arbitrum"]), id: z.number().int().positive(), name: z.string() }),
  /** Commit of the sources, and whether they differed from it. */
  commit: z.object({ hash: z.string(), isModified: z.boolean() }),
  /** The first block in which anything of it was mined: where indexers begin. */
  startBlock: z.number().int().nonnegative(),
  transactions: z.object({ count: z.number().int().positive(), gas: z.number().int().positive() }),
  accounts: z.object({
    deployer: address,
    governor: address,
    riskManager: address,
    guardian: address,
    treasury: address,
  }),
  contracts: z.record(z.string(), contract),
  libraries: z.record(z.string(), contract),
  assets: z.record(
    z.string(),
    z.object({ id: z.number().int().positive(), pythId: bytes, sources: z.array(z.string()).min(1) }),
  ),
  tokens: z.record(
    z.string(),
    z.object({
      address,
      decimals: z.number().int().nonnegative(),
      assetId: z.number().int().positive(),
      /** Number as a margin token of Trading; null where it is none. */
      marginTokenId: z.number().int().positive().nullable(),
    }),
  ),
  books: z.record(z.string(), z.object({ id: z.number().int().nonnegative(), assetId: z.number().int().positive() })),
  predictionMarkets: z.record(
    z.string(),
    z.object({ id: z.number().int().nonnegative(), assetId: z.number().int().positive() }),
  ),
});

export type DeploymentRecord = z.infer<typeof RECORD_SCHEMA>;
export type ContractRecord = z.infer<typeof contract>;

export interface RecordContext {
  id: string;
  profile: ChainProfile;
  accounts: SystemAccounts;
  commit: DeploymentRecord["commit"];
  /** Hashes of all transactions, those of earlier runs too. */
  hashes: readonly string[];
}

/** What a deployment was, read from the chain. */
export async function buildRecord(
  hre: HardhatRuntimeEnvironment,
  { system, deployer, ignited }: Deployment,
  { id, profile, accounts, commit, hashes }: RecordContext,
): Promise<DeploymentRecord> {
  const { provider } = hre.ethers;
  const receipts = await Promise.all(hashes.map((hash) => provider.getTransactionReceipt(hash)));
  const mined = receipts.filter((receipt) => receipt !== null);
  const creations = new Map(
    mined.flatMap(({ contractAddress, hash }) => (contractAddress === null ? [] : [[contractAddress, hash] as const])),
  );
  const recordOf = async (contractName: string, target: string): Promise<ContractRecord> => {
    const { bytecode, sourceName } = await hre.artifacts.readArtifact(contractName);
    const hash = creations.get(target);
    // Linking replaces digits by as many: the arguments are what follows the code.
    const input = hash === undefined ? bytecode : ((await provider.getTransaction(hash))?.data ?? bytecode);
    const constructorArguments = `0x${input.slice(bytecode.length)}`;
    return { address: target, contract: contractName, source: sourceName, constructorArguments };
  };

  const contracts: DeploymentRecord["contracts"] = {};
  const named = new Map(Object.values(ignited.contracts).map((deployed) => [deployed.address, deployed.contractName]));
  for (const [key, instance] of Object.entries(system) as [string, System[keyof System]][]) {
    const target = await instance.getAddress();
    contracts[key] = await recordOf(named.get(target) ?? key, target);
  }
  // The manager creates its share token, with the cooling period that it was given.
  const cooling = await system.alp.coolingSeconds();
  contracts.alp.constructorArguments = hre.ethers.AbiCoder.defaultAbiCoder().encode(["uint256"], [cooling]);

  const libraries: DeploymentRecord["libraries"] = {};
  const taken = new Set(Object.values(contracts).map((known) => known.address));
  for (const { address: target, contractName } of Object.values(ignited.contracts)) {
    if (!taken.has(target)) libraries[contractName] = await recordOf(contractName, target);
  }
  return RECORD_SCHEMA.parse({
    ...{ format: 1, id, commit, contracts, libraries },
    chain: { key: profile.key, id: profile.chainId, name: profile.name },
    startBlock: Math.min(...mined.map(({ blockNumber }) => blockNumber)),
    transactions: { count: mined.length, gas: Number(mined.reduce((sum, { gasUsed }) => sum + gasUsed, 0n)) },
    accounts: { deployer, ...accounts },
    ...(await numbersOf(system, profile)),
  });
}

/** The numbers by which the contracts know assets, tokens, books and markets. */
async function numbersOf(
  system: System,
  profile: ChainProfile,
): Promise<Pick<DeploymentRecord, "assets" | "tokens" | "books" | "predictionMarkets">> {
  const tokens: DeploymentRecord["tokens"] = {};
  for (const { symbol, address: target, decimals, assetKey, margin } of profile.tokens) {
    const marginTokenId = margin ? Number((await system.tradingRecords.marginToken(target)).tokenId) : null;
    tokens[symbol] = { address: target, decimals, assetId: assetIdOf(assetKey), marginTokenId };
  }
  const assets = usedAssets(profile).map((asset) => {
    const sources = pushSourcesOf(profile, asset).map(({ name }) => name);
    return [asset, { id: assetIdOf(asset), pythId: profile.pyth.priceIds[asset], sources }] as const;
  });
  const books = profile.markets.flatMap(({ name, assetKey, books: modes }, marketId) =>
    modes.map(
      ({ mode }) => [`${name} ${mode}`, { id: bookIdOf(marketId, mode), assetId: assetIdOf(assetKey) }] as const,
    ),
  );
  const markets = profile.prediction.markets.map(
    ({ name, assetKey }, marketId) => [name, { id: marketId, assetId: assetIdOf(assetKey) }] as const,
  );
  return {
    assets: Object.fromEntries(assets),
    tokens,
    books: Object.fromEntries(books),
    predictionMarkets: Object.fromEntries(markets),
  };
}

/** A record can't be read. */
export class RecordError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "RecordError";
  }
}

export function writeRecord(path: string, record: DeploymentRecord): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(record, null, 2)}\n`);
}

/** Throws {@link RecordError} with everything that is wrong with the file. */
export function readRecord(path: string): DeploymentRecord {
  if (!existsSync(path)) throw new RecordError(`${path} does not exist`);
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, "utf8"));
  } catch {
    throw new RecordError(`${path} is not JSON`);
  }
  const parsed = RECORD_SCHEMA.safeParse(content);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`);
  throw new RecordError(`${path} is no record of a deployment: ${problems.join("; ")}`);
}
