import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A committed fact about each contract: a number, or a list of lines that read alike whatever else changes. */
export type Facts = Record<string, number | readonly string[]>;

/**
 * Brings `snapshots/<kind>.json` up to date with what was measured, or with `isCheck` only compares; tells the differences
 * either way. Returns whether the file was right.
 */
export function settleSnapshot(kind: string, measured: Facts, isCheck: boolean): boolean {
  const path = join("snapshots", `${kind}.json`);
  const committed = existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Facts) : {};
  const changes = differences(committed, measured);
  for (const change of changes) console.log(change);
  if (isCheck) {
    if (changes.length > 0) console.log(`${path} is out of date: run "npm run ${kind}" and commit it with the reason`);
    return changes.length === 0;
  }
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(measured, null, 2)}\n`);
  console.log(`${path}: ${Object.keys(measured).length} contracts`);
  return changes.length === 0;
}

/** For each contract that differs `name: old -> new`, or the lines that went and came. */
export function differences(committed: Facts, measured: Facts): string[] {
  const names = [...new Set([...Object.keys(committed), ...Object.keys(measured)])].sort();
  return names.flatMap((name) => {
    const [before, after] = [committed[name], measured[name]];
    if (JSON.stringify(before) === JSON.stringify(after)) return [];
    if (typeof before !== "object" && typeof after !== "object")
      return `${name}: ${before ?? "absent"} -> ${after ?? "absent"}`;
    const [gone, come] = [linesOf(before), linesOf(after)];
    const changed = [
      ...gone.filter((line) => !come.includes(line)).map((line) => `  - ${line}`),
      ...come.filter((line) => !gone.includes(line)).map((line) => `  + ${line}`),
    ];
    return [`${name}:`, ...(changed.length > 0 ? changed : ["  the same lines in another order"])];
  });
}

function linesOf(fact: Facts[string] | undefined): readonly string[] {
  return typeof fact === "object" ? fact : [];
}
