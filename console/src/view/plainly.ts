/** What went wrong, in words for whoever looks at the page. */
import { GasFundsError, PRO_REASONS, ProReason, REASONS, RefusedError, UnitError } from "@asterism/sdk";
import { explained, nameOf } from "@asterism/sdk";
import type { DecodedError, OpenQuote, Reason } from "@asterism/sdk";
import { usdText } from "./format";

/** Something that is told as it is. */
export class PlainError extends Error {}

export interface Plain {
  /** The contracts' name of it, where it has one. */
  readonly name: string | undefined;
  readonly words: string;
}

export function plainly(thrown: unknown): Plain {
  const error = explained(thrown);
  if (error instanceof RefusedError)
    return reasonOf(error.error) ?? { name: error.error.name, words: error.error.words };
  if (error instanceof PlainError || error instanceof UnitError) return { name: undefined, words: error.message };
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  if (code === "ACTION_REJECTED" || code === 4001) {
    return { name: undefined, words: "You refused it in the wallet: nothing was sent." };
  }
  if (error instanceof GasFundsError)
    return { name: undefined, words: "The account has too little native coin for the gas." };
  if (code === "NETWORK_ERROR" || code === "TIMEOUT" || /fetch|502|network/i.test(String(message))) {
    return { name: undefined, words: "The node does not answer: nothing was sent. It is tried again with each block." };
  }
  return { name: undefined, words: typeof message === "string" ? message : String(error) };
}

/** Pro's errors carry the reason as a number: that is what somebody wants to know. */
function reasonOf({ name, args }: DecodedError): Plain | undefined {
  const { reason, has, needs } = args;
  if (!/^(Pro|ProTriggers|GridBook)_/.test(name) || typeof reason !== "bigint" || reason === 0n) return undefined;
  const found = nameOf(ProReason, reason);
  const isCounted = typeof has === "bigint" && typeof needs === "bigint";
  const counted = isCounted ? ` It has ${usdText(has)} and needs ${usdText(needs)}.` : "";
  return { name: found, words: `${PRO_REASONS[found]}${counted}` };
}

/** Why an order would be refused; undefined for one that would not. */
export function refusalOf(reason: (typeof Reason)[number]): Plain | undefined {
  return reason === "None" ? undefined : { name: reason, words: REASONS[reason] };
}

/** Why Pro would refuse an order; undefined for one that it would not. */
export function refusalOfPro(reason: (typeof ProReason)[number]): Plain | undefined {
  return reason === "None" ? undefined : { name: reason, words: PRO_REASONS[reason] };
}

/** Why a limit does not fill now and rests on; undefined for one that fills or is refused. */
export function restOf({ outcome, reason }: Pick<OpenQuote, "outcome" | "reason">): Plain | undefined {
  return outcome === "Skipped" ? refusalOf(reason) : undefined;
}
