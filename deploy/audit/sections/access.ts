import { dataLength } from "ethers";
import type { FunctionFragment } from "ethers";
import { PUBLIC_ROLE_ID, ROLES, ROLE_TABLE, roleIdOf } from "../../roles";
import type { Role } from "../../roles";
import type { AuditContext } from "../context";
import { findingsOf } from "../finding";
import type { Finding } from "../finding";
import { ask, interfaceOf } from "../question";
import type { Fields, Question } from "../question";
import type { PlainValue } from "../../../sdk/plain";

const NAMED_ROLES = Object.entries(ROLES) as [string, Role][];
const NO_MEMBER = "no member";
/** A selector that no function of a contract has and that an event names. */
const SELECTOR_BYTES = 4;

export function roleName(id: bigint): string {
  if (id === PUBLIC_ROLE_ID) return "PUBLIC";
  return NAMED_ROLES.find(([, role]) => role.id === id)?.[0] ?? `role ${id.toString()}`;
}

/** Who holds which role, with which delay; who administers and cancels it; which function belongs to whom. */
export function accessQuestions(context: AuditContext): Question[] {
  return [...memberQuestions(context), ...roleQuestions(context), ...targetQuestions(context)];
}

/** What only events tell: labels, and delays that are set and not in force yet. */
export function accessFindings(context: AuditContext): Finding[] {
  const { history } = context;
  const findings: Finding[] = [];
  for (const [name, { id, isLabelled }] of NAMED_ROLES) {
    const labels = history.of("RoleLabel").filter(({ roleId }) => roleId === id);
    const found = labels.at(-1)?.label as string | undefined;
    findings.push(...findingsOf(`AccessManager.label(${name})`, isLabelled ? name : "none", found ?? "none"));
  }
  const coming = (event: string, key: string, shown: (value: unknown) => string) => {
    const last = new Map(history.of(event).map((told) => [told[key], told]));
    for (const [of, { since, delay }] of last) {
      if (Number(since) <= context.block.timestamp) continue;
      const found = `${String(delay)} s from ${timeOf(since as bigint)}`;
      findings.push({ what: `AccessManager.${event}(${shown(of)})`, expected: "none", found });
    }
  };
  coming("RoleGrantDelayChanged", "roleId", (id) => roleName(id as bigint));
  coming("TargetAdminDelayUpdated", "target", (target) => context.nameOf(target as string));
  return findings;
}

function memberQuestions(context: AuditContext): Question[] {
  const { accounts } = context.record;
  const granted = context.history.of("RoleGranted");
  const roles = new Set([...NAMED_ROLES.map(([, { id }]) => id), ...granted.map(({ roleId }) => roleId as bigint)]);
  const known = [accounts.governor, accounts.riskManager, accounts.guardian, accounts.deployer];
  const candidates = new Set([...known, ...granted.map(({ account }) => account as string)]);
  return [...roles].flatMap((id) => {
    const role = NAMED_ROLES.find(([, named]) => named.id === id)?.[1];
    return [...candidates].map((account) => {
      const isHolder = role !== undefined && accounts[role.holder] === account;
      const expected = isHolder ? `member, delay ${role.delaySeconds} s` : NO_MEMBER;
      const pick = (answer: PlainValue) => membershipOf(answer as Fields, context.block.timestamp);
      const of = `${roleName(id)}, ${accountName(context, account)}`;
      return context.question("accessManager", "getAccess", expected, { args: [id, account], of, pick });
    });
  });
}

function accountName({ record }: AuditContext, account: string): string {
  const found = Object.entries(record.accounts).find(([, address]) => address === account);
  return found === undefined ? account : `${found[0]} ${account}`;
}

function membershipOf({ since, currentDelay, pendingDelay, effect }: Fields, now: number): string {
  if (since === 0n) return NO_MEMBER;
  const begins = (since as bigint) > BigInt(now) ? ` from ${timeOf(since as bigint)}` : "";
  const changes =
    (effect as bigint) > BigInt(now)
      ? `, ${(pendingDelay as bigint).toString()} s from ${timeOf(effect as bigint)}`
      : "";
  return `member${begins}, delay ${(currentDelay as bigint).toString()} s${changes}`;
}

