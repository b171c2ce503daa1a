import { expect } from "chai";
import { SigningKey, computeAddress, dataSlice, id, keccak256 } from "ethers";

import { FORMER_NETWORK, LIVE_NETWORK, PYTH_EMITTER, PYTH_EMITTER_CHAIN } from "../../../sdk/pyth/networks";
import { LocalPublisher, sameSecond } from "../../../kit/pyth/publisher";
import {
  PythWireError,
  buildTree,
  decodeMessage,
  decodeUpdate,
  encodeMessage,
  encodeUpdate,
  proofRoot,
  recoverGuardians,
} from "../../../sdk/pyth/wire";
import type { PythPrice, UpdateInput } from "../../../sdk/pyth/wire";

import { FORMER, LIVE } from "../../dsl/recordedPyth";
import { BTC, ETH, TIME, tick } from "./prices";

const key = new SigningKey(id("wire test"));

function input(prices: PythPrice[], overrides: Partial<UpdateInput> = {}): UpdateInput {
  const shape = { proofDepth: 10, emitterChain: PYTH_EMITTER_CHAIN, emitter: PYTH_EMITTER };
  const header = { vaaTimestamp: TIME, slot: 7n, sequence: 9n, guardianSetIndex: 3 };
  return { prices, ...header, signers: [key], ...shape, ...overrides };
}

