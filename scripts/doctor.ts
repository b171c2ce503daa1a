/**
 * Says what is missing: of this machine, of a node, and of a deployment.
 *
 *   npm run doctor [-- --chain bnb --rpc http://… --deployment deployments/chain-56.json]
 *
 * Without `--rpc` the node is that of the environment (`BNB_RPC_URL`, `ARBITRUM_RPC_URL`), if it names one. Ends with a code
 * other than 0 when anything is missing.
 */
import { Command } from "commander";
import { RecordError } from "../deploy/record";
import { CHAINS, parseChain } from "./demo/options";
import { diagnose, diagnosisLines, missingOf } from "./doctor/diagnose";
import type { DoctorArguments } from "./doctor/diagnose";
import { runMain } from "./lib/main";

async function main(): Promise<number> {
  const program = new Command("doctor")
    .description("Says what is missing of this machine, a node and a deployment.")
    .option("--chain <chain>", CHAINS.join(" or "), parseChain)
    .option("--rpc <url>", "the node")
    .option("--deployment <file>", "record of a deployment on that node's chain")
    .exitOverride();
  const diagnoses = await diagnose(program.parse(process.argv.slice(2), { from: "user" }).opts<DoctorArguments>());
  for (const line of diagnosisLines(diagnoses)) console.log(line);
  return missingOf(diagnoses) === 0 ? 0 : 1;
}

runMain(main, [], [RecordError]);
