import { useState } from "react";
import { DELEGATE_RIGHTS, proWords } from "@asterism/sdk";
import { isAddress } from "ethers";
import { useRead } from "../chain/reads";
import { useSession } from "../chain/session";
import { useTransactions } from "../chain/transactions";
import { NumberField, Pick, Refusal, TextField } from "../parts/Controls";
import { tokenText } from "../view/format";
import { useAct } from "./useAct";
import type { TicketProps } from "./OrderTicket";

type Props = Omit<TicketProps, "price">;

/** What an account is: its cash, its margin modes, its sub-accounts and who else may act for it. */
export function AccountTicket(props: Props) {
  return (
    <div className="stack">
      <Cash {...props} />
      <Margin {...props} />
      <Transfer {...props} />
      <Delegates {...props} />
    </div>
  );
}

function Cash({ sub, held, hasAccount }: Props) {
  const { chain, account, asterism } = useSession();
  const { run } = useTransactions();
  const act = useAct(sub, held);
  const token = chain.tokens[chain.pro.token];
  const [cash, setCash] = useState("1000");
  const { data: balance } = useRead(
    `own ${account?.address ?? ""}`,
    (each) => each.vault.balances(account?.address),
    account !== null,
  );
  return (
    <>
      <NumberField
        label="Cash"
        value={cash}
        onChange={setCash}
        unit={token.symbol}
        hint={`you have ${balance ? tokenText(balance[token.symbol], token.decimals, 2) : "–"} ${token.symbol}`}
      />
      <div className="buttons">
        <button
          type="button"
          disabled={account === null || cash === ""}
          onClick={() =>
            void run({
              title: `deposit of ${cash} ${token.symbol}`,
              permits: "pro",
              make: (permit) => asterism.pro.deposit(cash, { sub }, permit),
              told: (id) => `It is in account ${id}.`,
            })
          }
        >
          Deposit
        </button>
        <button
          type="button"
          disabled={!hasAccount || cash === ""}
          onClick={() => act(`withdrawal of ${cash} ${token.symbol}`, [{ kind: "withdraw", amount: cash }])}
        >
          Withdraw
        </button>
      </div>
    </>
  );
}

function Margin({ market, sub, held, hasAccount }: Props) {
  const act = useAct(sub, held);
  const [leverage, setLeverage] = useState("10");
  return (
    <>
      <NumberField label={`Leverage in ${market}`} value={leverage} onChange={setLeverage} unit="×" />
      <div className="buttons">
        <button
          type="button"
          disabled={!hasAccount || leverage === ""}
          onClick={() => act(`leverage ${leverage}×`, [{ kind: "leverage", market, leverage: Number(leverage) }])}
        >
          Set
        </button>
        {(["cross", "isolated"] as const).map((mode) => (
          <button
            key={mode}
            type="button"
            disabled={!hasAccount}
            onClick={() => act(`${mode} margin in ${market}`, [{ kind: "mode", market, mode }])}
          >
            {mode}
          </button>
        ))}
      </div>
    </>
  );
}

const CROSS = "cross";

function Transfer({ sub, held, hasAccount }: Props) {
  const { chain } = useSession();
  const act = useAct(sub, held);
  const scopes = [CROSS, ...Object.keys(chain.pro.markets)];
  const [from, setFrom] = useState(CROSS);
  const [to, setTo] = useState(CROSS);
  const [toSub, setToSub] = useState(String(sub));
  const [amount, setAmount] = useState("100");
  const isSub = /^\d{1,3}$/.test(toSub) && Number(toSub) <= LAST_SUB;
  return (
    <details>
      <summary>Transfer</summary>
      <div className="stack">
        <Pick label="From" value={from} options={scopes} onChange={setFrom} />
        <Pick label="To" value={to} options={scopes} onChange={setTo} />
        <NumberField label="Of sub-account" value={toSub} onChange={setToSub} hint={`0 to ${LAST_SUB}`} />
        <NumberField label="Amount" value={amount} onChange={setAmount} unit="USD" />
        <button
          type="button"
          disabled={!hasAccount || amount === "" || !isSub || (from === to && Number(toSub) === sub)}
          onClick={() =>
            act(`transfer of ${amount} USD`, [{ kind: "transfer", from, to, toSub: Number(toSub), amount }])
          }
        >
          Transfer
        </button>
      </div>
    </details>
  );
}

/** Numbers of sub-accounts begin at 0. */
export const LAST_SUB = 255;
const RIGHTS = ["cancel", "reduce", "trade"] as const;
const DAY_SECONDS = 86_400;

function Delegates({ sub, hasAccount }: Props) {
  const { account, asterism, block } = useSession();
  const { run } = useTransactions();
  const [delegate, setDelegate] = useState("");
  const [rights, setRights] = useState<keyof typeof DELEGATE_RIGHTS>("trade");
  const [days, setDays] = useState("30");
  const isNamed = isAddress(delegate);
  const { data: held } = useRead(
    `delegate ${account?.address ?? ""} ${sub} ${delegate}`,
    async ({ pro }) => {
      const each = await Promise.all(RIGHTS.map((right) => pro.isAllowed(delegate, right, { sub })));
      return RIGHTS.filter((_, index) => each[index]);
    },
    isNamed && hasAccount,
  );
  const problem = delegate === "" || isNamed ? undefined : { name: undefined, words: "This is no address." };
  return (
    <details>
      <summary>Delegates</summary>
      <div className="stack">
        <p className="quiet">
          Somebody who may cancel, reduce or trade for this account until a day. He can never withdraw.
        </p>
        <TextField label="Delegate's address" value={delegate} onChange={setDelegate} />
        <Refusal plain={problem} />
        <p role="status">
          {held === undefined ? "" : `He may now: ${held.length === 0 ? "nothing" : held.join(", ")}.`}
        </p>
        <Pick
          label="He may"
          value={rights}
          options={Object.keys(DELEGATE_RIGHTS)}
          onChange={(next) => setRights(next as keyof typeof DELEGATE_RIGHTS)}
        />
        <NumberField label="For so many days" value={days} onChange={setDays} hint="empty: for ever" />
        <button
          type="button"
          disabled={!hasAccount || !isNamed}
          onClick={() =>
            void run({
              title: `right to ${rights} for a delegate`,
              make: () => {
                const expiry = days === "" ? proWords.FOREVER : block.time + Math.round(Number(days) * DAY_SECONDS);
                return asterism.pro.setDelegate(delegate, rights, expiry, { sub });
              },
              told: () => (rights === "none" ? "He may do nothing any more." : "It holds from now on."),
            })
          }
        >
          Give rights
        </button>
      </div>
    </details>
  );
}