describe("sdk/pyth/wire", () => {
  describe("encodeMessage", () => {
    it("lays the fields out in 85 bytes", () => {
      const message = encodeMessage(tick({ feedId: ETH, price: -2n, conf: 3n, expo: -8, emaPrice: 4n, emaConf: 5n }));
      expect(message).to.equal(
        `0x00${ETH.slice(2)}fffffffffffffffe0000000000000003fffffff8` +
          "000000006b49d200000000006b49d1ff00000000000000040000000000000005",
      );
    });

    it("takes the price for an absent moving average", () => {
      const message = encodeMessage(tick({ emaPrice: undefined, emaConf: undefined }));
      expect(decodeMessage(message)).to.include({ emaPrice: tick().price, emaConf: tick().conf });
    });

    it("refuses values that don't fit", () => {
      expect(() => encodeMessage(tick({ price: 2n ** 63n }))).to.throw();
      expect(() => encodeMessage(tick({ price: -(2n ** 63n) - 1n }))).to.throw();
      expect(() => encodeMessage(tick({ conf: -1n }))).to.throw();
      expect(() => encodeMessage(tick({ expo: 2 ** 31 }))).to.throw();
      expect(() => encodeMessage(tick({ feedId: "0x1234" }))).to.throw(PythWireError, "feed id of 2 bytes");
    });
  });

  describe("buildTree", () => {
    const messages = [0, 1, 2, 3, 4].map((n) => encodeMessage(tick({ price: BigInt(n) })));

    for (const depth of [3, 4, 10, 40]) {
      it(`proves every message at depth ${depth}`, () => {
        const { root, proofs } = buildTree(messages, depth);
        expect(proofs.map((proof) => proof.length)).to.deep.equal(messages.map(() => depth));
        messages.forEach((message, index) => expect(proofRoot(message, proofs[index])).to.equal(root));
      });
    }

    it("is the message's leaf at depth 0", () => {
      const leaf = dataSlice(keccak256(`0x00${messages[0].slice(2)}`), 0, 20);
      expect(buildTree(messages.slice(0, 1), 0)).to.deep.equal({ root: leaf, proofs: [[]] });
    });

    it("is an empty leaf without messages at depth 0", () => {
      expect(buildTree([], 0).root).to.equal(dataSlice(keccak256("0x02"), 0, 20));
    });

    it("refuses more messages than leaves", () => {
      expect(() => buildTree(messages, 2)).to.throw(PythWireError, "5 messages don't fit a tree of depth 2");
    });
  });

  describe("decodeUpdate", () => {
    it("reads back what was encoded", () => {
      const prices = [
        tick({ expo: 5 }),
        tick({ feedId: ETH, price: -(2n ** 63n), conf: 2n ** 64n - 1n, expo: -(2 ** 31), prevPublishTime: 0n }),
      ];
      const update = decodeUpdate(encodeUpdate(input(prices)));
      expect(update).to.include({ vaaTimestamp: TIME, slot: 7n, sequence: 9n, guardianSetIndex: 3, nonce: 0n });
      expect(update).to.include({ emitterChain: 26, emitter: PYTH_EMITTER });
      expect(update.prices.map(({ message: _message, proof: _proof, ...price }) => price)).to.deep.equal(prices);
      expect(update.prices.map(({ proof }) => proof.length)).to.deep.equal([10, 10]);
    });

    it("names the guardians that signed", () => {
      const other = new SigningKey(id("other"));
      const update = decodeUpdate(encodeUpdate(input([tick()], { signers: [key, other], signerIndices: [2, 5] })));
      expect(update.signatures.map(({ guardianIndex }) => guardianIndex)).to.deep.equal([2, 5]);
      expect(recoverGuardians(update)).to.deep.equal([computeAddress(key), computeAddress(other)]);
    });

    it("skips a trailing header", () => {
      const update = encodeUpdate(input([tick()]));
      const extended = `${update.slice(0, 14)}03aabbcc${update.slice(16)}`;
      expect(decodeUpdate(extended)).to.deep.equal(decodeUpdate(update));
    });

    it("refuses a tampered message and a tampered proof", () => {
      const publisher = new LocalPublisher();
      expect(() => decodeUpdate(publisher.tamperedMessageUpdate([tick()], 1n))).to.throw(PythWireError, "proof");
      expect(() => decodeUpdate(publisher.tamperedProofUpdate([tick()]))).to.throw(PythWireError, "proof");
    });

    it("refuses another magic and bytes after the end", () => {
      const update = encodeUpdate(input([tick()]));
      expect(() => decodeUpdate(`0x00${update.slice(4)}`)).to.throw(PythWireError, "update magic");
      expect(() => decodeUpdate(`${update}00`)).to.throw(PythWireError, "1 bytes after the last message");
    });

    it("refuses every truncation", () => {
      const update = encodeUpdate(input([tick()]));
      for (let length = 0; length < (update.length - 2) / 2; length++) {
        expect(() => decodeUpdate(dataSlice(update, 0, length)), `${length} bytes`).to.throw(PythWireError);
      }
    });

    for (const [name, network] of Object.entries({ FORMER, LIVE })) {
      it(`reads the recorded genuine updates (${name})`, () => {
        expect(network.updates).to.have.length(network === LIVE ? 3 : 14);
        for (const recorded of network.updates) {
          const update = decodeUpdate(recorded.payload);
          const guardians = network.sets.get(recorded.guardianSetIndex);
          expect(recoverGuardians(update)).to.deep.equal(
            update.signatures.map(({ guardianIndex }) => guardians?.[guardianIndex]),
          );
          expect(update.signatures).to.have.length(network.quorum);
          expect(update.emitterChain).to.equal(network.emitterChain).and.to.equal(recorded.emitterChain);
          expect(update.emitter).to.equal(network.emitter).and.to.equal(recorded.emitterAddress);
          expect(update.vaaTimestamp).to.equal(BigInt(recorded.vaaTimestamp));
          expect(update.root).to.equal(recorded.merkleRoot);
          expect(update.slot).to.equal(BigInt(recorded.slot));
          expect(update.sequence).to.equal(BigInt(recorded.sequence));
          expect(
            update.prices.map(({ message: _message, proof, ...price }) => ({ ...price, proofDepth: proof.length })),
          ).to.deep.equal(
            recorded.feeds.map((feed) => ({
              feedId: feed.feedId,
              price: BigInt(feed.price),
              conf: BigInt(feed.conf),
              expo: feed.expo,
              publishTime: BigInt(feed.publishTime),
              prevPublishTime: BigInt(feed.prevPublishTime),
              emaPrice: BigInt(feed.emaPrice),
              emaConf: BigInt(feed.emaConf),
              proofDepth: feed.proofDepth,
            })),
          );
        }
      });
    }

    it("finds every live price a second after the one before, proven by the depth a publisher takes", () => {
      for (const { feeds } of LIVE.updates) {
        for (const { publishTime, prevPublishTime, proofDepth } of feeds) {
          expect(publishTime - prevPublishTime).to.equal(1);
          expect(proofDepth).to.equal(LIVE_NETWORK.proofDepth);
        }
      }
    });
  });
});

