import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ZeroAddress } from "ethers";
import type { ContractTransactionReceipt } from "ethers";
import { connectTo } from "../../../kit/connect";
import { splitFee } from "../../../sdk/model/fees";
import { formatToken } from "../../../sdk/units";
import { CommandLine, keyAt } from "../../dsl/commandLine";
import { BROKER_SHARE, recordedBrokerFixture } from "../../fixtures/brokers";

/** The fixture's trader, keeper and stranger among the embedded chain's accounts; the keeper is anybody, the stranger owns the broker. */
const [TRADER, ANYBODY, OWNER] = [keyAt(7), keyAt(9), keyAt(10)];
/** Of each fee, what stays with the liquidity of a Standard book. */
const ALP_SHARE = 400_000n;

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
      ...{ id: "1", owner: stranger.address, receiver: other.address, sharePips: "500000" },
      collectable: { USDT: String(share) },
    });

    const dry = await line.run(["broker", "collect", "1", "USDT", "--dry-run"], ANYBODY);
    expect(dry.out).to.match(/nothing was sent\n$/);
    expect(await feeDistributor.brokerCollectable(1, usdt)).to.equal(share);
    const { out } = await line.run(["broker", "collect", "1", "USDT"], ANYBODY);
    expect(out).to.equal(`${shown} are ${other.address}'s to claim\n`);
    expect(await vault.claimableOf(usdt, other)).to.equal(share);
  });

  it("is named by an order, and is given its share of the fee that was quoted", async () => {
    const { desk, feeDistributor, keeper, system, trader, usdt } = fixture;
    const order = ["long", "BTC", "50x", "100", "USDT"];
    const brought = [...order, "--broker", "1", "--json"];
    const quoted = (await line.run(["quote", ...brought])).out;
    expect(quoted).to.equal((await line.run(["quote", ...order, "--json"])).out);
    const quote = JSON.parse(quoted) as Record<"entry" | "margin" | "openFee" | "size", string>;

    const opened = await line.run(["open", ...brought], TRADER);
    const { id, target } = JSON.parse(opened.out) as { id: string; target: string };
    const { keeper: anyone } = await connectTo(desk, keeper);
    const pending = { product: "trading", id: BigInt(id), asset: "BTC", target: Number(target) } as const;
    const { outcome } = await anyone.fill({ ...pending, receipt: {} as ContractTransactionReceipt });
    expect(outcome).to.equal("Opened");
    const { extra, position } = await system.tradingLens.position(system.trading, id);
    expect([position.owner, position.entry, position.margin, position.size, extra.broker].map(String)).to.deep.equal([
      ...[trader.address, quote.entry, quote.margin, quote.size, "1"],
    ]);
    const { broker } = splitFee(BigInt(quote.openFee), ALP_SHARE, BROKER_SHARE);
    expect(await feeDistributor.brokerCollectable(1, usdt)).to.equal(broker);

    const limit = await line.run(["open", ...brought, "--limit", "30000"], TRADER);
    const resting = JSON.parse((await line.run(["orders", "--json"], TRADER)).out) as { id: string; broker: string }[];
    expect(resting.map((each) => [each.id, each.broker])).to.deep.equal([
      [(JSON.parse(limit.out) as { id: string }).id, "1"],
    ]);
  });

  it("is not named by an order where there is none", async () => {
    const { system } = fixture;
    for (const command of ["quote", "open"]) {
      const none = await line.run([command, "long", "BTC", "50", "100", "USDT", "--broker", "2"], TRADER);
      expect([none.code, none.err]).to.deep.equal([2, "there is no broker 2\n  next: their ids are 1 to 1\n"]);
      const zero = await line.run([command, "long", "BTC", "50", "100", "USDT", "--broker", "0"], TRADER);
      expect([zero.code, zero.err.includes("a whole number from 1 to 4294967295 is expected.")]).to.deep.equal([
        2,
        true,
      ]);
    }
    expect(await system.trading.nextTradeId()).to.equal(1n);
  });

  it("has its owner name another receiver and hand it over, and nobody else", async () => {
    const { brokerRegistry, keeper, other, stranger, trader } = fixture;
    const next = ["broker", "receiver", "1", keeper.address];
    const dry = await line.run([...next, "--dry-run"], OWNER);
    expect(dry.out).to.match(/nothing was sent\n$/);
    const refused = await line.run(next, TRADER);
    const notOwner = `BrokerRegistry_NotOwner(brokerId: 1, caller: ${trader.address}): `;
    expect([refused.code, refused.err.startsWith(notOwner)]).to.deep.equal([3, true]);
    expect((await brokerRegistry.broker(1)).receiver).to.equal(other.address);

    const named = await line.run(next, OWNER);
    expect(named.out).to.match(new RegExp(`^broker 1: ${keeper.address} is given its fees \\(0x[0-9a-f]{64}\\)\n$`));
    const given = await line.run(["broker", "transfer", "1", trader.address, "--json"], OWNER);
    const { hash, ...told } = JSON.parse(given.out) as { hash: string };
    expect(told).to.deep.equal({ id: "1", owner: trader.address, receiver: keeper.address });
    expect(hash).to.match(/^0x[0-9a-f]{64}$/);
    const { owner, receiver } = await brokerRegistry.broker(1);
    expect([owner, receiver]).to.deep.equal([trader.address, keeper.address]);
    const former = await line.run(["broker", "transfer", "1", stranger.address], OWNER);
    expect([former.code, former.err.split("(")[0]]).to.deep.equal([3, "BrokerRegistry_NotOwner"]);
    const nobody = await line.run(["broker", "receiver", "1", ZeroAddress], TRADER);
    expect([nobody.code, nobody.err.split("(")[0]]).to.deep.equal([3, "BrokerRegistry_ZeroAddress"]);
    for (const command of ["receiver", "transfer"]) {
      const none = await line.run(["broker", command, "2", trader.address], TRADER);
      expect([none.code, none.err]).to.deep.equal([2, "there is no broker 2\n  next: their ids are 1 to 1\n"]);
      const odd = await line.run(["broker", command, "1", "me"], TRADER);
      expect([odd.code, odd.err.includes("an address is expected")]).to.deep.equal([2, true]);
    }
  });

  it("leaves the treasury what is no broker's, for anybody to collect", async () => {
    const { desk, feeDistributor, keeper, trader, treasury, usdt, vault } = fixture;
    const before = await line.run(["treasury"]);
    expect(before.out).to.match(new RegExp(`│ account +│ ${treasury.address} │\n[^]*│ to collect +│ nothing +│`));
    const early = await line.run(["treasury", "collect", "USDT"], ANYBODY);
    expect([early.code, early.err.split("(")[0]]).to.deep.equal([3, "FeeDistributor_NothingToCollect"]);

    await desk.open(trader, keeper, { mode: "standard", broker: 1 });
    const rest = await feeDistributor.collectable(usdt);
    const found = JSON.parse((await line.run(["treasury", "--json"])).out) as object;
    expect(found).to.deep.equal({ account: treasury.address, collectable: { USDT: String(rest) } });
    const { out } = await line.run(["treasury", "collect", "USDT"], ANYBODY);
    const shown = `${formatToken(rest, Number(await usdt.decimals()))} USDT`;
    expect(out).to.equal(`${shown} are ${treasury.address}'s to claim\n`);
    expect([await vault.claimableOf(usdt, treasury), await feeDistributor.collectable(usdt)]).to.deep.equal([rest, 0n]);
    expect(await feeDistributor.brokerCollectable(1, usdt)).to.be.greaterThan(0n);
    const odd = await line.run(["treasury", "collect", "DOGE"], ANYBODY);
    expect([odd.code, odd.err.includes('no token "DOGE"')]).to.deep.equal([2, true]);
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
