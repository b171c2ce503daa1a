import type { HardhatRuntimeEnvironment } from "hardhat/types";
import type { ProDesk } from "../../../kit/pro/ProDesk";
import { QUOTE, bookedCollateral, brokenInvariants, openInterest, scopeHealth } from "../../../sdk/model/pro";
import { check } from "../../demo/errors";
import type { Deployment } from "../../demo/stage";
import { ProKeepers } from "./keeper";
import { Maker, TIGHT, WIDE } from "./makers";
import type { ProRunOptions } from "./options";
import type { ProRunReport, Sample } from "./report";
import { describeRun } from "./report";
import { ProScene } from "./scene";
import { Crowd, openPositions, planPositions } from "./traders";
import type { Opened, Plan } from "./traders";
import type { Window } from "./windows";

/** Positions of the owners among the network's signers: each trader's account is a sub-account of one of them. */
const [FIRST_MAKER, FIRST_OWNER, OWNERS] = [10, 12, 7];
const KEEPER = 9;
const CROWD = 7;
/** Quote that each maker and each of the crowd brings. */
const MAKER_CASH = 3_000_000n * QUOTE;
const CROWD_CASH = 50_000n * QUOTE;
/** What a fund may pay counts from what it held when the day began; by then the guard has forgotten the first distance. */
const DAY_SECONDS = 86_400;
const CALM_SECONDS = 7_200;
/** After the last second prices stand still, and what is due comes to its end. */
const AFTERMATH_SECONDS = 120;
const PROGRESS_SECONDS = 60;

interface Cast {
  readonly makers: readonly number[];
  readonly traders: readonly number[];
  readonly crowd: readonly number[];
  readonly keeper: number;
}

/** Everybody who lives through the window, on the scene. */
export interface Company {
  readonly scene: ProScene;
  readonly makers: readonly Maker[];
  readonly crowd: Crowd;
  readonly keepers: ProKeepers;
  readonly plans: readonly Plan[];
  readonly opening: Opened;
}

/** What a run came to, and where everything stood after each second. */
export interface ProRun {
  readonly report: ProRunReport;
  readonly samples: readonly Sample[];
}

/** Lives through a window, on a deployment in whose Pro nothing has happened yet. */
export async function replayPro(
  hre: HardhatRuntimeEnvironment,
  deployment: Deployment,
  window: Window,
  options: ProRunOptions,
  say: (line: string) => void,
): Promise<ProRun> {
  const startedAt = Date.now();
  const pro = await ProScene.desk(hre, deployment, window);
  const markets = [...window.paths.keys()].map((asset) => pro.marketOf(asset));
  const plans = planPositions(markets, options.traders, options.seed);
  const cast = await enrol(hre, pro, markets, plans, options);
  say(`${pro.ids.length} accounts`);
  const scene = await ProScene.start(hre, pro, window);
  try {
    const company = await assemble(scene, cast, plans, options);
    say(`${company.opening.opened} of ${plans.length} positions open`);
    const samples = await liveThrough(company, options, say);
    const report = describeRun(company, options, samples, (Date.now() - startedAt) / 1_000);
    check("what differs from the model", (await pro.differences()).join("; "), "");
    return { report, samples };
  } finally {
    await scene.close();
  }
}

