import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ZeroAddress, concat, dataLength, dataSlice, toBeHex } from "ethers";
import { ethers } from "hardhat";

import { LocalPublisher } from "../../../kit/pyth/publisher";
import type { UpdateOverrides } from "../../../kit/pyth/publisher";

import {
  FEE,
  MAX_TIME,
  deployFormer,
  deployLive,
  deployRecorded,
  deploySingle,
  feedOf,
  parse,
  parseUnique,
  patch,
  resign,
} from "./fixture";
import { FORMER, LIVE } from "../../dsl/recordedPyth";
import { BTC, ETH, TIME, tick } from "./prices";

const [strangersKey] = new LocalPublisher({ label: "stranger" }).signers;

describe("LocalPyth: what it believes", () => {
  for (const [name, fixture] of Object.entries({ deployLive, deployFormer })) {
    describe(`signatures (${name})`, () => {
      async function loadMany() {
        const context = await loadFixture(fixture);
        const { guardianCount, quorum, guardianSetIndex } = context.publisher.network;
        return { ...context, guardianCount, quorum, guardianSetIndex, keys: context.publisher.guardianKeys };
      }

      async function expectVaaRefused(overrides: (context: Awaited<ReturnType<typeof loadMany>>) => UpdateOverrides) {
        const context = await loadMany();
        const data = [context.publisher.update([tick()], overrides(context))];
        await expect(parseUnique(context.pyth, data, [BTC], TIME)).to.be.revertedWithCustomError(
          context.pyth,
          "InvalidWormholeVaa",
        );
      }

      /** Signatures of these guardians under these indices, their own where none are given. */
      const signedBy =
        (indices: (count: number, quorum: number) => number[], claimed = indices) =>
        ({ guardianCount, quorum, keys }: Awaited<ReturnType<typeof loadMany>>): UpdateOverrides => ({
          signers: indices(guardianCount, quorum).map((index) => keys[index]),
          signerIndices: claimed(guardianCount, quorum),
        });
      const first = (count: number) => [...Array(count).keys()];

      it("need a quorum of any ascending guardians, or more", async () => {
        const context = await loadMany();
        const { publisher, pyth, guardianCount, quorum } = context;
        for (const indices of [
          first(quorum),
          first(quorum).map((index) => index + guardianCount - quorum),
          first(guardianCount),
          [0, ...first(quorum - 1).map((index) => index + guardianCount - quorum + 1)],
        ]) {
          const data = [publisher.update([tick()], signedBy(() => indices)(context))];
          expect(await parseUnique(pyth, data, [BTC], TIME)).to.deep.equal([feedOf(tick())]);
        }
      });

      it("are refused one short of the quorum", () => expectVaaRefused(signedBy((_, quorum) => first(quorum - 1))));
      it("are refused when there are none", () => expectVaaRefused(() => ({ signers: [] })));
      it("are refused of another guardian set", () =>
        expectVaaRefused(({ guardianSetIndex }) => ({ guardianSetIndex: guardianSetIndex + 1 })));
      it("are refused of a stranger", () =>
        expectVaaRefused(({ publisher }) => ({ signers: [...publisher.signers.slice(1), strangersKey] })));
      it("are refused twice of one guardian", () =>
        expectVaaRefused(signedBy((_, quorum) => [...first(quorum - 1), quorum - 2])));
      it("are refused out of order", () =>
        expectVaaRefused(signedBy((_, quorum) => [1, 0, ...first(quorum).slice(2)])));
      it("are refused under another guardian's index", () =>
        expectVaaRefused(
          signedBy(
            (_, quorum) => first(quorum),
            (_, quorum) => [...first(quorum - 1), quorum],
          ),
        ));
      it("are refused beyond the guardian set", () =>
        expectVaaRefused(
          signedBy(
            (_, quorum) => first(quorum),
            (count, quorum) => [...first(quorum - 1), count],
          ),
        ));
    });
  }

  describe("signatures (deploySingle)", () => {
    it("are refused when they recover to nobody", async () => {
      const { publisher, pyth } = await loadFixture(deploySingle);
      await pyth.setGuardianSet(0, [ZeroAddress], 1);
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

  const networks = {
    "three of five, no fee": { load: deployLiveRecorded, network: LIVE, fee: 0n, unique: 3 },
    "13 of 19, a fee": { load: deployFormerRecorded, network: FORMER, fee: FEE, unique: 7 },
  };
  for (const [name, { load, network, fee, unique }] of Object.entries(networks)) {
    describe(`recorded genuine updates (${name})`, () => {
      it("decode to their values, and are unique exactly where the real contract says so", async () => {
        const { pyth } = await loadFixture(load);
        expect(network.updates.filter(({ isUniqueAtItsTime }) => isUniqueAtItsTime)).to.have.length(unique);
        for (const { payload, slot, feeds, isUniqueAtItsTime } of network.updates) {
          const ids = feeds.map(({ feedId }) => feedId);
          const expected = feeds.map(feedOf);
          const min = BigInt(Math.min(...feeds.map(({ publishTime }) => publishTime)));
          expect(await parse(pyth, [payload], ids)).to.deep.equal(expected);
          if (isUniqueAtItsTime) {
            expect(await parseUnique(pyth, [payload], ids, min)).to.deep.equal(expected);
          } else {
            await expect(parseUnique(pyth, [payload], ids, min)).to.be.revertedWithCustomError(
              pyth,
              "PriceFeedNotFoundWithinRange",
            );
          }
          const value = await pyth.getUpdateFee([payload]);
          expect(value).to.equal(BigInt(feeds.length) * fee);
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

      it("are stored", async () => {
        const { pyth } = await loadFixture(load);
        for (const { payload, feeds } of network.updates) {
          const fresh = await Promise.all(
            feeds.map(async ({ feedId, publishTime }) => {
              if (!(await pyth.priceFeedExists(feedId))) return true;
              return (await pyth.queryPriceFeed(feedId)).price.publishTime < BigInt(publishTime);
            }),
          );
          await pyth.updatePriceFeeds([payload], { value: BigInt(feeds.length) * fee });
          for (const [index, feed] of feeds.entries()) {
            if (fresh[index]) expect(await pyth.queryPriceFeed(feed.feedId)).to.deep.equal(feedOf(feed));
          }
        }
      });

      it("are refused where a guardian is another one", async () => {
        const { pyth } = await loadFixture(load);
        for (const { payload, guardianSetIndex, feeds } of network.updates) {
          const guardians = [...(network.sets.get(guardianSetIndex) ?? [])];
          guardians[Number(dataSlice(payload, 16, 17))] = await pyth.getAddress();
          await pyth.setGuardianSet(guardianSetIndex, guardians, network.quorum);
          await expect(parse(pyth, [payload], [feeds[0].feedId])).to.be.revertedWithCustomError(
            pyth,
            "InvalidWormholeVaa",
          );
        }
      });
    });
  }
});

async function deployLiveRecorded() {
  return deployRecorded(LIVE, 0n);
}

async function deployFormerRecorded() {
  return deployRecorded(FORMER, FEE);
}
