/** Minting or burning while something is due that nobody has collected yet. */
import { ZeroAddress } from "ethers";
import * as model from "../../../sdk/model";
import { usd } from "../../../sdk/units";
import { dollars } from "../strategy";
import type { Draw, Played, Strategy } from "../strategy";
import { Floor } from "./Floor";
import type { OpenTrade, Order } from "./Floor";
import { dollarOf } from "./house";
import type { House } from "./house";
import { bookOf, keeping, liquidationLoss } from "./keeper";

/** The honest side that is caught: a fifth of its cap at each of these leverages. */
const LEVERAGES = [50, 100, 200, 500];
const CAUGHT_PARTS = 5n;
const DEPOSIT = usd("1000000");
/** The guardian halts everything; the risk manager needs a day to end it. */
const HALTED = 3;
const DAY_SECONDS = 86_400;
const GRACE_SECONDS = 300;
/** Of the sequencer; the price goes on meanwhile. */
const OUTAGE_SECONDS = 60;
const BURN_EVERY = 15;

export const MINTING: readonly Strategy<House>[] = [
  {
    id: "A17",
    title: "a million minted in the block in which liquidations fall due",
    bound: "nothing where no winners stand on the side: a mint pays for all that is due",
    play: (house, draw) => Floor.on(house, draw.window.path, (floor) => mintBeforeDue(floor, draw)),
  },
  {
    id: "A18",
    title: "cooled ALP burned in the grace after a halt, liquidations waiting",
    bound: "no more than the ALP is worth once all is collected",
    play: (house, draw) => Floor.on(house, draw.window.path, (floor) => burnInGrace(floor, draw, halt)),
  },
  {
    id: "A18",
    title: "the same in the grace after an outage of the sequencer, which Arbitrum alone has",
    bound: "no more than the ALP is worth once all is collected",
    play: async (house, draw) => {
      if (house.desk.profile.sequencer === null) return undefined;
      return Floor.on(house, draw.window.path, (floor) => burnInGrace(floor, draw, outage));
    },
  },
];

/** The honest side that this window catches is open, and the first of it is due; undefined where nothing ever is. */
async function untilDue(floor: Floor, { window: { path } }: Draw): Promise<OpenTrade[] | undefined> {
  const prices = path.approximate;
  const isLong = prices[0] - Math.min(...prices) > Math.max(...prices) - prices[0];
  const orders = LEVERAGES.map((leverage): Order => {
    const { maxOpenInterestUsd, openFeePips } = bookOf(floor, { mode: "standard" });
    const notional = maxOpenInterestUsd / CAUGHT_PARTS;
    const amount = notional / BigInt(leverage) + (notional * BigInt(openFeePips)) / 1_000_000n + usd("1");
    return { by: "trader", isLong, mode: "standard", leverage, amount };
  });
  await floor.fill("keeper", orders);
  floor.go();
  while (floor.second < path.seconds - 1) {
    await floor.next();
    const due = dueOf(floor);
    if (due.length > 0) return due;
  }
  return undefined;
}

function dueOf(floor: Floor): OpenTrade[] {
  const price = Number(floor.priceAt("BTC", floor.now));
  return [...floor.open.values()].filter((trade) => {
    const { entry, isLong, leverage } = trade;
    return (price / Number(entry) - 1) * (isLong ? -1 : 1) * leverage >= liquidationLoss(floor, trade);
  });
}

async function mintBeforeDue(floor: Floor, draw: Draw): Promise<Played | undefined> {
  const due = await untilDue(floor, draw);
  if (due === undefined) return undefined;
  floor.stand();
  const dollar = dollarOf(floor.desk);
  const before = { purse: await floor.purseOf("attacker"), shares: await floor.sharesOf("attacker") };
  const amount = model.toTokensDown(DEPOSIT, floor.quoteOf(dollar));
  await floor.mint("attacker", dollar, amount, floor.now, { mayRevert: true });
  await floor.liquidate(
    "keeper",
    due.map(({ id }) => id),
    floor.anyTick(floor.now),
  );
  await floor.mine();
  const liquidated = due.filter(({ id }) => floor.ended.get(id)?.name === "TradeLiquidated").length;
  await floor.closeAll("keeper");
  await floor.rest(floor.desk.profile.vault.cooldownSeconds);
  const minted = (await floor.sharesOf("attacker")) - before.shares;
  // Where sources lie too far apart nobody mints.
  if (minted > 0n) await floor.burn("attacker", dollar, minted);
  await floor.mine();
  const gain = await floor.gainSince(before.purse);
  return { gain: dollars(gain), risked: dollars(DEPOSIT), most: 0, notes: { due: due.length, liquidated } };
}

/** Of level 3 and back; the first second after the grace. */
async function halt(floor: Floor): Promise<number> {
  const { accessManager, breaker } = floor.desk.system;
  await floor.send("guardian", breaker, "raise", [HALTED]);
  await floor.mine();
  floor.stand();
  const lowering: [number, bigint] = [0, await breaker.raisedAt()];
  const data = breaker.interface.encodeFunctionData("lower", lowering);
  await floor.send("riskManager", accessManager, "schedule", [await breaker.getAddress(), data, 0]);
  await floor.mine();
  await floor.rest(DAY_SECONDS);
  await floor.send("riskManager", breaker, "lower", lowering);
  await floor.mine();
  const ends = Number(await breaker.haltEndsAt());
  floor.go();
  return ends + GRACE_SECONDS;
}

/** No block for a minute, which the sequencer's feed then tells of; the first second after the grace. */
async function outage(floor: Floor): Promise<number> {
  const { profile, replica } = floor.desk;
  const feed = await replica.sequencerFeed();
  await floor.send("keeper", feed, "setStatus", [false, floor.now]);
  await floor.rest(OUTAGE_SECONDS);
  const since = floor.now;
  await floor.send("keeper", feed, "setStatus", [true, since]);
  await floor.mine();
  return since + (profile.sequencer?.graceSeconds ?? 0);
}

async function burnInGrace(
  floor: Floor,
  draw: Draw,
  interrupt: (floor: Floor) => Promise<number>,
): Promise<Played | undefined> {
  if ((await untilDue(floor, draw)) === undefined) return undefined;
  const { alpLens } = floor.desk.system;
  const dollar = dollarOf(floor.desk);
  const before = await floor.purseOf("attacker");
  const shares = await floor.sharesOf("attacker");
  const graceEnds = await interrupt(floor);
  let tried = 0;
  await floor.until(graceEnds - 1, async () => {
    if (floor.now % BURN_EVERY !== 0) return;
    tried += 1;
    await floor.burn("attacker", dollar, shares / 4n, { mayRevert: true });
  });
  floor.stand();
  await floor.next();
  const left = await floor.sharesOf("attacker");
  await floor.liquidate(
    "keeper",
    dueOf(floor).map(({ id }) => id),
    floor.anyTick(floor.now),
  );
  await floor.mine();
  await floor.closeAll("keeper", keeping(floor));
  const { midPrice } = await alpLens.nav(ZeroAddress);
  const worth = (shares * midPrice) / 10n ** 18n;
  if (left > 0n) await floor.burn("attacker", dollar, left);
  await floor.mine();
  const gain = (await floor.gainSince(before)) - worth;
  return {
    ...{ gain: dollars(gain), risked: dollars(worth), most: 0 },
    notes: { tried, burnedInGrace: dollars(shares - left) },
  };
}
