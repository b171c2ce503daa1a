import { existsSync } from "node:fs";
import { FetchRequest, JsonRpcProvider } from "ethers";
import { askNode } from "../../../deploy/connection";
import { URL_VARIABLES } from "../../../deploy/environment";
import { PROFILES } from "../../../deploy/profiles";
import type { ChainProfile } from "../../../deploy/profiles";
import { readRecord } from "../../../deploy/record";
import type { DeploymentRecord } from "../../../deploy/record";
import { NodeError, UsageError } from "./errors";
import type { Output } from "./output";

/** What every command may be told before its own options. */
export interface Globals {
  chain?: ChainProfile["key"];
  rpc?: string;
  deployment?: string;
  keystore?: string;
  json?: boolean;
}

/** What a command works with. */
export interface Surroundings {
  readonly globals: Globals;
  readonly environment: NodeJS.ProcessEnv;
  readonly output: Output;
  /** The project's folder, which has the build; null where the program was installed by itself. */
  readonly root: string | null;
  /** Ends what goes on until it is told to end. */
  readonly signal: AbortSignal;
}

const TIMEOUT_MS = 15_000;

/** The project's folder. Throws {@link UsageError} where there is none, with what else helps. */
export function repositoryFor({ root }: Surroundings, what: string, instead = ""): string {
  if (root !== null) return root;
  throw new UsageError(
    `${what} needs the repository, and this program was installed by itself`,
    `${instead}run it in a clone of the repository, after npm ci and npx hardhat compile`,
  );
}

/** The record that `--deployment` or `ASTERISM_DEPLOYMENT` names, or the chain's own in `deployments/`. */
export function recordFor({ globals, environment }: Surroundings): DeploymentRecord {
  const named = globals.deployment ?? environment.ASTERISM_DEPLOYMENT;
  const chain = globals.chain ?? environment.ASTERISM_CHAIN;
  const profile = PROFILES.find(({ key }) => key === chain);
  const path = named ?? (profile && `deployments/chain-${profile.chainId}.json`);
  if (path === undefined || (named === undefined && !existsSync(path))) {
    throw new UsageError(
      path === undefined ? "neither a chain nor the record of a deployment is named" : `${path} does not exist`,
      "give --deployment <file>, or set ASTERISM_DEPLOYMENT",
    );
  }
  const record = readRecord(path);
  if (profile !== undefined && profile.key !== record.chain.key) {
    throw new UsageError(
      `${path} is the record of a deployment on ${record.chain.name}, the chain named is ${profile.name}`,
      "name the record of the chain, or leave --chain and ASTERISM_CHAIN out",
    );
  }
  return record;
}

/** The URL of the node: `--rpc`, or the environment's for the chain. */
export function urlFor({ globals, environment }: Surroundings, chain: ChainProfile["key"]): string {
  const variable = URL_VARIABLES[chain];
  const url = globals.rpc ?? environment[variable];
  if (url === undefined || url === "") {
    throw new NodeError("no node is named", `give --rpc <url>, or set ${variable}`);
  }
  if (!/^https?:\/\/[^/]/.test(url)) throw new NodeError("the node's URL is no http or https URL", "correct --rpc");
  return url;
}

/**
 * A node of a chain. It is asked for its chain first, and every answer is bounded in time. Throws {@link NodeError} for one that
 * does not answer or is of another chain. Nothing of a URL but its host is ever told: it may hold a key.
 */
export async function connectTo(url: string, chain: { id: number; name: string }): Promise<JsonRpcProvider> {
  const host = new URL(url).host;
  const chainId = Number(await askNode(url, "eth_chainId"));
  if (chainId !== chain.id) {
    throw new NodeError(
      `the node ${host} is of chain ${chainId}, ${chain.id} (${chain.name}) is expected`,
      `name a node of ${chain.name} by --rpc`,
    );
  }
  const request = new FetchRequest(url);
  request.timeout = TIMEOUT_MS;
  return new JsonRpcProvider(request, chain.id, { staticNetwork: true });
}

/** Runs with a node that is let go of afterwards. */
export async function withNode<T>(
  surroundings: Surroundings,
  record: DeploymentRecord,
  run: (provider: JsonRpcProvider) => Promise<T>,
): Promise<T> {
  const provider = await connectTo(urlFor(surroundings, record.chain.key), record.chain);
  try {
    return await run(provider);
  } finally {
    provider.destroy();
  }
}
