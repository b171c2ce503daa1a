import { AbiCoder, concat } from "ethers";
import { FeedProbe__factory } from "../../typechain-types";
import type { Address, AssetKey } from "../profiles";
import type { PushSourceProfile } from "../sources";
import { ask, contractProblem, reasonOf } from "./contracts";
import type { ChainReader } from "./contracts";
import { historyProblem, readGaps } from "./history";

/** A push source as the chain has it. */
export interface SourceReading {
  asset: AssetKey;
  source: PushSourceProfile;
  /** `Chainlink BTC / USD at 0x…`. */
  label: string;
  /** USD, 10 decimals; 0 where the aggregator would not take the answer. */
  price: bigint;
  problems: string[];
  remarks: string[];
}

const PUBLISHER = { chainlink: "Chainlink", atlas: "Atlas", registry: "Binance" } as const;

const FINDINGS =
  "tuple(bool areDecimalsUsable, uint8 decimals, uint256 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, " +
  "uint256 answeredInRound, uint64 minPrice, uint64 maxPrice, uint256 freshPrice)";

interface Findings {
  areDecimalsUsable: boolean;
  decimals: bigint;
  roundId: bigint;
  answer: bigint;
  startedAt: bigint;
  updatedAt: bigint;
  answeredInRound: bigint;
  minPrice: bigint;
  maxPrice: bigint;
  freshPrice: bigint;
}

const LARGEST_PRICE = 2n ** 64n - 1n;

/** Reads a push source the way the aggregator will, and says what speaks against it. */
export async function readSource(
  reader: ChainReader,
  asset: AssetKey,
  source: PushSourceProfile,
  now: number,
): Promise<SourceReading> {
  const name = `${PUBLISHER[source.name]} ${source.description}`;
  const reading = { asset, source, label: `${name} at ${source.feed}`, price: 0n, problems: [], remarks: [] };
  const found = await findFeed(reader, source);
  if ("failure" in found) return { ...reading, problems: [`${reading.label}: ${found.failure}`] };
  const label = found.feed === source.feed ? reading.label : `${reading.label}, adapter ${found.feed}`;
  const findings = await probeFeed(reader, found.feed, source.maxAgeSeconds).catch(reasonOf);
  if (typeof findings === "string") return { ...reading, label, problems: [`${label}: can't be read: ${findings}`] };

  const own = [
    await descriptionProblem(reader, found.feed, source),
    decimalsProblem(findings, source),
    ...roundProblems(findings, source, now),
  ].filter((problem) => problem !== undefined);
  const gaps = findings.roundId === 0n ? [] : await readGaps(reader, found.feed, findings.roundId);
  const { problem, remark } = historyProblem(gaps, source);
  if (problem !== undefined) own.push(problem);
  const price = isPinned(findings) ? 0n : findings.freshPrice;
  return {
    ...{ asset, source, label, price },
    problems: own.map((text) => `${label}: ${text}`),
    remarks: remark === undefined ? [] : [`${label}: ${remark}`],
  };
}

/** What the aggregator would see of a feed. */
async function probeFeed(reader: ChainReader, feed: Address, maxAgeSeconds: number): Promise<Findings> {
  const coder = AbiCoder.defaultAbiCoder();
  const data = concat([FeedProbe__factory.bytecode, coder.encode(["address", "uint256"], [feed, maxAgeSeconds])]);
  const raw = String(await reader.send("eth_call", [{ data }, "latest"]));
  return coder.decode([FINDINGS], raw)[0] as Findings;
}

/** The contract that is asked for answers: the feed itself, or the adapter that the registry names. */
async function findFeed(
  reader: ChainReader,
  { feed, kind, base, quote }: PushSourceProfile,
): Promise<{ feed: Address } | { failure: string }> {
  const missing = await contractProblem(reader, feed);
  if (missing !== undefined) return { failure: missing };
  if (kind === "chainlink") return { feed };
  const getter =
    "function getTradingPairDetails(string, string) view returns (tuple(address base, address quote, address adapter))";
  const details = await ask<{ adapter: Address }>(reader, feed, getter, base, quote);
  if ("failure" in details) return { failure: `names no adapter of ${base}/${quote}: ${details.failure}` };
  const { adapter } = details.answer;
  const problem = await contractProblem(reader, adapter);
  return problem === undefined ? { feed: adapter } : { failure: `its adapter ${adapter} has ${problem}` };
}

async function descriptionProblem(
  reader: ChainReader,
  feed: Address,
  { description }: PushSourceProfile,
): Promise<string | undefined> {
  const told = await ask<string>(reader, feed, "function description() view returns (string)");
  if ("failure" in told) return `does not describe itself, "${description}" is expected: ${told.failure}`;
  if (plain(told.answer) === plain(description)) return undefined;
  return `describes itself as "${told.answer}", "${description}" is expected`;
}

/** Publishers write the same pair with and without spaces. */
function plain(description: string): string {
  return description.replaceAll(" ", "").toUpperCase();
}

function decimalsProblem({ areDecimalsUsable, decimals }: Findings, source: PushSourceProfile): string | undefined {
  if (!areDecimalsUsable) return `tells no usable decimals, ${source.decimals} are expected`;
  if (decimals === BigInt(source.decimals)) return undefined;
  return `${decimals.toString()} decimals, ${source.decimals} are expected`;
}

/** Every reason for which the aggregator would not take the answer. */
function roundProblems(findings: Findings, source: PushSourceProfile, now: number): string[] {
  const { roundId, answer, startedAt, updatedAt, answeredInRound, freshPrice, minPrice, maxPrice } = findings;
  if (roundId === 0n && startedAt === 0n && updatedAt === 0n) {
    return ["refuses to be read by a contract, or has no round: the aggregator must be able to read it"];
  }
  if (freshPrice !== 0n && !isPinned(findings)) return [];
  const problems: string[] = [];
  const age = BigInt(now) - updatedAt;
  if (answer <= 0n) problems.push(`its answer is ${answer.toString()}, a positive one is expected`);
  if (startedAt === 0n || updatedAt === 0n) problems.push("its latest round is not complete");
  else if (age < 0n) problems.push(`its answer is dated ${(-age).toString()} s ahead of the chain`);
  else if (age > BigInt(source.maxAgeSeconds)) {
    problems.push(`its answer is ${age.toString()} s old, at most ${source.maxAgeSeconds} s are accepted`);
  }
  if (answeredInRound < roundId) {
    problems.push(
      `round ${roundId.toString()} carries the answer of round ${answeredInRound.toString()}, its own is expected`,
    );
  }
  if (isPinned(findings)) {
    const [low, high] = [formatPrice(minPrice), formatPrice(maxPrice)];
    problems.push(
      `its answer ${formatPrice(freshPrice)} is pinned at a bound of the feed, one between ${low} and ${high} is expected`,
    );
  }
  if (problems.length === 0) {
    problems.push(
      `its answer ${answer.toString()} with ${findings.decimals.toString()} decimals is outside the range of a price`,
    );
  }
  return problems;
}

function isPinned({ freshPrice, minPrice, maxPrice }: Findings): boolean {
  return freshPrice !== 0n && (freshPrice <= minPrice || (freshPrice >= maxPrice && maxPrice !== LARGEST_PRICE));
}

/** A price of 10 decimals to eight significant digits at least. */
export function formatPrice(priceX10: bigint): string {
  const whole = priceX10 / 10n ** 10n;
  const rest = (priceX10 % 10n ** 10n).toString().padStart(10, "0").replace(/0+$/, "");
  return rest === "" ? whole.toString() : `${whole.toString()}.${rest}`;
}
