import { useEffect, useState } from "react";
import { formatDecimal, parseDecimal } from "@asterism/sdk";
import { useRead } from "../chain/reads";
import { useSession } from "../chain/session";
import { useTransactions } from "../chain/transactions";
import { vaultAssets } from "../chain/vaultReads";
import { Choice, Facts, NumberField, Pick, Refusal } from "../parts/Controls";
import { Line } from "../parts/Line";
import type { Point } from "../parts/Line";
import { Table } from "../parts/Table";
import { NONE, grouped, pipsText, priceText, shareOf, tokenText, usdText } from "../view/format";
import { plainly } from "../view/plainly";

const ALP_DECIMALS = 18;
const KEPT_POINTS = 5_000;

/** From an LP's side: what the vault is worth, what it holds, and the way in and out. */
export function EarnPage() {
  const { block } = useSession();
  const { data: nav, problem } = useRead("nav", (asterism) => asterism.alp.nav());
  const { data: assets } = useRead("vault", vaultAssets);
  const [points, setPoints] = useState<readonly Point[]>([]);
  useEffect(() => {
    if (nav === undefined) return;
    const value = Number(formatDecimal(nav.midPrice, ALP_DECIMALS));
    setPoints((all) =>
      all.at(-1)?.time === block.time ? all : [...all.slice(-KEPT_POINTS), { time: block.time, value }],
    );
  }, [nav, block]);
  const total = (assets ?? []).reduce((sum, { worthUsd }) => sum + worthUsd, 0n);
  return (
    <div className="grid">
      <section className="panel whole" aria-label="What the vault is worth">
        {problem && <Refusal plain={problem} />}
        <dl className="figures">
          <Figure name="Worth" value={nav ? usdText(nav.midUsd, 0) : "–"} />
          <Figure name="One ALP" value={nav ? usdText(nav.midPrice, 6) : "–"} />
          <Figure name="Burns count" value={nav ? usdText(nav.lowPrice, 6) : "–"} />
          <Figure name="Mints count" value={nav ? usdText(nav.highPrice, 6) : "–"} />
          <Figure name="What traders are up" value={nav && assets ? usdText(total - nav.midUsd, 0) : "–"} />
          <Figure name="ALP in all" value={nav ? tokenText(nav.supply, ALP_DECIMALS, 0) : "–"} />
        </dl>
        <Line
          label={`Price of an ALP since the page was opened: ${nav ? usdText(nav.midPrice, 6) : "unknown"} now`}
          points={points}
        />
      </section>
      <LpTicket />
      <section className="panel" aria-label="Composition">
        <h2>What it holds</h2>
        <Table
          label="Composition"
          rows={assets ?? []}
          keyOf={({ token }) => token.symbol}
          none="Reading the vault…"
          columns={[
            { name: "Asset", cell: ({ token }) => <strong>{token.symbol}</strong> },
            { name: "Amount", isNumber: true, cell: ({ token, liquidity }) => tokenText(liquidity, token.decimals, 2) },
            { name: "Price", isNumber: true, cell: ({ price }) => priceText(price) },
            { name: "Worth", isNumber: true, cell: ({ worthUsd }) => usdText(worthUsd, 0) },
            { name: "Share", isNumber: true, cell: ({ worthUsd }) => pipsText(shareOf(worthUsd, total), 1) },
            { name: "Target", isNumber: true, cell: ({ weightPips }) => pipsText(weightPips, 1) },
            {
              name: "Reserved",
              isNumber: true,
              cell: ({ liquidity, reserved }) => pipsText(shareOf(reserved, liquidity), 1),
            },
          ]}
        />
      </section>
    </div>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd key={value === NONE ? "unknown" : "known"}>{value}</dd>
    </div>
  );
}

