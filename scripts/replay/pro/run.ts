/**
 * The replay of Pro on one chain: `ASTERISM_CHAIN=bnb hardhat run scripts/replay/pro/run.ts`, which `scripts/replay-pro.ts`
 * does. The options come as JSON in ASTERISM_PRO_REPLAY.
 */
import hre from "hardhat";
import { ModelMismatchError } from "../../../kit/pro/told";
import { InputError, MismatchError } from "../../demo/errors";
import { deployOnStage } from "../../demo/stage";
import { runMain } from "../../lib/main";
import { OPTIONS_VARIABLE, decodeProOptions } from "./options";
import { replayPro } from "./replay";
import { plotRun, toTable, writePlot, writeProReport } from "./report";
import type { ProReplayReport } from "./report";
import { readProWindow } from "./windows";

async function main(): Promise<void> {
  const options = decodeProOptions(process.env[OPTIONS_VARIABLE]);
  const deployment = await deployOnStage(hre);
  const { profile, ground } = deployment;
  if (ground !== "replica")
    throw new InputError("bad-options", "the replay runs on the embedded replica, not on a fork");
  const report: ProReplayReport = {
    chainId: profile.chainId,
    chain: profile.name,
    token: profile.pro.settlementSymbol,
    seed: options.seed,
    latencySeconds: options.latency,
    traders: options.traders,
    runs: [],
  };
  const runs = options.crashes.flatMap((crash) => options.depths.map((depth) => ({ crash, depth })));
  for (const { crash, depth } of runs) {
    const window = readProWindow(crash, options);
    console.log(`\n${profile.name}; ${window.description}, ${window.seconds} seconds, makers quote ${depth}%`);
    const fresh: unknown = await hre.network.provider.send("evm_snapshot", []);
    const run = await replayPro(hre, deployment, window, { ...options, depth }, (line) => console.log(`  ${line}`));
    report.runs.push(run.report);
    console.log(`\n${toTable(report)}\n`);
    console.log(`written: ${writeProReport(options.reports, report)}`);
    console.log(`written: ${writePlot(options.reports, run.report, plotRun(run.report, run.samples))}`);
    await hre.network.provider.send("evm_revert", [fresh]);
  }
}

runMain(main, [MismatchError, ModelMismatchError]);
