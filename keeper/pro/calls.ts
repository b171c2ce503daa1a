/** Batches of `ProKeeper`: what they prove and attempt, and what came of each item. */
import { Codec, ProOutcome, ProReason, explained, nameOf } from "@asterism/sdk";
import type { Connection, PriceProof } from "@asterism/sdk";
import { gridBookAbi, proAbi, proKeeperAbi, proTriggersAbi } from "@asterism/sdk/abis";
import type { Tick } from "../ticks/TickBook";
import { MOST_LINES } from "./GridBoard";
import type { Firing } from "./ProBoard";
import { accountOfOrder, accountOfScope } from "./ids";

const KEEPER = new Codec(proKeeperAbi);
const PRO = new Codec(proAbi);
const TRIGGERS = new Codec(proTriggersAbi);
const GRIDS = new Codec(gridBookAbi);

/** `ProTask` of the contracts. */
export const TASK = {
  refresh: 0,
  liquidate: 1,
  deleverage: 2,
  shareLoss: 3,
  beginSettling: 4,
  closeSettled: 5,
} as const;

/** Something to attempt with a scope's position. */
export interface ProItem {
  readonly task: Exclude<(typeof TASK)[keyof typeof TASK], 0>;
  readonly market: number;
  readonly scope: bigint;
  /** Who takes over, or stands opposite. */
  readonly other: bigint;
  /** The market's last price, where it begins to settle. */
  readonly tick?: Tick;
  /** To be closed at it. */
  readonly lots?: bigint;
}

/** What an item came to. */
export interface ProItemOutcome {
  readonly outcome: (typeof ProOutcome)[number] | "Failed";
  readonly reason: (typeof ProReason)[number];
}

/** What a transaction of a batch is made of: markets that are refreshed first, items, then triggers or grids, not both. */
export interface ProBatch {
  readonly refreshes: readonly { readonly market: number; readonly tick: Tick }[];
  readonly items: readonly ProItem[];
  readonly fires: readonly Firing[];
  /** With how many lines are expected to be placed, or to be taken off where it is over. */
  readonly rolls: readonly { readonly id: bigint; readonly lines: number; readonly isOver: boolean }[];
}

export interface ProBatchCall {
  readonly name: "run" | "fire" | "roll";
  readonly to: string;
  readonly data: string;
  readonly proofs: readonly PriceProof[];
}

/** Orders that a step cancels or meets at most. */
const MOST_ORDERS = 100;

/** The call that brings the prices and attempts everything. */
export function proCallOf({ contracts }: Connection, { fires, items, refreshes, rolls }: ProBatch): ProBatchCall {
  const ticks = new ProofList();
  for (const { tick } of [...refreshes, ...items]) if (tick !== undefined) ticks.add(tick);
  for (const { earlier, tick } of fires) for (const each of [tick, earlier]) if (each !== undefined) ticks.add(each);
  const { numberOf, proofs } = ticks.numbered();
  const tasks = [
    ...refreshes.map(({ market, tick }) => {
      return { task: TASK.refresh, market, scope: 0n, other: 0n, amount: numberOf(tick) };
    }),
    ...items.map(({ lots = 0n, tick, ...item }) => {
      const amount = tick === undefined ? lots : numberOf(tick);
      return { ...item, amount: item.task === TASK.liquidate ? MOST_ORDERS : amount };
    }),
  ];
  const to = contracts.proKeeper;
  if (rolls.length > 0) {
    const grids = rolls.map(({ id }) => ({ id, maxLines: BigInt(MOST_LINES) }));
    return { name: "roll", to, data: KEEPER.encode("roll", [contracts.gridBook, proofs, tasks, grids]), proofs };
  }
  if (fires.length === 0) {
    return { name: "run", to, data: KEEPER.encode("run", [contracts.pro, proofs, tasks]), proofs };
  }
  const shots = fires.map(({ earlier, id, tick }) => {
    return { id, tickIndex: numberOf(tick), earlierTickIndex: numberOf(earlier ?? tick) };
  });
  return { name: "fire", to, data: KEEPER.encode("fire", [contracts.proTriggers, proofs, tasks, shots]), proofs };
}

/**
 * Tries a batch as of the latest block: what its refreshes, items, triggers and grids would come to. Throws `RefusedError` where all would
 * revert.
 */
export async function tryProBatch(
  { provider }: Connection,
  keeper: string,
  { data, name, to }: ProBatchCall,
  value: bigint,
  gasLimit: bigint,
): Promise<ProItemOutcome[]> {
  let answer: string;
  try {
    answer = await provider.call({ from: keeper, to, data, value, gasLimit });
  } catch (error) {
    throw explained(error);
  }
  const results = KEEPER.decode(name, answer);
  return results.map(({ outcome, reason, isFailed }) => ({
    outcome: isFailed ? "Failed" : nameOf(ProOutcome, outcome),
    reason: nameOf(ProReason, reason),
  }));
}

export const cancelDeadData = (orders: readonly bigint[]): string => PRO.encode("cancelDead", [orders]);

export const cancelStretchedData = (scope: bigint, orders: readonly bigint[], keeper: string): string =>
  PRO.encode("cancelStretched", [scope, orders, keeper]);

