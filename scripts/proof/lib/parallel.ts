/** Does a job for each item, so many at once, begun in their order. */
export async function inParallel<T>(
  items: Iterable<T>,
  processes: number,
  job: (item: T, worker: number) => Promise<void>,
): Promise<void> {
  const left = items[Symbol.iterator]();
  const work = async (worker: number): Promise<void> => {
    for (let next = left.next(); next.done !== true; next = left.next()) await job(next.value, worker);
  };
  await Promise.all([...Array(processes).keys()].map(work));
}
