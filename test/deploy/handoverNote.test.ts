import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/signers";
import { HardhatArtifactResolver } from "@nomicfoundation/hardhat-ignition/helpers";
import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import hre, { ethers, network } from "hardhat";
import { deployWithRecord } from "../../deploy/deploySystem";
import { handOver } from "../../deploy/handover";
import { HandoverNote } from "../../deploy/handoverNote";
import { readJournal } from "../../deploy/journal";
import { buildRecord, readRecord, writeRecord } from "../../deploy/record";
import { ROLES } from "../../deploy/roles";
import { failureOf } from "../dsl/thrown";
import { bareChainFixture } from "../fixtures/system";
import { freshChain } from "./chainFixture";

/** A breaker at the level of its birth, its manager, and the deployer in charge of both. */
async function unopenedFixture() {
  await loadFixture(bareChainFixture);
  const [deployer, , , , governor] = await ethers.getSigners();
  const manager = await ethers.deployContract("AccessManager", [deployer]);
  const breaker = await ethers.deployContract("Breaker", [manager]);
  const { selector } = breaker.interface.getFunction("lower");
  await manager.setTargetFunctionRole(breaker, [selector], ROLES.RISK_MANAGER.id);
  await manager.grantRole(ROLES.ADMIN.id, governor, ROLES.ADMIN.delaySeconds);
  return { deployer, manager, breaker };
}

/** The same account in a process that is killed as it sends: right before, or before it learns the hash. */
async function dying(account: HardhatEthersSigner, isSent: boolean): Promise<HardhatEthersSigner> {
  const signer = await ethers.getSigner(account.address);
  const send = signer.sendTransaction.bind(signer);
  signer.sendTransaction = async (transaction) => {
    if (isSent) await send(transaction);
    throw new Error("killed");
  };
  return signer;
}

/** The network fails at the next call of the AccessManager that is sent, before or after it has taken it. */
function killHandover(isSent: boolean): void {
  const send = network.provider.send.bind(network.provider);
  network.provider.send = async (method: string, params?: unknown[]): Promise<unknown> => {
    if (method !== "eth_sendTransaction") return send(method, params);
    network.provider.send = send;
    if (isSent) await send(method, params);
    throw new Error("killed");
  };
}

