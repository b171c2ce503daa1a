import { useState } from "react";
import { formatPrice, marketOfBook, tokenOf } from "@asterism/sdk";
import type { PositionView, TradeRecord } from "@asterism/sdk";
import { useRead } from "../chain/reads";
import { useSession } from "../chain/session";
import { useTransactions } from "../chain/transactions";
import { NumberField, Facts, Refusal, toneOf } from "../parts/Controls";
import { Dialog } from "../parts/Dialog";
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
} from "../view/format";
import { refusalOf } from "../view/plainly";
import type { PriceMark } from "./Chart";

export interface OpenPosition {
  readonly record: TradeRecord;
  /** Undefined for one of so many that its numbers are not read. */
  readonly view: PositionView | undefined;
}

/** So many positions are read anew at each block. */
const READ = 50;

/** Positions with their numbers, the latest first. */
export function usePositions(trades: readonly TradeRecord[] | undefined): readonly OpenPosition[] {
  const open = (trades ?? []).filter(isOpen).reverse();
  const read = open.slice(0, READ);
  const { data } = useRead(
    `positions ${read.map(({ id }) => id).join(" ")}`,
    (asterism) => Promise.all(read.map(({ id }) => asterism.trade.position(id).catch(() => undefined))),
    read.length > 0,
  );
  return open.map((record, index) => ({ record, view: data?.[index] }));
}

export const isOpen = ({ size }: TradeRecord) => size > 0n;

export function marksOfPositions(positions: readonly OpenPosition[], bookIds: readonly bigint[]): PriceMark[] {
  return positions
    .filter(({ record }) => bookIds.includes(record.bookId))
    .slice(0, 6)
    .flatMap(({ record, view }): PriceMark[] => {
      if (view === undefined) return [];
      const of = `#${record.id}`;
      return [
        { kind: "entry", price: view.position.entry, of },
        { kind: "liquidation", price: view.liquidationPrice, of },
        { kind: "bankruptcy", price: view.bankruptcyPrice, of },
        { kind: "take profit", price: record.takeProfit, of },
        { kind: "stop loss", price: record.stopLoss, of },
      ];
    });
}

export function Positions({ positions }: { positions: readonly OpenPosition[] }) {
  const { chain, asterism, block } = useSession();
  const { run } = useTransactions();
  const [managed, setManaged] = useState<bigint | null>(null);
  const chosen = positions.find(({ record }) => record.id === managed);
  const close = (id: bigint) =>
    void run({
      title: `close #${id}`,
      make: () => asterism.trade.close(id),
      told: ({ target }) => `It fills at the first price at or after ${new Date(target * 1_000).toLocaleTimeString()}.`,
    });
  return (
    <>
      <Table
        label="Positions"
        rows={positions}
        keyOf={({ record }) => record.id.toString()}
        none="No position is open."
        columns={[
          {
            name: "Position",
            cell: ({ record }) => {
              const { market, mode } = marketOfBook(chain, record.bookId);
              return (
                <>
                  <strong>#{record.id.toString()}</strong> {market.asset}{" "}
                  <span className={record.isLong ? "good" : "bad"}>{record.isLong ? "long" : "short"}</span>{" "}
                  {record.leverage.toString()}× <span className="quiet">{mode}</span>
                </>
              );
            },
          },
          { name: "Notional", isNumber: true, cell: ({ view }) => (view ? usdText(view.notionalUsd) : "…") },
          {
            name: "Margin",
            isNumber: true,
            cell: ({ record }) => {
              const token = tokenOf(chain, record.token);
              return `${tokenText(record.amount + record.addedMargin, token.decimals, 2)} ${token.symbol}`;
            },
          },
          { name: "Entry", isNumber: true, cell: ({ record }) => priceText(record.price) },
          { name: "Price now", isNumber: true, cell: ({ view }) => (view ? priceText(view.price) : "…") },
          {
            name: "Liquidation",
            isNumber: true,
            cell: ({ view }) =>
              view ? (
                <span className="warn">
                  {priceText(view.liquidationPrice)}
                  {view.isTokenPriceAssumed && <abbr title="with the margin token's price as it stands">*</abbr>}{" "}
                  <small>{distanceText(view.liquidationPrice, view.price)}</small>
                </span>
              ) : (
                "…"
              ),
          },
          {
            name: "Profit",
            isNumber: true,
            cell: ({ view }) => {
              if (view === undefined) return "…";
              const profit = view.pnlUsd - view.carryOwedUsd;
              return (
                <span className={toneOf(profit)}>
                  {signedUsdText(profit)} <small>{pipsText(shareOf(profit, view.marginUsd), 1)}</small>
                </span>
              );
            },
          },
          {
            name: "TP / SL",
            isNumber: true,
            cell: ({ record }) => `${priceText(record.takeProfit)} / ${priceText(record.stopLoss)}`,
          },
          {
            name: "Do",
            cell: ({ record }) =>
              record.close.target > 0n && Number(record.close.expiry) >= block.time ? (
                <span className="quiet">closing, {waitText(record.close.target, block.time)}</span>
              ) : (
                <span className="buttons">
                  <button type="button" onClick={() => close(record.id)} aria-label={`Close position ${record.id}`}>
                    Close
                  </button>
                  <button
                    type="button"
                    onClick={() => setManaged(record.id)}
                    aria-label={`Manage position ${record.id}`}
                  >
                    Manage
                  </button>
                </span>
              ),
          },
        ]}
      />
      {chosen && <ManageDialog position={chosen} onClose={() => setManaged(null)} />}
    </>
  );
}

