/** Bets take five minutes: they are placed before everything else, and looked at after it. */
import { SOON, choose, connect, expect, press, said, sign, tab } from "../hand";
import type { Journey } from "../journey";

const SETTLED = { timeout: 420_000 };

export const BETS_PLACED: Journey = {
  name: "bets are placed and struck",
  async run(visit) {
    const page = await visit.page();
    await connect(page, "Burner 2");
    await choose(page, "Mode", "Dumb");
    for (const direction of ["Up", "Down"] as const) {
      await choose(page, "Direction", direction);
      await press(page, new RegExp(`^Bet ${direction.toLowerCase()}`));
      await sign(page);
      await said(page, new RegExp(`bet ${direction.toLowerCase()} on BTC/USD: mined`));
    }
    await tab(page, /^Bets/);
    await page
      .getByText(/settlement in/)
      .nth(1)
      .waitFor(SOON);
    await page.screenshot({ path: "reports/console/bets.png" });
  },
};

/** The price has moved since: one of the two is won. */
export const BETS_SETTLED: Journey = {
  name: "one bet is won and one is lost",
  async run(visit) {
    const page = await visit.page();
    await connect(page, "Burner 2");
    await tab(page, /^History/);
    await page.getByText("Bet won").waitFor(SETTLED);
    await page.getByText("Bet lost").waitFor(SETTLED);
    const won = await page.locator("tr", { hasText: "Bet won" }).first().innerText();
    expect(/you got [\d.]+ USDT/.test(won), `the history says what was won: ${won}`);
  },
};
