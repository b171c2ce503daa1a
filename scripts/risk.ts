/**
 * What LPs have to expect of traders at up to 1001x: Monte Carlo and replay over the model, the strategies of known attacks,
 * and sweeps to the value of each parameter that breaks it. Writes `reports/risk.html` and `reports/risk.json`.
 *
 *   npm run risk -- [--chain bnb] [--paths 10000] [--hours 4] [--seed 1] [--workers 2] [--vault 10000000] [--keeper-delay 1]
 *                   [--news 25] [--foresight 2] [--flow 100] [--prices file.csv] [--reports reports]
 *
 * The same options give the same files, to the byte, whatever the number of workers.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runMain } from "./lib/main";
import { parseOptions, settingOf } from "./risk/options";
import { pageOf } from "./risk/report/page";
import { judge } from "./risk/report/verdict";
import { planOf, study, workOf } from "./risk/study";
import { Progress } from "./risk/work/progress";

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  const plan = planOf(options);
  const progress = new Progress(workOf(plan));
  const stages: string[] = [];
  let cpu = process.cpuUsage();
  const findings = await study(
    options,
    plan,
    (count) => progress.add(count),
    (name) => {
      const used = process.cpuUsage(cpu).user / 1e6;
      cpu = process.cpuUsage();
      const each = name === "paths" ? `, ${Math.round((used / options.paths) * 1e6)} µs a path` : "";
      stages.push(`${name} ${used.toFixed(1)} s${each}`);
    },
  );
  const setting = settingOf(options);
  const verdict = judge(findings, setting);
  mkdirSync(options.reports, { recursive: true });
  const [page, data] = ["risk.html", "risk.json"].map((name) => join(options.reports, name));
  writeFileSync(page, pageOf(findings, setting, verdict));
  writeFileSync(data, `${JSON.stringify({ verdict, ...findings }, undefined, 1)}\n`);
  console.log([verdict.answer, ...verdict.reasons].join("\n"));
  console.log(`\nPays in spite of the rules:\n${verdict.payingStrategies.map((line) => `  ${line}`).join("\n")}`);
  console.log(`\nBreaks:\n${verdict.conditions.map((line) => `  ${line}`).join("\n")}`);
  console.log(`\nuser CPU on ${options.workers} workers: ${stages.join("; ")}\nwritten: ${page} and ${data}`);
}

runMain(main);
