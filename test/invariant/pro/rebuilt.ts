/** Pro as its events tell it: nothing here is read of what it has stored. */
import { ZeroAddress } from "ethers";
import type { Log } from "ethers";
import { Codec } from "../../../sdk/abi";
import type { EventArgs, EventOf } from "../../../sdk/abi";
import { feeDistributorAbi, proAbi } from "../../../sdk/abis";
import { max, min } from "../../../sdk/model";
import type { Grid, Position } from "../../../sdk/model/pro";
import {
  FLAT,
  NO_FUNDING,
  closedLots,
  increaseFor,
  quotePerTickLot,
  reduceFor,
  splitTakerFee,
  stepFees,
  valueOf,
} from "../../../sdk/model/pro";

const PRO = new Codec(proAbi);
const DISTRIBUTOR = new Codec(feeDistributorAbi);
const ACCOUNT_BITS = 40n;
const BID = 1n;
const REDUCE_ONLY = 2n;

type Args<Name extends EventOf<typeof proAbi>["name"]> = EventArgs<typeof proAbi, Name>;

interface Signed {
  /** With one sign. */
  readonly lots: bigint;
  readonly cost: bigint;
}

const NOTHING: Signed = { lots: 0n, cost: 0n };

export interface ToldOrder {
  readonly id: bigint;
  readonly account: bigint;
  readonly market: number;
  readonly tick: bigint;
  readonly lots: bigint;
  readonly expiry: bigint;
  readonly isBid: boolean;
  readonly isReduceOnly: boolean;
}

export interface ToldParty {
  position: Position;
  leverage: bigint;
  isIsolated: boolean;
  isolatedCash: bigint;
  /** How often it was opened, from nothing or from the other side. */
  openings: number;
  /** Quote that each lot has paid since it was opened, signed as Pro's index of its side is. */
  paidPerLot: bigint;
}

export interface ToldMarket {
  grid: Grid;
  takerFeePips: bigint;
  liquidationFeePips: bigint;
  price: bigint;
  publishTime: bigint;
  mark: bigint;
  fund: bigint;
  fees: bigint;
  /** What of them each broker has part in. */
  readonly brokerFees: Map<bigint, bigint>;
}

const ownerOf = (account: bigint) => account >> 8n;
const accountOf = (scopeOrReference: bigint) => (scopeOrReference >> 8n) & ((1n << ACCOUNT_BITS) - 1n);
/** Of an isolated scope. */
const marketOf = (scope: bigint): number | undefined => ((scope & 255n) === 0n ? undefined : Number(scope & 255n) - 1);

export class RebuiltPro {
  readonly cash = new Map<bigint, bigint>();
  readonly orders = new Map<bigint, ToldOrder>();
  private readonly markets = new Map<number, ToldMarket>();
  /** By market, then account. */
  private readonly parties = new Map<number, Map<bigint, ToldParty>>();
  private readonly brokers = new Map<bigint, bigint>();
  /** What takers met since the last of them was told: ticks and lots. */
  private met: { readonly tick: bigint; readonly lots: bigint }[] = [];
  private taken?: Args<"Taken">;
  private swept?: { readonly market: number; readonly transaction: string };

  /** @param quotePerUnit Quote of a unit of the settlement token. */
  constructor(
    private readonly pro: string,
    private readonly distributor: string,
    private readonly quotePerUnit: bigint,
  ) {}

  market(number: number): ToldMarket {
    const market = this.markets.get(number);
    if (market === undefined) throw new Error(`no event told of market ${number}`);
    return market;
  }

  party(market: number, account: bigint): ToldParty {
    const parties = this.parties.get(market) ?? new Map<bigint, ToldParty>();
    this.parties.set(market, parties);
    const none = { position: FLAT, leverage: 0n, isIsolated: false, isolatedCash: 0n, openings: 0, paidPerLot: 0n };
    const party = parties.get(account) ?? none;
    parties.set(account, party);
    return party;
  }

  openInterest(market: number): bigint {
    const parties = [...(this.parties.get(market)?.values() ?? [])];
    return parties.reduce((sum, { position }) => sum + max(0n, position.lots), 0n);
  }

  /** Best price of a side; 0 without orders. */
  best(market: number, isBid: boolean): bigint {
    const side = [...this.orders.values()].filter((order) => order.market === market && order.isBid === isBid);
    const ticks = side.map(({ tick }) => tick);
    return ticks.reduce((best, tick) => (best === 0n || (isBid ? tick > best : tick < best) ? tick : best), 0n);
  }

  /** Takes the logs of whole transactions, in their order; others' are passed over. */
  read(logs: readonly Log[]): void {
    const events = logs.map((log) => (log.address === this.pro ? PRO.event(log) : undefined));
    for (const [place, log] of logs.entries()) {
      if (log.address === this.distributor) this.onShare(log);
      const event = events[place];
      // The event that Pro told right after, in the same call of it.
      if (event !== undefined) this.on(event, log.transactionHash, events[place + 1]);
    }
  }

