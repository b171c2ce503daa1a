/**
 * Writes what the SDK has from elsewhere: ABIs to `sdk/abis/`, chains and deployments to `sdk/chains/data.ts`. With `--check`
 * compares instead, and fails where something is out of date. Reads the artifacts: compile first.
 *
 *   ts-node scripts/sdk.ts [--check]
 */
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { format, resolveConfig } from "prettier";
import { runMain } from "./lib/main";
import { abiFiles } from "./sdk/abis";
import { chainsFile } from "./sdk/chains";

const ABIS = join("sdk", "abis");
const CHAINS = join("sdk", "chains", "data.ts");

runMain(async () => {
  const { check = false } = new Command("sdk")
    .option("--check", "compare with what is there")
    .exitOverride()
    .parse()
    .opts<{ check?: boolean }>();
  const files = new Map([...abiFiles()].map(([name, text]) => [join(ABIS, name), text]));
  files.set(CHAINS, await format(chainsFile(), { ...(await resolveConfig(CHAINS)), parser: "typescript" }));

  const stale = [...files].filter(([path, text]) => !existsSync(path) || readFileSync(path, "utf8") !== text);
  const gone = readdirSync(ABIS)
    .map((name) => join(ABIS, name))
    .filter((path) => !files.has(path));
  for (const path of [...stale.map(([path]) => path), ...gone])
    console.log(`${path} ${check ? "is out of date" : "written"}`);
  if (check) {
    if (stale.length + gone.length > 0) console.log('run "npm run sdk:generate" and commit what it writes');
    return stale.length + gone.length > 0 ? 1 : 0;
  }
  for (const [path, text] of stale) writeFileSync(path, text);
  for (const path of gone) rmSync(path);
  return 0;
});
