import { useState } from "react";
import { UnitError, formatPrice, pips } from "@asterism/sdk";
import type { ProTriggerInput } from "@asterism/sdk";
import { useRead } from "../chain/reads";
import { useSession } from "../chain/session";
import { useTransactions } from "../chain/transactions";
import { Choice, NumberField, Refusal, Sides } from "../parts/Controls";
import { wordsOf } from "../view/format";
import { PlainError, plainly } from "../view/plainly";
import type { Plain } from "../view/plainly";
import { Lasting, expiryOf } from "./Lasting";
import type { Lasts } from "./Lasting";
import type { TicketProps } from "./OrderTicket";

/** Kinds of the contracts, and a stop with its target in one. */
type Kind = ProTriggerInput["kind"] | "bracket";

/** Orders that wait for the index: stops, take profits, both together, and trailing stops. */
export function TriggerTicket({ market, price, sub, hasAccount }: TicketProps) {
  const { account, asterism, chain, block } = useSession();
  const { run } = useTransactions();
  const facts = chain.pro.markets[market];
  const [side, setSide] = useState<"buy" | "sell">("sell");
  const [kind, setKind] = useState<Kind>("stop");
  const [size, setSize] = useState("");
  const [stop, setStop] = useState("");
  const [target, setTarget] = useState("");
  const [callback, setCallback] = useState("1");
  const [bound, setBound] = useState("1");
  const [isReduceOnly, setIsReduceOnly] = useState(true);
  const [lasts, setLasts] = useState<Lasts>("for ever");
  const rights = isReduceOnly ? "reduce" : "trade";
  const { data: isAllowed } = useRead(
    `triggers ${account?.address ?? ""} ${sub} ${rights}`,
    (each) => each.proTriggers.isAllowed(rights, { sub }),
    account !== null && hasAccount,
  );
  const read = readOrders(() => {
    const common = {
      ...{ market, side, isReduceOnly, expiry: expiryOf(lasts, block.time) },
      ...{ size: size === "" ? undefined : size, bound: percent(bound) },
    };
    if (kind === "trailing") {
      return [{ ...common, kind, callback: percent(callback), price: stop === "" ? undefined : stop }];
    }
    const orders: ProTriggerInput[] = [];
    if (kind !== "takeProfit") orders.push({ ...common, kind: "stop", price: named(stop) });
    if (kind !== "stop") orders.push({ ...common, kind: "takeProfit", price: named(target) });
    return orders;
  });
  const { problem: refused } = useRead(
    `trigger ${account?.address ?? ""} ${sub} ${lasts} ${kind} ${side} ${size} ${stop} ${target} ${callback} ${bound} ${isReduceOnly}`,
    async (each) => (await each.proTriggers.place(read.orders ?? [], { sub })).simulate(),
    account !== null && hasAccount && read.orders !== undefined,
  );
  const refusal = read.problem ?? refused;
  const { orders } = read;
  const placeholder = price === 0n ? "" : formatPrice(price, 0);
  return (
    <form
      className="stack"
      aria-label="Stop or target in Pro"
      onSubmit={(event) => {
        event.preventDefault();
        if (orders === undefined) return;
        void run({
          title: `${wordsOf(kind)} for ${market}`,
          make: () => asterism.proTriggers.place(orders, { sub }),
          told: (ids) => `${ids.length} ${ids.length === 1 ? "waits" : "wait"} for the price.`,
        });
      }}
    >
      <Choice
        label="Kind of trigger"
        value={kind}
        onChange={setKind}
        options={[
          { value: "stop", text: "Stop" },
          { value: "takeProfit", text: "Target" },
          { value: "bracket", text: "Both" },
          { value: "trailing", text: "Trailing" },
        ]}
      />
      <Sides label="Then it is to" value={side} of={["buy", "sell"]} onChange={setSide} />
      <NumberField
        label="Size"
        value={size}
        onChange={setSize}
        unit={facts.asset}
        hint={`empty: all that is open then; in steps of ${facts.lotSize}`}
      />
      {kind !== "takeProfit" && (
        <NumberField
          label={kind === "trailing" ? "Begins at" : "Stop at"}
          value={stop}
          onChange={setStop}
          unit="USD"
          placeholder={placeholder}
          hint={kind === "trailing" ? "empty: at once" : `in steps of ${facts.tickSize}`}
        />
      )}
      {(kind === "takeProfit" || kind === "bracket") && (
        <NumberField
          label="Target at"
          value={target}
          onChange={setTarget}
          unit="USD"
          placeholder={placeholder}
          hint={`in steps of ${facts.tickSize}`}
        />
      )}
      {kind === "trailing" && (
        <NumberField label="Comes back by" value={callback} onChange={setCallback} unit="%" hint="0.1% to 5%" />
      )}
      <NumberField
        label="Worst fill"
        value={bound}
        onChange={setBound}
        unit="%"
        hint="from the price at which it fires; 5% at most"
      />
      <Lasting value={lasts} onChange={setLasts} />
      <label className="check">
        <input type="checkbox" checked={isReduceOnly} onChange={(event) => setIsReduceOnly(event.target.checked)} />
        Only reduces what is open
      </label>
      <Refusal plain={hasAccount ? refusal : undefined} />
      {isAllowed === true && <p className="quiet">Triggers may {rights} for this account.</p>}
      {isAllowed === false && (
        <p>
          Nothing fires before triggers have the right to {rights} for this account.{" "}
          <button
            type="button"
            onClick={() =>
              void run({
                title: `right to ${rights} for triggers`,
                make: () => asterism.proTriggers.allow(rights, { sub }),
                told: () => "They fire from now on.",
              })
            }
          >
            Let them {rights}
          </button>
        </p>
      )}
      <button
        type="submit"
        className={`primary wide ${side}`}
        disabled={!hasAccount || orders === undefined || refusal !== undefined}
      >
        {hasAccount ? `Have it wait` : "Deposit first"}
      </button>
    </form>
  );
}

function readOrders(read: () => ProTriggerInput[]): { orders?: ProTriggerInput[]; problem?: Plain } {
  try {
    return { orders: read() };
  } catch (error) {
    return { problem: plainly(error) };
  }
}

function named(price: string): string {
  if (price === "") throw new PlainError("Say at which price.");
  return price;
}

/** "1" is a percent. */
function percent(text: string) {
  if (text === "") throw new UnitError("Say how many percent.");
  return pips(`${text}%`);
}
