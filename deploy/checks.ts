import { Interface } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types";
import type { AccessManager } from "../typechain-types";
import type { Wiring } from "./modules/handover";
import type { SystemModule } from "./modules/system";
import { ROLES, ROLE_TABLE, functionsByRole, roleIdOf } from "./roles";
import type { Role, RoleHolders, RoleTable } from "./roles";

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
  deploymentId: string | undefined,
): Promise<void> {
  for (const [key, address] of addresses) {
    if ((await hre.ethers.provider.getCode(address)) !== "0x") continue;
    const id = deploymentId ?? "of the chain";
    throw new Error(`no code at ${address} (${key}): the deployment ${id} is of another chain, use a fresh id`);
  }
}

/** What the handover was to bring about, read back from the chain. */
export async function assertHandedOver(
  manager: AccessManager,
  addresses: ReadonlyMap<string, string>,
  wirings: readonly Wiring[],
  holders: RoleHolders,
  deployer: string,
): Promise<void> {
  const problems: string[] = [];
  for (const [name, role] of Object.entries(ROLES) as [string, Role][]) {
    const [isMember, delay] = await manager.hasRole(role.id, holders[role.holder]);
    if (!isMember) problems.push(`${role.holder} is not ${name}`);
    if (delay !== BigInt(role.delaySeconds)) problems.push(`the delay of ${name} is ${delay.toString()} s`);
    const [isDeployerMember] = await manager.hasRole(role.id, deployer);
    if (isDeployerMember) problems.push(`the deployer is still ${name}`);
  }
  for (const { key, role, selectors } of wirings) {
    for (const selector of selectors) {
      const roleId = await manager.getTargetFunctionRole(addresses.get(key) ?? "", selector);
      if (roleId !== roleIdOf(role)) problems.push(`${key} ${selector} belongs to role ${roleId.toString()}`);
    }
  }
  if (problems.length > 0) throw new Error(`the handover is incomplete: ${problems.join("; ")}`);
}
