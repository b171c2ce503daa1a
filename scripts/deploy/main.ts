import { Command } from "commander";
import { connectionProblems } from "../../deploy/connection";
import { RefusedError, readSettings } from "../../deploy/environment";
import type { Settings } from "../../deploy/environment";

export interface DeployArguments {
  /** The chain itself; a rehearsal on a fork without it. */
  network?: string;
  /** Print every call of the rehearsal and what it costs. */
  dryRun?: boolean;
}

export function parseDeploy(argv: readonly string[]): DeployArguments {
  const program = new Command("deploy")
    .description("Deploys the system and hands it over; without a network it rehearses on a fork.")
    .option("--network <chain>", "the chain itself: bnb or arbitrum")
    .option("--dry-run", "rehearse, and print every call and what it costs")
    .exitOverride();
  return program.parse([...argv], { from: "user" }).opts<DeployArguments>();
}

/** Deploys, or rehearses. Throws {@link RefusedError} with everything that is wrong before anything is compiled or sent. */
export async function deployMain({ network, dryRun = false }: DeployArguments): Promise<void> {
  if (dryRun && network !== undefined) {
    throw new RefusedError(["--dry-run sends nothing: it takes no --network, the chain is that of ASTERISM_CHAIN"]);
  }
  const settings = readSettings(process.env, network);
  const problems = await connectionProblems(settings);
  if (problems.length > 0) throw new RefusedError(problems);
  prepareHardhat(settings, network);
  const { run } = await import("./run");
  await run(settings, { isRehearsal: network === undefined, isEachCallTold: dryRun });
}

/** Hardhat reads its configuration from the environment, once. */
function prepareHardhat({ profile, privateKey }: Settings, network: string | undefined): void {
  process.env.ASTERISM_CHAIN = profile.key;
  process.env.HARDHAT_NETWORK = network ?? "hardhat";
  if (privateKey !== undefined) process.env.DEPLOYER_PRIVATE_KEY = privateKey;
}
