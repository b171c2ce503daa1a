import { loadFixture, setCode } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import hre, { ethers } from "hardhat";
import { examineDeployment, examineMachine, examineNode } from "../../deploy/doctor";
import { buildRecord } from "../../deploy/record";
import { systemFixture } from "../fixtures/system";
import { NodeStub } from "./nodeStub";

const GB = 2 ** 30;
const NOW = 1_800_000_000;

/** A record of the fixture's system, and a node that answers for its chain. */
async function recordedSystem() {
  const { system, profile, options, signers, replica } = await loadFixture(systemFixture);
  const ignited = { contracts: {}, hashes: [] };
  const deployment = { system, deployer: signers.deployer.address, ignited };
  const receipt = await ethers.provider.getBlock("latest");
  const hashes = [receipt?.transactions[0] ?? ""];
  const { governor, riskManager, guardian, treasury } = options;
  const accounts = { governor, riskManager, guardian, treasury };
  const names = { contracts: await namesOf(system) };
  const commit = { hash: "0".repeat(40), isModified: false };
  const context = { id: "here", profile, accounts, commit, hashes };
  const record = await buildRecord(hre, { ...deployment, ignited: { ...ignited, ...names } }, context);
  return { record, system, replica, signers };
}

async function namesOf(system: object) {
  const contracts: Record<string, { id: string; contractName: string; address: string }> = {};
  for (const [key, contract] of Object.entries(system) as [string, { getAddress(): Promise<string> }][]) {
    const contractName = `${key[0].toUpperCase()}${key.slice(1)}`;
    contracts[key] = { id: key, contractName, address: await contract.getAddress() };
  }
  return contracts as never;
}

describe("doctor", () => {
  let stub: NodeStub | undefined;

  afterEach(async () => {
    await stub?.stop();
    stub = undefined;
  });

  it("says of a machine what is too old or too small", () => {
    const fine = { node: "v20.1.0", npm: "10.0.0", memoryBytes: 4 * GB };
    expect(examineMachine(fine).map(({ problem }) => problem)).to.deep.equal([undefined, undefined, undefined]);
    const poor = { node: "v18.19.0", npm: "", memoryBytes: 4 * GB - GB / 10 };
    expect(examineMachine(poor)).to.deep.equal([
      { subject: "node", found: "v18.19.0", problem: "version 20 or newer is needed" },
      { subject: "npm", found: "none", problem: "version 9 or newer is needed" },
      { subject: "memory", found: "3.9 GB", problem: "compiling takes 4 GB" },
    ]);
  });

  it("says of a node whether it is of the chain and keeps up", async () => {
    const block = (age: number) => ({ timestamp: `0x${(NOW - age).toString(16)}` });
    stub = await NodeStub.start({ eth_chainId: () => "0x1", eth_getBlockByNumber: () => block(61) });
    const diagnoses = await examineNode(stub.url, 56, NOW);
    expect(diagnoses.map(({ problem }) => problem)).to.deep.equal([
      "chain 56 is expected",
      undefined,
      "60 s at most are expected: it does not keep up",
    ]);
    await stub.stop();
    stub = await NodeStub.start({ eth_chainId: () => "0x38", eth_getBlockByNumber: () => block(60) });
    expect((await examineNode(stub.url, 56, NOW)).every(({ problem }) => problem === undefined)).to.equal(true);
    await stub.stop();
    stub = await NodeStub.start({});
    expect(await examineNode(stub.url, 56, NOW)).to.deep.equal([
      { subject: `node ${new URL(stub.url).host}`, found: "no node", problem: 'answers "no eth_chainId"' },
    ]);
  });

  it("says of a deployment which contracts, roles, levels and prices are not as they should be", async () => {
    const { record, system, replica, signers } = await recordedSystem();
    const passOn = new Proxy(
      {},
      {
        has: () => true,
        get: (_, method) => (params: unknown[]) => ethers.provider.send(String(method), params),
      },
    );
    stub = await NodeStub.start(passOn);
    const problemsOf = async () =>
      (await examineDeployment(hre, stub?.url ?? "", record)).map(({ problem }) => problem);
    expect(await problemsOf()).to.deep.equal([undefined, undefined, undefined, undefined]);

    await system.breaker.connect(signers.guardian).raise(2);
    const [asset] = Object.keys(record.assets) as ["BTC"];
    await replica.setPushPrice(asset, 60_000n * 10n ** 10n, 1);
    const [code, roles, level, prices] = await problemsOf();
    expect([code, roles, level]).to.deep.equal([undefined, undefined, "level 0 is expected: something is stopped"]);
    expect(prices).to.match(
      /^BTC: 0 of \d sources are fresh, its reference price needs \d; BTC: 0 of \d sources are fresh/,
    );

    const { router } = record.contracts;
    await setCode(router.address, "0x");
    expect(await problemsOf()).to.deep.equal([`missing: router at ${router.address}`]);
  });
});
