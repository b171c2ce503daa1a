import { useState } from "react";
import { assetKeyOf, predictionMarketOf, tokenOf } from "@asterism/sdk";
import type { BetRecord } from "@asterism/sdk";
import { useMarkets, useRead } from "../chain/reads";
import { useSession } from "../chain/session";
import { useTransactions } from "../chain/transactions";
import { Choice, Facts, NumberField, Pick, Refusal, Sides } from "../parts/Controls";
import { Table } from "../parts/Table";
import { durationText, pipsText, priceText, tokenText } from "../view/format";
import type { Plain } from "../view/plainly";

/** Up or down: a bet that waits for its strike, then for its end. */
export function BetTicket({ market, onMarket }: { market: string; onMarket: (market: string) => void }) {
  const { chain, account, asterism } = useSession();
  const { run } = useTransactions();
  const facts = predictionMarketOf(chain, market);
  const [direction, setDirection] = useState<"up" | "down">("up");
  const [chosen, setChosen] = useState(facts.periodsSeconds[0]);
  const period = facts.periodsSeconds.includes(chosen) ? chosen : facts.periodsSeconds[0];
  const margins = Object.values(chain.tokens).filter(({ isMargin }) => isMargin);
  const [symbol, setSymbol] = useState(margins[0].symbol);
  const [stake, setStake] = useState("20");
  const token = tokenOf(chain, symbol);
  const input = { market, direction, periodSeconds: period, token: symbol, stake } as const;
  const { data: odds, problem } = useRead(`odds ${market} ${symbol} ${period}`, (each) =>
    each.bets.odds(market, symbol, period),
  );
  // The chain itself is asked whether it would take the bet; an allowance that is still missing is none of its reasons.
  const { problem: refused } = useRead(
    `bet ${JSON.stringify(input)} ${account?.address ?? ""}`,
    async (each) => {
      const action = await each.bets.place(input);
      if ((await action.allowancesToGive()).length === 0) await action.simulate();
    },
    account !== null && stake !== "",
  );
  const empty: Plain | undefined = stake === "" ? { name: undefined, words: "Say how much you stake." } : undefined;
  const refusal = empty ?? problem ?? (account === null ? undefined : refused);
  return (
    <form
      className="panel ticket"
      aria-label="Bet"
      onSubmit={(event) => {
        event.preventDefault();
        void run({
          title: `bet ${direction} on ${market}`,
          permits: "router",
          make: (permit) => asterism.bets.place(input, permit),
          told: ({ id }) => `Bet ${id} waits for its strike, the first price three seconds from now.`,
        });
      }}
    >
      <Pick label="Market" value={market} options={Object.keys(chain.predictionMarkets)} onChange={onMarket} />
      <Sides label="Direction" value={direction} of={["up", "down"]} onChange={setDirection} />
      <Choice
        label="Period"
        value={String(period)}
        onChange={(next) => setChosen(Number(next))}
        options={facts.periodsSeconds.map((seconds) => ({ value: String(seconds), text: durationText(seconds) }))}
      />
      <NumberField
        label="Pay in"
        value={stake}
        onChange={setStake}
        unit={
          <Pick
            label="Token"
            isHidden
            value={symbol}
            options={margins.map((each) => each.symbol)}
            onChange={setSymbol}
          />
        }
        hint="two execution fees come out of it, the rest is the stake"
      />
      <Refusal plain={refusal} />
      <Facts
        rows={[
          ["A win pays", odds ? `stake + ${pipsText(odds.payoutPips)}` : "–", "good"],
          ["A loss costs", `the stake (at most ${stake === "" ? "–" : stake} ${token.symbol})`, "bad"],
          ["The house keeps on average", odds ? pipsText(odds.edgePips) : "–"],
          ["A tie", "loses"],
        ]}
      />
      <button
        type="submit"
        className={`primary wide ${direction === "up" ? "buy" : "sell"}`}
        disabled={account === null || refusal !== undefined}
      >
        {account === null ? "Connect to bet" : `Bet ${direction} for ${durationText(period)}`}
      </button>
    </form>
  );
}

export function useBets() {
  const { account } = useSession();
  return useRead(`bets ${account?.address ?? ""}`, (asterism) => asterism.bets.all(account?.address), account !== null);
}

export function Bets({ bets }: { bets: readonly BetRecord[] | undefined }) {
  const { chain, block, asterism } = useSession();
  const { run } = useTransactions();
  const { data: markets } = useMarkets();
  const priceOf = (assetId: bigint) => markets?.find(({ config }) => config.assetId === assetId)?.price.mid ?? 0n;
  return (
    <Table
      label="Bets"
      rows={[...(bets ?? [])].reverse()}
      keyOf={({ id }) => id.toString()}
      none="No bet is open."
      columns={[
        {
          name: "Bet",
          cell: ({ id, assetId, isUp, periodSeconds }) => (
            <>
              <strong>#{id.toString()}</strong> {assetKeyOf(chain, assetId)}{" "}
              <span className={isUp ? "good" : "bad"}>{isUp ? "up" : "down"}</span>{" "}
              {durationText(Number(periodSeconds))}
            </>
          ),
        },
        {
          name: "Stake",
          isNumber: true,
          cell: ({ stake, token }) => {
            const { decimals, symbol } = tokenOf(chain, token);
            return `${tokenText(stake, decimals, 2)} ${symbol}`;
          },
        },
        { name: "Strike", isNumber: true, cell: ({ strike }) => (strike === 0n ? "not yet" : priceText(strike)) },
        {
          name: "Price now",
          isNumber: true,
          cell: ({ assetId, strike, isUp }) => {
            const price = priceOf(assetId);
            const isWinning = isUp ? price > strike : price < strike;
            const tone = strike === 0n || price === 0n ? "" : isWinning ? "good" : "bad";
            return <span className={tone}>{priceText(price)}</span>;
          },
        },
        {
          name: "State",
          cell: ({ target, strike }) => {
            const left = Number(target) - block.time;
            const what = strike === 0n ? "strike" : "settlement";
            return left > 0 ? `${what} in ${durationText(left)}` : `${what} due since ${durationText(-left)}`;
          },
        },
        {
          name: "Do",
          cell: ({ id, returnableFrom }) =>
            returnableFrom > 0n && Number(returnableFrom) <= block.time ? (
              <button
                type="button"
                onClick={() =>
                  void run({ title: `return of bet ${id}`, make: () => Promise.resolve(asterism.bets.returnStake(id)) })
                }
              >
                Take back
              </button>
            ) : null,
        },
      ]}
    />
  );
}
