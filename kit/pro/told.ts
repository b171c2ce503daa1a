/** What a transaction on Pro told, and what the model says that it should have. */
import type { Interface } from "ethers";
import { ProReason, nameOf } from "../../sdk/enums";
import type { ActionResult, Outcome, Passing, Reason, StepOutcome } from "../../sdk/model/pro";
import type { AccountIds } from "./words";
import { orderIdOf } from "./words";

/** A receipt as far as it is read. */
export interface CallReceipt {
  readonly logs: readonly { readonly address: string; readonly topics: readonly string[]; readonly data: string }[];
  readonly gasUsed: bigint | string;
}

/** The system did something else than the model says. */
export class ModelMismatchError extends Error {
  constructor(what: string, told: readonly string[], expected: readonly string[]) {
    super(`${what}: told ${told.join("; ") || "nothing"}, expected ${expected.join("; ") || "nothing"}`);
    this.name = "ModelMismatchError";
  }
}

/** Throws {@link ModelMismatchError} unless both lists are the same. */
export function checkTold(what: string, told: readonly string[], expected: readonly string[]): void {
  if (told.join("\n") !== expected.join("\n")) throw new ModelMismatchError(what, told, expected);
}

/** Names of refusals that the model calls otherwise. */
const OTHER_NAMES: Readonly<Partial<Record<Reason, string>>> = { Deficit: "WouldLeaveDeficit" };

/** Fills and new orders of an owner's call. */
export function toldByAct({ logs }: CallReceipt, address: string, abi: Interface): string[] {
  return eventsOf(logs, address, abi).flatMap(({ args, name }) => {
    if (name === "Taken")
      return [filled(args.market as bigint, magnitude(args.lots as bigint), args.tickLots as bigint)];
    return name === "OrderRested" ? [`rested ${String(args.orderId)}`] : [];
  });
}

/** The same by the model. */
export function expectedOfAct(results: readonly ActionResult[], markets: readonly number[], ids: AccountIds): string[] {
  return results.flatMap(({ placed }, index) => {
    if (placed === undefined) return [];
    const fill = placed.filled === 0n ? [] : [filled(BigInt(markets[index]), placed.filled, placed.tickLots)];
    return placed.id === undefined ? fill : [...fill, `rested ${orderIdOf(ids, placed.id).toString()}`];
  });
}

/** What the items of a keeper's batch came to. */
export function toldByKeeper({ logs }: CallReceipt, pro: Contract, keeper: Contract): string[] {
  return logs.flatMap((log) => {
    const [event] = [...eventsOf([log], pro.address, pro.abi), ...eventsOf([log], keeper.address, keeper.abi)];
    switch (event?.name) {
      case "ScopeReduced":
        return [reduced(event.args.lots as bigint, event.args.fromFund as bigint)];
      case "Deleveraged":
        return [passed(event.args.lots as bigint)];
      case "LossShared":
        return [`shared ${String(event.args.deficit)}`];
      case "ProItemSkipped":
        return [`skipped ${nameOf(ProReason, event.args.reason as bigint)}`];
      case "ItemFailed":
        return [`failed ${String(event.args.reason)}`];
      default:
        return [];
    }
  });
}

/** What a step of a liquidation should tell. */
export function expectedOfStep(outcome: Outcome<StepOutcome>): string[] {
  if ("refused" in outcome) return [skipped(outcome.refused)];
  const { done } = outcome;
  switch (done.kind) {
    case "skipped":
      return [skipped(done.reason)];
    case "healthy":
      return [skipped("NotLiquidatable")];
    case "cancelled":
      return [];
    case "stepped":
      if (done.lots > 0n) return [reduced(done.lots, done.fromFund)];
      return done.isDistressed ? [] : [skipped("NothingFilled")];
  }
}

/** What an attempt to pass a position on should tell. */
export function expectedOfPassing(outcome: Outcome<Passing>, isShared: boolean): string[] {
  if ("refused" in outcome) return [skipped(outcome.refused)];
  const { done } = outcome;
  switch (done.kind) {
    case "skipped":
      return [skipped(done.reason)];
    case "healthy":
      return [skipped("NotLiquidatable")];
    case "passed":
      return [isShared ? `shared ${done.deficit}` : passed(done.lots)];
  }
}

/** What a refresh by a keeper should tell. */
export function expectedOfRefresh(outcome: Outcome<void>): string[] {
  return "refused" in outcome ? [skipped(outcome.refused)] : [];
}

/** Where a contract is, and its ABI. */
export interface Contract {
  readonly address: string;
  readonly abi: Interface;
}

/** The events of one contract among logs. */
export function eventsOf(logs: CallReceipt["logs"], address: string, abi: Interface) {
  return logs.flatMap((log) => {
    if (log.address.toLowerCase() !== address.toLowerCase()) return [];
    const event = abi.parseLog({ topics: [...log.topics], data: log.data });
    return event === null ? [] : [event];
  });
}

function filled(market: bigint, lots: bigint, tickLots: bigint): string {
  return `filled ${lots} lots for ${tickLots} in market ${market}`;
}

function reduced(lots: bigint, fromFund: bigint): string {
  return `reduced by ${lots} lots, ${fromFund} from the fund`;
}

function passed(lots: bigint): string {
  return `passed ${lots} lots on`;
}

function skipped(reason: Reason): string {
  return `skipped ${OTHER_NAMES[reason] ?? reason}`;
}

function magnitude(lots: bigint): bigint {
  return lots < 0n ? -lots : lots;
}
