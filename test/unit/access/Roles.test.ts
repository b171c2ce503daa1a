import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ZeroAddress } from "ethers";
import hre, { ethers } from "hardhat";
import { deploySystem } from "../../../deploy/deploySystem";
import { PUBLIC_ROLE_ID, ROLES, ROLE_TABLE, roleIdOf } from "../../../deploy/roles";
import type { Role } from "../../../deploy/roles";
import { failureOf } from "../../dsl/thrown";
import { restrictedFunctions } from "../../dsl/restricted";
import { systemFixture } from "../../fixtures/system";

const DAY = 24 * 60 * 60;
const WEEK = 7 * DAY;
const TOKEN = "0x00000000000000000000000000000000000000aa";
const PRODUCT = "0x00000000000000000000000000000000000000bb";

async function deploy() {
  const { system, profile, options, signers } = await loadFixture(systemFixture);
  const { accessManager: manager, breaker, vault, priceAggregator } = system;
  const addresses = { manager: await manager.getAddress(), breaker: await breaker.getAddress() };
  const raisedAt = await breaker.raisedAt();
  const lowerCall = breaker.interface.encodeFunctionData("lower", [0, raisedAt]);
  return { ...signers, options, profile, manager, breaker, vault, priceAggregator, addresses, raisedAt, lowerCall };
}

/** Level 2, and the risk manager's call to lower it scheduled. */
async function deployWithScheduledLower() {
  const system = await deploy();
  const { breaker, manager, addresses, guardian, riskManager } = system;
  await breaker.connect(guardian).raise(2);
  const raisedAt = await breaker.raisedAt();
  const lowerCall = breaker.interface.encodeFunctionData("lower", [0, raisedAt]);
  await manager.connect(riskManager).schedule(addresses.breaker, lowerCall, 0);
  const readyAt = (await time.latest()) + DAY;
  const id = await manager.hashOperation(riskManager.address, addresses.breaker, lowerCall);
  return { ...system, raisedAt, lowerCall, readyAt, id };
}

