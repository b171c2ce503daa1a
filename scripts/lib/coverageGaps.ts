import { readFileSync } from "node:fs";
import { basename, relative } from "node:path";
import { z } from "zod";

const positionSchema = z.object({ line: z.number(), column: z.number() });
const rangeSchema = z.object({ start: positionSchema, end: positionSchema });
const sourceSchema = z.object({
  path: z.string(),
  statementMap: z.record(z.string(), z.object({ start: z.object({ line: z.number() }) })),
  s: z.record(z.string(), z.number()),
  branchMap: z.record(z.string(), z.object({ line: z.number(), locations: z.array(rangeSchema) })),
  b: z.record(z.string(), z.array(z.number())),
  fnMap: z.record(z.string(), z.object({ name: z.string().nullish(), loc: rangeSchema })),
});
const finalSchema = z.record(z.string(), sourceSchema);
type Source = z.infer<typeof sourceSchema>;
type Range = z.infer<typeof rangeSchema>;

/** What no test reached or did, in the words of the source: it is the same wherever in it these words move to. */
export interface Gap {
  /** Where it is now, with the number of the line. */
  at: string;
  /** `Source.function: what: words`. */
  text: string;
}

/** Of each source the statements that nothing reached, and of the others the ways that were never taken. */
export function gapsOf(coverage: unknown): Gap[] {
  const gaps = Object.values(finalSchema.parse(coverage)).flatMap(ofSource);
  return [...new Map(gaps.map((gap) => [`${gap.at} ${gap.text}`, gap])).values()];
}

function ofSource(source: Source): Gap[] {
  const lines = readFileSync(source.path, "utf8").split("\n");
  const found: { line: number; what: string }[] = [];
  const add = (line: number, what: string, words: string) =>
    found.push({ line, what: `${what}: ${words.trim().replace(/\s+/g, " ")}` });

  const unreached = Object.keys(source.s).filter((id) => source.s[id] === 0);
  for (const id of unreached) {
    const { line } = source.statementMap[id].start;
    add(line, "not reached", lines[line - 1]);
  }
  const isUnreached = new Set(found.map(({ line }) => line));
  for (const [id, ways] of Object.entries(source.b)) {
    const { line, locations } = source.branchMap[id];
    if (isUnreached.has(line)) continue;
    for (const [way, times] of ways.entries()) {
      if (times !== 0) continue;
      const [what, words] = nameOf(way, locations, lines);
      add(line, what, words);
    }
  }
  const file = relative(process.cwd(), source.path);
  found.sort((a, b) => a.line - b.line);
  return found.map(({ line, what }) => {
    const place = `${basename(file, ".sol")}.${functionAt(source, line)}`;
    return { at: `${file}:${line}`, text: `${place}: ${what}` };
  });
}

/** Both ways of an `if` or of a modifier stand where these begin. All others are operands, with their words. */
function nameOf(way: number, locations: readonly Range[], lines: readonly string[]): [string, string] {
  const { start } = locations[way];
  const line = lines[start.line - 1];
  const rest = line.slice(start.column);
  const isOperand = locations.some((other) => other.start.line !== start.line || other.start.column !== start.column);
  if (isOperand) return ["never so", wordsOf(locations[way], lines)];
  if (/^if\b/.test(rest)) return [way === 0 ? "never true" : "never false", line];
  return [way === 0 ? "never passed" : "never refused", /^\w+/.exec(rest)?.[0] ?? rest];
}

/** The end of a range is where its last word begins. */
function wordsOf({ start, end }: Range, lines: readonly string[]): string {
  const words = lines.slice(start.line - 1, end.line);
  const [last = ""] = /^(?:\w+|.)/.exec(lines[end.line - 1].slice(end.column)) ?? [];
  words[words.length - 1] = words[words.length - 1].slice(0, end.column) + last;
  words[0] = words[0].slice(start.column);
  return words.join(" ");
}

function functionAt(source: Source, line: number): string {
  const around = Object.values(source.fnMap).find(({ loc }) => loc.start.line <= line && line <= loc.end.line);
  return around?.name ?? "";
}
