import * as Tabs from "@radix-ui/react-tabs";
import { useCallback, useMemo, useState } from "react";
import { REASONS, Reason, nameOf } from "@asterism/sdk";
import type { AssetKey, MarketView, Mode } from "@asterism/sdk";
import { useHistory } from "../chain/history";
import { useMarkets, useTrades } from "../chain/reads";
import { useSession } from "../chain/session";
import { Choice, Facts } from "../parts/Controls";
import { BetTicket, Bets, useBets } from "../trade/Bets";
import { Chart } from "../trade/Chart";
import type { PriceMark } from "../trade/Chart";
import { HistoryTable } from "../trade/HistoryTable";
import { Pending } from "../trade/Pending";
import { Positions, isOpen, marksOfPositions, usePositions } from "../trade/Positions";
import { Ticket } from "../trade/Ticket";
import { pipsText, priceText, usdText } from "../view/format";
import { routeText } from "../view/route";

type Way = Mode | "dumb";

export function TradePage({ market: asked }: { market: string | undefined }) {
  const { chain, account } = useSession();
  const names = Object.keys(chain.markets);
  const market = names.find((name) => name.split("/")[0] === asked) ?? names[0];
  const [way, setWay] = useState<Way>("standard");
  const [draft, setDraft] = useState<readonly PriceMark[]>([]);
  const [betMarket, setBetMarket] = useState(market);
  const { data: markets } = useMarkets();
  const { data: trades } = useTrades();
  const { data: bets } = useBets();
  const positions = usePositions(trades);
  const history = useHistory();

  const { books, asset } = chain.markets[market];
  const mode: Mode = way === "degen" && books.degen ? "degen" : "standard";
  const view = markets?.find(({ bookId }) => bookId === BigInt(books[mode]?.id ?? -1));
  const shownAsset: AssetKey = way === "dumb" ? chain.predictionMarkets[betMarket].asset : asset;
  const shownPrice = priceOf(markets, BigInt(chain.assets[shownAsset]?.id ?? 0));
  const ids = useMemo(() => Object.values(books).map(({ id }) => BigInt(id)), [books]);
  const onDraft = useCallback((marks: readonly PriceMark[]) => setDraft(marks), []);
  const marks = useMemo(() => {
    if (way === "dumb") {
      const own = (bets ?? []).filter(
        ({ assetId, strike }) => strike > 0n && assetId === BigInt(chain.assets[shownAsset]?.id ?? 0),
      );
      return own.map(({ id, strike }): PriceMark => ({ kind: "entry", price: strike, of: `bet ${id}` }));
    }
    return [...marksOfPositions(positions, ids), ...draft];
  }, [way, bets, positions, ids, draft, chain, shownAsset]);
  const waiting = (trades ?? []).filter((trade) => !isOpen(trade)).length;

  return (
    <div className="trade">
      <div className="head panel">
        <Choice
          label="Market"
          value={market}
          onChange={(next) => (location.hash = routeText({ page: "trade", market: next.split("/")[0] }))}
          options={names.map((name) => ({ value: name, text: name }))}
        />
        <span className="price" aria-label={`Price of ${shownAsset}`}>
          {priceText(shownPrice)}
        </span>
        <Choice
          label="Mode"
          value={way}
          onChange={setWay}
          options={[
            { value: "standard", text: "Standard" },
            { value: "degen", text: "Degen 1001×", isOff: books.degen === undefined },
            { value: "dumb", text: "Dumb" },
          ]}
        />
      </div>
      <Chart asset={shownAsset} marks={marks} price={shownPrice} />
      {way === "dumb" ? (
        <BetTicket market={betMarket} onMarket={setBetMarket} />
      ) : view === undefined ? (
        <section className="panel ticket">
          <p className="quiet">Reading the market…</p>
        </section>
      ) : (
        <Ticket key={`${market} ${mode}`} market={market} mode={mode} view={view} onDraft={onDraft} />
      )}
      <section className="panel tables">
        <Tabs.Root defaultValue="positions">
          <Tabs.List aria-label="What is yours">
            <Tabs.Trigger value="positions">Positions {positions.length}</Tabs.Trigger>
            <Tabs.Trigger value="pending">Pending {waiting}</Tabs.Trigger>
            <Tabs.Trigger value="bets">Bets {bets?.length ?? 0}</Tabs.Trigger>
            <Tabs.Trigger value="history">History</Tabs.Trigger>
            <Tabs.Trigger value="market">Market</Tabs.Trigger>
          </Tabs.List>
          <Tabs.Content value="positions">
            <Positions positions={positions} />
          </Tabs.Content>
          <Tabs.Content value="pending">
            <Pending trades={trades} />
          </Tabs.Content>
          <Tabs.Content value="bets">
            <Bets bets={bets} />
          </Tabs.Content>
          <Tabs.Content value="history">
            <HistoryTable history={history} />
          </Tabs.Content>
          <Tabs.Content value="market">{view && <MarketFacts view={view} />}</Tabs.Content>
        </Tabs.Root>
        {account === null && <p className="quiet">Connect an account to see what is yours.</p>}
      </section>
    </div>
  );
}

function priceOf(markets: readonly MarketView[] | undefined, assetId: bigint): bigint {
  return markets?.find(({ config }) => config.assetId === assetId)?.price.mid ?? 0n;
}

const STATUSES = ["active", "reduce only", "closed"];

function MarketFacts({ view }: { view: MarketView }) {
  const { config, openConfig } = view;
  return (
    <Facts
      rows={[
        ["Status", STATUSES[Number(config.status)] ?? "unknown"],
        ["Long still takes", usdText(view.longRoomUsd, 0)],
        ["Short still takes", usdText(view.shortRoomUsd, 0)],
        ["Loss budget left this hour", usdText(view.lossBudgetLeftUsd, 0)],
        ["Open fee", pipsText(openConfig.openFeePips, 3)],
        ["Borrowing, an hour", pipsText(config.borrowPipsPerHour, 4)],
        ["Funding at full skew, an hour", pipsText(config.fundingPipsPerHour, 4)],
        ["Least notional", `$${openConfig.minNotionalUsd}`],
        ["Fresh push sources", view.price.fresh.toString()],
        ["Sources from", priceText(view.price.low)],
        ["Sources to", priceText(view.price.high)],
        ["What stops openings", view.blockedBy === 0n ? "nothing" : REASONS[nameOf(Reason, view.blockedBy)]],
      ]}
    />
  );
}
