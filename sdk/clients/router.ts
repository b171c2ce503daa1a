import type { ContractTransactionReceipt } from "ethers";
import { Action } from "../action";
import { Codec } from "../abi";
import type { Args, FunctionName } from "../abi";
import { routerAbi } from "../abis";
import type { Connection } from "../connection";
import type { SignedPermit } from "./permits";

const ROUTER = new Codec(routerAbi);

type Placing = Extract<
  FunctionName<typeof routerAbi>,
  `request${"Open" | "Limit" | "Bet"}` | `request${"Open" | "Limit" | "Bet"}Native`
>;

interface Routed<Name extends Placing, T> {
  readonly call: Name;
  readonly args: Args<typeof routerAbi, Name>;
  /** Wei. */
  readonly value: bigint;
  readonly permit?: SignedPermit;
  readonly outcome: (receipt: ContractTransactionReceipt) => T | Promise<T>;
}

/** A request through the Router: it wraps the native coin, and takes an allowance by signature in the same transaction. */
export function routed<Name extends Placing, T>(
  connection: Connection,
  { call, args, value, permit, outcome }: Routed<Name, T>,
): Action<T> {
  const to = connection.contracts.router;
  const request = ROUTER.encode(call, args);
  const data =
    permit === undefined ? request : ROUTER.encode("multicall", [[ROUTER.encode("permit", [{ ...permit }]), request]]);
  return new Action(connection, { to, data, value, outcome });
}
