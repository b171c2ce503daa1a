import type { AssetKey } from "../../deploy/profiles";
import { anyTick, firstTick, runBatch } from "./batch";
import type { Item, Tick } from "./batch";
import { doneOrRefused } from "./faults";
import { burn, mint } from "./liquidity";
import { nextSecond, open, pick } from "./orders";
import { addMargin, cancelLimit, close, reduce, updateTpSl } from "./owners";
import { cancellableFrom, found } from "./records";
import type { Step, StepOf } from "./steps";
import type { World } from "./world";

/** Most limits and positions that one batch of triggers tries. */
const MAX_TRIGGERS = 12;

/** Does one step, and checks that it did exactly what the twins predict. */
export async function perform(world: World, step: Step): Promise<void> {
  world.count(step.kind);
  if (step.kind === "open" || step.kind === "limit") return void (await open(world, step));
  if (step.kind === "close") return close(world, step);
  if (step.kind === "execute") return execute(world, step);
  if (step.kind === "liquidate") return liquidate(world, step);
  if (step.kind === "price") return price(world, step);
  if (step.kind === "wait") return world.context.desk.warp(step.seconds);
  if (step.kind === "cancel") return cancel(world);
  if (step.kind === "cancelLimit") return cancelLimit(world, step);
  if (step.kind === "update") return updateTpSl(world, step);
  if (step.kind === "addMargin") return addMargin(world, step);
  if (step.kind === "reduce") return reduce(world, step);
  if (step.kind === "trigger") return trigger(world, step);
  if (step.kind === "mint") return mint(world, step);
  if (step.kind === "burn") return burn(world, step);
  if (step.kind === "claim") return claim(world, step);
  return donate(world, step);
}

/** What waits for a first tick: market orders, and closes that were not refused. */
export function pendings(world: World): { id: bigint; bookId: number; target: number }[] {
  const { orders, closes, positions } = world.twin;
  const live = [...closes].filter(([, { isLive }]) => isLive);
  const market = [...orders.values()].filter(({ isLimit }) => !isLimit);
  return [...market, ...live.map(([id, { target }]) => ({ ...found(positions.get(id)), target }))];
}

/** All that is pending in one batch, each with the first tick after its own target. */
export async function execute(world: World, step: StepOf<"execute">): Promise<void> {
  const { desk } = world.context;
  // Of those that are late a few are tried.
  const start = await desk.now();
  const window = world.context.profile.execution.executionWindowSeconds;
  const isLate = ({ target }: { target: number }): boolean => target + window < start;
  const all = pendings(world);
  const waiting = [...all.filter((one) => !isLate(one)), ...all.filter(isLate).slice(0, 2)];
  await desk.warpTo(Math.max(0, ...waiting.map(({ target }) => target)) + 1 + step.late);
  await world.refresh();
  const now = await desk.now();
  const ticks = new Map<string, Tick>();
  const items: Item[] = waiting.map(({ id, bookId, target }) => {
    const { asset } = world.twin.book(bookId);
    const key = `${asset} ${target}`;
    const at = target + Math.min(step.lag, now - target);
    const tick = ticks.get(key) ?? firstTick(world, asset, target, at, { price: world.move(asset, step.movePips) });
    ticks.set(key, tick);
    return { id, tick };
  });
  // Only an order is repeated: a close that was refused would leave its position to its triggers.
  const again = items.find(({ id }) => world.twin.orders.has(id));
  const nobody = { id: 0n, tick: items[0]?.tick ?? anyTick(world, "BTC", now) };
  if (step.repeat || items.length === 0) items.push(again ?? nobody);
  const armed = new Set([...world.twin.closes].filter(([, { armer }]) => armer !== undefined).map(([id]) => id));
  const orders = new Set(world.twin.orders.keys());
  const predictions = await runBatch(world, "execute", pick(world.keepers, step.keeper), items);
  for (const [index, { id }] of items.entries()) {
    const what = endOf(predictions[index].outcome, orders.has(id), armed.has(id));
    if (what !== undefined) world.count(what);
  }
}

/** How an order or a close that was pending ended. */
function endOf(outcome: string, isOrder: boolean, isArmed: boolean): string | undefined {
  if (outcome.startsWith("Refused")) return isOrder ? "order refused" : "close refused";
  if (outcome === "Closed:None") return isArmed ? "stop filled" : "close filled";
  return outcome === "Liquidated:None" ? "liquidated by its close" : undefined;
}

/** The price moves, and everything of the market that its tick liquidates is liquidated by one batch. */
export async function liquidate(world: World, step: StepOf<"liquidate">): Promise<void> {
  const { desk, profile } = world.context;
  const asset = pick(profile.markets, step.market).assetKey;
  world.prices.set(asset, world.move(asset, step.movePips));
  await world.refresh();
  const tick = anyTick(world, asset, await desk.now());
  const ofMarket = [...world.twin.positions.values()].filter(({ bookId }) => world.twin.book(bookId).asset === asset);
  const items = [0n, ...ofMarket.map(({ id }) => id)].map((id) => ({ id, tick }));
  await runBatch(world, "liquidate", pick(world.keepers, step.keeper), items);
}

