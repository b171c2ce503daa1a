/** How Hardhat compiles and tests here; takes effect where it is imported, in `hardhat.config.ts`. */
import {
  TASK_COMPILE_SOLIDITY_COMPILE_JOBS,
  TASK_COMPILE_SOLIDITY_GET_SOLC_BUILD,
  TASK_COMPILE_SOLIDITY_RUN_SOLCJS,
  TASK_TEST_SETUP_TEST_ENVIRONMENT,
} from "hardhat/builtin-tasks/task-names";
import { extendConfig, subtask } from "hardhat/config";
import type { CompilerInput, SolcBuild, SolcConfig } from "hardhat/types";
import { SteppedClock } from "../kit/SteppedClock";
import { SOLC_VERSION, npmCompiler, runCompiler } from "./compiler";
import { hasten } from "./haste";

// The compiler comes from npm, so that a build needs no download beside the package registry.
subtask(TASK_COMPILE_SOLIDITY_GET_SOLC_BUILD, async (args: { solcVersion: string }, _hre, runSuper) =>
  args.solcVersion === SOLC_VERSION ? npmCompiler() : (runSuper() as Promise<SolcBuild>),
);

interface SolcjsArguments {
  input: CompilerInput;
  solcJsPath: string;
}

subtask(TASK_COMPILE_SOLIDITY_RUN_SOLCJS, ({ input, solcJsPath }: SolcjsArguments) => runCompiler(input, solcJsPath));

// The compiler runs in a process of its own: one per pipeline, side by side.
subtask(TASK_COMPILE_SOLIDITY_COMPILE_JOBS, (args: object, _hre, runSuper) => runSuper({ ...args, concurrency: 2 }));

// Overrides with one and the same compiler object make one compilation job, not one per file.
extendConfig(({ solidity }) => {
  const shared = new Map<string, SolcConfig>();
  for (const [source, override] of Object.entries(solidity.overrides)) {
    const key = JSON.stringify(override);
    const first = shared.get(key) ?? override;
    shared.set(key, first);
    solidity.overrides[source] = first;
  }
});

// Tests begin in the same second on every machine, and their blocks follow each other by one second.
export const TESTS_BEGIN = "2026-03-17T09:41:23Z";

subtask(TASK_TEST_SETUP_TEST_ENVIRONMENT, async (_args: object, { config, network }, runSuper) => {
  hasten();
  if (network.name === "hardhat") {
    const { hardhat } = config.networks;
    if (hardhat.forking === undefined) hardhat.initialDate = TESTS_BEGIN;
    SteppedClock.of(network.provider);
  }
  await runSuper();
});
