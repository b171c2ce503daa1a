import { relative } from "node:path";
import { z } from "zod";

const placeSchema = z.object({ start: z.object({ line: z.number() }) });
const sourceSchema = z.object({
  path: z.string(),
  statementMap: z.record(z.string(), placeSchema),
  s: z.record(z.string(), z.number()),
  branchMap: z.record(z.string(), z.object({ line: z.number() })),
  b: z.record(z.string(), z.array(z.number())),
});
const finalSchema = z.record(z.string(), sourceSchema);

/** Of each source with gaps the lines with a statement that nothing reached, and those of which one way was never taken. */
export function gapsOf(coverage: unknown): string[] {
  const lines = Object.values(finalSchema.parse(coverage)).flatMap((source) => {
    const statements = Object.entries(source.s).filter(([, times]) => times === 0);
    const branches = Object.entries(source.b).filter(([, ways]) => ways.includes(0));
    const unreached = statements.map(([id]) => source.statementMap[id].start.line);
    const oneWay = branches.map(([id]) => source.branchMap[id].line).filter((line) => !unreached.includes(line));
    const parts = [
      ...(unreached.length > 0 ? [`not reached: ${numbers(unreached)}`] : []),
      ...(oneWay.length > 0 ? [`one way only: ${numbers(oneWay)}`] : []),
    ];
    return parts.length === 0 ? [] : [`${relative(process.cwd(), source.path)}: ${parts.join("; ")}`];
  });
  return lines.sort();
}

function numbers(lines: readonly number[]): string {
  return [...new Set(lines)].sort((a, b) => a - b).join(", ");
}
