/** What a person does on the page, by names and roles as a screen reader has them. */
import type { Locator, Page } from "playwright-core";

/** Blocks come each second; an execution takes some, and a busy machine more. */
export const SOON = { timeout: 60_000 };

export async function connect(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: "Connect", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
}

export async function choose(page: Page, group: string, option: string): Promise<void> {
  await page
    .getByRole("radiogroup", { name: group })
    .or(page.getByRole("group", { name: group }))
    .getByText(option, { exact: true })
    .click();
}

export async function sign(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Sign and send" }).click();
}

export async function tab(page: Page, name: RegExp): Promise<void> {
  await page.getByRole("tab", { name }).click();
}

/** The first row of the history, the latest thing that has happened. */
export function latest(page: Page): Locator {
  return page.getByRole("region", { name: "History" }).locator("tbody tr").first();
}

/** Waits until the history's latest has such a title, and returns the whole row. */
export async function happened(page: Page, title: string): Promise<string> {
  await tab(page, /^History/);
  const row = latest(page).filter({ has: page.locator("strong", { hasText: title }) });
  await row.waitFor(SOON);
  return row.innerText();
}

export function positions(page: Page): Locator {
  return page.getByRole("region", { name: "Positions", exact: true }).locator("tbody tr");
}

export function expect(isTrue: boolean, what: string): asserts isTrue {
  if (!isTrue) throw new Error(what);
}
