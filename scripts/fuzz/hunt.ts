/**
 * Each mutant is the system with one fault: where no campaign and no test sees it, its invariant has not been shown able to
 * fail.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withCopies } from "../lib/copy";
import { readWeights } from "../lib/suites";
import { closureOf, solidityIn } from "../proof/lib/sources";
import { compileContracts } from "../proof/mutation/base";
import type { Contract } from "../proof/mutation/base";
import { Sandbox } from "../proof/mutation/Sandbox";
import { exchanged } from "./exchange";
import { FUZZ_FOLDER, runForge } from "./forge";
import type { Mutant } from "./mutants";
import { encodeRecord } from "./recording";
import type { Recorded } from "./recording";

/** Properties draw the same cases every time. */
const PROPERTY_SEED = "1";
const DEFAULT_SECONDS = 10;
const DEFAULT_CHAIN = "bnb";

export interface Hunt {
  readonly binary: string;
  readonly seconds: number;
  readonly depth: number;
  /** Of the deployment, made when the first campaign needs it. */
  readonly record: () => Promise<Recorded>;
}

/** What failed, in its own words; nothing where all held. */
type Failed = string | undefined;

/** True when each was found. */
export async function hunt(mutants: readonly Mutant[], options: Hunt): Promise<boolean> {
  process.env.FUZZ_SEED = PROPERTY_SEED;
  let missed = 0;
  const judge = async (mutant: Mutant, by: (code: readonly Contract[]) => Promise<Failed>) => {
    const startedAt = Date.now();
    const failed = await by(await codeOf(mutant));
    const isFound = failed !== undefined && new RegExp(`\\b${mutant.breaks}\\b`).test(failed);
    if (!isFound) missed++;
    const seconds = Math.round((Date.now() - startedAt) / 1_000);
    console.log(
      `${mutant.breaks} ${isFound ? "found" : "NOT FOUND"} in ${seconds} s: ${mutant.name} (${toldOf(mutant)})`,
    );
    if (!isFound) console.log(failed === undefined ? "  nothing failed" : `  ${failed}`);
  };
  for (const mutant of mutants) if ("campaign" in mutant.by) await judge(mutant, byForge(mutant, options));
  const tested = mutants.filter(({ by }) => "test" in by);
  if (tested.length > 0) {
    await withCopies(1, async ([folder]) => {
      const sandbox = Sandbox.in(folder, new Map());
      try {
        for (const mutant of tested) await judge(mutant, byTest(mutant, sandbox));
      } finally {
        sandbox.stop();
      }
    });
  }
  console.log(`${mutants.length - missed} of ${mutants.length} faults found`);
  return missed === 0;
}

function toldOf({ by }: Mutant): string {
  return "campaign" in by ? `${by.campaign}, seed ${by.seed}` : by.test;
}

function byForge({ by }: Mutant, { binary, depth, record, seconds }: Hunt) {
  return async (code: readonly Contract[]): Promise<Failed> => {
    if (!("campaign" in by)) return undefined;
    const file = join(FUZZ_FOLDER, "mutant.bin");
    writeFileSync(file, encodeRecord(exchanged(await record(), code)));
    const { isHeld, output } = await runForge(binary, {
      ...{ record: file, seconds, seed: by.seed, match: by.campaign, depth, isShrunk: false },
      counts: join(FUZZ_FOLDER, "mutant-counts.txt"),
      failures: join(FUZZ_FOLDER, "mutant-failures", `${Date.now()}`),
    });
    // Of the whole answer what says why.
    return isHeld ? undefined : (/\[FAIL[^\n]*/.exec(output)?.[0] ?? output.slice(-1_000));
  };
}

function byTest({ breaks, by }: Mutant, sandbox: Sandbox) {
  return async (code: readonly Contract[]): Promise<Failed> => {
    if (!("test" in by)) return undefined;
    if (!existsSync(by.test)) throw new Error(`there is no ${by.test}`);
    const chain = by.chain ?? DEFAULT_CHAIN;
    // A process is for one chain.
    if (process.env.ASTERISM_CHAIN !== chain) sandbox.stop();
    process.env.ASTERISM_CHAIN = chain;
    sandbox.place(code);
    const seconds = readWeights().get(by.test) ?? DEFAULT_SECONDS;
    const failure = await sandbox.run([{ file: by.test, seconds }], `\\b${breaks}\\b`);
    return failure === undefined ? undefined : `${failure.test}: ${failure.message}`;
  };
}

/** Code of the contracts with the fault, by the legacy pipeline. */
async function codeOf({ contracts, from, name, source, to }: Mutant): Promise<readonly Contract[]> {
  const text = readFileSync(source, "utf8");
  if (text.split(from).length !== 2) throw new Error(`${source} has not exactly one place for: ${name}`);
  const all = solidityIn("contracts");
  const selected: Record<string, string[]> = {};
  for (const contract of contracts) {
    const home = all.find((path) => path.endsWith(`/${contract}.sol`));
    if (home === undefined) throw new Error(`there is no source of ${contract}`);
    selected[home] = [contract];
  }
  const changed = new Map([[source, text.replace(from, () => to)]]);
  return compileContracts(closureOf(Object.keys(selected), changed), selected);
}
