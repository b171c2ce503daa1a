import type { Command } from "commander";
import { formatPips, formatSize } from "../../../sdk/index";
import type { Action, Asterism, ProTrigger, ProTriggerInput } from "../../../sdk/index";
import { durationOf, idOf, idsOf, wordOf } from "../lib/arguments";
import { UsageError } from "../lib/errors";
import { EXIT } from "../lib/exit";
import { perform, withAccount, withOwner } from "../lib/market";
import { table } from "../lib/output";
import { accountOptions, acting, expiryOf, ofAccount, priceShown } from "../lib/pro";
import type { ProOptions } from "../lib/pro";
import type { Run } from "../lib/program";
import type { Surroundings } from "../lib/world";

interface TriggerOptions extends ProOptions {
  price?: string;
  size?: string;
  limit?: string;
  bound?: string;
  callback?: string;
  opens?: boolean;
  expires?: number;
}

type Rights = "none" | "reduce" | "trade";

/** Kinds of triggers as they are written here. */
const KINDS = { stop: "stop", "take-profit": "takeProfit", trailing: "trailing" } as const;
type Kind = keyof typeof KINDS;

/** An order as it is written before its options. */
interface Written {
  readonly kind: Kind;
  readonly side: ProTriggerInput["side"];
  readonly market: string;
}

/** `asterism pro trigger`: orders that wait for a price. */
export function defineTriggers(pro: Command, run: Run): void {
  const trigger = pro.command("trigger").description("orders of the book that wait for a price");
  withOrder(trigger.command("place"))
    .description("have an order wait: stop and take profit for a price, trailing for one that comes back")
    .action((kind: Kind, side: ProTriggerInput["side"], market: string, options: TriggerOptions, command: Command) =>
      run(command, (surroundings) => place(surroundings, { kind, side, market }, options)),
    );
  withOrder(trigger.command("change").argument("<id>", "of `asterism pro trigger list`", idOf))
    .description("put another order of the same market in the place of one that waits")
    .action((...all: unknown[]) => {
      const [id, kind, side, market] = all as [bigint, Kind, ProTriggerInput["side"], string];
      const options = all.at(-2) as TriggerOptions;
      return run(all.at(-1) as Command, (surroundings) => change(surroundings, id, { kind, side, market }, options));
    });
  ofAccount(trigger.command("list"))
    .description("print an account's orders that wait")
    .action((options: ProOptions, command: Command) =>
      run(command, (surroundings) =>
        withOwner(surroundings, options.owner, (asterism) => list(asterism, options, surroundings)),
      ),
    );
  acting(trigger.command("cancel"))
    .description("take orders away that wait")
    .argument("<ids...>", "of `asterism pro trigger list`", idsOf)
    .action((ids: bigint[], options: ProOptions, command: Command) =>
      run(command, (surroundings) => cancel(surroundings, ids, options)),
    );
  acting(trigger.command("allow"))
    .description("say what triggers may do for an account: none, reduce or trade")
    .argument("<rights>", "none, reduce or trade", wordOf(["none", "reduce", "trade"]))
    .action((rights: Rights, options: ProOptions, command: Command) =>
      run(command, (surroundings) => allow(surroundings, rights, options)),
    );
}

function withOrder(command: Command): Command {
  return acting(command)
    .argument("<kind>", "stop, take-profit or trailing", wordOf(["stop", "take-profit", "trailing"]))
    .argument("<side>", "buy or sell: what it does when it fires", wordOf(["buy", "sell"]))
    .argument("<market>", "BTC, ETH/USD")
    .option("--price <price>", "what it waits for; of a trailing one what has to be reached first")
    .option("--size <size>", "all that the position has then by default")
    .option("--limit <price>", "worst price of its fills")
    .option("--bound <rate>", "worst price of its fills, counted from the one at which it fires; 1% by default")
    .option("--callback <rate>", "of a trailing one how far the price comes back, 0.1% to 5%")
    .option("--opens", "it may open too; it only reduces by default")
    .option("--expires <period>", "after which it does not fire any more, such as 1d", durationOf);
}

