import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { Command } from "commander";
import { preProcessFile } from "typescript";
import { z } from "zod";
import { buildProgram } from "../../cli/src/main";
import { withKeeperOptions } from "../../keeper/main";
import type { Document } from "./documents";
import { fencesOf, inlineCodeOf } from "./markdown";

/** Blocks that are typed into a shell. */
const SHELLS = ["", "sh", "bash"];
/** What a package manager does by itself. */
const OF_NPM = ["ci", "install", "pack"];
const HARDHAT_TASKS = ["compile", "test", "run", "node", "clean"];

export interface Typed {
  readonly document: string;
  readonly line: number;
  readonly words: readonly string[];
  /** In a block, where nothing may be missing; in a sentence a command may be named by its first words. */
  readonly isWhole: boolean;
}

/** Commands of the documents of which this repository has no script, command, option or file, as `document:line: why`. */
export async function brokenCommands(documents: readonly Pick<Document, "path" | "markdown">[]): Promise<string[]> {
  const asterism = await buildProgram(() => Promise.resolve());
  const keeper = withKeeperOptions(new Command("asterism-keeper"));
  return documents.flatMap(typedIn).flatMap(({ document, line, words, isWhole }) => {
    const why = faultOf(words, isWhole, { asterism, keeper });
    return why === undefined ? [] : [`${document}:${line}: ${words.join(" ")}: ${why}`];
  });
}

/** How many commands of this project the documents have. */
export function countCommands(documents: readonly Pick<Document, "path" | "markdown">[]): number {
  return documents.flatMap(typedIn).length;
}

/** The commands of a document, in blocks and in sentences. */
export function typedIn({ path, markdown }: Pick<Document, "path" | "markdown">): Typed[] {
  const blocks = fencesOf(markdown).filter(({ language }) => SHELLS.includes(language));
  const lines = blocks.flatMap(({ code, line }) =>
    code
      .replace(/\\\n/g, " ")
      .split("\n")
      .map((text, index) => ({ text, line: line + index, isWhole: true })),
  );
  const inline = inlineCodeOf(markdown).map(({ code, line }) => ({ text: code, line, isWhole: false }));
  return [...lines, ...inline].flatMap(({ text, line, isWhole }) =>
    commandsIn(text).map((words) => ({ document: path, line, words, isWhole })),
  );
}

/** The commands of many lines. */
export function wordsIn(code: string): string[][] {
  return code.replace(/\\\n/g, " ").split("\n").flatMap(commandsIn);
}

