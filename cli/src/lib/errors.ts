import { CommanderError } from "commander";
import { isError } from "ethers";
import { BuildError, HistoryError, NodesDisagreeError, ParameterError, WrongChainError } from "../../../deploy/audit";
import { CallError } from "../../../deploy/governance/values";
import { CallRefusedError, RehearsalError } from "../../../deploy/governance/rehearsal";
import { ConnectionError } from "../../../deploy/connection";
import { RefusedError as SettingsError } from "../../../deploy/environment";
import { LockedError } from "../../../deploy/lock";
import { RecordError } from "../../../deploy/record";
import { RefusedError, DeploymentError, UnitError, UnknownNameError } from "../../../sdk/index";
import { FundsError, HermesError, NoSignerError, PriceMissingError, REASONS } from "../../../sdk/index";
import { EXIT } from "./exit";
import type { Exit } from "./exit";

/** What is told of a failure: what it is, what to do next, and what the command ends with. */
export interface Told {
  readonly name: string;
  readonly message: string;
  readonly next: string;
  readonly exit: Exit;
}

/** Something that a command was given can't be taken. */
export class UsageError extends Error {
  constructor(
    message: string,
    readonly next: string,
  ) {
    super(message);
    this.name = "UsageError";
  }
}

/** No node is named, or the one that is does not answer as the chain's. */
export class NodeError extends Error {
  constructor(
    message: string,
    readonly next: string,
  ) {
    super(message);
    this.name = "NodeError";
  }
}

/** No key, or one that opens nothing. */
export class KeyError extends Error {
  constructor(
    message: string,
    readonly next: string,
  ) {
    super(message);
    this.name = "KeyError";
  }
}

/** Somebody has interrupted the command. */
export class InterruptedError extends Error {
  constructor() {
    super("interrupted");
    this.name = "InterruptedError";
  }
}

/** The system would refuse an order: nothing was sent. */
export class OrderRefusedError extends Error {
  constructor(readonly reason: keyof typeof REASONS) {
    super(`it would be refused: ${reason}: ${REASONS[reason]}`);
    this.name = "OrderRefusedError";
  }
}

type Kind = new (...args: never[]) => Error;

/** What is next for errors that do not say so themselves. */
const NEXT: readonly (readonly [kind: Kind, exit: Exit, next: string])[] = [
  [OrderRefusedError, EXIT.refused, "change the order; `asterism quote` says what it would come to; nothing was sent"],
  [FundsError, EXIT.refused, "bring less, or send the account what it lacks; nothing was sent"],
  [HermesError, EXIT.unreachable, "name another price service by --hermes, or try again"],
  [PriceMissingError, EXIT.unreachable, "name a price service that has the feed by --hermes"],
  [NoSignerError, EXIT.key, "set ASTERISM_PRIVATE_KEY, name a keystore, or give --owner"],
  [CallError, EXIT.usage, "`asterism propose calls` prints every call with its arguments"],
  [
    CallRefusedError,
    EXIT.refused,
    "correct the arguments: docs/errors.md says what each bound is for; nothing was sent",
  ],
  [RehearsalError, EXIT.unreachable, "name a node that takes state overrides in eth_call, as geth and nitro do"],
  [ParameterError, EXIT.usage, "correct the parameter file"],
  [RecordError, EXIT.usage, "name the record that the deployment left in deployments/ by --deployment"],
  [DeploymentError, EXIT.usage, "name the record of a deployment on this chain by --deployment"],
  [UnitError, EXIT.usage, "write the number as a plain decimal, with no more digits than its unit has"],
  [UnknownNameError, EXIT.usage, "take one of the names that there are"],
  [SettingsError, EXIT.usage, "correct the environment; docs/deploying.md says what each variable is"],
  [WrongChainError, EXIT.unreachable, "name a node of the record's chain by --rpc"],
  [NodesDisagreeError, EXIT.unreachable, "ask a third node, and trust neither of these until it agrees with one"],
  [HistoryError, EXIT.unreachable, "name an archive node by --rpc"],
  [ConnectionError, EXIT.unreachable, "see that the node runs, or name another by --rpc"],
  [BuildError, EXIT.usage, "git checkout the commit of the record, then npx hardhat compile"],
  [InterruptedError, EXIT.interrupted, "the same command goes on where it stopped: what was sent stays sent"],
  [LockedError, EXIT.busy, "wait for the other command to end"],
];

const DISK_CODES = new Set(["ENOSPC", "EDQUOT", "EFBIG", "EROFS", "EACCES", "EPERM", "ENOENT", "ENOTDIR", "EISDIR"]);
const SOCKET_CODES = new Set(["ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "ETIMEDOUT", "EAI_AGAIN", "EHOSTUNREACH"]);

/** Undefined for what is a fault of the program, and has to be told with its stack. */
export function tell(error: unknown): Told | undefined {
  if (error instanceof CommanderError) {
    const exit = error.exitCode === 0 ? EXIT.fine : EXIT.usage;
    return { name: "UsageError", message: error.message, next: "see --help", exit };
  }
  if (!(error instanceof Error)) return undefined;
  const { name, message } = error;
  if (error instanceof UsageError) return { name, message, next: error.next, exit: EXIT.usage };
  if (error instanceof NodeError) return { name, message, next: error.next, exit: EXIT.unreachable };
  if (error instanceof KeyError) return { name, message, next: error.next, exit: EXIT.key };
  if (error instanceof RefusedError) return { name, message, next: nextOf(error), exit: EXIT.refused };
  const known = NEXT.find(([kind]) => error instanceof kind);
  if (known !== undefined) return { name, message, next: known[2], exit: known[1] };
  return tellCode(error);
}

function nextOf({ error }: RefusedError): string {
  if (error.name === "AccessManagerUnauthorizedAccount" || error.name === "AccessManagedUnauthorized")
    return "have the holder of the role do it: asterism propose says who that is";
  return "docs/errors.md says what would be right; it was not sent";
}

function tellCode(error: Error): Told | undefined {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  if (DISK_CODES.has(code)) {
    const next = "make room or write elsewhere, then repeat the command: what was sent stays sent";
    return { name: "DiskError", message: error.message, next, exit: EXIT.disk };
  }
  if (SOCKET_CODES.has(code) || isError(error, "NETWORK_ERROR") || isError(error, "TIMEOUT")) {
    const next = "see that the node runs and is reachable, or name another by --rpc";
    return { name: "NodeError", message: "the node does not answer", next, exit: EXIT.unreachable };
  }
  if (isError(error, "INSUFFICIENT_FUNDS")) {
    const next = "send native coin to the account, for gas";
    return { name: "FundsError", message: "the account can't pay for the gas", next, exit: EXIT.refused };
  }
  if (isError(error, "SERVER_ERROR") || isError(error, "UNKNOWN_ERROR") || isError(error, "BAD_DATA")) {
    const next = "the node answers, and not as a node does: name another by --rpc";
    return { name: "NodeError", message: error.shortMessage, next, exit: EXIT.unreachable };
  }
  return undefined;
}
