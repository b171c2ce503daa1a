/**
 * Runs the test suite for both chains at once, each in a process of its own (one process has one chain id), and in another
 * what waits for processes that it starts:
 *
 *   ts-node scripts/test.ts [--chain bnb|arbitrum] [--suites unit,property] [--everywhere | --remaining] [--weigh]
 *                           [files] [arguments of hardhat test]
 *
 * A suite that does not depend on the chain (pure libraries, the model) is named `*.once.test.ts` and runs for one chain
 * only. So does every other but what is about the difference between the chains, and a usual run leaves out the longest;
 * with `--everywhere` all run for each chain, with `--remaining` where a usual run has left them out. The chains share these
 * suites by the time they take, as `test/weights.json` has it; `--weigh` measures that anew. The last line printed is the sum: `N passed, N failed[, N skipped]`.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { TALLY_VARIABLE } from "../toolchain/tallyReporter";
import type { Tally } from "../toolchain/tallyReporter";
import { CALM_ALLOCATOR, CHAINS, hardhat } from "./lib/hardhat";
import type { Chain } from "./lib/hardhat";
import { runMain } from "./lib/main";
import { SUITES, WEIGHTS, readWeights, share, startsProcesses, testFiles } from "./lib/suites";
import type { Extent } from "./lib/suites";

interface Request {
  chains: readonly Chain[];
  files: string[];
  extent: Extent;
  isWeighing: boolean;
  testArgs: string[];
}

/** Reads `a,b`, checking each value against those allowed. */
function listOf<T extends string>(allowed: readonly T[]): (text: string) => T[] {
  return (text) =>
    text.split(",").map((item) => {
      const found = allowed.find((value) => value === item);
      if (found === undefined) throw new InvalidArgumentError(`"${item}" is none of ${allowed.join(", ")}.`);
      return found;
    });
}

function parse(args: readonly string[]): Request {
  const program = new Command("test")
    .description("Runs the test suite for both chains.")
    .option("--chain <chains>", `of ${CHAINS.join(", ")}`, listOf(CHAINS), [...CHAINS])
    .option("--suites <suites>", `of ${SUITES.join(", ")}`, listOf(SUITES), [...SUITES])
    .addOption(new Option("--everywhere", "all but what is pure for each chain").conflicts("remaining"))
    .option("--remaining", "what a usual run leaves out for one of the chains")
    .option("--weigh", `write how long each file takes to ${WEIGHTS}`)
    .argument("[files...]", "test files instead of suites; what is not known here goes to hardhat")
    .allowUnknownOption()
    .exitOverride();
  program.parse([...args], { from: "user" });
  const { chain, suites, everywhere, remaining, weigh } = program.opts<{
    chain: Chain[];
    suites: string[];
    everywhere?: boolean;
    remaining?: boolean;
    weigh?: boolean;
  }>();
  const named = program.args.filter((arg) => arg.endsWith(".ts"));
  return {
    chains: chain,
    files: named.length > 0 ? named : suites.flatMap(testFiles).sort(),
    extent: everywhere ? "everywhere" : remaining ? "remaining" : "usual",
    isWeighing: weigh === true,
    testArgs: program.args.filter((arg) => !arg.endsWith(".ts")),
  };
}

async function runChain(chain: Chain, files: readonly string[], testArgs: readonly string[]): Promise<Tally> {
  const none: Tally = { passed: 0, failed: 0, skipped: 0, seconds: {} };
  // Without files hardhat would take every test there is.
  if (files.length === 0) return none;
  const folder = mkdtempSync(join(tmpdir(), "asterism-test-"));
  try {
    const path = join(folder, "tally.json");
    const args = ["test", "--no-compile", ...testArgs, ...files];
    const env = { ...CALM_ALLOCATOR, [TALLY_VARIABLE]: path };
    const { code } = await hardhat(args, { chain, env, output: "prefix" });
    const tally = existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Tally) : none;
    if (code === 0 || tally.failed > 0) return tally;
    console.log(`${chain} | ended with code ${code} and no failing test: counted as one failure`);
    return { ...tally, failed: 1 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A file's mean over the chains it ran for; what did not run keeps what it had, unless it is gone. */
function writeWeights(tallies: readonly Tally[]): void {
  const weights = new Map([...readWeights()].filter(([file]) => existsSync(file)));
  for (const file of new Set(tallies.flatMap(({ seconds }) => Object.keys(seconds)))) {
    const measured = tallies.map(({ seconds }) => seconds[file]).filter((value) => value !== undefined);
    // A file that starts processes waits for them, and their work is not in this process's.
    const sum = measured.reduce((total, { cpu, wall }) => total + (startsProcesses(file) ? wall : cpu), 0);
    weights.set(file, Math.round((10 * sum) / measured.length) / 10);
  }
  const sorted = [...weights].sort(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(WEIGHTS, `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`);
}

function minutesSince(startedAt: number): string {
  return ((Date.now() - startedAt) / 60_000).toFixed(1);
}

async function main(): Promise<number> {
  const { chains, files, extent, isWeighing, testArgs } = parse(process.argv.slice(2));
  const startedAt = Date.now();
  if ((await hardhat(["compile"], { chain: chains[0], output: "prefix" })).code !== 0) {
    console.log("compilation failed: counted as one failure\n0 passed, 1 failed");
    return 1;
  }
  const compiled = minutesSince(startedAt);

  const shares = share(files, chains.length, readWeights(), extent);
  const testedAt = Date.now();
  const runs = chains.flatMap((chain, index) =>
    [false, true].map((isWaiting) => {
      const own = shares[index].filter((file) => startsProcesses(file) === isWaiting);
      return runChain(chain, own, testArgs);
    }),
  );
  const tallies = await Promise.all(runs);
  if (isWeighing) writeWeights(tallies);
  const sum = (kind: "passed" | "failed" | "skipped") => tallies.reduce((total, tally) => total + tally[kind], 0);

  console.log(`compiled in ${compiled} minutes, tested in ${minutesSince(testedAt)}`);
  if (sum("passed") + sum("failed") === 0) console.log("no test ran");
  const skipped = sum("skipped") > 0 ? `, ${sum("skipped")} skipped` : "";
  console.log(`${sum("passed")} passed, ${sum("failed")} failed${skipped}`);
  return sum("failed") === 0 && sum("passed") > 0 ? 0 : 1;
}

runMain(main);