  private on(event: EventOf<typeof proAbi>, transaction: string, next?: EventOf<typeof proAbi>): void {
    const { args, name } = event;
    switch (name) {
      case "Deposited":
        return this.addCash(args.account, args.amount);
      case "Withdrawn":
        return this.addCash(args.account, -args.amount);
      case "Transferred":
        this.addToScope(args.fromScope, -args.amount);
        return this.addToScope(args.toScope, args.amount);
      case "KeeperPaid":
        return this.onPay(args, next);
      case "IsolatedReturned":
        this.party(Number(args.market), args.account).isolatedCash -= args.amount;
        return this.addCash(args.account, args.amount);
      case "LeverageSet":
        this.party(Number(args.market), args.account).leverage = args.leverage;
        return;
      case "ModeSet":
        this.party(Number(args.market), args.account).isIsolated = args.isIsolated;
        return;
      case "BrokerNamed":
        this.brokers.set(args.ownerIndex, args.broker);
        return;
      case "OrderRested":
        return this.onRested(args);
      case "OrderLowered":
        return this.leave(this.order(args.orderId), args.lots);
      case "OrderRemoved":
        return this.leave(this.order(args.orderId), 0n);
      case "OrderFilled":
        return this.onFilled(args);
      case "Taken":
        return this.onTaken(args);
      case "PositionMoved":
        return this.settle(Number(args.market), args.account, args, NOTHING, 0n, args.cashChange);
      case "ScopeReduced":
        return this.onReduced(args);
      case "FundAdded":
        this.market(Number(args.market)).fund += args.amount;
        return;
      case "FundReleased":
        this.market(Number(args.market)).fund -= args.amount;
        this.market(Number(args.market)).fees += args.amount;
        return;
      case "FeesSwept":
        this.market(Number(args.market)).fees -= args.amount * this.quotePerUnit;
        this.swept = { market: Number(args.market), transaction };
        return;
      case "Refreshed":
        Object.assign(this.market(Number(args.market)), { price: args.price, publishTime: args.publishTime });
        return;
      case "Marked":
        this.market(Number(args.market)).mark = args.mark;
        return;
      case "MarketConfigured":
        return this.onConfigured(args);
      case "OwnerAdded":
      case "DelegateSet":
      case "DistressNoted":
      case "Deleveraged":
      case "LossShared":
      case "MarketStatusSet":
      case "PermitSkipped":
      case "PermitUsed":
      case "TiersSet":
        return;
      default:
        throw new Error(`${name} happened here for the first time`);
    }
  }

  /** A keeper's pay out of a scope's cash. Right before a step of a liquidation or a passing on it is told with that. */
  private onPay({ amount, fromScope, keeperAccount }: Args<"KeeperPaid">, next?: EventOf<typeof proAbi>): void {
    this.addCash(keeperAccount, amount);
    if (next?.name === "Deleveraged") {
      this.market(Number(next.args.market)).fund -= amount;
    } else if (next?.name === "ScopeReduced") {
      // What is not the caller's part of the fees is the fund's.
      this.market(Number(next.args.market)).fund -= amount - this.feesOf(next.args).toCaller;
    } else {
      this.addToScope(this.usedScope(fromScope), -amount);
    }
  }

  /** An isolated scope without position and orders has returned its cash: what it pays is the cross scope's. */
  private usedScope(scope: bigint): bigint {
    const [account, market] = [accountOf(scope), marketOf(scope)];
    if (market === undefined) return scope;
    const isResting = [...this.orders.values()].some((order) => order.account === account && order.market === market);
    return isResting || this.party(market, account).position.lots !== 0n ? scope : account << 8n;
  }

  private onRested({ expiry, flags, lots, orderId: id, tick }: Args<"OrderRested">): void {
    this.orders.set(id, {
      ...{ id, tick, lots, expiry },
      account: accountOf(id),
      market: Number(id >> 96n),
      isBid: (flags & BID) !== 0n,
      isReduceOnly: (flags & REDUCE_ONLY) !== 0n,
    });
  }

  private onFilled({ cashChange, fee, lots, orderId }: Args<"OrderFilled">): void {
    const order = this.order(orderId);
    const { account, isBid, market, tick } = order;
    const held = this.party(market, account).position.lots;
    const sign = isBid ? 1n : -1n;
    const perLot = tick * quotePerTickLot(this.market(market).grid);
    const closed = closedLots(held, sign * lots);
    const signed = (count: bigint): Signed => ({ lots: sign * count, cost: sign * count * perLot });
    this.settle(market, account, signed(closed), signed(lots - closed), fee, cashChange);
    this.market(market).fees += fee;
    this.met.push({ tick, lots });
    this.leave(order, order.lots - lots);
  }

