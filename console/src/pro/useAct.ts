import { useCallback } from "react";
import { formatSize } from "@asterism/sdk";
import type { ProAction, ProActed } from "@asterism/sdk";
import { useSession } from "../chain/session";
import { useTransactions } from "../chain/transactions";
import { usdText } from "../view/format";

/** Has an account of the signer's act in Pro, after the prices of what it holds are brought: its margin is tested with them. */
export function useAct(sub: number, refresh: readonly string[]) {
  const { asterism } = useSession();
  const { run } = useTransactions();
  return useCallback(
    (title: string, actions: readonly ProAction[]) =>
      void run({ title, isTimely: true, make: () => asterism.pro.act(actions, { sub, refresh }), told }),
    [asterism, run, sub, refresh],
  );
}

function told({ fills, rested }: ProActed): string {
  const filled = fills.map(
    (fill) => `${fill.side} ${formatSize(fill.size)} for ${usdText(fill.notional)}, fee ${usdText(fill.fee, 4)}`,
  );
  return [...filled, ...(rested.length > 0 ? [`${rested.length} came to rest`] : [])].join("; ");
}
