/** Choosing the moment: of an opening, of a close, of a limit. */
import { isFurther } from "../../../sdk/model";
import type { Draw, Strategy } from "./draw";
import { extreme, moveOf, resultOf } from "./draw";

const START = 30;
/** A move that pays for a round trip at 1001x. */
const EDGE = 0.0008;
const WINDOW = 30;

export const TIMING: readonly Strategy[] = [
  {
    ...{ id: "A01", title: "a stop updated every second as immunity, ten minutes", unit: "margins" },
    rule: "no action of the owner moves the clock of a liquidation",
    play: (draw) => {
      const trip = { isLong: draw.random() < 0.5, open: START, close: START + 600 };
      return { rule: resultOf(draw, trip), hole: resultOf(draw, { ...trip, isImmune: true }) };
    },
  },
  {
    ...{ id: "A03", title: "two seconds of foresight, where they pay", unit: "margins" },
    rule: "executionDelay of 3 s, against 1 s",
    play: (draw) => {
      const at = occasion(draw, 1, 2);
      if (at === undefined) return undefined;
      const isLong = moveOf(draw.path, at + 1, at + 2) > 0;
      const delay = draw.setting.books.degen.executionDelay;
      return {
        rule: resultOf(draw, { isLong, open: at + delay, close: at + 2 * delay + 1 }),
        hole: resultOf(draw, { isLong, open: at + 1, close: at + 2 }),
      };
    },
  },
  {
    ...{ id: "A04", title: "a limit that its owner fills when it wins and cancels when it loses", unit: "margins" },
    rule: "ticks at most 3 s old, any keeper fills, a cancellation binds only later ticks",
    play: ({ path, ...rest }) => {
      const draw: Draw = { path, ...rest };
      const isLong = draw.random() < 0.5;
      const offset = 5n;
      const limit = (BigInt(path.price[START]) * (10_000n + (isLong ? -offset : offset))) / 10_000n;
      const at = reached(draw, limit, isLong, START + 3);
      if (at === undefined) return undefined;
      const gain = moveOf(path, at, at + 10) * (isLong ? 1 : -1);
      const trip = { isLong, open: at, entry: limit };
      const { maxDeviationPips } = draw.setting.books.degen;
      const isTooFar = isFurther(BigInt(path.price[at]), limit, maxDeviationPips);
      return {
        rule: isTooFar ? 0 : resultOf(draw, { ...trip, close: at + 5 }),
        hole: gain > EDGE ? resultOf(draw, { ...trip, close: at + 10 }) : 0,
      };
    },
  },
  {
    ...{ id: "A05", title: "a stop on the crossed side as a look-back close over 10 s", unit: "margins" },
    rule: "a stop arms a market close at the first tick after its block and the delay",
    play: (draw) => {
      const isLong = draw.random() < 0.5;
      const ask = START + 20;
      const best = extreme(draw.path, ask, ask + 10, !isLong);
      return {
        rule: resultOf(draw, { isLong, open: START, close: ask + 4 }),
        hole: resultOf(draw, { isLong, open: START, close: best }),
      };
    },
  },
  {
    ...{ id: "A08", title: "a victim's close withheld, then liquidated at a later tick", unit: "victim's margins" },
    rule: "a pending close shields from ticks at or after its target",
    play: (draw) => {
      const trip = { isLong: draw.random() < 0.5, open: START, close: START + 13 };
      const own = resultOf(draw, trip);
      const later = resultOf(draw, { ...trip, close: START + 13 + WINDOW });
      return { rule: 0, hole: later === -1 ? own - later : 0 };
    },
  },
  {
    ...{ id: "A10", title: "a known tick executed up to five minutes later", unit: "margins" },
    rule: "an order lapses 30 s after its target, and any keeper executes it",
    play: (draw) => {
      const isLong = draw.random() < 0.5;
      const [open, last] = [START + 3, START + 303];
      const best = extreme(draw.path, open, last, !isLong);
      const isWon = moveOf(draw.path, open, best) * (isLong ? 1 : -1) > EDGE;
      const hole = isWon ? resultOf(draw, { isLong, open, close: best, isImmune: true }) : 0;
      return { rule: resultOf(draw, { isLong, open, close: START + 60 }), hole };
    },
  },
  {
    ...{ id: "A16", title: "one proof for another order: the best tick of 30 s", unit: "margins" },
    rule: "a proof serves the orders it is the first tick of",
    play: (draw) => {
      const isLong = draw.random() < 0.5;
      const target = START + 3;
      const best = extreme(draw.path, target, target + WINDOW, isLong);
      const close = target + WINDOW + 5;
      return {
        rule: resultOf(draw, { isLong, open: target, close }),
        hole: resultOf(draw, { isLong, open: best, close }),
      };
    },
  },
  {
    ...{ id: "A30", title: "the last capacity for one of two orders, a second of knowledge", unit: "margins a fill" },
    rule: "one fill at most a quarter of the cap",
    bound: "the loss budget of the book, an hour",
    play: (draw) => {
      const fill = START + draw.setting.books.degen.executionDelay;
      const isLong = moveOf(draw.path, fill, fill + 1) > 0;
      return { rule: resultOf(draw, { isLong, open: fill, close: fill + 4 }) };
    },
  },
];

/** The first second from which a trade filled `delay` later wins more than it costs by what is seen `ahead`. */
function occasion({ path }: Draw, delay: number, ahead: number): number | undefined {
  for (let at = START; at < path.price.length - 60; at++) {
    if (Math.abs(moveOf(path, at + delay, at + ahead)) > EDGE) return at;
  }
  return undefined;
}

function reached({ path }: Draw, limit: bigint, isLong: boolean, from: number): number | undefined {
  for (let at = from; at < path.price.length - 60; at++) {
    const tick = BigInt(path.price[at]);
    if (isLong ? tick <= limit : tick >= limit) return at;
  }
  return undefined;
}
