import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { HDNodeWallet, JsonRpcProvider, NonceManager } from "ethers";
import { network } from "hardhat";
import { profileFor } from "../../deploy/profiles";
import { readRecord } from "../../deploy/record";
import { TradeStatus } from "../../sdk/enums";
import type { DeploymentRecord } from "../../deploy/record";
import {
  Executor__factory,
  IERC20__factory,
  PriceAggregator__factory,
  TradingRecords__factory,
  Trading__factory,
} from "../../typechain-types";
import { freePort } from "../../scripts/lib/freePort";
import { IS_INSTRUMENTED } from "../dsl/instrumented";
import { ScriptProcess } from "./processes";

const TIMEOUT_MS = 400_000;
const POLL_MS = 100;
const OPEN = BigInt(TradeStatus.indexOf("Open"));

/** The accounts of every development node. */
const MNEMONIC = "test test test test test test test test test test test junk";

function walletOf(index: number): HDNodeWallet {
  return HDNodeWallet.fromPhrase(MNEMONIC, "", `m/44'/60'/0'/0/${index}`);
}

interface PriceUpdate {
  binary: { data: string[] };
  parsed: { price: { price: string; expo: number; publish_time: number } }[];
}

describe("a served replica", function () {
  // Processes of their own are slow where other suites keep the machine busy.
  this.timeout(TIMEOUT_MS);

  const profile = profileFor(network.config.chainId ?? 0);
  let folder: string;
  let url: string;
  let priceUrl: string;
  let server: ScriptProcess;
  let provider: JsonRpcProvider;
  let record: DeploymentRecord;

  before(async function () {
    // Other processes are not instrumented, and have no artifacts meanwhile.
    if (IS_INSTRUMENTED) this.skip();
    folder = mkdtempSync(join(tmpdir(), "asterism-"));
    const [port, pricePort] = [await freePort(), await freePort()];
    url = `http://127.0.0.1:${port}`;
    priceUrl = `http://127.0.0.1:${pricePort}`;
    const path = join(folder, "record.json");
    const ports = ["--port", String(port), "--price-port", String(pricePort)];
    server = new ScriptProcess("scripts/replica.ts", ["--chain", profile.key, ...ports, "--record", path]);
    await server.printed(/^ready/m);
    record = readRecord(path);
    provider = new JsonRpcProvider(url, profile.chainId, { staticNetwork: true, cacheTimeout: -1 });
    provider.pollingInterval = POLL_MS;
  });

  after(async () => {
    provider?.destroy();
    await server?.kill("SIGKILL");
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  async function timestamp(): Promise<number> {
    return (await provider.getBlock("latest"))?.timestamp ?? 0;
  }

  async function until(reached: () => Promise<boolean>): Promise<void> {
    while (!(await reached())) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }

  async function updateOf(when: number | "latest", pythId: string): Promise<PriceUpdate> {
    const response = await fetch(`${priceUrl}/v2/updates/price/${when}?ids[]=${pythId}`);
    return (await response.json()) as PriceUpdate;
  }

  it("prints where everything is, names apart from addresses", () => {
    for (const [name, { address }] of Object.entries(record.contracts)) {
      expect(server.output).to.match(new RegExp(`^ {2}${name} {2,}${address}$`, "m"));
    }
    for (const { symbol, address } of profile.tokens) {
      expect(server.output).to.match(new RegExp(`^ {2}${symbol} {2,}${address}$`, "m"));
    }
    const funded = walletOf(5);
    expect(server.output).to.match(
      new RegExp(`^ {2}account 5, funded {2,}${funded.address} {2}${funded.privateKey}$`, "m"),
    );
  });

  it("lets a program outside open a position, with an update of the price service", async () => {
    const trader = new NonceManager(walletOf(6).connect(provider));
    const at = (key: string) => record.contracts[key].address;
    const trading = Trading__factory.connect(at("trading"), trader);
    const aggregator = PriceAggregator__factory.connect(at("priceAggregator"), provider);
    const { address: token, decimals } = record.tokens.USDT;
    const amount = 1_000n * 10n ** BigInt(decimals);
    await (await IERC20__factory.connect(token, trader).approve(trading, amount)).wait();
    const id = await trading.nextTradeId();
    const { id: bookId, assetId } = record.books["BTC/USD standard"];
    const request = {
      ...{ owner: walletOf(6).address, bookId, isLong: true, leverage: 10, token, amount, acceptablePrice: 0n },
      ...{ takeProfit: 0n, stopLoss: 0n, deadline: (await timestamp()) + 600, broker: 0, asNative: false },
    };
    const receipt = await (await trading.requestOpen(request)).wait();
    const requestedAt = (await provider.getBlock(receipt?.blockNumber ?? 0))?.timestamp ?? 0;
    const target = requestedAt + Number(await trading.executionDelay(0));
    await until(async () => (await timestamp()) > target);

    const { binary } = await updateOf(target, record.assets.BTC.pythId);
    const updateData = binary.data.map((data) => `0x${data}`);
    const proof = { assetIds: [assetId], minPublishTime: target, isUnique: true, updateData };
    const value = await aggregator.updateFee([proof]);
    const executor = Executor__factory.connect(at("executor"), walletOf(7).connect(provider));
    await (await executor.execute(trading, [proof], [{ tradeId: id, tickIndex: 0 }], { value })).wait();
    expect(await trading.statusOf(id)).to.equal(OPEN);
    const records = TradingRecords__factory.connect(at("tradingRecords"), provider);
    expect((await records.position(id)).size > 0n).to.equal(true);
  });

  it("keeps every feed fresh for longer than its age limit", async () => {
    const aggregator = PriceAggregator__factory.connect(record.contracts.priceAggregator.address, provider);
    const heartbeats = Object.values(profile.chainlink).map(
      ({ heartbeatSeconds, graceSeconds }) => heartbeatSeconds + graceSeconds,
    );
    const shortest = Math.min(...heartbeats, 65);
    const begin = await timestamp();
    await until(async () => (await timestamp()) > begin + shortest);
    for (const { id, sources } of Object.values(record.assets)) {
      expect((await aggregator.pushPrice(id)).fresh).to.equal(BigInt(sources.length));
    }
  });

  it("sets prices for feeds and ticks alike, and refuses what makes no sense", async () => {
    const post = async (body: string) => {
      const response = await fetch(`${priceUrl}/prices`, { method: "POST", body });
      return { status: response.status, answer: await response.json() };
    };
    expect(await post('{"BTC": "61000.5"}')).to.deep.equal({ status: 200, answer: { set: ["BTC"] } });
    const aggregator = PriceAggregator__factory.connect(record.contracts.priceAggregator.address, provider);
    expect((await aggregator.pushPrice(record.assets.BTC.id)).mid).to.equal(610_005n * 10n ** 9n);
    // A tick carries what held when its second began.
    const posted = await timestamp();
    await until(async () => (await timestamp()) > posted + 1);
    const { parsed } = await updateOf("latest", record.assets.BTC.pythId);
    expect([parsed[0].price.price, parsed[0].price.expo]).to.deep.equal(["6100050000000", -8]);
    for (const [body, error] of [
      ['{"DOGE": "1"}', "unknown asset DOGE"],
      ['{"BTC": "-1"}', '"-1" is no price'],
      ['{"BTC": "much"}', '"much" is no price'],
      ["x", "an object of prices by asset is expected"],
    ]) {
      expect(await post(body)).to.deep.equal({ status: 400, answer: { error } });
    }
    const unknown = `0x${"ab".repeat(32)}`;
    expect(await updateOf("latest", unknown)).to.deep.equal({ error: `unknown price id ${unknown}` });
  });

  describe("npm run doctor", () => {
    it("finds nothing missing there", async () => {
      const path = join(folder, "record.json");
      const { code, output } = await new ScriptProcess("scripts/doctor.ts", ["--rpc", url, "--deployment", path]).end();
      expect(code, output).to.equal(0);
      expect(output).to.contain("nothing is missing");
      expect(output).to.match(/^ {2}deployment replica {2,}breaker at level 0$/m);
    });
  });

  // The script knows nothing of a chain but its profile: one chain shows all.
  if (profile.key === "bnb") {
    describe("npm run deploy", () => {
      const id = `replica-test-${process.pid}`;
      const [governor, riskManager, guardian, treasury, deployer] = [10, 11, 12, 13, 14].map(walletOf);
      const accounts = {
        ASTERISM_CHAIN: profile.key,
        ASTERISM_GOVERNOR: governor.address,
        ASTERISM_RISK_MANAGER: riskManager.address,
        ASTERISM_GUARDIAN: guardian.address,
        ASTERISM_TREASURY: treasury.address,
        ASTERISM_DEPLOYMENT_ID: id,
      };
      const deploy = (args: string[], env: Record<string, string | undefined>) =>
        new ScriptProcess("scripts/deploy.ts", args, { ...accounts, BNB_RPC_URL: url, ...env });

      after(() => {
        for (const path of [id, `${id}.json`]) rmSync(join("deployments", path), { recursive: true, force: true });
      });

      it("rehearses by an address alone, against its real balance, and sends nothing", async () => {
        const nonce = await provider.getTransactionCount(deployer.address);
        const { code, output } = await deploy(["--dry-run"], { ASTERISM_DEPLOYER: deployer.address }).end();
        expect(code, output).to.equal(0);
        expect(output).to.match(
          /^\d+ transactions, \d+ gas at [\d.]+ gwei; [\d.]+ BNB are needed, a third of it headroom$/m,
        );
        expect(output).to.contain(`the deployer ${deployer.address} has enough`);
        // Every call is told, with its arguments, its gas and its cost.
        const [, count] = /^(\d+) transactions/m.exec(output) ?? [];
        const calls = output.match(/^ +\d+ +\d+ gas {2}[\d.]+ BNB {2}.*\)$/gm) ?? [];
        expect(calls).to.have.lengthOf(Number(count));
        expect(calls.some((call) => /create Vault\(accessManager: 0x\w{40}, /.test(call))).to.equal(true);
        expect(
          calls.some((call) => /Vault\.listToken\(token: 0x\w{40}, maxUtilizationPips: 800000\)$/.test(call)),
        ).to.equal(true);
        expect(calls.at(-1)).to.match(/AccessManager\.multicall\(/);
        expect(output).to.match(/^ {2}vault {2,}0x\w{40}$/m);
        expect(await provider.getTransactionCount(deployer.address)).to.equal(nonce);
      });

      it("refuses a deployer who has too little, in the rehearsal and on the chain", async () => {
        const poor = HDNodeWallet.createRandom();
        const told = new RegExp(`^ {2}- the deployer ${poor.address} has 0\\.0 BNB, [\\d.]+ are needed$`, "m");
        const rehearsal = await deploy([], { ASTERISM_DEPLOYER: poor.address }).end();
        expect(rehearsal.code).to.equal(1);
        expect(rehearsal.output).to.match(told);
        const real = await deploy(["--network", "bnb"], { DEPLOYER_PRIVATE_KEY: poor.privateKey }).end();
        expect(real.code).to.equal(1);
        expect(real.output).to.match(told);
        expect(real.output).not.to.contain(poor.privateKey.slice(2));
      });

      it("refuses before anything is compiled, naming everything that is wrong", async () => {
        const env = {
          ASTERISM_GOVERNOR: "0x12",
          ASTERISM_GUARDIAN: "",
          DEPLOYER_PRIVATE_KEY: "0xsecret",
          BNB_RPC_URL: "",
        };
        const { code, output } = await deploy(["--network", "bnb"], env).end();
        expect(code).to.equal(1);
        const lines = [
          "refused:",
          "  - DEPLOYER_PRIVATE_KEY is no private key: 64 hexadecimal digits are expected",
          '  - ASTERISM_GOVERNOR is "0x12", not an address',
          "  - ASTERISM_GUARDIAN is not set",
          "  - BNB_RPC_URL is not set",
        ];
        expect(output.trim().split("\n")).to.deep.equal(lines);
      });

      it("goes on where a run was killed, alone, and writes what everybody needs to know", async () => {
        const key = { DEPLOYER_PRIVATE_KEY: deployer.privateKey };
        const first = deploy(["--network", "bnb"], key);
        await first.printed(/^ +40 of \d+ /m);
        // Held still, or it might be done before the second has begun.
        first.pause();
        const second = await deploy(["--network", "bnb"], key).end();
        expect(second.code, second.output).to.equal(1);
        expect(second.output).to.match(/^process \d+ on .* has been deploying since /m);
        await first.kill("SIGKILL");

        const third = await deploy(["--network", "bnb"], key).end();
        expect(third.code, third.output).to.equal(0);
        // A step is told before the journal has it: what it lacked when the run was killed counts as sent.
        const [, mined, waiting = "0"] =
          /^sent so far: (\d+) transactions mined(?:, (\d+) sent and not mined yet)?/m.exec(third.output) ?? [];
        expect(Number(mined) + Number(waiting)).to.be.gte(40);
        const written = readRecord(join("deployments", `${id}.json`));
        expect(written.id).to.equal(id);
        const nonce = await provider.getTransactionCount(deployer.address);
        expect(written.transactions.count).to.equal(nonce);
        for (const [name, { address }] of Object.entries({ ...written.contracts, ...written.libraries })) {
          expect(await provider.getCode(address), name).to.not.equal("0x");
          expect(third.output).to.match(new RegExp(`^ {2}${name} {2,}${address}$`, "m"));
        }
        const args = ["--rpc", url, "--deployment", join("deployments", `${id}.json`)];
        const doctor = await new ScriptProcess("scripts/doctor.ts", args).end();
        expect(doctor.code, doctor.output).to.equal(0);

        // A deployment that is complete sends nothing more.
        const fourth = await deploy(["--network", "bnb"], key).end();
        expect(fourth.code, fourth.output).to.equal(0);
        expect(fourth.output).to.contain("complete before this run: nothing was sent");
        expect(readRecord(join("deployments", `${id}.json`))).to.deep.equal(written);
        expect(await provider.getTransactionCount(deployer.address)).to.equal(nonce);
      });
    });
  }

  // Last: what a suite holds itself runs before the suites within it.
  describe("at the end", () => {
    it("stops when it is told to, and leaves the port", async () => {
      const { code, output } = await server.kill("SIGTERM");
      expect(code, output).to.equal(0);
      expect(output).to.match(/stopped\n$/);
      const refused = await fetch(url).then(
        () => false,
        () => true,
      );
      expect(refused).to.equal(true);
    });
  });
});
