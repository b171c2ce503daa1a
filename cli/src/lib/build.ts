import { readFileSync } from "node:fs";
import { join } from "node:path";
import { BuildError } from "../../../deploy/audit";
import type { Surroundings } from "./world";

export { Reader } from "../../../sdk/reading";

const NAME = "StandInMulticall3";
const BUILT = join("artifacts", "contracts", "replica", `${NAME}.sol`, `${NAME}.json`);
/** Packed, beside the program. */
const PACKED = join(__dirname, `${NAME}.json`);

/** What the project's build has beside the system. */
export function buildOf({ root }: Surroundings): { multicallCode: () => Promise<string> } {
  return {
    multicallCode: () => {
      try {
        const text = readFileSync(root === null ? PACKED : join(root, BUILT), "utf8");
        return Promise.resolve((JSON.parse(text) as { deployedBytecode: string }).deployedBytecode);
      } catch {
        return Promise.reject(new BuildError(NAME));
      }
    },
  };
}