/** Until a target; after it somebody has to bring its price. */
export function waitText(target: bigint, now: number): string {
  const left = Number(target) - now;
  return left > 0 ? `fills in ${durationText(left)}` : `due since ${durationText(-left)}`;
}

function ManageDialog({ position: { record }, onClose }: { position: OpenPosition; onClose: () => void }) {
  const { chain, asterism } = useSession();
  const { run } = useTransactions();
  const { mode } = marketOfBook(chain, record.bookId);
  const token = tokenOf(chain, record.token);
  const [takeProfit, setTakeProfit] = useState(record.takeProfit === 0n ? "" : formatPrice(record.takeProfit));
  const [stopLoss, setStopLoss] = useState(record.stopLoss === 0n ? "" : formatPrice(record.stopLoss));
  const [added, setAdded] = useState("");
  const { data: quote, problem } = useRead(`close quote ${record.id}`, (each) => each.trade.quoteClose(record.id));
  const triggers = { takeProfit: takeProfit === "" ? "0" : takeProfit, stopLoss: stopLoss === "" ? "0" : stopLoss };
  const unit = (value: bigint | undefined) =>
    value === undefined ? "–" : `${tokenText(value, token.decimals, 4)} ${token.symbol}`;
  return (
    <Dialog title={`Position #${record.id}`} onClose={onClose}>
      <h3>If it were closed now, by a keeper</h3>
      <Refusal plain={problem ?? (quote && refusalOf(quote.reason))} />
      <Facts
        rows={[
          ["Exit", quote ? priceText(quote.exit) : "–"],
          ["Profit before fees", quote ? signedUsdText(quote.pnlUsd) : "–"],
          ["Carry owed", quote ? usdText(quote.carryOwedUsd, 4) : "–"],
          ["Close fee", unit(quote?.closeFee)],
          ["To who executes it", unit(quote?.executorPay)],
          ["You get", unit(quote?.payout)],
        ]}
      />
      <h3>Take profit and stop</h3>
      <div className="row">
        <NumberField
          label="Take profit"
          value={takeProfit}
          onChange={setTakeProfit}
          unit="USD"
          hint="empty: the profit cap"
        />
        <NumberField label="Stop loss" value={stopLoss} onChange={setStopLoss} unit="USD" hint="empty: none" />
        <button
          type="button"
          onClick={() =>
            void run({
              title: `TP and SL of #${record.id}`,
              make: async () => Promise.resolve(asterism.trade.setTriggers(record.id, triggers)),
              told: () => "They count from this block on.",
            }).then((isDone) => isDone && onClose())
          }
        >
          Set
        </button>
      </div>
      {mode === "standard" ? (
        <div className="row">
          <NumberField label="Add margin" value={added} onChange={setAdded} unit={token.symbol} />
          <button
            type="button"
            disabled={added === ""}
            onClick={() =>
              void run({
                title: `margin for #${record.id}`,
                permits: "trading",
                make: (permit) => asterism.trade.addMargin(record.id, added, permit),
              }).then((isDone) => isDone && onClose())
            }
          >
            Add
          </button>
        </div>
      ) : (
        <p className="quiet">A Degen position takes no further margin.</p>
      )}
      <div className="actions">
        <button type="button" onClick={onClose}>
          Done
        </button>
      </div>
    </Dialog>
  );
}
