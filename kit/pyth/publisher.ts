/** A price network of one's own: signs updates that a local Pyth accepts, and forges ones it must refuse. */
import { SigningKey, computeAddress, concat, dataLength, dataSlice, getBytes, hexlify, id } from "ethers";

import { LIVE_NETWORK } from "../../sdk/pyth/networks";
import type { PriceNetwork } from "../../sdk/pyth/networks";
import { encodeMessage, encodeUpdate } from "../../sdk/pyth/wire";
import type { PythPrice, UpdateInput } from "../../sdk/pyth/wire";

/** Settings of a publisher: those of the live network where they are absent. */
export interface PublisherOptions extends Partial<PriceNetwork> {
  /** Keys are derived from it, so one label always gives the same guardians. */
  readonly label?: string;
}

/** What a local Pyth has to know to believe a publisher, as its `initialize` takes it. */
export interface PythSetup {
  emitterChain: number;
  /** 32 bytes. */
  emitter: string;
  guardianSetIndex: number;
  /** Addresses in the order of their indices. */
  guardians: string[];
  quorum: number;
  /** Per price message, in wei. */
  updateFeeWei: bigint;
}

/** Fields of an update that a caller may set instead of the publisher. */
export type UpdateOverrides = Partial<Omit<UpdateInput, "prices">>;

/** Deterministic guardian set with the counters of its emitter. */
export class LocalPublisher {
  readonly network: PriceNetwork;
  private readonly label: string;
  private readonly keys: readonly SigningKey[];
  private sequence = 0n;

  constructor({ label = "local price publisher", ...network }: PublisherOptions = {}) {
    this.network = { ...LIVE_NETWORK, ...network };
    this.label = label;
    const { guardianCount, quorum } = this.network;
    if (quorum < 1 || quorum > guardianCount)
      throw new Error(`no quorum of ${quorum} among ${guardianCount} guardians`);
    this.keys = Array.from({ length: guardianCount }, (_, index) => this.deriveKey(String(index)));
  }

  /** Addresses of the guardian set in the order of their indices. */
  get guardians(): string[] {
    return this.keys.map((key) => computeAddress(key));
  }

  /** All keys, in the order of their indices. */
  get guardianKeys(): readonly SigningKey[] {
    return this.keys;
  }

  /** The keys of the first guardians that make a quorum. */
  get signers(): SigningKey[] {
    return this.keys.slice(0, this.network.quorum);
  }

  /** What makes a local Pyth believe this publisher. */
  get setup(): PythSetup {
    const { emitterChain, emitter, guardianSetIndex, quorum, updateFeeWei } = this.network;
    return { emitterChain, emitter, guardianSetIndex, guardians: this.guardians, quorum, updateFeeWei };
  }

  /** Update with these prices, signed by a quorum and dated at the latest of them. */
  update(prices: readonly PythPrice[], overrides: UpdateOverrides = {}): string {
    this.sequence += 1n;
    const vaaTimestamp = prices.reduce((latest, { publishTime }) => {
      const time = BigInt(publishTime);
      return time > latest ? time : latest;
    }, 0n);
    const { guardianSetIndex, proofDepth, emitterChain, emitter } = this.network;
    return encodeUpdate({
      prices,
      vaaTimestamp,
      slot: this.sequence,
      sequence: this.sequence,
      guardianSetIndex,
      signers: this.signers,
      proofDepth,
      emitterChain,
      emitter,
      ...overrides,
    });
  }

  /**
   * Update with a further price in the second of `first`: its prevPublishTime equals its publishTime, so it is genuine
   * and never unique.
   */
  sameSecondUpdate(first: PythPrice, price: bigint, overrides: UpdateOverrides = {}): string {
    return this.update([sameSecond(first, price)], overrides);
  }

  /** Forgery: signed by as many keys as needed, none of them a guardian's. */
  wrongSignerUpdate(prices: readonly PythPrice[]): string {
    const signers = this.signers.map((_, index) => this.deriveKey(`stranger ${index}`));
    return this.update(prices, { signers });
  }

  /** Forgery: the first message names another price than the signed root commits to. */
  tamperedMessageUpdate(prices: readonly PythPrice[], forgedPrice: bigint): string {
    const [first] = prices;
    if (first === undefined) throw new Error("an update without prices has no message to tamper with");
    const genuine = encodeMessage(first);
    const forged = encodeMessage({ ...first, price: forgedPrice, emaPrice: first.emaPrice ?? first.price });
    return replaceFirst(this.update(prices), genuine, forged);
  }

  /** Forgery: the last sibling hash of the last proof is another one. */
  tamperedProofUpdate(prices: readonly PythPrice[]): string {
    const bytes = getBytes(this.update(prices));
    bytes[bytes.length - 1] ^= 1;
    return hexlify(bytes);
  }

  private deriveKey(name: string): SigningKey {
    return new SigningKey(id(`${this.label}/${name}`));
  }
}

/** A further price in the second of `first`. */
export function sameSecond(first: PythPrice, price: bigint): PythPrice {
  return { ...first, price, prevPublishTime: first.publishTime };
}

function replaceFirst(data: string, search: string, replacement: string): string {
  const at = data.indexOf(search.slice(2));
  // Hex after "0x", two digits a byte; the messages compared are long enough to match at whole bytes only.
  const start = (at - 2) / 2;
  return concat([dataSlice(data, 0, start), replacement, dataSlice(data, start + dataLength(search))]);
}
