import { expect } from "chai";
import fc from "fast-check";
import { LocalPublisher } from "../../kit/pyth/publisher";
import * as model from "../../sdk/model";
import { revertOf } from "../dsl/reverts";
import { cancel, execute, liquidate, pendings, perform, tryTriggers } from "./actions";
import { anyTick, firstTick, runBatch } from "./batch";
import type { Tick } from "./batch";
import { advanceBets, cutBetCap, placeBet, returnBets, waitForReturn } from "./betSteps";
import type { Dice } from "./dice";
import { claimSomething } from "./claims";
import { doneOrRefused } from "./faults";
import { FACES } from "./hostility";
import type { Face } from "./hostility";
import { burn, mint } from "./liquidity";
import { nextSecond, open } from "./orders";
import { addMargin, reduce, requestClose, updateTpSl } from "./owners";
import type { TwinPosition } from "./records";
import { found } from "./records";
import { changeSetting, cutSomething, startNewsWindow } from "./settings";
import * as steps from "./steps";
import type { Step, StepOf } from "./steps";
import * as around from "./surroundings";
import { moved } from "./world";
import type { World } from "./world";

/** Does a step and checks the invariants. */
export type Do = (what: string, step: () => Promise<unknown>) => Promise<void>;

export interface Play {
  readonly world: World;
  readonly dice: Dice;
  readonly act: Do;
}

/** A few steps that belong together. */
export type Scenario = (play: Play) => Promise<void>;

/** Most positions that are kept open: each costs a read after every step. */
const CROWD = 14;

function sample<T>(arbitrary: fc.Arbitrary<T>, dice: Dice): T {
  return fc.sample(arbitrary, { seed: dice.bits() | 0, numRuns: 1 })[0];
}

/** An order of a size that is taken, mostly. */
function anOpen(dice: Dice): StepOf<"open"> {
  return { ...sample(steps.open, dice), cents: dice.between(2_000, 30_000) };
}

/** Of these kinds the one that has happened least. */
function rarest(world: World, kinds: readonly string[]): string {
  return kinds.reduce((least, kind) => (world.countOf(kind) < world.countOf(least) ? kind : least));
}

const EXECUTE: StepOf<"execute"> = { kind: "execute", keeper: 0, late: 0, lag: 0, movePips: 0, repeat: false };

const executeBy = (dice: Dice): StepOf<"execute"> => ({
  ...EXECUTE,
  keeper: dice.between(0, 2),
  lag: dice.one([0, 0, 1, 2]),
  movePips: dice.between(-200, 200),
});

async function execution({ world, dice, act }: Play, step = executeBy(dice)): Promise<void> {
  await act("execute", () => execute(world, step));
}

/** Positions without a close that is pending. */
function idle(world: World): TwinPosition[] {
  const waiting = new Set(pendings(world).map(({ id }) => id));
  return [...world.twin.positions.values()].filter(({ id }) => !waiting.has(id));
}

/** A position to act on; one is opened where there is none. */
async function aPosition(
  play: Play,
  isFit: (position: TwinPosition) => boolean = () => true,
  change: Partial<StepOf<"open">> = {},
): Promise<TwinPosition | undefined> {
  const { world, dice, act } = play;
  const fit = idle(world).filter(isFit);
  if (fit.length > 0) return dice.one(fit);
  const step = { ...anOpen(dice), bound: "none" as const, takeProfit: "cap" as const, ...change };
  let id: bigint | undefined;
  await act("open", async () => (id = await open(world, step)));
  await execution(play, EXECUTE);
  const position = id === undefined ? undefined : world.twin.positions.get(id);
  return position !== undefined && isFit(position) ? position : undefined;
}

/** Books of the two modes by their place among all. */
function bookPlace(world: World, mode: "standard" | "degen"): number {
  return [...world.twin.books.values()].findIndex(({ profile }) => profile.mode === mode);
}

