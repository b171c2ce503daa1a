/** What people come to the page for. Each journey begins with a page of its own; the price is held unless it moves it. */
import { Contract, HDNodeWallet, JsonRpcProvider } from "ethers";
import { breakerAbi } from "../../sdk/abis";
import { readDeployment } from "../../sdk/chains/deployment";
import { SOON, choose, connect, expect, happened, positions, sign, tab } from "./hand";
import type { Stand } from "./stand";
import { walletScript } from "./wallet";

export interface Journey {
  readonly name: string;
  readonly run: (stand: Stand) => Promise<void>;
}

const MNEMONIC = "test test test test test test test test test test test junk";
const GUARDIAN = 3;
const BNB_CHAIN = 56;
const STRANGER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

async function degenOrder(page: Awaited<ReturnType<Stand["page"]>>): Promise<void> {
  await choose(page, "Mode", "Degen 1001×");
  await page.getByRole("button", { name: /^Long BTC/ }).click();
  await page.getByRole("button", { name: "I can lose all of it" }).click();
  const review = page.getByRole("dialog");
  await review.getByText("request open").waitFor();
  expect(/50 USDT/.test(await review.innerText()), "the review names the amount");
  expect(/leverage\s+1001/.test(await review.innerText()), "the review names the leverage");
  await sign(page);
  await positions(page).filter({ hasText: "1001×" }).first().waitFor(SOON);
}

