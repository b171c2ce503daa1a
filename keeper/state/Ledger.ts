/**
 * Every order, position, close and bet as the chain has it: read from the contracts once, then kept from events, over restarts and
 * reorganisations.
 */
import { Codec, LogStream, betsAt, tradesAt } from "@asterism/sdk";
import type { BetIndexer, BlockId, Connection, Cursor, Step, TimedLog, TradingIndexer } from "@asterism/sdk";
import { predictionAbi, tradingAbi } from "@asterism/sdk/abis";
import { ProIndexer, isTimed, newProChange } from "../pro/ProIndexer";
import type { ProChange, ProSource } from "../pro/ProIndexer";
import type { Peak } from "../pro/Trails";
import { decodeCheckpoint, encodeCheckpoint } from "./checkpoint";
import { readIfThere, writeAtomically } from "./files";

const TRADING = new Codec(tradingAbi);
const PREDICTION = new Codec(predictionAbi);

export interface LedgerOptions {
  /** Where the state is kept; nowhere by default. */
  readonly path?: string;
  /** A state that is older than so many blocks is read from the contracts anew. */
  readonly replayBlocks: number;
  readonly pageBlocks: number;
}

/** Everything that stands as of a block. */
interface State {
  readonly trades: TradingIndexer;
  readonly bets: BetIndexer;
  readonly pro: ProIndexer;
}

/** What has changed: trades and bets by their ids, or everything. */
export interface Change {
  readonly trades: ReadonlySet<bigint>;
  readonly bets: ReadonlySet<bigint>;
  readonly pro: ProChange;
  /** The chain was reorganised: whatever was told of later blocks did not happen. */
  readonly undoneAbove?: number;
  /** Settings of Trading or Prediction were changed. */
  readonly isReconfigured: boolean;
}

/** How a ledger came to be. */
export type Origin = "stored" | "contracts";

const ENDED_KEPT = 10_000;

/** Whose events are read: a state is theirs. */
const CONTRACTS = ["trading", "prediction", "pro", "proTriggers", "gridBook"] as const;
/** Of the order book. */
const PRO_SOURCES = { pro: "pro", proTriggers: "triggers", gridBook: "grids" } as const;

const SETTINGS = new Set([
  "BookConfigured",
  "OpenConfigured",
  "TiersSet",
  "MarginTokenSet",
  "MarketConfigured",
  "StakeTokenConfigured",
]);

export class Ledger {
  private recent: TimedLog[] = [];

  private constructor(
    private readonly connection: Connection,
    private readonly options: LedgerOptions,
    readonly origin: Origin,
    private readonly stream: LogStream,
    /** As of the oldest block that the cursor remembers. */
    private settled: State,
    private head: State,
    private at: Cursor,
    /** Of trailing stops, as they were stored: no event tells them. */
    readonly peaks: readonly Peak[],
  ) {}

  /**
   * Goes on from the state that was stored, if it is of these contracts, of a block that the chain still has, and not too old; else
   * reads the contracts. `onDiscarded` is told why a stored one was not taken.
   */
  static async open(
    connection: Connection,
    options: LedgerOptions,
    onDiscarded: (reason: string) => void = () => undefined,
  ): Promise<Ledger> {
    const text = options.path === undefined ? undefined : readIfThere(options.path);
    if (text !== undefined) {
      const ledger = await Ledger.resume(connection, options, text).catch((error: unknown) => String(error));
      if (typeof ledger !== "string") return ledger;
      onDiscarded(ledger);
    }
    return Ledger.read(connection, options);
  }

  /** From the contracts, as of the latest block. */
  static async read(connection: Connection, options: LedgerOptions): Promise<Ledger> {
    const number = await connection.provider.getBlockNumber();
    const block = await connection.provider.getBlock(number);
    if (!block?.hash) throw new Error(`the node knows no block ${number}`);
    const trades = await tradesAt(connection, number);
    const bets = await betsAt(connection, number);
    const settled = { trades, bets, pro: await proAt(connection, number, options) };
    return Ledger.of(connection, options, "contracts", settled, { number, hash: block.hash });
  }

  private static async resume(connection: Connection, options: LedgerOptions, text: string): Promise<Ledger | string> {
    const { block, trades, bets, book, peaks, ...origin } = decodeCheckpoint(text);
    const { chain, contracts, provider } = connection;
    const isSame = CONTRACTS.every((name) => origin[name] === contracts[name]);
    if (origin.chainId !== chain.chainId || !isSame) return "the state is of another deployment";
    const head = await provider.getBlockNumber();
    if (head - block.number > options.replayBlocks) return `the state is ${head - block.number} blocks old`;
    const found = await provider.getBlock(block.number);
    if (found?.hash !== block.hash) return `the chain has another block ${block.number} than the state`;
    return Ledger.of(connection, options, "stored", { trades, bets, pro: book }, block, peaks);
  }

  private static of(
    connection: Connection,
    options: LedgerOptions,
    origin: Origin,
    settled: State,
    block: BlockId,
    peaks: readonly Peak[] = [],
  ): Ledger {
    const { contracts } = connection;
    const { pageBlocks } = options;
    const stream = new LogStream(connection.provider, {
      addresses: CONTRACTS.map((name) => contracts[name]),
      fromBlock: block.number + 1,
      pageBlocks,
    });
    const head = copyOf(settled);
    return new Ledger(connection, options, origin, stream, settled, head, { recent: [block] }, peaks);
  }

