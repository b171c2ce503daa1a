import { useMemo, useState } from "react";
import { formatPrice, formatSize, sizeOfLots } from "@asterism/sdk";
import type { ProOrder, ProResult } from "@asterism/sdk";
import { useMarketTerms } from "../chain/proHistory";
import { useRead } from "../chain/reads";
import { useSession } from "../chain/session";
import { Choice, Facts, NumberField, Refusal, Sides } from "../parts/Controls";
import { NONE, capitalised, usdText, wordsOf } from "../view/format";
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
const PIPS = 1_000_000n;
const KINDS: Readonly<Record<OrderType | typeof MARKET, string>> = {
  limit: "Takes what is offered at its price or better; the rest waits in the book.",
  postOnly: "Waits in the book for the lower fee; refused where it would fill at once.",
  immediateOrCancel: "Takes what is offered at its price or better; nothing of it waits.",
  fillOrKill: "Is filled wholly at its price or better, or not at all.",
  [MARKET]: "Takes what is offered at any price within the band; nothing of it waits.",
};
const RESTING: readonly string[] = ["limit", "postOnly"];

/** An order that is for the book now. */
export function OrderTicket({ market, price, sub, held, hasAccount }: TicketProps) {
  const { chain, account, block } = useSession();
  const refresh = useMemo(() => [...new Set([market, ...held])], [market, held]);
  const act = useAct(sub, refresh);
  const facts = chain.pro.markets[market];
  const terms = useMarketTerms(facts.id);
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
  const isIdle = result?.reason === "None" && result.filled === 0n && result.orderId === 0n;
  const refusal = problem ?? (result && refusalOfPro(result.reason));
  return (
    <form
      className="stack"
      aria-label="Order in Pro"
      onSubmit={(event) => {
        event.preventDefault();
        act(`${wordsOf(type)} ${side} ${size} ${market}`, [order(block.time)]);
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
      <p className="quiet told">{KINDS[type]}</p>
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
          ["Would fill at once", result ? `${formatSize(sizeOfLots(facts, result.filled), 4)} ${facts.asset}` : NONE],
          ["For", result ? usdText(result.notional) : NONE],
          ["Fee of that", result && terms ? usdText((result.notional * terms.takerFeePips) / PIPS, 4) : NONE],
          ["Would rest", result ? (result.orderId > 0n ? "what is left of it" : "nothing") : NONE],
        ]}
      />
      {isIdle && <p className="warn">Nothing would be filled: nobody offers at such a price.</p>}
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
