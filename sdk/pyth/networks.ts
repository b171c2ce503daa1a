/** Whose updates a Pyth contract believes, what they are like and what they cost. */
export interface PriceNetwork {
  /** Members of the guardian set, 1 to 255. */
  readonly guardianCount: number;
  /** Signatures an update needs, 1 to `guardianCount`. */
  readonly quorum: number;
  /** Index of the guardian set, 32 bits. */
  readonly guardianSetIndex: number;
  /** Wormhole's id of the chain the updates come from, 16 bits. */
  readonly emitterChain: number;
  /** Their emitter on that chain, 32 bytes. */
  readonly emitter: string;
  /** Sibling hashes in the proof of a price, 0 to 255. */
  readonly proofDepth: number;
  /** What the contract asks for each price message of an update, in wei. */
  readonly updateFeeWei: bigint;
}

/** Wormhole's id of the price chain, in both generations. */
export const PYTH_EMITTER_CHAIN = 26;
/** The emitter since 2026-08-26: the ASCII of "Pythnet", repeated. */
export const PYTH_EMITTER = "0x507974686e6574507974686e6574507974686e6574507974686e657450797468";
/** The accumulator's emitter until then. */
export const FORMER_PYTH_EMITTER = "0xe101faedac5851e32b9b23b5f9411a8c2bac4aae3ed4dd7b811dd1a72ea4aa71";

/** As it is since 2026-08-26: three of five routers sign, and an update costs nothing. */
export const LIVE_NETWORK: PriceNetwork = {
  guardianCount: 5,
  quorum: 3,
  guardianSetIndex: 1,
  emitterChain: PYTH_EMITTER_CHAIN,
  emitter: PYTH_EMITTER,
  proofDepth: 12,
  updateFeeWei: 0n,
};

/** As it was before: 13 of Wormhole's 19 guardians sign, and each price has its fee. */
export const FORMER_NETWORK: PriceNetwork = {
  guardianCount: 19,
  quorum: 13,
  guardianSetIndex: 4,
  emitterChain: PYTH_EMITTER_CHAIN,
  emitter: FORMER_PYTH_EMITTER,
  proofDepth: 10,
  updateFeeWei: 1n,
};

/** One signature and a fee: what gas is measured with, so that the numbers of years stay comparable. */
export const SINGLE_SIGNER_NETWORK: PriceNetwork = {
  ...FORMER_NETWORK,
  guardianCount: 1,
  quorum: 1,
  guardianSetIndex: 0,
};
