/** Where the contracts of a deployment are. */
import { getAddress, isAddress } from "ethers";
import { RECORDS } from "./data";

export const CONTRACT_NAMES = [
  "accessManager",
  "alp",
  "alpLens",
  "alpManager",
  "breaker",
  "brokerRegistry",
  "executor",
  "feeDistributor",
  "gridBook",
  "gridBookLens",
  "keeperLens",
  "liquidator",
  "marketLens",
  "prediction",
  "predictionConfigurator",
  "predictionLens",
  "priceAggregator",
  "pro",
  "proConfigurator",
  "proKeeper",
  "proLens",
  "proTriggers",
  "proTriggersLens",
  "router",
  "trading",
  "tradingConfigurator",
  "tradingLens",
  "tradingRecords",
  "vault",
] as const;

export type ContractName = (typeof CONTRACT_NAMES)[number];

export interface Deployment {
  readonly chainId: number;
  /** The block in which its first contract was mined: where its events begin. */
  readonly startBlock: number;
  readonly contracts: Readonly<Record<ContractName, string>>;
}

/** Something is no record of a deployment, or of another chain's. */
export class DeploymentError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "DeploymentError";
  }
}

/** The deployment in use on a chain, as this version of the package knows it. */
export function deploymentOn(chainId: number | bigint): Deployment {
  const record = RECORDS[chainId.toString()];
  if (record === undefined) {
    throw new DeploymentError(
      `this version knows no deployment on chain ${chainId.toString()}: connect with its record as \`deployment\``,
    );
  }
  return readDeployment(record);
}

/**
 * Reads the record that a deployment leaves in `deployments/`, its JSON parsed. Throws {@link DeploymentError} with all that is
 * wrong with it.
 */
export function readDeployment(record: unknown): Deployment {
  const { format, chain, startBlock, contracts } = objectOf(record, "the record");
  if (format !== 1) throw new DeploymentError(`the record's format is ${String(format)}, this version reads 1`);
  const { id } = objectOf(chain, "chain");
  const stated = objectOf(contracts, "contracts");
  const problems: string[] = [];
  if (!Number.isSafeInteger(id)) problems.push(`chain.id is ${String(id)}`);
  if (!Number.isSafeInteger(startBlock)) problems.push(`startBlock is ${String(startBlock)}`);
  const addresses = CONTRACT_NAMES.map((name) => {
    const { address } = objectOf(stated[name] ?? {}, `contracts.${name}`);
    if (typeof address === "string" && isAddress(address)) return [name, getAddress(address)] as const;
    problems.push(address === undefined ? `contracts.${name} is missing` : `contracts.${name} has no address`);
    return [name, ""] as const;
  });
  if (problems.length > 0) throw new DeploymentError(`no record of a deployment: ${problems.join("; ")}`);
  const found = Object.fromEntries(addresses) as Record<ContractName, string>;
  return { chainId: id as number, startBlock: startBlock as number, contracts: found };
}

function objectOf(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new DeploymentError(`${what} is no object`);
}
