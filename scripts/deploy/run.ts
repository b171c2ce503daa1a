import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setBalance } from "@nomicfoundation/hardhat-network-helpers";
import { HardhatArtifactResolver } from "@nomicfoundation/hardhat-ignition/helpers";
import hre from "hardhat";
import { askNode } from "../../deploy/connection";
import { DEPLOYMENT_GAS, balanceProblem, costOf, describeCost } from "../../deploy/cost";
import { NotReadyError, deployWithRecord } from "../../deploy/deploySystem";
import type { DeployOptions, Deployment } from "../../deploy/deploySystem";
import { RefusedError } from "../../deploy/environment";
import type { Settings } from "../../deploy/environment";
import { StoppedError } from "../../deploy/ignite";
import { readJournal } from "../../deploy/journal";
import type { SentBefore } from "../../deploy/journal";
import { takeLock } from "../../deploy/lock";
import { preflight } from "../../deploy/preflight";
import type { ChainProfile } from "../../deploy/profiles";
import { buildRecord, readRecord, writeRecord } from "../../deploy/record";
import type { DeploymentRecord } from "../../deploy/record";
import { UnsettledError } from "../../deploy/sent";
import { describeCalls, readCalls } from "./calls";
import { frozenProvider, mineAfterFork, standStill } from "./stillness";

const FOLDER = "deployments";
const NAME_WIDTH = 24;
/** More than any deployment costs: a rehearsal measures first and compares with the real balance then. */
const REHEARSAL_WEI = 10n ** 24n;

export interface RunOptions {
  isRehearsal: boolean;
  /** Print every call of a rehearsal and what it costs. */
  isEachCallTold: boolean;
}

/** Deploys with settings that have been checked. */
export async function run(settings: Settings, { isRehearsal, isEachCallTold }: RunOptions): Promise<void> {
  await hre.run("compile", { quiet: true });
  const locks = isRehearsal ? [] : lockPaths(settings).map((path) => takeLock(path));
  try {
    await (isRehearsal ? rehearse(settings, isEachCallTold) : deployOnChain(settings));
  } finally {
    for (const release of locks) release();
  }
}

/** Neither the same deployment twice, nor two deployments of one account, whose transactions are numbered. */
function lockPaths({ deploymentId, profile, deployer }: Settings): string[] {
  return [join(FOLDER, deploymentId, "run.lock"), join(FOLDER, `${profile.chainId}-${deployer}.lock`)];
}

async function rehearse(settings: Settings, isEachCallTold: boolean): Promise<void> {
  const { provider } = hre.ethers;
  const { deployer, profile, url } = settings;
  standStill();
  // A call at the very block of a fork would ask for the hardforks of the remote chain, which are not known here.
  await mineAfterFork();
  print(`${profile.name}, chain ${profile.chainId}: a rehearsal on a fork, nothing is sent to the chain`);
  const checked = await check(settings);
  await provider.send("hardhat_impersonateAccount", [deployer]);
  const balance = BigInt(String(await askNode(url, "eth_getBalance", [deployer, "latest"])));
  await setBalance(deployer, REHEARSAL_WEI);
  const deployment = await deploy(settings, checked, { provider: await frozenProvider() }).catch(explain);
  const record = await recordOf(settings, checked, deployment, deployment.ignited.hashes);
  printAddresses(record);
  const gasPrice = BigInt(String(await askNode(url, "eth_gasPrice")));
  const cost = costOf(BigInt(record.transactions.gas), gasPrice);
  if (isEachCallTold) {
    const calls = await readCalls(provider, record, deployment.ignited.hashes);
    for (const line of describeCalls(calls, gasPrice, profile.nativeSymbol)) print(line);
  }
  print(`${record.transactions.count} transactions, ${describeCost(cost, profile.nativeSymbol)}`);
  const problem = balanceProblem(deployer, balance, cost, profile.nativeSymbol);
  if (problem !== undefined) throw new RefusedError([problem]);
  print(`the deployer ${deployer} has enough: the chain itself by --network ${profile.key}`);
}

