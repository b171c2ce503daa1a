/** Journeys that nothing is executed in: the price may move meanwhile. */
import { HDNodeWallet } from "ethers";
import { SOON, choose, connect, expect, happened, press, said, sign, tab } from "../hand";
import type { Journey } from "../journey";
import { lookAtPages } from "../pages";
import { BURNER_1, MNEMONIC, pathOf } from "../visit";
import { walletScript } from "../wallet";

const BNB_CHAIN = 56;
const STRANGER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

export const CALM_JOURNEYS: readonly Journey[] = [
  {
    name: "each page, dark, light and small, is usable by everybody and stands still",
    async run(visit) {
      const found = await lookAtPages(visit);
      if (found.length > 0) throw new Error(found.join("\n"));
    },
  },
  {
    name: "an order that would be refused, and why",
    async run(visit) {
      const page = await visit.page();
      await connect(page, "Burner 2");
      const button = page.getByRole("button", { name: /^Long BTC/ });
      await page.getByLabel("Pay in").fill("5.6");
      await said(page, /MarginTooSmall/);
      expect(await button.isDisabled(), "it can't be sent");
      await page.getByLabel("Pay in").fill("900000");
      await said(page, /NotionalTooLarge/);
      await page.getByLabel("Pay in").fill("1.2.3");
      await said(page, /"1\.2\.3" is not a decimal number/);
      expect(await button.isDisabled(), "what is no number can't be sent");
    },
  },
  {
    name: "a limit, cancelled in two steps",
    async run(visit) {
      const page = await visit.page();
      await connect(page, "Burner 2");
      await choose(page, "Kind of order", "Limit");
      await page.getByLabel("Limit price").fill("50000");
      await press(page, /^Long BTC/);
      expect(/request limit/.test(await sign(page)), "the review names the call");
      await said(page, /Limit \d+ rests/);
      await tab(page, /^Pending/);
      await press(page, /^Cancel limit/);
      await sign(page);
      await said(page, /cancelled; refund/);
      await happened(page, "Cancelled");
    },
  },
  {
    name: "the node is lost, and back",
    async run(visit) {
      const page = await visit.page();
      await page.getByText(/#\d+/).waitFor();
      await page.route("**/rpc", (route) => route.abort());
      const lost = page.getByRole("alert").filter({ hasText: "The node does not answer" });
      await lost.waitFor(SOON);
      await page.unroute("**/rpc");
      await lost.waitFor({ state: "detached", ...SOON });
    },
  },
  {
    name: "a wallet on another chain, or on another of the same number",
    async run(visit) {
      for (const [chainId, words] of [
        [1, "The wallet is on chain 1, this page on chain 56"],
        [BNB_CHAIN, "another chain of the same number"],
      ] as const) {
        const script = walletScript({ name: "Elsewhere", account: STRANGER, chainId, rpc: undefined });
        const page = await visit.page({ script });
        await page.getByRole("button", { name: "Connect", exact: true }).click();
        await page.getByRole("button", { name: /Elsewhere/ }).click();
        await page.getByRole("dialog").getByRole("alert").filter({ hasText: words }).waitFor(SOON);
      }
    },
  },
  {
    name: "a signature that is refused in the wallet",
    async run(visit) {
      const { address } = HDNodeWallet.fromPhrase(MNEMONIC, "", pathOf(BURNER_1));
      const script = walletScript({ name: "Refuser", account: address, chainId: BNB_CHAIN, rpc: "/rpc" });
      const page = await visit.page({ script });
      await page.getByRole("button", { name: "Connect", exact: true }).click();
      await page.getByRole("button", { name: /Refuser/ }).click();
      await press(page, /^Long BTC/);
      await sign(page);
      await said(page, /You refused it in the wallet: nothing was sent\./);
    },
  },
  {
    name: "leverage by keys, a dialog left by Escape",
    async run(visit) {
      const page = await visit.page();
      await connect(page, "Burner 2");
      const slider = page.getByRole("slider", { name: "Leverage" });
      await slider.focus();
      await page.keyboard.press("ArrowRight");
      const text = await slider.getAttribute("aria-valuetext");
      expect(text !== null && text !== "50 times", `a key moves the slider: ${text}`);
      await press(page, /^Long BTC/);
      await page.getByRole("dialog", { name: /^Sign: / }).waitFor(SOON);
      await page.keyboard.press("Escape");
      await said(page, /not signed: nothing was sent/);
    },
  },
];
