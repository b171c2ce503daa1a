/** Which tests can notice a change of a source: those that name a contract which has it in its code. */
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { readWeights, startsProcesses, testFiles } from "../../lib/suites";
import type { Base } from "./base";
import type { Mutant } from "./operators";
import type { Reach } from "./reach";

const LOCAL_IMPORT = /\bfrom\s+"(\.[^"]+)"/g;
const QUOTED = /"([A-Za-z]\w*)"|\b([A-Z]\w*)__factory\b/g;
/** Suites that hold the contracts against what is expected of them, and take seconds. */
const SUITES = ["unit", "attacks", "property", "integration"];
/** Tests of programs around the contracts, and of the compiler's output. */
const APART =
  /^test\/(unit\/(cli|demo|keeper-daemon|kit|model|prices|profiles|sdk|simulate|toolchain|standins|pyth)|integration\/(cli|audit))\//;
const AVERAGE_SECONDS = 2;
/** Of the compiler, for one contract more. */
const COMPILING_SECONDS = 1.5;

export interface TouchingTest {
  file: string;
  seconds: number;
  /** In the folder of the change's own tests. */
  isNear: boolean;
  /** Contracts that the test deploys and the change is in, with what they are linked to. */
  contracts: string[];
}

/** Finds tests for a mutant: those of `first`, those of its source, then the cheapest. */
export function testFinder(
  base: Base,
  reach: Reach,
  first: readonly string[] = [],
): (mutant: Mutant) => TouchingTest[] {
  const weights = readWeights();
  const files = SUITES.flatMap(testFiles).filter((file) => !APART.test(file) && !startsProcesses(file));
  const named = files.map((file) => [file, contractsNamedBy(file, base)] as const);
  return ({ file: source, declaration }) => {
    const reaching = reach(declaration);
    const room = dirname(source).split("/").slice(1);
    const name = basename(source, ".sol");
    const nearness = (file: string) => {
      if (first.includes(file)) return -1;
      if (basename(file).startsWith(`${name}.`)) return 0;
      if (file.startsWith(join("test", "unit", ...room))) return 1;
      return file.startsWith(join("test", "unit", room[0])) ? 2 : 3;
    };
    const tests = named
      .map(([file, names]) => ({
        file,
        isNear: nearness(file) === 0 || nearness(file) === 1,
        seconds: weights.get(file) ?? AVERAGE_SECONDS,
        contracts: [...names].filter((contract) => reaching.has(contract)),
      }))
      .filter(({ contracts }) => contracts.length > 0);
    const cost = ({ contracts, seconds }: TouchingTest) => seconds + contracts.length * COMPILING_SECONDS;
    return tests.sort((a, b) => nearness(a.file) - nearness(b.file) || cost(a) - cost(b));
  };
}

function contractsNamedBy(file: string, base: Base): Set<string> {
  const names = new Set<string>();
  const seen = new Set<string>();
  const waiting = [file];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const text = readFileSync(path, "utf8");
    for (const [, quoted, factory] of text.matchAll(QUOTED)) {
      for (const name of base.linkedTo(quoted ?? factory)) names.add(name);
    }
    for (const [, specifier] of text.matchAll(LOCAL_IMPORT)) {
      const target = join(dirname(path), specifier);
      const found = [`${target}.ts`, join(target, "index.ts")].find(existsSync);
      // What is written of contracts in the kit of clients are their ABIs, generated.
      if (found !== undefined && !found.startsWith(join("sdk", "abis")) && !found.startsWith("typechain-types")) {
        waiting.push(found);
      }
    }
  }
  return names;
}
