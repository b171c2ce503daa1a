import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

/** The AccessManager, administered by the deployer until the handover, and the breaker. */
export const AccessModule = buildModule("Access", (m) => {
  const accessManager = m.contract("AccessManager", [m.getAccount(0)]);
  const breaker = m.contract("Breaker", [accessManager]);
  return { accessManager, breaker };
});