/** The market moves to where it is `aim`, on the grid, `beyond` units of which further from the entry. */
async function moveTo(world: World, position: TwinPosition, aim: bigint, isUp: boolean): Promise<void> {
  const onGrid = ((aim + (isUp ? 99n : 0n)) / 100n) * 100n;
  world.prices.set(world.twin.book(position.bookId).asset, onGrid);
  await world.refresh();
}

const marketOrder: Scenario = async (play) => {
  const { world, dice, act } = play;
  if (world.twin.positions.size >= CROWD) return tidy(play);
  for (let orders = dice.between(1, 2); orders > 0; orders -= 1) await act("open", () => open(world, anOpen(dice)));
  await execution(play);
};

/** A few of the oldest are closed. */
const tidy: Scenario = async (play) => {
  const { world, act } = play;
  for (const position of idle(world).slice(0, 5)) await act("close", () => requestClose(world, position, 0n));
  await execution(play);
};

const refusedOrder: Scenario = async (play) => {
  const { world, dice, act } = play;
  const step = anOpen(dice);
  const bad = dice.percent(50) ? { bound: "unreachable" as const } : { cents: dice.between(60, 400) };
  await act("open", () => open(world, { ...step, ...bad }));
  await execution(play);
};

/** A limit just within the market's reach fills; or one beyond it rests, is cancelled, and finished. */
const limit: Scenario = async (play) => {
  const { world, dice, act } = play;
  const isReached = rarest(world, ["limit cancelled", "limit opened"]) === "limit opened";
  const base = sample(steps.limit, dice);
  const offset = dice.between(300, 900) * (base.isLong === isReached ? 1 : -1);
  const step = { ...base, offsetPips: offset, lastsFor: 3_600, takeProfit: "cap" as const };
  const sized = { ...step, cents: dice.between(2_000, 30_000) };
  let id: bigint | undefined;
  await act("limit", async () => (id = await open(world, sized)));
  const order = id === undefined ? undefined : world.twin.orders.get(id);
  if (order === undefined) return;
  const { asset } = world.twin.book(order.bookId);
  const fill = async () => {
    await world.context.desk.warp(4);
    await world.refresh();
    await tryTriggers(world, asset, await world.context.desk.now(), world.priceOf(asset), dice.between(0, 2));
  };
  await act("trigger", fill);
  if (isReached || !world.twin.orders.has(order.id)) return;
  const place = [...world.twin.orders.values()].filter(({ isLimit }) => isLimit).findIndex((one) => one.id === id);
  await act("cancelLimit", () => perform(world, { kind: "cancelLimit", limit: place }));
  if (dice.percent(30)) await act("trigger", fill);
  await world.context.desk.warp(8);
  await act("cancel", () => cancel(world));
};

const closeWhole: Scenario = async (play) => {
  const { world, act, dice } = play;
  const position = await aPosition(play);
  if (position === undefined) return;
  await act("close", () => requestClose(world, position, 0n));
  if (dice.percent(30)) await act("close again", () => requestClose(world, position, 0n));
  await execution(play, EXECUTE);
};

const closePart: Scenario = async (play) => {
  const { world, dice, act } = play;
  const isStandard = ({ bookId }: TwinPosition) => world.twin.book(bookId).profile.mode === "standard";
  const place = bookPlace(world, "standard");
  const position = await aPosition(play, isStandard, { book: place, cents: 40_000, leverage: dice.between(5, 100) });
  if (position === undefined) return;
  const at = [...world.twin.positions.keys()].indexOf(position.id);
  const sharePips = dice.between(200_000, 800_000);
  await act("reduce", () => reduce(world, { kind: "reduce", position: at, sharePips }));
  await execution(play, EXECUTE);
};

const refusedClose: Scenario = async (play) => {
  const { world, act } = play;
  const position = await aPosition(play);
  if (position === undefined) return;
  const price = world.priceOf(world.twin.book(position.bookId).asset);
  await act("close", () => requestClose(world, position, moved(price, position.isLong ? 8_000 : -8_000)));
  await execution(play, EXECUTE);
};