async function deployOnChain(settings: Settings): Promise<void> {
  const { deployer, profile, deploymentId } = settings;
  const journal = join(FOLDER, deploymentId);
  print(`${profile.name}, chain ${profile.chainId}: deployment ${deploymentId}`);
  const sent = await readJournal(journal, new HardhatArtifactResolver(hre));
  const before = await gasOf(sent.confirmed);
  if (sent.confirmed.length > 0) printSent(sent);
  const checked = await check(settings);
  const { gasPrice } = await hre.ethers.provider.getFeeData();
  const cost = costOf(DEPLOYMENT_GAS > before ? DEPLOYMENT_GAS - before : 0n, gasPrice ?? 0n);
  const balance = await hre.ethers.provider.getBalance(deployer);
  const problem = balanceProblem(deployer, balance, cost, profile.nativeSymbol);
  if (problem !== undefined) throw new RefusedError([problem]);
  print(`at most ${describeCost(cost, profile.nativeSymbol)}`);

  let deployment: Deployment;
  try {
    deployment = await deploy(settings, checked, { journal });
  } catch (error) {
    printSent(await readJournal(journal, new HardhatArtifactResolver(hre)));
    print("the same command goes on where this one stopped");
    return explain(error);
  }
  const path = join(FOLDER, `${deploymentId}.json`);
  if (deployment.ignited.hashes.length === 0 && existsSync(path)) {
    printAddresses(readRecord(path));
    print(`complete before this run: nothing was sent, ${path} is as it was`);
    return;
  }
  const all = await readJournal(journal, new HardhatArtifactResolver(hre));
  const hashes = [...new Set([...all.hashes, ...deployment.ignited.hashes])];
  const record = await recordOf(settings, checked, deployment, hashes);
  printAddresses(record);
  writeRecord(path, record);
  print(`${record.transactions.count} transactions, ${record.transactions.gas} gas`);
  print(`written: ${path}; commit it, and ${journal}/ with it`);
}

/** The preflight: throws with everything that speaks against the chain, and returns the profile with its choices made. */
async function check({ profile, accounts, deployer }: Settings): Promise<ChainProfile> {
  const result = await preflight(hre.ethers.provider, profile);
  for (const remark of result.remarks) print(`  ${remark}`);
  if (result.problems.length > 0) throw new RefusedError(result.problems);
  for (const [role, account] of Object.entries({ deployer, ...accounts })) {
    const isContract = (await hre.ethers.provider.getCode(account)) !== "0x";
    const remark = role === "deployer" || isContract ? "" : "  not a contract: should be a multi-signature wallet";
    print(`  ${role.padEnd(NAME_WIDTH)}  ${account}${remark}`);
  }
  return result.profile;
}

async function deploy(
  settings: Settings,
  profile: ChainProfile,
  how: Pick<DeployOptions, "journal" | "provider">,
): Promise<Deployment> {
  return deployWithRecord(hre, profile, {
    ...settings.accounts,
    ...how,
    deployer: settings.deployer,
    onProgress: (done, total, what) => print(`  ${String(done).padStart(4)} of ${total}  ${what}`),
  });
}

/** What stops a deployment is told in a line; anything else is a fault. */
function explain(error: unknown): never {
  if (error instanceof StoppedError || error instanceof UnsettledError)
    throw new RefusedError([error.message], "stopped");
  if (error instanceof NotReadyError) throw new RefusedError(error.problems, "deployed and closed, it can't be opened");
  throw error;
}

async function recordOf(
  { deploymentId: id, accounts }: Settings,
  profile: ChainProfile,
  deployment: Deployment,
  hashes: readonly string[],
): Promise<DeploymentRecord> {
  return buildRecord(hre, deployment, { id, profile, accounts, commit: commitOf(), hashes });
}

async function gasOf(hashes: readonly string[]): Promise<bigint> {
  const receipts = await Promise.all(hashes.map((hash) => hre.ethers.provider.getTransactionReceipt(hash)));
  return receipts.reduce((sum, receipt) => sum + (receipt?.gasUsed ?? 0n), 0n);
}

/** Sources without a repository have no commit. */
function commitOf(): DeploymentRecord["commit"] {
  try {
    const git = (...args: string[]) =>
      execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    const isModified = git("status", "--porcelain", "--", "contracts", "hardhat.config.ts", "package-lock.json") !== "";
    return { hash: git("rev-parse", "HEAD").trim(), isModified };
  } catch {
    return { hash: "unknown", isModified: true };
  }
}

function printSent({ confirmed, pending, contracts }: SentBefore): void {
  const waiting = pending.length === 0 ? "" : `, ${pending.length} sent and not mined yet`;
  print(`sent so far: ${confirmed.length} transactions mined${waiting}, ${contracts} contracts and libraries stand`);
}

function printAddresses({ contracts, libraries }: DeploymentRecord): void {
  print("deployed and handed over:");
  for (const [name, { address }] of Object.entries({ ...contracts, ...libraries })) {
    print(`  ${name.padEnd(NAME_WIDTH)}  ${address}`);
  }
}

function print(line: string): void {
  console.log(line);
}
