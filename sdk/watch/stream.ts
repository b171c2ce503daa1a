/**
 * The logs of some contracts, block by block and without a gap: over nodes that lag or lose their connection, over restarts, and
 * over reorganisations, which are told by what they undo.
 */
import type { Provider } from "ethers";
import type { IndexedLog } from "../indexer";
import { ConnectionLostError, Line } from "./Line";

export interface BlockId {
  readonly number: number;
  readonly hash: string;
}

/** How far a reader has come: the blocks that it knows, the latest last. To be stored, and begun with again. */
export interface Cursor {
  readonly recent: readonly BlockId[];
}

/** A log with where it is. */
export interface TimedLog extends IndexedLog {
  readonly address: string;
  readonly blockNumber: number;
  readonly transactionHash: string;
  readonly index: number;
}

/** What has happened since: logs in their order, or that all above a block are undone. */
export type Step =
  | { readonly kind: "logs"; readonly logs: readonly TimedLog[]; readonly cursor: Cursor }
  | { readonly kind: "undo"; readonly above: number; readonly cursor: Cursor };

export interface StreamOptions {
  readonly addresses: readonly string[];
  /** The first block, where there is no cursor. */
  readonly fromBlock: number;
  /** Most blocks that one question covers; 1,000 by default. */
  readonly pageBlocks?: number;
  /** Between two looks at the chain's head; a second by default. */
  readonly pollMs?: number;
  /** Told of what the node could not answer; it is asked again. */
  readonly onError?: (error: unknown) => void;
  /**
   * Opens a connection of the stream's own, and another where one is lost: `() => new WebSocketProvider(url)`. The stream closes what
   * it has opened. Without it a WebSocket that is lost ends the stream with {@link ConnectionLostError}.
   */
  readonly open?: () => Provider;
  /** Of one question over a WebSocket; 15 s by default. */
  readonly timeoutMs?: number;
}

/** The chain has changed further back than the cursor knows: what was read has to be read anew. */
export class ForgottenForkError extends Error {
  constructor(readonly oldest: number) {
    super(`the chain changed before block ${oldest}, the oldest that the cursor knows: begin anew`);
    this.name = "ForgottenForkError";
  }
}

/** Blocks that a cursor remembers: further back than any reorganisation of these chains. */
const MEMORY = 128;
const TIMEOUT_MS = 15_000;
/** Between two attempts to open a connection. */
const REOPEN_MS = 1_000;

export class LogStream {
  private line: Line | undefined;
  private wake: () => void = () => undefined;

  constructor(
    private readonly provider: Provider,
    private readonly options: StreamOptions,
  ) {}

  /** Everything after the cursor, for as long as the signal lets it. Over WebSocket, new blocks wake it at once. */
  async *follow(signal: AbortSignal, cursor: Cursor = { recent: [] }): AsyncIterable<Step> {
    const { pollMs = 1_000, onError = () => undefined, open } = this.options;
    let at = cursor;
    let waiting: Waiter | undefined;
    try {
      while (!signal.aborted) {
        let step: Step | undefined;
        try {
          waiting ??= this.waiter(pollMs, signal);
          step = await this.next(at, waiting.takePushed());
        } catch (error) {
          const isLost = error instanceof ConnectionLostError;
          if (error instanceof ForgottenForkError || (isLost && open === undefined)) throw error;
          onError(error);
          if (isLost) {
            waiting?.end();
            waiting = undefined;
            this.close();
          }
        }
        if (step === undefined) {
          await (waiting?.wait() ?? pause(REOPEN_MS, signal));
          continue;
        }
        at = step.cursor;
        yield step;
      }
    } finally {
      waiting?.end();
      this.close();
    }
  }

  /** Everything after the cursor as the chain stands, and no waiting. */
  async *catchUp(cursor: Cursor = { recent: [] }): AsyncIterable<Step> {
    let at = cursor;
    try {
      for (;;) {
        const step = await this.next(at);
        if (step === undefined) return;
        at = step.cursor;
        yield step;
      }
    } finally {
      this.close();
    }
  }

  /** The connection that there is, or a new one. */
  private connected(): Line {
    const { open, timeoutMs = TIMEOUT_MS } = this.options;
    return (this.line ??= new Line(open?.() ?? this.provider, timeoutMs, () => this.wake()));
  }

  /** Of what the stream has opened; a provider that it was given is its owner's. */
  private close(): void {
    if (this.options.open === undefined) return;
    this.line?.close();
    this.line = undefined;
  }

  private waiter(pollMs: number, signal: AbortSignal): Waiter {
    const waiter = new Waiter(this.connected(), pollMs, signal);
    this.wake = () => waiter.lost();
    return waiter;
  }

