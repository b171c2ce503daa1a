import { useEffect, useMemo, useState } from "react";
import { formatPrice, formatToken, px, tokens } from "@asterism/sdk";
import type { MarketView, Mode, OpenQuote, OrderInput, TokenFacts } from "@asterism/sdk";
import { useRead } from "../chain/reads";
import { useSession } from "../chain/session";
import { useTransactions } from "../chain/transactions";
import { Choice, Facts, NumberField, Pick, Refusal, Sides, toneOf } from "../parts/Controls";
import { NONE, distanceText, durationText, pipsText, priceText, tokenText, usdText } from "../view/format";
import { MOVES_PIPS, outcomesOf, tierOf, worstPrice } from "../view/outcome";
import { PlainError, plainly, refusalOf, restOf } from "../view/plainly";
import { DegenWarning } from "./DegenWarning";
import { LeverageSlider } from "./LeverageSlider";
import type { PriceMark } from "./Chart";

interface Props {
  readonly market: string;
  readonly mode: Mode;
  readonly view: MarketView;
  readonly onDraft: (marks: readonly PriceMark[]) => void;
}

const NOBODY = "0x0000000000000000000000000000000000000001";
const TOLERANCES = { standard: "0.5", degen: "0.2" } as const;
const FIRST_LEVERAGE = { standard: 50, degen: 1001 } as const;
const FEE_SCALE = 10n ** 8n;
/** Once a visit. */
let isWarned = false;

