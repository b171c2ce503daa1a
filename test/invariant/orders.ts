import type { Signer } from "ethers";
import { expect } from "chai";
import { confirmed } from "../../kit/desk/Desk";
import { clamp } from "../../sdk/model";
import type { TwinPosition } from "./records";
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

/** Places a market order, or a limit. */
export async function open(world: World, step: StepOf<"open"> | StepOf<"limit">): Promise<void> {
  const { profile, replica, trading } = world.context;
  const trader = pick(world.traders, step.trader);
  const book = pick([...world.twin.books.values()], step.book);
  const { minLeverage: least, maxLeverage: most, tiers, executionDelaySeconds } = book.profile;
  const leverage = step.leverage >= 10_000 ? most : least + (step.leverage % (most - least + 1));
  const symbol = pick(world.symbols, step.token);
  const { decimals } = world.twin.token(symbol);
  const amount = (BigInt(step.cents) * 10n ** BigInt(8 + decimals)) / world.tokenPrice(symbol) + 1n;
  const price = world.priceOf(book.asset);
  const isLimit = step.kind === "limit";
  const bound = isLimit ? moved(price, step.offsetPips) : boundOf(step.bound, price, step.isLong);
  const { profitCapPips } = found(tiers.find(({ maxLeverage }) => maxLeverage >= leverage));
  const around = isLimit ? bound : price;
  const takeProfit = takeProfitOf(step.takeProfit, around, step.isLong, leverage, profitCapPips);
  const stopLoss = step.stopPips === 0 ? 0n : moved(around, clampMove(step.stopPips));
  const owner = await trader.getAddress();
  const id = await trading.nextTradeId();
  const token = await replica.token(symbol).getAddress();
  const requestedAt = await nextSecond(world);
  const deadline = requestedAt + (isLimit ? step.lastsFor : 3_600);
  const request = { owner, bookId: book.bookId, isLong: step.isLong, leverage, token, amount, acceptablePrice: bound };
  const rest = { takeProfit, stopLoss, deadline, broker: step.cents % 3, asNative: false };
  const connected = trading.connect(trader);
  if (isLimit && step.takeProfit === "wrongSide") {
    await expect(connected.requestLimit({ ...request, ...rest })).to.be.revertedWithCustomError(
      trading,
      "Trading_TakeProfitOutOfRange",
    );
    return;
  }
  await confirmed(
    isLimit ? connected.requestLimit({ ...request, ...rest }) : connected.requestOpen({ ...request, ...rest }),
  );
  const due = requestedAt + executionDelaySeconds;
  world.twin.place({
    id,
    bookId: book.bookId,
    owner,
    isLong: step.isLong,
    leverage: BigInt(leverage),
    symbol,
    amount,
    bound,
    isLimit,
    takeProfit,
    stopLoss,
    target: due,
    expiry: isLimit ? deadline : due + profile.execution.executionWindowSeconds,
  });
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

export async function ownerOf(world: World, { owner }: Pick<TwinPosition, "owner">): Promise<Signer> {
  for (const trader of world.traders) if ((await trader.getAddress()) === owner) return trader;
  throw new Error(`${owner} is no trader`);
}

/** What every trader holds of every token. */
export async function wallets(world: World): Promise<Map<string, bigint>> {
  const held = new Map<string, bigint>();
  for (const trader of world.traders) {
    const owner = await trader.getAddress();
    for (const symbol of world.symbols) {
      held.set(`${symbol} ${owner}`, await world.context.replica.token(symbol).balanceOf(owner));
    }
  }
  return held;
}
