import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import hre, { ethers, network } from "hardhat";
import { assertHandedOver, assertHasCode, assertPrepared, readWirings } from "../../deploy/checks";
import { buildSystemModule } from "../../deploy/modules/system";
import { profileFor } from "../../deploy/profiles";
import { ROLES, ROLE_TABLE } from "../../deploy/roles";
import type { RoleTable } from "../../deploy/roles";
import { failureOf } from "../dsl/failures";

const NO_CODE = "0x00000000000000000000000000000000000000AA";

function systemModule() {
  return buildSystemModule(profileFor(network.config.chainId ?? 0));
}

/** An AccessManager that the deployer has not handed over. */
async function deployManager() {
  const [deployer, governor, riskManager, guardian] = await ethers.getSigners();
  const manager = await ethers.deployContract("AccessManager", [deployer.address]);
  const breaker = await ethers.deployContract("Breaker", [await manager.getAddress()]);
  const holders = { governor: governor.address, riskManager: riskManager.address, guardian: guardian.address };
  return { manager, breaker, deployer, holders };
}

describe("deployment checks", () => {
  describe("readWirings", () => {
    it("turns the rows of the table into selectors, grouped by contract and role", async () => {
      const wirings = await readWirings(hre, systemModule());
      const breaker = await ethers.getContractAt("Breaker", NO_CODE);
      expect(wirings.filter(({ key }) => key === "breaker")).to.deep.equal([
        { key: "breaker", role: "GUARDIAN", selectors: [breaker.interface.getFunction("raise").selector] },
        { key: "breaker", role: "RISK_MANAGER", selectors: [breaker.interface.getFunction("lower").selector] },
      ]);
      expect(wirings.flatMap(({ selectors }) => selectors)).to.have.lengthOf(
        Object.values(ROLE_TABLE).flatMap((row) => Object.keys(row)).length,
      );
    });

    it("refuses a contract with an authority that has no row", async () => {
      const table: RoleTable = Object.fromEntries(Object.entries(ROLE_TABLE).filter(([name]) => name !== "Breaker"));
      expect(await failureOf(readWirings(hre, systemModule(), table))).to.equal("ROLE_TABLE has no row for Breaker");
    });

    it("refuses a row for a function that does not exist", async () => {
      const table: RoleTable = { ...ROLE_TABLE, Breaker: { reset: "GUARDIAN" } };
      expect(await failureOf(readWirings(hre, systemModule(), table))).to.equal(
        "ROLE_TABLE names Breaker.reset, which does not exist",
      );
    });
  });

  describe("assertHasCode", () => {
    it("accepts contracts and names the address, contract and deployment without code", async () => {
      const { breaker } = await loadFixture(deployManager);
      const addresses = new Map([["breaker", await breaker.getAddress()]]);
      await assertHasCode(hre, addresses, undefined);
      addresses.set("vault", NO_CODE);
      expect(await failureOf(assertHasCode(hre, addresses, "stale"))).to.equal(
        `no code at ${NO_CODE} (vault): the journal stale is of another chain, use a fresh id`,
      );
    });
  });

  describe("assertHandedOver", () => {
    it("names everything that is missing", async () => {
      const { manager, breaker, deployer, holders } = await loadFixture(deployManager);
      const addresses = new Map([["breaker", await breaker.getAddress()]]);
      const { selector } = breaker.interface.getFunction("raise");
      const wirings = [{ key: "breaker", role: "GUARDIAN", selectors: [selector] }] as const;
      const roles = [
        "governor is not ADMIN",
        "the delay of ADMIN is 0 s",
        "governor is not GOVERNOR",
        "the delay of GOVERNOR is 0 s",
        "GOVERNOR is cancelled by role 0",
        "riskManager is not RISK_MANAGER",
        "the delay of RISK_MANAGER is 0 s",
        "RISK_MANAGER is cancelled by role 0",
        "guardian is not GUARDIAN",
        `breaker ${selector} belongs to role 0`,
      ];
      expect(await failureOf(assertPrepared(manager, addresses, wirings, holders))).to.equal(
        `the handover is not prepared: ${roles.join("; ")}`,
      );
      const problems = [...roles, "the deployer is still ADMIN", "the breaker is at level 1"];
      const system = { accessManager: manager, breaker };
      expect(await failureOf(assertHandedOver(system, addresses, wirings, holders, deployer.address))).to.equal(
        `the handover is incomplete: ${problems.join("; ")}`,
      );
    });

    it("names a holder with another's role, another administrator, and a contract that is closed", async () => {
      const { manager, breaker, holders } = await loadFixture(deployManager);
      await manager.grantRole(ROLES.GUARDIAN.id, holders.guardian, 0);
      await manager.grantRole(ROLES.RISK_MANAGER.id, holders.guardian, 0);
      await manager.setRoleAdmin(ROLES.RISK_MANAGER.id, ROLES.GUARDIAN.id);
      await manager.setTargetClosed(breaker, true);
      const address = await breaker.getAddress();
      const failure = await failureOf(assertPrepared(manager, new Map([["breaker", address]]), [], holders));
      for (const problem of [
        "guardian is RISK_MANAGER",
        "RISK_MANAGER is administered by role 3",
        `${address} is closed`,
      ]) {
        expect(failure).to.contain(problem);
      }
    });
  });
});
