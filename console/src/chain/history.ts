/** What has happened, as the index beside the page has read it from events: since the deployment, of an account or of the system. */
import { useEffect, useMemo, useRef, useState } from "react";
import { Codec } from "@asterism/sdk";
import type { Asterism } from "@asterism/sdk";
import { predictionAbi, tradingAbi, vaultAbi } from "@asterism/sdk/abis";
import type { AnyEvent } from "../view/happenings";
import { useSession } from "./session";

const TRADING = new Codec(tradingAbi);
const PREDICTION = new Codec(predictionAbi);
const VAULT = new Codec(vaultAbi);

interface KeptLog {
  readonly address: string;
  readonly blockNumber: number;
  readonly transactionHash: string;
  readonly index: number;
  readonly topics: readonly string[];
  readonly data: string;
}

interface Answer {
  readonly generation: number;
  /** Of the last log: what comes after it is asked for with it. */
  readonly place: number;
  readonly since: number;
  readonly block: number;
  readonly logs: readonly KeptLog[];
  readonly hasMore: boolean;
}

export interface Logs {
  /** Of which list. */
  readonly of: string;
  /** In their order. */
  readonly logs: readonly KeptLog[];
  readonly generation: number;
  /** Of the last log. */
  readonly place: number;
  /** The first block that was read. */
  readonly since: number;
  /** The latest; 0 before the first answer. */
  readonly block: number;
}

export interface Happening {
  readonly key: string;
  readonly block: number;
  readonly transaction: string;
  readonly event: AnyEvent;
}

export interface History {
  /** The latest first. */
  readonly events: readonly Happening[];
  readonly since: number;
  readonly block: number;
}

/** A list of the index, followed from block to block: an account's by its address, "liquidations", "governance"; "" for none. */
export function useLogs(of: string): Logs {
  const { block } = useSession();
  const nothing = { of, logs: [], generation: 0, place: 0, since: 0, block: 0 };
  const [state, setState] = useState<Logs>(nothing);
  const latest = useRef(state);
  latest.current = state;
  const busy = useRef<string | null>(null);
  useEffect(() => {
    if (of === "" || busy.current === of) return;
    busy.current = of;
    const known =
      latest.current.of === of
        ? latest.current
        : { ...latest.current, of, logs: [], generation: 0, place: 0, block: 0 };
    readOn(known).then(
      (next) => {
        if (busy.current !== of) return;
        busy.current = null;
        setState(next);
      },
      // What could not be read is asked for again with the next block.
      () => {
        if (busy.current === of) busy.current = null;
      },
    );
  }, [of, block]);
  return state.of === of ? state : nothing;
}

async function readOn(known: Logs): Promise<Logs> {
  let at = known;
  for (;;) {
    const asked = new URLSearchParams({
      ...{ of: at.of, after: String(at.place), generation: String(at.generation) },
    });
    const answer = await fetch(`/history?${asked}`);
    if (!answer.ok) throw new Error(`the history can't be read (${answer.status})`);
    const { generation, place, since, block, logs, hasMore } = (await answer.json()) as Answer;
    const before = generation === at.generation ? at.logs : [];
    at = { of: at.of, generation, place, since, block, logs: logs.length === 0 ? before : [...before, ...logs] };
    if (!hasMore) return at;
  }
}

/** An account's events. */
export function useHistory(): History {
  const { account, asterism } = useSession();
  const { logs, since, block } = useLogs(account?.address ?? "");
  const events = useMemo(() => happeningsOf(asterism, logs), [asterism, logs]);
  return { events, since, block };
}

function happeningsOf({ connection: { contracts } }: Asterism, logs: readonly KeptLog[]): readonly Happening[] {
  const { trading, prediction } = contracts;
  const events = logs.flatMap((log): Happening[] => {
    const codec = log.address === trading ? TRADING : log.address === prediction ? PREDICTION : VAULT;
    const event: AnyEvent | undefined = codec.event(log);
    if (event === undefined) return [];
    const { blockNumber, index, transactionHash } = log;
    return [{ key: `${blockNumber}-${index}`, block: blockNumber, transaction: transactionHash, event }];
  });
  return events.reverse();
}
