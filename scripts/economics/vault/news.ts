/** Both sides of a jump that is known beforehand. */
import { min } from "../../../sdk/model";
import { dollars } from "../strategy";
import type { Draw, Played, Strategy } from "../strategy";
import { greatestMove } from "../windows";
import { Floor } from "./Floor";
import type { Order } from "./Floor";
import type { House } from "./house";
import { bookOf, keeping, largestOrder, profitCap } from "./keeper";

const LEVERAGE = 1001;
/** Longs, and as many shorts: nine tenths of a side's cap. */
const PAIRS = 4;
const FEE = 5n * 10n ** 17n;
/** Budget of the hour in this book, whole dollars: two jumps may spend it. */
const BUDGET = 2_500;
const WHOLE = 10n ** 18n;

export const NEWS: readonly Strategy<House>[] = [
  {
    id: "A06",
    title: "long and short at 1001x a second before the greatest jumps",
    bound:
      "cap − 1 margins a pair; the budget of the hour, as much credit, what drains, what one full side may still win",
    play: (house, draw) => Floor.on(house, draw.window.path, (floor) => play(floor, draw)),
  },
];

async function play(floor: Floor, { window: { path } }: Draw): Promise<Played> {
  const { trading, tradingConfigurator } = floor.desk.system;
  const terms = { mode: "degen", leverage: LEVERAGE } as const;
  const { executionDelaySeconds, maxOpenInterestUsd } = bookOf(floor, terms);
  const bookId = floor.desk.bookId("BTC", "degen");
  const caps = [await trading.getAddress(), bookId, maxOpenInterestUsd / WHOLE, BUDGET];
  await floor.send("guardian", tradingConfigurator, "cutCaps", caps);
  await floor.next();
  const before = await floor.purseOf("attacker", "friend");
  const margin = largestOrder(floor, terms);
  const sideOf = (by: "attacker" | "friend", isLong: boolean): Order[] =>
    Array.from({ length: PAIRS }, () => ({ ...terms, by, isLong, amount: margin + FEE }));
  const began = floor.now;
  floor.go();
  const first = greatestMove(path, 20, 110);
  const second = greatestMove(path, first + 30, 200);
  let opened = 0;
  for (const jump of [first, second]) {
    await floor.untilSecond(jump - 1 - executionDelaySeconds);
    const each = keeping(floor, "attacker");
    const trades = await floor.fill("attacker", [...sideOf("attacker", true), ...sideOf("friend", false)], each);
    opened += trades.length;
    await floor.next();
    await floor.settle("attacker", await floor.askToClose([...floor.open.values()]), each);
  }
  floor.stand();
  await floor.closeAll("attacker");
  const gain = await floor.gainSince(before);
  const cap = BigInt(Math.round(profitCap(floor, terms) * 1e6));
  const pairs = (BigInt(opened) * margin * (cap - 1_000_000n)) / 2_000_000n;
  const budget = BigInt(BUDGET) * WHOLE;
  const drained = (budget * BigInt(floor.now - began)) / 3_600n;
  const fullSide = (maxOpenInterestUsd * cap) / BigInt(LEVERAGE) / 1_000_000n;
  return {
    gain: dollars(gain),
    risked: dollars(2n * BigInt(PAIRS) * margin),
    most: dollars(min(pairs, 2n * budget + drained + fullSide)),
    notes: { opened },
  };
}
