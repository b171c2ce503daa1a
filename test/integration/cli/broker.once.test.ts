import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { formatToken } from "../../../sdk/units";
import { CommandLine, keyAt } from "../../dsl/commandLine";
import { recordedBrokerFixture } from "../../fixtures/brokers";

/** The fixture's keeper among the embedded chain's accounts: anybody. */
const ANYBODY = keyAt(9);

describe("asterism broker", () => {
  let line: CommandLine;
  let fixture: Awaited<ReturnType<typeof recordedBrokerFixture>>;

  beforeEach(async () => {
    fixture = await loadFixture(recordedBrokerFixture);
    line = await CommandLine.start(fixture.record);
  });

  afterEach(async () => {
    await line.stop();
  });

  it("prints a broker without a key, and collects its fees with anybody's", async () => {
    const { desk, trader, keeper, feeDistributor, usdt, vault, stranger, other } = fixture;
    const before = await line.run(["broker", "1"]);
    expect(before.out).to.match(/│ share +│ 50% +│\n[^]*│ to collect +│ nothing +│/);
    const early = await line.run(["broker", "collect", "1", "USDT"], ANYBODY);
    expect([early.code, early.err.split("(")[0]]).to.deep.equal([3, "FeeDistributor_NothingToCollect"]);

    await desk.open(trader, keeper, { mode: "standard", broker: 1 });
    const share = await feeDistributor.brokerCollectable(1, usdt);
    const shown = `${formatToken(share, Number(await usdt.decimals()))} USDT`;
    expect((await line.run(["broker", "1"])).out).to.contain(`│ to collect │ ${shown} `);
    const facts = JSON.parse((await line.run(["broker", "1", "--json"])).out) as object;
    expect(facts).to.deep.equal({
      ...{ id: 1, owner: stranger.address, receiver: other.address, sharePips: "500000" },
      collectable: { USDT: String(share) },
    });

    const dry = await line.run(["broker", "collect", "1", "USDT", "--dry-run"], ANYBODY);
    expect(dry.out).to.match(/nothing was sent\n$/);
    expect(await feeDistributor.brokerCollectable(1, usdt)).to.equal(share);
    const { out } = await line.run(["broker", "collect", "1", "USDT"], ANYBODY);
    expect(out).to.equal(`${shown} are ${other.address}'s to claim\n`);
    expect(await vault.claimableOf(usdt, other)).to.equal(share);
  });

  it("says which brokers there are where one is named that is none", async () => {
    const none = await line.run(["broker", "2"]);
    expect([none.code, none.err]).to.deep.equal([2, "there is no broker 2\n  next: their ids are 1 to 1\n"]);
    const zero = await line.run(["broker", "0"]);
    expect([zero.code, zero.err.includes("a whole number from 1 to 4294967295 is expected.")]).to.deep.equal([2, true]);
    const odd = await line.run(["broker", "collect", "1", "DOGE"], ANYBODY);
    expect([odd.code, odd.err.includes('no token "DOGE"')]).to.deep.equal([2, true]);
  });
});
