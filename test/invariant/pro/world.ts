import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/signers";
import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import type { ContractTransactionReceipt, LogDescription } from "ethers";
import { ethers } from "hardhat";
import { PIPS } from "../../../sdk/units";
import { nameBroker, soft } from "../../dsl/proActions";
import { confirmed } from "../../../kit/desk/Desk";
import { ProStore } from "../../../kit/pro/ProStore";
import type { State } from "../../../kit/pro/ProStore";
import type { Custody } from "../../../kit/pro/invariants";
import { MARKETS, broken, sideOf, wealthOf } from "../../../kit/pro/invariants";
import { ProCalls } from "../../dsl/proCalls";
import type { keeperItem } from "../../dsl/proCalls";
import { quickRolesDeskFixture } from "../../fixtures/trading";
import { BROKER, Rebuilding } from "./rebuilding";

/** An account in the hands of its owner. */
export interface Seat {
  readonly id: bigint;
  readonly owner: HardhatEthersSigner;
  readonly sub: bigint;
}

/** What a call of an owner's came to; without a receipt it was refused as a whole. */
export interface Acted {
  readonly seat: Seat;
  readonly before: State;
  readonly after: State;
  readonly receipt?: ContractTransactionReceipt;
}

/** Whole calls that are refused at the end, or at an index that is too old. */
const REFUSALS = /Pro_ScopeRefused|Pro_IndexRefused|Pro_ActionRefused/;
/** What a call may cost: a bound for each thing it does, whatever the book and the number of users. */
const GAS = { call: 260_000n, refresh: 140_000n, action: 75_000n, met: 60_000n, market: 50_000n };
const OWNERS = 3;
const SUBS = [0n, 1n];
const CASH = 20_000n;
/** Of what the market's fund leaves of a taker's fee. */
const BROKER_SHARE = 300_000n;

/** The production deployment with liquidity, three owners of two accounts each, two of whom have a broker, a keeper, and funds. */
export async function proWorldFixture() {
  const context = await loadFixture(quickRolesDeskFixture);
  const desk = new ProCalls(context.desk);
  const owners = (await ethers.getSigners()).slice(11, 11 + OWNERS);
  const seats: Seat[] = [];
  for (const owner of owners) {
    for (const sub of SUBS) seats.push({ owner, sub, id: await desk.deposit(owner, sub, CASH) });
  }
  const { brokerRegistry, lp, pro, quickRiskManager } = context;
  await confirmed(brokerRegistry.connect(quickRiskManager).addBroker(lp, lp, BROKER_SHARE));
  for (const { id, owner, sub } of seats.slice(SUBS.length)) {
    if (sub === 0n) await confirmed(pro.connect(owner).act(id, [], [nameBroker(BROKER)]));
  }
  const keeperId = await desk.deposit(context.keeper, 0n, 1n);
  for (const market of MARKETS.keys()) await desk.fill(context.other, BigInt(market), 2_000n);
  return { ...context, proCalls: desk, seats, keeperId };
}

type Context = Awaited<ReturnType<typeof proWorldFixture>>;

/** One run: what is stored after the last call, what came in and went out, and how often each kind of step was done. */
export class ProWorld {
  readonly counts = new Map<string, number>();
  /** Whole collateral: what came in less what went out, quote. */
  paidIn = 0n;
  /** What charges that were rounded up may have left, quote. */
  dustAllowed = 0n;
  private readonly store: ProStore;
  private readonly rebuilding: Rebuilding;
  private stateNow?: State;

  constructor(readonly context: Context) {
    const { feeDistributor, pro, profile } = context;
    this.store = new ProStore(pro, MARKETS.length);
    const addresses = { pro: pro.target as string, distributor: feeDistributor.target as string };
    const unit = 10n ** 18n / context.desk.tokenUnits(profile.pro.settlementSymbol, 1n);
    this.rebuilding = new Rebuilding(ethers.provider, addresses, unit);
  }

  get desk(): ProCalls {
    return this.context.proCalls;
  }

  get seats(): readonly Seat[] {
    return this.context.seats;
  }

  get state(): State {
    if (this.stateNow === undefined) throw new Error("nothing was read yet");
    return this.stateNow;
  }

  seatOf(id: bigint): Seat | undefined {
    return this.seats.find((seat) => seat.id === id);
  }

  async start(): Promise<void> {
    await this.refresh();
    this.paidIn = (await this.custody()).collateral;
    await this.look();
  }

  /** New indices of every market, by a keeper. */
  async refresh(): Promise<void> {
    await this.desk.run(this.context.keeper, [], [...MARKETS.keys()].map(BigInt));
  }

  /** Reads everything, and holds every invariant of a state against it. */
  async look(): Promise<State> {
    const ids = [...this.seats.map(({ id }) => id), this.context.keeperId];
    this.stateNow = await this.store.read(ids, BigInt(await this.context.desk.now()));
    const custody = await this.custody();
    expect(custody.collateral, "Pro 4: what came in less what went out").to.equal(this.paidIn);
    expect(broken(this.stateNow, custody, this.dustAllowed)).to.deep.equal([]);
    expect(await this.rebuilding.differences(this.stateNow, this.store), "I30: events").to.deep.equal([]);
    // Nobody has what nobody brought.
    expect(wealthOf(this.stateNow) <= this.paidIn, "Pro 21: more than was paid in").to.equal(true);
    return this.stateNow;
  }

