import type { Command } from "commander";
import { DELEGATE_RIGHTS, formatDecimal, formatSize, tokenOf, tokens } from "../../../sdk/index";
import type { Asterism, ProAction, ProActed, ProHealth, ProLevel, ProOrder } from "../../../sdk/index";
import { sizeOfLots } from "../../../sdk/pro/actions";
import { proMarketOf } from "../../../sdk/chains";
import { amountShown } from "../lib/amounts";
import { addressOf, durationOf, idOf, idsOf, leverageOf, wholeOf, wordOf } from "../lib/arguments";
import { brokerIdOf } from "../lib/brokers";
import { UsageError } from "../lib/errors";
import { EXIT } from "../lib/exit";
import { perform, withAccount, withOwner, withReader } from "../lib/market";
import { table } from "../lib/output";
import {
  accountOptions,
  acting,
  averageOf,
  expiryOf,
  fillShown,
  nameOf,
  ofAccount,
  positionsOf,
  priceShown,
  scopesOf,
  usdShown,
  withPrices,
} from "../lib/pro";
import type { ProOptions } from "../lib/pro";
import type { Define, Run } from "../lib/program";
import type { Surroundings } from "../lib/world";
import { defineFees } from "./proFees";
import { defineTriggers } from "./proTriggers";

interface PlaceOptions extends ProOptions {
  price?: string;
  type?: keyof typeof TYPES;
  reduceOnly?: boolean;
  expires?: number;
  maxFills?: number;
  withCash?: string;
}

interface CloseOptions extends ProOptions {
  size?: string;
  acceptable?: string;
}

interface CancelOptions extends ProOptions {
  market?: string;
}

interface WithdrawOptions extends ProOptions {
  to?: string;
}

interface DelegateOptions extends ProOptions {
  for?: number;
}

type Side = ProOrder["side"];

/** Types of orders as they are written here. */
const TYPES = {
  limit: "limit",
  "post-only": "postOnly",
  ioc: "immediateOrCancel",
  fok: "fillOrKill",
} as const;
const RIGHTS = Object.keys(DELEGATE_RIGHTS) as (keyof typeof DELEGATE_RIGHTS)[];
const MOST_LEVELS = 100;
const FOREVER = 2 ** 40 - 1;
const RATE_DECIMALS = 16;
const RATE_DIGITS = 4;

export const definePro: Define = (program, run) => {
  const pro = program.command("pro").description("trade on the order book: accounts, orders, positions, triggers");
  pro
    .command("market")
    .description("print the book's markets: prices, funding, open interest")
    .action((_: object, command: Command) => run(command, markets));
  pro
    .command("book")
    .description("print the best levels of a market, asks above bids")
    .argument("<market>", "BTC, ETH/USD")
    .option("--levels <number>", "of each side; 10 by default", wholeOf(1, MOST_LEVELS))
    .action((market: string, { levels }: { levels?: number }, command: Command) =>
      run(command, (surroundings) => book(surroundings, market, levels ?? 10)),
    );
  reading(pro.command("positions"), run, positions).description("print an account's cash, margin and positions");
  reading(pro.command("orders"), run, orders).description("print an account's orders that rest");
  defineOrders(pro, run);
  defineAccount(pro, run);
  defineTriggers(pro, run);
  defineFees(pro, run);
};

function defineOrders(pro: Command, run: Run): void {
  order(pro.command("quote"), run, quote).description(
    "print what an order would fill now, and why it would be refused",
  );
  order(pro.command("place"), run, place).description(
    "place an order; the reason is told before anything is sent where it would be refused",
  );
  acting(pro.command("close"))
    .description("close a position at once, or a part of it, as far as the book takes it")
    .argument("<market>", "BTC, ETH/USD")
    .option("--size <size>", "the part to close; the whole by default")
    .option("--acceptable <price>", "worst price; any within the band by default")
    .action((market: string, options: CloseOptions, command: Command) =>
      run(command, (surroundings) => close(surroundings, market, options)),
    );
  acting(pro.command("cancel"))
    .description("cancel orders that rest: by id, or all of a market")
    .argument("[ids...]", "of `asterism pro orders`", idsOf)
    .option("--market <market>", "all of this market")
    .action((ids: bigint[] | undefined, options: CancelOptions, command: Command) =>
      run(command, (surroundings) => cancel(surroundings, ids ?? [], options)),
    );
  acting(pro.command("lower"))
    .description("leave so much of an order that rests; it keeps its place")
    .argument("<id>", "of `asterism pro orders`", idOf)
    .argument("<size>")
    .action((id: bigint, size: string, options: ProOptions, command: Command) =>
      run(command, (surroundings) =>
        act(surroundings, { kind: "lower", id, size }, options, `${size} are left of ${id}`),
      ),
    );
}

