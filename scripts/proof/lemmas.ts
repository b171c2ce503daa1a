/**
 * Proves lemmas about the pure libraries with the compiler's model checker and z3:
 *
 *   ts-node scripts/proof/lemmas.ts [--only BetLemmas ...] [--seconds 20]
 *
 * Each contract in `scripts/proof/lemmas/` states some. Ends with 1 when more of a contract's targets are open
 * than `scripts/proof/lemmas/open.json` lists for it.
 */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { Command } from "commander";
import { z } from "zod";
import { runMain } from "../lib/main";
import { solidityIn } from "./lib/sources";
import { needSolver, prove } from "./lemmas/prove";

const FOLDER = "scripts/proof/lemmas";
/** Shows that the checker can fail. */
const FALSE = "scripts/proof/lemmas-false/FalseLemmas.sol";

runMain(async () => {
  const { only, seconds } = new Command("lemmas")
    .option("--only <contracts...>", "of the lemmas' contracts")
    .option("--seconds <seconds>", "for each question to the solver", Number, 20)
    .exitOverride()
    .parse()
    .opts<{ only?: string[]; seconds: number }>();
  needSolver();
  const expected = z.record(z.string(), z.number()).parse(JSON.parse(readFileSync(`${FOLDER}/open.json`, "utf8")));
  const falsehood = await prove(FALSE, basename(FALSE, ".sol"), seconds);
  if (falsehood.proved === falsehood.questions) throw new Error(`${FALSE} was proved: the checker proves nothing`);
  let isWrong = false;
  for (const file of solidityIn(FOLDER).sort()) {
    const contract = basename(file, ".sol");
    if (only !== undefined && !only.includes(contract)) continue;
    const { questions, proved } = await prove(file, contract, seconds);
    const listed = expected[contract] ?? 0;
    console.log(`${contract}: ${proved} of ${questions} targets proved, ${listed} are listed as open`);
    isWrong ||= questions === 0 || questions - proved > listed;
  }
  return isWrong ? 1 : 0;
});
