import { formatSize } from "@asterism/sdk";
import type { ProLevel } from "@asterism/sdk";
import { Table } from "../parts/Table";
import { priceText, shareOf } from "../view/format";

/** So many levels of each side. */
export const DEPTH = 10;

interface BookLevels {
  readonly bids: readonly ProLevel[];
  readonly asks: readonly ProLevel[];
}

/** What is offered on both sides, the best first. */
export function Book({ book }: { book: BookLevels | undefined }) {
  return (
    <section className="panel chart book" aria-label="Order book">
      <div className="grid">
        <Levels name="Bids" levels={book?.bids ?? []} tone="good" />
        <Levels name="Asks" levels={book?.asks ?? []} tone="bad" />
      </div>
    </section>
  );
}

function Levels({ name, levels, tone }: { name: string; levels: readonly ProLevel[]; tone: string }) {
  const most = levels.reduce((size, level) => (level.size > size ? level.size : size), 0n as bigint);
  return (
    <div>
      <h2 className={tone}>{name}</h2>
      <Table
        label={name}
        rows={levels}
        keyOf={({ price }) => price.toString()}
        none="Nobody offers anything."
        columns={[
          { name: "Price", isNumber: true, cell: ({ price }) => <span className={tone}>{priceText(price)}</span> },
          { name: "Size", isNumber: true, cell: ({ size }) => formatSize(size, 4) },
          { name: "Orders", isNumber: true, cell: ({ orders }) => orders.toString() },
          {
            name: "Depth",
            cell: ({ size }) => (
              <meter
                className="meter"
                aria-label="Share of the largest level"
                min={0}
                max={100}
                value={Number(shareOf(size, most)) / 10_000}
              />
            ),
          },
        ]}
      />
    </div>
  );
}
