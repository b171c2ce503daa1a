/**
 * Checks the contracts by their syntax trees, and what outsiders rely on since the last release:
 *
 *   ts-node scripts/proof/static.ts [--since <commit>]
 *
 * Ends with 1 for a finding that `scripts/proof/static/acceptances.json` does not accept, and for an acceptance of nothing.
 */
import { Command } from "commander";
import { PERMISSIONS } from "../../test/attacks/permissionTable";
import { runMain } from "../lib/main";
import { treesOf } from "./lib/ast";
import { closureOf, solidityIn } from "./lib/sources";
import { ACCEPTED, judge, readAccepted } from "./static/accepted";
import { checksWith } from "./static/checks";
import { Context } from "./static/context";
import { driftSince, lastRelease } from "./static/drift";

/** Not deployed with the system: examples, stand-ins, test contracts. */
const APART = /^contracts\/(examples|replica|test)\//;

runMain(async () => {
  const { since } = new Command("static")
    .option("--since <commit>", "compare ABIs and layouts with this commit's instead of the last release's")
    .exitOverride()
    .parse()
    .opts<{ since?: string }>();
  const sources = closureOf(solidityIn("contracts"));
  const files = solidityIn("contracts").filter((file) => !APART.test(file));
  const context = new Context(await treesOf(sources), sources, files);
  const table = Object.fromEntries(
    Object.entries(PERMISSIONS).map(([key, rows]) => [key[0].toUpperCase() + key.slice(1), rows]),
  );
  const checks = checksWith(table);
  const findings = checks.flatMap((check) => check.find(context).map((finding) => ({ check: check.name, finding })));
  const { open, accepted, unused } = judge(findings, readAccepted());
  for (const { check, finding } of open) {
    console.log(`${finding.file}:${finding.line} ${finding.place}: ${check}: ${finding.what}`);
  }
  for (const { check, place } of unused) console.log(`${ACCEPTED}: ${check} of ${place} accepts nothing`);

  const release = since ?? (await lastRelease());
  const drift = release === undefined ? [] : await driftSince(release);
  for (const line of drift) console.log(line);
  console.log(
    release === undefined ? "no release to compare ABIs and layouts with" : `ABIs and layouts compared with ${release}`,
  );
  console.log(`${checks.length} checks of ${files.length} files: ${open.length} findings, ${accepted} accepted`);
  return open.length + unused.length + drift.length > 0 ? 1 : 0;
});