function LpTicket() {
  const { chain, account, asterism } = useSession();
  const { run } = useTransactions();
  const symbols = Object.keys(chain.tokens);
  const [way, setWay] = useState<"mint" | "burn">("mint");
  const [symbol, setSymbol] = useState(symbols[0]);
  const [amount, setAmount] = useState("100");
  const token = chain.tokens[symbol];
  const read = readAmount(amount, way === "mint" ? token.decimals : ALP_DECIMALS);
  const { data: balance } = useRead(
    `alp ${account?.address ?? ""}`,
    (each) => each.alp.balance(account?.address),
    account !== null,
  );
  const { data: own } = useRead(
    `own ${account?.address ?? ""}`,
    (each) => each.vault.balances(account?.address),
    account !== null,
  );
  const { data: preview, problem } = useRead(
    `${way} ${symbol} ${amount}`,
    async (each) => {
      const value = read.value ?? 0n;
      return way === "mint" ? each.alp.previewMint(symbol, amount) : each.alp.previewBurn(symbol, value);
    },
    read.value !== undefined && read.value > 0n,
  );
  const free = balance === undefined ? undefined : balance.total - balance.cooling;
  const isTooMuch = way === "burn" && free !== undefined && read.value !== undefined && read.value > free;
  const refusal =
    read.problem ??
    (isTooMuch
      ? {
          name: undefined,
          words: `Only ${tokenText(free, ALP_DECIMALS)} ALP have cooled: the rest can't be burned yet.`,
        }
      : problem);
  const out =
    preview === undefined
      ? "–"
      : way === "mint"
        ? `${tokenText(preview.amountOut, ALP_DECIMALS)} ALP`
        : `${tokenText(preview.amountOut, token.decimals)} ${symbol}`;
  return (
    <form
      className="panel ticket"
      aria-label="Mint and burn"
      onSubmit={(event) => {
        event.preventDefault();
        void run({
          title: way === "mint" ? `mint ALP for ${amount} ${symbol}` : `burn ${amount} ALP for ${symbol}`,
          make: () => (way === "mint" ? asterism.alp.mint(symbol, amount) : asterism.alp.burn(symbol, amount)),
          told: ({ amountOut, feePips }) =>
            way === "mint"
              ? `You got ${tokenText(amountOut, ALP_DECIMALS)} ALP for a fee of ${pipsText(feePips)}; they cool for 48 hours.`
              : `You got ${tokenText(amountOut, token.decimals)} ${symbol} for a fee of ${pipsText(feePips)}.`,
        });
      }}
    >
      <Choice
        label="Way"
        value={way}
        onChange={setWay}
        options={[
          { value: "mint", text: "Mint" },
          { value: "burn", text: "Burn" },
        ]}
      />
      <Pick label={way === "mint" ? "Pay with" : "Be paid in"} value={symbol} options={symbols} onChange={setSymbol} />
      <NumberField
        label="Amount"
        value={amount}
        onChange={setAmount}
        unit={way === "mint" ? symbol : "ALP"}
        hint={
          way === "mint"
            ? `you have ${own ? tokenText(own[symbol], token.decimals, 2) : "–"} ${symbol}`
            : `${free === undefined ? "–" : tokenText(free, ALP_DECIMALS, 2)} ALP have cooled`
        }
      />
      <Refusal plain={refusal} />
      <Facts
        rows={[
          ["You get, as prices stand", out],
          ["Fee by weight", preview ? pipsText(preview.feePips, 3) : "–"],
          ["Least that is accepted", "0.1% less"],
          ["Your ALP", balance ? tokenText(balance.total, ALP_DECIMALS) : "–"],
          ["Of it cooling", balance ? tokenText(balance.cooling, ALP_DECIMALS) : "–"],
          ["Cooling takes", "48 h from a mint on; a mint leaves cooled ALP free"],
        ]}
      />
      <button
        type="submit"
        className="primary wide"
        disabled={account === null || refusal !== undefined || preview === undefined}
      >
        {account === null
          ? "Connect first"
          : way === "mint"
            ? `Mint for ${grouped(amount)} ${symbol}`
            : `Burn ${grouped(amount)} ALP`}
      </button>
    </form>
  );
}

function readAmount(text: string, decimals: number) {
  try {
    return text === "" ? { value: undefined } : { value: parseDecimal(text, decimals) };
  } catch (error) {
    return { problem: plainly(error) };
  }
}
