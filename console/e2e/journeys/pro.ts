/** The order book. A maker stands beside the page: what is bought there, somebody has to sell. */
import type { Page } from "playwright-core";
import type { Asterism } from "../../../sdk/Asterism";
import type { ProAction } from "../../../sdk/pro/actions";
import { SOON, choose, connect, expect, press, said, shownPrice, sign, tab } from "../hand";
import type { Journey } from "../journey";
import { MAKER } from "../visit";
import type { Visit } from "../visit";

const MARKET = "ETH/USD";
const STRANGER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

async function deposit(page: Page, amount: string): Promise<void> {
  await tab(page, "Account");
  await page.getByLabel("Cash", { exact: true }).fill(amount);
  await press(page, "Deposit");
  await sign(page);
  await said(page, /It is in account/);
}

/** A price of the market's step. */
const stepped = (price: number) => (Math.round(price * 10) / 10).toFixed(1);

/** Bids and asks of the maker, so far from a price. */
async function makeBook(visit: Visit, price: number, away: readonly number[]): Promise<void> {
  const { asterism } = await visit.account(MAKER);
  await (await asterism.pro.deposit("20000")).send({ approve: true });
  const orders = away.map((share) => ({
    ...({ kind: "place", market: MARKET, size: "5" } as const),
    side: share < 0 ? ("buy" as const) : ("sell" as const),
    price: stepped(price * (1 + share)),
  }));
  await actFresh(asterism, orders);
}

/** With the prices of all markets, since positions of earlier journeys are valued too. */
async function actFresh({ pro, connection }: Asterism, actions: readonly ProAction[]): Promise<void> {
  await (await pro.act(actions, { refresh: Object.keys(connection.chain.pro.markets) })).send();
}

function table(page: Page, name: string) {
  return page.getByRole("region", { name, exact: true }).locator("tbody tr");
}

/** Of what is written, why it would be refused. */
async function refused(page: Page, reason: string): Promise<void> {
  await page.locator(".refusal code", { hasText: reason }).waitFor(SOON);
}

