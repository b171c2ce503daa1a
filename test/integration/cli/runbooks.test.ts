import { readFileSync } from "node:fs";
import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import type { Result } from "ethers";
import { artifacts, ethers } from "hardhat";
import { profileFor } from "../../../deploy/profiles";
import { CommandLine, keyOf } from "../../dsl/commandLine";
import { auditedFixture } from "../audit/fixture";

const DAY = 24 * 60 * 60;
const STATUS_REDUCE_ONLY = 2n;
const KEYS = { governor: "governor", "risk manager": "riskManager", guardian: "guardian" } as const;

/** The lines of a block of the runbooks by its name. */
function blockOf(name: string): string[] {
  const [, block] =
    new RegExp(`\`\`\`sh ${name}\\n([\\s\\S]*?)\`\`\``).exec(readFileSync("docs/runbooks.md", "utf8")) ?? [];
  if (block === undefined) throw new Error(`docs/runbooks.md has no block ${name}`);
  return block.trim().split("\n");
}

/** The words of a command as a shell has them: quotes, and variables of the environment. */
function wordsOf(command: string, variables: Readonly<Record<string, string>>): string[] {
  const filled = command.replace(/\$([A-Z]+)/g, (_, name: string) => variables[name] ?? "");
  return [...filled.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word);
}

