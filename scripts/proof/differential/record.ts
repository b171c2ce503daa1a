/** What was compared with the model so far, in a file that a later run goes on with. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { CHAINS } from "../../lib/hardhat";
import { PRODUCTS } from "./products";
import type { Product } from "./products";

const runSchema = z.object({
  product: z.string(),
  chain: z.enum(CHAINS),
  seed: z.number(),
  /** Actions that were asked for. */
  batch: z.number(),
  actions: z.number(),
  seconds: z.number(),
  /** Of contracts and model, as far as the product is made of them. */
  sources: z.string(),
});
export type Run = z.infer<typeof runSchema>;

/** What decides whether two runs are of the same system. */
const FOLDERS = ["contracts", join("sdk", "model")];
/** What a source says to nobody but its reader. */
const COMMENTS = /\/\*[\s\S]*?\*\/|\/\/.*$|^\s*\n/gm;

/** Of contracts and model, as far as a product is made of them. */
export function sourcesOf({ isOf }: Product): string {
  const hash = createHash("sha256");
  for (const folder of FOLDERS) {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const paths = files.map(({ parentPath, name }) => join(parentPath, name)).filter(isOf);
    for (const path of paths.sort()) hash.update(readFileSync(path, "utf8").replace(COMMENTS, ""));
  }
  return hash.digest("hex").slice(0, 12);
}

export function readRuns(path: string): Run[] {
  return existsSync(path) ? z.array(runSchema).parse(JSON.parse(readFileSync(path, "utf8"))) : [];
}

export function writeRuns(path: string, runs: readonly Run[]): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(runs, null, 2)}\n`);
}

export interface Sum {
  readonly product: string;
  readonly actions: number;
  /** By chain. */
  readonly seeds: string;
  /** Of one process. */
  readonly secondsPerThousand: number;
}

export function sumsOf(runs: readonly Run[]): Sum[] {
  return PRODUCTS.map(({ name }) => {
    const own = runs.filter(({ product }) => product === name);
    const sum = (key: "actions" | "seconds") => own.reduce((total, run) => total + run[key], 0);
    const seeds = own.map(({ seed }) => seed).sort((a, b) => a - b);
    return {
      product: name,
      actions: sum("actions"),
      seeds: seeds.join(", "),
      secondsPerThousand: (1_000 * sum("seconds")) / sum("actions"),
    };
  });
}
