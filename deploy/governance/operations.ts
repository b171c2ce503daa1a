import type { JsonRpcApiProvider } from "ethers";
import { Reader } from "../../sdk/reading";
import { ask, countOf, interfaceOf, readAll } from "../audit/question";
import { readHistory } from "../audit/history";
import type { DeploymentRecord } from "../record";
import { PUBLIC_ROLE_ID, ROLES } from "../roles";
import type { Role } from "../roles";
import { namedValues } from "../../sdk/plain";
import type { PlainValue } from "../../sdk/plain";

/** How long a call can be executed from the time it is ready: the AccessManager's own week. */
export const EXPIRATION_SECONDS = 7 * 24 * 60 * 60;

/** A call that waits, or can be executed. */
export interface Operation {
  readonly id: string;
  /** Of how many times that the same call was scheduled. */
  readonly nonce: number;
  /** `TradingConfigurator.setCaps`, or the address and selector of what the record does not have. */
  readonly name: string;
  readonly args: Readonly<Record<string, PlainValue>>;
  readonly caller: string;
  readonly target: string;
  readonly data: string;
  /** Unix seconds. */
  readonly readyAt: number;
  readonly expiresAt: number;
  readonly isReady: boolean;
  readonly cancelledBy: readonly string[];
}

/** All that is scheduled and neither executed nor cancelled nor expired. */
export async function pendingOperations(provider: JsonRpcApiProvider, record: DeploymentRecord): Promise<Operation[]> {
  const head = await provider.getBlock("latest");
  if (head === null) return [];
  const history = await readHistory(provider, record, head.number);
  const scheduled = history.of("OperationScheduled") as readonly unknown[] as readonly {
    operationId: string;
    nonce: bigint;
    caller: string;
    target: string;
    data: string;
  }[];
  // The last time that each call was scheduled is the one that counts.
  const last = [...new Map(scheduled.map((operation) => [operation.operationId, operation])).values()];
  const manager = record.contracts.accessManager.address;
  const asked = (name: string, args: readonly unknown[]) => ask("AccessManager", manager, name, args);
  const answers = await readAll(
    new Reader(provider),
    last.flatMap(({ operationId, target, data }) => [
      asked("getSchedule", [operationId]),
      asked("getTargetFunctionRole", [target, data.slice(0, 10)]),
    ]),
    `0x${head.number.toString(16)}`,
  );
  return last.flatMap((operation, index) => {
    const [schedule, roleId] = [countOf(answers[2 * index]), answers[2 * index + 1] as bigint];
    if (schedule === 0) return [];
    const { operationId: id, nonce, caller, target, data } = operation;
    const role = target === manager ? ROLES.ADMIN : roleById(roleId);
    return [
      {
        ...{ id, nonce: Number(nonce), caller, target, data, ...readable(record, target, data) },
        ...{ readyAt: schedule, expiresAt: schedule + EXPIRATION_SECONDS, isReady: head.timestamp >= schedule },
        cancelledBy: cancellersOf(record, role, caller),
      },
    ];
  });
}

/** Whoever scheduled it, the role's guardian, and the ADMIN. */
export function cancellersOf({ accounts }: DeploymentRecord, role: Role | undefined, caller: string): string[] {
  const known = Object.entries(accounts).find(([, account]) => account === caller);
  const guardian = role?.cancelledBy === undefined ? [] : [`guardian ${accounts.guardian}`];
  const all = [`${known?.[0] ?? "caller"} ${caller}`, ...guardian, `governor ${accounts.governor}`];
  return [...new Set(all)];
}

function roleById(id: bigint): Role | undefined {
  if (id === PUBLIC_ROLE_ID) return undefined;
  return Object.values(ROLES as Record<string, Role>).find((role) => role.id === id);
}

/** A call in the names of the contracts, as far as the record has them. */
export function readable(record: DeploymentRecord, target: string, data: string): Pick<Operation, "name" | "args"> {
  const contract = Object.values(record.contracts).find(({ address }) => address === target)?.contract;
  const parsed = contract === undefined ? null : interfaceOf(contract).parseTransaction({ data });
  if (contract === undefined || parsed === null) return { name: `${target} ${data.slice(0, 10)}`, args: {} };
  return { name: `${contract}.${parsed.name}`, args: namedValues(parsed.fragment.inputs, parsed.args) };
}
