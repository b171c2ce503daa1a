import { cancelAll, marketOrder } from "../../../kit/pro/quotes";
import { DEFAULT_PRICES } from "../../../kit/replica";
import {
  QUOTE,
  brokenInvariants,
  cashOf,
  hasPosition,
  healthOf,
  holdingsOf,
  isLiquidatable,
  marketsOf,
  valueOf,
} from "../../../sdk/model/pro";
import type { Action, Health, Order, Reason, Side } from "../../../sdk/model/pro";
import type { KeeperTask, ProDesk } from "../../../kit/pro/ProDesk";
import type { AssetKey } from "../../../deploy/profiles";
import type { PricePath } from "../../demo/path";
import { ProKeepers } from "../../replay/pro/keeper";
import { Maker, TIGHT, WIDE } from "../../replay/pro/makers";
import { ProScene } from "../../replay/pro/scene";
import type { Arena, Cast } from "./arena";
import { windowOf } from "./arena";

const CALM_SECONDS = 7_200;
const PLAIN = { expiry: 0n, isReduceOnly: false, selfTrade: "expireMaker", maxFills: 100 } as const;

/** What somebody brings before the window begins, whole dollars. */
export type Deposits = readonly (readonly [account: number, dollars: number])[];

/** What a play has beside the market of BTC. */
export interface More {
  /** Assets whose markets move with BTC, where they begin. */
  readonly others?: Partial<Record<AssetKey, bigint>>;
  /** What the funds of their markets hold, whole dollars. */
  readonly funds?: number;
}

/** A part of what somebody takes in several markets at once. */
export interface Leg {
  readonly market: number;
  readonly side: Side;
  readonly leverage: bigint;
  /** Whole. */
  readonly dollars: number;
}

/** Why a call was refused; undefined where it was done. Known after the block. */
export interface Answer {
  refused?: Reason;
}

/** Those who attack Pro together, on a book with two makers, two holders and everybody's keepers, second by second. */
export class Ring {
  areMakersThere = true;
  areKeepersThere = true;
  /** How often the attackers' keeper has passed on part of a position. */
  passed = 0;
  private readonly makers: readonly Maker[];
  readonly keepers: ProKeepers;
  private brought = 0n;

  private constructor(
    readonly scene: ProScene,
    readonly cast: Cast,
    readonly path: PricePath,
  ) {
    this.makers = cast.makers.map((account, index) => new Maker(scene, account, [TIGHT, WIDE][index]));
    const honest = [cast.victim, cast.longHolder, cast.shortHolder, cast.hedger];
    const accounts = [...honest, ...cast.attacker, ...cast.friend];
    this.keepers = new ProKeepers(
      scene,
      cast.keeper,
      accounts.map((account) => ({ account })),
    );
  }

  /** Runs something at the first second of a path, after two hours in which its price stood. */
  static async on<T>(
    { cast, hre, pro, saved }: Arena,
    path: PricePath,
    deposits: Deposits,
    run: (ring: Ring) => Promise<T>,
    { funds = 0, others = {} }: More = {},
  ): Promise<T> {
    pro.exchange.state = structuredClone(saved);
    const besides = (Object.keys(others) as AssetKey[]).map((asset) => pro.marketOf(asset));
    const markets = [pro.marketOf("BTC"), ...besides];
    await pro.desk.setPrices({ ...DEFAULT_PRICES, ...others, BTC: path.at(0).priceX10 });
    const [payer] = await hre.ethers.getSigners();
    if (funds > 0) for (const market of besides) await pro.addToFund(payer, market, BigInt(funds) * QUOTE);
    for (const [account, dollars] of deposits) await pro.deposit(payer, account, BigInt(dollars) * QUOTE);
    await pro.act(cast.keeper, [], markets);
    await pro.desk.warp(CALM_SECONDS);
    await pro.desk.refresh();
    await pro.act(cast.keeper, [], markets);
    const scene = await ProScene.start(hre, pro, windowOf(path, others));
    try {
      const ring = new Ring(scene, cast, path);
      await ring.seconds(2);
      ring.brought = ring.worth();
      return await run(ring);
    } finally {
      await scene.close();
    }
  }

