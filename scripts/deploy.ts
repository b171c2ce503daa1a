/**
 * Deploys the system and hands it over to its governance:
 *
 *   npm run deploy                        a rehearsal on a fork of the chain, in memory
 *   npm run deploy -- --network bnb       the chain itself (or arbitrum)
 *
 * Everything comes from the environment, see docs/deploying.md. Whatever is wrong is told in one list, before anything is
 * compiled or sent. On a chain it writes `deployments/<id>.json`; an interrupted run goes on where it stopped.
 */
import { Command } from "commander";
import { connectionProblems } from "../deploy/connection";
import { RefusedError, readSettings } from "../deploy/environment";
import type { Settings } from "../deploy/environment";
import { LockedError } from "../deploy/lock";
import { runMain } from "./lib/main";

function parseNetwork(argv: readonly string[]): string | undefined {
  const program = new Command("deploy")
    .description("Deploys the system and hands it over; without a network it rehearses on a fork.")
    .option("--network <chain>", "the chain itself: bnb or arbitrum")
    .exitOverride();
  return program.parse([...argv], { from: "user" }).opts<{ network?: string }>().network;
}

/** Hardhat reads its configuration from the environment, once. */
function prepareHardhat({ profile, privateKey }: Settings, network: string | undefined): void {
  process.env.ASTERISM_CHAIN = profile.key;
  process.env.HARDHAT_NETWORK = network ?? "hardhat";
  if (privateKey !== undefined) process.env.DEPLOYER_PRIVATE_KEY = privateKey;
}

async function main(): Promise<void> {
  const network = parseNetwork(process.argv.slice(2));
  const settings = readSettings(process.env, network);
  const problems = await connectionProblems(settings);
  if (problems.length > 0) throw new RefusedError(problems);
  prepareHardhat(settings, network);
  const { run } = await import("./deploy/run");
  await run(settings, network === undefined);
}

runMain(main, [], [RefusedError, LockedError]);
