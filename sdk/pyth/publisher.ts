/** A price network of one's own: signs updates that a local Pyth accepts, and forges ones it must refuse. */
import { SigningKey, computeAddress, concat, dataLength, dataSlice, getBytes, hexlify, id } from "ethers";

import { DEFAULT_PROOF_DEPTH, encodeMessage, encodeUpdate } from "./wire";
import type { PythPrice, UpdateInput } from "./wire";

/** Settings of a publisher; each has a default. */
export interface PublisherOptions {
  /** Keys are derived from it, so one label always gives the same guardians. */
  label?: string;
  /** Members of the guardian set; 1 when absent. */
  guardianCount?: number;
  /** 0 when absent. */
  guardianSetIndex?: number;
  /** Depth of the Merkle trees; 10 when absent. */
  proofDepth?: number;
}

/** Fields of an update that a caller may set instead of the publisher. */
export type UpdateOverrides = Partial<Omit<UpdateInput, "prices">>;

/** Signatures a set of `guardianCount` members needs: more than two thirds. */
export function quorum(guardianCount: number): number {
  return Math.floor((guardianCount * 2) / 3) + 1;
}

/** Deterministic guardian set with the counters of its emitter. */
export class LocalPublisher {
  readonly guardianSetIndex: number;
  readonly proofDepth: number;
  private readonly label: string;
  private readonly keys: readonly SigningKey[];
  private sequence = 0n;

  constructor(options: PublisherOptions = {}) {
    this.label = options.label ?? "local price publisher";
    this.guardianSetIndex = options.guardianSetIndex ?? 0;
    this.proofDepth = options.proofDepth ?? DEFAULT_PROOF_DEPTH;
    this.keys = Array.from({ length: options.guardianCount ?? 1 }, (_, index) => this.deriveKey(String(index)));
  }

  /** Addresses of the guardian set in the order of their indices. */
  get guardians(): string[] {
    return this.keys.map((key) => computeAddress(key));
  }

  /** The keys of the first guardians that make a quorum. */
  get signers(): SigningKey[] {
    return this.keys.slice(0, quorum(this.keys.length));
  }

  /** Update with these prices, signed by a quorum and dated at the latest of them. */
  update(prices: readonly PythPrice[], overrides: UpdateOverrides = {}): string {
    this.sequence += 1n;
    const vaaTimestamp = prices.reduce((latest, { publishTime }) => {
      const time = BigInt(publishTime);
      return time > latest ? time : latest;
    }, 0n);
    return encodeUpdate({
      prices,
      vaaTimestamp,
      slot: this.sequence,
      sequence: this.sequence,
      guardianSetIndex: this.guardianSetIndex,
      signers: this.signers,
      proofDepth: this.proofDepth,
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
