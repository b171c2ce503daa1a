import { readFileSync, writeFileSync } from "node:fs";
import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { Wallet, encryptKeystoreJsonSync } from "ethers";
import { pendingOperations } from "../../../deploy/governance/operations";
import { interfaceOf } from "../../../deploy/audit/question";
import { bookIdOf } from "../../../deploy/arguments/books";
import { ROLES } from "../../../deploy/roles";
import { CommandLine, keyOf } from "../../dsl/commandLine";
import { auditedFixture } from "../audit/fixture";

const BOOK = "BTC/USD standard";
const FEES = `TradingConfigurator.setFees(${BOOK}, 0.07%, 45%)`;
const WEEK = 7 * 24 * 60 * 60;

describe("asterism propose", () => {
  let line: CommandLine;
  let fixture: Awaited<ReturnType<typeof auditedFixture>>;

  beforeEach(async () => {
    fixture = await loadFixture(auditedFixture);
    line = await CommandLine.start(fixture.record);
  });

  afterEach(async () => {
    await line.stop();
  });

  async function resultOf<T>(args: readonly string[], environment: Record<string, string> = {}): Promise<T> {
    const { out, err } = await line.run([...args, "--json"], environment);
    if (out === "") throw new Error(err);
    return JSON.parse(out) as T;
  }

  it("prints what would change, by whom, from when, and who may cancel it, and sends nothing with --dry-run", async () => {
    const { code, out } = await line.run(["propose", FEES, "--dry-run"]);
    expect(code).to.equal(0);
    const book = `TradingRecords.bookConfig(${BOOK})`;
    expect(out).to.match(new RegExp(`│ ${escaped(book)}\\.alpSharePips +│ 400000 +│ 450000 +│`));
    expect(out).to.match(new RegExp(`│ ${escaped(book)}\\.openFeePips +│ 800 +│ 700 +│`));
    expect(out.match(/^│/gm)).to.have.lengthOf(3);
    const { riskManager, guardian, governor } = fixture.record.accounts;
    expect(out).to.contain(`TradingConfigurator.setFees: by riskManager ${riskManager}, from `);
    expect(out).to.contain(
      `may be cancelled by riskManager ${riskManager}, guardian ${guardian}, governor ${governor}`,
    );
    expect(out).to.match(/nothing was sent\n$/);
    expect(await pendingOperations(fixture.provider as never, fixture.record)).to.deep.equal([]);
  });

  it("schedules, lists, refuses to execute too early, executes, and lists nothing any more", async () => {
    const key = keyOf("riskManager");
    const before = await time.latest();
    expect((await line.run(["propose", FEES], key)).code).to.equal(0);
    const [operation] = await resultOf<Record<string, unknown>[]>(["propose", "list"]);
    const delay = ROLES.RISK_MANAGER.delaySeconds;
    expect(operation).to.deep.include({ name: "TradingConfigurator.setFees", isReady: false, nonce: 1 });
    expect(operation.args).to.deep.equal({
      ...{ trading: fixture.record.contracts.trading.address, bookId: "0", openFeePips: "700", alpSharePips: "450000" },
    });
    expect(Number(operation.readyAt) - before - delay).to.be.within(1, 5);
    expect(Number(operation.expiresAt) - Number(operation.readyAt)).to.equal(WEEK);

    const id = String(operation.id).slice(0, 10);
    const shown = await line.run(["propose", "list"]);
    expect(shown.out).to.contain(`│ ${id} │ TradingConfigurator.setFees(trading: `);
    const early = await line.run(["propose", "execute", id], key);
    expect(early.code).to.equal(2);
    expect(early.err).to.match(/^TradingConfigurator\.setFees is ready at .*\n {2}next: execute it from then on/);

    await time.increase(delay);
    const executed = await line.run(["propose", "execute", id], key);
    expect([executed.code, executed.out]).to.deep.equal([0, "executed: TradingConfigurator.setFees\n"]);
    expect(await resultOf(["propose", "list"])).to.deep.equal([]);
    const [, openConfig] = await fixture.system.tradingRecords.bookConfig(bookIdOf(0, "standard"));
    expect(openConfig.openFeePips).to.equal(700n);
    const audited = await resultOf<{ differences: { what: string }[] }>(["audit", "--no-code"]);
    expect(audited.differences.map(({ what }) => what.split(").")[1])).to.have.members(["alpSharePips", "openFeePips"]);
  });

  it("cancels as the guardian, and not as a stranger", async () => {
    await line.run(["propose", FEES], keyOf("riskManager"));
    const [{ id }] = await resultOf<{ id: string }[]>(["propose", "list"]);
    const stranger = await line.run(["propose", "cancel", id], keyOf("other"));
    expect(stranger.code).to.equal(3);
    expect(stranger.err).to.contain("AccessManagerUnauthorizedCancel(");
    const cancelled = await line.run(["propose", "cancel", id], keyOf("guardian"));
    expect([cancelled.code, cancelled.out]).to.deep.equal([0, "cancelled: TradingConfigurator.setFees\n"]);
    expect(await resultOf(["propose", "list"])).to.deep.equal([]);
    const none = await line.run(["propose", "execute", id], keyOf("riskManager"));
    expect(none.err).to.equal(`nothing of the id ${id} is scheduled\n  next: scheduled: nothing\n`);
  });

  it("writes files for a wallet that schedules and executes, of many calls at once", async () => {
    const { accounts, contracts, chain } = fixture.record;
    const [token] = fixture.profile.tokens;
    const calls = [`Vault.setMaxUtilization(${token.symbol}, 75%)`, "AlpManager.setFees(0.2%, 5bp)"];
    const path = line.path("schedule.json");
    const { code, out } = await line.run(["propose", ...calls, "--safe", path]);
    expect(out).to.match(/written: .*schedule\.json\n$/);
    expect(code).to.equal(0);
    const file = JSON.parse(readFileSync(path, "utf8")) as {
      chainId: string;
      meta: { createdFromSafeAddress: string };
      transactions: { to: string; value: string; data: string }[];
    };
    expect(file.chainId).to.equal(String(chain.id));
    expect(file.meta.createdFromSafeAddress).to.equal(accounts.riskManager);
    const data = interfaceOf("Vault").encodeFunctionData("setMaxUtilization", [token.address, 750_000]);
    expect(file.transactions[0]).to.deep.include({
      ...{ to: contracts.accessManager.address, value: "0" },
      data: interfaceOf("AccessManager").encodeFunctionData("schedule", [contracts.vault.address, data, 0]),
    });
    for (const { to, data: sent } of file.transactions) {
      await fixture.signers.riskManager.sendTransaction({ to, data: sent });
    }
    await time.increase(ROLES.RISK_MANAGER.delaySeconds);
    const ids = (await resultOf<{ id: string }[]>(["propose", "list"])).map(({ id }) => id);
    expect(ids).to.have.lengthOf(2);
    await line.run(["propose", "execute", ...ids, "--safe", line.path("execute.json")]);
    const execution = JSON.parse(readFileSync(line.path("execute.json"), "utf8")) as typeof file;
    for (const { to, data: sent } of execution.transactions) {
      await fixture.signers.riskManager.sendTransaction({ to, data: sent });
    }
    expect((await fixture.system.vault.ledger(token.address)).maxUtilizationPips).to.equal(750_000n);
    expect((await fixture.system.alpManager.fees()).taxPips).to.equal(500n);
  });

  it("names the guardian's cuts by itself, and tries calls one after the other", async () => {
    const { profile, system, signers, record } = fixture;
    const [{ symbol, address }] = profile.tokens;
    await system.vault.connect(signers.guardian).cutCeiling(record.contracts.trading.address, address, 5n);
    const raised = await resultOf<{ changes: object[] }>([
      ...["propose", "--dry-run", `Vault.setCeiling(Trading, ${symbol}, 12.5)`],
    ]);
    const units = 125n * 10n ** BigInt((profile.tokens[0]?.decimals ?? 0) - 1);
    const what = `Vault.productLedger(Trading, ${symbol}).ceiling`;
    expect(raised.changes).to.deep.equal([{ what, now: "5", then: String(units) }]);
    const profiled = await resultOf<{ changes: { then: string }[] }>([
      ...["propose", "--dry-run", `Vault.setCeiling(Trading, ${symbol}, @profile)`],
    ]);
    expect(profiled.changes[0].then).to.equal(String(profile.vault.tradingCeilings[symbol]));
    // The second asks for what the first brings about.
    const { feed } = fixture.strangers;
    const both = await line.run([
      ...[
        "propose",
        "--dry-run",
        'PriceAggregator.configureAsset(77, @profile, config={"pythId": "0x' +
          "11".repeat(32) +
          '", "quorum": 1, "maxSpreadPips": "1%"})',
      ],
      `PriceAggregator.addSource(77, {"kind": "chainlink", "feed": "${feed}", "maxAgeSeconds": "1h", "base": "", "quote": ""})`,
    ]);
    expect(both.out).to.match(/│ PriceAggregator\.source\(77, 0\)\.config\.maxAgeSeconds +│ none +│ 3600 +│/);
  });

  it("proposes the AccessManager's administration, by the governor", async () => {
    const { account } = fixture.strangers;
    const granted = await line.run(["propose", "--dry-run", `AccessManager.grantRole(GUARDIAN, ${account}, 0s)`]);
    expect(granted.out).to.contain(`│ AccessManager.getAccess(GUARDIAN, ${account}) │ no member │ member, delay 0 s │`);
    const { governor } = fixture.record.accounts;
    expect(granted.out).to.contain(`AccessManager.grantRole: by governor ${governor}, from `);
    expect(granted.out).to.contain(`may be cancelled by governor ${governor}\n`);
  });

  it("refuses what can't be read, saying what would be right, before anything is sent", async () => {
    const refusals: [call: string, message: string][] = [
      ["setFees(1)", '"setFees(1)" is no call: write it as TradingConfigurator.setFees(BTC/USD standard, 800, 40%)'],
      ["Trading.setTiers(1)", "no contract Trading is governed; there are Breaker, Vault, PriceAggregator"],
      ["Vault.deposit(1)", "Vault.deposit is no call of governance; there are initialise, listToken"],
      [
        "Vault.setMaxUtilization(USDT)",
        "lacks maxUtilizationPips; it is Vault.setMaxUtilization(token, maxUtilizationPips)",
      ],
      [
        "Vault.setMaxUtilization(DOGE, 1%)",
        `token is "DOGE": ${fixture.profile.tokens.map(({ symbol }) => symbol).join(", ")}`,
      ],
      [
        "Vault.setMaxUtilization(USDT, 0.00001%)",
        'maxUtilizationPips: "0.00001" has more than 4 decimals; a rate, such as',
      ],
      ["Vault.setMaxUtilization(USDT, 1%, 2%)", 'has no argument for "2%"; it is Vault.setMaxUtilization('],
      ["Vault.setCeiling(Trading, USDT, 1.5e3)", 'ceiling: "1.5e3" is not a decimal number; an amount in whole tokens'],
      [
        "TradingConfigurator.setStatus(SOL/USD standard, closed)",
        'no book "SOL/USD standard"; there are BTC/USD standard',
      ],
      [
        "TradingConfigurator.setStatus(0, open)",
        'status is "open": one of unlisted, active, reduceOnly, closed is expected',
      ],
      ["TradingConfigurator.setCaps(0, -5, 1)", 'maxOpenInterestUsd is "-5": uint40 holds 0 to 1099511627775'],
      ["TradingConfigurator.startNewsWindow(0, soon)", 'durationSeconds is "soon": a time such as 90s, 5m, 1h or 2d'],
      ['PriceAggregator.configureAsset(BTC, {"quorum": 1})', "config lacks pythId, maxSpreadPips"],
      ['PriceAggregator.configureAsset(BTC, {"quorums": 1})', "config has no quorums; it has pythId, quorum"],
      ["TradingConfigurator.listBook(9, @profile)", "the profile has no book 9"],
      ["FeeDistributor.setTreasury(0x1234)", 'treasury_ is "0x1234": a contract of the record, or an address'],
      ["AlpManager.setWeights([1, 2)", "a bracket or a quotation mark is open"],
    ];
    for (const [call, message] of refusals) {
      const { code, err } = await line.run(["propose", call, "--dry-run"]);
      expect(err, call).to.contain(message);
      expect(code, call).to.equal(2);
    }
  });

  it("refuses what the system would refuse, with its bounds, before anything is sent", async () => {
    const { code, err } = await line.run(
      ["propose", `TradingConfigurator.setFees(${BOOK}, 2%, 40%)`],
      keyOf("riskManager"),
    );
    expect(err).to.match(
      /^TradingConfigurator\.setFees would be refused: TradingConfigurator_OpenFeeOutOfRange\(\w+: 20000, \w+: 0, \w+: 10000\)/,
    );
    expect(code).to.equal(3);
    const json = await resultOf<{ error: object }>(["propose", "Vault.setMaxUtilization(USDT, 96%)", "--dry-run"]);
    expect(json.error).to.deep.include({ name: "CallRefusedError", exit: 3 });
    expect(await resultOf(["propose", "list"])).to.deep.equal([]);
  });

  it("refuses a missing key, one that is none, another account's, and a keystore that does not open", async () => {
    const attempt = (environment: Record<string, string>) => line.run(["propose", FEES], environment);
    const told = async (environment: Record<string, string>) => {
      const { code, err } = await attempt(environment);
      expect(code).to.equal(6);
      return err;
    };
    expect(await told({})).to.contain("there is no key to sign with\n  next: set ASTERISM_PRIVATE_KEY");
    const bad = await told({ ASTERISM_PRIVATE_KEY: "0xabcd1234" });
    expect(bad).to.contain("ASTERISM_PRIVATE_KEY is no private key\n  next: 64 hexadecimal digits are expected");
    expect(bad).not.to.contain("abcd1234");
    const { guardian, riskManager } = fixture.record.accounts;
    expect(await told(keyOf("guardian"))).to.contain(`the key is of ${guardian}; scheduling is for ${riskManager}`);
    const path = line.path("key.json");
    expect(await told({ ASTERISM_KEYSTORE: path })).to.contain(`the keystore ${path} does not exist`);
    expect(await told({ ASTERISM_KEYSTORE: line.recordPath })).to.contain(`${line.recordPath} is no keystore`);

    const wallet = new Wallet(keyOf("riskManager").ASTERISM_PRIVATE_KEY);
    writeFileSync(path, encryptKeystoreJsonSync(wallet, "right", { scrypt: { N: 1_024, r: 8, p: 1 } }));
    expect(await told({ ASTERISM_KEYSTORE: path, ASTERISM_PASSWORD: "wrong" })).to.contain("does not open");
    expect((await attempt({ ASTERISM_KEYSTORE: path, ASTERISM_PASSWORD: "right" })).code).to.equal(0);
  });
});

