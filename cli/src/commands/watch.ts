import { InvalidArgumentError } from "commander";
import type { Command } from "commander";
import type { JsonRpcProvider } from "ethers";
import { interfaceOf } from "../../../deploy/audit/question";
import type { DeploymentRecord } from "../../../deploy/record";
import { badDebtRails, readRails } from "../../../deploy/watch/rails";
import type { Limits, Rail } from "../../../deploy/watch/rails";
import { pips } from "../../../sdk/index";
import { tell } from "../lib/errors";
import { EXIT } from "../lib/exit";
import { table } from "../lib/output";
import type { Define } from "../lib/program";
import { recordFor, withNode } from "../lib/world";
import type { Surroundings } from "../lib/world";

interface Options {
  once?: boolean;
  every: number;
  share: bigint;
  losses: bigint;
  leastFund: bigint;
  known: string[];
  patience: number;
  fromBlock?: number;
}

export const defineWatch: Define = (program, run) => {
  program
    .command("watch")
    .description("follow the guard rails; ends with 4 and the reason when one is passed")
    .option("--once", "look once")
    .option("--every <seconds>", "between two looks", wholeOf, 15)
    .option("--share <rate>", "of the most of utilisation and open interest that is an alarm", pips, pips("95%"))
    .option("--losses <rate>", "of an hourly loss budget that is an alarm", pips, pips("80%"))
    .option("--least-fund <usd>", "least fund of each market of Pro", (text) => BigInt(wholeOf(text)), 0n)
    .option("--known <ids...>", "scheduled calls that are no alarm, by the beginning of their ids", [])
    .option("--patience <looks>", "in how many looks after each other the node may fail to answer", wholeOf, 3)
    .option("--from-block <number>", "where to begin looking for bad debt; the latest block by default", wholeOf)
    .action((options: Options, command: Command) => run(command, (surroundings) => watch(surroundings, options)));
};

async function watch(surroundings: Surroundings, options: Options): Promise<number> {
  const record = recordFor(surroundings);
  return withNode(surroundings, record, async (provider) => {
    const looker = new Looker(surroundings, provider, record, options);
    let failures = 0;
    while (!surroundings.signal.aborted) {
      try {
        if ((await looker.look()) || options.once) return looker.exit;
        failures = 0;
      } catch (error) {
        failures += 1;
        const told = tell(error);
        if (told?.exit !== EXIT.unreachable || options.once || failures > options.patience) throw error;
        surroundings.output.note(`${told.message}; asked again in ${options.every} s`);
      }
      await pause(options.every, surroundings.signal);
    }
    return EXIT.fine;
  });
}

/** One look after the other; bad debt is looked for in the blocks between. */
class Looker {
  exit: number = EXIT.fine;
  private nextBlock: number | undefined;

  constructor(
    private readonly surroundings: Surroundings,
    private readonly provider: JsonRpcProvider,
    private readonly record: DeploymentRecord,
    private readonly options: Options,
  ) {
    this.nextBlock = options.fromBlock;
  }

  /** Whether there was an alarm. */
  async look(): Promise<boolean> {
    const { output } = this.surroundings;
    const { share, losses, leastFund, known } = this.options;
    const limits: Limits = { sharePips: share, lossPips: losses, leastFundUsd: leastFund, known };
    const { block, rails: settled } = await readRails(this.provider, this.record, limits);
    const rails = [...settled, ...(await this.badDebt(block))];
    this.nextBlock = block + 1;
    const alarms = rails.filter(({ alarm }) => alarm !== undefined);
    if (this.options.once) output.result({ block, rails, alarms }, () => shown(block, rails, alarms));
    else output.line({ block, alarms }, alarms.length === 0 ? `block ${block}: fine` : shown(block, rails, alarms));
    for (const { alarm } of alarms) output.note(`ALARM ${alarm ?? ""}`);
    if (alarms.length > 0) this.exit = EXIT.found;
    return alarms.length > 0;
  }

  private badDebt(block: number): Promise<Rail[]> {
    const event = interfaceOf("Trading").getEvent("TradeLiquidated");
    return badDebtRails(this.provider, this.record, this.nextBlock ?? block, block, {
      topic: event?.topicHash ?? "",
      read: (log) => {
        const parsed = interfaceOf("Trading").parseLog(log);
        const [id, badDebt] = [parsed?.args.id as bigint, parsed?.args.badDebt as bigint];
        return { id, badDebt };
      },
    });
  }
}

function shown(block: number, rails: readonly Rail[], alarms: readonly Rail[]): string {
  const rows = rails.map(({ what, value, alarm }) => [alarm === undefined ? "" : "ALARM", what, value]);
  const sum = alarms.length === 0 ? "all is within its rails" : `${alarms.length} alarms`;
  return `${table(["", "what", "is"], rows)}\nblock ${block}: ${sum}`;
}

function pause(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, seconds * 1_000);
    signal.addEventListener("abort", end);
    if (signal.aborted) end();
  });
}

export function wholeOf(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("a whole number is expected.");
  return Number(text);
}
