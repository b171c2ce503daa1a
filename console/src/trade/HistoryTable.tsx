import { tokenOf } from "@asterism/sdk";
import type { History, Happening } from "../chain/history";
import { useSession } from "../chain/session";
import { Table } from "../parts/Table";
import { tellOf } from "../view/happenings";
import type { Unit } from "../view/happenings";

export function HistoryTable({ history: { events, since, block } }: { history: History }) {
  const { chain } = useSession();
  const units = new Map<string, Unit>();
  for (const { event } of events) {
    if (event.name === "OrderPlaced" || event.name === "BetPlaced")
      units.set(keyOf(event), tokenOf(chain, event.args.token));
  }
  const rows = events.flatMap((happening) => {
    const { event } = happening;
    const unit = isPayment(event) ? tokenOf(chain, event.args.token) : units.get(keyOf(event));
    const told = tellOf(event, unit);
    return told === undefined ? [] : [{ ...happening, told }];
  });
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

function keyOf(event: Happening["event"]): string {
  return `${isBet(event) ? "bet" : "trade"} ${"id" in event.args ? event.args.id : ""}`;
}

function isPayment(event: Happening["event"]) {
  return event.name === "PaymentRefused" || event.name === "Claimed";
}

function isBet({ name }: Happening["event"]): boolean {
  return name.startsWith("Bet");
}
