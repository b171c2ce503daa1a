import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { Contract, JsonRpcProvider } from "ethers";
import { network } from "hardhat";
import { EXIT } from "../../keeper/main";
import { profileFor } from "../../deploy/profiles";
import { Asterism } from "../../sdk/Asterism";
import { proTriggersAbi } from "../../sdk/abis";
import type { TradeStatus } from "../../sdk/enums";
import { Hermes } from "../../sdk/pyth/hermes";
import { formatPrice, px, size } from "../../sdk/units";
import { freePort } from "../../scripts/lib/freePort";
import { IS_INSTRUMENTED } from "../dsl/instrumented";
import { walletOf } from "../dsl/keeperWallet";
import { ScriptProcess } from "./processes";

const FOREVER = 2 ** 40 - 1;
const TIMEOUT_MS = 400_000;
const POLL_MS = 200;
const TRADER = 5;
const MAKER = 6;
const KEEPER = 8;
/** Gas on a replica costs many times what it does on the chains: here what is done is of interest, not what it earns. */
const SETTINGS = { fees: { minProfitUsd: "-20" }, pro: { dutyUsd: "20" } };

/** The command of the README that keeps a replica on this machine. */
function commandOf(readme: string): string[] {
  const [, command] = /^(npx asterism-keeper .*127\.0\.0\.1.*)$/m.exec(readme) ?? [];
  if (command === undefined) throw new Error("the README has no such command");
  return command.split(/\s+/);
}