/** The price moves, and a tick of a few seconds is tried on every limit and position of the market, late or in time. */
async function trigger(world: World, step: StepOf<"trigger">): Promise<void> {
  const { desk, profile } = world.context;
  const asset = pick(profile.markets, step.market).assetKey;
  world.prices.set(asset, world.move(asset, step.movePips));
  await world.refresh();
  await desk.warp(step.wait);
  const at = (await desk.now()) + 1 - step.age;
  await tryTriggers(world, asset, at, world.move(asset, step.deviationPips), step.keeper);
}

/** Tries one tick on the limits and positions of a market that came last. */
export async function tryTriggers(
  world: World,
  asset: AssetKey,
  at: number,
  tickPrice: bigint,
  keeper: number,
): Promise<void> {
  const ofMarket = ({ bookId }: { bookId: number }): boolean => world.twin.book(bookId).asset === asset;
  const limits = [...world.twin.orders.values()].filter((order) => order.isLimit && ofMarket(order));
  const trades = [...limits, ...[...world.twin.positions.values()].filter(ofMarket)].slice(-MAX_TRIGGERS);
  if (trades.length === 0) return;
  const tick = anyTick(world, asset, at, { price: tickPrice });
  const waiting = new Set(pendings(world).map(({ id }) => id));
  const predictions = await runBatch(
    world,
    "execute",
    pick(world.keepers, keeper),
    trades.map(({ id }) => ({ id, tick })),
  );
  for (const [index, { id }] of trades.entries()) {
    const { outcome } = predictions[index];
    if (limits.some((limit) => limit.id === id)) world.count(`limit ${outcome.split(":")[0].toLowerCase()}`);
    else if (outcome === "Closed:None" && !waiting.has(id)) world.count("take profit taken");
  }
}

async function price(world: World, step: StepOf<"price">): Promise<void> {
  const asset: AssetKey = pick([...world.prices.keys()], step.asset);
  const isDollar = asset === "USDT" || asset === "USDC";
  world.prices.set(asset, world.move(asset, isDollar ? Math.trunc(step.movePips / 20) : step.movePips));
  await world.refresh();
}

/** Whoever likes cancels what has expired, and nothing else. */
export async function cancel(world: World): Promise<void> {
  const { keeper, trading } = world.context;
  for (const order of [...world.twin.orders.values()]) {
    const { id, bookId } = order;
    const from = cancellableFrom(order, world.twin.book(bookId).profile.executionDelaySeconds);
    const isEarly = (await nextSecond(world)) < from;
    const fault = isEarly ? { contract: trading, error: "Trading_NotExpired", args: [id, from] } : undefined;
    if (!(await doneOrRefused(trading.connect(keeper).cancelExpired(id), fault))) continue;
    world.twin.cancel(id);
    world.count("cancelled");
  }
}

async function claim(world: World, step: StepOf<"claim">): Promise<void> {
  const { replica, vault } = world.context;
  const keeper = pick(world.keepers, step.keeper);
  const symbol = pick(world.symbols, step.token);
  const token = replica.token(symbol);
  const account = await keeper.getAddress();
  const owed = world.twin.claimOf(symbol, account);
  await nextSecond(world);
  const sent = vault.connect(keeper).claim(token, account, false);
  const nothing = { contract: vault, error: "Vault_NothingToClaim", args: [token.target, account] };
  const refused = { contract: vault, error: "Vault_PaymentFailed", args: [token.target, account, owed] };
  const isRefused = world.hostility.isRefused(symbol, account, false);
  if (!(await doneOrRefused(sent, owed === 0n ? nothing : isRefused ? refused : undefined))) return;
  world.twin.claims.set(`${symbol} ${account}`, 0n);
  world.twin.ledger(symbol).claimable -= owed;
  world.twin.hold(`${symbol} ${account}`, world.hostility.arriving(symbol, owed));
  world.count("claimed");
}

async function donate(world: World, step: StepOf<"donate">): Promise<void> {
  const { replica, vault } = world.context;
  const symbol = pick(world.symbols, step.token);
  if (world.hostility.faceOf(symbol) !== undefined) return;
  const { decimals } = world.twin.token(symbol);
  const amount = (BigInt(step.cents) * 10n ** BigInt(8 + decimals)) / world.tokenPrice(symbol);
  await nextSecond(world);
  await replica.mintToken(symbol, await vault.getAddress(), amount);
  world.donated.set(symbol, (world.donated.get(symbol) ?? 0n) + amount);
  world.count("donated");
}
