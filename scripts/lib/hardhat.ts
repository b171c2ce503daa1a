import { createInterface } from "node:readline";
import execa from "execa";

const HARDHAT = require.resolve("hardhat/internal/cli/bootstrap");

/** One process has one chain id. */
export const CHAINS = ["bnb", "arbitrum"] as const;
export type Chain = (typeof CHAINS)[number];

/** The embedded chain keeps for ten seconds what memory it has given up: else every call has it cleared anew. */
export const CALM_ALLOCATOR = { MIMALLOC_PURGE_DELAY: "10000" };

export interface HardhatOptions {
  chain: Chain;
  env?: Record<string, string>;
  /** The project, or a copy of it; by default the working directory. */
  cwd?: string;
  /** `inherit`: as it comes. `prefix`: as it comes, each line after the chain's name. `keep`: returned when it has ended. */
  output?: "inherit" | "prefix" | "keep";
}

export interface Ended {
  /** 1 when a signal ended it. */
  code: number;
  /** Of both streams, with `keep`; empty otherwise. */
  output: string;
}

/** Runs hardhat in a process of its own; it ends with this one. */
export async function hardhat(args: readonly string[], options: HardhatOptions): Promise<Ended> {
  const { chain, env, cwd, output = "inherit" } = options;
  const child = execa(process.execPath, [HARDHAT, ...args], {
    ...{ cwd, env: { ...env, ASTERISM_CHAIN: chain }, reject: false, stripFinalNewline: false },
    ...{ stdin: "ignore", all: true, buffer: output === "keep" },
    ...(output === "inherit" ? { stdout: "inherit", stderr: "inherit" } : {}),
  });
  if (output === "prefix" && child.all) {
    for await (const line of createInterface({ input: child.all })) console.log(`${chain} | ${line}`);
  }
  const { exitCode, all } = await child;
  return { code: exitCode ?? 1, output: all ?? "" };
}
