/** One page without anything remote: text, tables and plots. */
import type { Setting } from "../setting";
import type { Findings, StrategyFinding } from "../study";
import { BEHAVIOURS, HOSTILE } from "../traders";
import { LEFT_OUT } from "../strategies";
import { fanChart, groupChart, incomeChart, latenessChart, resultHistogram, strategyChart, sweepChart } from "./charts";
import { escaped, estimate, number, percent, table } from "./format";
import type { Distribution, Summary } from "./summary";
import type { Verdict } from "./verdict";

const STYLE = `
body { font: 15px/1.5 system-ui, sans-serif; color: #1d2733; max-width: 860px; margin: 2em auto; padding: 0 1em; }
h1 { font-size: 1.6em; } h2 { font-size: 1.2em; margin-top: 2em; } h3 { font-size: 1em; margin-bottom: 0; }
table { border-collapse: collapse; font-size: 13px; } th, td { padding: 3px 10px; border-bottom: 1px solid #dde3e8; }
td { text-align: right; font-variant-numeric: tabular-nums; } th { text-align: left; font-weight: 600; }
.scroll { overflow-x: auto; margin: 1em 0; } .answer { font-size: 1.2em; font-weight: 600; padding: .8em 1em; }
.yes { background: #e3f2ea; } .no { background: #f7e3e1; } .grid { display: flex; flex-wrap: wrap; gap: 1em; }
figure { margin: 1em 0; } figcaption { font-size: 13px; color: #56626e; } svg { max-width: 100%; height: auto; }
`;

export function pageOf(findings: Findings, setting: Setting, verdict: Verdict): string {
  const { options, summary } = findings;
  const title = `Risk of the LPs, ${options.chain}: ${number(options.paths)} paths, seed ${options.seed}`;
  const sections = [
    answerSection(verdict),
    worldSection(findings, setting),
    resultSection(findings),
    incomeSection(findings),
    lateSection(findings),
    strategySection(findings),
    sweepSection(findings, verdict),
    replaySection(findings),
  ];
  return [
    "<!doctype html>",
    `<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">`,
    `<title>${escaped(title)}</title><style>${STYLE}</style></head><body>`,
    `<h1>${escaped(title)}</h1>`,
    `<p>Intervals are 95%. USD a path of ${number(findings.pathSeconds / 3_600)} hours unless said otherwise; positive is the LPs' gain. ` +
      `${number(summary.modes.standard.trades + summary.modes.degen.trades)} trades, settled by the model in exact integers.</p>`,
    ...sections,
    "</body></html>\n",
  ].join("\n");
}

function answerSection({ isSurvivable, answer, reasons, payingStrategies }: Verdict): string {
  const paying = payingStrategies.length === 0 ? ["None of those tried."] : payingStrategies;
  return [
    `<p class="answer ${isSurvivable ? "yes" : "no"}">${escaped(answer)}</p>`,
    list(reasons),
    "<p>What pays an attacker in spite of the rules:</p>",
    list(paying),
  ].join("\n");
}

function worldSection({ regimes, options }: Findings, setting: Setting): string {
  const books = [setting.books.standard, setting.books.degen];
  const row = (name: string, of: (book: (typeof books)[number]) => string): string[] => [name, ...books.map(of)];
  const terms = [
    ["", "Standard", "Degen"],
    row("leverage", (book) => `${book.minLeverage} to ${book.maxLeverage}`),
    row("open fee, close fee, pips", (book) => `${book.openFeePips}, ${book.closeFeePips}`),
    row("slippage, pips", (book) => String(book.slippagePips)),
    row("execution delay, s", (book) => String(book.executionDelay)),
    row("confidence bound, bp", (book) => number(book.maxConfidencePips / 100)),
    row("open-interest cap a side, USD", (book) => number(Number(book.capUsd / 10n ** 18n))),
    row("loss budget an hour, USD", (book) => number(Number(book.budgetUsd / 10n ** 18n))),
    row("liquidated at a loss of", (book) => percent(Number(book.tiers[0].llrPips) / 1e6)),
    row("profit caps, margins", ({ tiers }) => tiers.map((tier) => Number(tier.profitCapPips) / 1e6).join(", ")),
  ];
  const walks = regimes.map((one) => [
    ...[one.name, percent(one.weight), percent(one.annualVolatility), number(one.jumpsPerHour)],
    `${percent(one.jumpMean)}, ${percent(one.jumpDeviation)}`,
  ]);
  const traders = BEHAVIOURS.map((one) => [
    ...[one.key, one.about, one.mode, number(one.perHour), one.leverage.join(" to ")],
    ...[number(one.medianMarginUsd), number(one.holdSeconds / 60)],
  ]);
  const hostile = HOSTILE.map(({ key, about }) => [key, about, "degen", "", "1001", "", ""]);
  return [
    "<h2>What was played</h2>",
    table(terms),
    `<p>Liquidations are in a block ${setting.keeperDelay} s after the crossing tick, orders ${setting.orderDelay} s after theirs; ` +
      `${options.news}% of the jumps are known beforehand to somebody who then takes all that the Degen book gives.</p>`,
    table([["regime", "of the paths", "volatility a year", "jumps an hour", "mean, deviation of a jump"], ...walks]),
    table([["trader", "", "mode", "an hour", "leverage", "median margin", "holds, min"], ...[...traders, ...hostile]]),
  ].join("\n");
}