function defineAccount(pro: Command, run: Run): void {
  acting(pro.command("deposit"))
    .description("bring the settlement token into an account; the first deposit opens it")
    .argument("<amount>", "of the token")
    .action((amount: string, options: ProOptions, command: Command) =>
      run(command, (surroundings) => deposit(surroundings, amount, options)),
    );
  acting(pro.command("withdraw"))
    .description("take the settlement token out of an account's cross scope")
    .argument("<amount>", "of the token")
    .option("--to <address>", "who receives it; the owner by default", addressOf)
    .action((amount: string, options: WithdrawOptions, command: Command) =>
      run(command, (surroundings) => {
        const action: ProAction = { kind: "withdraw", amount, receiver: options.to };
        return act(surroundings, action, options, `${amount} withdrawn`);
      }),
    );
  acting(pro.command("leverage"))
    .description("set the leverage of a market")
    .argument("<market>", "BTC, ETH/USD")
    .argument("<leverage>", "20 or 20x", leverageOf)
    .action((market: string, leverage: number, options: ProOptions, command: Command) =>
      run(command, (surroundings) =>
        act(surroundings, { kind: "leverage", market, leverage }, options, `leverage of ${market}: ${leverage}x`),
      ),
    );
  acting(pro.command("mode"))
    .description("margin a market with all others, or by itself; while neither position nor order is there")
    .argument("<market>", "BTC, ETH/USD")
    .argument("<mode>", "cross or isolated", wordOf(["cross", "isolated"]))
    .action((market: string, mode: "cross" | "isolated", options: ProOptions, command: Command) =>
      run(command, (surroundings) =>
        act(surroundings, { kind: "mode", market, mode }, options, `${market} is ${mode}`),
      ),
    );
  acting(pro.command("transfer"))
    .description("move cash between an account's scopes: `cross`, and markets that are isolated")
    .argument("<from>", "cross, or a market")
    .argument("<to>", "cross, or a market")
    .argument("<amount>", "USD")
    .option("--to-sub <number>", "into another account of the owner; the same by default", wholeOf(0, 255))
    .action((from: string, to: string, amount: string, options: ProOptions & { toSub?: number }, command: Command) =>
      run(command, (surroundings) => {
        const toSub = options.toSub ?? options.sub;
        return act(surroundings, { kind: "transfer", from, to, toSub, amount }, options, `${amount} USD to ${to}`);
      }),
    );
  acting(pro.command("broker"))
    .description("name who is given a share of an account's fees, once")
    .argument("<id>", "from 1 on", brokerIdOf)
    .action((broker: number, options: ProOptions, command: Command) =>
      run(command, (surroundings) =>
        act(surroundings, { kind: "nameBroker", broker }, options, `broker ${broker} is named`),
      ),
    );
  acting(pro.command("delegate"))
    .description("let another address cancel, reduce or trade for an account; never withdraw")
    .argument("<address>", "who may act", addressOf)
    .argument("<rights>", "none, cancel, reduce or trade, each with all before it", wordOf(RIGHTS))
    .option("--for <period>", "how long, such as 30d; until it is taken away by default", durationOf)
    .action((address: string, rights: keyof typeof DELEGATE_RIGHTS, options: DelegateOptions, command: Command) =>
      run(command, (surroundings) => delegate(surroundings, address, rights, options)),
    );
}

function reading(
  command: Command,
  run: Run,
  body: (asterism: Asterism, options: ProOptions, surroundings: Surroundings) => Promise<number>,
): Command {
  return ofAccount(command).action((options: ProOptions, self: Command) =>
    run(self, (surroundings) =>
      withOwner(surroundings, options.owner, (asterism) => body(asterism, options, surroundings)),
    ),
  );
}

