import type { Address } from "../profiles";
import type { PushSourceProfile } from "../sources";
import { ask } from "./contracts";
import type { ChainReader } from "./contracts";

/** Rounds that are read back from the latest one. */
const ROUNDS = 24;
/** Fewer tell nothing of a heartbeat. */
const MIN_GAPS = 4;
/** A feed that is quiet for longer than its heartbeat in more than every fourth round has another heartbeat. */
const OUTLIERS_ONE_IN = 4;

const PHASE_OFFSET = 64n;

/** Seconds between the updates of a feed's latest rounds, newest first; empty where its history can't be read. */
export async function readGaps(reader: ChainReader, feed: Address, roundId: bigint): Promise<number[]> {
  // The lower bits count the rounds of a phase from 1: what lies before it is another aggregator's.
  const rounds = Number(roundId & ((1n << PHASE_OFFSET) - 1n));
  const count = Math.min(rounds, ROUNDS);
  const getter =
    "function getRoundData(uint80) view returns (tuple(uint80, int256, uint256, uint256 updatedAt, uint80))";
  const answers = await Promise.all(
    Array.from({ length: count }, (_, back) =>
      ask<{ updatedAt: bigint }>(reader, feed, getter, roundId - BigInt(back)),
    ),
  );
  const gaps: number[] = [];
  for (let i = 0; i + 1 < answers.length; ++i) {
    const [later, earlier] = [answers[i], answers[i + 1]];
    if ("failure" in later || "failure" in earlier) break;
    if (earlier.answer.updatedAt === 0n) break;
    gaps.push(Number(later.answer.updatedAt - earlier.answer.updatedAt));
  }
  return gaps;
}

/** What a feed's own history says of the heartbeat it is configured with. */
export function historyProblem(
  gaps: readonly number[],
  { heartbeatSeconds, maxAgeSeconds }: PushSourceProfile,
): { problem?: string; remark?: string } {
  if (gaps.length < MIN_GAPS) return {};
  const longest = Math.max(...gaps);
  const late = gaps.filter((gap) => gap > maxAgeSeconds).length;
  const told = `between its last ${gaps.length + 1} rounds lay up to ${longest} s`;
  if (late * OUTLIERS_ONE_IN > gaps.length) {
    return {
      problem: `${told}, ${late} times more than the ${maxAgeSeconds} s that are accepted: its heartbeat is another`,
    };
  }
  return {
    remark: `${told}; it is configured with a heartbeat of ${heartbeatSeconds} s, accepted up to ${maxAgeSeconds} s`,
  };
}
