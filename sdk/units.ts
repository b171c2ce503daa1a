/**
 * Units of every amount that crosses the interface, with helpers to write and to show them.
 *
 * | thing        | unit                                                | decimals |
 * | ------------ | --------------------------------------------------- | -------- |
 * | price        | USD per 1.0 of the base asset                       | 10       |
 * | size         | base asset                                          | 8        |
 * | USD amount   | price × size is a USD amount exactly                | 18       |
 * | token amount | the token's own decimals                            | varies   |
 * | rate, share  | pips: 1,000,000 = 100%                              | 6        |
 * | carry index  | fraction of the entry notional                      | 18       |
 *
 * Every helper returns a type of its own unit: where one is asked for, no other and no bare number will do. Arithmetic takes
 * them all for the integers that they are.
 */

declare const unit: unique symbol;
type Unit<Name extends string> = bigint & { readonly [unit]: Name };

/** USD per 1.0 of the base asset, 10 decimals. */
export type Price = Unit<"price">;
/** Base asset, 8 decimals. */
export type Size = Unit<"size">;
/** USD, 18 decimals. */
export type Usd = Unit<"usd">;
/** A token's own units. */
export type TokenAmount = Unit<"tokenAmount">;
/** Millionths. */
export type Pips = Unit<"pips">;

/** A number that its unit can't hold, or none at all. */
export class UnitError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "UnitError";
  }
}

/** 100% in pips. */
export const PIPS = 1_000_000n;
/** Decimals of a price. */
export const PRICE_DECIMALS = 10;
/** Decimals of a size. */
export const SIZE_DECIMALS = 8;
/** Decimals of a USD amount: those of a price plus those of a size. */
export const USD_DECIMALS = 18;
/** 1.0 of a quantity with 18 decimals: a USD amount, a carry index, a share of ALP. */
export const X18 = 10n ** 18n;
/** Seconds in an hour, the period that rates and loss budgets are quoted for. */
export const HOUR_SECONDS = 3_600n;

/** Digits stand alone or in groups of three: "1,5" is a mistake, not fifteen, and "0,500" one, not five hundred. */
const DECIMAL = /^(-?)(\d+|[1-9]\d{0,2}(?:[,_]\d{3})+)(?:\.(\d+))?$/;

/** The largest values of the contracts' types. */
const MAX_PRICE = 2n ** 64n - 1n;
const MAX_SIZE = 2n ** 96n - 1n;
const MAX_AMOUNT = 2n ** 128n - 1n;
const MAX_PIPS = 2n ** 24n - 1n;
const MAX_USD = 2n ** 128n - 1n;

/**
 * Reads a decimal number as an integer of the given decimals.
 * Underscores and commas may group digits: "60_000", "1,250.5".
 * Exact: a number with more decimals than the unit holds is an error, never rounded.
 */
export function parseDecimal(text: string, decimals: number): bigint {
  const match = DECIMAL.exec(text);
  if (match === null) throw new UnitError(`"${text}" is not a decimal number`);
  const [, sign, whole, rest = ""] = match;
  const fraction = rest.replace(/0+$/, "");
  if (fraction.length > decimals) throw new UnitError(`"${text}" has more than ${decimals} decimals`);
  const value = BigInt(whole.replace(/[_,]/g, "") + fraction.padEnd(decimals, "0"));
  return sign === "-" ? -value : value;
}

/**
 * Shows an integer of the given decimals as a decimal number.
 * Without `digits` it is exact and without trailing zeros; with `digits` it is cut to that many decimals towards zero.
 */
export function formatDecimal(value: bigint, decimals: number, digits?: number): string {
  const magnitude = value < 0n ? -value : value;
  const unit = 10n ** BigInt(decimals);
  const all = decimals === 0 ? "" : (magnitude % unit).toString().padStart(decimals, "0");
  const fraction = digits === undefined ? all.replace(/0+$/, "") : all.slice(0, digits).padEnd(digits, "0");
  const text = fraction === "" ? `${magnitude / unit}` : `${magnitude / unit}.${fraction}`;
  return value < 0n && /[1-9]/.test(text) ? `-${text}` : text;
}

/** A USD amount, of any sign: `usd("12.5")` is 12.5e18. */
export function usd(text: string): Usd {
  return within(text, parseDecimal(text, USD_DECIMALS), -MAX_USD, MAX_USD) as Usd;
}

/** A price: `px("60000")` is 60000e10. */
export function px(text: string): Price {
  return within(text, parseDecimal(text, PRICE_DECIMALS), 0n, MAX_PRICE) as Price;
}

/** A size in the base asset: `size("0.1")` is 0.1e8. */
export function size(text: string): Size {
  return within(text, parseDecimal(text, SIZE_DECIMALS), 0n, MAX_SIZE) as Size;
}

/** A token amount: `tokens("1.5", 6)` is 1,500,000. */
export function tokens(text: string, decimals: number): TokenAmount {
  return within(text, parseDecimal(text, decimals), 0n, MAX_AMOUNT) as TokenAmount;
}

/** A rate: `pips("0.08%")` and `pips("8bp")` are 800, a bare number counts pips. */
export function pips(text: string): Pips {
  const match = /^(.+?)\s*(%|bps?)?$/.exec(text.trim());
  if (match === null) throw new UnitError(`"${text}" is not a rate`);
  const [, number, name] = match;
  const decimals = name === undefined ? 0 : name === "%" ? 4 : 2;
  return within(text, parseDecimal(number, decimals), 0n, MAX_PIPS) as Pips;
}

function within(text: string, value: bigint, min: bigint, max: bigint): bigint {
  if (value < min) throw new UnitError(`"${text}" is less than its unit holds`);
  if (value > max) throw new UnitError(`"${text}" is more than its unit holds`);
  return value;
}

/** Shows a USD amount, cut to `digits` decimals when given. */
export function formatUsd(value: bigint, digits?: number): string {
  return formatDecimal(value, USD_DECIMALS, digits);
}

/** Shows a price, cut to `digits` decimals when given. */
export function formatPrice(value: bigint, digits?: number): string {
  return formatDecimal(value, PRICE_DECIMALS, digits);
}

/** Shows a size, cut to `digits` decimals when given. */
export function formatSize(value: bigint, digits?: number): string {
  return formatDecimal(value, SIZE_DECIMALS, digits);
}

/** Shows a token amount, cut to `digits` decimals when given. */
export function formatToken(value: bigint, decimals: number, digits?: number): string {
  return formatDecimal(value, decimals, digits);
}

/** Shows a rate in percent: 800 pips are "0.08%". */
export function formatPips(value: bigint): string {
  return `${formatDecimal(value, 4)}%`;
}
