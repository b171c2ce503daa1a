/**
 * Plays bets on a price path, generated or recorded, through the model and shows what players, LPs and keepers make of it.
 * Repeats some of them on the embedded chain, to show that the contracts pay the same.
 *
 *   npm run simulate -- [--bets 1000] [--seed 1] [--prices file.csv] [--period 300] [--stake 100] [--chain bnb]
 *                       [--check 6] [--reports reports]
 *
 * Writes `reports/simulate.json` and `reports/simulate.svg`. Amounts there are whole tokens.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { formatPips, formatPrice, formatToken } from "../sdk/units";
import { readPath } from "./demo/path";
import { hardhat } from "./lib/hardhat";
import type { Chain } from "./lib/hardhat";
import { runMain } from "./lib/main";
import { plainTable } from "./lib/table";
import { BETS_VARIABLE, encodeBets, parseOptions, termsOf } from "./simulate/options";
import type { BetTerms, SimulateOptions } from "./simulate/options";
import { cumulative, playBets, summarise } from "./simulate/play";
import type { PlayedBet, Summary } from "./simulate/play";
import { plotSvg, plotText } from "./simulate/plot";
import type { Series } from "./simulate/plot";

function printTable(summary: Summary, { decimals, symbol, payoutPips }: BetTerms): void {
  const rows: [string, string][] = [];
  const row = (label: string, value: string) => rows.push([label, value]);
  const amount = (label: string, value: bigint) => row(label, `${formatToken(value, decimals, 2)} ${symbol}`);
  row("bets", String(summary.bets));
  row("won, lost (of these, ties)", `${summary.won}, ${summary.lost} (${summary.ties})`);
  row("a win pays", `${formatPips(payoutPips)} of the stake`);
  amount("staked", summary.staked);
  amount("players' result", summary.players);
  amount("LPs' result", summary.lps);
  amount("execution fees to keepers", summary.keepers);
  amount("LPs' deepest fall from a peak", summary.lpDrawdown);
  row("LPs' result of the stakes", formatPips(summary.lpEdgePips));
  row("house edge at a fair coin", formatPips(summary.houseEdgePips));
  console.log(plainTable(rows));
}

function seriesOf(bets: readonly PlayedBet[], decimals: number): Series[] {
  const whole = (values: bigint[]) => values.map((value) => Number(formatToken(value, decimals)));
  return [
    { name: "players", mark: ".", colour: "#c0392b", values: whole(cumulative(bets, ({ player }) => player)) },
    { name: "LPs", mark: "#", colour: "#1f6f54", values: whole(cumulative(bets, ({ lps }) => lps)) },
  ];
}

function writeReports(
  folder: string,
  bets: readonly PlayedBet[],
  terms: BetTerms,
  summary: Summary,
  context: { path: string; options: SimulateOptions; series: Series[] },
): void {
  const token = (value: bigint) => formatToken(value, terms.decimals);
  const { staked, players, lps, keepers, lpDrawdown, lpEdgePips, houseEdgePips, ...counts } = summary;
  const report = {
    prices: context.path,
    ...{ seed: context.options.seed, chain: context.options.chain, token: terms.symbol },
    ...{ periodSeconds: terms.periodSeconds, payoutRate: formatPips(terms.payoutPips), stake: token(terms.stake) },
    summary: {
      ...counts,
      ...{ staked: token(staked), players: token(players), lps: token(lps), keepers: token(keepers) },
      ...{ lpDrawdown: token(lpDrawdown), lpEdge: formatPips(lpEdgePips), houseEdge: formatPips(houseEdgePips) },
    },
    bets: bets.map(({ strike, settlement, paid, player, lps: toLps, keepers: toKeepers, ...bet }) => ({
      ...bet,
      ...{ strike: formatPrice(strike), settlement: formatPrice(settlement), paid: token(paid) },
      ...{ player: token(player), lps: token(toLps), keepers: token(toKeepers) },
    })),
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "simulate.json"), `${JSON.stringify(report, null, 2)}\n`);
  const title = `${bets.length} bets of ${token(terms.stake)} ${terms.symbol}, ${terms.periodSeconds} s, ${context.path}`;
  writeFileSync(join(folder, "simulate.svg"), plotSvg(title, context.series));
}

/** Evenly taken from all of them. */
async function checkOnChain(chain: Chain, bets: readonly PlayedBet[], terms: BetTerms, count: number): Promise<number> {
  const step = Math.max(1, Math.floor(bets.length / count));
  const chosen = bets.filter((_, index) => index % step === 0).slice(0, count);
  const encoded = encodeBets(
    chosen.map(({ isUp, strike, settlement, paid }) => ({
      ...{ isUp, strike: String(strike), settlement: String(settlement), paid: String(paid) },
      ...{ stake: String(terms.stake), periodSeconds: terms.periodSeconds },
    })),
  );
  const env = { [BETS_VARIABLE]: encoded };
  return (await hardhat(["run", "scripts/simulate/run.ts"], { chain, env })).code;
}

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  const terms = termsOf(options);
  const path = readPath({ seed: options.seed, prices: options.prices });
  const bets = playBets(path, terms, options.bets, options.seed);
  const summary = summarise(bets, terms);
  const series = seriesOf(bets, terms.decimals);
  console.log(`${options.bets} bets of ${options.stake} ${terms.symbol} on BTC over ${terms.periodSeconds} s each;`);
  console.log(`prices: ${path.description}, ${path.seconds} seconds\n`);
  printTable(summary, terms);
  console.log(`\n${plotText(series)}\n`);
  writeReports(options.reports, bets, terms, summary, { path: path.description, options, series });
  console.log(`written: ${join(options.reports, "simulate.json")} and simulate.svg`);
  return options.check === 0 ? 0 : checkOnChain(options.chain, bets, terms, options.check);
}

runMain(main);
