/** One thing that somebody can do at any time; refused or not, it does what was predicted, or throws. */
export interface Act {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/** A world that can be put back to how it was when it was saved. */
export interface Restorable {
  readonly save: () => Promise<() => Promise<void>>;
  /** What has come to pass in it. */
  readonly seen: () => Iterable<string>;
}

export interface Walked {
  /** Sequences of the whole depth. */
  readonly worlds: number;
  /** Acts done, each compared. */
  readonly acts: number;
  /** What came to pass in any of them. */
  readonly seen: ReadonlySet<string>;
}

/** An act of this very sequence did what was not predicted. */
export class SequenceError extends Error {
  constructor(
    readonly sequence: readonly string[],
    cause: unknown,
  ) {
    super(`${sequence.join(", ")}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = "SequenceError";
  }
}

/** Every sequence of so many acts, with repetition: a tree whose every node is one act, from where its parent left the world. */
export async function walk(world: Restorable, acts: readonly Act[], depth: number): Promise<Walked> {
  const walked = { worlds: 0, acts: 0, seen: new Set<string>() };
  await descend([]);
  return walked;

  async function descend(before: readonly string[]): Promise<void> {
    if (before.length === depth) {
      walked.worlds += 1;
      return;
    }
    for (const { name, run } of acts) {
      const sequence = [...before, name];
      const restore = await world.save();
      try {
        await run();
      } catch (error) {
        throw new SequenceError(sequence, error);
      }
      walked.acts += 1;
      for (const what of world.seen()) walked.seen.add(what);
      await descend(sequence);
      await restore();
    }
  }
}
