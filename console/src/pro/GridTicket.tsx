import { useState } from "react";
import { formatPrice, formatSize, priceOfTicks, px, sizeOfLots } from "@asterism/sdk";
import type { ProGridInput, ProMarketFacts, ProResult } from "@asterism/sdk";
import { useMarketTerms } from "../chain/proHistory";
import { useRead } from "../chain/reads";
import { useSession } from "../chain/session";
import { useTransactions } from "../chain/transactions";
import { Choice, Facts, NumberField, Refusal } from "../parts/Controls";
import { Table } from "../parts/Table";
import { NONE, priceText, usdText } from "../view/format";
import { gridMargin, gridOf, gridPlan, pairCosts } from "../view/gridPlan";
import type { GridOrder, GridPlan } from "../view/gridPlan";
import { plainly, refusalOfPro } from "../view/plainly";
import type { Plain } from "../view/plainly";
import type { TicketProps } from "./OrderTicket";

interface Props extends TicketProps {
  /** Of the account in the market, lots and cost; 0 where there is none. */
  readonly lots: bigint;
  readonly cost: bigint;
  /** As it was set; undefined: the market's own. */
  readonly leverage: bigint | undefined;
  /** One runs there already. */
  readonly isRunning: boolean;
}

const RIGHTS = "trade";
const MOMENTARY = ["IndexStale", "IndexMissing", "IndexNotNarrow", "Pro_NotAllowed"];
/** Half a line, which a fill in part may leave, rests too: so much more than twice the least that may rest, USD. */
const FIRST_USD = 600n;
/** Of the price, each way. */
const FIRST_RANGE_PIPS = 20_000n;
const PIPS = 1_000_000n;
/** What a grid begins with is bought so much worse than the price at most, unless another limit is written. */
const ENTRY_PIPS = 5_000n;

/** A ladder of orders: what it would begin with, place, need and earn is told before it is opened. */
export function GridTicket(props: Props) {
  const { market, price, sub, held, hasAccount, isRunning } = props;
  const { account, asterism, chain } = useSession();
  const { run } = useTransactions();
  const facts = chain.pro.markets[market];
  const [low, setLow] = useState(() => stepped(facts, price - (price * FIRST_RANGE_PIPS) / PIPS));
  const [high, setHigh] = useState(() => stepped(facts, price + (price * FIRST_RANGE_PIPS) / PIPS));
  const [lines, setLines] = useState("11");
  const [size, setSize] = useState(() => firstSize(facts, price));
  const [spacing, setSpacing] = useState<NonNullable<ProGridInput["spacing"]>>("arithmetic");
  const [start, setStart] = useState<NonNullable<ProGridInput["start"]>>("neutral");
  const [window, setWindow] = useState("16");
  const [entry, setEntry] = useState("");
  const [stopLow, setStopLow] = useState("");
  const [stopHigh, setStopHigh] = useState("");

  const worst = start === "long" ? price + (price * ENTRY_PIPS) / PIPS : price - (price * ENTRY_PIPS) / PIPS;
  const input: ProGridInput = {
    ...{ market, low: low || "0", high: high || "0", size: size || "0", lines: Number(lines), window: Number(window) },
    ...{ spacing, start, stopLow: stopLow || undefined, stopHigh: stopHigh || undefined },
    entryLimit: start === "neutral" ? undefined : entry || stepped(facts, worst),
  };
  const { plan, problem } = planned(facts, input, price);
  const isReady = account !== null && hasAccount && plan !== undefined;
  const { data: isAllowed } = useRead(
    `grids may ${account?.address ?? ""} ${sub}`,
    ({ pro, connection }) => pro.isAllowed(connection.contracts.gridBook, RIGHTS, { sub }),
    account !== null && hasAccount,
  );
  const refresh = [...new Set([market, ...held])];
  const { data: results, problem: refused } = useRead<ProResult[]>(
    `grid ${account?.address ?? ""} ${sub} ${refresh.join(" ")} ${JSON.stringify(input)} ${plan?.orders.length ?? 0} ${plan?.start ?? 0n}`,
    async ({ pro, proGrids }) => {
      await (await proGrids.open(input, { sub })).simulate().catch(passIfStale);
      return pro.preview(plan?.actions ?? [], { sub, refresh });
    },
    isReady,
  );
  const running: Plain | undefined = isRunning
    ? { name: "GridBook_Running", words: "A grid of this account runs in this market already: stop it first." }
    : undefined;
  const refusal = problem ?? (hasAccount ? (running ?? refused) : undefined);
  return (
    <form
      className="stack"
      aria-label="Grid in Pro"
      onSubmit={(event) => {
        event.preventDefault();
        void run({
          title: `grid in ${market}`,
          // A grid is opened at a price of the last seconds.
          before: () => asterism.pro.act([], { sub, refresh }),
          make: () => asterism.proGrids.open(input, { sub }),
          told: ({ placed, refused: left }) => `${placed.length} orders rest, ${left.length} wait for a roll.`,
        });
      }}
    >
      <p className="quiet">
        Buys at each line below the price and sells one line higher, again and again. Better in a sub-account of its
        own.
      </p>
      <div className="pair">
        <NumberField label="Lowest line" value={low} onChange={setLow} unit="USD" />
        <NumberField label="Highest line" value={high} onChange={setHigh} unit="USD" />
      </div>
      <div className="pair">
        <NumberField label="Lines" value={lines} onChange={setLines} hint="2 to 100" />
        <NumberField
          label="Each trades"
          value={size}
          onChange={setSize}
          unit={facts.asset}
          hint={`by ${facts.lotSize}`}
        />
      </div>
      <Choice
        label="Spacing"
        value={spacing}
        onChange={setSpacing}
        options={[
          { value: "arithmetic", text: "Equal steps" },
          { value: "geometric", text: "Equal ratios" },
        ]}
      />
      <Choice
        label="Begins with"
        value={start}
        onChange={setStart}
        options={[
          { value: "neutral", text: "Nothing" },
          { value: "long", text: "A long" },
          { value: "short", text: "A short" },
        ]}
      />
      {start !== "neutral" && (
        <NumberField
          label="Worst price of what it begins with"
          value={entry}
          onChange={setEntry}
          unit="USD"
          placeholder={stepped(facts, worst)}
          hint="empty: 0.5% beyond the price"
        />
      )}
      <details>
        <summary>Stops and room</summary>
        <div className="stack">
          <NumberField label="Ends at or below" value={stopLow} onChange={setStopLow} unit="USD" hint="empty: never" />
          <NumberField
            label="Ends at or above"
            value={stopHigh}
            onChange={setStopHigh}
            unit="USD"
            hint="empty: never"
          />
          <NumberField label="Orders on each side" value={window} onChange={setWindow} hint="1 to 16 rest at once" />
        </div>
      </details>
      <Refusal plain={refusal} />
      <Preview {...props} input={input} plan={plan} results={refusal === undefined ? results : undefined} />
      {isAllowed === true && <p className="quiet">Grids may trade for this account.</p>}
      {isAllowed === false && (
        <p>
          A grid needs the right to trade for this account; it can never withdraw.{" "}
          <button
            type="button"
            onClick={() =>
              void run({
                title: "right to trade for grids",
                make: () => asterism.proGrids.allow(RIGHTS, { sub }),
                told: () => "Grids can be opened from now on.",
              })
            }
          >
            Let grids trade
          </button>
        </p>
      )}
      <button
        type="submit"
        className="primary wide"
        disabled={!isReady || refusal !== undefined || isAllowed !== true || results === undefined}
      >
        {hasAccount ? `Open the grid in ${market}` : "Deposit first"}
      </button>
    </form>
  );
}

