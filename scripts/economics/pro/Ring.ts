import { marketOrder } from "../../../kit/pro/quotes";
import { DEFAULT_PRICES } from "../../../kit/replica";
import { QUOTE, brokenInvariants, cashOf, healthOf, holdingsOf, valueOf } from "../../../sdk/model/pro";
import type { Action, Order, Reason, Side } from "../../../sdk/model/pro";
import type { KeeperTask, ProDesk } from "../../../kit/pro/ProDesk";
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

/** Why a call was refused; undefined where it was done. Known after the block. */
export interface Answer {
  refused?: Reason;
}

/** Those who attack Pro together, on a book with two makers, two holders and everybody's keepers, second by second. */
export class Ring {
  areMakersThere = true;
  areKeepersThere = true;
  private readonly makers: readonly Maker[];
  private readonly keepers: ProKeepers;
  private brought = 0n;

  private constructor(
    readonly scene: ProScene,
    readonly cast: Cast,
    readonly path: PricePath,
  ) {
    this.makers = cast.makers.map((account, index) => new Maker(scene, account, [TIGHT, WIDE][index]));
    const accounts = [cast.victim, cast.longHolder, cast.shortHolder, ...cast.attacker, ...cast.friend];
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
  ): Promise<T> {
    pro.exchange.state = structuredClone(saved);
    const market = pro.marketOf("BTC");
    await pro.desk.setPrices({ ...DEFAULT_PRICES, BTC: path.at(0).priceX10 });
    const [payer] = await hre.ethers.getSigners();
    for (const [account, dollars] of deposits) await pro.deposit(payer, account, BigInt(dollars) * QUOTE);
    await pro.act(cast.keeper, [], [market]);
    await pro.desk.warp(CALM_SECONDS);
    await pro.desk.refresh();
    await pro.act(cast.keeper, [], [market]);
    const scene = await ProScene.start(hre, pro, windowOf(path));
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
      const resting = state.accounts[account].stakes[this.market].slots.flatMap((order) => order ?? []);
      await this.act(
        account,
        resting.map(({ generation, slot }) => ({
          kind: "cancel",
          id: { account, market: this.market, slot, generation },
        })),
      );
    }
  }

  /** What makers quote from now on, in percent of their style. */
  quote(percent: number): void {
    this.areMakersThere = true;
    for (const maker of this.makers) maker.depthPercent = percent;
  }

  // Calls

  /** Puts a call into the block of this second, with the price of a time where one is to be brought. */
  async act(account: number, actions: readonly Action[], tickTime?: number): Promise<Answer> {
    const answer: Answer = {};
    const ticks = tickTime === undefined ? [] : [this.scene.tickAt(this.market, tickTime)];
    const call = await this.pro.acting(account, actions, ticks, true);
    await this.scene.queue(call, (outcome) => {
      if ("refused" in outcome) answer.refused = outcome.refused;
    });
    return answer;
  }

  /** The same of the attackers' keeper. */
  async keep(tasks: readonly KeeperTask[], tickTime: number): Promise<void> {
    const stored = this.pro.exchange.state.markets[this.market].index?.publishTime ?? 0n;
    const ticks = stored < BigInt(tickTime) ? [this.scene.tickAt(this.market, tickTime)] : [];
    await this.scene.queue(await this.pro.keeping(this.cast.accomplice, tasks, ticks), () => undefined);
  }

  leverage(leverage: bigint): Action {
    return { kind: "leverage", market: this.market, leverage };
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
  lotsOf(dollars: number): bigint {
    return (BigInt(dollars) * QUOTE) / valueOf(this.grid, this.price, 1n);
  }

  // Books

  /** What an account is worth at a price, its debts included; quote. */
  equityOf(account: number, price = this.price): bigint {
    const { state } = this.pro.exchange;
    const scope = { account };
    const holdings = holdingsOf(state, scope).map((holding) => ({ ...holding, mark: price, index: price }));
    return healthOf(cashOf(state, scope), holdings).equity;
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
    const { fund } = state.markets[this.market];
    const isDrained = fund.paidInHour * 5n > fund.atHour;
    return [...brokenInvariants(state), ...(isDrained ? ["the fund paid more than a fifth in an hour"] : [])];
  }

  positionOf(account: number): bigint {
    return this.pro.exchange.state.accounts[account].stakes[this.market].position.lots;
  }

  get fund(): bigint {
    return this.pro.exchange.state.markets[this.market].fund.held;
  }

  /** Two holders against each other, so that somebody honest wins whatever the price does; whole dollars. */
  async openHolders(dollars: number): Promise<void> {
    await this.trade(this.cast.longHolder, this.cast.shortHolder, 5n, dollars);
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
