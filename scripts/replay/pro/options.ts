import { z } from "zod";
import { InputError } from "../../demo/errors";

/** Under this name the parent process hands the options to the process of the chain. */
export const OPTIONS_VARIABLE = "ASTERISM_PRO_REPLAY";

export const CRASHES = ["2025-10-10", "2020-03-12"] as const;

export type Crash = (typeof CRASHES)[number];

const schema = z.object({
  /** Which of the crashes. */
  crashes: z.array(z.enum(CRASHES)).min(1),
  /** Of everything that is drawn. */
  seed: z.number().int().nonnegative(),
  /** Generated paths even where recordings are at hand. */
  isGenerated: z.boolean(),
  /** Of the path; around its deepest fall. */
  seconds: z.number().int().min(10).max(86_400),
  /** Accounts with a position when it begins. */
  traders: z.number().int().min(4).max(500),
  /** What the fund of each market holds when it begins, whole dollars. */
  fund: z.number().int().nonnegative(),
  /** What makers quote during the window, in percent of what they quoted before; a run for each. */
  depths: z.array(z.number().int().min(1).max(1_000)).min(1),
  /** Seconds from a tick to the block of a keeper's or a maker's transaction. */
  latency: z.number().int().min(1).max(5),
  /** Folder of the report. */
  reports: z.string().min(1),
});

export type ProReplayOptions = z.infer<typeof schema>;

/** What a single run needs to know. */
export interface ProRunOptions extends Pick<ProReplayOptions, "seed" | "traders" | "fund" | "latency"> {
  readonly depth: number;
}

/** Checks them. Throws {@link InputError}. */
export function parseProOptions(options: unknown): ProReplayOptions {
  const parsed = schema.safeParse(options);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InputError("bad-options", `${issue.path.join(".")}: ${issue.message}`);
}

/** The options that the parent process left in the environment. Throws {@link InputError} for anything else. */
export function decodeProOptions(text: string | undefined): ProReplayOptions {
  try {
    return parseProOptions(JSON.parse(text ?? "null"));
  } catch (error) {
    if (error instanceof SyntaxError) throw new InputError("bad-options", `${OPTIONS_VARIABLE}: ${error.message}`);
    throw error;
  }
}
