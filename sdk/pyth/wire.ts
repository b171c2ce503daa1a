/**
 * Pyth's accumulator update ("PNAU" 1.0), written and read. All integers are big endian.
 *
 *     update   "PNAU" · major u8 · minor u8 · trailing header length u8 · trailing header · type u8 (0)
 *              · VAA length u16 · VAA · count u8
 *              · count × (message length u16 · message · proof depth u8 · proof depth × 20 bytes)
 *     VAA      version u8 · guardian set u32 · signature count u8
 *              · count × (guardian u8 · r 32 · s 32 · recovery id u8) · body
 *     body     timestamp u32 · nonce u32 · emitter chain u16 · emitter 32 · sequence u64 · consistency u8 · payload
 *     payload  "AUWV" · type u8 (0) · slot u64 · ring size u32 · Merkle root 20
 *     message  type u8 (0) · feed id 32 · price i64 · conf u64 · expo i32 · publish time u64
 *              · previous publish time u64 · EMA price i64 · EMA conf u64                              (85 bytes)
 *
 * Guardians sign keccak256(keccak256(body)). Merkle hashes are the first 20 bytes of keccak256: a leaf of
 * 00 ‖ message, a node of 01 ‖ smaller ‖ larger, an empty leaf of 02.
 */
import { concat, dataLength, dataSlice, getBytes, hexlify, keccak256, recoverAddress, toBeHex, toTwos } from "ethers";
import type { SigningKey } from "ethers";

const UPDATE_MAGIC = "0x504e4155";
const PAYLOAD_MAGIC = "0x41555756";
const MESSAGE_BYTES = 85;
const NODE_BYTES = 20;
const SIGNATURE_BYTES = 66;
const VAA_VERSION = 1n;
const UPDATE_MAJOR_VERSION = 1n;

/** One price message. */
export interface PythPrice {
  /** Feed id, 32 bytes. */
  feedId: string;
  /** Price in units of 10^expo. */
  price: bigint;
  /** Confidence interval in units of 10^expo. */
  conf: bigint;
  /** Decimal exponent, of any sign. */
  expo: number;
  /** Unix seconds. */
  publishTime: bigint | number;
  /** Unix seconds of the feed's update before this one. */
  prevPublishTime: bigint | number;
  /** Moving average in units of 10^expo; `price` when absent. */
  emaPrice?: bigint;
  /** Its confidence interval in units of 10^expo; `conf` when absent. */
  emaConf?: bigint;
}

/** What one update contains and who signs it. */
export interface UpdateInput {
  /** Messages in their order in the update, at most 255. */
  prices: readonly PythPrice[];
  /** Unix seconds of the VAA. */
  vaaTimestamp: bigint | number;
  /** Slot of the price chain. */
  slot: bigint | number;
  /** Sequence of the emitter. */
  sequence: bigint | number;
  /** 32 bits. */
  guardianSetIndex: number;
  /** Signing guardians in the order of their signatures. */
  signers: readonly SigningKey[];
  /** Guardian index of each signer; 0, 1, 2 … when absent. */
  signerIndices?: readonly number[];
  /** Depth of the Merkle tree, padded with empty leaves: 0 to 255. */
  proofDepth: number;
  /** Wormhole's id of the emitter's chain, 16 bits. */
  emitterChain: number;
  /** 32 bytes. */
  emitter: string;
}

/** A guardian's signature over an update. */
export interface GuardianSignature {
  guardianIndex: number;
  r: string;
  s: string;
  /** 27 or 28. */
  v: number;
}

/** A price message with its proof. */
export interface ProvenPrice {
  feedId: string;
  price: bigint;
  conf: bigint;
  expo: number;
  publishTime: bigint;
  prevPublishTime: bigint;
  emaPrice: bigint;
  emaConf: bigint;
  /** The message as proven. */
  message: string;
  /** Sibling hashes from the leaf to the root. */
  proof: string[];
}

/** A read update, all of whose proofs lead to its root. */
export interface DecodedUpdate {
  guardianSetIndex: number;
  signatures: GuardianSignature[];
  /** What the guardians signed. */
  digest: string;
  vaaTimestamp: bigint;
  nonce: bigint;
  emitterChain: number;
  emitter: string;
  sequence: bigint;
  consistencyLevel: number;
  slot: bigint;
  ringSize: bigint;
  root: string;
  prices: ProvenPrice[];
}

/** An update that can't be read or whose proofs don't lead to its root. */
export class PythWireError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "PythWireError";
  }
}

