import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { COMPARED_VARIABLE } from "../../../test/dsl/compared";
import { CALM_ALLOCATOR, hardhat } from "../../lib/hardhat";
import type { Chain } from "../../lib/hardhat";
import type { Product } from "./products";

/** What one process does. */
export interface Job {
  readonly product: Product;
  readonly chain: Chain;
  readonly seed: number;
  readonly env: Record<string, string>;
}

/** What a process compared, in the project or a copy of it; no actions where it found a difference. */
export async function runOne(
  { product, chain, env }: Job,
  cwd?: string,
): Promise<{ actions?: number; output: string }> {
  const folder = mkdtempSync(join(tmpdir(), "asterism-differential-"));
  try {
    const path = join(folder, "compared");
    const all = { ...CALM_ALLOCATOR, ...env, [COMPARED_VARIABLE]: path };
    const args = ["test", "--no-compile", product.file];
    const { code, output } = await hardhat(args, { chain, env: all, cwd, output: "keep" });
    if (code !== 0 || !existsSync(path)) return { output };
    return { actions: Number(readFileSync(path, "utf8")), output };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What runs it again by hand. */
export function lineOf({ chain, env, product }: Job): string {
  const variables = Object.entries({ ASTERISM_CHAIN: chain, ...env }).map(([name, value]) => `${name}=${value}`);
  return `${variables.join(" ")} npx hardhat test ${product.file}`;
}
