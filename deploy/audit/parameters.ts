import { readFileSync } from "node:fs";
import { z } from "zod";
import { boundsOf } from "./bounds";
import { NONE } from "./finding";
import type { Finding } from "./finding";

const SCHEMA = z.strictObject({
  format: z.literal(1),
  chain: z.enum(["bnb", "arbitrum"]),
  /** What governance has changed since the profile was written: what an audit names, and its value. */
  values: z.record(z.string(), z.string()),
});

export type Parameters = z.infer<typeof SCHEMA>;

/** A parameter file can't be taken; everything that is wrong with it is told. */
export class ParameterError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`the parameter file is refused:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
    this.name = "ParameterError";
  }
}

/** Throws {@link ParameterError}. */
export function readParameters(path: string): Parameters {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    throw new ParameterError([`${path} can't be read`]);
  }
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new ParameterError([`${path} is not JSON`]);
  }
  const parsed = SCHEMA.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new ParameterError(parsed.error.issues.map(({ path: at, message }) => `${at.join(".") || path}: ${message}`));
}

export function parametersOf(chain: Parameters["chain"], differences: readonly Finding[]): Parameters {
  return { format: 1, chain, values: Object.fromEntries(differences.map(({ what, found }) => [what, found])) };
}

/** The findings, held against the parameter file where it names one. Throws {@link ParameterError}. */
export function expectParameters(
  findings: readonly Finding[],
  { chain, values }: Parameters,
  chainKey: string,
): Finding[] {
  const problems: string[] = [];
  if (chain !== chainKey) problems.push(`chain is "${chain}", the deployment is on "${chainKey}"`);
  const known = new Map(findings.map((finding) => [finding.what, finding]));
  for (const [what, value] of Object.entries(values)) {
    const finding = known.get(what);
    if (finding === undefined) problems.push(`"${what}" is nothing that an audit reads; ${nearest(what, known)}`);
    else problems.push(...valueProblems(what, value, finding));
  }
  if (problems.length > 0) throw new ParameterError(problems);
  return findings.map((finding) => ({ ...finding, expected: values[finding.what] ?? finding.expected }));
}

function valueProblems(what: string, value: string, { expected }: Finding): string[] {
  const bounds = boundsOf(what);
  if (bounds === undefined) {
    const isNumber = /^\d+$/.test(expected);
    return isNumber && value !== NONE && !/^\d+$/.test(value)
      ? [`"${what}" is "${value}", a whole number is expected`]
      : [];
  }
  const [min, max] = bounds;
  const isWithin = /^\d+$/.test(value) && BigInt(value) >= min && BigInt(value) <= max;
  return isWithin || value === NONE
    ? []
    : [`"${what}" is "${value}", the contracts allow ${min.toString()} to ${max.toString()}`];
}

/** The longest beginning in common. */
function nearest(what: string, known: ReadonlyMap<string, Finding>): string {
  const commonWith = (name: string) => [...name].findIndex((letter, index) => letter !== what[index]);
  const [best] = [...known.keys()].sort((a, b) => commonWith(b) - commonWith(a));
  return `the nearest is "${best}"`;
}
