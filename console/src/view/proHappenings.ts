/** What has happened in an account of Pro, told in sentences with their numbers, and what it comes to. */
import { PRO_REASONS, ProReason, formatSize, nameOf, priceOfTicks, proWords, sizeOfLots } from "@asterism/sdk";
import type { EventOf, ProFacts, ProMarketFacts } from "@asterism/sdk";
import type { gridBookAbi, proAbi, proTriggersAbi } from "@asterism/sdk/abis";
import { proModel } from "@asterism/sdk/model";
import { addressText, capitalised, pipsText, priceText, signedUsdText, usdText, wordsOf } from "./format";
import { gridOf } from "./gridPlan";
import { rightsText } from "./proCalls";

type Named = EventOf<typeof proAbi> | EventOf<typeof proTriggersAbi> | EventOf<typeof gridBookAbi>;

export interface ProEvent {
  readonly key: string;
  readonly block: number;
  readonly event: Named;
}

export const PRO_KINDS = ["fills", "cash", "orders"] as const;
export type ProKind = (typeof PRO_KINDS)[number];

export interface ProRow {
  readonly key: string;
  readonly block: number;
  readonly kind: ProKind;
  readonly title: string;
  readonly words: string;
  readonly tone: "good" | "bad" | "";
  /** Quote; undefined where there is none. */
  readonly fee?: bigint;
  /** Of the account's cash, quote. */
  readonly cash?: bigint;
}

/** Quote, over the whole history. */
export interface ProTotals {
  readonly in: bigint;
  readonly out: bigint;
  /** What closed lots brought beyond their cost. */
  readonly realised: bigint;
  /** Funding and shared losses; negative was paid. */
  readonly funding: bigint;
  /** Of fills that went from one side to the other what was realised and funding, of which only the sum is told; what a fund paid. */
  readonly together: bigint;
  readonly fees: bigint;
  /** Tips, and what keepers were paid; less what was earned as one. */
  readonly keepers: bigint;
}

/** Somebody who had rights for the account, as they were given last. */
export interface ProDelegate {
  readonly delegate: string;
  readonly rights: number;
  /** Last second. */
  readonly expiry: bigint;
}

export interface ProAccountHistory {
  /** The latest first. */
  readonly rows: readonly ProRow[];
  readonly totals: ProTotals;
  readonly delegates: readonly ProDelegate[];
  /** As it was set, by market. */
  readonly leverages: ReadonlyMap<number, bigint>;
}

/** `OrderEnd` of the contracts, in its order. */
const ENDS = [
  "it was cancelled",
  "it was filled wholly",
  "what a fill left of it was too little to rest",
  "it expired",
  "it was met at a price too far from the mark",
  "it met an order of its own owner",
  "nothing was left for it to reduce",
  "it would have passed a cap, or a rule of high leverage",
  "it would have left the account in debt",
  "the account was stretched, and anyone may cancel its orders",
  "the account was liquidated",
  "the market settles",
];
const FILLED = 1n;
const TRIGGERS = ["Stop", "Take profit", "Trailing stop"];

interface Tracked {
  position: proModel.Position;
  /** Its cost is not known since it crossed from one side to the other, until it is closed. */
  isKnown: boolean;
}

/** Everything of an account from its events in their order. */
export function proHistoryOf(pro: ProFacts, account: bigint, events: readonly ProEvent[]): ProAccountHistory {
  const teller = new Teller(pro, account);
  const known = Object.values(pro.markets).map(({ id }) => BigInt(id));
  const rows = events.flatMap(({ key, block, event }) => {
    const market = marketOf(event);
    const told = market === undefined || known.includes(market) ? teller.tell(event) : strangeRow(event.name, market);
    return told === undefined ? [] : [{ key, block, ...told }];
  });
  return { rows: rows.reverse(), totals: teller.totals, delegates: teller.delegates, leverages: teller.leverages };
}

type Told = Omit<ProRow, "key" | "block">;

class Teller {
  readonly leverages = new Map<number, bigint>();
  private readonly rights = new Map<string, ProDelegate>();
  private readonly orders = new Map<bigint, { readonly tick: bigint; readonly isBid: boolean }>();
  private readonly kinds = new Map<bigint, string>();
  private readonly tracked = new Map<number, Tracked>();
  private sums = { in: 0n, out: 0n, realised: 0n, funding: 0n, together: 0n, fees: 0n, keepers: 0n };