function order(
  command: Command,
  run: Run,
  body: (surroundings: Surroundings, args: [Side, string, string], options: PlaceOptions) => Promise<number>,
): Command {
  return acting(command)
    .argument("<side>", "buy or sell", wordOf(["buy", "sell"]))
    .argument("<market>", "BTC, ETH/USD")
    .argument("<size>", "of the asset")
    .option("--price <price>", "worst price; what is not filled rests there; without one nothing rests")
    .option("--type <type>", `${Object.keys(TYPES).join(", ")}`, wordOf(Object.keys(TYPES)))
    .option("--reduce-only", "it never opens")
    .option("--expires <period>", "after which it is not filled any more, such as 1h", durationOf)
    .option("--max-fills <number>", "orders that it meets at most; 100 by default", wholeOf(1, 100))
    .option("--with-cash <amount>", "USD to move from the cross scope into an isolated market in the same call")
    .action((side: Side, market: string, size: string, options: PlaceOptions, self: Command) =>
      run(self, (surroundings) => body(surroundings, [side, market, size], options)),
    );
}

// Reading

async function markets(surroundings: Surroundings): Promise<number> {
  return withReader(surroundings, async (asterism) => {
    const { chain, provider } = asterism.connection;
    const time = (await provider.getBlock("latest"))?.timestamp ?? 0;
    const views = await Promise.all(
      Object.entries(chain.pro.markets).map(async ([market, facts]) => {
        const [mark, { openInterest: lots, ...funding }] = await Promise.all([
          asterism.pro.mark(market),
          asterism.pro.funding(market),
        ]);
        const { bids, asks } = await asterism.pro.book(market, 1);
        const bid = bids.at(0)?.price ?? 0n;
        const ask = asks.at(0)?.price ?? 0n;
        return { market, mark, funding, openInterest: sizeOfLots(facts, lots), bid, ask };
      }),
    );
    surroundings.output.result(views, () => {
      const rows = views.map(({ ask, bid, funding, mark, market, openInterest }) => [
        ...[market, priceShown(mark.index), mark.publishTime === 0n ? "never" : `${time - Number(mark.publishTime)} s`],
        ...[priceShown(mark.mark), priceShown(bid), priceShown(ask)],
        ...[`${formatDecimal(funding.rateX18, RATE_DECIMALS, RATE_DIGITS)}%`, formatSize(openInterest)],
        usdShown(funding.fund),
      ]);
      const head = ["market", "index", "age", "mark", "bid", "ask", "longs pay/8h", "open interest", "fund USD"];
      return table(head, rows);
    });
    return EXIT.fine;
  });
}

async function book(surroundings: Surroundings, market: string, levels: number): Promise<number> {
  return withReader(surroundings, async (asterism) => {
    const sides = await asterism.pro.book(market, levels);
    surroundings.output.result(sides, () => {
      const row = (side: string, { orders: count, price, size }: ProLevel) => [
        ...[side, priceShown(price), formatSize(size), String(count)],
      ];
      const rows = [
        ...sides.asks.map((level) => row("ask", level)).reverse(),
        ...sides.bids.map((level) => row("bid", level)),
      ];
      return rows.length === 0 ? "nothing rests" : table(["side", "price", "size", "orders"], rows);
    });
    return EXIT.fine;
  });
}

async function positions(asterism: Asterism, options: ProOptions, { output }: Surroundings): Promise<number> {
  const scopes = await scopesOf(asterism, accountOptions(options));
  output.result(scopes, () => {
    const money = Object.entries(scopes).map(([scope, health]) => [
      ...[scope, usdShown(health.cash), usdShown(health.pnl), usdShown(health.equity), usdShown(health.initialMargin)],
      ...[usdShown(health.maintenanceMargin), usdShown(health.available), stateOf(health)],
    ]);
    const head = ["scope", "cash USD", "pnl", "equity", "initial margin", "maintenance", "available", ""];
    const held = Object.entries(scopes).flatMap(([scope, health]) =>
      health.positions
        .filter(({ size }) => size !== 0n)
        .map((position) => [
          ...[position.market, scope === "cross" ? scope : "isolated", `${position.leverage}x`],
          ...[
            formatSize(position.size),
            priceShown(averageOf(position.cost, position.size)),
            priceShown(position.mark),
          ],
          ...[usdShown(position.pnl), usdShown(position.fundingOwed)],
          ...[priceShown(position.liquidationPrice), priceShown(position.bankruptcyPrice)],
        ]),
    );
    const columns = ["market", "mode", "leverage", "size", "entry", "mark", "pnl USD", "funding owed"];
    const shown = held.length === 0 ? "no positions" : table([...columns, "liquidated at", "bankrupt at"], held);
    return `${table(head, money)}\n${shown}`;
  });
  return EXIT.fine;
}

