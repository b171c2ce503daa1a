import type { KeeperTask } from "../../../kit/pro/ProDesk";
import {
  candidateOf,
  cashOf,
  distressOf,
  hasFundRoom,
  hasPosition,
  healthOf,
  holdingsOf,
  isAdmitted,
  isLiquidatable,
  isUrgent,
  maintenanceOf,
  marketsOf,
  mayDeleverage,
  ordersOf,
  scoreX96,
  thresholdX96,
} from "../../../sdk/model/pro";
import type { Health, Holding, Scope } from "../../../sdk/model/pro";
import type { ProScene } from "./scene";

/** Items in one batch; what is more waits for the next block. */
const BATCH_SIZE = 12;
/** Winners that are tried for one bankrupt scope in a block. */
const MOST_CANDIDATES = 3;
const STEP_SECONDS = 10n;

/** A liquidation from the tick that made a scope liquidatable to its end. */
export interface Liquidation {
  readonly scope: Scope;
  /** Second of the window whose price made it due. */
  readonly due: number;
  /** Of the block with the first step that did something; null: none yet. */
  first: number | null;
  /** Of the block after which the scope was healthy again, or without position. */
  end: number | null;
}

/** Who bore what bankrupt scopes could not, quote. */
export interface Paid {
  fund: bigint;
  winners: bigint;
  shared: bigint;
}

/** Keepers of everybody's: they look at each second's price and send what is due by it. */
export class ProKeepers {
  readonly liquidations: Liquidation[] = [];
  readonly paid: Paid = { fund: 0n, winners: 0n, shared: 0n };
  readonly skipped = new Map<string, number>();
  steps = 0;
  cancellations = 0;
  passed = 0;
  shares = 0;
  batches = 0;
  gas = 0n;
  private readonly open = new Map<string, Liquidation>();

  constructor(
    private readonly scene: ProScene,
    private readonly keeper: number,
    private readonly scopes: readonly Scope[],
  ) {}

  /** Puts a batch into the block for what is due by the ticks of a time. */
  async step(second: number, tickTime: number): Promise<void> {
    const { pro } = this.scene;
    const due = this.scopes.filter((scope) => this.isDueAt(scope, tickTime));
    for (const scope of due) this.begin(scope, second - (this.scene.now - tickTime));
    const tasks = due.flatMap((scope) => this.tasksOf(scope)).slice(0, BATCH_SIZE);
    if (tasks.length === 0) return;
    const { state } = pro.exchange;
    const wanted = [...new Set(tasks.flatMap(({ scope }) => marketsOf(state, scope)))];
    const stale = wanted.filter((market) => (state.markets[market].index?.publishTime ?? 0n) < BigInt(tickTime));
    const call = await pro.keeping(
      this.keeper,
      tasks,
      stale.map((market) => this.scene.tickAt(market, tickTime)),
    );
    await this.scene.queue(call, (answer) => {
      if ("refused" in answer) throw new Error(answer.refused);
      this.batches += 1;
      this.gas += answer.done.gas;
      for (const [index, outcome] of answer.done.outcomes.entries()) this.note(second, tasks[index], outcome);
    });
  }

  /** After a block: what is over. */
  conclude(second: number): void {
    const { state } = this.scene.pro.exchange;
    for (const [key, liquidation] of this.open) {
      const { scope } = liquidation;
      if (hasPosition(state, scope) && isLiquidatable(this.healthAt(scope, this.scene.now))) continue;
      // The price came back before anything was done.
      if (liquidation.first !== null) {
        liquidation.end = second;
        this.liquidations.push(liquidation);
      }
      this.open.delete(key);
    }
  }

  /** Scopes that are due and not yet done with. */
  get unfinished(): readonly Liquidation[] {
    return [...this.open.values()];
  }

  private begin(scope: Scope, second: number): void {
    const key = keyOf(scope);
    if (!this.open.has(key)) this.open.set(key, { scope, due: second, first: null, end: null });
  }

  private note(second: number, task: KeeperTask, outcome: { done: { kind: string } } | { refused: string }): void {
    const text = "refused" in outcome ? outcome.refused : undefined;
    const done = "done" in outcome ? (outcome.done as Done) : undefined;
    const reason = text ?? done?.reason ?? (done?.kind === "healthy" ? "NotLiquidatable" : undefined);
    if (reason !== undefined || done === undefined) {
      this.skipped.set(reason ?? "", (this.skipped.get(reason ?? "") ?? 0) + 1);
      return;
    }
    const liquidation = this.open.get(keyOf(task.scope));
    if (liquidation !== undefined) liquidation.first ??= second;
    if (done.kind === "cancelled") this.cancellations += 1;
    if (done.kind === "stepped") {
      this.steps += 1;
      this.paid.fund += done.fromFund ?? 0n;
    }
    if (done.kind !== "passed") return;
    const isShared = task.kind === "shareLoss";
    this.paid[isShared ? "shared" : "winners"] += done.deficit ?? 0n;
    if (isShared) this.shares += 1;
    else this.passed += 1;
  }

