/** Things to do, by time and then in the order in which they were put in. */
export class Queue<T> {
  private readonly heap: { time: number; order: number; item: T }[] = [];
  private order = 0;

  get nextTime(): number {
    return this.heap.length === 0 ? Infinity : this.heap[0].time;
  }

  put(time: number, item: T): void {
    const { heap } = this;
    const entry = { time, order: this.order++, item };
    let at = heap.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(entry, heap[parent])) break;
      heap[at] = heap[parent];
      at = parent;
    }
    heap[at] = entry;
  }

  take(): T {
    const { heap } = this;
    const [first] = heap;
    if (first === undefined) throw new RangeError("nothing to do");
    const last = heap.pop()!;
    if (heap.length > 0) this.sink(last);
    return first.item;
  }

  private sink(entry: { time: number; order: number; item: T }): void {
    const { heap } = this;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++;
      if (!isBefore(heap[child], entry)) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = entry;
  }
}

function isBefore(a: { time: number; order: number }, b: { time: number; order: number }): boolean {
  return a.time < b.time || (a.time === b.time && a.order < b.order);
}
