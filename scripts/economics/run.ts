/**
 * The attacks on one chain: `ASTERISM_CHAIN=bnb hardhat run scripts/economics/run.ts`, which `scripts/economics.ts` does. The
 * options come as JSON in ASTERISM_ECONOMICS.
 */
import hre from "hardhat";
import { ModelMismatchError } from "../../kit/pro/told";
import { InputError, MismatchError } from "../demo/errors";
import type { PricePath } from "../demo/path";
import { deployOnStage } from "../demo/stage";
import type { Deployment } from "../demo/stage";
import { ExplainedError, runMain } from "../lib/main";
import { randomOf } from "../risk/random";
import { PRO_STAGE } from "./pro";
import { OPTIONS_VARIABLE, decodeEconomicsOptions } from "./options";
import type { EconomicsOptions } from "./options";
import { brokenBounds, toTable, writeEconomicsReport } from "./report";
import type { EconomicsReport, PlayedWindow, StrategyReport } from "./report";
import { summarise } from "./statistics";
import type { Stage, Strategy } from "./strategy";
import { VAULT_STAGE } from "./vault";
import { drawWindow, wholePath } from "./windows";

/** What a strategy has come to so far. */
interface Tally {
  readonly strategy: Pick<Strategy<never>, "id" | "title" | "bound">;
  readonly played: PlayedWindow[];
  without: number;
}

async function main(): Promise<void> {
  const startedAt = Date.now();
  const options = decodeEconomicsOptions(process.env[OPTIONS_VARIABLE]);
  const path = wholePath(options.isGenerated, options.seed);
  const deployment = await deployOnStage(hre);
  const { profile, ground } = deployment;
  if (ground !== "replica")
    throw new InputError("bad-options", "the attacks run on the embedded replica, not on a fork");
  console.log(`${profile.name}; ${path.description}, ${path.seconds} seconds`);
  const run = new Run(path, options, startedAt);
  const share = VAULT_STAGE.strategies.length / (VAULT_STAGE.strategies.length + PRO_STAGE.strategies.length);
  await run.stage(deployment, VAULT_STAGE, share);
  await run.stage(deployment, PRO_STAGE, 1);
  if (run.tallies.length === 0) throw new InputError("bad-options", "strategies: none of these is known");
  const report: EconomicsReport = {
    ...{ chain: profile.name, prices: path.description, seed: options.seed },
    seconds: Math.round((Date.now() - startedAt) / 1_000),
    strategies: run.tallies.map((tally) => reportOf(tally, options.seed)),
  };
  console.log(`\n${toTable(report)}\n\nwritten: ${writeEconomicsReport(options.reports, report)}`);
  const broken = brokenBounds(report);
  if (broken.length > 0) throw new ExplainedError(broken.join("\n"));
}

/** All windows of all strategies: each strategy's first, then each one's second, so that whatever is cut short is so alike. */
class Run {
  readonly tallies: Tally[] = [];

  constructor(
    private readonly path: PricePath,
    private readonly options: EconomicsOptions,
    private readonly startedAt: number,
  ) {}

  /** Begins no window once that share of the time is over. */
  async stage<Ground>(deployment: Deployment, { prepare, strategies }: Stage<Ground>, share: number): Promise<void> {
    const { minutes, seed, strategies: wanted, windows } = this.options;
    const until = minutes === null ? Infinity : this.startedAt + share * minutes * 60_000;
    const chosen = strategies.filter(({ id }) => wanted.length === 0 || wanted.includes(id));
    if (chosen.length === 0) return;
    const { provider } = hre.network;
    const untouched: unknown = await provider.send("evm_snapshot", []);
    const ground = await prepare(hre, deployment, this.path.at(0).priceX10);
    let prepared: unknown = await provider.send("evm_snapshot", []);
    const tallies = chosen.map((strategy): Tally => ({ strategy, played: [], without: 0 }));
    this.tallies.push(...tallies);
    for (let number = 0; number < windows && (number === 0 || Date.now() < until); number++) {
      const window = drawWindow(this.path, seed, number);
      for (const [index, strategy] of chosen.entries()) {
        const random = randomOf(seed, number, Number(strategy.id.slice(1)), strategy.id.charCodeAt(0));
        const played = await strategy.play(ground, { window, random }).catch((error: unknown) => {
          throw new Error(`${strategy.id}, window ${number}`, { cause: error });
        });
        if (played === undefined) tallies[index].without += 1;
        else tallies[index].played.push({ from: window.from, isViolent: window.isViolent, ...played });
        await provider.send("evm_revert", [prepared]);
        prepared = await provider.send("evm_snapshot", []);
      }
      console.log(`  window ${number + 1} of ${windows}`);
    }
    await provider.send("evm_revert", [untouched]);
  }
}

function reportOf({ played, strategy, without }: Tally, seed: number): StrategyReport {
  const { bound, id, title } = strategy;
  return { id, title, bound, summary: summarise(played, seed) ?? null, without, windows: played };
}

runMain(main, [MismatchError, ModelMismatchError]);
