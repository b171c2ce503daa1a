/** What a soak came to: from the chain's events and storage alone, and not from what the keepers say. */
import { Contract, Interface } from "ethers";
import type { JsonRpcProvider } from "ethers";
import { executorAbi, liquidatorAbi, predictionAbi, tradingAbi, tradingLensAbi, vaultAbi } from "../../sdk/abis";
import { chains } from "../../sdk/chains";
import type { ChainKey } from "../../sdk/chains";
import type { Deployment } from "../../sdk/chains/deployment";
import { decodeUpdate } from "../../sdk/pyth/wire";
import { logsOf } from "./logs";

const TRADING = new Interface(tradingAbi);
const PREDICTION = new Interface(predictionAbi);
const LIQUIDATOR = new Interface(liquidatorAbi);
const EXECUTOR = new Interface(executorAbi);
const ERC20 = ["function balanceOf(address) view returns (uint256)"];

const ENDS = new Set(["OrderRefused", "OrderCancelled", "TradeClosed", "TradeLiquidated", "BetSettled", "BetReturned"]);
const NO_TICK = 2n ** 256n - 1n;
/** The oldest tick that liquidates. */
const MAX_AGE_SECONDS = 60;
/** A position whose liquidation price was passed by so many hundredths of a percent for so many seconds was missed: less may be confidence. */
const CLEARLY_BP = 20n;
const CLEARLY_SECONDS = 5;
const MARKET = 1n;
const STATUS_BITS = 3n;
const LONG = 4n;

/** A price of the market, USD with 10 decimals, and the second from which on it was published. */
export interface PostedPrice {
  readonly time: number;
  readonly price: bigint;
}

export interface Verdict {
  readonly events: Readonly<Record<string, number>>;
  /** Trades and bets that opened or ended twice. */
  readonly twice: readonly string[];
  /** Trades and bets that should have been filled, settled or ended, and were not. */
  readonly stuck: readonly string[];
  /** Block time less the tick's, of each liquidation, in ascending order. */
  readonly lateness: readonly number[];
  /** Market orders, and those of them whose half minute passed before anybody filled them. */
  readonly marketOrders: { readonly placed: number; readonly expired: number };
  /** Liquidations with a tick that was too old, and positions that live though the prices passed their liquidation price. */
  readonly missed: readonly string[];
  /** Tokens whose books do not add up to their balance, and by how much. */
  readonly unbalanced: readonly string[];
}

interface Named {
  readonly name: string;
  readonly id: bigint;
  readonly isMarket: boolean;
  readonly product: string;
  readonly time: number;
  readonly hash: string;
}

export async function judge(
  provider: JsonRpcProvider,
  chain: ChainKey,
  { contracts, startBlock }: Deployment,
  posted: readonly PostedPrice[],
  until: number,
): Promise<Verdict> {
  const logs = await namedLogs(provider, contracts, startBlock);
  const events: Record<string, number> = {};
  const ends = new Map<string, number>();
  const opens = new Map<string, number>();
  for (const { name, id, product } of logs) {
    events[name] = (events[name] ?? 0) + 1;
    const key = `${product} ${id}`;
    if (ENDS.has(name)) ends.set(key, (ends.get(key) ?? 0) + 1);
    if (name === "TradeOpened" || name === "BetStruck") opens.set(key, (opens.get(key) ?? 0) + 1);
  }
  const twice = [...ends, ...opens].filter(([, count]) => count > 1).map(([key]) => key);
  const liquidations = logs.filter(({ name }) => name === "TradeLiquidated");
  const lateness: number[] = [];
  const missed: string[] = [];
  for (const { id, time, hash } of liquidations) {
    const age = time - (await tickTimeOf(provider, hash, id));
    lateness.push(age);
    if (age > MAX_AGE_SECONDS) missed.push(`${id}: ${age} s after its tick`);
  }
  lateness.sort((a, b) => a - b);
  const stuck = await stuckOf(provider, contracts, logs, ends, until);
  missed.push(...(await crossedOf(provider, contracts, logs, ends, posted)));
  const unbalanced = await unbalancedOf(provider, chain, contracts);
  return { events, twice, stuck, marketOrders: marketOrdersOf(logs), lateness, missed, unbalanced };
}

function marketOrdersOf(logs: readonly Named[]): Verdict["marketOrders"] {
  const placed = new Set(logs.flatMap(({ name, isMarket, id }) => (name === "OrderPlaced" && isMarket ? [id] : [])));
  const expired = logs.filter(
    ({ name, product, id }) => name === "OrderCancelled" && product === "trading" && placed.has(id),
  );
  return { placed: placed.size, expired: expired.length };
}

