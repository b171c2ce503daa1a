import type { ContractTransactionReceipt } from "ethers";
import { Action } from "../action";
import type { Allowance } from "../action";
import { Codec } from "../abi";
import type { Returned } from "../abi";
import { priceAggregatorAbi, proAbi, proLensAbi } from "../abis";
import { toAmount, toPrice } from "../amounts";
import type { AmountInput, PriceInput } from "../amounts";
import { assetOf, proMarketAt, proMarketOf, tokenOf } from "../chains";
import type { ChainFacts, ProMarketFacts } from "../chains";
import { accountOf } from "../connection";
import type { Connection } from "../connection";
import { ProReason, nameOf } from "../enums";
import { RefusedError } from "../failures";
import { priceOfTicks, sizeOfLots, wordsOf } from "../pro/actions";
import type { ProAction } from "../pro/actions";
import * as proWords from "../pro/words";
import { ORDER_TYPE, crossScope, isolatedScope, refresh, resultOf, soft } from "../pro/words";
import type { PriceSource } from "../pyth/source";
import { query } from "../reading";
import type { Price, Size, TokenAmount, Usd } from "../units";
import type { PriceProof } from "./keeper";
import type { SignedPermit } from "./permits";

const PRO = new Codec(proAbi);
const LENS = new Codec(proLensAbi);
const AGGREGATOR = new Codec(priceAggregatorAbi);
const LEVELS = 20;

type HealthView = Returned<typeof proLensAbi, "health">;
type PositionView = HealthView["positions"][number];

/** A position in the order book; amounts count a settlement token as a dollar. */
export interface ProPosition {
  readonly market: string;
  /** Negative: short. */
  readonly size: Size;
  readonly cost: Usd;
  readonly mark: Price;
  /** Unrealised, funding owed included. */
  readonly pnl: Usd;
  readonly fundingOwed: Usd;
  readonly leverage: bigint;
  readonly initialMargin: Usd;
  readonly maintenanceMargin: Usd;
  /** 0: nowhere above 0. */
  readonly liquidationPrice: Price;
  readonly bankruptcyPrice: Price;
}

/** What is margined together: an account's cross scope, or one market in isolated mode. */
export interface ProHealth {
  readonly cash: Usd;
  readonly pnl: Usd;
  readonly equity: Usd;
  readonly initialMargin: Usd;
  readonly maintenanceMargin: Usd;
  readonly available: Usd;
  readonly isLiquidatable: boolean;
  readonly isStretched: boolean;
  readonly positions: readonly ProPosition[];
}

export interface ProLevel {
  readonly price: Price;
  readonly size: Size;
  readonly orders: bigint;
}

export interface ProRestingOrder {
  readonly id: bigint;
  readonly market: string;
  readonly side: "buy" | "sell";
  readonly price: Price;
  /** What is left of it. */
  readonly size: Size;
  readonly isReduceOnly: boolean;
  /** Last second in which it may be filled; 0: it does not expire. */
  readonly expiry: bigint;
}

/** What of an order was taken from the book. */
export interface ProFill {
  readonly market: string;
  readonly side: "buy" | "sell";
  readonly size: Size;
  /** Price × size of all fills. */
  readonly notional: Usd;
  readonly fee: Usd;
}

/** What came of a call, by what it told. */
export interface ProActed {
  readonly fills: readonly ProFill[];
  /** Orders that came to rest. */
  readonly rested: readonly bigint[];
  readonly receipt: ContractTransactionReceipt;
}

/** What an action would come to. */
export interface ProResult {
  /** "None": done. */
  readonly reason: (typeof ProReason)[number];
  readonly filled: bigint;
  /** Price × size of all that would be filled, of an order; else 0. */
  readonly notional: Usd;
  /** Of the order that would rest; 0: none would. */
  readonly orderId: bigint;
}

/** Which account, and whose: account 0 of the signer by default. */
export interface ProAccountOptions {
  readonly sub?: number;
  readonly owner?: string;
}

export interface ProActOptions extends ProAccountOptions {
  /** Markets whose latest tick is brought first; before other actions it is skipped where the market has a later one. */
  readonly refresh?: readonly string[];
}

/** Rights of a delegate, each with all before it. */
export const DELEGATE_RIGHTS = { none: 0, cancel: 1, reduce: 3, trade: 7 } as const;

/** The order book: accounts, orders, positions. */
export class ProClient {
  constructor(
    private readonly connection: Connection,
    private readonly prices: PriceSource | null,
  ) {}

