import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { formatEther } from "ethers";
import { ethers } from "hardhat";
import { DEFAULT_PRICES } from "../../../kit/replica";
import { confirmed } from "../../../kit/desk/Desk";
import type { LocalHermes } from "../../../kit/pyth/LocalHermes";
import { CommandLine, keyAt, keyOf } from "../../dsl/commandLine";
import { serveDeskPrices } from "../../dsl/deskHermes";
import { recordedDeskFixture } from "../../fixtures/recorded";

/** The fixture's trader among the embedded chain's accounts. */
const TRADER = keyAt(7);
/** What is left to the trader, in whole tokens. */
const LEFT = 40n;

/** A position of the trader's; he has a little left, and has allowed nothing. */
async function poorFixture() {
  const fixture = await loadFixture(recordedDeskFixture);
  const { alpManager, desk, keeper, lp, prediction, pro, profile, trader, trading } = fixture;
  await desk.setPrice("BTC", DEFAULT_PRICES.BTC);
  const symbol = profile.pro.settlementSymbol;
  const id = await desk.open(trader, keeper, { token: symbol, leverage: 20, mode: "standard" });
  const token = desk.replica.token(symbol).connect(trader);
  const spenders = [trading, prediction, pro, alpManager];
  for (const spender of spenders) await confirmed(token.approve(spender, 0n));
  const left = desk.tokenUnits(symbol, LEFT);
  await confirmed(token.transfer(lp, (await token.balanceOf(trader)) - left));
  return { ...fixture, symbol, id, token, spenders, left };
}

describe("asterism, with too little", () => {
  let line: CommandLine;
  let prices: LocalHermes;
  let fixture: Awaited<ReturnType<typeof poorFixture>>;

  before(async () => {
    fixture = await loadFixture(poorFixture);
    prices = await serveDeskPrices(fixture.desk);
    line = await CommandLine.start(fixture.record);
  });

  beforeEach(async () => {
    fixture = await loadFixture(poorFixture);
  });

  after(async () => {
    await prices?.close();
    await line?.stop();
  });

  const run = (...args: string[]) => line.run(args, { ...TRADER, ASTERISM_HERMES_URL: prices.url });
  const sent = () => ethers.provider.getTransactionCount(fixture.trader);

  /** The last two lines that a command says, of one that ends with 3 and has sent nothing. */
  async function refusal(...args: string[]): Promise<string[]> {
    const before = await sent();
    const { code, err, out } = await run(...args);
    expect([code, out], args.join(" ")).to.deep.equal([3, ""]);
    expect(await sent(), args.join(" ")).to.equal(before);
    return err.trimEnd().split("\n").slice(-2);
  }

  it("sends no allowance before it says what is lacking", async () => {
    const { id, spenders, symbol, token, trader } = fixture;
    const next = "  next: bring less, or send the account what it lacks; nothing was sent";
    for (const args of [
      ["margin", String(id), "40.000001"],
      ["open", "long", "BTC", "50", "40.000001", symbol],
      ["open", "long", "BTC", "50", "40.000001", symbol, "--limit", "30000"],
      ["bet", "up", "BTC", "5m", "40.000001", symbol],
      ["alp", "mint", "40.000001", symbol],
      ["pro", "deposit", "40.000001"],
    ]) {
      const lacking = `${trader.address} has 40 ${symbol}, 40.000001 are needed`;
      expect(await refusal(...args), args.join(" ")).to.deep.equal([lacking, next]);
    }
    for (const spender of spenders) expect(await token.allowance(trader, spender)).to.equal(0n);
  });

  it("brings all that there is", async () => {
    const { symbol, token, trader } = fixture;
    const { code, out } = await run("pro", "deposit", "40", "--json");
    expect([code, (JSON.parse(out) as { token: string }).token]).to.deep.equal([0, symbol]);
    expect(await token.balanceOf(trader)).to.equal(0n);
  });

  it("counts native coin too", async () => {
    const { profile, trader } = fixture;
    const { nativeSymbol } = profile;
    const balance = 2n * 10n ** 17n;
    await ethers.provider.send("hardhat_setBalance", [trader.address, `0x${balance.toString(16)}`]);
    const [lacking] = await refusal("open", "long", "BTC", "50", "0.25", nativeSymbol);
    expect(lacking).to.equal(`${trader.address} has ${formatEther(balance)} ${nativeSymbol}, 0.25 are needed`);
  });

  it("sends no allowance for what the system refuses anyway", async () => {
    const { symbol } = fixture;
    const named = async (...args: string[]) => (await refusal(...args))[0].split("(")[0];
    expect(await named("bet", "up", "BTC", "7m", "20", symbol)).to.equal("Prediction_PeriodNotOffered");
    await line.run(["guardian", "raise", "3"], keyOf("guardian"));
    expect(await named("bet", "up", "BTC", "5m", "20", symbol)).to.equal("Prediction_BreakerRaised");
    expect(await named("margin", String(fixture.id), "20")).to.equal("Trading_BreakerRaised");
    expect(await named("alp", "mint", "20", symbol)).to.equal("AlpManager_MintHalted");
    expect(await named("pro", "deposit", "20")).to.equal("Pro_BreakerRaised");
  });
});
