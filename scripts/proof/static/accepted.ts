/** Findings that are as they should be, each with the reason. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import type { Finding } from "./context";

const acceptedSchema = z.array(
  z.object({ check: z.string(), place: z.string(), what: z.string().optional(), reason: z.string().min(20) }),
);
export type Accepted = z.infer<typeof acceptedSchema>;

export const ACCEPTED = "scripts/proof/static/acceptances.json";

export function readAccepted(): Accepted {
  return acceptedSchema.parse(JSON.parse(readFileSync(ACCEPTED, "utf8")));
}

export interface Judged {
  open: { check: string; finding: Finding }[];
  accepted: number;
  /** Entries of the list that accept nothing. */
  unused: Accepted;
}

/** An entry accepts every finding of its check in its place, or only those whose text begins as it says. */
export function judge(findings: readonly { check: string; finding: Finding }[], list: Accepted): Judged {
  const used = new Set<Accepted[number]>();
  const open = findings.filter(({ check, finding }) => {
    const entry = list.find(
      (each) => each.check === check && each.place === finding.place && finding.what.startsWith(each.what ?? ""),
    );
    if (entry !== undefined) used.add(entry);
    return entry === undefined;
  });
  return { open, accepted: findings.length - open.length, unused: list.filter((entry) => !used.has(entry)) };
}
