/**
 * Fails when generated files, just written anew, are not the ones git knows: `ts-node scripts/fresh.ts <path>...`
 * What is staged counts as known, so that the check can run before a commit.
 */
import { execFileSync } from "node:child_process";

function git(...args: string[]): string {
  return execFileSync("git", args, { encoding: "utf8" }).trim();
}

const paths = process.argv.slice(2);
if (paths.length === 0) throw new Error("name the paths to check");

const unknown = paths.filter((path) => git("ls-files", "--", path) === "").map((path) => `${path}: not in git`);
const changed = git("diff", "--stat", "--", ...paths);
const untracked = git("ls-files", "--others", "--exclude-standard", "--", ...paths);
const stale = [...unknown, changed, untracked].filter((line) => line !== "");
if (stale.length > 0) {
  console.log(`out of date, review and commit what was generated:\n${stale.join("\n")}`);
  process.exitCode = 1;
}