describe("Roles", () => {
  describe("role table", () => {
    it("has the ids and delays of the contracts", async () => {
      const harness = await ethers.deployContract("RolesHarness");
      const { ADMIN, GOVERNOR, RISK_MANAGER, GUARDIAN } = ROLES;
      const ids = [ADMIN.id, GOVERNOR.id, RISK_MANAGER.id, GUARDIAN.id, PUBLIC_ROLE_ID];
      expect([...(await harness.ids())]).to.deep.equal(ids);
      const delays = [BigInt(GOVERNOR.delaySeconds), BigInt(RISK_MANAGER.delaySeconds)];
      expect([...(await harness.delays())]).to.deep.equal(delays);
      expect(ADMIN.delaySeconds).to.equal(GOVERNOR.delaySeconds);
    });

    it("names every restricted function of every contract, and nothing else", async () => {
      const inCode = await restrictedFunctions(hre);
      const inTable = Object.entries(ROLE_TABLE).map(([name, row]) => [name, Object.keys(row).sort()] as const);
      expect(Object.fromEntries(inTable)).to.deep.equal(Object.fromEntries(inCode));
    });
  });

  describe("deployment", () => {
    it("grants the four roles with their delays, to nobody else for longer than the deployment", async () => {
      const { manager, options, deployer } = await loadFixture(deploy);
      const granted = await manager.queryFilter(manager.filters.RoleGranted());
      const expected = (Object.values(ROLES) as Role[]).map((role) => {
        return `${role.id.toString()} ${options[role.holder]} ${role.delaySeconds}`;
      });
      const actual = granted.map(({ args }) => `${args.roleId.toString()} ${args.account} ${args.delay.toString()}`);
      // The deployer's own: in charge while it deploys, and risk manager within the transaction that opens the system.
      const own = [`0 ${deployer.address} 0`, `${ROLES.RISK_MANAGER.id.toString()} ${deployer.address} 0`];
      expect(actual.sort()).to.deep.equal([...own, ...expected].sort());
      for (const role of Object.values(ROLES) as Role[]) {
        expect([...(await manager.hasRole(role.id, options[role.holder]))]).to.deep.equal([
          true,
          BigInt(role.delaySeconds),
        ]);
      }
    });

    it("leaves the deployer without any role", async () => {
      const { manager, deployer } = await loadFixture(deploy);
      for (const { id } of Object.values(ROLES)) {
        expect([...(await manager.hasRole(id, deployer.address))]).to.deep.equal([false, 0n]);
      }
    });

    it("refuses the deployer everything that governance can do", async () => {
      const { manager, breaker, vault, deployer, addresses, raisedAt } = await loadFixture(deploy);
      for (const [roleId, account] of [
        [ROLES.ADMIN.id, deployer.address],
        [ROLES.GUARDIAN.id, deployer.address],
      ] as const) {
        await expect(manager.connect(deployer).grantRole(roleId, account, 0))
          .to.be.revertedWithCustomError(manager, "AccessManagerUnauthorizedAccount")
          .withArgs(deployer.address, ROLES.ADMIN.id);
      }
      await expect(manager.connect(deployer).updateAuthority(addresses.breaker, deployer.address))
        .to.be.revertedWithCustomError(manager, "AccessManagerUnauthorizedAccount")
        .withArgs(deployer.address, ROLES.ADMIN.id);
      for (const call of [
        () => breaker.connect(deployer).raise(1),
        () => breaker.connect(deployer).lower(0, raisedAt),
        () => vault.connect(deployer).initialise(TOKEN, TOKEN),
        () => vault.connect(deployer).listToken(TOKEN, 1),
      ]) {
        await expect(call())
          .to.be.revertedWithCustomError(breaker, "AccessManagedUnauthorized")
          .withArgs(deployer.address);
      }
    });

    it("wires every function of the table to its role", async () => {
      const { manager, breaker, vault, priceAggregator } = await loadFixture(deploy);
      const contracts = { Breaker: breaker, Vault: vault, PriceAggregator: priceAggregator };
      for (const [name, contract] of Object.entries(contracts)) {
        for (const [functionName, role] of Object.entries(ROLE_TABLE[name])) {
          const selector = new ethers.Interface(contract.interface.fragments).getFunction(functionName)?.selector ?? "";
          const roleId = await manager.getTargetFunctionRole(await contract.getAddress(), selector);
          expect(roleId, `${name}.${functionName}`).to.equal(roleIdOf(role));
        }
      }
    });

    it("labels the roles and lets the guardian cancel for all but ADMIN", async () => {
      const { manager } = await loadFixture(deploy);
      const labels = await manager.queryFilter(manager.filters.RoleLabel());
      expect(labels.map(({ args }) => `${args.roleId.toString()} ${args.label}`).sort()).to.deep.equal([
        "1 GOVERNOR",
        "2 RISK_MANAGER",
        "3 GUARDIAN",
      ]);
      expect(await manager.getRoleGuardian(ROLES.GOVERNOR.id)).to.equal(ROLES.GUARDIAN.id);
      expect(await manager.getRoleGuardian(ROLES.RISK_MANAGER.id)).to.equal(ROLES.GUARDIAN.id);
      expect(await manager.getRoleGuardian(ROLES.ADMIN.id)).to.equal(ROLES.ADMIN.id);
    });

    it("refuses a profile of another chain", async () => {
      const { options, profile } = await loadFixture(deploy);
      const elsewhere = { ...profile, chainId: profile.chainId + 1 };
      expect(await failureOf(deploySystem(hre, elsewhere, options))).to.contain("the profile is for chain");
    });

    it("refuses one account in two roles, the deployer in any, and nobody in one", async () => {
      const { options, profile, deployer } = await loadFixture(deploy);
      for (const [changed, message] of [
        [{ guardian: options.riskManager }, `guardian is ${options.riskManager}, which is riskManager`],
        [{ riskManager: options.governor.toLowerCase() }, `riskManager is ${options.governor}, which is governor`],
        [{ governor: deployer.address }, `governor is ${deployer.address}, which is the deployer`],
        [{ guardian: ZeroAddress }, `guardian is ${ZeroAddress}, which is nobody`],
        [{ treasury: ZeroAddress }, "the treasury is the zero address"],
      ] as const) {
        expect(await failureOf(deploySystem(hre, profile, { ...options, ...changed }))).to.equal(message);
      }
    });
  });

  describe("guardian", () => {
    it("raises the breaker at once", async () => {
      const { breaker, guardian } = await loadFixture(deploy);
      const at = (await time.latest()) + 10;
      await time.setNextBlockTimestamp(at);
      await expect(breaker.connect(guardian).raise(3))
        .to.emit(breaker, "BreakerRaised")
        .withArgs(0, 3, at, guardian.address);
    });

    it("can't lower it, nor loosen anything else", async () => {
      const { breaker, vault, manager, guardian, addresses, lowerCall, raisedAt } = await loadFixture(deploy);
      await breaker.connect(guardian).raise(2);
      for (const call of [
        () => breaker.connect(guardian).lower(0, raisedAt),
        () => vault.connect(guardian).setCeiling(PRODUCT, TOKEN, 1n, 0n),
        () => vault.connect(guardian).setMaxUtilization(TOKEN, 1),
        () => vault.connect(guardian).listToken(TOKEN, 1),
        () => vault.connect(guardian).addProduct(PRODUCT),
      ]) {
        await expect(call())
          .to.be.revertedWithCustomError(breaker, "AccessManagedUnauthorized")
          .withArgs(guardian.address);
      }
      await expect(manager.connect(guardian).schedule(addresses.breaker, lowerCall, 0))
        .to.be.revertedWithCustomError(manager, "AccessManagerUnauthorizedCall")
        .withArgs(guardian.address, addresses.breaker, lowerCall.slice(0, 10));
    });

    it("can't give roles away", async () => {
      const { manager, guardian } = await loadFixture(deploy);
      await expect(manager.connect(guardian).grantRole(ROLES.GUARDIAN.id, guardian.address, 0))
        .to.be.revertedWithCustomError(manager, "AccessManagerUnauthorizedAccount")
        .withArgs(guardian.address, ROLES.ADMIN.id);
    });
  });

  describe("delays", () => {
    it("refuse what has not been scheduled", async () => {
      const { manager, breaker, vault, governor, riskManager, guardian, addresses, lowerCall, raisedAt } =
        await loadFixture(deploy);
      await breaker.connect(guardian).raise(1);
      const id = await manager.hashOperation(riskManager.address, addresses.breaker, lowerCall);
      await expect(breaker.connect(riskManager).lower(0, raisedAt))
        .to.be.revertedWithCustomError(manager, "AccessManagerNotScheduled")
        .withArgs(id);
      await expect(manager.connect(riskManager).execute(addresses.breaker, lowerCall))
        .to.be.revertedWithCustomError(manager, "AccessManagerNotScheduled")
        .withArgs(id);
      const { interface: ofVault } = vault;
      const { interface: ofManager } = manager;
      for (const [target, data] of [
        [vault, ofVault.encodeFunctionData("listToken", [TOKEN, 1])],
        [vault, ofVault.encodeFunctionData("addProduct", [PRODUCT])],
        [vault, ofVault.encodeFunctionData("setCeiling", [PRODUCT, TOKEN, 1n, 0n])],
        [manager, ofManager.encodeFunctionData("grantRole", [ROLES.GOVERNOR.id, governor.address, 0])],
        [
          manager,
          ofManager.encodeFunctionData("setTargetFunctionRole", [addresses.breaker, ["0x00000000"], PUBLIC_ROLE_ID]),
        ],
        [manager, ofManager.encodeFunctionData("updateAuthority", [addresses.breaker, governor.address])],
      ] as const) {
        await expect(governor.sendTransaction({ to: target, data }))
          .to.be.revertedWithCustomError(manager, "AccessManagerNotScheduled")
          .withArgs(await manager.hashOperation(governor, target, data));
      }
    });

    it("can't be shortened when scheduling", async () => {
      const { manager, riskManager, addresses, lowerCall } = await loadFixture(deploy);
      const when = (await time.latest()) + DAY;
      await expect(manager.connect(riskManager).schedule(addresses.breaker, lowerCall, when))
        .to.be.revertedWithCustomError(manager, "AccessManagerUnauthorizedCall")
        .withArgs(riskManager.address, addresses.breaker, lowerCall.slice(0, 10));
    });

    it("hold the risk manager for a day, to the second", async () => {
      const { manager, breaker, riskManager, readyAt, id, raisedAt } = await loadFixture(deployWithScheduledLower);
      await time.setNextBlockTimestamp(readyAt - 1);
      await expect(breaker.connect(riskManager).lower(0, raisedAt))
        .to.be.revertedWithCustomError(manager, "AccessManagerNotReady")
        .withArgs(id);
      await time.setNextBlockTimestamp(readyAt);
      await expect(breaker.connect(riskManager).lower(0, raisedAt))
        .to.emit(breaker, "BreakerLowered")
        .withArgs(2, 0, riskManager.address);
    });

    it("allow a scheduled call once", async () => {
      const { manager, breaker, guardian, riskManager, readyAt, id, raisedAt } =
        await loadFixture(deployWithScheduledLower);
      await time.setNextBlockTimestamp(readyAt);
      await breaker.connect(riskManager).lower(0, raisedAt);
      await breaker.connect(guardian).raise(1);
      await expect(breaker.connect(riskManager).lower(0, raisedAt))
        .to.be.revertedWithCustomError(manager, "AccessManagerNotScheduled")
        .withArgs(id);
    });

    it("allow the same call through the manager, which then is the sender", async () => {
      const { manager, breaker, riskManager, addresses, lowerCall, readyAt } =
        await loadFixture(deployWithScheduledLower);
      await time.setNextBlockTimestamp(readyAt);
      await expect(manager.connect(riskManager).execute(addresses.breaker, lowerCall))
        .to.emit(breaker, "BreakerLowered")
        .withArgs(2, 0, addresses.manager);
    });

    it("bind to the arguments that were scheduled", async () => {
      const { manager, breaker, riskManager, readyAt, raisedAt } = await loadFixture(deployWithScheduledLower);
      await time.setNextBlockTimestamp(readyAt);
      await expect(breaker.connect(riskManager).lower(1, raisedAt))
        .to.be.revertedWithCustomError(manager, "AccessManagerNotScheduled")
        .withArgs(
          await manager.hashOperation(
            riskManager,
            breaker,
            breaker.interface.encodeFunctionData("lower", [1, raisedAt]),
          ),
        );
    });

    it("let a call expire a week after it was ready, to the second", async () => {
      const { manager, breaker, riskManager, readyAt, id, raisedAt } = await loadFixture(deployWithScheduledLower);
      await time.setNextBlockTimestamp(readyAt + WEEK);
      await expect(breaker.connect(riskManager).lower(0, raisedAt))
        .to.be.revertedWithCustomError(manager, "AccessManagerExpired")
        .withArgs(id);
      expect(await manager.getSchedule(id)).to.equal(0n);
    });

    it("allow a call in the last second of its week", async () => {
      const { breaker, riskManager, readyAt, raisedAt } = await loadFixture(deployWithScheduledLower);
      await time.setNextBlockTimestamp(readyAt + WEEK - 1);
      await expect(breaker.connect(riskManager).lower(0, raisedAt)).to.emit(breaker, "BreakerLowered");
    });

    it("hold the governor for two days, to the second", async () => {
      const { manager, vault, governor } = await loadFixture(deploy);
      const product = await (await ethers.deployContract("ScriptedProduct", [vault])).getAddress();
      const data = vault.interface.encodeFunctionData("addProduct", [product]);
      await manager.connect(governor).schedule(await vault.getAddress(), data, 0);
      const readyAt = (await time.latest()) + 2 * DAY;
      await time.setNextBlockTimestamp(readyAt - 1);
      await expect(vault.connect(governor).addProduct(product))
        .to.be.revertedWithCustomError(manager, "AccessManagerNotReady")
        .withArgs(await manager.hashOperation(governor, vault, data));
      await time.setNextBlockTimestamp(readyAt);
      await expect(vault.connect(governor).addProduct(product)).to.emit(vault, "ProductAdded").withArgs(product);
    });
  });

  describe("cancelling", () => {
    it("is open to the guardian and to who scheduled", async () => {
      for (const canceller of ["guardian", "riskManager"] as const) {
        const system = await loadFixture(deployWithScheduledLower);
        const { manager, breaker, riskManager, addresses, lowerCall, readyAt, id, raisedAt } = system;
        const signer = system[canceller];
        await expect(manager.connect(signer).cancel(riskManager.address, addresses.breaker, lowerCall))
          .to.emit(manager, "OperationCanceled")
          .withArgs(id, 1n);
        await time.setNextBlockTimestamp(readyAt);
        await expect(breaker.connect(riskManager).lower(0, raisedAt))
          .to.be.revertedWithCustomError(manager, "AccessManagerNotScheduled")
          .withArgs(id);
      }
    });

    it("is open to nobody else", async () => {
      const { manager, riskManager, other, addresses, lowerCall } = await loadFixture(deployWithScheduledLower);
      await expect(manager.connect(other).cancel(riskManager.address, addresses.breaker, lowerCall))
        .to.be.revertedWithCustomError(manager, "AccessManagerUnauthorizedCancel")
        .withArgs(other.address, riskManager.address, addresses.breaker, lowerCall.slice(0, 10));
    });

    it("lets the guardian stop the governor's configuration but not its own removal", async () => {
      const { manager, breaker, vault, governor, guardian, addresses } = await loadFixture(deploy);
      const vaultAddress = await vault.getAddress();
      const configuration = vault.interface.encodeFunctionData("addProduct", [PRODUCT]);
      await manager.connect(governor).schedule(vaultAddress, configuration, 0);
      await expect(manager.connect(guardian).cancel(governor.address, vaultAddress, configuration)).to.emit(
        manager,
        "OperationCanceled",
      );

      const removal = manager.interface.encodeFunctionData("revokeRole", [ROLES.GUARDIAN.id, guardian.address]);
      await manager.connect(governor).schedule(addresses.manager, removal, 0);
      await expect(manager.connect(guardian).cancel(governor.address, addresses.manager, removal))
        .to.be.revertedWithCustomError(manager, "AccessManagerUnauthorizedCancel")
        .withArgs(guardian.address, governor.address, addresses.manager, removal.slice(0, 10));
      await time.increase(2 * DAY);
      await manager.connect(governor).revokeRole(ROLES.GUARDIAN.id, guardian.address);
      await expect(breaker.connect(guardian).raise(1))
        .to.be.revertedWithCustomError(breaker, "AccessManagedUnauthorized")
        .withArgs(guardian.address);
    });
  });
});
