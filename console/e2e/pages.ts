/** Each page as it looks, and what an engine finds about its accessibility. */
import { join } from "node:path";
import { source } from "axe-core";
import type { AxeResults } from "axe-core";
import { connect } from "./hand";
import { REPORTS } from "./stand";
import type { Stand } from "./stand";

const PAGES = ["trade", "pro", "earn", "portfolio", "system"] as const;
const SETTLE_MS = 4_000;
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** Faults of all pages, in both themes, and on a small screen. */
export async function lookAtPages(stand: Stand): Promise<string[]> {
  const faults: string[] = [];
  for (const [name, options] of [
    ["dark", { theme: "dark" }],
    ["light", { theme: "light" }],
    ["small", { theme: "dark", width: 390, height: 844 }],
  ] as const) {
    const page = await stand.page(options);
    await connect(page, "Burner 1");
    for (const each of PAGES) {
      await page.goto(`${stand.url}/#/${each}`);
      await page.waitForTimeout(SETTLE_MS);
      await page.screenshot({ path: join(REPORTS, `${each}-${name}.png`), fullPage: name === "small" });
      await page.evaluate(source);
      const asked = `axe.run(document, { runOnly: ${JSON.stringify(RULES)} })`;
      const { violations } = await page.evaluate<AxeResults>(asked);
      for (const { id, help, nodes } of violations) {
        faults.push(
          `${each}, ${name}: ${id}, ${help}: ${nodes
            .slice(0, 3)
            .map(({ html }) => html.slice(0, 120))
            .join(" | ")}`,
        );
      }
      const overflow = await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
      if (overflow > 0) faults.push(`${each}, ${name}: ${overflow} pixels wider than the screen`);
    }
    await page.context().close();
  }
  return faults;
}

/** Milliseconds from the request to the first thing that is seen. */
export async function firstPaint(stand: Stand): Promise<number> {
  const page = await stand.page();
  await page.waitForTimeout(SETTLE_MS);
  const asked = 'performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? -1';
  const at = await page.evaluate<number>(asked);
  await page.context().close();
  return Math.round(at);
}
