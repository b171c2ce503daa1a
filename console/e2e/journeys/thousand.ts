/** A thousand open orders on the page, measured: it keeps the block's pace and never stands still for long. */
import { Codec } from "../../../sdk/abi";
import { erc20Abi, routerAbi } from "../../../sdk/abis";
import { openRequestOf } from "../../../sdk/clients/orders";
import { SOON, connect, expect, press, said, tab } from "../hand";
import type { Journey } from "../journey";
import { BURNER_2 } from "../visit";
import type { Visit } from "../visit";

const ROUTER = new Codec(routerAbi);
const ERC20 = new Codec(erc20Abi);
const ORDERS = 1_000;
const OF_ONE_CALL = 50;
const WATCHED_MS = 10_000;
/** Of the blocks that the chain has meanwhile, so many are shown; the rest came while one was read. */
const LEAST_SHOWN = 0.5;
/** What a person does not take for a page that hangs. */
const MOST_TASK_MS = 500;
const MOST_BUSY = 0.25;

interface Measured {
  readonly frames: number;
  /** In milliseconds: the frame that a twentieth takes longer than, the longest task, and all tasks above 50 ms. */
  readonly slow: number;
  readonly longest: number;
  readonly busy: number;
  readonly shown: number;
}

/** Looks at frames, long tasks and the block shown for a while. */
const MEASURE = `new Promise((resolve) => {
  const frames = [];
  const tasks = [];
  const blocks = new Set();
  const observer = new PerformanceObserver((list) => tasks.push(...list.getEntries().map((entry) => entry.duration)));
  observer.observe({ type: "longtask" });
  const startedAt = performance.now();
  let last = startedAt;
  const look = (now) => {
    frames.push(now - last);
    last = now;
    blocks.add(document.querySelector(".chain .number").textContent);
    if (now - startedAt < ${WATCHED_MS}) return requestAnimationFrame(look);
    observer.disconnect();
    frames.sort((a, b) => a - b);
    const busy = tasks.reduce((sum, task) => sum + task, 0);
    resolve({ frames: frames.length, slow: frames[Math.floor(frames.length * 0.95)], longest: Math.max(0, ...tasks), busy, shown: blocks.size });
  };
  requestAnimationFrame(look);
})`;

export const THOUSAND_JOURNEY: Journey = {
  name: "a thousand open orders at the block's pace",
  async run(visit) {
    await placeOrders(visit);
    const page = await visit.page();
    await connect(page, "Burner 2");
    await page.getByRole("tab", { name: /^Pending 1\d{3}/ }).waitFor(SOON);
    await tab(page, /^Pending/);
    await said(page, /1 of 4\d, 1\d{3} in all/);
    await press(page, "Later");
    await said(page, /2 of 4\d/);
    const before = await height(visit);
    const { frames, slow, longest, busy, shown } = await page.evaluate<Measured>(MEASURE);
    const mined = (await height(visit)) - before;
    const numbers =
      `${shown} of ${mined} blocks shown, ${Math.round((frames * 1_000) / WATCHED_MS)} frames a second, of which a twentieth ` +
      `takes over ${Math.round(slow)} ms; longest task ${Math.round(longest)} ms, ${Math.round(busy)} ms of long tasks in all`;
    console.log(`        ${ORDERS} orders: ${numbers}`);
    expect(shown >= mined * LEAST_SHOWN, `it keeps pace: ${numbers}`);
    expect(longest <= MOST_TASK_MS && busy <= WATCHED_MS * MOST_BUSY, `it answers at any time: ${numbers}`);
    await page.screenshot({ path: "reports/console/thousand.png" });
  },
};

/** Limits far below the price, as many as are missing. */
async function placeOrders(visit: Visit): Promise<void> {
  const { asterism, signer } = await visit.account(BURNER_2);
  const { connection, trade } = asterism;
  const { router, trading } = connection.contracts;
  const missing = ORDERS - (await trade.all()).length;
  if (missing <= 0) return;
  const order = { market: "BTC", mode: "standard", side: "long", leverage: 50, token: "USDT", amount: "20" } as const;
  const { request } = await openRequestOf(connection, { ...order, acceptablePrice: "30000" }, 86_400);
  const allowance = ERC20.encode("approve", [router, request.amount * BigInt(missing)]);
  await (await signer.sendTransaction({ to: request.token, data: allowance })).wait();
  const one = ROUTER.encode("requestLimit", [trading, request]);
  const sent = [];
  let nonce = await signer.getNonce();
  for (let left = missing; left > 0; left -= OF_ONE_CALL) {
    const calls = Array<string>(Math.min(left, OF_ONE_CALL)).fill(one);
    const data = ROUTER.encode("multicall", [calls]);
    sent.push(await signer.sendTransaction({ to: router, data, nonce: nonce++, gasLimit: 20_000_000 }));
  }
  for (const each of sent) await each.wait();
}

async function height(visit: Visit): Promise<number> {
  return Number(await visit.node("eth_blockNumber", []));
}
