import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";

const PHASE_ONE = 1n << 64n;

async function chainlinkFixture() {
  const [owner, stranger] = await ethers.getSigners();
  const aggregator = await ethers.deployContract("StandInAggregator", [8, "BTC / USD", 1n, 10n ** 12n]);
  const proxy = await ethers.deployContract("StandInAggregatorProxy");
  await aggregator.addAccess(proxy);
  await proxy.initialize(owner, aggregator);
  return { owner, stranger, aggregator, proxy };
}

async function binanceFixture() {
  const [owner, stranger, base, quote] = await ethers.getSigners();
  const library = await ethers.deployContract("TradingPairMap");
  const registry = await ethers.deployContract("StandInBinanceRegistry");
  const factory = await ethers.getContractFactory("StandInBinanceDenominations", {
    libraries: { TradingPairMap: await library.getAddress() },
  });
  const denominations = await factory.deploy(registry);
  const controller = await ethers.deployContract("StandInBinanceAccessController");
  const aggregator = await ethers.deployContract("StandInBinanceAggregator", [8, "BTC / USD", ethers.ZeroAddress]);
  await registry.initialize(owner, denominations);
  await registry.setFeed(base, quote, aggregator);
  const adapter = await ethers.deployContract("StandInBinanceFeedAdapter", [registry, base, quote]);
  await registry.insertPair("BTC", "USD", base, quote, adapter);
  await aggregator.pushRound(7n, 1_900_000_000n);
  return { owner, stranger, base, quote, registry, controller, aggregator, adapter };
}

describe("StandInAggregatorProxy", () => {
  it("answers with the phase in the round ids and finds past rounds", async () => {
    const { aggregator, proxy } = await loadFixture(chainlinkFixture);
    await aggregator.pushRound(100n, 1_900_000_000);
    await aggregator.pushRound(200n, 1_900_000_010);
    const id = PHASE_ONE | 2n;
    expect(await proxy.latestRoundData()).to.deep.equal([id, 200n, 1_900_000_010n, 1_900_000_010n, id]);
    expect((await proxy.getRoundData(PHASE_ONE | 1n)).answer).to.equal(100);
    expect(await proxy.getAnswer(PHASE_ONE | 1n)).to.equal(100);
    expect(await proxy.getTimestamp(1n << 90n)).to.equal(0);
    expect(await proxy.latestRound()).to.equal(id);
    expect([await proxy.decimals(), await proxy.version(), await proxy.phaseId()]).to.deep.equal([8n, 6n, 1n]);
    expect([await aggregator.minAnswer(), await aggregator.maxAnswer()]).to.deep.equal([1n, 10n ** 12n]);
  });

  it("forges zero, negative, incomplete, future and carried-over rounds", async () => {
    const { aggregator, proxy } = await loadFixture(chainlinkFixture);
    for (const [answer, updatedAt, answeredIn] of [
      [0n, 1n, 5n],
      [-1n, 1n, 5n],
      [1n, 0n, 5n],
      [1n, 4_000_000_000n, 5n],
      [1n, 1n, 4n],
    ]) {
      await aggregator.setRound(5n, answer, 1n, updatedAt, answeredIn);
      const expected = [PHASE_ONE | 5n, answer, 1n, updatedAt, PHASE_ONE | answeredIn];
      expect(await proxy.latestRoundData()).to.deep.equal(expected);
    }
    await expect(aggregator.setRound(5n, 1n, 1n, 1n, 6n))
      .to.be.revertedWithCustomError(aggregator, "StandInAggregator_RoundOutOfRange")
      .withArgs(5n, 6n);
  });

  it("starts a new phase only by its owner, who proposes before confirming", async () => {
    const { proxy, stranger } = await loadFixture(chainlinkFixture);
    const next = await ethers.deployContract("StandInAggregator", [18, "BTC / USD", 1n, 2n]);
    await next.addAccess(proxy);
    await expect(proxy.connect(stranger).proposeAggregator(next)).to.be.revertedWith("Only callable by owner");
    await expect(proxy.confirmAggregator(next)).to.be.revertedWith("Invalid proposed aggregator");
    await proxy.proposeAggregator(next);
    await proxy.confirmAggregator(next);
    await next.pushAnswer(3n);
    expect(await proxy.latestRound()).to.equal((2n << 64n) | 1n);
    expect(await proxy.decimals()).to.equal(18);
  });

  it("refuses a second initialisation and readers its controller or aggregator refuses", async () => {
    const { owner, stranger, aggregator, proxy } = await loadFixture(chainlinkFixture);
    await expect(proxy.initialize(owner, aggregator)).to.be.revertedWithCustomError(
      proxy,
      "StandInAggregatorProxy_AlreadyInitialized",
    );
    const wallet = await ethers.deployContract("CallProxy");
    const read = proxy.interface.encodeFunctionData("latestRoundData");
    await proxy.setController(aggregator); // an access list like any other
    await expect(wallet.execute(proxy, 0, read)).to.be.revertedWith("No access");
    await aggregator.addAccess(wallet);
    await wallet.execute(proxy, 0, read);
    await proxy.setController(ethers.ZeroAddress);
    await aggregator.removeAccess(proxy);
    await expect(proxy.connect(stranger).latestRoundData()).to.be.revertedWith("No access");
  });
});