const addMore: Scenario = async (play) => {
  const { world, dice, act } = play;
  const position = await aPosition(play);
  if (position === undefined) return;
  const at = [...world.twin.positions.keys()].indexOf(position.id);
  const cents = dice.between(100, 20_000);
  await act("addMargin", () => addMargin(world, { kind: "addMargin", position: at, cents }));
};

const update: Scenario = async (play) => {
  const { world, dice, act } = play;
  await act("update", () => updateTpSl(world, sample(steps.update, dice)));
};

/** The market comes to a take profit. */
const takeProfit: Scenario = async (play) => {
  const { world, dice, act } = play;
  const isNear = ({ leverage }: TwinPosition) => leverage >= 50n;
  const leverage = dice.between(60, 500);
  const position = await aPosition(play, isNear, { takeProfit: "inside", leverage, cents: 15_000 });
  if (position === undefined) return;
  const { isLong, entry, profitCapPips } = position;
  const { asset } = world.twin.book(position.bookId);
  const atCap = model.takeProfitBound(isLong, entry, position.leverage, profitCapPips);
  await act("trigger", async () => {
    await moveTo(world, position, position.takeProfit === 0n ? atCap : position.takeProfit, isLong);
    await world.context.desk.warp(4);
    await world.refresh();
    await tryTriggers(world, asset, await world.context.desk.now(), world.priceOf(asset), dice.between(0, 2));
  });
};

/** The market comes to a stop, which is armed and then fills. */
const stop: Scenario = async (play) => {
  const { world, dice, act } = play;
  const position = await aPosition(play);
  if (position === undefined) return;
  const at = [...world.twin.positions.keys()].indexOf(position.id);
  const stopPips = dice.between(100, 300) * (position.isLong ? -1 : 1);
  const change = { kind: "update" as const, trade: at, keepsProfit: true, takeProfit: "cap" as const, stopPips };
  await act("update", () => updateTpSl(world, change));
  const { stopLoss, bookId } = world.twin.positions.get(position.id) ?? position;
  if (stopLoss === 0n) return;
  const { asset } = world.twin.book(bookId);
  await act("trigger", async () => {
    await moveTo(world, position, stopLoss, !position.isLong);
    await world.context.desk.warp(4);
    await world.refresh();
    await tryTriggers(world, asset, await world.context.desk.now(), world.priceOf(asset), dice.between(0, 2));
  });
  await execution(play);
};

/** The first price at which the position is liquidatable, a little further. */
function deathOf(world: World, position: TwinPosition, now: number): bigint {
  const { decimals, assetKey } = world.twin.token(position.symbol);
  const owed = world.twin.carryOwed(position, now + 10);
  const { asset } = world.twin.book(position.bookId);
  const token = { decimals, price: world.priceOf(assetKey) };
  const price =
    asset === assetKey
      ? model.liquidationPriceInKind(position, owed, decimals)
      : model.liquidationPrice(position, owed, token);
  return moved(price, position.isLong ? -200 : 200);
}

const isMortal = ({ leverage }: TwinPosition): boolean => leverage >= 20n;

/** The market comes to where a position is liquidated. */
const death: Scenario = async (play) => {
  const { world, dice, act } = play;
  const position = await aPosition(play, isMortal, { leverage: 10_000 });
  if (position === undefined) return;
  const now = await world.context.desk.now();
  const { asset } = world.twin.book(position.bookId);
  await act("liquidate", async () => {
    world.prices.set(asset, deathOf(world, position, now));
    const market = world.context.profile.markets.findIndex(({ assetKey }) => assetKey === asset);
    await liquidate(world, { kind: "liquidate", keeper: dice.between(0, 2), market, movePips: 0 });
  });
};

