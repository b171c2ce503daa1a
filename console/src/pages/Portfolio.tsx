import { tokenOf } from "@asterism/sdk";
import { useHistory } from "../chain/history";
import { useRead, useTrades } from "../chain/reads";
import { useSession } from "../chain/session";
import { useTransactions } from "../chain/transactions";
import { Facts, Refusal } from "../parts/Controls";
import { Table } from "../parts/Table";
import { Bets, useBets } from "../trade/Bets";
import { HistoryTable } from "../trade/HistoryTable";
import { Pending } from "../trade/Pending";
import { Positions, usePositions } from "../trade/Positions";
import { addressText, tokenText } from "../view/format";

/** Everything of an account's: what it has, what can be claimed, what is open, what has been. */
export function PortfolioPage() {
  const { account, chain, asterism } = useSession();
  const { run } = useTransactions();
  const isThere = account !== null;
  const owner = account?.address ?? "";
  const { data: trades } = useTrades();
  const { data: bets } = useBets();
  const positions = usePositions(trades);
  const history = useHistory();
  const { data: own, problem } = useRead(`own ${owner}`, (each) => each.vault.balances(owner), isThere);
  const { data: claims } = useRead(`claims ${owner}`, (each) => each.vault.claimable(owner), isThere);
  const { data: alp } = useRead(`alp ${owner}`, (each) => each.alp.balance(owner), isThere);
  const { data: coins } = useRead(`coins ${owner}`, (each) => each.connection.provider.getBalance(owner), isThere);
  if (account === null) return <p className="panel">Connect an account to see what is its.</p>;
  // All of it at once: nothing moves when the rest comes.
  if (!own || !claims || !alp || coins === undefined || !trades || !bets || history.block === 0) {
    return problem ? <Refusal plain={problem} /> : <p className="panel">Reading what is its…</p>;
  }
  const amountOf = (symbol: string, amount: bigint) =>
    `${tokenText(amount, tokenOf(chain, symbol).decimals)} ${symbol}`;
  return (
    <div className="grid">
      <section className="panel" aria-label="Balances">
        <h2>
          {account.name} <span className="quiet">{addressText(account.address)}</span>
        </h2>
        <Facts
          rows={[
            [chain.nativeSymbol, `${tokenText(coins, 18)} for gas`],
            ...Object.entries(own).map(([symbol, amount]) => [`${symbol} `, amountOf(symbol, amount)] as const),
            ["ALP", `${tokenText(alp.total, 18)}, ${tokenText(alp.cooling, 18)} cooling`],
          ]}
        />
      </section>
      <section className="panel" aria-label="Claims">
        <h2>To be claimed</h2>
        <p className="quiet">Pay for executions, and payments that a token or a receiver refused.</p>
        <Table
          label="Claims"
          rows={Object.entries(claims)}
          keyOf={([symbol]) => symbol}
          none="Nothing."
          columns={[
            { name: "Token", cell: ([symbol]) => symbol },
            { name: "Amount", isNumber: true, cell: ([symbol, amount]) => amountOf(symbol, amount) },
            {
              name: "Do",
              cell: ([symbol]) => (
                <button
                  type="button"
                  onClick={() =>
                    void run({
                      title: `claim of ${symbol}`,
                      make: () => asterism.vault.claim(symbol),
                      told: (amount) => `You got ${amountOf(symbol, amount)}.`,
                    })
                  }
                >
                  Claim {symbol}
                </button>
              ),
            },
          ]}
        />
      </section>
      <section className="panel whole" aria-label="Open positions">
        <h2>Positions</h2>
        <Positions positions={positions} />
      </section>
      <section className="panel whole" aria-label="Waiting orders">
        <h2>Pending orders</h2>
        <Pending trades={trades} />
      </section>
      <section className="panel whole" aria-label="Open bets">
        <h2>Bets</h2>
        <Bets bets={bets} />
      </section>
      <section className="panel whole" aria-label="What has been">
        <h2>History</h2>
        <HistoryTable history={history} />
      </section>
    </div>
  );
}