function stateOf({ isLiquidatable, isStretched }: ProHealth): string {
  if (isLiquidatable) return "liquidatable";
  return isStretched ? "stretched: its orders may be cancelled" : "";
}

async function orders(asterism: Asterism, options: ProOptions, { output }: Surroundings): Promise<number> {
  const names = Object.keys(asterism.connection.chain.pro.markets);
  const resting = (await Promise.all(names.map((name) => asterism.pro.orders(name, accountOptions(options))))).flat();
  output.result(resting, () => {
    if (resting.length === 0) return "no orders";
    const rows = resting.map(({ expiry, id, isReduceOnly, market, price, side, size }) => [
      ...[String(id), market, side, priceShown(price), formatSize(size), isReduceOnly ? "reduces" : ""],
      expiry === 0n ? "" : new Date(Number(expiry) * 1_000).toISOString(),
    ]);
    return table(["id", "market", "side", "price", "size", "", "expires"], rows);
  });
  return EXIT.fine;
}

// Acting

async function orderOf(asterism: Asterism, [side, market, size]: [Side, string, string], options: PlaceOptions) {
  const { maxFills, price, reduceOnly, type } = options;
  const needsPrice = type !== undefined && type !== "ioc";
  if (needsPrice && price === undefined) throw new UsageError(`an order of type ${type} needs a price`, "give --price");
  const expiry = await expiryOf(asterism, options.expires);
  return {
    ...{ kind: "place", market, side, size, price, isReduceOnly: reduceOnly, expiry, maxFills },
    type: type && TYPES[type],
  } satisfies ProAction;
}

/** All of an order's call: an isolated market keeps no cash without position or order, so that cash comes with them. */
function callOf(action: ProOrder, { withCash }: PlaceOptions): ProAction[] {
  if (withCash === undefined) return [action];
  return [{ kind: "transfer", from: "cross", to: action.market, amount: withCash }, action];
}

async function quoteOf(asterism: Asterism, action: ProOrder, options: PlaceOptions) {
  const call = callOf(action, options);
  const how = await withPrices(asterism, call, options);
  const found = (await asterism.pro.preview(call, how))[call.length - 1];
  const facts = proMarketOf(asterism.connection.chain, action.market);
  const size = sizeOfLots(facts, found.filled);
  const average = averageOf(found.notional, size);
  return { call, how, found: { ...found, filled: size, average, rests: found.orderId !== 0n } };
}

type Quote = Awaited<ReturnType<typeof quoteOf>>["found"];

function quoteTable({ average, filled, notional, rests }: Quote): string {
  return table(
    ["quote", ""],
    [
      ["fills at once", formatSize(filled)],
      ["average price", priceShown(average)],
      ["notional", `${usdShown(notional)} USD`],
      ["the rest", rests ? "rests" : "is dropped"],
    ],
  );
}

async function quote(surroundings: Surroundings, args: [Side, string, string], options: PlaceOptions): Promise<number> {
  return withOwner(
    surroundings,
    options.owner,
    async (asterism) => {
      const { found } = await quoteOf(asterism, await orderOf(asterism, args, options), options);
      surroundings.output.result(found, () => quoteTable(found));
      return EXIT.fine;
    },
    options,
  );
}

async function place(surroundings: Surroundings, args: [Side, string, string], options: PlaceOptions): Promise<number> {
  return withAccount(surroundings, options, async (asterism) => {
    const action = await orderOf(asterism, args, options);
    const { call, found, how } = await quoteOf(asterism, action, options);
    if (!surroundings.output.isJson) surroundings.output.note(quoteTable(found));
    await perform(surroundings, asterism, await asterism.pro.act(call, how), options, acted);
    return EXIT.fine;
  });
}