  constructor(
    private readonly pro: ProFacts,
    private readonly account: bigint,
  ) {}

  get totals(): ProTotals {
    return this.sums;
  }

  /** Who has any, the latest first. */
  get delegates(): ProDelegate[] {
    return [...this.rights.values()].filter(({ rights }) => rights > 0).reverse();
  }

  tell(event: Named): Told | undefined {
    switch (event.name) {
      case "Deposited":
        this.sums.in += event.args.amount;
        return cashRow("Deposited", `by ${addressText(event.args.payer)}`, event.args.amount);
      case "Withdrawn":
        this.sums.out += event.args.amount;
        return cashRow("Withdrawn", `to ${addressText(event.args.receiver)}`, -event.args.amount);
      case "Transferred":
        return this.transferred(event.args);
      case "KeeperPaid":
        return this.paid(event.args);
      case "DelegateSet":
        return this.delegated(event.args);
      case "LeverageSet":
        this.leverages.set(Number(event.args.market), event.args.leverage);
        return undefined;
      case "OrderRested": {
        const { orderId, tick, lots, flags } = event.args;
        const isBid = (flags & 1n) === 1n;
        this.orders.set(orderId, { tick, isBid });
        const words = `${this.deal(proWords.marketOfOrder(orderId), isBid ? lots : -lots)} at ${this.price(orderId, tick)}`;
        return { kind: "orders", title: "Rests", words, tone: "" };
      }
      case "OrderRemoved": {
        const { orderId, end } = event.args;
        // A fill has told of it.
        if (end === FILLED) return undefined;
        const isBid = this.orders.get(orderId)?.isBid === true;
        const words = `the order to ${isBid ? "buy" : "sell"} ${this.name(proWords.marketOfOrder(orderId))}: ${ENDS[Number(end)]}`;
        return { kind: "orders", title: "Gone", words, tone: "" };
      }
      case "OrderFilled":
        return this.made(event.args);
      case "Taken": {
        const { market, lots, tickLots, cashChange, fee } = event.args;
        const quote = tickLots * proModel.quotePerTickLot(this.grid(market));
        const of = fee === 0n ? "by liquidation" : "from the book";
        return this.filled(market, lots, quote, cashChange, fee, of);
      }
      case "PositionMoved": {
        const { market, lots, cost, cashChange } = event.args;
        return this.filled(market, lots, cost < 0n ? -cost : cost, cashChange, 0n, "against another position");
      }
      case "ScopeReduced":
        return this.reduced(event.args);
      case "Deleveraged": {
        const { scope, market, lots, price } = event.args;
        const words =
          accountOf(scope) === this.account
            ? `${this.size(market, lots)} were closed against a winner's position at ${priceText(price)}`
            : `${this.size(market, lots)} of your profit were taken at ${priceText(price)}: a bankrupt account had nothing left to pay more`;
        return { kind: "fills", title: "Deleveraged", words, tone: "bad" };
      }
      case "LossShared": {
        const words = `${usdText(event.args.deficit)} that the account lacked in ${this.name(event.args.market)} were shared by the other side`;
        return { kind: "fills", title: "Loss shared", words, tone: "bad" };
      }
      default:
        return this.waited(event);
    }
  }

