import { execFile } from "node:child_process";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { concat, dataSlice } from "ethers";
import hre, { ethers } from "hardhat";
import { DEPLOYMENT_GAS } from "../../deploy/cost";
import { deployWithRecord } from "../../deploy/deploySystem";
import { RECORD_SCHEMA, buildRecord, readRecord, writeRecord } from "../../deploy/record";
import type { ContractRecord, DeploymentRecord } from "../../deploy/record";
import { compilerVersion, submissionsOf } from "../../deploy/verification";
import { itMeasuresGas } from "../dsl/instrumented";
import { chainFixture } from "./chainFixture";

const TIMEOUT_MS = 300_000;
const COMMIT = { hash: "0".repeat(40), isModified: false };

const LIBRARIES = [
  ...["AmendLogic", "AttemptLogic", "CloseLogic", "OpenLogic", "PreviewLogic", "SettingsLogic", "ValuationLogic"],
  ...["AdlLogic", "CashLogic", "ConfigLogic", "LiquidationLogic", "MarkLogic", "MatchLogic", "PlaceLogic"],
];

async function recordFixture() {
  const { profile, replica } = await loadFixture(chainFixture);
  const [, governor, riskManager, guardian, treasury] = await ethers.getSigners();
  const accounts = {
    governor: governor.address,
    riskManager: riskManager.address,
    guardian: guardian.address,
    treasury: treasury.address,
  };
  const beforeOpening = () => replica.refreshPushPrices();
  const deployment = await deployWithRecord(hre, profile, { ...accounts, beforeOpening });
  const { hashes } = deployment.ignited;
  const record = await buildRecord(hre, deployment, { id: "record-test", profile, accounts, commit: COMMIT, hashes });
  return { record, deployment, profile, accounts };
}

/** Creation code of a contract with its libraries in place and its arguments behind it. */
async function creationCode(record: DeploymentRecord, { contract, source, constructorArguments }: ContractRecord) {
  const { bytecode, linkReferences } = await hre.artifacts.readArtifact(`${source}:${contract}`);
  let code = bytecode;
  for (const links of Object.values(linkReferences)) {
    for (const [library, places] of Object.entries(links)) {
      for (const { start, length } of places) {
        const address = record.libraries[library].address.slice(2).toLowerCase();
        code = code.slice(0, 2 + start * 2) + address + code.slice(2 + (start + length) * 2);
      }
    }
  }
  return concat([code, constructorArguments]);
}

