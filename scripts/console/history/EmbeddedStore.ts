import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { z } from "zod";
import type { Cursor } from "../../../sdk/watch/stream";
import { ExplainedError } from "../../lib/main";
import { listsOf } from "./lists";
import { cursorSchema, logSchema, placeOf } from "./store";
import type { HistoryPage, HistoryStore, HistorySystem, KeptLog, ListedLog } from "./store";

/** Between two notes of how far it has come. */
const NOTE_MS = 5_000;

const systemSchema = z.object({ chainId: z.number(), trading: z.string(), startBlock: z.number() });

/** In memory, about a kilobyte a log, and of a file, where one is named, all that the next start reads on from. */
export class EmbeddedStore implements HistoryStore {
  private readonly lists = new Map<string, KeptLog[]>();
  private readonly all: KeptLog[] = [];
  private cursor: Cursor = { recent: [] };
  private generation = 0;
  private notedAt = 0;
  private isOpen = false;

  constructor(
    private readonly of: HistorySystem,
    private readonly file?: string,
  ) {}

  /** Throws `ExplainedError` for a file of another system. */
  begin(): Promise<Cursor> {
    if (!this.isOpen) {
      if (this.file !== undefined) this.open(this.file);
      this.isOpen = true;
    }
    return Promise.resolve(this.cursor);
  }

  append(logs: readonly ListedLog[], cursor: Cursor): Promise<Cursor> {
    if (this.file !== undefined && logs.length > 0) appendFileSync(this.file, linesOf(logs.map(({ log }) => log)));
    this.take(logs);
    this.cursor = cursor;
    if (performance.now() - this.notedAt > NOTE_MS) this.note();
    return Promise.resolve(cursor);
  }

  undo(above: number, cursor: Cursor): Promise<Cursor> {
    this.generation++;
    const left = this.all.filter(({ blockNumber }) => blockNumber <= above);
    this.all.length = 0;
    this.lists.clear();
    this.take(left.map(listed));
    this.cursor = cursor;
    this.rewrite();
    this.note();
    return Promise.resolve(cursor);
  }

  page(list: string, after: number, generation: number, most: number): Promise<HistoryPage> {
    const all = this.lists.get(list) ?? [];
    const known = generation === this.generation ? after : -1;
    const from = firstAfter(all, known);
    const logs = all.slice(from, from + most);
    const last = logs.at(-1);
    return Promise.resolve({
      ...{ logs, generation: this.generation, hasMore: from + logs.length < all.length },
      place: last === undefined ? Math.max(known, 0) : placeOf(last),
    });
  }

  close(): Promise<void> {
    if (this.isOpen) this.note();
    return Promise.resolve();
  }

  private take(logs: readonly ListedLog[]): void {
    for (const { log, lists } of logs) {
      this.all.push(log);
      for (const list of lists) this.listOf(list).push(log);
    }
  }

  private rewrite(): void {
    if (this.file !== undefined) replace(this.file, `${this.system}\n${linesOf(this.all)}`);
  }

  private get system(): string {
    const { chainId, contracts, startBlock } = this.of;
    return JSON.stringify({ chainId, trading: contracts.trading, startBlock });
  }

  private listOf(name: string): KeptLog[] {
    const known = this.lists.get(name);
    if (known !== undefined) return known;
    const made: KeptLog[] = [];
    this.lists.set(name, made);
    return made;
  }

  /** How far it has come: later logs of the file are read again after a restart. */
  private note(): void {
    this.notedAt = performance.now();
    if (this.file !== undefined) replace(cursorFile(this.file), JSON.stringify(this.cursor));
  }

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
    // What came after the note, and what was cut off or written twice, is read again.
    let place = -1;
    for (const line of lines.slice(1)) {
      const log = logSchema.safeParse(parsed(line));
      if (!log.success || log.data.blockNumber > last || placeOf(log.data) <= place) continue;
      place = placeOf(log.data);
      this.take([listed(log.data)]);
    }
    this.rewrite();
  }
}

function listed(log: KeptLog): ListedLog {
  return { log, lists: listsOf(log) };
}

/** Index of the first log of a list after a place. */
function firstAfter(logs: readonly KeptLog[], place: number): number {
  let [least, end] = [0, logs.length];
  while (least < end) {
    const middle = (least + end) >> 1;
    if (placeOf(logs[middle]) > place) end = middle;
    else least = middle + 1;
  }
  return least;
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