describe("sdk/pyth/publisher", () => {
  it("derives the same guardians from the same label, others from another", () => {
    const guardians = new LocalPublisher({ label: "a" }).guardians;
    expect(new LocalPublisher({ label: "a" }).guardians).to.deep.equal(guardians);
    expect(new Set([...guardians, ...new LocalPublisher({ label: "b" }).guardians]).size).to.equal(10);
  });

  for (const network of [LIVE_NETWORK, FORMER_NETWORK]) {
    it(`signs as ${network.quorum} of ${network.guardianCount}, the first of the guardians`, () => {
      const publisher = new LocalPublisher(network);
      const update = decodeUpdate(publisher.update([tick()]));
      const { guardianSetIndex, emitterChain, emitter } = network;
      expect(update).to.include({ guardianSetIndex, emitterChain, emitter });
      expect(recoverGuardians(update)).to.deep.equal(publisher.guardians.slice(0, network.quorum));
      expect(update.prices[0].proof).to.have.length(network.proofDepth);
    });
  }

  it("is of the live network unless told otherwise, and says what makes a contract believe it", () => {
    const publisher = new LocalPublisher();
    expect(publisher.network).to.deep.equal(LIVE_NETWORK);
    expect(publisher.setup).to.deep.equal({
      emitterChain: LIVE.emitterChain,
      emitter: LIVE.emitter,
      guardianSetIndex: Math.max(...LIVE.sets.keys()),
      guardians: publisher.guardians,
      quorum: LIVE.quorum,
      updateFeeWei: 0n,
    });
    expect(publisher.guardians).to.have.length(5);
  });

  it("has no quorum of nobody, nor of more than there are", () => {
    expect(() => new LocalPublisher({ quorum: 0 })).to.throw("no quorum of 0 among 5 guardians");
    expect(() => new LocalPublisher({ quorum: 6 })).to.throw("no quorum of 6 among 5 guardians");
  });

  it("dates an update at its latest price and counts its sequence up", () => {
    const publisher = new LocalPublisher();
    const first = decodeUpdate(publisher.update([tick(), tick({ feedId: ETH, publishTime: TIME + 2n })]));
    const second = decodeUpdate(publisher.update([tick()]));
    expect(first.vaaTimestamp).to.equal(TIME + 2n);
    expect(second.sequence).to.equal(first.sequence + 1n);
  });

  it("publishes a further price of the same second", () => {
    expect(sameSecond(tick(), 5n)).to.include({ feedId: BTC, price: 5n, publishTime: TIME, prevPublishTime: TIME });
    const [price] = decodeUpdate(new LocalPublisher().sameSecondUpdate(tick(), 5n)).prices;
    expect(price).to.include({ price: 5n, publishTime: TIME, prevPublishTime: TIME });
  });

  it("forges with keys that are no guardian's", () => {
    const publisher = new LocalPublisher();
    const signers = recoverGuardians(decodeUpdate(publisher.wrongSignerUpdate([tick()])));
    expect(signers).to.have.length(3);
    signers.forEach((signer) => expect(publisher.guardians).not.to.include(signer));
  });

  it("has nothing to tamper with in an empty update", () => {
    expect(() => new LocalPublisher().tamperedMessageUpdate([], 1n)).to.throw("no message to tamper with");
  });
});
