import type { Command } from "commander";
import {
  REASONS,
  formatPips,
  formatPrice,
  formatSize,
  formatToken,
  formatUsd,
  marketOfBook,
  tokenOf,
} from "../../../sdk/index";
import type { Asterism, OpenQuote, OrderInput, Pending, TradeRecord } from "../../../sdk/index";
import { addressOf, idOf, leverageOf, wordOf } from "../lib/arguments";
import { brokerIdOf, brokerOf } from "../lib/brokers";
import { OrderRefusedError, UsageError } from "../lib/errors";
import { EXIT } from "../lib/exit";
import { perform, withAccount, withOwner, withReader } from "../lib/market";
import type { ActOptions } from "../lib/market";
import { table } from "../lib/output";
import { marketValue, tradeValue, worthValue } from "../lib/records";
import type { Define, Run } from "../lib/program";
import type { Surroundings } from "../lib/world";

interface OrderOptions extends ActOptions {
  degen?: boolean;
  limit?: string;
  acceptable?: string;
  takeProfit?: string;
  stopLoss?: string;
  owner?: string;
  broker?: number;
}

interface CloseOptions extends ActOptions {
  size?: string;
  acceptable?: string;
}

interface OwnerOptions {
  owner?: string;
}

type OrderArguments = [side: OrderInput["side"], market: string, leverage: number, amount: string, token: string];

const USD_DIGITS = 2;

export const defineTrade: Define = (program, run) => {
  order(program.command("quote"), run, quote).description(
    "print what an opening would come to, and why it would be refused",
  );
  order(program.command("open"), run, open)
    .description(
      "ask for an opening, or place a limit; the reason is told before anything is sent where it would be refused",
    )
    .option("--dry-run", "print the unsigned transaction and send nothing");
  program
    .command("close")
    .description("ask for the close of a position, or a part of it")
    .argument("<id>", "of `asterism positions`", idOf)
    .option("--size <size>", "the part to close; the whole by default")
    .option("--acceptable <price>", "worst fill price; any by default")
    .option("--dry-run", "print the unsigned transaction and send nothing")
    .action((id: bigint, options: CloseOptions, command: Command) =>
      run(command, (surroundings) => close(surroundings, id, options)),
    );
  owned(program.command("positions"), run, positions).description("print open positions and what they are worth");
  const orders = owned(program.command("orders"), run, listOrders).description("print orders that wait");
  orders
    .command("cancel")
    .description("cancel a limit, or take back an order that expired")
    .argument("<id>", "of `asterism orders`", idOf)
    .option("--dry-run", "print the unsigned transaction and send nothing")
    .action((id: bigint, options: ActOptions, command: Command) =>
      run(command, (surroundings) => cancel(surroundings, id, options)),
    );
  program
    .command("market")
    .description("print all markets: what is open, what they still take, prices and rates")
    .action((_: object, command: Command) => run(command, markets));
};

function order(
  command: Command,
  run: Run,
  body: (surroundings: Surroundings, args: OrderArguments, options: OrderOptions) => Promise<number>,
): Command {
  return command
    .argument("<side>", "long or short", wordOf(["long", "short"]))
    .argument("<market>", "BTC, ETH/USD")
    .argument("<leverage>", "50 or 50x", leverageOf)
    .argument("<amount>", "of the token, execution fee included")
    .argument("<token>", "symbol; the native coin's wraps it on the way")
    .option("--degen", "in Degen mode; Standard by default")
    .option("--limit <price>", "rest until this price is reached")
    .option("--acceptable <price>", "worst fill price of a market order; any by default")
    .option("--take-profit <price>")
    .option("--stop-loss <price>")
    .option("--owner <address>", "whose position it is to be; the key's by default", addressOf)
    .option("--broker <id>", "who is given a share of its fees; nobody by default", brokerIdOf)
    .action((...all: unknown[]) => {
      const self = all.at(-1) as Command;
      const options = all.at(-2) as OrderOptions;
      return run(self, (surroundings) => body(surroundings, all.slice(0, -2) as OrderArguments, options));
    });
}

function owned(
  command: Command,
  run: Run,
  body: (asterism: Asterism, owner: string | undefined, surroundings: Surroundings) => Promise<number>,
): Command {
  return command
    .option("--owner <address>", "whose; the key's by default", addressOf)
    .action(({ owner }: OwnerOptions, self: Command) =>
      run(self, (surroundings) => withOwner(surroundings, owner, (asterism) => body(asterism, owner, surroundings))),
    );
}

function inputOf([side, market, leverage, amount, token]: OrderArguments, options: OrderOptions): OrderInput {
  const { degen, acceptable, takeProfit, stopLoss, owner, broker } = options;
  return {
    ...{ market, mode: degen ? "degen" : "standard", side, leverage, token, amount },
    ...{ acceptablePrice: acceptable, takeProfit, stopLoss, owner, broker },
  };
}

