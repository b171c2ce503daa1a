/**
 * Fails for a package of `package.json` that nothing uses: no import of TypeScript, JavaScript or Solidity, no npm script,
 * no configuration, no peer of a package that is used. `ts-node scripts/dependencies.ts`
 */
import { readFileSync } from "node:fs";
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
});
type Manifest = z.infer<typeof manifestSchema>;

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

async function importsOf(): Promise<Set<string>> {
  const { stdout } = await execa("git", ["ls-files", "--cached", "--others", "--exclude-standard"]);
  const files = stdout.split("\n").filter((file) => !file.startsWith("typechain-types/"));
  const found = files.flatMap((file) => {
    if (file.endsWith(".sol")) return [...read(file).matchAll(SOLIDITY_IMPORT)].map(([, specifier]) => specifier);
    if (!/\.([cm]?js|ts)$/.test(file)) return [];
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

runMain(async () => {
  const { dependencies, devDependencies, scripts } = readManifest(".");
  const all = Object.keys({ ...dependencies, ...devDependencies });
  const manifests = new Map(all.map((name) => [name, readManifest(join("node_modules", name))]));
  const words = new Set([...Object.values(scripts), read(join(".ci", "run"))].join(" ").split(/[\s;'"]+/));
  const configured = CONFIGURATIONS.map(read).join("\n");
  const imported = await importsOf();

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
  const unused = all.filter((name) => !used.has(name));
  for (const name of unused) console.log(`${name}: nothing uses it`);
  return unused.length === 0 ? 0 : 1;
});
