import { useMemo, useState } from "react";
import { formatPrice } from "@asterism/sdk";
import type { ProOrder, ProResult } from "@asterism/sdk";
import { useRead } from "../chain/reads";
import { useSession } from "../chain/session";
import { Choice, Facts, NumberField, Refusal, Sides } from "../parts/Controls";
import { capitalised } from "../view/format";
import { refusalOfPro } from "../view/plainly";
import { Lasting, expiryOf } from "./Lasting";
import type { Lasts } from "./Lasting";
import { useAct } from "./useAct";

export interface TicketProps {
  readonly market: string;
  /** 0 where nobody says. */
  readonly price: bigint;
  readonly sub: number;
  /** Markets that the account holds something in across its margin. */
  readonly held: readonly string[];
  /** Whether the account was opened. */
  readonly hasAccount: boolean;
}

type OrderType = NonNullable<ProOrder["type"]>;
const MARKET = "market";
const RESTING: readonly string[] = ["limit", "postOnly"];

/** An order that is for the book now. */
export function OrderTicket({ market, price, sub, held, hasAccount }: TicketProps) {
  const { chain, account, block } = useSession();
  const refresh = useMemo(() => [...new Set([market, ...held])], [market, held]);
  const act = useAct(sub, refresh);
  const facts = chain.pro.markets[market];
  const [side, setSide] = useState<"buy" | "sell">("buy");
  const [type, setType] = useState<OrderType | typeof MARKET>("limit");
  const [size, setSize] = useState("0.1");
  const [limit, setLimit] = useState(() => (price === 0n ? "" : formatPrice(price, 0)));
  const [lasts, setLasts] = useState<Lasts>("for ever");
  const [isReduceOnly, setIsReduceOnly] = useState(false);
  const rests = RESTING.includes(type);
  const order = (now: number): ProOrder & { readonly isSoft?: boolean } => ({
    ...{ kind: "place", market, side, size, isReduceOnly },
    ...(type === MARKET ? {} : { price: limit, type }),
    ...(rests ? { expiry: expiryOf(lasts, now) } : {}),
  });
  const isWhole = size !== "" && (type === MARKET || limit !== "");
  const { data: results, problem } = useRead<ProResult[]>(
    `pro ${account?.address ?? ""} ${sub} ${refresh.join(" ")} ${lasts} ${JSON.stringify(order(0))}`,
    (each) => each.pro.preview([{ ...order(block.time), isSoft: true }], { sub, refresh }),
    account !== null && hasAccount && isWhole,
  );
  const result = results?.[0];
  const refusal = problem ?? (result && refusalOfPro(result.reason));
  return (
    <form
      className="stack"
      aria-label="Order in Pro"
      onSubmit={(event) => {
        event.preventDefault();
        act(`${type} ${side} ${size} ${market}`, [order(block.time)]);
      }}
    >
      <Sides value={side} of={["buy", "sell"]} onChange={setSide} />
      <Choice
        label="Kind of order"
        value={type}
        onChange={setType}
        options={[
          { value: "limit", text: "Limit" },
          { value: "postOnly", text: "Post" },
          { value: "immediateOrCancel", text: "IOC" },
          { value: "fillOrKill", text: "FOK" },
          { value: MARKET, text: "Market" },
        ]}
      />
      <NumberField
        label="Size"
        value={size}
        onChange={setSize}
        unit={facts.asset}
        hint={`in steps of ${facts.lotSize}`}
      />
      {type !== MARKET && (
        <NumberField
          label="Price"
          value={limit}
          onChange={setLimit}
          unit="USD"
          hint={`in steps of ${facts.tickSize}`}
        />
      )}
      {rests && <Lasting value={lasts} onChange={setLasts} />}
      <label className="check">
        <input type="checkbox" checked={isReduceOnly} onChange={(event) => setIsReduceOnly(event.target.checked)} />
        Only reduces what is open
      </label>
      <Refusal plain={refusal} />
      <Facts
        rows={[
          ["Would fill at once", result ? result.filled.toString() + " lots" : "–"],
          ["Would rest", result ? (result.orderId > 0n ? "yes" : "no") : "–"],
        ]}
      />
      <button
        type="submit"
        className={`primary wide ${side}`}
        disabled={!hasAccount || refusal !== undefined || !isWhole}
      >
        {hasAccount ? `${capitalised(side)} ${size} ${facts.asset}` : "Deposit first"}
      </button>
    </form>
  );
}
