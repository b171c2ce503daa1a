import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { DEFAULT_PRICES } from "../../../kit/replica";
import { recordedDeskFixture } from "../../fixtures/recorded";
import { CommandLine, keyOf } from "../../dsl/commandLine";

interface Look {
  rails: { what: string; value: string; alarm?: string }[];
  alarms: { what: string; alarm: string }[];
}

describe("asterism watch", () => {
  let line: CommandLine;
  let fixture: Awaited<ReturnType<typeof recordedDeskFixture>>;
  let isDown = false;

  beforeEach(async () => {
    fixture = await loadFixture(recordedDeskFixture);
    isDown = false;
    line = await CommandLine.start(fixture.record, {
      eth_getBlockByNumber: (params) => {
        if (isDown) throw new Error("too many requests");
        return ethers.provider.send("eth_getBlockByNumber", params) as Promise<unknown>;
      },
    });
  });

  afterEach(async () => {
    await line.stop();
  });

  async function look(...args: string[]): Promise<Look & { code: number }> {
    const { out, err, code } = await line.run(["watch", "--once", "--json", ...args]);
    if (out === "") throw new Error(err);
    return { ...(JSON.parse(out) as Look), code };
  }

  it("ends with 0 while all is within its rails, and prints each", async () => {
    await fixture.desk.refresh();
    const { rails, alarms, code } = await look();
    expect([alarms, code]).to.deep.equal([[], 0]);
    const { tokens, markets, pro } = fixture.profile;
    const books = markets.flatMap(({ books: modes }) => modes).length;
    const named = (start: string) => rails.filter(({ what }) => what.startsWith(start)).length;
    expect(
      ["utilisation", "ledger", "long open interest", "losses", "Pro's fund", "Pro's open"].map(named),
    ).to.deep.equal([...[tokens.length, tokens.length, books, books, pro.markets.length, pro.markets.length]]);
    const shown = await line.run(["watch", "--once"]);
    expect(shown.out).to.match(/│ +│ breaker +│ level 0 +│/);
    expect(shown.out).to.match(/block \d+: all is within its rails\n$/);
  });

  it("ends with 4 and the reason for each rail that is passed", async () => {
    const { desk, replica, system, signers, profile, trader, keeper, record } = { ...fixture, signers: fixture };
    const [token] = profile.tokens;
    await desk.open(trader, keeper, { token: token.symbol, mode: "standard", leverage: 20 });
    // Lowered below what is open and reserved: limits pass without a market that moves.
    const { tradingConfigurator, breaker } = system;
    const book = (await system.tradingRecords.bookConfig(0))[0];
    await tradingConfigurator.connect(signers.guardian).cutCaps(system.trading, 0, 1, book.lossBudgetUsd);
    await breaker.connect(signers.guardian).raise(1);
    await replica.setPushPrice("ETH", 3_000n * 10n ** 10n, 1);
    await line.run(["propose", `Vault.setMaxUtilization(${token.symbol}, 1%)`], keyOf("riskManager"));
    // What the vault owes is no longer all there.
    await ethers.provider.send("hardhat_impersonateAccount", [record.contracts.vault.address]);
    await ethers.provider.send("hardhat_setBalance", [record.contracts.vault.address, "0x8ac7230489e80000"]);
    const vault = await ethers.getSigner(record.contracts.vault.address);
    const erc20 = await ethers.getContractAt("StandInToken", token.address);
    await erc20.connect(vault).transfer(trader.address, 1n);

    const { alarms, code } = await look("--least-fund", "1", "--share", "50%");
    expect(code).to.equal(4);
    const reasons = new Map(alarms.map(({ what, alarm }) => [what, alarm]));
    expect(reasons.get("breaker")).to.equal("the breaker is raised");
    expect(reasons.get("long open interest of BTC/USD standard")).to.match(/is at \d+\.\d% of its cap$/);
    expect(reasons.get(`ledger of ${token.symbol}`)).to.match(/^the vault has 0\.0* ?.* less than it owes$/);
    expect(reasons.get("Pro's fund of BTC/USD")).to.equal("the fund of Pro's BTC/USD is below 1 USD");
    expect(reasons.get("sources of ETH")).to.match(/^ETH has \d fresh sources, its price needs \d$/);
    expect(reasons.get("age of ETH by chainlink")).to.equal("chainlink has no price of ETH that is young enough");
    const scheduled = alarms.find(({ what }) => what.startsWith("scheduled call 0x"));
    expect(scheduled?.alarm).to.match(
      /^Vault\.setMaxUtilization is scheduled and ready at 20.*: cancel it, or name 0x\w{8} as known$/,
    );
    const known = await look("--known", scheduled?.what.split(" ")[2] ?? "");
    expect(known.alarms.some(({ what }) => what.startsWith("scheduled call"))).to.equal(false);
  });

  it("tells losses and bad debt", async () => {
    const { desk, trader, keeper, profile } = fixture;
    const [{ symbol }] = profile.tokens;
    const block = await ethers.provider.getBlockNumber();
    const id = await desk.open(trader, keeper, { token: symbol, leverage: 500, mode: "standard" });
    await desk.setPrice("BTC", (DEFAULT_PRICES.BTC * 98n) / 100n);
    await desk.liquidate(keeper, [id], "BTC");
    const { alarms, rails } = await look("--from-block", String(block));
    expect(rails.some(({ what }) => what === "losses of BTC/USD standard")).to.equal(true);
    const debt = alarms.find(({ what }) => what.startsWith("bad debt of blocks"));
    expect(debt?.alarm).to.match(new RegExp(`^liquidations have left \\d+ units of trade ${id} unpaid$`));
  });

  it("goes on until it is told to end, and bears with a node that fails for a while", async () => {
    await fixture.desk.refresh();
    const stop = new AbortController();
    const running = line.run(["watch", "--every", "1", "--json"], {}, stop.signal);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    stop.abort();
    const { code, out } = await running;
    expect(code).to.equal(0);
    expect(out.trim().split("\n").length).to.be.greaterThanOrEqual(1);
    expect(JSON.parse(out.split("\n")[0]))
      .to.have.property("alarms")
      .that.deep.equals([]);

    isDown = true;
    const failed = await line.run(["watch", "--every", "0", "--patience", "2"]);
    expect(failed.code).to.equal(5);
    expect(failed.err.match(/asked again in 0 s/g)).to.have.lengthOf(2);
  });
});