async function inputOf(
  asterism: Asterism,
  { kind, market, side }: Written,
  options: TriggerOptions,
): Promise<ProTriggerInput> {
  const { bound, callback, limit, opens = false, price, size } = options;
  if (kind !== "trailing" && price === undefined) throw new UsageError(`a ${kind} waits for a price`, "give --price");
  if (kind === "trailing" && callback === undefined) {
    throw new UsageError("a trailing stop needs a callback", "give --callback, such as 0.5%");
  }
  if (opens && size === undefined) throw new UsageError("an order that may open needs a size", "give --size");
  const expiry = await expiryOf(asterism, options.expires);
  return {
    ...{ market, kind: KINDS[kind], side, size, price, limit, bound, callback, expiry },
    isReduceOnly: !opens,
  };
}

/** Without the right it would wait and never fire. */
async function requireRights(
  asterism: Asterism,
  { isReduceOnly }: ProTriggerInput,
  options: ProOptions,
): Promise<void> {
  const rights = isReduceOnly === false ? "trade" : "reduce";
  if (await asterism.proTriggers.isAllowed(rights, accountOptions(options))) return;
  throw new UsageError(
    `triggers may not ${rights} for this account: it would never fire`,
    `asterism pro trigger allow ${rights}`,
  );
}

/** Has an order wait that would fire: refuses one that may not. */
async function wait<T>(
  surroundings: Surroundings,
  order: Written,
  options: TriggerOptions,
  act: (asterism: Asterism, input: ProTriggerInput) => Promise<Action<T>> | Action<T>,
  done: (result: T) => { value: unknown; shown: string },
): Promise<number> {
  return withAccount(surroundings, options, async (asterism) => {
    const input = await inputOf(asterism, order, options);
    await requireRights(asterism, input, options);
    await perform(surroundings, asterism, await act(asterism, input), options, done);
    return EXIT.fine;
  });
}

function place(surroundings: Surroundings, order: Written, options: TriggerOptions): Promise<number> {
  return wait(
    surroundings,
    order,
    options,
    (asterism, input) => asterism.proTriggers.place([input], accountOptions(options)),
    (ids) => ({ value: { ids }, shown: ids.map((id) => `trigger ${id} waits`).join("\n") }),
  );
}

function change(surroundings: Surroundings, id: bigint, order: Written, options: TriggerOptions): Promise<number> {
  return wait(
    surroundings,
    order,
    options,
    (asterism, input) => asterism.proTriggers.change(id, input),
    ({ hash }) => ({ value: { id, hash }, shown: `trigger ${id} waits as changed (${hash})` }),
  );
}

async function list(asterism: Asterism, options: ProOptions, { output }: Surroundings): Promise<number> {
  const waiting = await asterism.proTriggers.all(undefined, accountOptions(options));
  output.result(waiting, () => {
    if (waiting.length === 0) return "no triggers";
    const rows = waiting.map((each) => [
      ...[String(each.id), each.market, each.kind, each.side, each.isReduceOnly ? "reduces" : "may open"],
      ...[each.size === 0n ? "all" : formatSize(each.size), priceShown(each.price), worstOf(each)],
      ...[each.callback === 0n ? "" : formatPips(each.callback)],
      each.expiry === 0n ? "" : new Date(Number(each.expiry) * 1_000).toISOString(),
    ]);
    return table(["id", "market", "kind", "side", "", "size", "price", "worst", "callback", "expires"], rows);
  });
  return EXIT.fine;
}

function worstOf({ bound, limit }: ProTrigger): string {
  return limit === 0n ? `${formatPips(bound)} beyond` : priceShown(limit);
}

async function cancel(surroundings: Surroundings, ids: readonly bigint[], options: ProOptions): Promise<number> {
  return withAccount(surroundings, options, async (asterism) => {
    await perform(surroundings, asterism, asterism.proTriggers.cancel(ids), options, (cancelled) => ({
      value: { cancelled: BigInt(cancelled) },
      shown: `${cancelled} of ${ids.length} were there and are gone`,
    }));
    return EXIT.fine;
  });
}

async function allow(surroundings: Surroundings, rights: Rights, options: ProOptions): Promise<number> {
  return withAccount(surroundings, options, async (asterism) => {
    const action = await asterism.proTriggers.allow(rights, accountOptions(options));
    await perform(surroundings, asterism, action, options, ({ hash }) => ({
      value: { rights, hash },
      shown: rights === "none" ? `triggers may do nothing (${hash})` : `triggers may ${rights} (${hash})`,
    }));
    return EXIT.fine;
  });
}
