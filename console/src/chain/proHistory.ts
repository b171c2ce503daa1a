/** What has happened in an account of Pro, from the index beside the page, and how its markets are configured. */
import { useMemo } from "react";
import { Codec } from "@asterism/sdk";
import type { Asterism } from "@asterism/sdk";
import { gridBookAbi, proAbi, proTriggersAbi } from "@asterism/sdk/abis";
import type { GridTerms } from "../view/gridPlan";
import { proHistoryOf } from "../view/proHappenings";
import type { ProAccountHistory, ProEvent } from "../view/proHappenings";
import { useLogs } from "./history";
import type { Logs } from "./history";
import { useSession } from "./session";

const PRO = new Codec(proAbi);
const TRIGGERS = new Codec(proTriggersAbi);
const GRIDS = new Codec(gridBookAbi);

/** Of an account by its number; 0n: there is none. */
export function useProHistory(account: bigint): ProAccountHistory & Pick<Logs, "since" | "block"> {
  const { asterism, chain } = useSession();
  const { logs, since, block } = useLogs(account === 0n ? "" : `account-${account}`);
  const history = useMemo(
    () => proHistoryOf(chain.pro, account, eventsOf(asterism, logs)),
    [asterism, chain, account, logs],
  );
  return { ...history, since, block };
}

function eventsOf({ connection: { contracts } }: Asterism, logs: Logs["logs"]): ProEvent[] {
  return logs.flatMap((log): ProEvent[] => {
    const { address, blockNumber: block, index } = log;
    const codec = address === contracts.pro ? PRO : address === contracts.gridBook ? GRIDS : TRIGGERS;
    const event: ProEvent["event"] | undefined = codec.event(log);
    return event === undefined ? [] : [{ key: `${block}-${index}`, block, event }];
  });
}

export interface MarketTerms extends GridTerms {
  readonly defaultLeverage: bigint;
}

/** Of a market, as it was configured last; undefined before that has been read. */
export function useMarketTerms(id: number): MarketTerms | undefined {
  const { logs } = useLogs("markets");
  return useMemo(() => {
    const configs = logs.flatMap((log) => {
      const event = PRO.event(log);
      return event?.name === "MarketConfigured" && event.args.market === BigInt(id) ? [event.args.config] : [];
    });
    const last = configs.at(-1);
    if (last === undefined) return undefined;
    const { makerFeePips, takerFeePips, highLeverage, defaultLeverage } = last;
    return { makerFeePips, takerFeePips, highLeverage, defaultLeverage };
  }, [logs, id]);
}
