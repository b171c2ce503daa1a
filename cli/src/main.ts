import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { tell } from "./lib/errors";
import { EXIT } from "./lib/exit";
import { isSending } from "./lib/lock";
import { Output } from "./lib/output";
import type { Streams } from "./lib/output";
import { createProgram } from "./lib/program";
import type { Body, Define, Run } from "./lib/program";
import type { Globals } from "./lib/world";

/** Modules of commands and the commands that each defines: one is read where one is meant. */
const MODULES: readonly (readonly [names: readonly string[], load: () => Promise<Define>])[] = [
  [
    ["quote", "open", "close", "positions", "orders", "market"],
    async () => (await import("./commands/trade")).defineTrade,
  ],
  [["amend", "margin"], async () => (await import("./commands/amend")).defineAmend],
  [["pro"], async () => (await import("./commands/pro")).definePro],
  [["alp", "bet", "claim"], async () => (await import("./commands/money")).defineMoney],
  [["broker", "treasury"], async () => (await import("./commands/broker")).defineBroker],
  [["watch"], async () => (await import("./commands/watch")).defineWatch],
  [["keeper"], async () => (await import("./commands/keeper")).defineKeeper],
  [["deploy", "doctor"], async () => (await import("./commands/operations")).defineOperations],
  [["audit"], async () => (await import("./commands/audit")).defineAudit],
  [["propose"], async () => (await import("./commands/propose")).definePropose],
  [["guardian"], async () => (await import("./commands/guardian")).defineGuardian],
  [["completion"], async () => (await import("./commands/completion")).defineCompletion],
];
const ROOT = join(__dirname, "..", "..");

export interface Context {
  readonly streams: Streams;
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** The project's folder; null where the program was installed by itself. */
  readonly root?: string | null;
}

/** Runs a command line; returns what the process is to end with. */
export async function runCommandLine(args: readonly string[], context: Context): Promise<number> {
  const { streams, environment, root = repositoryOf(ROOT), signal } = context;
  const isJson = args.includes("--json");
  const output = new Output(streams, isJson);
  let code: number = EXIT.fine;
  const run: Run = async (command: Command, body: Body) => {
    const globals = command.optsWithGlobals<Globals>();
    code = (await body({ globals, environment, output, root, signal })) ?? EXIT.fine;
  };
  const program = await buildProgram(run, args);
  for (const command of commandsOf(program)) {
    command.configureOutput({
      writeOut: (text) => void streams.out.write(text),
      writeErr: (text) => void streams.err.write(text),
    });
  }
  try {
    if (args[0] === "keeper") {
      const { runKeeperCommand } = await import("./commands/keeper");
      return await runKeeperCommand(args.slice(1), environment);
    }
    await program.parseAsync([...args], { from: "user" });
    return code;
  } catch (error) {
    return fail(error, output);
  }
}

/** The folder, if it is that of the project. */
function repositoryOf(folder: string): string | null {
  return existsSync(join(folder, "hardhat.config.ts")) ? folder : null;
}

/** A command and all below it. */
function commandsOf(command: Command): Command[] {
  return [command, ...command.commands.flatMap(commandsOf)];
}

/** The program, with the commands of the modules that may be meant where that can be told, else with all. */
export async function buildProgram(run: Run, args: readonly string[] = []): Promise<Command> {
  const program = createProgram();
  const meant = MODULES.filter(([names]) => names.some((name) => args.includes(name)));
  const isTold = meant.length > 0 && !args.includes("completion");
  for (const [, load] of isTold ? meant : MODULES) (await load())(program, run);
  return program;
}

/** A failure in a line and what to do next, or as JSON; a fault with its stack. */
function fail(error: unknown, output: Output): number {
  const told = tell(error);
  if (told === undefined) {
    output.note(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return EXIT.fault;
  }
  // Commander has said what is wrong with a command line.
  if (told.exit === EXIT.fine) return EXIT.fine;
  if (output.isJson) {
    output.result({ error: { name: told.name, message: told.message, next: told.next, exit: told.exit } }, () => "");
  } else if (told.name !== "UsageError" || !(error as { code?: string }).code?.startsWith("commander.")) {
    output.note(`${told.message}\n  next: ${told.next}`);
  }
  return told.exit;
}

/** Commands that go on until an interrupt ends them, in good order. */
const FOLLOWING = ["watch", "keeper"];

/**
 * The program itself. An interrupt ends it, but for what goes on until then; a transaction that is on its way is waited for, unless a
 * second one comes.
 */
export function start(args: readonly string[]): void {
  const interrupted = new AbortController();
  const isFollowing = args.some((arg) => FOLLOWING.includes(arg));
  const stop = () => {
    if (interrupted.signal.aborted || !(isFollowing || isSending())) process.exit(EXIT.interrupted);
    interrupted.abort();
    if (isSending())
      process.stderr.write("waiting for the transaction that is on its way; interrupt again to end now\n");
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  let failure: Error | undefined;
  process.stdout.on("error", (error) => {
    failure ??= error;
  });
  const streams = { out: process.stdout, err: process.stderr };
  void runCommandLine(args, { streams, environment: process.env, signal: interrupted.signal }).then((code) => {
    // A node's connection may be kept open by its keep-alive. What could not be written is told in the turn after.
    process.stdout.write("", () =>
      setImmediate(() => process.exit(failure === undefined ? code : unwritten(failure, code))),
    );
  });
}

/** What the process ends with where a result could not be written: a reader that has gone wants no more of it. */
function unwritten(failure: Error, code: number): number {
  if ((failure as NodeJS.ErrnoException).code === "EPIPE") return code;
  return fail(failure, new Output({ out: process.stderr, err: process.stderr }, false));
}
