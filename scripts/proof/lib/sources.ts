/** The project's Solidity as the compiler reads it: every file with what it imports, from the project's root. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join, posix } from "node:path";

const IMPORT = /^\s*import\b[^;]*?"([^"]+)"\s*;/gm;

/** Sources by their names for the compiler: a path from the project's root, or of a package. */
export type Sources = ReadonlyMap<string, string>;

/** Paths of the Solidity files in a folder of the project. */
export function solidityIn(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return names.filter((name) => name.endsWith(".sol")).map((name) => posix.join(folder, name));
}

/** Names that a source imports, as the compiler resolves them. */
export function importsOf(name: string, content: string): string[] {
  const resolved = (path: string) => (path.startsWith(".") ? posix.join(posix.dirname(name), path) : path);
  return [...content.matchAll(IMPORT)].map(([, path]) => resolved(path));
}

/**
 * The files named and all that they import, directly or not. `changed` stands in place of what is on disk. Throws for an
 * import that is nowhere.
 */
export function closureOf(roots: readonly string[], changed: Sources = new Map()): Map<string, string> {
  const found = new Map<string, string>();
  const waiting = [...roots];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (found.has(name)) continue;
    const content = changed.get(name) ?? read(name);
    found.set(name, content);
    waiting.push(...importsOf(name, content));
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function read(name: string): string {
  const path = [name, join("node_modules", name)].find((candidate) => existsSync(candidate));
  if (path === undefined) throw new Error(`no source "${name}"`);
  return readFileSync(path, "utf8");
}
