import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { plainTable } from "../lib/table";
import type { Summary } from "./statistics";
import type { Played } from "./strategy";

/** A window, and what an attack came to in it. */
export interface PlayedWindow extends Played {
  /** First second in the path. */
  readonly from: number;
  readonly isViolent: boolean;
}

export interface StrategyReport {
  readonly id: string;
  readonly title: string;
  readonly bound: string;
  /** Null where no window gave an occasion. */
  readonly summary: Summary | null;
  readonly without: number;
  readonly windows: readonly PlayedWindow[];
}

export interface EconomicsReport {
  readonly chain: string;
  readonly prices: string;
  readonly seed: number;
  readonly seconds: number;
  readonly strategies: readonly StrategyReport[];
}

const HEAD = ["", "windows", "per 1,000 USD", "95%", "worst, USD", "bound there, USD"];

export function toTable({ strategies }: EconomicsReport): string {
  const rows = strategies.map(({ id, title, summary, without }) => {
    const name = `${id} ${title}`;
    if (summary === null) return [name, `0 of ${without}`, "no occasion", "", "", ""];
    const { broken, interval, mean, windows, worst } = summary;
    const range = interval === null ? "" : `${amount(interval[0])} to ${amount(interval[1])}`;
    const bound = amount(worst.most) + (broken > 0 ? " BROKEN" : "");
    return [name, `${windows} of ${windows + without}`, amount(mean), range, amount(worst.gain), bound];
  });
  return plainTable([HEAD, ...rows]);
}

/** A line for each bound that was broken. */
export function brokenBounds({ strategies }: EconomicsReport): string[] {
  return strategies.flatMap(({ bound, id, summary, windows }) => {
    const faults = windows.flatMap(({ faults: own = [] }) => own).map((fault) => `${id}: ${fault}`);
    if (summary === null || summary.broken === 0) return faults;
    const { gain, most } = summary.worst;
    return [...faults, `${id}: ${amount(gain)} USD against ${amount(most)}: broken is ${bound}`];
  });
}

export function writeEconomicsReport(folder: string, report: EconomicsReport): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "economics.json");
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  return file;
}

function amount(value: number): string {
  const text = Math.abs(value) < 100 ? value.toFixed(2) : Math.round(value).toLocaleString("en-US");
  return text === "-0.00" ? "0.00" : text.replace("-", "−");
}
