import { AbiCoder, concat } from "ethers";
import { FeedProbe__factory } from "../../typechain-types";
import type { SequencerProfile } from "../profiles";
import { contractProblem, reasonOf } from "./contracts";
import type { ChainReader } from "./contracts";

/** What speaks against the sequencer's uptime feed, read as the aggregator does: 0 is up, since `startedAt`. */
export async function sequencerProblems(
  reader: ChainReader,
  sequencer: SequencerProfile,
  now: number,
): Promise<string[]> {
  const label = `sequencer's uptime feed at ${sequencer.address}`;
  const missing = await contractProblem(reader, sequencer.address);
  if (missing !== undefined) return [`${label}: ${missing}`];
  const coder = AbiCoder.defaultAbiCoder();
  const data = concat([FeedProbe__factory.bytecode, coder.encode(["address", "uint256"], [sequencer.address, 1])]);
  try {
    const raw = String(await reader.send("eth_call", [{ data }, "latest"]));
    // The answer and the start of the round are the fourth and fifth word of the findings.
    const words = coder.decode(["bool", "uint8", "uint256", "int256", "uint256"], raw) as unknown as bigint[];
    const problem = statusProblem(words[3], words[4], sequencer.graceSeconds, now);
    return problem === undefined ? [] : [`${label}: ${problem}`];
  } catch (error) {
    return [`${label}: can't be read: ${reasonOf(error)}`];
  }
}

function statusProblem(answer: bigint, startedAt: bigint, graceSeconds: number, now: number): string | undefined {
  if (startedAt === 0n) return "refuses to be read by a contract, or has no round";
  if (answer === 1n) return "the sequencer is down";
  if (answer !== 0n) return `its answer is ${answer.toString()}, 0 (up) or 1 (down) is expected: it is another feed`;
  const up = BigInt(now) - startedAt;
  if (up < 0n) return `its round began ${(-up).toString()} s ahead of the chain`;
  return up < BigInt(graceSeconds)
    ? `the sequencer is up for ${up.toString()} s only, ${graceSeconds} s are asked for`
    : undefined;
}
