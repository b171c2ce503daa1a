import type { ContractTransactionReceipt } from "ethers";
import { Action } from "../action";
import { Codec } from "../abi";
import type { Returned } from "../abi";
import { marketLensAbi, tradingLensAbi, tradingRecordsAbi } from "../abis";
import { toAmount, toPrice, toSize } from "../amounts";
import type { AmountInput, PriceInput, SizeInput } from "../amounts";
import { bookOf, tokenOf } from "../chains";
import type { Mode } from "../chains";
import { accountOf, latestTime } from "../connection";
import type { Connection } from "../connection";
import { Outcome, Reason, TradeStatus, nameOf } from "../enums";
import { query } from "../reading";
import { DEFAULT_DEADLINE_SECONDS, TRADING, openRequestOf, placedClose, placedOrder } from "./orders";
import type { OpenRequest, OrderInput, Pending } from "./orders";
import { routed } from "./router";
import type { SignedPermit } from "./permits";

const LENS = new Codec(tradingLensAbi);
const RECORDS = new Codec(tradingRecordsAbi);
const MARKETS = new Codec(marketLensAbi);

/** A limit rests so long unless said otherwise. */
const LIMIT_SECONDS = 30 * 24 * 3_600;
/** Ids that one page of an account's trades looks through. */
const PAGE_IDS = 5_000n;
const PAGE_RECORDS = 100n;

export type TradeRecord = Returned<typeof tradingLensAbi, "tradesOf">["records"][number];
export type PositionView = Returned<typeof tradingLensAbi, "position">;
export type ClosePreview = Returned<typeof tradingLensAbi, "closePreview">;
export type MarketView = Returned<typeof marketLensAbi, "market">;
type OpeningView = Returned<typeof tradingLensAbi, "previewOpen">;

/** What an opening would be, to the unit, and why it would not be. */
export interface OpenQuote extends Omit<OpeningView["preview"], "reason"> {
  readonly outcome: (typeof Outcome)[number];
  readonly reason: (typeof Reason)[number];
}

/** What a close would be, to the unit, and why it would not be. */
export interface CloseQuote extends Omit<ClosePreview, "reason"> {
  readonly reason: (typeof Reason)[number];
}

export interface CloseOptions {
  /** Worst fill price, slippage included; any by default. */
  readonly acceptablePrice?: PriceInput;
  /** The part to close; the whole by default. */
  readonly size?: SizeInput;
  readonly deadlineSeconds?: number;
}

/** A tick to quote at: the middle of the push sources by default, with no width. */
export interface QuoteOptions {
  readonly price?: PriceInput;
  readonly confidence?: PriceInput;
}

/** Orders and positions. */
export class TradeClient {
  constructor(private readonly connection: Connection) {}

  /** A market order: it fills at the first tick at or after its target. With a permit no allowance is needed. */
  async market(input: OrderInput, permit?: SignedPermit): Promise<Action<Pending>> {
    const { request, payment } = await openRequestOf(this.connection, input);
    return this.placing("requestOpen", request, payment.isNative, permit);
  }

  /** A limit: it rests until a tick reaches `price`, and fills exactly there. */
  async limit(
    input: Omit<OrderInput, "acceptablePrice"> & { readonly price: PriceInput },
    permit?: SignedPermit,
  ): Promise<Action<Pending>> {
    const order = { ...input, acceptablePrice: input.price };
    const { request, payment } = await openRequestOf(this.connection, order, LIMIT_SECONDS);
    return this.placing("requestLimit", request, payment.isNative, permit);
  }

  /** Asks for the close of a position, or a part: at the first tick at or after its target. */
  async close(id: bigint, options: CloseOptions = {}): Promise<Action<Pending>> {
    const { acceptablePrice = "0", size, deadlineSeconds = DEFAULT_DEADLINE_SECONDS } = options;
    const bound = toPrice(acceptablePrice);
    const deadline = (await latestTime(this.connection)) + deadlineSeconds;
    const data =
      size === undefined
        ? TRADING.encode("requestClose", [id, bound, deadline])
        : TRADING.encode("requestPartialClose", [id, toSize(size), bound, deadline]);
    return this.act(data, (receipt) => placedClose(this.connection, receipt));
  }

  /** Adds margin to a Standard position. With a permit of as much for Trading no allowance is needed. */
  async addMargin(id: bigint, amount: AmountInput, permit?: SignedPermit): Promise<Action<ContractTransactionReceipt>> {
    const address = await this.marginTokenOf(id);
    const token = tokenOf(this.connection.chain, address);
    const units = toAmount(amount, token);
    if (permit !== undefined) {
      const { deadline, v, r, s } = permit;
      return this.act(TRADING.encode("addMarginWithPermit", [id, units, deadline, v, r, s]), (receipt) => receipt);
    }
    const data = TRADING.encode("addMargin", [id, units]);
    const allowance = { token: address, spender: this.address, amount: units };
    return new Action(this.connection, {
      to: this.address,
      data,
      allowances: [allowance],
      outcome: (receipt) => receipt,
    });
  }

  /** Sets both triggers of a position or of a resting limit; 0 is none of a stop, the profit cap of a take profit. */
  setTriggers(
    id: bigint,
    { takeProfit, stopLoss }: { takeProfit: PriceInput; stopLoss: PriceInput },
  ): Action<ContractTransactionReceipt> {
    const data = TRADING.encode("updateTpSl", [id, toPrice(takeProfit), toPrice(stopLoss)]);
    return this.act(data, (receipt) => receipt);
  }

  /** Asks for the cancellation of a limit: {@link finishCancel} refunds it a few seconds later. */
  cancelLimit(id: bigint): Action<ContractTransactionReceipt> {
    return this.act(TRADING.encode("cancelLimit", [id]), (receipt) => receipt);
  }

