import { takeProfitBound, clamp } from "../../sdk/model";
import { doneOrRefused } from "./faults";
import type { Fault } from "./faults";
import type { Party } from "./parties";
import type { TwinBook } from "./records";
import { found } from "./records";
import type { Bound, StepOf, TakeProfit } from "./steps";
import { moved } from "./world";
import type { World } from "./world";

export function pick<T>(list: readonly T[], index: number): T {
  return found(list[index % list.length]);
}

/** The next block is mined a second from now, however long this machine has taken; when that is. */
export async function nextSecond({ context: { desk } }: World): Promise<number> {
  const next = (await desk.now()) + 1;
  await desk.provider.send("evm_setNextBlockTimestamp", [next]);
  return next;
}

type OpenStep = StepOf<"open"> | StepOf<"limit">;

/** Everything that a request says. */
interface Wanted {
  readonly isLimit: boolean;
  readonly party: Party;
  readonly book: TwinBook;
  readonly leverage: number;
  readonly symbol: string;
  readonly amount: bigint;
  readonly bound: bigint;
  readonly takeProfit: bigint;
  readonly stopLoss: bigint;
  readonly asNative: boolean;
}

/** Places a market order, or a limit; the id it got. */
export async function open(world: World, step: OpenStep): Promise<bigint | undefined> {
  const { profile, replica, trading } = world.context;
  const wanted = wantedOf(world, step);
  const { isLimit, party, book, leverage, symbol, amount, bound, takeProfit, stopLoss, asNative } = wanted;
  const id = await trading.nextTradeId();
  const token = replica.token(symbol).target;
  const requestedAt = await nextSecond(world);
  const deadline = requestedAt + (step.kind === "limit" ? step.lastsFor : 3_600);
  const { isLong } = step;
  const broker = step.cents % 3;
  const owner = party.address;
  const request = {
    ...{ owner, bookId: book.bookId, isLong, leverage, token, amount, acceptablePrice: bound },
    ...{ takeProfit, stopLoss, deadline, broker, asNative },
  };
  const fault = requestFault(world, wanted, isLong, requestedAt);
  const sent = party.send(trading, isLimit ? "requestLimit" : "requestOpen", [request]);
  if (!(await doneOrRefused(sent, fault))) {
    world.count(`request refused: ${found(fault).error}`);
    return undefined;
  }
  const due = requestedAt + book.profile.executionDelaySeconds;
  const expiry = isLimit ? deadline : due + profile.execution.executionWindowSeconds;
  world.twin.hold(`${symbol} ${owner}`, -amount);
  world.twin.place({
    ...{ id, bookId: book.bookId, owner, isLong, leverage: BigInt(leverage), symbol, broker, asNative },
    ...{ amount: world.hostility.arriving(symbol, amount), bound, isLimit, takeProfit, stopLoss },
    ...{ target: due, expiry },
  });
  return id;
}

function wantedOf(world: World, step: OpenStep): Wanted {
  const party = pick(world.traders, step.trader);
  const book = pick([...world.twin.books.values()], step.book);
  const { minLeverage: least, maxLeverage: most, tiers } = book.profile;
  const leverage = step.leverage >= 10_000 ? most : least + (step.leverage % (most - least + 1));
  const symbol = pick(world.symbols, step.token);
  const { decimals } = world.twin.token(symbol);
  const amount = (BigInt(step.cents) * 10n ** BigInt(8 + decimals)) / world.tokenPrice(symbol) + 1n;
  const price = world.priceOf(book.asset);
  const isLimit = step.kind === "limit";
  const bound = isLimit ? moved(price, step.offsetPips) : boundOf(step.bound, price, step.isLong);
  const { profitCapPips } = found(tiers.find(({ maxLeverage }) => maxLeverage >= leverage));
  const around = isLimit ? bound : price;
  return {
    ...{ isLimit, party, book, leverage, symbol, amount, bound },
    takeProfit: takeProfitOf(step.takeProfit, around, step.isLong, leverage, profitCapPips),
    stopLoss: step.stopPips === 0 ? 0n : moved(around, clampMove(step.stopPips)),
    asNative: party.isWallet && symbol === world.nativeSymbol,
  };
}

/** What Trading refuses a request for, in the order in which it looks. */
function requestFault(world: World, wanted: Wanted, isLong: boolean, now: number): Fault | undefined {
  const { breaker } = world.outside;
  const { isLimit, party, book, leverage, symbol, bound, takeProfit } = wanted;
  const { replica, trading: contract } = world.context;
  if (isLimit) {
    const tier = found(book.profile.tiers.find(({ maxLeverage }) => maxLeverage >= leverage));
    const profit = takeProfitFault(world, { isLong, entry: bound, leverage }, takeProfit, tier.profitCapPips);
    if (profit !== undefined) return profit;
  }
  if (!breaker.canOpen) return { contract, error: "Trading_BreakerRaised", args: [breaker.levelAt(now)] };
  if (!book.isActive) return { contract, error: "Trading_BookNotActive", args: [book.bookId] };
  if (world.twin.disabledTokens.has(symbol)) {
    return { contract, error: "Trading_TokenNotAccepted", args: [replica.token(symbol).target] };
  }
  return world.hostility.depositFault(symbol, party.address);
}

/** A take profit on the losing side, or beyond the cap; 0 stands for the cap. */
export function takeProfitFault(
  world: World,
  { isLong, entry, leverage }: { isLong: boolean; entry: bigint; leverage: number },
  takeProfit: bigint,
  profitCapPips: number,
): Fault | undefined {
  if (takeProfit === 0n) return undefined;
  const cap = takeProfitBound(isLong, entry, BigInt(leverage), BigInt(profitCapPips));
  const isOffered = isLong ? takeProfit > entry && takeProfit <= cap : takeProfit < entry && takeProfit >= cap;
  if (isOffered) return undefined;
  return { contract: world.context.trading, error: "Trading_TakeProfitOutOfRange", args: [takeProfit, entry, cap] };
}

/** Well within the cap, or as far on the losing side. */
export function takeProfitOf(
  wanted: TakeProfit,
  price: bigint,
  isLong: boolean,
  leverage: number,
  profitCapPips: number,
): bigint {
  if (wanted === "cap") return 0n;
  const reach = Math.max(Math.floor(profitCapPips / leverage / 2), 1);
  return moved(price, clampMove((wanted === "inside") === isLong ? reach : -reach));
}

/** The worst price that whoever buys or sells accepts. */
export function boundOf(bound: Bound, price: bigint, isBuy: boolean): bigint {
  if (bound === "none") return 0n;
  const distance = { far: 20_000, near: 150, unreachable: -10_000 }[bound];
  return moved(price, isBuy ? distance : -distance);
}

export function clampMove(pips: number): number {
  return Number(clamp(BigInt(pips), -900_000n, 5_000_000n));
}
