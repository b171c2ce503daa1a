import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ZeroAddress, id } from "ethers";
import { ethers } from "hardhat";

import {
  BTC,
  BTC_ID,
  Caller,
  E8,
  FEE,
  KIND,
  MAX_AGE_SECONDS,
  USDT,
  chainlinkSource,
  deployOracle,
  proofOf,
  tickAt,
} from "../unit/oracle/fixture";
import type { Context } from "../unit/oracle/fixture";

const DECIMALS = 8n;
const MAX_ANSWER = 2n ** 95n;

/** A Chainlink feed in its real shape: a proxy with an aggregator behind it. */
async function addChainlink({ admin, asGovernor, now }: Context, asset: bigint, answer: bigint): Promise<string> {
  const feed = await ethers.deployContract("StandInAggregator", [DECIMALS, "feed", 1n, MAX_ANSWER]);
  const proxy = await ethers.deployContract("StandInAggregatorProxy");
  await feed.addAccess(proxy);
  await proxy.initialize(admin, feed);
  await feed.pushRound(answer, now - 10n);
  await asGovernor.addSource(asset, chainlinkSource(await proxy.getAddress()));
  return proxy.getAddress();
}

/** A Binance feed in its real shape: an adapter, the registry and an aggregator behind it. */
async function addBinance({ admin, asGovernor, now }: Context, asset: bigint, answer: bigint): Promise<string> {
  const names = await ethers.deployContract("StandInBinanceRegistry");
  const denominations = await deployDenominations(await names.getAddress());
  await names.initialize(admin, denominations);
  const feed = await ethers.deployContract("StandInBinanceAggregator", [DECIMALS, "feed", ZeroAddress]);
  const [base, quote] = [ethers.toBeHex(asset, 20), ethers.toBeHex(840n, 20)];
  await names.setFeed(base, quote, feed);
  const adapter = await ethers.deployContract("StandInBinanceFeedAdapter", [names, base, quote]);
  await names.insertPair("BASE", "USD", base, quote, adapter);
  await feed.pushRound(answer, now - 10n);
  const feedAddress = await names.getAddress();
  const source = { kind: KIND.binance, feed: feedAddress, maxAgeSeconds: MAX_AGE_SECONDS, base: "BASE", quote: "USD" };
  await asGovernor.addSource(asset, source);
  return adapter.getAddress();
}

async function deployDenominations(owner: string) {
  const map = await ethers.deployContract("TradingPairMap");
  return ethers.deployContract("StandInBinanceDenominations", [owner], { libraries: { TradingPairMap: map } });
}

async function deployWithRealFeeds() {
  const context = await deployOracle();
  const feeds = [
    await addChainlink(context, BTC, 60_000n * E8),
    await addBinance(context, BTC, 60_010n * E8),
    await addChainlink(context, USDT, E8),
    await addBinance(context, USDT, E8),
  ];
  return { ...context, feeds };
}

describe("PriceAggregator: gas", () => {
  async function load() {
    const context = await loadFixture(deployWithRealFeeds);
    const { aggregator, probe, publisher, now } = context;
    const caller = new Caller(aggregator, probe);
    const data = [publisher.update([tickAt(now)])];
    const prove = await caller.prove([proofOf(data, now)], FEE);
    const measure = (before: Parameters<typeof probe.measure.staticCall>[0], call: typeof prove): Promise<bigint> =>
      probe.measure.staticCall(before, call, { value: 2n * FEE });
    return { ...context, caller, data, prove, measure };
  }

  it("reads Binance and Chainlink of an asset in their real shape", async () => {
    const { aggregator } = await load();
    const expected = [60_000n * 10n ** 10n, 60_005n * 10n ** 10n, 60_010n * 10n ** 10n, 2n];
    expect(await aggregator.pushPrice(BTC)).to.deep.equal(expected);
    expect((await aggregator.source(BTC, 1n)).state.isEnabled).to.equal(true);
  });

  it("adds little to what Pyth takes", async () => {
    const { pyth, prove, measure, data, now } = await load();
    const parse = pyth.interface.encodeFunctionData("parsePriceFeedUpdatesUnique", [data, [BTC_ID], now, now]);
    const pythGas = await measure([], { target: await pyth.getAddress(), value: FEE, data: parse });
    const feeData = pyth.interface.encodeFunctionData("getUpdateFee", [data]);
    const feeCall = { target: await pyth.getAddress(), value: 0n, data: feeData };
    const feeGas = await measure([feeCall], feeCall);
    const proveGas = await measure([], prove);
    if (process.env.REPORT_GAS === "true") console.log({ pythGas, feeGas, proveGas });
    // 9,000 of it for passing the fee on, 6,800 for one account and two slots that are cold.
    expect(proveGas - pythGas - feeGas).to.be.lessThan(25_000n);
  });

  it("adds little to what the feeds take", async () => {
    const { caller, prove, measure, feeds } = await load();
    const selector = id("latestRoundData()").slice(0, 10);
    let feedGas = 0n;
    for (const target of feeds) feedGas += await measure([], { target, value: 0n, data: selector });
    const quote = await caller.quote(0n, USDT);
    const coldGas = await measure([prove], quote);
    const sameAssetGas = await measure([prove], await caller.quote(0n, BTC));
    const warmGas = await measure([prove, quote], quote);
    if (process.env.REPORT_GAS === "true") console.log({ feedGas, coldGas, sameAssetGas, warmGas });
    // 8,400 of it for the four slots of the sources, which are cold.
    expect(coldGas - feedGas).to.be.lessThan(20_000n);
    expect(warmGas).to.be.lessThan(6_000n);
  });
});