interface PreviewProps extends Props {
  readonly input: ProGridInput;
  readonly plan: GridPlan | undefined;
  readonly results: readonly ProResult[] | undefined;
}

/** What it costs and places, as prices stand. */
function Preview({ market, price, lots, cost, leverage, input, plan, results }: PreviewProps) {
  const { chain } = useSession();
  const facts = chain.pro.markets[market];
  const terms = useMarketTerms(facts.id);
  const first = plan !== undefined && plan.start !== 0n ? results?.[0] : undefined;
  const placed = plan?.start === 0n ? results : results?.slice(1);
  const rests = placed?.filter(({ reason }) => reason === "None").length;
  const margin =
    plan && terms && gridMargin(facts, plan, { lots, cost, leverage: leverage ?? terms.defaultLeverage }, terms, price);
  const begins = plan === undefined || plan.start === 0n ? "nothing" : startText(plan.start, facts.asset);
  return (
    <>
      <Facts
        rows={[
          ["Begins with", begins],
          ["For that", first === undefined ? NONE : usdText(first.notional)],
          [
            "Orders that rest at once",
            rests === undefined || plan === undefined ? NONE : `${rests} of ${plan.orders.length}`,
          ],
          ["Margin it takes", margin === undefined ? NONE : usdText(margin)],
          ["A pair earns", plan === undefined ? NONE : pairText(plan)],
          ["And pays, fees and rolls", plan && terms ? usdText(pairCosts(facts, input, terms), 4) : NONE],
        ]}
      />
      <details>
        <summary>Its orders</summary>
        <Table
          label="Orders of the plan"
          rows={(plan?.orders ?? []).map((order, at) => ({ ...order, reason: placed?.[at]?.reason }))}
          keyOf={({ side, price: at }) => `${side} ${at}`}
          none="None."
          columns={[
            { name: "Order", cell: ({ side }) => <span className={side === "buy" ? "good" : "bad"}>{side}</span> },
            { name: "Price", isNumber: true, cell: (order: GridOrder) => priceText(order.price) },
            { name: "Size", isNumber: true, cell: (order: GridOrder) => formatSize(order.size, 4) },
            {
              name: "Now",
              cell: ({ reason }) =>
                reason === undefined ? NONE : reason === "None" ? "rests" : (refusalOfPro(reason)?.words ?? reason),
            },
          ]}
        />
      </details>
    </>
  );
}

function startText(start: bigint, asset: string): string {
  return `${start > 0n ? "buys" : "sells"} ${formatSize(start < 0n ? -start : start)} ${asset}`;
}

function pairText({ leastPair, mostPair }: GridPlan): string {
  return leastPair === mostPair ? usdText(leastPair) : `${usdText(leastPair)} to ${usdText(mostPair)}`;
}

/** Prices are brought right before it is opened; until then only what they do not decide counts. */
function passIfStale(error: unknown): void {
  if (!MOMENTARY.includes(plainly(error).name ?? "")) throw error;
}

function planned(facts: ProMarketFacts, input: ProGridInput, price: bigint): { plan?: GridPlan; problem?: Plain } {
  try {
    return { plan: gridPlan(facts, input, price) };
  } catch (error) {
    return { problem: plainly(error) };
  }
}

/** Of each line, a few hundred dollars. */
function firstSize(facts: ProMarketFacts, price: bigint): string {
  if (price === 0n) return facts.lotSize;
  const { lotSize } = gridOf(facts);
  return formatSize(sizeOfLots(facts, (FIRST_USD * 10n ** 18n) / price / lotSize + 1n));
}

/** The step of the market's price that is not above a price. */
function stepped(facts: ProMarketFacts, price: bigint): string {
  return formatPrice(priceOfTicks(facts, price / px(facts.tickSize)));
}
