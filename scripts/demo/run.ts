/**
 * The demonstration on one chain: `ASTERISM_CHAIN=bnb hardhat run scripts/demo/run.ts`, which `scripts/demo.ts` does for
 * each chain. The options come as JSON in ASTERISM_DEMO.
 */
import hre from "hardhat";
import { ASSET_KEYS } from "../../deploy/profiles";
import type { System } from "../../deploy/deploySystem";
import { assetIdOf } from "../../deploy/arguments/oracle";
import { ModelMismatchError } from "../../kit/pro/told";
import { formatPrice } from "../../sdk/units";
import { runMain } from "../lib/main";
import { MismatchError, PathError } from "./errors";
import { Narrator } from "./narrator";
import { OPTIONS_VARIABLE, decodeOptions } from "./options";
import { readPath } from "./path";
import { writeReport } from "./report";
import type { LiveReport } from "./report";
import { Stage, deployOnStage } from "./stage";
import type { Deployment } from "./stage";
import { tellStory } from "./story";

const GROUNDS = {
  replica: "the embedded replica",
  fork: "a fork, with the stand-ins found there",
  live: "a fork, with the real contracts",
} as const;

async function main(): Promise<void> {
  const options = decodeOptions(process.env[OPTIONS_VARIABLE]);
  const path = readPath(options);
  const narrator = new Narrator((line) => console.log(line));
  const deployment = await deployOnStage(hre);
  const { profile, ground } = deployment;
  narrator.title(`${profile.name}, chain ${profile.chainId}: ${GROUNDS[ground]}`);
  narrator.say(`prices: ${path.description}, ${path.seconds} seconds${startOf(path.recordedFrom)}`);
  narrator.begin("The system is deployed and handed over to its governance");
  for (const [name, contract] of Object.entries(deployment.system)) {
    narrator.row(name, await (contract as System[keyof System]).getAddress());
  }
  const report =
    ground === "live"
      ? await readFeeds(deployment, narrator)
      : await tellStory(await Stage.open(hre, deployment, path), narrator, ground);
  console.log(`\n   written: ${writeReport(options.reports, profile.key, report)}\n`);
}

function startOf(recordedFrom: number | null): string {
  return recordedFrom === null ? "" : ` from ${new Date(recordedFrom * 1_000).toISOString()}`;
}

/** Nobody can sign for the real Pyth here: the deployment is shown to read the real feeds, and that is all. */
async function readFeeds(deployment: Deployment, narrator: Narrator): Promise<LiveReport> {
  const { profile, system } = deployment;
  narrator.begin("What the real feeds say");
  const prices: LiveReport["prices"] = {};
  for (const key of ASSET_KEYS) {
    if ((await system.priceAggregator.sourceCount(assetIdOf(key))) === 0n) continue;
    const { mid, fresh } = await system.priceAggregator.pushPrice(assetIdOf(key));
    prices[key] = formatPrice(mid);
    narrator.row(key, `${formatPrice(mid)} USD, ${fresh.toString()} fresh`);
  }
  return { chainId: profile.chainId, chain: profile.name, ground: "live", prices };
}

runMain(main, [PathError, MismatchError, ModelMismatchError]);