  private waited(event: Named): Told | undefined {
    switch (event.name) {
      case "TriggerSet": {
        const { id, order } = event.args;
        const kind = TRIGGERS[Number(order.kind)];
        this.kinds.set(id, kind);
        const at = order.tick === 0n ? "" : ` at ${this.tickPrice(order.market, order.tick)}`;
        const words = `${kind.toLowerCase()} in ${this.name(order.market)}${at}`;
        return { kind: "orders", title: "Waits", words, tone: "" };
      }
      case "TriggerFired": {
        const { id, price, lots } = event.args;
        const kind = this.kinds.get(id) ?? "Trigger";
        const words = `at ${priceText(price)}: ${this.size((id >> 8n) & 255n, lots)} filled`;
        return { kind: "orders", title: `${kind} fired`, words, tone: "" };
      }
      case "TriggerRemoved": {
        const { id, reason } = event.args;
        const kind = this.kinds.get(id) ?? "Trigger";
        const words = reason === 0n ? "it was cancelled" : PRO_REASONS[nameOf(ProReason, reason)];
        return { kind: "orders", title: `${kind} gone`, words, tone: "" };
      }
      case "GridOpened": {
        const { order } = event.args;
        const [low, high] = [order.low, order.high].map((tick) => this.tickPrice(order.market, tick));
        const words = `${order.lines} lines in ${this.name(order.market)} from ${low} to ${high}`;
        return { kind: "orders", title: "Grid opened", words, tone: "" };
      }
      case "GridEnded": {
        const { id, reason } = event.args;
        const why = reason === 0n ? "its owner stopped it" : PRO_REASONS[nameOf(ProReason, reason)];
        return { kind: "orders", title: "Grid over", words: `${this.name(id & 255n)}: ${why}`, tone: "" };
      }
      default:
        return undefined;
    }
  }

  private transferred({ fromScope, toScope, amount }: { fromScope: bigint; toScope: bigint; amount: bigint }): Told {
    const [from, to] = [fromScope, toScope].map((scope) => this.scope(scope));
    const isOut = accountOf(fromScope) === this.account;
    const isIn = accountOf(toScope) === this.account;
    if (isIn && !isOut) this.sums.in += amount;
    if (isOut && !isIn) this.sums.out += amount;
    const words = `${usdText(amount)} from ${from} to ${to}`;
    return cashRow("Moved", words, isOut && isIn ? undefined : isIn ? amount : -amount);
  }

  private paid({
    keeperAccount,
    fromScope,
    amount,
  }: {
    keeperAccount: bigint;
    fromScope: bigint;
    amount: bigint;
  }): Told {
    const [isEarned, isPaid] = [keeperAccount === this.account, accountOf(fromScope) === this.account];
    const change = (isEarned ? amount : 0n) - (isPaid ? amount : 0n);
    this.sums.keepers -= change;
    return isPaid
      ? cashRow("Paid to a keeper", "for what he did for this account", change)
      : cashRow("Earned as a keeper", "for what was done for another", change);
  }

  private delegated(args: { delegate: string; rights: bigint; expiry: bigint }): Told {
    const { delegate, expiry } = args;
    const rights = Number(args.rights);
    this.rights.delete(delegate);
    this.rights.set(delegate, { delegate, rights, expiry });
    const words = `${addressText(delegate)} may ${rights === 0 ? "do nothing any more" : rightsText(rights)}`;
    return { kind: "orders", title: "Delegate", words, tone: "" };
  }

  private made(args: { orderId: bigint; lots: bigint; cashChange: bigint; fee: bigint }): Told | undefined {
    const { orderId, lots, cashChange, fee } = args;
    const order = this.orders.get(orderId);
    // Every order has rested before.
    if (order === undefined) return undefined;
    const market = proWords.marketOfOrder(orderId);
    const quote = order.tick * lots * proModel.quotePerTickLot(this.grid(market));
    return this.filled(market, order.isBid ? lots : -lots, quote, cashChange, fee, "by a resting order");
  }

  /** @param quote What the lots were worth together, positive. */
  private filled(market: bigint, lots: bigint, quote: bigint, cash: bigint, fee: bigint, how: string): Told {
    const { realised, funding } = this.track(Number(market), lots, lots < 0n ? -quote : quote, cash, fee);
    this.sums.fees += fee;
    const price = quote / (this.grid(market).lotSize * (lots < 0n ? -lots : lots));
    const words = [
      `${this.deal(market, lots)} at ${priceText(price)} ${how}`,
      ...(realised === undefined ? [`realised and funding ${signedUsdText(cash + fee, 4)} together`] : []),
      ...(realised === undefined || realised === 0n ? [] : [`realised ${signedUsdText(realised, 4)}`]),
      ...(realised === undefined || funding === 0n ? [] : [`funding ${signedUsdText(-funding, 4)}`]),
    ].join("; ");
    const result = (realised ?? cash + fee) - fee;
    const isClosing = realised !== 0n;
    return {
      ...{ kind: "fills", title: lots > 0n ? "Bought" : "Sold", words, fee, cash },
      tone: !isClosing ? "" : result >= 0n ? "good" : "bad",
    };
  }