/** Positions that live, and whose liquidation price the market has passed clearly and long enough since they were opened. */
async function crossedOf(
  provider: JsonRpcProvider,
  contracts: Deployment["contracts"],
  logs: readonly Named[],
  ends: ReadonlyMap<string, number>,
  posted: readonly PostedPrice[],
): Promise<string[]> {
  const lens = new Contract(contracts.tradingLens, tradingLensAbi, provider);
  const found: string[] = [];
  const open = logs.filter(({ name, product, id }) => name === "TradeOpened" && !ends.has(`${product} ${id}`));
  for (const { id, time } of open) {
    const { position, liquidationPrice } = (await lens.position(contracts.trading, id)) as {
      position: { state: bigint };
      liquidationPrice: bigint;
    };
    const [away, isLong] = [(liquidationPrice * CLEARLY_BP) / 10_000n, (position.state & LONG) !== 0n];
    const isCrossed = ({ price }: PostedPrice) =>
      isLong ? price < liquidationPrice - away : price > liquidationPrice + away;
    const crossed = posted.filter((tick) => tick.time > time && isCrossed(tick));
    if (crossed.length >= CLEARLY_SECONDS) found.push(`${id}: open, though crossed for ${crossed.length} s`);
  }
  return found;
}

async function namedLogs(
  provider: JsonRpcProvider,
  contracts: Deployment["contracts"],
  startBlock: number,
): Promise<Named[]> {
  const times = new Map<number, number>();
  const found: Named[] = [];
  for (const log of await logsOf(provider, [contracts.trading, contracts.prediction], startBlock)) {
    const isBet = log.address === contracts.prediction;
    const parsed = (isBet ? PREDICTION : TRADING).parseLog(log);
    const { id, state } = (parsed?.args.toObject() ?? {}) as { id?: bigint; state?: bigint };
    if (parsed === null || id === undefined) continue;
    const time = times.get(log.blockNumber) ?? (await provider.getBlock(log.blockNumber))?.timestamp ?? 0;
    times.set(log.blockNumber, time);
    const product = isBet ? "prediction" : "trading";
    const isMarket = !isBet && state !== undefined && (state & STATUS_BITS) === MARKET;
    found.push({ name: parsed.name, id, isMarket, product, time, hash: log.transactionHash });
  }
  return found;
}

/** When the tick was published that liquidated a position: of the proof that its item names. */
async function tickTimeOf(provider: JsonRpcProvider, hash: string, id: bigint): Promise<number> {
  const transaction = await provider.getTransaction(hash);
  if (transaction === null) throw new Error(`no transaction ${hash}`);
  const call = LIQUIDATOR.parseTransaction(transaction) ?? EXECUTOR.parseTransaction(transaction);
  if (call === null) throw new Error(`${hash} is no call of a keeper's contract`);
  const proofs = call.args[1] as { updateData: string[] }[];
  const items = call.args[2] as { tradeId: bigint; tickIndex: bigint; closeTickIndex?: bigint }[];
  const item = items.find(({ tradeId }) => tradeId === id);
  if (item === undefined) throw new Error(`${hash} has no item for ${id}`);
  const index = item.tickIndex === NO_TICK ? (item.closeTickIndex ?? 0n) : item.tickIndex;
  // A proof of a keeper has one asset.
  const { prices } = decodeUpdate(proofs[Number(index)].updateData[0]);
  return Number(prices[0].publishTime);
}

async function stuckOf(
  provider: JsonRpcProvider,
  contracts: Deployment["contracts"],
  logs: readonly Named[],
  ends: ReadonlyMap<string, number>,
  now: number,
): Promise<string[]> {
  const trading = new Contract(contracts.trading, tradingAbi, provider);
  const stuck: string[] = [];
  const asked = logs.filter(({ name }) => name === "OrderPlaced" || name === "BetPlaced");
  for (const { product, id, name, time } of asked) {
    const key = `${product} ${id}`;
    if (ends.has(key)) continue;
    if (name === "BetPlaced") {
      const strike = logs.find((log) => log.product === product && log.id === id && log.name === "BetStruck");
      if (strike === undefined && now - time > 60) stuck.push(`${key}: never struck`);
      if (strike !== undefined && now - strike.time > 360) stuck.push(`${key}: never settled`);
      continue;
    }
    const status = Number((await trading.statusOf(id)) as bigint);
    // Market orders live for half a minute and a little, limits as long as they were placed for.
    if (status === 1 && now - time > 60) stuck.push(`${key}: a market order since ${now - time} s`);
    if (status === 2 && now - time > 150) stuck.push(`${key}: an expired limit since ${now - time} s`);
  }
  return stuck;
}

async function unbalancedOf(
  provider: JsonRpcProvider,
  chain: ChainKey,
  contracts: Deployment["contracts"],
): Promise<string[]> {
  const vault = new Contract(contracts.vault, vaultAbi, provider);
  const found: string[] = [];
  for (const { symbol, address } of Object.values(chains[chain].tokens)) {
    const ledger = (await vault.ledger(address)) as Record<"liquidity" | "reserved" | "fees" | "claimable", bigint>;
    const collateral = (await vault.collateral(address)) as bigint;
    const balance = (await new Contract(address, ERC20, provider).balanceOf(contracts.vault)) as bigint;
    const surplus = balance - ledger.liquidity - collateral - ledger.fees - ledger.claimable;
    if (surplus !== 0n || ledger.reserved > ledger.liquidity) found.push(`${symbol}: ${surplus}`);
  }
  return found;
}
