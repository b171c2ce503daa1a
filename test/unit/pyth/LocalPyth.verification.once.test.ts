import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ZeroAddress, concat, dataLength, dataSlice, toBeHex } from "ethers";
import { ethers } from "hardhat";

import { LocalPublisher } from "../../../sdk/pyth/publisher";
import type { UpdateOverrides } from "../../../sdk/pyth/publisher";

import { FEE, MAX_TIME, deploy, deployMany, deploySingle, feedOf, parse, parseUnique, patch, resign } from "./fixture";
import { BTC, ETH, TIME, tick } from "./prices";
import { readRecording } from "./recorded";

describe("LocalPyth: what it believes", () => {
  describe("signatures", () => {
    async function expectVaaRefused(overrides: UpdateOverrides) {
      const { publisher, pyth } = await loadFixture(deployMany);
      const data = [publisher.update([tick()], overrides)];
      await expect(parseUnique(pyth, data, [BTC], TIME)).to.be.revertedWithCustomError(pyth, "InvalidWormholeVaa");
    }

    const { signers } = new LocalPublisher({ guardianCount: 19 });
    const [strangersKey] = new LocalPublisher({ label: "stranger" }).signers;

    it("need a quorum of any ascending guardians", async () => {
      const { publisher, pyth } = await loadFixture(deployMany);
      const data = [publisher.update([tick()])];
      expect(await parseUnique(pyth, data, [BTC], TIME)).to.deep.equal([feedOf(tick())]);
      expect(await Promise.all([1n, 2n, 3n, 4n, 19n].map((count) => pyth.quorum(count)))).to.deep.equal([
        1n,
        2n,
        3n,
        3n,
        13n,
      ]);
      await pyth.setGuardianSet(4, [...publisher.guardians].reverse());
      const last = signers.map((_, index) => 18 - index).reverse();
      const reversed = publisher.update([tick()], { signers: [...signers].reverse(), signerIndices: last });
      expect(await parseUnique(pyth, [reversed], [BTC], TIME)).to.deep.equal([feedOf(tick())]);
    });

    it("are refused one short of the quorum", () => expectVaaRefused({ signers: signers.slice(0, 12) }));
    it("are refused when there are none", () => expectVaaRefused({ signers: [] }));
    it("are refused of another guardian set", () => expectVaaRefused({ guardianSetIndex: 5 }));
    it("are refused of a stranger", () => expectVaaRefused({ signers: [...signers.slice(0, 12), strangersKey] }));
    it("are refused twice of one guardian", () =>
      expectVaaRefused({
        signers: [...signers.slice(0, 12), signers[11]],
        signerIndices: [...signers.slice(0, 12).keys(), 11],
      }));
    it("are refused out of order", () => {
      const order = [1, 0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
      return expectVaaRefused({ signers: order.map((index) => signers[index]), signerIndices: order });
    });
    it("are refused under another guardian's index", () =>
      expectVaaRefused({ signerIndices: [...signers.slice(0, 12).keys(), 13] }));
    it("are refused beyond the guardian set", () =>
      expectVaaRefused({ signerIndices: [...signers.slice(0, 12).keys(), 19] }));

    it("are refused when they recover to nobody", async () => {
      const { publisher, pyth } = await loadFixture(deploySingle);
      await pyth.setGuardianSet(0, [ZeroAddress]);
      const update = publisher.update([tick()]);
      for (const recoveryId of ["0x02", "0xe5", "0xff"]) {
        await expect(parse(pyth, [patch(update, 81, recoveryId)], [BTC])).to.be.revertedWithCustomError(
          pyth,
          "InvalidWormholeVaa",
        );
      }
    });

    it("cover the whole body", async () => {
      const { publisher, pyth } = await loadFixture(deploySingle);
      const update = publisher.update([tick()]);
      const vaaEnd = 10 + Number(dataSlice(update, 8, 10));
      for (let offset = 82; offset < vaaEnd; offset += 5) {
        const flipped = toBeHex(Number(dataSlice(update, offset, offset + 1)) ^ 1, 1);
        await expect(parse(pyth, [patch(update, offset, flipped)], [BTC])).to.be.revertedWithCustomError(
          pyth,
          "InvalidWormholeVaa",
        );
      }
    });
  });

  describe("wire format", () => {
    it("refuses another emitter", async () => {
      const { publisher, pyth } = await loadFixture(deploySingle);
      for (const overrides of [{ emitterChain: 1 }, { emitter: ethers.id("emitter") }]) {
        await expect(parse(pyth, [publisher.update([tick()], overrides)], [BTC])).to.be.revertedWithCustomError(
          pyth,
          "InvalidUpdateDataSource",
        );
      }
    });

    it("refuses a tampered message and a tampered proof", async () => {
      const { publisher, pyth } = await loadFixture(deploySingle);
      const ticks = [tick(), tick({ feedId: ETH })];
      for (const data of [publisher.tamperedMessageUpdate(ticks, 1n), publisher.tamperedProofUpdate(ticks)]) {
        await expect(parse(pyth, [data], [BTC])).to.be.revertedWithCustomError(pyth, "InvalidUpdateData");
      }
    });

    it("refuses the proof of another update", async () => {
      const { publisher, pyth } = await loadFixture(deploySingle);
      const [update, other] = [publisher.update([tick()]), publisher.update([tick({ price: 1n })])];
      const vaaEnd = 10 + Number(dataSlice(update, 8, 10));
      const mixed = concat([dataSlice(update, 0, vaaEnd), dataSlice(other, vaaEnd)]);
      await expect(parse(pyth, [mixed], [BTC])).to.be.revertedWithCustomError(pyth, "InvalidUpdateData");
    });

    it("refuses every truncation and bytes after the end", async () => {
      const { publisher, pyth } = await loadFixture(deploySingle);
      const update = publisher.update([tick()], { proofDepth: 1 });
      for (let length = 0; length < dataLength(update); length += 3) {
        await expect(
          pyth.updatePriceFeeds.staticCall([dataSlice(update, 0, length)], { value: FEE }),
        ).to.be.revertedWithCustomError(pyth, "InvalidUpdateData");
      }
      await expect(parse(pyth, [`${update}00`], [BTC])).to.be.revertedWithCustomError(pyth, "InvalidUpdateData");
    });

    it("refuses another VAA version and a VAA cut short", async () => {
      const { publisher, pyth } = await loadFixture(deploySingle);
      const update = publisher.update([tick()]);
      const rest = dataSlice(update, 10 + Number(dataSlice(update, 8, 10)));
      const cut = (length: number) =>
        concat([dataSlice(update, 0, 8), toBeHex(length, 2), dataSlice(update, 10, 10 + length), rest]);
      for (const data of [patch(update, 10, "0x02"), cut(0), cut(5), cut(6), cut(122)]) {
        await expect(parse(pyth, [data], [BTC])).to.be.revertedWithCustomError(pyth, "InvalidWormholeVaa");
      }
    });

    it("refuses a signed payload that is no Merkle commitment", async () => {
      const { publisher, pyth } = await loadFixture(deploySingle);
      const update = publisher.update([tick()]);
      const same = resign(publisher, update, (body) => body);
      expect(same).to.equal(update);
      for (const change of [
        (body: string) => patch(body, 51, "0x00"),
        (body: string) => patch(body, 55, "0x01"),
        (body: string) => dataSlice(body, 0, 87),
      ]) {
        await expect(parse(pyth, [resign(publisher, update, change)], [BTC])).to.be.revertedWithCustomError(
          pyth,
          "InvalidUpdateData",
        );
      }
    });

    it("takes a longer payload and skips a trailing header", async () => {
      const { publisher, pyth } = await loadFixture(deploySingle);
      const update = publisher.update([tick()]);
      const longer = resign(publisher, update, (body) => `${body}beef`);
      expect(await parse(pyth, [longer], [BTC])).to.deep.equal([feedOf(tick())]);
      const headed = concat([dataSlice(update, 0, 6), "0x03aabbcc", dataSlice(update, 7)]);
      expect(await parse(pyth, [headed], [BTC])).to.deep.equal([feedOf(tick())]);
    });
  });

  describe("recorded genuine updates", () => {
    async function deployWithRecordedGuardians() {
      const { pyth } = await deploy({ guardianSetIndex: 1000 });
      const recording = readRecording();
      for (const [index, guardians] of recording?.guardianSets ?? []) await pyth.setGuardianSet(index, guardians);
      return { pyth, updates: recording?.updates ?? [] };
    }

    it("decode to their values, and are unique exactly where the real contract says so", async function () {
      const { pyth, updates } = await loadFixture(deployWithRecordedGuardians);
      if (updates.length === 0) return this.skip();
      expect(updates.filter((update) => update.acceptedByParseUniqueAtMinPublishTime)).to.have.length(7);
      for (const { payload, slot, feeds, ...update } of updates) {
        expect(update.acceptedByRealContract).to.equal(true);
        const ids = feeds.map(({ feedId }) => feedId);
        const expected = feeds.map(feedOf);
        const min = BigInt(Math.min(...feeds.map(({ publishTime }) => publishTime)));
        expect(await parse(pyth, [payload], ids)).to.deep.equal(expected);
        if (update.acceptedByParseUniqueAtMinPublishTime) {
          expect(await parseUnique(pyth, [payload], ids, min)).to.deep.equal(expected);
        } else {
          await expect(parseUnique(pyth, [payload], ids, min)).to.be.revertedWithCustomError(
            pyth,
            "PriceFeedNotFoundWithinRange",
          );
        }
        const value = await pyth.getUpdateFee([payload]);
        expect(value).to.equal(BigInt(feeds.length) * FEE);
        const [, slots] = await pyth.parsePriceFeedUpdatesWithConfig.staticCall(
          [payload],
          ids,
          min,
          MAX_TIME,
          false,
          true,
          false,
          { value },
        );
        expect(slots).to.deep.equal(ids.map(() => BigInt(slot)));
      }
    });

    it("are stored", async function () {
      const { pyth, updates } = await loadFixture(deployWithRecordedGuardians);
      if (updates.length === 0) return this.skip();
      for (const { payload, feeds } of updates) {
        const fresh = await Promise.all(
          feeds.map(async (feed) => {
            const stored = await pyth.queryPriceFeed(feed.feedId).catch(() => undefined);
            return stored === undefined || stored.price.publishTime < BigInt(feed.publishTime);
          }),
        );
        await pyth.updatePriceFeeds([payload], { value: BigInt(feeds.length) * FEE });
        for (const [index, feed] of feeds.entries()) {
          if (fresh[index]) expect(await pyth.queryPriceFeed(feed.feedId)).to.deep.equal(feedOf(feed));
        }
      }
    });

    it("are refused where a guardian is another one", async function () {
      const { pyth, updates } = await loadFixture(deployWithRecordedGuardians);
      if (updates.length === 0) return this.skip();
      const [{ payload, guardianSetIndex, feeds }] = updates;
      const guardians = [...(await pyth.guardianSet(guardianSetIndex))];
      const signer = Number(dataSlice(payload, 16, 17));
      guardians[signer] = await pyth.getAddress();
      await pyth.setGuardianSet(guardianSetIndex, guardians);
      await expect(parse(pyth, [payload], [feeds[0].feedId])).to.be.revertedWithCustomError(pyth, "InvalidWormholeVaa");
    });
  });
});
