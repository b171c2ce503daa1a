/** What a soak came to in the order book: from the chain's events and storage alone. */
import { Contract } from "ethers";
import type { JsonRpcProvider } from "ethers";
import { ProStore } from "../../../kit/pro/ProStore";
import type { State } from "../../../kit/pro/ProStore";
import { MARKETS, broken, cashOf, partyOf } from "../../../kit/pro/invariants";
import type { Custody } from "../../../kit/pro/invariants";
import { Codec } from "../../../sdk/abi";
import { erc20Abi, proAbi, proTriggersAbi, vaultAbi } from "../../../sdk/abis";
import { tokenOf } from "../../../sdk/chains";
import type { ChainFacts } from "../../../sdk/chains";
import type { Deployment } from "../../../sdk/chains/deployment";
import { logsOf } from "../logs";
import type { DueScopes } from "./DueScopes";

const PRO = new Codec(proAbi);
const TRIGGERS = new Codec(proTriggersAbi);
/** Longest that a scope may stay liquidatable: 30 s until its distress has others take over, and a step each 10 s. */
export const MAX_DUE_SECONDS = 90;
/** An expired order that is still there after so long was forgotten. */
const MAX_DEAD_SECONDS = 120;
/** More lots than a market has on a side: each may keep a unit of a loss that is shared. */
const MOST_LOTS = 10n ** 9n;
/** `TriggerKind` of the contracts. */
const [STOP, TAKE_PROFIT] = [0n, 1n];
/** By how much the last price has to lie beyond a trigger, in ten-thousandths: less may be confidence. */
const CLEARLY_BP = 5n;
const TIP = 10n ** 17n;

export interface ProVerdict {
  readonly events: Readonly<Record<string, number>>;
  /** Triggers that were done twice, or after they were gone. */
  readonly twice: readonly string[];
  /** Scopes that stayed liquidatable, triggers that wait though they were reached, orders that are dead. */
  readonly missed: readonly string[];
  /** Invariants that do not hold, by their numbers. */
  readonly broken: readonly string[];
  /** How long scopes stayed liquidatable, as seen from outside: seconds, in ascending order. */
  readonly dueSeconds: readonly number[];
}

interface Waiting {
  readonly account: bigint;
  readonly market: number;
  readonly kind: bigint;
  readonly isBuy: boolean;
  readonly tick: bigint;
}

/**
 * @param price The last one, USD with 10 decimals, which stood for longer than anything takes.
 * @param until Time of the chain at which the keepers were ended.
 */
export async function judgePro(
  provider: JsonRpcProvider,
  chain: ChainFacts,
  { contracts, startBlock }: Deployment,
  dues: DueScopes,
  price: bigint,
  until: number,
): Promise<ProVerdict> {
  const accounts = new Set<bigint>();
  const events: Record<string, number> = {};
  const waiting = new Map<bigint, Waiting>();
  const twice: string[] = [];
  for (const log of await logsOf(provider, [contracts.pro, contracts.proTriggers], startBlock)) {
    const own = log.address === contracts.pro ? PRO.event(log) : undefined;
    const trigger = own === undefined ? TRIGGERS.event(log) : undefined;
    const name = own?.name ?? trigger?.name ?? "unknown";
    events[name] = (events[name] ?? 0) + 1;
    if (own?.name === "Deposited") accounts.add(own.args.account);
    if (own?.name === "KeeperPaid") accounts.add(own.args.keeperAccount);
    if (trigger?.name === "TriggerSet") {
      const { account, id, order } = trigger.args;
      const { isBuy, kind, market, tick } = order;
      waiting.set(id, { account, market: Number(market), kind, isBuy, tick });
    } else if (trigger !== undefined && "id" in trigger.args) {
      if (!waiting.has(trigger.args.id)) twice.push(`trigger ${trigger.args.id}: ${trigger.name} after its end`);
      if (trigger.name !== "TriggerFired" || trigger.args.isDone) waiting.delete(trigger.args.id);
    }
  }
  const time = BigInt((await provider.getBlock("latest"))?.timestamp ?? 0);
  const store = new ProStore(
    { extsload: (slots) => new Contract(contracts.pro, proAbi, provider).extsload(slots) as Promise<string[]> },
    MARKETS.length,
  );
  const state = await store.read([...accounts], time);
  const custody = await custodyOf(provider, chain, contracts);
  const dueSeconds = [...dues.ended].sort((a, b) => a - b);
  const missed = [
    ...dueSeconds.filter((seconds) => seconds > MAX_DUE_SECONDS).map((seconds) => `a scope was due for ${seconds} s`),
    ...dues.left(Number(time)).map(({ scope, seconds }) => `scope ${scope} is due, since ${seconds} s`),
    ...[...waiting]
      .filter(([, one]) => isReached(state, one, price))
      .map(([id]) => `trigger ${id} waits, though reached`),
    ...state.orders
      .filter(({ expiry }) => isDead(expiry, BigInt(until)))
      .map(({ id }) => `order ${id} has long expired`),
  ];
  const dust = BigInt(events.LossShared ?? 0) * MOST_LOTS;
  return { events, twice, missed, broken: broken(state, custody, dust), dueSeconds };
}

/** Whether it ought to have fired: the price is beyond it, there is something to reduce, and the keeper's pay is there. */
function isReached(state: State, { account, isBuy, kind, market, tick }: Waiting, price: bigint): boolean {
  if (kind !== STOP && kind !== TAKE_PROFIT) return false;
  const { isIsolated, lots } = partyOf(state, account, market);
  const cash = cashOf(state, isIsolated ? { account, market } : { account });
  if (lots === 0n || lots > 0n === isBuy || cash < TIP) return false;
  const at = tick * MARKETS[market].grid.tickSize;
  const away = (at * CLEARLY_BP) / 10_000n;
  return isBuy === (kind === STOP) ? price > at + away : price < at - away;
}

const isDead = (expiry: bigint, time: bigint): boolean => expiry !== 0n && time - expiry > BigInt(MAX_DEAD_SECONDS);

async function custodyOf(
  provider: JsonRpcProvider,
  chain: ChainFacts,
  contracts: Deployment["contracts"],
): Promise<Custody> {
  const { address, decimals } = tokenOf(chain, chain.pro.token);
  const vault = new Contract(contracts.vault, vaultAbi, provider);
  const [own, ledger, collateral, balance] = await Promise.all([
    vault.productLedger(contracts.pro, address) as Promise<{ collateral: bigint; reserved: bigint }>,
    vault.ledger(address) as Promise<Record<"liquidity" | "reserved" | "fees" | "claimable", bigint>>,
    vault.collateral(address) as Promise<bigint>,
    new Contract(address, erc20Abi, provider).balanceOf(contracts.vault) as Promise<bigint>,
  ]);
  return {
    collateral: own.collateral * 10n ** BigInt(18 - decimals),
    reserved: own.reserved,
    liquidity: ledger.liquidity,
    tokenReserved: ledger.reserved,
    surplus: balance - ledger.liquidity - collateral - ledger.fees - ledger.claimable,
  };
}
