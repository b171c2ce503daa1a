/** Bets take five minutes: they are placed before everything else, and looked at after it. */
import { SOON, choose, connect, expect, sign, tab } from "./hand";
import type { Stand } from "./stand";

const SETTLED = { timeout: 420_000 };

export async function placeBets(stand: Stand): Promise<void> {
  const page = await stand.page();
  await connect(page, "Burner 2");
  await choose(page, "Mode", "Dumb");
  for (const direction of ["Up", "Down"] as const) {
    await choose(page, "Direction", direction);
    await page
      .getByRole("button", { name: new RegExp(`^Bet ${direction.toLowerCase()}`) })
      .and(page.locator(":enabled"))
      .click(SOON);
    await sign(page);
    await page.getByText(new RegExp(`bet ${direction.toLowerCase()} on BTC/USD: mined`)).waitFor(SOON);
  }
  await tab(page, /^Bets 2/);
  await page
    .getByText(/settlement in/)
    .nth(1)
    .waitFor(SOON);
  await page.screenshot({ path: "reports/console/bets.png" });
  await page.context().close();
}

/** The price has moved since: one of the two is won. */
export async function settleBets(stand: Stand): Promise<void> {
  const page = await stand.page();
  await connect(page, "Burner 2");
  await tab(page, /^History/);
  await page.getByText("Bet won").waitFor(SETTLED);
  await page.getByText("Bet lost").waitFor(SETTLED);
  const won = await page.locator("tr", { hasText: "Bet won" }).first().innerText();
  expect(/you got [\d.]+ USDT/.test(won), `the history says what was won: ${won}`);
  await page.context().close();
}
