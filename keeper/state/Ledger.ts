/**
 * Every order, position, close and bet as the chain has it: read from the contracts once, then kept from events, over restarts and
 * reorganisations.
 */
import { Codec, LogStream, betsAt, tradesAt } from "@asterism/sdk";
import type { BetIndexer, BlockId, Connection, Cursor, Step, TimedLog, TradingIndexer } from "@asterism/sdk";
import { predictionAbi, tradingAbi } from "@asterism/sdk/abis";
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

/** What has changed: trades and bets by their ids, or everything. */
export interface Change {
  readonly trades: ReadonlySet<bigint>;
  readonly bets: ReadonlySet<bigint>;
  /** The chain was reorganised: whatever was told of later blocks did not happen. */
  readonly undoneAbove?: number;
  /** Settings of Trading or Prediction were changed. */
  readonly isReconfigured: boolean;
}

/** How a ledger came to be. */
export type Origin = "stored" | "contracts";

const ENDED_KEPT = 10_000;

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
    private settled: { readonly trades: TradingIndexer; readonly bets: BetIndexer },
    private head: { readonly trades: TradingIndexer; readonly bets: BetIndexer },
    private at: Cursor,
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
    const settled = { trades: await tradesAt(connection, number), bets: await betsAt(connection, number) };
    return Ledger.of(connection, options, "contracts", settled, { number, hash: block.hash });
  }

  private static async resume(connection: Connection, options: LedgerOptions, text: string): Promise<Ledger | string> {
    const { chainId, trading, prediction, block, trades, bets } = decodeCheckpoint(text);
    const { chain, contracts, provider } = connection;
    if (chainId !== chain.chainId || trading !== contracts.trading || prediction !== contracts.prediction)
      return "the state is of another deployment";
    const head = await provider.getBlockNumber();
    if (head - block.number > options.replayBlocks) return `the state is ${head - block.number} blocks old`;
    const found = await provider.getBlock(block.number);
    if (found?.hash !== block.hash) return `the chain has another block ${block.number} than the state`;
    return Ledger.of(connection, options, "stored", { trades, bets }, block);
  }

  private static of(
    connection: Connection,
    options: LedgerOptions,
    origin: Origin,
    settled: { readonly trades: TradingIndexer; readonly bets: BetIndexer },
    block: BlockId,
  ): Ledger {
    const { trading, prediction } = connection.contracts;
    const { pageBlocks } = options;
    const stream = new LogStream(connection.provider, {
      addresses: [trading, prediction],
      fromBlock: block.number + 1,
      pageBlocks,
    });
    const head = { trades: settled.trades.clone(), bets: settled.bets.clone() };
    return new Ledger(connection, options, origin, stream, settled, head, { recent: [block] });
  }

  get trades(): TradingIndexer {
    return this.head.trades;
  }

  get bets(): BetIndexer {
    return this.head.bets;
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
  store(): void {
    const { path } = this.options;
    if (path === undefined) return;
    const { chain, contracts } = this.connection;
    const [block] = this.at.recent;
    const { trading, prediction } = contracts;
    writeAtomically(path, encodeCheckpoint({ chainId: chain.chainId, trading, prediction, block, ...this.settled }));
  }

  private take(step: Step): Change {
    this.at = step.cursor;
    if (step.kind === "undo") return this.undo(step.above);
    const trades = new Set<bigint>();
    const bets = new Set<bigint>();
    let isReconfigured = false;
    for (const log of step.logs) {
      const isBet = this.apply(this.head, log);
      const event = isBet ? PREDICTION.event(log) : TRADING.event(log);
      if (event === undefined) continue;
      if (SETTINGS.has(event.name)) isReconfigured = true;
      if ("id" in event.args) (isBet ? bets : trades).add(event.args.id);
    }
    this.recent.push(...step.logs);
    this.settle(step.cursor.recent[0].number);
    return { trades, bets, isReconfigured };
  }

  private undo(above: number): Change {
    this.recent = this.recent.filter(({ blockNumber }) => blockNumber <= above);
    this.head = { trades: this.settled.trades.clone(), bets: this.settled.bets.clone() };
    for (const log of this.recent) this.apply(this.head, log);
    return { trades: new Set(), bets: new Set(), undoneAbove: above, isReconfigured: true };
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

  /** Whether the log was one of Prediction's. */
  private apply(state: { readonly trades: TradingIndexer; readonly bets: BetIndexer }, log: TimedLog): boolean {
    const isBet = log.address.toLowerCase() === this.connection.contracts.prediction.toLowerCase();
    (isBet ? state.bets : state.trades).apply(log);
    return isBet;
  }
}
