import { proWords } from "@asterism/sdk";
import { useSession } from "../chain/session";
import { useTransactions } from "../chain/transactions";
import { Table } from "../parts/Table";
import { rightsText } from "../view/proCalls";
import type { ProDelegate } from "../view/proHappenings";

interface Props {
  readonly delegates: readonly ProDelegate[];
  readonly sub: number;
}

/** Who may act for the account, as its owner has given it, and until when. */
export function Delegates({ delegates, sub }: Props) {
  const { asterism, block } = useSession();
  const { run } = useTransactions();
  const { contracts } = asterism.connection;
  const nameOf = (address: string) =>
    address === contracts.proTriggers ? "stops and targets" : address === contracts.gridBook ? "grids" : address;
  return (
    <>
      <Table
        label="Delegates of the account"
        rows={delegates}
        keyOf={({ delegate }) => delegate}
        none="Nobody may act for this account but its owner."
        columns={[
          {
            name: "Delegate",
            cell: ({ delegate }) => (
              <span className={nameOf(delegate) === delegate ? "address" : undefined}>{nameOf(delegate)}</span>
            ),
          },
          { name: "May", cell: ({ rights }) => MAY[rightsText(rights)] ?? rightsText(rights) },
          {
            name: "Until",
            cell: ({ expiry }) => {
              if (expiry >= BigInt(proWords.FOREVER)) return "for ever";
              const time = new Date(Number(expiry) * 1_000).toLocaleString();
              return Number(expiry) < block.time ? <span className="quiet">ended {time}</span> : time;
            },
          },
          {
            name: "Do",
            cell: ({ delegate }) => (
              <button
                type="button"
                aria-label={`Revoke ${nameOf(delegate)}`}
                onClick={() =>
                  void run({
                    title: `end of the rights of ${nameOf(delegate)}`,
                    make: () => asterism.pro.setDelegate(delegate, "none", 0, { sub }),
                    told: () => "He may do nothing any more.",
                  })
                }
              >
                Revoke
              </button>
            ),
          },
        ]}
      />
      <p className="quiet">
        Nobody of them can withdraw. Rights are given under “Account”, to stops and grids beside their tickets.
      </p>
    </>
  );
}

const MAY: Readonly<Record<string, string>> = {
  cancel: "cancel orders",
  reduce: "cancel, and place orders that only reduce",
  trade: "cancel, and place any order",
};
