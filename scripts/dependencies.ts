/**
 * Fails for a package of `package.json`, or of a workspace's, that nothing uses: no import of TypeScript, JavaScript or Solidity, no
 * npm script, no configuration, no peer of a package that is used. `ts-node scripts/dependencies.ts`
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import execa from "execa";
import { preProcessFile } from "typescript";
import { z } from "zod";
import { runMain } from "./lib/main";

const names = z.record(z.string(), z.string()).default({});
const manifestSchema = z.object({
  dependencies: names,
  devDependencies: names,
  peerDependencies: names,
  scripts: names,
  bin: z.union([z.string(), z.record(z.string(), z.string())]).default({}),
  workspaces: z.array(z.string()).default([]),
});
type Manifest = z.infer<typeof manifestSchema>;

/** Folders whose sources a packed workspace has inside: it needs what they import. */
const INSIDE: Readonly<Record<string, readonly string[]>> = { cli: ["deploy", "keeper", "sdk"] };
/** Read by name, not by import. */
const CONFIGURATIONS = [".prettierrc.json", ".solhint.json", "tsconfig.json"];
const SOLIDITY_IMPORT = /^\s*import\b[^;]*?"([^".][^"]*)"\s*;/gm;

function readManifest(folder: string): Manifest {
  return manifestSchema.parse(JSON.parse(readFileSync(join(folder, "package.json"), "utf8")));
}

/** `@scope/name` or `name` of what an import names. */
function packageOf(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

/** What the files of a folder import, and of those that go inside with them. */
async function importsOf(folder: string): Promise<Set<string>> {
  const folders = [folder, ...(INSIDE[folder] ?? [])];
  const { stdout } = await execa("git", ["ls-files", "--cached", "--others", "--exclude-standard", ...folders]);
  const files = stdout.split("\n").filter((file) => !file.startsWith("typechain-types/"));
  const found = files.flatMap((file) => {
    if (file.endsWith(".sol")) return [...read(file).matchAll(SOLIDITY_IMPORT)].map(([, specifier]) => specifier);
    if (!/\.([cm]?js|tsx?)$/.test(file)) return [];
    // `import`, `import()`, `require()` and `require.resolve()`; then the types that a declaration names.
    const source = read(file).replace(/require\.resolve\(/g, "require(");
    const { importedFiles, ambientExternalModules = [] } = preProcessFile(source, true, true);
    return [...importedFiles.map(({ fileName }) => fileName), ...ambientExternalModules];
  });
  return new Set(found.map(packageOf));
}

function read(file: string): string {
  return readFileSync(file, "utf8");
}

/** Packages of a folder's manifest that nothing uses. */
async function unusedOf(folder: string): Promise<string[]> {
  const { dependencies, devDependencies, scripts } = readManifest(folder);
  // What a workspace declares to be installed beside it is its own sources, or the root's to have.
  const all = Object.keys({ ...dependencies, ...devDependencies }).filter((name) => !name.startsWith("@asterism/"));
  const manifests = new Map(all.map((name) => [name, readManifest(installedAt(folder, name))]));
  const ci = folder === "." ? read(join(".ci", "run")) : "";
  const words = new Set([...Object.values(scripts), ci].join(" ").split(/[\s;'"]+/));
  const configured = CONFIGURATIONS.map(read).join("\n");
  const imported = await importsOf(folder);

  const isUsed = (name: string) => {
    const { bin } = manifests.get(name) as Manifest;
    const programs = typeof bin === "string" ? [name] : Object.keys(bin);
    const types = name.replace(/^@types\//, "");
    if (types !== name) return types === "node" || imported.has(types) || configured.includes(`"${types}"`);
    return imported.has(name) || programs.some((program) => words.has(program)) || configured.includes(`"${name}"`);
  };
  const used = new Set(all.filter(isUsed));
  for (const name of used) {
    for (const peer of Object.keys(manifests.get(name)?.peerDependencies ?? {})) if (all.includes(peer)) used.add(peer);
  }
  return all.filter((name) => !used.has(name));
}

/** A workspace's own copy, or the one that all share. */
function installedAt(folder: string, name: string): string {
  const own = join(folder, "node_modules", name);
  return existsSync(own) ? own : join("node_modules", name);
}

runMain(async () => {
  const unused: string[] = [];
  for (const folder of [".", ...readManifest(".").workspaces]) {
    for (const name of await unusedOf(folder)) unused.push(folder === "." ? name : `${folder}: ${name}`);
  }
  for (const name of unused) console.log(`${name}: nothing uses it`);
  return unused.length === 0 ? 0 : 1;
});
