/** What a person does on the page, by names and roles as a screen reader has them. */
import type { Locator, Page } from "playwright-core";

/** Blocks come each second; an execution takes some, and a busy machine more. */
export const SOON = { timeout: 60_000 };

export async function connect(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: "Connect", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
}

/** One of a few in a row. */
export async function choose(page: Page, group: string, option: string): Promise<void> {
  await page
    .getByRole("radiogroup", { name: group })
    .or(page.getByRole("group", { name: group }))
    .getByText(option, { exact: true })
    .click();
}

/** Presses a button as soon as it can be pressed. */
export async function press(page: Page, name: string | RegExp): Promise<void> {
  const button = page.getByRole("button", { name, exact: typeof name === "string" });
  await button.and(page.locator(":enabled")).first().click(SOON);
}

/** Reads what is about to be signed, and signs it. */
export async function sign(page: Page): Promise<string> {
  const review = page.getByRole("dialog", { name: /^Sign: / });
  const text = await review.innerText(SOON);
  await review.getByRole("button", { name: "Sign and send" }).click();
  return text;
}

/** The same of an allowance by signature. */
export async function signPermit(page: Page): Promise<string> {
  const review = page.getByRole("dialog", { name: /^Sign: permit for/ });
  const text = await review.innerText(SOON);
  await review.getByRole("button", { name: "Sign the permit" }).click();
  return text;
}

export async function tab(page: Page, name: string | RegExp): Promise<void> {
  await page.getByRole("tab", { name, exact: typeof name === "string" }).click();
}

/** Waits for something that is said anywhere on the page. */
export async function said(page: Page, words: RegExp): Promise<void> {
  await page.getByText(words).first().waitFor(SOON);
}

/** Waits until the history's latest has such a title, and returns the whole row. */
export async function happened(page: Page, title: string): Promise<string> {
  await tab(page, /^History/);
  const latest = page.getByRole("region", { name: "History" }).locator("tbody tr").first();
  const row = latest.filter({ has: page.locator("strong", { hasText: title }) });
  await row.waitFor(SOON);
  return row.innerText();
}

export function positions(page: Page): Locator {
  return page.getByRole("region", { name: "Positions", exact: true }).locator("tbody tr");
}

/** The price that the page shows, as a number. */
export async function shownPrice(page: Page): Promise<number> {
  const price = page.locator(".price");
  await price.filter({ hasText: /\d/ }).waitFor(SOON);
  return Number((await price.innerText()).replace(/,/g, ""));
}

export function expect(isTrue: boolean, what: string): asserts isTrue {
  if (!isTrue) throw new Error(what);
}
