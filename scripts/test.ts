/**
 * Runs the test suite for both chains at once, each in a process of its own (one process has one chain id):
 *
 *   ts-node scripts/test.ts [--chain bnb|arbitrum] [--suites unit,property] [--everywhere] [files and mocha arguments]
 *
 * A suite that does not depend on the chain (pure libraries, the model) is named `*.once.test.ts` and runs for one chain
 * only: the chains take turns, so that each process gets its share. Unit suites take turns too, but for those of the
 * stand-ins; with `--everywhere` they run for each chain. The last line printed is the sum:
 * `N passed, N failed[, N skipped]`.
 */
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

const CHAINS = ["bnb", "arbitrum"];
const SUITES = ["unit", "integration", "attacks", "property", "invariant", "deploy"];
const ONCE = ".once.test.ts";
const UNIT = join("test", "unit");
/** Unit suites about what differs between the chains. */
const OF_CHAIN = join(UNIT, "standins");
const HARDHAT = require.resolve("hardhat/internal/cli/bootstrap");

interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

interface Request {
  chains: string[];
  files: string[];
  isEverywhere: boolean;
  mochaArgs: string[];
}

/** Reads `--name a,b` out of the arguments, checking each value against those allowed. */
function takeList(args: string[], name: string, allowed: string[]): string[] {
  const at = args.indexOf(name);
  if (at < 0) return allowed;
  const [, value = ""] = args.splice(at, 2);
  const wanted = value.split(",");
  const unknown = wanted.filter((item) => !allowed.includes(item));
  if (unknown.length > 0) throw new Error(`${name}: "${unknown.join()}" is none of ${allowed.join(", ")}`);
  return wanted;
}

/** Takes a flag out of the arguments. */
function takeFlag(args: string[], name: string): boolean {
  const at = args.indexOf(name);
  if (at >= 0) args.splice(at, 1);
  return at >= 0;
}

function testFiles(suite: string): string[] {
  const root = join("test", suite);
  if (!existsSync(root)) return [];
  const names = readdirSync(root, { recursive: true, encoding: "utf8" });
  return names.filter((name) => name.endsWith(".test.ts")).map((name) => join(root, name));
}

function parse(args: string[]): Request {
  const rest = [...args];
  const chains = takeList(rest, "--chain", CHAINS);
  const suites = takeList(rest, "--suites", SUITES);
  const isEverywhere = takeFlag(rest, "--everywhere");
  const named = rest.filter((arg) => arg.endsWith(".ts"));
  return {
    chains,
    files: named.length > 0 ? named : suites.flatMap(testFiles).sort(),
    isEverywhere,
    mochaArgs: rest.filter((arg) => !arg.endsWith(".ts")),
  };
}

/** What one of `count` chains runs: every suite that depends on the chain, and its turn of those that do not. */
function share(files: string[], isEverywhere: boolean, index: number, count: number): string[] {
  const takesTurns = (file: string) =>
    file.endsWith(ONCE) || (!isEverywhere && file.startsWith(UNIT) && !file.startsWith(OF_CHAIN));
  const turns = files.filter(takesTurns);
  return files.filter((file) => !takesTurns(file) || turns.indexOf(file) % count === index);
}

async function forward(stream: Readable, prefix: string, onLine: (line: string) => void): Promise<void> {
  for await (const line of createInterface({ input: stream })) {
    onLine(line);
    console.log(`${prefix}${line}`);
  }
}

/** Runs hardhat with each line of its output prefixed; resolves to the exit code, 1 when a signal ended it. */
async function hardhat(args: string[], chain: string, onLine: (line: string) => void = () => {}): Promise<number> {
  const child = spawn(process.execPath, [HARDHAT, ...args], {
    env: { ...process.env, ASTERISM_CHAIN: chain },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const closed = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
  const prefix = `${chain} | `;
  await Promise.all([forward(child.stdout, prefix, onLine), forward(child.stderr, prefix, () => {})]);
  return closed;
}

/** Mocha's closing lines are `  12 passing (3s)`, `  1 pending`, `  2 failing`; the last of each kind counts. */
function readCount(tally: Tally, line: string): void {
  // eslint-disable-next-line no-control-regex -- colours, where they are forced
  const match = /^ {2}(\d+) (passing|failing|pending)(?: \(\S+\))?$/.exec(line.replace(/\x1b\[\d+m/g, ""));
  if (!match) return;
  const count = Number(match[1]);
  if (match[2] === "passing") tally.passed = count;
  else if (match[2] === "failing") tally.failed = count;
  else tally.skipped = count;
}

async function runChain(chain: string, files: string[], mochaArgs: string[]): Promise<Tally> {
  const tally: Tally = { passed: 0, failed: 0, skipped: 0 };
  // Without files hardhat would take every test there is.
  if (files.length === 0) return tally;
  const code = await hardhat(["test", "--no-compile", ...mochaArgs, ...files], chain, (line) => readCount(tally, line));
  if (code !== 0 && tally.failed === 0) {
    console.log(`${chain} | ended with code ${code} and no failing test: counted as one failure`);
    tally.failed = 1;
  }
  return tally;
}

async function main(): Promise<number> {
  const { chains, files, isEverywhere, mochaArgs } = parse(process.argv.slice(2));
  if ((await hardhat(["compile"], chains[0])) !== 0) {
    console.log("compilation failed: counted as one failure\n0 passed, 1 failed");
    return 1;
  }

  const tallies = await Promise.all(
    chains.map((chain, index) => runChain(chain, share(files, isEverywhere, index, chains.length), mochaArgs)),
  );
  const sum = (kind: keyof Tally) => tallies.reduce((total, tally) => total + tally[kind], 0);

  if (sum("passed") + sum("failed") === 0) console.log("no test ran");
  const skipped = sum("skipped") > 0 ? `, ${sum("skipped")} skipped` : "";
  console.log(`${sum("passed")} passed, ${sum("failed")} failed${skipped}`);
  return sum("failed") === 0 && sum("passed") > 0 ? 0 : 1;
}

main()
  .then((code) => {
    process.exitCode = code;
  })
  .catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
