import { expect } from "chai";
import { walk } from "./tree";
import type { Act, Restorable } from "./tree";

/** Acts of each sequence. */
export const DEPTH = Number(process.env.WORLDS_DEPTH ?? 4);

/** Whatever the depth takes. */
export const HOURS = 24 * 3_600_000;

/** Walks the tree, tells what was walked, and finds it whole: as many sequences as there are. */
export async function report(what: string, world: Restorable, acts: readonly Act[], depth: number): Promise<void> {
  const startedAt = Date.now();
  const walked = await walk(world, acts, depth);
  const seconds = ((Date.now() - startedAt) / 1_000).toFixed(0);
  console.log(`      ${what}: ${walked.worlds} worlds of ${depth} acts, ${walked.acts} acts, ${seconds} seconds`);
  console.log(`      came to pass: ${[...walked.seen].sort().join(", ")}`);
  expect(walked.worlds, what).to.equal(acts.length ** depth);
}
