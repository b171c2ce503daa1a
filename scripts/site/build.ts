import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import execa from "execa";
import { ExplainedError } from "../lib/main";
import type { Site } from "./pages";
import { searchIndex } from "./search";

const GENERATOR = join(dirname(require.resolve("@11ty/eleventy")), "..", "cmd.cjs");
const CONFIGURATION = join("scripts", "site", "eleventy.config.cjs");
const ASSETS = join("scripts", "site", "assets");

/** Names the file with the pages for the generator, which runs in a process of its own. */
export const SITE_FILE = "ASTERISM_SITE";

/** Writes the site anew into a folder. */
export async function buildSite(site: Site, folder: string): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), "asterism-site-"));
  try {
    const file = join(scratch, "site.json");
    writeFileSync(file, JSON.stringify(site));
    rmSync(folder, { recursive: true, force: true });
    const args = [GENERATOR, `--config=${CONFIGURATION}`, `--output=${folder}`, "--quiet"];
    const { exitCode, all } = await execa(process.execPath, args, {
      ...{ env: { [SITE_FILE]: file }, all: true, reject: false },
    });
    if (exitCode !== 0) throw new ExplainedError(`the generator failed:\n${all}`);
    for (const name of ["site.css", "search.js"]) copyTo(join(ASSETS, name), join(folder, "assets", name));
    copyTo(require.resolve("minisearch"), join(folder, "assets", "minisearch.js"));
    for (const path of site.pictures) copyTo(path, join(folder, path));
    writeFileSync(join(folder, "assets", "index.js"), searchIndex(site));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function copyTo(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}