  get pro(): ProDesk {
    return this.scene.pro;
  }

  get market(): number {
    return this.pro.marketOf("BTC");
  }

  get grid() {
    return this.pro.exchange.state.markets[this.market].config.grid;
  }

  /** Price of now, 10 decimals. */
  get price(): bigint {
    return this.scene.priceAt("BTC", this.scene.now);
  }

  // Time

  /** The next second: `first` acts ahead of everybody. */
  async second(first?: () => Promise<void>): Promise<void> {
    const { scene } = this;
    await scene.goTo(scene.now + 1);
    await first?.();
    if (this.areMakersThere) for (const maker of this.makers) await maker.step(scene.now - 1);
    if (this.areKeepersThere) await this.keepers.step(scene.now, scene.now - 1);
    await scene.mine();
    this.keepers.conclude(scene.now);
  }

  async seconds(count: number, first?: () => Promise<void>): Promise<void> {
    for (let passed = 0; passed < count; passed++) await this.second(first);
  }

  /** So many seconds of the path, from its second 0 on, up to before a second. */
  async untilSecond(second: number, first?: () => Promise<void>): Promise<void> {
    while (this.scene.now < this.scene.timeOf(second) - 1) await this.second(first);
  }

  /** The makers take their quotes off, and are gone. */
  async desert(): Promise<void> {
    this.areMakersThere = false;
    const { state } = this.pro.exchange;
    for (const account of this.cast.makers) {
      await this.act(
        account,
        this.scene.markets.flatMap((market) => cancelAll(state, account, market)),
      );
    }
  }

  /** What makers quote from now on, in percent of their style. */
  quote(percent: number): void {
    this.areMakersThere = true;
    for (const maker of this.makers) maker.depthPercent = percent;
  }

  // Calls

  /** Puts a call into the block of this second, with the prices of a time where some are to be brought. */
  async act(
    account: number,
    actions: readonly Action[],
    tickTime?: number,
    markets: readonly number[] = [this.market],
  ): Promise<Answer> {
    const answer: Answer = {};
    const ticks = tickTime === undefined ? [] : markets.map((market) => this.scene.tickAt(market, tickTime));
    const call = await this.pro.acting(account, actions, ticks, true);
    await this.scene.queue(call, (outcome) => {
      if ("refused" in outcome) answer.refused = outcome.refused;
    });
    return answer;
  }

  /** The same of the attackers' keeper. */
  async keep(
    tasks: readonly KeeperTask[],
    tickTime: number,
    markets: readonly number[] = [this.market],
  ): Promise<void> {
    const { state } = this.pro.exchange;
    const stale = markets.filter((market) => (state.markets[market].index?.publishTime ?? 0n) < BigInt(tickTime));
    const ticks = stale.map((market) => this.scene.tickAt(market, tickTime));
    await this.scene.queue(await this.pro.keeping(this.cast.accomplice, tasks, ticks), (answer) => {
      if ("refused" in answer) return;
      for (const outcome of answer.done.outcomes) {
        if ("done" in outcome && outcome.done.kind === "passed") this.passed += 1;
      }
    });
  }

  leverage(leverage: bigint, market = this.market): Action {
    return { kind: "leverage", market, leverage };
  }

  /** An order that rests where nothing fills it. */
  limit(side: Side, tick: bigint, lots: bigint, more: Partial<Order> = {}): Action {
    return { kind: "place", order: { ...PLAIN, market: this.market, side, type: "limit", tick, lots, ...more } };
  }

  /** Takes what the book has up to a price, or up to the band. */
  take(side: Side, lots: bigint, more: Partial<Order> = {}): Action {
    return marketOrder(this.market, side, lots, more);
  }

  /** Lots of a value, whole dollars. */
  lotsOf(dollars: number, market = this.market): bigint {
    const { grid } = this.pro.exchange.state.markets[market].config;
    return (BigInt(dollars) * QUOTE) / valueOf(grid, this.scene.priceAt(this.pro.assetOf(market), this.scene.now), 1n);
  }

  // Books

