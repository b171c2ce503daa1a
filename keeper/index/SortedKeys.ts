/**
 * Ids in the order of their keys: inserting and removing takes O(log n) comparisons and moves of at most a chunk, a range what is in it.
 * Two arrays of numbers for each chunk, so that a hundred thousand ids take a few megabytes.
 */
interface Chunk {
  keys: number[];
  ids: number[];
}

/** A chunk that grows beyond is split in two. */
const MAX_CHUNK = 512;

export class SortedKeys {
  private chunks: Chunk[] = [];
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** Keys need not be unique; an id may be there once for a key. */
  add(key: number, id: number): void {
    this.count += 1;
    if (this.chunks.length === 0) {
      this.chunks.push({ keys: [key], ids: [id] });
      return;
    }
    const at = Math.min(this.chunkFrom(key), this.chunks.length - 1);
    const chunk = this.chunks[at];
    const place = firstNotBelow(chunk.keys, key);
    chunk.keys.splice(place, 0, key);
    chunk.ids.splice(place, 0, id);
    if (chunk.keys.length <= MAX_CHUNK) return;
    const half = chunk.keys.length >> 1;
    this.chunks.splice(at + 1, 0, { keys: chunk.keys.splice(half), ids: chunk.ids.splice(half) });
  }

  /** Whether it was there. */
  remove(key: number, id: number): boolean {
    for (let at = this.chunkFrom(key); at < this.chunks.length; at++) {
      const { keys, ids } = this.chunks[at];
      for (let place = firstNotBelow(keys, key); place < keys.length; place++) {
        if (keys[place] !== key) return false;
        if (ids[place] !== id) continue;
        keys.splice(place, 1);
        ids.splice(place, 1);
        if (keys.length === 0) this.chunks.splice(at, 1);
        this.count -= 1;
        return true;
      }
    }
    return false;
  }

  /** Ids with keys from `low` to `high`, both included, in ascending order of their keys. */
  *range(low: number, high: number): IterableIterator<number> {
    for (let at = this.chunkFrom(low); at < this.chunks.length; at++) {
      const { keys, ids } = this.chunks[at];
      for (let place = firstNotBelow(keys, low); place < keys.length; place++) {
        if (keys[place] > high) return;
        yield ids[place];
      }
    }
  }

  /** The least key; undefined where there is none. */
  get least(): number | undefined {
    return this.chunks[0]?.keys[0];
  }

  clear(): void {
    this.chunks = [];
    this.count = 0;
  }

  /** The first chunk whose last key is not below `key`. */
  private chunkFrom(key: number): number {
    let low = 0;
    let high = this.chunks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const { keys } = this.chunks[middle];
      if (keys[keys.length - 1] < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function firstNotBelow(keys: readonly number[], key: number): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keys[middle] < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