/** A close whose own tick liquidates. */
const deadlyClose: Scenario = async (play) => {
  const { world, dice, act } = play;
  const position = await aPosition(play, isMortal, { leverage: 10_000 });
  if (position === undefined) return;
  await act("close", () => requestClose(world, position, 0n));
  await act("price", async () => {
    const now = await world.context.desk.now();
    world.prices.set(world.twin.book(position.bookId).asset, deathOf(world, position, now));
    await world.refresh();
  });
  await execution(play, { ...EXECUTE, keeper: dice.between(0, 2) });
};

/** Ticks that a keeper has no business to bring, each tried on an order that then fills with its own. */
const hostileTicks: Scenario = async (play) => {
  const { world, dice, act } = play;
  let id: bigint | undefined;
  await act("open", async () => (id = await open(world, { ...anOpen(dice), bound: "none" })));
  const order = id === undefined ? undefined : world.twin.orders.get(id);
  if (order === undefined) return;
  const { desk, profile } = world.context;
  const { asset } = world.twin.book(order.bookId);
  const other = found(profile.markets.find(({ assetKey }) => assetKey !== asset)).assetKey;
  await desk.warpTo(order.target + 2);
  await world.refresh();
  const { target } = order;
  const bad: Record<string, () => Tick | undefined> = {
    early: () => firstTick(world, asset, target - 1, target - 1),
    chosen: () => anyTick(world, asset, target + 1),
    later: () => firstTick(world, asset, target + 1, target + 1),
    foreign: () => firstTick(world, other, target, target),
    none: () => undefined,
    far: () => firstTick(world, asset, target, target, { price: world.move(asset, 30_000) }),
  };
  const items = Object.values(bad).map((tick) => ({ id: order.id, tick: tick() }));
  await act("hostile ticks", () => runBatch(world, "execute", dice.one(world.keepers), items));
  await act("forged tick", () => forge(world, order.id, asset, target));
  const confidence = dice.percent(60) ? world.priceOf(asset) / 40n : undefined;
  const last = firstTick(world, asset, target, target, { confidence });
  await act("own tick", () => runBatch(world, "execute", dice.one(world.keepers), [{ id: order.id, tick: last }]));
};

const STRANGER = new LocalPublisher({ label: "stranger" });

/** A tick that somebody else signed: the call is refused, whatever else is in it. */
async function forge(world: World, id: bigint, asset: Tick["asset"], target: number): Promise<void> {
  const { desk, executor, keeper, trading } = world.context;
  const forged = firstTick(world, asset, target, target);
  const update = STRANGER.update([desk.pythPrice(asset, target)]);
  const proofs = [{ ...forged.proof, updateData: [update] }];
  const value = await desk.updateFee(proofs);
  await nextSecond(world);
  const sent = executor.connect(keeper).execute(trading, proofs, [{ tradeId: id, tickIndex: 0 }], { value });
  expect(await revertOf(sent)).to.equal("InvalidWormholeVaa()");
  world.count("forged tick refused");
}

/** A tick too old or too wide for a trigger and for a liquidation. */
const poorTicks: Scenario = async (play) => {
  const { world, dice, act } = play;
  const position = await aPosition(play);
  if (position === undefined) return;
  const { asset } = world.twin.book(position.bookId);
  await world.context.desk.warp(40);
  await world.refresh();
  const now = await world.context.desk.now();
  const wide = anyTick(world, asset, now, { confidence: world.priceOf(asset) / 50n });
  const ticks = [anyTick(world, asset, now - dice.between(30, 38)), wide];
  const items = ticks.map((tick) => ({ id: position.id, tick }));
  for (const job of ["execute", "liquidate"] as const) {
    await act("poor ticks", () => runBatch(world, job, dice.one(world.keepers), items));
  }
};

