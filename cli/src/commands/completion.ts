import { InvalidArgumentError } from "commander";
import type { Command } from "commander";
import type { Define } from "../lib/program";

const SHELLS = ["bash", "zsh", "fish"] as const;
type Shell = (typeof SHELLS)[number];

/** Words by what stands before them: "" for the program, "propose" for its subcommands. */
export type Words = ReadonlyMap<string, readonly string[]>;

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
  const words = new Map<string, readonly string[]>();
  const visit = (command: Command, path: string) => {
    const own = [...command.commands.map((child) => child.name()), ...command.options.map(({ long }) => long ?? "")];
    words.set(
      path,
      own.filter((word) => word !== ""),
    );
    for (const child of command.commands) visit(child, path === "" ? child.name() : `${path} ${child.name()}`);
  };
  visit(program, "");
  return words;
}

export function completionFor(shell: Shell, words: Words): string {
  if (shell === "fish") return fish(words);
  const cases = [...words]
    .filter(([path]) => path !== "")
    .map(([path, own]) => `    "${path}") words="${own.join(" ")}" ;;`);
  const bash = [
    "_asterism() {",
    '  local current="${COMP_WORDS[COMP_CWORD]}" path="" word words',
    '  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do',
    '    case "$word" in -*) ;; *) path="${path:+$path }$word" ;; esac',
    "  done",
    '  case "$path" in',
    ...cases,
    `    *) words="${(words.get("") ?? []).join(" ")}" ;;`,
    "  esac",
    '  COMPREPLY=($(compgen -W "$words" -- "$current"))',
    "}",
    "complete -o default -F _asterism asterism",
  ];
  return (shell === "zsh" ? ["autoload -U +X bashcompinit && bashcompinit", ...bash] : bash).join("\n");
}

function fish(words: Words): string {
  return [...words]
    .flatMap(([path, own]) => {
      const condition =
        path === "" ? "__fish_use_subcommand" : `__fish_seen_subcommand_from ${path.split(" ").at(-1) ?? ""}`;
      return own.map((word) =>
        word.startsWith("--")
          ? `complete -c asterism -n '${condition}' -l ${word.slice(2)}`
          : `complete -c asterism -f -n '${condition}' -a ${word}`,
      );
    })
    .join("\n");
}

function shellOf(text: string): Shell {
  const found = SHELLS.find((shell) => shell === text);
  if (found === undefined) throw new InvalidArgumentError(`one of ${SHELLS.join(", ")} is expected.`);
  return found;
}
