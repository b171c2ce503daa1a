import { Interface } from "ethers";
import type { JsonRpcApiProvider } from "ethers";
import type { PlainValue } from "../../sdk/plain";
import { Reader } from "../../sdk/reading";
import type { Query } from "../../sdk/reading";
import { formatDecimal, formatUsd } from "../../sdk/units";
import { profileOf } from "../audit";
import { assetName, bookName } from "../audit/context";
import { ask, readAll } from "../audit/question";
import type { Fields } from "../audit/question";
import { bookIdOf } from "../arguments/books";
import { assetIdOf } from "../arguments/oracle";
import { pendingOperations } from "../governance/operations";
import type { ChainProfile } from "../profiles";
import type { DeploymentRecord } from "../record";
import { pushSourcesOf, usedAssets } from "../sources";

/** A guard rail: how far something is from where it must not go. */
export interface Rail {
  readonly what: string;
  /** As people read it. */
  readonly value: string;
  /** Why this is an alarm; undefined while it is none. */
  readonly alarm?: string;
}

/** From when on each is an alarm. */
export interface Limits {
  /** Of what may be used at most: utilisation, open interest. Pips. */
  readonly sharePips: bigint;
  /** Of a book's loss budget that is spent. Pips. */
  readonly lossPips: bigint;
  /** Least fund of each market of Pro, whole dollars. */
  readonly leastFundUsd: bigint;
  /** Ids of scheduled calls that are known of. */
  readonly known: readonly string[];
}

const PIPS = 1_000_000n;
const ONE_USD = 10n ** 18n;
const PRICE_AND_SIZE = 10n ** 18n;
const FEED = new Interface([
  "function latestRoundData() view returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)",
]);
const ERC20 = new Interface(["function balanceOf(address) view returns (uint256)"]);

/** Reads views of one block. */
type Read = (queries: readonly Query<PlainValue>[]) => Promise<PlainValue[]>;

interface Scene {
  readonly record: DeploymentRecord;
  readonly profile: ChainProfile;
  readonly limits: Limits;
  readonly now: number;
  readonly read: Read;
  readonly at: (key: string) => string;
}

/** Every guard rail, of one block. */
export async function readRails(
  provider: JsonRpcApiProvider,
  record: DeploymentRecord,
  limits: Limits,
): Promise<{ block: number; rails: Rail[] }> {
  const head = await provider.getBlock("latest");
  if (head === null) throw new Error("the node knows no latest block");
  const reader = new Reader(provider);
  const scene: Scene = {
    ...{ record, profile: profileOf(record), limits, now: head.timestamp },
    read: (queries) => readAll(reader, queries, `0x${head.number.toString(16)}`),
    at: (key) => record.contracts[key].address,
  };
  const rails = [
    ...(await breakerRails(scene)),
    ...(await vaultRails(scene)),
    ...(await bookRails(scene)),
    ...(await sourceRails(scene)),
    ...(await proRails(scene)),
    ...(await callRails(provider, scene)),
  ];
  return { block: head.number, rails };
}

async function breakerRails({ read, at }: Scene): Promise<Rail[]> {
  const [level, ready] = await read([
    ask("Breaker", at("breaker"), "level"),
    ask("PriceAggregator", at("priceAggregator"), "isSequencerReady"),
  ]);
  return [
    rail("breaker", `level ${(level as bigint).toString()}`, level === 0n ? undefined : "the breaker is raised"),
    rail("sequencer", ready === true ? "ready" : "not ready", ready === true ? undefined : "the sequencer is down"),
  ];
}

