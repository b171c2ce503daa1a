import { readFileSync } from "node:fs";
import { join } from "node:path";
import { BuildError } from "../../../deploy/audit";
import { repositoryFor } from "./world";
import type { Surroundings } from "./world";

export { Reader } from "../../../sdk/reading";

/** What the project's build has beside the system. */
export function buildOf(surroundings: Surroundings): { multicallCode: () => Promise<string> } {
  return {
    multicallCode: () => {
      const root = repositoryFor(surroundings, "a chain without Multicall3");
      const name = "StandInMulticall3";
      const path = join(root, "artifacts", "contracts", "replica", `${name}.sol`, `${name}.json`);
      try {
        const { deployedBytecode } = JSON.parse(readFileSync(path, "utf8")) as { deployedBytecode: string };
        return Promise.resolve(deployedBytecode);
      } catch {
        return Promise.reject(new BuildError(name));
      }
    },
  };
}
