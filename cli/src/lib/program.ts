import { Command, Option } from "commander";
import type { Surroundings } from "./world";

export type Body = (surroundings: Surroundings) => Promise<number | void>;
/** Runs the body of a command with what it works with. */
export type Run = (command: Command, body: Body) => Promise<void>;
/** Adds a command to the program. */
export type Define = (program: Command, run: Run) => void;

/** The program with the options that all commands share. */
export function createProgram(): Command {
  return new Command("asterism")
    .description("Asterism from the command line. Keys come from a keystore or the environment, never from arguments.")
    .addOption(new Option("--chain <chain>", "of which chain; ASTERISM_CHAIN by default").choices(["bnb", "arbitrum"]))
    .option("--rpc <url>", "the node; BNB_RPC_URL or ARBITRUM_RPC_URL by default")
    .option("--deployment <file>", "the record of the deployment; ASTERISM_DEPLOYMENT by default")
    .option("--keystore <file>", "encrypted key; ASTERISM_KEYSTORE by default")
    .option("--json", "one JSON value for programs")
    .showHelpAfterError("(--help says more)")
    .enablePositionalOptions(false)
    .exitOverride();
}
