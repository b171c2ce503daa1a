/** What has happened to an account, from events alone. */
import { useEffect, useRef, useState } from "react";
import { Codec } from "@asterism/sdk";
import type { Asterism } from "@asterism/sdk";
import { predictionAbi, tradingAbi, vaultAbi } from "@asterism/sdk/abis";
import type { JsonRpcProvider, Log } from "ethers";
import { toQuantity, zeroPadValue } from "ethers";
import type { AnyEvent } from "../view/happenings";
import { useSession } from "./session";

const TRADING = new Codec(tradingAbi);
const PREDICTION = new Codec(predictionAbi);
const VAULT = new Codec(vaultAbi);
const PAGE_BLOCKS = 2_000;
/** So far back is looked when the page opens. */
const DEPTH_BLOCKS = 20_000;
const OWNED = [
  "OrderPlaced",
  "OrderRefused",
  "OrderCancelled",
  "TradeOpened",
  "TradeReduced",
  "TradeClosed",
  "TradeLiquidated",
] as const;
const BETS = ["BetPlaced", "BetStruck", "BetSettled", "BetReturned"] as const;
const PAYMENTS = ["PaymentRefused", "Claimed"] as const;

export interface Happening {
  readonly key: string;
  readonly block: number;
  readonly transaction: string;
  readonly event: AnyEvent;
}

export interface History {
  /** The latest first. */
  readonly events: readonly Happening[];
  /** From which block on. */
  readonly since: number;
}

/** An account's events, followed from block to block. */
export function useHistory(): History {
  const { account, asterism, provider, block } = useSession();
  const [history, setHistory] = useState<History & { owner: string }>({ owner: "", events: [], since: 0 });
  const state = useRef({ owner: "", next: 0, isBusy: false });
  const owner = account?.address ?? "";
  useEffect(() => {
    if (owner === "") return;
    const at = state.current;
    if (at.owner !== owner) Object.assign(at, { owner, next: Math.max(0, block.number - DEPTH_BLOCKS), isBusy: false });
    if (at.isBusy || at.next > block.number) return;
    at.isBusy = true;
    const from = at.next;
    const to = Math.min(block.number, from + PAGE_BLOCKS - 1);
    eventsOf(asterism, provider, owner, from, to).then(
      (found) => {
        if (at.owner !== owner) return;
        at.next = to + 1;
        at.isBusy = false;
        setHistory((last) => ({
          owner,
          since: last.owner === owner ? last.since : from,
          events: last.owner === owner ? [...found.reverse(), ...last.events] : found.reverse(),
        }));
      },
      () => (at.isBusy = false),
    );
  }, [owner, asterism, provider, block]);
  return history.owner === owner ? history : { events: [], since: 0 };
}

async function eventsOf(
  asterism: Asterism,
  provider: JsonRpcProvider,
  owner: string,
  from: number,
  to: number,
): Promise<Happening[]> {
  const { trading, prediction, vault } = asterism.connection.contracts;
  const topics = [
    ...OWNED.map((name) => TRADING.interface.getEvent(name)?.topicHash),
    ...BETS.map((name) => PREDICTION.interface.getEvent(name)?.topicHash),
    ...PAYMENTS.map((name) => VAULT.interface.getEvent(name)?.topicHash),
  ].filter((topic) => topic !== undefined);
  // The owner is the second indexed argument of all of them.
  const filter = { address: [trading, prediction, vault], topics: [topics, null, zeroPadValue(owner, 32)] };
  const logs = await provider.getLogs({ ...filter, fromBlock: toQuantity(from), toBlock: toQuantity(to) });
  return logs.flatMap((log: Log) => {
    const codec = log.address === trading ? TRADING : log.address === prediction ? PREDICTION : VAULT;
    const event: AnyEvent | undefined = codec.event(log);
    if (event === undefined) return [];
    return [
      { key: `${log.blockNumber}-${log.index}`, block: log.blockNumber, transaction: log.transactionHash, event },
    ];
  });
}
