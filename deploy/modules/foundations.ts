import type { ExecutorModule } from "./executor";
import type { OracleModule } from "./oracle";
import type { VaultModule } from "./vault";

/** The guardian has cut nothing yet: what every raising call of a deployment names. */
export const NO_CUTS = 0n;

/** What every product stands on. */
export interface Foundations {
  vault: VaultModule;
  oracle: OracleModule;
  executor: ExecutorModule;
}
