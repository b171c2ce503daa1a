import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { withCopies } from "../../lib/copy";
import { CHAINS } from "../../lib/hardhat";
import { inParallel } from "../lib/parallel";
import { FAULTS, faulty } from "./faults";
import type { Fault } from "./faults";
import { runOne } from "./job";
import type { Product } from "./products";

/** That a fault is found is enough. */
const UNSHRUNK = { SHRINKING_SECONDS: "0" };

export interface Planting {
  readonly products: readonly Product[];
  /** Faults, of the order that the seed begins. */
  readonly sample: number;
  readonly seed: number;
  /** Actions that each fault has to be found in. */
  readonly batch: number;
  readonly processes: number;
}

/** Puts faults into copies of the model, each alone, and tells which the comparison does not find. */
export async function plantFaults({ batch, processes, products, sample, seed }: Planting): Promise<Fault[]> {
  const byName = new Map(products.map((product) => [product.name, product]));
  const wanted = FAULTS.filter(({ product }) => byName.has(product));
  const drawn = wanted.map((_, place) => wanted[(place + seed) % wanted.length]).slice(0, sample);
  const missed: Fault[] = [];
  await withCopies(processes, async (folders) => {
    for (const folder of folders) {
      for (const built of ["artifacts", "cache"]) symlinkSync(resolve(built), join(folder, built));
    }
    await inParallel(drawn, processes, async (fault, worker) => {
      const product = byName.get(fault.product);
      if (product === undefined) return;
      const [folder, text] = [folders[worker], readFileSync(fault.source, "utf8")];
      const startedAt = Date.now();
      writeFileSync(join(folder, fault.source), faulty(text, fault));
      const env = { ...product.env(seed, batch), ...UNSHRUNK };
      const job = { product, chain: CHAINS[0], seed, env };
      const { output } = await runOne(job, folder);
      writeFileSync(join(folder, fault.source), text);
      // A process that fell over for another reason has found nothing.
      const isFound = output.includes("AssertionError");
      if (!isFound) missed.push(fault);
      const seconds = Math.round((Date.now() - startedAt) / 1_000);
      console.log(`${product.name}, ${seconds} seconds: ${isFound ? "found" : "NOT FOUND"}: ${fault.name}`);
    });
  });
  return missed;
}
