import { expect } from "chai";
import { Wallet, getAddress } from "ethers";
import { connectionProblems } from "../../deploy/connection";
import { RefusedError, readSettings } from "../../deploy/environment";
import { NodeStub } from "./nodeStub";
import type { Answers } from "./nodeStub";

const KEY = `0x${"11".repeat(32)}`;
const DEPLOYER = new Wallet(KEY).address;
const account = (digit: string) => getAddress(`0x${digit.repeat(40)}`);
const [GOVERNOR, RISK_MANAGER, GUARDIAN, TREASURY] = ["1", "2", "3", "4"].map(account);

const GOOD = {
  ASTERISM_CHAIN: "bnb",
  BNB_RPC_URL: "http://127.0.0.1:1/secret-path",
  DEPLOYER_PRIVATE_KEY: KEY,
  ASTERISM_GOVERNOR: GOVERNOR,
  ASTERISM_RISK_MANAGER: RISK_MANAGER,
  ASTERISM_GUARDIAN: GUARDIAN,
  ASTERISM_TREASURY: TREASURY,
};

function problemsOf(change: Record<string, string | undefined>, network?: string): readonly string[] {
  try {
    readSettings({ ...GOOD, ...change }, network);
    return [];
  } catch (error) {
    if (error instanceof RefusedError) return error.problems;
    throw error;
  }
}