export const PRO_PRICE_JOURNEYS: readonly Journey[] = [
  {
    name: "the order book: every kind of order, a stop with its target, a trailing stop",
    async run(visit) {
      const page = await visit.page({ at: "#/pro/ETH" });
      await connect(page, "Burner 1");
      const price = await shownPrice(page);
      await deposit(page, "2000");
      await makeBook(visit, price, [0.001, -0.013]);
      await table(page, "Asks").first().waitFor(SOON);

      await tab(page, "Order");
      await page.getByLabel("Size").fill("0.5");
      await page.getByLabel("Only reduces what is open").check();
      await refused(page, "NothingToReduce");
      await page.getByLabel("Only reduces what is open").uncheck();
      await choose(page, "Kind of order", "Post");
      await page.getByLabel("Price", { exact: true }).fill(stepped(price * 1.002));
      await refused(page, "WouldFill");
      await choose(page, "Kind of order", "FOK");
      await page.getByLabel("Size").fill("50");
      await refused(page, "WouldNotFill");
      await page.getByLabel("Size").fill("0.2");
      await press(page, "Buy 0.2 ETH");
      expect(/fill or kill/.test(await sign(page)), "the review names the kind of order");
      await said(page, /buy 0\.2 for \$/);
      await choose(page, "Kind of order", "IOC");
      await press(page, "Buy 0.2 ETH");
      expect(/immediate or cancel/.test(await sign(page)), "the review names the kind of order");
      await table(page, "Positions in Pro").filter({ hasText: "0.4" }).waitFor(SOON);
      await choose(page, "Kind of order", "Limit");
      await page.getByLabel("Price", { exact: true }).fill(stepped(price * 0.985));
      await page.getByLabel("Lasts").selectOption("1 hour");
      await press(page, "Buy 0.2 ETH");
      expect(/until 2\d{3}-/.test(await sign(page)), "the review names the last second");
      const resting = table(page, "Resting orders").filter({ hasText: "buy ETH/USD" });
      await resting.filter({ hasNotText: "for ever" }).first().waitFor(SOON);

      await tab(page, "Stops");
      const allow = page.getByRole("button", { name: "Let them reduce" });
      const isAllowed = page.getByText("Triggers may reduce for this account");
      await allow.or(isAllowed).waitFor(SOON);
      if (await allow.isVisible()) {
        await allow.click();
        expect(/rights\s+reduce/.test(await sign(page)), "the review names the right");
      }
      await isAllowed.waitFor(SOON);
      await choose(page, "Kind of trigger", "Trailing");
      await page.getByLabel("Begins at").fill(stepped(price * 1.01));
      await press(page, "Have it wait");
      const trailing = await sign(page);
      expect(/trailing stop: sell all that is open .* come back by 1\.00%/.test(trailing), `it is told: ${trailing}`);
      await table(page, "Stops and targets").filter({ hasText: "trailing" }).first().waitFor(SOON);
      await press(page, "Cancel trailing ETH/USD");
      await sign(page);
      await said(page, /Nothing waits for a price/);
      await choose(page, "Kind of trigger", "Both");
      await page.getByLabel("Stop at").fill(stepped(price * 0.993));
      await page.getByLabel("Target at").fill(stepped(price * 1.015));
      await press(page, "Have it wait");
      await sign(page);
      await table(page, "Stops and targets").nth(1).waitFor(SOON);
      await page.screenshot({ path: "reports/console/pro-triggers.png" });
      await visit.price({ nudgePips: -9_000 });
      await table(page, "Stops and targets")
        .filter({ hasText: "stop" })
        .waitFor({ state: "detached", ...SOON });
      await said(page, /No position is open/);
    },
  },
  {
    name: "the order book: rest, cancel",
    async run(visit) {
      const page = await visit.page({ at: "#/pro/BNB" });
      await connect(page, "Burner 1");
      const price = await shownPrice(page);
      await deposit(page, "100");
      await tab(page, "Order");
      await page.getByLabel("Size").fill("0.5");
      await page.getByLabel("Price", { exact: true }).fill((price * 0.99).toFixed(2));
      await press(page, "Buy 0.5 BNB");
      await sign(page);
      await said(page, /1 came to rest/);
      await page.screenshot({ path: "reports/console/pro-resting.png" });
      await press(page, "Cancel buy BNB/USD");
      await sign(page);
      await said(page, /No order rests/);
    },
  },
  {
    name: "a grid: planned, opened, rolled and stopped; its right revoked; what has happened",
    async run(visit) {
      const page = await visit.page({ at: "#/pro/BNB" });
      await connect(page, "Burner 1");
      await page.getByLabel("Sub-account", { exact: true }).selectOption("2");
      await deposit(page, "2000");
      const open = page.getByRole("tab", { name: /^Grids/ });
      await open.click(SOON);
      const running = table(page, "Grids").filter({ hasText: "runs" });
      await said(page, /No grid was opened|lines/);
      if (await running.isVisible()) await stopGrid(page);

      await tab(page, "Grid");
      const allow = page.getByRole("button", { name: "Let grids trade" });
      const isAllowed = page.getByText("Grids may trade for this account");
      await allow.or(isAllowed).waitFor(SOON);
      if (await allow.isVisible()) {
        await allow.click();
        expect(/rights\s+trade/.test(await sign(page)), "the review names the right");
      }
      await isAllowed.waitFor(SOON);
      await page.getByLabel("Lines", { exact: true }).fill("1");
      await said(page, /A grid has 2 to 100 lines/);
      await page.getByLabel("Lines", { exact: true }).fill("5");
      await page.getByLabel("Each trades").fill("2");
      await said(page, /4 of 4/);
      await page.screenshot({ path: "reports/console/pro-grid-ticket.png" });
      await press(page, "Open the grid in BNB/USD");
      const opened = await sign(page);
      expect(/2 transactions, in this order/.test(opened), `the price comes first: ${opened}`);
      expect(/5 lines in BNB\/USD from .* equal differences apart, 2 BNB each/.test(opened), `it is told: ${opened}`);
      await said(page, /4 orders rest, 0 wait for a roll/);

      await running.waitFor(SOON);
      const lines = table(page, "Lines");
      await lines.filter({ hasText: "rests" }).nth(3).waitFor(SOON);
      await press(page, "Roll the grid in BNB/USD");
      expect(/roll grid \d+ of BNB\/USD/.test(await sign(page)), "the review names the grid");
      // Somebody sells to its highest bid: a sale one line higher answers it.
      const bid = lines.filter({ hasText: "buy" }).first();
      const price = (await bid.locator("[data-name=Price]").innerText()).replace(/,/g, "");
      const { asterism } = await visit.account(MAKER);
      await (await asterism.pro.deposit("2000")).send({ approve: true });
      const sale = {
        kind: "place",
        market: "BNB/USD",
        side: "sell",
        size: "2",
        price,
        type: "immediateOrCancel",
      } as const;
      await actFresh(asterism, [sale]);
      await running.filter({ hasText: "2.0000" }).waitFor(SOON);
      await page.screenshot({ path: "reports/console/pro-grid.png" });

      await stopGrid(page);
      await tab(page, "History");
      await table(page, "History of Pro")
        .filter({ hasText: /buy 2 BNB at .* by a resting order/ })
        .first()
        .waitFor(SOON);
      await choose(page, "Of what", "Cash");
      await table(page, "History of Pro").filter({ hasText: "+$2,000.0000" }).first().waitFor(SOON);
      await choose(page, "Of what", "Orders");
      await table(page, "History of Pro").filter({ hasText: "its owner stopped it" }).first().waitFor(SOON);
      await page.screenshot({ path: "reports/console/pro-history.png" });
      await tab(page, /^Delegates/);
      const grids = table(page, "Delegates of the account").filter({ hasText: "grids" });
      await grids.filter({ hasText: "place any order" }).filter({ hasText: "for ever" }).waitFor(SOON);
      await press(page, "Revoke grids");
      expect(/rights\s+none/.test(await sign(page)), "the review says that nothing is left");
      await said(page, /Nobody may act for this account but its owner/);
    },
  },
];

