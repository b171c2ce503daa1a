/**
 * Packs the SDK, the keeper and the command line: builds them, the SDK for ESM and CommonJS and with the interfaces of the contracts, and
 * writes a tarball of each.
 *
 *   ts-node scripts/sdk/pack.ts [folder]
 */
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { basename, dirname, join, normalize, resolve } from "node:path";
import execa from "execa";
import { runMain } from "../lib/main";

const SDK = "sdk";
const KEEPER = "keeper";
const CLI = "cli";
const CONTRACTS = "contracts";
const MULTICALL = join("artifacts", CONTRACTS, "replica", "StandInMulticall3.sol", "StandInMulticall3.json");
/** What outsiders import; what these import goes with them. */
const ROOMS = [join(CONTRACTS, "interfaces"), join(CONTRACTS, "pro", "interfaces"), join(CONTRACTS, "examples")];
const RELATIVE_IMPORT = /^\s*import\b[^;]*?"(\.[^"]*)"\s*;/gm;

/** Builds and packs; returns the path of the tarball. */
export async function pack(folder: string): Promise<string> {
  await build(SDK);
  copyContracts();
  copyFileSync("LICENSE", join(SDK, "LICENSE"));
  return packed(SDK, folder);
}

/** The same of the keeper; it needs the SDK beside it. */
export async function packKeeper(folder: string): Promise<string> {
  await build(KEEPER);
  return packed(KEEPER, folder);
}

/** The same of the command line, which has SDK and keeper inside, and what it tries calls with on a chain without Multicall3. */
export async function packCli(folder: string): Promise<string> {
  await build(CLI);
  copyFileSync(MULTICALL, join(CLI, "dist", basename(MULTICALL)));
  return packed(CLI, folder);
}

/** Builds a workspace into its `dist/`. */
export async function build(workspace: string): Promise<void> {
  await execa("tsdown", [], { cwd: workspace, preferLocal: true, localDir: resolve(".") });
}

async function packed(workspace: string, folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const args = ["pack", "--json", "--pack-destination", resolve(folder)];
  const { stdout } = await execa("npm", args, { cwd: workspace });
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
    const folder = process.argv[2] ?? join(SDK, "dist");
    for (const each of [pack, packKeeper, packCli]) console.log(await each(folder));
  });
}
