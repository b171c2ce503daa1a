import type { BookProfile, ChainProfile, Mode } from "../profiles";

/** The contract has one delay per mode. */
export function delayOf(profile: ChainProfile, mode: Mode): number {
  const books: BookProfile[] = profile.markets.flatMap((market) => market.books.filter((book) => book.mode === mode));
  const delays = new Set(books.map(({ executionDelaySeconds }) => executionDelaySeconds));
  const [delay] = delays;
  if (delays.size !== 1) throw new Error(`${profile.name}: ${delays.size} execution delays of ${mode}, one expected`);
  return delay;
}
