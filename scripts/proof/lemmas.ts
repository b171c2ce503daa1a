/**
 * Proves lemmas about the pure libraries with the compiler's model checker and z3:
 *
 *   ts-node scripts/proof/lemmas.ts [--only BetLemmas ...] [--limit 5000000]
 *
 * Each contract in `scripts/proof/lemmas/` states some. A question is given up after so many units of z3's resource limit, which counts
 * its work and not its time: one version of z3 proves the same on every machine. Ends with 1 when more of a contract's targets are open
 * than `scripts/proof/lemmas/open.json` lists for it.
 */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { Command } from "commander";
import { z } from "zod";
import { runMain } from "../lib/main";
import { solidityIn } from "./lib/sources";
import { whole } from "./lib/options";
import { needSolver, prove } from "./lemmas/prove";

const FOLDER = "scripts/proof/lemmas";
/** Shows that the checker can fail. */
const FALSE = "scripts/proof/lemmas-false/FalseLemmas.sol";
/** The hardest that is proved takes a fifth of it. */
const LIMIT = 5_000_000;

runMain(async () => {
  const { limit, only } = new Command("lemmas")
    .option("--only <contracts...>", "of the lemmas' contracts")
    .option("--limit <units>", "of the solver's work on a question", whole, LIMIT)
    .exitOverride()
    .parse()
    .opts<{ limit: number; only?: string[] }>();
  needSolver();
  const expected = z.record(z.string(), z.number()).parse(JSON.parse(readFileSync(`${FOLDER}/open.json`, "utf8")));
  const falsehood = await prove(FALSE, basename(FALSE, ".sol"), limit);
  if (falsehood.proved === falsehood.questions) throw new Error(`${FALSE} was proved: the checker proves nothing`);
  let isWrong = false;
  for (const file of solidityIn(FOLDER).sort()) {
    const contract = basename(file, ".sol");
    if (only !== undefined && !only.includes(contract)) continue;
    const { questions, proved } = await prove(file, contract, limit);
    const listed = expected[contract] ?? 0;
    console.log(`${contract}: ${proved} of ${questions} targets proved, ${listed} are listed as open`);
    isWrong ||= questions === 0 || questions - proved > listed;
  }
  return isWrong ? 1 : 0;
});
