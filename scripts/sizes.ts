/**
 * Writes the deployed size of every production contract to `snapshots/sizes.json`; with `--check` compares instead,
 * and fails when a size changed or a contract reaches the ceiling. Reads the artifacts: compile first.
 */
import { Command } from "commander";
import { productionContracts } from "./lib/artifacts";
import { runMain } from "./lib/main";
import { settleSnapshot } from "./lib/snapshot";

/** Below EIP-170's 24,576 bytes, so that a fix always fits. */
const CEILING_BYTES = 22_000;

runMain(() => {
  const program = new Command("sizes").option("--check", "compare with the snapshot").exitOverride().parse();
  const { check = false } = program.opts<{ check?: boolean }>();
  const contracts = productionContracts();
  const sizes = Object.fromEntries(contracts.map(({ name, deployedBytes }) => [name, deployedBytes]));
  const isCurrent = settleSnapshot("sizes", sizes, check);
  const tooLarge = contracts.filter(({ deployedBytes }) => deployedBytes >= CEILING_BYTES);
  for (const { name, deployedBytes } of tooLarge) {
    console.log(`${name}: ${deployedBytes} bytes, the ceiling is ${CEILING_BYTES}`);
  }
  return check && (!isCurrent || tooLarge.length > 0) ? 1 : 0;
});