const lps: Scenario = async ({ world, dice, act }) => {
  const token = dice.between(0, 9);
  if (rarest(world, ["burnt", "minted"]) === "minted" || dice.percent(20)) {
    await act("mint", () => mint(world, { kind: "mint", token, whole: dice.between(100, 200_000) }));
  } else {
    await act("burn", () => burn(world, { kind: "burn", token, sharePips: dice.between(1, 4_000) }));
  }
};

const bets: Scenario = async ({ world, dice, act }) => {
  if (world.bets.bets.size < 8) {
    for (let left = dice.between(1, 2); left > 0; left -= 1) await act("bet", () => placeBet(world, dice));
  }
  await act("strike", () => advanceBets(world, dice));
  if (dice.percent(60)) await act("settle", () => advanceBets(world, dice));
};

const returnedBets: Scenario = async ({ world, dice, act }) => {
  const isStruck = rarest(world, ["bet returned, not settled", "bet returned, not struck"]).endsWith("settled");
  await act("bet", () => placeBet(world, dice));
  if (isStruck) await act("strike", () => advanceBets(world, dice));
  await waitForReturn(world, isStruck);
  await act("return", () => returnBets(world));
};

/** Openings stop, and burning; what is pending waits. */
const calm: Scenario = async (play) => {
  const { world, dice, act } = play;
  await act("open", () => open(world, anOpen(dice)));
  if (dice.percent(60)) await act("bet", () => placeBet(world, dice));
  const level = rarest(world, ["raised to 1", "raised to 2"]) === "raised to 1" ? 1 : 2;
  await act("raise", () => around.raise(world, level));
  await execution(play);
  if (dice.percent(60)) await act("strike", () => advanceBets(world, dice));
  await dice.one([lps, closeWhole, addMore, marketOrder, bets])(play);
  if (level === 1 && dice.percent(50)) await act("raise", () => around.raise(world, 2));
  await lps(play);
  await act("lower", () => around.lower(world, dice.one([0, 0, 1])));
  if (!world.outside.breaker.canOpen) await act("lower", () => around.lower(world, 0));
  await act("cancel", () => cancel(world));
};

/** Everything stops; it ends by itself or is lowered, and liquidations wait a little longer. */
const halt: Scenario = async (play) => {
  const { world, dice, act } = play;
  const position = await aPosition(play, isMortal, { leverage: 10_000 });
  if (position !== undefined) await act("close", () => requestClose(world, position, 0n));
  await around.waitForHalt(world);
  await world.refresh();
  await act("raise", () => around.raise(world, 3));
  const trials = [closeWhole, addMore, update, death, lps, poorTicks, bets];
  await dice.one(trials)(play);
  await liquidation(play);
  if (dice.percent(50)) await act("wait", () => around.waitForHaltEnd(world));
  else await act("lower", () => around.lower(world, dice.one([0, 2])));
  await liquidation(play);
  await lps(play);
  await closeWhole(play);
  if (!world.outside.breaker.canOpen) await act("lower", () => around.lower(world, 0));
  await act("cancel", () => cancel(world));
  await world.context.desk.warp(300);
};

const liquidation: Scenario = async ({ world, dice, act }) => {
  const step = { kind: "liquidate" as const, keeper: dice.between(0, 2), market: dice.between(0, 1), movePips: 0 };
  await act("liquidate", () => liquidate(world, step));
};

/** Something is done while the surroundings are not as they should be, with an order, a bet and a close pending. */
const disturbed =
  (disturb: (world: World, dice: Dice) => Promise<unknown>, settle: (world: World) => Promise<unknown>): Scenario =>
  async (play) => {
    const { world, dice, act } = play;
    const position = await aPosition(play);
    await act("open", () => open(world, anOpen(dice)));
    if (dice.percent(40)) await act("bet", () => placeBet(world, dice));
    if (position !== undefined && dice.percent(70)) await act("close", () => requestClose(world, position, 0n));
    await act("disturb", () => disturb(world, dice));
    await execution(play);
    if (dice.percent(40)) await act("strike", () => advanceBets(world, dice));
    if (dice.percent(60)) await dice.one([liquidation, lps, update, addMore, closeWhole])(play);
    await act("settle", () => settle(world));
    if (dice.percent(40)) await act("cancel", () => cancel(world));
  };