async function enrol(
  hre: HardhatRuntimeEnvironment,
  pro: ProDesk,
  markets: readonly number[],
  plans: readonly Plan[],
  { fund }: ProRunOptions,
): Promise<Cast> {
  const signers = await hre.ethers.getSigners();
  if (fund > 0) for (const market of markets) await pro.addToFund(signers[KEEPER], market, BigInt(fund) * QUOTE);
  const makers = [
    await pro.join(signers[FIRST_MAKER], MAKER_CASH),
    await pro.join(signers[FIRST_MAKER + 1], MAKER_CASH),
  ];
  const traders: number[] = [];
  for (const [index, { deposit }] of plans.entries()) {
    const owner = signers[FIRST_OWNER + (index % OWNERS)];
    traders.push(await pro.join(owner, deposit * QUOTE, Math.floor(index / OWNERS)));
  }
  const crowd: number[] = [];
  for (let index = 0; index < CROWD; index++) {
    crowd.push(await pro.join(signers[FIRST_OWNER + index], CROWD_CASH, 255));
  }
  const keeper = await pro.join(signers[KEEPER], QUOTE);
  // Prices once, and again two hours into the next day.
  await pro.desk.refresh();
  await pro.act(keeper, [], markets);
  await pro.desk.warpTo((Math.floor((await pro.desk.now()) / DAY_SECONDS) + 1) * DAY_SECONDS + CALM_SECONDS);
  await pro.desk.refresh();
  await pro.act(keeper, [], markets);
  return { makers, traders, crowd, keeper };
}

async function assemble(
  scene: ProScene,
  cast: Cast,
  plans: readonly Plan[],
  { seed }: ProRunOptions,
): Promise<Company> {
  const makers = cast.makers.map((account, index) => new Maker(scene, account, [TIGHT, WIDE][index]));
  const quote = async () => {
    for (const maker of makers) await maker.step(scene.now - 1);
    await scene.mine();
    await scene.goTo(scene.now + 1);
  };
  const opening = await openPositions(scene, cast.traders, plans, quote);
  const scopes = [...cast.traders, ...cast.crowd, ...cast.makers].map((account) => ({ account }));
  const keepers = new ProKeepers(scene, cast.keeper, scopes);
  return { scene, makers, crowd: new Crowd(scene, cast.crowd, seed + 1), keepers, plans, opening };
}

/** Second by second; a second in which nobody has anything to do has no block. */
async function liveThrough(
  { crowd, keepers, makers, scene }: Company,
  { depth, latency }: ProRunOptions,
  say: (line: string) => void,
): Promise<Sample[]> {
  const samples: Sample[] = [];
  const { seconds } = scene.window;
  for (const maker of makers) maker.depthPercent = depth;
  scene.startPath();
  for (let second = 0; second < seconds + AFTERMATH_SECONDS; second++) {
    await scene.goTo(scene.timeOf(second));
    const tickTime = scene.timeOf(Math.max(0, second - latency));
    if (second >= latency) {
      for (const maker of makers) await maker.step(tickTime);
      if (second < seconds) await crowd.step();
      await keepers.step(second, tickTime);
    }
    await scene.mine();
    keepers.conclude(second);
    samples.push(sampleOf(scene, keepers, second));
    if (second >= seconds && keepers.unfinished.length === 0) break;
    if (second % PROGRESS_SECONDS === 0) say(`second ${second} of ${seconds}: ${describeSample(samples[second])}`);
  }
  const { state } = scene.pro.exchange;
  check("broken invariants", brokenInvariants(state).join("; "), "");
  check("the books", bookedCollateral(state), state.collateral);
  return samples;
}

function sampleOf(scene: ProScene, { liquidations, paid }: ProKeepers, second: number): Sample {
  const { state } = scene.pro.exchange;
  const markets = scene.markets.map((market) => state.markets[market]);
  const equities = state.accounts.map((_, account) => scopeHealth(state, { account }).equity);
  return {
    second,
    prices: [...scene.window.paths.keys()].map((asset) => scene.priceAt(asset, scene.now)),
    openInterest: markets.reduce((sum, market) => sum + openInterest(market), 0n),
    fund: markets.reduce((sum, { fund }) => sum + fund.held, 0n),
    liquidated: liquidations.length,
    underwater: equities.filter((equity) => equity < 0n).length,
    paid: paid.fund + paid.winners + paid.shared,
  };
}

function describeSample({ liquidated, openInterest: value, underwater }: Sample): string {
  return `${liquidated} liquidated, ${underwater} below 0, open interest ${(value / QUOTE).toString()} USD`;
}