/** What a call to `cancelStretched` would come to. */
export function stretchedOutcome(answer: string): ProItemOutcome {
  const [outcome, reason] = PRO.decode("cancelStretched", answer);
  return { outcome: nameOf(ProOutcome, outcome), reason: nameOf(ProReason, reason) };
}

interface Log {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
}

/** What a mined transaction did with what its key names: a scope, a trigger, a grid, or orders and prices. */
export function proAttemptOf(key: string, logs: readonly Log[]): ProItemOutcome {
  const [, what, id] = key.split(" ");
  if (what === "scope") return { outcome: outcomeOfScope(BigInt(id), logs), reason: "None" };
  if (what === "trigger") return outcomeOfTrigger(BigInt(id), logs);
  if (what === "grid") return outcomeOfGrid(BigInt(id), logs);
  const names = logs.map((log) => PRO.event(log)?.name);
  if (what === "settling") {
    const isDone = names.includes("SettlingBegun") || names.includes("PositionMoved");
    return { outcome: isDone ? "Settled" : "Skipped", reason: "None" };
  }
  const [event, outcome] = key.endsWith("prices")
    ? (["Refreshed", "Refreshed"] as const)
    : (["OrderRemoved", "Cancelled"] as const);
  return { outcome: names.includes(event) ? outcome : "Skipped", reason: "None" };
}

/** The most that was done with a scope: its orders taken off, its distress noted, lots reduced, passed on, charged to the other side. */
function outcomeOfScope(scope: bigint, logs: readonly Log[]): (typeof ProOutcome)[number] {
  // A distress that is noted again is told by nothing, but that no item of the scope was skipped.
  const found = new Set<(typeof ProOutcome)[number]>(logs.some((log) => isVain(scope, log)) ? [] : ["Distressed"]);
  for (const log of logs) {
    const event = PRO.event(log);
    if (event?.name === "OrderRemoved" && accountOfOrder(event.args.orderId) === accountOfScope(scope)) {
      found.add("Cancelled");
    }
    if (event === undefined || !("scope" in event.args) || event.args.scope !== scope) continue;
    if (event.name === "ScopeReduced") found.add("Reduced");
    if (event.name === "Deleveraged") found.add("Deleveraged");
    if (event.name === "LossShared") found.add("LossShared");
    if (event.name === "DistressNoted") found.add("Distressed");
  }
  const order = ["LossShared", "Deleveraged", "Reduced", "Distressed", "Cancelled"] as const;
  return order.find((outcome) => found.has(outcome)) ?? "Skipped";
}

function isVain(scope: bigint, log: Log): boolean {
  const event = KEEPER.event(log);
  if (event?.name === "ProItemSkipped") return event.args.scope === scope;
  return event?.name === "ItemFailed" && event.args.tradeId === scope;
}

function outcomeOfTrigger(id: bigint, logs: readonly Log[]): ProItemOutcome {
  for (const log of logs) {
    const event = TRIGGERS.event(log);
    if (event === undefined || event.args.id !== id) continue;
    if (event.name === "TriggerFired") {
      return { outcome: event.args.isDone ? "Triggered" : "PartlyTriggered", reason: "None" };
    }
    if (event.name === "TriggerRemoved") return { outcome: "Removed", reason: nameOf(ProReason, event.args.reason) };
  }
  return { outcome: "Skipped", reason: "None" };
}

function outcomeOfGrid(id: bigint, logs: readonly Log[]): ProItemOutcome {
  for (const log of logs) {
    const event = GRIDS.event(log) ?? KEEPER.event(log);
    if (event === undefined || !("id" in event.args) || event.args.id !== id) continue;
    if (event.name === "GridRolled") return { outcome: "Rolled", reason: "None" };
    if (event.name === "GridEnded") return { outcome: "Ended", reason: nameOf(ProReason, event.args.reason) };
    if (event.name === "GridSkipped") return { outcome: "Skipped", reason: nameOf(ProReason, event.args.reason) };
  }
  return { outcome: "Skipped", reason: "None" };
}

/** Ticks of one update are proven together. */
class ProofList {
  private readonly groups = new Map<readonly string[], Tick[]>();

  add(tick: Tick): void {
    const group = this.groups.get(tick.updateData) ?? [];
    this.groups.set(tick.updateData, group);
    if (!group.some((each) => each.assetId === tick.assetId)) group.push(tick);
  }

  numbered(): { readonly proofs: PriceProof[]; readonly numberOf: (tick: Tick) => number } {
    const groups = [...this.groups.values()];
    for (const group of groups) group.sort((a, b) => a.assetId - b.assetId);
    const ticks = groups.flat();
    const proofs = groups.map((group) => ({
      assetIds: group.map(({ assetId }) => assetId),
      minPublishTime: Math.min(...group.map(({ publishTime }) => publishTime)),
      isUnique: false,
      updateData: group[0].updateData,
    }));
    const isSame = (a: Tick, b: Tick) => a.updateData === b.updateData && a.assetId === b.assetId;
    return { proofs, numberOf: (tick) => ticks.findIndex((each) => isSame(each, tick)) };
  }
}
