export type ReplicaErrorReason =
  | "mixed-code" // stand-ins and foreign code side by side: neither a replica nor a real chain
  | "not-a-replica" // a change was asked for on a chain with real code
  | "unknown-symbol"
  | "unknown-feed"
  | "wrong-chain";

/** A replica can't be installed or used the way it was asked to be. */
export class ReplicaError extends Error {
  constructor(
    readonly reason: ReplicaErrorReason,
    message: string,
  ) {
    super(`${reason}: ${message}`);
    this.name = "ReplicaError";
  }
}