  /** The number of an account; the owner's first deposit opens it. Throws `RefusedError` before. */
  async account({ owner, sub = 0 }: ProAccountOptions = {}): Promise<bigint> {
    const address = await accountOf(this.connection, owner);
    return this.connection.reader.one(query(PRO, this.address, "accountOf", [address, sub]));
  }

  /** Brings tokens of the signer's into an account, of anybody. With a permit of as much for Pro no allowance is needed. */
  async deposit(
    amount: AmountInput,
    { owner, sub = 0 }: ProAccountOptions = {},
    permit?: SignedPermit,
  ): Promise<Action<bigint>> {
    const address = await accountOf(this.connection, owner);
    const allowance = this.allowance(amount);
    if (permit !== undefined) {
      const { deadline, v, r, s } = permit;
      const signed = PRO.encode("depositWithPermit", [address, sub, allowance.amount, deadline, v, r, s]);
      return new Action(this.connection, { to: this.address, data: signed, outcome: depositedTo });
    }
    const data = PRO.encode("deposit", [address, sub, allowance.amount]);
    return new Action(this.connection, { to: this.address, data, allowances: [allowance], outcome: depositedTo });
  }

  /** Adds to what pays for bankrupt accounts of a market; it never comes back. */
  addToFund(market: string, amount: AmountInput): Action<ContractTransactionReceipt> {
    const allowance = this.allowance(amount);
    const data = PRO.encode("addToFund", [proMarketOf(this.connection.chain, market).id, allowance.amount]);
    const outcome = (receipt: ContractTransactionReceipt) => receipt;
    return new Action(this.connection, { to: this.address, data, allowances: [allowance], outcome });
  }

  /** Everything that an account wants, in the order written, after the prices that are brought. */
  async act(actions: readonly ProAction[], options: ProActOptions = {}): Promise<Action<ProActed>> {
    const { account, proofs, value, words } = await this.call(actions, options);
    const data = PRO.encode("act", [account, proofs, words]);
    const outcome = (receipt: ContractTransactionReceipt) => this.acted(receipt);
    return new Action(this.connection, { to: this.address, data, value, outcome });
  }

  /** What each action would come to now, soft ones with their reasons. Throws `RefusedError` where the call would revert. */
  async preview(actions: readonly ProAction[], options: ProActOptions = {}): Promise<ProResult[]> {
    const { account, lengths, proofs, value, words } = await this.call(actions, options);
    // Whoever only reads looks with the owner's eyes.
    const caller = await accountOf(this.connection, this.connection.signer === null ? options.owner : undefined);
    const results = await this.simulated(caller, account, proofs, words, value);
    // The second word of a withdrawal has no result of its own.
    let at = options.refresh?.length ?? 0;
    return lengths.map((length, index) => {
      const { filled, orderId, reason, tickLots } = resultOf(results[at]);
      at += length;
      const action = actions[index];
      const facts = action.kind === "place" ? proMarketOf(this.connection.chain, action.market) : undefined;
      const notional = (facts === undefined ? 0n : notionalOf(facts, tickLots)) as Usd;
      return { reason: nameOf(ProReason, reason), filled, notional, orderId };
    });
  }

  /** Whether a delegate may do something for an account now. */
  async isAllowed(
    delegate: string,
    rights: Exclude<keyof typeof DELEGATE_RIGHTS, "none">,
    options: ProAccountOptions = {},
  ): Promise<boolean> {
    const account = await this.account(options);
    const order = { isBid: true, type: ORDER_TYPE.immediateOrCancel, tick: 1n, lots: 1n };
    const asked = {
      cancel: proWords.cancel(0n),
      reduce: proWords.place({ ...order, isReduceOnly: true }),
      trade: proWords.place(order),
    }[rights];
    try {
      await this.simulated(delegate, account, [], [soft(asked)], 0n);
      return true;
    } catch (error) {
      if (error instanceof RefusedError && error.error.name === "Pro_NotAllowed") return false;
      throw error;
    }
  }

  /** Gives a delegate rights for an account of the signer's, until a second; "none" takes them away. */
  async setDelegate(
    delegate: string,
    rights: keyof typeof DELEGATE_RIGHTS,
    expiry: number,
    options: ProAccountOptions = {},
  ): Promise<Action<ContractTransactionReceipt>> {
    const account = await this.account(options);
    const data = PRO.encode("setDelegate", [account, delegate, DELEGATE_RIGHTS[rights], expiry]);
    return new Action(this.connection, { to: this.address, data, outcome: (receipt) => receipt });
  }