describe("StandInSequencerFeed", () => {
  it("keeps one timestamp for start and update, and can be uninitialised or forged", async () => {
    const feed = await ethers.deployContract("StandInSequencerFeed");
    await expect(feed.latestRoundData()).to.be.revertedWithCustomError(feed, "Uninitialized");
    await feed.setStatus(true, 100n);
    expect(await feed.latestRoundData()).to.deep.equal([1n, 0n, 100n, 100n, 1n]);
    await feed.setStatus(false, 200n);
    expect(await feed.latestRoundData()).to.deep.equal([2n, 1n, 200n, 200n, 2n]);
    expect(await feed.getAnswer(1n)).to.equal(0);
    await feed.forge(0n, 0n);
    expect(await feed.latestRoundData()).to.deep.equal([2n, 0n, 0n, 0n, 2n]);
    await feed.forge(7n, 1n);
    expect(await feed.latestAnswer()).to.equal(7);
    await feed.setStatus(true, 300n);
    expect(await feed.latestRoundData()).to.deep.equal([2n, 0n, 300n, 300n, 2n]);
  });
});

describe("StandInBinanceRegistry", () => {
  it("answers by name, by address and through the adapter", async () => {
    const { base, quote, registry, aggregator, adapter } = await loadFixture(binanceFixture);
    const id = PHASE_ONE | 1n;
    const round = [id, 7n, 1_900_000_000n, 1_900_000_000n, id];
    expect(await registry.latestRoundDataByName("BTC", "USD")).to.deep.equal(round);
    expect(await registry.latestRoundData(base, quote)).to.deep.equal(round);
    expect(await registry.getRoundData(base, quote, id)).to.deep.equal(round);
    expect(await adapter.latestRoundData()).to.deep.equal(round);
    expect(await adapter.getRoundData(id)).to.deep.equal(round);
    expect(await registry.latestAnswerByName("BTC", "USD")).to.equal(7);
    expect(await registry.decimalsByName("BTC", "USD")).to.equal(8);
    expect(await registry.descriptionByName("BTC", "USD")).to.equal("BTC / USD");
    expect(await adapter.description()).to.equal("BTC / USD");
    expect([await registry.versionByName("BTC", "USD"), await adapter.version()]).to.deep.equal([6n, 6n]);
    const details = [base.address, quote.address, await adapter.getAddress()];
    expect(await registry.getTradingPairDetails("BTC", "USD")).to.deep.equal(details);
    expect(await registry.getFeed(base, quote)).to.equal(await aggregator.getAddress());
    expect(await registry.getAllPairs()).to.deep.equal([["BTC", "USD"]]);
    expect(await registry.totalPairsAvailable()).to.equal(1);
    expect([await registry.exists("BTC", "USD"), await registry.exists("X", "USD")]).to.deep.equal([true, false]);
  });

  it("reverts for pairs it does not know", async () => {
    const { base, registry } = await loadFixture(binanceFixture);
    await expect(registry.latestRoundDataByName("X", "USD")).to.be.revertedWith(
      "Get trading pair: Key does not exist in the mapping",
    );
    await expect(registry.latestRoundData(base, base)).to.be.revertedWith("Feed not found");
  });

  it("asks its access controller for a closed pair", async () => {
    const { owner, base, quote, registry, controller, adapter } = await loadFixture(binanceFixture);
    await registry.setAccessController(controller);
    await registry.latestRoundDataByName("BTC", "USD");
    await controller.setClosed(base, quote, true);
    await expect(registry.latestRoundDataByName("BTC", "USD")).to.be.revertedWith("No pair access");
    await adapter.latestRoundData();
    await controller.setPairAccess(owner, base, quote, true);
    await registry.latestRoundDataByName("BTC", "USD");
  });

  it("forges zero, negative, incomplete, future and carried-over rounds at the aggregator", async () => {
    const { registry, aggregator, adapter } = await loadFixture(binanceFixture);
    for (const [answer, startedAt, updatedAt, answeredIn] of [
      [0n, 1n, 1n, 5n],
      [-1n, 0n, 0n, 4n],
      [1n, 1n, 0n, 5n],
      [1n, 1n, 4_000_000_000n, 5n],
      [2n ** 191n - 1n, 2n, 1n, 0n],
    ]) {
      await aggregator.setRound(5n, answer, startedAt, updatedAt, answeredIn);
      const expected = [PHASE_ONE | 5n, answer, startedAt, updatedAt, PHASE_ONE | answeredIn];
      expect(await registry.latestRoundDataByName("BTC", "USD")).to.deep.equal(expected);
      expect(await adapter.latestRoundData()).to.deep.equal(expected);
    }
    await expect(aggregator.setRound(5n, 1n, 1n, 1n, 6n))
      .to.be.revertedWithCustomError(aggregator, "StandInBinanceAggregator_RoundOutOfRange")
      .withArgs(5n, 6n);
  });
});

