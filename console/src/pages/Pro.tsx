import { useState } from "react";
import { RefusedError, formatPrice, formatSize } from "@asterism/sdk";
import type { ProAction, ProHealth, ProLevel, ProOrder, ProPosition, ProResult, ProRestingOrder } from "@asterism/sdk";
import { useRead } from "../chain/reads";
import { useSession } from "../chain/session";
import { useTransactions } from "../chain/transactions";
import { pushPriceOf } from "../chain/vaultReads";
import { Choice, Facts, NumberField, Refusal, Sides, toneOf } from "../parts/Controls";
import { Table } from "../parts/Table";
import {
  distanceText,
  durationText,
  pipsText,
  priceText,
  shareOf,
  signedUsdText,
  tokenText,
  usdText,
  wordsOf,
} from "../view/format";
import { routeText } from "../view/route";

const DEPTH = 10;
type OrderType = NonNullable<ProOrder["type"]>;
const MARKET = "market";

/** The order book: between users, not against the vault. */
export function ProPage({ market: asked }: { market: string | undefined }) {
  const { chain, account, block } = useSession();
  const names = Object.keys(chain.pro.markets);
  const market = names.find((name) => name.split("/")[0] === asked) ?? names[0];
  const owner = account?.address ?? "";
  const { data: book } = useRead(`book ${market}`, (asterism) => asterism.pro.book(market, DEPTH));
  const { data: mark } = useRead(`mark ${market}`, (asterism) => asterism.pro.mark(market));
  const { data: funding } = useRead(`funding ${market}`, (asterism) => asterism.pro.funding(market));
  // An account is opened by its first deposit: before it there is nothing to read.
  const { data: cross } = useRead(
    `health ${owner}`,
    (asterism) => asterism.pro.health(undefined, { owner }).catch(noAccount),
    account !== null,
  );
  const { data: isolated } = useRead(
    `isolated ${owner} ${market}`,
    (asterism) => asterism.pro.health(market, { owner }).catch(noAccount),
    account !== null && cross !== undefined && cross !== null,
  );
  const { data: orders } = useRead(
    `orders ${owner} ${market}`,
    (asterism) => asterism.pro.orders(market, { owner }),
    account !== null && cross !== undefined && cross !== null,
  );
  const { data: push } = useRead(`push ${market}`, (asterism) =>
    pushPriceOf(asterism, chain.pro.markets[market].asset),
  );
  // Marks are as of the last tick that somebody brought; without one the push sources say where the price is.
  const price = mark !== undefined && mark.mark > 0n ? mark.mark : (push ?? 0n);
  return (
    <div className="trade">
      <div className="head panel">
        <Choice
          label="Market"
          value={market}
          onChange={(next) => (location.hash = routeText({ page: "pro", market: next.split("/")[0] }))}
          options={names.map((name) => ({ value: name, text: name }))}
        />
        <span className="price">{priceText(price)}</span>
        <span className="quiet">
          push sources {priceText(push ?? 0n)}, index {priceText(mark?.index ?? 0n)},{" "}
          {mark === undefined || mark.publishTime === 0n
            ? "never brought"
            : `${durationText(block.time - Number(mark.publishTime))} old`}
        </span>
        <span className="quiet">funding {funding ? pipsText(funding.rateX18 / 10n ** 12n, 4) : "–"}</span>
      </div>
      <section className="panel chart" aria-label="Order book">
        <div className="grid">
          <Side name="Bids" levels={book?.bids ?? []} tone="good" />
          <Side name="Asks" levels={book?.asks ?? []} tone="bad" />
        </div>
      </section>
      <ProTicket
        key={`${market} ${price > 0n}`}
        market={market}
        price={price}
        hasAccount={cross !== null && cross !== undefined}
      />
      <section className="panel tables">
        {account === null ? (
          <p className="quiet">Connect an account to see what is yours.</p>
        ) : cross === null ? (
          <p className="quiet">This account has none in Pro: the first deposit opens it.</p>
        ) : (
          <>
            <Health name="Cross" health={cross} />
            {isolated && isolated.positions.length > 0 && <Health name={`${market} isolated`} health={isolated} />}
            <h2>Positions</h2>
            <ProPositions positions={[...(cross?.positions ?? []), ...(isolated?.positions ?? [])]} />
            <h2>Resting orders</h2>
            <Orders orders={orders ?? []} />
          </>
        )}
      </section>
    </div>
  );
}

