import { loadFixture, takeSnapshot } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import fc from "fast-check";
import { confirmed } from "../../kit/desk/Desk";
import { requestPartialClose } from "../../kit/desk/orders";
import { gainCap, isLiquidatable, liquidationReward, min } from "../../sdk/model";
import { Budget } from "../dsl/budget";
import { moved } from "../invariant/world";
import { executeAt, liquidateAt, openPosition, quoteOf, start } from "../unit/trading/setup";
import type { Fixture } from "../unit/trading/setup";
import { deskFixture } from "../fixtures/desk";

const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
const RUNS = Number(process.env.FUZZ_RUNS ?? 12);
const SECONDS = Number(process.env.FUZZ_SECONDS ?? 5);
const PARAMETERS = { seed: SEED, numRuns: RUNS };
const BLOCKS_APART = 4;
/** Within every tier and open interest. */
const MOST_USD = 200_000n;

interface Case {
  isLong: boolean;
  leverage: number;
  whole: bigint;
  addedPips: number;
  movePips: number;
  shares: number[];
  isOwn: boolean;
}

const anyCase: fc.Arbitrary<Case> = fc
  .record({
    isLong: fc.boolean(),
    leverage: fc.integer({ min: 20, max: 500 }),
    whole: fc.bigInt({ min: 200n, max: 3_000n }),
    addedPips: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 2_000_000 })),
    movePips: fc.oneof(fc.integer({ min: -1_100, max: 1_100 }), fc.integer({ min: -60_000, max: 60_000 })),
    shares: fc.array(fc.integer({ min: 10, max: 40 }), { minLength: 2, maxLength: 4 }),
    isOwn: fc.boolean(),
  })
  .map((item) => ({
    ...item,
    whole: item.whole * BigInt(item.leverage) > MOST_USD ? MOST_USD / BigInt(item.leverage) : item.whole,
  }));

/** Closes in parts of the sizes given, then the rest; all at one price, and the first at a given time. */
async function leave(fixture: Fixture, id: bigint, item: Case, from: number, sizes: readonly bigint[]) {
  const { desk, trader, keeper, trading } = fixture;
  const price = moved(desk.priceOf("BTC"), item.movePips);
  let [paid, fees, cost] = [0n, 0n, 0n];
  const outcomes: string[] = [];
  for (const [index, size] of [...sizes, 0n].entries()) {
    if ((await trading.statusOf(id)) !== 3n) break;
    await desk.warpTo(from + BLOCKS_APART * index);
    const pending =
      size === 0n ? await desk.requestClose(trader, id) : await requestPartialClose(desk, trader, id, size);
    const proof = desk.firstTick("BTC", pending.target, { price });
    const by = item.isOwn ? trader : keeper;
    const settled = await executeAt(fixture, pending.target, [id], [proof], { by });
    outcomes.push(settled.outcomes[0]);
    const { filters } = trading;
    const block = settled.receipt.blockNumber;
    const events = [
      ...(await trading.queryFilter(filters.TradeReduced(id), block, block)),
      ...(await trading.queryFilter(filters.TradeClosed(id), block, block)),
    ];
    for (const { args } of events) {
      [paid, fees, cost] = [paid + args.payout, fees + args.closeFee, cost + args.executionFee];
    }
  }
  return { paid, fees, cost, outcomes };
}

async function opened(item: Case) {
  const fixture = await start();
  const { desk, trader, trading, tradingRecords } = fixture;
  // What the feeds say follows the ticks: exits are held in the band around them.
  const { isLong, leverage } = item;
  // Within what the tier takes in one order, fees and slippage aside.
  const tiers = await tradingRecords.tiers(desk.bookId("BTC", "standard"));
  const { maxNotionalUsd } = tiers.find(({ maxLeverage }) => BigInt(leverage) <= maxLeverage)!;
  const most = (maxNotionalUsd * 99n) / 100n / BigInt(leverage);
  const amount = desk.tokenUnits("USDT", min(item.whole, most));
  const { id, model } = await openPosition(fixture, { mode: "standard", isLong, leverage, amount });
  const added = (model.margin * BigInt(item.addedPips)) / 1_000_000n;
  if (added > 0n) await confirmed(trading.connect(trader).addMargin(id, added));
  await fixture.replica.setPushPrice("BTC", moved(desk.priceOf("BTC"), item.movePips));
  return { fixture, id, model, added };
}

