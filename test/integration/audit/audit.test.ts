import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadFixture, setCode } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import type { Provider } from "ethers";
import { ethers } from "hardhat";
import {
  BuildError,
  HistoryError,
  NodesDisagreeError,
  ParameterError,
  WrongChainError,
  audit,
  buildIn,
  parametersOf,
  readParameters,
} from "../../../deploy/audit";
import type { ContractRecord, DeploymentRecord } from "../../../deploy/record";
import { interfaceOf } from "../../../deploy/audit/question";
import { thrownBy } from "../../dsl/thrown";
import { auditedFixture, govern } from "./fixture";

/** The chain's own provider, but for some of its methods. */
function providerWith(methods: Partial<Provider>): Provider {
  return new Proxy(ethers.provider, {
    get: (provider, name, receiver) =>
      (methods[name as keyof Provider] ?? Reflect.get(provider, name, receiver)) as unknown,
  });
}

const artifacts = buildIn(process.cwd());

describe("audit", () => {
  let folder = "";

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "asterism-"));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it("finds a fresh deployment as profile, record and build have it", async () => {
    const { record } = await loadFixture(auditedFixture);
    const told: string[] = [];
    const onProgress = (what: string, done: number, total: number) => told.push(`${what} ${done === total}`);
    const result = await audit(ethers.provider, record, { artifacts, onProgress });
    expect(result.differences).to.deep.equal([]);
    expect(result.id).to.equal(record.id);
    const kinds = new Set(result.findings.map(({ what }) => what.split(/[ .]/)[0]));
    expect([...kinds].sort()).to.deep.equal(
      ["code", "record", ...namesOf(record).filter((name) => !/^(Pro|ProTriggers|GridBook)Lens$/.test(name))].sort(),
    );
    expect(told).to.include.members(["blocks of events true", "settings true", "contracts true"]);
  });

  it("tells code that is not the build's, and whatever a constructor was given otherwise", async () => {
    const { record } = await loadFixture(auditedFixture);
    const { router, breaker, executor } = record.contracts;
    const other = await ethers.provider.getCode(breaker.address);
    const words = (address: string) => ethers.zeroPadValue(address, 32);
    const lying: DeploymentRecord = {
      ...record,
      contracts: { ...record.contracts, executor: { ...executor, constructorArguments: words(breaker.address) } },
    };
    const namesIn = async () => {
      const { differences } = await audit(ethers.provider, lying, { artifacts });
      return differences.map(({ what, found }) => `${what}: ${found.startsWith("0x") ? "a hash" : found}`);
    };
    const code = ({ contract, address }: ContractRecord) => `code of ${contract} at ${address}`;
    expect(await namesIn()).to.deep.equal([`${code(executor)}: a hash`]);
    await setCode(router.address, other);
    const noAnswers = ["Router.vault: no answer", "Router.wrappedNative: no answer"];
    expect(await namesIn()).to.have.members([`${code(router)}: a hash`, `${code(executor)}: a hash`, ...noAnswers]);
    await setCode(router.address, "0x");
    expect(await namesIn()).to.include.members([`${code(router)}: no code`, ...noAnswers]);
  });

  it("takes what governance has changed from a parameter file, and nothing else", async () => {
    const fixture = await loadFixture(auditedFixture);
    const { record, profile } = fixture;
    const [{ symbol, address }] = profile.tokens;
    const utilisation = profile.vault.maxUtilizationPips - 1;
    await govern(fixture, { on: "vault", name: "setMaxUtilization", args: [address, utilisation] });
    const { differences } = await audit(ethers.provider, record);
    const what = `Vault.ledger(${symbol}).maxUtilizationPips`;
    expect(differences).to.deep.equal([{ what, expected: String(utilisation + 1), found: String(utilisation) }]);

    const path = join(folder, "parameters.json");
    writeFileSync(path, JSON.stringify(parametersOf(record.chain.key, differences)));
    const parameters = readParameters(path);
    expect((await audit(ethers.provider, record, { parameters })).differences).to.deep.equal([]);

    const values = { [what]: "950001", "Vault.ledger(XYZ).maxUtilizationPips": "1", "Breaker.level": "none of it" };
    const refused = (await thrownBy(
      audit(ethers.provider, record, { parameters: { format: 1, chain: record.chain.key, values } }),
    )) as ParameterError;
    expect(refused).to.be.instanceOf(ParameterError);
    expect(refused.problems).to.deep.equal([
      `"${what}" is "950001", the contracts allow 1 to 950000`,
      `"Vault.ledger(XYZ).maxUtilizationPips" is nothing that an audit reads; the nearest is "Vault.ledger(${symbol}).maxUtilizationPips"`,
      '"Breaker.level" is "none of it", the contracts allow 0 to 3',
    ]);
  });

  it("refuses a parameter file with a field that it does not know, and one of another chain", async () => {
    const { record } = await loadFixture(auditedFixture);
    const path = join(folder, "parameters.json");
    const problemsOf = (text: string) => {
      writeFileSync(path, text);
      try {
        readParameters(path);
      } catch (error) {
        return (error as ParameterError).problems;
      }
      return [];
    };
    expect(problemsOf("{")).to.deep.equal([`${path} is not JSON`]);
    expect(problemsOf('{"format":1,"chain":"bnb","values":{},"fees":1}')).to.deep.equal([
      `${path}: Unrecognized key: "fees"`,
    ]);
    const other = record.chain.key === "bnb" ? "arbitrum" : "bnb";
    const error = await thrownBy(
      audit(ethers.provider, record, { parameters: { format: 1, chain: other, values: {} } }),
    );
    expect((error as ParameterError).problems).to.deep.equal([
      `chain is "${other}", the deployment is on "${record.chain.key}"`,
    ]);
  });

  it("refuses a node of another chain, one without history, and two that disagree", async () => {
    const { record } = await loadFixture(auditedFixture);
    const otherChain = { ...record, chain: { ...record.chain, id: 1 } };
    const wrong = await thrownBy(audit(ethers.provider, otherChain));
    expect(wrong).to.be.instanceOf(WrongChainError);
    expect(wrong.message).to.equal(
      `the record recorded is of chain 1 (${record.chain.name}), the node of ${record.chain.id}`,
    );

    const forgetful = providerWith({ getLogs: () => Promise.reject(new Error("pruned")) });
    const pruned = await thrownBy(audit(forgetful, record));
    expect(pruned).to.be.instanceOf(HistoryError);
    expect(pruned.message).to.equal(
      `the node tells no events of block ${record.startBlock}: name one that keeps the history`,
    );

    expect((await audit(ethers.provider, record, { witness: ethers.provider })).differences).to.deep.equal([]);
    const hidden = interfaceOf("AccessManager").getEvent("RoleLabel")?.topicHash;
    const lying = providerWith({
      getLogs: async (filter) => {
        const logs = await ethers.provider.getLogs(filter);
        return logs.filter(({ topics }) => topics[0] !== hidden);
      },
    });
    const label = await thrownBy(audit(lying, record, { witness: ethers.provider }));
    expect(label).to.be.instanceOf(NodesDisagreeError);
    expect(label.message).to.equal(
      "two nodes disagree in 3 things, first in AccessManager.label(GOVERNOR): none and GOVERNOR; ask a third one",
    );
  });

  it("refuses a build that lacks a contract", async () => {
    const { record } = await loadFixture(auditedFixture);
    const { router } = record.contracts;
    const other = {
      ...record,
      contracts: { ...record.contracts, router: { ...router, source: "contracts/Gone.sol" } },
    };
    const error = await thrownBy(audit(ethers.provider, other, { artifacts }));
    expect(error).to.be.instanceOf(BuildError);
    expect(error.message).to.equal(
      "contracts/Gone.sol:Router is not in the build: check out the record's commit and compile",
    );
  });
});

function namesOf({ contracts }: DeploymentRecord): string[] {
  return Object.values(contracts).map(({ contract }) => contract);
}
