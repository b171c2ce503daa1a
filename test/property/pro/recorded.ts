import type { Action, ActionResult, OrderId, Outcome, Passing, Scope, StepOutcome, Tick } from "../../../sdk/model/pro";
import { Exchange } from "../../../sdk/model/pro";

/** One call of the model's, to be made on the contracts in the same second, with what the model answered. */
export type Call = Asked & {
  readonly at: bigint;
  readonly refused?: string;
  /** Of `act`. */
  readonly results?: readonly ActionResult[];
  /** Of what a keeper calls: outcome and reason, or how many orders were cancelled. */
  readonly answer?: string;
};

type Asked =
  | { readonly kind: "deposit"; readonly account: number; readonly amount: bigint }
  | { readonly kind: "addToFund"; readonly market: number; readonly amount: bigint }
  | { readonly kind: "sweepFees"; readonly market: number }
  | { readonly kind: "refresh"; readonly market: number; readonly tick: Tick }
  | { readonly kind: "act"; readonly account: number; readonly actions: readonly Action[] }
  | { readonly kind: "cancelDead"; readonly id: OrderId }
  | { readonly kind: "cancelStretched"; readonly scope: Scope; readonly ids: readonly OrderId[] }
  | { readonly kind: "liquidate"; readonly scope: Scope; readonly market: number; readonly most: number }
  | { readonly kind: "deleverage"; readonly scope: Scope; readonly market: number; readonly other: number }
  | { readonly kind: "shareLoss"; readonly scope: Scope; readonly market: number; readonly other: number }
  | { readonly kind: "setBreaker"; readonly level: number };

/** Seconds of a call: its prices are set in a block before it. */
export const CALL_SECONDS = 2n;

/** An exchange that remembers what it was asked: each call in a second of its own, as a chain has it in its own block. */
export class RecordedExchange extends Exchange {
  calls: Call[] = [];

  /** What was asked since the last time. */
  take(): Call[] {
    const taken = this.calls;
    this.calls = [];
    return taken;
  }

  override deposit(account: number, amount: bigint): Outcome<void> {
    this.begin();
    const outcome = super.deposit(account, amount);
    // Nothing brought is no call.
    return amount > 0n ? this.noted({ kind: "deposit", account, amount }, outcome) : outcome;
  }

  override addToFund(market: number, amount: bigint): void {
    this.begin();
    super.addToFund(market, amount);
    if (amount > 0n) this.note({ kind: "addToFund", market, amount });
  }

  override sweepFees(market: number): bigint {
    this.begin();
    const swept = super.sweepFees(market);
    if (swept > 0n) this.note({ kind: "sweepFees", market });
    return swept;
  }

  override refresh(market: number, tick: Tick): Outcome<void> {
    this.begin();
    // Published in the second that takes it.
    const late: Tick = { ...tick, publishTime: tick.publishTime + CALL_SECONDS };
    return this.noted({ kind: "refresh", market, tick: late }, super.refresh(market, late));
  }

  override act(account: number, actions: readonly Action[]): Outcome<ActionResult[]> {
    this.begin();
    const outcome = super.act(account, actions);
    const results = "done" in outcome ? outcome.done : undefined;
    return this.noted({ kind: "act", account, actions }, outcome, { results });
  }

  override cancelDead(id: OrderId): Outcome<void> {
    this.begin();
    const outcome = super.cancelDead(id);
    return this.noted({ kind: "cancelDead", id }, outcome, { answer: "refused" in outcome ? "0" : "1" });
  }

  override cancelStretched(scope: Scope, ids: readonly OrderId[], keeper: number): Outcome<void> {
    this.begin();
    const outcome = super.cancelStretched(scope, ids, keeper);
    return this.noted({ kind: "cancelStretched", scope, ids }, outcome, { answer: told(outcome, () => CANCELLED) });
  }

  override liquidate(scope: Scope, market: number, most: number, keeper: number): Outcome<StepOutcome> {
    this.begin();
    const outcome = super.liquidate(scope, market, most, keeper);
    return this.noted({ kind: "liquidate", scope, market, most }, outcome, { answer: told(outcome, toldOfStep) });
  }

  override deleverage(scope: Scope, market: number, other: number, keeper: number): Outcome<Passing> {
    this.begin();
    const outcome = super.deleverage(scope, market, other, keeper);
    const answer = told(outcome, (done) => toldOfPassing(done, "Deleveraged None"));
    return this.noted({ kind: "deleverage", scope, market, other }, outcome, { answer });
  }

  override shareLoss(scope: Scope, market: number, other: number): Outcome<Passing> {
    this.begin();
    const outcome = super.shareLoss(scope, market, other);
    const answer = told(outcome, (done) => toldOfPassing(done, "LossShared None"));
    return this.noted({ kind: "shareLoss", scope, market, other }, outcome, { answer });
  }

  /** Levels without the clock of a halt, which a scripted breaker does not have. */
  override setBreaker(level: number): void {
    this.begin();
    this.state.breaker = level;
    this.note({ kind: "setBreaker", level });
  }

  private begin(): void {
    this.pass(CALL_SECONDS);
  }

  private note(asked: Asked, answered: Pick<Call, "refused" | "results" | "answer"> = {}): void {
    this.calls.push({ ...asked, at: this.state.now, ...answered });
  }

  private noted<T>(asked: Asked, outcome: Outcome<T>, answered: Pick<Call, "results" | "answer"> = {}): Outcome<T> {
    this.note(asked, { refused: "refused" in outcome ? outcome.refused : undefined, ...answered });
    return outcome;
  }
}

const CANCELLED = "Cancelled None";
const HEALTHY = "Skipped NotLiquidatable";

function told<T>(outcome: Outcome<T>, done: (done: T) => string): string {
  return "refused" in outcome ? `Skipped ${outcome.refused}` : done(outcome.done);
}

function toldOfStep(done: StepOutcome): string {
  switch (done.kind) {
    case "skipped":
      return `Skipped ${done.reason}`;
    case "healthy":
      return HEALTHY;
    case "cancelled":
      return CANCELLED;
    case "stepped":
      if (done.isDistressed) return "Distressed None";
      return done.lots > 0n ? "Reduced None" : "Skipped NothingFilled";
  }
}

function toldOfPassing(done: Passing, passed: string): string {
  if (done.kind === "skipped") return `Skipped ${done.reason}`;
  return done.kind === "healthy" ? HEALTHY : passed;
}