  /** Refunds an order that expired, or a limit whose cancellation is due; anybody's to call. */
  finishCancel(id: bigint): Action<ContractTransactionReceipt> {
    return this.act(TRADING.encode("cancelExpired", [id]), (receipt) => receipt);
  }

  /** What an order would come to at a tick: the numbers and reasons of the execution. */
  async quoteOpen(input: OrderInput, options: QuoteOptions = {}): Promise<OpenQuote> {
    return this.quote(input, options, false);
  }

  /** What a limit would come to at a tick. */
  async quoteLimit(
    input: Omit<OrderInput, "acceptablePrice"> & { readonly price: PriceInput },
    options: QuoteOptions = {},
  ): Promise<OpenQuote> {
    return this.quote({ ...input, acceptablePrice: input.price }, options, true);
  }

  /** What closing a position, or a part, would come to at a tick. */
  async quoteClose(
    id: bigint,
    { size = "0", price }: { size?: SizeInput; price?: PriceInput } = {},
  ): Promise<CloseQuote> {
    const at = price === undefined ? (await this.position(id)).price : toPrice(price);
    const { reason, ...preview } = await this.connection.reader.one(
      query(LENS, this.lens, "closePreview", [this.address, id, toSize(size), at]),
    );
    return { ...preview, reason: nameOf(Reason, reason) };
  }

  /** An open position: with its liquidation price, and what it is worth at a price or at that of the push sources. */
  position(id: bigint, price?: PriceInput): Promise<PositionView> {
    const { reader } = this.connection;
    if (price === undefined) return reader.one(query(LENS, this.lens, "position", [this.address, id]));
    return reader.one(query(LENS, this.lens, "positionAt", [this.address, id, toPrice(price)]));
  }

  /** The record of an order that waits. */
  order(id: bigint): Promise<Returned<typeof tradingRecordsAbi, "order">> {
    const { reader, contracts } = this.connection;
    return reader.one(query(RECORDS, contracts.tradingRecords, "order", [id]));
  }

  async statusOf(id: bigint): Promise<(typeof TradeStatus)[number]> {
    return nameOf(TradeStatus, await this.connection.reader.one(query(TRADING, this.address, "statusOf", [id])));
  }

  /** All orders and positions of an account, the signer's by default. */
  async all(owner?: string): Promise<TradeRecord[]> {
    const account = await accountOf(this.connection, owner);
    const { reader } = this.connection;
    const end = await reader.one(query(TRADING, this.address, "nextTradeId", []));
    const found: TradeRecord[] = [];
    for (let from = 1n; from < end;) {
      const page = query(LENS, this.lens, "tradesOf", [this.address, account, from, from + PAGE_IDS, PAGE_RECORDS]);
      const { records, next } = await reader.one(page);
      found.push(...records);
      from = next;
    }
    return found;
  }

  /** A market in one mode: its settings, what is open in it, what it still takes, and its price. */
  marketView(market: string, mode: Mode): Promise<MarketView> {
    const { reader, contracts, chain } = this.connection;
    return reader.one(query(MARKETS, contracts.marketLens, "market", [this.address, bookOf(chain, market, mode).id]));
  }

  /** All markets, of one and the same block. */
  markets(): Promise<readonly MarketView[]> {
    const { reader, contracts, chain } = this.connection;
    const ids = Object.values(chain.markets).flatMap(({ books }) => Object.values(books).map(({ id }) => id));
    return reader.one(query(MARKETS, contracts.marketLens, "markets", [this.address, ids]));
  }

  private get address(): string {
    return this.connection.contracts.trading;
  }

  private get lens(): string {
    return this.connection.contracts.tradingLens;
  }

  /** Read off its record: a position is topped up at any time, with fresh prices or without. */
  private async marginTokenOf(id: bigint): Promise<string> {
    const [record] = await this.connection.reader.one(query(LENS, this.lens, "scan", [this.address, id, id + 1n]));
    return (record ?? (await this.position(id))).token;
  }

  private async quote(input: OrderInput, options: QuoteOptions, isLimit: boolean): Promise<OpenQuote> {
    const { request } = await openRequestOf(this.connection, input);
    const price =
      options.price === undefined
        ? (await this.marketView(input.market, input.mode)).price.mid
        : toPrice(options.price);
    const confidence = toPrice(options.confidence ?? "0");
    const { preview, outcome } = await this.connection.reader.one(
      query(LENS, this.lens, "previewOpen", [this.address, request, isLimit, price, confidence]),
    );
    return { ...preview, outcome: nameOf(Outcome, outcome), reason: nameOf(Reason, preview.reason) };
  }

  /** Straight to Trading; through the Router where the native coin is wrapped or a permit comes with it. */
  private placing(
    name: "requestOpen" | "requestLimit",
    request: OpenRequest,
    isNative: boolean,
    permit?: SignedPermit,
  ): Action<Pending> {
    const outcome = (receipt: ContractTransactionReceipt) => placedOrder(this.connection, receipt);
    const { token, amount } = request;
    if (isNative || permit !== undefined) {
      const call = isNative ? (`${name}Native` as const) : name;
      return routed(this.connection, {
        call,
        args: [this.address, request],
        value: isNative ? amount : 0n,
        permit,
        outcome,
      });
    }
    const data = TRADING.encode(name, [request]);
    const allowances = [{ token, spender: this.address, amount }];
    return new Action(this.connection, { to: this.address, data, allowances, outcome });
  }

  private act<T>(data: string, outcome: (receipt: ContractTransactionReceipt) => T | Promise<T>): Action<T> {
    return new Action(this.connection, { to: this.address, data, outcome });
  }
}
