import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { buildProgram } from "../../cli/src/main";
import { typedIn, wordsIn } from "./commands";
import type { Document } from "./documents";
import { fencesOf } from "./markdown";
import { isRun } from "./run";

/** Pages on which every command is executed by some check. */
const PAGES = /^docs\/for-\w+\.md$/;
/** Where the commands are executed that neither a page runs nor `.ci/run` has: a check's file, which has the words given. */
const BY_TESTS: Readonly<Record<string, readonly [file: string, words: string]>> = {
  "npm run deploy --network": ["test/deploy/replica.test.ts", '["--network", "bnb"]'],
  "npm run doctor --deployment": ["test/deploy/replica.test.ts", '"scripts/doctor.ts"'],
  "npm run verify --deployment": ["test/deploy/record.test.ts", '"scripts/verify.ts"'],
  "npm run sdk:pack": ["scripts/sdk/try.ts", "pack(scratch)"],
  "npm run replay": ["test/integration/replay.test.ts", "scripts/replay"],
  "npm run replay:pro": ["test/integration/pro-replay.test.ts", "scripts/replay/pro"],
  "asterism guardian raise": ["test/integration/cli/propose.once.test.ts", '"guardian", "raise"'],
  "hardhat test": [".ci/run", "npm test"],
};
/** What is said of others' programs, and of these as a whole. */
const OF_OTHERS = new Set(["npm ci", "npm install", "asterism", "asterism-keeper --dry-run"]);

/** Commands of the pages of roles that nothing executes, and places that execute none: `document:line: command`. */
export async function unexecuted(documents: readonly Pick<Document, "path" | "markdown">[]): Promise<string[]> {
  const program = await buildProgram(() => Promise.resolve());
  const run = new Set(documents.flatMap(({ markdown }) => runIn(markdown)).map((words) => nameOf(words, program)));
  const ci = new Set(readFileSync(join(".ci", "run"), "utf8").match(/\bnpm (run [\w:-]+|test|ci)/g));
  const used = new Set<string>();
  const found = documents
    .filter(({ path }) => PAGES.test(path))
    .flatMap(typedIn)
    .flatMap(({ document, line, words }) => {
      const name = nameOf(words, program);
      if (run.has(name) || ci.has(name) || OF_OTHERS.has(name)) return [];
      if (!(name in BY_TESTS)) return [`${document}:${line}: ${words.join(" ")} (${name})`];
      used.add(name);
      return [];
    });
  const gone = Object.entries(BY_TESTS).filter(
    ([, [file, words]]) => !existsSync(file) || !readFileSync(file, "utf8").includes(words),
  );
  const idle = Object.keys(BY_TESTS).filter((name) => !used.has(name));
  return [
    ...found,
    ...gone.map(([name, [file]]) => `${file}: does not execute ${name}`),
    ...idle.map((name) => `${name}: on no page`),
  ];
}

/** Commands of the blocks of a page that are run. */
function runIn(markdown: string): string[][] {
  return fencesOf(markdown)
    .filter(isRun)
    .flatMap(({ code }) => wordsIn(code));
}

/** What is executed: a script of npm with the options that make it another, a command of `asterism`, a task. Arguments are not of it. */
function nameOf(words: readonly string[], program: Command): string {
  const [first, ...rest] = words[0] === "npx" ? words.slice(1) : words;
  if (first === "asterism") return ["asterism", ...pathOf(rest, program)].join(" ");
  if (first !== "npm") return [first, ...rest.slice(0, 1)].join(" ");
  const [verb, ...args] = rest;
  const named = verb === "run" ? `npm run ${args[0]}` : `npm ${verb}`;
  const options = args.filter((word) => ["--network", "--deployment"].includes(word));
  return [named, ...options].join(" ");
}

function pathOf(words: readonly string[], program: Command): string[] {
  const path: string[] = [];
  let at = program;
  for (const word of words) {
    const next = at.commands.find((each) => each.name() === word);
    if (next === undefined) {
      if (path.length === 0 && word.startsWith("--")) continue;
      break;
    }
    path.push(word);
    at = next;
  }
  return path;
}
