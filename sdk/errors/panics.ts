/** What the codes of Solidity's `Panic(uint256)` stand for. */
const PANICS: Readonly<Record<string, string>> = {
  "1": "An assertion failed.",
  "17": "A number passed the range of its type: an amount or a price is far too large, or more is taken out than is there.",
  "18": "A division by zero.",
  "33": "A number is no value of its enumeration.",
  "34": "Stored bytes are encoded wrongly.",
  "49": "An item was taken from an empty list.",
  "50": "A list has no item of this number: lists of one call have to be of one length.",
  "65": "Too much memory was asked for.",
  "81": "A function that was never set was called.",
};

/** Words of a panic, by its code. */
export function panicWords(code: bigint): string {
  return PANICS[code.toString()] ?? `A panic of code ${code.toString()}, which Solidity does not define.`;
}