/** Root of a tree and the proof of each of its messages. */
export interface MerkleTree {
  root: string;
  proofs: string[][];
}

const unsigned = (value: bigint | number, bytes: number): string => toBeHex(value, bytes);
const signed = (value: bigint | number, bytes: number): string => toBeHex(toTwos(value, bytes * 8), bytes);
const hash160 = (data: string): string => dataSlice(keccak256(data), 0, NODE_BYTES);
const leafOf = (message: string): string => hash160(concat(["0x00", message]));

function nodeOf(a: string, b: string): string {
  // Hex of one length and case sorts like the numbers.
  return hash160(a <= b ? concat(["0x01", a, b]) : concat(["0x01", b, a]));
}

/** Encodes one price message. */
export function encodeMessage(price: PythPrice): string {
  if (dataLength(price.feedId) !== 32) throw new PythWireError(`feed id of ${dataLength(price.feedId)} bytes`);
  return concat([
    "0x00",
    price.feedId,
    signed(price.price, 8),
    unsigned(price.conf, 8),
    signed(price.expo, 4),
    unsigned(price.publishTime, 8),
    unsigned(price.prevPublishTime, 8),
    signed(price.emaPrice ?? price.price, 8),
    unsigned(price.emaConf ?? price.conf, 8),
  ]);
}

/** Builds the tree of 2^depth leaves whose first ones are `messages` and whose others are empty. */
export function buildTree(messages: readonly string[], depth: number): MerkleTree {
  if (depth < 0 || depth > 255 || BigInt(messages.length) > 1n << BigInt(depth)) {
    throw new PythWireError(`${messages.length} messages don't fit a tree of depth ${depth}`);
  }
  const proofs: string[][] = messages.map(() => []);
  let padding = hash160("0x02");
  let level = messages.map(leafOf);
  for (let height = 0; height < depth; height++) {
    const at = (index: number): string => level[index] ?? padding;
    proofs.forEach((proof, index) => proof.push(at(Math.floor(index / 2 ** height) ^ 1)));
    const parents: string[] = [];
    for (let index = 0; index < level.length; index += 2) parents.push(nodeOf(at(index), at(index + 1)));
    level = parents;
    padding = nodeOf(padding, padding);
  }
  return { root: level[0] ?? padding, proofs };
}

/** Root to which `proof` leads from `message`. */
export function proofRoot(message: string, proof: readonly string[]): string {
  return proof.reduce(nodeOf, leafOf(message));
}

/** Digest the guardians sign. */
export function digestOf(body: string): string {
  return keccak256(keccak256(body));
}

function encodeBody(input: UpdateInput, root: string): string {
  const payload = concat([PAYLOAD_MAGIC, "0x00", unsigned(input.slot, 8), unsigned(10_000, 4), root]);
  return concat([
    unsigned(input.vaaTimestamp, 4),
    unsigned(0, 4),
    unsigned(input.emitterChain, 2),
    input.emitter,
    unsigned(input.sequence, 8),
    unsigned(1, 1),
    payload,
  ]);
}

function encodeVaa(input: UpdateInput, root: string): string {
  const body = encodeBody(input, root);
  const digest = digestOf(body);
  const signatures = input.signers.map((signer, position) => {
    const { r, s, yParity } = signer.sign(digest);
    return concat([unsigned(input.signerIndices?.[position] ?? position, 1), r, s, unsigned(yParity, 1)]);
  });
  return concat(["0x01", unsigned(input.guardianSetIndex, 4), unsigned(signatures.length, 1), ...signatures, body]);
}

/** Builds a genuine accumulator update. */
export function encodeUpdate(input: UpdateInput): string {
  const messages = input.prices.map(encodeMessage);
  const { root, proofs } = buildTree(messages, input.proofDepth);
  const vaa = encodeVaa(input, root);
  const proven = messages.map((message, index) =>
    concat([unsigned(dataLength(message), 2), message, unsigned(proofs[index].length, 1), ...proofs[index]]),
  );
  return concat([UPDATE_MAGIC, "0x01000000", unsigned(dataLength(vaa), 2), vaa, unsigned(proven.length, 1), ...proven]);
}

/** Reads fields one after the other and refuses to read past the end. */
class Reader {
  private readonly bytes: Uint8Array;
  private offset = 0;

  constructor(data: string | Uint8Array) {
    this.bytes = getBytes(data);
  }

  get left(): number {
    return this.bytes.length - this.offset;
  }

