/** What has happened to each account, and to the system: read once from events, from the deployment on, and kept. */
import type { Provider } from "ethers";
import { ForgottenForkError, LogStream } from "../../../sdk/watch/stream";
import type { Cursor, Step, TimedLog } from "../../../sdk/watch/stream";
import { listsOf } from "./lists";
import type { HistoryPage, HistoryStore, HistorySystem, ListedLog } from "./store";

const PAGE_BLOCKS = 2_000;
/** Of one answer. */
const MOST_LOGS = 1_000;
/** Before a store that failed is asked again. */
const RETRY_MS = 1_000;
/** A step without logs is written no more often. */
const WRITE_MS = 5_000;

export interface HistoryAnswer extends HistoryPage {
  /** The first block that was read. */
  readonly since: number;
  /** The latest. */
  readonly block: number;
}

export interface HistoryOptions {
  readonly provider: Provider;
  readonly deployment: HistorySystem;
  readonly store: HistoryStore;
  readonly pollMs: number;
  /** Before a store that failed is asked again; a second by default. */
  readonly retryMs?: number;
  /** Told of what the store could not do; it is tried again. */
  readonly onError?: (error: unknown) => void;
}

export class HistoryIndex {
  private readonly stream: LogStream;
  private readonly ending = new AbortController();
  private cursor: Cursor = { recent: [] };
  private writtenAt = -Infinity;
  private working: Promise<void> = Promise.resolve();

  constructor(private readonly options: HistoryOptions) {
    const { provider, deployment, pollMs } = options;
    const { trading, prediction, vault, accessManager, pro, proTriggers, gridBook } = deployment.contracts;
    this.stream = new LogStream(provider, {
      addresses: [trading, prediction, vault, accessManager, pro, proTriggers, gridBook],
      ...{ fromBlock: deployment.startBlock, pageBlocks: PAGE_BLOCKS, pollMs },
    });
  }

  /** Reads on in the background from where the store stands. Throws what the store throws that can't be begun. */
  async begin(): Promise<void> {
    this.cursor = await this.options.store.begin();
    this.working = this.follow();
  }

  async stop(): Promise<void> {
    this.ending.abort();
    await this.working;
    await this.options.store.close();
  }

  /** Everything of a list after a place of it, in its order; from its beginning for who knows another generation. */
  async answer(of: string, after: number, generation: number): Promise<HistoryAnswer> {
    const { deployment, store } = this.options;
    // What is read of the list meanwhile is told with the next answer.
    const block = this.cursor.recent.at(-1)?.number ?? deployment.startBlock;
    return { ...(await store.page(of, after, generation, MOST_LOGS)), since: deployment.startBlock, block };
  }

  private async follow(): Promise<void> {
    const { signal } = this.ending;
    while (!signal.aborted) {
      try {
        await this.readOn();
      } catch (error) {
        if (error instanceof ForgottenForkError) {
          // The chain is another one than was read.
          await this.tryAgain(() => this.options.store.undo(-1, { recent: [] }));
          continue;
        }
        this.options.onError?.(error);
        await pause(this.options.retryMs ?? RETRY_MS, signal);
        await this.tryAgain(() => this.options.store.begin());
      }
    }
  }

  /** Until the signal, or until the store stands elsewhere than here. */
  private async readOn(): Promise<void> {
    const { store } = this.options;
    for await (const step of this.stream.follow(this.ending.signal, this.cursor)) {
      const stands = step.kind === "undo" ? await store.undo(step.above, step.cursor) : await this.take(step);
      this.cursor = stands;
      if (stands !== step.cursor) return;
    }
  }

  private async take({ logs, cursor }: Extract<Step, { kind: "logs" }>): Promise<Cursor> {
    const listed = logs.map(listedOf).filter(({ lists }) => lists.length > 0);
    if (listed.length === 0 && performance.now() - this.writtenAt < WRITE_MS) return cursor;
    const stands = await this.options.store.append(listed, cursor);
    this.writtenAt = performance.now();
    return stands;
  }

  /** Asks the store until it answers; one that answers stands where it says. */
  private async tryAgain(ask: () => Promise<Cursor>): Promise<void> {
    const { signal } = this.ending;
    while (!signal.aborted) {
      try {
        this.cursor = await ask();
        return;
      } catch (error) {
        this.options.onError?.(error);
        await pause(this.options.retryMs ?? RETRY_MS, signal);
      }
    }
  }
}

function listedOf({ address, blockNumber, transactionHash, index, topics, data }: TimedLog): ListedLog {
  const log = { address, blockNumber, transactionHash, index, topics: [...topics], data };
  return { log, lists: listsOf(log) };
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}
