import type { Command } from "commander";
import type { JsonRpcProvider } from "ethers";
import { ask } from "../../../deploy/audit/question";
import { safeFile, writeSafeFile } from "../../../deploy/governance/safe";
import type { DeploymentRecord } from "../../../deploy/record";
import { UsageError } from "../lib/errors";
import { EXIT } from "../lib/exit";
import { Reader } from "../lib/build";
import { changeTable, changesOf, planCalls, timeOf } from "../lib/governance";
import { accountFor, requireAccount } from "../lib/keys";
import { alone } from "../lib/lock";
import type { Define } from "../lib/program";
import { send } from "../lib/send";
import { recordFor, withNode } from "../lib/world";
import type { Surroundings } from "../lib/world";

interface Options {
  safe?: string;
  dryRun?: boolean;
}

/** A thing that the guardian cuts: the call, its arguments as they are written, and what it stops. */
interface Cut {
  readonly call: string;
  readonly args: readonly string[];
  readonly stops: string;
}

const UNTIL_RAISED = "until governance raises it again, by a call that names this cut";

const CUTS: Readonly<Record<string, Cut>> = {
  ceiling: {
    call: "Vault.cutCeiling",
    args: ["product", "token", "amount"],
    stops: `openings of that product that would reserve more of that token; what is open keeps its reserve; ${UNTIL_RAISED}`,
  },
  caps: {
    call: "TradingConfigurator.cutCaps",
    args: ["book", "open interest USD", "loss budget USD"],
    stops: `openings beyond the caps of that book; positions and closes go on; ${UNTIL_RAISED}`,
  },
  book: {
    call: "TradingConfigurator.disableBook",
    args: ["book"],
    stops: `all openings of that book; closes, triggers and liquidations go on; ${UNTIL_RAISED}`,
  },
  news: {
    call: "TradingConfigurator.startNewsWindow",
    args: ["book", "duration"],
    stops: "all openings of that book until the window ends by itself; there is no other within an hour after it",
  },
  token: {
    call: "TradingConfigurator.disableMarginToken",
    args: ["token"],
    stops: `openings with that token as margin; what is open is paid out in it as before; ${UNTIL_RAISED}`,
  },
  source: {
    call: "PriceAggregator.disableSource",
    args: ["asset", "number"],
    stops: "counting that source, for seven days or until it is restored; another source of the asset has to be fresh",
  },
  market: {
    call: "PredictionConfigurator.disableMarket",
    args: ["market"],
    stops: `new bets on that market; bets that stand are struck and settled; ${UNTIL_RAISED}`,
  },
  stakes: {
    call: "PredictionConfigurator.disableStakeToken",
    args: ["token"],
    stops: `new bets in that token; bets that stand are settled in it; ${UNTIL_RAISED}`,
  },
  period: {
    call: "PredictionConfigurator.cutCap",
    args: ["market", "token", "period", "stakes"],
    stops: `bets that take the open stakes of that period beyond the cap; ${UNTIL_RAISED}`,
  },
  "pro-caps": {
    call: "ProConfigurator.cutCaps",
    args: ["market", "open interest USD"],
    stops: `increases in that market of Pro beyond the cap; ${UNTIL_RAISED}`,
  },
  pro: {
    call: "ProConfigurator.disable",
    args: ["market"],
    stops: `increases by takers and new resting orders in that market of Pro; reductions go on; ${UNTIL_RAISED}`,
  },
};

/** As docs/roles.md has it. */
const LEVELS: Readonly<Record<string, string>> = {
  "1": "requests and executions of openings and bets, and minting ALP, until the risk manager lowers it",
  "2": "what level 1 stops, until lowered, and burning ALP, for seven days at most",
  "3": "everything but cancelling and claiming, for 24 hours; it then falls to 2 by itself",
};

