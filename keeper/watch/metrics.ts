/** What a keeper counts and measures, as Prometheus reads it. */
import { Counter, Gauge, Histogram, Registry } from "prom-client";

const AGES = [0.5, 1, 2, 3, 5, 10, 20, 30, 60];

export class Metrics {
  readonly registry = new Registry();

  readonly block = this.gauge("block", "Latest block that was read");
  readonly driftSeconds = this.gauge("drift_seconds", "Wall clock less the time of the latest block");
  readonly nodeLagBlocks = this.gauge("node_lag_blocks", "Blocks that a node is behind the highest", ["node"]);
  readonly nodeFaults = this.counter("node_faults_total", "Requests that a node failed", ["node"]);
  readonly waiting = this.gauge("waiting", "Orders, closes and bets that wait for their first tick");
  readonly endings = this.gauge("endings", "Orders and bets that will have to be ended unless they fill");
  readonly positions = this.gauge("positions", "Positions that are watched");
  readonly crossed = this.gauge("crossed", "Trades that a tick has reached and that still stand");
  readonly proScopes = this.gauge("pro_scopes", "Scopes of the order book with a position");
  readonly proTriggers = this.gauge("pro_triggers", "Triggers of the order book that wait");
  readonly proOrders = this.gauge("pro_orders", "Orders that rest in the order book");
  readonly proDue = this.gauge("pro_due", "Scopes that may be liquidatable, and triggers that were reached");
  readonly proGrids = this.gauge("pro_grids", "Grids of the order book that run");
  readonly proRolls = this.gauge("pro_rolls", "Grids of which a roll would answer something, or that it ends");
  readonly inFlight = this.gauge("transactions_in_flight", "Transactions that are not mined yet");
  readonly balance = this.gauge("balance_native", "Native coin of the account");
  readonly ticks = this.counter("ticks_total", "Ticks that came", ["asset"]);
  readonly tickGaps = this.counter(
    "tick_gaps_total",
    "Ticks that were left out: the one before is not the last that came",
    ["asset"],
  );
  readonly sameSecond = this.counter("ticks_same_second_total", "Further ticks of a second", ["asset"]);
  readonly disorder = this.counter("ticks_disorder_total", "Ticks that name a later one as the one before", ["asset"]);
  readonly sourceAge = this.gauge("source_age_seconds", "Age of a push source", ["asset", "source"]);
  readonly freshSources = this.gauge("fresh_sources", "Push sources of an asset that count", ["asset"]);
  readonly updateFee = this.gauge("update_fee_wei", "What Pyth asks for a price");
  readonly guardianSet = this.gauge("guardian_set", "Guardian set that signs the updates");
  readonly attempts = this.counter("attempts_total", "Items that were mined, by what became of them", [
    "product",
    "outcome",
    "reason",
  ]);
  readonly transactions = this.counter("transactions_total", "Transactions, by what became of them", ["result"]);
  readonly gasUsed = this.counter("gas_used_total", "Gas of mined transactions");
  readonly spentUsd = this.counter("spent_usd_total", "Cost of mined transactions");
  readonly earnedUsd = this.counter("earned_usd_total", "Pay that mined items were expected to bring");
  readonly unprofitable = this.counter("unprofitable_total", "Items that would have cost more than they pay");
  readonly lateness = this.histogram("lateness_seconds", "Block time less the tick's, of mined items", AGES);
  readonly roundSeconds = this.histogram("round_seconds", "One round of work", [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5]);
  readonly reorganisations = this.counter("reorganisations_total", "Times that the chain took blocks back");
  readonly alarms = this.gauge("alarm", "1 while something is wrong", ["alarm"]);
  readonly storeFailures = this.counter("state_store_failures_total", "Times that the state could not be stored");

  private counter<L extends string>(name: string, help: string, labelNames: L[] = []): Counter<L> {
    return new Counter({ name: `asterism_keeper_${name}`, help, labelNames, registers: [this.registry] });
  }

  private gauge<L extends string>(name: string, help: string, labelNames: L[] = []): Gauge<L> {
    return new Gauge({ name: `asterism_keeper_${name}`, help, labelNames, registers: [this.registry] });
  }

  private histogram(name: string, help: string, buckets: number[]): Histogram {
    return new Histogram({ name: `asterism_keeper_${name}`, help, buckets, registers: [this.registry] });
  }
}