export function Ticket({ market, mode, view, onDraft }: Props) {
  const { account, chain, asterism } = useSession();
  const { run } = useTransactions();
  const book = chain.markets[market].books[mode];
  const range = { min: book?.minLeverage ?? 1, max: book?.maxLeverage ?? 1 };
  const margins = Object.values(chain.tokens).filter(({ isMargin }) => isMargin);
  const symbols = [...margins.map(({ symbol }) => symbol), chain.nativeSymbol];
  const [side, setSide] = useState<"long" | "short">("long");
  const [kind, setKind] = useState<"market" | "limit">("market");
  const [symbol, setSymbol] = useState(symbols[0]);
  const [amount, setAmount] = useState("50");
  const [leverage, setLeverage] = useState<number>(FIRST_LEVERAGE[mode]);
  const [limit, setLimit] = useState("");
  const [takeProfit, setTakeProfit] = useState("");
  const [stopLoss, setStopLoss] = useState("");
  const [tolerance, setTolerance] = useState<string>(TOLERANCES[mode]);
  const [isWarning, setIsWarning] = useState(false);
  const token = tokenFor(symbol, margins, chain.wrappedNativeSymbol);
  const mark = view.price.mid;
  const isLong = side === "long";

  const order = useMemo(
    () => readOrder({ market, mode, side, leverage, symbol, amount, takeProfit, stopLoss, token }),
    [market, mode, side, leverage, symbol, amount, takeProfit, stopLoss, token],
  );
  const bound = readBound(kind, limit, tolerance, mark, isLong);
  const input = order.input;
  const isReady = input !== undefined && bound.price !== undefined;
  const key = `quote ${kind} ${JSON.stringify(input)} ${limit} ${account?.address ?? ""}`;
  const { data: quote, problem } = useRead(
    key,
    (asterism) => {
      const asked = { ...(input as OrderInput), owner: account?.address ?? NOBODY };
      if (kind === "limit") return asterism.trade.quoteLimit({ ...asked, price: limit });
      return asterism.trade.quoteOpen(asked);
    },
    isReady,
  );
  const { data: balance } = useRead(
    `balance ${symbol} ${account?.address ?? ""}`,
    async (asterism) => {
      if (symbol === chain.nativeSymbol) return asterism.connection.provider.getBalance(account?.address ?? NOBODY);
      return (await asterism.vault.balances(account?.address))[symbol];
    },
    account !== null,
  );

  useEffect(() => {
    onDraft(quote === undefined ? [] : draftOf(quote, kind, takeProfit, stopLoss));
  }, [quote, kind, takeProfit, stopLoss, onDraft]);

  const place = () => {
    if (input === undefined || bound.price === undefined) return;
    const { price } = bound;
    const title = `${mode} ${side} ${market} ${leverage}×`;
    void run({
      title,
      permits: "router",
      make: (permit) => {
        if (kind === "limit") return asterism.trade.limit({ ...input, price: limit }, permit);
        return asterism.trade.market({ ...input, acceptablePrice: formatPrice(price) }, permit);
      },
      told: ({ id, target }) =>
        kind === "limit"
          ? `Limit ${id} rests.`
          : `Order ${id} fills at the first price at or after ${timeText(target)}.`,
    });
  };
  const rest = kind === "limit" && quote !== undefined ? restOf(quote) : undefined;
  const refusal =
    order.problem ?? bound.problem ?? problem ?? (quote && rest === undefined ? refusalOf(quote.reason) : undefined);
  const canPlace = account !== null && isReady && refusal === undefined && quote !== undefined;

  return (
    <form
      className="panel ticket"
      aria-label="Order"
      onSubmit={(event) => {
        event.preventDefault();
        if (!canPlace) return;
        if (mode === "degen" && !isWarned) setIsWarning(true);
        else place();
      }}
    >
      <Sides value={side} of={["long", "short"]} onChange={setSide} />
      <Choice
        label="Kind of order"
        value={kind}
        onChange={(next) => {
          setKind(next);
          if (next === "limit" && limit === "") setLimit(formatPrice(mark, 2));
        }}
        options={[
          { value: "market", text: "Market" },
          { value: "limit", text: "Limit" },
        ]}
      />
      <NumberField
        label="Pay in"
        value={amount}
        onChange={setAmount}
        unit={<Pick label="Token" isHidden value={symbol} options={symbols} onChange={setSymbol} />}
        hint={
          account === null ? (
            "margin, open fee and execution fee together"
          ) : (
            <>
              you have {balance === undefined ? "…" : tokenText(balance, token.decimals, 2)} {symbol}{" "}
              {balance !== undefined && symbol !== chain.nativeSymbol && (
                <button type="button" className="bare" onClick={() => setAmount(formatToken(balance, token.decimals))}>
                  all of it
                </button>
              )}
            </>
          )
        }
      />
      <LeverageSlider leverage={leverage} range={range} onChange={setLeverage} />
      {kind === "limit" ? (
        <NumberField
          label="Limit price"
          value={limit}
          onChange={setLimit}
          unit="USD"
          hint="fills exactly there, when a price reaches it"
        />
      ) : (
        <NumberField
          label="Tolerance"
          value={tolerance}
          onChange={setTolerance}
          unit="%"
          hint={`worst price ${bound.price === undefined ? "–" : priceText(bound.price)}; refused beyond it`}
        />
      )}
      <details>
        <summary>Take profit and stop</summary>
        <NumberField
          label="Take profit"
          value={takeProfit}
          onChange={setTakeProfit}
          unit="USD"
          placeholder={quote ? formatPrice(quote.capPrice, 2) : ""}
          hint="empty: where the profit cap is reached"
        />
        <NumberField
          label="Stop loss"
          value={stopLoss}
          onChange={setStopLoss}
          unit="USD"
          hint="empty: none; a stop arms a market close"
        />
      </details>
      <Refusal plain={refusal ?? (rest && { ...rest, words: `It rests for now: ${rest.words}` })} id="ticket-refusal" />
      <QuoteFacts quote={quote} token={token} mark={mark} view={view} />
      <Outcomes quote={quote} view={view} token={token} leverage={leverage} isLong={isLong} />
      <button
        type="submit"
        className={`primary wide ${isLong ? "buy" : "sell"}`}
        disabled={!canPlace}
        aria-describedby="ticket-refusal"
      >
        {account === null ? "Connect to trade" : `${isLong ? "Long" : "Short"} ${market} ${leverage}×`}
      </button>
      {isWarning && (
        <DegenWarning
          onAnswer={(isTaken) => {
            setIsWarning(false);
            isWarned ||= isTaken;
            if (isTaken) place();
          }}
        />
      )}
    </form>
  );
}

function QuoteFacts({
  quote,
  token,
  mark,
  view,
}: {
  quote: OpenQuote | undefined;
  token: TokenFacts;
  mark: bigint;
  view: MarketView;
}) {
  const amount = (value: bigint | undefined) =>
    value === undefined ? "–" : `${tokenText(value, token.decimals, 4)} ${token.symbol}`;
  const price = (value: bigint | undefined) =>
    value === undefined ? "–" : `${priceText(value)} (${distanceText(value, mark)})`;
  return (
    <Facts
      rows={[
        ["Margin", amount(quote?.margin)],
        ["Open fee", amount(quote?.openFee)],
        ["Execution fee", amount(quote?.executionFee)],
        ["Notional", quote === undefined ? "–" : usdText(quote.notionalUsd)],
        ["Entry now", price(quote?.entry)],
        ["Liquidation", price(quote?.liquidationPrice), "warn"],
        ["Bankruptcy", price(quote?.bankruptcyPrice), "bad"],
        ["Profit cap at", price(quote?.capPrice), "good"],
        ["Fills after", durationText(Number(view.executionDelay))],
      ]}
    />
  );
}

interface OutcomesProps {
  readonly quote: OpenQuote | undefined;
  readonly view: MarketView;
  readonly token: TokenFacts;
  readonly leverage: number;
  readonly isLong: boolean;
}

