import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import execa from "execa";

/** Its binaries, one for each platform, are too large to be installed with everything else. */
const VERSION = "1.7.1";
const PLATFORMS: Readonly<Record<string, string>> = { linux: "linux", darwin: "darwin", win32: "win32" };
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };
export const FUZZ_FOLDER = join("cache", "fuzz");

/** Path of Foundry's forge, installed outside of the tree's packages the first time. */
export async function forgeBinary(): Promise<string> {
  const [platform, architecture] = [PLATFORMS[process.platform], ARCHITECTURES[process.arch]];
  if (platform === undefined || architecture === undefined) {
    throw new Error(`there is no forge for ${process.platform} on ${process.arch}`);
  }
  const name = `@foundry-rs/forge-${platform}-${architecture}`;
  const prefix = join(FUZZ_FOLDER, `forge-${VERSION}`);
  const binary = join(prefix, "node_modules", name, "bin", process.platform === "win32" ? "forge.exe" : "forge");
  if (!existsSync(binary)) {
    mkdirSync(prefix, { recursive: true });
    const options = ["--no-save", "--ignore-scripts", "--no-audit", "--no-fund"];
    await execa("npm", ["install", "--prefix", prefix, ...options, `${name}@${VERSION}`]);
  }
  return resolve(binary);
}

export interface Campaign {
  readonly record: string;
  readonly seconds: number;
  readonly seed: number;
  /** Regular expression of the campaigns' names. */
  readonly match: string;
  readonly depth: number;
  /** Where each run tells what it did. */
  readonly counts: string;
  /** Where a failure is kept, to be tried first the next time. */
  readonly failures: string;
  /** Whether the calls that lead to a failure are made fewer before they are told. */
  readonly isShrunk?: boolean;
}

export interface Ended {
  readonly isHeld: boolean;
  readonly output: string;
}

export async function runForge(binary: string, campaign: Campaign): Promise<Ended> {
  const { counts, depth, failures, isShrunk = true, match, record, seconds, seed } = campaign;
  const { exitCode, all } = await execa(binary, ["test", "--match-contract", match, "--fuzz-seed", `${seed}`, "-vv"], {
    ...{ all: true, reject: false, stdin: "ignore" },
    env: {
      FOUNDRY_CONFIG: resolve("proof", "forge", "foundry.toml"),
      FOUNDRY_INVARIANT_TIMEOUT: `${seconds}`,
      FOUNDRY_INVARIANT_DEPTH: `${depth}`,
      FOUNDRY_INVARIANT_FAILURE_PERSIST_DIR: failures,
      ...(!isShrunk && { FOUNDRY_INVARIANT_SHRINK_RUN_LIMIT: "0" }),
      FUZZ_RECORD: record,
      FUZZ_COUNTS: counts,
    },
  });
  return { isHeld: exitCode === 0, output: all ?? "" };
}

/** Names and numbers as they were told, in their order. */
export function countedIn(text: string): [string, number][] {
  return [...text.matchAll(/([^=;\n]+)=(\d+);/g)].map(([, name, times]) => [name, Number(times)]);
}

/** Sums of what the runs of a campaign told, by name. */
export function countsOf(file: string): { runs: number; counts: ReadonlyMap<string, number> } {
  const text = existsSync(file) ? readFileSync(file, "utf8").trim() : "";
  const counts = new Map<string, number>();
  for (const [name, times] of countedIn(text)) counts.set(name, (counts.get(name) ?? 0) + times);
  return { runs: text === "" ? 0 : text.split("\n").length, counts };
}
