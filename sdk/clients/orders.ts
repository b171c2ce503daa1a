import type { ContractTransactionReceipt } from "ethers";
import { Codec } from "../abi";
import { tradingAbi, tradingRecordsAbi } from "../abis";
import { paymentOf, toAmount, toPrice } from "../amounts";
import type { AmountInput, Payment, PriceInput } from "../amounts";
import { bookOf, marketOfBook } from "../chains";
import type { AssetKey, Mode } from "../chains";
import { accountOf, latestTime } from "../connection";
import type { Connection } from "../connection";
import { query } from "../reading";
import { UnitError } from "../units";

export const TRADING = new Codec(tradingAbi);
const RECORDS = new Codec(tradingRecordsAbi);

/** How long a market order or a close may wait for its execution, unless said otherwise. */
export const DEFAULT_DEADLINE_SECONDS = 300;

/** An order to open a position. */
export interface OrderInput {
  /** "BTC/USD", or "BTC". */
  readonly market: string;
  readonly mode: Mode;
  readonly side: "long" | "short";
  /** Whole number. */
  readonly leverage: number;
  /** Symbol or address of the margin token; the native coin's symbol wraps it on the way. */
  readonly token: string;
  /** Margin, open fee and execution fee together. */
  readonly amount: AmountInput;
  /** Worst fill price of a market order, slippage included; any by default. */
  readonly acceptablePrice?: PriceInput;
  /** Where the profit cap is reached, by default. */
  readonly takeProfit?: PriceInput;
  /** None by default. */
  readonly stopLoss?: PriceInput;
  /** From the latest block on; five minutes by default, 30 days of a limit. */
  readonly deadlineSeconds?: number;
  /** Who is given a share of the fees; nobody by default. The contracts take any number: of `brokers.broker` which there are. */
  readonly broker?: number;
  /** Pay out in the native coin; so by default where it was paid in that. */
  readonly payoutInNative?: boolean;
  /** Whose position it becomes; the signer's by default. */
  readonly owner?: string;
}

/** As the contracts take it. */
export interface OpenRequest {
  readonly owner: string;
  readonly bookId: bigint;
  readonly isLong: boolean;
  readonly leverage: bigint;
  readonly token: string;
  readonly amount: bigint;
  readonly acceptablePrice: bigint;
  readonly takeProfit: bigint;
  readonly stopLoss: bigint;
  readonly deadline: bigint;
  readonly broker: bigint;
  readonly asNative: boolean;
}

/** A request that waits for its tick: it fills at the first one published at or after `target`. */
export interface Pending {
  readonly product: "trading" | "prediction";
  readonly id: bigint;
  readonly asset: AssetKey;
  /** Unix seconds. */
  readonly target: number;
  readonly receipt: ContractTransactionReceipt;
}

export async function openRequestOf(
  connection: Connection,
  input: OrderInput,
  defaultSeconds = DEFAULT_DEADLINE_SECONDS,
): Promise<{ request: OpenRequest; payment: Payment }> {
  const { chain } = connection;
  const payment = paymentOf(chain, input.token);
  const request = {
    owner: await accountOf(connection, input.owner),
    bookId: BigInt(bookOf(chain, input.market, input.mode).id),
    isLong: input.side === "long",
    leverage: wholeLeverage(input.leverage),
    token: payment.token.address,
    amount: toAmount(input.amount, payment.token),
    acceptablePrice: toPrice(input.acceptablePrice ?? "0"),
    takeProfit: toPrice(input.takeProfit ?? "0"),
    stopLoss: toPrice(input.stopLoss ?? "0"),
    deadline: BigInt((await latestTime(connection)) + (input.deadlineSeconds ?? defaultSeconds)),
    broker: BigInt(input.broker ?? 0),
    asNative: input.payoutInNative ?? payment.isNative,
  };
  return { request, payment };
}

function wholeLeverage(leverage: number): bigint {
  if (Number.isSafeInteger(leverage) && leverage > 0) return BigInt(leverage);
  throw new UnitError(`${leverage} is no leverage: a whole number is expected`);
}

/** The order that a receipt has the placing of. */
export async function placedOrder(connection: Connection, receipt: ContractTransactionReceipt): Promise<Pending> {
  const { id, bookId } = eventOf(connection, receipt, "OrderPlaced");
  const { market, mode } = marketOfBook(connection.chain, bookId);
  const delay = market.books[mode]?.executionDelaySeconds ?? 0;
  const target = (await minedAt(connection, receipt)) + delay;
  return { product: "trading", id, asset: market.asset, target, receipt };
}

/** The close that a receipt has the request of. */
export async function placedClose(connection: Connection, receipt: ContractTransactionReceipt): Promise<Pending> {
  const { chain, contracts, reader } = connection;
  const { id, target } = eventOf(connection, receipt, "CloseRequested");
  const asked = query(RECORDS, contracts.tradingRecords, "position", [id]);
  const { bookId } = await reader.one(asked, receipt.blockNumber);
  return { product: "trading", id, asset: marketOfBook(chain, bookId).market.asset, target: Number(target), receipt };
}

async function minedAt({ provider }: Connection, { blockHash }: ContractTransactionReceipt): Promise<number> {
  const block = await provider.getBlock(blockHash);
  if (block === null) throw new Error(`the node knows no block ${blockHash}`);
  return block.timestamp;
}

function eventOf<Name extends "OrderPlaced" | "CloseRequested">(
  { contracts }: Connection,
  { logs, hash }: ContractTransactionReceipt,
  name: Name,
) {
  for (const log of logs) {
    if (log.address.toLowerCase() !== contracts.trading.toLowerCase()) continue;
    const event = TRADING.event(log);
    if (event?.name === name) return event.args as Extract<typeof event, { name: Name }>["args"];
  }
  throw new Error(`transaction ${hash} has no ${name}`);
}
