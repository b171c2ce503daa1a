import { resolve } from "node:path";
import type { Command } from "commander";
import { EXIT } from "../lib/exit";
import type { Define } from "../lib/program";
import { repositoryFor } from "../lib/world";

interface DeployOptions {
  send?: boolean;
}

/** What has to run in the project's folder: the deployment, and the doctor. */
export const defineOperations: Define = (program, run) => {
  program
    .command("deploy")
    .description(
      "rehearse the deployment and print every call and its cost; the environment says what: docs/deploying.md",
    )
    .option("--send", "deploy on the chain itself; goes on where an interrupted run stopped")
    .action(({ send }: DeployOptions, command: Command) =>
      run(command, async (surroundings) => {
        const { globals, environment } = surroundings;
        process.chdir(repositoryFor(surroundings, "`deploy`"));
        const { deployMain } = await import("../../../scripts/deploy/main");
        const chain = globals.chain ?? environment.ASTERISM_CHAIN;
        if (globals.chain !== undefined) process.env.ASTERISM_CHAIN = globals.chain;
        await deployMain(send ? { network: chain ?? "" } : { dryRun: true });
        // Hardhat keeps a chain of its own alive.
        return EXIT.fine;
      }),
    );
  program
    .command("doctor")
    .description("say what is missing of this machine, of the node, and of the deployment if one is named")
    .action((_: object, command: Command) =>
      run(command, async (surroundings) => {
        const { globals, environment, output } = surroundings;
        const root = repositoryFor(surroundings, "`doctor`");
        const named = globals.deployment ?? environment.ASTERISM_DEPLOYMENT;
        const deployment = named === undefined || named === "" ? undefined : resolve(named);
        process.chdir(root);
        const { diagnose, diagnosisLines, missingOf } = await import("../../../scripts/doctor/diagnose");
        const diagnoses = await diagnose({ chain: globals.chain, rpc: globals.rpc, deployment });
        output.result(diagnoses, () => diagnosisLines(diagnoses).join("\n"));
        return missingOf(diagnoses) === 0 ? EXIT.fine : EXIT.found;
      }),
    );
};
