/** What has happened to each account, and to the system: read once from events, from the deployment on, and kept. */
import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import type { Provider } from "ethers";
import { dataSlice, getAddress } from "ethers";
import { z } from "zod";
import { Codec } from "../../sdk/abi";
import { accessManagerAbi, predictionAbi, tradingAbi, vaultAbi } from "../../sdk/abis";
import type { Deployment } from "../../sdk/chains/deployment";
import { ForgottenForkError, LogStream } from "../../sdk/watch/stream";
import type { Cursor, TimedLog } from "../../sdk/watch/stream";
import { ExplainedError } from "../lib/main";

/** Events whose second indexed argument is the account that they are about. */
const OWNED = [
  ...topicsOf(tradingAbi, [
    ...["OrderPlaced", "OrderRefused", "OrderCancelled", "TradeOpened", "TradeReduced", "TradeClosed"],
    ...["TradeLiquidated"],
  ]),
  ...topicsOf(predictionAbi, ["BetPlaced", "BetStruck", "BetSettled", "BetReturned"]),
  ...topicsOf(vaultAbi, ["PaymentRefused", "Claimed"]),
];
const LIQUIDATED = topicsOf(tradingAbi, ["TradeLiquidated"]);
const GOVERNANCE = topicsOf(accessManagerAbi, ["OperationScheduled", "OperationExecuted", "OperationCanceled"]);
const PAGE_BLOCKS = 2_000;
/** Of one answer. */
const MOST_LOGS = 1_000;
/** Between two notes of how far it has come. */
const NOTE_MS = 5_000;

const logSchema = z.object({
  address: z.string(),
  blockNumber: z.number(),
  transactionHash: z.string(),
  index: z.number(),
  topics: z.array(z.string()),
  data: z.string(),
});
const systemSchema = z.object({ chainId: z.number(), trading: z.string(), startBlock: z.number() });
const cursorSchema = z.object({ recent: z.array(z.object({ number: z.number(), hash: z.string() })) });

export type KeptLog = z.infer<typeof logSchema>;

export interface HistoryAnswer {
  /** Another one: what was told before did not happen. */
  readonly generation: number;
  /** The first block that was read. */
  readonly since: number;
  /** The latest. */
  readonly block: number;
  readonly logs: readonly KeptLog[];
  /** Whether there are more after these. */
  readonly hasMore: boolean;
}

export interface HistoryOptions {
  readonly provider: Provider;
  readonly deployment: Pick<Deployment, "chainId" | "contracts" | "startBlock">;
  /** Keeps it over restarts; in memory alone by default. */
  readonly file?: string;
  readonly pollMs: number;
}

export class HistoryIndex {
  /** By the checksummed address of the account, or "liquidations", or "governance". */
  private readonly lists = new Map<string, KeptLog[]>();
  private readonly all: KeptLog[] = [];
  private readonly stream: LogStream;
  private readonly ending = new AbortController();
  private cursor: Cursor = { recent: [] };
  private generation = 0;
  private notedAt = 0;
  private working: Promise<void> = Promise.resolve();

  constructor(private readonly options: HistoryOptions) {
    const { provider, deployment, pollMs } = options;
    const { trading, prediction, vault, accessManager } = deployment.contracts;
    this.stream = new LogStream(provider, {
      ...{ addresses: [trading, prediction, vault, accessManager], fromBlock: deployment.startBlock },
      ...{ pageBlocks: PAGE_BLOCKS, pollMs },
    });
    if (options.file !== undefined) this.open(options.file);
  }

  /** Reads on in the background. */
  begin(): void {
    this.working = this.follow();
  }

  async stop(): Promise<void> {
    this.ending.abort();
    await this.working;
    this.note();
  }

  /** Everything of a list after so many, in its order; from its beginning for who knows another generation. */
  answer(of: string, after: number, generation: number): HistoryAnswer {
    const all = this.lists.get(of) ?? [];
    const from = generation === this.generation ? after : 0;
    const logs = all.slice(from, from + MOST_LOGS);
    const hasMore = from + logs.length < all.length;
    const { startBlock } = this.options.deployment;
    return { generation: this.generation, since: startBlock, block: this.block, logs, hasMore };
  }

