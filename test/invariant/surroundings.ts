import { confirmed } from "../../kit/desk/Desk";
import type { AssetKey } from "../../deploy/profiles";
import type { Dice } from "./dice";
import { doneOrRefused } from "./faults";
import { nextSecond } from "./orders";
import { moved } from "./world";
import type { World } from "./world";

const DAY = 86_400;

/** The guardian raises the breaker, which is refused where it is as high, or a level 3 too soon after another. */
export async function raise(world: World, level: number): Promise<boolean> {
  const { breaker, guardian } = world.context;
  const twin = world.outside.breaker;
  const now = await nextSecond(world);
  const current = twin.levelAt(now);
  const isSoon = level === 3 && now < twin.haltAllowedFrom;
  const notHigher = { contract: breaker, error: "Breaker_NotHigher", args: [level, current] };
  const soon = { contract: breaker, error: "Breaker_HaltCoolingDown", args: [twin.haltAllowedFrom] };
  const fault = level <= current ? notHigher : isSoon ? soon : undefined;
  if (!(await doneOrRefused(breaker.connect(guardian).raise(level), fault))) return false;
  twin.raise(level, now);
  world.count(`raised to ${level}`);
  return true;
}

/** The risk manager lowers it, naming its last raise. */
export async function lower(world: World, level: number): Promise<void> {
  const { breaker, quickRiskManager } = world.context;
  const twin = world.outside.breaker;
  const now = await nextSecond(world);
  const current = twin.levelAt(now);
  const fault = { contract: breaker, error: "Breaker_NotLower", args: [level, current] };
  const sent = breaker.connect(quickRiskManager).lower(level, twin.raisedAt);
  if (!(await doneOrRefused(sent, level >= current ? fault : undefined))) return;
  twin.lower(level, now);
  world.count("lowered");
}

/** A level 3 falls by itself. */
export async function waitForHaltEnd(world: World): Promise<void> {
  const { breaker } = world.outside;
  await world.context.desk.warpTo(breaker.haltEndsAt);
  world.count("halt over by itself");
}

/** The earliest time for another level 3. */
export async function waitForHalt(world: World): Promise<void> {
  await world.context.desk.warpTo(world.outside.breaker.haltAllowedFrom);
}

/** An asset that trades need: a market's, or a token's. */
function anyAsset(world: World, dice: Dice): AssetKey {
  const { markets, tokens } = world.context.profile;
  return dice.one([...markets, ...tokens].map(({ assetKey }) => assetKey));
}

/** All feeds of an asset stop reporting, and what they said last is too old. */
export async function goStale(world: World, dice: Dice): Promise<void> {
  const feeds = world.outside.feedsOf(anyAsset(world, dice));
  const now = await world.context.desk.now();
  for (const feed of feeds) feed.isSilent = true;
  await world.push(feeds.map((feed) => ({ feed, updatedAt: now - feed.maxAgeSeconds })));
  world.count("feeds stale");
}

/** All feeds of an asset answer nothing. */
export async function goAbsent(world: World, dice: Dice): Promise<void> {
  const feeds = world.outside.feedsOf(anyAsset(world, dice));
  for (const feed of feeds) feed.isSilent = true;
  await world.push(feeds.map((feed) => ({ feed, price: 0n })));
  world.count("feeds absent");
}

/** The two feeds of a token's asset part, of one with an order if there is any: by less than the spread, or by more. Where each asset has one feed, nothing is done. */
export async function goApart(world: World, dice: Dice): Promise<boolean> {
  const pairs = [...world.prices.keys()].filter((asset) => world.outside.feedsOf(asset).length > 1);
  if (pairs.length === 0) return false;
  const ofTokens = pairs.filter((key) => world.twin.profile.tokens.some(({ assetKey }) => assetKey === key));
  const ordered = [...world.twin.orders.values()].map(({ symbol }) => world.twin.token(symbol).assetKey);
  const needed = ofTokens.filter((key) => ordered.includes(key));
  const asset = dice.one(needed.length > 0 ? needed : ofTokens);
  const [, second] = world.outside.feedsOf(asset);
  second.isSilent = true;
  const price = moved(world.priceOf(asset), dice.one([-1, 1]) * dice.one([3_000, 25_000, 60_000]));
  await world.push([{ feed: second, price }]);
  world.count("feeds apart");
  return true;
}

/** Every feed reports again. */
export async function comeBack(world: World): Promise<void> {
  for (const feed of world.outside.feeds) feed.isSilent = false;
  await world.refresh();
}

/** The guardian suspends a source while another of the asset is fresh; alone it can't be. */
export async function suspend(world: World, dice: Dice): Promise<void> {
  const { guardian, priceAggregator } = world.context;
  const feed = dice.one(world.outside.feeds.filter(({ asset }) => world.isUsed(asset)));
  await world.refresh();
  const now = await nextSecond(world);
  const assetId = world.assetId(feed.asset);
  const others = world.outside.feedsOf(feed.asset).length - 1;
  const fault = {
    contract: priceAggregator,
    error: "PriceAggregator_NoOtherFreshSource",
    args: [assetId, feed.index],
  };
  const sent = priceAggregator.connect(guardian).disableSource(assetId, feed.index);
  const isDone = await doneOrRefused(sent, others === 0 ? fault : undefined);
  world.count(isDone ? "source suspended" : "suspension refused");
  if (isDone) feed.suspendedUntil = now + 7 * DAY;
}

/** And lifts it. */
export async function restore(world: World): Promise<void> {
  const { guardian, priceAggregator } = world.context;
  for (const feed of world.outside.feeds.filter(({ suspendedUntil }) => suspendedUntil !== 0)) {
    await nextSecond(world);
    await confirmed(priceAggregator.connect(guardian).restoreSource(world.assetId(feed.asset), feed.index));
    feed.suspendedUntil = 0;
  }
}

/** The governor takes a source out, or puts it back. */
export async function switchSource(world: World, dice: Dice): Promise<void> {
  const { priceAggregator, quickGovernor } = world.context;
  const feed =
    world.outside.feeds.find(({ isEnabled }) => !isEnabled) ??
    dice.one(world.outside.feeds.filter(({ asset }) => world.isUsed(asset)));
  await nextSecond(world);
  const connected = priceAggregator.connect(quickGovernor);
  await confirmed(connected.setSourceEnabled(world.assetId(feed.asset), feed.index, !feed.isEnabled));
  feed.isEnabled = !feed.isEnabled;
  world.count("governor's setting");
}

/** The sequencer goes down, or comes back and is not trusted yet. */
export async function setSequencer(world: World, isUp: boolean): Promise<void> {
  const { desk, replica } = world.context;
  const { sequencer } = world.outside;
  if (sequencer === undefined) return;
  const since = await desk.now();
  await nextSecond(world);
  await replica.setSequencer(isUp, since);
  [sequencer.isUp, sequencer.since] = [isUp, since];
  world.count(isUp ? "sequencer up" : "sequencer down");
}

/** Its grace is over. */
export async function waitForSequencer(world: World): Promise<void> {
  const { sequencer } = world.outside;
  if (sequencer !== undefined) await world.context.desk.warpTo(sequencer.since + sequencer.graceSeconds);
}