/** Undefined for an order that would open nothing. */
function outcomesOfQuote({ quote, view, token, leverage, isLong }: OutcomesProps) {
  const tier = tierOf(view.tiers, leverage);
  if (quote === undefined || tier === undefined || quote.margin === 0n || quote.size === 0n) return undefined;
  const price = (quote.marginUsd * 10n ** BigInt(token.decimals)) / (quote.margin * FEE_SCALE);
  // The model's fixed rate where the book has one, else the most that the position's terms allow.
  const slippagePips = view.config.slippageModel === 0n ? view.config.slippagePips : tier.terms.maxExitSlippagePips;
  const paidIn = quote.margin + quote.openFee + quote.executionFee;
  const opening = { isLong, entry: quote.entry, size: quote.size, margin: quote.margin };
  return outcomesOf({
    ...{ opening, terms: tier.terms, token: { decimals: token.decimals, price }, mark: view.price.mid },
    ...{ slippagePips, executionFeeUsd: view.executionFeeUsd, paidIn },
  });
}

function Outcomes(props: OutcomesProps) {
  const { decimals, symbol } = props.token;
  const outcomes = outcomesOfQuote(props);
  return (
    <table className="outcomes">
      <caption>If it is closed after a move, all fees taken</caption>
      <thead>
        <tr>
          <th scope="col">move</th>
          <th scope="col" className="number">
            you get, {symbol}
          </th>
          <th scope="col" className="number">
            result, {symbol}
          </th>
        </tr>
      </thead>
      <tbody>
        {MOVES_PIPS.map((movePips, index) => {
          const outcome = outcomes?.[index];
          return (
            <tr key={`${movePips} ${outcome === undefined}`}>
              <th scope="row">
                {movePips > 0n ? "+" : ""}
                {pipsText(movePips)}
              </th>
              <td className="number">
                {outcome === undefined
                  ? NONE
                  : outcome.isLiquidated
                    ? "liquidated"
                    : tokenText(outcome.payout, decimals, 2)}
              </td>
              <td className={`number ${toneOf(outcome?.result ?? 0n)}`}>
                {outcome === undefined ? NONE : tokenText(outcome.result, decimals, 2)}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function tokenFor(symbol: string, margins: readonly TokenFacts[], wrapped: string): TokenFacts {
  return (
    margins.find((token) => token.symbol === symbol) ??
    (margins.find((token) => token.symbol === wrapped) as TokenFacts)
  );
}

interface Draft {
  readonly market: string;
  readonly mode: Mode;
  readonly side: "long" | "short";
  readonly leverage: number;
  readonly symbol: string;
  readonly amount: string;
  readonly takeProfit: string;
  readonly stopLoss: string;
  readonly token: TokenFacts;
}

function readOrder(draft: Draft): { input?: OrderInput; problem?: ReturnType<typeof plainly> } {
  const { market, mode, side, leverage, symbol, amount, takeProfit, stopLoss, token } = draft;
  try {
    if (amount === "" || tokens(amount, token.decimals) === 0n) throw new PlainError("Say how much you pay in.");
    for (const price of [takeProfit, stopLoss]) if (price !== "") px(price);
    const triggers = { takeProfit: takeProfit === "" ? "0" : takeProfit, stopLoss: stopLoss === "" ? "0" : stopLoss };
    return { input: { market, mode, side, leverage, token: symbol, amount, ...triggers } };
  } catch (error) {
    return { problem: plainly(error) };
  }
}

function readBound(kind: "market" | "limit", limit: string, tolerance: string, mark: bigint, isLong: boolean) {
  try {
    if (kind === "limit") {
      if (limit === "" || px(limit) === 0n) throw new PlainError("Say at which price.");
      return { price: px(limit) };
    }
    const pips = Math.round(Number(tolerance) * 10_000);
    if (!(pips >= 0 && pips <= 100_000)) throw new PlainError("The tolerance lies between 0 and 10%.");
    return { price: worstPrice(mark, BigInt(pips), isLong) };
  } catch (error) {
    return { problem: plainly(error) };
  }
}

function draftOf(quote: OpenQuote, kind: string, takeProfit: string, stopLoss: string): PriceMark[] {
  const marks: PriceMark[] = [
    { kind: kind === "limit" ? "limit" : "entry", price: quote.entry, of: "draft" },
    { kind: "liquidation", price: quote.liquidationPrice, of: "draft" },
    { kind: "bankruptcy", price: quote.bankruptcyPrice, of: "draft" },
  ];
  if (takeProfit !== "") marks.push({ kind: "take profit", price: px(takeProfit), of: "draft" });
  if (stopLoss !== "") marks.push({ kind: "stop loss", price: px(stopLoss), of: "draft" });
  return marks;
}

function timeText(seconds: number): string {
  return new Date(seconds * 1_000).toLocaleTimeString();
}