const sequencerOutage: Scenario = async (play) => {
  const { world, act } = play;
  await disturbed(
    (own) => around.setSequencer(own, false),
    (own) => around.setSequencer(own, true),
  )(play);
  await liquidation(play);
  await lps(play);
  await act("wait", () => around.waitForSequencer(world));
};

const suspended: Scenario = async (play) => {
  const { world, dice, act } = play;
  await act("suspend", () => around.suspend(world, dice));
  await marketOrder(play);
  await act("restore", () => around.restore(world));
};

const switched: Scenario = async (play) => {
  const { world, dice, act } = play;
  await act("switch", () => around.switchSource(world, dice));
  await marketOrder(play);
  await act("switch back", () => around.switchSource(world, dice));
};

const settings: Scenario = async (play) => {
  const { world, dice, act } = play;
  await act("setting", () => changeSetting(world, dice));
  await dice.one([marketOrder, closeWhole, limit])(play);
};

const cuts: Scenario = async (play) => {
  const { world, dice, act } = play;
  await act("open", () => open(world, anOpen(dice)));
  let restore = (): Promise<void> => Promise.resolve();
  await act("cut", async () => (restore = await cutSomething(world, dice)));
  await execution(play);
  await dice.one([marketOrder, limit, closeWhole])(play);
  await act("restore", () => restore());
};

const news: Scenario = async (play) => {
  const { world, dice, act } = play;
  await act("open", () => open(world, anOpen(dice)));
  await act("news window", () => startNewsWindow(world, dice));
  await execution(play);
};

const betCuts: Scenario = async ({ world, dice, act }) => {
  await act("cut", () => cutBetCap(world, dice));
  await act("bet", () => placeBet(world, dice));
};

/** Whoever is owed something collects and claims it. */
const collecting: Scenario = async ({ world, dice, act }) => {
  const { feeDistributor, keeper, replica, treasury } = world.context;
  const symbol = dice.one(world.symbols);
  const token = replica.token(symbol);
  const ledger = world.twin.ledger(symbol);
  const broker = dice.between(1, world.twin.brokers.size);
  const key = `${symbol} ${broker}`;
  await act("collect", async () => {
    const own = ledger.fees - world.twin.brokersTotal(symbol);
    await nextSecond(world);
    const sent = feeDistributor.connect(keeper).collect(token);
    const fault = { contract: feeDistributor, error: "FeeDistributor_NothingToCollect", args: [token.target] };
    if (!(await doneOrRefused(sent, own === 0n ? fault : undefined))) return;
    ledger.fees -= own;
    world.twin.credit(symbol, treasury.address, own);
    world.count("treasury collected");
  });
  await act("collectBroker", async () => {
    const own = world.twin.brokerFees.get(key) ?? 0n;
    await nextSecond(world);
    const sent = feeDistributor.connect(keeper).collectBroker(broker, token);
    const fault = { contract: feeDistributor, error: "FeeDistributor_NothingToCollect", args: [token.target] };
    if (!(await doneOrRefused(sent, own === 0n ? fault : undefined))) return;
    world.twin.brokerFees.set(key, 0n);
    ledger.fees -= own;
    world.twin.credit(symbol, found(world.twin.brokers.get(broker)).receiver, own);
    world.count("broker collected");
  });
  await act("claim", () => claimSomething(world, dice));
};

