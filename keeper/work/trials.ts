/** What attempts would do and pay, asked of the chain itself before anything is sent. */
import { Codec, NO_TICK, Outcome, Reason, explained, nameOf, query } from "@asterism/sdk";
import type { Connection, PriceProof } from "@asterism/sdk";
import { executorAbi, keeperLensAbi, liquidatorAbi, priceAggregatorAbi } from "@asterism/sdk/abis";
import type { Tick } from "../ticks/TickBook";
import type { Product } from "./Board";

const LENS = new Codec(keeperLensAbi);
const EXECUTOR = new Codec(executorAbi);
const LIQUIDATOR = new Codec(liquidatorAbi);
const AGGREGATOR = new Codec(priceAggregatorAbi);

/** A tick, and from when on it is proven to be the first; undefined: nothing is said of the ticks before. */
export interface Proof {
  readonly tick: Tick;
  readonly firstFrom?: number;
}

/** One trade with the ticks that it is tried with. */
export interface Attempt {
  readonly product: Product;
  readonly id: bigint;
  /** Executes the order, the close, the trigger or the bet. */
  readonly execution?: Proof;
  /** Liquidates the position, or what is left of it. */
  readonly liquidation?: Proof;
}

/** What an attempt would come to. */
export interface Trial {
  readonly attempt: Attempt;
  readonly outcome: (typeof Outcome)[number] | "Failed";
  readonly reason: (typeof Reason)[number];
  /** What the keeper is credited, in units of `token`. */
  readonly pay: bigint;
  readonly token: string;
}

/** Attempts that one question is about: what a node's call takes. */
const PAGE = 200;

/** Tries each by itself, as of the latest block; none is proven. */
export async function tryTrades(
  connection: Connection,
  keeper: string,
  attempts: readonly Attempt[],
): Promise<Trial[]> {
  const { contracts, reader } = connection;
  const trials: Trial[] = [];
  for (let start = 0; start < attempts.length; start += PAGE) {
    const page = attempts.slice(start, start + PAGE);
    const ticks = new TickList();
    const items = page.map(({ id, execution, liquidation }) => ({
      tradeId: id,
      tickIndex: ticks.indexOf(liquidation),
      closeTickIndex: ticks.indexOf(execution),
    }));
    const runs = await reader.one(
      query(LENS, contracts.keeperLens, "dryRunItems", [contracts.trading, keeper, items, ticks.forLens()]),
    );
    for (const [index, { token, execution, liquidation, result }] of runs.entries()) {
      const outcome = result.isFailed ? "Failed" : nameOf(Outcome, result.outcome);
      const pay = [execution, liquidation].reduce(
        (sum, each) => (nameOf(Outcome, each.outcome) === "Skipped" ? sum : sum + each.executorPay),
        0n,
      );
      trials.push({ attempt: page[index], outcome, reason: nameOf(Reason, result.reason), pay, token });
    }
  }
  return trials;
}

/** A transaction of a batch, and what each of its items does. */
export interface BatchCall {
  readonly to: string;
  readonly data: string;
  readonly proofs: readonly PriceProof[];
}

/** The call that makes all these attempts, of one product. */
export function callOf(connection: Connection, attempts: readonly Attempt[]): BatchCall {
  const { contracts } = connection;
  const ticks = new TickList();
  const isLiquidating = attempts.some(({ liquidation }) => liquidation !== undefined);
  const indexes = attempts.map(({ id, execution, liquidation }) => ({
    ...{ tradeId: id, tickIndex: ticks.indexOf(liquidation), closeTickIndex: ticks.indexOf(execution) },
  }));
  const proofs = ticks.proofs();
  if (isLiquidating) {
    const data = LIQUIDATOR.encode("liquidate", [contracts.trading, proofs, indexes]);
    return { to: contracts.liquidator, data, proofs };
  }
  const items = indexes.map(({ tradeId, closeTickIndex }) => ({ tradeId, tickIndex: closeTickIndex }));
  const data = EXECUTOR.encode("execute", [contracts[attempts[0].product], proofs, items]);
  return { to: contracts.executor, data, proofs };
}

/** What Pyth asks for the proofs of a batch, in wei. */
export async function feeOf({ contracts, reader }: Connection, proofs: readonly PriceProof[]): Promise<bigint> {
  if (proofs.length === 0) return 0n;
  return reader.one(query(AGGREGATOR, contracts.priceAggregator, "updateFee", [proofs]));
}

/** Tries a whole batch with its proofs, as of the latest block. Throws `RefusedError` where it would revert. */
export async function tryBatch(
  connection: Connection,
  keeper: string,
  call: BatchCall,
  value: bigint,
  gasLimit: bigint,
): Promise<{ outcome: (typeof Outcome)[number] | "Failed"; reason: (typeof Reason)[number] }[]> {
  const { provider, contracts } = connection;
  let answer: string;
  try {
    answer = await provider.call({ from: keeper, to: call.to, data: call.data, value, gasLimit });
  } catch (error) {
    throw explained(error);
  }
  const results =
    call.to === contracts.liquidator ? LIQUIDATOR.decode("liquidate", answer) : EXECUTOR.decode("execute", answer);
  return results.map(({ outcome, reason, isFailed }) => ({
    outcome: isFailed ? ("Failed" as const) : nameOf(Outcome, outcome),
    reason: nameOf(Reason, reason),
  }));
}

/** The ticks of a batch, each once: proven as the first at or after the earliest of the moments that it is asked for. */
class TickList {
  private readonly entries: { tick: Tick; firstFrom: number | undefined }[] = [];

  indexOf(proof: Proof | undefined): bigint {
    if (proof === undefined) return NO_TICK;
    const { tick, firstFrom } = proof;
    let at = this.entries.findIndex((entry) => entry.tick === tick);
    if (at < 0) at = this.entries.push({ tick, firstFrom: undefined }) - 1;
    const entry = this.entries[at];
    if (firstFrom !== undefined) entry.firstFrom = Math.min(entry.firstFrom ?? Infinity, firstFrom);
    return BigInt(at);
  }

  proofs(): PriceProof[] {
    return this.entries.map(({ tick, firstFrom }) => ({
      assetIds: [tick.assetId],
      minPublishTime: firstFrom ?? tick.publishTime,
      isUnique: firstFrom !== undefined,
      updateData: tick.updateData,
    }));
  }

  forLens() {
    return this.entries.map(({ tick, firstFrom }) => ({
      price: tick.price,
      confidence: tick.confidence,
      publishTime: tick.publishTime,
      minPublishTime: firstFrom ?? tick.publishTime,
      assetId: tick.assetId,
      isUnique: firstFrom !== undefined,
    }));
  }
}
