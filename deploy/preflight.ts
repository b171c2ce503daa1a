import { Contract } from "ethers";
import type { Provider } from "ethers";
import type { ChainProfile, FeedProfile } from "./profiles";
import { feedProfiles } from "./replica/placement";

const TOKEN_ABI = ["function decimals() view returns (uint8)"];

const FEED_ABI = [
  ...TOKEN_ABI,
  "function description() view returns (string)",
  "function latestRoundData() view returns (uint80, int256 answer, uint256, uint256 updatedAt, uint80)",
];

const REGISTRY_ABI = [
  "function getTradingPairDetails(string, string) view returns (address, address, address adapter)",
];

/**
 * What speaks against deploying on a chain: canonical addresses without code, and tokens and feeds that are not what the
 * profile says they are. Nothing is sent. An empty list means that the profile fits the chain.
 */
export async function problemsOf(provider: Provider, profile: ChainProfile): Promise<string[]> {
  const { chainId } = await provider.getNetwork();
  if (chainId !== BigInt(profile.chainId)) {
    return [`the profile is for chain ${profile.chainId}, the network is chain ${chainId.toString()}`];
  }
  const checks = [
    codeProblem(provider, "Pyth", profile.pyth.address),
    ...profile.tokens.map(({ symbol, address, decimals }) => tokenProblem(provider, symbol, address, decimals)),
    ...feedProfiles(profile).map((feed) => feedProblem(provider, feed)),
    ...pairProblems(provider, profile),
  ];
  if (profile.sequencer) checks.push(sequencerProblem(provider, profile.sequencer.address));
  return (await Promise.all(checks)).filter((problem) => problem !== undefined);
}

async function codeProblem(provider: Provider, label: string, address: string): Promise<string | undefined> {
  return (await provider.getCode(address)) === "0x" ? `${label}: no code at ${address}` : undefined;
}

/** Asks a contract; whatever it throws is a problem, named by what was asked of. */
async function ask(
  provider: Provider,
  label: string,
  address: string,
  abi: readonly string[],
  question: (contract: Contract) => Promise<string | undefined>,
): Promise<string | undefined> {
  const missing = await codeProblem(provider, label, address);
  if (missing !== undefined) return missing;
  try {
    const problem = await question(new Contract(address, abi, provider));
    return problem === undefined ? undefined : `${label} at ${address}: ${problem}`;
  } catch (error) {
    return `${label} at ${address}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function tokenProblem(provider: Provider, symbol: string, address: string, decimals: number) {
  return ask(provider, symbol, address, TOKEN_ABI, (token) => decimalsProblem(token, decimals));
}

async function decimalsProblem(contract: Contract, expected: number): Promise<string | undefined> {
  const decimals = (await contract.getFunction("decimals").staticCall()) as bigint;
  return decimals === BigInt(expected) ? undefined : `${decimals.toString()} decimals, expected ${expected}`;
}

function feedProblem(provider: Provider, feed: FeedProfile) {
  return ask(provider, feed.description, feed.address, FEED_ABI, async (contract) => {
    const wrongDecimals = await decimalsProblem(contract, feed.decimals);
    if (wrongDecimals !== undefined) return wrongDecimals;
    const description = (await contract.getFunction("description").staticCall()) as string;
    if (description !== feed.description) return `it is "${description}"`;
    const round = (await contract.getFunction("latestRoundData").staticCall()) as unknown as {
      answer: bigint;
      updatedAt: bigint;
    };
    if (round.answer <= 0n) return `its answer is ${round.answer.toString()}`;
    const age = BigInt((await provider.getBlock("latest"))?.timestamp ?? 0) - round.updatedAt;
    const maxAge = feed.heartbeatSeconds + feed.graceSeconds;
    return age > BigInt(maxAge) ? `its answer is ${age.toString()} s old, at most ${maxAge} are accepted` : undefined;
  });
}

function pairProblems(provider: Provider, { binance }: ChainProfile) {
  if (binance === null) return [];
  return Object.values(binance.pairs).map(({ base, quote }) =>
    ask(provider, `Binance ${base}/${quote}`, binance.registry, REGISTRY_ABI, async (registry) => {
      const details = (await registry.getFunction("getTradingPairDetails").staticCall(base, quote)) as unknown as {
        adapter: string;
      };
      return codeProblem(provider, "its adapter", details.adapter);
    }),
  );
}

function sequencerProblem(provider: Provider, address: string) {
  return ask(provider, "the sequencer's uptime feed", address, FEED_ABI, async (contract) => {
    const round = (await contract.getFunction("latestRoundData").staticCall()) as unknown as { answer: bigint };
    return round.answer === 0n ? undefined : "the sequencer is down";
  });
}
