import { readFileSync } from "node:fs";
import { resolve } from "node:path";

const FOLDER = resolve(__dirname, "../data/pyth");

/** A price of a recorded update; amounts are decimal texts of integers in units of 10^expo. */
export interface RecordedFeed {
  feedId: string;
  price: string;
  conf: string;
  expo: number;
  /** Unix seconds. */
  publishTime: number;
  prevPublishTime: number;
  emaPrice: string;
  emaConf: string;
  proofDepth: number;
}

/** A recorded genuine update, with what it says. */
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
  /** Whether each of its prices is the first at or after the earliest publish time among them. */
  isUniqueAtItsTime: boolean;
}

/** One generation of the network: who signs, and updates recorded while it lasted. */
export interface RecordedNetwork {
  emitterChain: number;
  emitter: string;
  quorum: number;
  /** Addresses in the order of their indices, by the set's index. */
  sets: ReadonlyMap<number, string[]>;
  updates: readonly RecordedUpdate[];
}

interface GuardiansFile {
  emitterChain: number;
  emitter: string;
  quorum: number;
  sets: Record<string, { address: string; hasSigned: boolean }[]>;
}

function readJson<T>(name: string): T {
  return JSON.parse(readFileSync(resolve(FOLDER, name), "utf8")) as T;
}

function readNetwork(name: "former" | "live"): RecordedNetwork {
  const { sets, ...network } = readJson<Record<string, GuardiansFile>>("guardians.json")[name];
  const addresses = Object.entries(sets).map(
    ([index, members]) => [Number(index), members.map(({ address }) => address)] as const,
  );
  return { ...network, sets: new Map(addresses), updates: readJson<RecordedUpdate[]>(`${name}.json`) };
}

/** Until 2026-08-26: 13 of 19 guardians. */
export const FORMER = readNetwork("former");

/** Since then: three of five routers. */
export const LIVE = readNetwork("live");
