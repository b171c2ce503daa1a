/**
 * Runs the example-based suites over instrumented contracts and writes the report to `coverage/`. The factories in
 * `typechain-types` carry the instrumented bytecode meanwhile, and are generated again afterwards.
 */
import { spawnSync } from "node:child_process";

const HARDHAT = require.resolve("hardhat/internal/cli/bootstrap");
const TESTS = "test/{unit,integration,attacks,deploy}/**/*.test.ts";

function hardhat(args: string[], env: Record<string, string>): number {
  const child = spawnSync(process.execPath, [HARDHAT, ...args], { env: { ...process.env, ...env }, stdio: "inherit" });
  return child.status ?? 1;
}

// Without IR: it merges away the statements that instrumentation counts.
const covered = hardhat(["coverage", "--testfiles", TESTS], { ASTERISM_COVERAGE: "true" });
const restored = hardhat(["typechain"], { ASTERISM_COVERAGE: "false" });
process.exitCode = covered === 0 ? restored : covered;
