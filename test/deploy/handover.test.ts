import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import hre, { ethers } from "hardhat";
import { NotReadyError, deployWithRecord } from "../../deploy/deploySystem";
import { handOver, handoverCalls } from "../../deploy/handover";
import { buildSystemModule } from "../../deploy/modules/system";
import { readinessProblems } from "../../deploy/readiness";
import { ROLES } from "../../deploy/roles";
import { pushSourcesOf } from "../../deploy/sources";
import { systemFixture } from "../fixtures/system";
import { freshChain } from "./chainFixture";
import { failureOf } from "../dsl/failures";

async function accountsOf() {
  const [deployer, governor, riskManager, guardian, treasury] = await ethers.getSigners();
  const accounts = {
    governor: governor.address,
    riskManager: riskManager.address,
    guardian: guardian.address,
    treasury: treasury.address,
  };
  return { deployer, governor, riskManager, guardian, treasury, accounts };
}

describe("handover", () => {
  it("A27: is one transaction that opens the system and leaves the deployer nothing", async () => {
    const { profile, replica } = await freshChain();
    const { accounts, deployer } = await accountsOf();
    const beforeOpening = () => replica.refreshPushPrices();
    const { system, ignited } = await deployWithRecord(hre, profile, { ...accounts, beforeOpening });
    const { accessManager, breaker } = system;
    const hash = ignited.hashes[ignited.hashes.length - 1];
    const tx = await ethers.provider.getTransaction(hash);
    expect(tx?.to).to.equal(await accessManager.getAddress());
    expect(accessManager.interface.parseTransaction(tx ?? { data: "0x" })?.name).to.equal("multicall");
    await expect(tx)
      .to.emit(breaker, "BreakerLowered")
      .withArgs(1, 0, await accessManager.getAddress());
    await expect(tx).to.emit(accessManager, "RoleRevoked").withArgs(ROLES.RISK_MANAGER.id, deployer.address);
    await expect(tx).to.emit(accessManager, "RoleRevoked").withArgs(ROLES.ADMIN.id, deployer.address);
    expect(await breaker.level()).to.equal(0n);

    // Up to that transaction nothing could open, and whoever was in charge was in charge of a closed system.
    const block = tx?.blockNumber ?? 0;
    expect(await breaker.level({ blockTag: block - 1 })).to.equal(1n);
    const raised = await breaker.queryFilter(breaker.filters.BreakerRaised());
    expect(raised.map(({ transactionHash }) => transactionHash)).to.deep.equal([
      breaker.deploymentTransaction()?.hash ?? raised[0].transactionHash,
    ]);
    expect(await handOver(accessManager, breaker, deployer)).to.equal(null);
  });

  it("leaves exactly the members of the role table, by every grant and revocation there was", async () => {
    const { system, options } = await loadFixture(systemFixture);
    const { accessManager } = system;
    const members = new Map<string, number>();
    const keyOf = (roleId: bigint, account: string) => `${roleId.toString()} ${account}`;
    const [granted, revoked] = [
      await accessManager.queryFilter(accessManager.filters.RoleGranted()),
      await accessManager.queryFilter(accessManager.filters.RoleRevoked()),
    ];
    const changes = [...granted, ...revoked].sort((a, b) => a.blockNumber - b.blockNumber || a.index - b.index);
    for (const { eventName, args } of changes) {
      if (eventName === "RoleRevoked") members.delete(keyOf(args[0], args[1]));
      else members.set(keyOf(args[0], args[1]), Number(args[2]));
    }
    const expected = Object.values(ROLES).map(({ id, holder, delaySeconds }) => [
      keyOf(id, options[holder]),
      delaySeconds,
    ]);
    expect([...members].sort()).to.deep.equal(expected.sort());
  });

  it("A27: fails when the guardian has raised the breaker meanwhile, and leaves the system closed", async () => {
    const { profile, replica } = await freshChain();
    const { accounts, deployer, guardian } = await accountsOf();
    let raised: Promise<unknown> = Promise.resolve();
    const beforeOpening = async () => {
      await replica.refreshPushPrices();
      // The guardian has its role by now.
      const [event] = (
        await ethers.provider.getLogs({
          fromBlock: 0,
          topics: [ethers.id("BreakerRaised(uint8,uint8,uint40,address)")],
        })
      ).slice(-1);
      const breaker = await ethers.getContractAt("Breaker", event.address);
      raised = (await breaker.connect(guardian).raise(2)).wait();
      await raised;
    };
    expect(await failureOf(deployWithRecord(hre, profile, { ...accounts, beforeOpening }))).to.equal(
      "the breaker is at level 2, raised since the system was deployed: it stays closed",
    );
    const [event] = (
      await ethers.provider.getLogs({ fromBlock: 0, topics: [ethers.id("BreakerRaised(uint8,uint8,uint40,address)")] })
    ).slice(-1);
    const breaker = await ethers.getContractAt("Breaker", event.address);
    const manager = await ethers.getContractAt("AccessManager", await breaker.authority());
    expect(await breaker.level()).to.equal(2n);
    // The deployer is still in charge, and governance of it: nothing is lost.
    expect((await manager.hasRole(ROLES.ADMIN.id, deployer.address))[0]).to.equal(true);
  });

  it("A27: fails as a whole when the guardian raises the breaker between its making and its inclusion", async () => {
    const { deployer, guardian, governor } = await accountsOf();
    const manager = await ethers.deployContract("AccessManager", [deployer]);
    const breaker = await ethers.deployContract("Breaker", [manager]);
    const selectorOf = (name: "raise" | "lower") => breaker.interface.getFunction(name).selector;
    await manager.setTargetFunctionRole(breaker, [selectorOf("raise")], ROLES.GUARDIAN.id);
    await manager.setTargetFunctionRole(breaker, [selectorOf("lower")], ROLES.RISK_MANAGER.id);
    await manager.grantRole(ROLES.GUARDIAN.id, guardian, 0);
    await manager.grantRole(ROLES.ADMIN.id, governor, ROLES.ADMIN.delaySeconds);
    const bornAt = await breaker.raisedAt();
    const calls = await handoverCalls(manager, breaker, deployer.address, bornAt);
    await breaker.connect(guardian).raise(2);
    await expect(manager.multicall(calls))
      .to.be.revertedWithCustomError(breaker, "Breaker_RaisedMeanwhile")
      .withArgs(bornAt, await breaker.raisedAt());
    expect(await breaker.level()).to.equal(2n);
    expect((await manager.hasRole(ROLES.RISK_MANAGER.id, deployer))[0]).to.equal(false);
    expect((await manager.hasRole(ROLES.ADMIN.id, deployer))[0]).to.equal(true);
    expect(await failureOf(handOver(manager, breaker, deployer))).to.contain("the breaker is at level 2");
  });

  it("refuses to open while an asset lacks the fresh sources it needs, and says how many", async () => {
    const { profile, replica } = await freshChain();
    const { accounts } = await accountsOf();
    const beforeOpening = async () => {
      await replica.refreshPushPrices();
      const [{ name }] = pushSourcesOf(profile, "BTC");
      await replica.setPushPrice("BTC", 60_000n * 10n ** 10n, 1, [name === "registry" ? "binance" : name]);
    };
    const attempt = deployWithRecord(hre, profile, { ...accounts, beforeOpening });
    const error = await attempt.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    const count = pushSourcesOf(profile, "BTC").length;
    const told = `BTC: ${count - 1} of ${count} sources are fresh`;
    const { minAnchors, referenceQuorums } = profile.oracle;
    expect(error).to.be.instanceOf(NotReadyError);
    expect((error as NotReadyError).problems).to.deep.equal([
      `${told}, its reference price needs ${referenceQuorums.BTC ?? 0}`,
      `${told}, an opening needs ${minAnchors}`,
    ]);
  });

  it("finds nothing missing in a system that is ready, and a sequencer that is down", async function () {
    const { system, profile, replica } = await loadFixture(systemFixture);
    expect(await readinessProblems(system, profile)).to.deep.equal([]);
    if (profile.sequencer === null) return;
    await replica.setSequencer(false);
    expect(await readinessProblems(system, profile)).to.deep.equal([
      "the sequencer is down, or up for too short a time",
    ]);
  });

  it("sends what the module holds and one transaction more", async () => {
    const { profile, replica } = await freshChain();
    const { accounts } = await accountsOf();
    const steps: string[] = [];
    const { ignited } = await deployWithRecord(hre, profile, {
      ...accounts,
      beforeOpening: () => replica.refreshPushPrices(),
      onProgress: (done, total, what) => steps.push(`${done}/${total} ${what}`),
    });
    expect(steps).to.have.lengthOf(ignited.hashes.length - 1);
    const total = steps.length;
    expect(steps[0].startsWith(`1/${total} `), steps[0]).to.equal(true);
    expect(steps[total - 1].startsWith(`${total}/${total} Handover#`), steps[total - 1]).to.equal(true);
    expect(new Set(steps).size).to.equal(total);
    expect(Object.keys(buildSystemModule(profile).results).length).to.be.lessThan(total);
  });
});
