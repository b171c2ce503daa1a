import { CommanderError } from "commander";
import { InputError } from "../demo/errors";

/** A failure whose message says all: the stack is of no use to whoever reads it. */
export class ExplainedError extends Error {}

type Kind = new (...args: never[]) => Error;

/**
 * Runs a script: its code, 0 when it returns none, becomes the process's. Errors that explain themselves, by class, are
 * told by name and message, those whose message says all by that; anything else with its stack.
 */
export function runMain(
  main: () => number | void | Promise<number | void>,
  explained: readonly Kind[] = [],
  plain: readonly Kind[] = [],
): void {
  const isOf = (kinds: readonly Kind[], error: unknown): error is Error => kinds.some((kind) => error instanceof kind);
  Promise.resolve()
    .then(main)
    .then((code) => {
      process.exitCode = code ?? 0;
    })
    .catch((error: unknown) => {
      if (error instanceof CommanderError) {
        process.exitCode = error.exitCode;
        return;
      }
      if (isOf([InputError, ExplainedError, ...plain], error)) console.error(error.message);
      else console.error(isOf(explained, error) ? `${error.name}: ${error.message}` : error);
      process.exitCode = 1;
    });
}
