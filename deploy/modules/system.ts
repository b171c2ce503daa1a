import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import type { ChainProfile } from "../profiles";
import { AccessModule } from "./access";
import { buildAlpModule } from "./alp";
import { buildExecutorModule } from "./executor";
import { buildOracleModule } from "./oracle";
import { buildPeripheryModule } from "./periphery";
import { buildPredictionModule } from "./prediction";
import { buildProModule } from "./pro";
import { buildTradingModule } from "./trading";
import { buildVaultModule } from "./vault";

/**
 * Everything deployed and configured, with the deployer still in charge: restricted functions belong to the AccessManager's
 * ADMIN until they are wired, which the handover does afterwards.
 *
 * To add a contract: a module beside this one, a line here, a line in `System`, its row in `ROLE_TABLE`.
 */
export function buildSystemModule(profile: ChainProfile) {
  // Each is built once: Ignition takes two of the same name for two modules.
  const oracle = buildOracleModule(profile);
  const foundations = { vault: buildVaultModule(profile), oracle, executor: buildExecutorModule(oracle) };
  const trading = buildTradingModule(profile, foundations);
  const prediction = buildPredictionModule(profile, foundations, trading);
  return buildModule("System", (m) => ({
    ...m.useModule(AccessModule),
    ...m.useModule(foundations.vault),
    ...m.useModule(foundations.oracle),
    ...m.useModule(buildAlpModule(profile, foundations, prediction)),
    ...m.useModule(trading),
    ...m.useModule(prediction),
    ...m.useModule(buildProModule(profile, foundations, [trading, prediction])),
    ...m.useModule(buildPeripheryModule(foundations)),
  }));
}

export type SystemModule = ReturnType<typeof buildSystemModule>;
