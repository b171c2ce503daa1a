import { takeSnapshot } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ZeroAddress } from "ethers";
import type { Mode } from "../../deploy/profiles";
import { max, min, liquidationPrice } from "../../sdk/model";
import { PIPS, px } from "../../sdk/units";
import { bookOf, executeAt, liquidateAt, modelOpening, openPosition, quoteOf, start } from "../unit/trading/setup";
import type { Fixture } from "../unit/trading/setup";
import { CENT, expectBalanced } from "./support";

const START = px("60000");
const BOOKS: readonly (readonly [mode: Mode, leverage: number])[] = [
  ["standard", 10],
  ["standard", 100],
  ["standard", 500],
  ["degen", 500],
  ["degen", 1001],
];
/** By how much the market has come back since the tick at which the positions are due; the band of a tick is 1%. */
const RECOVERIES = [0n, 10n, 100n, 400n, 2_000n, 9_000n];
/** The oldest that liquidates is 30 s old, or 60 s if a close has shielded the position meanwhile. */
const AGES = [1, 15, 30] as const;
const SHIELDED_AGE = 60;
const COUNT = 2;
/** A price beyond what rounding and the carry of some seconds move the liquidation price. */
const NUDGE = px("0.01");

/** Positions of a side of a book, and the first tick at which they are due. */
async function scene(mode: Mode, leverage: number, isLong: boolean) {
  const fixture = await start();
  const { desk } = fixture;
  const options = { mode, leverage, isLong, amount: desk.tokenUnits("USDT", 150n) } as const;
  const ids: bigint[] = [];
  for (let i = 0; i < COUNT; ++i) ids.push((await openPosition(fixture, options)).id);
  const { position, notional, marginUsd } = modelOpening(fixture, options);
  const edge = liquidationPrice(position, 0n, quoteOf(fixture));
  const due = ((isLong ? edge - NUDGE : edge + NUDGE) / 100n) * 100n;
  const leastLossRate = bookOf(fixture, "BTC", mode).tiers.reduce(
    (least, { liquidationLossRatePips }) => min(least, BigInt(liquidationLossRatePips)),
    PIPS,
  );
  await desk.warp(60);
  return { ...fixture, ids, position, notional, marginUsd, due, leastLossRate, isLong };
}

type Scene = Awaited<ReturnType<typeof scene>>;

/** The price after it has come back by so much. */
function recovered({ due, isLong }: Scene, pips: bigint): bigint {
  return ((due * (PIPS + (isLong ? pips : -pips))) / PIPS / 100n) * 100n;
}

/** What the rule leaves uncovered at most, USD: N × move / LLR; and all margins with the gains that NAV counts, caps at most. */
function boundOf({ position, due, leastLossRate, marginUsd, isLong }: Scene, price: bigint): bigint {
  const { size, entry } = position;
  const move = isLong ? price - due : due - price;
  const gain = max(isLong ? price - entry : entry - price, 0n) * size;
  const cap = (marginUsd * position.profitCapPips) / PIPS;
  const byMove = (size * move * PIPS) / leastLossRate;
  return BigInt(COUNT) * min(byMove, marginUsd + min(gain, cap));
}

async function navOf({ alpLens }: Fixture) {
  const { highUsd, dueUsd, midPrice, supply } = await alpLens.nav(ZeroAddress);
  return { highUsd, dueUsd, midPrice, supply };
}

/** Has everything liquidated in the next block, by a tick of so many seconds before. */
async function liquidate(context: Scene, age: number, say: string): Promise<void> {
  const { desk, ids, due } = context;
  const at = (await desk.now()) + 1;
  const { outcomes } = await liquidateAt(context, at, ids, [desk.anyTick("BTC", at - age, { price: due })]);
  expect(outcomes, say).to.deep.equal(ids.map(() => "Liquidated"));
}

/** What a liquidation adds beyond what a mint has been told of, against the bound; the liquidators' reward is not added. */
async function expectBounded(context: Scene, age: number, price: bigint): Promise<bigint> {
  const { desk } = context;
  await desk.setPrice("BTC", price);
  const say = `${age} s old, then ${price}`;
  const before = await navOf(context);
  await liquidate(context, age, say);
  const after = await navOf(context);
  const uncovered = after.highUsd - before.highUsd - before.dueUsd;
  expect(uncovered, say).to.be.at.most(boundOf(context, price) + CENT);
  await expectBalanced(desk);
  return uncovered;
}

/** Both positions have had a close refused whose span holds the tick. */
async function shield(context: Scene): Promise<void> {
  const { desk, trader, ids, isLong } = context;
  const closes = [];
  for (const id of ids) {
    closes.push(await desk.requestClose(trader, id, { acceptablePrice: isLong ? 2n * START : 1n }));
  }
  const proofs = closes.map(({ target }) => desk.firstTick("BTC", target));
  const end = closes[closes.length - 1].target + 10;
  await desk.refresh();
  const { outcomes } = await executeAt(context, end, ids, proofs, { ticks: [0, 1] });
  expect(outcomes).to.deep.equal(ids.map(() => "Refused PriceBound"));
  await desk.warpTo(end - 5 + SHIELDED_AGE - 3);
}

describe("attacks: minting before a liquidation at an older tick", () => {
  for (const [mode, leverage] of BOOKS) {
    for (const isLong of [true, false]) {
      const side = isLong ? "longs" : "shorts";
      it(`A17: ${mode} ${side} at ${leverage}x add no more than the move between the ticks by the loss rate`, async () => {
        const context = await scene(mode, leverage, isLong);
        const snapshot = await takeSnapshot();
        let most = 0n;
        for (const pips of RECOVERIES) {
          const price = recovered(context, pips);
          for (const age of AGES) {
            const uncovered = await expectBounded(context, age, price);
            most = max(most, (uncovered * PIPS) / (boundOf(context, price) + CENT));
            await snapshot.restore();
          }
        }
        // The bound is not idle: but for the liquidators' reward it is what is left uncovered.
        expect(most).to.be.greaterThan(PIPS / 2n);
        await shield(context);
        const now = await context.desk.now();
        await expectBounded(context, SHIELDED_AGE, recovered(context, 2_000n));
        expect((await context.desk.now()) - now).to.be.at.most(3);
      });
    }
  }

  for (const isLong of [true, false]) {
    it(`A17: and who mints between the two has at most his share of it, of ${isLong ? "longs" : "shorts"}`, async () => {
      for (const [mode, leverage] of BOOKS) {
        const context = await scene(mode, leverage, isLong);
        const { desk, stranger, alp, profile } = context;
        const price = recovered(context, 9_000n);
        await desk.setPrice("BTC", price);
        const deposit = desk.tokenUnits("USDT", profile.key === "bnb" ? 1_000_000n : 200_000n);
        const value = (deposit * desk.priceOf("USDT") * 10n ** 8n) / desk.tokenUnits("USDT", 1n);
        await desk.mint(stranger, "USDT", deposit);
        const shares = await alp.balanceOf(stranger);
        await liquidate(context, 30, `${mode} ${leverage}`);
        await desk.refresh();
        const { midPrice, supply } = await navOf(context);
        const profit = (shares * midPrice) / 10n ** 18n - value;
        expect(profit).to.be.at.most((boundOf(context, price) * shares) / supply + CENT);
      }
    });
  }
});
