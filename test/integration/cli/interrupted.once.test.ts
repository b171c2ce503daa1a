import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { accountLock } from "../../../cli/src/lib/lock";
import { CommandLine, keyOf } from "../../dsl/commandLine";
import { auditedFixture } from "../audit/fixture";

const CALLS = ["AlpManager.setFees(0.2%, 5bp)", "AlpManager.setShareFloor(5_000_000)"];

describe("asterism, interrupted", () => {
  let line: CommandLine;
  let fixture: Awaited<ReturnType<typeof auditedFixture>>;
  let sent = 0;
  let most = Infinity;

  beforeEach(async () => {
    fixture = await loadFixture(auditedFixture);
    [sent, most] = [0, Infinity];
    line = await CommandLine.start(fixture.record, {
      eth_sendRawTransaction: (params) => {
        sent += 1;
        if (sent > most) throw new Error("connection lost");
        return ethers.provider.send("eth_sendRawTransaction", params) as Promise<unknown>;
      },
    });
  });

  afterEach(async () => {
    await line.stop();
  });

  it("goes on with the same command where it stopped, and schedules nothing twice", async () => {
    most = 1;
    const stopped = await line.run(["propose", ...CALLS], keyOf("riskManager"));
    expect(stopped.code).to.equal(5);
    most = Infinity;
    const again = await line.run(["propose", ...CALLS], keyOf("riskManager"));
    expect(again.err).to.contain("AlpManager.setFees is scheduled already");
    expect(again.code).to.equal(0);
    expect(sent).to.equal(3);
    const { out } = await line.run(["propose", "list", "--json"]);
    expect((JSON.parse(out) as { name: string }[]).map(({ name }) => name)).to.deep.equal([
      ...["AlpManager.setFees", "AlpManager.setShareFloor"],
    ]);
  });

  it("leaves the account to the command that is at work with it", async () => {
    const { chain, accounts } = fixture.record;
    const lock = accountLock(chain.id, accounts.riskManager);
    mkdirSync(dirname(lock), { recursive: true });
    writeFileSync(lock, JSON.stringify({ pid: process.pid, host: hostname(), since: "noon" }));
    try {
      const { code, err } = await line.run(["propose", CALLS[0]], keyOf("riskManager"));
      expect(code).to.equal(7);
      expect(err).to.contain(
        `process ${process.pid} on ${hostname()} has been sending transactions of the account since noon`,
      );
      expect(sent).to.equal(0);
    } finally {
      rmSync(lock, { force: true });
    }
  });

  it("says that the disk is full, or that a file can't be written", async () => {
    const full = await line.run(["propose", CALLS[0], "--safe", "/dev/full"]);
    expect(full.err).to.match(/^ENOSPC: .*\n {2}next: make room or write elsewhere, then repeat the command/);
    expect(full.code).to.equal(8);
    const nowhere = await line.run([
      "audit",
      "--no-code",
      "--write-parameters",
      line.path("no/such/folder.json"),
      "--json",
    ]);
    const { error } = JSON.parse(nowhere.out) as { error: object };
    expect(error).to.deep.include({ name: "DiskError", exit: 8 });
  });

  it("refuses a record that is none, one cut short, and one whose contracts are not on the chain", async () => {
    const path = line.path("other.json");
    const run = () => line.run(["--deployment", path, "audit", "--no-code"]);
    writeFileSync(path, '{"format": 1');
    expect((await run()).err).to.contain(`${path} is not JSON`);
    writeFileSync(path, JSON.stringify({ ...fixture.record, startBlock: -1 }));
    const cut = await run();
    expect([cut.code, cut.err.includes("startBlock")]).to.deep.equal([2, true]);
    // Of a chain that was started anew: nothing stands where it says.
    const stranger = ethers.Wallet.createRandom().address;
    const { vault } = fixture.record.contracts;
    const contracts = { ...fixture.record.contracts, vault: { ...vault, address: stranger } };
    writeFileSync(path, JSON.stringify({ ...fixture.record, contracts }));
    const { code, out } = await run();
    expect(code).to.equal(4);
    expect(out).to.match(/│ Vault\.wrappedNative +│ 0x\w{40} +│ no answer +│/);
  });
});