  /** Whether the price of a time makes a scope liquidatable, its marks standing there. */
  private isDueAt(scope: Scope, time: number): boolean {
    return hasPosition(this.scene.pro.exchange.state, scope) && isLiquidatable(this.healthAt(scope, time));
  }

  private healthAt(scope: Scope, time: number): Health {
    return healthOf(cashOf(this.scene.pro.exchange.state, scope), this.holdingsAt(scope, time));
  }

  private holdingsAt(scope: Scope, time: number): Holding[] {
    const { pro } = this.scene;
    const { state } = pro.exchange;
    return holdingsOf(state, scope).map((holding) => {
      const market = state.markets.findIndex(({ config }) => config === holding.terms);
      const { price } = this.scene.tickAt(market, time);
      return { ...holding, mark: price, index: price };
    });
  }

  private tasksOf(scope: Scope): KeeperTask[] {
    const { state } = this.scene.pro.exchange;
    const holdings = holdingsOf(state, scope);
    const markets = marketsOf(state, scope);
    const margins = holdings.map((holding) => maintenanceOf(holding, holding.mark));
    const market = markets[margins.indexOf(margins.reduce((most, own) => (own > most ? own : most), 0n))];
    const health = healthOf(cashOf(state, scope), holdings);
    const step: KeeperTask = { kind: "liquidate", scope, market };
    if (markets.some((each) => ordersOf(state, scope.account, each).length > 0)) return [step];
    const { steppedAt } = state.accounts[scope.account].stakes[market];
    const isWaiting = BigInt(this.scene.now) < steppedAt + STEP_SECONDS && !isUrgent(health.equity, health.maintenance);
    const steps = isWaiting ? [] : [step];
    return [...steps, ...this.passings(scope, market, health)];
  }

  /** Where neither book nor fund ends it: winners by their rank, and at last everybody opposite. */
  private passings(scope: Scope, market: number, health: Health): KeeperTask[] {
    const { state } = this.scene.pro.exchange;
    const now = BigInt(this.scene.now);
    const candidate = candidateOf(state, scope, market, health);
    const distress = distressOf(state, scope);
    if (!mayDeleverage(distress, now, health.equity, hasFundRoom(state, scope, market, candidate))) return [];
    const { config, funding, mark } = state.markets[market];
    const isLong = candidate.lots > 0n;
    const owner = state.accounts[scope.account].owner;
    const ranked = [...state.accounts.keys()]
      .map((other) => ({ other, position: state.accounts[other].stakes[market].position }))
      .filter(
        ({ other, position }) =>
          position.lots !== 0n && position.lots < 0n === isLong && state.accounts[other].owner !== owner,
      )
      .map((each) => ({ ...each, score: scoreX96(config.grid, each.position, mark, funding.indices) }))
      .sort((a, b) => (a.score === b.score ? a.other - b.other : a.score > b.score ? -1 : 1));
    const seconds = distress.adlSince === 0n ? 0n : now - distress.adlSince;
    const admitted = ranked.filter(({ position }) => isAdmitted(config.grid, position, mark, funding.indices, seconds));
    // The first call starts the clock, whether or not anybody ranks high enough by then.
    const tried = distress.adlSince === 0n ? ranked.slice(0, 1) : admitted.slice(0, MOST_CANDIDATES);
    const tasks = tried.map(({ other }): KeeperTask => ({ kind: "deleverage", scope, market, other }));
    const isLast = distress.adlSince !== 0n && thresholdX96(seconds) === 0n && health.equity < 0n;
    if (!isLast || ranked.length === 0) return tasks;
    return [...tasks, { kind: "shareLoss", scope, market, other: ranked[0].other }];
  }
}

/** What the model's outcomes have in common. */
interface Done {
  readonly kind: string;
  readonly reason?: string;
  readonly fromFund?: bigint;
  readonly deficit?: bigint;
}

function keyOf({ account, market }: Scope): string {
  return `${account} ${market ?? "cross"}`;
}
