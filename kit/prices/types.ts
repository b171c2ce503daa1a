/** A price at a second: USD per unit of the base asset with 10 decimals, and its confidence in the same unit. */
export interface PricePoint {
  /** Unix time in seconds. */
  time: number;
  priceX10: bigint;
  confidenceX10: bigint;
}
