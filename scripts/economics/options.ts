import { z } from "zod";
import { InputError } from "../demo/errors";

/** Under this name the parent process hands the options to the process of the chain. */
export const OPTIONS_VARIABLE = "ASTERISM_ECONOMICS";

const schema = z.object({
  /** Ids of the strategies; all of them when empty. */
  strategies: z.array(z.string().regex(/^[AR]\d\d$/, "an id like A06 or R19")),
  /** Windows of each strategy. */
  windows: z.number().int().min(1).max(10_000),
  /** Of the windows, of what attackers draw, and of a generated path. */
  seed: z.number().int().nonnegative(),
  /** No window begins after so many minutes; null: all are played. */
  minutes: z.number().int().positive().nullable(),
  /** A generated path even where a recording is at hand. */
  isGenerated: z.boolean(),
  /** Folder of the report. */
  reports: z.string().min(1),
});

export type EconomicsOptions = z.infer<typeof schema>;

/** Checks them. Throws {@link InputError}. */
export function parseEconomicsOptions(options: unknown): EconomicsOptions {
  const parsed = schema.safeParse(options);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InputError("bad-options", `${issue.path.join(".")}: ${issue.message}`);
}

/** The options that the parent process left in the environment. Throws {@link InputError} for anything else. */
export function decodeEconomicsOptions(text: string | undefined): EconomicsOptions {
  try {
    return parseEconomicsOptions(JSON.parse(text ?? "null"));
  } catch (error) {
    if (error instanceof SyntaxError) throw new InputError("bad-options", `${OPTIONS_VARIABLE}: ${error.message}`);
    throw error;
  }
}
