/**
 * The replay on one chain: `ASTERISM_CHAIN=bnb hardhat run scripts/replay/run.ts`, which `scripts/replay.ts` does. The
 * options come as JSON in ASTERISM_REPLAY.
 */
import hre from "hardhat";
import { formatPrice } from "../../sdk/units";
import { InputError, MismatchError } from "../demo/errors";
import type { PricePath } from "../demo/path";
import { deployOnStage } from "../demo/stage";
import { runMain } from "../lib/main";
import { REPORT_SECONDS } from "./feeds";
import { OPTIONS_VARIABLE, decodeOptions } from "./options";
import { judge, replay } from "./replay";
import { toTable, writeReport } from "./report";
import type { ReplayReport } from "./report";
import { readWindow } from "./window";

async function main(): Promise<void> {
  const options = decodeOptions(process.env[OPTIONS_VARIABLE]);
  const path = readWindow(options);
  const deployment = await deployOnStage(hre);
  const { profile, ground } = deployment;
  if (ground !== "replica")
    throw new InputError("bad-options", "the replay runs on the embedded replica, not on a fork");
  console.log(`${profile.name}; ${describePath(path)}`);
  const prices = path.approximate;
  const report: ReplayReport = {
    chainId: profile.chainId,
    chain: profile.name,
    prices: path.description,
    recordedFrom: path.recordedFrom,
    seconds: path.seconds,
    lowest: (Math.min(...prices) / 1e10).toFixed(2),
    highest: (Math.max(...prices) / 1e10).toFixed(2),
    latencySeconds: options.latency,
    feedReportSeconds: REPORT_SECONDS,
    runs: [],
  };
  for (const positions of [options.positions, options.large]) {
    if (positions === 0) continue;
    const fresh: unknown = await hre.network.provider.send("evm_snapshot", []);
    console.log(`\n${positions} positions`);
    report.runs.push(
      await replay(hre, deployment, path, { ...options, positions }, (line) => console.log(`  ${line}`)),
    );
    console.log(`\n${toTable(report)}\n\nwritten: ${writeReport(options.reports, report)}`);
    await hre.network.provider.send("evm_revert", [fresh]);
  }
  judge(report.runs);
}

function describePath(path: PricePath): string {
  const from = path.recordedFrom === null ? "" : ` from ${new Date(path.recordedFrom * 1_000).toISOString()}`;
  const [first, last] = [path.at(0), path.at(path.seconds - 1)].map(({ priceX10 }) => formatPrice(priceX10, 2));
  return `${path.description}, ${path.seconds} seconds${from}: ${first} to ${last} USD`;
}

runMain(main, [MismatchError]);
