import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { confirmed } from "../../../kit/desk/Desk";
import { CommandLine, keyAt } from "../../dsl/commandLine";
import { recordedDeskFixture } from "../../fixtures/recorded";

/** The fixture's trader and its keeper, who is anybody, among the embedded chain's accounts. */
const [TRADER, ANYBODY] = [keyAt(7), keyAt(9)];
const DAY = 86_400;
const PERIOD = 300;
const LOWERED = 760_000n;

/** The trader has allowed nothing, and the risk manager's call that lowers the payout of five minutes is due. */
async function betFixture() {
  const fixture = await loadFixture(recordedDeskFixture);
  const { accessManager, desk, prediction, predictionConfigurator, profile, riskManager, trader } = fixture;
  const [{ symbol }] = profile.tokens;
  const token = desk.replica.token(symbol);
  await confirmed(token.connect(trader).approve(prediction, 0n));
  const { minStake, maxStake, maxOpenStake } = await prediction.period(0, token, PERIOD);
  const offer = { payoutPips: LOWERED, minStake, maxStake, maxOpenStake };
  const args = [await prediction.getAddress(), 0, await token.getAddress(), PERIOD, offer, 0n] as const;
  const data = predictionConfigurator.interface.encodeFunctionData("setPeriod", [...args]);
  await confirmed(accessManager.connect(riskManager).schedule(predictionConfigurator, data, 0));
  await desk.warp(DAY);
  await desk.refresh();
  const lower = () => confirmed(predictionConfigurator.connect(riskManager).setPeriod(...args));
  return { ...fixture, symbol, token, lower };
}

describe("asterism bet", () => {
  let line: CommandLine;
  let fixture: Awaited<ReturnType<typeof betFixture>>;
  /** Happens as the first transaction of a command reaches the node, and not again. */
  let meanwhile: () => Promise<unknown>;

  beforeEach(async () => {
    fixture = await loadFixture(betFixture);
    meanwhile = () => Promise.resolve();
    line = await CommandLine.start(fixture.record, {
      eth_sendRawTransaction: async (params) => {
        const happen = meanwhile;
        meanwhile = () => Promise.resolve();
        await happen();
        return ethers.provider.send("eth_sendRawTransaction", params) as Promise<unknown>;
      },
    });
  });

  afterEach(async () => {
    await line.stop();
  });

  const bet = (...more: string[]) => line.run(["bet", "up", "BTC", "5m", "50", fixture.symbol, ...more], TRADER);
  const sent = () => ethers.provider.getTransactionCount(fixture.trader);

  it("takes what is quoted at least", async () => {
    const { prediction } = fixture;
    const { code, err, out } = await bet();
    expect(err).to.match(
      /^a win pays 77% of the stake now; the bet is refused where it pays less than 77%\nan allowance was given \(0x\w{64}\)\n$/,
    );
    expect(out).to.match(/^bet 1: strike at the first tick at or after 20.*Z, a win pays 77% of the stake \(0x/);
    expect([code, (await prediction.bet(1n)).payoutPips]).to.deep.equal([0, 770_000n]);
    const { data } = (JSON.parse((await bet("--dry-run", "--json")).out) as { transaction: { data: string } })
      .transaction;
    const [request] = prediction.interface.decodeFunctionData("requestBet", data);
    expect((request as { minPayoutPips: bigint }).minPayoutPips).to.equal(770_000n);
  });

  it("is refused where a win pays less by then, with what it pays", async () => {
    const { lower, prediction } = fixture;
    meanwhile = lower;
    const { code, err } = await bet();
    expect(err.split("\n").slice(2)).to.deep.equal([
      "Prediction_PayoutTooLow(payoutPips: 760000, minPayoutPips: 770000): A win pays `payoutPips` of the stake now, " +
        "less than the least you accept: lower `minPayoutPips`, or leave it.",
      ...["  next: docs/errors.md says what would be right; it was not sent", ""],
    ]);
    expect([code, await prediction.nextBetId()]).to.deep.equal([3, 1n]);
  });

  it("takes less where it is told to, and tells what a win pays in the end", async () => {
    meanwhile = fixture.lower;
    const { code, out } = await bet("--min-payout", "75%", "--json");
    const { hash, target, ...told } = JSON.parse(out) as Record<string, unknown>;
    expect([code, told]).to.deep.equal([0, { id: "1", payoutPips: String(LOWERED), minPayoutPips: "750000" }]);
    expect([typeof hash, Number(target) > 0]).to.deep.equal(["string", true]);
  });

  it("refuses a payout that there is not, and a rate that is none, before anything is sent", async () => {
    const before = await sent();
    const more = await bet("--min-payout", "77.0001%");
    expect(more.err).to.contain("\nPrediction_PayoutTooLow(payoutPips: 770000, minPayoutPips: 770001): ");
    const odd = await bet("--min-payout", "most");
    expect(odd.err).to.contain('"most" is not a decimal number');
    expect([more.code, odd.code]).to.deep.equal([3, 2]);
    expect(await sent()).to.equal(before);
  });

  it("is paid in the native coin by its symbol", async () => {
    const { nativeSymbol } = fixture.profile;
    const { code, out, err } = await line.run(["bet", "down", "ETH", "5m", "0.1", nativeSymbol, "--json"], TRADER);
    expect([code, err]).to.deep.equal([0, ""]);
    expect(JSON.parse(out)).to.deep.include({ payoutPips: "770000", minPayoutPips: "770000" });
  });

  it("goes back by anybody's hand where nobody struck it in time, and not before", async () => {
    const { desk, prediction, symbol, token, trader } = fixture;
    await bet();
    const before = await token.balanceOf(trader);
    const early = await line.run(["bet", "return", "1"], ANYBODY);
    expect([early.code, early.err.split(",")[0]]).to.deep.equal([3, "Prediction_NotReturnable(id: 1"]);
    await desk.warpTo(Number(await prediction.returnableFrom(1n)));
    const { code, out } = await line.run(["bet", "return", "1"], ANYBODY);
    expect([code, /^the stake of bet 1 is its owner's again \(0x[0-9a-f]{64}\)\n$/.test(out)]).to.deep.equal([0, true]);
    expect((await token.balanceOf(trader)) - before).to.equal(desk.tokenUnits(symbol, 50n));
    const twice = await line.run(["bet", "return", "1"], ANYBODY);
    expect([twice.code, twice.err.split("(")[0]]).to.deep.equal([3, "Prediction_BetNotFound"]);
  });
});
