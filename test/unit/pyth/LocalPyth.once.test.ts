import { loadFixture, setCode, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { ethers } from "hardhat";

import { PYTH_EMITTER } from "../../../sdk/pyth/networks";
import { LocalPublisher, sameSecond } from "../../../kit/pyth/publisher";
import type { PythPrice } from "../../../sdk/pyth/wire";
import type { LocalPyth } from "../../../typechain-types";

import { FEE, MAX_TIME, deployFormer, deployLive, deploySingle, feedOf, parse, parseUnique, patch } from "./fixture";
import { BTC, ETH, TIME, tick } from "./prices";

describe("LocalPyth", () => {
  describe("initialize", () => {
    for (const [name, fixture] of Object.entries({ deployLive, deployFormer, deploySingle })) {
      it(`sets owner, emitter, guardians, quorum and fee (${name})`, async () => {
        const { owner, publisher, pyth } = await loadFixture(fixture);
        const { emitterChain, emitter, guardianSetIndex, quorum, updateFeeWei } = publisher.network;
        expect(await pyth.owner()).to.equal(owner.address);
        expect(await pyth.emitterChain()).to.equal(emitterChain);
        expect(await pyth.emitter()).to.equal(emitter);
        expect(await pyth.guardianSet(guardianSetIndex)).to.deep.equal([publisher.guardians, BigInt(quorum), 0n]);
        expect(await pyth.singleUpdateFeeWei()).to.equal(updateFeeWei);
        expect(await pyth.getValidTimePeriod()).to.equal(60n);
        expect(await parseUnique(pyth, [publisher.update([tick()])], [BTC], TIME)).to.deep.equal([feedOf(tick())]);
      });
    }

    it("works where only the code was placed", async () => {
      const { owner, publisher, pyth } = await loadFixture(deployLive);
      const address = "0x00000000000000000000000000000000000000A5";
      await setCode(address, (await pyth.getDeployedCode()) ?? "0x");
      const placed = await ethers.getContractAt("LocalPyth", address);
      expect(await placed.owner()).to.equal(ZeroAddress);
      await expect(placed.initialize(owner, { ...publisher.setup, updateFeeWei: 2n }))
        .to.emit(placed, "EmitterNamed")
        .withArgs(26n, PYTH_EMITTER)
        .and.to.emit(placed, "GuardianSetInstalled")
        .withArgs(1n, publisher.guardians, 3n)
        .and.to.emit(placed, "UpdateFeeChanged")
        .withArgs(2n);
      expect(await parseUnique(placed, [publisher.update([tick()])], [BTC], TIME)).to.deep.equal([feedOf(tick())]);
    });

    it("happens once and names an owner", async () => {
      const { owner, stranger, publisher, pyth } = await loadFixture(deploySingle);
      await expect(pyth.connect(stranger).initialize(stranger, publisher.setup))
        .to.be.revertedWithCustomError(pyth, "LocalPyth_AlreadyInitialized")
        .withArgs(owner.address);
      const fresh = await ethers.deployContract("LocalPyth");
      await expect(fresh.initialize(ZeroAddress, publisher.setup)).to.be.revertedWithCustomError(
        fresh,
        "LocalPyth_ZeroOwner",
      );
    });

    it("refuses a quorum that nobody or everybody can't meet", async () => {
      const { owner, publisher } = await loadFixture(deployLive);
      const fresh = await ethers.deployContract("LocalPyth");
      for (const quorum of [0, 6]) {
        await expect(fresh.initialize(owner, { ...publisher.setup, quorum }))
          .to.be.revertedWithCustomError(fresh, "LocalPyth_BadQuorum")
          .withArgs(BigInt(quorum), 5n);
      }
      expect(await fresh.owner()).to.equal(ZeroAddress);
    });
  });

  describe("setGuardianSet", () => {
    it("accepts several sets at a time, and none that was removed", async () => {
      const { publisher, pyth } = await loadFixture(deployLive);
      const next = new LocalPublisher({ label: "next", guardianSetIndex: 2, guardianCount: 7, quorum: 7 });
      await expect(pyth.setGuardianSet(2, next.guardians, 7))
        .to.emit(pyth, "GuardianSetInstalled")
        .withArgs(2n, next.guardians, 7n);
      const data = publisher.update([tick()]);
      expect(await parse(pyth, [data], [BTC])).to.deep.equal([feedOf(tick())]);
      expect(await parse(pyth, [next.update([tick()])], [BTC])).to.deep.equal([feedOf(tick())]);

      await expect(pyth.setGuardianSet(1, [], 0))
        .to.emit(pyth, "GuardianSetInstalled")
        .withArgs(1n, [], 0n);
      expect(await pyth.guardianSet(1)).to.deep.equal([[], 0n, 0n]);
      await expect(parse(pyth, [data], [BTC])).to.be.revertedWithCustomError(pyth, "InvalidWormholeVaa");
    });

    it("forgets the members of a larger set before it", async () => {
      const { publisher, pyth } = await loadFixture(deployLive);
      await pyth.setGuardianSet(1, publisher.guardians.slice(0, 3), 1);
      const keys = publisher.guardianKeys;
      const bySigner = (index: number) =>
        publisher.update([tick()], { signers: [keys[index]], signerIndices: [index] });
      expect(await parse(pyth, [bySigner(2)], [BTC])).to.deep.equal([feedOf(tick())]);
      await expect(parse(pyth, [bySigner(3)], [BTC])).to.be.revertedWithCustomError(pyth, "InvalidWormholeVaa");
    });

    it("refuses a quorum out of reach and more members than the wire has indices for", async () => {
      const { publisher, pyth } = await loadFixture(deployLive);
      const many = Array.from({ length: 256 }, (_, index) => ethers.toBeHex(index + 1, 20));
      for (const [guardians, quorum] of [
        [publisher.guardians, 0],
        [publisher.guardians, 6],
        [[], 1],
        [many, 255],
      ] as const) {
        await expect(pyth.setGuardianSet(1, [...guardians], quorum))
          .to.be.revertedWithCustomError(pyth, "LocalPyth_BadQuorum")
          .withArgs(BigInt(quorum), BigInt(guardians.length));
      }
      await pyth.setGuardianSet(1, many.slice(1), 255);
      expect((await pyth.guardianSet(1)).guardians).to.have.length(255);
    });

    it("is the owner's", async () => {
      const { stranger, pyth } = await loadFixture(deploySingle);
      await expect(pyth.connect(stranger).setGuardianSet(0, [stranger], 1))
        .to.be.revertedWithCustomError(pyth, "LocalPyth_NotOwner")
        .withArgs(stranger.address);
    });
  });

  describe("expireGuardianSet", () => {
    it("believes a set up to its last second, and again once that is taken back", async () => {
      const { publisher, pyth } = await loadFixture(deployLive);
      const data = [publisher.update([tick()])];
      const last = (await time.latest()) + 100;
      await expect(pyth.expireGuardianSet(1, last)).to.emit(pyth, "GuardianSetExpires").withArgs(1n, BigInt(last));
      expect((await pyth.guardianSet(1)).expiresAt).to.equal(BigInt(last));
      await time.increaseTo(last);
      expect(await parse(pyth, data, [BTC])).to.deep.equal([feedOf(tick())]);
      await time.increaseTo(last + 1);
      await expect(parse(pyth, data, [BTC])).to.be.revertedWithCustomError(pyth, "InvalidWormholeVaa");
      await pyth.expireGuardianSet(1, 0);
      expect(await parse(pyth, data, [BTC])).to.deep.equal([feedOf(tick())]);
    });

    it("ends one set and no other, until it is installed anew", async () => {
      const { publisher, pyth } = await loadFixture(deployLive);
      const next = new LocalPublisher({ label: "next", guardianSetIndex: 2 });
      await pyth.setGuardianSet(2, next.guardians, 3);
      await pyth.expireGuardianSet(1, await time.latest());
      const data = [publisher.update([tick()])];
      await expect(parse(pyth, data, [BTC])).to.be.revertedWithCustomError(pyth, "InvalidWormholeVaa");
      expect(await parse(pyth, [next.update([tick()])], [BTC])).to.deep.equal([feedOf(tick())]);
      await pyth.setGuardianSet(1, publisher.guardians, 3);
      expect(await parse(pyth, data, [BTC])).to.deep.equal([feedOf(tick())]);
    });

    it("is the owner's", async () => {
      const { stranger, pyth } = await loadFixture(deploySingle);
      await expect(pyth.connect(stranger).expireGuardianSet(0, 1))
        .to.be.revertedWithCustomError(pyth, "LocalPyth_NotOwner")
        .withArgs(stranger.address);
    });
  });

  describe("setUpdateFee", () => {
    it("changes the fee of every message, to nothing too", async () => {
      const { publisher, pyth } = await loadFixture(deploySingle);
      const data = [publisher.update([tick(), tick({ feedId: ETH })])];
      for (const fee of [5n, 0n, 2n ** 96n - 1n]) {
        await expect(pyth.setUpdateFee(fee)).to.emit(pyth, "UpdateFeeChanged").withArgs(fee);
        expect(await pyth.getUpdateFee(data)).to.equal(2n * fee);
      }
    });

    it("is the owner's", async () => {
      const { stranger, pyth } = await loadFixture(deploySingle);
      await expect(pyth.connect(stranger).setUpdateFee(0n))
        .to.be.revertedWithCustomError(pyth, "LocalPyth_NotOwner")
        .withArgs(stranger.address);
    });
  });

  describe("getUpdateFee", () => {
    it("is due for every message of every update", async () => {
      const { publisher, pyth } = await loadFixture(deploySingle);
      const one = publisher.update([tick()]);
      const two = publisher.update([tick(), tick({ feedId: ETH })]);
      expect(await pyth.getUpdateFee([])).to.equal(0n);
      expect(await pyth.getUpdateFee([one])).to.equal(FEE);
      expect(await pyth.getUpdateFee([one, two])).to.equal(3n * FEE);
    });

    it("refuses what is no update", async () => {
      const { publisher, pyth } = await loadFixture(deploySingle);
      const update = publisher.update([tick()]);
      for (const data of ["0x", patch(update, 0, "0x00"), patch(update, 4, "0x02"), patch(update, 7, "0x01")]) {
        await expect(pyth.getUpdateFee([data])).to.be.revertedWithCustomError(pyth, "InvalidUpdateData");
      }
    });
  });

  describe("parsePriceFeedUpdatesUnique", () => {
    it("returns the first tick at or after a time", async () => {
      const { publisher, pyth } = await loadFixture(deploySingle);
      const data = [publisher.update([tick({ prevPublishTime: TIME - 3n })])];
      for (const min of [TIME - 2n, TIME - 1n, TIME]) {
        expect(await parseUnique(pyth, data, [BTC], min, TIME)).to.deep.equal([feedOf(tick())]);
      }
    });

    it("refuses a tick that isn't the first at or after the time", async () => {
      const { publisher, pyth } = await loadFixture(deploySingle);
      const data = [publisher.update([tick({ prevPublishTime: TIME - 3n })])];
      for (const min of [TIME - 4n, TIME - 3n, TIME + 1n]) {
        await expect(parseUnique(pyth, data, [BTC], min)).to.be.revertedWithCustomError(
          pyth,
          "PriceFeedNotFoundWithinRange",
        );
      }
    });

    it("refuses a tick after the window", async () => {
      const { publisher, pyth } = await loadFixture(deploySingle);
      const data = [publisher.update([tick()])];
      await expect(parseUnique(pyth, data, [BTC], TIME, TIME - 1n)).to.be.revertedWithCustomError(
        pyth,
        "PriceFeedNotFoundWithinRange",
      );
    });

    it("takes only the first price of a second", async () => {
      const { publisher, pyth } = await loadFixture(deploySingle);
      const second = publisher.sameSecondUpdate(tick(), 1n);
      await expect(parseUnique(pyth, [second], [BTC], TIME)).to.be.revertedWithCustomError(
        pyth,
        "PriceFeedNotFoundWithinRange",
      );
      expect(await parse(pyth, [second], [BTC])).to.deep.equal([feedOf(sameSecond(tick(), 1n))]);
      const both = [second, publisher.update([tick()])];
      expect(await parseUnique(pyth, both, [BTC], TIME)).to.deep.equal([feedOf(tick())]);
    });

    it("stores nothing", async () => {
      const { publisher, pyth } = await loadFixture(deploySingle);
      await pyth.parsePriceFeedUpdatesUnique([publisher.update([tick()])], [BTC], TIME, TIME, { value: FEE });
      expect(await pyth.priceFeedExists(BTC)).to.equal(false);
    });

    it("wants its fee", async () => {
      const { publisher, pyth } = await loadFixture(deploySingle);
      const data = [publisher.update([tick(), tick({ feedId: ETH })])];
      await expect(
        pyth.parsePriceFeedUpdatesUnique(data, [BTC], TIME, TIME, { value: 2n * FEE - 1n }),
      ).to.be.revertedWithCustomError(pyth, "InsufficientFee");
      await expect(
        pyth.parsePriceFeedUpdatesUnique(data, [BTC], TIME, TIME, { value: 2n * FEE }),
      ).to.changeEtherBalance(pyth, 2n * FEE);
    });
  });

  describe("parsePriceFeedUpdates", () => {
    it("returns the feeds in the order asked for", async () => {
      const { publisher, pyth } = await loadFixture(deploySingle);
      const [btc, eth] = [tick(), tick({ feedId: ETH, price: 3_000_00000000n })];
      const other = tick({ feedId: ethers.id("other") });
      const together = [publisher.update([eth, other, btc])];
      expect(await parse(pyth, together, [BTC, ETH])).to.deep.equal([feedOf(btc), feedOf(eth)]);
      const apart = [publisher.update([eth]), publisher.update([btc])];
      expect(await parse(pyth, apart, [BTC, ETH])).to.deep.equal([feedOf(btc), feedOf(eth)]);
      expect(await parse(pyth, [], [])).to.deep.equal([]);
    });

    it("takes the first tick in the window", async () => {
      const { publisher, pyth } = await loadFixture(deploySingle);
      const at = (publishTime: bigint) => tick({ publishTime, price: publishTime });
      const data = [5n, 3n, 4n].map((after) => publisher.update([at(TIME + after)]));
      expect(await parse(pyth, data, [BTC], TIME, TIME + 4n)).to.deep.equal([feedOf(at(TIME + 3n))]);
      expect(await parse(pyth, data, [BTC], TIME + 4n)).to.deep.equal([feedOf(at(TIME + 5n))]);
    });

    it("has the window's ends inside", async () => {
      const { publisher, pyth } = await loadFixture(deploySingle);
      const data = [publisher.update([tick()])];
      expect(await parse(pyth, data, [BTC], TIME, TIME)).to.deep.equal([feedOf(tick())]);
      for (const [min, max] of [
        [TIME + 1n, MAX_TIME],
        [0n, TIME - 1n],
      ]) {
        await expect(parse(pyth, data, [BTC], min, max)).to.be.revertedWithCustomError(
          pyth,
          "PriceFeedNotFoundWithinRange",
        );
      }
    });

    it("refuses a feed that isn't in the data or is asked for twice", async () => {
      const { publisher, pyth } = await loadFixture(deploySingle);
      const data = [publisher.update([tick()])];
      for (const ids of [[ETH], [BTC, ETH], [BTC, BTC]]) {
        await expect(parse(pyth, data, ids)).to.be.revertedWithCustomError(pyth, "PriceFeedNotFoundWithinRange");
      }
    });

    it("takes exponents and prices of any sign and size", async () => {
      const { publisher, pyth } = await loadFixture(deploySingle);
      const ticks = [
        tick({ expo: 0 }),
        tick({ expo: 12 }),
        tick({ expo: 2 ** 31 - 1, price: 2n ** 63n - 1n, conf: 2n ** 64n - 1n }),
        tick({ expo: -(2 ** 31), price: -(2n ** 63n), conf: 0n, emaPrice: -1n, emaConf: 2n ** 64n - 1n }),
      ];
      for (const price of ticks) {
        expect(await parse(pyth, [publisher.update([price])], [BTC])).to.deep.equal([feedOf(price)]);
      }
    });

    it("takes proofs of any depth", async () => {
      const { publisher, pyth } = await loadFixture(deploySingle);
      for (const proofDepth of [0, 1, 12, 255]) {
        const data = [publisher.update([tick()], { proofDepth })];
        expect(await parse(pyth, data, [BTC])).to.deep.equal([feedOf(tick())]);
      }
    });

    it("wants its fee", async () => {
      const { publisher, pyth } = await loadFixture(deploySingle);
      await expect(
        pyth.parsePriceFeedUpdates([publisher.update([tick()])], [BTC], 0n, MAX_TIME),
      ).to.be.revertedWithCustomError(pyth, "InsufficientFee");
    });
  });

  describe("parsePriceFeedUpdatesWithConfig", () => {
    async function parseWith(pyth: LocalPyth, data: string[], ids: string[], unique: boolean, minimal: boolean) {
      const value = await pyth.getUpdateFee(data);
      return pyth.parsePriceFeedUpdatesWithConfig.staticCall(data, ids, TIME, MAX_TIME, unique, minimal, false, {
        value,
      });
    }

    it("returns feeds and slots", async () => {
      const { publisher, pyth } = await loadFixture(deploySingle);
      const eth = tick({ feedId: ETH });
      const data = [publisher.update([eth], { slot: 11n }), publisher.update([tick()], { slot: 12n })];
      const [feeds, slots] = await parseWith(pyth, data, [BTC, ETH], true, true);
      expect(feeds).to.deep.equal([feedOf(tick()), feedOf(eth)]);
      expect(slots).to.deep.equal([12n, 11n]);
    });

    it("checks uniqueness when told to", async () => {
      const { publisher, pyth } = await loadFixture(deploySingle);
      const data = [publisher.sameSecondUpdate(tick(), 1n)];
      const [feeds] = await parseWith(pyth, data, [BTC], false, false);
      expect(feeds).to.deep.equal([feedOf(sameSecond(tick(), 1n))]);
      await expect(parseWith(pyth, data, [BTC], true, false)).to.be.revertedWithCustomError(
        pyth,
        "PriceFeedNotFoundWithinRange",
      );
    });

    it("refuses more data than asked for when told to", async () => {
      const { publisher, pyth } = await loadFixture(deploySingle);
      const data = [publisher.update([tick(), tick({ feedId: ETH })])];
      const [feeds] = await parseWith(pyth, data, [BTC], true, false);
      expect(feeds).to.deep.equal([feedOf(tick())]);
      await expect(parseWith(pyth, data, [BTC], true, true)).to.be.revertedWithCustomError(pyth, "InvalidArgument");
    });

    it("stores what is newer when told to", async () => {
      const { publisher, pyth } = await loadFixture(deploySingle);
      const store = (price: PythPrice) =>
        pyth.parsePriceFeedUpdatesWithConfig([publisher.update([price])], [BTC], 0n, MAX_TIME, false, false, true, {
          value: FEE,
        });
      await expect(store(tick())).to.emit(pyth, "PriceFeedUpdate").withArgs(BTC, TIME, tick().price, tick().conf);
      await expect(store(tick({ publishTime: TIME - 1n, price: 1n }))).not.to.emit(pyth, "PriceFeedUpdate");
      expect(await pyth.queryPriceFeed(BTC)).to.deep.equal(feedOf(tick()));
    });
  });

  describe("updatePriceFeeds", () => {
    it("stores prices that are newer, and no others", async () => {
      const { publisher, pyth } = await loadFixture(deploySingle);
      const [btc, eth] = [tick(), tick({ feedId: ETH, price: -1n, expo: 3 })];
      await expect(pyth.updatePriceFeeds([publisher.update([btc, eth])], { value: 2n * FEE }))
        .to.emit(pyth, "PriceFeedUpdate")
        .withArgs(BTC, TIME, btc.price, btc.conf)
        .and.to.emit(pyth, "PriceFeedUpdate")
        .withArgs(ETH, TIME, eth.price, eth.conf);
      expect(await pyth.priceFeedExists(ETH)).to.equal(true);
      expect(await pyth.queryPriceFeed(ETH)).to.deep.equal(feedOf(eth));

      const stale = [publisher.sameSecondUpdate(btc, 1n), publisher.update([tick({ publishTime: TIME - 1n })])];
      await expect(pyth.updatePriceFeeds(stale, { value: 2n * FEE })).not.to.emit(pyth, "PriceFeedUpdate");
      expect(await pyth.queryPriceFeed(BTC)).to.deep.equal(feedOf(btc));

      const newer = tick({ publishTime: TIME + 1n, price: 7n });
      await pyth.updatePriceFeeds([publisher.update([newer])], { value: FEE });
      expect(await pyth.queryPriceFeed(BTC)).to.deep.equal(feedOf(newer));
    });

    it("wants its fee", async () => {
      const { publisher, pyth } = await loadFixture(deploySingle);
      const data = [publisher.update([tick(), tick({ feedId: ETH })])];
      await expect(pyth.updatePriceFeeds(data, { value: 2n * FEE - 1n })).to.be.revertedWithCustomError(
        pyth,
        "InsufficientFee",
      );
    });

    it("refuses forgeries", async () => {
      const { publisher, pyth } = await loadFixture(deploySingle);
      await expect(
        pyth.updatePriceFeeds([publisher.wrongSignerUpdate([tick()])], { value: FEE }),
      ).to.be.revertedWithCustomError(pyth, "InvalidWormholeVaa");
      for (const data of [
        publisher.tamperedMessageUpdate([tick()], 1n),
        publisher.tamperedProofUpdate([tick()]),
        `${publisher.update([tick()])}00`,
      ]) {
        await expect(pyth.updatePriceFeeds([data], { value: FEE })).to.be.revertedWithCustomError(
          pyth,
          "InvalidUpdateData",
        );
      }
    });
  });

  describe("updatePriceFeedsIfNecessary", () => {
    it("updates when a stored price is older than known", async () => {
      const { publisher, pyth } = await loadFixture(deploySingle);
      const data = [publisher.update([tick()])];
      await expect(pyth.updatePriceFeedsIfNecessary(data, [BTC], [TIME], { value: FEE })).to.emit(
        pyth,
        "PriceFeedUpdate",
      );
      await expect(pyth.updatePriceFeedsIfNecessary(data, [BTC], [TIME], { value: FEE })).to.be.revertedWithCustomError(
        pyth,
        "NoFreshUpdate",
      );
    });

    it("refuses arrays of different lengths", async () => {
      const { pyth } = await loadFixture(deploySingle);
      await expect(pyth.updatePriceFeedsIfNecessary([], [BTC], [])).to.be.revertedWithCustomError(
        pyth,
        "InvalidArgument",
      );
    });
  });

  describe("stored prices", () => {
    it("are served with their average while young enough", async () => {
      const { publisher, pyth } = await loadFixture(deploySingle);
      const now = BigInt(await time.latest());
      const price = tick({ publishTime: now, prevPublishTime: now });
      await pyth.updatePriceFeeds([publisher.update([price])], { value: FEE });
      const [, spot, average] = feedOf(price);
      expect(await pyth.getPriceUnsafe(BTC)).to.deep.equal(spot);
      expect(await pyth.getEmaPriceUnsafe(BTC)).to.deep.equal(average);

      await time.increaseTo(now + 60n);
      expect(await pyth.getPriceNoOlderThan(BTC, 60n)).to.deep.equal(spot);
      expect(await pyth.getEmaPriceNoOlderThan(BTC, 60n)).to.deep.equal(average);
      await expect(pyth.getPriceNoOlderThan(BTC, 59n)).to.be.revertedWithCustomError(pyth, "StalePrice");
      await expect(pyth.getEmaPriceNoOlderThan(BTC, 59n)).to.be.revertedWithCustomError(pyth, "StalePrice");
    });

    it("are not found before the first update", async () => {
      const { pyth } = await loadFixture(deploySingle);
      expect(await pyth.priceFeedExists(BTC)).to.equal(false);
      await expect(pyth.queryPriceFeed(BTC)).to.be.revertedWithCustomError(pyth, "PriceFeedNotFound");
      await expect(pyth.getPriceUnsafe(BTC)).to.be.revertedWithCustomError(pyth, "PriceFeedNotFound");
      await expect(pyth.getEmaPriceUnsafe(BTC)).to.be.revertedWithCustomError(pyth, "PriceFeedNotFound");
      await expect(pyth.getPriceNoOlderThan(BTC, 1n)).to.be.revertedWithCustomError(pyth, "PriceFeedNotFound");
    });
  });

  describe("time-weighted averages", () => {
    it("are refused", async () => {
      const { pyth } = await loadFixture(deploySingle);
      await expect(pyth.getTwapUpdateFee([])).to.be.revertedWithCustomError(pyth, "LocalPyth_TwapUnsupported");
      await expect(pyth.parseTwapPriceFeedUpdates([], [])).to.be.revertedWithCustomError(
        pyth,
        "LocalPyth_TwapUnsupported",
      );
    });
  });
});