async function quoteOf(asterism: Asterism, args: OrderArguments, options: OrderOptions): Promise<OpenQuote> {
  const input = inputOf(args, options);
  const { broker, limit } = options;
  if (broker !== undefined) await brokerOf(asterism, broker);
  return limit === undefined ? asterism.trade.quoteOpen(input) : asterism.trade.quoteLimit({ ...input, price: limit });
}

/** Nobody owns what is only quoted. */
const NOBODY = "0x000000000000000000000000000000000000dEaD";

async function quote(surroundings: Surroundings, args: OrderArguments, options: OrderOptions): Promise<number> {
  return withReader(surroundings, async (asterism) => {
    const found = await quoteOf(asterism, args, { ...options, owner: options.owner ?? NOBODY });
    surroundings.output.result(found, () => quoteTable(asterism, args, found));
    return found.outcome === "Refused" ? EXIT.refused : EXIT.fine;
  });
}

function quoteTable(asterism: Asterism, args: OrderArguments, found: OpenQuote): string {
  const symbol = args[4];
  const { chain } = asterism.connection;
  const { decimals } = tokenOf(chain, symbol === chain.nativeSymbol ? chain.wrappedNativeSymbol : symbol);
  const amount = (value: bigint) => `${formatToken(value, decimals)} ${symbol}`;
  const price = (value: bigint) => formatPrice(value, USD_DIGITS);
  const { outcome, reason } = found;
  const rows = [
    ["entry", price(found.entry)],
    ["size", formatSize(found.size)],
    ["notional", `${formatUsd(found.notionalUsd, USD_DIGITS)} USD`],
    ["margin", `${amount(found.margin)} (${formatUsd(found.marginUsd, USD_DIGITS)} USD)`],
    ["open fee", amount(found.openFee)],
    ["execution fee", amount(found.executionFee)],
    [
      "liquidated at",
      `${price(found.liquidationPrice)}${found.isTokenPriceAssumed ? ", at the token's price now" : ""}`,
    ],
    ["bankrupt at", price(found.bankruptcyPrice)],
    ["profit capped at", price(found.capPrice)],
  ];
  // Of what is refused before it has a size there is nothing else to tell.
  const shown = table(
    ["quote", ""],
    [["outcome", reason === "None" ? outcome : `${outcome}: ${reason}`], ...(found.size === 0n ? [] : rows)],
  );
  return reason === "None" ? shown : `${shown}\n${REASONS[reason]}`;
}

async function open(surroundings: Surroundings, args: OrderArguments, options: OrderOptions): Promise<number> {
  return withAccount(surroundings, options, async (asterism) => {
    const quoted = await quoteOf(asterism, args, options);
    // What is skipped waits: a limit for its price, any order for the moment's trouble to pass. A raised breaker takes no order at all.
    const isRefused = quoted.outcome === "Refused" || quoted.reason === "BreakerRaised";
    if (isRefused) throw new OrderRefusedError(quoted.reason);
    if (!surroundings.output.isJson) surroundings.output.note(quoteTable(asterism, args, quoted));
    const input = inputOf(args, options);
    const { limit } = options;
    const action =
      limit === undefined ? await asterism.trade.market(input) : await asterism.trade.limit({ ...input, price: limit });
    await perform(surroundings, asterism, action, options, (pending) => placed(pending, limit === undefined));
    return EXIT.fine;
  });
}

function placed({ id, target, receipt }: Pending, isMarket: boolean): { value: unknown; shown: string } {
  const when = isMarket ? `fills at the first tick at or after ${new Date(target * 1_000).toISOString()}` : "rests";
  return { value: { id, target: BigInt(target), hash: receipt.hash }, shown: `order ${id} ${when} (${receipt.hash})` };
}

async function close(surroundings: Surroundings, id: bigint, options: CloseOptions): Promise<number> {
  return withAccount(surroundings, options, async (asterism) => {
    const { size, acceptable } = options;
    const quoted = await asterism.trade.quoteClose(id, { size });
    if (quoted.reason !== "None") throw new OrderRefusedError(quoted.reason);
    const action = await asterism.trade.close(id, { size, acceptablePrice: acceptable });
    await perform(surroundings, asterism, action, options, ({ target, receipt }) => ({
      value: { id, target: BigInt(target), hash: receipt.hash, quote: quoted },
      shown:
        `close of ${id} fills at the first tick at or after ${new Date(target * 1_000).toISOString()} (${receipt.hash}); ` +
        `now it would be ${formatUsd(quoted.pnlUsd, USD_DIGITS)} USD at ${formatPrice(quoted.exit, USD_DIGITS)}`,
    }));
    return EXIT.fine;
  });
}