  async custody(): Promise<Custody> {
    const { desk, pro, profile, replica, vault } = this.context;
    const { settlementSymbol } = profile.pro;
    const token = replica.token(settlementSymbol);
    const unit = 10n ** 18n / desk.tokenUnits(settlementSymbol, 1n);
    const [own, ledger, collateral, balance] = await Promise.all([
      vault.productLedger(pro, token),
      vault.ledger(token),
      vault.collateral(token),
      token.balanceOf(vault),
    ]);
    return {
      collateral: own.collateral * unit,
      reserved: own.reserved,
      liquidity: ledger.liquidity,
      tokenReserved: ledger.reserved,
      surplus: balance - ledger.liquidity - collateral - ledger.fees - ledger.claimable,
    };
  }

  /** An owner's actions, each hard or soft; a call that is refused as a whole leaves everything as it was. */
  async act(seat: Seat, actions: readonly bigint[], areSoft = true): Promise<Acted> {
    const { pro } = this.context;
    const list = areSoft ? actions.map(soft) : [...actions];
    return this.attempt(seat, list, () => pro.connect(seat.owner).act(seat.id, [], list));
  }

  /** A call of `act` with some words; what leaves with it, quote, is taken off what was paid in. */
  async attempt(
    seat: Seat,
    words: readonly bigint[],
    send: () => ReturnType<Context["pro"]["act"]>,
    leaves = 0n,
  ): Promise<Acted> {
    const before = this.state;
    const ledgers = await this.custody();
    let receipt: ContractTransactionReceipt;
    try {
      receipt = await confirmed(send());
    } catch (error) {
      expect((error as Error).message).to.match(REFUSALS);
      this.count("refused");
      return { seat, before, after: await this.look() };
    }
    this.paidIn -= leaves;
    const traced = this.eventsOf(receipt);
    this.checkFills(traced, before);
    const met = traced.filter(({ name }) => name === "OrderFilled" || name === "OrderRemoved").length;
    const gas =
      GAS.call + GAS.action * BigInt(words.length) + GAS.met * BigInt(met) + GAS.market * BigInt(MARKETS.length);
    expect(receipt.gasUsed <= gas, `Pro 25: ${receipt.gasUsed} gas`).to.equal(true);
    const after = await this.look();
    await this.expectLiquidityUntouched(ledgers);
    return { seat, before, after, receipt };
  }

  /** A keeper's batch at new indices; its items were told what each would do. */
  async keep(items: ReturnType<typeof keeperItem>[]) {
    await this.refresh();
    const before = await this.look();
    const ledgers = await this.custody();
    const { receipt, results } = await this.desk.run(this.context.keeper, items);
    for (const { isFailed } of results) expect(isFailed, "Pro 15: an item failed").to.equal(false);
    const shared = this.eventsOf(receipt).filter(({ name }) => name === "LossShared");
    for (const { args } of shared) {
      const { openInterest } = before.markets[Number(args.market)];
      const [deficit, perLot] = [BigInt(args.deficit as bigint), BigInt(args.perLot as bigint)];
      // What is charged is the deficit, rounded up for each lot.
      const isExact = perLot * openInterest >= deficit && perLot * openInterest < deficit + openInterest;
      expect(isExact, `Pro 20: ${perLot} for each lot`).to.equal(true);
      this.dustAllowed += openInterest;
    }
    const after = await this.look();
    await this.expectLiquidityUntouched(ledgers);
    return { before, after, results, receipt };
  }

  /** Of Pro alone. */
  eventsOf(receipt: ContractTransactionReceipt): LogDescription[] {
    const logs = receipt.logs.map((log) => this.context.pro.interface.parseLog(log));
    return logs.filter((log) => log !== null);
  }

  count(kind: string): void {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
  }

  countOf(kind: string): number {
    return this.counts.get(kind) ?? 0;
  }

  /** No call of Pro's touches what is the LPs'. */
  private async expectLiquidityUntouched(before: Custody): Promise<void> {
    const { liquidity, tokenReserved } = await this.custody();
    expect([liquidity, tokenReserved], "Pro 3: the LPs' part").to.deep.equal([before.liquidity, before.tokenReserved]);
  }

  /** Best price first, oldest first, within the band, and never between accounts of one owner. */
  private checkFills(events: readonly LogDescription[], before: State): void {
    const reached = new Map<string, number>();
    for (const { args, name } of events) {
      if (name !== "OrderFilled") continue;
      const order = before.orders.find(({ id }) => id === args.orderId);
      // Otherwise it came to rest in the same call.
      if (order === undefined) continue;
      const { account, isBid, market, tick } = order;
      expect(account >> 8n, "Pro 10: traded with oneself").to.not.equal((args.taker as bigint) >> 8n);
      const { bandPips, grid } = MARKETS[market];
      const [price, mark] = [tick * grid.tickSize * PIPS, before.markets[market].mark];
      const isWithin = price >= mark * (PIPS - bandPips) && price <= mark * (PIPS + bandPips);
      expect(isWithin, `Pro 9: filled at tick ${tick} with the mark at ${mark}`).to.equal(true);
      const [side, place] = [`${market} ${isBid}`, sideOf(before, market, isBid).indexOf(order)];
      expect(place, "Pro 9: a better or older order was passed over").to.be.at.least(reached.get(side) ?? 0);
      reached.set(side, place);
    }
  }
}
