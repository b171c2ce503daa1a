import type { ContractTransactionReceipt } from "ethers";
import { Codec } from "../abi";
import type { Args, Returned } from "../abi";
import { Action } from "../action";
import { proTriggersAbi, proTriggersLensAbi } from "../abis";
import type { PriceInput, SizeInput } from "../amounts";
import { proMarketAt, proMarketOf } from "../chains";
import type { ProMarketFacts } from "../chains";
import { isFirstOf } from "../choices";
import type { Connection } from "../connection";
import { lotsOf, priceOfTicks, sizeOfLots, ticksOf } from "../pro/actions";
import { FOREVER } from "../pro/words";
import { query } from "../reading";
import { pips } from "../units";
import type { Pips, Price, Size, Usd } from "../units";
import { marketNameOf } from "./pro";
import type { ProAccountOptions, ProClient } from "./pro";

const TRIGGERS = new Codec(proTriggersAbi);
const LENS = new Codec(proTriggersLensAbi);
/** `TriggerKind` of the contracts, in its order. */
const KINDS = ["stop", "takeProfit", "trailing"] as const;

type OrderFields = Args<typeof proTriggersAbi, "change">[1];
type TriggerView = Returned<typeof proTriggersLensAbi, "trigger">;

/** An order that waits for the index to reach a price. */
export interface ProTriggerInput {
  readonly market: string;
  readonly kind: (typeof KINDS)[number];
  /** What it does when it fires: "sell" closes a long. */
  readonly side: "buy" | "sell";
  /** All that the position has then by default; an order that may open needs one. */
  readonly size?: SizeInput;
  /** What it waits for; of a trailing one what the price must have reached, none by default. */
  readonly price?: PriceInput;
  /** Worst price of its fills. */
  readonly limit?: PriceInput;
  /** Worst price of its fills, counted from the one at which it fires: 1% by default, 5% at most. None beside a limit. */
  readonly bound?: Pips | string;
  /** Of a trailing one how far the price comes back: 0.1% to 5%. */
  readonly callback?: Pips | string;
  /** True by default: it never opens. */
  readonly isReduceOnly?: boolean;
  /** Last second in which it may fire; for ever by default. */
  readonly expiry?: number;
}

/** One that waits. */
export interface ProTrigger {
  readonly id: bigint;
  readonly market: string;
  readonly kind: (typeof KINDS)[number];
  readonly side: "buy" | "sell";
  /** 0: all that the position has then. */
  readonly size: Size;
  /** 0, of a trailing one: it needs none. */
  readonly price: Price;
  /** 0: the bound says. */
  readonly limit: Price;
  readonly bound: Pips;
  readonly callback: Pips;
  readonly isReduceOnly: boolean;
  /** 0: it does not expire. */
  readonly expiry: bigint;
  readonly changedAt: bigint;
  /** Left for its keepers. */
  readonly tip: Usd;
}

/** Stops, take profits and trailing stops of the order book; they fire once the account has given `ProTriggers` the right to. */
export class ProTriggerClient {
  constructor(
    private readonly connection: Connection,
    private readonly pro: ProClient,
  ) {}

  /** Has orders wait; their ids in the order given. */
  async place(orders: readonly ProTriggerInput[], options: ProAccountOptions = {}): Promise<Action<bigint[]>> {
    const account = await this.pro.account(options);
    return this.action(TRIGGERS.encode("place", [account, orders.map((order) => this.fieldsOf(order))]), placed);
  }

  /** Puts another order of the same market in the place of one that waits. */
  change(id: bigint, order: ProTriggerInput): Action<ContractTransactionReceipt> {
    return this.action(TRIGGERS.encode("change", [id, this.fieldsOf(order)]), (receipt) => receipt);
  }

  /** Takes triggers away; how many were still there. */
  cancel(ids: readonly bigint[]): Action<number> {
    return this.action(
      TRIGGERS.encode("cancel", [ids]),
      ({ logs }) => logs.filter((log) => TRIGGERS.event(log)?.name === "TriggerRemoved").length,
    );
  }

  /** Whether they may do what an account's triggers are for: reduce, or trade. */
  isAllowed(rights: "reduce" | "trade", options: ProAccountOptions = {}): Promise<boolean> {
    return this.pro.isAllowed(this.address, rights, options);
  }

  /** Lets triggers reduce, or trade, for an account of the signer's. */
  allow(
    rights: "none" | "reduce" | "trade",
    options: ProAccountOptions = {},
  ): Promise<Action<ContractTransactionReceipt>> {
    return this.pro.setDelegate(this.address, rights, FOREVER, options);
  }

  /** Those of an account that wait: of a market, or of all. */
  async all(market?: string, options: ProAccountOptions = {}): Promise<ProTrigger[]> {
    const { chain, contracts, reader } = this.connection;
    const account = await this.pro.account(options);
    const markets = market === undefined ? Object.values(chain.pro.markets) : [proMarketOf(chain, market)];
    const views = await reader.all(
      markets.map(({ id }) => query(LENS, contracts.proTriggersLens, "triggersOf", [this.address, account, id])),
    );
    return views.flat().map((view) => this.shown(view));
  }

  private get address(): string {
    return this.connection.contracts.proTriggers;
  }

  private action<T>(data: string, outcome: (receipt: ContractTransactionReceipt) => T): Action<T> {
    return new Action(this.connection, { to: this.address, data, outcome });
  }

  private fieldsOf(order: ProTriggerInput): OrderFields {
    const market = proMarketOf(this.connection.chain, order.market);
    const { callback, expiry = 0, isReduceOnly = true, kind, side } = order;
    const ticks = (price: PriceInput | undefined) => (price === undefined ? 0n : ticksOf(market, price));
    return {
      ...{
        market: market.id,
        kind: KINDS.indexOf(kind),
        isBuy: isFirstOf("side", ["buy", "sell"], side),
        isReduceOnly,
      },
      ...{ lots: order.size === undefined ? 0n : lotsOf(market, order.size), tick: ticks(order.price) },
      ...{ limit: ticks(order.limit), boundPips: rateOf(order.bound), callbackPips: rateOf(callback), expiry },
    };
  }

  private shown(view: TriggerView): ProTrigger {
    const market: ProMarketFacts = proMarketAt(this.connection.chain, view.market);
    const { changedAt, expiry, id, isReduceOnly } = view;
    return {
      ...{ id, market: marketNameOf(this.connection.chain, view.market), kind: KINDS[Number(view.kind)] },
      ...{ side: view.isBuy ? "buy" : "sell", size: sizeOfLots(market, view.lots) },
      ...{ price: priceOfTicks(market, view.tick), limit: priceOfTicks(market, view.limit) },
      ...{ bound: view.boundPips as Pips, callback: view.callbackPips as Pips, isReduceOnly, expiry, changedAt },
      tip: view.tip as Usd,
    };
  }
}

function rateOf(input: Pips | string | undefined): bigint {
  return typeof input === "string" ? pips(input) : (input ?? 0n);
}

function placed({ logs }: ContractTransactionReceipt): bigint[] {
  return logs.flatMap((log) => {
    const event = TRIGGERS.event(log);
    return event?.name === "TriggerSet" ? [event.args.id] : [];
  });
}