describe("a keeper started by the README's command", function () {
  // Processes of their own are slow where other suites keep the machine busy.
  this.timeout(TIMEOUT_MS);

  const profile = profileFor(network.config.chainId ?? 0);
  let folder: string;
  let replica: ScriptProcess;
  let keeper: ChildProcess;
  let output = "";
  let trader: Asterism;
  let maker: Asterism;
  let priceUrl: string;
  let provider: JsonRpcProvider;

  before(async function () {
    // Other processes are not instrumented, and have no artifacts meanwhile.
    if (IS_INSTRUMENTED) this.skip();
    folder = mkdtempSync(join(tmpdir(), "asterism-"));
    const [port, pricePort] = [await freePort(), await freePort()];
    const record = join(folder, "replica.json");
    const ports = ["--port", String(port), "--price-port", String(pricePort)];
    replica = new ScriptProcess("scripts/replica.ts", ["--chain", profile.key, ...ports, "--record", record]);
    await replica.printed(/^ready/m);
    priceUrl = `http://127.0.0.1:${pricePort}`;
    provider = new JsonRpcProvider(`http://127.0.0.1:${port}`, profile.chainId, {
      staticNetwork: true,
      cacheTimeout: -1,
    });
    const prices = new Hermes({ endpoints: [priceUrl] });
    const deployment: unknown = JSON.parse(readFileSync(record, "utf8"));
    trader = await Asterism.connect(walletOf(TRADER, provider), { deployment, prices });
    maker = await Asterism.connect(walletOf(MAKER, provider), { deployment, prices });

    const [, program, ...args] = commandOf(readFileSync(join("keeper", "README.md"), "utf8"));
    const ofTest: Readonly<Record<string, string>> = {
      "http://127.0.0.1:8545": `http://127.0.0.1:${port}`,
      "http://127.0.0.1:8546": priceUrl,
      "replica.json": record,
      bnb: profile.key,
    };
    const settings = join(folder, "settings.json");
    writeFileSync(settings, JSON.stringify(SETTINGS));
    const path = join("node_modules", ".bin", program);
    keeper = spawn(path, [...args.map((arg) => ofTest[arg] ?? arg), "--config", settings], {
      env: { ...process.env, ASTERISM_KEEPER_KEY: walletOf(KEEPER).privateKey },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [keeper.stdout, keeper.stderr])
      stream?.on("data", (chunk: Buffer) => (output += String(chunk)));
    await until(() => Promise.resolve(output.includes('"keeping"')));
  });

  after(async () => {
    provider?.destroy();
    keeper?.kill("SIGKILL");
    await replica?.kill("SIGKILL");
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  async function until(reached: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + TIMEOUT_MS / 4;
    while (!(await reached())) {
      if (Date.now() > end || keeper.exitCode !== null) throw new Error(`it did not come about:\n${output}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  const setPrice = async (price: string) => {
    const response = await fetch(`${priceUrl}/prices`, { method: "POST", body: JSON.stringify({ BTC: price }) });
    if (!response.ok) throw new Error(await response.text());
  };

  /** What became of what was sent. */
  const mined = () => {
    const lines = output.split("\n").filter((line) => line.startsWith("{"));
    const all = lines.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ msg }) => msg === "mined");
    // What came a second too late for its tick does nothing, and is tried again with the next.
    return all.filter(({ outcome }) => outcome !== "Skipped").map(({ key, outcome }) => [key, outcome]);
  };

  const becomes = (id: bigint, status: (typeof TradeStatus)[number]) =>
    until(async () => (await trader.trade.statusOf(id)) === status);

  it("fills, closes, and liquidates", async () => {
    const input = {
      market: "BTC",
      mode: "standard",
      side: "long",
      leverage: 50,
      token: "USDT",
      amount: "100",
    } as const;
    const order = await (await trader.trade.market(input)).send({ approve: true });
    await becomes(order.id, "Open");
    const { position } = await trader.trade.position(order.id);
    expect(Number(position.openedAt)).to.equal(order.target);

    await (await trader.trade.close(order.id)).send();
    await becomes(order.id, "None");

    const doomed = await (await trader.trade.market(input)).send({ approve: true });
    await becomes(doomed.id, "Open");
    const { liquidationPrice } = await trader.trade.position(doomed.id);
    await setPrice(formatPrice((liquidationPrice * 999n) / 1000n));
    await becomes(doomed.id, "None");
    // It tells of a transaction in the round after its block.
    await until(() => Promise.resolve(output.includes('"Liquidated"')));
    expect(mined()).to.deep.equal([
      [`trading ${order.id}`, "Opened"],
      [`trading ${order.id}`, "Closed"],
      [`trading ${doomed.id}`, "Opened"],
      [`trading ${doomed.id}`, "Liquidated"],
    ]);
  });

  it("fires a stop of the order book, and liquidates there", async () => {
    await setPrice("60000");
    await (await maker.pro.deposit("100000")).send({ approve: true });
    await (await trader.pro.deposit("3600")).send({ approve: true });
    const place = { kind: "place", market: "BTC" } as const;
    const quotes = [
      { ...place, side: "sell", size: "1", price: "60010" },
      { ...place, side: "buy", size: "0.1", price: "59800" },
    ] as const;
    await (await maker.pro.act(quotes, { refresh: ["BTC"] })).send();
    const bought = { ...place, side: "buy", size: "1" } as const;
    // The maker's tick may be of a second in which not all feeds had the new price: that opens nothing, the next one does.
    await until(async () => {
      const [{ reason }] = await trader.pro.preview([{ ...bought, isSoft: true }], { refresh: ["BTC"] });
      return reason === "None";
    });
    await (await trader.pro.act([bought], { refresh: ["BTC"] })).send();
    const { proTriggers } = trader.connection.contracts;
    await (await trader.pro.setDelegate(proTriggers, "reduce", FOREVER)).send();
    const triggers = new Contract(proTriggers, proTriggersAbi, walletOf(TRADER, provider));
    const stop = { market: 0, kind: 0, isBuy: false, isReduceOnly: true, lots: 100, tick: 59_900 };
    const placed = (await triggers.place(await trader.pro.account(), [
      { ...stop, limit: 0, boundPips: 0, callbackPips: 0, expiry: 0 },
    ])) as { wait(): Promise<unknown> };
    await placed.wait();
    await setPrice("59850");
    const held = async () => (await trader.pro.health()).positions[0]?.size ?? 0n;
    await until(async () => (await held()) === size("0.9"));

    const { positions } = await trader.pro.health();
    // Below the liquidation price there is a little equity left: a bid at that price is within the bound.
    const price = (positions[0].liquidationPrice / px("1")) * px("1");
    await (await maker.pro.act([{ ...place, side: "buy", size: "1", price: formatPrice(price) }])).send();
    // Below two thirds of the maintenance margin all is sold at once.
    await setPrice(formatPrice(price - px("90")));
    await until(async () => (await held()) === 0n);
    await until(() => Promise.resolve(mined().length >= 6));
    const told = mined().map(([key, outcome]) => `${String(key).split(" ").slice(0, 2).join(" ")} ${String(outcome)}`);
    expect(told.slice(4, 6)).to.deep.equal(["pro trigger Triggered", "pro scope Reduced"]);
  });

  it("stops in good order", async () => {
    const ended = new Promise<number | null>((resolve) => keeper.once("exit", resolve));
    keeper.kill("SIGTERM");
    const code = await ended;
    const stopped = output.split("\n").find((line) => line.includes('"stopped"')) ?? "{}";
    const { alarms } = JSON.parse(stopped) as { alarms: { alarm: string }[] };
    // A replica's clock began when it was deployed, and may be far from the wall's.
    expect(
      alarms.filter(({ alarm }) => alarm !== "drift"),
      output,
    ).to.deep.equal([]);
    expect(code).to.equal(alarms.length === 0 ? EXIT.stopped : EXIT.alarmed);
  });
});
