import { Reason, nameOf } from "../../sdk/enums";
import { PIPS } from "../../sdk/units";
import * as model from "../../sdk/model";
import { tierOf } from "../demo/trades";
import { BATCH_SIZE, inBatches, queueBatch, readBatch } from "./batches";
import { eventsOf } from "./blocks";
import type { Plan } from "./population";
import type { Scene } from "./scene";

/** Requests in one block. */
const REQUESTS = 400;
const REQUEST_GAS = 300_000;
const DEADLINE_SECONDS = 600;

/** An open position as the model knows it. */
export interface OpenPosition {
  id: bigint;
  plan: Plan;
  position: model.Position;
  /** USD, at entry. */
  notional: bigint;
  indexAtOpenX18: bigint;
}

/** Opens all of them through requests and batches of executions, while the price stands still. */
export async function openAll(
  scene: Scene,
  plans: readonly Plan[],
  onProgress: (opened: number) => void,
): Promise<OpenPosition[]> {
  const open: OpenPosition[] = [];
  for (const chunk of inBatches(plans, REQUESTS)) {
    const orders = await requestAll(scene, chunk);
    const requestedAt = scene.now;
    const targetOf = (plan: Plan) => requestedAt + plan.book.executionDelaySeconds;
    await scene.goTo(Math.max(...chunk.map(targetOf)) + 1);
    const calls: string[] = [];
    for (const target of new Set(chunk.map(targetOf))) {
      const ids = [...orders].flatMap(([id, plan]) => (targetOf(plan) === target ? [id] : []));
      for (const batch of inBatches(ids, BATCH_SIZE)) {
        calls.push(await queueBatch(scene, { kind: "executor", ids: batch, proof: scene.firstTick(target) }));
      }
    }
    const receipts = await scene.mine();
    for (const call of calls) {
      const receipt = receipts.get(call);
      if (receipt === undefined) throw new Error("a batch was not mined");
      const { trading, skipped } = readBatch(scene, "executor", receipt);
      if (skipped.length > 0) throw new Error(`an order was skipped: ${skipped[0].reason}`);
      for (const { name, args } of trading) {
        if (name === "OrderRefused") throw new Error(`an order was refused: ${nameOf(Reason, args.reason as bigint)}`);
        if (name !== "TradeOpened") continue;
        const id = args.id as bigint;
        const plan = orders.get(id);
        if (plan === undefined) throw new Error(`nobody ordered trade ${id.toString()}`);
        open.push(toPosition(id, plan, args as unknown as OpenedArguments));
      }
    }
    onProgress(open.length);
  }
  return open;
}

/** Places market orders in one block; the plans by the ids that they get. */
async function requestAll(scene: Scene, plans: readonly Plan[]): Promise<Map<bigint, Plan>> {
  const { trading } = scene.desk.system;
  await scene.goTo(scene.now + 1);
  const sent = new Map<string, Plan>();
  for (const plan of plans) {
    const owner = scene.traders[plan.trader];
    const request = {
      owner,
      bookId: plan.bookId,
      isLong: plan.isLong,
      leverage: plan.leverage,
      token: plan.token.address,
      amount: amountOf(scene, plan),
      acceptablePrice: 0n,
      takeProfit: 0n,
      stopLoss: 0n,
      deadline: scene.now + DEADLINE_SECONDS,
      broker: 0,
      asNative: false,
    };
    const data = trading.interface.encodeFunctionData("requestOpen", [request]);
    sent.set(await scene.blocks.queue({ from: owner, to: scene.addresses.trading, data, gas: REQUEST_GAS }), plan);
  }
  const receipts = await scene.mine();
  const orders = new Map<bigint, Plan>();
  for (const [hash, plan] of sent) {
    const receipt = receipts.get(hash);
    const placed = receipt && eventsOf(receipt, scene.addresses.trading, trading.interface);
    const order = placed?.find(({ name }) => name === "OrderPlaced");
    if (order === undefined) throw new Error("an order was not placed");
    orders.set(order.args.id as bigint, plan);
  }
  return orders;
}

/** Margin, open fee and execution fee, in token units, rounded up. */
function amountOf(scene: Scene, { book, leverage, notionalUsd, token }: Plan): bigint {
  const marginUsd = model.ceilDiv(notionalUsd, BigInt(leverage));
  const openFeeUsd = model.mulDivUp(notionalUsd, BigInt(book.openFeePips), PIPS);
  const { executionFeeUsd } = scene.desk.profile.execution;
  return model.toTokensUp(marginUsd + openFeeUsd + executionFeeUsd, scene.quoteOf(token));
}

interface OpenedArguments {
  entry: bigint;
  size: bigint;
  margin: bigint;
  carryIndex: bigint;
}

function toPosition(id: bigint, plan: Plan, { entry, size, margin, carryIndex }: OpenedArguments): OpenPosition {
  const { book, isLong, leverage } = plan;
  const tier = tierOf(book, leverage);
  const position = {
    isLong,
    entry,
    size,
    margin,
    initialMargin: margin,
    llrPips: BigInt(tier.liquidationLossRatePips),
    profitCapPips: BigInt(tier.profitCapPips),
    closeFeeKind: book.mode,
    closeFeePips: BigInt(book.closeFeePips),
  };
  return { id, plan, position, notional: entry * size, indexAtOpenX18: carryIndex };
}
