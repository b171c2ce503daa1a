import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { concat, dataLength, dataSlice, getBytes, hexlify, toBeHex } from "ethers";
import { ethers } from "hardhat";
import { LocalPublisher } from "../../kit/pyth/publisher";
import type { LocalPyth } from "../../typechain-types";
import { FORMER, LIVE } from "../dsl/recordedPyth";
import type { RecordedNetwork, RecordedUpdate } from "../dsl/recordedPyth";
import { deployLive, deployRecorded, feedOf, parse, parseUnique, patch } from "../unit/pyth/fixture";
import { BTC, TIME, tick } from "../unit/pyth/prices";

/** Where the parts of an update lie, in bytes. */
const VAA_LENGTH_AT = 8;
const VAA_AT = 10;
const SET_AT = VAA_AT + 1;
const COUNT_AT = VAA_AT + 5;
const SIGNATURES_AT = VAA_AT + 6;
const SIGNATURE_BYTES = 66;
/** Within the body. */
const EMITTER_CHAIN_AT = 8;
const EMITTER_END = 42;

const VAA_ERROR = "InvalidWormholeVaa";
const SOURCE_ERROR = "InvalidUpdateDataSource";
const DATA_ERROR = "InvalidUpdateData";

const flipBit = (data: string, bit: number): string => {
  const bytes = getBytes(data);
  bytes[bit >> 3] ^= 0x80 >> (bit & 7);
  return hexlify(bytes);
};

const bitsOf = (start: number, end: number): number[] =>
  Array.from({ length: 8 * (end - start) }, (_, index) => 8 * start + index);

const bodyAt = ({ signatures }: RecordedUpdate): number => SIGNATURES_AT + signatures * SIGNATURE_BYTES;

const vaaEnd = ({ payload }: RecordedUpdate): number =>
  VAA_AT + Number(dataSlice(payload, VAA_LENGTH_AT, VAA_LENGTH_AT + 2));

function signaturesOf({ payload, signatures }: RecordedUpdate): string[] {
  const start = (position: number) => SIGNATURES_AT + position * SIGNATURE_BYTES;
  return Array.from({ length: signatures }, (_, position) => dataSlice(payload, start(position), start(position + 1)));
}

/** The update with other signatures than its own. */
function withSignatures(update: RecordedUpdate, signatures: string[]): string {
  const { payload } = update;
  const body = dataSlice(payload, bodyAt(update), vaaEnd(update));
  const header = concat([dataSlice(payload, VAA_AT, COUNT_AT), toBeHex(signatures.length, 1)]);
  const vaa = concat([header, ...signatures, body]);
  const length = toBeHex(dataLength(vaa), 2);
  return concat([dataSlice(payload, 0, VAA_LENGTH_AT), length, vaa, dataSlice(payload, vaaEnd(update))]);
}

async function deployLiveRecorded() {
  return deployRecorded(LIVE, 0n);
}

async function deployFormerRecorded() {
  return deployRecorded(FORMER, 1n);
}

/** Anybody may bring data: each of these is refused by every way to bring it. */
async function expectRefused(pyth: LocalPyth, data: string, ids: string[], error: string): Promise<void> {
  await expect(parse(pyth, [data], ids))
    .to.be.revertedWithCustomError(pyth, error)
    .withArgs();
}

const networks: Record<string, { network: RecordedNetwork; load: typeof deployLiveRecorded }> = {
  "2026, three of five": { network: LIVE, load: deployLiveRecorded },
  "2023 to 2025, 13 of 19": { network: FORMER, load: deployFormerRecorded },
};

