import { useState } from "react";
import { Choice, Facts, toneOf } from "../parts/Controls";
import { Table } from "../parts/Table";
import { NONE, signedUsdText, usdText } from "../view/format";
import { PRO_KINDS } from "../view/proHappenings";
import type { ProKind, ProRow, ProTotals } from "../view/proHappenings";

interface Props {
  readonly rows: readonly ProRow[];
  readonly totals: ProTotals;
  readonly since: number;
  readonly block: number;
}

const ALL = "all";

/** What has happened in the account, and what it comes to. */
export function ProHistory({ rows, totals, since, block }: Props) {
  const [kind, setKind] = useState<ProKind | typeof ALL>("fills");
  const shown = kind === ALL ? rows : rows.filter((row) => row.kind === kind);
  const signed = (name: string, value: bigint) => [name, signedUsdText(value, 4), toneOf(value)] as const;
  return (
    <>
      <Facts
        rows={[
          ["Came in", usdText(totals.in)],
          ["Went out", usdText(totals.out)],
          signed("Realised by closing", totals.realised),
          signed("Funding and shared losses", totals.funding),
          ...(totals.together === 0n
            ? []
            : [signed("Realised and funding, where only their sum is told", totals.together)]),
          signed("Fees", -totals.fees),
          signed("Keepers and tips", -totals.keepers),
        ]}
      />
      <Choice
        label="Of what"
        value={kind}
        onChange={setKind}
        options={[...PRO_KINDS.map((value) => ({ value, text: TEXTS[value] })), { value: ALL, text: "Everything" }]}
      />
      <Table
        label="History of Pro"
        rows={shown}
        keyOf={({ key }) => key}
        none="Nothing of this has happened yet."
        columns={[
          { name: "Block", cell: (row) => row.block },
          { name: "What", cell: ({ title, tone }) => <strong className={tone}>{title}</strong> },
          { name: "Numbers", cell: ({ words }) => <span className="long">{words}</span> },
          { name: "Fee, USD", isNumber: true, cell: ({ fee }) => (fee === undefined ? NONE : usdText(fee, 4)) },
          {
            name: "Cash, USD",
            isNumber: true,
            cell: ({ cash }) =>
              cash === undefined ? NONE : <span className={toneOf(cash)}>{signedUsdText(cash, 4)}</span>,
          },
        ]}
      />
      <p className="quiet">{block === 0 ? "Reading what has happened…" : `From block ${since} to ${block}.`}</p>
    </>
  );
}

const TEXTS: Readonly<Record<ProKind, string>> = { fills: "Fills", cash: "Cash", orders: "Orders" };
