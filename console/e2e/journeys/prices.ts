/** Journeys that move the price: one after another, and nobody else may count on it meanwhile. */
import type { Page } from "playwright-core";
import { SOON, choose, connect, expect, happened, positions, press, said, shownPrice, sign, tab } from "../hand";
import type { Journey } from "../journey";
import { BURNER_1 } from "../visit";

/** Reverts whatever is sent to it. */
const REFUSES = "0x60006000fd";

async function degenOrder(page: Page): Promise<void> {
  await choose(page, "Mode", "Degen 1001×");
  await press(page, /^Long BTC/);
  await page.getByRole("button", { name: "I can lose all of it" }).click();
  const review = await sign(page);
  expect(/request open/.test(review), "the review names the call");
  expect(/50 USDT/.test(review), "the review names the amount");
  expect(/leverage\s+1001/.test(review), "the review names the leverage");
  await positions(page).filter({ hasText: "1001×" }).first().waitFor(SOON);
}

/** Opens what the ticket says, and returns the name of the position. */
async function opened(page: Page): Promise<string> {
  const before = await positions(page).count();
  await press(page, /^Long BTC/);
  await sign(page);
  await positions(page).nth(before).waitFor(SOON);
  return positions(page).first().locator("strong").innerText();
}

export const PRICE_JOURNEYS: readonly Journey[] = [
  {
    name: "open and close Degen",
    async run(visit) {
      const page = await visit.page();
      await connect(page, "Burner 1");
      await degenOrder(page);
      await page.screenshot({ path: "reports/console/degen-open.png" });
      const id = await positions(page).first().locator("strong").innerText();
      await page.getByRole("button", { name: `Close position ${id.slice(1)}` }).click();
      await sign(page);
      const told = await happened(page, "Closed");
      expect(/You got \d+\.\d+ USDT/.test(told), `the history says what was paid: ${told}`);
      await tab(page, /^Positions/);
      await positions(page)
        .filter({ hasText: id })
        .waitFor({ state: "detached", ...SOON });
    },
  },
  {
    name: "a liquidation seen live",
    async run(visit) {
      const page = await visit.page();
      await connect(page, "Burner 1");
      await degenOrder(page);
      await page.getByRole("button", { name: "Move the price by −0.1%" }).click();
      const told = await happened(page, "Liquidated");
      expect(/crossed the liquidation price\. .* to the liquidator/.test(told), `the history explains it: ${told}`);
      await page.screenshot({ path: "reports/console/liquidated.png" });
    },
  },
  {
    name: "an order that the chain refuses at its tick",
    async run(visit) {
      const page = await visit.page();
      await connect(page, "Burner 1");
      await page.getByLabel("Tolerance").fill("0.05");
      await press(page, /^Long BTC/);
      await sign(page);
      await said(page, /fills at the first price/);
      await visit.price({ nudgePips: 2_000 });
      const told = await happened(page, "Refused: PriceBound");
      expect(/worse than the one accepted/.test(told), `the history says why: ${told}`);
    },
  },
  {
    name: "a take profit that is set later, and reached",
    async run(visit) {
      const page = await visit.page();
      await connect(page, "Burner 1");
      const id = await opened(page);
      await page.getByRole("button", { name: `Manage position ${id.slice(1)}` }).click();
      const entry = Number(
        (await positions(page).first().locator("td[data-name=Entry]").innerText()).replace(/,/g, ""),
      );
      const dialog = page.getByRole("dialog", { name: `Position ${id}` });
      await dialog.getByLabel("Take profit").fill(String(Math.round(entry * 1.002)));
      await dialog.getByLabel("Stop loss").fill(String(Math.round(entry * 0.99)));
      await dialog.getByRole("button", { name: "Set" }).click();
      await sign(page);
      await dialog.waitFor({ state: "detached" });
      await page.screenshot({ path: "reports/console/triggers.png" });
      await visit.price({ nudgePips: 4_000 });
      const told = await happened(page, "Closed");
      expect(/: \+\$\d/.test(told), `it closed with a profit: ${told}`);
    },
  },
  {
    name: "both triggers in the order, and the stop seen live",
    async run(visit) {
      const page = await visit.page();
      await connect(page, "Burner 1");
      const price = await shownPrice(page);
      const [stop, target] = [Math.round(price * 0.997), Math.round(price * 1.01)];
      await page.getByText("Take profit and stop").click();
      await page.getByRole("textbox", { name: /^Take profit/ }).fill(String(target));
      await page.getByRole("textbox", { name: /^Stop loss/ }).fill(String(stop));
      await opened(page);
      const both = await positions(page).first().locator("td[data-name='TP / SL']").innerText();
      const digits = both.replace(/,/g, "");
      expect(digits.includes(String(target)) && digits.includes(String(stop)), `both wait: ${both}`);
      await visit.price({ nudgePips: -5_000 });
      const told = await happened(page, "Closed");
      const exit = Number((/exit ([\d,.]+)/.exec(told)?.[1] ?? "").replace(/,/g, ""));
      expect(exit > 0 && exit < stop && /: −\$\d/.test(told), `it closed beyond the stop, with a loss: ${told}`);
      await page.screenshot({ path: "reports/console/stopped.png" });
    },
  },
  {
    name: "a payment that the account refuses, and claims",
    async run(visit) {
      const page = await visit.page();
      await connect(page, "Burner 1");
      const price = await shownPrice(page);
      await page.getByLabel("Token", { exact: true }).selectOption("BNB");
      await page.getByLabel("Pay in").fill("0.2");
      await page.getByText("Take profit and stop").click();
      await page.getByRole("textbox", { name: /^Take profit/ }).fill(String(Math.round(price * 1.002)));
      await opened(page);
      const { address } = await visit.account(BURNER_1);
      // The account takes no coin while the profit is paid.
      await visit.node("hardhat_setCode", [address, REFUSES]);
      try {
        await visit.price({ nudgePips: 4_000 });
        await happened(page, "Payment refused");
      } finally {
        await visit.node("hardhat_setCode", [address, "0x"]);
      }
      await page.goto(`${visit.url}/#/portfolio`);
      await press(page, "Claim WBNB");
      const review = await sign(page);
      expect(/claim\s+on vault/.test(review), `the review names the call: ${review}`);
      await said(page, /You got 0\.\d+ WBNB/);
      await page.getByRole("button", { name: "Claim WBNB" }).waitFor({ state: "detached", ...SOON });
      await page.screenshot({ path: "reports/console/claimed.png" });
    },
  },
  {
    name: "mint and burn, with cooling",
    async run(visit) {
      const page = await visit.page({ at: "#/earn" });
      await connect(page, "Burner 1");
      await press(page, "Mint for 100 USDT");
      const review = await sign(page);
      expect(/allow exactly/.test(review) && /mint/.test(review), `the review names both: ${review}`);
      await said(page, /You got [\d.,]+ ALP/);
      await choose(page, "Way", "Burn");
      await said(page, /Only 0\.0000 ALP have cooled/);
      expect(await page.getByRole("button", { name: "Burn 100 ALP" }).isDisabled(), "ALP that cools is not burned");
      await page.getByRole("button", { name: /^Burner 1/ }).click();
      await page.getByRole("dialog").getByRole("button", { name: "The vault's first LP" }).click();
      await press(page, "Burn 100 ALP");
      await sign(page);
      await said(page, /You got [\d.,]+ USDT for a fee/);
      await page.screenshot({ path: "reports/console/burned.png" });
    },
  },
];
