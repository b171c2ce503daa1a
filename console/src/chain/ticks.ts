/** The prices that were seen on this visit, and of a replica those before it. */
import { useEffect, useState } from "react";
import { px } from "@asterism/sdk";
import type { AssetKey } from "@asterism/sdk";
import type { Tick } from "../view/candles";
import { practice } from "./config";
import { useMarkets } from "./reads";
import { useSession } from "./session";

const KEPT = 20_000;

/** Ticks of each asset, filled at each block; the identity of a list changes when it was filled from before. */
export function useTicks(asset: AssetKey): { ticks: Tick[]; generation: number } {
  const { config, chain, block } = useSession();
  const { data: markets } = useMarkets();
  const [all] = useState(() => new Map<AssetKey, Tick[]>());
  const [generation, setGeneration] = useState(0);

  useEffect(() => {
    if (config.practice === undefined) return;
    practice().then(
      ({ history }) => {
        const past = history.map(([time, price]) => ({ time, price: px(price) }));
        const since = past.at(-1)?.time ?? 0;
        all.set("BTC", [...past, ...listOf(all, "BTC").filter(({ time }) => time > since)]);
        setGeneration((count) => count + 1);
      },
      // The chart begins with what is seen from now on.
      () => undefined,
    );
  }, [all, config]);

  useEffect(() => {
    for (const { config: book, price } of markets ?? []) {
      const key = Object.entries(chain.assets).find(([, { id }]) => BigInt(id) === book.assetId)?.[0] as
        AssetKey | undefined;
      if (key === undefined || price.mid === 0n) continue;
      const ticks = listOf(all, key);
      if ((ticks.at(-1)?.time ?? 0) < block.time) ticks.push({ time: block.time, price: price.mid });
      if (ticks.length > KEPT) ticks.splice(0, ticks.length - KEPT);
    }
  }, [all, markets, chain, block]);
  return { ticks: listOf(all, asset), generation };
}

function listOf(all: Map<AssetKey, Tick[]>, asset: AssetKey): Tick[] {
  const known = all.get(asset);
  if (known !== undefined) return known;
  const made: Tick[] = [];
  all.set(asset, made);
  return made;
}
