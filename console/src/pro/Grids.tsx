import { useState } from "react";
import { formatSize } from "@asterism/sdk";
import type { ProGrid, ProGridAttempt, ProGridCell } from "@asterism/sdk";
import { useRead } from "../chain/reads";
import { useSession } from "../chain/session";
import { useTransactions } from "../chain/transactions";
import { Facts, toneOf } from "../parts/Controls";
import { Table } from "../parts/Table";
import { NONE, durationText, priceText, signedUsdText, usdText } from "../view/format";
import { refusalOfPro } from "../view/plainly";

interface Props {
  readonly grids: readonly ProGrid[];
}

/** The grid that was opened last in each market. */
export function useGrids(sub: number, isActive: boolean): readonly ProGrid[] | undefined {
  const { account, chain } = useSession();
  const owner = account?.address ?? "";
  const { data } = useRead(
    `grids ${owner} ${sub}`,
    async ({ proGrids }) => {
      const all = await Promise.all(Object.keys(chain.pro.markets).map((name) => proGrids.last(name, { owner, sub })));
      return all.filter((grid) => grid !== undefined);
    },
    isActive,
  );
  return data;
}

/** Ladders of orders: how they stand, what a roll would do, and each of their orders. */
export function Grids({ grids }: Props) {
  const { block } = useSession();
  const [chosen, setChosen] = useState<bigint | null>(null);
  const shown = grids.find(({ id }) => id === chosen) ?? grids.find(({ isRunning }) => isRunning);
  return (
    <>
      <Table
        label="Grids"
        rows={grids}
        keyOf={({ id }) => id.toString()}
        none="No grid was opened for this account."
        columns={[
          {
            name: "Grid",
            cell: ({ id, market, low, high, lines }) => (
              <button type="button" className="bare" aria-pressed={id === shown?.id} onClick={() => setChosen(id)}>
                {`${market} ${priceText(low)} to ${priceText(high)}, ${lines} lines`}
              </button>
            ),
          },
          { name: "State", cell: (grid) => <StateOf grid={grid} /> },
          { name: "Each", isNumber: true, cell: ({ size }) => formatSize(size, 4) },
          { name: "Bought less sold", isNumber: true, cell: ({ held, startHeld }) => formatSize(held - startHeld, 4) },
          { name: "Pairs", isNumber: true, cell: ({ pairs }) => pairs.toString() },
          {
            name: "Earned before fees",
            isNumber: true,
            cell: ({ realised }) => <span className={toneOf(realised)}>{signedUsdText(realised)}</span>,
          },
          { name: "Paid to rollers", isNumber: true, cell: ({ tips }) => usdText(tips) },
          {
            name: "Rolled",
            isNumber: true,
            cell: ({ rolledAt }) => `${durationText(block.time - Number(rolledAt))} ago`,
          },
          { name: "Do", cell: (grid) => (grid.isRunning ? <Acts grid={grid} /> : NONE) },
        ]}
      />
      {shown?.isRunning === true && <Ladder key={shown.id.toString()} grid={shown} />}
    </>
  );
}

function StateOf({ grid: { isRunning, end } }: { grid: ProGrid }) {
  if (!isRunning) return <span className="quiet">over</span>;
  if (end === "None") return <span className="good">runs</span>;
  return <span className="warn">ends with the next roll</span>;
}

function Acts({ grid: { id, market } }: { grid: ProGrid }) {
  const { asterism } = useSession();
  const { run } = useTransactions();
  return (
    <span className="buttons">
      <button
        type="button"
        aria-label={`Roll the grid in ${market}`}
        onClick={() =>
          void run({
            title: `roll of the grid in ${market}`,
            isTimely: true,
            make: () => asterism.proGrids.roll([id], { refresh: [market] }),
            told: ([attempt]) => attemptText(attempt),
          })
        }
      >
        Roll
      </button>
      <button
        type="button"
        aria-label={`Stop the grid in ${market}`}
        onClick={() =>
          void run({
            title: `end of the grid in ${market}`,
            make: () => Promise.resolve(asterism.proGrids.stop(id)),
            told: ({ cancelled, left }) =>
              left === "None"
                ? `${cancelled} orders were taken off the book; the position stays.`
                : `It is over; its orders rest on: ${refusalOfPro(left)?.words ?? left}`,
          })
        }
      >
        Stop
      </button>
    </span>
  );
}

/** What a roll came to, or would, in words. */
function attemptText({ outcome, reason, roll }: ProGridAttempt): string {
  const why = refusalOfPro(reason)?.words ?? "";
  if (roll === undefined || outcome === "Skipped") return `Nothing: ${why || "nothing was to be done."}`;
  const parts = [`${roll.placed} placed`, `${roll.cancelled} taken off`, `${roll.refused} refused`];
  const end = outcome === "Ended" ? `It ends: ${why} ` : "";
  return `${end}${parts.join(", ")}, ${usdText(roll.tip)} to who rolls it.`;
}

function Ladder({ grid: { id, end } }: { grid: ProGrid }) {
  const { account } = useSession();
  const { data: cells } = useRead(`cells ${id}`, ({ proGrids }) => proGrids.cells(id));
  const { data: roll, problem } = useRead(`roll ${id}`, ({ proGrids }) =>
    proGrids.previewRoll(id, { keeper: account?.address }),
  );
  const why = end === "None" ? undefined : refusalOfPro(end);
  const next = roll === undefined ? (problem?.words ?? NONE) : attemptText(roll);
  return (
    <section aria-label="Orders of the grid">
      <Facts
        rows={[["A roll now", next], ...(why === undefined ? [] : [["Why it ends", why.words, "warn"] as const])]}
      />
      <Table
        label="Lines"
        rows={[...(cells ?? [])].reverse()}
        keyOf={({ line, side, price }) => `${line} ${side} ${price}`}
        none="Reading its lines…"
        columns={[
          { name: "Line", isNumber: true, cell: ({ line }) => line + 1 },
          {
            name: "Order",
            cell: ({ side }) => <span className={side === "buy" ? "good" : "bad"}>{side}</span>,
          },
          { name: "Price", isNumber: true, cell: ({ price }) => priceText(price) },
          { name: "Size", isNumber: true, cell: ({ size }) => formatSize(size, 4) },
          { name: "State", cell: (cell) => restText(cell) },
        ]}
      />
    </section>
  );
}

function restText({ orderId, resting, size, isWithin }: ProGridCell): string {
  if (orderId > 0n) return resting === size ? "rests" : `${formatSize(resting, 4)} rest`;
  return isWithin ? "waits for a roll" : "further off than orders rest";
}
