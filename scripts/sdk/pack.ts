/**
 * Packs the SDK: builds it for ESM and CommonJS, takes the interfaces of the contracts along, and writes the tarball.
 *
 *   ts-node scripts/sdk/pack.ts [folder]
 */
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { dirname, join, normalize, resolve } from "node:path";
import execa from "execa";
import { runMain } from "../lib/main";

const SDK = "sdk";
const CONTRACTS = "contracts";
/** What outsiders import; what these import goes with them. */
const ROOMS = [join(CONTRACTS, "interfaces"), join(CONTRACTS, "examples")];
const RELATIVE_IMPORT = /^\s*import\b[^;]*?"(\.[^"]*)"\s*;/gm;

/** Builds and packs; returns the path of the tarball. */
export async function pack(folder: string): Promise<string> {
  await execa("tsdown", [], { cwd: SDK, preferLocal: true, localDir: resolve(".") });
  copyContracts();
  copyFileSync("LICENSE", join(SDK, "LICENSE"));
  mkdirSync(folder, { recursive: true });
  const { stdout } = await execa("npm", ["pack", "--json", "--pack-destination", resolve(folder)], { cwd: SDK });
  const [{ filename }] = JSON.parse(stdout) as { filename: string }[];
  return resolve(folder, filename);
}

/** The interfaces, the examples and every file that they import, in the rooms that they have here. */
function copyContracts(): void {
  const target = join(SDK, CONTRACTS);
  rmSync(target, { recursive: true, force: true });
  const waiting = ROOMS.flatMap((room) =>
    readdirSync(room, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".sol"))
      .map((name) => join(room, name)),
  );
  const taken = new Set<string>();
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (taken.has(file)) continue;
    taken.add(file);
    const from = dirname(file);
    const imports = [...readFileSync(file, "utf8").matchAll(RELATIVE_IMPORT)].map(([, path]) => path);
    waiting.push(...imports.map((path) => normalize(join(from, path))));
    mkdirSync(dirname(join(SDK, file)), { recursive: true });
    copyFileSync(file, join(SDK, file));
  }
}

if (require.main === module) {
  runMain(async () => {
    console.log(await pack(process.argv[2] ?? join(SDK, "dist")));
  });
}
