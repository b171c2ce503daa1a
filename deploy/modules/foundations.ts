import type { ExecutorModule } from "./executor";
import type { OracleModule } from "./oracle";
import type { VaultModule } from "./vault";

/** What every product stands on. */
export interface Foundations {
  vault: VaultModule;
  oracle: OracleModule;
  executor: ExecutorModule;
}
