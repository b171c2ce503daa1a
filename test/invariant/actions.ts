import { expect } from "chai";
import type { Signer } from "ethers";
import { NO_TICK, confirmed } from "../../kit/desk/Desk";
import type { Proof } from "../../kit/desk/Desk";
import type { AssetKey } from "../../deploy/profiles";
import { boundOf, nextSecond, open, ownerOf, pick, wallets } from "./orders";
import { addMargin, cancelLimit, reduce, updateTpSl } from "./owners";
import type { Prediction, TwinPosition } from "./records";
import { cancellableFrom, found } from "./records";
import type { Step, StepOf } from "./steps";
import type { World } from "./world";

/** Most limits and positions that one batch of triggers tries. */
const MAX_TRIGGERS = 12;

/** A moment without a tick. */
const nothing = { tick: 0n, at: 0, anchor: 0n, tokenPrice: 0n, isFirst: false };

/** Does one step, and checks that it did exactly what the twin predicts. */
export async function perform(world: World, step: Step): Promise<void> {
  world.count(step.kind);
  if (step.kind === "open" || step.kind === "limit") return open(world, step);
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

async function close(world: World, step: StepOf<"close">): Promise<void> {
  const { profile, trading } = world.context;
  const positions = [...world.twin.positions.values()];
  if (positions.length === 0) return;
  const position = pick(positions, step.position);
  const { asset, profile: book } = world.twin.book(position.bookId);
  const bound = boundOf(step.bound, world.priceOf(asset), !position.isLong);
  const owner = trading.connect(await ownerOf(world, position));
  const now = await nextSecond(world);
  const sent = owner.requestClose(position.id, bound, now + 3_600);
  const last = world.twin.closes.get(position.id);
  if (last !== undefined && world.twin.isPending(last, now)) {
    await expect(sent).to.be.revertedWithCustomError(trading, "Trading_CloseIsPending");
    return;
  }
  await confirmed(sent);
  const target = now + book.executionDelaySeconds;
  const expiry = target + profile.execution.executionWindowSeconds;
  world.twin.closes.set(position.id, { bound, size: 0n, target, expiry, isLive: true });
}

/** What waits for a first tick: market orders, and closes that were not refused. */
function pendings(world: World): { id: bigint; bookId: number; symbol: string; target: number }[] {
  const { orders, closes, positions } = world.twin;
  const live = [...closes].filter(([, { isLive }]) => isLive);
  const market = [...orders.values()].filter(({ isLimit }) => !isLimit);
  return [...market, ...live.map(([id, { target }]) => ({ ...found(positions.get(id)), target }))];
}

/** All that is pending in one batch, each with the first tick after its own target. */
async function execute(world: World, step: StepOf<"execute">): Promise<void> {
  const { desk, executor, trading } = world.context;
  const waiting = pendings(world);
  await desk.warpTo(Math.max(0, ...waiting.map(({ target }) => target)) + 1 + step.late);
  await world.refresh();
  const now = await desk.now();
  const proofs: Proof[] = [];
  const numbers = new Map<string, number>();
  const items = waiting.map(({ id, bookId, target }) => {
    const { asset } = world.twin.book(bookId);
    const key = `${asset} ${target}`;
    const known = numbers.get(key) ?? proofs.length;
    const tick = world.move(asset, step.movePips);
    if (known === proofs.length)
      proofs.push(desk.firstTick(asset, target, { at: target + lagOf(step, target, now), price: tick }));
    numbers.set(key, known);
    return { tradeId: id, tickIndex: known };
  });
  // Only an order is repeated: a close that was refused would leave its position to its triggers.
  const again = items.find(({ tradeId }) => world.twin.orders.has(tradeId));
  if (step.repeat || items.length === 0) items.push(again ?? { tradeId: 0n, tickIndex: 0 });
  const keeper = pick(world.keepers, step.keeper);
  const by = await keeper.getAddress();
  const predict = (id: bigint): Prediction => {
    const item = waiting.find((candidate) => candidate.id === id);
    if (item === undefined) return world.twin.execute(id, { ...nothing, now, executor: by });
    const tick = world.move(world.twin.book(item.bookId).asset, step.movePips);
    const at = item.target + lagOf(step, item.target, now);
    return world.twin.execute(id, world.momentOf(item, { tick, at, now: now + 1, executor: by, isFirst: true }));
  };
  await runBatch(
    world,
    items.map(({ tradeId }) => tradeId),
    now,
    predict,
    async (value) => executor.connect(keeper).execute(trading, proofs, items, { value }),
    proofs,
  );
}

function lagOf({ lag }: StepOf<"execute">, target: number, now: number): number {
  return Math.min(lag, now - target);
}

/** The price moves, and everything of the market that its tick liquidates is liquidated by one batch. */
async function liquidate(world: World, step: StepOf<"liquidate">): Promise<void> {
  const { desk, liquidator, profile, trading } = world.context;
  const asset = pick(profile.markets, step.market).assetKey;
  world.prices.set(asset, world.move(asset, step.movePips));
  await world.refresh();
  const now = await desk.now();
  const tick = world.priceOf(asset);
  const proofs = [desk.anyTick(asset, now, { price: tick })];
  const keeper = pick(world.keepers, step.keeper);
  const by = await keeper.getAddress();
  const positions = new Map(world.twin.positions);
  const isOfMarket = ({ bookId }: TwinPosition) => world.twin.book(bookId).asset === asset;
  const ids = [0n, ...[...positions.values()].filter(isOfMarket).map(({ id }) => id)];
  const predict = (id: bigint): Prediction => {
    const position = positions.get(id);
    const attempt = { tick, at: now, now: now + 1, executor: by, isFirst: false };
    if (position === undefined) return world.twin.liquidate(id, { ...nothing, ...attempt });
    return world.twin.liquidate(id, world.momentOf(position, attempt));
  };
  const items = ids.map((tradeId) => ({ tradeId, tickIndex: 0, closeTickIndex: NO_TICK }));
  await runBatch(
    world,
    ids,
    now,
    predict,
    (value) => liquidator.connect(keeper).liquidate(trading, proofs, items, { value }),
    proofs,
  );
}

/** The price moves, and a tick of a few seconds is tried on every limit and position of the market, late or in time. */
async function trigger(world: World, step: StepOf<"trigger">): Promise<void> {
  const { desk, executor, profile, trading } = world.context;
  const asset = pick(profile.markets, step.market).assetKey;
  world.prices.set(asset, world.move(asset, step.movePips));
  await world.refresh();
  await desk.warp(step.wait);
  const now = await desk.now();
  const at = now + 1 - step.age;
  const tick = world.move(asset, step.deviationPips);
  const ofMarket = ({ bookId }: { bookId: number }): boolean => world.twin.book(bookId).asset === asset;
  const limits = [...world.twin.orders.values()].filter((order) => order.isLimit && ofMarket(order));
  const trades = [...limits, ...[...world.twin.positions.values()].filter(ofMarket)].slice(-MAX_TRIGGERS);
  if (trades.length === 0) return;
  const proofs = [desk.anyTick(asset, at, { price: tick })];
  const keeper = pick(world.keepers, step.keeper);
  const by = await keeper.getAddress();
  const items = trades.map(({ id }) => ({ tradeId: id, tickIndex: 0 }));
  await runBatch(
    world,
    trades.map(({ id }) => id),
    now,
    (id) => {
      const trade = found(trades.find((candidate) => candidate.id === id));
      return world.twin.execute(id, world.momentOf(trade, { tick, at, now: now + 1, executor: by, isFirst: false }));
    },
    async (value) => executor.connect(keeper).execute(trading, proofs, items, { value }),
    proofs,
  );
  for (const { id } of limits) if (world.twin.positions.has(id)) world.count("limit filled");
}

/** Predicts, sends in the block after `now`, and compares outcomes, amounts and what arrives in the traders' wallets. */
async function runBatch(
  world: World,
  ids: readonly bigint[],
  now: number,
  predict: (id: bigint) => Prediction,
  send: (value: bigint) => ReturnType<Signer["sendTransaction"]>,
  proofs: Proof[],
): Promise<void> {
  const { desk } = world.context;
  const owners = new Map(ids.map((id) => [id, world.twin.orders.get(id) ?? world.twin.positions.get(id)]));
  const before = await wallets(world);
  const value = await desk.updateFee(proofs);
  const predictions = ids.map(predict);
  await desk.provider.send("evm_setNextBlockTimestamp", [now + 1]);
  const receipt = await confirmed(send(value) as Parameters<typeof confirmed>[0]);
  world.compare(receipt, ids, predictions);
  for (const [index, id] of ids.entries()) {
    const trade = owners.get(id);
    if (trade === undefined) continue;
    const key = `${trade.symbol} ${trade.owner}`;
    before.set(key, (before.get(key) ?? 0n) + predictions[index].paid);
  }
  expect(await wallets(world)).to.deep.equal(before);
}

async function price(world: World, step: StepOf<"price">): Promise<void> {
  const asset: AssetKey = pick([...world.prices.keys()], step.asset);
  const isDollar = asset === "USDT" || asset === "USDC";
  world.prices.set(asset, world.move(asset, isDollar ? Math.trunc(step.movePips / 20) : step.movePips));
  await world.refresh();
}

/** Whoever likes cancels what has expired, and nothing else. */
async function cancel(world: World): Promise<void> {
  const { keeper, trading } = world.context;
  for (const order of [...world.twin.orders.values()]) {
    const { id, owner, symbol, bookId } = order;
    const from = cancellableFrom(order, world.twin.book(bookId).profile.executionDelaySeconds);
    if ((await nextSecond(world)) < from) {
      await expect(trading.connect(keeper).cancelExpired(id))
        .to.be.revertedWithCustomError(trading, "Trading_NotExpired")
        .withArgs(id, from);
      continue;
    }
    const before = await wallets(world);
    await confirmed(trading.connect(keeper).cancelExpired(id));
    const key = `${symbol} ${owner}`;
    before.set(key, (before.get(key) ?? 0n) + world.twin.cancel(id));
    expect(await wallets(world)).to.deep.equal(before);
    world.count("cancelled");
  }
}

/** Ticks of now for everything that a mint or a burn can need. */
async function referenceTicks(world: World) {
  const { desk, publisher } = world.context;
  await world.refresh();
  const now = await desk.now();
  const { assetIds } = desk.referenceTicks(now);
  const assets = [...world.prices.keys()].filter((asset) => assetIds.includes(world.assetId(asset)));
  const ticks = assets.map((asset) => desk.pythPrice(asset, now, { price: world.priceOf(asset) }));
  const updateData = [publisher.update(ticks)];
  const proof = {
    assetIds: assets.map((asset) => world.assetId(asset)),
    minPublishTime: 0,
    isUnique: false,
    updateData,
  };
  return { ...proof, deadline: now + 3_600, value: await desk.updateFee([proof]) };
}

async function mint(world: World, step: StepOf<"mint">): Promise<void> {
  const { alpManager, other, replica } = world.context;
  const symbol = pick(world.symbols, step.token);
  const amount = BigInt(step.whole) * 10n ** BigInt(world.twin.token(symbol).decimals);
  const token = replica.token(symbol);
  await replica.mintToken(symbol, await other.getAddress(), amount);
  await confirmed(token.connect(other).getFunction("approve")(alpManager, amount));
  const { assetIds, updateData, deadline, value } = await referenceTicks(world);
  await confirmed(alpManager.connect(other).mint(token, amount, 0n, deadline, assetIds, updateData, { value }));
  world.twin.ledger(symbol).liquidity += amount;
}

/** Burns a share of what the first LP has; where positions reserve the token, as much less as it takes. */
async function burn(world: World, step: StepOf<"burn">): Promise<void> {
  const { alp, alpManager, lp, replica } = world.context;
  const symbol = pick(world.symbols, step.token);
  const token = await replica.token(symbol).getAddress();
  const receiver = await lp.getAddress();
  let amount = ((await alp.balanceOf(receiver)) * BigInt(step.sharePips)) / 1_000_000n;
  const connected = alpManager.connect(lp);
  for (let tries = 0; tries < 6 && amount > 0n; tries += 1, amount /= 2n) {
    const { assetIds, updateData, deadline, value } = await referenceTicks(world);
    const args = [token, amount, 0n, deadline, receiver, false, assetIds, updateData, { value }] as const;
    const out = await connected.burn.staticCall(...args).catch((error: unknown) => {
      expect(String(error)).to.match(/AlpManager_(LiquidityReserved|AmountTooSmall|NavNotPositive)/);
      return null;
    });
    if (out === null) continue;
    const before = await replica.token(symbol).balanceOf(receiver);
    await confirmed(connected.burn(...args));
    world.twin.ledger(symbol).liquidity -= (await replica.token(symbol).balanceOf(receiver)) - before;
    world.count("burnt");
    return;
  }
}

async function claim(world: World, step: StepOf<"claim">): Promise<void> {
  const { replica, vault } = world.context;
  const keeper = pick(world.keepers, step.keeper);
  const symbol = pick(world.symbols, step.token);
  const token = replica.token(symbol);
  const account = await keeper.getAddress();
  const owed = world.twin.claimOf(symbol, account);
  const sent = vault.connect(keeper).claim(token, account, false);
  if (owed === 0n) {
    await expect(sent).to.be.revertedWithCustomError(vault, "Vault_NothingToClaim");
    return;
  }
  await expect(sent).to.changeTokenBalance(token, keeper, owed);
  world.twin.claims.set(`${symbol} ${account}`, 0n);
  world.twin.ledger(symbol).claimable -= owed;
  world.count("claimed");
}

async function donate(world: World, step: StepOf<"donate">): Promise<void> {
  const { replica, vault } = world.context;
  const symbol = pick(world.symbols, step.token);
  const { decimals } = world.twin.token(symbol);
  const amount = (BigInt(step.cents) * 10n ** BigInt(8 + decimals)) / world.tokenPrice(symbol);
  await replica.mintToken(symbol, await vault.getAddress(), amount);
  world.donated.set(symbol, (world.donated.get(symbol) ?? 0n) + amount);
}