describe("StandInBinanceFeedAdapter", () => {
  it("follows the registry to a new phase when synchronised, by anyone", async () => {
    const { stranger, base, quote, registry, adapter } = await loadFixture(binanceFixture);
    const next = await ethers.deployContract("StandInBinanceAggregator", [8, "BTC / USD 2", ethers.ZeroAddress]);
    await next.pushRound(9n, 1_900_000_060n);
    await registry.setFeed(base, quote, next);
    expect((await adapter.latestRoundData()).roundId).to.equal(PHASE_ONE | 1n);
    await adapter.connect(stranger).synchronise();
    const id = (2n << 64n) | 1n;
    expect(await adapter.latestRoundData()).to.deep.equal([id, 9n, 1_900_000_060n, 1_900_000_060n, id]);
    expect(await adapter.description()).to.equal("BTC / USD 2");
  });

  it("answers every read as the registry does, in every phase it had and in none", async () => {
    const { base, quote, registry, aggregator, adapter } = await loadFixture(binanceFixture);
    const second = await ethers.deployContract("StandInBinanceAggregator", [8, "BTC / USD", ethers.ZeroAddress]);
    await second.pushRound(9n, 1_900_000_060n);
    await aggregator.pushRound(8n, 1_900_000_030n);
    await registry.setFeed(base, quote, aggregator);
    await registry.setFeed(base, quote, second);
    await adapter.synchronise();
    expect(await adapter.latestRoundData()).to.deep.equal(await registry.latestRoundData(base, quote));
    expect(await adapter.latestAnswer()).to.equal(await registry.latestAnswer(base, quote));
    expect(await adapter.latestTimestamp()).to.equal(await registry.latestTimestamp(base, quote));
    expect(await adapter.latestRound()).to.equal(await registry.latestRound(base, quote));
    for (const phase of [1n, 2n, 3n]) {
      for (const round of [0n, 1n, 2n, 3n, 1n << 40n]) {
        const id = (phase << 64n) | round;
        expect(await adapter.getRoundData(id)).to.deep.equal(await registry.getRoundData(base, quote, id));
        expect(await adapter.getAnswer(id)).to.equal(await registry.getAnswer(base, quote, id));
        expect(await adapter.getTimestamp(id)).to.equal(await registry.getTimestamp(base, quote, id));
      }
    }
    for (const id of [1n, (4n << 64n) | 1n, (1n << 80n) | (3n << 64n) | 1n]) {
      expect([await adapter.getAnswer(id), await adapter.getTimestamp(id)]).to.deep.equal([0n, 0n]);
    }
    await expect(adapter.getRoundData(1n)).to.be.revertedWith("Feed not found");
  });

  it("asks the access controller it is given, on every read", async () => {
    const { owner, base, quote, controller, adapter } = await loadFixture(binanceFixture);
    const reads = [
      () => adapter.latestRoundData(),
      () => adapter.getRoundData(PHASE_ONE | 1n),
      () => adapter.latestAnswer(),
      () => adapter.latestTimestamp(),
      () => adapter.latestRound(),
      () => adapter.getAnswer(PHASE_ONE | 1n),
      () => adapter.getTimestamp(PHASE_ONE | 1n),
    ];
    expect(await adapter.getAccessController()).to.equal(ethers.ZeroAddress);
    await controller.setClosed(base, quote, true);
    await Promise.all(reads.map((read) => read()));
    await adapter.setAccessController(controller);
    await Promise.all(reads.map((read) => expect(read()).to.be.revertedWith("No read access")));
    await controller.setPairAccess(owner, base, quote, true);
    await Promise.all(reads.map((read) => read()));
    await controller.setPairAccess(owner, base, quote, false);
    await controller.setGlobalAccess(owner, true);
    await Promise.all(reads.map((read) => read()));
    await adapter.setAccessController(ethers.ZeroAddress);
    await Promise.all(reads.map((read) => read()));
  });

  it("needs the read access of an aggregator that controls it", async () => {
    const { base, quote, registry, controller, adapter } = await loadFixture(binanceFixture);
    const closed = await ethers.deployContract("StandInBinanceAggregator", [8, "BTC / USD", controller]);
    await registry.setFeed(base, quote, closed);
    await adapter.synchronise();
    await expect(adapter.latestRoundData()).to.be.revertedWith("No read access");
    await controller.setReadAccess(adapter, true);
    await adapter.latestRoundData();
  });
});
