import { formatSize } from "@asterism/sdk";
import type { ProHealth, ProPosition, ProRestingOrder, ProTrigger } from "@asterism/sdk";
import { useSession } from "../chain/session";
import { useTransactions } from "../chain/transactions";
import { Facts, toneOf } from "../parts/Controls";
import { Table } from "../parts/Table";
import { distanceText, pipsText, priceText, shareOf, signedUsdText, untilText, usdText, wordsOf } from "../view/format";

/** How much of the equity is held by margins: full is where liquidation begins. */
export function Health({ name, health }: { name: string; health: ProHealth }) {
  const used = shareOf(health.maintenanceMargin, health.equity > 0n ? health.equity : 1n);
  const share = Math.min(100, Number(used > 1_000_000n ? 1_000_000n : used) / 10_000);
  return (
    <section aria-label={`Health, ${name}`}>
      <h2>
        {name}:{" "}
        {health.isLiquidatable ? (
          <span className="bad">can be liquidated</span>
        ) : health.isStretched ? (
          <span className="warn">stretched</span>
        ) : (
          <span className="good">healthy</span>
        )}
      </h2>
      <meter
        className="meter"
        aria-label="Maintenance margin as a share of the equity"
        min={0}
        max={100}
        low={60}
        high={85}
        optimum={0}
        value={share}
      />
      <Facts
        rows={[
          ["Equity", usdText(health.equity)],
          ["Cash", usdText(health.cash)],
          ["Unrealised", signedUsdText(health.pnl), toneOf(health.pnl)],
          ["Initial margin", usdText(health.initialMargin)],
          ["Maintenance margin", `${usdText(health.maintenanceMargin)} (${share.toFixed(1)}% of the equity)`],
          ["Available", usdText(health.available)],
        ]}
      />
    </section>
  );
}

export function ProPositions({ positions }: { positions: readonly ProPosition[] }) {
  return (
    <Table
      label="Positions in Pro"
      rows={positions}
      keyOf={({ market, leverage }) => `${market} ${leverage}`}
      none="No position is open."
      columns={[
        {
          name: "Market",
          cell: ({ market, size }) => (
            <span className={toneOf(size)}>{`${market} ${size > 0n ? "long" : "short"}`}</span>
          ),
        },
        { name: "Size", isNumber: true, cell: ({ size }) => formatSize(size < 0n ? 0n - size : size, 4) },
        { name: "Mark", isNumber: true, cell: ({ mark }) => priceText(mark) },
        { name: "Leverage", isNumber: true, cell: ({ leverage }) => `${leverage}×` },
        {
          name: "Unrealised",
          isNumber: true,
          cell: ({ pnl }) => <span className={toneOf(pnl)}>{signedUsdText(pnl)}</span>,
        },
        {
          name: "Liquidation",
          isNumber: true,
          cell: ({ liquidationPrice, mark }) => (
            <span className="warn">
              {priceText(liquidationPrice)} <small>{distanceText(liquidationPrice, mark)}</small>
            </span>
          ),
        },
        { name: "Bankruptcy", isNumber: true, cell: ({ bankruptcyPrice }) => priceText(bankruptcyPrice) },
      ]}
    />
  );
}

export function RestingOrders({ orders, sub }: { orders: readonly ProRestingOrder[]; sub: number }) {
  const { asterism } = useSession();
  const { run } = useTransactions();
  return (
    <Table
      label="Resting orders"
      rows={orders}
      keyOf={({ id }) => id.toString()}
      none="No order rests."
      columns={[
        {
          name: "Order",
          cell: ({ side, market }) => <span className={side === "buy" ? "good" : "bad"}>{`${side} ${market}`}</span>,
        },
        { name: "Price", isNumber: true, cell: ({ price }) => priceText(price) },
        { name: "Left", isNumber: true, cell: ({ size }) => formatSize(size, 4) },
        { name: "Only reduces", cell: ({ isReduceOnly }) => (isReduceOnly ? "yes" : "no") },
        { name: "Until", cell: ({ expiry }) => untilText(expiry) },
        {
          name: "Do",
          cell: ({ id, side, market }) => (
            <button
              type="button"
              aria-label={`Cancel ${side} ${market}`}
              onClick={() =>
                void run({
                  title: `cancellation of a ${side}`,
                  make: () => asterism.pro.act([{ kind: "cancel", id }], { sub }),
                })
              }
            >
              Cancel
            </button>
          ),
        },
      ]}
    />
  );
}

/** Stops, take profits and trailing stops that wait for the index. */
export function Triggers({ triggers }: { triggers: readonly ProTrigger[] }) {
  const { asterism } = useSession();
  const { run } = useTransactions();
  return (
    <Table
      label="Stops and targets"
      rows={triggers}
      keyOf={({ id }) => id.toString()}
      none="Nothing waits for a price."
      columns={[
        { name: "Kind", cell: ({ kind }) => wordsOf(kind) },
        {
          name: "Does",
          cell: ({ side, size, market, isReduceOnly }) => (
            <span className={side === "buy" ? "good" : "bad"}>
              {`${side} ${size === 0n ? "all of it" : formatSize(size, 4)} ${market}${isReduceOnly ? "" : ", may open"}`}
            </span>
          ),
        },
        { name: "At", isNumber: true, cell: ({ price }) => priceText(price) },
        {
          name: "Comes back by",
          isNumber: true,
          cell: ({ kind, callback }) => (kind === "trailing" ? pipsText(callback) : "–"),
        },
        {
          name: "Worst fill",
          isNumber: true,
          cell: ({ limit, bound }) => (limit > 0n ? priceText(limit) : `${pipsText(bound)} worse`),
        },
        { name: "Until", cell: ({ expiry }) => untilText(expiry) },
        {
          name: "Do",
          cell: ({ id, kind, market }) => (
            <button
              type="button"
              aria-label={`Cancel ${wordsOf(kind)} ${market}`}
              onClick={() =>
                void run({
                  title: `cancellation of a ${wordsOf(kind)}`,
                  make: () => Promise.resolve(asterism.proTriggers.cancel([id])),
                  told: (count) => (count === 1 ? "It waits no more." : "It was gone already."),
                })
              }
            >
              Cancel
            </button>
          ),
        },
      ]}
    />
  );
}