async function close(surroundings: Surroundings, market: string, options: CloseOptions): Promise<number> {
  return withAccount(surroundings, options, async (asterism) => {
    const name = nameOf(asterism, market);
    const held = (await positionsOf(asterism, accountOptions(options))).find((position) => position.market === name);
    if (held === undefined) {
      throw new UsageError(`there is no position in ${name}`, "`asterism pro positions` prints those that there are");
    }
    const whole = formatSize(held.size < 0n ? 0n - held.size : held.size);
    const action: ProOrder = {
      ...{ kind: "place", market: name, side: held.size < 0n ? "buy" : "sell", size: options.size ?? whole },
      ...{ price: options.acceptable, type: "immediateOrCancel", isReduceOnly: true },
    };
    const how = await withPrices(asterism, [action], options);
    await perform(surroundings, asterism, await asterism.pro.act([action], how), options, acted);
    return EXIT.fine;
  });
}

async function cancel(surroundings: Surroundings, ids: readonly bigint[], options: CancelOptions): Promise<number> {
  return withAccount(surroundings, options, async (asterism) => {
    const { market } = options;
    const own = accountOptions(options);
    const resting = market === undefined ? [] : (await asterism.pro.orders(market, own)).map(({ id }) => id);
    const all = [...new Set([...ids, ...resting])];
    if (all.length === 0) {
      const next = "`asterism pro orders` prints those that rest";
      throw new UsageError(market === undefined ? "no order is named" : `no order rests in ${market}`, next);
    }
    const actions = all.map((id): ProAction => ({ kind: "cancel", id }));
    await perform(surroundings, asterism, await asterism.pro.act(actions, own), options, ({ receipt: { hash } }) => ({
      value: { cancelled: all, hash },
      shown: `${all.map((id) => `order ${id} is cancelled`).join("\n")} (${hash})`,
    }));
    return EXIT.fine;
  });
}

/** One action, and what is said once it is done. */
async function act(surroundings: Surroundings, action: ProAction, options: ProOptions, done: string): Promise<number> {
  return withAccount(surroundings, options, async (asterism) => {
    const how = await withPrices(asterism, [action], options);
    await perform(surroundings, asterism, await asterism.pro.act([action], how), options, ({ receipt: { hash } }) => ({
      value: { hash },
      shown: `${done} (${hash})`,
    }));
    return EXIT.fine;
  });
}

function acted({ fills, receipt: { hash }, rested }: ProActed): { value: unknown; shown: string } {
  const lines = [...fills.map(fillShown), ...rested.map((id) => `order ${id} rests`)];
  return {
    value: { fills, rested, hash },
    shown: `${lines.length === 0 ? "nothing was filled" : lines.join("\n")} (${hash})`,
  };
}

async function deposit(surroundings: Surroundings, amount: string, options: ProOptions): Promise<number> {
  return withAccount(surroundings, options, async (asterism) => {
    const { chain } = asterism.connection;
    const { token } = chain.pro;
    const units = tokens(amount, tokenOf(chain, token).decimals);
    const action = await asterism.pro.deposit(units, accountOptions(options));
    await perform(surroundings, asterism, action, options, (account) => ({
      value: { account, amount: units, token },
      shown: `${amountShown(asterism, token, units)} are in account ${account}`,
    }));
    return EXIT.fine;
  });
}

async function delegate(
  surroundings: Surroundings,
  address: string,
  rights: keyof typeof DELEGATE_RIGHTS,
  options: DelegateOptions,
): Promise<number> {
  return withAccount(surroundings, options, async (asterism) => {
    const until = (await expiryOf(asterism, options.for)) ?? FOREVER;
    const action = await asterism.pro.setDelegate(address, rights, until, accountOptions(options));
    const end = options.for === undefined ? "" : ` until ${new Date(until * 1_000).toISOString()}`;
    await perform(surroundings, asterism, action, options, ({ hash }) => ({
      value: { delegate: address, rights, until: BigInt(until), hash },
      shown: rights === "none" ? `${address} has no rights (${hash})` : `${address} may ${rights}${end} (${hash})`,
    }));
    return EXIT.fine;
  });
}
