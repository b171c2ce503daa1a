import { readFileSync, writeFileSync } from "node:fs";
import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { CommandLine, runBare } from "../../dsl/commandLine";
import { auditedFixture, govern } from "../audit/fixture";

describe("asterism audit", () => {
  let line: CommandLine | undefined;

  afterEach(async () => {
    await line?.stop();
    line = undefined;
  });

  it("ends with 0 for a fresh deployment, and says how much it compared", async () => {
    const { record } = await loadFixture(auditedFixture);
    line = await CommandLine.start(record);
    const { code, out, err } = await line.run(["audit"]);
    expect(out).to.match(/^recorded is as expected: \d{3} values at block \d+\n$/);
    expect(err).to.match(/^blocks of events: (\d+) of \1\n.*^contracts: (\d+) of \2\n.*^settings: (\d+) of \3\n$/ms);
    expect(code).to.equal(0);
  });

  it("ends with 4 and a table where anything differs, until the parameter file has it", async () => {
    const fixture = await loadFixture(auditedFixture);
    line = await CommandLine.start(fixture.record);
    await govern(fixture, { on: "breaker", name: "raise", args: [2] });
    const differs = await line.run(["audit", "--no-code", "--write-parameters", line.path("parameters.json")]);
    expect(differs.out).to.match(/│ what +│ expected +│ found +│/);
    expect(differs.out).to.match(/│ Breaker\.level +│ 0 +│ 2 +│/);
    expect(differs.out).to.match(/recorded differs in 1 of \d+ values at block \d+\n$/);
    expect(differs.code).to.equal(4);

    const json = await line.run(["audit", "--no-code", "--json"]);
    expect(JSON.parse(json.out)).to.deep.include({
      id: "recorded",
      differences: [{ what: "Breaker.level", expected: "0", found: "2" }],
    });
    expect(json.code).to.equal(4);

    const parameters = JSON.parse(readFileSync(line.path("parameters.json"), "utf8")) as object;
    expect(parameters).to.deep.equal({ format: 1, chain: fixture.record.chain.key, values: { "Breaker.level": "2" } });
    const agreed = await line.run(["audit", "--no-code", "--parameters", line.path("parameters.json")]);
    expect(agreed.code).to.equal(0);
    writeFileSync(line.path("parameters.json"), JSON.stringify({ ...parameters, values: { "Breaker.lvl": "2" } }));
    const unknown = await line.run(["audit", "--no-code", "--parameters", line.path("parameters.json")]);
    expect(unknown.err).to.contain('"Breaker.lvl" is nothing that an audit reads; the nearest is "Breaker.level"');
    expect(unknown.code).to.equal(2);
  });

  it("prints everything with --all", async () => {
    const { record } = await loadFixture(auditedFixture);
    line = await CommandLine.start(record);
    const { out } = await line.run(["audit", "--no-code", "--all"]);
    expect(out).to.match(/│ Vault\.wrappedNative +│ 0x\w{40} +│ 0x\w{40} +│/);
    expect(out).to.contain("AccessManager.getTargetFunctionRole(TradingConfigurator.setCaps)");
  });

  it("refuses a node of another chain, none, one that hangs up, and a record of another chain", async () => {
    const { record } = await loadFixture(auditedFixture);
    line = await CommandLine.start(record, { eth_chainId: () => "0x1" });
    const wrong = await line.run(["audit"]);
    expect(wrong.err).to.equal(
      `the node ${new URL(line.url).host} is of chain 1, ${record.chain.id} (${record.chain.name}) is expected\n` +
        `  next: name a node of ${record.chain.name} by --rpc\n`,
    );
    expect(wrong.code).to.equal(5);
    const none = await runBare(["audit", "--deployment", line.recordPath]);
    const variable = record.chain.key === "bnb" ? "BNB_RPC_URL" : "ARBITRUM_RPC_URL";
    expect(none).to.deep.include({ code: 5, err: `no node is named\n  next: give --rpc <url>, or set ${variable}\n` });
    const closed = await runBare([
      "audit",
      "--deployment",
      line.recordPath,
      "--rpc",
      "http://127.0.0.1:9/key",
      "--json",
    ]);
    const { error } = JSON.parse(closed.out) as { error: { name: string; message: string; exit: number } };
    expect(error).to.deep.include({ name: "ConnectionError", exit: 5 });
    expect(closed.out).not.to.contain("key");
    const chain = record.chain.key === "bnb" ? "arbitrum" : "bnb";
    const other = await line.run(["audit", "--chain", chain]);
    expect(other.code).to.equal(2);
    expect(other.err).to.contain(`is the record of a deployment on ${record.chain.name}, the chain named is`);
  });

  it("refuses a node whose answers differ from a second one's", async () => {
    const fixture = await loadFixture(auditedFixture);
    line = await CommandLine.start(fixture.record);
    const other = await CommandLine.start(fixture.record, { eth_getLogs: () => [] });
    try {
      const { code, err } = await line.run(["audit", "--no-code", "--witness", other.url]);
      expect(err).to.match(/two nodes disagree in \d+ things, first in AccessManager\..*; ask a third one/);
      expect(code).to.equal(5);
    } finally {
      await other.stop();
    }
  });
});