describe("the environment of a deployment", () => {
  it("is taken as it stands where nothing is wrong with it", () => {
    const settings = readSettings({ ...GOOD, ASTERISM_DEPLOYMENT_ID: "first" }, "bnb");
    expect(settings.profile.chainId).to.equal(56);
    expect(settings.accounts).to.deep.equal({
      governor: GOVERNOR,
      riskManager: RISK_MANAGER,
      guardian: GUARDIAN,
      treasury: TREASURY,
    });
    expect([settings.deployer, settings.privateKey, settings.deploymentId]).to.deep.equal([DEPLOYER, KEY, "first"]);
    expect(readSettings(GOOD).deploymentId).to.equal("chain-56");
    // A rehearsal signs nothing: the address is enough. A key may lack its prefix.
    const rehearsal = readSettings({ ...GOOD, DEPLOYER_PRIVATE_KEY: undefined, ASTERISM_DEPLOYER: DEPLOYER });
    expect([rehearsal.deployer, rehearsal.privateKey]).to.deep.equal([DEPLOYER, undefined]);
    expect(readSettings({ ...GOOD, DEPLOYER_PRIVATE_KEY: KEY.slice(2) }).privateKey).to.equal(KEY);
  });

  const cases: [string, Record<string, string | undefined>, string | undefined, string[]][] = [
    ["no chain", { ASTERISM_CHAIN: undefined }, undefined, ['ASTERISM_CHAIN is not "bnb" or "arbitrum"']],
    ["an unknown chain", { ASTERISM_CHAIN: "mainnet" }, undefined, ['ASTERISM_CHAIN is not "bnb" or "arbitrum"']],
    ["no URL", { BNB_RPC_URL: undefined }, undefined, ["BNB_RPC_URL is not set"]],
    ["an empty URL", { BNB_RPC_URL: "" }, undefined, ["BNB_RPC_URL is not set"]],
    ["no URL of the chain that is meant", { ASTERISM_CHAIN: "arbitrum" }, undefined, ["ARBITRUM_RPC_URL is not set"]],
    ["something that is no URL", { BNB_RPC_URL: "node.example" }, undefined, ["BNB_RPC_URL is no http or https URL"]],
    [
      "another network than the chain",
      {},
      "arbitrum",
      ["--network is arbitrum, ASTERISM_CHAIN is bnb: they must be the same"],
    ],
    ["no key for the chain itself", { DEPLOYER_PRIVATE_KEY: undefined }, "bnb", ["DEPLOYER_PRIVATE_KEY is not set"]],
    [
      "nobody who pays in a rehearsal",
      { DEPLOYER_PRIVATE_KEY: undefined },
      undefined,
      ["neither ASTERISM_DEPLOYER nor DEPLOYER_PRIVATE_KEY is set: a rehearsal needs the address that will pay"],
    ],
    [
      "a key of another account than the one named",
      { ASTERISM_DEPLOYER: TREASURY },
      undefined,
      [`ASTERISM_DEPLOYER is ${TREASURY}, the key belongs to ${DEPLOYER}`],
    ],
    ["an account that is missing", { ASTERISM_GUARDIAN: undefined }, undefined, ["ASTERISM_GUARDIAN is not set"]],
    ["no address", { ASTERISM_GOVERNOR: "0x12" }, undefined, ['ASTERISM_GOVERNOR is "0x12", not an address']],
    ["nobody", { ASTERISM_TREASURY: account("0") }, undefined, ["ASTERISM_TREASURY is the zero address"]],
    [
      "two roles of one account",
      { ASTERISM_GUARDIAN: GOVERNOR },
      undefined,
      [`ASTERISM_GUARDIAN is ${GOVERNOR}, which is ASTERISM_GOVERNOR: another account is expected`],
    ],
    [
      "a governor who deploys",
      { ASTERISM_GOVERNOR: DEPLOYER },
      undefined,
      [`ASTERISM_GOVERNOR is ${DEPLOYER}, which is the deployer: another account is expected`],
    ],
    [
      "an id with a path in it",
      { ASTERISM_DEPLOYMENT_ID: "../x" },
      undefined,
      ["ASTERISM_DEPLOYMENT_ID is no id: letters, digits and dashes are expected, a letter first"],
    ],
  ];
  for (const [what, change, network, expected] of cases) {
    it(`refuses ${what}`, () => {
      expect(problemsOf(change, network)).to.deep.equal(expected);
    });
  }

  it("refuses bad keys, and never tells them", () => {
    const order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
    for (const key of [KEY.slice(0, 20), `${KEY}00`, `0x${"0".repeat(64)}`, `0x${order}`, "my secret phrase"]) {
      const problems = problemsOf({ DEPLOYER_PRIVATE_KEY: key }, "bnb");
      expect(problems).to.deep.equal(["DEPLOYER_PRIVATE_KEY is no private key: 64 hexadecimal digits are expected"]);
    }
  });

  it("tells all that is wrong in one list", () => {
    const change = {
      ...{ ASTERISM_GOVERNOR: "0x12", ASTERISM_RISK_MANAGER: GUARDIAN, DEPLOYER_PRIVATE_KEY: "x" },
      ...{ BNB_RPC_URL: "", ASTERISM_TREASURY: "" },
    };
    expect(problemsOf(change, "bnb")).to.have.members([
      "DEPLOYER_PRIVATE_KEY is no private key: 64 hexadecimal digits are expected",
      'ASTERISM_GOVERNOR is "0x12", not an address',
      "ASTERISM_TREASURY is not set",
      "BNB_RPC_URL is not set",
      `ASTERISM_GUARDIAN is ${GUARDIAN}, which is ASTERISM_RISK_MANAGER: another account is expected`,
    ]);
  });

  describe("asked of the chain", () => {
    const DELEGATE = account("9");
    let stub: NodeStub | undefined;

    afterEach(async () => {
      await stub?.stop();
      stub = undefined;
    });

    async function problemsAt(answers: Answers | "hangs"): Promise<string[]> {
      stub = await NodeStub.start(answers);
      return connectionProblems(readSettings({ ...GOOD, BNB_RPC_URL: `${stub.url}/secret-path` }));
    }

    const host = () => new URL(stub?.url ?? "").host;

    it("finds nothing wrong with plain accounts and contracts on the right chain", async () => {
      const code = ([address]: unknown[]) => (address === DEPLOYER ? "0x" : "0x6001");
      expect(await problemsAt({ eth_chainId: () => "0x38", eth_getCode: code })).to.deep.equal([]);
    });

    it("names a wrong chain by its number, without the path of the URL", async () => {
      const problems = await problemsAt({ eth_chainId: () => "0x1" });
      expect(problems).to.deep.equal([`BNB_RPC_URL (${host()}) is chain 1, 56 (BNB Chain) is expected`]);
    });

    it("names a node that does not answer, within seconds", async function () {
      this.timeout(10_000);
      const begin = Date.now();
      expect(await problemsAt("hangs")).to.deep.equal([`BNB_RPC_URL (${host()}): no answer within 5 s`]);
      expect(Date.now() - begin).to.be.lessThan(8_000);
      await stub?.stop();
      stub = undefined;
      const problems = await connectionProblems(readSettings(GOOD));
      expect(problems).to.have.lengthOf(1);
      expect(problems[0]).to.match(/^BNB_RPC_URL \(127\.0\.0\.1:1\): not reachable: /);
    });

    it("names something that is no node, and a node that refuses", async () => {
      expect(await problemsAt({})).to.deep.equal([`BNB_RPC_URL (${host()}): answers "no eth_chainId"`]);
      await stub?.stop();
      expect(await problemsAt({ eth_chainId: () => undefined })).to.deep.equal([
        `BNB_RPC_URL (${host()}): does not answer as a node does`,
      ]);
    });

    it("A38: names every account that is delegated, and a deployer that is a contract", async () => {
      const delegated = `0xef0100${DELEGATE.slice(2).toLowerCase()}`;
      const remark = `an account that is delegated to ${DELEGATE}: a plain account or a contract is expected`;
      expect(await problemsAt({ eth_chainId: () => "0x38", eth_getCode: () => delegated })).to.deep.equal([
        `ASTERISM_GOVERNOR is ${GOVERNOR}, ${remark}`,
        `ASTERISM_RISK_MANAGER is ${RISK_MANAGER}, ${remark}`,
        `ASTERISM_GUARDIAN is ${GUARDIAN}, ${remark}`,
        `ASTERISM_TREASURY is ${TREASURY}, ${remark}`,
        `the deployer is ${DEPLOYER}, ${remark}`,
      ]);
      await stub?.stop();
      // One byte more or less is no delegation.
      const contract = ([address]: unknown[]) => (address === DEPLOYER ? `${delegated}00` : delegated.slice(0, -2));
      expect(await problemsAt({ eth_chainId: () => "0x38", eth_getCode: contract })).to.deep.equal([
        `the deployer is ${DEPLOYER}, a contract: it can't send transactions`,
      ]);
    });
  });
});
