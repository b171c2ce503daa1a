/** Playing a gap: before news, through a halt, at the cap. */
import { normal } from "../../../kit/prices";
import { accrueIndices, carryOwedUsd, clockAt, closeTrade } from "../../../sdk/model";
import type { Position } from "../../../sdk/model";
import { PIPS, X18, px, usd } from "../../../sdk/units";
import type { MarketPath } from "../market/path";
import { marketOf } from "../market/path";
import type { Draw, Strategy } from "./draw";
import { STAGE_SECONDS, moveOf, resultOf } from "./draw";

const OPEN = 30;
const NEWS_DEVIATION = 0.005;
const VAULT = 10_000_000;
const MINT = 5_000_000;
/** A minter of a third of the vault pays this for coming, as a share of what he brings. */
const MINT_FEE = 0.0025;
const RESTING = 1_000_000;

export const GAPS: readonly Strategy[] = [
  {
    ...{ id: "A06", title: "long and short at 1001x before news of half a percent", unit: "margins a pair" },
    rule: "the profit cap of Degen, against none",
    bound: "the loss budget of the book, an hour, and what is open when it is spent; the guardian's news window",
    play: (draw) => {
      const news: Draw = { ...draw, path: withNews(draw, NEWS_DEVIATION * normal(draw.random)) };
      const pair = (isUncapped: boolean): number =>
        [true, false].reduce(
          (total, isLong) => total + resultOf(news, { isLong, open: OPEN, close: OPEN + 60, isUncapped }),
          0,
        );
      return { rule: pair(false), hole: pair(true) };
    },
  },
  {
    ...{ id: "A34", title: "a million of limits that rested through a halt, and a minter of a third", unit: "USD" },
    rule: "a tick further through than the deviation leaves a limit resting (GapTooWide)",
    bound: "one percent of what rests; the minting fee and 48 h of cooling come off",
    play: ({ path, setting }) => {
      const gap = Math.abs(moveOf(path, OPEN, STAGE_SECONDS - 1));
      const most = Number(setting.books.standard.maxDeviationPips) / 1e6;
      const share = MINT / (MINT + VAULT);
      const gain = (through: number): number => Math.max(0, RESTING * through * share - MINT * MINT_FEE);
      return { rule: gap > most ? 0 : gain(gap), hole: gain(gap) };
    },
  },
  {
    ...{ id: "A36", title: "carry at 500x through a halt of up to a day", unit: "victim's margins" },
    rule: "the clock of carry stands still while everything is halted",
    play: ({ setting, random }) => {
      const [from, seconds] = [1_000n, BigInt(Math.floor(random() * 86_400))];
      const to = from + seconds;
      const owed = (clock: bigint): number => {
        const notional = usd("500");
        const start = { longX18: 0n, shortX18: 0n };
        const { longX18 } = accrueIndices(start, notional, 0n, setting.books.standard.rates, clock);
        return Number(carryOwedUsd(notional, longX18, 0n)) / Number(X18);
      };
      return { rule: owed(clockAt(to, [{ from, to }]) - from), hole: owed(seconds) };
    },
  },
  {
    ...{ id: "A39", title: "a stop armed and executed by its owner at the least margin", unit: "USD" },
    rule: "two execution fees come before loss and close fee",
    bound: "two execution fees, on a position of 5 USD that has lost nearly all",
    play: ({ setting, random }) => {
      const leverage = 500n;
      const margin = usd("5");
      const entry = px("100000");
      const position: Position = {
        ...{ isLong: true, entry, size: (margin * leverage) / entry, margin, initialMargin: margin },
        ...{ llrPips: 600_000n, profitCapPips: 5n * PIPS, closeFeeKind: "standard", closeFeePips: 800n },
      };
      const lost = BigInt(Math.floor(random() * 599_999));
      const tick = entry - (entry * lost) / (leverage * PIPS);
      const kept = (executionFeeCount: bigint): bigint => {
        const { closeFee, lossCollected } = closeTrade({
          ...{ position, tick, slippagePips: 100n, token: { decimals: 18, price: px("1") }, carryOwedUsd: 0n },
          ...{ executionFeeUsd: setting.executionFeeUsd, executionFeeCount },
        });
        return closeFee + lossCollected;
      };
      return { rule: Number(kept(0n) - kept(2n)) / 1e18 };
    },
  },
];

/** The path with a jump a second after the openings. */
function withNews({ path, setting }: Draw, jump: number): MarketPath {
  const price = path.price.map((tick, second) => (second <= OPEN ? tick : Math.round((tick * (1 + jump)) / 100) * 100));
  return marketOf(path.regime, price, [OPEN + 1], setting.anchors);
}
