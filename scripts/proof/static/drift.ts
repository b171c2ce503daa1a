/** What changed for whoever relies on the contracts since a commit, and whether the changelog names it. */
import { readFileSync } from "node:fs";
import execa from "execa";
import { differences } from "../../lib/snapshot";
import type { Facts } from "../../lib/snapshot";

export const SNAPSHOTS = ["snapshots/abis.json", "snapshots/layouts.json"];

/** Contracts of which lines are gone or others in their order, and that no line of the changelog names. */
export function unnamed(before: Facts, now: Facts, changelog: string): string[] {
  const changed = Object.keys(before).filter((name) => {
    const lines = differences({ [name]: before[name] }, now[name] === undefined ? {} : { [name]: now[name] });
    return lines.some((line) => line.startsWith("  - ") || line.endsWith("in another order"));
  });
  return changed.filter((name) => !new RegExp(`\\b${name}\\b`).test(changelog));
}

/** What is under the first heading of a version, and the text of the whole where there is none. */
export function newestSection(changelog: string): string {
  const [, ...sections] = changelog.split(/^## /m);
  return sections[0] ?? changelog;
}

/** The newest tag that the commit at hand descends from: what was released last. Nothing before the first release. */
export async function lastRelease(): Promise<string | undefined> {
  const { stdout, exitCode } = await execa("git", ["describe", "--tags", "--abbrev=0"], { reject: false });
  return exitCode === 0 ? stdout.trim() : undefined;
}

/** Lines of what drifted since a commit without a word in the changelog. */
export async function driftSince(commit: string): Promise<string[]> {
  const changelog = newestSection(readFileSync("CHANGELOG.md", "utf8"));
  const found = await Promise.all(
    SNAPSHOTS.map(async (path) => {
      const { stdout } = await execa("git", ["show", `${commit}:${path}`]);
      const names = unnamed(JSON.parse(stdout) as Facts, JSON.parse(readFileSync(path, "utf8")) as Facts, changelog);
      return names.map((name) => `${path}: ${name} changed since ${commit}, and the changelog does not name it`);
    }),
  );
  return found.flat();
}