describe("runbooks", () => {
  let line: CommandLine;
  let fixture: Awaited<ReturnType<typeof auditedFixture>>;
  let restore: () => void = () => undefined;

  beforeEach(async () => {
    fixture = await loadFixture(auditedFixture);
    line = await CommandLine.start(fixture.record);
  });

  afterEach(async () => {
    restore();
    restore = () => undefined;
    await line.stop();
  });

  /** Edits the profile for as long as a test runs, as a runbook has it done before its commands. */
  function editProfile(change: (profile: Record<string, unknown>) => Record<string, unknown>): void {
    const profile = profileFor(fixture.record.chain.id) as unknown as Record<string, unknown>;
    const before = { ...profile };
    Object.assign(profile, change(profile));
    restore = () => Object.assign(profile, before);
  }

  /** Runs a block, and expects every command to end with 0 unless the block itself says what then. */
  async function follow(name: string, variables: Readonly<Record<string, string>> = {}): Promise<string[]> {
    const outputs: string[] = [];
    let key: Record<string, string> = {};
    for (const text of blockOf(name)) {
      const [, days] = /^# (\d+) days? later/.exec(text) ?? [];
      const [, who] = /^# (governor|risk manager|guardian)/.exec(text) ?? [];
      if (days !== undefined) await time.increase(Number(days) * DAY);
      if (who !== undefined) key = keyOf(KEYS[who as keyof typeof KEYS]);
      if (text.startsWith("#")) continue;
      const [command, otherwise] = text.split(" || ");
      const [npx, asterism, ...args] = wordsOf(command, variables);
      expect([npx, asterism]).to.deep.equal(["npx", "asterism"]);
      await fixture.replica.refreshPushPrices();
      const { code, out, err } = await line.run(args, key);
      expect(code, `${command}\n${out}${err}`).to.equal(otherwise === undefined ? 0 : 4);
      outputs.push(out + err);
    }
    return outputs;
  }

  it("breaker", async () => {
    const [raised, watched, ...rest] = await follow("breaker");
    expect(raised).to.contain("Breaker.raise stops what level 1 stops");
    expect(watched).to.contain("ALARM the breaker is raised");
    expect(rest.at(-1)).to.contain("is as expected");
    expect(await fixture.system.breaker.level()).to.equal(0n);
  });

  it("new market", async () => {
    editProfile(({ markets }) => {
      const all = markets as { name: string; assetKey: string; books: object[] }[];
      return { markets: [...all, { name: "BNB/USD", assetKey: "BNB", books: [all[1].books[0]] }] };
    });
    await follow("new-market");
    expect((await fixture.system.tradingRecords.bookConfig(4))[0].status).to.equal(1n);
  });

  it("new token", async () => {
    const { token } = fixture.strangers;
    const [first, ...others] = fixture.profile.tokens;
    const added = { ...first, symbol: "NEW", address: token, decimals: 0, assetKey: "BTC" };
    const weights = { targetWeightPips: 10_000, maxSharePips: 20_000 };
    const tokens = [
      { ...first, targetWeightPips: first.targetWeightPips - 10_000 },
      ...others,
      { ...added, ...weights },
    ];
    const { vault } = fixture.profile;
    const tradingCeilings = { ...vault.tradingCeilings, NEW: 1_000n };
    editProfile(() => ({ tokens, vault: { ...vault, tradingCeilings } }));
    await follow("new-token", { SYMBOL: "NEW", ASSET: "BTC" });
    expect((await fixture.system.vault.tokens()).at(-1)).to.equal(token);
    expect((await fixture.system.tradingRecords.marginToken(token)).isEnabled).to.equal(true);
  });

  it("source replaced", async () => {
    const { chainlink } = fixture.profile;
    editProfile(() => ({ chainlink: { ...chainlink, BTC: { ...chainlink.BTC, address: fixture.strangers.feed } } }));
    await follow("source");
    const [config] = await fixture.system.priceAggregator.source(1, 0);
    expect(config.feed).to.equal(fixture.strangers.feed);
  });

  it("Pyth's address changed", async () => {
    const { contract } = fixture.strangers;
    editProfile(() => ({ pyth: { ...fixture.profile.pyth, address: contract } }));
    await follow("pyth", { PYTH: contract });
    expect(await fixture.system.priceAggregator.pyth()).to.equal(contract);
  });

  it("market of the order book listed", async () => {
    const { pro } = fixture.profile;
    editProfile(() => ({ pro: { ...pro, markets: [...pro.markets, { ...pro.markets[2], name: "BNB/USD again" }] } }));
    await follow("pro-market");
    expect((await fixture.system.proLens.mark(fixture.system.pro, 3)).mark).to.equal(0n);
  });

  it("market of the order book delisted", async () => {
    const outputs = await follow("pro-delist", { PARAMETERS: line.path("parameters.json") });
    expect(outputs.at(-1)).to.contain("is as expected");
    const { pro } = fixture.system;
    const [[market, status]] = (await pro.queryFilter(pro.filters.MarketStatusSet())).map(({ args }) => args);
    expect([market, status]).to.deep.equal([2n, STATUS_REDUCE_ONLY]);
  });

  it("order book closed, a fund released", async () => {
    const outputs = await follow("pro-close");
    expect(outputs.at(-1)).to.contain("ProConfigurator.releaseFund");
    const { pro } = fixture.system;
    expect(await pro.queryFilter(pro.filters.Closed())).to.have.length(1);
  });

  it("product replaced and run off", async () => {
    const { record, system } = fixture;
    const { linkReferences } = await artifacts.readArtifact("Trading");
    const names = Object.values(linkReferences).flatMap((links) => Object.keys(links));
    const libraries = Object.fromEntries(names.map((name) => [name, record.libraries[name].address]));
    const factory = await ethers.getContractFactory("Trading", { libraries } as never);
    const inputs = factory.interface.deploy.inputs;
    const [setup] = ethers.AbiCoder.defaultAbiCoder().decode(inputs, record.contracts.trading.constructorArguments);
    const product = await factory.deploy((setup as Result).toObject() as never);
    const address = await product.getAddress();
    const outputs = await follow("product", { PRODUCT: address, PARAMETERS: line.path("parameters.json") });
    expect(outputs.at(-1)).to.contain("is as expected");
    expect(await system.vault.isProduct(address)).to.equal(true);
    const usdt = fixture.profile.tokens.find(({ symbol }) => symbol === "USDT")?.address ?? "";
    expect((await system.vault.productLedger(system.trading, usdt)).ceiling).to.equal(0n);
    expect((await system.vault.productLedger(address, usdt)).ceiling > 0n).to.equal(true);
    const old = await Promise.all([0, 1, 2].map(async (id) => (await system.tradingRecords.bookConfig(id))[0].status));
    expect(old).to.deep.equal([2n, 2n, 2n]);
  });
});
