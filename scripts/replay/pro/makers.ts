import { cancelAll, ladder } from "../../../kit/pro/quotes";
import type { Rung } from "../../../kit/pro/quotes";
import { QUOTE, ordersOf, valueOf } from "../../../sdk/model/pro";
import type { Action, Reason } from "../../../sdk/model/pro";
import type { ProScene } from "./scene";

/** How a maker quotes. */
export interface Style {
  readonly name: string;
  /** Distances from the price in calm seconds, and how much is quoted there on each side. */
  readonly rungs: readonly { readonly pips: bigint; readonly value: bigint }[];
  /** The book follows a price that has moved by this much. */
  readonly movePips: bigint;
  /** And is quoted anew after so many seconds in any case. */
  readonly seconds: number;
}

/** Close to the price, and quick. */
export const TIGHT: Style = {
  name: "tight",
  rungs: [
    { pips: 200n, value: 30_000n },
    { pips: 500n, value: 60_000n },
    { pips: 1_000n, value: 100_000n },
    { pips: 2_000n, value: 150_000n },
  ],
  movePips: 200n,
  seconds: 10,
};

/** Far from it, and slow. */
export const WIDE: Style = {
  name: "wide",
  rungs: [
    { pips: 4_000n, value: 150_000n },
    { pips: 8_000n, value: 200_000n },
    { pips: 14_000n, value: 250_000n },
  ],
  movePips: 1_500n,
  seconds: 20,
};

/** A side is not quoted any more once so much is held on it. */
const MOST_HELD = 3_000_000n * QUOTE;
/** Distances grow with what the price has moved over these seconds: they are as wide as that move over this. */
const LOOK_BACK_SECONDS = 30;
const MOVE_DIVISOR = 8n;
/** Orders stay within the band around the mark. */
const FARTHEST_PIPS = 17_000n;
const MILLION = 1_000_000n;

/** A bot that quotes both sides of every market, refreshes the indices with the same call, and widens as prices move. */
export class Maker {
  /** Calls that quoted, and what they cost together. */
  quoted = 0;
  gas = 0n;
  readonly refused = new Map<Reason, number>();
  /** What it quotes, in percent of its style. */
  depthPercent = 100;
  private readonly at = new Map<number, { price: bigint; time: number }>();

  constructor(
    private readonly scene: ProScene,
    readonly account: number,
    private readonly style: Style,
  ) {}

  /** Puts its call for this moment into the block, if it has one; by the tick of a time. */
  async step(tickTime: number): Promise<void> {
    const { now, pro } = this.scene;
    const due = this.scene.markets.filter((market) => this.isDue(market, tickTime));
    if (due.length === 0) return;
    const ticks = due.map((market) => this.scene.tickAt(market, tickTime));
    const { state } = pro.exchange;
    const isNewer = (market: number) => (state.markets[market].index?.publishTime ?? 0n) < BigInt(tickTime);
    const fresh = ticks.filter(({ asset }) => isNewer(pro.marketOf(asset)));
    const actions = due.flatMap((market, index) => this.requote(market, ticks[index].price));
    const call = await pro.acting(this.account, actions, fresh, true);
    await this.scene.queue(call, (answer) => {
      for (const [index, market] of due.entries()) this.at.set(market, { price: ticks[index].price, time: now });
      if ("refused" in answer) {
        this.refused.set(answer.refused, (this.refused.get(answer.refused) ?? 0) + 1);
        // Out of step with the price: once more at the next second.
        for (const market of due) this.at.delete(market);
        return;
      }
      this.quoted += 1;
      this.gas += answer.done.gas;
    });
  }

  private isDue(market: number, tickTime: number): boolean {
    const last = this.at.get(market);
    if (last === undefined) return true;
    const { price } = this.scene.tickAt(market, tickTime);
    const moved = price > last.price ? price - last.price : last.price - price;
    return this.scene.now - last.time >= this.style.seconds || moved * MILLION >= last.price * this.style.movePips;
  }

  private requote(market: number, price: bigint): Action[] {
    const { state } = this.scene.pro.exchange;
    const { grid } = state.markets[market].config;
    const { lots: held } = state.accounts[this.account].stakes[market].position;
    const value = valueOf(grid, price, held);
    const lot = valueOf(grid, price, 1n);
    const wider = this.widening(market, price);
    const rungs: Rung[] = this.style.rungs.map((rung) => ({
      pips: rung.pips + wider > FARTHEST_PIPS ? FARTHEST_PIPS : rung.pips + wider,
      lots: (rung.value * QUOTE * BigInt(this.depthPercent)) / lot / 100n + 1n,
    }));
    const quotes = ladder(state, market, price, rungs).filter((action) => {
      if (action.kind !== "place") return true;
      return action.order.side === "buy" ? value < MOST_HELD : value > -MOST_HELD;
    });
    const stale = ordersOf(state, this.account, market).length === 0 ? [] : cancelAll(state, this.account, market);
    return [...stale, ...quotes];
  }

  private widening(market: number, price: bigint): bigint {
    const before = this.scene.priceAt(this.scene.pro.assetOf(market), this.scene.now - LOOK_BACK_SECONDS);
    const moved = price > before ? price - before : before - price;
    return (moved * MILLION) / before / MOVE_DIVISOR;
  }
}
