import type { PricePath } from "../../demo/path";
import { PricePath as Path } from "../../demo/path";
import type { Arena } from "./arena";
import type { Ring } from "./Ring";

/** The victim's position: at 100x, with little more than it takes. */
export const VICTIM = { leverage: 100n, notional: 240_000, cash: 2_900 } as const;
/** Moves so far against it make it liquidatable, or bankrupt; as shares of the price. */
const [DUE, BANKRUPT] = [0.0075, 0.0125];
const LAST = 150;

/** A path on which somebody honest falls due, and stands still from that second on. */
export interface Fall {
  readonly path: PricePath;
  readonly isLong: boolean;
  readonly second: number;
}

/** Undefined where no move within the path is enough. */
export function fallOf(path: PricePath, isBankrupt: boolean): Fall | undefined {
  const prices = path.approximate;
  for (let second = 1; second < Math.min(LAST, path.seconds); second++) {
    const move = prices[second] / prices[0] - 1;
    if (Math.abs(move) < (isBankrupt ? BANKRUPT : DUE)) continue;
    return { path: standing(path, second), isLong: move < 0, second };
  }
  return undefined;
}

/** A path whose price stands still from a second on. */
export function standing(path: PricePath, second: number): PricePath {
  const points = Array.from({ length: second + 2 }, (_, at) => path.at(Math.min(at, second)));
  return Path.of(path.description, path.recordedFrom, points);
}

/**
 * The victim opens against the makers while the price stands; then it comes to where he is due. False where he is let in no more.
 * Whoever prepares something acts so many seconds before.
 */
export async function untilDue(
  ring: Ring,
  { isLong, second }: Fall,
  ahead?: { readonly seconds: number; readonly act: () => Promise<void> },
): Promise<boolean> {
  const { victim } = ring.cast;
  await ring.second(async () => {
    const order = ring.take(isLong ? "buy" : "sell", ring.lotsOf(VICTIM.notional));
    await ring.act(victim, [ring.leverage(VICTIM.leverage), order], ring.scene.now - 1);
  });
  ring.scene.startPath();
  if (ahead !== undefined) {
    await ring.untilSecond(second - ahead.seconds);
    await ring.second(ahead.act);
  }
  await ring.untilSecond(second);
  return ring.positionOf(victim) !== 0n;
}

export function victimOf({ cast }: Arena): readonly [number, number] {
  return [cast.victim, VICTIM.cash];
}