  /** An account's cross scope, or a market of it in isolated mode, at the stored marks. */
  async health(market?: string, options: ProAccountOptions = {}): Promise<ProHealth> {
    const scope = await this.scope(market, options);
    return this.shown(await this.connection.reader.one(query(LENS, this.lens, "health", [this.address, scope])));
  }

  /** The same with the prices of some markets, by name. */
  async healthAt(
    prices: Readonly<Record<string, PriceInput>>,
    market?: string,
    options: ProAccountOptions = {},
  ): Promise<ProHealth> {
    const scope = await this.scope(market, options);
    const markets = Object.keys(prices).map((name) => proMarketOf(this.connection.chain, name).id);
    const values = Object.values(prices).map(toPrice);
    const asked = query(LENS, this.lens, "healthAt", [this.address, scope, markets, values]);
    return this.shown(await this.connection.reader.one(asked));
  }

  /** The best levels of a market's sides. */
  async book(market: string, levels = LEVELS): Promise<{ bids: ProLevel[]; asks: ProLevel[] }> {
    const facts = proMarketOf(this.connection.chain, market);
    const side = (isBid: boolean) => query(LENS, this.lens, "book", [this.address, facts.id, isBid, levels]);
    const [bids, asks] = await this.connection.reader.all([side(true), side(false)]);
    const level = ({ count, lots, tick }: (typeof bids)[number]): ProLevel => ({
      price: priceOfTicks(facts, tick),
      size: sizeOfLots(facts, lots),
      orders: count,
    });
    return { bids: bids.map(level), asks: asks.map(level) };
  }

  /** An account's resting orders in a market. */
  async orders(market: string, options: ProAccountOptions = {}): Promise<ProRestingOrder[]> {
    const facts = proMarketOf(this.connection.chain, market);
    const account = await this.account(options);
    const asked = query(LENS, this.lens, "ordersOf", [this.address, account, facts.id]);
    return (await this.connection.reader.one(asked)).map((order) => ({
      id: order.id,
      market: this.nameOf(order.market),
      side: order.isBid ? "buy" : "sell",
      price: priceOfTicks(facts, order.tick),
      size: sizeOfLots(facts, order.lots),
      isReduceOnly: order.isReduceOnly,
      expiry: order.expiry,
    }));
  }

  /** A market's index and mark, and what the mark is made of. */
  mark(market: string): Promise<Returned<typeof proLensAbi, "mark">> {
    const { id } = proMarketOf(this.connection.chain, market);
    return this.connection.reader.one(query(LENS, this.lens, "mark", [this.address, id]));
  }

  /** A market's funding, open interest and fund. */
  funding(market: string): Promise<Returned<typeof proLensAbi, "funding">> {
    const { id } = proMarketOf(this.connection.chain, market);
    return this.connection.reader.one(query(LENS, this.lens, "funding", [this.address, id]));
  }

  /** What brings the latest ticks of some markets with a call: one proof of all, numbered in their order, and Pyth's fee for it. */
  async bring(names: readonly string[]) {
    const { chain, contracts, reader } = this.connection;
    const markets = names.map((name) => proMarketOf(chain, name));
    const proofs = await this.prove(markets.map(({ asset }) => asset));
    const fee = query(AGGREGATOR, contracts.priceAggregator, "updateFee", [proofs]);
    return { markets, proofs, value: proofs.length === 0 ? 0n : await reader.one(fee) };
  }

  private get address(): string {
    return this.connection.contracts.pro;
  }

  /** `simulate` always reverts: with the results, or with why the call itself would. */
  private async simulated(
    caller: string,
    account: bigint,
    proofs: readonly PriceProof[],
    words: readonly bigint[],
    value: bigint,
  ): Promise<readonly bigint[]> {
    const data = PRO.encode("simulate", [caller, account, proofs, words]);
    try {
      await new Action(this.connection, { to: this.address, data, value, outcome: () => undefined }).simulate(caller);
    } catch (error) {
      if (!(error instanceof RefusedError) || error.error.name !== "Pro_Simulated") throw error;
      return error.error.args.results as readonly bigint[];
    }
    throw new Error("a simulation came back without an answer");
  }

  private get lens(): string {
    return this.connection.contracts.proLens;
  }

  private async scope(market: string | undefined, options: ProAccountOptions): Promise<bigint> {
    const account = await this.account(options);
    if (market === undefined) return crossScope(account);
    return isolatedScope(account, BigInt(proMarketOf(this.connection.chain, market).id));
  }

