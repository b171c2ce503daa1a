import { ProReason } from "./enums";
import { PRO_REASONS, decodeError, revertData } from "./errors";
import type { DecodedError, ErrorValue } from "./errors";
import { formatToken } from "./units";

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

/** A token, or the native coin. */
export interface Coin {
  readonly symbol: string;
  readonly decimals: number;
}

/** An account has less than a transaction takes from it. */
export class FundsError extends Error {
  constructor(
    readonly account: string,
    { decimals, symbol }: Coin,
    /** In the coin's units, as `needed`. */
    readonly balance: bigint,
    readonly needed: bigint,
  ) {
    const [has, needs] = [balance, needed].map((amount) => formatToken(amount, decimals));
    super(`${account} has ${has} ${symbol}, ${needs} are needed`);
    this.name = "FundsError";
  }
}

/** An error of the order book that gives its reason by a number says in words which one it is. */
function wordsOf({ args, name, words }: DecodedError): string {
  if (!/^(Pro|GridBook_)/.test(name) || typeof args.reason !== "bigint") return words;
  const reason = ProReason[Number(args.reason)] as (typeof ProReason)[number] | undefined;
  return reason === undefined ? words : `${reason}: ${PRO_REASONS[reason]}`;
}

/** What a client threw, as a {@link RefusedError} where the chain gave a reason; anything else as it came. */
export function explained(thrown: unknown): unknown {
  if (thrown instanceof RefusedError) return thrown;
  const data = revertData(thrown);
  return data === undefined ? thrown : new RefusedError(decodeError(data), thrown);
}

function shown([name, value]: [string, ErrorValue]): string {
  const text = JSON.stringify(value, (_, inner: unknown) => (typeof inner === "bigint" ? inner.toString() : inner));
  return `${name}: ${text.replace(/^"(.*)"$/, "$1")}`;
}