  private get block(): number {
    return this.cursor.recent.at(-1)?.number ?? this.options.deployment.startBlock;
  }

  private async follow(): Promise<void> {
    try {
      for await (const step of this.stream.follow(this.ending.signal, this.cursor)) {
        if (step.kind === "undo") this.undo(step.above);
        else this.append(step.logs.map(kept));
        this.cursor = step.cursor;
        if (performance.now() - this.notedAt > NOTE_MS || step.kind === "undo") this.note();
      }
    } catch (error) {
      if (!(error instanceof ForgottenForkError)) throw error;
      // The chain is another one than was read.
      this.cursor = { recent: [] };
      this.undo(-1);
      this.note();
      return this.follow();
    }
  }

  private append(logs: readonly KeptLog[]): void {
    const { file } = this.options;
    const known = logs.filter((log) => keysOf(log).length > 0);
    if (file !== undefined && known.length > 0) appendFileSync(file, linesOf(known));
    this.take(known);
  }

  private take(logs: readonly KeptLog[]): void {
    for (const log of logs) {
      this.all.push(log);
      for (const key of keysOf(log)) this.listOf(key).push(log);
    }
  }

  private undo(above: number): void {
    this.generation++;
    const left = this.all.filter(({ blockNumber }) => blockNumber <= above);
    this.all.length = 0;
    this.lists.clear();
    this.take(left);
    this.rewrite();
  }

  private rewrite(): void {
    const { file } = this.options;
    if (file !== undefined) replace(file, `${this.system}\n${linesOf(this.all)}`);
  }

  private get system(): string {
    const { chainId, contracts, startBlock } = this.options.deployment;
    return JSON.stringify({ chainId, trading: contracts.trading, startBlock });
  }

  private listOf(key: string): KeptLog[] {
    const known = this.lists.get(key);
    if (known !== undefined) return known;
    const made: KeptLog[] = [];
    this.lists.set(key, made);
    return made;
  }

  /** How far it has come: later logs of the file are read again after a restart. */
  private note(): void {
    const { file } = this.options;
    this.notedAt = performance.now();
    if (file === undefined) return;
    replace(cursorFile(file), JSON.stringify(this.cursor));
  }

  /** Throws `ExplainedError` for a file of another system. */
  private open(file: string): void {
    if (!existsSync(file)) return this.rewrite();
    const lines = readFileSync(file, "utf8").split("\n");
    const first = systemSchema.safeParse(parsed(lines[0]));
    if (!first.success || JSON.stringify(first.data) !== this.system) {
      throw new ExplainedError(`${file} is the history of another system, or none: name another file`);
    }
    this.cursor = existsSync(cursorFile(file))
      ? cursorSchema.parse(JSON.parse(readFileSync(cursorFile(file), "utf8")))
      : { recent: [] };
    const last = this.cursor.recent.at(-1)?.number ?? -1;
    const logs = lines.slice(1).flatMap((line) => {
      const log = logSchema.safeParse(parsed(line));
      return log.success && log.data.blockNumber <= last ? [log.data] : [];
    });
    // What came after the note, and what was cut off in writing, is read again.
    this.take(logs);
    this.rewrite();
  }
}

function keysOf({ topics: [name, , second] }: KeptLog): string[] {
  if (GOVERNANCE.includes(name)) return ["governance"];
  const lists = LIQUIDATED.includes(name) ? ["liquidations"] : [];
  return OWNED.includes(name) ? [...lists, getAddress(dataSlice(second, 12))] : lists;
}

function kept({ address, blockNumber, transactionHash, index, topics, data }: TimedLog): KeptLog {
  return { address, blockNumber, transactionHash, index, topics: [...topics], data };
}

function topicsOf(abi: ConstructorParameters<typeof Codec>[0], names: readonly string[]): string[] {
  const codec = new Codec(abi);
  return names.map((name) => {
    const event = codec.interface.getEvent(name);
    if (event === null) throw new Error(`there is no event ${name}`);
    return event.topicHash;
  });
}

function linesOf(logs: readonly KeptLog[]): string {
  return logs.map((log) => `${JSON.stringify(log)}\n`).join("");
}

/** Whole or not at all. */
function replace(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

function cursorFile(file: string): string {
  return `${file}.cursor`;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
