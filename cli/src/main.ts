import { join } from "node:path";
import type { Command } from "commander";
import { defineAudit } from "./commands/audit";
import { defineGuardian } from "./commands/guardian";
import { defineMoney } from "./commands/money";
import { definePropose } from "./commands/propose";
import { defineTrade } from "./commands/trade";
import { defineWatch } from "./commands/watch";
import { tell } from "./lib/errors";
import { EXIT } from "./lib/exit";
import { Output } from "./lib/output";
import type { Streams } from "./lib/output";
import { createProgram } from "./lib/program";
import type { Body, Define, Run } from "./lib/program";
import type { Globals } from "./lib/world";

const COMMANDS: readonly Define[] = [defineTrade, defineMoney, defineWatch, defineAudit, definePropose, defineGuardian];
const ROOT = join(__dirname, "..", "..");

export interface Context {
  readonly streams: Streams;
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/** Runs a command line; returns what the process is to end with. */
export async function runCommandLine(args: readonly string[], context: Context): Promise<number> {
  const { streams, environment, signal } = context;
  const isJson = args.includes("--json");
  const output = new Output(streams, isJson);
  let code: number = EXIT.fine;
  const run: Run = async (command: Command, body: Body) => {
    const globals = command.optsWithGlobals<Globals>();
    code = (await body({ globals, environment, output, root: ROOT, signal })) ?? EXIT.fine;
  };
  const program = buildProgram(run);
  for (const command of commandsOf(program)) {
    command.configureOutput({
      writeOut: (text) => void streams.out.write(text),
      writeErr: (text) => void streams.err.write(text),
    });
  }
  try {
    await program.parseAsync([...args], { from: "user" });
    return code;
  } catch (error) {
    return fail(error, output);
  }
}

/** A command and all below it. */
function commandsOf(command: Command): Command[] {
  return [command, ...command.commands.flatMap(commandsOf)];
}

export function buildProgram(run: Run): Command {
  const program = createProgram();
  for (const define of COMMANDS) define(program, run);
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

/** The program itself: an interrupt ends what goes on, a second one the process. */
export function start(args: readonly string[]): void {
  const interrupted = new AbortController();
  const stop = () => {
    if (interrupted.signal.aborted) process.exit(EXIT.fault);
    interrupted.abort();
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  const streams = { out: process.stdout, err: process.stderr };
  void runCommandLine(args, { streams, environment: process.env, signal: interrupted.signal }).then((code) => {
    process.exitCode = code;
    // A node's connection may be kept open by its keep-alive.
    process.stdout.write("", () => process.exit(code));
  });
}
