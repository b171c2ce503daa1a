import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { execute, liquidate, pendings, tryTriggers } from "../invariant/actions";
import { checkAll } from "../invariant/checks";
import { doneOrRefused } from "../invariant/faults";
import { burn, mint } from "../invariant/liquidity";
import { nextSecond, open } from "../invariant/orders";
import { addMargin, requestClose } from "../invariant/owners";
import type { TwinPosition } from "../invariant/records";
import type { StepOf } from "../invariant/steps";
import { World, worldFixture } from "../invariant/world";
import { restorable } from "./restorable";
import type { Act } from "./tree";

/** Numbers of the first two traders, of the keeper, of the token that all use, and of the BTC market with its books. */
const [LONG, SHORT] = [0, 1];
const KEEPER = 0;
const TOKEN = 0;
const BTC = 0;
const BOOKS = { standard: 0, degen: 1 };

/** One move liquidates a long at the most leverage or reaches its profit cap; two liquidate the short. */
const MOVE_PIPS = 4_000;
/** 150x, with a stop that one move reaches. */
const SHORT_TERMS = { leverage: 149, cents: 10_000, stopPips: 3_000 };
const LONG_TERMS = { leverage: 10_000, cents: 5_001, stopPips: 0 };
/** A quarter of the short's margin. */
const ADDED_CENTS = 2_500;
const MINTED_WHOLE = 20;
const BURNT_PIPS = 100_000;

const FREE = { bound: "none", takeProfit: "cap", token: TOKEN } as const;

/** The deployed system with the twins that predict it; `looked` has everything looked at after an act. */
export async function beginTrades() {
  const world = new World(await loadFixture(worldFixture));
  await world.start();
  const looked = ({ name, run }: Act): Act => ({
    name,
    run: async () => {
      await run();
      await checkAll(world);
    },
  });
  const { context } = world;
  const kept = restorable(world, [context, context.profile, world.asked, ...world.traders], world.counts);
  return { acts: actsOf(world), looked, world: kept };
}

/** What the two traders, the LP and the keeper can do. */
function actsOf(world: World) {
  const act = (name: string, run: () => Promise<unknown>): Act => ({ name, run: async () => void (await run()) });
  const tick = (name: string, movePips: number) => act(name, async () => keep(world, movePips));
  return {
    openLong: act("A opens a long at 1001x", async () =>
      open(world, { kind: "open", trader: LONG, book: BOOKS.degen, isLong: true, ...LONG_TERMS, ...FREE }),
    ),
    openShort: act("B opens a short at 150x", async () =>
      open(world, { kind: "open", trader: SHORT, book: BOOKS.standard, isLong: false, ...SHORT_TERMS, ...FREE }),
    ),
    fall: tick("a tick below", -MOVE_PIPS),
    stay: tick("a tick at the price", 0),
    rise: tick("a tick above", MOVE_PIPS),
    closeLong: act("A closes", async () => closeOf(world, LONG)),
    closeShort: act("B closes", async () => closeOf(world, SHORT)),
    addMargin: act("B adds margin", async () => marginOf(world)),
    mint: act("the LP mints", async () => mint(world, { kind: "mint", token: TOKEN, whole: MINTED_WHOLE })),
    burn: act("the LP burns", async () => burn(world, { kind: "burn", token: TOKEN, sharePips: BURNT_PIPS })),
  };
}

/**
 * The price moves, and the keeper does all that he can with its ticks: fills what is pending, pulls triggers, and tries to
 * liquidate every position.
 */
async function keep(world: World, movePips: number): Promise<void> {
  const { assetKey } = world.context.profile.markets[BTC];
  world.prices.set(assetKey, world.move(assetKey, movePips));
  const job: StepOf<"execute"> = { kind: "execute", keeper: KEEPER, late: 0, lag: 0, movePips: 0, repeat: false };
  if (pendings(world).length > 0) await execute(world, job);
  else await world.refresh();
  if (world.twin.positions.size === 0) return;
  const now = await world.context.desk.now();
  await tryTriggers(world, assetKey, now, world.priceOf(assetKey), KEEPER);
  await liquidate(world, { kind: "liquidate", keeper: KEEPER, market: BTC, movePips: 0 });
}

function positionOf(world: World, trader: number): TwinPosition | undefined {
  const { address } = world.traders[trader];
  return [...world.twin.positions.values()].find(({ owner }) => owner === address);
}

/** The trader asks for a close of the first that he has; without one he is refused. */
async function closeOf(world: World, trader: number): Promise<void> {
  const position = positionOf(world, trader);
  if (position !== undefined) return void (await requestClose(world, position, 0n));
  const now = await nextSecond(world);
  await refused(world, trader, (id) => ["requestClose", [id, 0n, now + 3_600]]);
}

/** B adds margin to the first that he has; without one he is refused. */
async function marginOf(world: World): Promise<void> {
  const position = positionOf(world, SHORT);
  if (position !== undefined) {
    const place = [...world.twin.positions.keys()].indexOf(position.id);
    return addMargin(world, { kind: "addMargin", position: place, cents: ADDED_CENTS });
  }
  await nextSecond(world);
  await refused(world, SHORT, (id) => ["addMargin", [id, 1n]]);
}

/** What needs a position, asked for where there is none: for the trader's order if he has one, else for the id to come. */
async function refused(
  world: World,
  trader: number,
  callOf: (id: bigint) => [name: string, args: unknown[]],
): Promise<void> {
  const { trading } = world.context;
  const party = world.traders[trader];
  const order = [...world.twin.orders.values()].find(({ owner }) => owner === party.address);
  const id = order?.id ?? (await trading.nextTradeId());
  const sent = party.send(trading, ...callOf(id));
  await doneOrRefused(sent, { contract: trading, error: "Trading_NotOpen", args: [id] });
}
