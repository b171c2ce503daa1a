/**
 * Questions of the compiler's model checker, answered by the installed solver. Each asks for values that break one target, an assertion
 * or an operation that overflows, underflows or divides by zero: where there are none the target is proved. The compiler itself is not told
 * the answers: it knows them by a hash of the question, whose order changes with the size of the input.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { ExplainedError } from "../../lib/main";
import { runCompiler } from "../../../toolchain/compiler";
import { closureOf } from "../lib/sources";
import type { Sources } from "../lib/sources";
import type { CompilerInput } from "hardhat/types";

const SOLJSON = require.resolve("solc/soljson.js");
/** In place of a package's assembly, which the checker does not model. */
const ASSUMED: Sources = new Map([
  ["@openzeppelin/contracts/utils/math/Math.sol", readFileSync("scripts/proof/lemmas-assumed/Math.sol", "utf8")],
]);
const TARGETS = ["assert", "overflow", "underflow", "divByZero"] as const;
/** A question is given up by the solver's own count of its work, the same on every machine, and never by this, unless it hangs. */
const HANGS_AFTER_SECONDS = 600;

interface Answer {
  errors?: { severity: string; formattedMessage: string }[];
  auxiliaryInputRequested?: { smtlib2queries?: Record<string, string> };
}

export interface Told {
  /** Targets, each by its question. */
  questions: number;
  proved: number;
}

export function needSolver(): void {
  try {
    execFileSync("z3", ["--version"], { stdio: "pipe" });
  } catch {
    throw new ExplainedError("z3 is not installed: `apt-get install z3` on Debian, `brew install z3` on macOS");
  }
}

/**
 * Tries to prove every assertion of a contract, and that nothing in it overflows, underflows or divides by zero. A question gets so many
 * units of the solver's resource limit.
 */
export async function prove(file: string, contract: string, limit: number): Promise<Told> {
  const sources = Object.fromEntries([...closureOf([file], ASSUMED)].map(([name, content]) => [name, { content }]));
  const modelChecker = {
    ...{ engine: "bmc", solvers: ["smtlib2"], targets: TARGETS, contracts: { [file]: [contract] } },
    // Without slacks the compiler asks about `div` of SMT-LIB, which rounds a negative quotient down.
    ...{ showProvedSafe: true, showUnproved: true, divModNoSlacks: false },
  };
  const settings = { evmVersion: "cancun", modelChecker, outputSelection: { "*": { "*": [] } } };
  const input = { language: "Solidity", sources, settings };
  const { auxiliaryInputRequested } = await answerOf(input);
  const queries = Object.values(auxiliaryInputRequested?.smtlib2queries ?? {});
  return { questions: queries.length, proved: queries.filter((query) => isUnsatisfiable(query, limit)).length };
}

async function answerOf(input: object): Promise<Answer> {
  const answer = (await runCompiler(input as CompilerInput, SOLJSON)) as Answer;
  const failed = answer.errors?.find(({ severity }) => severity === "error");
  if (failed !== undefined) throw new Error(failed.formattedMessage);
  return answer;
}

function isUnsatisfiable(query: string, limit: number): boolean {
  const options = { input: query, encoding: "utf8" as const, timeout: HANGS_AFTER_SECONDS * 1_000 };
  const { stdout } = spawnSync("z3", ["-in", `rlimit=${limit}`], options);
  const [, answer] = /^(unsat|sat|unknown)\b/.exec(stdout ?? "") ?? [];
  if (answer === undefined) throw new ExplainedError(`z3 gave no answer: ${(stdout ?? "").slice(0, 200)}`);
  return answer === "unsat";
}
