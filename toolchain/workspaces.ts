/**
 * Has the packages of this repository import each other's sources, by the names that they have once they are installed: nothing has
 * to be built before it is tried or tested.
 */
import Module from "node:module";
import { join } from "node:path";

const ROOT = join(__dirname, "..");
/** As in the `paths` of tsconfig.json. */
const SOURCES: Readonly<Record<string, string>> = {
  "@asterism/sdk": join(ROOT, "sdk", "index.ts"),
  "@asterism/sdk/abis": join(ROOT, "sdk", "abis", "index.ts"),
  "@asterism/sdk/model": join(ROOT, "sdk", "model", "index.ts"),
  "@asterism/keeper": join(ROOT, "keeper", "index.ts"),
};

type Resolve = (request: string, ...rest: unknown[]) => string;

const loader = Module as unknown as { _resolveFilename: Resolve };
const resolve = loader._resolveFilename;

loader._resolveFilename = function (this: unknown, request, ...rest) {
  return Object.hasOwn(SOURCES, request) ? SOURCES[request] : resolve.call(this, request, ...rest);
};
