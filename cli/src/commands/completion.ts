import { InvalidArgumentError } from "commander";
import type { Command } from "commander";
import type { Define } from "../lib/program";

const SHELLS = ["bash", "zsh", "fish"] as const;
type Shell = (typeof SHELLS)[number];

/** What a shell has to know of the program. */
export interface Words {
  /** By what stands before them, "" for the program and "propose" for its subcommands: subcommands and options. */
  readonly paths: ReadonlyMap<string, readonly string[]>;
  /** Options that every command takes. */
  readonly shared: readonly string[];
  /** Options that a value follows. */
  readonly valued: readonly string[];
}

export const defineCompletion: Define = (program, run) => {
  program
    .command("completion")
    .description(
      "print completion for a shell: source <(asterism completion bash), or `asterism completion fish | source`",
    )
    .argument("<shell>", SHELLS.join(", "), shellOf)
    .action((shell: Shell, _: object, command: Command) =>
      run(command, ({ output }) => {
        const script = completionFor(shell, wordsOf(program));
        output.result({ shell, script }, () => script);
        return Promise.resolve();
      }),
    );
};

/** Commands and options, read from the program itself. */
export function wordsOf(program: Command): Words {
  const paths = new Map<string, readonly string[]>();
  const valued = new Set<string>();
  const visit = (command: Command, path: string) => {
    const options = command.options.flatMap(({ long }) => (typeof long === "string" ? [long] : []));
    paths.set(path, [...command.commands.map((child) => child.name()), ...options]);
    for (const { long, required, optional } of command.options)
      if (typeof long === "string" && (required || optional)) valued.add(long);
    for (const child of command.commands) visit(child, path === "" ? child.name() : `${path} ${child.name()}`);
  };
  visit(program, "");
  const shared = (paths.get("") ?? []).filter((word) => word.startsWith("--"));
  return { paths, shared, valued: [...valued] };
}

export function completionFor(shell: Shell, words: Words): string {
  if (shell === "fish") return fish(words);
  const commands = [...words.paths].filter(([path]) => path !== "");
  const cases = commands.map(([path, own]) => `    "${path}") words="${[...own, ...words.shared].join(" ")}" ;;`);
  const bash = [
    "_asterism() {",
    '  local current="${COMP_WORDS[COMP_CWORD]}" path="" word words value=""',
    '  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do',
    '    if [ -n "$value" ]; then value=""; continue; fi',
    '    case "$word" in',
    `      ${words.valued.join("|")}) value=1; continue ;;`,
    "      -*) continue ;;",
    "    esac",
    "    # An argument leaves the command as it is.",
    '    case "${path:+$path }$word" in',
    `      ${commands.map(([path]) => `"${path}"`).join("|")}) path="\${path:+$path }$word" ;;`,
    "    esac",
    "  done",
    "  # The value of an option: a file, as far as the shell can tell.",
    '  if [ -n "$value" ]; then COMPREPLY=(); return; fi',
    '  case "$path" in',
    ...cases,
    `    *) words="${(words.paths.get("") ?? []).join(" ")}" ;;`,
    "  esac",
    '  COMPREPLY=($(compgen -W "$words" -- "$current"))',
    "}",
    "complete -o default -F _asterism asterism",
  ];
  return (shell === "zsh" ? ["autoload -U +X bashcompinit && bashcompinit", ...bash] : bash).join("\n");
}

function fish({ paths, shared, valued }: Words): string {
  const lineOf = (condition: string, word: string) => {
    if (!word.startsWith("--")) return `complete -c asterism -f${condition} -a ${word}`;
    return `complete -c asterism${condition} -l ${word.slice(2)}${valued.includes(word) ? " -r" : ""}`;
  };
  const own = [...paths].flatMap(([path, all]) => {
    const name = path.split(" ").at(-1) ?? "";
    const condition = path === "" ? "__fish_use_subcommand" : `__fish_seen_subcommand_from ${name}`;
    return all.filter((word) => !shared.includes(word)).map((word) => lineOf(` -n '${condition}'`, word));
  });
  return [...shared.map((word) => lineOf("", word)), ...own].join("\n");
}

function shellOf(text: string): Shell {
  const found = SHELLS.find((shell) => shell === text);
  if (found === undefined) throw new InvalidArgumentError(`one of ${SHELLS.join(", ")} is expected.`);
  return found;
}