/** Only that there is no account is an answer; anything else is a failure. */
function noAccount(error: unknown): null {
  if (error instanceof RefusedError) return null;
  throw error;
}

function Side({ name, levels, tone }: { name: string; levels: readonly ProLevel[]; tone: string }) {
  const most = levels.reduce((size, level) => (level.size > size ? level.size : size), 0n as bigint);
  return (
    <div>
      <h2 className={tone}>{name}</h2>
      <Table
        label={name}
        rows={levels}
        keyOf={({ price }) => price.toString()}
        none="Nobody offers anything."
        columns={[
          { name: "Price", isNumber: true, cell: ({ price }) => <span className={tone}>{priceText(price)}</span> },
          { name: "Size", isNumber: true, cell: ({ size }) => formatSize(size, 4) },
          { name: "Orders", isNumber: true, cell: ({ orders }) => orders.toString() },
          {
            name: "Depth",
            cell: ({ size }) => (
              <meter
                className="meter"
                aria-label="Share of the largest level"
                min={0}
                max={100}
                value={Number(shareOf(size, most)) / 10_000}
              />
            ),
          },
        ]}
      />
    </div>
  );
}

/** How much of the equity is held by margins: full is where liquidation begins. */
function Health({ name, health }: { name: string; health: ProHealth | undefined | null }) {
  if (!health) return null;
  const used = shareOf(health.maintenanceMargin, health.equity > 0n ? health.equity : 1n);
  const share = Math.min(100, Number(used > 1_000_000n ? 1_000_000n : used) / 10_000);
  return (
    <section aria-label={`Health, ${name}`}>
      <h2>
        {name}:{" "}
        {health.isLiquidatable ? (
          <span className="bad">can be liquidated</span>
        ) : health.isStretched ? (
          <span className="warn">stretched</span>
        ) : (
          <span className="good">healthy</span>
        )}
      </h2>
      <meter
        className="meter"
        aria-label="Maintenance margin as a share of the equity"
        min={0}
        max={100}
        low={60}
        high={85}
        optimum={0}
        value={share}
      />
      <Facts
        rows={[
          ["Equity", usdText(health.equity)],
          ["Cash", usdText(health.cash)],
          ["Unrealised", signedUsdText(health.pnl), toneOf(health.pnl)],
          ["Initial margin", usdText(health.initialMargin)],
          ["Maintenance margin", `${usdText(health.maintenanceMargin)} (${share.toFixed(1)}% of the equity)`],
          ["Available", usdText(health.available)],
        ]}
      />
    </section>
  );
}

function ProPositions({ positions }: { positions: readonly ProPosition[] }) {
  return (
    <Table
      label="Positions in Pro"
      rows={positions}
      keyOf={({ market, leverage }) => `${market} ${leverage}`}
      none="No position is open."
      columns={[
        {
          name: "Market",
          cell: ({ market, size }) => (
            <span className={toneOf(size)}>{`${market} ${size > 0n ? "long" : "short"}`}</span>
          ),
        },
        { name: "Size", isNumber: true, cell: ({ size }) => formatSize(size < 0n ? 0n - size : size, 4) },
        { name: "Mark", isNumber: true, cell: ({ mark }) => priceText(mark) },
        { name: "Leverage", isNumber: true, cell: ({ leverage }) => `${leverage}×` },
        {
          name: "Unrealised",
          isNumber: true,
          cell: ({ pnl }) => <span className={toneOf(pnl)}>{signedUsdText(pnl)}</span>,
        },
        {
          name: "Liquidation",
          isNumber: true,
          cell: ({ liquidationPrice, mark }) => (
            <span className="warn">
              {priceText(liquidationPrice)} <small>{distanceText(liquidationPrice, mark)}</small>
            </span>
          ),
        },
        { name: "Bankruptcy", isNumber: true, cell: ({ bankruptcyPrice }) => priceText(bankruptcyPrice) },
      ]}
    />
  );
}