function resultSection({ summary, byRegime, ...rest }: Findings): string {
  const findings: Findings = { summary, byRegime, ...rest };
  const row = (name: string, lp: Distribution): string[] => [
    ...[name, estimate(lp.mean), number(lp.median.value), estimate(lp.least5), estimate(lp.least1)],
    ...[number(lp.shortfall.value), number(lp.worst), estimate(lp.losing, percent)],
  ];
  const head = [
    "",
    "mean",
    "median",
    "5th percentile",
    "1st percentile",
    "mean of the worst 1%",
    "worst",
    "paths that lose",
  ];
  const regimes = byRegime.map(({ name, summary: own }) => [
    ...[name, number(own.paths), estimate(own.modes.standard.lp.mean), estimate(own.modes.degen.lp.mean)],
    ...[estimate(own.drawdown.p99), number(own.drawdown.worst), number(badDebtOf(own))],
  ]);
  const { drawdown } = summary;
  return [
    "<h2>Result and drawdown of the LPs</h2>",
    table([
      head,
      row("both", summary.lp),
      row("Standard", summary.modes.standard.lp),
      row("Degen", summary.modes.degen.lp),
    ]),
    `<p>Fall from a peak, open positions counted each minute: mean ${estimate(drawdown.mean)}, 95th percentile ${estimate(drawdown.p95)}, ` +
      `99th ${estimate(drawdown.p99)}, deepest ${number(drawdown.worst)} USD.</p>`,
    figure(resultHistogram(findings), "Results of the paths; a thousandth on either side is cut off."),
    figure(fanChart(findings), "Median, 5th to 95th and 1st to 99th percentile along a path."),
    table([["regime", "paths", "Standard", "Degen", "99th percentile of drawdown", "deepest", "bad debt"], ...regimes]),
  ].join("\n");
}

function badDebtOf({ modes }: Summary): number {
  return modes.standard.badDebt.value + modes.degen.badDebt.value;
}

function incomeSection(findings: Findings): string {
  const { summary } = findings;
  const groups = [...summary.byLeverage, ...summary.byBehaviour].map((group) => [
    ...[group.name, number(group.trades), estimate(group.lp)],
    ...[
      group.ofNotionalBp ? estimate(group.ofNotionalBp) : "",
      group.ofMargin ? estimate(group.ofMargin, percent) : "",
    ],
  ]);
  const modes = (["standard", "degen"] as const).map((mode) => {
    const { badDebt, badDebtOfMargin, short, liquidations, trades, ofMargin } = summary.modes[mode];
    return [
      ...[mode, number(trades), number(liquidations), ofMargin ? estimate(ofMargin, percent) : ""],
      ...[estimate(badDebt), badDebtOfMargin ? percent(badDebtOfMargin.value) : "", estimate(short, percent)],
    ];
  });
  return [
    "<h2>Income by kind, leverage and mode; bad debt</h2>",
    figure(
      incomeChart(findings),
      "The LPs' share of fees, carry, liquidated margins less rewards, and traders' losses less their gains (price).",
    ),
    table([
      ["", "trades", "liquidations", "result of the margins", "bad debt", "of the margins", "liquidations short"],
      ...modes,
    ]),
    "<p>Bad debt is what a loss exceeded its margin by: nobody owes it, and the LPs are paid that much less by a jump.</p>",
    figure(
      groupChart(summary.byLeverage, "LPs' result, bp of the notional", ({ ofNotionalBp }) => ofNotionalBp),
      "By leverage.",
    ),
    table([["", "trades", "result", "bp of the notional", "of the margins"], ...groups]),
    `<p>Refused: ${escaped(counts(summary.refused))}. Ended: ${escaped(counts(summary.endings))}.</p>`,
  ].join("\n");
}

