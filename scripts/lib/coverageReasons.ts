/** Why what no test reached is as it should be. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import type { Gap } from "./coverageGaps";
import { SUITES } from "./suites";

const reasonsSchema = z.array(
  z.strictObject({
    reason: z.string().min(20),
    /** The suite that closes these gaps, where it runs as well. */
    closedBy: z.enum(SUITES).optional(),
    /** As `--gaps` tells them; with `*` for the place, wherever they are. */
    gaps: z.array(z.string()).min(1),
  }),
);
export type Reasons = z.infer<typeof reasonsSchema>;

export const REASONS = "scripts/coverageReasons.json";

export function readReasons(): Reasons {
  return reasonsSchema.parse(JSON.parse(readFileSync(REASONS, "utf8")));
}

export interface Judged {
  /** Gaps without a reason, or whose reason is a suite that ran and did not close them. */
  open: Gap[];
  explained: number;
  /** Of the list what no gap is like. */
  unused: string[];
}

/** Holds gaps against the reasons; `suites` are those that ran. */
export function judge(gaps: readonly Gap[], reasons: Reasons, suites: readonly string[]): Judged {
  const valid = reasons.filter(({ closedBy }) => closedBy === undefined || !suites.includes(closedBy));
  const listed = new Set(valid.flatMap((entry) => entry.gaps));
  const used = new Set<string>();
  const open = gaps.filter(({ text }) => {
    const found = [text, text.replace(/^[^:]*:/, "*:")].filter((each) => listed.has(each));
    for (const each of found) used.add(each);
    return found.length === 0;
  });
  return { open, explained: gaps.length - open.length, unused: [...listed].filter((each) => !used.has(each)) };
}
