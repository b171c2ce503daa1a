export type InputErrorReason =
  | "unknown-chain"
  | "bad-number"
  | "file-missing"
  | "malformed-row"
  | "empty-window" // no price between --from and --from plus --seconds
  | "small-stake" // at most two execution fees
  | "bad-options";

/** The demonstration was asked for something that it can't do. */
export class InputError extends Error {
  constructor(
    readonly reason: InputErrorReason,
    detail: string,
  ) {
    super(`${reason}: ${detail}`);
    this.name = "InputError";
  }
}

/** The price path has no place for a step: it ends too soon, or never moves the way the step needs. */
export class PathError extends Error {
  constructor(
    readonly step: string,
    detail: string,
  ) {
    super(`${step}: ${detail}`);
    this.name = "PathError";
  }
}

/** The system did something else than the model says. */
export class MismatchError extends Error {
  constructor(
    readonly what: string,
    readonly actual: string,
    readonly expected: string,
  ) {
    super(`${what}: ${actual}, expected ${expected}`);
    this.name = "MismatchError";
  }
}

/** Throws {@link MismatchError} unless both are the same, to the last unit. */
export function check(what: string, actual: bigint | string | boolean, expected: bigint | string | boolean): void {
  if (actual !== expected) throw new MismatchError(what, String(actual), String(expected));
}
