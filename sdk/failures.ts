import { isError } from "ethers";
import { ProReason } from "./enums";
import { PRO_REASONS, decodeError, revertData } from "./errors";
import type { DecodedError, ErrorValue } from "./errors";

/** A call was refused: by which error, with what arguments, and in plain words. */
export class RefusedError extends Error {
  constructor(
    readonly error: DecodedError,
    cause?: unknown,
  ) {
    super(`${error.name}(${Object.entries(error.args).map(shown).join(", ")}): ${wordsOf(error)}`, { cause });
    this.name = "RefusedError";
  }
}

/** An error of the order book that gives its reason by a number says in words which one it is. */
function wordsOf({ args, name, words }: DecodedError): string {
  if (!/^(Pro|GridBook_)/.test(name) || typeof args.reason !== "bigint") return words;
  const reason = ProReason[Number(args.reason)] as (typeof ProReason)[number] | undefined;
  return reason === undefined ? words : `${reason}: ${PRO_REASONS[reason]}`;
}

/** The account has too little of the native coin, for gas and for what the call sends along. */
export class FundsError extends Error {
  constructor(cause: unknown) {
    super("the account has too little native coin, for the gas and for what is sent along", { cause });
    this.name = "FundsError";
  }
}

/**
 * What a client threw, as a {@link RefusedError} where the chain gave a reason, as a {@link FundsError} where the account can't pay for
 * the transaction; anything else as it came.
 */
export function explained(thrown: unknown): unknown {
  if (thrown instanceof RefusedError) return thrown;
  const data = revertData(thrown);
  if (data !== undefined) return new RefusedError(decodeError(data), thrown);
  return lacksFunds(thrown) ? new FundsError(thrown) : thrown;
}

/** Of nodes in memory ethers knows it by their words alone. */
function lacksFunds(thrown: unknown): boolean {
  if (isError(thrown, "INSUFFICIENT_FUNDS")) return true;
  return thrown instanceof Error && thrown.message.includes("doesn't have enough funds");
}

function shown([name, value]: [string, ErrorValue]): string {
  const text = JSON.stringify(value, (_, inner: unknown) => (typeof inner === "bigint" ? inner.toString() : inner));
  return `${name}: ${text.replace(/^"(.*)"$/, "$1")}`;
}
