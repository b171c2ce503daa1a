import type { HardhatRuntimeEnvironment } from "hardhat/types";
import { formatUsd } from "../../sdk/units";
import { MismatchError, check } from "../demo/errors";
import type { PricePath } from "../demo/path";
import type { Deployment } from "../demo/stage";
import { CarryBook } from "./carry";
import { closeAll } from "./closing";
import { fitGas } from "./gas";
import { Keeper } from "./keeper";
import { openAll } from "./opening";
import type { OpenPosition } from "./opening";
import type { RunOptions } from "./options";
import { populate } from "./population";
import type { Population } from "./population";
import { bandsOf, latenessOf, sumOf } from "./report";
import type { RunReport } from "./report";
import { Scene, TRADER_COUNT } from "./scene";
import { SolvencyWatch, gainUsd, isLedgerClear, liquidityOf } from "./solvency";

/** How much dearer a liquidation may be among ten times as many open positions. */
const MAX_GROWTH = 0.05;

const PROGRESS_SECONDS = 60;

/** Lives through the path with so many open positions, on a deployment on which nothing has happened yet. */
export async function replay(
  hre: HardhatRuntimeEnvironment,
  deployment: Deployment,
  path: PricePath,
  options: RunOptions,
  say: (line: string) => void,
): Promise<RunReport> {
  const population = populate(deployment.profile, options.positions, TRADER_COUNT, options.seed);
  const scene = await Scene.open(hre, deployment, path, population);
  try {
    return await liveThrough(scene, population, options, say);
  } finally {
    await scene.close();
  }
}

async function liveThrough(
  scene: Scene,
  population: Population,
  { positions, latency }: RunOptions,
  say: (line: string) => void,
): Promise<RunReport> {
  const startedAt = Date.now();
  const before = await liquidityOf(scene);
  const open = await openAll(scene, population.plans, (count) => say(`${count} of ${positions} positions open`));
  const keeper = new Keeper(scene, await readBooks(scene, population), open, latency);
  const watch = new SolvencyWatch(scene);
  await watch.read();
  scene.startPath();
  const { seconds } = scene.path;
  for (let second = 0; second < seconds + latency; second++) {
    await watch.tick(await keeper.step(second));
    if (second % PROGRESS_SECONDS !== 0) continue;
    say(`second ${second} of ${seconds}: ${keeper.liquidations.length} liquidated, ${keeper.open.length} open`);
  }
  const ends = await closeAll(scene, keeper.open);
  await watch.read();
  return {
    ...describePopulation(population),
    ...describeKeeper(keeper, open),
    solvency: { ticks: watch.ticks, insolventTicks: watch.insolventTicks, leastFreePips: Number(watch.leastFreePips) },
    survivors: { closed: ends.closed, liquidatedByTheirClose: ends.liquidated },
    vaultProfitUsd: formatUsd(await gainUsd(scene, before), 6),
    ledgerBalanced: await isLedgerClear(scene),
    wallSeconds: (Date.now() - startedAt) / 1_000,
  };
}

async function readBooks(scene: Scene, { plans }: Population): Promise<Map<number, CarryBook>> {
  const books = new Map<number, CarryBook>();
  for (const { bookId, book } of plans) {
    if (!books.has(bookId)) books.set(bookId, await CarryBook.read(scene.desk.system.tradingRecords, bookId, book));
  }
  return books;
}

function describePopulation({ plans, raisedCaps }: Population) {
  const long = plans.filter(({ isLong }) => isLong).length;
  return {
    positions: plans.length,
    long,
    short: plans.length - long,
    distinctLeverages: new Set(plans.map(({ leverage }) => leverage)).size,
    marginTokens: [...new Set(plans.map(({ token }) => token.symbol))],
    raisedCaps: raisedCaps.map(({ bookId, maxOpenInterestUsd }) => ({
      bookId,
      maxOpenInterestUsd: formatUsd(maxOpenInterestUsd),
    })),
  };
}

function describeKeeper({ liquidations, batches, missed, skipped }: Keeper, opened: readonly OpenPosition[]) {
  return {
    liquidations: liquidations.length,
    clamped: liquidations.filter(({ isClamped }) => isClamped).length,
    missedCrossings: missed,
    skippedAttempts: skipped,
    ticksLate: latenessOf(liquidations, ({ tick, crossing }) => tick - crossing),
    secondsLate: latenessOf(liquidations, ({ block, crossing }) => block - crossing),
    bands: bandsOf(opened, liquidations),
    badDebtUsd: formatUsd(
      sumOf(liquidations, ({ badDebtUsd }) => badDebtUsd),
      6,
    ),
    rewardUsd: formatUsd(
      sumOf(liquidations, ({ rewardUsd }) => rewardUsd),
      6,
    ),
    gas: fitGas(batches),
  };
}

/** The vault was solvent throughout, the ledger balances, and more open positions do not make a liquidation dearer. */
export function judge(runs: readonly RunReport[]): void {
  for (const { positions, solvency, ledgerBalanced } of runs) {
    const name = `with ${positions} positions`;
    check(`${name}: insolvent ticks`, BigInt(solvency.insolventTicks), 0n);
    check(`${name}: the ledger balances at the end`, ledgerBalanced, true);
  }
  const [small, large] = runs;
  if (large === undefined || large.gas.perPosition <= small.gas.perPosition * (1 + MAX_GROWTH)) return;
  throw new MismatchError(
    `gas of one more liquidation with ${large.positions} positions`,
    large.gas.perPosition.toFixed(0),
    `at most ${MAX_GROWTH * 100}% more than the ${small.gas.perPosition.toFixed(0)} with ${small.positions}`,
  );
}
