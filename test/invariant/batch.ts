import type { Signer } from "ethers";
import { NO_TICK, confirmed } from "../../kit/desk/Desk";
import type { Proof } from "../../kit/desk/Desk";
import type { AssetKey } from "../../deploy/profiles";
import { nextSecond } from "./orders";
import type { Moment, Prediction } from "./records";
import type { World } from "./world";

/** A tick with its proof. */
export interface Tick {
  readonly asset: AssetKey;
  readonly price: bigint;
  readonly confidence: bigint;
  readonly at: number;
  readonly from: number | undefined;
  readonly proof: Proof;
}

interface TickOptions {
  readonly price?: bigint;
  readonly confidence?: bigint;
}

/** Pyth's eight decimals of ten. */
const onGrid = (value: bigint): bigint => (value / 100n) * 100n;

/** A tick of `at`, proven to be the first at or after `from`. */
export function firstTick(world: World, asset: AssetKey, from: number, at: number, options: TickOptions = {}): Tick {
  const { price = world.priceOf(asset), confidence = price / 5_000n } = options;
  const proof = world.context.desk.firstTick(asset, from, { at, price, confidence });
  return { asset, price: onGrid(price), confidence: onGrid(confidence), at, from, proof };
}

/** A tick of `at`, with nothing said of the ticks before. */
export function anyTick(world: World, asset: AssetKey, at: number, options: TickOptions = {}): Tick {
  const { price = world.priceOf(asset), confidence = price / 5_000n } = options;
  const proof = world.context.desk.anyTick(asset, at, { price, confidence });
  return { asset, price: onGrid(price), confidence: onGrid(confidence), at, from: undefined, proof };
}

export interface Item {
  readonly id: bigint;
  readonly tick: Tick | undefined;
}

/** What a batch is run on, and by which contract. */
type Job = "execute" | "liquidate" | "bets";

/**
 * Runs a batch in the block of the next second and compares it with the twins, outcome by outcome and to the unit. Returns
 * what they predicted.
 */
export async function runBatch(world: World, job: Job, keeper: Signer, items: readonly Item[]): Promise<Prediction[]> {
  const { desk, executor, liquidator, prediction, trading } = world.context;
  const ticks = [...new Set(items.map(({ tick }) => tick))].filter((tick) => tick !== undefined);
  const proofs = ticks.map(({ proof }) => proof);
  const places = items.map(({ id, tick }) => ({
    tradeId: id,
    tickIndex: tick === undefined ? NO_TICK : ticks.indexOf(tick),
  }));
  const executorAddress = await keeper.getAddress();
  const value = await desk.updateFee(proofs);
  const now = await nextSecond(world);
  const predictions = items.map(({ id, tick }) => {
    const moment: Moment = {
      tick: tick?.price ?? 0n,
      confidence: tick?.confidence ?? 0n,
      asset: tick?.asset ?? "BTC",
      ...{ at: tick?.at ?? 0, from: tick?.from, now, executor: executorAddress },
    };
    if (job === "bets") return world.bets.execute(id, moment);
    return job === "liquidate" ? world.twin.liquidate(id, moment) : world.twin.execute(id, moment);
  });
  const sent =
    job === "liquidate"
      ? liquidator.connect(keeper).liquidate(
          trading,
          proofs,
          places.map((place) => ({ ...place, closeTickIndex: NO_TICK })),
          { value },
        )
      : executor.connect(keeper).execute(job === "bets" ? prediction : trading, proofs, places, { value });
  const receipt = await confirmed(sent);
  const ids = items.map(({ id }) => id);
  const own = job === "bets" ? predictions.map(withoutReason) : predictions;
  world.compare(receipt, ids, own, job === "bets" ? "bet " : "");
  return predictions;
}

/** A bet that is refused tells only that it was. */
function withoutReason(prediction: Prediction): Prediction {
  return prediction.outcome.startsWith("Refused") ? { ...prediction, outcome: "Refused:None" } : prediction;
}