function timeOf(seconds: bigint): string {
  return new Date(Number(seconds) * 1_000).toISOString();
}

function roleQuestions(context: AuditContext): Question[] {
  const told = ["RoleAdminChanged", "RoleGuardianChanged", "RoleGrantDelayChanged"].flatMap((event) =>
    context.history.of(event).map(({ roleId }) => roleId as bigint),
  );
  const ids = new Set([...NAMED_ROLES.map(([, { id }]) => id), ...told]);
  return [...ids].flatMap((id) => {
    const role = NAMED_ROLES.find(([, named]) => named.id === id)?.[1];
    const canceller = role?.cancelledBy === undefined ? "ADMIN" : role.cancelledBy;
    const options = { args: [id], of: roleName(id) };
    const pick = (answer: PlainValue) => roleName(answer as bigint);
    return [
      context.question("accessManager", "getRoleAdmin", "ADMIN", { ...options, pick }),
      context.question("accessManager", "getRoleGuardian", canceller, { ...options, pick }),
      context.question("accessManager", "getRoleGrantDelay", 0, options),
    ];
  });
}

function targetQuestions(context: AuditContext): Question[] {
  const { record, history } = context;
  const manager = context.at("accessManager");
  const questions: Question[] = [];
  const asked = new Set<string>();
  const askFunction = (target: string, selector: string, shown: string, role: string) => {
    const key = `${target} ${selector}`;
    if (asked.has(key)) return;
    asked.add(key);
    questions.push({
      what: `AccessManager.getTargetFunctionRole(${shown})`,
      query: ask("AccessManager", manager, "getTargetFunctionRole", [target, selector]),
      expected: role,
      pick: (answer) => roleName(answer as bigint),
    });
  };
  for (const [key, { contract, address }] of Object.entries(record.contracts)) {
    const isManaged = interfaceOf(contract).hasFunction("authority");
    if (!isManaged && key !== "accessManager") continue;
    if (isManaged) questions.push(context.question(key, "authority", manager));
    for (const fragment of changingFunctions(contract)) {
      askFunction(address, fragment.selector, `${contract}.${fragment.name}`, roleOf(contract, fragment));
    }
  }
  for (const { target, selector } of history.of("TargetFunctionRoleUpdated")) {
    const shown = `${context.nameOf(String(target))}, ${String(selector)}`;
    if (dataLength(String(selector)) === SELECTOR_BYTES) askFunction(String(target), String(selector), shown, "ADMIN");
  }
  const told = ["TargetClosed", "TargetAdminDelayUpdated"].flatMap((event) =>
    history.of(event).map(({ target }) => String(target)),
  );
  const targets = new Set([...Object.values(record.contracts).map(({ address }) => address), ...told]);
  for (const target of targets) {
    const options = { args: [target], of: context.nameOf(target) };
    questions.push(
      context.question("accessManager", "isTargetClosed", false, options),
      context.question("accessManager", "getTargetAdminDelay", 0, options),
    );
  }
  return questions;
}

function changingFunctions(contract: string): FunctionFragment[] {
  const found: FunctionFragment[] = [];
  interfaceOf(contract).forEachFunction((fragment) => {
    if (fragment.stateMutability !== "view" && fragment.stateMutability !== "pure") found.push(fragment);
  });
  return found;
}

/** What nobody wired belongs to ADMIN. */
function roleOf(contract: string, { name, selector }: FunctionFragment): string {
  const row = ROLE_TABLE[contract] as (typeof ROLE_TABLE)[string] | undefined;
  for (const [named, role] of Object.entries(row ?? {})) {
    if (named !== name && interfaceOf(contract).getFunction(named)?.selector !== selector) continue;
    return roleName(roleIdOf(role));
  }
  return "ADMIN";
}
