import { z } from "zod";
import { PROFILES } from "../../deploy/profiles";
import { InputError } from "./errors";

export const CHAINS = PROFILES.map(({ key }) => key);

export type ChainKey = (typeof CHAINS)[number];

/** Under this name the parent process hands the options to the process of a chain. */
export const OPTIONS_VARIABLE = "ASTERISM_DEMO";

const schema = z.object({
  /** Of the generated path. */
  seed: z.number().int().nonnegative(),
  /** A recorded path instead. */
  prices: z.string().min(1).optional(),
  /** Unix time at which to begin in the recorded path. */
  from: z.number().int().nonnegative().optional(),
  /** How much of it to read. */
  seconds: z.number().int().positive().optional(),
  /** Folder of the reports. */
  reports: z.string().min(1),
});

export type DemoOptions = z.infer<typeof schema>;

export function parseChain(text: string): ChainKey {
  const chain = CHAINS.find((key) => key === text);
  if (chain === undefined) throw new InputError("unknown-chain", `"${text}" is none of ${CHAINS.join(", ")}`);
  return chain;
}

export function parseWhole(text: string): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (Number.isNaN(value)) throw new InputError("bad-number", `"${text}" is not a whole number`);
  return value;
}

export function encodeOptions(options: DemoOptions): string {
  return JSON.stringify(options);
}

/** What {@link encodeOptions} wrote. Throws {@link InputError} for anything else. */
export function decodeOptions(text: string | undefined): DemoOptions {
  try {
    return schema.parse(JSON.parse(text ?? "null"));
  } catch (error) {
    throw new InputError(
      "bad-options",
      `${OPTIONS_VARIABLE}: ${error instanceof Error ? error.message : "unreadable"}`,
    );
  }
}
