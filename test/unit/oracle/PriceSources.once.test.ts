import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ZeroAddress, ZeroHash } from "ethers";
import { ethers } from "hardhat";

import { px } from "../../../sdk/units";
import type { PriceAggregator } from "../../../typechain-types";
import {
  BTC,
  BTC_ID,
  Caller,
  E8,
  ETH,
  ETH_ID,
  KIND,
  MAX_AGE_SECONDS,
  MAX_PRICE,
  MIN_GAS_LEFT,
  UNLISTED,
  USDT,
  addRawFeed,
  answerWith,
  assetConfig,
  at,
  chainlinkSource,
  deployOracle,
  deployWithFeeds,
  deployWithSequencer,
} from "./fixture";

const TWO_DAYS = 172_800n;
const NEW_ASSET = 9n;

const binanceSource = (feed: string) => ({ ...chainlinkSource(feed), kind: KIND.binance, base: "BTC", quote: "USD" });

describe("PriceAggregator: configuration", () => {
  describe("constructor", () => {
    it("names the authority, Pyth and the sequencer feed", async () => {
      const { aggregator, manager, pyth, sequencer } = await loadFixture(deployWithSequencer);
      expect(await aggregator.authority()).to.equal(await manager.getAddress());
      expect(await aggregator.pyth()).to.equal(await pyth.getAddress());
      expect(await aggregator.sequencerFeed()).to.equal(await sequencer.getAddress());
      expect(await aggregator.sequencerGraceSeconds()).to.equal(3_600n);
      expect(await aggregator.referenceTickMaxAge()).to.equal(5n);
      await expect(aggregator.deploymentTransaction())
        .to.emit(aggregator, "PythConfigured")
        .withArgs(await pyth.getAddress());
    });

    it("refuses addresses without code", async () => {
      const { aggregator, manager, pyth, stranger } = await loadFixture(deployOracle);
      const factory = await ethers.getContractFactory("PriceAggregator");
      for (const account of [ZeroAddress, stranger.address]) {
        await expect(factory.deploy(manager, account, ZeroAddress, 0n))
          .to.be.revertedWithCustomError(aggregator, "PriceAggregator_NotAContract")
          .withArgs(account);
      }
      await expect(factory.deploy(manager, pyth, stranger, 0n))
        .to.be.revertedWithCustomError(aggregator, "PriceAggregator_NotAContract")
        .withArgs(stranger.address);
    });
  });

  describe("access", () => {
    it("gives the configuration to the governor and disabling to the guardian, and to nobody else", async () => {
      const { aggregator, feeds, governor, guardian, stranger, pyth } = await loadFixture(deployWithFeeds);
      const source = chainlinkSource(await feeds[0].getAddress());
      for (const caller of [stranger, guardian]) {
        const attempt = aggregator.connect(caller);
        for (const call of [
          () => attempt.configureAsset(BTC, assetConfig(BTC_ID)),
          () => attempt.addSource(BTC, source),
          () => attempt.configureSource(BTC, 0n, source),
          () => attempt.setSourceEnabled(BTC, 0n, true),
          () => attempt.setPyth(pyth),
        ]) {
          await expect(call())
            .to.be.revertedWithCustomError(aggregator, "AccessManagedUnauthorized")
            .withArgs(caller.address);
        }
      }
      for (const caller of [stranger, governor]) {
        await expect(aggregator.connect(caller).disableSource(BTC, 0n))
          .to.be.revertedWithCustomError(aggregator, "AccessManagedUnauthorized")
          .withArgs(caller.address);
      }
    });
  });

  describe("configureAsset", () => {
    it("lists an asset and replaces its rules", async () => {
      const { aggregator, asGovernor } = await loadFixture(deployOracle);
      const config = { pythId: BTC_ID, quorum: 3n, maxSpreadPips: 100_000n };
      const values = [BTC_ID, 3n, 100_000n];
      await expect(asGovernor.configureAsset(NEW_ASSET, config))
        .to.emit(aggregator, "AssetConfigured")
        .withArgs(NEW_ASSET, values);
      expect(await aggregator.asset(NEW_ASSET)).to.deep.equal(values);
      await asGovernor.configureAsset(NEW_ASSET, assetConfig(ZeroHash));
      expect(await aggregator.asset(NEW_ASSET)).to.deep.equal([ZeroHash, 1n, 10_000n]);
    });

    it("lists the highest number there may be, and none above it", async () => {
      const { aggregator, asGovernor } = await loadFixture(deployOracle);
      const highest = 127n;
      await asGovernor.configureAsset(highest, assetConfig(BTC_ID));
      expect(await aggregator.asset(highest)).to.deep.equal([BTC_ID, 1n, 10_000n]);
      expect(await aggregator.asset(highest - 1n)).to.deep.equal([ZeroHash, 0n, 0n]);
      for (const tooLarge of [highest + 1n, 65_535n]) {
        await expect(asGovernor.configureAsset(tooLarge, assetConfig(BTC_ID)))
          .to.be.revertedWithCustomError(aggregator, "PriceAggregator_AssetIdTooLarge")
          .withArgs(tooLarge, highest);
        expect(await aggregator.asset(tooLarge)).to.deep.equal([ZeroHash, 0n, 0n]);
        expect(await aggregator.sourceCount(tooLarge)).to.equal(0n);
      }
    });

    it("keeps the list of all assets whole, or refuses where there is no gas for it", async () => {
      const { aggregator, asGovernor } = await loadFixture(deployOracle);
      // Pyth's word and four of each asset: more than 16,000 bytes, at 200 gas each.
      await expect(asGovernor.configureAsset(127n, assetConfig(BTC_ID), { gasLimit: 2_500_000 }))
        .to.be.revertedWithCustomError(aggregator, "DataContract_NotKept")
        .withArgs(513);
      expect(await aggregator.asset(127n)).to.deep.equal([ZeroHash, 0n, 0n]);
      expect(await aggregator.asset(BTC)).to.deep.equal([BTC_ID, 1n, 10_000n]);
    });

    it("leaves Pyth, sources and other assets as they are", async () => {
      const { aggregator, asGovernor, pyth } = await loadFixture(deployWithFeeds);
      const others = () => Promise.all([aggregator.source(BTC, 0n), aggregator.asset(ETH), aggregator.asset(USDT)]);
      const before = await others();
      for (const asset of [BTC, NEW_ASSET, BTC]) {
        await asGovernor.configureAsset(asset, { pythId: ETH_ID, quorum: 2n, maxSpreadPips: 7n });
        expect(await aggregator.asset(asset)).to.deep.equal([ETH_ID, 2n, 7n]);
      }
      expect(await others()).to.deep.equal(before);
      expect(await aggregator.pyth()).to.equal(await pyth.getAddress());
    });

    it("refuses an impossible quorum and a spread without limit", async () => {
      const { aggregator, asGovernor } = await loadFixture(deployOracle);
      const good = { pythId: BTC_ID, quorum: 1n, maxSpreadPips: 1n };
      for (const config of [
        { ...good, quorum: 0n },
        { ...good, quorum: 4n },
        { ...good, maxSpreadPips: 0n },
        { ...good, maxSpreadPips: 100_001n },
      ]) {
        await expect(asGovernor.configureAsset(NEW_ASSET, config))
          .to.be.revertedWithCustomError(aggregator, "PriceAggregator_BadAssetConfig")
          .withArgs(NEW_ASSET, [config.pythId, config.quorum, config.maxSpreadPips]);
      }
    });
  });

  describe("addSource", () => {
    it("adds a Chainlink source, enabled, with its decimals and bounds", async () => {
      const { aggregator, asGovernor } = await loadFixture(deployOracle);
      const feed = await ethers.deployContract("RawFeed", [8n]);
      await feed.setBounds(100n * E8, 200n * E8);
      const address = await feed.getAddress();
      const config = chainlinkSource(address);
      const state = [address, 8n, true, px("100"), px("200"), 0n];
      expect(await asGovernor.addSource.staticCall(BTC, config)).to.equal(0n);
      await expect(asGovernor.addSource(BTC, config))
        .to.emit(aggregator, "SourceConfigured")
        .withArgs(BTC, 0n, Object.values(config), address)
        .and.to.emit(aggregator, "SourceSynchronised")
        .withArgs(BTC, 0n, state);
      expect(await aggregator.source(BTC, 0n)).to.deep.equal([Object.values(config), state]);
      expect(await aggregator.sourceCount(BTC)).to.equal(1n);
    });

    it("finds the Binance adapter of the pair through the registry", async () => {
      const { aggregator, asGovernor } = await loadFixture(deployOracle);
      const registry = await ethers.deployContract("GullibleRegistry");
      const feed = await ethers.deployContract("RawFeed", [8n]);
      await registry.setAdapter(feed);
      const config = binanceSource(await registry.getAddress());
      await expect(asGovernor.addSource(BTC, config))
        .to.emit(aggregator, "SourceConfigured")
        .withArgs(BTC, 0n, Object.values(config), await feed.getAddress());
    });

    it("refuses an asset that is not listed, and a fourth source", async () => {
      const { aggregator, asGovernor } = await loadFixture(deployWithFeeds);
      const feed = chainlinkSource(await (await ethers.deployContract("RawFeed", [8n])).getAddress());
      await expect(asGovernor.addSource(UNLISTED, feed))
        .to.be.revertedWithCustomError(aggregator, "PriceAggregator_AssetNotListed")
        .withArgs(UNLISTED);
      await expect(asGovernor.addSource(BTC, feed))
        .to.be.revertedWithCustomError(aggregator, "PriceAggregator_TooManySources")
        .withArgs(BTC, 3n);
    });

    it("refuses an age limit of zero or beyond two days", async () => {
      const { aggregator, asGovernor } = await loadFixture(deployOracle);
      const feed = chainlinkSource(await (await ethers.deployContract("RawFeed", [8n])).getAddress());
      for (const maxAgeSeconds of [0n, TWO_DAYS + 1n]) {
        await expect(asGovernor.addSource(BTC, { ...feed, maxAgeSeconds }))
          .to.be.revertedWithCustomError(aggregator, "PriceAggregator_BadMaxAge")
          .withArgs(BTC, maxAgeSeconds);
      }
      await asGovernor.addSource(BTC, { ...feed, maxAgeSeconds: TWO_DAYS });
    });

    it("refuses what is no feed", async () => {
      const { aggregator, asGovernor, stranger, manager } = await loadFixture(deployOracle);
      await expect(asGovernor.addSource(BTC, chainlinkSource(stranger.address)))
        .to.be.revertedWithCustomError(aggregator, "PriceAggregator_NotAContract")
        .withArgs(stranger.address);
      const address = await manager.getAddress();
      await expect(asGovernor.addSource(BTC, chainlinkSource(address)))
        .to.be.revertedWithCustomError(aggregator, "PriceAggregator_BadSource")
        .withArgs(BTC, address);
    });

    it("refuses a feed of more than 36 decimals", async () => {
      const { aggregator, asGovernor } = await loadFixture(deployOracle);
      for (const decimals of [37n, 256n]) {
        const feed = await (await ethers.deployContract("RawFeed", [decimals])).getAddress();
        await expect(asGovernor.addSource(BTC, chainlinkSource(feed)))
          .to.be.revertedWithCustomError(aggregator, "PriceAggregator_BadSource")
          .withArgs(BTC, feed);
      }
    });

    it("refuses a Binance pair without an adapter", async () => {
      const { aggregator, asGovernor } = await loadFixture(deployOracle);
      const registry = await ethers.deployContract("GullibleRegistry");
      await expect(asGovernor.addSource(BTC, binanceSource(await registry.getAddress())))
        .to.be.revertedWithCustomError(aggregator, "PriceAggregator_BadSource")
        .withArgs(BTC, ZeroAddress);
    });

    it("O10: refuses a source that would count twice, by whatever name", async () => {
      const { aggregator, asGovernor } = await loadFixture(deployOracle);
      const feed = await addRawFeed({ asGovernor }, BTC, 8n, E8);
      const reader = await feed.getAddress();
      const registry = await ethers.deployContract("GullibleRegistry");
      await registry.setAdapter(feed);
      for (const config of [chainlinkSource(reader), binanceSource(await registry.getAddress())]) {
        await expect(asGovernor.addSource(BTC, config))
          .to.be.revertedWithCustomError(aggregator, "PriceAggregator_DuplicateSource")
          .withArgs(BTC, reader);
      }
      await asGovernor.addSource(USDT, chainlinkSource(reader));
    });
  });

  describe("configureSource", () => {
    it("replaces a source, also by itself with another age limit", async () => {
      const { aggregator, asGovernor, feeds } = await loadFixture(deployWithFeeds);
      const address = await feeds[1].getAddress();
      const config = { ...chainlinkSource(address), maxAgeSeconds: 5n };
      await expect(asGovernor.configureSource(BTC, 1n, config))
        .to.emit(aggregator, "SourceConfigured")
        .withArgs(BTC, 1n, Object.values(config), address);
      const next = await ethers.deployContract("RawFeed", [18n]);
      await asGovernor.configureSource(BTC, 1n, chainlinkSource(await next.getAddress()));
      const { state } = await aggregator.source(BTC, 1n);
      expect(state).to.deep.equal([await next.getAddress(), 18n, true, 0n, MAX_PRICE, 0n]);
      expect(await aggregator.sourceCount(BTC)).to.equal(3n);
    });

    it("leaves a disabled source disabled, by whomever", async () => {
      const { aggregator, asGovernor, guardian } = await loadFixture(deployWithFeeds);
      const until = await disable(aggregator.connect(guardian), BTC, 1n);
      await asGovernor.setSourceEnabled(BTC, 2n, false);
      for (const index of [1n, 2n]) {
        const next = await ethers.deployContract("RawFeed", [8n]);
        await asGovernor.configureSource(BTC, index, chainlinkSource(await next.getAddress()));
      }
      expect((await aggregator.source(BTC, 1n)).state.suspendedUntil).to.equal(until);
      expect((await aggregator.source(BTC, 2n)).state.isEnabled).to.equal(false);
      expect((await aggregator.pushPrice(BTC)).fresh).to.equal(1n);
    });

    it("refuses a source that does not exist or would count twice", async () => {
      const { aggregator, asGovernor, feeds } = await loadFixture(deployWithFeeds);
      const config = chainlinkSource(await feeds[0].getAddress());
      await expect(asGovernor.configureSource(BTC, 3n, config))
        .to.be.revertedWithCustomError(aggregator, "PriceAggregator_SourceNotFound")
        .withArgs(BTC, 3n);
      await expect(asGovernor.configureSource(BTC, 1n, config))
        .to.be.revertedWithCustomError(aggregator, "PriceAggregator_DuplicateSource")
        .withArgs(BTC, config.feed);
    });
  });

  describe("setSourceEnabled", () => {
    it("takes a source out of the median and back", async () => {
      const { aggregator, asGovernor } = await loadFixture(deployWithFeeds);
      await expect(asGovernor.setSourceEnabled(BTC, 0n, false))
        .to.emit(aggregator, "SourceEnabled")
        .withArgs(BTC, 0n, false);
      expect(await aggregator.pushPrice(BTC)).to.deep.equal([px("60010"), px("60015"), px("60020"), 2n]);
      await expect(asGovernor.setSourceEnabled(BTC, 0n, true))
        .to.emit(aggregator, "SourceEnabled")
        .withArgs(BTC, 0n, true);
      expect(await aggregator.pushPrice(BTC)).to.deep.equal([px("60000"), px("60010"), px("60020"), 3n]);
    });

    it("may take the last one, and does not undo what the guardian did", async () => {
      const { aggregator, asGovernor, guardian } = await loadFixture(deployWithFeeds);
      await disable(aggregator.connect(guardian), BTC, 0n);
      await asGovernor.setSourceEnabled(BTC, 0n, true);
      expect((await aggregator.pushPrice(BTC)).fresh).to.equal(2n);
      for (const index of [0n, 1n, 2n]) await asGovernor.setSourceEnabled(BTC, index, false);
      expect((await aggregator.pushPrice(BTC)).fresh).to.equal(0n);
    });

    it("refuses a source that does not exist", async () => {
      const { aggregator, asGovernor } = await loadFixture(deployWithFeeds);
      await expect(asGovernor.setSourceEnabled(USDT, 1n, false))
        .to.be.revertedWithCustomError(aggregator, "PriceAggregator_SourceNotFound")
        .withArgs(USDT, 1n);
    });

    it("take effect within the transaction that quoted before", async () => {
      const { aggregator, probe, manager } = await loadFixture(deployWithFeeds);
      const caller = new Caller(aggregator, probe);
      await manager.grantRole(1n, probe, 0n);
      const data = aggregator.interface.encodeFunctionData("setSourceEnabled", [USDT, 0n, false]);
      const disable = { target: await aggregator.getAddress(), value: 0n, data };
      const quote = await caller.quote(0n, USDT);
      const [before, , after] = await caller.run(quote, disable, quote);
      expect(caller.quoteOf(before).tokenPrice).to.equal(px("1"));
      expect(caller.quoteOf(after).tokenPrice).to.equal(0n);
    });
  });

  describe("disableSource and restoreSource", () => {
    it("A22: take a source away for seven days, to the second", async () => {
      const { aggregator, feeds, guardian } = await loadFixture(deployWithFeeds);
      const asGuardian = aggregator.connect(guardian);
      const until = await disable(asGuardian, BTC, 0n);
      await at(until - 300n);
      for (const [index, feed] of feeds.entries()) {
        await answerWith(feed, { answer: (60_000n + 10n * BigInt(index)) * E8 });
      }
      await at(until - 1n);
      expect((await aggregator.pushPrice(BTC)).fresh).to.equal(2n);
      await at(until);
      expect((await aggregator.pushPrice(BTC)).fresh).to.equal(3n);
      const { state } = await aggregator.source(BTC, 0n);
      expect([state.isEnabled, state.suspendedUntil]).to.deep.equal([true, until]);
    });

    it("give it back at once, and take it again", async () => {
      const { aggregator, guardian } = await loadFixture(deployWithFeeds);
      const asGuardian = aggregator.connect(guardian);
      await disable(asGuardian, BTC, 0n);
      await expect(asGuardian.restoreSource(BTC, 0n)).to.emit(aggregator, "SourceSuspended").withArgs(BTC, 0n, 0n);
      expect((await aggregator.pushPrice(BTC)).fresh).to.equal(3n);
      await expect(asGuardian.restoreSource(BTC, 0n))
        .to.be.revertedWithCustomError(aggregator, "PriceAggregator_NotDisabled")
        .withArgs(BTC, 0n);
      const first = await disable(asGuardian, BTC, 0n);
      expect(await disable(asGuardian, BTC, 0n)).to.be.greaterThan(first);
    });

    it("leave no asset without another fresh source: stale, disabled by either, and pinned ones are none", async () => {
      const { aggregator, asGovernor, feeds, guardian, now } = await loadFixture(deployWithFeeds);
      const asGuardian = aggregator.connect(guardian);
      const refuses = async (asset: bigint, index: bigint) =>
        expect(asGuardian.disableSource(asset, index))
          .to.be.revertedWithCustomError(aggregator, "PriceAggregator_NoOtherFreshSource")
          .withArgs(asset, index);
      await refuses(USDT, 0n);
      await disable(asGuardian, BTC, 2n);
      await asGovernor.setSourceEnabled(BTC, 1n, false);
      await refuses(BTC, 0n);
      await asGovernor.setSourceEnabled(BTC, 1n, true);
      await answerWith(feeds[1], { answer: 60_010n * E8, updatedAt: now - 700n });
      await refuses(BTC, 0n);
      await answerWith(feeds[1], { answer: 60_010n * E8 });
      await feeds[1].setBounds(60_010n * E8, 70_000n * E8);
      await aggregator.synchroniseSource(BTC, 1n);
      await refuses(BTC, 0n);
      await feeds[1].setBounds(60_009n * E8, 70_000n * E8);
      await aggregator.synchroniseSource(BTC, 1n);
      await disable(asGuardian, BTC, 0n);
      expect((await aggregator.pushPrice(BTC)).fresh).to.equal(1n);
    });

    it("refuse a source that does not exist, and anybody but the guardian", async () => {
      const { aggregator, asGovernor, guardian, governor } = await loadFixture(deployWithFeeds);
      for (const name of ["disableSource", "restoreSource"] as const) {
        await expect(aggregator.connect(guardian)[name](BTC, 3n))
          .to.be.revertedWithCustomError(aggregator, "PriceAggregator_SourceNotFound")
          .withArgs(BTC, 3n);
        await expect(asGovernor[name](BTC, 0n))
          .to.be.revertedWithCustomError(aggregator, "AccessManagedUnauthorized")
          .withArgs(governor.address);
      }
    });
  });

  describe("synchroniseSource", () => {
    it("reads decimals and bounds again, for anyone", async () => {
      const { aggregator, feeds, stranger } = await loadFixture(deployWithFeeds);
      await feeds[0].setDecimals(6n);
      await feeds[0].setBounds(2n, 10n ** 9n);
      const state = [await feeds[0].getAddress(), 6n, true, 20_000n, px("1000"), 0n];
      await expect(aggregator.connect(stranger).synchroniseSource(BTC, 0n))
        .to.emit(aggregator, "SourceSynchronised")
        .withArgs(BTC, 0n, state);
      expect((await aggregator.source(BTC, 0n)).state).to.deep.equal(state);
    });

    it("finds the new adapter of a Binance pair", async () => {
      const { aggregator, asGovernor } = await loadFixture(deployOracle);
      const registry = await ethers.deployContract("GullibleRegistry");
      await registry.setAdapter(await ethers.deployContract("RawFeed", [8n]));
      await asGovernor.addSource(BTC, binanceSource(await registry.getAddress()));
      const next = await ethers.deployContract("RawFeed", [10n]);
      await registry.setAdapter(next);
      await aggregator.synchroniseSource(BTC, 0n);
      const { state } = await aggregator.source(BTC, 0n);
      expect(state).to.deep.equal([await next.getAddress(), 10n, true, 0n, MAX_PRICE, 0n]);
    });

    it("leaves everything as it was when the feed can't be read", async () => {
      const { aggregator, feeds } = await loadFixture(deployWithFeeds);
      await feeds[0].setDecimals(40n);
      await expect(aggregator.synchroniseSource(BTC, 0n))
        .to.be.revertedWithCustomError(aggregator, "PriceAggregator_BadSource")
        .withArgs(BTC, await feeds[0].getAddress());
      await expect(aggregator.synchroniseSource(BTC, 3n))
        .to.be.revertedWithCustomError(aggregator, "PriceAggregator_SourceNotFound")
        .withArgs(BTC, 3n);
    });

    it("can't be made to lose the bounds by little gas", async () => {
      const { aggregator, feeds } = await loadFixture(deployWithFeeds);
      await feeds[0].setBounds(E8, 100n * E8);
      await expect(aggregator.synchroniseSource.staticCall(BTC, 0n, { gasLimit: 190_000n }))
        .to.be.revertedWithCustomError(aggregator, "PriceAggregator_InsufficientGas")
        .withArgs((available: bigint) => available < MIN_GAS_LEFT, MIN_GAS_LEFT);
    });
  });

  describe("setSequencer", () => {
    it("C2: replaces the feed, also by none, with a grace within its bounds", async () => {
      const { aggregator, asGovernor, now } = await loadFixture(deployWithFeeds);
      const feed = await ethers.deployContract("StandInSequencerFeed");
      await feed.setStatus(false, now);
      await feed.disableAccessCheck();
      const address = await feed.getAddress();
      await expect(asGovernor.setSequencer(feed, 60n))
        .to.emit(aggregator, "SequencerConfigured")
        .withArgs(address, 60n);
      expect(await aggregator.sequencerFeed()).to.equal(address);
      expect(await aggregator.sequencerGraceSeconds()).to.equal(60n);
      expect(await aggregator.isSequencerReady()).to.equal(false);
      await asGovernor.setSequencer(feed, 3_600n);
      for (const graceSeconds of [0n, 59n, 3_601n]) {
        await expect(asGovernor.setSequencer(feed, graceSeconds))
          .to.be.revertedWithCustomError(aggregator, "PriceAggregator_GraceOutOfRange")
          .withArgs(graceSeconds, 60n, 3_600n);
      }
      await expect(asGovernor.setSequencer(ZeroAddress, 3_601n))
        .to.be.revertedWithCustomError(aggregator, "PriceAggregator_GraceOutOfRange")
        .withArgs(3_601n, 0n, 3_600n);
      await asGovernor.setSequencer(ZeroAddress, 0n);
      expect(await aggregator.sequencerFeed()).to.equal(ZeroAddress);
      expect(await aggregator.isSequencerReady()).to.equal(true);
    });

    it("refuses what is no contract, and anybody but the governor", async () => {
      const { aggregator, asGovernor, stranger } = await loadFixture(deployWithFeeds);
      await expect(asGovernor.setSequencer(stranger, 60n))
        .to.be.revertedWithCustomError(aggregator, "PriceAggregator_NotAContract")
        .withArgs(stranger.address);
      await expect(aggregator.connect(stranger).setSequencer(ZeroAddress, 0n))
        .to.be.revertedWithCustomError(aggregator, "AccessManagedUnauthorized")
        .withArgs(stranger.address);
    });

    it("takes effect within the transaction that quoted before", async () => {
      const { aggregator, probe, manager, asGovernor, now } = await loadFixture(deployWithFeeds);
      const feed = await ethers.deployContract("StandInSequencerFeed");
      await feed.setStatus(false, now);
      await feed.disableAccessCheck();
      await asGovernor.setSequencer(feed, 60n);
      const caller = new Caller(aggregator, probe);
      await manager.grantRole(1n, probe, 0n);
      const data = aggregator.interface.encodeFunctionData("setSequencer", [ZeroAddress, 0n]);
      const change = { target: await aggregator.getAddress(), value: 0n, data };
      const quote = await caller.quote(0n, USDT);
      const [before, , after] = await caller.run(quote, change, quote);
      expect(caller.quoteOf(before).isSequencerReady).to.equal(false);
      expect(caller.quoteOf(after).isSequencerReady).to.equal(true);
    });
  });

  describe("source and setPyth", () => {
    it("shows no source that does not exist", async () => {
      const { aggregator } = await loadFixture(deployWithFeeds);
      await expect(aggregator.source(UNLISTED, 0n))
        .to.be.revertedWithCustomError(aggregator, "PriceAggregator_SourceNotFound")
        .withArgs(UNLISTED, 0n);
      expect(await aggregator.sourceCount(UNLISTED)).to.equal(0n);
    });

    it("changes the Pyth contract to another contract only", async () => {
      const { aggregator, asGovernor, stranger } = await loadFixture(deployOracle);
      const next = await (await ethers.deployContract("GulliblePyth")).getAddress();
      await expect(asGovernor.setPyth(next)).to.emit(aggregator, "PythConfigured").withArgs(next);
      expect(await aggregator.pyth()).to.equal(next);
      await expect(asGovernor.setPyth(stranger))
        .to.be.revertedWithCustomError(aggregator, "PriceAggregator_NotAContract")
        .withArgs(stranger.address);
    });

    it("keeps the age limit it was given", async () => {
      const { aggregator } = await loadFixture(deployWithFeeds);
      expect((await aggregator.source(BTC, 0n)).config.maxAgeSeconds).to.equal(MAX_AGE_SECONDS);
    });
  });
});

/** Disables a source as the guardian; until when. */
async function disable(asGuardian: PriceAggregator, asset: bigint, index: bigint): Promise<bigint> {
  const receipt = await (await asGuardian.disableSource(asset, index)).wait();
  const block = await receipt?.getBlock();
  const until = BigInt(block?.timestamp ?? 0) + 7n * 86_400n;
  const { state } = await asGuardian.source(asset, index);
  expect(state.suspendedUntil).to.equal(until);
  return until;
}
