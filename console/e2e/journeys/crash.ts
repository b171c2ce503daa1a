/** On Arbitrum, whose tokens take permits, with a crash that waits to be let go. */
import type { Page } from "playwright-core";
import { SOON, connect, expect, positions, press, said, sign, signPermit, tab } from "../hand";
import type { Journey } from "../journey";
import { BURNER_1 } from "../visit";

/** How much the worth of an ALP moves at least, as a share. */
const LEAST_MOVE = 0.0005;
const SPEED = 30;
/** The prices of half an hour and more, on a busy machine too. */
const CRASH_MS = 120_000;

export const CRASH_JOURNEYS: readonly Journey[] = [
  {
    name: "Arbitrum: permits instead of approvals, for an order, added margin and a deposit in Pro",
    async run(visit) {
      const { asterism } = await visit.account(BURNER_1);
      // A replica's accounts have allowed what an order needs.
      await asterism.vault.approve("USDC", "trading", "0").send();
      const page = await visit.page();
      await connect(page, "Burner 1");
      await page.getByLabel("Token", { exact: true }).selectOption("USDC");
      await press(page, /^Long BTC/);
      const permit = await signPermit(page);
      expect(/allow exactly, by signature\s+on USDC/.test(permit), `the permit is told: ${permit}`);
      expect(/value\s+50 USDC/.test(permit) && /spender\s+router/.test(permit), `to whom and how much: ${permit}`);
      const order = await sign(page);
      expect(/in one\s+on router/.test(order) && /request open/.test(order), `both calls are told: ${order}`);
      await positions(page).first().waitFor(SOON);
      const id = await positions(page).first().locator("strong").innerText();

      await page.getByRole("button", { name: `Manage position ${id.slice(1)}` }).click();
      await page.getByLabel("Add margin").fill("20");
      await press(page, "Add");
      expect(/spender\s+trading/.test(await signPermit(page)), "margin is taken by Trading");
      expect(/add margin with permit/.test(await sign(page)), "with the permit");
      await positions(page)
        .first()
        .locator("td[data-name=Margin]")
        .filter({ hasText: /^6\d\./ })
        .waitFor(SOON);

      await page.goto(`${visit.url}/#/pro`);
      await tab(page, "Account");
      await page.getByLabel("Cash", { exact: true }).fill("100");
      await press(page, "Deposit");
      expect(/spender\s+pro/.test(await signPermit(page)), "a deposit is taken by Pro");
      await sign(page);
      await said(page, /It is in account/);
      await page.screenshot({ path: "reports/console/permit.png" });
    },
  },
  {
    name: "Arbitrum: a crash from an LP's side",
    async run(visit) {
      const page = await visit.page({ at: "#/earn" });
      const before = await worthOf(page);
      await visit.price({ pause: false, speed: SPEED });
      const seen = [before];
      const isUp = () => hasRisen(seen);
      const isDown = () => hasRisen(seen.map((each) => -each));
      const until = performance.now() + CRASH_MS;
      while (!(isUp() && isDown()) && performance.now() < until) {
        const last = await page.locator(".chain .number").innerText();
        await page.locator(".chain .number").filter({ hasNotText: last }).waitFor(SOON);
        seen.push(await worthOf(page));
      }
      expect(isUp() && isDown(), `an ALP falls and rises in the crash: ${seen.join(" ")}`);
      const traders = await page.locator(".figures div", { hasText: "What traders are up" }).locator("dd").innerText();
      expect(/\$[\d,]*[1-9]/.test(traders), `traders are up or down: ${traders}`);
      await page.screenshot({ path: "reports/console/crash.png" });
      await page.goto(`${visit.url}/#/system`);
      await page
        .getByText(/^Liquidations since block/)
        .locator("xpath=following-sibling::dd")
        .filter({ hasText: /^[1-9]/ })
        .waitFor(SOON);
      await page.screenshot({ path: "reports/console/crash-system.png" });
      await visit.price({ pause: true });
    },
  },
];

/** What an ALP is worth on the page. */
async function worthOf(page: Page): Promise<number> {
  const figure = page.locator(".figures div", { hasText: "One ALP" }).locator("dd").filter({ hasText: /\d/ });
  await figure.waitFor(SOON);
  return Number((await figure.innerText()).replace(/[$,]/g, ""));
}

/** Whether the values rose by enough from a low. */
function hasRisen(values: readonly number[]): boolean {
  let low = Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    if (value - low > Math.abs(low) * LEAST_MOVE) return true;
  }
  return false;
}
