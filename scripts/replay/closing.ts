import { BATCH_SIZE, inBatches, queueBatch, readBatch } from "./batches";
import type { OpenPosition } from "./opening";
import type { Scene } from "./scene";

const REQUESTS = 400;
const REQUEST_GAS = 200_000;
const DEADLINE_SECONDS = 600;

export interface Ends {
  closed: number;
  /** Of those that asked for a close, liquidated by the tick that was to close them. */
  liquidated: number;
}

/** The owners of all that is left close it, at the price at which the path ends. Throws unless nothing stays open. */
export async function closeAll(scene: Scene, open: readonly OpenPosition[]): Promise<Ends> {
  const ends = { closed: 0, liquidated: 0 };
  for (const chunk of inBatches(open, REQUESTS)) {
    await requestAll(scene, chunk);
    const requestedAt = scene.now;
    const targetOf = ({ plan }: OpenPosition) => requestedAt + plan.book.executionDelaySeconds;
    await scene.goTo(Math.max(...chunk.map(targetOf)) + 1);
    const calls: string[] = [];
    for (const target of new Set(chunk.map(targetOf))) {
      const ids = chunk.flatMap((position) => (targetOf(position) === target ? [position.id] : []));
      for (const batch of inBatches(ids, BATCH_SIZE)) {
        calls.push(await queueBatch(scene, { kind: "executor", ids: batch, proof: scene.firstTick(target) }));
      }
    }
    const receipts = await scene.mine();
    for (const call of calls) {
      const receipt = receipts.get(call);
      if (receipt === undefined) throw new Error("a batch was not mined");
      for (const { name } of readBatch(scene, "executor", receipt).trading) {
        if (name === "TradeClosed") ends.closed += 1;
        if (name === "TradeLiquidated") ends.liquidated += 1;
      }
    }
  }
  const left = open.length - ends.closed - ends.liquidated;
  if (left !== 0) throw new Error(`${left} positions could not be closed`);
  return ends;
}

async function requestAll(scene: Scene, open: readonly OpenPosition[]): Promise<void> {
  const { trading } = scene.desk.system;
  await scene.goTo(scene.now + 1);
  for (const { id, plan } of open) {
    const data = trading.interface.encodeFunctionData("requestClose", [id, 0n, scene.now + DEADLINE_SECONDS]);
    const from = scene.traders[plan.trader];
    await scene.blocks.queue({ from, to: scene.addresses.trading, data, gas: REQUEST_GAS });
  }
  await scene.mine();
}
