/** Everything that a keeper is told, checked before it begins: each message says what to write. */
import { readFileSync } from "node:fs";
import { chains } from "@asterism/sdk";
import type { ChainKey } from "@asterism/sdk";
import { parseUnits } from "ethers";
import { z } from "zod";

const KEYS = Object.keys(chains) as [ChainKey, ...ChainKey[]];

const url = (what: string, example: string, protocols = /^https?:$/) =>
  z.string().refine((text) => URL.canParse(text) && protocols.test(new URL(text).protocol), {
    error: ({ input }) => `"${shown(input)}" is no address of ${what}: write one such as ${example}`,
  });
const decimal = (pattern: RegExp, error: string) => z.string({ error }).regex(pattern, { error });
const gwei = (what: string) =>
  decimal(/^\d+(\.\d{1,9})?$/, `${what}: write gwei as text, such as "0.5"`).transform((text) =>
    parseUnits(text, "gwei"),
  );
const dollars = (what: string) =>
  decimal(/^-?\d+(\.\d{1,18})?$/, `${what}: write dollars as text, such as "0.05"`).transform((text) =>
    parseUnits(text, 18),
  );
const listOf = <Item extends z.ZodType>(item: Item, error: string) => z.array(item, { error }).min(1, { error });
const whole = (what: string, least: number, most: number) =>
  z
    .number({ error: `${what}: write a whole number from ${least} to ${most}` })
    .int({ error: `${what}: write a whole number from ${least} to ${most}` })
    .min(least, { error: `${what}: write at least ${least}` })
    .max(most, { error: `${what}: write at most ${most}` });

const endpoint = z.union([
  url("a price service", "https://hermes.pyth.network"),
  z.strictObject({ url: url("a price service", "https://hermes.pyth.network"), key: z.string().min(1).optional() }),
]);

