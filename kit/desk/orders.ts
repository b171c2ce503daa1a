/**
 * Limits, triggers and changes of what stands, the way traders and keepers make them.
 */
import type { Signer } from "ethers";
import type { AssetKey, Mode } from "../../deploy/profiles";
import type { Batch, Desk, OpenOptions, Pending, TickOptions } from "./Desk";
import { confirmed, timestampOf } from "./Desk";

/** What a limit order is placed with; `acceptablePrice` is the limit. */
export type LimitOptions = OpenOptions & { acceptablePrice: bigint };

/** Places a limit; `target` is the publish time of the earliest tick that may fill it. */
export async function requestLimit(desk: Desk, trader: Signer, options: LimitOptions): Promise<Pending> {
  const { trading } = desk.system;
  const request = await desk.openRequest(trader, options);
  const id = await trading.nextTradeId();
  const receipt = await confirmed(trading.connect(trader).requestLimit(request));
  const target = (await timestampOf(desk.provider, receipt)) + desk.delayOf(options.mode ?? "degen");
  return { id, asset: options.asset ?? "BTC", target, receipt };
}

/** Asks for a close of a part. */
export async function requestPartialClose(
  desk: Desk,
  trader: Signer,
  id: bigint,
  size: bigint,
  options: { acceptablePrice?: bigint; deadline?: number; asset?: AssetKey } = {},
): Promise<Pending> {
  const deadline = options.deadline ?? (await desk.now()) + 3_600;
  const { trading } = desk.system;
  const sent = trading.connect(trader).requestPartialClose(id, size, options.acceptablePrice ?? 0n, deadline);
  const receipt = await confirmed(sent);
  const target = (await timestampOf(desk.provider, receipt)) + desk.delayOf("standard");
  return { id, asset: options.asset ?? "BTC", target, receipt };
}

/** Tries limits, take profits and stops with one tick, published now unless said otherwise. */
export async function trigger(
  desk: Desk,
  keeper: Signer,
  ids: readonly bigint[],
  asset: AssetKey = "BTC",
  options: TickOptions & { at?: number } = {},
): Promise<Batch> {
  return desk.execute(keeper, ids, [desk.anyTick(asset, options.at ?? (await desk.now()), options)]);
}

/** When the ticks of a change made now begin to count. */
export async function countsFrom(desk: Desk, mode: Mode): Promise<number> {
  return (await desk.now()) + desk.delayOf(mode);
}
