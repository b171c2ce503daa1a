import type { JsonRpcProvider } from "ethers";
import { chains } from "../../sdk/chains";
import type { Deployment } from "../../sdk/chains/deployment";
import type { Options } from "../soak";
import type { Crowd } from "./Crowd";
import type { FaultyNode } from "./faultyNode";
import { judgePro } from "./pro/verdict";
import type { ProVerdict } from "./pro/verdict";
import { spreadOf } from "./strain";
import type { Spread, Strain, StrainReport } from "./strain";
import { judge } from "./verdict";
import type { PostedPrice, Verdict } from "./verdict";

/** Market orders that nobody filled in their half minute, of 1: what was placed while a keeper was being started may be among them. */
const MAX_EXPIRED = 0.1;

export interface Report extends Omit<Verdict, "lateness"> {
  readonly minutes: number;
  readonly traders: number;
  readonly path: string;
  readonly acts: Crowd["counts"];
  readonly faults: readonly FaultyNode["counts"][];
  readonly kills: number;
  readonly latenessSeconds: Spread;
  readonly pro: Omit<ProVerdict, "dueSeconds"> & { readonly dueSeconds: Spread };
  /** Seconds of the path for which there was no time. */
  readonly skipped: number;
  /** Until the replica answered the keepers, ms. */
  readonly nodesMs: Spread;
  readonly strain: StrainReport;
}

/** What a run left. */
export interface Run {
  readonly provider: JsonRpcProvider;
  readonly deployment: Deployment;
  readonly options: Options;
  readonly crowd: Crowd;
  readonly nodes: readonly FaultyNode[];
  readonly posted: readonly PostedPrice[];
  readonly strain: Strain;
  readonly path: string;
  readonly skipped: number;
  /** Time of the chain at which the keepers were ended: what came to be due later is not theirs. */
  readonly until: number;
  readonly kills: number;
}

export async function reportOf(run: Run): Promise<Report> {
  const { crowd, deployment, kills, nodes, options, path, posted, provider, skipped, until } = run;
  const { chain, minutes, traders } = options;
  const strain = run.strain.report();
  const last = posted.at(-1)?.price ?? 0n;
  await crowd.dues.look(last, (await provider.getBlock("latest"))?.timestamp ?? 0);
  const { lateness, ...verdict } = await judge(provider, chain, deployment, posted, until);
  const { dueSeconds, ...pro } = await judgePro(provider, chains[chain], deployment, crowd.dues, last, until);
  return {
    ...{ minutes, traders, path, acts: crowd.counts, faults: nodes.map(({ counts }) => counts), kills },
    latenessSeconds: spreadOf(lateness),
    ...verdict,
    pro: { ...pro, dueSeconds: spreadOf(dueSeconds) },
    ...{ skipped, nodesMs: spreadOf(nodes.flatMap(({ answers }) => answers)), strain },
  };
}

/**
 * In less the price falls by less than margins in the order book bear: after a move of a quarter of a percent nobody opens there at more
 * than 100x, after one of 1.25% at more than 20x.
 */
const FALL_MINUTES = 15;

/** What is not as it has to be; empty: it passed. */
export function faultsOf({ latenessSeconds, marketOrders, pro, ...report }: Report): string[] {
  const faults = [report.twice, report.stuck, report.missed, report.unbalanced].flat();
  faults.push(...[pro.twice, pro.missed, pro.broken].flat().map((fault) => `Pro: ${fault}`));
  const { expired, placed } = marketOrders;
  if (expired > placed * MAX_EXPIRED)
    faults.push(`${expired} of ${placed} market orders were not filled in their time`);
  if (latenessSeconds.count === 0) faults.push("nothing was liquidated: the run shows nothing");
  const shown = ["OrderFilled", "TriggerFired", ...(report.minutes < FALL_MINUTES ? [] : ["ScopeReduced"])];
  for (const name of shown) {
    if (pro.events[name] === undefined) faults.push(`Pro: there was no ${name}: the run shows nothing`);
  }
  return faults;
}
