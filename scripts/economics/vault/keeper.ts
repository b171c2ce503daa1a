import type { BookProfile } from "../../../deploy/profiles";
import { tierOf } from "../../demo/trades";
import type { Actor } from "./house";
import type { Floor, OpenTrade } from "./Floor";

/** A share of the loss or of the gain at which a keeper begins to look closely. */
const NEAR = 0.8;

/** Everybody's keeper: liquidates and takes profits by the tick of the second before. */
export function keeping(floor: Floor, by: Actor = "keeper"): () => Promise<void> {
  return async () => {
    const time = floor.now - 1;
    const price = Number(floor.priceAt("BTC", time));
    const known = [...floor.open.values()].filter(({ openedAt }) => openedAt < time);
    const rateOf = ({ entry, isLong, leverage }: OpenTrade) =>
      (price / Number(entry) - 1) * (isLong ? 1 : -1) * leverage;
    const proof = floor.anyTick(time);
    const due = known.filter((trade) => rateOf(trade) < -NEAR * liquidationLoss(floor, trade));
    await floor.liquidate(
      by,
      due.map(({ id }) => id),
      proof,
    );
    const won = known.filter((trade) => rateOf(trade) > NEAR * profitCap(floor, trade));
    await floor.execute(
      by,
      won.map(({ id }) => ({ id, proof })),
    );
  };
}

export function bookOf(floor: Floor, { mode }: Pick<OpenTrade, "mode">): BookProfile {
  const market = floor.desk.profile.markets.find(({ assetKey }) => assetKey === "BTC");
  const book = market?.books.find((candidate) => candidate.mode === mode);
  if (book === undefined) throw new Error(`no ${mode} book of BTC`);
  return book;
}

/** As a share of the margin at opening. */
export function profitCap(floor: Floor, trade: Pick<OpenTrade, "mode" | "leverage">): number {
  return tierOf(bookOf(floor, trade), trade.leverage).profitCapPips / 1e6;
}

/** Of the margin, at liquidation. */
export function liquidationLoss(floor: Floor, trade: Pick<OpenTrade, "mode" | "leverage">): number {
  return tierOf(bookOf(floor, trade), trade.leverage).liquidationLossRatePips / 1e6;
}

/** The largest amount that one order may bring at this leverage, USD with 18 decimals: a little less than its quarter. */
export function largestOrder(floor: Floor, trade: Pick<OpenTrade, "mode" | "leverage">): bigint {
  return (bookOf(floor, trade).maxOpenInterestUsd * 9n) / 40n / BigInt(trade.leverage);
}
