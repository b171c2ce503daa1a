import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { assetIdOf } from "../../deploy/arguments/oracle";
import type { AssetKey, Mode, TokenProfile } from "../../deploy/profiles";
import { Outcome, Reason, nameOf } from "../../sdk/enums";
import {
  MAX_PRICE,
  bankruptcyPrice,
  bankruptcyPriceInKind,
  liquidationPrice,
  liquidationPriceInKind,
  takeProfitBound,
  toTokensUp,
} from "../../sdk/model";
import type { Position } from "../../sdk/model";
import { px, usd } from "../../sdk/units";
import { IS_EXHAUSTIVE } from "../dsl/extent";
import { deskFixture } from "../fixtures/desk";
import { liquidateAt } from "../unit/trading/setup";

type Fixture = Awaited<ReturnType<typeof deskFixture>>;

interface Book {
  asset: AssetKey;
  mode: Mode;
  /** The largest of each tier, and one in between. */
  leverages: readonly number[];
  /** Margin added, as a share of the initial one, in percent. */
  added: readonly bigint[];
}

const BOOKS: readonly Book[] = [
  { asset: "BTC", mode: "standard", leverages: [1, 10, 50, 500], added: [0n, 50n, 200n] },
  { asset: "ETH", mode: "standard", leverages: [1, 3, 77], added: [0n, 30n, 200n] },
  { asset: "BTC", mode: "degen", leverages: [500, 750, 1001], added: [0n] },
];

/** Prices of feeds with 8 decimals are multiples of this. */
const FEED_UNIT = 100n;

/** All that the lens shows of a position, beside what the model makes of its record. */
async function shown({ tradingLens, tradingRecords, trading }: Fixture, id: bigint) {
  const seen = await tradingLens.positionAt(trading, id, px("1"));
  const { bookId, termsId, entry, size, margin, state, leverage } = seen.position;
  const terms = await tradingRecords.terms(bookId, termsId);
  const position: Position = {
    isLong: (state & 4n) !== 0n,
    ...{ entry, size, initialMargin: margin, margin: margin + seen.extra.addedMargin },
    llrPips: terms.liquidationLossRatePips,
    profitCapPips: terms.profitCapPips,
    closeFeeKind: terms.profitSharePips === 0n ? "standard" : "degen",
    closeFeePips: terms.closeFeePips,
  };
  return { seen, position, leverage };
}

/** What the rules that the Liquidator goes by would do at a price of the market, with the token's price beside it. */
async function at(fixture: Fixture, asset: AssetKey, price: bigint, tokenPrice: bigint) {
  const time = await fixture.desk.now();
  return {
    tick: {
      price,
      confidence: 0n,
      publishTime: time,
      minPublishTime: time,
      assetId: assetIdOf(asset),
      isUnique: false,
    },
    anchors: { low: price, mid: price, high: price, fresh: 1 },
    ...{ tokenPrice, tokenLow: 0n, tokenHigh: 0n, isSequencerReady: true },
  };
}

/** All for the first token and for the market's own, with which the price moves along; two of them in turn for the others. */
function leveragesOf({ asset, leverages }: Book, token: TokenProfile, index: number): readonly number[] {
  if (IS_EXHAUSTIVE || index === 0 || token.assetKey === asset) return leverages;
  return [index, index + 1].map((turn) => leverages[turn % leverages.length]);
}

async function expectShown(fixture: Fixture, { asset }: Book, token: TokenProfile, id: bigint): Promise<bigint> {
  const { trading, keeper } = fixture;
  const { seen, position, leverage } = await shown(fixture, id);
  const { isLong } = position;
  const isInKind = token.assetKey === asset;
  const { carryOwedUsd: carry, tokenPrice } = seen;
  const quote = { price: tokenPrice, decimals: token.decimals };
  const [liquidation, bankruptcy] = isInKind
    ? [liquidationPriceInKind(position, carry, token.decimals), bankruptcyPriceInKind(position, carry, token.decimals)]
    : [liquidationPrice(position, carry, quote), bankruptcyPrice(position, carry, quote)];
  expect([seen.liquidationPrice, seen.bankruptcyPrice]).to.deep.equal([liquidation, bankruptcy]);

  const decide = async (price: bigint) => {
    const preview = await trading.previewLiquidate(id, await at(fixture, asset, price, isInKind ? price : tokenPrice));
    return `${nameOf(Outcome, preview.outcome)} ${nameOf(Reason, preview.reason)}`;
  };
  const isBeyondReach = isLong ? liquidation === 0n : liquidation === MAX_PRICE;
  if (isBeyondReach) expect(await decide(isLong ? 1n : MAX_PRICE)).to.equal("Skipped NotLiquidatable");
  else {
    expect(await decide(liquidation)).to.equal("Liquidated None");
    expect(await decide(liquidation + (isLong ? 1n : -1n))).to.equal("Skipped NotLiquidatable");
  }

  // The take profit at the cap: whatever the token's price is then.
  expect(seen.capPrice).to.equal(takeProfitBound(isLong, position.entry, leverage, position.profitCapPips));
  for (const price of [tokenPrice, tokenPrice / 2n, tokenPrice * 2n]) {
    const takes = async (target: bigint) => {
      const preview = await trading.previewExecute(id, keeper, await at(fixture, asset, target, price));
      return `${nameOf(Outcome, preview.outcome)} ${nameOf(Reason, preview.reason)}`;
    };
    if (seen.capPrice === 1n) continue;
    expect(await takes(seen.capPrice)).to.equal("Closed None");
    // No trigger was set, so that nothing is due before the cap.
    expect(await takes(seen.capPrice - (isLong ? 1n : -1n))).to.equal("Skipped NothingPending");
  }
  const isDollar = token.assetKey === "USDT" || token.assetKey === "USDC";
  expect(seen.isTokenPriceAssumed).to.equal(!isInKind && !isDollar);
  return carry;
}

