import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { JsonRpcProvider } from "ethers";
import { artifacts, network } from "hardhat";
import { URL_VARIABLES } from "../../deploy/environment";
import { profileFor } from "../../deploy/profiles";
import { installReplica, localPyth } from "../../kit/replica";
import type { Replica } from "../../kit/replica";
import { freePort } from "../../scripts/lib/freePort";
import { OPTIONS_VARIABLE, encodeOptions } from "../../scripts/demo/options";
import type { Report } from "../../scripts/demo/report";
import { LocalPublisher } from "../../kit/pyth/publisher";
import { IS_INSTRUMENTED } from "../dsl/instrumented";

const HARDHAT = require.resolve("hardhat/internal/cli/bootstrap");
const COMMAND_LINE = join("cli", "bin", "asterism.js");
const TIMEOUT_MS = 400_000;
const NODE_START_MS = 120_000;
const POLL_MS = 100;

interface Ended {
  code: number;
  output: string;
}

describe("on a fork", function () {
  // Far more than it takes: processes of their own are slow where other suites keep the machine busy.
  this.timeout(TIMEOUT_MS);

  const profile = profileFor(network.config.chainId ?? 0);
  const children: ChildProcess[] = [];
  let url: string;
  let provider: JsonRpcProvider;
  let folder: string;
  let replica: Replica;

  /** Starts hardhat for this chain without anything of the caller's that would make it another one. */
  function start(
    args: string[],
    env: Record<string, string | undefined> = {},
    program: string = HARDHAT,
  ): ChildProcess {
    const clean = { BNB_RPC_URL: undefined, ARBITRUM_RPC_URL: undefined, REPORT_GAS: undefined };
    const child = spawn(process.execPath, [program, ...args], {
      env: { ...process.env, ...clean, ASTERISM_CHAIN: profile.key, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    children.push(child);
    return child;
  }

  async function run(args: string[], env: Record<string, string | undefined>): Promise<Ended> {
    return ended(start(args, { [URL_VARIABLES[profile.key]]: url, ...env }));
  }

  /** A command of `asterism`, with what the caller has set of the environment and no network of its tests. */
  async function command(args: string[], env: Record<string, string | undefined> = {}): Promise<Ended> {
    const own = { [URL_VARIABLES[profile.key]]: url, HARDHAT_NETWORK: undefined, ...env };
    return ended(start(args, own, COMMAND_LINE));
  }

  async function ended(child: ChildProcess): Promise<Ended> {
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => (output += String(chunk)));
    return new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => resolve({ code: code ?? 1, output }));
    });
  }

  async function startNode(): Promise<void> {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const node = start(["node", "--hostname", "127.0.0.1", "--port", String(port)]);
    let output = "";
    node.stderr?.on("data", (chunk: Buffer) => (output += String(chunk)));
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`the node did not start: ${output}`)), NODE_START_MS);
      node.once("close", () => reject(new Error(`the node ended: ${output}`)));
      node.stdout?.on("data", (chunk: Buffer) => {
        if (!String(chunk).includes("Started HTTP")) return;
        clearTimeout(timer);
        resolve();
      });
    });
  }

  before(async function () {
    // Other processes are not instrumented, and have no artifacts meanwhile.
    if (IS_INSTRUMENTED) this.skip();
    folder = mkdtempSync(join(tmpdir(), "asterism-"));
    await startNode();
    provider = new JsonRpcProvider(url, undefined, { staticNetwork: true, cacheTimeout: -1 });
    provider.pollingInterval = POLL_MS;
    const signer = await provider.getSigner(0);
    const publisher = new LocalPublisher(profile.pyth.network);
    const pyth = localPyth(signer.address, publisher);
    replica = await installReplica({ profile, provider, signer, artifacts, pyth });
  });

  after(async () => {
    provider?.destroy();
    const running = children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
    await Promise.all(
      running.map((child) => {
        const closed = new Promise((resolve) => child.once("close", resolve));
        child.kill("SIGKILL");
        return closed;
      }),
    );
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  it("deploys and does its main job, and the forked chain knows nothing of it", async () => {
    const height = await provider.getBlockNumber();
    const options = encodeOptions({ seed: 1, reports: folder });
    const env = { [OPTIONS_VARIABLE]: options };
    const { code, output } = await run(["run", "--no-compile", "scripts/demo/run.ts"], env);
    expect(code, output).to.equal(0);
    const report = JSON.parse(readFileSync(join(folder, `${profile.key}.json`), "utf8")) as Report;
    expect(report.chainId).to.equal(profile.chainId);
    expect(report.ground).to.equal("fork");
    expect(report.ledgerBalanced).to.equal(true);
    expect(report.degenLong.isProfitShare).to.equal(true);
    expect(report.refused.reason).to.equal("PriceBound");
    expect(await provider.getBlockNumber()).to.equal(height);
  });

  it("is examined by the doctor of the command line, which finds nothing missing", async () => {
    // Its latest block is to be of now.
    await provider.send("evm_mine", []);
    const { code, output } = await command(["doctor", "--chain", profile.key, "--rpc", url, "--json"]);
    expect(code, output).to.equal(0);
    const found = JSON.parse(output) as { subject: string; problem?: string }[];
    expect(found.map(({ subject }) => subject)).to.include.members(["node", "npm", "memory"]);
    expect(found.filter(({ problem }) => problem !== undefined)).to.deep.equal([]);
  });

  it("is rehearsed on by the command line, which prints every call and sends nothing", async () => {
    await replica.refreshPushPrices();
    await provider.send("evm_mine", []);
    const height = await provider.getBlockNumber();
    const accounts = await Promise.all([0, 1, 2, 3, 4].map(async (index) => (await provider.getSigner(index)).address));
    const [deployer, governor, riskManager, guardian, treasury] = accounts;
    const { code, output } = await command(["deploy", "--chain", profile.key], {
      ...{ ASTERISM_DEPLOYER: deployer, ASTERISM_GOVERNOR: governor, ASTERISM_RISK_MANAGER: riskManager },
      ...{ ASTERISM_GUARDIAN: guardian, ASTERISM_TREASURY: treasury },
    });
    expect(code, output).to.equal(0);
    const calls = output.match(/^ +\d+ +\d+ gas {2}.*$/gm) ?? [];
    expect(calls.map((call) => Number(call.trim().split(" ")[0]))).to.deep.equal(calls.map((_, index) => index + 1));
    const named = ["create Vault(", "create Pro(", "Vault.listToken("];
    const met = named.filter((name) => calls.some((call) => call.includes(`  ${name}`)));
    expect(met).to.deep.equal(named);
    expect(await provider.getBlockNumber()).to.equal(height);
  });
});