  get trades(): TradingIndexer {
    return this.head.trades;
  }

  get bets(): BetIndexer {
    return this.head.bets;
  }

  /** The order book. */
  get pro(): ProIndexer {
    return this.head.pro;
  }

  get cursor(): Cursor {
    return this.at;
  }

  /** The latest block that was read. */
  get block(): number {
    return this.at.recent.at(-1)?.number ?? 0;
  }

  /** Reads up to the chain's head. Throws `ForgottenForkError` where the chain changed further back than the cursor knows. */
  async *catchUp(): AsyncIterable<Change> {
    for await (const step of this.stream.catchUp(this.at)) yield this.take(step);
  }

  /** Stores the state as of the oldest block that the cursor knows: no reorganisation makes it wrong. */
  store(peaks: readonly Peak[] = []): void {
    const { path } = this.options;
    if (path === undefined) return;
    const { chain, contracts } = this.connection;
    const [block] = this.at.recent;
    const { trading, prediction, pro, proTriggers, gridBook } = contracts;
    const { trades, bets, pro: book } = this.settled;
    const origin = { chainId: chain.chainId, trading, prediction, pro, proTriggers, gridBook };
    writeAtomically(path, encodeCheckpoint({ ...origin, block, trades, bets, book, peaks }));
  }

  private take(step: Step): Change {
    this.at = step.cursor;
    if (step.kind === "undo") return this.undo(step.above);
    const trades = new Set<bigint>();
    const bets = new Set<bigint>();
    const pro = newProChange();
    let isReconfigured = false;
    for (const log of step.logs) {
      const source = this.apply(this.head, log, pro);
      if (source === "pro") continue;
      const isBet = source === "prediction";
      const event = isBet ? PREDICTION.event(log) : TRADING.event(log);
      if (event === undefined) continue;
      if (SETTINGS.has(event.name)) isReconfigured = true;
      if ("id" in event.args) (isBet ? bets : trades).add(event.args.id);
    }
    this.recent.push(...step.logs);
    this.settle(step.cursor.recent[0].number);
    return { trades, bets, pro, isReconfigured };
  }

  private undo(above: number): Change {
    this.recent = this.recent.filter(({ blockNumber }) => blockNumber <= above);
    this.head = copyOf(this.settled);
    for (const log of this.recent) this.apply(this.head, log);
    return { trades: new Set(), bets: new Set(), pro: newProChange(), undoneAbove: above, isReconfigured: true };
  }

  /** Logs that no reorganisation can undo any more go into the state that one begins from. */
  private settle(oldest: number): void {
    const count = this.recent.findIndex(({ blockNumber }) => blockNumber > oldest);
    const past = this.recent.splice(0, count < 0 ? this.recent.length : count);
    for (const log of past) this.apply(this.settled, log);
    // How things ended is of no use to a keeper, and would grow for ever.
    for (const { trades, bets } of [this.settled, this.head]) {
      if (trades.endings.size > ENDED_KEPT) trades.endings.clear();
      if (bets.endings.size > ENDED_KEPT) bets.forgetEnded();
    }
  }

  /** Whose log it was. */
  private apply(state: State, log: TimedLog, change?: ProChange): "trading" | "prediction" | "pro" {
    const { contracts } = this.connection;
    const source = proSourceOf(contracts, log.address);
    if (source !== undefined) {
      state.pro.apply(log, source, change);
      return "pro";
    }
    const isBet = isAt(log.address, contracts.prediction);
    (isBet ? state.bets : state.trades).apply(log);
    return isBet ? "prediction" : "trading";
  }
}

function copyOf({ trades, bets, pro }: State): State {
  return { trades: trades.clone(), bets: bets.clone(), pro: pro.clone() };
}

const isAt = (address: string, contract: string) => address.toLowerCase() === contract.toLowerCase();

/** Which of the order book's contracts a log is of; undefined: none. */
function proSourceOf(contracts: Connection["contracts"], address: string): ProSource | undefined {
  for (const name of ["pro", "proTriggers", "gridBook"] as const) {
    if (isAt(address, contracts[name])) return PRO_SOURCES[name];
  }
  return undefined;
}

/** The order book as of a block: its contracts list nothing, so that its events are read from the first one on. */
async function proAt(
  { contracts, provider, startBlock }: Connection,
  block: number,
  { pageBlocks }: LedgerOptions,
): Promise<ProIndexer> {
  const address = [contracts.pro, contracts.proTriggers, contracts.gridBook];
  const book = new ProIndexer();
  const times = new Map<number, number>();
  for (let from = startBlock; from <= block; from += pageBlocks) {
    const toBlock = Math.min(block, from + pageBlocks - 1);
    const logs = await provider.getLogs({ address, fromBlock: from, toBlock });
    logs.sort((a, b) => a.blockNumber - b.blockNumber || a.index - b.index);
    for (const log of logs) {
      const source = proSourceOf(contracts, log.address);
      if (source === undefined) continue;
      // Clocks are times of blocks; nothing else is asked for them.
      if (isTimed(log, source) && !times.has(log.blockNumber)) {
        times.set(log.blockNumber, (await provider.getBlock(log.blockNumber))?.timestamp ?? 0);
      }
      book.apply({ ...log, blockTimestamp: BigInt(times.get(log.blockNumber) ?? 0) }, source);
    }
  }
  return book;
}