  private onTaken(args: Args<"Taken">): void {
    const { account, cashChange, fee, lots, tickLots } = args;
    const number = Number(args.market);
    const market = this.market(number);
    const sign = lots < 0n ? -1n : 1n;
    const unit = quotePerTickLot(market.grid);
    // The first of what it met closed.
    const closed = closedLots(this.party(number, account).position.lots, lots);
    let [left, closedTicks] = [closed, 0n];
    for (const fill of this.met) {
      const part = min(left, fill.lots);
      closedTicks += part * fill.tick;
      left -= part;
    }
    const whole = this.met.reduce((sum, fill) => sum + fill.lots * fill.tick, 0n);
    if (whole !== tickLots) throw new Error(`fills of ${whole} were taken as ${tickLots}`);
    this.met = [];
    const opened = { lots: lots - sign * closed, cost: sign * (tickLots - closedTicks) * unit };
    const closing = { lots: sign * closed, cost: sign * closedTicks * unit };
    this.settle(number, account, closing, opened, fee, cashChange);
    this.addTakerFee(number, account, fee);
    this.taken = args;
  }

  private onReduced(args: Args<"ScopeReduced">): void {
    const { fees, fromFund, scope } = args;
    const { takerFee, toFund } = this.feesOf(args);
    this.addToScope(scope, fromFund - fees);
    const market = this.market(Number(args.market));
    market.fund -= fromFund;
    this.addTakerFee(Number(args.market), accountOf(scope), takerFee);
    market.fund += toFund;
  }

  /** What the fees of a step are made of: each is taken as far as the equity that its fill left goes, in their order. */
  private feesOf({ fees, market }: Args<"ScopeReduced">) {
    if (this.taken === undefined) throw new Error("a step without a fill");
    const { grid, liquidationFeePips, takerFeePips } = this.market(Number(market));
    return stepFees(this.taken.tickLots * quotePerTickLot(grid), fees, takerFeePips, liquidationFeePips);
  }

  private addTakerFee(number: number, account: bigint, fee: bigint): void {
    const market = this.market(number);
    const openInterest = valueOf(market.grid, market.mark, this.openInterest(number));
    const { toFees, toFund } = splitTakerFee(fee, market.fund, openInterest);
    market.fund += toFund;
    market.fees += toFees;
    const broker = this.brokers.get(ownerOf(account));
    if (broker !== undefined) market.brokerFees.set(broker, (market.brokerFees.get(broker) ?? 0n) + toFees);
  }

  /** A broker's share of what Pro has swept: whole units of what he had part in are gone. */
  private onShare(log: Log): void {
    const event = DISTRIBUTOR.event(log);
    if (event?.name !== "BrokerFeeRecorded" || event.args.trader !== ZeroAddress) return;
    if (this.swept?.transaction !== log.transactionHash) return;
    const { brokerFees } = this.market(this.swept.market);
    const { brokerId } = event.args;
    brokerFees.set(brokerId, (brokerFees.get(brokerId) ?? 0n) % this.quotePerUnit);
  }

  private onConfigured({ config, market }: Args<"MarketConfigured">): void {
    const { lotSize, liquidationFeePips, takerFeePips, tickSize } = config;
    const terms = { grid: { lotSize, tickSize }, liquidationFeePips, takerFeePips };
    const known = this.markets.get(Number(market));
    const empty = { price: 0n, publishTime: 0n, mark: 0n, fund: 0n, fees: 0n, brokerFees: new Map<bigint, bigint>() };
    this.markets.set(Number(market), { ...(known ?? empty), ...terms });
  }

  /** Lots that reduce, then lots that increase; what cash was changed by, less fee and what they realised, was funding. */
  private settle(number: number, account: bigint, closed: Signed, opened: Signed, fee: bigint, cash: bigint): void {
    const party = this.party(number, account);
    const { position: before } = party;
    const reduced = reduceFor(before, NO_FUNDING, closed.lots, closed.cost);
    party.position = increaseFor(reduced, NO_FUNDING, opened.lots, opened.cost).position;
    const funding = reduced.realised - fee - cash;
    if (before.lots === 0n ? funding !== 0n : funding % before.lots !== 0n) {
      throw new Error(`account ${account} paid ${funding} of funding for ${before.lots} lots in market ${number}`);
    }
    const { lots } = party.position;
    const isOpening = lots !== 0n && (before.lots === 0n || before.lots > 0n !== lots > 0n);
    if (isOpening) party.openings++;
    party.paidPerLot = isOpening || lots === 0n ? 0n : party.paidPerLot + funding / before.lots;
    if (party.isIsolated) party.isolatedCash += cash;
    else this.addCash(account, cash);
  }

  private order(id: bigint): ToldOrder {
    const order = this.orders.get(id);
    if (order === undefined) throw new Error(`no event told of order ${id}`);
    return order;
  }

  private leave(order: ToldOrder, lots: bigint): void {
    if (lots === 0n) this.orders.delete(order.id);
    else this.orders.set(order.id, { ...order, lots });
  }

  private addToScope(scope: bigint, amount: bigint): void {
    const [account, market] = [accountOf(scope), marketOf(scope)];
    if (market === undefined) this.addCash(account, amount);
    else this.party(market, account).isolatedCash += amount;
  }

  private addCash(account: bigint, amount: bigint): void {
    this.cash.set(account, (this.cash.get(account) ?? 0n) + amount);
  }
}