describe("attacks: prices shown", () => {
  for (const book of BOOKS) {
    for (const isLongHeavier of [true, false]) {
      const heavier = isLongHeavier ? "longs" : "shorts";

      it(`A35: of ${book.asset} ${book.mode} are where it is liquidated, to the unit; ${heavier} owe carry`, async () => {
        const fixture = await loadFixture(deskFixture);
        const { desk, profile, trading, trader, other, keeper } = fixture;
        const { asset, mode, added } = book;
        await desk.refresh();
        const heavy = { asset, mode, isLong: isLongHeavier, leverage: mode === "degen" ? 600 : 50 };
        const symbol = profile.tokens[0].symbol;
        await desk.open(other, keeper, {
          ...heavy,
          token: symbol,
          amount: desk.tokenUnits(symbol, mode === "degen" ? 150n : 1_000n),
        });
        const opened: { id: bigint; token: TokenProfile; isLong: boolean; amount: bigint }[] = [];
        for (const [index, token] of profile.tokens.filter(({ margin }) => margin).entries()) {
          for (const leverage of leveragesOf(book, token, index)) {
            for (const isLong of [true, false]) {
              const quote = { price: desk.priceOf(token.assetKey), decimals: token.decimals };
              const amount = toTokensUp(usd(leverage < 20 ? "300" : "20"), quote);
              const options = { asset, mode, isLong, leverage, token: token.symbol, amount };
              opened.push({ id: await desk.open(trader, keeper, options), token, isLong, amount });
            }
          }
        }
        await desk.warp(2 * 3_600);
        await desk.refresh();
        const carries = { owed: 0, received: 0 };
        for (const [round, percent] of added.entries()) {
          for (const { id, amount } of opened) {
            const more = (amount * (percent - (added[round - 1] ?? 0n))) / 100n;
            if (more > 0n) await trading.connect(trader).addMargin(id, more);
          }
          await desk.refresh();
          for (const { id, token } of opened) {
            const carry = await expectShown(fixture, book, token, id);
            carries[carry > 0n ? "owed" : "received"] += 1;
          }
        }
        // Whoever is on the heavier side owes, the others receive.
        const half = (opened.length / 2) * added.length;
        expect(carries).to.deep.equal({ owed: half, received: half });
      });
    }
  }

  it("A35: a 2x long in the market's own asset is liquidated at the price shown, the token's with it", async () => {
    const fixture = await loadFixture(deskFixture);
    const { desk, profile, liquidator, trading, tradingLens, trader, keeper } = fixture;
    await desk.refresh();
    const own = profile.tokens.find(({ margin, assetKey }) => margin && ["BTC", "ETH"].includes(assetKey));
    if (own === undefined) throw new Error(`${profile.name} has no margin token that is a market's asset`);
    const asset = own.assetKey;
    const quote = { price: desk.priceOf(asset), decimals: own.decimals };
    const amount = toTokensUp(usd("300"), quote);
    const options = { asset, mode: "standard", isLong: true, leverage: 2, token: own.symbol, amount } as const;
    const id = await desk.open(trader, keeper, options);
    const start = (await tradingLens.positionAt(trading, id, px("1"))).liquidationPrice;
    // With the token's price held still it would be shown far below.
    expect(start).to.be.gt((desk.priceOf(asset) * 75n) / 100n);

    const step = px("0.01");
    for (const [distance, outcome] of [
      [step, "Skipped NotLiquidatable"],
      [0n - step, "Liquidated"],
    ] as const) {
      const price = ((start + distance) / FEED_UNIT) * FEED_UNIT;
      await desk.setPrice(asset, price);
      await desk.refresh();
      const when = (await desk.now()) + 3;
      expect(await liquidator.liquidatable(trading, [id], price)).to.deep.equal([distance < 0n]);
      const { outcomes } = await liquidateAt(fixture, when, [id], [desk.anyTick(asset, when, { price })]);
      expect(outcomes).to.deep.equal([outcome]);
    }
  });
});
