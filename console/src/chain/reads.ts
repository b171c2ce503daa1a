import { useEffect, useRef, useState } from "react";
import type { Asterism, TradeRecord } from "@asterism/sdk";
import { plainly } from "../view/plainly";
import type { Plain } from "../view/plainly";
import { useSession } from "./session";

export interface Reading<T> {
  readonly data: T | undefined;
  /** Why the last attempt gave nothing. */
  readonly problem: Plain | undefined;
}

/**
 * Reads at each new block, and at once when the key changes; the last answer stays until there is a newer one of the same key.
 * One question at a time: blocks that come meanwhile are left out.
 */
export function useRead<T>(key: string, read: (asterism: Asterism) => Promise<T>, isActive = true): Reading<T> {
  const { asterism, block } = useSession();
  const [state, setState] = useState<{ key: string; data?: T; problem?: Plain }>({ key });
  const busy = useRef<string | null>(null);
  const latest = useRef(read);
  latest.current = read;
  const whole = `${key} ${asterism.connection.signer === null ? "nobody" : "somebody"}`;
  useEffect(() => {
    if (!isActive || busy.current === whole) return;
    busy.current = whole;
    const asked = whole;
    const done = (change: { data?: T; problem?: Plain }) => {
      if (busy.current !== asked) return;
      busy.current = null;
      setState((last) => ({ key: asked, data: last.key === asked ? last.data : undefined, ...change }));
    };
    latest.current(asterism).then(
      (data) => done({ data, problem: undefined }),
      (error: unknown) => done({ problem: plainly(error) }),
    );
  }, [whole, asterism, block, isActive]);
  const isCurrent = state.key === whole;
  return { data: isCurrent ? state.data : undefined, problem: isCurrent ? state.problem : undefined };
}

type DataOf<T extends readonly Reading<unknown>[]> = {
  [Index in keyof T]: T[Index] extends Reading<infer Data> ? Data | undefined : never;
};

/** Several readings as one: what each gave, the first problem, and whether each has been tried. */
export function together<T extends readonly Reading<unknown>[]>(...readings: T) {
  return {
    data: readings.map(({ data }) => data) as DataOf<T>,
    problem: readings.find((reading) => reading.problem !== undefined)?.problem,
    isTried: readings.every(({ data, problem }) => data !== undefined || problem !== undefined),
  };
}

/** All orders and positions of the account. */
export function useTrades(): Reading<TradeRecord[]> {
  const { account } = useSession();
  return useRead(
    `trades ${account?.address ?? ""}`,
    (asterism) => asterism.trade.all(account?.address),
    account !== null,
  );
}

/** Views of all books: prices, open interest, budgets. */
export function useMarkets() {
  return useRead("markets", (asterism) => asterism.trade.markets());
}