  take(length: number): Uint8Array {
    if (length > this.left) throw new PythWireError(`${length} bytes wanted at ${this.offset}, ${this.left} left`);
    const start = this.offset;
    this.offset += length;
    return this.bytes.subarray(start, this.offset);
  }

  hex(length: number): string {
    return hexlify(this.take(length));
  }

  unsigned(length: number): bigint {
    return BigInt(this.hex(length));
  }

  signed(length: number): bigint {
    return BigInt.asIntN(length * 8, this.unsigned(length));
  }

  /** At most four bytes, so that a number holds it. */
  small(length: 1 | 2 | 4): number {
    return Number(this.unsigned(length));
  }

  expect(length: number, value: bigint, what: string): void {
    const found = this.unsigned(length);
    if (found !== value) throw new PythWireError(`${what} is ${found}, expected ${value}`);
  }
}

/** Reads one price message; longer ones are accepted, as fields are only ever appended. */
export function decodeMessage(message: string): Omit<ProvenPrice, "message" | "proof"> {
  if (dataLength(message) < MESSAGE_BYTES) throw new PythWireError(`message of ${dataLength(message)} bytes`);
  const reader = new Reader(message);
  reader.expect(1, 0n, "message type");
  return {
    feedId: reader.hex(32),
    price: reader.signed(8),
    conf: reader.unsigned(8),
    expo: Number(reader.signed(4)),
    publishTime: reader.unsigned(8),
    prevPublishTime: reader.unsigned(8),
    emaPrice: reader.signed(8),
    emaConf: reader.unsigned(8),
  };
}

function decodeSignature(bytes: Uint8Array): GuardianSignature {
  const reader = new Reader(bytes);
  return { guardianIndex: reader.small(1), r: reader.hex(32), s: reader.hex(32), v: reader.small(1) + 27 };
}

function decodeVaa(vaa: Uint8Array): Omit<DecodedUpdate, "prices"> {
  const reader = new Reader(vaa);
  reader.expect(1, VAA_VERSION, "VAA version");
  const guardianSetIndex = reader.small(4);
  const signatureCount = reader.small(1);
  const signatures = Array.from({ length: signatureCount }, () => decodeSignature(reader.take(SIGNATURE_BYTES)));

  const body = reader.take(reader.left);
  const fields = new Reader(body);
  const header = {
    vaaTimestamp: fields.unsigned(4),
    nonce: fields.unsigned(4),
    emitterChain: fields.small(2),
    emitter: fields.hex(32),
    sequence: fields.unsigned(8),
    consistencyLevel: fields.small(1),
  };
  fields.expect(4, BigInt(PAYLOAD_MAGIC), "payload magic");
  fields.expect(1, 0n, "payload type");
  const commitment = { slot: fields.unsigned(8), ringSize: fields.unsigned(4), root: fields.hex(NODE_BYTES) };
  return { guardianSetIndex, signatures, digest: digestOf(hexlify(body)), ...header, ...commitment };
}

function decodeProvenPrice(reader: Reader, root: string): ProvenPrice {
  const message = reader.hex(reader.small(2));
  const proofDepth = reader.small(1);
  const proof = Array.from({ length: proofDepth }, () => reader.hex(NODE_BYTES));
  if (proofRoot(message, proof) !== root) throw new PythWireError(`a proof doesn't lead to the root ${root}`);
  return { ...decodeMessage(message), message, proof };
}

/**
 * Reads an update and checks every proof against the signed root. Who signed is for the caller to judge
 * (`recoverGuardians`).
 */
export function decodeUpdate(update: string): DecodedUpdate {
  const reader = new Reader(update);
  reader.expect(4, BigInt(UPDATE_MAGIC), "update magic");
  reader.expect(1, UPDATE_MAJOR_VERSION, "major version");
  reader.take(1);
  reader.take(reader.small(1));
  reader.expect(1, 0n, "update type");

  const vaa = decodeVaa(reader.take(reader.small(2)));
  const count = reader.small(1);
  const prices = Array.from({ length: count }, () => decodeProvenPrice(reader, vaa.root));
  if (reader.left !== 0) throw new PythWireError(`${reader.left} bytes after the last message`);
  return { ...vaa, prices };
}

/** Address behind each signature, in their order. */
export function recoverGuardians(update: DecodedUpdate): string[] {
  return update.signatures.map(({ r, s, v }) => recoverAddress(update.digest, { r, s, v }));
}
