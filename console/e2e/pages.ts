/** Each page as it looks: what an engine finds about its accessibility, whether it fits, and whether anything jumps. */
import { join } from "node:path";
import { source } from "axe-core";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { SOON, connect } from "./hand";
import { REPORTS } from "./stand";
import type { Visit } from "./visit";

/** Each page with what it shows once it has read what it shows. */
const PAGES = [
  ["trade", (page: Page) => page.getByLabel("Order").getByText(/^\$[\d,.]+$/)],
  ["pro", (page: Page) => page.locator(".head").getByText(/push sources \d/)],
  ["earn", (page: Page) => page.getByRole("region", { name: "Composition", exact: true }).locator("tbody tr")],
  ["portfolio", (page: Page) => page.getByRole("region", { name: "Balances" }).getByText(/for gas/)],
  ["system", (page: Page) => page.getByRole("region", { name: "Sources", exact: true }).locator("tbody tr")],
] as const;
const LOOKS = [
  ["dark", { theme: "dark" }],
  ["light", { theme: "light" }],
  ["small", { theme: "dark", width: 390, height: 844 }],
] as const;
/** Blocks that a page is watched for after it has read. */
const WATCHED = 2;
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
/** Of what is counted as a good page (0.1), a tenth. */
const MOST_SHIFT = 0.01;
const MOST_PAINT_MS = 1_000;

/** Has the page sum up what moves without anybody's doing, with the names of what moved. */
const WATCH_SHIFTS = `(() => {
  const shifts = { sum: 0, of: [] };
  window.asterismShifts = shifts;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (entry.hadRecentInput) continue;
      shifts.sum += entry.value;
      for (const { node } of entry.sources) {
        const element = node instanceof Element ? node : node?.parentElement;
        if (element) shifts.of.push(element.tagName + "." + element.className + " " + element.textContent.slice(0, 30));
      }
    }
  }).observe({ type: "layout-shift", buffered: true });
})();`;

/** Faults of all pages, in both themes, and on a small screen. */
export async function lookAtPages(visit: Visit): Promise<string[]> {
  const faults: string[] = [];
  const paints: number[] = [];
  for (const [look, options] of LOOKS) {
    for (const [name, ready] of PAGES) {
      const page = await visit.page({ ...options, at: `#/${name}`, script: WATCH_SHIFTS });
      if (name === "portfolio") {
        await connect(page, "Burner 1");
        // What moves by connecting is somebody's doing.
        await page.getByRole("button", { name: /^Burner 1/ }).waitFor(SOON);
        await page.evaluate("Object.assign(window.asterismShifts, { sum: 0, of: [] })");
      }
      await ready(page).first().waitFor(SOON);
      const fault = (what: string) => faults.push(`${name}, ${look}: ${what}`);
      await blocks(page, WATCHED);
      for (const what of await shiftsOf(page)) fault(what);
      const asked = 'performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? -1';
      paints.push(await page.evaluate<number>(asked));
      await page.screenshot({ path: join(REPORTS, `${name}-${look}.png`), fullPage: look === "small" });
      for (const what of await accessFaults(page)) fault(what);
      const overflow = await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
      if (overflow > 0) fault(`${overflow} pixels wider than the screen`);
      await visit.leave();
    }
  }
  // One that the machine was too busy for says nothing about the page: the middle one does.
  const paint = Math.round(paints.sort((a, b) => a - b)[Math.floor(paints.length / 2)]);
  console.log(`  first paint after ${paint} ms, in the middle of ${paints.length}`);
  if (paint <= 0 || paint > MOST_PAINT_MS) faults.push(`first paint after ${paint} ms`);
  return faults;
}

/** Waits for so many more blocks to be shown. */
export async function blocks(page: Page, count: number): Promise<void> {
  const shown = page.locator(".chain .number");
  for (let passed = 0; passed < count; passed++) {
    await shown.filter({ hasNotText: await shown.innerText() }).waitFor(SOON);
  }
}

async function shiftsOf(page: Page): Promise<string[]> {
  const { sum, of } = await page.evaluate<{ sum: number; of: string[] }>("window.asterismShifts");
  return sum < MOST_SHIFT ? [] : [`moved by ${sum.toFixed(4)}: ${[...new Set(of)].slice(0, 6).join(" | ")}`];
}

async function accessFaults(page: Page): Promise<string[]> {
  await page.evaluate(source);
  const asked = `axe.run(document, { runOnly: ${JSON.stringify(RULES)} })`;
  const { violations } = await page.evaluate<AxeResults>(asked);
  return violations.map(({ id, help, nodes }) => {
    const where = nodes.slice(0, 3).map(({ html }) => html.slice(0, 120));
    return `${id}, ${help}: ${where.join(" | ")}`;
  });
}
