import { Command } from "commander";
import { z } from "zod";
import { PROFILES } from "../../deploy/profiles";
import type { PredictionPeriodProfile } from "../../deploy/profiles";
import { tokens } from "../../sdk/units";
import { InputError } from "../demo/errors";
import { parseChain, parseWhole } from "../demo/options";
import type { ChainKey } from "../demo/options";

/** Under this name the parent process hands the bets to the process of the chain. */
export const BETS_VARIABLE = "ASTERISM_SIMULATE";

export const MAX_BETS = 100_000;
/** Each takes a request, a strike and a settlement on the embedded chain. */
export const MAX_ON_CHAIN = 50;

const MARKET = "BTC";
const SYMBOL = "USDT";

export interface SimulateOptions {
  bets: number;
  seed: number;
  prices?: string;
  period: number;
  /** Whole tokens. */
  stake: string;
  chain: ChainKey;
  /** So many of the bets are run on the embedded chain too. */
  check: number;
  reports: string;
}

/** What a bet is, on the chain chosen. */
export interface BetTerms {
  symbol: string;
  decimals: number;
  stake: bigint;
  periodSeconds: number;
  payoutPips: bigint;
  delaySeconds: number;
  executionFeeUsd: bigint;
}

export function parseOptions(argv: readonly string[]): SimulateOptions {
  const program = new Command("simulate")
    .description("Plays bets on a price path and shows what players and LPs make of it.")
    .option("--bets <number>", `how many, up to ${MAX_BETS}`, parseWhole, 1_000)
    .option("--seed <number>", "seed of the generated path, the moments and the directions", parseWhole, 1)
    .option("--prices <file>", "recorded path of BTC instead: CSV of unix_timestamp,open,high,low,close")
    .option("--period <seconds>", "one of the periods offered", parseWhole, 300)
    .option("--stake <amount>", `of each bet, in ${SYMBOL}`, "100")
    .option("--chain <chain>", "whose configuration", parseChain, "bnb")
    .option(
      "--check <number>",
      `how many of the bets to run on the embedded chain, up to ${MAX_ON_CHAIN}`,
      parseWhole,
      6,
    )
    .option("--reports <folder>", "where to write simulate.json and simulate.svg", "reports")
    .exitOverride();
  const options = program.parse([...argv], { from: "user" }).opts<SimulateOptions>();
  requireRange("--bets", options.bets, 1, MAX_BETS);
  requireRange("--check", options.check, 0, MAX_ON_CHAIN);
  termsOf(options);
  return options;
}

/** Throws {@link InputError} for a period that is not offered and a stake out of range. */
export function termsOf({ chain, period, stake }: Pick<SimulateOptions, "chain" | "period" | "stake">): BetTerms {
  const profile = PROFILES.find(({ key }) => key === chain)!;
  const { periods } = profile.prediction.markets.find(({ assetKey }) => assetKey === MARKET)!;
  const { decimals } = profile.tokens.find(({ symbol }) => symbol === SYMBOL)!;
  const limits = profile.prediction.stakeTokens.find(({ symbol }) => symbol === SYMBOL)!;
  const amount = parseStake(stake, decimals);
  if (amount < limits.minStake || amount > limits.maxStake) {
    const [least, most] = [limits.minStake, limits.maxStake].map((bound) => bound / 10n ** BigInt(decimals));
    throw new InputError("bad-number", `--stake ${stake} is not between ${least} and ${most} ${SYMBOL}`);
  }
  return {
    symbol: SYMBOL,
    decimals,
    stake: amount,
    periodSeconds: period,
    payoutPips: BigInt(offered(periods, period).payoutPips),
    delaySeconds: profile.prediction.executionDelaySeconds,
    executionFeeUsd: profile.execution.executionFeeUsd,
  };
}

function offered(periods: readonly PredictionPeriodProfile[], period: number): PredictionPeriodProfile {
  const found = periods.find(({ periodSeconds }) => periodSeconds === period);
  if (found !== undefined) return found;
  const all = periods.map(({ periodSeconds }) => periodSeconds).join(", ");
  throw new InputError("bad-number", `--period ${period} is not offered on ${MARKET}: ${all}`);
}

function parseStake(text: string, decimals: number): bigint {
  try {
    return tokens(text, decimals);
  } catch {
    throw new InputError("bad-number", `--stake "${text}" is not an amount of at most ${decimals} decimals`);
  }
}

function requireRange(name: string, value: number, least: number, most: number): void {
  if (value < least || value > most) {
    throw new InputError("bad-number", `${name} ${value} is not between ${least} and ${most}`);
  }
}

const chainSchema = z.array(
  z.object({
    ...{ isUp: z.boolean(), strike: z.string(), settlement: z.string(), stake: z.string() },
    ...{ periodSeconds: z.number(), paid: z.string() },
  }),
);

/** A bet that the embedded chain is to repeat: numbers as strings, `paid` is what the model pays its owner. */
export type ChainBet = z.infer<typeof chainSchema>[number];

export function encodeBets(bets: readonly ChainBet[]): string {
  return JSON.stringify(bets);
}

export function decodeBets(text: string | undefined): ChainBet[] {
  try {
    return chainSchema.parse(JSON.parse(text ?? "null"));
  } catch (error) {
    throw new InputError("bad-options", `${BETS_VARIABLE}: ${error instanceof Error ? error.message : "unreadable"}`);
  }
}
