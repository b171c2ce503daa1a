import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HardhatArtifactResolver } from "@nomicfoundation/hardhat-ignition/helpers";
import { loadFixture, takeSnapshot } from "@nomicfoundation/hardhat-network-helpers";
import { buildModule } from "@nomicfoundation/ignition-core";
import type { EIP1193Provider } from "@nomicfoundation/ignition-core";
import { expect } from "chai";
import hre, { ethers, network } from "hardhat";
import { StoppedError, ignite } from "../../deploy/ignite";
import { readJournal } from "../../deploy/journal";
import { bareChainFixture } from "../fixtures/system";
import { failureOf, thrownBy } from "../dsl/thrown";

/** Two deployments, each followed by a call. */
const TRANSACTIONS = 4;

const deploymentsAndCalls = buildModule("Proxies", (module) => {
  const first = module.contract("CallProxy", [], { id: "first" });
  const firstCall = module.call(first, "executeBatch", [[], []], { id: "firstCall" });
  const second = module.contract("CallProxy", [], { id: "second", after: [firstCall] });
  module.call(second, "executeBatch", [[], []], { id: "secondCall" });
  return { first, second };
});

/** As above, but for the first call, in whose place stands one of another name: another way to the same. */
const otherWay = buildModule("Proxies", (module) => {
  const first = module.contract("CallProxy", [], { id: "first" });
  const firstCall = module.call(first, "executeBatch", [[], []], { id: "otherCall" });
  const second = module.contract("CallProxy", [], { id: "second", after: [firstCall] });
  module.call(second, "executeBatch", [[], []], { id: "secondCall" });
  return { first, second };
});

/** Fails at one of the transactions sent through it, as if the process had been killed before or after it was sent. */
function killedAt(at: number, isSent: boolean): EIP1193Provider {
  let count = 0;
  return {
    request: async (call) => {
      if (call.method !== "eth_sendTransaction" || count++ !== at) return network.provider.request(call);
      if (isSent) await network.provider.request(call);
      throw new Error("killed");
    },
  };
}

describe("deployment journal", () => {
  let journal: string;

  beforeEach(async () => {
    await loadFixture(bareChainFixture);
    journal = mkdtempSync(join(tmpdir(), "asterism-journal-"));
  });

  afterEach(async () => {
    await network.provider.send("evm_setAutomine", [true]);
    rmSync(journal, { recursive: true, force: true });
  });

  async function run(provider?: EIP1193Provider) {
    const [, , deployer] = await ethers.getSigners();
    return ignite(hre, deploymentsAndCalls, { deployer: deployer.address, parameters: {}, journal, provider });
  }

  async function nonceOf() {
    const [, , deployer] = await ethers.getSigners();
    return ethers.provider.getTransactionCount(deployer.address);
  }

  async function assertComplete(nonceBefore: number) {
    const { contracts } = await run();
    for (const { address } of Object.values(contracts))
      expect(await ethers.provider.getCode(address)).to.not.equal("0x");
    expect((await nonceOf()) - nonceBefore).to.equal(TRANSACTIONS);
    const { confirmed, pending } = await readJournal(journal, new HardhatArtifactResolver(hre));
    expect(new Set(confirmed).size).to.equal(TRANSACTIONS);
    expect(pending).to.deep.equal([]);
    for (const hash of confirmed) expect((await ethers.provider.getTransactionReceipt(hash))?.status).to.equal(1);
  }

  for (let at = 0; at < TRANSACTIONS; at++) {
    it(`killed when transaction ${at} was sent and not noted: it is found, and none is sent twice`, async () => {
      const before = await nonceOf();
      expect(await failureOf(run(killedAt(at, true)))).to.equal("killed");
      expect((await nonceOf()) - before).to.equal(at + 1);
      await assertComplete(before);
    });

    it(`killed before transaction ${at} was sent: it is sent by the next run`, async () => {
      const before = await nonceOf();
      expect(await failureOf(run(killedAt(at, false)))).to.equal("killed");
      expect((await nonceOf()) - before).to.equal(at);
      await assertComplete(before);
    });
  }

  /** What a killed run may have left of its last lines: each of those after the last note of a transaction, or a part of one. */
  function prefixesOf(text: string): string[] {
    const lines = text.split("\n").slice(1);
    const noted = lines.map((line) => line.includes('"TRANSACTION_SEND"')).lastIndexOf(true);
    const ends = lines.map((_, i) => i + 1).slice(noted + 1);
    const until = (end: number) =>
      lines
        .slice(0, end)
        .map((line) => `\n${line}`)
        .join("");
    return ends.flatMap((end) => [until(end), until(end).slice(0, -7), `${until(end)}\n`]);
  }

  for (let at = 0; at <= TRANSACTIONS; at++) {
    it(`killed at any line of the journal after ${at} transactions, or within one: goes on, and sends each once`, async () => {
      const before = await nonceOf();
      if (at === TRANSACTIONS) await run();
      else expect(await failureOf(run(killedAt(at, false)))).to.equal("killed");
      const path = join(journal, "journal.jsonl");
      const prefixes = prefixesOf(readFileSync(path, "utf8"));
      expect(prefixes.length).to.be.at.least(6);
      const snapshot = await takeSnapshot();
      for (const prefix of prefixes) {
        writeFileSync(path, prefix);
        await assertComplete(before);
        await snapshot.restore();
      }
    });
  }

  it("goes another way than the run before: sends nothing, and says what was done", async () => {
    const [, , deployer] = await ethers.getSigners();
    const before = await nonceOf();
    expect(await failureOf(run(killedAt(2, false)))).to.equal("killed");
    const again = ignite(hre, otherWay, { deployer: deployer.address, parameters: {}, journal });
    const error = await thrownBy(again);
    expect(error).to.be.instanceOf(StoppedError);
    expect(error.message).to.match(/^an earlier run did what is no part of this one: .*Proxies#firstCall/);
    expect((await nonceOf()) - before).to.equal(2);
    await assertComplete(before);
  });

  it("killed with a transaction that is not mined yet: refuses until it is", async () => {
    const [, , deployer] = await ethers.getSigners();
    const before = await nonceOf();
    const unmined = run({
      request: async (call) => {
        if (call.method !== "eth_sendTransaction") return network.provider.request(call);
        await network.provider.send("evm_setAutomine", [false]);
        await network.provider.request(call);
        throw new Error("killed");
      },
    });
    expect(await failureOf(unmined)).to.equal("killed");
    expect(await failureOf(run())).to.equal(
      `the transaction ${before} of ${deployer.address} was about to be sent when the run before ended: ` +
        "it waits to be mined; run the same command again once it is",
    );
    await network.provider.send("evm_setAutomine", [true]);
    await network.provider.send("evm_mine", []);
    await assertComplete(before);
  });
});