function Orders({ orders }: { orders: readonly ProRestingOrder[] }) {
  const { asterism } = useSession();
  const { run } = useTransactions();
  return (
    <Table
      label="Resting orders"
      rows={orders}
      keyOf={({ id }) => id.toString()}
      none="No order rests."
      columns={[
        {
          name: "Order",
          cell: ({ side, market }) => <span className={side === "buy" ? "good" : "bad"}>{`${side} ${market}`}</span>,
        },
        { name: "Price", isNumber: true, cell: ({ price }) => priceText(price) },
        { name: "Left", isNumber: true, cell: ({ size }) => formatSize(size, 4) },
        { name: "Only reduces", cell: ({ isReduceOnly }) => (isReduceOnly ? "yes" : "no") },
        {
          name: "Do",
          cell: ({ id, side, market }) => (
            <button
              type="button"
              aria-label={`Cancel ${side} ${market}`}
              onClick={() =>
                void run({ title: `cancellation of a ${side}`, make: () => asterism.pro.act([{ kind: "cancel", id }]) })
              }
            >
              Cancel
            </button>
          ),
        },
      ]}
    />
  );
}

function ProTicket({ market, price, hasAccount }: { market: string; price: bigint; hasAccount: boolean }) {
  const { chain, account, asterism } = useSession();
  const { run } = useTransactions();
  const token = chain.tokens[chain.pro.token];
  const facts = chain.pro.markets[market];
  const [side, setSide] = useState<"buy" | "sell">("buy");
  const [type, setType] = useState<OrderType | typeof MARKET>("limit");
  const [size, setSize] = useState("0.1");
  const [limit, setLimit] = useState(() => (price === 0n ? "" : formatPrice(price, 0)));
  const [isReduceOnly, setIsReduceOnly] = useState(false);
  const [leverage, setLeverage] = useState("10");
  const [cash, setCash] = useState("1000");
  const order: ProOrder & { readonly isSoft?: boolean } = {
    ...{ kind: "place", market, side, size, isReduceOnly },
    ...(type === MARKET ? {} : { price: limit, type }),
  };
  const isWhole = size !== "" && (type === MARKET || limit !== "");
  const { data: results, problem } = useRead<ProResult[]>(
    `pro ${account?.address ?? ""} ${JSON.stringify(order)}`,
    (each) => each.pro.preview([{ ...order, isSoft: true }], { refresh: [market] }),
    account !== null && hasAccount && isWhole,
  );
  const { data: balance } = useRead(
    `own ${account?.address ?? ""}`,
    (each) => each.vault.balances(account?.address),
    account !== null,
  );
  const result = results?.[0];
  const refusal =
    problem ??
    (result !== undefined && result.reason !== "None"
      ? { name: result.reason, words: `Pro refuses it: ${wordsOf(result.reason)}.` }
      : undefined);
  const act = (title: string, actions: readonly ProAction[], refresh: readonly string[]) =>
    void run({
      title,
      make: () => asterism.pro.act(actions, { refresh }),
      told: ({ fills, rested }) => {
        const filled = fills.map(
          (fill) => `${fill.side} ${formatSize(fill.size)} for ${usdText(fill.notional)}, fee ${usdText(fill.fee, 4)}`,
        );
        return [...filled, ...(rested.length > 0 ? [`${rested.length} came to rest`] : [])].join("; ");
      },
    });
  return (
    <form
      className="panel ticket"
      aria-label="Order in Pro"
      onSubmit={(event) => {
        event.preventDefault();
        act(`${type} ${side} ${size} ${market}`, [order], [market]);
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
        {hasAccount ? `${side === "buy" ? "Buy" : "Sell"} ${size} ${facts.asset}` : "Deposit first"}
      </button>
      <h2>Margin</h2>
      <div className="row">
        <NumberField label="Leverage" value={leverage} onChange={setLeverage} unit="×" />
        <button
          type="button"
          disabled={!hasAccount}
          onClick={() => act(`leverage ${leverage}×`, [{ kind: "leverage", market, leverage: Number(leverage) }], [])}
        >
          Set
        </button>
        {(["cross", "isolated"] as const).map((mode) => (
          <button
            key={mode}
            type="button"
            disabled={!hasAccount}
            onClick={() => act(`${mode} margin in ${market}`, [{ kind: "mode", market, mode }], [])}
          >
            {mode}
          </button>
        ))}
      </div>
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
              make: () => asterism.pro.deposit(cash),
              told: (id) => `It is in account ${id}.`,
            })
          }
        >
          Deposit
        </button>
        <button
          type="button"
          disabled={!hasAccount || cash === ""}
          onClick={() => act(`withdrawal of ${cash} ${token.symbol}`, [{ kind: "withdraw", amount: cash }], [])}
        >
          Withdraw
        </button>
      </div>
    </form>
  );
}
