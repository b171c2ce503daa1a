import { useMemo, useState } from "react";
import { Codec, Reason, assetKeyOf, marketOfBook, nameOf, query } from "@asterism/sdk";
import type { Asterism } from "@asterism/sdk";
import * as abis from "@asterism/sdk/abis";
import { accessManagerAbi, breakerAbi, tradingAbi, tradingLensAbi } from "@asterism/sdk/abis";
import { Interface } from "ethers";
import { useLogs } from "../chain/history";
import type { Logs } from "../chain/history";
import { together, useMarkets, useRead } from "../chain/reads";
import { useSession } from "../chain/session";
import { sourceStates, vaultAssets } from "../chain/vaultReads";
import { Facts, Refusal } from "../parts/Controls";
import { Table } from "../parts/Table";
import { addressText, durationText, pipsText, priceText, shareOf, tokenText, usdText, wordsOf } from "../view/format";

const BREAKER = new Codec(breakerAbi);
const ACCESS = new Codec(accessManagerAbi);
const TRADING = new Codec(tradingAbi);
const LENS = new Codec(tradingLensAbi);
const LEVELS = [
  "everything goes on",
  "nothing new is opened",
  "nothing new is opened, nothing burned",
  "everything stands still",
];
const PAGE_IDS = 1_000n;

/** How the system stands, from the chain alone. */
export function SystemPage() {
  const { chain, asterism, block } = useSession();
  const { data, problem, isTried } = together(
    useMarkets(),
    useRead("vault", vaultAssets),
    useRead("sources", sourceStates),
    useRead("breaker", breakerOf),
    useRead("lag", (asterism) => lagOf(asterism, block.time)),
  );
  const liquidations = useLogs("liquidations");
  const losses = useMemo(() => badDebtOf(liquidations), [liquidations]);
  const scheduled = useLogs("governance");
  const governance = useMemo(() => scheduledOf(asterism, scheduled), [asterism, scheduled]);
  // All of it at once: nothing moves when the rest comes.
  if (!isTried || liquidations.block === 0) return <p className="panel">Reading how it stands…</p>;
  const [markets, assets, sources, breaker, lag] = data;
  return (
    <div className="grid">
      <section className="panel" aria-label="State">
        <h2>State</h2>
        {problem && <Refusal plain={problem} />}
        <Facts
          rows={[
            [
              "Breaker",
              breaker ? `level ${breaker.level}: ${LEVELS[Number(breaker.level)]}` : "–",
              breaker?.level === 0n ? "good" : "warn",
            ],
            ["ALP can be burned", breaker ? (breaker.canBurn ? "yes" : "no") : "–"],
            ["Liquidations", breaker ? (breaker.canLiquidate ? "go on" : "wait for their grace") : "–"],
            ["Orders and closes that are due", lag ? String(lag.due) : "–"],
            [
              "The oldest of them waits for",
              lag ? durationText(lag.seconds) : "–",
              lag && lag.seconds > 10 ? "bad" : "good",
            ],
            [`Liquidations since block ${liquidations.since}`, String(losses.count)],
            ["Of them with bad debt", String(losses.bad), losses.bad > 0 ? "bad" : "good"],
          ]}
        />
      </section>
      <section className="panel" aria-label="Sources of prices">
        <h2>Push sources</h2>
        <Table
          label="Sources"
          rows={sources ?? []}
          keyOf={({ asset, feed }) => `${asset} ${feed}`}
          none="Reading the sources…"
          columns={[
            { name: "Asset", cell: ({ asset }) => <strong>{asset}</strong> },
            { name: "Source", cell: ({ kind, feed }) => `${kind} ${addressText(feed)}` },
            {
              name: "Age",
              isNumber: true,
              cell: ({ updatedAt }) => (updatedAt === undefined ? "–" : durationText(block.time - updatedAt)),
            },
            { name: "At most", isNumber: true, cell: ({ maxAgeSeconds }) => durationText(maxAgeSeconds) },
            {
              name: "State",
              cell: ({ isEnabled, updatedAt, maxAgeSeconds }) =>
                stateText(isEnabled, updatedAt, maxAgeSeconds, block.time),
            },
          ]}
        />
      </section>
      <section className="panel whole" aria-label="Reserves">
        <h2>The vault's ledger</h2>
        <Table
          label="Reserves"
          rows={assets ?? []}
          keyOf={({ token }) => token.symbol}
          none="Reading the vault…"
          columns={[
            { name: "Token", cell: ({ token }) => <strong>{token.symbol}</strong> },
            {
              name: "Liquidity",
              isNumber: true,
              cell: ({ token, liquidity }) => tokenText(liquidity, token.decimals, 2),
            },
            { name: "Reserved", isNumber: true, cell: ({ token, reserved }) => tokenText(reserved, token.decimals, 2) },
            {
              name: "Utilisation",
              isNumber: true,
              cell: ({ liquidity, reserved, maxUtilizationPips }) =>
                `${pipsText(shareOf(reserved, liquidity))} of ${pipsText(maxUtilizationPips, 0)}`,
            },
            {
              name: "Collateral",
              isNumber: true,
              cell: ({ token, collateral }) => tokenText(collateral, token.decimals, 2),
            },
            { name: "Fees", isNumber: true, cell: ({ token, fees }) => tokenText(fees, token.decimals, 2) },
            {
              name: "Claimable",
              isNumber: true,
              cell: ({ token, claimable }) => tokenText(claimable, token.decimals, 2),
            },
            { name: "Price, USD", isNumber: true, cell: ({ price }) => priceText(price) },
            { name: "Fresh sources", isNumber: true, cell: ({ fresh }) => fresh.toString() },
          ]}
        />
      </section>
      <section className="panel whole" aria-label="Books">
        <h2>Books</h2>
        <Table
          label="Books"
          rows={markets ?? []}
          keyOf={({ bookId }) => bookId.toString()}
          none="Reading the books…"
          columns={[
            {
              name: "Book",
              cell: ({ bookId, config }) => `${assetKeyOf(chain, config.assetId)} ${marketOfBook(chain, bookId).mode}`,
            },
            { name: "Long open", isNumber: true, cell: ({ long }) => usdText(long.notional, 0) },
            { name: "Short open", isNumber: true, cell: ({ short }) => usdText(short.notional, 0) },
            {
              name: "Cap of a side",
              isNumber: true,
              cell: ({ openConfig }) => usdText(openConfig.maxOpenInterestUsd * 10n ** 18n, 0),
            },
            {
              name: "Loss budget left",
              isNumber: true,
              cell: ({ lossBudgetLeftUsd }) => usdText(lossBudgetLeftUsd, 0),
            },
            { name: "Of", isNumber: true, cell: ({ config }) => usdText(config.lossBudgetUsd * 10n ** 18n, 0) },
            {
              name: "Openings",
              cell: ({ blockedBy }) =>
                blockedBy === 0n ? (
                  <span className="good">open</span>
                ) : (
                  <span className="bad">stopped: {wordsOf(nameOf(Reason, blockedBy))}</span>
                ),
            },
          ]}
        />
      </section>
      <section className="panel whole" aria-label="Governance">
        <h2>Calls that governance has scheduled</h2>
        <Table
          label="Scheduled calls"
          rows={governance}
          keyOf={({ id }) => id}
          none="None waits."
          columns={[
            { name: "Target", cell: ({ target }) => target },
            { name: "Call", cell: ({ call }) => call },
            { name: "By", cell: ({ caller }) => addressText(caller) },
            { name: "From", cell: ({ at }) => (at > block.time ? `in ${durationText(at - block.time)}` : "now") },
          ]}
        />
      </section>
      <Addresses />
    </div>
  );
}