function counts(record: Record<string, number>): string {
  return Object.entries(record)
    .map(([name, count]) => `${name} ${number(count)}`)
    .join(", ");
}

function lateSection({ sweeps, summary }: Findings): string {
  const rows = sweeps
    .filter(({ key }) => key === "keeper" || key === "latest")
    .flatMap(({ key, points }) =>
      points.map((point) => [
        `${key === "keeper" ? "crossing" : "latest"} tick, ${number(point.value)} s`,
        ...[number(point.lateness), estimate(point.missed, percent), estimate(point.badDebt), estimate(point.lp)],
      ]),
    );
  const { lateness } = summary;
  return [
    "<h2>Late keepers</h2>",
    `<p>In the main run liquidations are ${number(lateness.mean)} s late on average, ${number(lateness.p99)} s at the 99th percentile and ` +
      `${lateness.most >= 60 ? "60 s or more" : `${number(lateness.most)} s`} at most; ${estimate(lateness.missed, percent)} of the crossings are missed. ` +
      "Late counts from the first tick that crossed, the band of the anchors left aside, to the block.</p>",
    figure(
      latenessChart(sweeps),
      "A crossing tick may be proven for 30 s; who proves the latest misses what comes back.",
    ),
    table([["keeper proves", "seconds late", "missed", "bad debt of Degen", "LPs' result in Degen"], ...rows]),
  ].join("\n");
}

function strategySection(findings: Findings): string {
  const cells = ({ stages }: StrategyFinding) =>
    (["usual", "crash"] as const).flatMap((stage) => {
      const { rule, hole } = stages[stage];
      return [estimate(rule), hole ? estimate(hole) : ""];
    });
  const rows = findings.strategies.map((one) => [
    ...[`${one.id} ${one.title}`, one.unit, ...cells(one), one.rule, one.bound ?? ""],
  ]);
  return [
    "<h2>Strategies about prices</h2>",
    "<p>Expected value to whoever tries, costs included, at 1001x unless said otherwise: under the rules and without the one rule " +
      `that stands against it. ${escaped(LEFT_OUT)}.</p>`,
    figure(strategyChart(findings), "Those counted in margins: green under the rules, red without the rule."),
    table([
      ["", "unit", "usual", "without the rule", "crash", "without the rule", "the rule", "what bounds the rest"],
      ...rows,
    ]),
  ].join("\n");
}

function sweepSection({ sweeps, sweepPaths }: Findings, { conditions }: Verdict): string {
  const charts = sweeps.map((sweep) => `<div><h3>${escaped(sweep.title)}</h3>${sweepChart(sweep)}</div>`);
  return [
    "<h2>Under what it is not survivable</h2>",
    list(conditions),
    `<p>Each point: ${number(sweepPaths)} paths of each regime, the same for every value, weighted as the regimes come. ` +
      "The dashed line is what ships.</p>",
    `<div class="grid">${charts.join("")}</div>`,
  ].join("\n");
}

function replaySection({ replays }: Findings): string {
  const rows = replays.map(({ name, summary }) => [
    ...[name, estimate(summary.modes.standard.lp.mean), estimate(summary.modes.degen.lp.mean)],
    ...[number(summary.drawdown.worst), number(badDebtOf(summary)), number(summary.lateness.mean)],
  ]);
  const groups = replays.map(({ name, summary }) => ({
    ...{ name, trades: 0, notional: 0, margin: 0, lp: summary.lp.mean },
  }));
  return [
    "<h2>Replay</h2>",
    "<p>The most violent part of each, as long as the paths are, each time with other traders; within bars of a minute the price " +
      "wanders by the seed.</p>",
    figure(
      groupChart(groups, "LPs' result, USD", ({ lp }) => lp),
      "Mean result of both modes.",
    ),
    table([["", "Standard", "Degen", "deepest fall", "bad debt", "seconds late"], ...rows]),
  ].join("\n");
}

function figure(svg: string, caption: string): string {
  return `<figure>${svg}<figcaption>${escaped(caption)}</figcaption></figure>`;
}

function list(items: readonly string[]): string {
  return `<ul>${items.map((item) => `<li>${escaped(item)}</li>`).join("")}</ul>`;
}
