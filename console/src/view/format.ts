/** Numbers as the page shows them: always as many digits, so that nothing jumps. */
import { formatDecimal, formatPrice, formatUsd } from "@asterism/sdk";

/** Stands for what is not there, or not known. */
export const NONE = "–";

/** Digits in groups of three. */
export function grouped(text: string): string {
  const [whole, fraction] = text.split(".");
  const groups = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  return fraction === undefined ? groups : `${groups}.${fraction}`;
}

/** A price with as many digits as its size needs; 0 stands for none. */
export function priceText(price: bigint): string {
  if (price === 0n) return NONE;
  const digits = price >= 1_000n * 10n ** 10n ? 2 : price >= 10n ** 10n ? 4 : 6;
  return grouped(formatPrice(price, digits));
}

export function usdText(value: bigint, digits = 2): string {
  const text = formatUsd(value < 0n ? -value : value, digits);
  return `${value < 0n && /[1-9]/.test(text) ? "−" : ""}$${grouped(text)}`;
}

/** With its sign, 0 without. */
export function signedUsdText(value: bigint, digits = 2): string {
  return `${value > 0n ? "+" : ""}${usdText(value, digits)}`;
}

/** An amount of a token, with `digits` decimals. */
export function tokenText(value: bigint, decimals: number, digits = 4): string {
  const text = grouped(formatDecimal(value < 0n ? -value : value, decimals, Math.min(digits, decimals)));
  return value < 0n ? `−${text}` : text;
}

/** A share in pips as a percentage. */
export function pipsText(pips: bigint, digits = 2): string {
  const text = formatDecimal(pips < 0n ? -pips : pips, 4, digits);
  return `${pips < 0n ? "−" : ""}${text}%`;
}

/** How far a price is from another, signed, in percent. */
export function distanceText(price: bigint, from: bigint, digits = 3): string {
  if (price === 0n || from === 0n) return NONE;
  const pips = ((price - from) * 1_000_000n) / from;
  return `${pips > 0n ? "+" : ""}${pipsText(pips, digits)}`;
}

/** Part of a whole in pips; 0 of nothing. */
export function shareOf(part: bigint, whole: bigint): bigint {
  return whole === 0n ? 0n : (part * 1_000_000n) / whole;
}

/** Seconds as a person reads them: "4 s", "3 min 20 s", "2 h 5 min". */
export function durationText(seconds: number): string {
  const all = Math.max(0, Math.floor(seconds));
  if (all < 60) return `${all} s`;
  if (all < 3_600) return all % 60 === 0 ? `${all / 60} min` : `${Math.floor(all / 60)} min ${all % 60} s`;
  const minutes = Math.floor((all % 3_600) / 60);
  if (all < 48 * 3_600)
    return minutes === 0 ? `${Math.floor(all / 3_600)} h` : `${Math.floor(all / 3_600)} h ${minutes} min`;
  return `${Math.floor(all / 86_400)} days`;
}

/** The last second of something; 0 for what has none. */
export function untilText(seconds: bigint): string {
  return seconds === 0n ? "for ever" : new Date(Number(seconds) * 1_000).toLocaleString();
}

/** The beginning and the end of an address. */
export function addressText(address: string): string {
  return `${address.slice(0, 6)}…${address.slice(-4)}`;
}

/** A word of the contracts in words: "OpenInterestFull" is "open interest full". */
export function wordsOf(name: string): string {
  return name.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
}

export function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
