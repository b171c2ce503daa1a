/** What the record of a deployment is made of: `proof/forge/base/Record.sol` has the same structs. */
import { AbiCoder } from "ethers";

/** 0: a call. 1: a creation. 2: code put at an address, as development nodes do. */
export enum StepKind {
  Call,
  Create,
  Code,
}

export interface Step {
  readonly kind: StepKind;
  /** Unix seconds of its block. */
  readonly time: bigint;
  readonly from: string;
  /** What is called or gets the code; of a creation what comes to be. */
  readonly to: string;
  readonly value: bigint;
  readonly data: string;
}

export interface RecordedToken {
  readonly token: string;
  readonly assetId: bigint;
  readonly decimals: bigint;
  /** Its own code, to be put back after another. */
  readonly code: string;
}

export interface RecordedAsset {
  readonly assetId: bigint;
  readonly pythId: string;
  /** 10 decimals. */
  readonly price: bigint;
  readonly feeds: readonly { aggregator: string; decimals: bigint }[];
}

export interface RecordedOffer {
  readonly marketId: bigint;
  readonly token: string;
  readonly periodSeconds: bigint;
}

/** A price network with one signer, and what the local Pyth knows of it. */
export interface RecordedPyth {
  readonly key: string;
  readonly guardianSetIndex: bigint;
  readonly emitterChain: bigint;
  readonly emitter: string;
}

export interface Recorded {
  readonly chainId: bigint;
  readonly steps: readonly Step[];
  readonly names: readonly string[];
  readonly places: readonly string[];
  readonly tokens: readonly RecordedToken[];
  readonly assets: readonly RecordedAsset[];
  readonly books: readonly bigint[];
  readonly offers: readonly RecordedOffer[];
  /** Selectors of the errors that a caller may be answered. */
  readonly errors: readonly string[];
  readonly pyth: RecordedPyth;
}

const STEP = "(uint8 kind, uint40 time, address from, address to, uint256 value, bytes data)";
const TOKEN = "(address token, uint16 assetId, uint8 decimals, bytes code)";
const FEED = "(address aggregator, uint8 decimals)";
const ASSET = `(uint16 assetId, bytes32 pythId, uint64 price, ${FEED}[] feeds)`;
const OFFER = "(uint16 marketId, address token, uint32 periodSeconds)";
const PYTH = "(uint256 key, uint32 guardianSetIndex, uint16 emitterChain, bytes32 emitter)";
const RECORD =
  `tuple(uint256 chainId, ${STEP}[] steps, string[] names, address[] places, ${TOKEN}[] tokens, ${ASSET}[] assets, ` +
  `uint16[] books, ${OFFER}[] offers, bytes4[] errors, ${PYTH} pyth)`;

export function encodeRecord(record: Recorded): Uint8Array {
  const hex = AbiCoder.defaultAbiCoder().encode([RECORD], [record]);
  return Buffer.from(hex.slice(2), "hex");
}