export const configSchema = z.strictObject({
  chain: z.enum(KEYS, { error: `chain: write ${KEYS.join(" or ")}` }),
  rpc: listOf(
    url("a node", "http://127.0.0.1:8545", /^(https?|wss?):$/),
    "rpc: write a list of at least one node's address; with two, each is checked against the other",
  ),
  hermes: listOf(endpoint, "hermes: write a list of at least one price service's address"),
  /** The record of a deployment, by its path or as it is; the one that the SDK knows by default. */
  deployment: z.union([z.string(), z.looseObject({})]).optional(),
  /** The key that signs; not needed for a dry run. */
  privateKey: z
    .string()
    .regex(/^0x[0-9a-fA-F]{64}$/, { error: "the private key is 0x and 64 hexadecimal digits: set ASTERISM_KEEPER_KEY" })
    .optional(),
  /** Where the state is kept over restarts; nowhere by default: it is read from the contracts each time. */
  state: z.string().min(1).optional(),
  /** Signs and sends nothing; tells what it would send. */
  dryRun: z.boolean().default(false),
  pollMs: whole("pollMs", 50, 60_000).default(400),
  rpcTimeoutMs: whole("rpcTimeoutMs", 100, 120_000).default(5_000),
  /** Blocks of one question for events. */
  pageBlocks: whole("pageBlocks", 1, 100_000).default(1_000),
  /** A state that is older is read from the contracts anew. */
  replayBlocks: whole("replayBlocks", 1, 10_000_000).default(50_000),
  storeSeconds: whole("storeSeconds", 1, 3_600).default(30),
  /** Blocks that a node may be behind another. */
  maxLagBlocks: whole("maxLagBlocks", 1, 10_000).default(10),
  /** The chain's latest block may be so much older, or younger, than the clock on the wall. */
  maxDriftSeconds: whole("maxDriftSeconds", 1, 3_600).default(20),
  /** The stream of prices may be silent for so long. */
  silenceMs: whole("silenceMs", 500, 120_000).default(5_000),
  batch: z
    .strictObject({
      maxItems: whole("batch.maxItems", 1, 200).default(40),
      maxTicks: whole("batch.maxTicks", 1, 50).default(6),
      maxGas: whole("batch.maxGas", 2_000_000, 200_000_000).default(20_000_000),
    })
    .prefault({}),
  /** The order book. */
  pro: z
    .strictObject({
      /** Whether it is kept. */
      isKept: z.boolean({ error: "pro.isKept: write true or false" }).default(true),
      /** Whether grids are rolled. */
      rollsGrids: z.boolean({ error: "pro.rollsGrids: write true or false" }).default(true),
      /** Scopes and triggers, or grids, of one transaction. */
      maxItems: whole("pro.maxItems", 1, 40).default(8),
      /** What may be lost on a call that pays nobody and without which nobody is paid later: a distress that is noted, a loss shared. */
      dutyUsd: dollars("pro.dutyUsd").prefault("0.5"),
      /** After which every scope with a position is read again: funding moves it meanwhile. */
      rereadSeconds: whole("pro.rereadSeconds", 10, 3_600).default(300),
    })
    .prefault({}),
  fees: z
    .strictObject({
      maxFeeGwei: gwei("fees.maxFeeGwei").prefault("50"),
      minTipGwei: gwei("fees.minTipGwei").prefault("0"),
      maxTipGwei: gwei("fees.maxTipGwei").prefault("5"),
      /** Share of the profit that is bid for a place in the block. */
      bidShare: z.number().min(0).max(1, { error: "fees.bidShare: write a share from 0 to 1" }).default(0.1),
      /** Least profit of a batch. */
      minProfitUsd: dollars("fees.minProfitUsd").prefault("0"),
      /** What may be lost on a thing that has to be done and is not paid for: a cancellation, a close that is refused. */
      dutyUsd: dollars("fees.dutyUsd").prefault("0.05"),
    })
    .prefault({}),
  send: z
    .strictObject({
      maxInFlight: whole("send.maxInFlight", 1, 64).default(8),
      stuckSeconds: whole("send.stuckSeconds", 1, 3_600).default(8),
      privateRpc: url("a node for private transactions", "https://…").optional(),
      privatePatienceSeconds: whole("send.privatePatienceSeconds", 1, 3_600).default(3),
    })
    .prefault({}),
  /** This keeper's part where several run: it takes up the others' work later. */
  share: z
    .strictObject({
      index: whole("share.index", 0, 999),
      count: whole("share.count", 1, 1_000),
      patienceMs: whole("share.patienceMs", 0, 30_000).default(1_500),
    })
    .refine(({ index, count }) => index < count, { error: "share: write an index below the count, such as 0 of 2" })
    .optional(),
  /** Port of health and metrics; none by default. */
  metricsPort: whole("metricsPort", 0, 65_535).optional(),
  metricsHost: z.string().default("127.0.0.1"),
  logLevel: z.enum(["fatal", "error", "warn", "info", "debug", "trace"]).default("info"),
});

export type KeeperConfig = z.output<typeof configSchema>;
export type KeeperConfigInput = z.input<typeof configSchema>;

/** Something in the configuration is not as it has to be; a line for each thing. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join("\n"));
    this.name = "ConfigError";
  }
}

/** Throws {@link ConfigError}. */
export function readConfig(input: unknown): KeeperConfig {
  const parsed = configSchema.safeParse(input);
  if (!parsed.success) {
    throw new ConfigError(
      parsed.error.issues.map((issue) => {
        const path = issue.path.join(".");
        if (issue.code === "unrecognized_keys") {
          return `${path === "" ? "" : `${path}: `}no setting is called ${issue.keys.join(", ")}`;
        }
        return path === "" || issue.message.startsWith(path) ? issue.message : `${path}: ${issue.message}`;
      }),
    );
  }
  if (parsed.data.privateKey === undefined && !parsed.data.dryRun) {
    throw new ConfigError(["no key signs: set ASTERISM_KEEPER_KEY to a private key, or ask for a dry run"]);
  }
  return parsed.data;
}

/** The JSON of a file; throws {@link ConfigError}. */
export function readJson(path: string, what: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new ConfigError([`${what}: ${path} can't be read (${(error as Error).message})`]);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ConfigError([`${what}: ${path} is no JSON (${(error as Error).message})`]);
  }
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
