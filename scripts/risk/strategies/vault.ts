/** Against the valuation: minting, burning, margin tokens in dispute, bets, split orders. */
import { normal } from "../../../kit/prices";
import type { Position, SideSums } from "../../../sdk/model";
import {
  EMPTY_SIDE,
  NANO_USD,
  burnReference,
  ceilDiv,
  depthSlippageX18,
  dueUsd,
  isLiquidatable,
  lpPnl,
  min,
  settleBet,
  strikeBet,
  tokenPriceRange,
} from "../../../sdk/model";
import { PIPS, X18, px, usd } from "../../../sdk/units";
import type { Draw, Strategy } from "./draw";
import { STAGE_SECONDS } from "./draw";

/** Fee of minting or burning at the target weight, bp. */
const FEE_BP = 25;
const REFERENCE = { quorum: 1n, maxSpreadPips: 20_000n, hasRecentStoredPrice: false };
const [VAULT, MINT] = [usd("10000000"), usd("5000000")];

export const AGAINST_THE_VAULT: readonly Strategy[] = [
  {
    ...{ id: "A12", title: "a burn into feeds 10 to 40 s old, at the best second of a quarter of an hour", unit: "bp" },
    rule: "a burn brings a tick and takes the high end of tick and feeds",
    play: (draw) => {
      const lag = 10 + Math.floor(draw.random() * 31);
      const at = bestLag(draw, lag);
      const [now, feed] = [draw.path.price[at], draw.path.price[at - lag]];
      const tick = { price: BigInt(now), confidence: BigInt(Math.round(now * 0.0003)) };
      const reference = burnReference({ ...REFERENCE, fresh: [BigInt(feed)], tick });
      return {
        rule: reference === undefined ? 0 : Math.max(0, (now / Number(reference.high) - 1) * 1e4 - FEE_BP),
        hole: Math.max(0, (now / feed - 1) * 1e4 - FEE_BP),
      };
    },
  },
  {
    ...{ id: "A14", title: "an order in ten parts under the depth model", unit: "bp of its notional" },
    rule: "half of the trade counts as open interest",
    play: ({ random }) => {
      const dollars = (value: number): bigint => usd(String(Math.round(value)));
      const [before, part, depth] = [dollars(random() * 2e6), dollars(1e4 + random() * 4e4), usd("2000000")];
      const parts = Array.from({ length: 10 }, (_, at) => before + BigInt(at) * part);
      const saved = (costOf: (held: bigint, notional: bigint) => bigint): number => {
        const split = parts.reduce((total, held) => total + costOf(held, part), 0n) / 10n;
        return (Number(costOf(before, 10n * part) - split) / Number(X18)) * 1e4;
      };
      return {
        // Rounded up once for each part: never better, and worse by less than a unit of the 18th decimal.
        rule: saved((held, notional) => depthSlippageX18(held, notional, depth, 0n)),
        hole: saved((held, notional) => ceilDiv((held + notional) * X18, 100n * depth)),
      };
    },
  },
  {
    ...{ id: "A17", title: "a third of the vault minted while liquidations at 10x are due", unit: "USD" },
    rule: "a mint pays the fee, or for all that liquidations due can add",
    play: ({ random }) => {
      const price = px("100000");
      const [margins, lost] = [usd("400000"), 0.6 + 0.4 * random()];
      const fallen = price - (price * BigInt(Math.round(lost * 1e6))) / (10n * PIPS);
      const size = (margins * 10n) / price;
      const side: SideSums = { ...EMPTY_SIDE, sizeSum: size, notionalSum: size * price };
      const sums: SideSums = { ...side, marginNanoSum: margins / NANO_USD, capNanoSum: margins / NANO_USD };
      const counted = lpPnl(true, sums, fallen, 0n);
      const due = dueUsd(true, sums, fallen, 0n, 60n, false);
      const afterFee = (MINT * (PIPS - 2_500n)) / PIPS;
      // Shares as a part of one, once the margins are the vault's.
      const worth = (shares: bigint): number => {
        const whole = VAULT + margins + MINT;
        return Number((whole * shares) / (X18 + shares) - MINT) / 1e18;
      };
      const high = VAULT + counted;
      const plain = (afterFee * X18) / high;
      return { rule: worth(min(plain, (MINT * X18) / (high + due))), hole: worth(plain) };
    },
  },
  {
    ...{ id: "A19", title: "a dollar minted that fell before its feed, burned into the rest", unit: "bp" },
    rule: "every asset needs a tick, dollars too, and a mint takes the low end",
    bound: "what a tick of at most 5 s does not show yet",
    play: ({ random }) => {
      const fallen = Math.abs(normal(random)) * 0.005;
      const price = BigInt(Math.round((1 - fallen) * 1e10));
      const range = burnReference({ ...REFERENCE, fresh: [px("1")], tick: { price, confidence: 1_000_000n } });
      // Beyond the spread the mint is refused.
      const paid = range === undefined ? undefined : Number(range.low) / 1e10;
      const gain = (credited: number): number => (credited / (1 - fallen) - 1) * 1e4 - 2 * FEE_BP;
      return { rule: paid === undefined ? 0 : Math.max(0, gain(paid)), hole: Math.max(0, gain(1)) };
    },
  },
  {
    ...{
      id: "A20",
      title: "two feeds of a margin token apart by up to half: a healthy position",
      unit: "victim's margins",
    },
    rule: "in dispute a position is liquidated only if due at both ends",
    play: ({ random }) => {
      const [entry, margin, leverage] = [px("100000"), usd("100"), 100n];
      const [lost, apart] = [random() * 0.6, 0.02 + random() * 0.48];
      const tick = entry - (entry * BigInt(Math.floor(lost * 1e6))) / (leverage * PIPS);
      const position: Position = {
        ...{ isLong: true, entry, size: (margin * leverage) / entry, margin, initialMargin: margin },
        ...{ llrPips: 600_000n, profitCapPips: PIPS, closeFeeKind: "standard", closeFeePips: 800n },
      };
      const feeds = [px("1"), BigInt(Math.round((1 - apart) * 1e10))];
      const { low, high, median } = tokenPriceRange(feeds, 20_000n);
      const isDue = (price: bigint): boolean => isLiquidatable(position, tick, 0n, { decimals: 18, price });
      const equity = 1 - lost;
      return { rule: isDue(low) && isDue(high) ? equity : 0, hole: isDue(median) ? equity : 0 };
    },
  },
  {
    ...{ id: "A24", title: "bets up and down at the least stake, executed by their owner", unit: "USD a pair" },
    rule: "both execution fees leave the amount before the bet is sized",
    play: ({ path, setting, random }) => {
      const [amount, fee] = [usd("10"), setting.executionFeeUsd];
      const at = 3 + Math.floor(random() * (STAGE_SECONDS - 310));
      const [strike, settlement] = [BigInt(path.price[at]), BigInt(path.price[at + 300])];
      const total = [true, false].reduce((paid, isUp) => {
        const { stake, executorPay, keptFee } = strikeBet(amount, fee);
        return paid + settleBet(stake, 770_000n, isUp, strike, settlement).payout + executorPay + keptFee - amount;
      }, 0n);
      return { rule: Number(total) / 1e18 };
    },
  },
];

/** The second at which a price is furthest above a feed so many seconds old. */
function bestLag({ path: { price } }: Draw, lag: number): number {
  let best = lag;
  for (let at = lag; at < price.length; at++)
    if (price[at] / price[at - lag] > price[best] / price[best - lag]) best = at;
  return best;
}
