/**
 * Says what is missing: of this machine, of a node, and of a deployment.
 *
 *   npm run doctor [-- --chain bnb --rpc http://… --deployment deployments/chain-56.json]
 *
 * Without `--rpc` the node is that of the environment (`BNB_RPC_URL`, `ARBITRUM_RPC_URL`), if it names one. Ends with a code
 * other than 0 when anything is missing.
 */
import { execFileSync } from "node:child_process";
import { totalmem } from "node:os";
import { Command } from "commander";
import { examineDeployment, examineMachine, examineNode } from "../deploy/doctor";
import type { Diagnosis } from "../deploy/doctor";
import { URL_VARIABLES } from "../deploy/environment";
import { PROFILES } from "../deploy/profiles";
import { RecordError, readRecord } from "../deploy/record";
import { CHAINS, parseChain } from "./demo/options";
import type { ChainKey } from "./demo/options";
import { runMain } from "./lib/main";

interface Arguments {
  chain?: ChainKey;
  rpc?: string;
  deployment?: string;
}

const SUBJECT_WIDTH = 28;

function npmVersion(): string {
  try {
    return execFileSync("npm", ["--version"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return "";
  }
}

async function main(): Promise<number> {
  const program = new Command("doctor")
    .description("Says what is missing of this machine, a node and a deployment.")
    .option("--chain <chain>", CHAINS.join(" or "), parseChain)
    .option("--rpc <url>", "the node")
    .option("--deployment <file>", "record of a deployment on that node's chain")
    .exitOverride();
  const options = program.parse(process.argv.slice(2), { from: "user" }).opts<Arguments>();
  const record = options.deployment === undefined ? undefined : readRecord(options.deployment);
  const chain =
    record?.chain.key ?? options.chain ?? PROFILES.find(({ key }) => key === process.env.ASTERISM_CHAIN)?.key;
  const profile = PROFILES.find(({ key }) => key === chain);
  const url = options.rpc ?? (chain === undefined ? undefined : process.env[URL_VARIABLES[chain]]);

  const machine = { node: process.version, npm: npmVersion(), memoryBytes: totalmem() };
  const diagnoses: Diagnosis[] = examineMachine(machine);
  if (profile === undefined || url === undefined || url === "") {
    const problem = record === undefined ? undefined : "a node is needed to look at a deployment";
    diagnoses.push({ subject: "node", found: "none named", problem });
  } else {
    const node = await examineNode(url, profile.chainId, Math.floor(Date.now() / 1_000));
    diagnoses.push(...node);
    if (record !== undefined && node.every(({ problem }) => problem === undefined)) {
      process.env.ASTERISM_CHAIN = profile.key;
      process.env.HARDHAT_NETWORK = "hardhat";
      const hre = await import("hardhat");
      diagnoses.push(...(await examineDeployment(hre, url, record)));
    }
  }
  for (const { subject, found, problem } of diagnoses) {
    console.log(`  ${subject.padEnd(SUBJECT_WIDTH)}  ${found}${problem === undefined ? "" : `  MISSING: ${problem}`}`);
  }
  const missing = diagnoses.filter(({ problem }) => problem !== undefined).length;
  console.log(missing === 0 ? "nothing is missing" : `${missing} things are missing`);
  return missing === 0 ? 0 : 1;
}

runMain(main, [], [RecordError]);
