import type { Signer } from "ethers";
import { Asterism } from "../../sdk/Asterism";
import { Codec } from "../../sdk/abi";
import { erc20Abi } from "../../sdk/abis";
import { tokenOf } from "../../sdk/chains";
import type { ProAction } from "../../sdk/pro/actions";
import { priceOfTicks, sizeOfLots } from "../../sdk/pro/actions";
import { Hermes } from "../../sdk/pyth/hermes";
import { px, size, tokens } from "../../sdk/units";
import type { Price } from "../../sdk/units";

const ERC20 = new Codec(erc20Abi);
/** One market after the other, each anew so often. */
const STEP_MS = 4_000;
const CASH = "200000";
/** Pips of the price on both sides of it, with USD that are offered there. */
const LEVELS = [
  [300n, 5_000n],
  [700n, 10_000n],
  [1_500n, 20_000n],
  [3_000n, 40_000n],
] as const;
const PIPS = 1_000_000n;

/** Somebody who quotes in Pro: whoever looks at its page finds a book, and can trade. */
export class Maker {
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> | undefined;
  private at = 0;
  private isOpen = false;

  private constructor(private readonly asterism: Asterism) {}

  static async of(signer: Signer, deployment: unknown, hermes: string): Promise<Maker> {
    const prices = new Hermes({ endpoints: [hermes] });
    return new Maker(await Asterism.connect(signer, { deployment, prices }));
  }

  /** Takes what it quotes with from somebody who has it. */
  async take(from: Signer): Promise<void> {
    const { chain, signer } = this.asterism.connection;
    const token = tokenOf(chain, chain.pro.token);
    const data = ERC20.encode("transfer", [(await signer?.getAddress()) ?? "", tokens(CASH, token.decimals)]);
    await (await from.sendTransaction({ to: token.address, data })).wait();
  }

  begin(): void {
    this.timer = setInterval(() => {
      if (this.working !== undefined) return;
      // What the chain refuses, because the breaker is raised or a price is old, is tried again with the next.
      this.working = this.act()
        .catch(() => undefined)
        .finally(() => (this.working = undefined));
    }, STEP_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.working;
  }

  private async act(): Promise<void> {
    const { pro, connection } = this.asterism;
    if (!this.isOpen) {
      await (await pro.deposit(CASH)).send({ approve: true });
      this.isOpen = true;
    }
    const names = Object.keys(connection.chain.pro.markets);
    const market = names[this.at++ % names.length];
    const old = (await pro.orders(market)).map(({ id }): ProAction => ({ kind: "cancel", id, isSoft: true }));
    // Where the price is, is known once it was brought.
    await (await pro.act(old, { refresh: names })).send();
    const { index } = await pro.mark(market);
    if (index > 0n) await (await pro.act(this.quotes(market, index))).send();
  }

  private quotes(market: string, index: bigint): ProAction[] {
    const facts = this.asterism.connection.chain.pro.markets[market];
    const [tick, lot] = [px(facts.tickSize), size(facts.lotSize)];
    return LEVELS.flatMap(([pips, usd]) => {
      // USD with 18 decimals, a price with 10, a size with 8.
      const amount = sizeOfLots(facts, (usd * 10n ** 18n) / index / lot);
      const order = { kind: "place", market, size: amount, type: "postOnly", isSoft: true } as const;
      const price = (sign: bigint): Price => priceOfTicks(facts, (index * (PIPS + sign * pips)) / PIPS / tick);
      return [
        { ...order, side: "buy", price: price(-1n) },
        { ...order, side: "sell", price: price(1n) },
      ];
    });
  }
}
