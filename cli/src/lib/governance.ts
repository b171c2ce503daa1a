import type { JsonRpcProvider } from "ethers";
import { profileOf } from "../../../deploy/audit";
import { ask, interfaceOf } from "../../../deploy/audit/question";
import { planCall } from "../../../deploy/governance/calls";
import type { CallContext, PlannedCall } from "../../../deploy/governance/calls";
import { rehearse } from "../../../deploy/governance/rehearsal";
import type { Change } from "../../../deploy/governance/rehearsal";
import type { DeploymentRecord } from "../../../deploy/record";
import { Reader, buildOf } from "./build";
import { table } from "./output";
import type { Surroundings } from "./world";

/** Reads calls as they are written, in the names of the record and the profile. */
export async function planCalls(
  provider: JsonRpcProvider,
  record: DeploymentRecord,
  written: readonly string[],
): Promise<PlannedCall[]> {
  const reader = new Reader(provider);
  const context: CallContext = {
    record,
    profile: profileOf(record),
    ask: async (contract, name, args) => {
      const target = Object.values(record.contracts).find((known) => known.contract === contract);
      const answer = await reader.one(ask(contract, target?.address ?? "", name, args));
      return answer as bigint | string;
    },
  };
  const calls: PlannedCall[] = [];
  for (const text of written) calls.push(await planCall(text, context));
  return calls;
}

/** What the calls would change, tried on the node's state without sending anything. */
export function changesOf(
  provider: JsonRpcProvider,
  record: DeploymentRecord,
  calls: readonly PlannedCall[],
  surroundings: Surroundings,
): Promise<Change[]> {
  return rehearse(provider, record, calls, () => buildOf(surroundings).multicallCode());
}

export function changeTable(changes: readonly Change[]): string {
  if (changes.length === 0) return "no setting changes";
  return table(
    ["what", "now", "then"],
    changes.map(({ what, now, then }) => [what, now, then]),
  );
}

export function encodeSchedule(call: { target: string; data: string }, when: number): string {
  return interfaceOf("AccessManager").encodeFunctionData("schedule", [call.target, call.data, when]);
}

export function encodeCancel(call: { caller: string; target: string; data: string }): string {
  return interfaceOf("AccessManager").encodeFunctionData("cancel", [call.caller, call.target, call.data]);
}

export function timeOf(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().replace(".000Z", "Z");
}
