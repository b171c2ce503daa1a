/** Candles of the prices that were seen. */

export interface Tick {
  /** Unix seconds. */
  readonly time: number;
  /** USD with 10 decimals. */
  readonly price: bigint;
}

/** As the chart takes them: its numbers are for drawing alone. */
export interface Candle {
  readonly time: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

const SCALE = 10 ** 10;

export function candleOf(tick: Tick, seconds: number, open?: number): Candle {
  const price = Number(tick.price) / SCALE;
  const first = open ?? price;
  const time = tick.time - (tick.time % seconds);
  return { time, open: first, high: Math.max(first, price), low: Math.min(first, price), close: price };
}

/** The candle with one more tick, or the next candle where the tick lies after it. */
export function candleAfter(last: Candle | undefined, tick: Tick, seconds: number): Candle {
  if (last === undefined) return candleOf(tick, seconds);
  const next = candleOf(tick, seconds, last.close);
  if (next.time > last.time) return next;
  const { close } = next;
  return { ...last, high: Math.max(last.high, close), low: Math.min(last.low, close), close };
}

/** Candles of ticks in their order of time; what is out of it is left out. */
export function candlesOf(ticks: readonly Tick[], seconds: number): Candle[] {
  const candles: Candle[] = [];
  let latest = -Infinity;
  for (const tick of ticks) {
    if (tick.time < latest) continue;
    latest = tick.time;
    const last = candles.at(-1);
    const next = candleAfter(last, tick, seconds);
    if (last !== undefined && next.time === last.time) candles[candles.length - 1] = next;
    else candles.push(next);
  }
  return candles;
}
