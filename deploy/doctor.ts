import { JsonRpcProvider } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types";
import { AccessManager__factory, Breaker__factory, PriceAggregator__factory, Vault__factory } from "../typechain-types";
import { permissionProblems, readWirings } from "./checks";
import { ConnectionError, askNode } from "./connection";
import { buildSystemModule } from "./modules/system";
import { delegateOf } from "./preflight";
import { profileFor } from "./profiles";
import { readinessProblems } from "./readiness";
import type { DeploymentRecord } from "./record";

/** What was looked at, and what is wrong with it; nothing where it is as it should be. */
export interface Diagnosis {
  subject: string;
  found: string;
  problem?: string;
}

const MIN_NODE_MAJOR = 20;
const MIN_NPM_MAJOR = 9;
/** Two compilers side by side take about 1.5 GB each. */
const MIN_MEMORY_GB = 4;
const MAX_LATENCY_MS = 2_000;
/** Either chain has a block every second or more often. */
const MAX_BLOCK_AGE_SECONDS = 60;

export interface Machine {
  node: string;
  /** Empty where there is none. */
  npm: string;
  memoryBytes: number;
}

export function examineMachine({ node, npm, memoryBytes }: Machine): Diagnosis[] {
  const memoryGb = memoryBytes / 2 ** 30;
  return [
    judge("node", node, major(node) >= MIN_NODE_MAJOR, `version ${MIN_NODE_MAJOR} or newer is needed`),
    judge("npm", npm === "" ? "none" : npm, major(npm) >= MIN_NPM_MAJOR, `version ${MIN_NPM_MAJOR} or newer is needed`),
    judge("memory", `${memoryGb.toFixed(1)} GB`, memoryGb >= MIN_MEMORY_GB, `compiling takes ${MIN_MEMORY_GB} GB`),
  ];
}

/** A node: its chain, how fast it answers, and whether it keeps up. */
export async function examineNode(url: string, expectedChainId: number, nowSeconds: number): Promise<Diagnosis[]> {
  const subject = `node ${new URL(url).host}`;
  try {
    const begin = performance.now();
    const chainId = Number(await askNode(url, "eth_chainId"));
    const latency = Math.round(performance.now() - begin);
    const block = (await askNode(url, "eth_getBlockByNumber", ["latest", false])) as { timestamp: string };
    const age = nowSeconds - Number(block.timestamp);
    return [
      judge(subject, `chain ${chainId}`, chainId === expectedChainId, `chain ${expectedChainId} is expected`),
      judge(
        subject,
        `answers in ${latency} ms`,
        latency <= MAX_LATENCY_MS,
        `${MAX_LATENCY_MS} ms at most are expected`,
      ),
      judge(
        subject,
        `its latest block is ${age} s old`,
        age <= MAX_BLOCK_AGE_SECONDS,
        `${MAX_BLOCK_AGE_SECONDS} s at most are expected: it does not keep up`,
      ),
    ];
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error;
    return [{ subject, found: "no node", problem: error.message }];
  }
}

/** A deployment: code, roles, breaker, prices. */
export async function examineDeployment(
  hre: HardhatRuntimeEnvironment,
  url: string,
  record: DeploymentRecord,
): Promise<Diagnosis[]> {
  const profile = profileFor(record.chain.id);
  const provider = new JsonRpcProvider(url, record.chain.id, { staticNetwork: true });
  try {
    const subject = `deployment ${record.id}`;
    const all = Object.entries({ ...record.libraries, ...record.contracts });
    const codes = await Promise.all(all.map(async ([, { address }]) => provider.getCode(address)));
    const missing = all.filter((_, i) => codes[i] === "0x" || delegateOf(codes[i]) !== undefined);
    const named = missing.map(([name, { address }]) => `${name} at ${address}`).join(", ");
    const code = judge(
      subject,
      `${all.length - missing.length} of ${all.length} contracts stand`,
      missing.length === 0,
      `missing: ${named}`,
    );
    if (code.problem !== undefined) return [code];

    const addresses = new Map(Object.entries(record.contracts).map(([key, { address }]) => [key, address]));
    const at = (key: string) => addresses.get(key) ?? "";
    const manager = AccessManager__factory.connect(at("accessManager"), provider);
    const wirings = await readWirings(hre, buildSystemModule(profile));
    const roles = await permissionProblems(manager, addresses, wirings, record.accounts);
    const level = await Breaker__factory.connect(at("breaker"), provider).level();
    const priceAggregator = PriceAggregator__factory.connect(at("priceAggregator"), provider);
    const vault = Vault__factory.connect(at("vault"), provider);
    const prices = await readinessProblems({ priceAggregator, vault }, profile);
    return [
      code,
      judge(subject, "roles, delays and functions", roles.length === 0, roles.join("; ")),
      judge(subject, `breaker at level ${level.toString()}`, level === 0n, "level 0 is expected: something is stopped"),
      judge(subject, "fresh sources of every asset", prices.length === 0, prices.join("; ")),
    ];
  } finally {
    provider.destroy();
  }
}

function judge(subject: string, found: string, isFine: boolean, problem: string): Diagnosis {
  return isFine ? { subject, found } : { subject, found, problem };
}

/** 0 where there is no version. */
function major(version: string): number {
  return Number(/^v?(\d+)\./.exec(version)?.[1] ?? 0);
}