/** A wallet trades in the native coin, and is paid, or refuses and claims, or calls back. */
const native: Scenario = async (play) => {
  const { world, dice, act } = play;
  // The one that may refuse, or the one that calls back.
  const place = rarest(world, ["native coin refused", "receiver re-entering"]) === "native coin refused" ? 2 : 3;
  const token = world.symbols.indexOf(world.nativeSymbol);
  const owner = world.traders[place].address;
  const isFit = (position: TwinPosition) => position.asNative && position.owner === owner;
  const step = { trader: place, token, takeProfit: "cap" as const, stopPips: 0, leverage: dice.between(5, 60) };
  const position = await aPosition(play, isFit, step);
  if (position === undefined) return;
  await act("close", () => requestClose(world, position, 0n));
  const { hostility } = world;
  const isHostile =
    rarest(world, ["native coin refused", "receiver re-entering", "paid in the native coin"]) !==
    "paid in the native coin";
  const [turn, turnBack] =
    place === 2
      ? [() => hostility.setWalletRefusing(true), () => hostility.setWalletRefusing(false)]
      : [() => hostility.armWallet(), () => hostility.disarmWallet()];
  if (isHostile) await act("turn", turn);
  const before = world.twin.wallets.get(`native ${owner}`);
  await execution(play, EXECUTE);
  const isPaid = world.twin.wallets.get(`native ${owner}`) !== before;
  if (isPaid) world.count("paid in the native coin");
  else if (isHostile) world.count(place === 2 ? "native coin refused" : "receiver re-entering");
  await act("claim", () => claimSomething(world, dice));
  if (isHostile) await act("turn back", turnBack);
};

/** A token turns on the system while a position and an order are open in it. */
const hostileToken: Scenario = async (play) => {
  const { world, dice, act } = play;
  const faces = Object.keys(FACES) as Face[];
  const rare = faces.filter(
    (face) => world.countOf(`token ${face}`) === Math.min(...faces.map((one) => world.countOf(`token ${one}`))),
  );
  const face = dice.one(rare);
  const symbol = dice.one(world.symbols.filter((one) => one !== world.nativeSymbol));
  const token = world.symbols.indexOf(symbol);
  const trader = dice.between(0, world.traders.length - 1);
  const position = await aPosition(play, (one) => one.symbol === symbol, { token, trader });
  const victim = position?.owner ?? world.traders[trader].address;
  const step = { ...anOpen(dice), token, trader };
  await act("open", () => open(world, { ...step, bound: dice.one(["none", "unreachable"]) }));
  if (position !== undefined) await act("close", () => requestClose(world, position, 0n));
  await act("turn", () => world.hostility.putOn(symbol, face, victim));
  world.count(`token ${face}`);
  await execution(play, EXECUTE);
  if (dice.percent(40)) await act("open", () => open(world, { ...step, bound: "none" }));
  if (dice.percent(30)) await act("mint", () => mint(world, { kind: "mint", token, whole: dice.between(100, 5_000) }));
  if (dice.percent(30)) await act("claim", () => claimSomething(world, dice));
  await act("turn back", () => world.hostility.takeOff(symbol));
};

const anything: Scenario = async ({ world, dice, act }) => {
  const step: Step = sample(steps.step, dice);
  await act(step.kind, () => perform(world, step));
};

const donation: Scenario = async ({ world, dice, act }) => {
  const step = { kind: "donate" as const, token: dice.between(0, 9), cents: dice.between(1, 100_000) };
  await act("donate", () => perform(world, step));
};

/** Prices come back to where trades are large enough to be taken. */
const home: Scenario = async ({ world, act }) => {
  await act("price", () => world.goHome());
};

/** Kinds of steps and what may bring them about: each of them is to happen more than five times. */
export interface Kind {
  readonly name: string;
  readonly by: Scenario;
  /** On chains with a sequencer, or where an asset has two feeds. */
  readonly only?: "sequencer" | "twoFeeds";
}

const silent = disturbed(async (world, dice) => {
  await around.goStale(world, dice);
  await around.goAbsent(world, dice);
}, around.comeBack);
const apart = disturbed(around.goApart, around.comeBack);

