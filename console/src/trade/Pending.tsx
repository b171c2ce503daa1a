import { marketOfBook, tokenOf } from "@asterism/sdk";
import type { TradeRecord } from "@asterism/sdk";
import { useSession } from "../chain/session";
import { useTransactions } from "../chain/transactions";
import { Table } from "../parts/Table";
import { durationText, priceText, tokenText } from "../view/format";
import { isOpen, waitText } from "./Positions";

/** Orders that wait, with their seconds. */
export function Pending({ trades }: { trades: readonly TradeRecord[] | undefined }) {
  const { chain, block, asterism } = useSession();
  const { run } = useTransactions();
  const waiting = (trades ?? []).filter((trade) => !isOpen(trade)).reverse();
  const finish = (id: bigint) =>
    void run({
      title: `refund of #${id}`,
      make: () => Promise.resolve(asterism.trade.finishCancel(id)),
      told: () => "What was paid in is back.",
    });
  return (
    <Table
      label="Pending orders"
      rows={waiting}
      keyOf={({ id }) => id.toString()}
      none="No order waits."
      columns={[
        {
          name: "Order",
          cell: ({ id, bookId, isLong, leverage, isLimit }) => {
            const { market, mode } = marketOfBook(chain, bookId);
            return (
              <>
                <strong>#{id.toString()}</strong> {isLimit ? "limit" : "market"} {market.asset}{" "}
                <span className={isLong ? "good" : "bad"}>{isLong ? "long" : "short"}</span> {leverage.toString()}×{" "}
                <span className="quiet">{mode}</span>
              </>
            );
          },
        },
        {
          name: "Paid in",
          isNumber: true,
          cell: ({ token, amount }) => {
            const { decimals, symbol } = tokenOf(chain, token);
            return `${tokenText(amount, decimals, 2)} ${symbol}`;
          },
        },
        { name: "Worst price", isNumber: true, cell: ({ price }) => priceText(price) },
        {
          name: "State",
          cell: (order) => {
            const { market, mode } = marketOfBook(chain, order.bookId);
            const delay = BigInt(market.books[mode]?.executionDelaySeconds ?? 0);
            if (order.cancelledAt > 0n) {
              const left = Number(order.cancellableFrom) - block.time;
              return left > 0 ? `cancelled; refund in ${durationText(left)}` : "cancelled; refund is due";
            }
            const left = Number(order.expiry) - block.time;
            if (left < 0) return "expired; refund is due";
            return order.isLimit ? `rests, for ${durationText(left)}` : waitText(order.since + delay, block.time);
          },
        },
        {
          name: "Do",
          cell: (order) => {
            const canFinish = Number(order.cancellableFrom) > 0 && Number(order.cancellableFrom) <= block.time;
            if (canFinish) {
              return (
                <button type="button" onClick={() => finish(order.id)} aria-label={`Refund order ${order.id}`}>
                  Refund
                </button>
              );
            }
            if (!order.isLimit || order.cancelledAt > 0n) return null;
            return (
              <button
                type="button"
                aria-label={`Cancel limit ${order.id}`}
                onClick={() =>
                  void run({
                    title: `cancellation of #${order.id}`,
                    make: () => Promise.resolve(asterism.trade.cancelLimit(order.id)),
                    told: () => "It binds prices from some seconds on; then it is refunded.",
                  })
                }
              >
                Cancel
              </button>
            );
          },
        },
      ]}
    />
  );
}