/** Utilisation, and that the vault has what its ledger says. */
async function vaultRails({ profile, limits, read, at }: Scene): Promise<Rail[]> {
  const vault = at("vault");
  const answers = await read(
    profile.tokens.flatMap(({ address }) => [
      ask("Vault", vault, "ledger", [address]),
      ask("Vault", vault, "collateral", [address]),
      call(address, ERC20, "balanceOf", [vault]),
    ]),
  );
  return profile.tokens.flatMap(({ symbol, decimals }, index) => {
    const ledger = answers[3 * index] as Readonly<Record<string, bigint>>;
    const [collateral, balance] = answers.slice(3 * index + 1, 3 * index + 3) as [bigint, bigint];
    const owed = ledger.liquidity + collateral + ledger.fees + ledger.claimable;
    const shown = (amount: bigint) => `${formatDecimal(amount, decimals, 2)} ${symbol}`;
    const used = ledger.liquidity === 0n ? 0n : (ledger.reserved * PIPS) / ledger.liquidity;
    const most = (ledger.maxUtilizationPips * limits.sharePips) / PIPS;
    return [
      rail(
        `utilisation of ${symbol}`,
        `${percent(used)} of at most ${percent(ledger.maxUtilizationPips)}`,
        used >= most && used > 0n ? `${percent(used)} of ${symbol} is reserved` : undefined,
      ),
      rail(
        `ledger of ${symbol}`,
        `${shown(balance)} for ${shown(owed)}`,
        balance < owed ? `the vault has ${shown(owed - balance)} less than it owes` : undefined,
      ),
    ];
  });
}

/** Open interest and losses of each book. */
async function bookRails({ profile, limits, read, at }: Scene): Promise<Rail[]> {
  const ids = profile.markets.flatMap(({ books }, marketId) => books.map(({ mode }) => bookIdOf(marketId, mode)));
  const views = await read(ids.map((id) => ask("MarketLens", at("marketLens"), "market", [at("trading"), id])));
  return ids.flatMap((id, index) => {
    const view = views[index] as Readonly<Record<string, Fields>> & { lossBudgetLeftUsd: PlainValue };
    const name = bookName(profile, id);
    const cap = (view.openConfig.maxOpenInterestUsd as bigint) * ONE_USD;
    const budget = (view.config.lossBudgetUsd as bigint) * ONE_USD;
    const left = view.lossBudgetLeftUsd as unknown as bigint;
    const spent = budget > left ? budget - left : 0n;
    const sides = (["long", "short"] as const).map((side) => {
      const open = view[side].notional as bigint;
      const isFull = open > 0n && open * PIPS >= cap * limits.sharePips;
      return rail(
        `${side} open interest of ${name}`,
        `${usd(open)} of ${usd(cap)}`,
        isFull
          ? `the ${side} side of ${name} is at ${percent(cap === 0n ? PIPS : (open * PIPS) / cap)} of its cap`
          : undefined,
      );
    });
    const isSpent = spent > 0n && spent * PIPS >= budget * limits.lossPips;
    const lost = rail(
      `losses of ${name}`,
      `${usd(spent)} of ${usd(budget)} an hour`,
      isSpent ? `${name} has lost ${percent((spent * PIPS) / budget)} of its hourly budget` : undefined,
    );
    return [...sides, lost];
  });
}

/** The age of every source, and whether an asset has as many fresh ones as its price needs. */
async function sourceRails({ profile, read, at, now }: Scene): Promise<Rail[]> {
  const aggregator = at("priceAggregator");
  const rails: Rail[] = [];
  for (const key of usedAssets(profile)) {
    const id = assetIdOf(key);
    const sources = pushSourcesOf(profile, key);
    const [asset, push, ...states] = await read([
      ask("PriceAggregator", aggregator, "asset", [id]),
      ask("PriceAggregator", aggregator, "pushPrice", [id]),
      ...sources.map((_, index) => ask("PriceAggregator", aggregator, "source", [id, index])),
    ]);
    const fresh = (push as Fields).fresh as bigint;
    const needed = (asset as Fields).quorum as bigint;
    rails.push(
      rail(
        `sources of ${assetName(id)}`,
        `${fresh.toString()} of ${sources.length} fresh, ${needed.toString()} needed`,
        fresh < needed
          ? `${key} has ${fresh.toString()} fresh sources, its price needs ${needed.toString()}`
          : undefined,
      ),
    );
    const readers = states.map((state) => (state as { state: Fields }).state.reader as string);
    const rounds = await read(readers.map((reader) => call(reader, FEED, "latestRoundData", [])));
    for (const [index, { name, maxAgeSeconds }] of sources.entries()) {
      const round = rounds[index] as Readonly<Record<string, bigint>> | string;
      const age = typeof round === "string" ? undefined : now - Number(round.updatedAt);
      const isOld = age === undefined || age > maxAgeSeconds;
      rails.push(
        rail(
          `age of ${key} by ${name}`,
          age === undefined ? "no answer" : `${age} s of at most ${maxAgeSeconds} s`,
          isOld ? `${name} has no price of ${key} that is young enough` : undefined,
        ),
      );
    }
  }
  return rails;
}