describe("attacks: Pyth's updates", () => {
  for (const [name, { network, load }] of Object.entries(networks)) {
    describe(name, () => {
      async function start() {
        const { pyth } = await loadFixture(load);
        const [update] = network.updates.filter(({ isUniqueAtItsTime }) => isUniqueAtItsTime);
        return { pyth, update, ids: update.feeds.map(({ feedId }) => feedId) };
      }

      it("A29: every genuine update is believed, and gives what it says", async () => {
        const { pyth } = await start();
        for (const { payload, feeds, isUniqueAtItsTime } of network.updates) {
          const ids = feeds.map(({ feedId }) => feedId);
          expect(await parse(pyth, [payload], ids)).to.deep.equal(feeds.map(feedOf));
          const since = BigInt(Math.min(...feeds.map(({ publishTime }) => publishTime)));
          if (!isUniqueAtItsTime) continue;
          expect(await parseUnique(pyth, [payload], ids, since)).to.deep.equal(feeds.map(feedOf));
        }
      });

      it("A29: one bit of the emitter, chain or address, in a signed update breaks its signatures", async () => {
        const { pyth, update, ids } = await start();
        const body = bodyAt(update);
        const bits = bitsOf(body + EMITTER_CHAIN_AT, body + EMITTER_END);
        expect(bits).to.have.length(16 + 256);
        for (const bit of bits) await expectRefused(pyth, flipBit(update.payload, bit), ids, VAA_ERROR);
      });

      it("A29: a contract whose emitter is off by one bit, chain or address, believes no genuine update", async () => {
        const { update, ids } = await start();
        const [owner] = await ethers.getSigners();
        const { emitterChain, emitter, quorum } = network;
        const guardians = network.sets.get(update.guardianSetIndex) ?? [];
        const setup = { guardianSetIndex: update.guardianSetIndex, guardians, quorum, updateFeeWei: 0n };
        for (const other of [
          { emitterChain: emitterChain ^ 1, emitter },
          { emitterChain: emitterChain ^ 0x8000, emitter },
          { emitterChain, emitter: flipBit(emitter, 0) },
          { emitterChain, emitter: flipBit(emitter, 255) },
        ]) {
          const pyth = await ethers.deployContract("LocalPyth");
          await pyth.initialize(owner, { ...setup, ...other });
          await expectRefused(pyth, update.payload, ids, SOURCE_ERROR);
        }
      });

      it("A29: one bit of any signature, wherever it lies, and the quorum is missed", async () => {
        const { pyth, update, ids } = await start();
        // The index's lowest bit names another guardian; of r, s and v one bit a byte. Steps of seven meet each byte of the
        // 66 in one signature or another.
        const step = network === LIVE ? 1 : 7;
        for (let at = SIGNATURES_AT; at < bodyAt(update); at += step) {
          await expectRefused(pyth, flipBit(update.payload, 8 * at + 7), ids, VAA_ERROR);
        }
      });

      it("A29: guardians out of order, twice, or one too few are no quorum", async () => {
        const { pyth, update, ids } = await start();
        const signatures = signaturesOf(update);
        expect(withSignatures(update, signatures)).to.equal(update.payload);
        const [first, second, ...rest] = signatures;
        for (const others of [
          [second, first, ...rest],
          [first, first, ...rest],
          [first, second, ...rest.slice(0, -1), second],
          [first, ...rest],
          signatures.slice(0, -1),
          [],
        ]) {
          await expectRefused(pyth, withSignatures(update, others), ids, VAA_ERROR);
        }
      });

      it("A29: a signature more than the quorum that is nobody's spoils it", async () => {
        const { pyth, update, ids } = await start();
        const signatures = signaturesOf(update);
        const stranger = concat([toBeHex(network.quorum === 3 ? 5 : 19, 1), dataSlice(signatures[0], 1)]);
        await expectRefused(pyth, withSignatures(update, [...signatures, stranger]), ids, VAA_ERROR);
      });

      it("A29: no other guardian set stands in, whatever its index", async () => {
        const { pyth, update, ids } = await start();
        const others = [0, 1, 2, 3, 4, 5, 2 ** 32 - 1].filter((index) => index !== update.guardianSetIndex);
        for (const index of others) {
          await expectRefused(pyth, patch(update.payload, SET_AT, toBeHex(index, 4)), ids, VAA_ERROR);
        }
      });

      it("A29: a set is believed to its last second and not after, the next one all the while", async () => {
        const { pyth, update, ids } = await start();
        const last = (await time.latest()) + 60;
        await pyth.expireGuardianSet(update.guardianSetIndex, last);
        await time.increaseTo(last);
        expect(await parse(pyth, [update.payload], ids)).to.deep.equal(update.feeds.map(feedOf));
        await time.increaseTo(last + 1);
        await expectRefused(pyth, update.payload, ids, VAA_ERROR);
        const later = network.updates.find(({ guardianSetIndex }) => guardianSetIndex !== update.guardianSetIndex);
        if (later === undefined) throw new Error("no update of another set");
        expect(await parse(pyth, [later.payload], [later.feeds[0].feedId])).to.deep.equal([feedOf(later.feeds[0])]);
      });

      it("A29: one bit of a message or of its proof, in every byte, and it is not what was signed", async () => {
        const { pyth, update, ids } = await start();
        const first = vaaEnd(update) + 1;
        const messageAt = first + 2;
        const depthAt = messageAt + 85;
        const end = depthAt + 1 + 20 * update.feeds[0].proofDepth;
        for (let at = messageAt; at < end; ++at) {
          if (at === depthAt) continue;
          await expectRefused(pyth, flipBit(update.payload, 8 * at + 7), ids, DATA_ERROR);
        }
      });

      it("A29: the other generation's updates are none of this one's", async () => {
        const { pyth } = await start();
        const other = network === LIVE ? FORMER : LIVE;
        for (const { payload, feeds } of other.updates) {
          await expectRefused(pyth, payload, [feeds[0].feedId], VAA_ERROR);
        }
      });
    });
  }

  it("A29: with all keys in hand, one bit of the emitter's chain or address is another source", async () => {
    const { publisher, pyth } = await loadFixture(deployLive);
    const { emitterChain, emitter } = publisher.network;
    expect(await parse(pyth, [publisher.update([tick()])], [BTC])).to.deep.equal([feedOf(tick())]);
    for (let bit = 0; bit < 16; ++bit) {
      const data = publisher.update([tick()], { emitterChain: emitterChain ^ (1 << bit) });
      await expectRefused(pyth, data, [BTC], SOURCE_ERROR);
    }
    for (let bit = 0; bit < 256; ++bit) {
      const data = publisher.update([tick()], { emitter: flipBit(emitter, bit) });
      await expectRefused(pyth, data, [BTC], SOURCE_ERROR);
    }
  });

  it("A29: two of five are none, three of five any three, and nobody outside counts", async () => {
    const { publisher, pyth } = await loadFixture(deployLive);
    const keys = publisher.guardianKeys;
    const [stranger] = new LocalPublisher({ label: "stranger" }).signers;
    for (let chosen = 0; chosen < 1 << 5; ++chosen) {
      const indices = [0, 1, 2, 3, 4].filter((index) => (chosen >> index) & 1);
      const signedBy = (signers: typeof keys) => publisher.update([tick()], { signers, signerIndices: indices });
      const data = signedBy(indices.map((index) => keys[index]));
      if (indices.length < 3) await expectRefused(pyth, data, [BTC], VAA_ERROR);
      else expect(await parseUnique(pyth, [data], [BTC], TIME)).to.deep.equal([feedOf(tick())]);
      if (indices.length === 0) continue;
      const forged = signedBy([...indices.slice(0, -1).map((index) => keys[index]), stranger]);
      await expectRefused(pyth, forged, [BTC], VAA_ERROR);
    }
  });
});
