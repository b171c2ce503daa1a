import type { LogDescription } from "ethers";
import type { Proof } from "../../kit/desk/Desk";
import { NO_TICK } from "../../kit/desk/Desk";
import { Reason, nameOf } from "../../sdk/enums";
import type { RawReceipt } from "./blocks";
import { eventsOf } from "./blocks";
import type { Scene } from "./scene";

/** Positions in one transaction of the keeper. */
export const BATCH_SIZE = 50;

/** Of a batch: what its call, its proof and the reserve of its last item take, and what an item may take. */
const BATCH_GAS = 2_000_000;
const ITEM_GAS = 120_000;

/** A transaction of the keeper: so many items, all at one tick. */
export interface BatchCall {
  kind: "executor" | "liquidator";
  ids: readonly bigint[];
  proof: Proof;
}

/** What Trading said in a batch, and what the batch did not do. */
export interface BatchEvents {
  trading: LogDescription[];
  skipped: { id: bigint; reason: string }[];
}

/** Puts a batch into the coming block. */
export async function queueBatch(scene: Scene, { kind, ids, proof }: BatchCall): Promise<string> {
  const { executor, liquidator } = scene.desk.system;
  const target = scene.addresses.trading;
  const data =
    kind === "executor"
      ? executor.interface.encodeFunctionData("execute", [
          target,
          [proof],
          ids.map((tradeId) => ({ tradeId, tickIndex: 0 })),
        ])
      : liquidator.interface.encodeFunctionData("liquidate", [
          target,
          [proof],
          ids.map((tradeId) => ({ tradeId, tickIndex: 0, closeTickIndex: NO_TICK })),
        ]);
  const value = await scene.desk.updateFee([proof]);
  const gas = BATCH_GAS + ids.length * ITEM_GAS;
  return scene.blocks.queue({ from: scene.keeper, to: scene.addresses[kind], data, gas, value });
}

/** Reads a batch's receipt. Throws if an item failed: none ever should. */
export function readBatch(scene: Scene, kind: BatchCall["kind"], receipt: RawReceipt): BatchEvents {
  const { executor, trading } = scene.desk.system;
  const events: BatchEvents = {
    trading: eventsOf(receipt, scene.addresses.trading, trading.interface),
    skipped: [],
  };
  for (const { name, args } of eventsOf(receipt, scene.addresses[kind], executor.interface)) {
    const id = args.tradeId as bigint;
    if (name === "ItemFailed") throw new Error(`item ${id.toString()} failed: ${String(args.reason)}`);
    if (name === "ItemSkipped") events.skipped.push({ id, reason: nameOf(Reason, args.reason as bigint) });
  }
  return events;
}

export function inBatches<T>(items: readonly T[], length: number): T[][] {
  const batches: T[][] = [];
  for (let i = 0; i < items.length; i += length) batches.push(items.slice(i, i + length));
  return batches;
}
