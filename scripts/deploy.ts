/**
 * Deploys the system and hands it over to its governance:
 *
 *   npm run deploy -- --network bnb       on the chain (ASTERISM_CHAIN and BNB_RPC_URL, or arbitrum and ARBITRUM_RPC_URL)
 *   npm run deploy                        the same on a fork of that chain, in memory: a rehearsal
 *
 * Everything comes from the environment, see `SETTINGS`. Refuses before anything is sent when something is wrong. On a chain
 * it writes the addresses to `deploy/deployments/<id>/system.json`; an interrupted run goes on where it stopped.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { getAddress, isAddress } from "ethers";
import hre from "hardhat";
import { deploySystem } from "../deploy/deploySystem";
import type { System, SystemAccounts } from "../deploy/deploySystem";
import { problemsOf } from "../deploy/preflight";
import { profileFor } from "../deploy/profiles";

const SETTINGS = {
  governor: "ASTERISM_GOVERNOR",
  riskManager: "ASTERISM_RISK_MANAGER",
  guardian: "ASTERISM_GUARDIAN",
  treasury: "ASTERISM_TREASURY",
} as const satisfies Record<keyof SystemAccounts, string>;

/** A fresh one for a node that was restarted, see docs/roles.md. */
const DEPLOYMENT_ID_VARIABLE = "ASTERISM_DEPLOYMENT_ID";

class RefusedError extends Error {
  constructor(problems: readonly string[]) {
    super(`nothing was deployed:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
    this.name = "RefusedError";
  }
}

function readAccounts(): SystemAccounts {
  const problems: string[] = [];
  const read = (key: keyof typeof SETTINGS): string => {
    const text = process.env[SETTINGS[key]] ?? "";
    const isValid: boolean = isAddress(text);
    if (isValid) return getAddress(text);
    problems.push(text === "" ? `${SETTINGS[key]} is not set` : `${SETTINGS[key]} is "${text}", not an address`);
    return "";
  };
  const accounts = {
    governor: read("governor"),
    riskManager: read("riskManager"),
    guardian: read("guardian"),
    treasury: read("treasury"),
  };
  if (problems.length > 0) throw new RefusedError(problems);
  return accounts;
}

async function main(): Promise<void> {
  const { ethers, network } = hre;
  const accounts = readAccounts();
  const isRehearsal = network.name === "hardhat";
  // A call at the very block of a fork would ask for the hardforks of the remote chain, which are not known here.
  if (isRehearsal) await ethers.provider.send("hardhat_mine", ["0x1"]);
  const profile = profileFor((await ethers.provider.getNetwork()).chainId);
  const problems = await problemsOf(ethers.provider, profile);
  const [deployer] = await ethers.getSigners();
  if (deployer === undefined) problems.push("there is no deployer: DEPLOYER_PRIVATE_KEY is not set");
  else if ((await ethers.provider.getBalance(deployer)) === 0n)
    problems.push(`${deployer.address} has nothing for gas`);
  if (problems.length > 0) throw new RefusedError(problems);

  console.log(`${profile.name}, chain ${profile.chainId}${isRehearsal ? ": rehearsal on a fork" : ""}`);
  for (const [role, address] of Object.entries({ deployer: deployer.address, ...accounts })) {
    const isContract = (await ethers.provider.getCode(address)) !== "0x";
    const remark = role === "deployer" || isContract ? "" : "  (not a contract: should be a multi-signature wallet)";
    console.log(`  ${role.padEnd(22)}${address}${remark}`);
  }
  const deploymentId = process.env[DEPLOYMENT_ID_VARIABLE] ?? `chain-${profile.chainId}`;
  const system = await deploySystem(hre, profile, isRehearsal ? accounts : { ...accounts, deploymentId });
  const addresses = await addressesOf(system);
  console.log("deployed and handed over:");
  for (const [name, address] of Object.entries(addresses)) console.log(`  ${name.padEnd(22)}${address}`);
  if (isRehearsal) return;

  const folder = join(hre.config.paths.ignition, "deployments", deploymentId);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "system.json");
  writeFileSync(path, `${JSON.stringify({ chainId: profile.chainId, accounts, addresses }, null, 2)}\n`);
  console.log(`written: ${path}`);
}

async function addressesOf(system: System): Promise<Record<string, string>> {
  const addresses: Record<string, string> = {};
  for (const [name, contract] of Object.entries(system) as [string, System[keyof System]][]) {
    addresses[name] = await contract.getAddress();
  }
  return addresses;
}

main().catch((error: unknown) => {
  console.error(error instanceof RefusedError ? error.message : error);
  process.exitCode = 1;
});
