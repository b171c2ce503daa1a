import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Result, Task } from "./tasks";
import { perform } from "./tasks";

/** Room for the short-lived integers of a path: with less the collector takes a third of the time. */
const YOUNG_MEGABYTES = 64;
const OLD_MEGABYTES = 1_500;

export type OnDone = (count: number) => void;

/**
 * So many threads (0: none but this one) that do pieces of work. Results come in the order of the pieces: which thread did what
 * leaves no trace. An error in one of them ends all.
 */
export class Pool {
  private readonly threads: Worker[];

  constructor(workers: number) {
    this.threads = Array.from({ length: workers }, start);
  }

  async run<T extends Task>(tasks: readonly T[], onDone: OnDone = () => undefined): Promise<Result<T>[]> {
    const results: Result<T>[][] = [];
    if (this.threads.length === 0) {
      for (const [place, task] of tasks.entries()) {
        results[place] = perform(task);
        onDone(task.count);
      }
      return results.flat();
    }
    let next = 0;
    const take = (): { place: number; task: T } | undefined =>
      next < tasks.length ? { place: next, task: tasks[next++] } : undefined;
    const keep = (place: number, done: Result<T>[]): void => {
      results[place] = done;
      onDone(tasks[place].count);
    };
    await Promise.all(this.threads.map((thread) => this.occupy(thread, take, keep)));
    return results.flat();
  }

  async close(): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread.terminate()));
  }

  private occupy<T extends Task>(
    thread: Worker,
    take: () => { place: number; task: T } | undefined,
    keep: (place: number, done: Result<T>[]) => void,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (end: () => void): void => {
        thread.off("message", onMessage).off("error", onError).off("exit", onExit);
        end();
      };
      const give = (): void => {
        const piece = take();
        if (piece === undefined) leave(resolve);
        else thread.postMessage(piece);
      };
      const onMessage = ({ place, results }: { place: number; results: Result<T>[] }): void => {
        keep(place, results);
        give();
      };
      const onError = (error: Error): void => leave(() => reject(error));
      const onExit = (code: number): void => leave(() => reject(new Error(`a worker ended with code ${code}`)));
      thread.on("message", onMessage).on("error", onError).on("exit", onExit);
      give();
    });
  }
}

function start(): Worker {
  return new Worker(join(__dirname, "worker.ts"), {
    execArgv: ["--require", "ts-node/register"],
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEGABYTES, maxOldGenerationSizeMb: OLD_MEGABYTES },
  });
}

/** So many paths in pieces that are small enough to keep every thread busy to the end. */
export function inPieces<T extends Task>(task: Omit<T, "from" | "count">, count: number, size: number): T[] {
  const pieces: T[] = [];
  for (let from = 0; from < count; from += size) {
    pieces.push({ ...task, from, count: Math.min(size, count - from) } as T);
  }
  return pieces;
}