  /** What an account is worth at a price of BTC, its debts included; quote. */
  equityOf(account: number, price = this.price): bigint {
    return this.healthOf(account, price).equity;
  }

  /** Whether an account falls due at the prices of now. */
  isDue(account: number): boolean {
    return hasPosition(this.pro.exchange.state, { account }) && isLiquidatable(this.healthOf(account, this.price));
  }

  private healthOf(account: number, price: bigint): Health {
    const { state } = this.pro.exchange;
    const scope = { account };
    const markets = marketsOf(state, scope);
    const holdings = holdingsOf(state, scope).map((holding, index) => {
      const market = markets[index];
      const own = market === this.market ? price : this.scene.priceAt(this.pro.assetOf(market), this.scene.now);
      return { ...holding, mark: own, index: own };
    });
    return healthOf(cashOf(state, scope), holdings);
  }

  /** Of those who attack, at a price: whoever is below 0 walks away; quote. */
  worth(price = this.price): bigint {
    const own = [...this.cast.attacker, ...this.cast.friend, this.cast.accomplice];
    return own.reduce((sum, account) => {
      const equity = this.equityOf(account, price);
      return sum + (equity > 0n ? equity : 0n);
    }, 0n);
  }

  /** What a position would realise at a price; quote. */
  profitOf(account: number, price = this.price): bigint {
    const { lots, cost } = this.pro.exchange.state.accounts[account].stakes[this.market].position;
    return valueOf(this.grid, price, lots) - cost;
  }

  /** Of everybody else's who does not fall due: the makers, and the holders, who win and lose against each other; quote. */
  honest(): bigint {
    const { longHolder, makers, shortHolder } = this.cast;
    return [...makers, longHolder, shortHolder].reduce((sum, account) => sum + this.equityOf(account), 0n);
  }

  /** What has come to those who attack, quote. */
  gain(): bigint {
    return this.worth() - this.brought;
  }

  /** Promises of the whole exchange that are broken now, and of its fund, in words. */
  faults(): string[] {
    const { state } = this.pro.exchange;
    const isDrained = state.markets.some(({ fund }) => fund.paidInHour * 5n > fund.atHour);
    return [...brokenInvariants(state), ...(isDrained ? ["a fund paid more than a fifth in an hour"] : [])];
  }

  positionOf(account: number, market = this.market): bigint {
    return this.pro.exchange.state.accounts[account].stakes[market].position.lots;
  }

  get fund(): bigint {
    return this.pro.exchange.state.markets[this.market].fund.held;
  }

  /** Two holders against each other, so that somebody honest wins whatever the price does; whole dollars. */
  async openHolders(dollars: number): Promise<void> {
    await this.trade(this.cast.longHolder, this.cast.shortHolder, 5n, dollars);
  }

  /** Somebody takes legs from the makers in one call, somebody else others in the same second, at the latest prices. */
  async trades(account: number, legs: readonly Leg[], other?: number, others: readonly Leg[] = []): Promise<Answer[]> {
    const answers: Answer[] = [];
    const actions = (own: readonly Leg[]) => [
      ...own.map(({ leverage, market }) => this.leverage(leverage, market)),
      ...own.map(({ dollars, market, side }) => this.take(side, this.lotsOf(dollars, market), { market })),
    ];
    await this.second(async () => {
      const markets = legs.map(({ market }) => market);
      answers.push(await this.act(account, actions(legs), this.scene.now - 1, markets));
      if (other !== undefined) answers.push(await this.act(other, actions(others)));
    });
    return answers;
  }

  /** One buys from another at the price of now, both at this leverage. */
  async trade(buyer: number, seller: number, leverage: bigint, dollars: number): Promise<readonly Answer[]> {
    const answers: Answer[] = [];
    await this.second(async () => {
      const tick = this.price / this.grid.tickSize;
      const lots = this.lotsOf(dollars);
      const own = [this.leverage(leverage), this.limit("sell", tick, lots)];
      answers.push(await this.act(seller, own, this.scene.now - 1));
      answers.push(await this.act(buyer, [this.leverage(leverage), this.take("buy", lots, { tick })]));
    });
    return answers;
  }
}