async function stopGrid(page: Page): Promise<void> {
  await press(page, "Stop the grid in BNB/USD");
  await sign(page);
  await said(page, /orders were taken off the book; the position stays/);
}

export const PRO_JOURNEYS: readonly Journey[] = [
  {
    name: "a sub-account, and a delegate for it",
    async run(visit) {
      const page = await visit.page({ at: "#/pro/BTC" });
      await connect(page, "Burner 2");
      await deposit(page, "500");
      await page.locator("summary", { hasText: "Transfer" }).click();
      await page.getByLabel("Of sub-account").fill("1");
      await page.getByLabel("Amount").fill("100");
      await press(page, "Transfer");
      expect(/from cross to cross of sub-account 1/.test(await sign(page)), "the review says from where to where");
      await said(page, /transfer of 100 USD: mined/);
      await page.getByLabel("Sub-account", { exact: true }).selectOption("1");
      await page
        .getByRole("region", { name: "Health, Cross" })
        .getByText(/^\$\d*[1-9]00\.00$/)
        .first()
        .waitFor(SOON);
      await page.locator("summary", { hasText: "Delegates" }).click();
      await page.getByLabel("Delegate's address").fill("0x1234");
      await said(page, /This is no address/);
      await page.getByLabel("Delegate's address").fill(STRANGER);
      await page.getByLabel("He may", { exact: true }).selectOption("reduce");
      await press(page, "Give rights");
      expect(/rights\s+reduce/.test(await sign(page)), "the review names the right");
      await said(page, /He may now: cancel, reduce\./);
      await tab(page, /^Delegates/);
      await table(page, "Delegates of the account").filter({ hasText: STRANGER }).waitFor(SOON);
      await page.getByLabel("He may", { exact: true }).selectOption("none");
      await press(page, "Give rights");
      await sign(page);
      await said(page, /He may now: nothing\./);
    },
  },
];