  /** What was realised, undefined where only the sum with funding is told; and funding that was paid. */
  private track(market: number, lots: bigint, quote: bigint, cash: bigint, fee: bigint) {
    const state = this.tracked.get(market) ?? { position: proModel.FLAT, isKnown: true };
    const closed = proModel.closedLots(state.position.lots, lots);
    const isCrossing = closed > 0n && closed < (lots < 0n ? -lots : lots);
    if (isCrossing || (!state.isKnown && closed > 0n)) {
      const held = state.position.lots + lots;
      this.tracked.set(market, { position: { ...proModel.FLAT, lots: held }, isKnown: held === 0n });
      this.sums.together += cash + fee;
      return { realised: undefined, funding: 0n };
    }
    const none = proModel.NO_FUNDING;
    const { position, realised } =
      closed > 0n
        ? proModel.reduceFor(state.position, none, lots, quote)
        : proModel.increaseFor({ position: state.position, realised: 0n, funding: 0n }, none, lots, quote);
    this.tracked.set(market, { ...state, position });
    const funding = realised - fee - cash;
    this.sums.realised += realised;
    this.sums.funding -= funding;
    return { realised, funding };
  }

  private reduced(args: { market: bigint; lots: bigint; fees: bigint; fromFund: bigint }): Told {
    const { market, lots, fees, fromFund } = args;
    this.sums.fees += fees;
    this.sums.together += fromFund;
    const fund = fromFund === 0n ? "" : `; the fund paid ${usdText(fromFund)}`;
    const words = `the margin no longer bore ${this.size(market, lots)}: they were closed for fees of ${usdText(fees)}${fund}`;
    return { kind: "fills", title: "Liquidated", words, tone: "bad", fee: fees, cash: fromFund - fees };
  }

  private deal(market: bigint, lots: bigint): string {
    return `${lots > 0n ? "buy" : "sell"} ${this.size(market, lots)}`;
  }

  private size(market: bigint, lots: bigint): string {
    const facts = this.facts(market);
    return `${formatSize(sizeOfLots(facts, lots < 0n ? -lots : lots))} ${facts.asset}`;
  }

  private price(orderId: bigint, tick: bigint): string {
    return this.tickPrice(proWords.marketOfOrder(orderId), tick);
  }

  private tickPrice(market: bigint, tick: bigint): string {
    return priceText(priceOfTicks(this.facts(market), tick));
  }

  private grid(market: bigint): proModel.Grid {
    return gridOf(this.facts(market));
  }

  private name(market: bigint): string {
    const { markets } = this.pro;
    return Object.keys(markets).find((name) => BigInt(markets[name].id) === market) ?? `market ${market}`;
  }

  private facts(market: bigint): ProMarketFacts {
    const known = Object.values(this.pro.markets).find(({ id }) => BigInt(id) === market);
    if (known === undefined) throw new Error(`market ${market} is not known here`);
    return known;
  }

  private scope(scope: bigint): string {
    const of = scope & 255n;
    const kind = of === 0n ? "cross" : `${this.name(of - 1n)} isolated`;
    return accountOf(scope) === this.account ? kind : `${kind} of sub-account ${accountOf(scope) & 255n}`;
  }
}

/** The market that an event is about; undefined where it is about none. */
function marketOf({ args }: Named): bigint | undefined {
  if ("market" in args) return args.market;
  if ("order" in args) return args.order.market;
  if ("orderId" in args && args.orderId !== undefined) return proWords.marketOfOrder(args.orderId);
  return undefined;
}

/** A market that was listed after this page was made: its steps are not known. */
function strangeRow(name: string, market: bigint): Told {
  const words = `in market ${market}, which was listed after this page was made`;
  return { kind: "orders", title: capitalised(wordsOf(name)), words, tone: "" };
}

function cashRow(title: string, words: string, cash: bigint | undefined): Told {
  const tone = cash === undefined || cash === 0n ? "" : cash > 0n ? "good" : "";
  return { kind: "cash", title, words, tone, cash };
}

const accountOf = (scope: bigint): bigint => scope >> 8n;

/** Funding for eight hours, 18 decimals. */
export function fundingText(rateX18: bigint): string {
  return `${pipsText(rateX18 / 10n ** 12n, 4)} each 8 h`;
}
