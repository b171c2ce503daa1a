/** Arguments that more than one command takes, read and refused. */
import { InvalidArgumentError } from "commander";
import { getAddress, isAddress } from "ethers";

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

export function idOf(text: string): bigint {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("a number is expected.");
  return BigInt(text);
}

/** An address, with the digits' case that it has to have. */
export function addressOf(text: string): string {
  if (isAddress(text)) return getAddress(text);
  throw new InvalidArgumentError("an address is expected, 0x and 40 hexadecimal digits.");
}

/** One more of a list. */
export function idsOf(text: string, before: readonly bigint[] = []): bigint[] {
  return [...before, idOf(text)];
}

/** A whole number from `least` to `most`. */
export function wholeOf(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`a whole number from ${least} to ${most} is expected.`);
  };
}

export function leverageOf(text: string): number {
  const [, digits] = /^(\d+)x?$/.exec(text) ?? [];
  if (digits === undefined) throw new InvalidArgumentError("a whole number is expected, such as 50x.");
  return Number(digits);
}

/** Seconds. */
export function durationOf(text: string): number {
  const [, number, unit] = /^(\d+)([smhd])$/.exec(text) ?? [];
  if (number === undefined) throw new InvalidArgumentError("a period such as 300s, 5m, 1h or 2d is expected.");
  return Number(number) * SECONDS[unit];
}

/** One of the words that there are. */
export function wordOf<const Word extends string>(words: readonly Word[]): (text: string) => Word {
  return (text) => {
    const found = words.find((word) => word === text);
    if (found === undefined) throw new InvalidArgumentError(`${listed(words)} is expected.`);
    return found;
  };
}

function listed(words: readonly string[]): string {
  return words.length === 1 ? words[0] : `${words.slice(0, -1).join(", ")} or ${words.at(-1) ?? ""}`;
}