function Addresses() {
  const { asterism } = useSession();
  const [isOpen, setIsOpen] = useState(false);
  return (
    <section className="panel whole" aria-label="Addresses">
      <details onToggle={(event) => setIsOpen(event.currentTarget.open)}>
        <summary>Contracts</summary>
        {isOpen && (
          <Facts
            rows={Object.entries(asterism.connection.contracts).map(
              ([name, address]) => [name, address, "address"] as const,
            )}
          />
        )}
      </details>
    </section>
  );
}

function stateText(isEnabled: boolean, updatedAt: number | undefined, maxAge: number, now: number): string {
  if (!isEnabled) return "disabled";
  if (updatedAt === undefined) return "not asked here";
  return now - updatedAt <= maxAge ? "fresh" : "stale";
}

async function breakerOf({ connection: { reader, contracts } }: Asterism) {
  const at = contracts.breaker;
  const [level, canBurn, canLiquidate] = await reader.all([
    query(BREAKER, at, "level", []),
    query(BREAKER, at, "canBurn", []),
    query(BREAKER, at, "canLiquidate", []),
  ]);
  return { level, canBurn, canLiquidate };
}

/** Market orders and closes whose moment has come, of the latest ids, and since when the oldest waits. */
async function lagOf({ connection }: Asterism, now: number): Promise<{ due: number; seconds: number }> {
  const { reader, contracts, chain } = connection;
  const end = await reader.one(query(TRADING, contracts.trading, "nextTradeId", []));
  const from = end > PAGE_IDS ? end - PAGE_IDS : 1n;
  const records = await reader.one(query(LENS, contracts.tradingLens, "scan", [contracts.trading, from, end]));
  const waits = records.flatMap(({ isLimit, size, since, bookId, close, expiry }) => {
    if (close.target > 0n && Number(close.expiry) >= now) return [now - Number(close.target)];
    if (isLimit || size > 0n || Number(expiry) < now) return [];
    const { market, mode } = marketOfBook(chain, bookId);
    return [now - Number(since) - (market.books[mode]?.executionDelaySeconds ?? 0)];
  });
  const due = waits.filter((seconds) => seconds >= 0);
  return { due: due.length, seconds: Math.max(0, ...due) };
}

interface Scheduled {
  readonly id: string;
  readonly caller: string;
  readonly target: string;
  readonly call: string;
  /** Unix seconds from which on it may be executed. */
  readonly at: number;
}

/** Scheduled, and neither executed nor cancelled. */
function scheduledOf({ connection: { contracts } }: Asterism, { logs }: Logs): Scheduled[] {
  const waiting = new Map<string, Scheduled>();
  for (const log of logs) {
    const event = ACCESS.event(log);
    if (event?.name === "OperationScheduled") {
      const { operationId, caller, target, data, schedule } = event.args;
      const name = Object.entries(contracts).find(([, address]) => address.toLowerCase() === target.toLowerCase())?.[0];
      waiting.set(operationId, {
        id: operationId,
        caller,
        target: name ?? target,
        call: callName(data),
        at: Number(schedule),
      });
    }
    if (event?.name === "OperationExecuted" || event?.name === "OperationCanceled")
      waiting.delete(event.args.operationId);
  }
  return [...waiting.values()];
}

/** Whatever contract of the system has such a call. */
function callName(data: string): string {
  for (const abi of Object.values(abis)) {
    const found = new Interface(abi).parseTransaction({ data });
    if (found !== null) return wordsOf(found.name);
  }
  return data.slice(0, 10);
}

function badDebtOf({ logs }: Logs) {
  const owed = logs.flatMap((log) => {
    const event = TRADING.event(log);
    return event?.name === "TradeLiquidated" ? [event.args.badDebt] : [];
  });
  return { count: owed.length, bad: owed.filter((amount) => amount > 0n).length };
}
