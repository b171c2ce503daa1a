import { Asterism } from "../../sdk/Asterism";
import type { Mode } from "../../sdk/chains";
import type { Signer } from "ethers";
import { createRandom } from "../../kit/prices";

/** Of the seconds, in one of so many somebody does something. */
const EVERY = 4;

/** Others who trade beside whoever looks at the page: each second one of them may open, or close what is open. */
export class Crowd {
  private readonly random: () => number;
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> | undefined;

  private constructor(
    private readonly asterism: Asterism,
    /** Positions and orders that they keep. */
    private readonly size: number,
    seed: number,
  ) {
    this.random = createRandom(seed);
  }

  static async of(signer: Signer, deployment: unknown, size: number, seed: number): Promise<Crowd> {
    return new Crowd(await Asterism.connect(signer, { deployment }), size, seed);
  }

  begin(): void {
    this.timer = setInterval(() => {
      if (this.working !== undefined || this.random() * EVERY > 1) return;
      // What the chain refuses, because a cap is reached or a trade has ended, is of no matter here.
      this.working = this.act()
        .catch(() => undefined)
        .finally(() => (this.working = undefined));
    }, 1_000);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.working;
  }

  private async act(): Promise<void> {
    const { trade } = this.asterism;
    const all = await trade.all();
    if (all.length < this.size) return this.open();
    const open = all.filter(({ close, size }) => size > 0n && close.target === 0n);
    if (open.length === 0 || this.random() < 0.7) return;
    await (await trade.close(open[Math.floor(this.random() * open.length)].id)).send();
  }

  private async open(): Promise<void> {
    const mode: Mode = this.random() < 0.3 ? "degen" : "standard";
    const market = mode === "degen" || this.random() < 0.7 ? "BTC" : "ETH";
    const leverage = mode === "degen" ? 500 + Math.floor(this.random() * 501) : 20 + Math.floor(this.random() * 130);
    const side = this.random() < 0.6 ? "long" : "short";
    const amount = String(20 + Math.floor(this.random() * 180));
    const order = await this.asterism.trade.market({ market, mode, side, leverage, token: "USDT", amount });
    await order.send({ approve: true });
  }
}