export const JOURNEYS: readonly Journey[] = [
  {
    name: "open and close Degen",
    async run(stand) {
      const page = await stand.page();
      await connect(page, "Burner 1");
      await degenOrder(page);
      await page.screenshot({ path: "reports/console/degen-open.png" });
      await page.getByRole("button", { name: /^Close position/ }).click();
      await sign(page);
      const told = await happened(page, "Closed");
      expect(/You got \d+\.\d+ USDT/.test(told), `the history says what was paid: ${told}`);
      await tab(page, /^Positions 0/);
    },
  },
  {
    name: "a liquidation seen live",
    async run(stand) {
      const page = await stand.page();
      await connect(page, "Burner 1");
      await degenOrder(page);
      await page.getByRole("button", { name: "Move the price by −0.1%" }).click();
      const told = await happened(page, "Liquidated");
      expect(/crossed the liquidation price\. .* to the liquidator/.test(told), `the history explains it: ${told}`);
      await page.screenshot({ path: "reports/console/liquidated.png" });
    },
  },
  {
    name: "an order that would be refused, and why",
    async run(stand) {
      const page = await stand.page();
      await connect(page, "Burner 1");
      const button = page.getByRole("button", { name: /^Long BTC/ });
      await page.getByLabel("Pay in").fill("5.6");
      await page.getByText("MarginTooSmall").waitFor(SOON);
      expect(await button.isDisabled(), "it can't be sent");
      await page.getByLabel("Pay in").fill("900000");
      await page.getByText("NotionalTooLarge").waitFor(SOON);
      await page.getByLabel("Pay in").fill("1.2.3");
      await page.getByText('"1.2.3" is not a decimal number').waitFor(SOON);
      expect(await button.isDisabled(), "what is no number can't be sent");
    },
  },
  {
    name: "an order that the chain refuses at its tick",
    async run(stand) {
      const page = await stand.page();
      await connect(page, "Burner 1");
      await page.getByLabel("Tolerance").fill("0.05");
      await page.getByRole("button", { name: /^Long BTC/ }).click();
      await page.getByRole("dialog").getByText("request open").waitFor();
      await sign(page);
      await page.getByText(/fills at the first price/).waitFor(SOON);
      await stand.price({ nudgePips: 2_000 });
      const told = await happened(page, "Refused: PriceBound");
      expect(/worse than the one accepted/.test(told), `the history says why: ${told}`);
    },
  },
  {
    name: "take profit and stop",
    async run(stand) {
      const page = await stand.page();
      await connect(page, "Burner 1");
      await page.getByRole("button", { name: /^Long BTC/ }).click();
      await sign(page);
      await positions(page).first().waitFor(SOON);
      await page.getByRole("button", { name: /^Manage position/ }).click();
      const entry = Number(
        (await positions(page).first().locator("td[data-name=Entry]").innerText()).replace(/,/g, ""),
      );
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("Take profit").fill(String(Math.round(entry * 1.002)));
      await dialog.getByLabel("Stop loss").fill(String(Math.round(entry * 0.99)));
      await dialog.getByRole("button", { name: "Set" }).click();
      await sign(page);
      await dialog.waitFor({ state: "detached" });
      await page.screenshot({ path: "reports/console/triggers.png" });
      await new Promise((resolve) => setTimeout(resolve, 4_000));
      await stand.price({ nudgePips: 4_000 });
      await happened(page, "Closed");
    },
  },
  {
    name: "a limit, cancelled in two steps",
    async run(stand) {
      const page = await stand.page();
      await connect(page, "Burner 1");
      await choose(page, "Kind of order", "Limit");
      await page.getByLabel("Limit price").fill("50000");
      await page.getByRole("button", { name: /^Long BTC/ }).click();
      await page.getByRole("dialog").getByText("request limit").waitFor();
      await sign(page);
      await tab(page, /^Pending 1/);
      await page.getByRole("button", { name: /^Cancel limit/ }).click();
      await sign(page);
      await page.getByText(/cancelled; refund/).waitFor(SOON);
      await happened(page, "Cancelled");
    },
  },
  {
    name: "mint and burn, with cooling",
    async run(stand) {
      const page = await stand.page();
      await page.goto(`${stand.url}/#/earn`);
      await connect(page, "Burner 2");
      await page.getByRole("button", { name: "Mint for 100 USDT" }).click();
      await page.getByRole("dialog").getByText("allow exactly").waitFor();
      await sign(page);
      await page.getByText(/You got [\d.,]+ ALP/).waitFor(SOON);
      await choose(page, "Way", "Burn");
      await page.getByText(/Only 0\.0000 ALP have cooled/).waitFor(SOON);
      expect(await page.getByRole("button", { name: "Burn 100 ALP" }).isDisabled(), "ALP that cools is not burned");
      await page.getByRole("button", { name: /^Burner 2/ }).click();
      await page.getByRole("dialog").getByRole("button", { name: "The vault's first LP" }).click();
      const burn = page.getByRole("button", { name: "Burn 100 ALP" });
      await burn.and(page.locator(":enabled")).click(SOON);
      await sign(page);
      await page.getByText(/You got [\d.,]+ USDT for a fee/).waitFor(SOON);
      await page.screenshot({ path: "reports/console/burned.png" });
    },
  },
  {
    name: "the order book: deposit, rest, cancel",
    async run(stand) {
      const page = await stand.page();
      await page.goto(`${stand.url}/#/pro/ETH`);
      await connect(page, "Burner 2");
      await page.getByRole("button", { name: "Deposit", exact: true }).click();
      await sign(page);
      await page.getByText(/It is in account/).waitFor(SOON);
      await page.getByLabel("Price", { exact: true }).fill("2950");
      await page.getByRole("button", { name: "Buy 0.1 ETH" }).and(page.locator(":enabled")).click(SOON);
      await sign(page);
      await page.getByText("1 came to rest").waitFor(SOON);
      await page.getByRole("button", { name: "Cancel buy ETH/USD" }).waitFor(SOON);
      await page.screenshot({ path: "reports/console/pro-resting.png" });
      await page.getByRole("button", { name: "Cancel buy ETH/USD" }).click();
      await sign(page);
      await page.getByText("No order rests.").waitFor(SOON);
    },
  },
  {
    name: "the node is lost, and back",
    async run(stand) {
      const page = await stand.page();
      await page.getByText(/#\d+/).waitFor();
      await page.route("**/rpc", (route) => route.abort());
      await page.getByRole("alert").filter({ hasText: "The node does not answer" }).waitFor(SOON);
      await page.unroute("**/rpc");
      await page
        .getByRole("alert")
        .filter({ hasText: "The node does not answer" })
        .waitFor({ state: "detached", ...SOON });
    },
  },
  {
    name: "a wallet on another chain, or on another of the same number",
    async run(stand) {
      for (const [chainId, words] of [
        [1, "The wallet is on chain 1, this page on chain 56"],
        [BNB_CHAIN, "another chain of the same number"],
      ] as const) {
        const script = walletScript({ name: "Elsewhere", account: STRANGER, chainId, rpc: undefined });
        const page = await stand.page({ script });
        await page.getByRole("button", { name: "Connect", exact: true }).click();
        await page.getByRole("button", { name: /Elsewhere/ }).click();
        await page.getByRole("dialog").getByRole("alert").filter({ hasText: words }).waitFor(SOON);
      }
    },
  },
  {
    name: "a signature that is refused in the wallet",
    async run(stand) {
      const [trader] = [6].map((index) => HDNodeWallet.fromPhrase(MNEMONIC, "", `m/44'/60'/0'/0/${index}`));
      const script = walletScript({ name: "Refuser", account: trader.address, chainId: BNB_CHAIN, rpc: "/rpc" });
      const page = await stand.page({ script });
      await page.getByRole("button", { name: "Connect", exact: true }).click();
      await page.getByRole("button", { name: /Refuser/ }).click();
      await page
        .getByRole("button", { name: /^Long BTC/ })
        .and(page.locator(":enabled"))
        .click(SOON);
      await sign(page);
      await page.getByText("You refused it in the wallet: nothing was sent.").waitFor(SOON);
    },
  },
  {
    name: "leverage by keys, a dialog left by Escape",
    async run(stand) {
      const page = await stand.page();
      await connect(page, "Burner 1");
      const slider = page.getByRole("slider", { name: "Leverage" });
      await slider.focus();
      await page.keyboard.press("ArrowRight");
      const text = await slider.getAttribute("aria-valuetext");
      expect(text !== null && text !== "50 times", `a key moves the slider: ${text}`);
      await page
        .getByRole("button", { name: /^Long BTC/ })
        .and(page.locator(":enabled"))
        .click(SOON);
      await page.getByRole("dialog").waitFor();
      await page.keyboard.press("Escape");
      await page.getByText("not signed: nothing was sent").waitFor(SOON);
    },
  },
  {
    name: "the breaker is raised while somebody trades",
    async run(stand) {
      const page = await stand.page();
      await connect(page, "Burner 1");
      await page
        .getByRole("button", { name: /^Long BTC/ })
        .and(page.locator(":enabled"))
        .waitFor(SOON);
      const config = (await (await fetch(`${stand.url}/config.json`)).json()) as {
        deployment: unknown;
        practice: { rpc: string };
      };
      const provider = new JsonRpcProvider(config.practice.rpc, BNB_CHAIN, { staticNetwork: true });
      const guardian = HDNodeWallet.fromPhrase(MNEMONIC, "", `m/44'/60'/0'/0/${GUARDIAN}`).connect(provider);
      const breaker = new Contract(readDeployment(config.deployment).contracts.breaker, breakerAbi, guardian);
      await ((await breaker.raise(1)) as { wait(): Promise<unknown> }).wait();
      provider.destroy();
      await page.getByText("BreakerRaised").first().waitFor(SOON);
      expect(await page.getByRole("button", { name: /^Long BTC/ }).isDisabled(), "nothing is opened any more");
      await page.goto(`${stand.url}/#/system`);
      await page.getByText("level 1: nothing new is opened").waitFor(SOON);
    },
  },
];