  private async call(actions: readonly ProAction[], options: ProActOptions) {
    const { refresh: refreshed = [], ...whose } = options;
    const { chain } = this.connection;
    const account = await this.account(whose);
    const receiver = await accountOf(this.connection, options.owner);
    const { markets, proofs, value } = await this.bring(refreshed);
    const own = actions.map((action) => wordsOf(chain, action, receiver));
    const brought = markets.map(({ id }, tick) => refresh(BigInt(id), BigInt(tick)));
    // Somebody may have brought a later tick meanwhile: what follows says whether the index will do.
    const words = [...(own.length === 0 ? brought : brought.map(soft)), ...own.flat()];
    return { account, proofs, value, words, lengths: own.map((list) => list.length) };
  }

  /** One proof of the latest ticks. */
  private async prove(assets: readonly string[]): Promise<PriceProof[]> {
    if (assets.length === 0) return [];
    if (this.prices === null) throw new Error("connected without a source of prices: name one, as `new Hermes()`");
    const facts = assets.map((asset) => assetOf(this.connection.chain, asset));
    const { data } = await this.prices.latest(facts.map(({ pythId }) => pythId));
    // Pro itself asks how old each tick is.
    return [{ assetIds: facts.map(({ id }) => id), minPublishTime: 0, isUnique: false, updateData: data }];
  }

  private allowance(amount: AmountInput): Allowance {
    const { chain } = this.connection;
    const token = tokenOf(chain, chain.pro.token);
    const units: TokenAmount = toAmount(amount, token);
    return { token: token.address, spender: this.address, amount: units };
  }

  private acted(receipt: ContractTransactionReceipt): ProActed {
    const fills: ProFill[] = [];
    const rested: bigint[] = [];
    for (const log of receipt.logs) {
      const event = log.address === this.address ? PRO.event(log) : undefined;
      if (event?.name === "OrderRested") rested.push(event.args.orderId);
      if (event?.name !== "Taken") continue;
      const { fee, lots, market, tickLots } = event.args;
      const facts = proMarketAt(this.connection.chain, market);
      const size = sizeOfLots(facts, lots < 0n ? -lots : lots);
      const notional = notionalOf(facts, tickLots) as Usd;
      fills.push({ market: this.nameOf(market), side: lots > 0n ? "buy" : "sell", size, notional, fee: fee as Usd });
    }
    return { fills, rested, receipt };
  }

  private shown(health: HealthView): ProHealth {
    const { isLiquidatable, isStretched } = health;
    return {
      cash: health.cash as Usd,
      pnl: health.pnl as Usd,
      equity: health.equity as Usd,
      initialMargin: health.initialMargin as Usd,
      maintenanceMargin: health.maintenanceMargin as Usd,
      available: health.available as Usd,
      isLiquidatable,
      isStretched,
      positions: health.positions.map((position) => this.position(position)),
    };
  }

  private position(view: PositionView): ProPosition {
    return {
      market: this.nameOf(view.market),
      size: sizeOfLots(proMarketAt(this.connection.chain, view.market), view.lots),
      cost: view.cost as Usd,
      mark: view.mark as Price,
      pnl: view.pnl as Usd,
      fundingOwed: view.fundingOwed as Usd,
      leverage: view.leverage,
      initialMargin: view.initialMargin as Usd,
      maintenanceMargin: view.maintenanceMargin as Usd,
      liquidationPrice: view.liquidationPrice as Price,
      bankruptcyPrice: view.bankruptcyPrice as Price,
    };
  }

  private nameOf(id: bigint): string {
    return marketNameOf(this.connection.chain, id);
  }
}

function depositedTo({ hash, logs }: ContractTransactionReceipt): bigint {
  for (const log of logs) {
    const event = PRO.event(log);
    if (event?.name === "Deposited") return event.args.account;
  }
  throw new Error(`transaction ${hash} has no Deposited`);
}

/** The name of a market by its number. */
export function marketNameOf(chain: ChainFacts, id: bigint | number): string {
  const { markets } = chain.pro;
  return Object.keys(markets)[Object.values(markets).indexOf(proMarketAt(chain, id))];
}

/** Price × size of fills, whose Σ tick × lots is told. */
function notionalOf(market: ProMarketFacts, tickLots: bigint): bigint {
  return tickLots * priceOfTicks(market, 1n) * sizeOfLots(market, 1n);
}