async function positions(asterism: Asterism, owner: string | undefined, { output }: Surroundings): Promise<number> {
  const open_ = (await asterism.trade.all(owner)).filter(({ size }) => size > 0n);
  const worth = await Promise.all(open_.map(({ id }) => asterism.trade.position(id)));
  const { chain } = asterism.connection;
  const value = open_.map((record, index) => ({ ...tradeValue(chain, record), worth: worthValue(worth[index]) }));
  output.result(value, () => {
    if (open_.length === 0) return "no positions";
    const rows = open_.map((record, index) => {
      const { marginUsd, pnlUsd, price, liquidationPrice, notionalUsd } = worth[index];
      const side = `${record.isLong ? "long" : "short"} ${record.leverage}x`;
      return [
        ...[String(record.id), bookShown(asterism, record), side, formatUsd(notionalUsd, USD_DIGITS)],
        ...[formatUsd(marginUsd, USD_DIGITS), formatPrice(record.price, USD_DIGITS), formatPrice(price, USD_DIGITS)],
        ...[formatUsd(pnlUsd, USD_DIGITS), formatPrice(liquidationPrice, USD_DIGITS)],
        record.close.target > 0n ? "pending" : "",
      ];
    });
    const head = [
      "id",
      "book",
      "side",
      "notional USD",
      "margin USD",
      "entry",
      "price",
      "pnl USD",
      "liquidated at",
      "close",
    ];
    return table(head, rows);
  });
  return EXIT.fine;
}

async function listOrders(asterism: Asterism, owner: string | undefined, { output }: Surroundings): Promise<number> {
  const waiting = (await asterism.trade.all(owner)).filter(({ size }) => size === 0n);
  const { chain } = asterism.connection;
  const value = waiting.map((record) => tradeValue(chain, record));
  output.result(value, () => {
    if (waiting.length === 0) return "no orders";
    const rows = waiting.map((record) => {
      const { symbol, decimals } = tokenOf(chain, record.token);
      return [
        ...[String(record.id), bookShown(asterism, record), `${record.isLong ? "long" : "short"} ${record.leverage}x`],
        ...[record.isLimit ? "limit" : "market", `${formatToken(record.amount, decimals)} ${symbol}`],
        ...[formatPrice(record.price, USD_DIGITS), new Date(Number(record.expiry) * 1_000).toISOString()],
        record.cancelledAt > 0n ? "cancelling" : "",
      ];
    });
    return table(["id", "book", "side", "kind", "amount", "price", "expires", ""], rows);
  });
  return EXIT.fine;
}

function bookShown({ connection }: Asterism, { bookId }: TradeRecord): string {
  const { market, mode } = marketOfBook(connection.chain, bookId);
  return `${market.asset}/USD ${mode}`;
}

/** A market order can be taken back once it has expired, a limit in two steps. */
async function cancel(surroundings: Surroundings, id: bigint, options: ActOptions): Promise<number> {
  return withAccount(surroundings, options, async (asterism, account) => {
    const record = (await asterism.trade.all(account)).find((candidate) => candidate.id === id);
    if (record === undefined || record.size > 0n) {
      throw new UsageError(`order ${id} is none of ${account} that waits`, "`asterism orders` prints those that do");
    }
    const isFirst = record.isLimit && record.cancelledAt === 0n;
    const action = isFirst ? asterism.trade.cancelLimit(id) : asterism.trade.finishCancel(id);
    await perform(surroundings, asterism, action, options, ({ hash }) => ({
      value: { id, isDone: !isFirst, hash },
      shown: isFirst
        ? `the cancellation of ${id} is asked for (${hash}): the same command takes it back in a few seconds, or a keeper does`
        : `order ${id} is taken back (${hash})`,
    }));
    return EXIT.fine;
  });
}

async function markets(surroundings: Surroundings): Promise<number> {
  const { output } = surroundings;
  return withReader(surroundings, async (asterism) => {
    const views = await asterism.trade.markets();
    const value = views.map((view) => marketValue(asterism.connection.chain, view));
    output.result(value, () => {
      const rows = views.map((view) => {
        const { market, mode } = marketOfBook(asterism.connection.chain, view.bookId);
        const hourly = (carryX18: bigint) => formatPips((carryX18 * 3_600n) / 10n ** 12n);
        return [
          ...[`${market.asset}/USD ${mode}`, formatPrice(view.price.mid, USD_DIGITS)],
          ...[formatUsd(view.long.notional, 0), formatUsd(view.longRoomUsd, 0)],
          ...[formatUsd(view.short.notional, 0), formatUsd(view.shortRoomUsd, 0)],
          ...[hourly(view.longCarryX18), hourly(view.shortCarryX18), formatUsd(view.lossBudgetLeftUsd, 0)],
          view.blockedBy === 0n ? "open" : "blocked",
        ];
      });
      const head = [
        "book",
        "price",
        "long USD",
        "room",
        "short USD",
        "room",
        "long pays/h",
        "short pays/h",
        "loss left",
        "",
      ];
      return table(head, rows);
    });
    return EXIT.fine;
  });
}
