import { z } from "zod";
import { InputError } from "../demo/errors";

/** Under this name the parent process hands the options to the process of the chain. */
export const OPTIONS_VARIABLE = "ASTERISM_REPLAY";

const schema = z.object({
  /** Recorded path of BTC; a generated one when absent. */
  prices: z.string().min(1).optional(),
  /** Of the generated path and of the sizes. */
  seed: z.number().int().nonnegative(),
  /** Unix time at which to begin in a recorded path, or second of a generated one; the most violent part by default. */
  from: z.number().int().nonnegative().optional(),
  seconds: z.number().int().min(10),
  /** Open positions of the first run. */
  positions: z.number().int().min(20),
  /** Open positions of the second run; 0 leaves it out. */
  large: z.number().int().nonnegative(),
  /** Seconds from a tick to the block of the keeper's transaction. */
  latency: z.number().int().nonnegative().max(20),
  /** Folder of the report. */
  reports: z.string().min(1),
});

export type ReplayOptions = z.infer<typeof schema>;

/** What a single run needs to know. */
export type RunOptions = Pick<ReplayOptions, "seed" | "positions" | "latency">;

/** Checks them. Throws {@link InputError}. */
export function parseOptions(options: unknown): ReplayOptions {
  const parsed = schema.safeParse(options);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InputError("bad-options", `${issue.path.join(".")}: ${issue.message}`);
}

/** The options that the parent process left in the environment. Throws {@link InputError} for anything else. */
export function decodeOptions(text: string | undefined): ReplayOptions {
  try {
    return parseOptions(JSON.parse(text ?? "null"));
  } catch (error) {
    if (error instanceof SyntaxError) throw new InputError("bad-options", `${OPTIONS_VARIABLE}: ${error.message}`);
    throw error;
  }
}
