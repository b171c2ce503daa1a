import { doneOrRefused } from "./faults";
import type { Fault } from "./faults";
import { nextSecond, pick, takeProfitFault, takeProfitOf, boundOf } from "./orders";
import type { TwinPosition } from "./records";
import type { StepOf } from "./steps";
import { moved } from "./world";
import type { World } from "./world";

/** What a position's owner is told while another close of it waits. */
function pendingFault(world: World, id: bigint, now: number): Fault | undefined {
  const last = world.twin.closes.get(id);
  if (last === undefined || !world.twin.isPending(last, now)) return undefined;
  return { contract: world.context.trading, error: "Trading_CloseIsPending", args: [id, last.expiry] };
}

/** At level 3 owners can do nothing but cancel. */
function haltFault(world: World, now: number): Fault | undefined {
  if (world.outside.breaker.canClose(now)) return undefined;
  return { contract: world.context.trading, error: "Trading_BreakerRaised", args: [3] };
}

/** Asks for a close of a whole position. */
export async function close(world: World, step: StepOf<"close">): Promise<void> {
  const position = positionAt(world, step.position);
  if (position === undefined) return;
  const { asset } = world.twin.book(position.bookId);
  const bound = boundOf(step.bound, world.priceOf(asset), !position.isLong);
  await requestClose(world, position, bound);
}

export async function requestClose(world: World, position: TwinPosition, bound: bigint): Promise<boolean> {
  const { profile, trading } = world.context;
  const now = await nextSecond(world);
  const sent = world.partyOf(position).send(trading, "requestClose", [position.id, bound, now + 3_600]);
  const fault = haltFault(world, now) ?? pendingFault(world, position.id, now);
  if (!(await doneOrRefused(sent, fault))) return false;
  const target = now + world.twin.book(position.bookId).profile.executionDelaySeconds;
  const expiry = target + profile.execution.executionWindowSeconds;
  world.twin.placeClose(position.id, { bound, size: 0n, target, expiry });
  world.count("close asked for");
  return true;
}

/** The owner of a limit asks for its cancellation; once. */
export async function cancelLimit(world: World, step: StepOf<"cancelLimit">): Promise<void> {
  const { trading } = world.context;
  const limits = [...world.twin.orders.values()].filter(({ isLimit }) => isLimit);
  if (limits.length === 0) return;
  const order = pick(limits, step.limit);
  const now = await nextSecond(world);
  const sent = world.partyOf(order).send(trading, "cancelLimit", [order.id]);
  const delay = world.twin.book(order.bookId).profile.executionDelaySeconds;
  const { cancelledAt } = order;
  const fault = cancelledAt !== undefined && {
    contract: trading,
    error: "Trading_CancelIsPending",
    args: [order.id, cancelledAt + delay + 4],
  };
  if (!(await doneOrRefused(sent, fault || undefined))) return;
  order.cancelledAt = now;
  world.count("limit cancelled");
}

/** New take profit and stop of a position or a limit; either may stay as it is. */
export async function updateTpSl(world: World, step: StepOf<"update">): Promise<void> {
  const { trading } = world.context;
  const limits = [...world.twin.orders.values()].filter(({ isLimit }) => isLimit);
  const trades = [...world.twin.positions.values(), ...limits];
  if (trades.length === 0) return;
  const trade = pick(trades, step.trade);
  const { asset, profile } = world.twin.book(trade.bookId);
  const isPosition = "entry" in trade;
  const entry = isPosition ? trade.entry : trade.bound;
  const tier = profile.tiers.find(({ maxLeverage }) => BigInt(maxLeverage) >= trade.leverage);
  const cap = isPosition ? Number(trade.profitCapPips) : (tier?.profitCapPips ?? 0);
  const leverage = Number(trade.leverage);
  const takeProfit = step.keepsProfit
    ? trade.takeProfit
    : takeProfitOf(step.takeProfit, entry, trade.isLong, leverage, cap);
  // On either side of the market, or none.
  const stopLoss = step.stopPips === 0 ? 0n : moved(world.priceOf(asset), step.stopPips);
  const now = await nextSecond(world);
  const sent = world.partyOf(trade).send(trading, "updateTpSl", [trade.id, takeProfit, stopLoss]);
  // What a position has already is not looked at again.
  const isLooked = !isPosition || takeProfit !== trade.takeProfit;
  const fault =
    haltFault(world, now) ??
    (isLooked ? takeProfitFault(world, { isLong: trade.isLong, entry, leverage }, takeProfit, cap) : undefined);
  if (!(await doneOrRefused(sent, fault))) return;
  world.twin.updateTpSl(trade.id, takeProfit, stopLoss, now);
  world.count("updated");
}

/** Margin for a Standard position; a Degen one takes none. */
export async function addMargin(world: World, step: StepOf<"addMargin">): Promise<void> {
  const { trading } = world.context;
  const position = positionAt(world, step.position);
  if (position === undefined) return;
  const { id, symbol, owner } = position;
  const { decimals } = world.twin.token(symbol);
  const amount = (BigInt(step.cents) * 10n ** BigInt(8 + decimals)) / world.tokenPrice(symbol) + 1n;
  const now = await nextSecond(world);
  const sent = world.partyOf(position).send(trading, "addMargin", [id, amount]);
  const fault = haltFault(world, now) ?? standardFault(world, position) ?? world.hostility.depositFault(symbol, owner);
  if (!(await doneOrRefused(sent, fault))) return;
  world.twin.hold(`${symbol} ${owner}`, -amount);
  world.twin.addMargin(id, world.hostility.arriving(symbol, amount));
  world.count("margin added");
}

/** Asks for a close of a part, which may be too small or leave too little. */
export async function reduce(world: World, step: StepOf<"reduce">): Promise<void> {
  const { profile, trading } = world.context;
  const position = positionAt(world, step.position);
  if (position === undefined) return;
  const size = (position.size * BigInt(step.sharePips)) / 1_000_000n;
  const now = await nextSecond(world);
  const sent = world.partyOf(position).send(trading, "requestPartialClose", [position.id, size, 0n, now + 3_600]);
  const fault =
    haltFault(world, now) ??
    standardFault(world, position) ??
    partFault(world, position, size) ??
    pendingFault(world, position.id, now);
  if (!(await doneOrRefused(sent, fault))) return;
  const target = now + world.twin.book(position.bookId).profile.executionDelaySeconds;
  const expiry = target + profile.execution.executionWindowSeconds;
  world.twin.placeClose(position.id, { bound: 0n, size, target, expiry });
  world.count("part asked for");
}

function positionAt(world: World, index: number): TwinPosition | undefined {
  const positions = [...world.twin.positions.values()];
  return positions.length === 0 ? undefined : pick(positions, index);
}

function standardFault(world: World, { id, bookId }: TwinPosition): Fault | undefined {
  if (world.twin.book(bookId).profile.mode === "standard") return undefined;
  return { contract: world.context.trading, error: "Trading_StandardOnly", args: [id] };
}

/** Neither the part nor the rest is dust. */
function partFault(world: World, position: TwinPosition, size: bigint): Fault | undefined {
  const { trading: contract } = world.context;
  if (size === 0n || size >= position.size) {
    return { contract, error: "Trading_PartOutOfRange", args: [size, 1n, position.size - 1n] };
  }
  const part = size * position.entry;
  const rest = position.size * position.entry - part;
  const least = world.twin.leastPart(position);
  if ((part < rest ? part : rest) >= least) return undefined;
  return { contract, error: "Trading_DustLeft", args: [part, rest, least] };
}