export const KINDS: readonly Kind[] = [
  { name: "Opened:None", by: marketOrder },
  { name: "order refused", by: refusedOrder },
  { name: "limit opened", by: limit },
  { name: "limit cancelled", by: limit },
  { name: "cancelled", by: limit },
  { name: "close filled", by: closeWhole },
  { name: "Reduced:None", by: closePart },
  { name: "close refused", by: refusedClose },
  { name: "take profit taken", by: takeProfit },
  { name: "Armed:None", by: stop },
  { name: "stop filled", by: stop },
  { name: "updated", by: update },
  { name: "margin added", by: addMore },
  { name: "Liquidated:None", by: death },
  { name: "liquidated by its close", by: deadlyClose },
  { name: "Skipped:TickTooEarly", by: hostileTicks },
  { name: "Skipped:TickNotFirst", by: hostileTicks },
  { name: "Skipped:TickOfOtherAsset", by: hostileTicks },
  { name: "Skipped:PriceDeviates", by: hostileTicks },
  { name: "Skipped:NoTick", by: hostileTicks },
  { name: "Refused:ConfidenceTooWide", by: hostileTicks },
  { name: "forged tick refused", by: hostileTicks },
  { name: "Skipped:TickTooOld", by: poorTicks },
  { name: "Skipped:ConfidenceTooWide", by: poorTicks },
  { name: "minted", by: lps },
  { name: "burnt", by: lps },
  { name: "bet placed", by: bets },
  { name: "bet Opened:None", by: bets },
  { name: "bet Won:None", by: bets },
  { name: "bet Lost:None", by: bets },
  { name: "bet returned, not struck", by: returnedBets },
  { name: "bet returned, not settled", by: returnedBets },
  { name: "raised to 1", by: calm },
  { name: "raised to 2", by: calm },
  { name: "raised to 3", by: halt },
  { name: "lowered", by: calm },
  { name: "Skipped:BreakerRaised", by: calm },
  { name: "bet Skipped:BreakerRaised", by: calm },
  { name: "Skipped:LiquidationGrace", by: halt },
  { name: "feeds stale", by: silent },
  { name: "feeds absent", by: silent },
  { name: "feeds apart", by: apart, only: "twoFeeds" },
  { name: "source suspended", by: suspended, only: "twoFeeds" },
  { name: "Skipped:AnchorsNotFresh", by: silent },
  { name: "Skipped:TokenPriceMissing", by: silent },
  { name: "Skipped:TokenPriceDisputed", by: apart, only: "twoFeeds" },
  { name: "sequencer down", by: sequencerOutage, only: "sequencer" },
  { name: "sequencer up", by: sequencerOutage, only: "sequencer" },
  { name: "Skipped:SequencerNotReady", by: sequencerOutage, only: "sequencer" },
  { name: "risk manager's setting", by: settings },
  { name: "governor's setting", by: switched },
  { name: "guardian's cut", by: cuts },
  { name: "news window", by: news },
  { name: "broker collected", by: collecting },
  { name: "treasury collected", by: collecting },
  { name: "claimed", by: collecting },
  { name: "paid in the native coin", by: native },
  { name: "native coin refused", by: native },
  { name: "receiver re-entering", by: native },
  { name: "token refusing", by: hostileToken },
  { name: "token blacklisting", by: hostileToken },
  { name: "token charging", by: hostileToken },
  { name: "token reentering", by: hostileToken },
  { name: "donated", by: donation },
];

/** What comes up without being called for, and how often. */
export const SCENARIOS: readonly (readonly [Scenario, number])[] = [
  ...([
    [anything, 10],
    [marketOrder, 6],
    [home, 2],
    [limit, 3],
    [closeWhole, 2],
    [closePart, 2],
    [bets, 3],
  ] as const),
  ...([
    [lps, 3],
    [takeProfit, 2],
    [stop, 2],
    [death, 2],
    [tidy, 1],
    [cuts, 1],
    [settings, 1],
    [betCuts, 1],
  ] as const),
];
