import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import type { Future } from "@nomicfoundation/ignition-core";
import { ROLES, roleIdOf } from "../roles";
import type { FunctionRole, Role } from "../roles";
import type { SystemModule } from "./system";

/** Functions of one deployed contract that go to one role. */
export interface Wiring {
  /** The contract's key in the system module's results. */
  key: keyof SystemModule["results"];
  role: FunctionRole;
  selectors: readonly string[];
}

/**
 * Prepares the finished system for its governance: wires every function to its role, labels the roles, names who may cancel,
 * and grants the roles with their delays. The deployer stays in charge, and the breaker at the level it was born at, until
 * `handOver`.
 */
export function buildHandoverModule(system: SystemModule, wirings: readonly Wiring[]) {
  return buildModule("Handover", (m) => {
    const contracts = m.useModule(system);
    const manager = contracts.accessManager;
    const roles: [string, Role][] = Object.entries(ROLES);

    const settings: Future[] = wirings.map(({ key, role, selectors }) =>
      m.call(manager, "setTargetFunctionRole", [contracts[key], [...selectors], roleIdOf(role)], {
        id: `wire_${key}_${role}`,
        after: [system],
      }),
    );
    for (const [name, role] of roles) {
      if (role.isLabelled) {
        settings.push(m.call(manager, "labelRole", [role.id, name], { id: `label_${name}`, after: [system] }));
      }
      if (role.cancelledBy) {
        const args = [role.id, ROLES[role.cancelledBy].id];
        settings.push(m.call(manager, "setRoleGuardian", args, { id: `guardian_${name}`, after: [system] }));
      }
    }

    for (const [name, role] of roles) {
      m.call(manager, "grantRole", [role.id, m.getParameter<string>(role.holder), role.delaySeconds], {
        id: `grant_${name}`,
        after: settings,
      });
    }
    return contracts;
  });
}
