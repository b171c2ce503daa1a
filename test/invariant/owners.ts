import { expect } from "chai";
import { confirmed } from "../../kit/desk/Desk";
import { nextSecond, ownerOf, pick, takeProfitOf, wallets } from "./orders";
import type { StepOf } from "./steps";
import { moved } from "./world";
import type { World } from "./world";

/** The owner of a limit asks for its cancellation; once. */
export async function cancelLimit(world: World, step: StepOf<"cancelLimit">): Promise<void> {
  const { desk, trading } = world.context;
  const limits = [...world.twin.orders.values()].filter(({ isLimit }) => isLimit);
  if (limits.length === 0) return;
  const order = pick(limits, step.limit);
  const sent = trading.connect(await ownerOf(world, order)).cancelLimit(order.id);
  if (order.cancelledAt !== undefined) {
    await expect(sent).to.be.revertedWithCustomError(trading, "Trading_CancelIsPending");
    return;
  }
  await confirmed(sent);
  order.cancelledAt = await desk.now();
  world.count("limit cancelled");
}

/** New take profit and stop of a position or a limit; either may stay as it is. */
export async function updateTpSl(world: World, step: StepOf<"update">): Promise<void> {
  const { desk, trading } = world.context;
  const limits = [...world.twin.orders.values()].filter(({ isLimit }) => isLimit);
  const trades = [...world.twin.positions.values(), ...limits];
  if (trades.length === 0) return;
  const trade = pick(trades, step.trade);
  const { asset, profile } = world.twin.book(trade.bookId);
  const entry = "entry" in trade ? trade.entry : trade.bound;
  const tier = profile.tiers.find(({ maxLeverage }) => BigInt(maxLeverage) >= trade.leverage);
  const takeProfit = step.keepsProfit
    ? trade.takeProfit
    : takeProfitOf(step.takeProfit, entry, trade.isLong, Number(trade.leverage), tier?.profitCapPips ?? 0);
  // On either side of the market, or none.
  const stopLoss = step.stopPips === 0 ? 0n : moved(world.priceOf(asset), step.stopPips);
  const sent = trading.connect(await ownerOf(world, trade)).updateTpSl(trade.id, takeProfit, stopLoss);
  if (!step.keepsProfit && step.takeProfit === "wrongSide") {
    await expect(sent).to.be.revertedWithCustomError(trading, "Trading_TakeProfitOutOfRange");
    return;
  }
  await confirmed(sent);
  world.twin.updateTpSl(trade.id, takeProfit, stopLoss, await desk.now());
  world.count("updated");
}

/** Margin for a Standard position; a Degen one takes none. */
export async function addMargin(world: World, step: StepOf<"addMargin">): Promise<void> {
  const { trading } = world.context;
  const positions = [...world.twin.positions.values()];
  if (positions.length === 0) return;
  const position = pick(positions, step.position);
  const { decimals } = world.twin.token(position.symbol);
  const amount = (BigInt(step.cents) * 10n ** BigInt(8 + decimals)) / world.tokenPrice(position.symbol) + 1n;
  const before = await wallets(world);
  const sent = trading.connect(await ownerOf(world, position)).addMargin(position.id, amount);
  if (world.twin.book(position.bookId).profile.mode === "degen") {
    await expect(sent).to.be.revertedWithCustomError(trading, "Trading_StandardOnly").withArgs(position.id);
    return;
  }
  await confirmed(sent);
  world.twin.addMargin(position.id, amount);
  const key = `${position.symbol} ${position.owner}`;
  before.set(key, (before.get(key) ?? 0n) - amount);
  expect(await wallets(world)).to.deep.equal(before);
  world.count("margin added");
}

/** Asks for a close of a part, which may be too small or leave too little. */
export async function reduce(world: World, step: StepOf<"reduce">): Promise<void> {
  const { profile, trading } = world.context;
  const positions = [...world.twin.positions.values()];
  if (positions.length === 0) return;
  const position = pick(positions, step.position);
  const { profile: book } = world.twin.book(position.bookId);
  const size = (position.size * BigInt(step.sharePips)) / 1_000_000n;
  const owner = trading.connect(await ownerOf(world, position));
  const now = await nextSecond(world);
  const sent = owner.requestPartialClose(position.id, size, 0n, now + 3_600);
  const last = world.twin.closes.get(position.id);
  const error = refusalOf(world, step);
  if (error !== undefined) {
    await expect(sent).to.be.revertedWithCustomError(trading, error);
    return;
  }
  if (last !== undefined && world.twin.isPending(last, now)) {
    await expect(sent).to.be.revertedWithCustomError(trading, "Trading_CloseIsPending");
    return;
  }
  await confirmed(sent);
  const target = now + book.executionDelaySeconds;
  const expiry = target + profile.execution.executionWindowSeconds;
  world.twin.closes.set(position.id, { bound: 0n, size, target, expiry, isLive: true });
  world.count("part asked for");
}

function refusalOf(world: World, step: StepOf<"reduce">): string | undefined {
  const position = pick([...world.twin.positions.values()], step.position);
  if (world.twin.book(position.bookId).profile.mode === "degen") return "Trading_StandardOnly";
  const size = (position.size * BigInt(step.sharePips)) / 1_000_000n;
  if (size === 0n || size >= position.size) return "Trading_PartOutOfRange";
  const smaller = size < position.size - size ? size : position.size - size;
  return smaller * position.entry < world.twin.leastPart(position) ? "Trading_DustLeft" : undefined;
}
