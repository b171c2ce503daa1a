/**
 * The console in a real browser: what people come for, how each page looks, and whether everybody can use it.
 *
 *   npm run test:e2e -- [--only <part of a name>] [--settle]
 *
 * `--settle` also waits for bets of five minutes to be won and lost. Screenshots are in `reports/console`. Exits with 1 for a
 * fault, and says what is missing where there is no Chromium.
 */
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { Command } from "commander";
import { placeBets, settleBets } from "./bets";
import { JOURNEYS } from "./journeys";
import { firstPaint, lookAtPages } from "./pages";
import { MissingError, Stand } from "./stand";

const PAINT_MS = 1_000;

async function main(): Promise<number> {
  const { only, settle } = new Command("test:e2e")
    .option("--only <name>", "journeys whose name has this")
    .option("--settle", "wait for bets to be won and lost", false)
    .parse()
    .opts<{ only?: string; settle: boolean }>();
  const before = leftovers();
  const stand = await Stand.start();
  const faults: string[] = [];
  const attempt = async (name: string, work: () => Promise<void>) => {
    const startedAt = performance.now();
    try {
      await work();
      console.log(`  passed  ${name} (${Math.round((performance.now() - startedAt) / 100) / 10} s)`);
    } catch (error) {
      faults.push(name);
      await stand.show(name);
      console.log(`  FAILED  ${name}\n${(error as Error).message}`);
    }
  };
  try {
    await stand.price({ pause: true });
    if (only === undefined && settle) await attempt("bets are placed and struck", () => placeBets(stand));
    if (only === undefined) {
      await attempt("each page, dark, light and small, is usable by everybody", async () => {
        const found = await lookAtPages(stand);
        if (found.length > 0) throw new Error(found.join("\n"));
      });
      const paint = await firstPaint(stand);
      console.log(`  first paint after ${paint} ms${paint > PAINT_MS ? ", which is late" : ""}`);
    }
    for (const { name, run } of JOURNEYS.filter((each) => only === undefined || each.name.includes(only))) {
      await attempt(name, async () => {
        await run(stand);
        for (const context of stand.browser.contexts()) await context.close();
      });
      // What a journey that failed left open would be seen by the next one.
      for (const context of stand.browser.contexts()) await context.close();
    }
    if (only === undefined && settle) await attempt("one bet is won and one is lost", () => settleBets(stand));
  } finally {
    const code = await stand.stop();
    if (code !== 0) faults.push(`the console ended with ${code}`);
  }
  if (stand.complaints.length > 0) faults.push(`the page complained: ${[...new Set(stand.complaints)].join("; ")}`);
  const left = leftovers().filter((name) => !before.includes(name));
  if (left.length > 0) faults.push(`left behind: ${left.join(", ")}`);
  console.log(faults.length === 0 ? "passed" : `FAILED: ${faults.join("; ")}`);
  return faults.length === 0 ? 0 : 1;
}

function leftovers(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith("asterism-console-"));
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof MissingError ? error.message : error);
    process.exit(1);
  },
);
