/** Markets that are delisted: begins to settle them, and closes what stands against each other at their last price. */
import type { Connection } from "@asterism/sdk";
import { feeOf } from "../work/trials";
import type { ProBoard } from "./ProBoard";
import { TASK, proCallOf, tryProBatch } from "./calls";
import type { ProBatch, ProItem } from "./calls";
import { MARKET_STATUS } from "./ProIndexer";

/** Between two tries of a market: most of the day that a delisting lasts it is not due. */
const PATIENCE_SECONDS = 60;
const GAS_LIMIT = 20_000_000n;

/** What settles a market, and what it came to when it was tried. */
export interface SettlingWork {
  readonly market: number;
  readonly batch: ProBatch;
}

export class Settling {
  private readonly triedAt = new Map<number, number>();
  /** Since when a step of a market waits. */
  private readonly waitsSince = new Map<number, number>();

  constructor(
    private readonly connection: Connection,
    private readonly maxItems: number,
  ) {}

  /** The next market of which something can be settled in a second of the chain; undefined: none. */
  async next(board: ProBoard, keeper: string, now: number, isFree: (market: number, since: number) => boolean) {
    for (const market of board.state.markets.keys()) {
      if (now - (this.triedAt.get(market) ?? -Infinity) < PATIENCE_SECONDS) continue;
      const drafted = this.draft(board, market, now);
      if (drafted === undefined) {
        this.waitsSince.delete(market);
        continue;
      }
      const since = this.waitsSince.get(market) ?? now;
      this.waitsSince.set(market, since);
      if (!isFree(market, since)) continue;
      const found = await this.useful(drafted, keeper);
      // The next step waits anew.
      this.waitsSince.delete(market);
      if (found !== undefined) return found;
      this.triedAt.set(market, now);
    }
    return undefined;
  }

  private draft(board: ProBoard, market: number, now: number): SettlingWork | undefined {
    const status = board.state.markets.get(market)?.status;
    if (status === MARKET_STATUS.reduceOnly) {
      const tick = board.latestTick(market, now);
      if (tick === undefined) return undefined;
      const item: ProItem = { task: TASK.beginSettling, market, scope: 0n, other: 0n, tick };
      return { market, batch: { refreshes: [], items: [item], fires: [], rolls: [] } };
    }
    if (status !== MARKET_STATUS.settling) return undefined;
    const items = pairsOf(board.state.lots.get(market) ?? new Map(), this.maxItems).map(
      ({ long, lots, short }): ProItem => ({ task: TASK.closeSettled, market, scope: long << 8n, other: short, lots }),
    );
    return items.length === 0 ? undefined : { market, batch: { refreshes: [], items, fires: [], rolls: [] } };
  }

  private async useful({ batch, market }: SettlingWork, keeper: string): Promise<SettlingWork | undefined> {
    const call = proCallOf(this.connection, batch);
    const value = call.proofs.length === 0 ? 0n : await feeOf(this.connection, call.proofs);
    const outcomes = await tryProBatch(this.connection, keeper, call, value, GAS_LIMIT);
    const items = batch.items.filter((_, at) => outcomes[at].outcome === "Settled");
    return items.length === 0 ? undefined : { market, batch: { ...batch, items } };
  }
}

/** Longs against shorts, the largest first, until one side or the list is full. */
export function pairsOf(held: ReadonlyMap<bigint, bigint>, most: number) {
  const side = (isLong: boolean) =>
    [...held]
      .filter(([, lots]) => lots > 0n === isLong)
      .map(([account, lots]) => ({ account, left: lots < 0n ? 0n - lots : lots }))
      .sort((a, b) => (a.left === b.left ? 0 : a.left < b.left ? 1 : -1));
  const [longs, shorts] = [side(true), side(false)];
  const pairs: { long: bigint; short: bigint; lots: bigint }[] = [];
  for (let l = 0, s = 0; l < longs.length && s < shorts.length && pairs.length < most;) {
    const lots = longs[l].left < shorts[s].left ? longs[l].left : shorts[s].left;
    pairs.push({ long: longs[l].account, short: shorts[s].account, lots });
    if ((longs[l].left -= lots) === 0n) l++;
    if ((shorts[s].left -= lots) === 0n) s++;
  }
  return pairs;
}