describe("asterism guardian", () => {
  let line: CommandLine;
  let fixture: Awaited<ReturnType<typeof auditedFixture>>;

  beforeEach(async () => {
    fixture = await loadFixture(auditedFixture);
    line = await CommandLine.start(fixture.record);
  });

  afterEach(async () => {
    await line.stop();
  });

  it("raises the breaker at once, with what it stops and until when", async () => {
    const { code, err, out } = await line.run(["guardian", "raise", "2"], keyOf("guardian"));
    expect([code, out]).to.deep.equal([0, "done: Breaker.raise\n"]);
    expect(err).to.match(/│ Breaker\.level +│ 0 +│ 2 +│/);
    expect(err).to.match(
      /Breaker\.raise stops what level 1 stops, until lowered, and burning ALP, for seven days at most \(20.*Z at the latest\)/,
    );
    expect(await fixture.system.breaker.level()).to.equal(2n);
    const again = await line.run(["guardian", "raise", "1"], keyOf("guardian"));
    expect(again.code).to.equal(3);
    expect(again.err).to.contain("Breaker.raise would be refused: Breaker_NotHigher(");
    const none = await line.run(["guardian", "raise", "4"], keyOf("guardian"));
    expect([none.code, none.err]).to.deep.equal([
      2,
      "there is no level 4 to raise to\n  next: 1, 2 or 3 are expected\n",
    ]);
  });

  it("cuts each thing that it can", async () => {
    const { profile } = fixture;
    const [{ symbol }] = profile.tokens;
    const [stakes] = profile.prediction.stakeTokens;
    const cuts: [args: string[], what: string, then: string][] = [
      [["ceiling", "Trading", symbol, "0"], `Vault.productLedger(Trading, ${symbol}).ceiling`, "0"],
      [["caps", BOOK, "0", "1"], `TradingRecords.bookConfig(${BOOK}).maxOpenInterestUsd`, "0"],
      [["book", BOOK], `TradingRecords.bookConfig(${BOOK}).status`, "2"],
      [["news", BOOK, "30m"], `TradingRecords.bookConfig(${BOOK}).reduceOnlyUntil`, ""],
      [["token", symbol], `TradingRecords.marginTokenById(${symbol}).isEnabled`, "false"],
      [["market", "BTC/USD"], "Prediction.market(BTC/USD).isEnabled", "false"],
      [["stakes", stakes.symbol], `Prediction.stakeToken(${stakes.symbol}).isEnabled`, "false"],
      [
        ["period", "ETH/USD", stakes.symbol, "5m", "0"],
        `Prediction.period(ETH/USD, ${stakes.symbol}, 300 s).maxOpenStake`,
        "0",
      ],
      [["pro-caps", "BTC/USD", "1_000"], "Pro.market(BTC/USD).maxOpenInterestUsd", "1000"],
      [["pro", "BTC/USD"], "Pro.market(BTC/USD).status", "2"],
    ];
    for (const [args, what, then] of cuts) {
      const { code, out, err } = await line.run(["guardian", "cut", ...args, "--json"], keyOf("guardian"));
      expect(code, `${args.join(" ")}: ${err}${out}`).to.equal(0);
      const { changes, stops } = JSON.parse(out) as { changes: { what: string; then: string }[]; stops: string };
      const change = changes.find((candidate) => candidate.what === what);
      expect(change, args.join(" ")).not.to.equal(undefined);
      if (then !== "") expect(change?.then).to.equal(then);
      expect(stops).to.match(/until|after it|restored/);
    }
  });

  it("refuses to cut nothing, what is none, and the wrong number of arguments", async () => {
    const run = async (...args: string[]) => (await line.run(["guardian", "cut", ...args], keyOf("guardian"))).err;
    expect(await run("everything", "0")).to.contain('"everything" is nothing that the guardian cuts');
    expect(await run("caps", BOOK)).to.contain(
      "caps takes 3 arguments, 1 are given\n  next: guardian cut caps <book> <open interest USD> <loss budget USD>",
    );
    expect(await run("ceiling", "Trading", fixture.profile.tokens[0].symbol, "99_999_999")).to.contain(
      "Vault.cutCeiling would be refused: Vault_CeilingNotLower(",
    );
  });
});

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
