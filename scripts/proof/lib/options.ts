import { InvalidArgumentError } from "commander";

/** An option's whole number, 0 or above. */
export function whole(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError("Expected a whole number.");
  return value;
}