/** The words of each command of a line that is one of this project's: what runs by npm, and its own programs. */
export function commandsIn(line: string): string[][] {
  const parts: string[][] = [[]];
  for (const [word] of line.matchAll(/"[^"]*"|'[^']*'|&&|\|\||[|;]|#.*$|<\(|\)|[^\s"'|;&)]+(?:"[^"]*")?/g)) {
    if (word.startsWith("#")) break;
    if (/^(&&|\|\||[|;]|<\(|\))$/.test(word)) parts.push([]);
    else parts.at(-1)?.push(word.replace(/^["'](.*)["']$/s, "$1"));
  }
  return parts
    .map((words) => words.slice(words.findIndex((word) => !/^[A-Z_]+=/.test(word))))
    .filter(([program = ""]) => ["npm", "npx", "asterism", "asterism-keeper"].includes(program));
}

interface Programs {
  readonly asterism: Command;
  readonly keeper: Command;
}

function faultOf(words: readonly string[], isWhole: boolean, { asterism, keeper }: Programs): string | undefined {
  const [program, ...rest] = words;
  if (program === "npm") return faultOfNpm(rest, isWhole);
  const [name = "", ...args] = program === "npx" ? rest : words;
  if (name === "asterism") return faultOfProgram(asterism, args, isWhole);
  if (name === "asterism-keeper") return faultOfProgram(keeper, args, isWhole);
  if (name === "hardhat" && !HARDHAT_TASKS.includes(args[0])) return `hardhat has no task "${args[0]}"`;
  if (!existsSync(join("node_modules", ".bin", name))) return `no program "${name}" is installed`;
  const missing = args.filter((word) => /^[\w./-]+\.(ts|json|sol)$/.test(word) && !word.startsWith("-"));
  return firstFault(missing, (file) => (existsSync(file) ? undefined : `there is no ${file}`));
}

const manifestSchema = z.object({ scripts: z.record(z.string(), z.string()).default({}) });

function faultOfNpm(words: readonly string[], isWhole: boolean): string | undefined {
  const [verb = "", ...rest] = words;
  if (OF_NPM.includes(verb)) return undefined;
  const isRun = verb === "run";
  if (!isRun && verb !== "test") return isWhole ? `npm does nothing that is called "${verb}" here` : undefined;
  const separator = rest.indexOf("--");
  const own = separator === -1 ? rest : rest.slice(0, separator);
  const flag = own.indexOf("-w");
  const workspace = flag === -1 ? "." : (own[flag + 1] ?? "").replace("@asterism/", "");
  const [script = "test"] = isRun
    ? own.filter((_, index) => flag === -1 || (index !== flag && index !== flag + 1))
    : [];
  const { scripts } = manifestSchema.parse(JSON.parse(readFileSync(posix.join(workspace, "package.json"), "utf8")));
  const command = scripts[script] as string | undefined;
  if (command === undefined) return `there is no script "${script}"`;
  const flags = (separator === -1 ? [] : rest.slice(separator + 1)).filter((word) => word.startsWith("--"));
  if (flags.length === 0) return undefined;
  const sources = [...command.matchAll(/[\w./-]+\.ts\b/g)].map(([file]) => posix.join(workspace, file));
  const text = textOf(sources.filter((file) => existsSync(file)));
  return firstFault(flags, (option) => (text.includes(`"${option}`) ? undefined : `it takes no ${option}`));
}

/** Read once: many commands are of one script. */
const textsOfScripts = new Map<string, string>();

/** The text of sources and of all that they import from this repository. */
function textOf(files: readonly string[]): string {
  const key = files.join();
  const known = textsOfScripts.get(key);
  if (known !== undefined) return known;
  const texts = new Map<string, string>();
  const pending = [...files];
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (texts.has(file)) continue;
    const text = readFileSync(file, "utf8");
    texts.set(file, text);
    for (const { fileName } of preProcessFile(text, true, true).importedFiles) {
      if (!fileName.startsWith(".")) continue;
      const path = posix.join(dirname(file), fileName);
      const found = [`${path}.ts`, `${path}/index.ts`].find((each) => existsSync(each) && statSync(each).isFile());
      if (found !== undefined) pending.push(found);
    }
  }
  const all = [...texts.values()].join("\n");
  textsOfScripts.set(key, all);
  return all;
}

/** The command that is meant, every option, and how many arguments it takes. */
function faultOfProgram(program: Command, words: readonly string[], isWhole: boolean): string | undefined {
  const path = [program];
  const values: string[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index];
    const command = path[path.length - 1];
    if (word === "--help" || word === "--version") return undefined;
    if (word.startsWith("--")) {
      const [flag] = word.split("=");
      const option = path.flatMap(({ options }) => options).find(({ long }) => long === flag);
      if (option === undefined) return `${command.name()} takes no ${flag}`;
      if (option.required && !word.includes("=")) index++;
      continue;
    }
    const next = command.commands.find((each) => each.name() === word);
    if (next !== undefined && values.length === 0) path.push(next);
    else values.push(word);
  }
  const command = path[path.length - 1];
  const { registeredArguments } = command;
  const isVariadic = registeredArguments.some(({ variadic }) => variadic);
  if (values.length > registeredArguments.length && !isVariadic) {
    return `${command.name()} takes no "${values[registeredArguments.length]}"`;
  }
  const least = registeredArguments.filter(({ required }) => required).length;
  return isWhole && values.length < least ? `${command.name()} takes ${least} arguments` : undefined;
}

function firstFault(words: readonly string[], faultOf: (word: string) => string | undefined): string | undefined {
  for (const word of words) {
    const fault = faultOf(word);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
