/** What a market of the order book has taken in fees and nobody has swept: words of Pro's storage, and what a sweep makes of them. */
import { solidityPackedKeccak256, toBeHex } from "ethers";

/** Numbers of the members of `ProState` and `Market`. */
const PLACE = { markets: 7n, fund: 9n, brokerFees: 21n };
/** Of the word with fund and fees. */
const FUND_BITS = 112n;
const FEES_BITS = 96n;
/** Who is no broker: under his number lies the sum of all. */
const ALL_BROKERS = 0n;

/** Token units. */
export interface UnsweptFees {
  /** What a sweep that names the brokers brings. */
  readonly total: bigint;
  /** Of it what their shares are taken of, in their order. */
  readonly bases: readonly bigint[];
}

/** The words to be read of a market for some brokers, for `unsweptIn`. */
export function unsweptSlots(market: bigint, brokers: readonly bigint[]): string[] {
  const base = slotOf(market, PLACE.markets);
  const parts = [ALL_BROKERS, ...brokers].map((broker) => slotOf(broker, base + PLACE.brokerFees));
  return [base + PLACE.fund, ...parts].map((slot) => toBeHex(slot, 32));
}

/** @param quotePerUnit Quote, of 18 decimals, of a unit of the settlement token: less than one stays. */
export function unsweptIn(words: readonly string[], quotePerUnit: bigint): UnsweptFees {
  const [fund, all, ...parts] = words.map(BigInt);
  const fees = (fund >> FUND_BITS) & ((1n << FEES_BITS) - 1n);
  const bases = parts.map((part) => part / quotePerUnit);
  // What the brokers who are not named have part in stays.
  const staying = all - bases.reduce((sum, base) => sum + base, 0n) * quotePerUnit;
  return { total: (fees - staying) / quotePerUnit, bases };
}

/** Where a mapping at `place` keeps the value of a key. */
function slotOf(key: bigint, place: bigint): bigint {
  return BigInt(solidityPackedKeccak256(["uint256", "uint256"], [key, place]));
}
