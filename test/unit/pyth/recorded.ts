import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const folder = join(process.env.ASTERISM_SHARED ?? resolve(__dirname, "../../../../shared"), "data", "pyth");

/** A feed of a recorded update. */
export interface RecordedFeed {
  feedId: string;
  price: string;
  conf: string;
  expo: number;
  publishTime: number;
  prevPublishTime: number;
  emaPrice: string;
  emaConf: string;
  proofDepth: number;
}

/** A recorded genuine update. */
export interface RecordedUpdate {
  payload: string;
  bytes: number;
  guardianSetIndex: number;
  signatures: number;
  vaaTimestamp: number;
  emitterChain: number;
  emitterAddress: string;
  sequence: string;
  slot: string;
  merkleRoot: string;
  feeds: RecordedFeed[];
  acceptedByRealContract: boolean;
  acceptedByParseUniqueAtMinPublishTime: boolean;
}

/** Recorded updates and the addresses of the guardian sets that signed them. */
export interface Recording {
  updates: RecordedUpdate[];
  guardianSets: Map<number, string[]>;
}

interface GuardianSetsFile {
  sets: Record<string, { index: number; address: string }[]>;
}

function readJson<T>(name: string): T {
  return JSON.parse(readFileSync(join(folder, name), "utf8")) as T;
}

/** The recorded updates, or undefined where they are not at hand. */
export function readRecording(): Recording | undefined {
  if (!["recorded_updates.json", "guardian_sets.json"].every((name) => existsSync(join(folder, name))))
    return undefined;
  const { updates } = readJson<{ updates: RecordedUpdate[] }>("recorded_updates.json");
  const { sets } = readJson<GuardianSetsFile>("guardian_sets.json");
  const guardianSets = new Map(
    Object.entries(sets).map(([index, members]) => {
      const ordered = [...members].sort((a, b) => a.index - b.index);
      return [Number(index), ordered.map(({ address }) => address)];
    }),
  );
  return { updates, guardianSets };
}