describe("note of the handover", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "asterism-handover-"));
  });

  afterEach(async () => {
    await network.provider.send("evm_setAutomine", [true]);
    rmSync(folder, { recursive: true, force: true });
  });

  const settle = (account: string) => new HandoverNote(folder).settle(network.provider, account, undefined);

  it("keeps the hash of a handover that nothing interrupts", async () => {
    const { deployer, manager, breaker } = await loadFixture(unopenedFixture);
    const receipt = await handOver(manager, breaker, deployer, new HandoverNote(folder));
    expect(new HandoverNote(folder).sent()).to.deep.equal([{ hash: receipt?.hash, isMined: true }]);
    await settle(deployer.address);
    expect(new HandoverNote(folder).sent()).to.deep.equal([{ hash: receipt?.hash, isMined: true }]);
  });

  it("finds one that was sent before its hash was noted", async () => {
    const { deployer, manager, breaker } = await loadFixture(unopenedFixture);
    const attempt = handOver(manager, breaker, await dying(deployer, true), new HandoverNote(folder));
    expect(await failureOf(attempt)).to.equal("killed");
    const block = await ethers.provider.getBlock("latest");
    expect(await breaker.level()).to.equal(0n);
    expect(new HandoverNote(folder).sent()).to.deep.equal([]);
    await settle(deployer.address);
    expect(new HandoverNote(folder).sent()).to.deep.equal([{ hash: block?.transactions[0], isMined: true }]);
    expect(await handOver(manager, breaker, deployer, new HandoverNote(folder))).to.equal(null);
  });

  it("loses nothing by a line that was left half written", async () => {
    const { deployer, manager, breaker } = await loadFixture(unopenedFixture);
    const receipt = await handOver(manager, breaker, deployer, new HandoverNote(folder));
    const path = join(folder, "handover.jsonl");
    const whole = readFileSync(path, "utf8");
    const expected = [{ hash: receipt?.hash, isMined: true }];
    // At any place but within the announcement, before which nothing is sent.
    for (let end = whole.indexOf("\n", 1); end <= whole.length; end += 7) {
      writeFileSync(path, whole.slice(0, end));
      await settle(deployer.address);
      expect(new HandoverNote(folder).sent(), `${end} characters`).to.deep.equal(expected);
    }
  });

  it("has one that was never sent be sent by the next run", async () => {
    const { deployer, manager, breaker } = await loadFixture(unopenedFixture);
    const before = await deployer.getNonce();
    const attempt = handOver(manager, breaker, await dying(deployer, false), new HandoverNote(folder));
    expect(await failureOf(attempt)).to.equal("killed");
    await settle(deployer.address);
    expect(new HandoverNote(folder).sent()).to.deep.equal([]);
    expect(await breaker.level()).to.equal(1n);
    const receipt = await handOver(manager, breaker, deployer, new HandoverNote(folder));
    expect(new HandoverNote(folder).sent()).to.deep.equal([{ hash: receipt?.hash, isMined: true }]);
    expect(await deployer.getNonce()).to.equal(before + 1);
  });

  it("is not misled by another transaction that took the number", async () => {
    const { deployer, manager, breaker } = await loadFixture(unopenedFixture);
    const attempt = handOver(manager, breaker, await dying(deployer, false), new HandoverNote(folder));
    expect(await failureOf(attempt)).to.equal("killed");
    await (await deployer.sendTransaction({ to: deployer.address })).wait();
    await settle(deployer.address);
    expect(new HandoverNote(folder).sent()).to.deep.equal([]);
    const receipt = await handOver(manager, breaker, deployer, new HandoverNote(folder));
    expect(new HandoverNote(folder).sent()).to.deep.equal([{ hash: receipt?.hash, isMined: true }]);
  });

  it("refuses to go on while one waits to be mined", async () => {
    const { deployer, manager, breaker } = await loadFixture(unopenedFixture);
    const nonce = await deployer.getNonce();
    await network.provider.send("evm_setAutomine", [false]);
    const attempt = handOver(manager, breaker, await dying(deployer, true), new HandoverNote(folder));
    expect(await failureOf(attempt)).to.equal("killed");
    expect(await failureOf(settle(deployer.address))).to.equal(
      `the transaction ${nonce} of ${deployer.address} was about to be sent when the run before ended: ` +
        "it waits to be mined; run the same command again once it is",
    );
    await network.provider.send("evm_mine", []);
    await settle(deployer.address);
    const block = await ethers.provider.getBlock("latest");
    expect(new HandoverNote(folder).sent()).to.deep.equal([{ hash: block?.transactions[0], isMined: true }]);
  });

  it("keeps what failed in its block beside what came after", async () => {
    const { deployer, manager, breaker } = await loadFixture(unopenedFixture);
    const note = new HandoverNote(folder);
    const to = await manager.getAddress();
    note.noteSent(7, to, "0x07");
    note.noteMined(7, to, "0x07");
    const receipt = await handOver(manager, breaker, deployer, note);
    expect(note.sent()).to.deep.equal([
      { hash: "0x07", isMined: true },
      { hash: receipt?.hash, isMined: true },
    ]);
  });

  it("A27: a deployment that is killed before its handover, and again right after it, records every transaction", async () => {
    const { profile, replica } = await freshChain();
    const [deployer, governor, riskManager, guardian, treasury] = await ethers.getSigners();
    const accounts = {
      governor: governor.address,
      riskManager: riskManager.address,
      guardian: guardian.address,
      treasury: treasury.address,
    };
    const before = await deployer.getNonce();
    let reports = 0;
    const run = (kill?: "before" | "after") =>
      deployWithRecord(hre, profile, {
        ...accounts,
        journal: folder,
        beforeOpening: async () => {
          const nonce = await deployer.getNonce();
          await replica.refreshPushPrices();
          reports += (await deployer.getNonce()) - nonce;
          if (kill !== undefined) killHandover(kill === "after");
        },
      });
    expect(await failureOf(run("before"))).to.equal("killed");
    expect(await failureOf(run("after"))).to.equal("killed");
    const deployment = await run();
    // The feeds' reports are the deployer's as well here.
    const count = (await deployer.getNonce()) - before - reports;
    const { hashes, confirmed, pending } = await readJournal(folder, new HardhatArtifactResolver(hre));
    expect([new Set(hashes).size, new Set(confirmed).size, pending.length]).to.deep.equal([count, count, 0]);
    const [lowered] = await deployment.system.breaker.queryFilter(deployment.system.breaker.filters.BreakerLowered());
    expect(hashes.at(-1)).to.equal(lowered.transactionHash);
    expect(deployment.ignited.hashes).to.deep.equal([]);

    const commit = { hash: "0".repeat(40), isModified: false };
    const path = join(folder, "record.json");
    writeRecord(path, await buildRecord(hre, deployment, { id: "handover", profile, accounts, commit, hashes }));
    expect(readRecord(path).transactions.count).to.equal(count);
  });
});