/** Open interest and fund of each market of Pro. */
async function proRails({ profile, limits, read, at }: Scene): Promise<Rail[]> {
  const [pro, lens] = [at("pro"), at("proLens")];
  const { markets } = profile.pro;
  const answers = await read(
    markets.flatMap((_, id) => [ask("ProLens", lens, "funding", [pro, id]), ask("ProLens", lens, "mark", [pro, id])]),
  );
  return markets.flatMap(({ name, lotSize, maxOpenInterestUsd }, id) => {
    const [funding, mark] = [answers[2 * id], answers[2 * id + 1]] as Readonly<Record<string, bigint>>[];
    // Lots of one side, at the mark: price of 10 decimals and size of 8 are dollars of 18.
    const open = (funding.openInterest * lotSize * mark.mark * ONE_USD) / PRICE_AND_SIZE;
    const cap = BigInt(maxOpenInterestUsd) * ONE_USD;
    const isFull = open > 0n && open * PIPS >= cap * limits.sharePips;
    const least = limits.leastFundUsd * ONE_USD;
    return [
      rail(
        `Pro's open interest of ${name}`,
        `${usd(open)} of ${usd(cap)}`,
        isFull ? `Pro's ${name} is at ${percent((open * PIPS) / cap)} of its cap` : undefined,
      ),
      rail(
        `Pro's fund of ${name}`,
        usd(funding.fund),
        funding.fund < least ? `the fund of Pro's ${name} is below ${usd(least)}` : undefined,
      ),
    ];
  });
}

/** Everything scheduled that nobody has said to know of. */
async function callRails(provider: JsonRpcApiProvider, { record, limits }: Scene): Promise<Rail[]> {
  const operations = await pendingOperations(provider, record);
  if (operations.length === 0) return [rail("scheduled calls", "none")];
  return operations.map(({ id, name, readyAt, caller }) => {
    const isKnown = limits.known.some((known) => id.startsWith(known));
    const from = new Date(readyAt * 1_000).toISOString();
    return rail(
      `scheduled call ${id.slice(0, 10)}`,
      `${name} by ${caller}, from ${from}`,
      isKnown ? undefined : `${name} is scheduled and ready at ${from}: cancel it, or name ${id.slice(0, 10)} as known`,
    );
  });
}

/** What liquidations have left unpaid in some blocks. */
export async function badDebtRails(
  provider: JsonRpcApiProvider,
  record: DeploymentRecord,
  from: number,
  to: number,
  liquidated: {
    topic: string;
    read: (log: { topics: readonly string[]; data: string }) => { id: bigint; badDebt: bigint };
  },
): Promise<Rail[]> {
  if (from > to) return [];
  const address = record.contracts.trading.address;
  const logs = await provider.getLogs({ address, topics: [liquidated.topic], fromBlock: from, toBlock: to });
  const unpaid = logs.map((log) => liquidated.read(log)).filter(({ badDebt }) => badDebt > 0n);
  const shown = unpaid.map(({ id, badDebt }) => `${badDebt.toString()} units of trade ${id.toString()}`).join(", ");
  return [
    rail(
      `bad debt of blocks ${from} to ${to}`,
      unpaid.length === 0 ? "none" : shown,
      unpaid.length === 0 ? undefined : `liquidations have left ${shown} unpaid`,
    ),
  ];
}

function rail(what: string, value: string, alarm?: string): Rail {
  return alarm === undefined ? { what, value } : { what, value, alarm };
}

function call(to: string, contract: Interface, name: string, args: readonly unknown[]): Query<PlainValue> {
  return {
    to,
    data: contract.encodeFunctionData(name, args),
    decode: (data) => {
      const values = contract.decodeFunctionResult(name, data);
      return values.length === 1 ? (values[0] as bigint) : (values.toObject() as Record<string, PlainValue>);
    },
  };
}

function percent(pips: bigint): string {
  return `${formatDecimal(pips, 4, 1)}%`;
}

function usd(amount: bigint): string {
  return `${formatUsd(amount, 0)} USD`;
}