export const defineGuardian: Define = (program, run) => {
  const guardian = program
    .command("guardian")
    .description("reduce, at once: raise the breaker, cut, and restore a source");
  const shared = (command: Command) =>
    command
      .option("--safe <file>", "write a file for Safe's Transaction Builder instead of sending")
      .option("--dry-run", "print what it would stop, and send nothing");
  shared(guardian.command("raise"))
    .description("raise the breaker")
    .argument("<level>", "1, 2 or 3")
    .action((level: string, options: Options, command: Command) =>
      run(command, (surroundings) => raise(surroundings, level, options)),
    );
  const kinds = Object.entries(CUTS).map(([kind, { args }]) => `${kind} <${args.join("> <")}>`);
  shared(guardian.command("cut"))
    .description(`cut one of: ${kinds.join("; ")}`)
    .argument("<what>", Object.keys(CUTS).join(", "))
    .argument("<arguments...>", "as they are named above")
    .action((what: string, args: string[], options: Options, command: Command) =>
      run(command, (surroundings) => cut(surroundings, what, args, options)),
    );
  shared(guardian.command("restore"))
    .description("count a source again that was cut")
    .argument("<asset>")
    .argument("<number>")
    .action((asset: string, number: string, options: Options, command: Command) =>
      run(command, (surroundings) =>
        act(
          surroundings,
          `PriceAggregator.restoreSource(${asset}, ${number})`,
          () => Promise.resolve("nothing: it is counted again"),
          options,
        ),
      ),
    );
};

function raise(surroundings: Surroundings, level: string, options: Options): Promise<number> {
  const stops = LEVELS[level] as string | undefined;
  if (stops === undefined) throw new UsageError(`there is no level ${level} to raise to`, "1, 2 or 3 are expected");
  const until = async (provider: JsonRpcProvider, record: DeploymentRecord) => {
    const now = (await provider.getBlock("latest"))?.timestamp ?? 0;
    const [halt, block] = await Promise.all(
      ["HALT_DURATION", "BURN_BLOCK_DURATION"].map((name) =>
        new Reader(provider).one(ask("Breaker", record.contracts.breaker.address, name)),
      ),
    );
    const ends = { "2": Number(block), "3": Number(halt) }[level];
    return ends === undefined ? stops : `${stops} (${timeOf(now + ends)} at the latest)`;
  };
  return act(surroundings, `Breaker.raise(${level})`, until, options);
}

function cut(surroundings: Surroundings, what: string, args: readonly string[], options: Options): Promise<number> {
  const known = CUTS[what] as Cut | undefined;
  if (known === undefined) {
    throw new UsageError(
      `"${what}" is nothing that the guardian cuts`,
      `one of ${Object.keys(CUTS).join(", ")} is expected`,
    );
  }
  if (args.length !== known.args.length) {
    throw new UsageError(
      `${what} takes ${known.args.length} arguments, ${args.length} are given`,
      `guardian cut ${what} <${known.args.join("> <")}>`,
    );
  }
  return act(surroundings, `${known.call}(${args.join(", ")})`, () => Promise.resolve(known.stops), options);
}

async function act(
  surroundings: Surroundings,
  written: string,
  stopsOf: (provider: JsonRpcProvider, record: DeploymentRecord) => Promise<string>,
  options: Options,
): Promise<number> {
  const { output } = surroundings;
  const record = recordFor(surroundings);
  return withNode(surroundings, record, async (provider) => {
    const [call] = await planCalls(provider, record, [written]);
    const { guardian } = record.accounts;
    const changes = await changesOf(provider, record, [call], surroundings);
    const stops = await stopsOf(provider, record);
    const shown = `${changeTable(changes)}\n${call.name} stops ${stops}`;
    const transaction = { to: call.target, data: call.data };
    const result = { call: call.name, changes, stops, transaction };
    if (options.safe !== undefined) {
      const file = safeFile(record.chain.id, guardian, `Asterism ${record.id}`, call.name, [transaction]);
      writeSafeFile(options.safe, file);
      output.result({ ...result, file: options.safe }, () => `${shown}\nwritten: ${options.safe ?? ""}`);
      return EXIT.fine;
    }
    if (options.dryRun === true) {
      output.result(result, () => `${shown}\nnothing was sent`);
      return EXIT.fine;
    }
    const account = await accountFor(surroundings, provider);
    await requireAccount(account, guardian, call.name);
    output.note(shown);
    const { id } = record.chain;
    const { hash } = await alone(id, account.address, () => send(account, transaction, call.name, output));
    output.result({ ...result, hash }, () => `done: ${call.name}`);
    return EXIT.fine;
  });
}
