import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import type { OracleModule } from "./oracle";

/** The Executor, before the products: Trading believes it when it names its caller. */
export function buildExecutorModule(oracle: OracleModule) {
  return buildModule("Executor", (m) => {
    const { priceAggregator } = m.useModule(oracle);
    return { executor: m.contract("Executor", [priceAggregator]) };
  });
}

export type ExecutorModule = ReturnType<typeof buildExecutorModule>;