  private ask<T>(question: (provider: Provider) => Promise<T>): Promise<T> {
    return this.connected().ask(question);
  }

  /**
   * The next step, or undefined where there is none yet, or the node lags behind what was read. A block that was pushed is there,
   * although ethers may keep an older answer for the latest one.
   */
  private async next(cursor: Cursor, pushed = 0): Promise<Step | undefined> {
    const last = cursor.recent.at(-1);
    const head = Math.max(pushed, await this.ask((provider) => provider.getBlockNumber()));
    if (last !== undefined) {
      const hash = await this.hashOf(last.number);
      // A node that does not have the block lags: nothing is undone by that.
      if (hash === undefined) return head < last.number ? undefined : this.undo(cursor);
      if (hash !== last.hash) return this.undo(cursor);
    }
    const from = last === undefined ? this.options.fromBlock : last.number + 1;
    if (from > head) return undefined;
    return this.page(cursor, from, Math.min(head, from + (this.options.pageBlocks ?? 1_000) - 1));
  }

  private async page(cursor: Cursor, from: number, to: number): Promise<Step | undefined> {
    const filter = { address: [...this.options.addresses], fromBlock: from, toBlock: to };
    const [hash, logs] = await Promise.all([this.hashOf(to), this.ask((provider) => provider.getLogs(filter))]);
    if (hash === undefined) return undefined;
    const numbers = [...new Set(logs.map(({ blockNumber }) => blockNumber))];
    const found = await Promise.all(numbers.map((number) => this.ask((provider) => provider.getBlock(number))));
    const blocks = new Map<number, BlockId & { time: number }>();
    for (const [index, number] of numbers.entries()) {
      const block = found[index];
      if (!block?.hash) return undefined;
      blocks.set(number, { number, hash: block.hash, time: block.timestamp });
    }
    // What was answered while the chain changed is asked for again.
    const isOf = (blockNumber: number, blockHash: string) => blocks.get(blockNumber)?.hash === blockHash;
    if (!logs.every((log) => isOf(log.blockNumber, log.blockHash)) || (await this.hashOf(to)) !== hash)
      return undefined;
    const known = [...blocks.values()]
      .filter(({ number }) => number < to)
      .map(({ number, hash: h }) => ({ number, hash: h }));
    known.sort((a, b) => a.number - b.number);
    const recent = [...cursor.recent, ...known, { number: to, hash }].slice(-MEMORY);
    const timed = logs.map(({ address, blockNumber, transactionHash, index, topics, data }) => ({
      ...{ address, blockNumber, transactionHash, index, topics, data },
      blockTimestamp: BigInt(blocks.get(blockNumber)?.time ?? 0),
    }));
    timed.sort((a, b) => a.blockNumber - b.blockNumber || a.index - b.index);
    return { kind: "logs", logs: timed, cursor: { recent } };
  }

  /** Back to the latest block that the cursor and the chain have in common. */
  private async undo({ recent }: Cursor): Promise<Step> {
    for (let count = recent.length - 1; count > 0; count--) {
      const { number, hash } = recent[count - 1];
      if ((await this.hashOf(number)) === hash) {
        return { kind: "undo", above: number, cursor: { recent: recent.slice(0, count) } };
      }
    }
    throw new ForgottenForkError(recent[0].number);
  }

  private async hashOf(number: number): Promise<string | undefined> {
    return (await this.ask((provider) => provider.getBlock(number)))?.hash ?? undefined;
  }
}

/** Waits for a block, a while, or the signal; whichever comes first. A block that comes before one waits ends the next wait. */
class Waiter {
  private wake: () => void = () => undefined;
  private pushed = 0;
  private readonly onBlock = (number: number) => {
    this.pushed = number;
    this.wake();
  };
  private readonly onAbort = () => this.wake();
  private isLost = false;

  constructor(
    private readonly line: Line,
    private readonly pollMs: number,
    private readonly signal: AbortSignal,
  ) {
    // Over HTTP ethers would poll beside us.
    if (line.isPushed) void line.provider.on("block", this.onBlock);
    signal.addEventListener("abort", this.onAbort);
  }

  /** The latest block that was pushed since this was asked last; 0: none. */
  takePushed(): number {
    const { pushed } = this;
    this.pushed = 0;
    return pushed;
  }

  /** The next question will say that the connection is lost. */
  lost(): void {
    this.isLost = true;
    this.wake();
  }

  async wait(): Promise<void> {
    if (this.pushed > 0 || this.isLost || this.signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.pollMs);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  end(): void {
    // A subscription that the node has not confirmed yet can't be ended: it goes with its connection.
    if (this.line.isPushed) this.line.provider.off("block", this.onBlock).catch(() => undefined);
    this.signal.removeEventListener("abort", this.onAbort);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
    if (signal.aborted) end();
  });
}
