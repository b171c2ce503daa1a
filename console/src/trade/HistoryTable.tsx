import { useMemo } from "react";
import type { History, Happening } from "../chain/history";
import { useSession } from "../chain/session";
import { Table } from "../parts/Table";
import { toldOf } from "../view/happenings";

export function HistoryTable({ history: { events, since, block } }: { history: History }) {
  const { chain } = useSession();
  // What a trade has come to is told from its beginning on.
  const rows = useMemo(() => toldOf(chain, [...events].reverse()).reverse(), [chain, events]);
  return (
    <>
      <Table
        label="History"
        rows={rows}
        keyOf={({ key }) => key}
        none="Nothing has happened yet."
        columns={[
          { name: "Block", cell: ({ block }) => block },
          {
            name: "Of",
            cell: ({ event }) => ("id" in event.args ? `${isBet(event) ? "bet " : ""}#${event.args.id}` : "payment"),
          },
          { name: "What", cell: ({ told }) => <strong className={told.tone}>{told.title}</strong> },
          { name: "Numbers", cell: ({ told }) => <span className="long">{told.words}</span> },
        ]}
      />
      <p className="quiet">{block === 0 ? "Reading what has happened…" : `From block ${since} to ${block}.`}</p>
    </>
  );
}

function isBet({ name }: Happening["event"]): boolean {
  return name.startsWith("Bet");
}
