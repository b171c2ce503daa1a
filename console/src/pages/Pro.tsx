import * as Tabs from "@radix-ui/react-tabs";
import { useMemo, useState } from "react";
import { RefusedError, size } from "@asterism/sdk";
import { useProHistory } from "../chain/proHistory";
import { useRead } from "../chain/reads";
import { useSession } from "../chain/session";
import { pushPriceOf } from "../chain/vaultReads";
import { Choice, Pick } from "../parts/Controls";
import { AccountTicket, LAST_SUB } from "../pro/AccountTicket";
import { Book, DEPTH } from "../pro/Book";
import { Delegates } from "../pro/Delegates";
import { GridTicket } from "../pro/GridTicket";
import { Grids, useGrids } from "../pro/Grids";
import { Health, ProPositions, RestingOrders, Triggers } from "../pro/Holdings";
import { OrderTicket } from "../pro/OrderTicket";
import { ProHistory } from "../pro/ProHistory";
import { TriggerTicket } from "../pro/TriggerTicket";
import { durationText, priceText } from "../view/format";
import { fundingText } from "../view/proHappenings";
import { routeText } from "../view/route";

const SUBS = Array.from({ length: LAST_SUB + 1 }, (_, sub) => String(sub));

/** The order book: between users, not against the vault. */
export function ProPage({ market: asked }: { market: string | undefined }) {
  const { chain, account, block } = useSession();
  const names = Object.keys(chain.pro.markets);
  const market = names.find((name) => name.split("/")[0] === asked) ?? names[0];
  const facts = chain.pro.markets[market];
  const [sub, setSub] = useState(0);
  const { data: book } = useRead(`book ${market}`, (asterism) => asterism.pro.book(market, DEPTH));
  const { data: mark } = useRead(`mark ${market}`, (asterism) => asterism.pro.mark(market));
  const { data: funding } = useRead(`funding ${market}`, (asterism) => asterism.pro.funding(market));
  const { data: push } = useRead(`push ${market}`, (asterism) => pushPriceOf(asterism, facts.asset));
  const { number, cross, isolated, orders, triggers } = useProAccount(market, sub);
  const history = useProHistory(number ?? 0n);
  const grids = useGrids(sub, cross !== undefined && cross !== null);
  // Marks are as of the last tick that somebody brought; without one the push sources say where the price is.
  const price = mark !== undefined && mark.mark > 0n ? mark.mark : (push ?? 0n);
  // A market where orders rest and nothing is open has its place among the positions too.
  const open = [...(cross?.positions ?? []), ...(isolated?.positions ?? [])].filter(({ size }) => size !== 0n);
  const heldText = (cross?.positions ?? []).map((position) => position.market).join(" ");
  const held = useMemo(() => (heldText === "" ? [] : heldText.split(" ")), [heldText]);
  const ticket = { market, price, sub, held, hasAccount: cross !== null && cross !== undefined };
  const own = cross?.positions.find((position) => position.market === market);
  const lot = size(facts.lotSize);
  const grid = {
    ...{ lots: (own?.size ?? 0n) / lot, cost: own?.cost ?? 0n, leverage: history.leverages.get(facts.id) },
    isRunning: grids?.some((each) => each.market === market && each.isRunning) === true,
  };
  const key = `${market} ${sub} ${price > 0n}`;
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
        <span className="quiet">funding {funding ? fundingText(funding.rateX18) : "–"}</span>
        <Pick label="Sub-account" value={String(sub)} options={SUBS} onChange={(next) => setSub(Number(next))} />
      </div>
      <Book book={book} />
      <section className="panel ticket" aria-label="Ticket">
        <Tabs.Root defaultValue="order">
          <Tabs.List aria-label="What to do">
            <Tabs.Trigger value="order">Order</Tabs.Trigger>
            <Tabs.Trigger value="trigger">Stops</Tabs.Trigger>
            <Tabs.Trigger value="grid">Grid</Tabs.Trigger>
            <Tabs.Trigger value="account">Account</Tabs.Trigger>
          </Tabs.List>
          <Tabs.Content value="order">
            <OrderTicket key={key} {...ticket} />
          </Tabs.Content>
          <Tabs.Content value="trigger">
            <TriggerTicket key={key} {...ticket} />
          </Tabs.Content>
          <Tabs.Content value="grid">
            <GridTicket key={key} {...ticket} {...grid} />
          </Tabs.Content>
          <Tabs.Content value="account">
            <AccountTicket key={`${market} ${sub}`} {...ticket} />
          </Tabs.Content>
        </Tabs.Root>
      </section>
      <section className="panel tables">
        {account === null ? (
          <p className="quiet">Connect an account to see what is yours.</p>
        ) : cross === null ? (
          <p className="quiet">This account has none in Pro: the first deposit opens it.</p>
        ) : (
          <Tabs.Root defaultValue="open">
            <Tabs.List aria-label="What is yours">
              <Tabs.Trigger value="open">Open</Tabs.Trigger>
              <Tabs.Trigger value="grids">Grids {grids?.filter(({ isRunning }) => isRunning).length ?? 0}</Tabs.Trigger>
              <Tabs.Trigger value="delegates">Delegates {history.delegates.length}</Tabs.Trigger>
              <Tabs.Trigger value="history">History</Tabs.Trigger>
            </Tabs.List>
            <Tabs.Content value="open">
              {cross && <Health name="Cross" health={cross} />}
              {isolated && isolated.positions.length > 0 && <Health name={`${market} isolated`} health={isolated} />}
              <h2>Positions</h2>
              <ProPositions positions={open} />
              <h2>Resting orders</h2>
              <RestingOrders orders={orders ?? []} sub={sub} />
              <h2>Stops and targets</h2>
              <Triggers triggers={triggers ?? []} />
            </Tabs.Content>
            <Tabs.Content value="grids">
              <Grids grids={grids ?? []} />
            </Tabs.Content>
            <Tabs.Content value="delegates">
              <Delegates delegates={history.delegates} sub={sub} />
            </Tabs.Content>
            <Tabs.Content value="history">
              <ProHistory {...history} />
            </Tabs.Content>
          </Tabs.Root>
        )}
      </section>
    </div>
  );
}

/** An account is opened by its first deposit: before it there is nothing to read. */
function useProAccount(market: string, sub: number) {
  const { account } = useSession();
  const owner = account?.address ?? "";
  const whose = { owner, sub };
  const { data: cross } = useRead(
    `health ${owner} ${sub}`,
    (asterism) => asterism.pro.health(undefined, whose).catch(noAccount),
    account !== null,
  );
  const isOpen = account !== null && cross !== undefined && cross !== null;
  const { data: number } = useRead(`number ${owner} ${sub}`, (asterism) => asterism.pro.account(whose), isOpen);
  const { data: isolated } = useRead(
    `isolated ${owner} ${sub} ${market}`,
    (asterism) => asterism.pro.health(market, whose).catch(noAccount),
    isOpen,
  );
  const { data: orders } = useRead(
    `orders ${owner} ${sub} ${market}`,
    (asterism) => asterism.pro.orders(market, whose),
    isOpen,
  );
  const { data: triggers } = useRead(
    `triggers ${owner} ${sub}`,
    (asterism) => asterism.proTriggers.all(undefined, whose),
    isOpen,
  );
  return { number, cross, isolated, orders, triggers };
}

/** Only that there is no account is an answer; anything else is a failure. */
function noAccount(error: unknown): null {
  if (error instanceof RefusedError) return null;
  throw error;
}
