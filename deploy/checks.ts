import { Interface } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types";
import type { AccessManager, Breaker } from "../typechain-types";
import type { Wiring } from "./modules/handover";
import type { SystemModule } from "./modules/system";
import { ROLES, ROLE_TABLE, functionsByRole, roleIdOf } from "./roles";
import type { Role, RoleHolders, RoleTable } from "./roles";

/** The accounts that hold roles; what else a deployment names, such as the treasury, holds none. */
const HOLDERS: Readonly<Record<keyof RoleHolders, true>> = { governor: true, riskManager: true, guardian: true };

/** The rows of the role table for the contracts of this system, as selectors. Throws where table and code disagree. */
export async function readWirings(
  hre: HardhatRuntimeEnvironment,
  system: SystemModule,
  table: RoleTable = ROLE_TABLE,
): Promise<Wiring[]> {
  const wirings: Wiring[] = [];
  for (const key of Object.keys(system.results) as Wiring["key"][]) {
    const { contractName } = system.results[key];
    const { abi } = await hre.artifacts.readArtifact(contractName);
    const contractInterface = new Interface(abi);
    if (contractInterface.hasFunction("setAuthority") && !(contractName in table)) {
      throw new Error(`ROLE_TABLE has no row for ${contractName}`);
    }
    for (const [role, names] of functionsByRole(table[contractName] ?? {})) {
      const selectors = names.map((name) => selectorOf(contractInterface, contractName, name));
      wirings.push({ key, role, selectors });
    }
  }
  return wirings;
}

function selectorOf(contractInterface: Interface, contractName: string, functionName: string): string {
  const fragment = contractInterface.getFunction(functionName);
  if (fragment === null) throw new Error(`ROLE_TABLE names ${contractName}.${functionName}, which does not exist`);
  return fragment.selector;
}

/** An id from before a node's restart makes Ignition return the old addresses without having sent anything. */
export async function assertHasCode(
  hre: HardhatRuntimeEnvironment,
  addresses: ReadonlyMap<string, string>,
  journal: string | undefined,
): Promise<void> {
  for (const [key, address] of addresses) {
    if ((await hre.ethers.provider.getCode(address)) !== "0x") continue;
    const kept = journal ?? "of this run";
    throw new Error(`no code at ${address} (${key}): the journal ${kept} is of another chain, use a fresh id`);
  }
}

/** Who holds which role with which delay, and which function belongs to which: all that a deployment gives to others. */
export async function assertPrepared(
  manager: AccessManager,
  addresses: ReadonlyMap<string, string>,
  wirings: readonly Wiring[],
  holders: RoleHolders,
): Promise<void> {
  const problems = await permissionProblems(manager, addresses, wirings, holders);
  if (problems.length > 0) throw new Error(`the handover is not prepared: ${problems.join("; ")}`);
}

/** What the handover was to bring about, read back from the chain. */
export async function assertHandedOver(
  { accessManager, breaker }: { accessManager: AccessManager; breaker: Breaker },
  addresses: ReadonlyMap<string, string>,
  wirings: readonly Wiring[],
  holders: RoleHolders,
  deployer: string,
): Promise<void> {
  const problems = await permissionProblems(accessManager, addresses, wirings, holders);
  for (const [name, role] of Object.entries(ROLES) as [string, Role][]) {
    const [isDeployerMember] = await accessManager.hasRole(role.id, deployer);
    if (isDeployerMember) problems.push(`the deployer is still ${name}`);
  }
  const level = await breaker.level();
  if (level !== 0n) problems.push(`the breaker is at level ${level.toString()}`);
  if (problems.length > 0) throw new Error(`the handover is incomplete: ${problems.join("; ")}`);
}

/** Where the chain differs from the role table. */
export async function permissionProblems(
  manager: AccessManager,
  addresses: ReadonlyMap<string, string>,
  wirings: readonly Wiring[],
  holders: RoleHolders,
): Promise<string[]> {
  const problems: string[] = [];
  for (const [name, role] of Object.entries(ROLES) as [string, Role][]) {
    for (const [holder, account] of Object.entries({ ...holders })) {
      if (!(holder in HOLDERS)) continue;
      const [isMember, delay] = await manager.hasRole(role.id, account);
      if (holder !== role.holder) {
        if (isMember) problems.push(`${holder} is ${name}`);
        continue;
      }
      if (!isMember) problems.push(`${holder} is not ${name}`);
      if (delay !== BigInt(role.delaySeconds)) problems.push(`the delay of ${name} is ${delay.toString()} s`);
    }
    const [admin, canceller] = [await manager.getRoleAdmin(role.id), await manager.getRoleGuardian(role.id)];
    if (admin !== ROLES.ADMIN.id) problems.push(`${name} is administered by role ${admin.toString()}`);
    const expected = role.cancelledBy === undefined ? ROLES.ADMIN.id : ROLES[role.cancelledBy].id;
    if (canceller !== expected) problems.push(`${name} is cancelled by role ${canceller.toString()}`);
  }
  for (const address of new Set(addresses.values())) {
    if (await manager.isTargetClosed(address)) problems.push(`${address} is closed`);
  }
  for (const { key, role, selectors } of wirings) {
    for (const selector of selectors) {
      const roleId = await manager.getTargetFunctionRole(addresses.get(key) ?? "", selector);
      if (roleId !== roleIdOf(role)) problems.push(`${key} ${selector} belongs to role ${roleId.toString()}`);
    }
  }
  return problems;
}