/** An explorer's interface: takes submissions, says at first that they are pending, then what it is told to say. */
class ExplorerStub {
  readonly submissions: URLSearchParams[] = [];
  readonly queries: URLSearchParams[] = [];
  readonly verdicts = new Map<string, string>();
  private readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const query = new URL(request.url ?? "/", "http://localhost").searchParams;
        this.queries.push(query);
        const form = new URLSearchParams(Buffer.concat(chunks).toString("utf8"));
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify(request.method === "POST" ? this.submit(form) : this.ask(query)));
      });
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v2/api`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => void this.server.close(() => resolve()));
  }

  private submit(form: URLSearchParams) {
    this.submissions.push(form);
    return { status: "1", message: "OK", result: form.get("contractaddress") };
  }

  private ask(query: URLSearchParams) {
    if (query.get("action") === "getsourcecode") {
      const isKnown = this.verdicts.get(query.get("address") ?? "") === "known";
      return { status: "1", message: "OK", result: [{ SourceCode: isKnown ? "contract" : "" }] };
    }
    const result = this.verdicts.get(query.get("guid") ?? "") ?? "Pass - Verified";
    return { status: result.startsWith("Pass") ? "1" : "0", message: "OK", result };
  }
}

describe("the record of a deployment", function () {
  this.timeout(TIMEOUT_MS);

  it("names every contract and library with what created it", async () => {
    const { record, deployment } = await loadFixture(recordFixture);
    expect(Object.keys(record.contracts)).to.deep.equal(Object.keys(deployment.system));
    expect(new Set(Object.keys(record.libraries))).to.deep.equal(new Set(LIBRARIES));
    const inputs = new Map<string, string>();
    for (const hash of deployment.ignited.hashes) {
      const receipt = await ethers.provider.getTransactionReceipt(hash);
      const tx = await ethers.provider.getTransaction(hash);
      if (receipt?.contractAddress) inputs.set(receipt.contractAddress, tx?.data ?? "0x");
    }
    for (const [name, contract] of Object.entries({ ...record.contracts, ...record.libraries })) {
      // ALP is created by its manager: there is no transaction of it.
      if (name === "alp") continue;
      expect(await creationCode(record, contract), name).to.equal(inputs.get(contract.address));
    }
    const { alp } = record.contracts;
    const factory = await ethers.getContractFactory("Alp");
    const [cooling] = ethers.AbiCoder.defaultAbiCoder().decode(["uint256"], alp.constructorArguments);
    // Created by its manager's address, the same code comes to stand.
    const created: unknown = await ethers.provider.send("eth_call", [
      { from: record.contracts.alpManager.address, data: (await factory.getDeployTransaction(cooling as bigint)).data },
      "latest",
    ]);
    const standing = await ethers.provider.getCode(alp.address);
    expect(dataSlice(String(created), 0, 32)).to.equal(dataSlice(standing, 0, 32));
    expect(String(created).length).to.equal(standing.length);
  });

  it("holds the numbers of assets, tokens, books and markets as the contracts have them", async () => {
    const { record, deployment, profile } = await loadFixture(recordFixture);
    const { tradingRecords, priceAggregator } = deployment.system;
    for (const { id, assetId } of Object.values(record.books)) {
      expect((await tradingRecords.bookConfig(id))[0].assetId).to.equal(BigInt(assetId));
    }
    expect(Object.keys(record.books)).to.deep.equal(["BTC/USD standard", "BTC/USD degen", "ETH/USD standard"]);
    for (const { id, pythId, sources } of Object.values(record.assets)) {
      expect((await priceAggregator.asset(id)).pythId).to.equal(pythId);
      expect(await priceAggregator.sourceCount(id)).to.equal(BigInt(sources.length));
    }
    expect(Object.keys(record.tokens)).to.deep.equal(profile.tokens.map(({ symbol }) => symbol));
    for (const { address, marginTokenId } of Object.values(record.tokens)) {
      expect((await tradingRecords.marginTokenById(marginTokenId ?? 0)).token).to.equal(address);
    }
  });

  itMeasuresGas("counts what was sent: less gas than is asked for beforehand, and not by far", async () => {
    const { record, deployment } = await loadFixture(recordFixture);
    expect(record.transactions.count).to.equal(deployment.ignited.hashes.length);
    const gas = BigInt(record.transactions.gas);
    expect(gas).to.be.within((DEPLOYMENT_GAS * 8n) / 10n, DEPLOYMENT_GAS);
    const first = await ethers.provider.getTransactionReceipt(deployment.ignited.hashes[0]);
    expect(record.startBlock).to.equal(first?.blockNumber);
  });

  it("is written and read, and says what is wrong with it when it was changed", async () => {
    const { record } = await loadFixture(recordFixture);
    const folder = mkdtempSync(join(tmpdir(), "asterism-"));
    try {
      writeRecord(join(folder, "deep", "record.json"), record);
      expect(readRecord(join(folder, "deep", "record.json"))).to.deep.equal(record);
      const broken = RECORD_SCHEMA.safeParse({ ...record, startBlock: -1, accounts: {} });
      expect(broken.error?.issues.map(({ path }) => path.join("."))).to.include.members([
        "startBlock",
        "accounts.governor",
      ]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  describe("verification", () => {
    it("names the compiler as explorers do", () => {
      expect(compilerVersion("0.8.37+commit.abcdef12.Emscripten.clang")).to.equal("v0.8.37+commit.abcdef12");
      expect(compilerVersion("0.8.37+commit.abcdef12")).to.equal("v0.8.37+commit.abcdef12");
    });

    it("submits sources, settings, libraries and arguments that give the code that stands", async () => {
      const { record } = await loadFixture(recordFixture);
      const submissions = await submissionsOf(hre.artifacts, record);
      expect(submissions).to.have.lengthOf(Object.keys(record.contracts).length + Object.keys(record.libraries).length);
      for (const { name, input } of submissions) {
        const { linkReferences } = await hre.artifacts.readArtifact(name);
        const links = Object.values(linkReferences).flatMap((file) => Object.keys(file));
        const { settings } = JSON.parse(input) as { settings: { libraries: Record<string, Record<string, string>> } };
        const linked = Object.assign({}, ...Object.values(settings.libraries)) as Record<string, string>;
        const addresses = links.map((library) => [library, record.libraries[library].address]);
        expect(linked, name).to.deep.equal(Object.fromEntries(addresses));
      }
      // One is compiled again from nothing but what is submitted.
      const breaker = submissions.find(({ name }) => name.endsWith(":Breaker"));
      const { default: solc } = (await import("solc")) as unknown as { default: { compile(input: string): string } };
      const input = JSON.parse(breaker?.input ?? "{}") as { settings: Record<string, unknown>; sources: object };
      // Code for this contract alone: what is made of the others takes minutes.
      input.settings.outputSelection = { [record.contracts.breaker.source]: { Breaker: ["evm.bytecode.object"] } };
      const output = JSON.parse(solc.compile(JSON.stringify(input))) as {
        contracts: Record<string, Record<string, { evm: { bytecode: { object: string } } }>>;
      };
      const compiled = output.contracts["contracts/access/Breaker.sol"].Breaker.evm.bytecode.object;
      expect(concat([`0x${compiled}`, `0x${breaker?.constructorArguments ?? ""}`])).to.equal(
        await creationCode(record, record.contracts.breaker),
      );
      const { sources } = input;
      if (process.env.ASTERISM_PIPELINE === "legacy") {
        expect(Object.keys(sources).filter((file) => file.includes("/test/"))).to.deep.equal([]);
      }
    });

    describe("npm run verify", () => {
      let explorer: ExplorerStub;
      let url: string;
      let folder: string;

      beforeEach(async () => {
        explorer = new ExplorerStub();
        url = await explorer.start();
        folder = mkdtempSync(join(tmpdir(), "asterism-"));
      });

      afterEach(async () => {
        await explorer.stop();
        rmSync(folder, { recursive: true, force: true });
      });

      async function verify(record: DeploymentRecord, env: Record<string, string> = {}) {
        const path = join(folder, "record.json");
        writeRecord(path, record);
        const args = [require.resolve("ts-node/dist/bin"), "scripts/verify.ts", "--deployment", path];
        return new Promise<{ code: number; output: string }>((resolve) => {
          const options = { env: { ...process.env, ASTERISM_EXPLORER_URL: url, ...env }, maxBuffer: 1e8 };
          execFile(process.execPath, args, options, (error, stdout, stderr) => {
            const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
            resolve({ code, output: stdout + stderr });
          });
        });
      }

      it("submits everything once, to the chain's explorer, and tells what is refused", async () => {
        const { record } = await loadFixture(recordFixture);
        const { vault, router } = record.contracts;
        explorer.verdicts.set(vault.address, "known");
        explorer.verdicts.set(router.address, "Fail - Unable to verify");
        const { code, output } = await verify(record, { ASTERISM_EXPLORER_KEY: "key" });
        expect(code, output).to.equal(1);
        const count = Object.keys(record.contracts).length + Object.keys(record.libraries).length;
        expect(output, output).to.contain(`${count - 1} of ${count} verified`);
        expect(output).to.match(/vault\/Vault\.sol:Vault +0x\w+ +verified before/);
        expect(output).to.match(/Router\.sol:Router +0x\w+ +.*Unable to verify/);
        expect(explorer.queries.every((query) => query.get("chainid") === String(record.chain.id))).to.equal(true);

        const byAddress = new Map(explorer.submissions.map((form) => [form.get("contractaddress"), form]));
        expect(explorer.submissions).to.have.lengthOf(count - 1);
        expect(byAddress.has(vault.address)).to.equal(false);
        for (const contract of Object.values({ ...record.contracts, ...record.libraries })) {
          if (contract.address === vault.address) continue;
          const form = byAddress.get(contract.address);
          expect(form?.get("contractname")).to.equal(`${contract.source}:${contract.contract}`);
          expect(form?.get("codeformat")).to.equal("solidity-standard-json-input");
          expect(form?.get("compilerversion")).to.match(/^v\d+\.\d+\.\d+\+commit\.[0-9a-f]{8}$/);
          // The interface spells it so.
          expect(form?.get("constructorArguements")).to.equal(contract.constructorArguments.slice(2));
        }
      });

      it("refuses to begin without a key, or without a record", async () => {
        const { record } = await loadFixture(recordFixture);
        const { code, output } = await verify(record, { ASTERISM_EXPLORER_KEY: "" });
        expect([code, output.trim()]).to.deep.equal([1, "ASTERISM_EXPLORER_KEY is empty"]);
        expect(explorer.queries).to.have.lengthOf(0);
      });
    });
  });
});