describe("Parts and added margin, on the contract", () => {
  before(async () => {
    console.log(`      seed ${SEED}, at most ${RUNS} runs or ${SECONDS} s each`);
    await loadFixture(deskFixture);
  });

  it("X23 F01 F03 I7 I14: parts pay no more than the whole at the same price, cost no less, and stay within the cap", async () => {
    await fc.assert(
      fc.asyncProperty(
        anyCase,
        new Budget(SECONDS).bound(async (item: Case) => {
          const { fixture, id, model, added } = await opened(item);
          const from = (await fixture.desk.now()) + 10;
          const snapshot = await takeSnapshot();
          const total = item.shares.reduce((all, share) => all + share, 0);
          const sizes = item.shares.slice(1).map((share) => (model.size * BigInt(share)) / BigInt(total));
          const inParts = await leave(fixture, id, item, from, sizes);
          await snapshot.restore();
          // Alone in its book it owes carry by the second: the whole leaves first.
          const whole = await leave(fixture, id, item, from, []);
          const count = BigInt(item.shares.length);
          expect(inParts.paid <= whole.paid + count, `${inParts.paid} and ${whole.paid}`).to.equal(true);
          if (inParts.outcomes.includes("Liquidated") || whole.outcomes.includes("Liquidated")) return;
          const cap = gainCap(model.margin, model.profitCapPips);
          expect(inParts.paid <= model.margin + added + cap).to.equal(true);
          expect(inParts.cost >= whole.cost).to.equal(true);
          if (inParts.paid > 0n) expect(inParts.fees + inParts.cost >= whole.fees).to.equal(true);
          expect(await fixture.desk.isBalanced()).to.equal(true);
        }),
      ),
      PARAMETERS,
    );
  });

  it("F01: added margin is liquidated like the rest: the liquidator first, the vault the rest, the trader nothing", async () => {
    await fc.assert(
      fc.asyncProperty(
        anyCase,
        new Budget(SECONDS).bound(async (item: Case) => {
          const { fixture, id, model, added } = await opened(item);
          const { desk, trading, replica, trader } = fixture;
          const price = moved(desk.priceOf("BTC"), item.movePips);
          const token = replica.token("USDT");
          const held = await token.balanceOf(trader);
          const now = await desk.now();
          const settled = await liquidateAt(fixture, now + 1, [id], [desk.anyTick("BTC", now, { price })]);
          const position = { ...model.position, margin: model.margin + added };
          // Carry of a few seconds is all that the model leaves out: neither side of the boundary is asked.
          const slack = (model.notional * 10n) / 1_000_000n;
          const [sure, none] = [-slack, slack].map((carry) => isLiquidatable(position, price, carry, quoteOf(fixture)));
          if (sure !== none) return;
          expect(settled.outcomes).to.deep.equal([sure ? "Liquidated" : "Skipped NotLiquidatable"]);
          if (!sure) return;
          const block = settled.receipt.blockNumber;
          const [event] = await trading.queryFilter(trading.filters.TradeLiquidated(id), block, block);
          expect(event.args.reward).to.equal(liquidationReward(model.margin + added, quoteOf(fixture)));
          expect(event.args.reward + event.args.toVault).to.equal(model.margin + added);
          expect(await token.balanceOf(trader)).to.equal(held);
          expect(await desk.isBalanced()).to.equal(true);
        }),
      ),
      PARAMETERS,
    );
  });
});
