/**
 * The console in a real browser: what people come for, how each page looks, and whether everybody can use it.
 *
 *   npm run test:e2e -- [--only <part of a name>…] [--settle]
 *
 * `--settle` also waits for bets of five minutes to be won and lost. Screenshots are in `reports/console`. A journey that fails is
 * tried once more, and both times say why. Exits with 1 for a fault, and says what is missing where there is no Chromium.
 */
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { Command } from "commander";
import type { Browser } from "playwright-core";
import type { Journey } from "./journey";
import { BETS_PLACED, BETS_SETTLED } from "./journeys/bets";
import { BREAKER_JOURNEY } from "./journeys/breaker";
import { CALM_JOURNEYS } from "./journeys/calm";
import { CRASH_JOURNEYS } from "./journeys/crash";
import { PRICE_JOURNEYS } from "./journeys/prices";
import { PRO_JOURNEYS, PRO_PRICE_JOURNEYS } from "./journeys/pro";
import { THOUSAND_JOURNEY } from "./journeys/thousand";
import { MissingError, Stand, startBrowser } from "./stand";

const CRASH = ["--chain", "arbitrum", "--crash", "--crowd", "20", "--no-build"];
const SCRATCH = "asterism-console-";

class Run {
  readonly faults: string[] = [];
  private readonly startedAt = performance.now();

  constructor(private readonly only: readonly string[] | undefined) {}

  chosen(journeys: readonly Journey[]): readonly Journey[] {
    const { only } = this;
    return journeys.filter(({ name }) => only === undefined || only.some((part) => name.includes(part)));
  }

  /** One after another. */
  async live(stand: Stand, journeys: readonly Journey[]): Promise<void> {
    for (const journey of this.chosen(journeys)) {
      if (!(await this.attempt(stand, journey, "again")) && !(await this.attempt(stand, journey, "FAILED")))
        this.faults.push(journey.name);
    }
  }

  tell(line: string): void {
    const seconds = ((performance.now() - this.startedAt) / 1_000).toFixed(0);
    console.log(`${seconds.padStart(4)} s  ${line}`);
  }

  /** Ends it, whatever it did. */
  async end(stand: Stand): Promise<void> {
    const code = await stand.stop();
    if (code !== 0) this.faults.push(`the console ended with ${code}`);
    if (stand.complaints.length > 0) {
      this.faults.push(`the page complained: ${[...new Set(stand.complaints)].join("; ")}`);
    }
  }

  private async attempt(stand: Stand, { name, run }: Journey, otherwise: string): Promise<boolean> {
    const visit = stand.visit();
    const startedAt = performance.now();
    try {
      await run(visit);
      this.tell(`passed  ${name} (${((performance.now() - startedAt) / 1_000).toFixed(1)} s)`);
      return true;
    } catch (error) {
      await visit.show(name);
      this.tell(`${otherwise}  ${name}\n${(error as Error).message}`);
      return false;
    } finally {
      await visit.leave();
    }
  }
}

async function main(): Promise<number> {
  const { only, settle } = new Command("test:e2e")
    .option("--only <part...>", "journeys whose name has one of these")
    .option("--settle", "wait for bets to be won and lost", false)
    .parse()
    .opts<{ only?: string[]; settle: boolean }>();
  const before = leftovers();
  const run = new Run(only);
  const browser = await startBrowser();
  try {
    await onBnb(browser, run, settle);
  } finally {
    await browser.close();
  }
  const left = leftovers().filter((name) => !before.includes(name));
  if (left.length > 0) run.faults.push(`left behind: ${left.join(", ")}`);
  console.log(run.faults.length === 0 ? "passed" : `FAILED: ${run.faults.join("; ")}`);
  return run.faults.length === 0 ? 0 : 1;
}

/**
 * What moves the price, what does not, and the other chain go beside each other; a burner belongs to one of them, since two pages
 * that send for it would take each other's numbers.
 */
async function onBnb(browser: Browser, run: Run, isSettled: boolean): Promise<void> {
  const stand = await Stand.start(browser);
  try {
    run.tell("the console stands");
    if (isSettled) await run.live(stand, [BETS_PLACED]);
    await Promise.all([
      run.live(stand, [...PRICE_JOURNEYS, ...PRO_PRICE_JOURNEYS]),
      run.live(stand, [...CALM_JOURNEYS, ...PRO_JOURNEYS]),
      onArbitrum(browser, run),
    ]);
    if (isSettled) await run.live(stand, [BETS_SETTLED]);
    await run.live(stand, [THOUSAND_JOURNEY, BREAKER_JOURNEY]);
  } finally {
    await run.end(stand);
  }
}

async function onArbitrum(browser: Browser, run: Run): Promise<void> {
  if (run.chosen(CRASH_JOURNEYS).length === 0) return;
  let stand: Stand;
  try {
    stand = await Stand.start(browser, CRASH);
  } catch (error) {
    run.faults.push((error as Error).message);
    return;
  }
  try {
    run.tell("that of Arbitrum too");
    await run.live(stand, CRASH_JOURNEYS);
  } finally {
    await run.end(stand);
  }
}

function leftovers(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith(SCRATCH));
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof MissingError ? error.message : error);
    process.exit(1);
  },
);
