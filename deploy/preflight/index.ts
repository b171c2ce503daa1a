import type { AssetKey, ChainProfile } from "../profiles";
import { atlasSource, chainlinkSource, registrySource, usedAssets } from "../sources";
import type { PushSourceProfile } from "../sources";
import { agreementProblems } from "./agreement";
import type { ChainReader } from "./contracts";
import { readSource } from "./feeds";
import type { SourceReading } from "./feeds";
import { readPyth } from "./pyth";
import { sequencerProblems } from "./sequencer";
import { tokenProblems, wrappedNativeProblems } from "./tokens";

export { delegateOf } from "./contracts";
export type { ChainReader } from "./contracts";

/** What the chain says of a profile. */
export interface Preflight {
  /** What speaks against deploying: what was found, and what would be right. Empty where the profile fits the chain. */
  problems: string[];
  /** What is worth knowing and stops nothing. */
  remarks: string[];
  /** The profile with the choice between Atlas and the registry made. */
  profile: ChainProfile;
}

/**
 * Holds a profile against its chain before anything is sent: every push source is read by the code of the aggregator and as a
 * contract, compared with the other prices of its asset and with its own history; Pyth's ids with the prices stored under
 * them; tokens with their names and decimals; and the wrapped native coin is wrapped and unwrapped.
 */
export async function preflight(reader: ChainReader, profile: ChainProfile): Promise<Preflight> {
  const { chainId } = await reader.getNetwork();
  if (chainId !== BigInt(profile.chainId)) {
    const problem = `the profile is for chain ${profile.chainId}, the network is chain ${chainId.toString()}`;
    return { problems: [problem], remarks: [], profile };
  }
  const block = (await reader.send("eth_getBlockByNumber", ["latest", false])) as { timestamp: string };
  const now = Number(block.timestamp);
  const pyth = await readPyth(reader, profile, now);
  const tokens = await Promise.all(profile.tokens.map((token) => tokenProblems(reader, token)));
  const wrapped = await wrappedNativeProblems(reader, profile);
  const sequencer = profile.sequencer === null ? [] : await sequencerProblems(reader, profile.sequencer, now);

  const choices = await Promise.all(usedAssets(profile).map((asset) => chooseSources(reader, profile, asset, now)));
  const readings = choices.flatMap((choice) => choice.readings);
  const compared = choices.flatMap((choice) => choice.compared);
  const disagreements = agreementProblems(profile, compared, pyth.readings);
  const problems = [
    ...pyth.problems,
    ...tokens.flat(),
    ...wrapped,
    ...sequencer,
    ...readings.flatMap((reading) => reading.problems),
    ...choices.flatMap((choice) => choice.problems),
    ...disagreements,
  ];
  const remarks = [
    ...choices.flatMap((choice) => choice.remarks),
    ...readings.flatMap((reading) => reading.remarks),
    ...pyth.remarks,
  ];
  const registryAssets = choices.filter(({ isByRegistry }) => isByRegistry).map(({ asset }) => asset);
  const { binance } = profile;
  return { problems, remarks, profile: { ...profile, binance: binance && { ...binance, registryAssets } } };
}

/** The problems alone. */
export async function problemsOf(reader: ChainReader, profile: ChainProfile): Promise<string[]> {
  return (await preflight(reader, profile)).problems;
}

interface Choice {
  asset: AssetKey;
  /** The sources that the deployment will have. */
  readings: SourceReading[];
  /** What is compared with each other: the same, and the registry where neither it nor Atlas will do. */
  compared: SourceReading[];
  isByRegistry: boolean;
  /** Beyond those of the readings. */
  problems: string[];
  remarks: string[];
}

/** Chainlink, and Binance by Atlas, or by the registry where Atlas fails and the registry does not. */
async function chooseSources(
  reader: ChainReader,
  profile: ChainProfile,
  asset: AssetKey,
  now: number,
): Promise<Choice> {
  const read = async (source: PushSourceProfile | undefined) =>
    source === undefined ? undefined : readSource(reader, asset, source, now);
  const chainlink = await read(chainlinkSource(profile, asset));
  const atlas = await read(atlasSource(profile, asset));
  const anchors = chainlink === undefined ? [] : [chainlink];
  const choice = { asset, isByRegistry: false, problems: [], remarks: [] };
  if (atlas === undefined) return { ...choice, readings: anchors, compared: anchors };

  const against = (binance: SourceReading) => [
    ...binance.problems,
    ...agreementProblems(profile, [...anchors, binance], []),
  ];
  const againstAtlas = against(atlas);
  const readings = [...anchors, atlas];
  if (againstAtlas.length === 0) {
    return { ...choice, readings, compared: readings, remarks: [`Binance's price of ${asset} comes from Atlas`] };
  }
  const registry = await read(registrySource(profile, asset));
  if (registry === undefined) return { ...choice, readings, compared: readings };
  if (against(registry).length === 0) {
    const remark = `Binance's price of ${asset} comes from the registry: ${againstAtlas.join("; ")}`;
    const chosen = [...anchors, registry];
    return { ...choice, readings: chosen, compared: chosen, isByRegistry: true, remarks: [remark] };
  }
  // Neither will do, or what they are compared with is wrong.
  return { ...choice, readings, compared: [...readings, registry], problems: registry.problems };
}
