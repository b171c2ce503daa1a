import { ask, bid, cancel, ORDER_TYPE } from "../../../sdk/pro/words";
import type { Seat, Venue } from "./Venue";

/** Distances from the price in millionths, and whole dollars on each side. */
const RUNGS = [
  { pips: 300n, usd: 30_000n },
  { pips: 1_000n, usd: 60_000n },
  { pips: 2_500n, usd: 90_000n },
  { pips: 6_000n, usd: 120_000n },
] as const;
const MILLION = 1_000_000n;
/** It quotes anew when the price has moved by this much, or after so many seconds. */
const MOVE_PIPS = 400n;
const EVERY_SECONDS = 8;
/** A side is not quoted any more once so many whole dollars are held on it. */
const MOST_HELD = 1_000_000n;

/** Quotes both sides around the price, and follows it. */
export class Maker {
  quotes = 0;
  private at: { price: bigint; second: number } | undefined;

  constructor(
    private readonly venue: Venue,
    readonly seat: Seat,
  ) {}

  async step(second: number, price: bigint): Promise<void> {
    if (!this.isDue(second, price)) return;
    const { seat, venue } = this;
    const [orders, held] = await Promise.all([venue.ordersOf(seat), venue.positionOf(seat)]);
    const most = venue.lotsOf(MOST_HELD, price);
    const type = ORDER_TYPE.postOnly;
    const market = BigInt(venue.market.id);
    const words = RUNGS.flatMap(({ pips, usd }) => {
      const lots = venue.lotsOf(usd, price);
      const away = (price * pips) / MILLION;
      return [
        ...(held < most ? [bid(venue.ticksOf(price - away), lots, { market, type })] : []),
        ...(held > -most ? [ask(venue.ticksOf(price + away) + 1n, lots, { market, type })] : []),
      ];
    });
    this.at = { price, second };
    await venue.act(seat, [...orders.map(cancel), ...words]);
    this.quotes += 1;
  }

  private isDue(second: number, price: bigint): boolean {
    if (this.at === undefined) return true;
    const moved = price > this.at.price ? price - this.at.price : this.at.price - price;
    return second - this.at.second >= EVERY_SECONDS || moved * MILLION >= this.at.price * MOVE_PIPS;
  }
}
