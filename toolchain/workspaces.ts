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

type Resolve = (request: string, parent?: { path?: string }, isMain?: boolean, options?: object) => string;

const loader = Module as unknown as { _resolveFilename: Resolve };
const resolve = loader._resolveFilename;
/** What a folder's files have asked for: a library that requires another at every call has it looked for on the disk each time. */
const found = new Map<string, string>();

loader._resolveFilename = function (this: unknown, request, parent, isMain, options) {
  if (Object.hasOwn(SOURCES, request)) return SOURCES[request];
  if (parent?.path === undefined || isMain || options !== undefined) {
    return resolve.call(this, request, parent, isMain, options);
  }
  const key = `${parent.path}\0${request}`;
  const known = found.get(key) ?? resolve.call(this, request, parent, isMain, options);
  found.set(key, known);
  return known;
};
